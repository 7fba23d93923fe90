/* Floats in the byte order of the VAX, which HDF5 converts. */
#include "check.h"

static const double values[4] = {1.0, -2.5, 1e10, 0.0};

/* Makes a dataset and an attribute of the type, and shows what is in them. */
static void
store(hid_t file, const char *name, hid_t type)
{
    double         found[4] = {0};
    unsigned char  bytes[4 * 8];
    hsize_t        dims[1] = {4};
    hid_t          space   = OK(H5Screate_simple(1, dims, NULL));
    hid_t          dataset = new_dataset(file, name, type, 1, dims, H5P_DEFAULT);
    hid_t          unit    = OK(H5Acreate2(dataset, "limits", type, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    OK(H5Awrite(unit, H5T_NATIVE_DOUBLE, values));
    OK(H5Aclose(unit));
    OK(H5Dclose(dataset));

    dataset      = OK(H5Dopen2(file, name, H5P_DEFAULT));
    hid_t stored = OK(H5Dget_type(dataset));
    printf("%s: %zu bytes, order %d, as it was: %d\n", name, H5Tget_size(stored), (int)H5Tget_order(stored),
           H5Tequal(stored, type) > 0);
    OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print_doubles("values", found, 4);
    OK(H5Dread(dataset, stored, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes));
    for (size_t at = 0; at < 4 * H5Tget_size(stored); at++)
        printf("%02x%s", bytes[at], at % 8 == 7 ? "\n" : " ");
    unit = OK(H5Aopen(dataset, "limits", H5P_DEFAULT));
    OK(H5Aread(unit, H5T_NATIVE_DOUBLE, found));
    print_doubles("attribute", found, 4);
    OK(H5Aclose(unit));
    OK(H5Tclose(stored));
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));
}

int
main(int argc, char **argv)
{
    hid_t file = OK(H5Fcreate(file_name(argc, argv), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    store(file, "F", H5T_VAX_F32);
    store(file, "G", H5T_VAX_F64);
    OK(H5Fclose(file));
    return 0;
}
