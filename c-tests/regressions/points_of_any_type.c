/* Points of elements of every kind of fixed size are written: HSDS acknowledges points of opaque
 * elements, by which it also keeps types that it lacks, without storing them. */
#include "check.h"

enum { ELEMENTS = 8, POINTS = 5, LARGEST = 16 };

static void
write_and_read(hid_t file, const char *name, hid_t type)
{
    const hsize_t  extent         = ELEMENTS, count = POINTS;
    const hsize_t  points[POINTS] = {5, 1, 6, 1, 3};
    unsigned char  values[POINTS * LARGEST], found[ELEMENTS * LARGEST];
    const size_t   size           = H5Tget_size(type);
    hid_t          dataset        = new_dataset(file, name, type, 1, &extent, H5P_DEFAULT);
    hid_t          memory         = OK(H5Screate_simple(1, &count, NULL));
    hid_t          space          = OK(H5Dget_space(dataset));
    for (size_t at = 0; at < sizeof values; at++)
        values[at] = (unsigned char)(at % 100 + 1);
    OK(H5Sselect_elements(space, H5S_SELECT_SET, POINTS, points));
    OK(H5Dwrite(dataset, type, memory, space, H5P_DEFAULT, values));
    OK(H5Dclose(dataset));
    dataset = OK(H5Dopen2(file, name, H5P_DEFAULT));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    printf("%s:", name);
    for (size_t at = 0; at < ELEMENTS * size; at++)
        printf(" %d", found[at]);
    printf("\n");
    OK(H5Sclose(space));
    OK(H5Sclose(memory));
    OK(H5Dclose(dataset));
}

int
main(int argc, char **argv)
{
    const hsize_t three  = 3;
    hid_t         file   = new_file(file_name(argc, argv));
    hid_t         opaque = OK(H5Tcreate(H5T_OPAQUE, 5));
    hid_t         array  = OK(H5Tarray_create2(H5T_STD_U8LE, 1, &three));
    hid_t         odd    = OK(H5Tcopy(H5T_STD_U32LE));
    hid_t         pair   = OK(H5Tcreate(H5T_COMPOUND, 4));
    OK(H5Tset_precision(odd, 24));
    OK(H5Tinsert(pair, "bits", 0, H5T_STD_B16LE));
    OK(H5Tinsert(pair, "number", 2, H5T_STD_U16BE));
    write_and_read(file, "opaque", opaque);
    write_and_read(file, "array", array);
    write_and_read(file, "bits", H5T_STD_B16LE);
    write_and_read(file, "odd", odd);
    write_and_read(file, "pair", pair);
    write_and_read(file, "number", H5T_STD_U16BE);
    OK(H5Tclose(pair));
    OK(H5Tclose(odd));
    OK(H5Tclose(array));
    OK(H5Tclose(opaque));
    OK(H5Fclose(file));
    return 0;
}
