/* Handles of one virtual dataset that are open together have one view of it, that of the first, and "everything"
 * has room in what any of them was told. A dataset that is opened anew has a new view. */
#include "check.h"

enum { MOST = 32, UNTOUCHED = -77 };

static void
make_source(hid_t file, const char *name, hsize_t size)
{
    const hsize_t max[1] = {H5S_UNLIMITED}, chunk[1] = {2};
    hid_t         space = OK(H5Screate_simple(1, &size, max)), dcpl = chunked(1, chunk);
    hid_t dataset = OK(H5Dcreate2(file, name, H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    int   values[MOST];
    for (int i = 0; i < MOST; i++)
        values[i] = 10 * (int)size + i;
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    OK(H5Dclose(dataset));
    OK(H5Pclose(dcpl));
    OK(H5Sclose(space));
}

/* A dataset whose columns are the sources "short" and "long", of which there is more. */
static hid_t
make_columns(hid_t file, hid_t dapl)
{
    static const char *const sources[] = {"short", "long"};
    const hsize_t one[1] = {1}, none[1] = {0}, endless[1] = {H5S_UNLIMITED};
    const hsize_t dims[2] = {1, 2}, max[2] = {H5S_UNLIMITED, 2}, count[2] = {1, 1};
    const hsize_t column[2] = {H5S_UNLIMITED, 1};
    const int     fill      = -1;
    hid_t         dcpl = OK(H5Pcreate(H5P_DATASET_CREATE)), space = OK(H5Screate_simple(2, dims, max));
    hid_t         from = OK(H5Screate_simple(1, one, endless));
    OK(H5Pset_fill_value(dcpl, H5T_NATIVE_INT, &fill));
    OK(H5Sselect_hyperslab(from, H5S_SELECT_SET, none, NULL, one, endless));
    for (hsize_t i = 0; i < 2; i++) {
        const hsize_t start[2] = {0, i};
        OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, column));
        OK(H5Pset_virtual(dcpl, space, ".", sources[i], from));
    }
    OK(H5Sselect_all(space));
    hid_t dataset =
        OK(H5Dcreate2(file, "columns", H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, dapl));
    OK(H5Sclose(from));
    OK(H5Sclose(space));
    OK(H5Pclose(dcpl));
    return dataset;
}

static hid_t
view(H5D_vds_view_t view)
{
    hid_t dapl = OK(H5Pcreate(H5P_DATASET_ACCESS));
    OK(H5Pset_virtual_view(dapl, view));
    return dapl;
}

static int
told(hid_t dataset)
{
    hid_t space = OK(H5Dget_space(dataset));
    int   count = (int)OK(H5Sget_simple_extent_npoints(space));
    OK(H5Sclose(space));
    return count;
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

/* Asks and reads in each order: what one handle is told must be enough for the other. */
static void
use_both(const char *label, hid_t first, hid_t second)
{
    printf("%s: told %d", label, told(first));
    printf(", %d\n", told(second));
    read_all("first", first);
    read_all("second", second);
    printf("told %d", told(second));
    printf(", %d\n", told(first));
    read_all("second", second);
    read_all("first", first);
}

int
main(int argc, char **argv)
{
    hid_t file = new_file(file_name(argc, argv));
    hid_t missing = view(H5D_VDS_FIRST_MISSING), last = view(H5D_VDS_LAST_AVAILABLE);
    make_source(file, "short", 3);
    make_source(file, "long", 5);
    hid_t made  = make_columns(file, missing);
    hid_t other = OK(H5Dopen2(file, "columns", last));
    use_both("made", made, other);
    OK(H5Dclose(made));
    use_both("the second alone", other, other);
    OK(H5Dclose(other));

    hid_t first = OK(H5Dopen2(file, "columns", last));
    other       = OK(H5Dopen2(file, "columns", missing));
    /* The handle that was opened last is the first to be used. */
    printf("told %d\n", told(other));
    use_both("last available", first, other);
    OK(H5Dclose(other));
    OK(H5Dclose(first));

    first = OK(H5Oopen(file, "columns", H5P_DEFAULT));
    other = OK(H5Dopen2(file, "columns", missing));
    use_both("by H5Oopen", other, first);
    OK(H5Dclose(first));
    OK(H5Dclose(other));

    other = OK(H5Dopen2(file, "columns", missing));
    printf("anew: told %d\n", told(other));
    read_all("anew", other);
    OK(H5Dclose(other));
    OK(H5Pclose(missing));
    OK(H5Pclose(last));
    OK(H5Fclose(file));
    return 0;
}
