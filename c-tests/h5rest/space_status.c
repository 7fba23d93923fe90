/* How much of a dataset is allocated: nothing, some of its chunks, or all. (HSDS counts chunks late.) */
#include "check.h"

enum { ROWS = 7, COLUMNS = 10 };

static void
print_status(const char *label, hid_t dataset)
{
    H5D_space_status_t status;
    OK(H5Dget_space_status(dataset, &status));
    printf(" %s %d", label, (int)status);
}

/* Writes some rows; texts are all the same. */
static void
write_rows(hid_t dataset, hid_t type, hsize_t from, hsize_t count)
{
    const hsize_t start[2] = {from, 0}, rows[2] = {count, COLUMNS};
    static int         numbers[ROWS * COLUMNS];
    const char        *texts[ROWS * COLUMNS];
    for (int i = 0; i < ROWS * COLUMNS; i++)
        texts[i] = "text";
    const void *values = H5Tget_class(type) == H5T_STRING ? (const void *)texts : numbers;
    hid_t       space  = OK(H5Dget_space(dataset)), memory = OK(H5Screate_simple(2, rows, NULL));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, rows, NULL));
    OK(H5Dwrite(dataset, type, memory, space, H5P_DEFAULT, values));
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
}

static void
look(hid_t file, const char *name, hid_t type, hid_t dcpl)
{
    const hsize_t dims[2] = {ROWS, COLUMNS}, most[2] = {H5S_UNLIMITED, COLUMNS};
    H5D_alloc_time_t when = H5D_ALLOC_TIME_DEFAULT;
    OK(H5Pget_alloc_time(dcpl, &when));
    /* The first write allocates all chunks that there are then: servers do not know which came later. */
    bool          grows   = H5Pget_layout(dcpl) == H5D_CHUNKED && when != H5D_ALLOC_TIME_LATE;
    hid_t         space   = OK(H5Screate_simple(2, dims, grows ? most : NULL));
    hid_t dataset = OK(H5Dcreate2(file, name, type, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    OK(H5Sclose(space));
    printf("%s:", name);
    print_status("new", dataset);
    write_rows(dataset, type, 1, 2);
    print_status("some rows", dataset);
    OK(H5Dclose(dataset));
    dataset = OK(H5Dopen2(file, name, H5P_DEFAULT));
    print_status("opened", dataset);
    write_rows(dataset, type, 0, ROWS);
    print_status("all rows", dataset);
    if (grows) {
        const hsize_t more[2] = {3 * ROWS, COLUMNS}, less[2] = {2, COLUMNS}, none[2] = {0, COLUMNS};
        OK(H5Dset_extent(dataset, more));
        print_status("larger", dataset);
        OK(H5Dset_extent(dataset, less));
        print_status("smaller", dataset);
        OK(H5Dset_extent(dataset, none));
        print_status("empty", dataset);
    }
    printf("\n");
    OK(H5Dclose(dataset));
}

/* A property list for chunks that may be filtered. */
static hid_t
chunks(hsize_t rows, hsize_t columns, bool packed, H5D_alloc_time_t when)
{
    const hsize_t chunk[2] = {rows, columns};
    hid_t         dcpl     = chunked(2, chunk);
    if (packed)
        OK(H5Pset_deflate(dcpl, 6));
    OK(H5Pset_alloc_time(dcpl, when));
    return dcpl;
}

/* The elements of sources are allocated and take no space, written or not. */
static void
look_at_virtual(hid_t file)
{
    const hsize_t size[1] = {4};
    const int     values[4] = {1, 2, 3, 4};
    hid_t         space = OK(H5Screate_simple(1, size, NULL)), dcpl = OK(H5Pcreate(H5P_DATASET_CREATE));
    hid_t         source =
        OK(H5Dcreate2(file, "source", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Pset_virtual(dcpl, space, ".", "source", space));
    hid_t dataset =
        OK(H5Dcreate2(file, "virtual", H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    printf("virtual:");
    print_status("new", dataset);
    OK(H5Dwrite(source, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    print_status("source written", dataset);
    printf(" size %d\n", (int)H5Dget_storage_size(dataset));
    OK(H5Dclose(dataset));
    OK(H5Dclose(source));
    OK(H5Pclose(dcpl));
    OK(H5Sclose(space));
}

int
main(int argc, char **argv)
{
    hid_t file = new_file(file_name(argc, argv)), text = OK(H5Tcopy(H5T_C_S1));
    hid_t lists[] = {OK(H5Pcreate(H5P_DATASET_CREATE)),
                     chunks(1, 1, false, H5D_ALLOC_TIME_DEFAULT),
                     chunks(3, 4, false, H5D_ALLOC_TIME_DEFAULT),
                     chunks(2, 10, true, H5D_ALLOC_TIME_DEFAULT),
                     chunks(3, 4, false, H5D_ALLOC_TIME_EARLY),
                     chunks(3, 4, false, H5D_ALLOC_TIME_LATE),
                     chunks(3, 4, true, H5D_ALLOC_TIME_LATE)};
    static const char *const names[] = {"contiguous", "of one element", "cut", "packed", "early",
                                        "late", "late and packed"};
    OK(H5Tset_size(text, H5T_VARIABLE));
    for (int i = 0; i < 7; i++) {
        char name[32];
        look(file, names[i], H5T_NATIVE_INT, lists[i]);
        snprintf(name, sizeof name, "%s, texts", names[i]);
        look(file, name, text, lists[i]);
        OK(H5Pclose(lists[i]));
    }
    look_at_virtual(file);
    OK(H5Tclose(text));
    OK(H5Fclose(file));
    return 0;
}
