/* Elements and rows one by one, in and out of order, mixed with everything that must not overtake
 * them: larger transfers, other handles, new extents, copies, flushes and closing. */
#include "check.h"

static int
value_at(hsize_t row, hsize_t column)
{
    return (int)(row * 1000 + column);
}

/* Moves one box of ints. */
static void
move(bool write, hid_t dataset, hsize_t row, hsize_t column, hsize_t rows, hsize_t columns, int *values)
{
    const hsize_t start[2] = {row, column}, count[2] = {rows, columns};
    hid_t         space  = OK(H5Dget_space(dataset));
    hid_t         memory = OK(H5Screate_simple(2, count, NULL));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL));
    if (write)
        OK(H5Dwrite(dataset, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, values));
    else
        OK(H5Dread(dataset, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, values));
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
}

static void
put(hid_t dataset, hsize_t row, hsize_t column, int value)
{
    move(true, dataset, row, column, 1, 1, &value);
}

static int
get(hid_t dataset, hsize_t row, hsize_t column)
{
    int value = -1;
    move(false, dataset, row, column, 1, 1, &value);
    return value;
}

/* Sum and a mixture of all elements, whole. */
static void
print_sum(const char *label, hid_t dataset)
{
    hsize_t dims[2];
    hid_t   space = OK(H5Dget_space(dataset));
    OK(H5Sget_simple_extent_dims(space, dims, NULL));
    OK(H5Sclose(space));
    size_t    count  = (size_t)(dims[0] * dims[1]);
    int      *values = malloc((count + 1) * sizeof(int));
    long long sum = 0, mixed = 0;
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    for (size_t i = 0; i < count; i++) {
        sum += values[i];
        mixed = (mixed * 31 + values[i]) % 1000003;
    }
    printf("%s: %llu x %llu, sum %lld, mixed %lld\n", label, (unsigned long long)dims[0],
           (unsigned long long)dims[1], sum, mixed);
    free(values);
}

static hid_t
growing(hid_t file, const char *name, hid_t dapl)
{
    const hsize_t dims[2] = {0, 20}, most[2] = {H5S_UNLIMITED, H5S_UNLIMITED}, chunk[2] = {16, 7};
    int           fill  = -5;
    hid_t         space = OK(H5Screate_simple(2, dims, most));
    hid_t         dcpl  = chunked(2, chunk);
    OK(H5Pset_fill_value(dcpl, H5T_NATIVE_INT, &fill));
    hid_t dataset = OK(H5Dcreate2(file, name, H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, dapl));
    OK(H5Pclose(dcpl));
    OK(H5Sclose(space));
    return dataset;
}

static void
resize(hid_t dataset, hsize_t rows, hsize_t columns)
{
    const hsize_t dims[2] = {rows, columns};
    OK(H5Dset_extent(dataset, dims));
}

static void
append_rows(hid_t dataset, hsize_t from, hsize_t to)
{
    int row[20];
    for (hsize_t i = from; i < to; i++) {
        for (int j = 0; j < 20; j++)
            row[j] = value_at(i, (hsize_t)j);
        resize(dataset, i + 1, 20);
        move(true, dataset, i, 0, 1, 20, row);
    }
}

