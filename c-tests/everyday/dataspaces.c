/* Scalar, null and empty dataspaces, and datasets that grow and shrink. */
#include "check.h"

static void
print_shape(const char *label, hid_t dataset)
{
    hsize_t dims[4] = {0}, max[4] = {0};
    hid_t   space = OK(H5Dget_space(dataset));
    int     rank  = (int)OK(H5Sget_simple_extent_dims(space, dims, max));
    printf("%s: class %d rank %d", label, (int)H5Sget_simple_extent_type(space), rank);
    for (int i = 0; i < rank; i++)
        printf(" %llu/%lld", (unsigned long long)dims[i], (long long)max[i]);
    printf("\n");
    OK(H5Sclose(space));
}

static void
scalar_null_empty(hid_t file)
{
    const int one   = 42;
    int       found = 0;
    hid_t     space = OK(H5Screate(H5S_SCALAR));
    hid_t     dataset =
        OK(H5Dcreate2(file, "scalar", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &one));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &found));
    SAME(found, 42);
    print_shape("scalar", dataset);
    OK(H5Dclose(dataset));
    OK(H5Sclose(space));

    space   = OK(H5Screate(H5S_NULL));
    dataset = OK(H5Dcreate2(file, "null", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &one));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &found));
    SAME(found, 42);
    print_shape("null", dataset);
    OK(H5Dclose(dataset));
    OK(H5Sclose(space));

    const hsize_t none[2] = {0, 3};
    dataset               = new_dataset(file, "empty", H5T_STD_I32LE, 2, none, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &one));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &found));
    print_shape("empty", dataset);
    OK(H5Dclose(dataset));
}

static void
grow_and_shrink(hid_t file)
{
    const hsize_t dims[2] = {2, 3}, max[2] = {H5S_UNLIMITED, 5}, chunk[2] = {2, 2};
    const hsize_t larger[2] = {4, 5}, smaller[2] = {1, 2}, too_wide[2] = {1, 6};
    const int     data[6] = {1, 2, 3, 4, 5, 6}, fill = -9;
    int           found[20];

    hid_t dcpl = chunked(2, chunk);
    OK(H5Pset_fill_value(dcpl, H5T_NATIVE_INT, &fill));
    hid_t space   = OK(H5Screate_simple(2, dims, max));
    hid_t dataset = OK(H5Dcreate2(file, "extendible", H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dset_extent(dataset, larger));
    print_shape("larger", dataset);
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print_ints("larger", found, 20);
    FAILS(H5Dset_extent(dataset, too_wide));
    OK(H5Dset_extent(dataset, smaller));
    print_shape("smaller", dataset);
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print_ints("smaller", found, 2);
    OK(H5Dset_extent(dataset, larger)); /* what was cut off is gone */
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print_ints("larger again", found, 20);
    OK(H5Dclose(dataset));
    OK(H5Sclose(space));
    OK(H5Pclose(dcpl));
}

int
main(int argc, char **argv)
{
    const char *name    = file_name(argc, argv);
    const char *names[] = {"scalar", "null", "empty", "extendible"};
    hid_t       file    = new_file(name);
    scalar_null_empty(file);
    grow_and_shrink(file);
    OK(H5Fclose(file));

    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        hid_t dataset = OK(H5Dopen2(file, names[i], H5P_DEFAULT));
        print_shape(names[i], dataset);
        OK(H5Dclose(dataset));
    }
    OK(H5Fclose(file));
    return 0;
}
