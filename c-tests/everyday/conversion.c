/* Values change their type on the way: what HDF5 promises for conversions must hold here too. */
#include "check.h"

enum { COUNT = 6 };
static const hsize_t DIMS[1] = {COUNT};

static void
widen_and_narrow(hid_t file)
{
    const int    data[COUNT] = {-3, -2, -1, 0, 1, 100000};
    double       doubles[COUNT];
    short        shorts[COUNT];
    unsigned int unsigneds[COUNT];
    long long    longs[COUNT];

    hid_t dataset = new_dataset(file, "integers", H5T_STD_I32BE, 1, DIMS, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, doubles));
    print_doubles("int as double", doubles, COUNT);
    OK(H5Dread(dataset, H5T_NATIVE_SHORT, H5S_ALL, H5S_ALL, H5P_DEFAULT, shorts));
    SAME(shorts[0], -3);
    SAME(shorts[5], 32767); /* too large: the largest there is */
    OK(H5Dread(dataset, H5T_NATIVE_UINT, H5S_ALL, H5S_ALL, H5P_DEFAULT, unsigneds));
    SAME(unsigneds[5], 100000);
    OK(H5Dread(dataset, H5T_NATIVE_LLONG, H5S_ALL, H5S_ALL, H5P_DEFAULT, longs));
    SAME(longs[1], -2);
    printf("short %d unsigned %u %u long %lld\n", shorts[5], unsigneds[0], unsigneds[4], longs[5]);
    OK(H5Dclose(dataset));
}

static void
floats_as_integers(hid_t file)
{
    const double data[COUNT] = {-1.75, -0.5, 0, 0.99, 2.5, 1e300};
    int          ints[COUNT];
    float        floats[COUNT];

    hid_t dataset = new_dataset(file, "doubles", H5T_IEEE_F32LE, 1, DIMS, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, floats));
    for (int i = 0; i < COUNT; i++)
        printf("float %g\n", (double)floats[i]);
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, ints));
    print_ints("float as int", ints, COUNT);
    OK(H5Dclose(dataset));
}

/* Only the selected part of the caller's memory may change. */
static void
strided_memory(hid_t file)
{
    const hsize_t memory_dims[1] = {2 * COUNT};
    const hsize_t start[1] = {1}, stride[1] = {2}, count[1] = {COUNT};
    double        memory[2 * COUNT];
    for (int i = 0; i < 2 * COUNT; i++)
        memory[i] = -7;

    hid_t space = OK(H5Screate_simple(1, memory_dims, NULL));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, stride, count, NULL));
    hid_t dataset = OK(H5Dopen2(file, "integers", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, space, H5S_ALL, H5P_DEFAULT, memory));
    print_doubles("every second", memory, 2 * COUNT);
    OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, space, H5S_ALL, H5P_DEFAULT, memory));
    OK(H5Dclose(dataset));
    OK(H5Sclose(space));
}

static void
impossible(hid_t file)
{
    char  buffer[64 * COUNT];
    hid_t string = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(string, 8));
    hid_t dataset = OK(H5Dopen2(file, "integers", H5P_DEFAULT));
    FAILS(H5Dread(dataset, string, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer));
    FAILS(H5Dwrite(dataset, string, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer));
    OK(H5Dclose(dataset));
    OK(H5Tclose(string));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    hid_t       file = new_file(name);
    widen_and_narrow(file);
    floats_as_integers(file);
    strided_memory(file);
    impossible(file);
    OK(H5Fclose(file));

    int found[COUNT];
    file          = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    hid_t dataset = OK(H5Dopen2(file, "integers", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print_ints("integers", found, COUNT);
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    return 0;
}
