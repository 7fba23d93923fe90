/* Virtual datasets of odd sources: groups, names of any bytes, the same element twice, themselves. */
#include "check.h"

#define SIZE 6

static hid_t
part(hsize_t start, hsize_t count)
{
    const hsize_t dims[1]  = {SIZE};
    hid_t         selected = OK(H5Screate_simple(1, dims, NULL));
    OK(H5Sselect_hyperslab(selected, H5S_SELECT_SET, &start, NULL, &count, NULL));
    return selected;
}

static void
map(hid_t dcpl, hsize_t start, hsize_t count, const char *source)
{
    hid_t space = part(start, count), whole = OK(H5Screate_simple(1, &count, NULL));
    OK(H5Pset_virtual(dcpl, space, ".", source, whole));
    OK(H5Sclose(whole));
    OK(H5Sclose(space));
}

static hid_t
new_virtual(hid_t file, const char *name, hid_t dcpl)
{
    const hsize_t dims[1] = {SIZE};
    hid_t         dataset = new_dataset(file, name, H5T_STD_I32LE, 1, dims, dcpl);
    OK(H5Pclose(dcpl));
    return dataset;
}

static hid_t
filled_with(int fill)
{
    hid_t dcpl = OK(H5Pcreate(H5P_DATASET_CREATE));
    OK(H5Pset_fill_value(dcpl, H5T_NATIVE_INT, &fill));
    return dcpl;
}

static void
print_values(const char *label, hid_t dataset)
{
    int values[SIZE] = {0};
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    print_ints(label, values, SIZE);
}

int
main(int argc, char **argv)
{
    const hsize_t dims[1]   = {3};
    const int     values[3] = {10, 11, 12};
    const char   *odd       = "bytes\xff\xfe";
    hid_t         file      = new_file(file_name(argc, argv));
    hid_t         source    = new_dataset(file, odd, H5T_STD_I32LE, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(source, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));

    hid_t dcpl = filled_with(-1);
    map(dcpl, 1, 3, odd);
    hid_t dataset = new_virtual(file, "of bytes", dcpl);
    char  name[100];
    dcpl = OK(H5Dget_create_plist(dataset));
    OK(H5Pget_virtual_dsetname(dcpl, 0, name, sizeof name));
    CHECK(strcmp(name, odd) == 0);
    OK(H5Pclose(dcpl));
    print_values("of bytes", dataset);
    OK(H5Dclose(dataset));

    /* An element that is two of a virtual dataset can be read twice, but not be written. */
    dcpl = filled_with(-1);
    map(dcpl, 0, 3, odd);
    map(dcpl, 2, 3, odd);
    dataset = new_virtual(file, "overlapping", dcpl);
    print_values("overlapping", dataset);
    hid_t     both = part(1, 2), memory = OK(H5Screate_simple(1, (hsize_t[]){2}, NULL));
    const int other[2] = {20, 21};
    FAILS(H5Dwrite(dataset, H5T_NATIVE_INT, memory, both, H5P_DEFAULT, other));
    print_values("not written", dataset);
    OK(H5Sclose(both));
    OK(H5Sclose(memory));
    OK(H5Dclose(dataset));
    OK(H5Dclose(source));

    /* A group is no source. */
    dcpl = filled_with(-1);
    map(dcpl, 0, 3, "/");
    dataset     = new_virtual(file, "of a group", dcpl);
    hid_t space = OK(H5Dget_space(dataset));
    printf("of a group: %d elements\n", (int)H5Sget_simple_extent_npoints(space));
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));

    /* Native HDF5 reads what is made of itself until its stack ends. */
    dcpl = filled_with(-1);
    map(dcpl, 0, SIZE, "other half");
    dataset = new_virtual(file, "half", dcpl);
    dcpl    = filled_with(-1);
    map(dcpl, 0, SIZE, "half");
    OK(H5Dclose(new_virtual(file, "other half", dcpl)));
    space = OK(H5Dget_space(dataset));
    printf("of itself: %d elements\n", (int)H5Sget_simple_extent_npoints(space));
    OK(H5Sclose(space));
    if (getenv("HDF5_VOL_CONNECTOR") != NULL) {
        int none[SIZE] = {0};
        FAILS(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, none));
        FAILS(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, none));
    }
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    return 0;
}
