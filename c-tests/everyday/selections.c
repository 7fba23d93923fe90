/* Parts of datasets: hyperslabs, blocks, points and their combinations, written and read. */
#include "check.h"

enum { ROWS = 12, COLUMNS = 10, COUNT = ROWS * COLUMNS };

static void
print_all(const char *label, hid_t dataset)
{
    int values[ROWS][COLUMNS];
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    printf("%s\n", label);
    for (int row = 0; row < ROWS; row++)
        print_ints("", values[row], COLUMNS);
}

/* Writes 1, 2, 3 ... to the selected elements, then reads them back the same way. */
static void
write_selected(hid_t dataset, hid_t file_space, int first)
{
    hsize_t count = (hsize_t)H5Sget_select_npoints(file_space);
    int     values[COUNT], found[COUNT];
    for (int i = 0; i < (int)count; i++)
        values[i] = first + i;
    hid_t memory_space = OK(H5Screate_simple(1, &count, NULL));
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, memory_space, file_space, H5P_DEFAULT, values));
    OK(H5Dread(dataset, H5T_NATIVE_INT, memory_space, file_space, H5P_DEFAULT, found));
    CHECK(memcmp(values, found, count * sizeof *values) == 0);
    OK(H5Sclose(memory_space));
}

static void
all_shapes(hid_t file, const char *name, hid_t dcpl)
{
    const hsize_t dims[2] = {ROWS, COLUMNS};
    int           zeros[ROWS][COLUMNS] = {{0}};
    hid_t         dataset = new_dataset(file, name, H5T_STD_I32LE, 2, dims, dcpl);
    hid_t         space   = OK(H5Dget_space(dataset));
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros));

    const hsize_t box_start[2] = {1, 2}, box_count[2] = {3, 4};
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, box_start, NULL, box_count, NULL));
    write_selected(dataset, space, 100);

    const hsize_t start[2] = {0, 1}, stride[2] = {4, 3}, count[2] = {3, 3}, block[2] = {2, 1};
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, stride, count, block));
    write_selected(dataset, space, 200);

    const hsize_t points[4][2] = {{11, 9}, {0, 0}, {5, 5}, {11, 0}};
    OK(H5Sselect_elements(space, H5S_SELECT_SET, 4, &points[0][0]));
    write_selected(dataset, space, 300);

    const hsize_t left_start[2] = {8, 0}, left_count[2] = {3, 3};
    const hsize_t right_start[2] = {9, 2}, right_count[2] = {3, 5};
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, left_start, NULL, left_count, NULL));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_OR, right_start, NULL, right_count, NULL));
    write_selected(dataset, space, 400);

    const hsize_t hole_start[2] = {9, 1}, hole_count[2] = {1, 3};
    OK(H5Sselect_hyperslab(space, H5S_SELECT_NOTB, hole_start, NULL, hole_count, NULL));
    write_selected(dataset, space, 500);

    OK(H5Sselect_none(space));
    write_selected(dataset, space, 600);

    print_all(name, dataset);
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));
}

/* The same number of elements in another arrangement, in memory that is larger than the part. */
static void
other_shape_in_memory(hid_t file, const char *name)
{
    const hsize_t memory_dims[3] = {3, 4, 5};
    const hsize_t memory_start[3] = {1, 0, 1}, memory_count[3] = {2, 3, 2};
    const hsize_t start[2] = {2, 3}, count[2] = {4, 3};
    int           memory[60];
    for (int i = 0; i < 60; i++)
        memory[i] = -1;

    hid_t dataset      = OK(H5Dopen2(file, name, H5P_DEFAULT));
    hid_t file_space   = OK(H5Dget_space(dataset));
    hid_t memory_space = OK(H5Screate_simple(3, memory_dims, NULL));
    OK(H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start, NULL, count, NULL));
    OK(H5Sselect_hyperslab(memory_space, H5S_SELECT_SET, memory_start, NULL, memory_count, NULL));
    OK(H5Dread(dataset, H5T_NATIVE_INT, memory_space, file_space, H5P_DEFAULT, memory));
    print_ints("scattered", memory, 60);
    OK(H5Sclose(memory_space));
    OK(H5Sclose(file_space));
    OK(H5Dclose(dataset));
}

static void
refusals(hid_t file, const char *name)
{
    int           values[COUNT] = {0};
    const hsize_t three[1] = {3}, start[2] = {10, 8}, count[2] = {4, 4};
    hid_t         dataset = OK(H5Dopen2(file, name, H5P_DEFAULT));
    hid_t         space   = OK(H5Dget_space(dataset));
    hid_t         memory  = OK(H5Screate_simple(1, three, NULL));
    FAILS(H5Dread(dataset, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, values));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL));
    FAILS(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, space, H5P_DEFAULT, values));
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));
}

int
main(int argc, char **argv)
{
    const char   *name     = file_name(argc, argv);
    hid_t         file     = new_file(name);
    const hsize_t chunk[2] = {5, 4};
    hid_t         dcpl     = chunked(2, chunk);
    all_shapes(file, "contiguous", H5P_DEFAULT);
    all_shapes(file, "chunked", dcpl);
    OK(H5Pclose(dcpl));
    refusals(file, "chunked");
    OK(H5Fclose(file));

    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    other_shape_in_memory(file, "contiguous");
    other_shape_in_memory(file, "chunked");
    hid_t dataset = OK(H5Dopen2(file, "chunked", H5P_DEFAULT));
    print_all("again", dataset);
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    return 0;
}
