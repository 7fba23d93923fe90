/* Chunks as they are stored: H5Dread_chunk, H5Dwrite_chunk, H5Dget_chunk_storage_size. */
#include "check.h"

#define ROWS 6
#define COLUMNS 10

static herr_t
read_chunk(hid_t dataset, const hsize_t *start, uint32_t *filters, void *bytes, size_t room)
{
#if H5_VERSION_GE(2, 0, 0)
    herr_t status = H5Dread_chunk2(dataset, H5P_DEFAULT, start, filters, bytes, &room);
    printf("  %zu bytes are needed\n", room);
    return status;
#else
    herr_t status = H5Dread_chunk(dataset, H5P_DEFAULT, start, filters, bytes);
    hsize_t needed = 0;
    (void)room;
    OK(H5Dget_chunk_storage_size(dataset, start, &needed));
    printf("  %zu bytes are needed\n", (size_t)needed);
    return status;
#endif
}

/* The filters of a dataset. */
static hid_t
creation(const char *filters)
{
    hsize_t chunk[2] = {4, 5};
    int     fill     = -7;
    hid_t   dcpl     = OK(H5Pcreate(H5P_DATASET_CREATE));
    OK(H5Pset_chunk(dcpl, 2, chunk));
    OK(H5Pset_fill_value(dcpl, H5T_NATIVE_INT, &fill));
    for (; *filters; filters++) {
        if (*filters == 's')
            OK(H5Pset_shuffle(dcpl));
        else if (*filters == 'd')
            OK(H5Pset_deflate(dcpl, 6));
        else if (*filters == 'c')
            OK(H5Pset_fletcher32(dcpl));
    }
    return dcpl;
}

static void
print_rows(hid_t dataset)
{
    int found[ROWS][COLUMNS];
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int row = 0; row < ROWS; row++) {
        for (int column = 0; column < COLUMNS; column++)
            printf(" %4d", found[row][column]);
        printf("\n");
    }
}

/* Takes chunks out of one dataset and puts them into another one of the same filters, elsewhere. */
static void
move_chunks(hid_t file, const char *filters)
{
    int           rows[ROWS][COLUMNS];
    hsize_t       dims[2] = {ROWS, COLUMNS}, left[2] = {0, 0}, right[2] = {0, 5}, below[2] = {4, 5};
    unsigned char bytes[4096];
    uint32_t      mask = 99;
    hsize_t       size = 0;
    char          name[32];
    for (int n = 0; n < ROWS * COLUMNS; n++)
        rows[n / COLUMNS][n % COLUMNS] = 3 * n;
    printf("filters \"%s\"\n", filters);
    hid_t dcpl = creation(filters);
    snprintf(name, sizeof name, "from %s", filters);
    hid_t from = new_dataset(file, name, H5T_STD_I32BE, 2, dims, dcpl);
    snprintf(name, sizeof name, "to %s", filters);
    hid_t to = new_dataset(file, name, H5T_STD_I32BE, 2, dims, dcpl);
    OK(H5Dwrite(from, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows));

    OK(H5Dget_chunk_storage_size(from, left, &size));
    printf("  stored: %zu\n", (size_t)size);
    OK(read_chunk(from, left, &mask, bytes, sizeof bytes));
    printf("  filters left out: %u\n", (unsigned)mask);
    OK(H5Dwrite_chunk(to, H5P_DEFAULT, 0, right, (size_t)size, bytes));
    print_rows(to);

    /* A chunk of which a part lies outside the dataset, without any filter. */
    memset(bytes, 0, sizeof bytes);
    for (int n = 0; n < 20; n++)
        bytes[4 * n + 3] = (unsigned char)n;
    OK(H5Dwrite_chunk(to, H5P_DEFAULT, (1u << strlen(filters)) - 1, below, 80, bytes));
    /* HDF5 1.14.5 still believes what it knew of this chunk before. */
    OK(H5Dclose(to));
    to = OK(H5Dopen2(file, name, H5P_DEFAULT));
    print_rows(to);

    OK(H5Dclose(to));
    OK(H5Dclose(from));
    OK(H5Pclose(dcpl));
}

static void
refused(const char *what, herr_t status)
{
    printf("%s: %s\n", what, status < 0 ? "refused" : "done");
}

static void
refuse(hid_t file)
{
    hsize_t dims[1] = {10}, chunk[1] = {4}, start[1] = {2}, outside[1] = {12}, first[1] = {0};
    char    bytes[64] = {0};
    hid_t   dcpl = OK(H5Pcreate(H5P_DATASET_CREATE));
    hid_t   whole = new_dataset(file, "in one piece", H5T_STD_I32LE, 1, dims, H5P_DEFAULT);
    OK(H5Pset_chunk(dcpl, 1, chunk));
    hid_t pieces = new_dataset(file, "in pieces", H5T_STD_I32LE, 1, dims, dcpl);
    H5E_BEGIN_TRY
    {
        refused("not chunked", H5Dwrite_chunk(whole, H5P_DEFAULT, 0, first, 16, bytes));
        refused("between chunks", H5Dwrite_chunk(pieces, H5P_DEFAULT, 0, start, 16, bytes));
        refused("outside", H5Dwrite_chunk(pieces, H5P_DEFAULT, 0, outside, 16, bytes));
        refused("empty", H5Dwrite_chunk(pieces, H5P_DEFAULT, 0, first, 0, bytes));
    }
    H5E_END_TRY
    OK(H5Dclose(pieces));
    OK(H5Dclose(whole));
    OK(H5Pclose(dcpl));
}

int
main(int argc, char **argv)
{
    hid_t file = OK(H5Fcreate(file_name(argc, argv), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    move_chunks(file, "");
    move_chunks(file, "d");
    move_chunks(file, "sd");
    move_chunks(file, "sdc");
    refuse(file);
    OK(H5Fclose(file));
    return 0;
}
