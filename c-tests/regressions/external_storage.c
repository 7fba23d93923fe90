/* Datasets in external files: raw bytes in files of this machine, wherever the HDF5 file is. */
#include <unistd.h>

#include "check.h"

static char folder[] = "/tmp/external-XXXXXX";

/* The path of a file in this run's folder. */
static const char *
in_folder(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void
print_bytes(const char *name)
{
    FILE *raw = fopen(in_folder(name), "rb");
    printf("%s:", name);
    if (raw == NULL) {
        printf(" missing\n");
        return;
    }
    for (int byte = getc(raw); byte != EOF; byte = getc(raw))
        printf(" %02x", byte);
    printf("\n");
    fclose(raw);
}

static hid_t
access_with(const char *prefix)
{
    hid_t dapl = OK(H5Pcreate(H5P_DATASET_ACCESS));
    OK(H5Pset_efile_prefix(dapl, prefix));
    return dapl;
}

static hid_t
create(hid_t file, const char *name, hid_t type, hid_t space, hid_t dcpl, hid_t dapl)
{
    return OK(H5Dcreate2(file, name, type, space, H5P_DEFAULT, dcpl, dapl));
}

/* Without elements there is nothing to read or write. */
static void
no_elements(hid_t file)
{
    hid_t dcpl = OK(H5Pcreate(H5P_DATASET_CREATE));
    OK(H5Pset_external(dcpl, "first.raw", 16, 40));
    OK(H5Pset_external(dcpl, "second.raw", 0, H5F_UNLIMITED));
    hsize_t dims[]  = {0, 3};
    hid_t   space   = OK(H5Screate_simple(2, dims, NULL));
    hid_t   dataset = create(file, "empty", H5T_NATIVE_INT, space, dcpl, H5P_DEFAULT);
    int     value   = 7;
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value));
    SAME(value, 7);
    OK(H5Dclose(dataset));
    OK(H5Pclose(dcpl));

    dataset = OK(H5Dopen2(file, "empty", H5P_DEFAULT));
    dcpl    = OK(H5Dget_create_plist(dataset));
    printf("layout %d, %d files\n", H5Pget_layout(dcpl), H5Pget_external_count(dcpl));
    for (unsigned i = 0; i < 2; i++) {
        char    raw[64];
        off_t   offset;
        hsize_t size;
        OK(H5Pget_external(dcpl, i, sizeof raw, raw, &offset, &size));
        printf("%s: from %lld, %llx bytes\n", raw, (long long)offset, (unsigned long long)size);
    }
    OK(H5Pclose(dcpl));
    OK(H5Dclose(dataset));
    OK(H5Sclose(space));
}

static void
print_storage(hid_t dataset)
{
    H5D_space_status_t status;
    OK(H5Dget_space_status(dataset, &status));
    printf("status %d, %llu bytes\n", status, (unsigned long long)H5Dget_storage_size(dataset));
}

/* Two parts that cut an element in two, big-endian, written in pieces. */
static void
parts(hid_t file)
{
    hid_t dcpl = OK(H5Pcreate(H5P_DATASET_CREATE)), dapl = access_with(folder);
    OK(H5Pset_external(dcpl, "a.raw", 3, 14));
    OK(H5Pset_external(dcpl, "b.raw", 0, 34));
    int fill = 5;
    OK(H5Pset_fill_value(dcpl, H5T_NATIVE_INT, &fill));
    OK(H5Pset_alloc_time(dcpl, H5D_ALLOC_TIME_EARLY));
    hsize_t dims[]  = {3, 4};
    hid_t   space   = OK(H5Screate_simple(2, dims, NULL));
    hid_t   dataset = create(file, "parts", H5T_STD_I32BE, space, dcpl, dapl);
    print_storage(dataset);
    print_bytes("a.raw");

    int read[12];
    FAILS(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, read));

    /* Columns 1 and 3 of the first two rows, from every other element in memory. */
    hsize_t start[] = {0, 1}, stride[] = {1, 2}, count[] = {2, 2};
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, stride, count, NULL));
    int     some[]     = {1, 0, 2, 0, 3, 0, 4, 0};
    hsize_t length[]   = {8}, first[] = {0}, every[] = {2}, four[] = {4};
    hid_t   memory     = OK(H5Screate_simple(1, length, NULL));
    OK(H5Sselect_hyperslab(memory, H5S_SELECT_SET, first, every, four, NULL));
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, some));
    print_bytes("a.raw");
    print_bytes("b.raw");
    /* The rest of the second file is not there. */
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, read));
    print_ints("short", read, 12);

    /* Points, one of them twice, as another type. */
    hsize_t points[] = {2, 3, 0, 0, 1, 1, 0, 0};
    double  reals[]  = {10, 11, 12, 13};
    OK(H5Sselect_elements(space, H5S_SELECT_SET, 4, points));
    hid_t list = OK(H5Screate_simple(1, four, NULL));
    OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, list, space, H5P_DEFAULT, reals));
    double back[4];
    OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, list, space, H5P_DEFAULT, back));
    for (int i = 0; i < 4; i++)
        printf("point %g\n", back[i]);
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, read));
    print_ints("all", read, 12);
    print_bytes("a.raw");
    print_bytes("b.raw");
    OK(H5Dclose(dataset));

    /* A run that does not know the folder finds no file. */
    dataset = OK(H5Dopen2(file, "parts", H5P_DEFAULT));
    FAILS(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, read));
    OK(H5Dclose(dataset));
    OK(H5Sclose(list));
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
    OK(H5Pclose(dapl));
    OK(H5Pclose(dcpl));
}

