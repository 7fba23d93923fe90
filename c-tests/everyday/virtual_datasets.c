/* Virtual datasets: elements of other datasets of the same and of other files, read and written;
 * sources that grow, that have numbers in their names, that are missing. */
#include "check.h"

enum { ROWS = 4, COLUMNS = 6 };

static hid_t
source(hid_t file, const char *name, int rows, hsize_t most, int first)
{
    const hsize_t dims[2] = {(hsize_t)rows, COLUMNS}, max[2] = {most, COLUMNS}, chunk[2] = {2, 3};
    hid_t         space   = OK(H5Screate_simple(2, dims, max));
    hid_t         dcpl    = chunked(2, chunk);
    hid_t dataset = OK(H5Dcreate2(file, name, H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    int   values[12 * COLUMNS];
    for (int i = 0; i < rows * COLUMNS; i++)
        values[i] = first + i;
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    OK(H5Pclose(dcpl));
    OK(H5Sclose(space));
    return dataset;
}

static void
print_extent(const char *label, hid_t dataset)
{
    hsize_t dims[2], max[2];
    hid_t   space = OK(H5Dget_space(dataset));
    OK(H5Sget_simple_extent_dims(space, dims, max));
    printf("%s: %lld x %lld of at most %lld x %lld\n", label, (long long)dims[0],
           (long long)dims[1], (long long)max[0], (long long)max[1]);
    OK(H5Sclose(space));
}

static void
print_all(const char *label, hid_t dataset)
{
    hsize_t dims[2];
    hid_t   space = OK(H5Dget_space(dataset));
    OK(H5Sget_simple_extent_dims(space, dims, NULL));
    int *values = calloc(dims[0] * dims[1] + 1, sizeof *values);
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    print_extent(label, dataset);
    for (hsize_t row = 0; row < dims[0]; row++)
        print_ints("", values + row * dims[1], dims[1]);
    free(values);
    OK(H5Sclose(space));
}

static void
print_mappings(hid_t dataset)
{
    hid_t  dcpl  = OK(H5Dget_create_plist(dataset));
    size_t count = 0;
    SAME(H5Pget_layout(dcpl), H5D_VIRTUAL);
    OK(H5Pget_virtual_count(dcpl, &count));
    for (size_t i = 0; i < count; i++) {
        char    name[100];
        hsize_t start[2], stride[2], blocks[2], block[2];
        OK(H5Pget_virtual_dsetname(dcpl, i, name, sizeof name));
        hid_t space = OK(H5Pget_virtual_vspace(dcpl, i));
        hid_t other = OK(H5Pget_virtual_srcspace(dcpl, i));
        printf("mapping %d: %s, kinds %d %d\n", (int)i, name, H5Sget_select_type(space),
               H5Sget_select_type(other));
        if (H5Sget_select_type(space) == H5S_SEL_HYPERSLABS && H5Sis_regular_hyperslab(space) > 0) {
            OK(H5Sget_regular_hyperslab(space, start, stride, blocks, block));
            for (int d = 0; d < 2; d++)
                printf("  %lld %lld %lld %lld\n", (long long)start[d], (long long)stride[d],
                       (long long)blocks[d], (long long)block[d]);
        }
        OK(H5Sclose(other));
        OK(H5Sclose(space));
    }
    OK(H5Pclose(dcpl));
}

/* Two sources, one in another file, and a column that has none. */
static void
fixed(hid_t file, const char *other_name)
{
    hid_t other = new_file(other_name);
    OK(H5Dclose(source(file, "near", ROWS, ROWS, 100)));
    OK(H5Dclose(source(other, "far", ROWS, ROWS, 200)));
    OK(H5Fclose(other));

    const hsize_t dims[2] = {2 * ROWS, COLUMNS + 1}, from_dims[2] = {ROWS, COLUMNS};
    hsize_t       start[2] = {0, 0}, stride[2] = {2, 1}, count[2] = {ROWS, COLUMNS};
    const int     fill  = -7;
    hid_t         space = OK(H5Screate_simple(2, dims, NULL));
    hid_t         from  = OK(H5Screate_simple(2, from_dims, NULL));
    hid_t         dcpl  = OK(H5Pcreate(H5P_DATASET_CREATE));
    OK(H5Pset_fill_value(dcpl, H5T_NATIVE_INT, &fill));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, stride, count, NULL));
    OK(H5Pset_virtual(dcpl, space, ".", "/near", from));
    start[0] = 1;
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, stride, count, NULL));
    OK(H5Pset_virtual(dcpl, space, other_name, "far", from));
    hid_t dataset =
        OK(H5Dcreate2(file, "fixed", H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    print_all("rows by turns", dataset);
    printf("storage: %lld\n", (long long)H5Dget_storage_size(dataset));

    /* A part, into a part of the program's memory, as doubles. */
    double        values[3][10] = {{0}};
    const hsize_t memory_dims[2] = {3, 10}, at[2] = {1, 3}, part[2] = {2, 5}, in[2] = {2, 2};
    const hsize_t step[2] = {3, 1};
    hid_t         memory = OK(H5Screate_simple(2, memory_dims, NULL));
    OK(H5Sselect_hyperslab(memory, H5S_SELECT_SET, at, NULL, part, NULL));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, in, step, part, NULL));
    OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, values));
    print_doubles("a part", &values[0][0], 30);

    /* Writing goes to the sources; what has none cannot be written. */
    int           row[COLUMNS] = {1, 2, 3, 4, 5, 6};
    const hsize_t row_start[2] = {3, 0}, row_count[2] = {1, COLUMNS}, length = COLUMNS;
    hid_t         line = OK(H5Screate_simple(1, &length, NULL));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, row_start, NULL, row_count, NULL));
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, line, space, H5P_DEFAULT, row));
    const hsize_t no_start[2] = {3, 1};
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, no_start, NULL, row_count, NULL));
    FAILS(H5Dwrite(dataset, H5T_NATIVE_INT, line, space, H5P_DEFAULT, row));
    OK(H5Dclose(dataset));
    other   = OK(H5Fopen(other_name, H5F_ACC_RDONLY, H5P_DEFAULT));
    dataset = OK(H5Dopen2(other, "far", H5P_DEFAULT));
    print_all("the far source", dataset);
    OK(H5Dclose(dataset));
    OK(H5Fclose(other));
    OK(H5Sclose(line));
    OK(H5Sclose(memory));
    OK(H5Pclose(dcpl));
    OK(H5Sclose(from));
    OK(H5Sclose(space));
}

