/* Small transfers, many times: elements, rows and boxes one by one. Arguments: what to do, and the
 * file. Every value that is read is checked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hdf5.h"

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "line %d: not true: %s\n", __LINE__, #condition);                      \
            H5Eprint2(H5E_DEFAULT, stderr);                                                        \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

enum { ROWS = 2048, COLUMNS = 4096, TIMES = 10000, WIDTH = 16, BOX = 64 };

static hid_t file, set, space, memory;

static void
open_it(const char *name, const char *dataset)
{
    file  = H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT);
    set   = H5Dopen2(file, dataset, H5P_DEFAULT);
    space = H5Dget_space(set);
    CHECK(space >= 0);
}

static void
create_it(const char *name, const char *dataset, hsize_t rows, hsize_t columns, hsize_t chunk_rows,
          hsize_t chunk_columns)
{
    const hsize_t dims[2] = {rows, columns}, most[2] = {H5S_UNLIMITED, columns};
    const hsize_t chunk[2] = {chunk_rows, chunk_columns};
    hid_t         dcpl     = H5Pcreate(H5P_DATASET_CREATE);
    CHECK(H5Pset_chunk(dcpl, 2, chunk) >= 0);
    file  = H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    space = H5Screate_simple(2, dims, most);
    set   = H5Dcreate2(file, dataset, H5T_IEEE_F64LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT);
    CHECK(set >= 0);
    H5Pclose(dcpl);
}

static void
close_it(void)
{
    H5Sclose(space);
    H5Sclose(memory);
    CHECK(H5Dclose(set) >= 0);
    CHECK(H5Fclose(file) >= 0);
}

static void
select_box(hsize_t row, hsize_t column, hsize_t rows, hsize_t columns)
{
    const hsize_t start[2] = {row, column}, count[2] = {rows, columns};
    CHECK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0);
}

static void
memory_of(hsize_t rows, hsize_t columns)
{
    const hsize_t dims[2] = {rows, columns};
    memory                = H5Screate_simple(2, dims, NULL);
}

static void
fill(double *values, hsize_t row, hsize_t column, hsize_t rows, hsize_t columns)
{
    for (hsize_t i = 0; i < rows; i++)
        for (hsize_t j = 0; j < columns; j++)
            values[i * columns + j] = (double)((row + i) * 10000 + column + j);
}

static void
read_box(hsize_t row, hsize_t column, hsize_t rows, hsize_t columns)
{
    static double found[COLUMNS], expected[COLUMNS];
    select_box(row, column, rows, columns);
    CHECK(H5Dread(set, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, found) >= 0);
    fill(expected, row, column, rows, columns);
    CHECK(memcmp(found, expected, sizeof(double) * rows * columns) == 0);
}

static void
write_box(hsize_t row, hsize_t column, hsize_t rows, hsize_t columns)
{
    static double values[COLUMNS];
    select_box(row, column, rows, columns);
    fill(values, row, column, rows, columns);
    CHECK(H5Dwrite(set, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, values) >= 0);
}

static void
make(const char *name)
{
    double *values = malloc(sizeof(double) * ROWS * COLUMNS);
    create_it(name, "d", ROWS, COLUMNS, 256, 1024);
    fill(values, 0, 0, ROWS, COLUMNS);
    CHECK(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    free(values);
    memory = H5Scopy(space);
    close_it();
}

int
main(int argc, char **argv)
{
    CHECK(argc == 3);
    const char *job = argv[1], *name = argv[2];
    srand(1);
    if (strcmp(job, "make") == 0) {
        make(name);
    } else if (strncmp(job, "read-", 5) == 0) {
        open_it(name, "d");
        if (strcmp(job, "read-elements") == 0) {
            memory_of(1, 1);
            for (int n = 0; n < TIMES; n++)
                read_box(256 + (hsize_t)n / 1024, 1024 + (hsize_t)n % 1024, 1, 1);
        } else if (strcmp(job, "read-random-elements") == 0) {
            memory_of(1, 1);
            for (int n = 0; n < TIMES; n++)
                read_box(256 + (hsize_t)rand() % 256, 1024 + (hsize_t)rand() % 1024, 1, 1);
        } else if (strcmp(job, "read-rows") == 0) {
            memory_of(1, COLUMNS);
            for (hsize_t row = 0; row < ROWS; row++)
                read_box(row, 0, 1, COLUMNS);
        } else {
            memory_of(BOX, BOX);
            for (int n = 0; n < 64; n++)
                read_box((hsize_t)rand() % (ROWS - BOX), (hsize_t)rand() % (COLUMNS - BOX), BOX, BOX);
        }
        close_it();
    } else if (strcmp(job, "append-rows") == 0) {
        create_it(name, "d", 0, WIDTH, 1000, WIDTH);
        memory_of(1, WIDTH);
        for (hsize_t row = 0; row < TIMES; row++) {
            const hsize_t dims[2] = {row + 1, WIDTH};
            CHECK(H5Dset_extent(set, dims) >= 0);
            H5Sclose(space);
            space = H5Dget_space(set);
            write_box(row, 0, 1, WIDTH);
        }
        close_it();
    } else if (strcmp(job, "check-rows") == 0) {
        open_it(name, "d");
        memory_of(100, WIDTH);
        for (hsize_t row = 0; row < TIMES; row += 100)
            read_box(row, 0, 100, WIDTH);
        close_it();
    } else if (strcmp(job, "write-elements") == 0) {
        create_it(name, "d", TIMES / WIDTH, WIDTH, 100, WIDTH);
        memory_of(1, 1);
        /* In any order, each once. */
        for (hsize_t n = 0; n < TIMES; n++)
            write_box(n * 7919 % TIMES / WIDTH, n * 7919 % TIMES % WIDTH, 1, 1);
        close_it();
    } else {
        return 2;
    }
    printf("done\n");
    return 0;
}
