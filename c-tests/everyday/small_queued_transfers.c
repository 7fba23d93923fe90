/* Event sets with very many small transfers: elements and rows that a connector may put together, with reads
 * in between, which must see what was written before them and nothing of what comes after. */
#include "check.h"

enum { ROWS = 60, COLUMNS = 8, LOOKS = 6, STEPS = 1200 };

/* Waits for everything and says whether it went well. */
static void
finish(hid_t es, const char *what)
{
    size_t  left;
    hbool_t failed;
    OK(H5ESwait(es, H5ES_WAIT_FOREVER, &left, &failed));
    printf("%s: %zu left, %s\n", what, left, failed ? "failed" : "done");
}

static hid_t
table(hid_t file, const char *name, hid_t type, hid_t dcpl)
{
    const hsize_t dims[2] = {ROWS, COLUMNS};
    return new_dataset(file, name, type, 2, dims, dcpl);
}

/* A sum in which each element has its own weight. */
static long long
weighed(const int *values, size_t count)
{
    long long sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (long long)(i + 1) * values[i];
    return sum;
}

/* Queues one row, from a buffer that is used for something else at once. */
static void
write_row(hid_t dataset, hsize_t row, int value, hid_t es)
{
    const hsize_t start[2] = {row, 0}, count[2] = {1, COLUMNS};
    hid_t         space = OK(H5Dget_space(dataset)), memory = OK(H5Screate_simple(2, count, NULL));
    int           values[COLUMNS];
    for (int i = 0; i < COLUMNS; i++)
        values[i] = value + i;
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL));
    OK(H5Dwrite_async(dataset, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, values, es));
    memset(values, 0x55, sizeof values);
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
}

static void
write_element(hid_t dataset, hsize_t row, hsize_t column, int value, hid_t es)
{
    const hsize_t at[2] = {row, column};
    hid_t         space = OK(H5Dget_space(dataset)), memory = OK(H5Screate(H5S_SCALAR));
    OK(H5Sselect_elements(space, H5S_SELECT_SET, 1, at));
    OK(H5Dwrite_async(dataset, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, &value, es));
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
}

static void
read_later(hid_t dataset, int *values, hid_t es)
{
    OK(H5Dread_async(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values, es));
}

/* Rows one after the other, with a read now and then. */
static void
rows(hid_t file, hid_t type, hid_t dcpl, const char *name, hid_t es)
{
    static int seen[LOOKS][ROWS * COLUMNS];
    hid_t      dataset = table(file, name, type, dcpl);
    for (int row = 0; row < ROWS; row++) {
        write_row(dataset, (hsize_t)row, 100 * row, es);
        if (row % (ROWS / LOOKS) == 0)
            read_later(dataset, seen[row / (ROWS / LOOKS)], es);
    }
    OK(H5Dclose_async(dataset, es));
    finish(es, name);
    for (int look = 0; look < LOOKS; look++)
        printf(" %lld", weighed(seen[look], ROWS * COLUMNS));
    printf("\n");
}

/* Rows backwards and twice, and two datasets by turns: the last write of an element counts. */
static void
by_turns(hid_t file, hid_t es)
{
    static int    seen[4][ROWS * COLUMNS];
    const hsize_t chunk[2] = {7, 3};
    hid_t         dcpl = chunked(2, chunk), one = table(file, "one", H5T_STD_I32LE, H5P_DEFAULT);
    hid_t         two = table(file, "two", H5T_STD_I32BE, dcpl);
    for (int row = ROWS; row-- > 0;) {
        write_row(one, (hsize_t)row, row, es);
        write_row(two, (hsize_t)(ROWS - 1 - row), -row, es);
        write_row(one, (hsize_t)row, 2 * row, es);
        if (row == ROWS / 2) {
            read_later(one, seen[0], es);
            read_later(two, seen[1], es);
        }
    }
    read_later(one, seen[2], es);
    /* A call without event set comes after what is queued, and what is queued then after it. */
    int zeros[ROWS * COLUMNS];
    memset(zeros, 0, sizeof zeros);
    OK(H5Dwrite(two, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros));
    write_row(two, 3, 33, es);
    read_later(two, seen[3], es);
    finish(es, "by turns");
    for (int look = 0; look < 4; look++)
        printf(" %lld", weighed(seen[look], ROWS * COLUMNS));
    printf("\n");
    OK(H5Dclose(one));
    OK(H5Dclose(two));
    OK(H5Pclose(dcpl));
}

