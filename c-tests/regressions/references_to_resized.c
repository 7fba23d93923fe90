/* References of HDF5 1.8 that a program keeps while the datasets change their extents, and that it uses
 * with other identifiers of the same file. */
#include "check.h"

#define COUNT 3

static void
print_region(hid_t file, const char *label, const hdset_reg_ref_t *reference)
{
    hsize_t dims[2], bounds[2];
    hid_t   space = OK(H5Rget_region(file, H5R_DATASET_REGION, reference));
    OK(H5Sget_simple_extent_dims(space, dims, bounds));
    printf("%s: %d of %d x %d (at most %d x %d), %s\n", label, (int)H5Sget_select_npoints(space),
           (int)dims[0], (int)dims[1], (int)bounds[0], (int)bounds[1],
           H5Sselect_valid(space) ? "inside" : "outside");
    OK(H5Sclose(space));
}

static void
print_all(hid_t file, const hdset_reg_ref_t *references)
{
    const char *const labels[COUNT] = {"slab", "all", "none"};
    for (int i = 0; i < COUNT; i++)
        print_region(file, labels[i], &references[i]);
}

/* Region references kept in memory, and read from the file. */
static void
resize(hid_t file, const char *name, const hsize_t *bounds)
{
    const hsize_t dims[2] = {10, 4}, chunk[2] = {3, 3}, start[2] = {4, 1}, count[2] = {3, 2};
    const hsize_t extents[][2] = {{20, 4}, {2, 2}, {0, 4}, {15, 3}};
    hid_t         space        = OK(H5Screate_simple(2, dims, bounds));
    hid_t         dcpl         = chunked(2, chunk);
    hid_t dataset = OK(H5Dcreate2(file, name, H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    hdset_reg_ref_t made[COUNT], found[COUNT];
    memset(made, 0, sizeof made);
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL));
    OK(H5Rcreate(&made[0], file, name, H5R_DATASET_REGION, space));
    OK(H5Sselect_all(space));
    OK(H5Rcreate(&made[1], file, name, H5R_DATASET_REGION, space));
    OK(H5Sselect_none(space));
    OK(H5Rcreate(&made[2], file, name, H5R_DATASET_REGION, space));
    char stored_name[100];
    snprintf(stored_name, sizeof stored_name, "references to %s", name);
    const hsize_t number = COUNT;
    hid_t         stored = new_dataset(file, stored_name, H5T_STD_REF_DSETREG, 1, &number, H5P_DEFAULT);
    OK(H5Dwrite(stored, H5T_STD_REF_DSETREG, H5S_ALL, H5S_ALL, H5P_DEFAULT, made));
    OK(H5Dread(stored, H5T_STD_REF_DSETREG, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (size_t i = 0; i < sizeof extents / sizeof *extents; i++) {
        if (extents[i][0] > 10 && bounds[0] == 10)
            continue;
        printf("%s, %d x %d\n", name, (int)extents[i][0], (int)extents[i][1]);
        OK(H5Dset_extent(dataset, extents[i]));
        print_all(file, made);
        print_all(file, found);
    }
    OK(H5Dclose(stored));
    OK(H5Dclose(dataset));
    OK(H5Pclose(dcpl));
    OK(H5Sclose(space));
}

static void
print_target(hid_t file, const char *label, const hobj_ref_t *reference)
{
    char name[100] = "";
    OK(H5Rget_name(file, H5R_OBJECT, reference, name, sizeof name));
    printf("%s: %s\n", label, name);
}

/* References to objects mean the same with every identifier of the file. */
static void
other_handle(hid_t file, const char *file_name)
{
    hid_t         other   = OK(H5Fopen(file_name, H5F_ACC_RDWR, H5P_DEFAULT));
    const hsize_t dims[1] = {2};
    hobj_ref_t    by_first, by_second, both[2];
    OK(H5Dclose(new_dataset(file, "first", H5T_STD_I8LE, 1, dims, H5P_DEFAULT)));
    OK(H5Dclose(new_dataset(file, "second", H5T_STD_I8LE, 1, dims, H5P_DEFAULT)));
    OK(H5Rcreate(&by_first, file, "first", H5R_OBJECT, -1));
    OK(H5Rcreate(&by_second, other, "second", H5R_OBJECT, -1));
    print_target(file, "made here", &by_first);
    print_target(other, "made there", &by_second);
    print_target(other, "made here, used there", &by_first);
    print_target(file, "made there, used here", &by_second);
    hid_t stored = new_dataset(other, "both", H5T_STD_REF_OBJ, 1, dims, H5P_DEFAULT);
    both[0]      = by_first;
    both[1]      = by_second;
    OK(H5Dwrite(stored, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, both));
    memset(both, 0, sizeof both);
    OK(H5Dread(stored, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, both));
    print_target(other, "stored first", &both[0]);
    print_target(file, "stored second", &both[1]);
    OK(H5Dclose(stored));
    OK(H5Fclose(other));
}

int
main(int argc, char **argv)
{
    const char   *name      = file_name(argc, argv);
    hid_t         file      = new_file(name);
    const hsize_t endless[2] = {H5S_UNLIMITED, H5S_UNLIMITED}, bounded[2] = {10, 4}, half[2] = {40, 4};
    resize(file, "endless", endless);
    resize(file, "bounded", bounded);
    resize(file, "half bounded", half);
    other_handle(file, name);
    OK(H5Fclose(file));
    return 0;
}
