/* File dataspaces of another extent than the dataset's: smaller ones with everything selected, and
 * ones fetched before the dataset grew. */
#include "check.h"

enum { LENGTH = 10, HALF = 5 };

/* All of a shorter dataspace is the dataset's beginning, with and without a conversion. */
static void
shorter(hid_t file)
{
    const hsize_t dims[1] = {LENGTH}, half[1] = {HALF};
    int           data[LENGTH], found[HALF] = {0};
    short         converted[HALF] = {0};
    hid_t         space   = OK(H5Screate_simple(1, half, NULL));
    hid_t         dataset = new_dataset(file, "longer", H5T_STD_I32LE, 1, dims, H5P_DEFAULT);
    for (int i = 0; i < LENGTH; i++)
        data[i] = 100 + i;
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));

    OK(H5Dread(dataset, H5T_NATIVE_INT, space, space, H5P_DEFAULT, found));
    OK(H5Dread(dataset, H5T_NATIVE_SHORT, space, space, H5P_DEFAULT, converted));
    for (int i = 0; i < HALF; i++) {
        SAME(found[i], 100 + i);
        SAME(converted[i], 100 + i);
        found[i] = -i;
    }
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, space, space, H5P_DEFAULT, found));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    for (int i = 0; i < LENGTH; i++)
        SAME(data[i], i < HALF ? -i : 100 + i);
    print_ints("longer", data, LENGTH);
    OK(H5Dclose(dataset));
    OK(H5Sclose(space));
}

/* A dataspace made before the dataset grew: its points keep their coordinates, and "all" of it
 * means as many elements as it holds. */
static void
outdated(hid_t file)
{
    enum { ROWS = 6, COLUMNS = 9, OLD_COUNT = 4 * 5 };
    const hsize_t before[2] = {4, 5}, after[2] = {ROWS, COLUMNS}, chunk[2] = {2, 3};
    const hsize_t limits[2] = {H5S_UNLIMITED, H5S_UNLIMITED};
    const hsize_t points[3][2] = {{1, 1}, {3, 4}, {2, 0}}, three[1] = {3};
    int           data[ROWS * COLUMNS], picked[3] = {0}, all[OLD_COUNT] = {0};
    hid_t         dcpl    = chunked(2, chunk);
    hid_t         old     = OK(H5Screate_simple(2, before, limits));
    hid_t         memory  = OK(H5Screate_simple(1, three, NULL));
    hid_t         dataset = OK(H5Dcreate2(file, "grown", H5T_STD_I32LE, old, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    OK(H5Dset_extent(dataset, after));
    for (int i = 0; i < ROWS * COLUMNS; i++)
        data[i] = i;
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));

    OK(H5Sselect_elements(old, H5S_SELECT_SET, 3, &points[0][0]));
    OK(H5Dread(dataset, H5T_NATIVE_INT, memory, old, H5P_DEFAULT, picked));
    print_ints("points", picked, 3);
    for (int i = 0; i < 3; i++)
        SAME(picked[i], (long long)(points[i][0] * COLUMNS + points[i][1]));

    OK(H5Sselect_all(old));
    OK(H5Dread(dataset, H5T_NATIVE_INT, old, old, H5P_DEFAULT, all));
    print_ints("all", all, OLD_COUNT);

    OK(H5Dclose(dataset));
    OK(H5Sclose(memory));
    OK(H5Sclose(old));
    OK(H5Pclose(dcpl));
}

int
main(int argc, char **argv)
{
    hid_t file = new_file(file_name(argc, argv));
    shorter(file);
    outdated(file);
    OK(H5Fclose(file));
    return 0;
}
