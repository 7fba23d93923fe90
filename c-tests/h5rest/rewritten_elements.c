/* A column of strings lies in very many chunks, more than a server changes along with other changes;
 * one of its elements is written again at once. What was written last counts. */
#include "check.h"

enum { ROWS = 600, COLUMNS = 16384 };

/* The first elements of some rows, and memory for them. */
static void
rows_of(hid_t dataset, hsize_t from, hsize_t rows, hid_t *memory, hid_t *place)
{
    hsize_t start[] = {from, 0}, count[] = {rows, 1};
    *place  = OK(H5Dget_space(dataset));
    *memory = OK(H5Screate_simple(1, &rows, NULL));
    OK(H5Sselect_hyperslab(*place, H5S_SELECT_SET, start, NULL, count, NULL));
}

static void
write_rows(hid_t dataset, hid_t type, hsize_t from, hsize_t rows, const char *words)
{
    const char *elements[ROWS];
    hid_t       memory, place;
    for (int row = 0; row < ROWS; row++)
        elements[row] = words;
    rows_of(dataset, from, rows, &memory, &place);
    OK(H5Dwrite(dataset, type, memory, place, H5P_DEFAULT, elements));
    OK(H5Sclose(memory));
    OK(H5Sclose(place));
}

static void
print_rows(hid_t dataset, hid_t type, hsize_t from, hsize_t rows)
{
    char *elements[ROWS];
    hid_t memory, place;
    rows_of(dataset, from, rows, &memory, &place);
    OK(H5Dread(dataset, type, memory, place, H5P_DEFAULT, elements));
    for (hsize_t row = 0; row < rows; row++)
        printf("row %d: %s\n", (int)(from + row), elements[row]);
    OK(H5Dvlen_reclaim(type, memory, H5P_DEFAULT, elements));
    OK(H5Sclose(memory));
    OK(H5Sclose(place));
}

int
main(int argc, char **argv)
{
    const hsize_t dims[] = {ROWS, COLUMNS}, chunk[] = {1, COLUMNS};
    hid_t         file = new_file(file_name(argc, argv));
    hid_t         type = OK(H5Tcopy(H5T_C_S1));
    hid_t         dcpl = chunked(2, chunk);
    OK(H5Tset_size(type, H5T_VARIABLE));
    hid_t dataset = new_dataset(file, "strings", type, 2, dims, dcpl);
    write_rows(dataset, type, 0, ROWS, "first");
    write_rows(dataset, type, 5, 1, "second");
    OK(H5Fflush(file, H5F_SCOPE_LOCAL));
    print_rows(dataset, type, 4, 3);
    OK(H5Pclose(dcpl));
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
    OK(H5Fclose(file));
    return 0;
}
