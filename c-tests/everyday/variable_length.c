/* Data of variable length inside each other: sequences of sequences, of compounds with strings, of
 * arrays; arrays of sequences; and who allocates and frees them. */
#include "check.h"

enum { COUNT = 3 };

typedef struct {
    char *name;
    hvl_t values;
    int   number;
} entry;

typedef struct {
    int   id;
    hvl_t entries;
    char *words[2];
} record;

static hid_t
string_type(void)
{
    hid_t type = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(type, H5T_VARIABLE));
    return type;
}

/* Memory of the program's own: counted, and marked in front of every piece. */
static long allocated, pieces;

static void *
take(size_t size, void *info)
{
    size_t *memory = malloc(size + 2 * sizeof(size_t));
    CHECK(memory != NULL && info == &allocated);
    memory[0] = 0x5a5a5a5a;
    memory[1] = size;
    allocated += (long)size;
    pieces++;
    return memory + 2;
}

static void
give(void *memory, void *info)
{
    if (memory == NULL)
        return;
    size_t *start = (size_t *)memory - 2;
    CHECK(start[0] == 0x5a5a5a5a && info == &allocated);
    start[0] = 0;
    allocated -= (long)start[1];
    pieces--;
    free(start);
}

static hid_t
own_memory(void)
{
    hid_t list = OK(H5Pcreate(H5P_DATASET_XFER));
    OK(H5Pset_vlen_mem_manager(list, take, &allocated, give, &allocated));
    return list;
}

/* Reads twice: into memory of HDF5's choice and into the program's; `print` gets the elements. */
static void
read_both(hid_t dataset, hid_t type, void *found, size_t size, void (*print)(const void *))
{
    hsize_t bytes = 0;
    hid_t   space = OK(H5Dget_space(dataset)), list = own_memory();
    memset(found, 0, size);
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print(found);
    OK(H5Treclaim(type, space, H5P_DEFAULT, found));
    memset(found, 0, size);
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, list, found));
    print(found);
    printf("own memory: %ld bytes in %ld pieces\n", allocated, pieces);
    OK(H5Dvlen_reclaim(type, space, list, found));
    printf("given back: %ld bytes in %ld pieces\n", allocated, pieces);
    OK(H5Dvlen_get_buf_size(dataset, type, space, &bytes));
    printf("needed: %llu bytes\n", (unsigned long long)bytes);
    OK(H5Pclose(list));
    OK(H5Sclose(space));
}

static void
print_lists(const void *found)
{
    const hvl_t *lists = found;
    for (int i = 0; i < COUNT; i++) {
        printf("%zu lists:", lists[i].len);
        for (size_t n = 0; n < lists[i].len; n++) {
            const hvl_t *inner = (const hvl_t *)lists[i].p + n;
            printf(" [");
            for (size_t k = 0; k < inner->len; k++)
                printf(" %d", ((const int *)inner->p)[k]);
            printf(" ]");
        }
        printf("\n");
    }
}

