/* Variable strings that nobody wrote read as no string or as an empty one: HDF5 itself gives NULL,
 * and a server that keeps only lengths cannot tell the two apart. */
#include "check.h"

int
main(int argc, char **argv)
{
    const hsize_t dims[1]  = {2};
    char         *found[2] = {(char *)1, (char *)1};
    hid_t         file     = new_file(file_name(argc, argv));
    hid_t         type     = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(type, H5T_VARIABLE));
    hid_t dataset = new_dataset(file, "never written", type, 1, dims, H5P_DEFAULT);
    hid_t space   = OK(H5Dget_space(dataset));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int i = 0; i < 2; i++) {
        CHECK(found[i] == NULL || found[i][0] == '\0');
        printf("string %d is empty\n", i);
    }
    OK(H5Treclaim(type, space, H5P_DEFAULT, found));
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
    OK(H5Fclose(file));
    return 0;
}
