/* Files left open: by H5close, after which the library is used again, and by the program's end. */
#include "check.h"

/* A file with an object of every kind in it, all of them left open. */
static void
leave_open(const char *name)
{
    const hsize_t dims[1] = {3};
    const int     data[3] = {1, 2, 3};
    hid_t         file    = new_file(name);
    hid_t         group   = OK(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t         type    = OK(H5Tcopy(H5T_STD_I32LE));
    OK(H5Tcommit2(file, "type", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t dataset   = new_dataset(group, "numbers", type, 1, dims, H5P_DEFAULT);
    hid_t space     = OK(H5Dget_space(dataset));
    hid_t attribute = OK(H5Acreate2(dataset, "attribute", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Awrite(attribute, H5T_NATIVE_INT, data));
    printf("%zd open\n", H5Fget_obj_count(file, H5F_OBJ_ALL));
    SAME(H5Fget_obj_count(file, H5F_OBJ_ALL), 5);
}

/* Opens what was written, reads it and leaves it open, too. */
static void
look_again(const char *name)
{
    int   found[3]  = {0};
    hid_t file      = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    hid_t dataset   = OK(H5Dopen2(file, "group/numbers", H5P_DEFAULT));
    hid_t attribute = OK(H5Aopen(dataset, "attribute", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print_ints("numbers", found, 3);
    CHECK(found[0] == 1 && found[1] == 2 && found[2] == 3);
    memset(found, 0, sizeof found);
    OK(H5Aread(attribute, H5T_NATIVE_INT, found));
    print_ints("attribute", found, 3);
    CHECK(found[0] == 1 && found[1] == 2 && found[2] == 3);
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    leave_open(name);
    OK(H5close());
    OK(H5open());
    look_again(name);
    OK(H5close());
    OK(H5open());
    look_again(name);
    return 0;
}
