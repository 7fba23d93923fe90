/* References of HDF5 1.8 (H5R_OBJECT, H5R_DATASET_REGION): made, stored, read, followed, and read as
 * H5T_STD_REF, as h5dump does. */
#include "check.h"

enum { ROWS = 6, COLUMNS = 8, MOST = 64, REGIONS = 5 };

static void
print_space(hid_t space)
{
    hsize_t numbers[MOST * 4], dims[2] = {0, 0};
    int     rank = (int)OK(H5Sget_simple_extent_dims(space, dims, NULL));
    int     kind = H5Sget_select_type(space);
    printf("  %d dimensions, %llu x %llu, kind %d, %lld elements:", rank, (unsigned long long)dims[0],
           (unsigned long long)dims[1], kind, (long long)H5Sget_select_npoints(space));
    hsize_t count = 0;
    if (kind == H5S_SEL_HYPERSLABS) {
        hsize_t blocks = (hsize_t)OK(H5Sget_select_hyper_nblocks(space));
        OK(H5Sget_select_hyper_blocklist(space, 0, blocks, numbers));
        count = blocks * 2 * (hsize_t)rank;
    }
    else if (kind == H5S_SEL_POINTS) {
        hsize_t points = (hsize_t)OK(H5Sget_select_elem_npoints(space));
        OK(H5Sget_select_elem_pointlist(space, 0, points, numbers));
        count = points * (hsize_t)rank;
    }
    for (hsize_t i = 0; i < count; i++)
        printf(" %llu", (unsigned long long)numbers[i]);
    printf("\n");
}

static void
print_region(hid_t file, const char *label, const hdset_reg_ref_t *ref)
{
    static const hdset_reg_ref_t null;
    char                         name[80] = "";
    int                          found[ROWS * COLUMNS];
    H5O_type_t                   type;
    if (memcmp(ref, &null, sizeof null) == 0) {
        printf("%s: null\n", label);
        return;
    }
    OK(H5Rget_obj_type2(file, H5R_DATASET_REGION, ref, &type));
    ssize_t length  = OK(H5Rget_name(file, H5R_DATASET_REGION, ref, name, sizeof name));
    hid_t   dataset = OK(H5Rdereference2(file, H5P_DEFAULT, H5R_DATASET_REGION, ref));
    hid_t   space   = OK(H5Rget_region(file, H5R_DATASET_REGION, ref));
    printf("%s: '%s' (%d) of type %d\n", label, name, (int)length, type);
    print_space(space);
    hsize_t count[1] = {(hsize_t)H5Sget_select_npoints(space)};
    hid_t   memory   = OK(H5Screate_simple(1, count, NULL));
    if (count[0] > 0) {
        OK(H5Dread(dataset, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, found));
        print_ints("  selects", found, count[0]);
    }
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));
}

static void
print_object(hid_t file, const char *label, const hobj_ref_t *ref)
{
    char       name[80] = "";
    H5O_type_t type;
    if (*ref == 0) {
        printf("%s: null\n", label);
        return;
    }
    OK(H5Rget_obj_type2(file, H5R_OBJECT, ref, &type));
    OK(H5Rget_name(file, H5R_OBJECT, ref, name, sizeof name));
    hid_t object = OK(H5Rdereference2(file, H5P_DEFAULT, H5R_OBJECT, ref));
    char  own[80] = "";
    OK(H5Iget_name(object, own, sizeof own));
    printf("%s: '%s' of type %d, opened '%s'\n", label, name, type, own);
    OK(H5Oclose(object));
}

static void
print_new(const char *label, H5R_ref_t *ref)
{
    static const H5R_ref_t null;
    char                   name[80] = "";
    if (memcmp(ref, &null, sizeof null) == 0) {
        printf("%s: null\n", label);
        return;
    }
    OK(H5Rget_obj_name(ref, H5P_DEFAULT, name, sizeof name));
    printf("%s: type %d to '%s'\n", label, H5Rget_type(ref), name);
    if (H5Rget_type(ref) == H5R_DATASET_REGION2) {
        hid_t space = OK(H5Ropen_region(ref, H5P_DEFAULT, H5P_DEFAULT));
        print_space(space);
        OK(H5Sclose(space));
    }
    OK(H5Rdestroy(ref));
}

