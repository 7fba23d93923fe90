/* Objects that outlive their files' identifiers, closed one after the other: what the connector does
 * when the last object of a file goes must not touch an object that is just being closed. */
#include "check.h"

#define FILES 3

int
main(int argc, char **argv)
{
    const char   *name    = file_name(argc, argv);
    const hsize_t dims[1] = {2};
    const int     data[2] = {4, 5};
    char          names[FILES][512];
    hid_t         files[FILES];
    hid_t         datasets[FILES];

    for (int i = 0; i < FILES; i++) {
        snprintf(names[i], sizeof names[i], "%s.%d", name, i);
        files[i]    = new_file(names[i]);
        datasets[i] = new_dataset(files[i], "numbers", H5T_STD_I32LE, 1, dims, H5P_DEFAULT);
    }
    for (int i = 0; i < FILES; i++)
        OK(H5Fclose(files[i]));
    for (int i = 0; i < FILES; i++) {
        int found[2] = {0};
        OK(H5Dwrite(datasets[i], H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
        OK(H5Dread(datasets[i], H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
        print_ints("numbers", found, 2);
        OK(H5Dclose(datasets[i]));
    }
    printf("%zd open\n", H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL));
    for (int i = 0; i < FILES; i++)
        OK(H5Fdelete(names[i], H5P_DEFAULT));
    return 0;
}
