/* Writes or reads a chunked dataset of some MiB in pieces, and prints how many seconds that took with
 * opening and closing: bytes write|read FILE MIB MIB-OF-A-PIECE. What is read must be what was
 * written. */

#include <time.h>

#include "../everyday/check.h"

/* A row has 8 KiB, a chunk 1 MiB. */
enum { COLUMNS = 1024, ROWS_OF_MIB = 128 };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double element(hsize_t row, int column)
{
    return (double)row + column / 2048.0;
}

static void fill(double *piece, hsize_t first, hsize_t rows)
{
    for (hsize_t row = 0; row < rows; row++)
        for (int column = 0; column < COLUMNS; column++)
            piece[row * COLUMNS + column] = element(first + row, column);
}

static void verify(const double *piece, hsize_t first, hsize_t rows)
{
    for (hsize_t row = 0; row < rows; row++)
        for (int column = 0; column < COLUMNS; column++)
            CHECK(piece[row * COLUMNS + column] == element(first + row, column));
}

int main(int argc, char **argv)
{
    CHECK(argc == 5);
    bool writes = strcmp(argv[1], "write") == 0;
    hsize_t rows = strtoull(argv[3], NULL, 10) * ROWS_OF_MIB;
    hsize_t at_once = strtoull(argv[4], NULL, 10) * ROWS_OF_MIB;
    const hsize_t dims[] = {rows, COLUMNS}, chunk[] = {ROWS_OF_MIB, COLUMNS};
    CHECK(rows > 0 && at_once > 0 && rows % at_once == 0);
    double *piece = malloc(at_once * COLUMNS * sizeof *piece);
    CHECK(piece);

    double spent = -seconds();
    hid_t file = writes ? OK(H5Fcreate(argv[2], H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT))
                        : OK(H5Fopen(argv[2], H5F_ACC_RDONLY, H5P_DEFAULT));
    hid_t dcpl = chunked(2, chunk);
    hid_t dataset = writes ? new_dataset(file, "data", H5T_IEEE_F64LE, 2, dims, dcpl)
                           : OK(H5Dopen2(file, "data", H5P_DEFAULT));
    hid_t space = OK(H5Dget_space(dataset));
    const hsize_t count[] = {at_once, COLUMNS};
    hid_t memory = OK(H5Screate_simple(2, count, NULL));
    for (hsize_t first = 0; first < rows; first += at_once) {
        const hsize_t start[] = {first, 0};
        OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL));
        if (writes) {
            spent += seconds();
            fill(piece, first, at_once);
            spent -= seconds();
            OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, piece));
        } else {
            OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, piece));
            spent += seconds();
            verify(piece, first, at_once);
            spent -= seconds();
        }
    }
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
    OK(H5Pclose(dcpl));
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    spent += seconds();
    printf("%.6f\n", spent);
    free(piece);
    return 0;
}
