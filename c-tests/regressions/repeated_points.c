/* Points listed more than once: of several writes to one element the last wins, and a read gives
 * each place its own copy of variable-length data. Strings and sequences are written by points, too. */
#include "check.h"

enum { ROWS = 4, COLUMNS = 10 };

static void
write_points(hid_t dataset, hsize_t count, const hsize_t *points, const int *values)
{
    hid_t memory = OK(H5Screate_simple(1, &count, NULL));
    hid_t space  = OK(H5Dget_space(dataset));
    OK(H5Sselect_elements(space, H5S_SELECT_SET, (size_t)count, points));
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, values));
    OK(H5Sclose(space));
    OK(H5Sclose(memory));
}

static void
check_contents(hid_t dataset, int expected[ROWS][COLUMNS])
{
    int found[ROWS][COLUMNS];
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int row = 0; row < ROWS; row++) {
        for (int column = 0; column < COLUMNS; column++)
            SAME(found[row][column], expected[row][column]);
        print_ints("row", found[row], COLUMNS);
    }
}

static void
last_write_wins(hid_t file)
{
    enum { MANY = 20 };
    const hsize_t dims[2]              = {ROWS, COLUMNS};
    const hsize_t few[5][2]            = {{0, 0}, {0, 1}, {1, 0}, {1, 0}, {1, 1}};
    const int     values[5]            = {1, 2, 111, 3, 4};
    int           expected[ROWS][COLUMNS] = {{1, 2}, {3, 4}};
    hsize_t       points[MANY][2];
    int           numbers[MANY];
    hid_t         dataset = new_dataset(file, "numbers", H5T_STD_I32LE, 2, dims, H5P_DEFAULT);
    write_points(dataset, 5, &few[0][0], values);
    check_contents(dataset, expected);

    /* Scattered points with the last six the same: too irregular for slabs. */
    for (int i = 0; i < MANY; i++) {
        points[i][0] = i < MANY - 6 ? (hsize_t)(i * 7 % 4) : 2;
        points[i][1] = i < MANY - 6 ? (hsize_t)(i * 3 % 5 * 2) : 2;
        numbers[i]   = 1000 + i;
        expected[points[i][0]][points[i][1]] = numbers[i];
    }
    write_points(dataset, MANY, &points[0][0], numbers);
    check_contents(dataset, expected);
    OK(H5Dclose(dataset));
}

static void
each_its_own_copy(hid_t file)
{
    enum { COUNT = 12, PICKED = 7 };
    const hsize_t dims[1] = {COUNT}, picked[1] = {PICKED};
    const hsize_t points[PICKED] = {0, 2, 4, 6, 8, 10, 0};
    const char   *data[COUNT]    = {"a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "a10", "a11"};
    char         *found[PICKED]  = {NULL};
    hid_t         type           = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(type, H5T_VARIABLE));
    hid_t memory  = OK(H5Screate_simple(1, picked, NULL));
    hid_t dataset = new_dataset(file, "strings", type, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    hid_t space = OK(H5Dget_space(dataset));
    OK(H5Sselect_elements(space, H5S_SELECT_SET, PICKED, points));
    OK(H5Dread(dataset, type, memory, space, H5P_DEFAULT, found));
    for (int i = 0; i < PICKED; i++) {
        SAME_TEXT(found[i], data[points[i]]);
        printf("string %d: %s\n", i, found[i]);
    }
    CHECK(found[0] != found[PICKED - 1]);
    OK(H5Treclaim(type, memory, H5P_DEFAULT, found));
    OK(H5Sclose(space));
    OK(H5Sclose(memory));
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
}

/* Writes five of twelve elements by points, one of them twice, and prints them all. */
static void
variable_size(hid_t file, const char *name, hid_t type, const void *data, void (*print)(void *), void *found)
{
    const hsize_t dims[2] = {4, 3}, picked[1] = {5};
    const hsize_t points[5][2] = {{3, 2}, {0, 1}, {2, 2}, {0, 1}, {1, 0}};
    hid_t         memory  = OK(H5Screate_simple(1, picked, NULL));
    hid_t         dataset = new_dataset(file, name, type, 2, dims, H5P_DEFAULT);
    hid_t         space   = OK(H5Dget_space(dataset));
    OK(H5Sselect_elements(space, H5S_SELECT_SET, 5, &points[0][0]));
    OK(H5Dwrite(dataset, type, memory, space, H5P_DEFAULT, data));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print(found);
    OK(H5Sselect_all(space));
    OK(H5Treclaim(type, space, H5P_DEFAULT, found));
    OK(H5Sclose(space));
    OK(H5Sclose(memory));
    OK(H5Dclose(dataset));
}

static void
print_strings(void *found)
{
    for (int i = 0; i < 12; i++)
        printf("%d %s\n", i, ((char **)found)[i] ? ((char **)found)[i] : "");
}

static void
print_sequences(void *found)
{
    for (int i = 0; i < 12; i++) {
        const hvl_t *sequence = (hvl_t *)found + i;
        char         name[20];
        snprintf(name, sizeof name, "sequence %d", i);
        print_ints(name, sequence->p, sequence->len);
    }
}

static void
of_variable_size(hid_t file)
{
    const char *words[5]     = {"three", "lost", "two", "once", "one"};
    int         numbers[5]   = {1, 2, 3, 4, 5};
    hvl_t       sequences[5] = {{1, numbers}, {5, numbers}, {2, numbers}, {3, numbers}, {4, numbers}};
    char       *strings[12];
    hvl_t       found[12];
    hid_t       type = OK(H5Tcopy(H5T_C_S1)), list = OK(H5Tvlen_create(H5T_NATIVE_INT));
    OK(H5Tset_size(type, H5T_VARIABLE));
    variable_size(file, "words", type, words, print_strings, strings);
    variable_size(file, "sequences", list, sequences, print_sequences, found);
    OK(H5Tclose(list));
    OK(H5Tclose(type));
}

int
main(int argc, char **argv)
{
    hid_t file = new_file(file_name(argc, argv));
    last_write_wins(file);
    each_its_own_copy(file);
    of_variable_size(file);
    OK(H5Fclose(file));
    return 0;
}