/* More single elements than may wait at once, the same ones again and again, in two sets. */
static void
elements(hid_t file, hid_t es)
{
    static int seen[3][ROWS * COLUMNS];
    hid_t      other   = OK(H5EScreate());
    hid_t      dataset = table(file, "elements", H5T_STD_I16LE, H5P_DEFAULT);
    for (int step = 0; step < STEPS; step++) {
        const int at = step * 7 % (ROWS * COLUMNS);
        write_element(dataset, (hsize_t)(at / COLUMNS), (hsize_t)(at % COLUMNS), step,
                      step % 3 ? es : other);
        if (step % (STEPS / 2) == 100)
            read_later(dataset, seen[step / (STEPS / 2)], step % 2 ? es : other);
    }
    finish(es, "elements");
    finish(other, "elements of another set");
    read_later(dataset, seen[2], es);
    OK(H5Dclose(dataset));
    finish(es, "elements, read by closing");
    for (int look = 0; look < 3; look++)
        printf(" %lld", weighed(seen[look], ROWS * COLUMNS));
    printf("\n");
    OK(H5ESclose(other));
}

/* A dataset that grows row by row, and texts of any length beside it. */
static void
growing(hid_t file, hid_t es)
{
    static int    seen[2][ROWS * COLUMNS];
    const hsize_t none[2] = {0, COLUMNS}, most[2] = {H5S_UNLIMITED, COLUMNS}, chunk[2] = {4, COLUMNS};
    const hsize_t length[1] = {ROWS};
    hid_t space = OK(H5Screate_simple(2, none, most)), dcpl = chunked(2, chunk), line = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(line, H5T_VARIABLE));
    OK(H5Pset_deflate(dcpl, 4));
    hid_t dataset = OK(H5Dcreate2(file, "growing", H5T_STD_I64LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    hid_t texts   = new_dataset(file, "texts", line, 1, length, H5P_DEFAULT);
    hid_t one     = OK(H5Screate(H5S_SCALAR)), where = OK(H5Screate_simple(1, length, NULL));
    for (int row = 0; row < ROWS; row++) {
        const hsize_t extent[2] = {(hsize_t)row + 1, COLUMNS}, at[1] = {(hsize_t)row};
        char          text[16];
        const char   *pointer = text;
        OK(H5Dset_extent_async(dataset, extent, es));
        write_row(dataset, (hsize_t)row, row * row, es);
        snprintf(text, sizeof text, "%.*s%d", row % 7, "abcdefg", row);
        OK(H5Sselect_elements(where, H5S_SELECT_SET, 1, at));
        OK(H5Dwrite_async(texts, line, one, where, H5P_DEFAULT, &pointer, es));
        memset(text, 'x', sizeof text - 1);
        if (row == ROWS / 2)
            read_later(dataset, seen[0], es);
    }
    char *found[ROWS];
    OK(H5Fflush_async(file, H5F_SCOPE_LOCAL, es));
    read_later(dataset, seen[1], es);
    OK(H5Dread_async(texts, line, H5S_ALL, H5S_ALL, H5P_DEFAULT, found, es));
    finish(es, "growing");
    printf(" %lld %lld, texts '%s' '%s' '%s'\n", weighed(seen[0], (ROWS / 2 + 1) * COLUMNS),
           weighed(seen[1], ROWS * COLUMNS), found[0], found[13], found[ROWS - 1]);
    OK(H5Sselect_all(where));
    OK(H5Treclaim(line, where, H5P_DEFAULT, found));
    OK(H5Dclose_async(texts, es));
    OK(H5Dclose_async(dataset, es));
    finish(es, "grown");
    OK(H5Sclose(one));
    OK(H5Sclose(where));
    OK(H5Sclose(space));
    OK(H5Tclose(line));
    OK(H5Pclose(dcpl));
}

/* Calls that are refused put nothing into the set and harm none of their neighbours. */
static void
refused(hid_t file, hid_t es)
{
    static int seen[ROWS * COLUMNS];
    size_t     count;
    hbool_t    failed;
    hid_t      dataset = table(file, "refused", H5T_STD_I32LE, H5P_DEFAULT);
    hid_t      space = OK(H5Dget_space(dataset)), three = OK(H5Screate_simple(1, (hsize_t[]){3}, NULL));
    hid_t      text = OK(H5Tcopy(H5T_C_S1));
    for (int row = 0; row < ROWS; row++) {
        const hsize_t start[2] = {(hsize_t)row, COLUMNS - 1}, wide[2] = {1, 2};
        write_row(dataset, (hsize_t)row, row, es);
        /* Beyond the extent, another number of elements, no buffer, no conversion. */
        OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, wide, NULL));
        FAILS(H5Dwrite_async(dataset, H5T_NATIVE_INT, H5S_ALL, space, H5P_DEFAULT, seen, es));
        FAILS(H5Dwrite_async(dataset, H5T_NATIVE_INT, three, H5S_ALL, H5P_DEFAULT, seen, es));
        FAILS(H5Dwrite_async(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, NULL, es));
        FAILS(H5Dwrite_async(dataset, text, H5S_ALL, H5S_ALL, H5P_DEFAULT, seen, es));
    }
    read_later(dataset, seen, es);
    finish(es, "refused");
    OK(H5ESget_err_status(es, &failed));
    OK(H5ESget_count(es, &count));
    printf(" %lld, %s, %zu\n", weighed(seen, ROWS * COLUMNS), failed ? "failed" : "no failure", count);
    OK(H5Tclose(text));
    OK(H5Sclose(three));
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));
}

