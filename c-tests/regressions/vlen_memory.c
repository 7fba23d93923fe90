/* Variable-length data in memory of the program's choice: H5Dvlen_get_buf_size, which reads with an
 * allocator that hands out one growing buffer and frees nothing, and H5Pset_vlen_mem_manager. */
#include "check.h"

enum { COUNT = 4 };

static void
buffer_size_of_strings(hid_t file)
{
    const hsize_t dims[1]     = {COUNT};
    const char   *data[COUNT] = {"a", "bb", "",
                                 "a much longer string than the others, so that a buffer has to grow and to move"};
    hsize_t       size        = 0, expected = 0;
    hid_t         space       = OK(H5Screate_simple(1, dims, NULL));
    hid_t         type        = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(type, H5T_VARIABLE));
    hid_t dataset = new_dataset(file, "strings", type, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    for (int i = 0; i < COUNT; i++)
        expected += strlen(data[i]) + 1;
    OK(H5Dvlen_get_buf_size(dataset, type, space, &size));
    printf("strings need %llu bytes\n", (unsigned long long)size);
    SAME(size, expected);
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
    OK(H5Sclose(space));
}

static void
buffer_size_of_sequences(hid_t file)
{
    static int    numbers[500];
    const hsize_t dims[1]     = {COUNT};
    const hvl_t   data[COUNT] = {{1, numbers}, {0, NULL}, {500, numbers}, {7, numbers}};
    hsize_t       size        = 0;
    hid_t         space       = OK(H5Screate_simple(1, dims, NULL));
    hid_t         ints        = OK(H5Tvlen_create(H5T_NATIVE_INT));
    hid_t         longs       = OK(H5Tvlen_create(H5T_NATIVE_LLONG));
    hid_t         dataset     = new_dataset(file, "sequences", ints, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, ints, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dvlen_get_buf_size(dataset, ints, space, &size));
    printf("sequences of int need %llu bytes\n", (unsigned long long)size);
    SAME(size, 508 * sizeof(int));
    OK(H5Dvlen_get_buf_size(dataset, longs, space, &size));
    printf("converted, they need %llu bytes\n", (unsigned long long)size);
    SAME(size, 508 * sizeof(long long));
    OK(H5Dclose(dataset));
    OK(H5Tclose(longs));
    OK(H5Tclose(ints));
    OK(H5Sclose(space));
}

/* What the program's functions have handed out and not got back. */
struct balance {
    long handed_out;
    long held;
};

static void *
allocate(size_t size, void *info)
{
    struct balance *balance = info;
    balance->handed_out++;
    balance->held++;
    return malloc(size == 0 ? 1 : size);
}

static void
release(void *memory, void *info)
{
    struct balance *balance = info;
    if (memory != NULL)
        balance->held--;
    free(memory);
}

struct record {
    int   id;
    hvl_t numbers;
    char *text;
};

/* The program owns what a read gives it, in its own memory, and the read keeps nothing back. */
static void
own_allocator(hid_t file)
{
    const hsize_t  dims[1]     = {COUNT};
    const char    *texts[COUNT] = {"zero", "one", "two", "three"};
    int            numbers[COUNT] = {10, 20, 30, 40};
    struct record  data[COUNT], found[COUNT];
    struct balance balance = {0, 0};
    hid_t          space   = OK(H5Screate_simple(1, dims, NULL));
    hid_t          text    = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(text, H5T_VARIABLE));
    hid_t ints = OK(H5Tvlen_create(H5T_NATIVE_INT));
    hid_t type = OK(H5Tcreate(H5T_COMPOUND, sizeof(struct record)));
    OK(H5Tinsert(type, "id", HOFFSET(struct record, id), H5T_NATIVE_INT));
    OK(H5Tinsert(type, "numbers", HOFFSET(struct record, numbers), ints));
    OK(H5Tinsert(type, "text", HOFFSET(struct record, text), text));
    hid_t dxpl = OK(H5Pcreate(H5P_DATASET_XFER));
    OK(H5Pset_vlen_mem_manager(dxpl, allocate, &balance, release, &balance));

    memset(data, 0, sizeof data);
    memset(found, 0, sizeof found);
    for (int i = 0; i < COUNT; i++) {
        data[i].id          = i;
        data[i].numbers.len = (size_t)i;
        data[i].numbers.p   = numbers;
        data[i].text        = (char *)texts[i];
    }
    hid_t dataset = new_dataset(file, "records", type, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, dxpl, data));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, dxpl, found));
    for (int i = 0; i < COUNT; i++) {
        SAME(found[i].id, i);
        SAME(found[i].numbers.len, i);
        CHECK(memcmp(found[i].numbers.p == NULL ? numbers : found[i].numbers.p, numbers, (size_t)i * sizeof(int)) == 0);
        SAME_TEXT(found[i].text, texts[i]);
        printf("record %d: %zu numbers, %s\n", found[i].id, found[i].numbers.len, found[i].text);
    }
    CHECK(balance.handed_out >= 2 * COUNT - 1);
    SAME(balance.held, 2 * COUNT - 1);
    OK(H5Treclaim(type, space, dxpl, found));
    SAME(balance.held, 0);

    OK(H5Dclose(dataset));
    OK(H5Pclose(dxpl));
    OK(H5Tclose(type));
    OK(H5Tclose(ints));
    OK(H5Tclose(text));
    OK(H5Sclose(space));
}

int
main(int argc, char **argv)
{
    hid_t file = new_file(file_name(argc, argv));
    buffer_size_of_strings(file);
    buffer_size_of_sequences(file);
    own_allocator(file);
    OK(H5Fclose(file));
    return 0;
}
