/* Datasets that are written to, closed and deleted before a server has heard of any of it; some have
 * chunks that a server wants to be written one request at a time. */
#include "check.h"

#define COUNT 5

/* A dataset of one chunk, compressed, of `size` integers, with a value at its end. */
static void
make(hid_t file, const char *name, hsize_t size, int value)
{
    const hsize_t start = size - 1, one = 1;
    hid_t         dcpl = chunked(1, &size);
    OK(H5Pset_deflate(dcpl, 1));
    hid_t dataset = new_dataset(file, name, H5T_NATIVE_INT, 1, &size, dcpl);
    hid_t space   = OK(H5Dget_space(dataset));
    hid_t memory  = OK(H5Screate_simple(1, &one, NULL));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, NULL, &one, NULL));
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, &value));
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));
    OK(H5Pclose(dcpl));
}

int
main(int argc, char **argv)
{
    const char *name        = file_name(argc, argv);
    hsize_t     sizes[COUNT] = {10, 10000, 20000, 40000, 80000};
    hid_t       file        = new_file(name);
    char        label[16];
    for (int i = 0; i < COUNT; i++) {
        snprintf(label, sizeof label, "gone%d", i);
        make(file, label, sizes[i], i);
        OK(H5Ldelete(file, label, H5P_DEFAULT));
        /* Another of that name stays. */
        make(file, label, sizes[i] + 1, 100 + i);
    }
    OK(H5Fflush(file, H5F_SCOPE_GLOBAL));
    make(file, "last", 30000, 7);
    OK(H5Ldelete(file, "last", H5P_DEFAULT));
    OK(H5Fclose(file));

    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    for (int i = 0; i < COUNT; i++) {
        snprintf(label, sizeof label, "gone%d", i);
        hid_t   dataset = OK(H5Dopen2(file, label, H5P_DEFAULT));
        hid_t   space   = OK(H5Dget_space(dataset));
        size_t  count   = (size_t)OK(H5Sget_simple_extent_npoints(space));
        int    *values  = malloc(count * sizeof(int));
        OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
        printf("%s: %zu elements, the first %d, the last %d\n", label, count, values[0], values[count - 1]);
        free(values);
        OK(H5Sclose(space));
        OK(H5Dclose(dataset));
    }
    printf("last: %d\n", H5Lexists(file, "last", H5P_DEFAULT) > 0);
    OK(H5Fclose(file));
    return 0;
}
