/* Elements that are arrays of arrays, alone, in compounds and in attributes. */
#include "check.h"

#define COUNT 4

typedef struct {
    int   grid[3][2][2];
    float weight;
} cell_t;

/* int[3] of int[2][2]. */
static hid_t
nested(void)
{
    hsize_t inner[2] = {2, 2}, outer[1] = {3};
    hid_t   small = OK(H5Tarray_create2(H5T_NATIVE_INT, 2, inner));
    hid_t   type  = OK(H5Tarray_create2(small, 1, outer));
    OK(H5Tclose(small));
    return type;
}

static void
plain(hid_t file)
{
    int     values[COUNT][3][2][2], found[COUNT][3][2][2] = {0};
    hsize_t dims[1] = {COUNT}, one[1] = {1}, at[1] = {2};
    hid_t   type  = nested();
    hid_t   space = OK(H5Screate_simple(1, dims, NULL));
    for (int n = 0; n < COUNT * 12; n++)
        (&values[0][0][0][0])[n] = 7 * n - 20;
    hid_t dataset = new_dataset(file, "nested", type, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    hid_t unit = OK(H5Acreate2(dataset, "nested", type, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(unit, type, values));
    OK(H5Aclose(unit));
    OK(H5Dclose(dataset));
    OK(H5Fflush(file, H5F_SCOPE_GLOBAL));

    dataset      = OK(H5Dopen2(file, "nested", H5P_DEFAULT));
    hid_t stored = OK(H5Dget_type(dataset));
    printf("the same type: %d, %d dimensions\n", H5Tequal(stored, type) > 0, H5Tget_array_ndims(stored));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print_ints("all", &found[0][0][0][0], COUNT * 12);
    hid_t single = OK(H5Screate_simple(1, one, NULL));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, at, NULL, one, NULL));
    memset(found, 0, sizeof found);
    OK(H5Dread(dataset, type, single, space, H5P_DEFAULT, found));
    print_ints("one", &found[0][0][0][0], 12);
    unit = OK(H5Aopen(dataset, "nested", H5P_DEFAULT));
    OK(H5Aread(unit, type, found));
    print_ints("attribute", &found[0][0][0][0], COUNT * 12);
    OK(H5Aclose(unit));
    OK(H5Tclose(stored));
    OK(H5Dclose(dataset));
    OK(H5Sclose(single));
    OK(H5Sclose(space));
    OK(H5Tclose(type));
}

static void
within_compounds(hid_t file)
{
    cell_t  cells[2], found[2];
    hsize_t dims[1] = {2};
    hid_t   grid = nested();
    hid_t   type = OK(H5Tcreate(H5T_COMPOUND, sizeof(cell_t)));
    OK(H5Tinsert(type, "grid", HOFFSET(cell_t, grid), grid));
    OK(H5Tinsert(type, "weight", HOFFSET(cell_t, weight), H5T_NATIVE_FLOAT));
    memset(cells, 0, sizeof cells);
    for (int n = 0; n < 24; n++)
        (&cells[n / 12].grid[0][0][0])[n % 12] = n * n;
    cells[0].weight = 0.5f;
    cells[1].weight = -3;
    hid_t dataset   = new_dataset(file, "cells", type, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, cells));
    OK(H5Dclose(dataset));
    OK(H5Fflush(file, H5F_SCOPE_GLOBAL));
    dataset = OK(H5Dopen2(file, "cells", H5P_DEFAULT));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int n = 0; n < 2; n++) {
        print_ints("grid", &found[n].grid[0][0][0], 12);
        printf("weight: %g\n", (double)found[n].weight);
    }
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
    OK(H5Tclose(grid));
}

int
main(int argc, char **argv)
{
    hid_t file = OK(H5Fcreate(file_name(argc, argv), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    plain(file);
    within_compounds(file);
    OK(H5Fclose(file));
    return 0;
}