/* Sources that grow: the virtual dataset grows with them. */
static void
growing(hid_t file)
{
    hid_t         one = source(file, "one", 3, H5S_UNLIMITED, 0);
    hid_t         two = source(file, "two", 5, H5S_UNLIMITED, 500);
    const hsize_t dims[2] = {1, COLUMNS}, max[2] = {H5S_UNLIMITED, COLUMNS};
    hsize_t       start[2] = {0, 0}, stride[2] = {2, 1}, count[2] = {H5S_UNLIMITED, 1};
    const hsize_t block[2] = {1, COLUMNS};
    hid_t         space = OK(H5Screate_simple(2, dims, max));
    hid_t         from  = OK(H5Screate_simple(2, dims, max));
    hid_t         dcpl  = OK(H5Pcreate(H5P_DATASET_CREATE));
    hid_t         dapl  = OK(H5Pcreate(H5P_DATASET_ACCESS));
    OK(H5Sselect_hyperslab(from, H5S_SELECT_SET, start, NULL, count, block));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, stride, count, block));
    OK(H5Pset_virtual(dcpl, space, ".", "one", from));
    start[0] = 1;
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, stride, count, block));
    OK(H5Pset_virtual(dcpl, space, ".", "two", from));
    hid_t dataset =
        OK(H5Dcreate2(file, "growing", H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    print_all("to the last available", dataset);
    OK(H5Dclose(dataset));
    OK(H5Pset_virtual_view(dapl, H5D_VDS_FIRST_MISSING));
    dataset = OK(H5Dopen2(file, "growing", dapl));
    print_all("to the first missing", dataset);
    OK(H5Dclose(dataset));

    const hsize_t more[2] = {4, COLUMNS};
    OK(H5Dset_extent(one, more));
    dataset = OK(H5Dopen2(file, "growing", H5P_DEFAULT));
    print_all("one has grown", dataset);
    OK(H5Dclose(dataset));
    OK(H5Pclose(dapl));
    OK(H5Pclose(dcpl));
    OK(H5Sclose(from));
    OK(H5Sclose(space));
    OK(H5Dclose(two));
    OK(H5Dclose(one));
}

/* A source for each block, some of which are missing. */
static void
numbered(hid_t file)
{
    OK(H5Dclose(source(file, "part-0", 2, 2, 1000)));
    OK(H5Dclose(source(file, "part-1", 2, 2, 1100)));
    OK(H5Dclose(source(file, "part-3", 2, 2, 1300)));
    const hsize_t dims[2] = {2, COLUMNS}, max[2] = {H5S_UNLIMITED, COLUMNS};
    const hsize_t start[2] = {0, 0}, stride[2] = {3, 1}, count[2] = {H5S_UNLIMITED, 1};
    const hsize_t block[2] = {2, COLUMNS};
    const int     fill  = 9;
    hid_t         space = OK(H5Screate_simple(2, dims, max));
    hid_t         from  = OK(H5Screate_simple(2, dims, NULL));
    hid_t         dcpl  = OK(H5Pcreate(H5P_DATASET_CREATE));
    hid_t         dapl  = OK(H5Pcreate(H5P_DATASET_ACCESS));
    OK(H5Pset_fill_value(dcpl, H5T_NATIVE_INT, &fill));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, stride, count, block));
    OK(H5Pset_virtual(dcpl, space, ".", "part-%b", from));
    hid_t dataset =
        OK(H5Dcreate2(file, "numbered", H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    print_all("without gaps", dataset);
    OK(H5Dclose(dataset));
    OK(H5Pset_virtual_printf_gap(dapl, 1));
    dataset = OK(H5Dopen2(file, "numbered", dapl));
    print_all("with a gap of one", dataset);
    OK(H5Dclose(dataset));
    OK(H5Pset_virtual_view(dapl, H5D_VDS_FIRST_MISSING));
    dataset = OK(H5Dopen2(file, "numbered", dapl));
    print_all("to the first missing", dataset);
    OK(H5Dclose(dataset));
    OK(H5Pclose(dapl));
    OK(H5Pclose(dcpl));
    OK(H5Sclose(from));
    OK(H5Sclose(space));
}

/* Mappings that do not fit, and a virtual dataset without sources. */
static void
wrong_and_empty(hid_t file)
{
    const hsize_t dims[2] = {2, 2}, small[2] = {1, 2}, start[2] = {0, 0};
    hid_t         space = OK(H5Screate_simple(2, dims, NULL));
    hid_t         tight = OK(H5Screate_simple(2, small, NULL));
    hid_t         dcpl  = OK(H5Pcreate(H5P_DATASET_CREATE));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, dims, NULL));
    OK(H5Pset_virtual(dcpl, space, "no such file.h5", "x", space));
    FAILS(H5Dcreate2(file, "tight", H5T_STD_I32LE, tight, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    hid_t dataset =
        OK(H5Dcreate2(file, "empty", H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    print_all("no source", dataset);
    OK(H5Dclose(dataset));
    OK(H5Pclose(dcpl));
    OK(H5Sclose(tight));
    OK(H5Sclose(space));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    char        other[1000];
    snprintf(other, sizeof other, "%s.source.h5", name);
    hid_t file = new_file(name);
    fixed(file, other);
    growing(file);
    numbered(file);
    wrong_and_empty(file);
    OK(H5Fclose(file));

    file          = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    static const char *const names[] = {"fixed", "growing", "numbered", "empty"};
    for (int i = 0; i < 4; i++) {
        hid_t dataset = OK(H5Dopen2(file, names[i], H5P_DEFAULT));
        print_mappings(dataset);
        print_all("after reopening", dataset);
        OK(H5Dclose(dataset));
    }
    OK(H5Fclose(file));
    return 0;
}