static void
make_regions(hid_t file, hdset_reg_ref_t *refs)
{
    const hsize_t dims[2] = {ROWS, COLUMNS}, points[6] = {5, 7, 0, 0, 2, 3};
    const hsize_t start[2] = {1, 2}, count[2] = {2, 3};
    const hsize_t begin[2] = {0, 1}, stride[2] = {2, 4}, times[2] = {3, 2}, block[2] = {1, 2};
    hid_t         space = OK(H5Screate_simple(2, dims, NULL));
    OK(H5Rcreate(&refs[0], file, "group/table", H5R_DATASET_REGION, space));
    OK(H5Sselect_elements(space, H5S_SELECT_SET, 3, points));
    OK(H5Rcreate(&refs[1], file, "group/table", H5R_DATASET_REGION, space));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL));
    OK(H5Rcreate(&refs[2], file, "group/table", H5R_DATASET_REGION, space));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, begin, stride, times, block));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_OR, start, NULL, count, NULL));
    OK(H5Rcreate(&refs[3], file, "group/table", H5R_DATASET_REGION, space));
    OK(H5Sselect_none(space));
    OK(H5Rcreate(&refs[4], file, "group/table", H5R_DATASET_REGION, space));
    OK(H5Sclose(space));
}

static void
read_regions(hid_t file)
{
    hdset_reg_ref_t found[REGIONS + 1];
    H5R_ref_t       as_new[REGIONS + 1];
    hid_t           dataset = OK(H5Dopen2(file, "regions", H5P_DEFAULT));
    hid_t           type    = OK(H5Dget_type(dataset));
    printf("the type is the same: %d\n", (int)OK(H5Tequal(type, H5T_STD_REF_DSETREG)));
    OK(H5Dread(dataset, H5T_STD_REF_DSETREG, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int i = 0; i <= REGIONS; i++)
        print_region(file, "read", &found[i]);
    OK(H5Dread(dataset, H5T_STD_REF, H5S_ALL, H5S_ALL, H5P_DEFAULT, as_new));
    for (int i = 0; i <= REGIONS; i++)
        print_new("as new", &as_new[i]);
    OK(H5Tclose(type));
    OK(H5Dclose(dataset));

    hid_t attribute = OK(H5Aopen(file, "region", H5P_DEFAULT));
    OK(H5Aread(attribute, H5T_STD_REF_DSETREG, found));
    print_region(file, "attribute", found);
    OK(H5Aread(attribute, H5T_STD_REF, as_new));
    print_new("attribute as new", as_new);
    OK(H5Aclose(attribute));
}

static void
read_objects(hid_t file)
{
    hobj_ref_t found[4];
    H5R_ref_t  as_new[4];
    hid_t      dataset = OK(H5Dopen2(file, "objects", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int i = 0; i < 4; i++)
        print_object(file, "object", &found[i]);
    OK(H5Dread(dataset, H5T_STD_REF, H5S_ALL, H5S_ALL, H5P_DEFAULT, as_new));
    for (int i = 0; i < 4; i++)
        print_new("object as new", &as_new[i]);
    OK(H5Dclose(dataset));
}

int
main(int argc, char **argv)
{
    const char   *name = file_name(argc, argv);
    const hsize_t dims[2] = {ROWS, COLUMNS}, four[1] = {4}, regions[1] = {REGIONS + 1};
    int           data[ROWS * COLUMNS];
    for (int i = 0; i < ROWS * COLUMNS; i++)
        data[i] = i;
    hid_t file = new_file(name);
    OK(H5Gclose(OK(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    hid_t dataset = new_dataset(file, "group/table", H5T_STD_I32LE, 2, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dclose(dataset));

    hdset_reg_ref_t made[REGIONS + 1];
    memset(made, 0, sizeof made);
    make_regions(file, made);
    for (int i = 0; i <= REGIONS; i++)
        print_region(file, "made", &made[i]);
    dataset = new_dataset(file, "regions", H5T_STD_REF_DSETREG, 1, regions, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_STD_REF_DSETREG, H5S_ALL, H5S_ALL, H5P_DEFAULT, made));
    OK(H5Dclose(dataset));
    hid_t scalar    = OK(H5Screate(H5S_SCALAR));
    hid_t attribute = OK(H5Acreate2(file, "region", H5T_STD_REF_DSETREG, scalar, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(attribute, H5T_STD_REF_DSETREG, &made[3]));
    OK(H5Aclose(attribute));
    OK(H5Sclose(scalar));
    read_regions(file);

    hobj_ref_t objects[4] = {0, 0, 0, 0};
    OK(H5Rcreate(&objects[0], file, "group", H5R_OBJECT, -1));
    OK(H5Rcreate(&objects[1], file, "group/table", H5R_OBJECT, -1));
    OK(H5Rcreate(&objects[3], file, "/", H5R_OBJECT, -1));
    for (int i = 0; i < 4; i++)
        print_object(file, "made", &objects[i]);
    dataset = new_dataset(file, "objects", H5T_STD_REF_OBJ, 1, four, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, objects));
    OK(H5Dclose(dataset));
    hobj_ref_t again[4];
    dataset = OK(H5Dopen2(file, "objects", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, again));
    printf("read as written: %d\n", memcmp(objects, again, sizeof again) == 0);
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));

    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    read_regions(file);
    read_objects(file);
    OK(H5Fclose(file));
    return 0;
}