static void
lists_of_lists(hid_t file)
{
    const hsize_t dims[1]  = {COUNT};
    int           numbers[] = {1, 2, 3, 4, 5, 6};
    hvl_t         inner[3] = {{2, numbers}, {0, NULL}, {4, numbers + 2}};
    hvl_t         data[COUNT] = {{3, inner}, {0, NULL}, {1, inner + 2}}, found[COUNT];
    hid_t         list = OK(H5Tvlen_create(H5T_NATIVE_INT)), type = OK(H5Tvlen_create(list));
    hid_t         dataset = new_dataset(file, "lists", type, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    read_both(dataset, type, found, sizeof found, print_lists);

    /* As other numbers. */
    hid_t wide = OK(H5Tvlen_create(H5T_NATIVE_DOUBLE)), wider = OK(H5Tvlen_create(wide));
    hid_t space = OK(H5Dget_space(dataset));
    OK(H5Dread(dataset, wider, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    const hvl_t *last = (const hvl_t *)found[0].p + 2;
    print_doubles("converted", last->p, last->len);
    OK(H5Treclaim(wider, space, H5P_DEFAULT, found));
    OK(H5Tclose(wider));
    OK(H5Tclose(wide));

    hid_t attribute = OK(H5Acreate2(dataset, "lists", type, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(attribute, type, data));
    OK(H5Aread(attribute, type, found));
    print_lists(found);
    OK(H5Treclaim(type, space, H5P_DEFAULT, found));
    OK(H5Aclose(attribute));
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
    OK(H5Tclose(list));
}

static void
print_records(const void *found)
{
    const record *records = found;
    for (int i = 0; i < COUNT; i++) {
        printf("record %d: '%s' '%s'", records[i].id, records[i].words[0], records[i].words[1]);
        for (size_t n = 0; n < records[i].entries.len; n++) {
            const entry *one = (const entry *)records[i].entries.p + n;
            printf(" {%d '%s'", one->number, one->name);
            for (size_t k = 0; k < one->values.len; k++)
                printf(" %g", ((const double *)one->values.p)[k]);
            printf("}");
        }
        printf("\n");
    }
}

static void
records(hid_t file)
{
    const hsize_t dims[1] = {COUNT}, two[1] = {2};
    double        values[] = {0.5, -1, 1e100};
    entry         entries[2] = {{"first", {3, values}, 1}, {"", {0, NULL}, 2}};
    record        data[COUNT] = {{10, {2, entries}, {"a", "bc"}},
                                 {20, {0, NULL}, {"", "x"}},
                                 {30, {1, entries}, {"long enough to be somewhere else", "y"}}};
    record        found[COUNT];
    hid_t         string = string_type(), doubles = OK(H5Tvlen_create(H5T_NATIVE_DOUBLE));
    hid_t         inner = OK(H5Tcreate(H5T_COMPOUND, sizeof(entry)));
    OK(H5Tinsert(inner, "name", HOFFSET(entry, name), string));
    OK(H5Tinsert(inner, "values", HOFFSET(entry, values), doubles));
    OK(H5Tinsert(inner, "number", HOFFSET(entry, number), H5T_NATIVE_INT));
    hid_t list = OK(H5Tvlen_create(inner)), words = OK(H5Tarray_create2(string, 1, two));
    hid_t type = OK(H5Tcreate(H5T_COMPOUND, sizeof(record)));
    OK(H5Tinsert(type, "id", HOFFSET(record, id), H5T_NATIVE_INT));
    OK(H5Tinsert(type, "entries", HOFFSET(record, entries), list));
    OK(H5Tinsert(type, "words", HOFFSET(record, words), words));
    hid_t dataset = new_dataset(file, "records", type, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    read_both(dataset, type, found, sizeof found, print_records);

    /* One member alone, read and written. */
    char *pairs[COUNT][2];
    hid_t part = OK(H5Tcreate(H5T_COMPOUND, sizeof pairs[0])), space = OK(H5Dget_space(dataset));
    OK(H5Tinsert(part, "words", 0, words));
    OK(H5Dread(dataset, part, H5S_ALL, H5S_ALL, H5P_DEFAULT, pairs));
    for (int i = 0; i < COUNT; i++)
        printf("words: '%s' '%s'\n", pairs[i][0], pairs[i][1]);
    OK(H5Treclaim(part, space, H5P_DEFAULT, pairs));
    char *changed[COUNT][2] = {{"new", "words"}, {"in", "all"}, {"three", "records"}};
    OK(H5Dwrite(dataset, part, H5S_ALL, H5S_ALL, H5P_DEFAULT, changed));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print_records(found);
    OK(H5Treclaim(type, space, H5P_DEFAULT, found));
    OK(H5Sclose(space));
    OK(H5Tclose(part));
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
    OK(H5Tclose(words));
    OK(H5Tclose(list));
    OK(H5Tclose(inner));
    OK(H5Tclose(doubles));
    OK(H5Tclose(string));
}

static void
print_arrays(const void *found)
{
    const hvl_t *lists = found;
    for (int i = 0; i < COUNT * 2; i++) {
        printf("%zu:", lists[i].len);
        for (size_t k = 0; k < lists[i].len * 2; k++)
            printf(" %d", ((const short *)lists[i].p)[k]);
        printf("\n");
    }
}

/* Arrays of sequences of arrays. */
static void
arrays(hid_t file)
{
    const hsize_t dims[1] = {COUNT}, two[1] = {2}, chunk[1] = {2};
    short         numbers[] = {1, -1, 2, -2, 3, -3};
    hvl_t         data[COUNT][2] = {{{3, numbers}, {1, numbers}}, {{0, NULL}, {0, NULL}}, {{2, numbers}, {0, NULL}}};
    hvl_t         found[COUNT][2];
    hid_t         pair = OK(H5Tarray_create2(H5T_NATIVE_SHORT, 1, two)), list = OK(H5Tvlen_create(pair));
    hid_t         type = OK(H5Tarray_create2(list, 1, two)), dcpl = chunked(1, chunk);
    hid_t         dataset = new_dataset(file, "arrays", type, 1, dims, dcpl);
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print_arrays(found);
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    read_both(dataset, type, found, sizeof found, print_arrays);
    OK(H5Dclose(dataset));
    OK(H5Pclose(dcpl));
    OK(H5Tclose(type));
    OK(H5Tclose(list));
    OK(H5Tclose(pair));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    hid_t       file = new_file(name);
    lists_of_lists(file);
    records(file);
    arrays(file);
    OK(H5Fclose(file));
    return 0;
}
