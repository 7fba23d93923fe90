/* References to objects, regions and attributes (H5T_STD_REF): in datasets, attributes, sequences,
 * compounds and arrays, within a file and to another one. */
#include "check.h"

enum { ROWS = 6, COLUMNS = 8, MOST = 64 };

typedef struct {
    int       number;
    H5R_ref_t ref;
    H5R_ref_t pair[2];
    hvl_t     list;
} record;

static void
print_region(H5R_ref_t *ref)
{
    hsize_t numbers[MOST * 4];
    hid_t   space  = OK(H5Ropen_region(ref, H5P_DEFAULT, H5P_DEFAULT));
    int     rank   = (int)OK(H5Sget_simple_extent_ndims(space));
    int     kind   = H5Sget_select_type(space);
    printf("  selects %lld elements of %d dimensions, kind %d\n",
           (long long)H5Sget_select_npoints(space), rank, kind);
    if (kind == H5S_SEL_HYPERSLABS) {
        hsize_t blocks = (hsize_t)OK(H5Sget_select_hyper_nblocks(space));
        CHECK(blocks <= MOST);
        OK(H5Sget_select_hyper_blocklist(space, 0, blocks, numbers));
        for (hsize_t i = 0; i < blocks * 2 * (hsize_t)rank; i++)
            printf(" %llu", (unsigned long long)numbers[i]);
        printf("\n");
    }
    else if (kind == H5S_SEL_POINTS) {
        hsize_t points = (hsize_t)OK(H5Sget_select_elem_npoints(space));
        CHECK(points <= MOST);
        OK(H5Sget_select_elem_pointlist(space, 0, points, numbers));
        for (hsize_t i = 0; i < points * (hsize_t)rank; i++)
            printf(" %llu", (unsigned long long)numbers[i]);
        printf("\n");
    }
    OK(H5Sclose(space));
}

