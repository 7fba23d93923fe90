/* Creation properties come back as from a local file: what filters note when a dataset is made, options
 * of chunks, filters of groups, and whether lists are equal. And what cannot be made is refused. */
#include "check.h"

enum { WIDTH = 8 };

static void
show_filters(const char *label, hid_t plist)
{
    printf("%s:", label);
    for (int n = 0; n < H5Pget_nfilters(plist); n++) {
        unsigned flags, config, values[64];
        size_t   count    = 64;
        char     name[32] = "";
        int      id = (int)OK(H5Pget_filter2(plist, (unsigned)n, &flags, &count, values, sizeof name, name, &config));
        printf(" [%d %s %u:", id, name, flags);
        for (size_t i = 0; i < count; i++)
            printf(" %u", values[i]);
        printf("]");
    }
    printf("\n");
}

/* Makes a dataset, and looks at its properties then and after it was opened again. */
static void
dataset(hid_t file, const char *name, hid_t type, hid_t dcpl)
{
    const hsize_t dims[2] = {WIDTH, WIDTH};
    hid_t         made    = new_dataset(file, name, type, 2, dims, dcpl);
    for (int again = 0; again < 2; again++) {
        unsigned options = 99;
        hid_t    plist   = OK(H5Dget_create_plist(made));
        show_filters(name, plist);
        if (H5Pget_layout(plist) == H5D_CHUNKED)
            OK(H5Pget_chunk_opts(plist, &options));
        printf("  options %u, equal %d\n", options, (int)H5Pequal(plist, dcpl));
        OK(H5Pclose(plist));
        OK(H5Dclose(made));
        made = OK(H5Dopen2(file, name, H5P_DEFAULT));
    }
    OK(H5Dclose(made));
}

static void
filters(hid_t file)
{
    const hsize_t chunk[2] = {4, 4};
    int           fill     = -5;
    hid_t         narrow   = OK(H5Tcopy(H5T_STD_I32LE));
    OK(H5Tset_precision(narrow, 20));
    OK(H5Tset_offset(narrow, 3));
    hid_t compound = OK(H5Tcreate(H5T_COMPOUND, 16));
    OK(H5Tinsert(compound, "a", 0, H5T_STD_I16LE));
    OK(H5Tinsert(compound, "b", 4, narrow));
    OK(H5Tinsert(compound, "c", 8, H5T_IEEE_F64LE));

    hid_t dcpl = chunked(2, chunk);
    OK(H5Pset_nbit(dcpl));
    dataset(file, "nbit", narrow, dcpl);
    dataset(file, "nbit of floats", H5T_IEEE_F32LE, dcpl);
    dataset(file, "nbit of compounds", compound, dcpl);
    OK(H5Pclose(dcpl));

    dcpl = chunked(2, chunk);
    OK(H5Pset_scaleoffset(dcpl, H5Z_SO_INT, 0));
    dataset(file, "scaled", H5T_STD_U16BE, dcpl);
    OK(H5Pset_fill_value(dcpl, H5T_NATIVE_INT, &fill));
    dataset(file, "scaled and filled", H5T_STD_I64LE, dcpl);
    /* It is for numbers only. */
    const hsize_t dims[2] = {WIDTH, WIDTH};
    hid_t         space   = OK(H5Screate_simple(2, dims, NULL));
    hid_t         plain   = chunked(2, chunk);
    OK(H5Pset_scaleoffset(plain, H5Z_SO_INT, 0));
    FAILS(H5Dcreate2(file, "scaled compounds", compound, space, H5P_DEFAULT, plain, H5P_DEFAULT));
    SAME(H5Lexists(file, "scaled compounds", H5P_DEFAULT), 0);
    OK(H5Pclose(plain));
    OK(H5Sclose(space));
    OK(H5Pclose(dcpl));
    OK(H5Tclose(compound));
    OK(H5Tclose(narrow));
}