/* Compounds keep their gaps, and members that are not written. */
static void
compounds(hid_t file)
{
    typedef struct {
        char   small;
        short  middle;
        double large;
    } thing;
    hid_t type = OK(H5Tcreate(H5T_COMPOUND, sizeof(thing)));
    OK(H5Tinsert(type, "small", HOFFSET(thing, small), H5T_NATIVE_CHAR));
    OK(H5Tinsert(type, "middle", HOFFSET(thing, middle), H5T_NATIVE_SHORT));
    OK(H5Tinsert(type, "large", HOFFSET(thing, large), H5T_NATIVE_DOUBLE));
    hid_t dcpl = OK(H5Pcreate(H5P_DATASET_CREATE));
    OK(H5Pset_external(dcpl, in_folder("things.raw"), 0, H5F_UNLIMITED));
    hsize_t dims[]  = {2};
    hid_t   space   = OK(H5Screate_simple(1, dims, NULL));
    hid_t   dataset = create(file, "things", type, space, dcpl, H5P_DEFAULT);
    thing   things[2];
    memset(things, 0, sizeof things);
    for (int i = 0; i < 2; i++) {
        things[i].small  = (char)(i + 1);
        things[i].middle = (short)(i + 10);
        things[i].large  = i + 0.5;
    }
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, things));
    print_bytes("things.raw");
    hid_t one = OK(H5Tcreate(H5T_COMPOUND, sizeof(short)));
    OK(H5Tinsert(one, "middle", 0, H5T_NATIVE_SHORT));
    short middles[] = {100, 200};
    OK(H5Dwrite(dataset, one, H5S_ALL, H5S_ALL, H5P_DEFAULT, middles));
    memset(things, 0, sizeof things);
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, things));
    for (int i = 0; i < 2; i++)
        printf("%d %d %g\n", things[i].small, things[i].middle, things[i].large);
    OK(H5Dclose(dataset));
    OK(H5Sclose(space));
    OK(H5Pclose(dcpl));
    OK(H5Tclose(one));
    OK(H5Tclose(type));
}

/* The first dimension grows as far as the files allow. */
static void
growth(hid_t file)
{
    hid_t   dcpl   = OK(H5Pcreate(H5P_DATASET_CREATE)), dapl = access_with(folder);
    hsize_t dims[] = {1, 2}, bounds[] = {H5S_UNLIMITED, 2}, other[] = {1, H5S_UNLIMITED};
    hsize_t most[] = {4, 2};
    OK(H5Pset_external(dcpl, "grows.raw", 0, 20));
    hid_t endless = OK(H5Screate_simple(2, dims, bounds));
    hid_t bounded = OK(H5Screate_simple(2, dims, most));
    hid_t wide    = OK(H5Screate_simple(2, dims, other));
    /* No end is too much for files with one, and so are 32 bytes for 20. */
    FAILS(H5Dcreate2(file, "no", H5T_NATIVE_INT, endless, H5P_DEFAULT, dcpl, dapl));
    FAILS(H5Dcreate2(file, "no", H5T_NATIVE_INT, bounded, H5P_DEFAULT, dcpl, dapl));
    OK(H5Pset_external(dcpl, "more.raw", 1, H5F_UNLIMITED));
    FAILS(H5Dcreate2(file, "no", H5T_NATIVE_INT, wide, H5P_DEFAULT, dcpl, dapl));
    FAILS(H5Pset_external(dcpl, "after.raw", 0, 8));
    hid_t chunks = OK(H5Pcopy(dcpl));
    OK(H5Pset_chunk(chunks, 2, dims));
    printf("layout %d, %d files\n", H5Pget_layout(chunks), H5Pget_external_count(chunks));
    FAILS(H5Dcreate2(file, "no", H5T_NATIVE_INT, endless, H5P_DEFAULT, chunks, dapl));
    OK(H5Pclose(chunks));

    int   values[]  = {1, 2, 3, 4, 5, 6, 7, 8};
    int   read[8];
    hid_t dataset   = create(file, "grows", H5T_STD_I32LE, endless, dcpl, dapl);
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    hsize_t larger[] = {4, 2}, smaller[] = {2, 2};
    OK(H5Dset_extent(dataset, larger));
    FAILS(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, read));
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    print_bytes("grows.raw");
    print_bytes("more.raw");
    OK(H5Dset_extent(dataset, smaller));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, read));
    print_ints("smaller", read, 4);
    OK(H5Dset_extent(dataset, larger));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, read));
    print_ints("larger again", read, 8);
    OK(H5Dclose(dataset));

    dataset = create(file, "bounded", H5T_STD_I32LE, bounded, dcpl, dapl);
    hsize_t beyond[] = {5, 2};
    FAILS(H5Dset_extent(dataset, beyond));
    OK(H5Dset_extent(dataset, larger));
    OK(H5Dclose(dataset));
    OK(H5Sclose(endless));
    OK(H5Sclose(bounded));
    OK(H5Sclose(wide));
    OK(H5Pclose(dapl));
    OK(H5Pclose(dcpl));
}

