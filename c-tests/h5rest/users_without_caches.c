/* Reference counts of a committed datatype that others use, with nothing kept in memory: the connector has to
 * ask for what it does not know, and to count what it has given up. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"
#include <stdlib.h>

static unsigned
count(hid_t file)
{
    H5O_info2_t info;
    OK(H5Oget_info_by_name3(file, "type", &info, H5O_INFO_BASIC, H5P_DEFAULT));
    return info.rc;
}

int
main(int argc, char **argv)
{
    const char   *name    = file_name(argc, argv);
    const hsize_t dims[1] = {3};
    CHECK(setenv("HDF5_REST_CACHE", "0", 1) == 0);

    hid_t file    = new_file(name);
    hid_t type    = OK(H5Tcopy(H5T_STD_I32LE));
    OK(H5Tcommit2(file, "type", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t dataset = new_dataset(file, "numbers", type, 1, dims, H5P_DEFAULT);
    hid_t space   = OK(H5Dget_space(dataset));
    OK(H5Aclose(OK(H5Acreate2(dataset, "attribute", type, space, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Dclose(new_dataset(file, "others", type, 1, dims, H5P_DEFAULT)));
    SAME(count(file), 4);
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
    OK(H5Fclose(file));

    file = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    SAME(count(file), 4);
    OK(H5Dclose(OK(H5Dopen2(file, "others", H5P_DEFAULT))));
    SAME(count(file), 4);
    OK(H5Ldelete(file, "numbers", H5P_DEFAULT));
    SAME(count(file), 2);
    OK(H5Ldelete(file, "others", H5P_DEFAULT));
    SAME(count(file), 1);
    OK(H5Fclose(file));
    printf("ok\n");
    return 0;
}
