/* More data than fits one request to an HSDS comfortably: 24 MB in chunks, whole and in parts. */
#include "check.h"

enum { ROWS = 1536, COLUMNS = 2048 };

static double
value_at(hsize_t row, hsize_t column)
{
    return (double)row * 0.5 + (double)column * 1024;
}

static void
check_box(hid_t dataset, hsize_t row, hsize_t column)
{
    const hsize_t start[2] = {row, column}, count[2] = {64, 64};
    static double box[64][64];
    hid_t         space  = OK(H5Dget_space(dataset));
    hid_t         memory = OK(H5Screate_simple(2, count, NULL));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL));
    OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, box));
    for (hsize_t i = 0; i < 64; i++)
        for (hsize_t j = 0; j < 64; j++)
            CHECK(box[i][j] == value_at(row + i, column + j));
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
}

int
main(int argc, char **argv)
{
    const char   *name    = file_name(argc, argv);
    const hsize_t dims[2] = {ROWS, COLUMNS}, chunk[2] = {256, 512};
    double       *data = malloc(sizeof(double) * ROWS * COLUMNS), *found = malloc(sizeof(double) * ROWS * COLUMNS);
    CHECK(data != NULL && found != NULL);
    for (hsize_t i = 0; i < ROWS; i++)
        for (hsize_t j = 0; j < COLUMNS; j++)
            data[i * COLUMNS + j] = value_at(i, j);

    hid_t file    = new_file(name);
    hid_t dcpl    = chunked(2, chunk);
    hid_t dataset = new_dataset(file, "large", H5T_IEEE_F64LE, 2, dims, dcpl);
    OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dclose(dataset));
    OK(H5Pclose(dcpl));
    OK(H5Fclose(file));

    file    = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    dataset = OK(H5Dopen2(file, "large", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    CHECK(memcmp(data, found, sizeof(double) * ROWS * COLUMNS) == 0);
    for (hsize_t i = 0; i < 8; i++)
        check_box(dataset, i * 180, i * 280);
    printf("all %d values are right\n", ROWS * COLUMNS);
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    free(found);
    free(data);
    return 0;
}