/* What a program can ask about a reference. */
static void
print(const char *label, H5R_ref_t *ref)
{
    static const H5R_ref_t null;
    char                   name[80] = "", attribute[80] = "";
    int                    found[ROWS * COLUMNS];
    if (memcmp(ref, &null, sizeof null) == 0) {
        printf("%s: null\n", label);
        return;
    }
    H5O_type_t kind;
    H5R_type_t type   = H5Rget_type(ref);
    ssize_t    length = OK(H5Rget_obj_name(ref, H5P_DEFAULT, name, sizeof name));
    OK(H5Rget_obj_type3(ref, H5P_DEFAULT, &kind));
    printf("%s: type %d to object '%s' (%d) of type %d\n", label, type, name, (int)length, kind);
    hid_t object = OK(H5Ropen_object(ref, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Oclose(object));
    if (type == H5R_DATASET_REGION2)
        print_region(ref);
    if (type == H5R_ATTR) {
        length = OK(H5Rget_attr_name(ref, attribute, sizeof attribute));
        hid_t opened = OK(H5Ropen_attr(ref, H5P_DEFAULT, H5P_DEFAULT));
        OK(H5Aread(opened, H5T_NATIVE_INT, found));
        printf("  attribute '%s' (%d) is %d\n", attribute, (int)length, found[0]);
        OK(H5Aclose(opened));
    }
}

static void
targets(hid_t file)
{
    const hsize_t dims[2] = {ROWS, COLUMNS};
    int           data[ROWS * COLUMNS], answer = 42;
    for (int i = 0; i < ROWS * COLUMNS; i++)
        data[i] = i;
    OK(H5Gclose(OK(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    hid_t dataset = new_dataset(file, "group/table", H5T_STD_I32LE, 2, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    hid_t scalar    = OK(H5Screate(H5S_SCALAR));
    hid_t attribute = OK(H5Acreate2(dataset, "answer", H5T_STD_I32LE, scalar, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(attribute, H5T_NATIVE_INT, &answer));
    OK(H5Aclose(attribute));
    OK(H5Sclose(scalar));
    OK(H5Dclose(dataset));
    hid_t type = OK(H5Tcopy(H5T_STD_I16BE));
    OK(H5Tcommit2(file, "type", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Tclose(type));
}

enum { REFERENCES = 11 };

static void
make(hid_t file, H5R_ref_t *refs)
{
    const hsize_t dims[2] = {ROWS, COLUMNS}, points[6] = {5, 7, 0, 0, 2, 3};
    hid_t         space   = OK(H5Screate_simple(2, dims, NULL));
    OK(H5Rcreate_object(file, "group", H5P_DEFAULT, &refs[0]));
    OK(H5Rcreate_object(file, "/group/table", H5P_DEFAULT, &refs[1]));
    OK(H5Rcreate_object(file, "type", H5P_DEFAULT, &refs[2]));
    OK(H5Rcreate_attr(file, "group/table", "answer", H5P_DEFAULT, &refs[3]));
    OK(H5Rcreate_region(file, "group/table", space, H5P_DEFAULT, &refs[4]));
    OK(H5Sselect_elements(space, H5S_SELECT_SET, 3, points));
    OK(H5Rcreate_region(file, "group/table", space, H5P_DEFAULT, &refs[5]));
    const hsize_t start[2] = {1, 2}, count[2] = {2, 3};
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL));
    OK(H5Rcreate_region(file, "group/table", space, H5P_DEFAULT, &refs[6]));
    const hsize_t begin[2] = {0, 1}, stride[2] = {2, 4}, times[2] = {3, 2}, block[2] = {1, 2};
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, begin, stride, times, block));
    OK(H5Rcreate_region(file, "group/table", space, H5P_DEFAULT, &refs[7]));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_OR, start, NULL, count, NULL));
    OK(H5Rcreate_region(file, "group/table", space, H5P_DEFAULT, &refs[8]));
    OK(H5Sselect_none(space));
    OK(H5Rcreate_region(file, "group/table", space, H5P_DEFAULT, &refs[9]));
    memset(&refs[10], 0, sizeof refs[10]);
    OK(H5Sclose(space));
}

static void
destroy(H5R_ref_t *refs, int count)
{
    static const H5R_ref_t null;
    for (int i = 0; i < count; i++)
        if (memcmp(&refs[i], &null, sizeof null) != 0)
            OK(H5Rdestroy(&refs[i]));
}

static void
in_datasets(hid_t file, H5R_ref_t *refs)
{
    const hsize_t dims[1] = {REFERENCES + 1};
    H5R_ref_t     found[REFERENCES + 1];
    hid_t         dataset = new_dataset(file, "refs", H5T_STD_REF, 1, dims, H5P_DEFAULT);
    hid_t         space   = OK(H5Dget_space(dataset));
    OK(H5Dread(dataset, H5T_STD_REF, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print("never written", &found[3]);

    const hsize_t start[1] = {0}, count[1] = {REFERENCES};
    hid_t         memory = OK(H5Screate_simple(1, count, NULL));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL));
    OK(H5Dwrite(dataset, H5T_STD_REF, memory, space, H5P_DEFAULT, refs));
    OK(H5Sselect_all(space));
    OK(H5Dread(dataset, H5T_STD_REF, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int i = 0; i <= REFERENCES; i++)
        print("read", &found[i]);
    for (int i = 0; i < 4; i++)
        printf("equal: %d\n", (int)OK(H5Requal(&refs[i], &found[i])));
    printf("unequal: %d\n", (int)OK(H5Requal(&refs[0], &found[1])));
    H5R_ref_t copy;
    OK(H5Rcopy(&found[3], &copy));
    destroy(found, REFERENCES + 1);
    print("copied", &copy);
    OK(H5Rdestroy(&copy));

    const hsize_t some[3] = {3, 0, 6}, three[1] = {3};
    OK(H5Sselect_elements(space, H5S_SELECT_SET, 3, some));
    OK(H5Sclose(memory));
    memory = OK(H5Screate_simple(1, three, NULL));
    OK(H5Dread(dataset, H5T_STD_REF, memory, space, H5P_DEFAULT, found));
    for (int i = 0; i < 3; i++)
        print("point", &found[i]);
    destroy(found, 3);
    OK(H5Dwrite(dataset, H5T_STD_REF, memory, space, H5P_DEFAULT, refs));
    OK(H5Dread(dataset, H5T_STD_REF, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int i = 0; i < 7; i++)
        print("changed", &found[i]);
    OK(H5Sselect_all(space));
    OK(H5Treclaim(H5T_STD_REF, space, H5P_DEFAULT, found));
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));
}

static void
in_attributes(hid_t file, H5R_ref_t *refs)
{
    const hsize_t dims[1] = {REFERENCES};
    H5R_ref_t     found[REFERENCES];
    hid_t         space     = OK(H5Screate_simple(1, dims, NULL));
    hid_t         attribute = OK(H5Acreate2(file, "refs", H5T_STD_REF, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(attribute, H5T_STD_REF, refs));
    OK(H5Aread(attribute, H5T_STD_REF, found));
    for (int i = 0; i < REFERENCES; i++)
        print("attribute", &found[i]);
    destroy(found, REFERENCES);
    OK(H5Aclose(attribute));
    OK(H5Sclose(space));
}

static void
in_compounds(hid_t file, H5R_ref_t *refs)
{
    const hsize_t dims[1] = {2}, two[1] = {2};
    record        data[2], found[2];
    hid_t         list = OK(H5Tvlen_create(H5T_STD_REF)), pair = OK(H5Tarray_create2(H5T_STD_REF, 1, two));
    hid_t         type = OK(H5Tcreate(H5T_COMPOUND, sizeof(record)));
    memset(data, 0, sizeof data);
    OK(H5Tinsert(type, "number", HOFFSET(record, number), H5T_NATIVE_INT));
    OK(H5Tinsert(type, "ref", HOFFSET(record, ref), H5T_STD_REF));
    OK(H5Tinsert(type, "pair", HOFFSET(record, pair), pair));
    OK(H5Tinsert(type, "list", HOFFSET(record, list), list));
    data[0] = (record){7, refs[6], {refs[0], refs[3]}, {3, refs + 4}};
    data[1].number = 8;
    hid_t dataset = new_dataset(file, "records", type, 1, dims, H5P_DEFAULT);
    hid_t space   = OK(H5Dget_space(dataset));
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));

    hid_t number = OK(H5Tcreate(H5T_COMPOUND, sizeof(int)));
    int   numbers[2];
    OK(H5Tinsert(number, "number", 0, H5T_NATIVE_INT));
    OK(H5Dread(dataset, number, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers));
    print_ints("numbers", numbers, 2);
    numbers[1] = 9;
    OK(H5Dwrite(dataset, number, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers));
    OK(H5Tclose(number));

    for (int i = 0; i < 2; i++) {
        OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
        for (int n = 0; n < 2; n++) {
            printf("number: %d\n", found[n].number);
            print("member", &found[n].ref);
            print("first", &found[n].pair[0]);
            print("second", &found[n].pair[1]);
            for (size_t at = 0; at < found[n].list.len; at++)
                print("listed", (H5R_ref_t *)found[n].list.p + at);
        }
        OK(H5Treclaim(type, space, H5P_DEFAULT, found));
    }
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
    OK(H5Tclose(pair));
    OK(H5Tclose(list));
}