/* Calls that are not waited for, and calls about a dataset in a file and one without. */
static void
several_at_once(hid_t file)
{
    hid_t dcpl = OK(H5Pcreate(H5P_DATASET_CREATE)), dapl = access_with(folder), set = OK(H5EScreate());
    OK(H5Pset_external(dcpl, "queued.raw", 0, H5F_UNLIMITED));
    hsize_t dims[]  = {3};
    hid_t   space   = OK(H5Screate_simple(1, dims, NULL));
    hid_t   queued  = create(file, "queued", H5T_STD_I64BE, space, dcpl, dapl);
    hid_t   other   = create(file, "other", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT);
    int     one[]   = {1, 2, 3}, two[] = {7, 8, 9}, read[3], second[3];
    size_t  left;
    hbool_t failed;
    OK(H5Dwrite_async(queued, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, one, set));
    OK(H5Dread_async(queued, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, read, set));
    OK(H5ESwait(set, H5ES_WAIT_FOREVER, &left, &failed));
    SAME(left, 0);
    SAME(failed, 0);
    print_ints("queued", read, 3);
    hid_t       datasets[] = {queued, other};
    hid_t       types[]    = {H5T_NATIVE_INT, H5T_NATIVE_INT};
    hid_t       all[]      = {H5S_ALL, H5S_ALL};
    const void *written[]  = {two, one};
    void       *places[]   = {read, second};
    OK(H5Dwrite_multi(2, datasets, types, all, all, H5P_DEFAULT, written));
    OK(H5Dread_multi(2, datasets, types, all, all, H5P_DEFAULT, places));
    print_ints("first", read, 3);
    print_ints("second", second, 3);
    print_bytes("queued.raw");
    OK(H5Dclose(queued));
    OK(H5Dclose(other));
    OK(H5ESclose(set));
    OK(H5Sclose(space));
    OK(H5Pclose(dapl));
    OK(H5Pclose(dcpl));
}

/* A later run of a program that only reads, and a copy, which has the same files. */
static void
again(hid_t file)
{
    hid_t dapl    = access_with(folder);
    hid_t dataset = OK(H5Dopen2(file, "parts", dapl));
    int   read[12];
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, read));
    print_ints("again", read, 12);
    print_storage(dataset);
    FAILS(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, read));
    OK(H5Dclose(dataset));
    OK(H5Pclose(dapl));
}

/* Filters work on chunks, which these datasets do not have. */
static void
no_filters(hid_t file)
{
    const hsize_t dims[1] = {12};
    hid_t         space   = OK(H5Screate_simple(1, dims, NULL));
    hid_t         dcpl    = OK(H5Pcreate(H5P_DATASET_CREATE));
    OK(H5Pset_external(dcpl, "filtered.raw", 0, 48));
    OK(H5Pset_shuffle(dcpl));
    FAILS(H5Dcreate2(file, "filtered", H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    OK(H5Pclose(dcpl));
    OK(H5Sclose(space));
}

static void
copies(hid_t file)
{
    OK(H5Ocopy(file, "parts", file, "copy", H5P_DEFAULT, H5P_DEFAULT));
    hid_t dapl    = access_with(folder);
    hid_t dataset = OK(H5Dopen2(file, "copy", dapl));
    hid_t dcpl    = OK(H5Dget_create_plist(dataset));
    int   read[12];
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, read));
    print_ints("copy", read, 12);
    printf("%d files\n", H5Pget_external_count(dcpl));
    OK(H5Pclose(dcpl));
    OK(H5Dclose(dataset));
    OK(H5Pclose(dapl));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    CHECK(mkdtemp(folder) != NULL);
    hid_t file = new_file(name);
    no_elements(file);
    parts(file);
    compounds(file);
    growth(file);
    several_at_once(file);
    copies(file);
    no_filters(file);
    OK(H5Fclose(file));
    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    again(file);
    OK(H5Fclose(file));
    const char *made[] = {"a.raw", "b.raw", "things.raw", "grows.raw", "more.raw", "queued.raw"};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        CHECK(unlink(in_folder(made[i])) == 0);
    CHECK(rmdir(folder) == 0);
    return 0;
}
