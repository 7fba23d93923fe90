/* An ordinary HDF5 program: nothing in it knows where the file lives.
 *
 *     cc weather.c -o weather -lhdf5
 *     ./weather weather.h5                      writes a local file
 *     HDF5_VOL_CONNECTOR=REST ./weather weather.h5    writes the same to the server
 */
#include <stdio.h>

#include "hdf5.h"

enum { DAYS = 4, HOURS = 6 };

static int
write_measurements(const char *name)
{
    const hsize_t dims[2] = {DAYS, HOURS}, chunk[2] = {1, HOURS};
    float         celsius[DAYS][HOURS];
    for (int day = 0; day < DAYS; day++)
        for (int hour = 0; hour < HOURS; hour++)
            celsius[day][hour] = 10.0F + (float)day + 0.5F * (float)(hour * (HOURS - hour));

    hid_t file    = H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t station = H5Gcreate2(file, "station", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t space   = H5Screate_simple(2, dims, NULL);
    hid_t dcpl    = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(dcpl, 2, chunk);
    hid_t dataset =
        H5Dcreate2(station, "temperature", H5T_IEEE_F32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT);
    herr_t status = H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, celsius);

    const char *unit   = "degree Celsius";
    hid_t       text   = H5Tcopy(H5T_C_S1);
    hid_t       scalar = H5Screate(H5S_SCALAR);
    H5Tset_size(text, H5T_VARIABLE);
    hid_t attribute = H5Acreate2(dataset, "unit", text, scalar, H5P_DEFAULT, H5P_DEFAULT);
    if (H5Awrite(attribute, text, &unit) < 0)
        status = -1;

    H5Aclose(attribute);
    H5Sclose(scalar);
    H5Tclose(text);
    H5Dclose(dataset);
    H5Pclose(dcpl);
    H5Sclose(space);
    H5Gclose(station);
    if (H5Fclose(file) < 0)
        status = -1;
    return status < 0;
}

/* Reads the third hour of every day, and nothing else. */
static int
read_column(const char *name)
{
    const hsize_t start[2] = {0, 2}, count[2] = {DAYS, 1};
    float         column[DAYS] = {0};

    hid_t file       = H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t dataset    = H5Dopen2(file, "/station/temperature", H5P_DEFAULT);
    hid_t file_space = H5Dget_space(dataset);
    hid_t memory     = H5Screate_simple(2, count, NULL);
    H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start, NULL, count, NULL);
    herr_t status = H5Dread(dataset, H5T_NATIVE_FLOAT, memory, file_space, H5P_DEFAULT, column);
    H5Sclose(memory);
    H5Sclose(file_space);
    H5Dclose(dataset);
    H5Fclose(file);
    if (status < 0)
        return 1;
    printf("third hour of each day:");
    for (int day = 0; day < DAYS; day++)
        printf(" %.1f", (double)column[day]);
    printf("\n");
    return 0;
}

int
main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FILE\n", argv[0]);
        return 2;
    }
    return write_measurements(argv[1]) || read_column(argv[1]);
}
