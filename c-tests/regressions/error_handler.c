/* A program's function for errors, set in the manner of HDF5 1.6, stays set across calls, and is
 * called once for each call of the program's that fails. */
#include "check.h"

static int calls;

static herr_t
count_calls(void *data)
{
    (void)data;
    calls++;
    return 0;
}

static void
check_handler(void)
{
    H5E_auto1_t found = NULL;
    void       *data  = NULL;
    OK(H5Eget_auto1(&found, &data));
    CHECK(found == count_calls);
    CHECK(data == &calls);
}

int
main(int argc, char **argv)
{
    int   value = 5;
    short found = 0;
    hid_t file  = new_file(file_name(argc, argv));
    hid_t space = OK(H5Screate(H5S_SCALAR));
    OK(H5Eset_auto1(count_calls, &calls));
    hid_t dataset = OK(H5Dcreate2(file, "number", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value));
    check_handler();
    /* A read with a conversion, for which the connector calls the library itself. */
    OK(H5Dread(dataset, H5T_NATIVE_SHORT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &found));
    SAME(found, 5);
    check_handler();
    SAME(calls, 0);

    CHECK(H5Gopen2(file, "absent", H5P_DEFAULT) < 0);
    SAME(calls, 1);
    check_handler();
    CHECK(H5Dopen2(file, "absent", H5P_DEFAULT) < 0);
    SAME(calls, 2);
    check_handler();
    printf("%d, and the handler was called %d times\n", found, calls);
    OK(H5Dclose(dataset));
    OK(H5Sclose(space));
    OK(H5Fclose(file));
    return 0;
}
