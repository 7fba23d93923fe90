/* Opens the file and says whether that went well; HDF5 itself prints why it did not. */
#include <stdio.h>

#include "hdf5.h"

int
main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    hid_t file = H5Fopen(argv[1], H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0)
        return 1;
    printf("opened %s\n", argv[1]);
    return H5Fclose(file) < 0;
}
