/* A program written for the connector's C functions and linked with it: no plugin is loaded and no
 * environment variable selects it. */
#include "../everyday/check.h"

#include "rest_vol_public.h"

int
main(int argc, char **argv)
{
    const char   *name    = file_name(argc, argv);
    const hsize_t dims[1] = {4};
    const int     data[4] = {2, 3, 5, 7};
    int           found[4];
    char          connector[32] = "";

    OK(H5rest_init());
    hid_t fapl = OK(H5Pcreate(H5P_FILE_ACCESS));
    OK(H5Pset_fapl_rest_vol(fapl));
    hid_t file = OK(H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, fapl));
    OK(H5VLget_connector_name(file, connector, sizeof connector));
    SAME_TEXT(connector, "REST");
    hid_t dataset = new_dataset(file, "primes", H5T_STD_I32LE, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));

    file    = OK(H5Fopen(name, H5F_ACC_RDONLY, fapl));
    dataset = OK(H5Dopen2(file, "primes", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    CHECK(memcmp(data, found, sizeof data) == 0);
    print_ints("primes", found, 4);
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    OK(H5Pclose(fapl));
    OK(H5rest_term());
    return 0;
}
