/* Virtual datasets whose sources grow while they are open: "everything" is the extent that the program was
 * told last, and a source that was mapped as a whole may be larger later. */
#include "check.h"

enum { MOST = 16, UNTOUCHED = -77 };

static hid_t
source(hid_t file, const char *name)
{
    const hsize_t dims[1] = {0}, max[1] = {H5S_UNLIMITED}, chunk[1] = {2};
    hid_t         space = OK(H5Screate_simple(1, dims, max)), dcpl = chunked(1, chunk);
    hid_t dataset = OK(H5Dcreate2(file, name, H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    OK(H5Pclose(dcpl));
    OK(H5Sclose(space));
    return dataset;
}

/* Gives a source another extent, and values that tell which. */
static void
resize(hid_t dataset, hsize_t size)
{
    int values[MOST];
    for (int i = 0; i < MOST; i++)
        values[i] = 100 * (int)size + i;
    OK(H5Dset_extent(dataset, &size));
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
}

static hid_t
mapped(hid_t file, const char *name, hid_t space, hid_t from)
{
    const int fill = -1;
    hid_t     dcpl = OK(H5Pcreate(H5P_DATASET_CREATE));
    OK(H5Pset_fill_value(dcpl, H5T_NATIVE_INT, &fill));
    OK(H5Pset_virtual(dcpl, space, ".", "source", from));
    hid_t dataset =
        OK(H5Dcreate2(file, name, H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    OK(H5Pclose(dcpl));
    return dataset;
}

/* Reads everything, into room for more. */
static void
read_all(const char *label, hid_t dataset)
{
    int values[MOST], count = 0;
    for (int i = 0; i < MOST; i++)
        values[i] = UNTOUCHED;
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    while (count < MOST && values[count] != UNTOUCHED)
        count++;
    print_ints(label, values, (hsize_t)count);
}

static hsize_t
told(hid_t dataset)
{
    hid_t   space = OK(H5Dget_space(dataset));
    hsize_t count = (hsize_t)OK(H5Sget_simple_extent_npoints(space));
    OK(H5Sclose(space));
    return count;
}

static void
endless(hid_t file, hid_t from)
{
    const hsize_t dims[1] = {1}, start[1] = {0}, one[1] = {1}, endless[1] = {H5S_UNLIMITED};
    hid_t         space = OK(H5Screate_simple(1, dims, endless));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, one, endless));
    resize(from, 3);
    hid_t dataset = mapped(file, "endless", space, space);
    SAME(told(dataset), 3);
    resize(from, 6);
    read_all("grown, not told", dataset);

    /* A buffer of the size that was told is enough, also with a space for it. */
    const hsize_t room = 3;
    int           three[3];
    hid_t         memory = OK(H5Screate_simple(1, &room, NULL));
    OK(H5Dread(dataset, H5T_NATIVE_INT, memory, H5S_ALL, H5P_DEFAULT, three));
    print_ints("into what was told", three, 3);
    SAME(told(dataset), 6);
    read_all("grown, told", dataset);

    hid_t twin = OK(H5Dopen2(file, "endless", H5P_DEFAULT));
    resize(from, 8);
    SAME(told(twin), 8);
    read_all("told another identifier", dataset);
    OK(H5Dclose(twin));
    OK(H5Dclose(dataset));
    dataset = OK(H5Dopen2(file, "endless", H5P_DEFAULT));
    resize(from, 5);
    SAME(told(dataset), 5);
    read_all("smaller", dataset);
    resize(from, 9);
    OK(H5Drefresh(dataset));
    read_all("refreshed, not told", dataset);
    SAME(told(dataset), 9);
    read_all("refreshed, told", dataset);
    OK(H5Sclose(memory));
    OK(H5Dclose(dataset));
    OK(H5Sclose(space));
}

static void
whole(hid_t file, hid_t from)
{
    const hsize_t dims[1] = {4};
    hid_t         space = OK(H5Screate_simple(1, dims, NULL));
    resize(from, 4);
    hid_t dataset = mapped(file, "whole", space, space);
    read_all("whole source", dataset);
    resize(from, 7);
    read_all("first part of it", dataset);
    OK(H5Dclose(dataset));
    OK(H5Sclose(space));
}

int
main(int argc, char **argv)
{
    hid_t file = new_file(file_name(argc, argv));
    hid_t from = source(file, "source");
    endless(file, from);
    whole(file, from);
    OK(H5Dclose(from));
    OK(H5Fclose(file));
    return 0;
}