/* What is in the file when everything was closed. */
static void
look(const char *name)
{
    static const char *const names[] = {"contiguous", "chunked", "converted", "one", "two", "elements", "growing", "refused"};
    static int               seen[ROWS * COLUMNS];
    hid_t                    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        hid_t dataset = OK(H5Dopen2(file, names[i], H5P_DEFAULT));
        OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, seen));
        printf("stored %s: %lld\n", names[i], weighed(seen, ROWS * COLUMNS));
        OK(H5Dclose(dataset));
    }
    OK(H5Fclose(file));
}

int
main(int argc, char **argv)
{
    const char   *name     = file_name(argc, argv);
    const hsize_t chunk[2] = {5, 4};
    hid_t         file = new_file(name), es = OK(H5EScreate()), dcpl = chunked(2, chunk);
    rows(file, H5T_STD_I32LE, H5P_DEFAULT, "contiguous", es);
    rows(file, H5T_STD_I32LE, dcpl, "chunked", es);
    rows(file, H5T_IEEE_F64BE, H5P_DEFAULT, "converted", es);
    by_turns(file, es);
    elements(file, es);
    growing(file, es);
    refused(file, es);
    OK(H5Pclose(dcpl));
    /* Closed with writes on their way, and opened while it is being closed. */
    hid_t dataset = OK(H5Dopen2(file, "one", H5P_DEFAULT));
    for (hsize_t row = 0; row < ROWS; row += 3)
        write_row(dataset, row, (int)row, es);
    OK(H5Dclose_async(dataset, es));
    OK(H5Fclose_async(file, es));
    look(name);
    finish(es, "closed");
    OK(H5ESclose(es));
    return 0;
}