/* Filters are for chunks. */
static void
filters_without_chunks(hid_t file)
{
    const hsize_t dims[2] = {WIDTH, WIDTH};
    hid_t         space = OK(H5Screate_simple(2, dims, NULL)), dcpl = OK(H5Pcreate(H5P_DATASET_CREATE));
    OK(H5Pset_deflate(dcpl, 3));
    FAILS(H5Dcreate2(file, "filtered", H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    OK(H5Pset_layout(dcpl, H5D_COMPACT));
    FAILS(H5Dcreate2(file, "filtered", H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    SAME(H5Lexists(file, "filtered", H5P_DEFAULT), 0);
    OK(H5Pclose(dcpl));
    OK(H5Sclose(space));
}

static void
equal_lists(hid_t file)
{
    const hsize_t chunk[2] = {4, 4};
    hid_t         dcpl     = OK(H5Pcreate(H5P_DATASET_CREATE));
    dataset(file, "plain", H5T_STD_I32LE, dcpl);
    OK(H5Pset_layout(dcpl, H5D_COMPACT));
    dataset(file, "compact", H5T_STD_I32LE, dcpl);
    OK(H5Pset_chunk(dcpl, 2, chunk));
    OK(H5Pset_shuffle(dcpl));
    OK(H5Pset_deflate(dcpl, 3));
    dataset(file, "chunked", H5T_STD_I32LE, dcpl);
    OK(H5Pset_alloc_time(dcpl, H5D_ALLOC_TIME_EARLY));
    dataset(file, "early", H5T_STD_I32LE, dcpl);
    OK(H5Pclose(dcpl));
}

/* Chunks that the extent cuts are stored as they are: 10 elements in chunks of 4. */
static void
cut_chunks(hid_t file)
{
    const hsize_t chunk[1] = {4}, dims[1] = {10}, whole[1] = {4}, cut[1] = {8};
    hid_t         dcpl     = chunked(1, chunk);
    int           values[10], found[10], raw[4] = {7, 8, 9, 10};
    hsize_t       size;
    OK(H5Pset_deflate(dcpl, 9));
    OK(H5Pset_chunk_opts(dcpl, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS));
    hid_t made = new_dataset(file, "cut", H5T_NATIVE_INT, 1, dims, dcpl);
    for (int i = 0; i < 10; i++)
        values[i] = 1;
    OK(H5Dwrite(made, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    OK(H5Dwrite_chunk(made, H5P_DEFAULT, 0, cut, sizeof raw, raw));
    OK(H5Dread(made, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print_ints("cut", found, 10);
    OK(H5Dclose(made));
    made = OK(H5Dopen2(file, "cut", H5P_DEFAULT));
    OK(H5Dget_chunk_storage_size(made, cut, &size));
    printf("a cut chunk takes %d bytes,", (int)size);
    OK(H5Dget_chunk_storage_size(made, whole, &size));
    printf(" a whole one %s\n", size == sizeof raw ? "as many" : "fewer or more");
    OK(H5Dclose(made));
    OK(H5Pclose(dcpl));
}

static void
groups(hid_t file)
{
    hid_t gcpl = OK(H5Pcreate(H5P_GROUP_CREATE));
    OK(H5Pset_deflate(gcpl, 5));
    OK(H5Pset_fletcher32(gcpl));
    hid_t group = OK(H5Gcreate2(file, "filtered", H5P_DEFAULT, gcpl, H5P_DEFAULT));
    hid_t plist = OK(H5Gget_create_plist(group));
    show_filters("group", plist);
    printf("  equal %d\n", (int)H5Pequal(plist, gcpl));
    OK(H5Pclose(plist));
    OK(H5Gclose(group));
    OK(H5Pclose(gcpl));
}

/* What is no datatype of an object. */
static void
types(hid_t file)
{
    hid_t space = OK(H5Screate(H5S_SCALAR));
    hid_t none = OK(H5Tenum_create(H5T_NATIVE_INT)), empty = OK(H5Tcreate(H5T_COMPOUND, 8));
    for (int n = 0; n < 2; n++) {
        hid_t type = n == 0 ? none : empty;
        FAILS(H5Dcreate2(file, "none", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        FAILS(H5Acreate2(file, "none", type, space, H5P_DEFAULT, H5P_DEFAULT));
        FAILS(H5Tcommit2(file, "none", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        OK(H5Tclose(type));
    }
    FAILS(H5Tcommit2(file, "own", H5T_NATIVE_INT, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    FAILS(H5Tcommit_anon(file, H5T_NATIVE_INT, H5P_DEFAULT, H5P_DEFAULT));
    SAME(H5Tcommitted(H5T_NATIVE_INT), 0);
    hid_t locked = OK(H5Tcopy(H5T_NATIVE_INT));
    OK(H5Tlock(locked));
    FAILS(H5Tcommit2(file, "locked", locked, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    SAME(H5Iget_ref(locked), 1);

    hid_t time = OK(H5Tcopy(H5T_UNIX_D32BE));
    OK(H5Tset_precision(time, 20));
    hid_t attribute = OK(H5Acreate2(file, "time", time, space, H5P_DEFAULT, H5P_DEFAULT));
    hid_t type      = OK(H5Aget_type(attribute));
    printf("time of %d bits, equal %d\n", (int)H5Tget_precision(type), (int)H5Tequal(type, time));
    OK(H5Tclose(type));
    OK(H5Aclose(attribute));
    OK(H5Tclose(time));
    OK(H5Sclose(space));
}

int
main(int argc, char **argv)
{
    hid_t file = new_file(file_name(argc, argv));
    filters(file);
    filters_without_chunks(file);
    equal_lists(file);
    cut_chunks(file);
    groups(file);
    types(file);
    OK(H5Fclose(file));
    return 0;
}
