/* The library is closed while event sets still hold reads and writes: nothing of that may keep the
 * file open when the library is used again. */
#include "check.h"

#define DATASETS 4
#define SIZE 10000

static int values[SIZE], found[DATASETS][SIZE];

/* Leaves everything open and nothing awaited. */
static void
leave_in_flight(const char *name)
{
    const hsize_t dims[1] = {SIZE};
    hid_t         es      = OK(H5EScreate());
    hid_t         file    = OK(H5Fcreate_async(name, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT, es));
    hid_t         space   = OK(H5Screate_simple(1, dims, NULL));
    for (int i = 0; i < DATASETS; i++) {
        char label[16];
        snprintf(label, sizeof label, "set %d", i);
        hid_t dataset = OK(H5Dcreate_async(file, label, H5T_STD_I32BE, space, H5P_DEFAULT, H5P_DEFAULT,
                                           H5P_DEFAULT, es));
        OK(H5Dwrite_async(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values, es));
        OK(H5Dread_async(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found[i], es));
        if (i % 2 == 1)
            OK(H5Dclose_async(dataset, es));
    }
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    for (int i = 0; i < SIZE; i++)
        values[i] = i;
    for (int round = 0; round < 2; round++) {
        leave_in_flight(name);
        OK(H5close());
        OK(H5open());
        hid_t file    = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
        hid_t dataset = OK(H5Dopen2(file, "set 3", H5P_DEFAULT));
        memset(found, 0, sizeof found);
        OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found[3]));
        printf("%s\n", memcmp(found[3], values, sizeof values) == 0 ? "written" : "lost");
        OK(H5Dclose(dataset));
        OK(H5Fclose(file));
    }
    OK(H5Fdelete(name, H5P_DEFAULT));
    leave_in_flight(name);
    return 0;
}