/* A file keeps references to another; the name that they give back is the file's own. */
static void
across_files(const char *name, H5R_ref_t *refs)
{
    char      other[512], said[512];
    H5R_ref_t found[2];
    snprintf(other, sizeof other, "%s-other", name);
    const hsize_t dims[1] = {2};
    hid_t         file    = new_file(other);
    hid_t         dataset = new_dataset(file, "refs", H5T_STD_REF, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_STD_REF, H5S_ALL, H5S_ALL, H5P_DEFAULT, refs + 5));
    OK(H5Dread(dataset, H5T_STD_REF, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int i = 0; i < 2; i++) {
        OK(H5Rget_file_name(&found[i], said, sizeof said));
        printf("names the other file: %d\n", strcmp(said, name) == 0);
        print("elsewhere", &found[i]);
    }
    destroy(found, 2);
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    OK(H5Fdelete(other, H5P_DEFAULT));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    H5R_ref_t   refs[REFERENCES];
    hid_t       file = new_file(name);
    targets(file);
    make(file, refs);
    for (int i = 0; i < REFERENCES; i++)
        print("made", &refs[i]);
    in_datasets(file, refs);
    in_attributes(file, refs);
    in_compounds(file, refs);
    across_files(name, refs);
    destroy(refs, REFERENCES);
    printf("objects left open: %d\n", (int)OK(H5Fget_obj_count(file, H5F_OBJ_ALL)));
    OK(H5Fclose(file));

    file          = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    hid_t dataset = OK(H5Dopen2(file, "refs", H5P_DEFAULT));
    hid_t type    = OK(H5Dget_type(dataset));
    printf("the type is the same: %d\n", (int)OK(H5Tequal(type, H5T_STD_REF)));
    H5R_ref_t found[REFERENCES + 1];
    OK(H5Dread(dataset, H5T_STD_REF, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    OK(H5Tclose(type));
    OK(H5Dclose(dataset));
    for (int i = 0; i <= REFERENCES; i++)
        print("opened again", &found[i]);
    destroy(found, REFERENCES + 1);

    /* A reference may be stored when its object is gone. */
    OK(H5Fclose(file));
    file = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    H5R_ref_t gone;
    OK(H5Rcreate_object(file, "type", H5P_DEFAULT, &gone));
    OK(H5Ldelete(file, "type", H5P_DEFAULT));
    dataset             = OK(H5Dopen2(file, "refs", H5P_DEFAULT));
    const hsize_t at[1] = {0};
    hid_t         space = OK(H5Dget_space(dataset)), one = OK(H5Screate(H5S_SCALAR));
    OK(H5Sselect_elements(space, H5S_SELECT_SET, 1, at));
    OK(H5Dwrite(dataset, H5T_STD_REF, one, space, H5P_DEFAULT, &gone));
    OK(H5Rdestroy(&gone));
    OK(H5Dread(dataset, H5T_STD_REF, one, space, H5P_DEFAULT, &gone));
    printf("gone: type %d\n", H5Rget_type(&gone));
    OK(H5Rdestroy(&gone));
    OK(H5Sclose(one));
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    return 0;
}
