/* Writes a file of many datasets, all different: many_datasets FILE COUNT */
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>

#define ELEMENTS 16384

int
main(int argc, char **argv)
{
    static double row[ELEMENTS];
    hsize_t       size  = ELEMENTS;
    hsize_t       chunk = ELEMENTS / 4;
    if (argc != 3)
        return 2;
    hid_t file  = H5Fcreate(argv[1], H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t space = H5Screate_simple(1, &size, NULL);
    hid_t dcpl  = H5Pcreate(H5P_DATASET_CREATE);
    if (file < 0 || space < 0 || H5Pset_chunk(dcpl, 1, &chunk) < 0)
        return 1;
    for (int number = 0; number < atoi(argv[2]); number++) {
        char name[16];
        snprintf(name, sizeof name, "set%03d", number);
        for (int at = 0; at < ELEMENTS; at++)
            row[at] = number * 1000.0 + at;
        hid_t set = H5Dcreate2(file, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT);
        if (set < 0 || H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, row) < 0)
            return 1;
        if (H5Dclose(set) < 0)
            return 1;
    }
    return H5Pclose(dcpl) < 0 || H5Sclose(space) < 0 || H5Fclose(file) < 0;
}
