/* H5Fstart_swmr_write, and what every handle on the file says of it afterwards. */
#include "check.h"

static void
show_intent(hid_t object, const char *what)
{
    unsigned intent;
    hid_t    file = OK(H5Iget_file_id(object));
    OK(H5Fget_intent(file, &intent));
    printf("%s: writes %d, lets others read %d, follows a writer %d\n", what, (intent & H5F_ACC_RDWR) != 0,
           (intent & H5F_ACC_SWMR_WRITE) != 0, (intent & H5F_ACC_SWMR_READ) != 0);
    OK(H5Fclose(file));
}

static void
grow(hid_t set, hsize_t from, hsize_t size)
{
    int     values[8];
    hsize_t count = size - from;
    for (hsize_t i = 0; i < count; i++)
        values[i] = (int)(from + i);
    OK(H5Dset_extent(set, &size));
    hid_t space = OK(H5Dget_space(set)), memory = OK(H5Screate_simple(1, &count, NULL));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, &from, NULL, &count, NULL));
    OK(H5Dwrite(set, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, values));
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
    OK(H5Dflush(set));
}

int
main(int argc, char **argv)
{
    const char   *name = file_name(argc, argv);
    const hsize_t none = 0, most = H5S_UNLIMITED, chunk = 2;
    int           values[8];
    hid_t         fapl = OK(H5Pcreate(H5P_FILE_ACCESS));
    OK(H5Pset_libver_bounds(fapl, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST));
    hid_t file  = OK(H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, fapl));
    hid_t space = OK(H5Screate_simple(1, &none, &most));
    hid_t dcpl  = OK(H5Pcreate(H5P_DATASET_CREATE));
    OK(H5Pset_chunk(dcpl, 1, &chunk));
    hid_t set = OK(H5Dcreate2(file, "set", H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    show_intent(set, "made");
    OK(H5Fstart_swmr_write(file));
    show_intent(file, "started");
    show_intent(set, "started, by the dataset");
    FAILS(H5Fstart_swmr_write(file));
    grow(set, 0, 5);
    grow(set, 5, 8);
    OK(H5Drefresh(set));
    OK(H5Dread(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    for (int i = 0; i < 8; i++)
        printf("%d ", values[i]);
    printf("\n");
    OK(H5Dclose(set));
    OK(H5Fclose(file));

    file = OK(H5Fopen(name, H5F_ACC_RDONLY | H5F_ACC_SWMR_READ, fapl));
    show_intent(file, "opened to follow");
    FAILS(H5Fstart_swmr_write(file));
    hid_t again = OK(H5Freopen(file));
    show_intent(again, "opened again");
    OK(H5Fclose(again));
    OK(H5Fclose(file));
    OK(H5Pclose(dcpl));
    OK(H5Sclose(space));
    OK(H5Pclose(fapl));
    return 0;
}