/* In any order, each once. */
static void
every_element(hid_t dataset, hsize_t rows, hsize_t columns)
{
    hsize_t count = rows * columns;
    for (hsize_t n = 0; n < count; n++) {
        hsize_t at = n * 7919 % count;
        put(dataset, at / columns, at % columns, (int)at + 1);
    }
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    hid_t       file = new_file(name);

    hid_t rows = growing(file, "rows", H5P_DEFAULT);
    append_rows(rows, 0, 300);
    printf("read back while it grows: %d %d\n", get(rows, 299, 19), get(rows, 0, 0));
    print_sum("appended", rows);

    /* A larger write over smaller ones, and smaller ones over it. */
    static int block[40 * 20];
    for (int i = 0; i < 800; i++)
        block[i] = -i;
    for (hsize_t i = 0; i < 40; i++)
        put(rows, i + 10, i % 20, 77);
    move(true, rows, 20, 0, 40, 20, block);
    for (hsize_t i = 0; i < 40; i++)
        put(rows, i + 30, i % 7, 99);
    print_sum("overwritten", rows);

    /* Two handles of one dataset. */
    hid_t same = OK(H5Dopen2(file, "rows", H5P_DEFAULT));
    put(rows, 5, 5, 12345);
    printf("the other handle: %d\n", get(same, 5, 5));
    put(same, 5, 6, 54321);
    OK(H5Dclose(same));
    printf("after closing it: %d %d\n", get(rows, 5, 5), get(rows, 5, 6));

    /* What is cut off is gone, also when it was written just before. */
    for (hsize_t i = 0; i < 20; i++)
        put(rows, 250, i, 1111);
    resize(rows, 250, 10);
    resize(rows, 260, 20);
    printf("cut off: %d %d %d\n", get(rows, 249, 9), get(rows, 249, 10), get(rows, 250, 0));
    put(rows, 255, 3, 3);
    append_rows(rows, 260, 270);
    print_sum("cut and grown", rows);

    /* A copy has what was written before it. */
    for (hsize_t i = 0; i < 50; i++)
        put(rows, i, 0, (int)i);
    OK(H5Ocopy(file, "rows", file, "copy", H5P_DEFAULT, H5P_DEFAULT));
    put(rows, 0, 0, 4242);
    hid_t copy = OK(H5Dopen2(file, "copy", H5P_DEFAULT));
    printf("the copy: %d, the original: %d\n", get(copy, 0, 0), get(rows, 0, 0));
    print_sum("copied", copy);
    OK(H5Dclose(copy));

    /* Rows of every second element, and points. */
    const hsize_t start[2] = {1, 1}, stride[2] = {3, 2}, count[2] = {5, 4};
    int           few[20];
    hid_t         space  = OK(H5Dget_space(rows));
    hid_t         memory = OK(H5Screate_simple(2, count, NULL));
    for (int i = 0; i < 20; i++)
        few[i] = 500 + i;
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, stride, count, NULL));
    OK(H5Dwrite(rows, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, few));
    printf("strided: %d %d\n", get(rows, 4, 3), get(rows, 4, 4));
    for (int i = 0; i < 10; i++)
        put(rows, 4, (hsize_t)i, 600 + i);
    OK(H5Dread(rows, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, few));
    print_ints("strided again", few, 20);
    const hsize_t points[6] = {4, 1, 4, 2, 100, 19};
    OK(H5Sselect_elements(space, H5S_SELECT_SET, 3, points));
    put(rows, 100, 19, 8);
    const hsize_t three = 3;
    hid_t         line  = OK(H5Screate_simple(1, &three, NULL));
    OK(H5Dread(rows, H5T_NATIVE_INT, line, space, H5P_DEFAULT, few));
    print_ints("points", few, 3);
    OK(H5Dwrite(rows, H5T_NATIVE_INT, line, space, H5P_DEFAULT, block + 50));
    printf("after points: %d %d\n", get(rows, 4, 2), get(rows, 100, 19));
    OK(H5Sclose(line));
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
    OK(H5Dflush(rows));
    print_sum("flushed", rows);
    OK(H5Drefresh(rows));
    print_sum("refreshed", rows);

    /* Any order, without chunks, without a cache, and with one of a single chunk. */
    const hsize_t dims[2] = {37, 41};
    hid_t         plain   = new_dataset(file, "plain", H5T_STD_I32BE, 2, dims, H5P_DEFAULT);
    every_element(plain, 37, 41);
    print_sum("without chunks", plain);
    const size_t bytes[2] = {0, 16 * 7 * 4};
    for (int i = 0; i < 2; i++) {
        char  label[20];
        hid_t dapl = OK(H5Pcreate(H5P_DATASET_ACCESS));
        OK(H5Pset_chunk_cache(dapl, 7, bytes[i], 1));
        snprintf(label, sizeof label, "cache of %d", i);
        hid_t dataset = growing(file, label, dapl);
        resize(dataset, 37, 41);
        every_element(dataset, 37, 30);
        for (hsize_t n = 0; n < 300; n++)
            SAME(get(dataset, n % 37, n % 30), (int)(n % 37 * 30 + n % 30) + 1);
        print_sum(label, dataset);
        OK(H5Dclose(dataset));
        OK(H5Pclose(dapl));
    }

    /* One value, and members of compounds of which the others stay. */
    hid_t scalar = OK(H5Screate(H5S_SCALAR));
    hid_t single = OK(H5Dcreate2(file, "single", H5T_STD_I32LE, scalar, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    for (int i = 0; i < 100; i++)
        OK(H5Dwrite(single, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &i));
    int last;
    OK(H5Dread(single, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &last));
    printf("the last of many: %d\n", last);
    typedef struct {
        int a, b;
    } pair_t;
    hid_t pair = OK(H5Tcreate(H5T_COMPOUND, sizeof(pair_t))), half = OK(H5Tcreate(H5T_COMPOUND, sizeof(int)));
    OK(H5Tinsert(pair, "a", HOFFSET(pair_t, a), H5T_NATIVE_INT));
    OK(H5Tinsert(pair, "b", HOFFSET(pair_t, b), H5T_NATIVE_INT));
    OK(H5Tinsert(half, "b", 0, H5T_NATIVE_INT));
    pair_t two = {1, 2};
    hid_t  both = OK(H5Dcreate2(file, "both", pair, scalar, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Dwrite(both, pair, H5S_ALL, H5S_ALL, H5P_DEFAULT, &two));
    for (int i = 0; i < 10; i++)
        OK(H5Dwrite(both, half, H5S_ALL, H5S_ALL, H5P_DEFAULT, &i));
    OK(H5Dread(both, pair, H5S_ALL, H5S_ALL, H5P_DEFAULT, &two));
    printf("members: %d %d\n", two.a, two.b);

    /* Unlinked with something to send, and closed with the file. */
    put(plain, 0, 0, 1);
    OK(H5Ldelete(file, "plain", H5P_DEFAULT));
    printf("without a link: %d\n", get(plain, 0, 0));
    OK(H5Dclose(plain));
    put(rows, 269, 19, 31337);
    OK(H5Fclose(file));
    OK(H5Dclose(rows));
    OK(H5Dclose(single));
    OK(H5Dclose(both));
    OK(H5Tclose(pair));
    OK(H5Tclose(half));
    OK(H5Sclose(scalar));

    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    rows = OK(H5Dopen2(file, "rows", H5P_DEFAULT));
    printf("the next program: %d\n", get(rows, 269, 19));
    print_sum("in the file", rows);
    OK(H5Dclose(rows));
    OK(H5Fclose(file));
    return 0;
}
