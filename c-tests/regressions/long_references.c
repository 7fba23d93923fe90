/* References that say much (regions of many points, attributes with long names) as members of compounds,
 * arrays and sequences whose elements have gaps: they are larger on their way than in memory. */
#include "check.h"

#define POINTS 5000
#define COUNT  4

struct record {
    char      tag;
    H5R_ref_t reference;
    int       number;
};

struct records {
    int           number;
    struct record two[2];
};

/* The type of a record with its gaps. */
static hid_t
record_type(void)
{
    hid_t type = OK(H5Tcreate(H5T_COMPOUND, sizeof(struct record)));
    OK(H5Tinsert(type, "tag", HOFFSET(struct record, tag), H5T_NATIVE_CHAR));
    OK(H5Tinsert(type, "reference", HOFFSET(struct record, reference), H5T_STD_REF));
    OK(H5Tinsert(type, "number", HOFFSET(struct record, number), H5T_NATIVE_INT));
    return type;
}

static hid_t
records_type(hid_t record)
{
    const hsize_t two   = 2;
    hid_t         type  = OK(H5Tcreate(H5T_COMPOUND, sizeof(struct records)));
    hid_t         array = OK(H5Tarray_create2(record, 1, &two));
    OK(H5Tinsert(type, "number", HOFFSET(struct records, number), H5T_NATIVE_INT));
    OK(H5Tinsert(type, "two", HOFFSET(struct records, two), array));
    OK(H5Tclose(array));
    return type;
}

/* What the references are to: a dataset with an attribute. */
static void
make_target(hid_t file, const char *attribute_name)
{
    const hsize_t dims[2] = {1000, 1000};
    hid_t         target  = new_dataset(file, "target", H5T_STD_I8LE, 2, dims, H5P_DEFAULT);
    hid_t         space   = OK(H5Screate(H5S_SCALAR));
    OK(H5Aclose(OK(H5Acreate2(target, attribute_name, H5T_STD_I8LE, space, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Sclose(space));
    OK(H5Dclose(target));
}

/* A region of many points. */
static void
refer_to_points(hid_t file, H5R_ref_t *reference)
{
    static hsize_t points[POINTS][2];
    const hsize_t  dims[2] = {1000, 1000};
    hid_t          space   = OK(H5Screate_simple(2, dims, NULL));
    for (hsize_t i = 0; i < POINTS; i++) {
        points[i][0] = i * 7 % 1000;
        points[i][1] = i * 11 / 1000 % 1000;
    }
    OK(H5Sselect_elements(space, H5S_SELECT_SET, POINTS, &points[0][0]));
    OK(H5Rcreate_region(file, "target", space, H5P_DEFAULT, reference));
    OK(H5Sclose(space));
}

/* A region of many blocks that no start, stride and count describe. */
static void
refer_to_blocks(hid_t file, H5R_ref_t *reference)
{
    const hsize_t dims[2] = {1000, 1000};
    hid_t         space   = OK(H5Screate_simple(2, dims, NULL));
    OK(H5Sselect_none(space));
    for (hsize_t i = 0; i < 100; i++) {
        const hsize_t start[2] = {3 * i, i * i % 900}, count[2] = {2, i % 50 + 1};
        OK(H5Sselect_hyperslab(space, H5S_SELECT_OR, start, NULL, count, NULL));
    }
    OK(H5Rcreate_region(file, "target", space, H5P_DEFAULT, reference));
    OK(H5Sclose(space));
}

static void
make_records(hid_t file, const char *attribute_name, struct record *records)
{
    memset(records, 0, COUNT * sizeof *records);
    refer_to_points(file, &records[0].reference);
    refer_to_blocks(file, &records[1].reference);
    OK(H5Rcreate_attr(file, "target", attribute_name, H5P_DEFAULT, &records[2].reference));
    /* The last one stays null. */
    for (int i = 0; i < COUNT; i++) {
        records[i].tag    = (char)('a' + i);
        records[i].number = 10 * i;
    }
}

static void
print_reference(H5R_ref_t *reference)
{
    static const H5R_ref_t null;
    static char            name[40000];
    if (memcmp(reference, &null, sizeof null) == 0) {
        printf("nothing\n");
        return;
    }
    OK(H5Rget_obj_name(reference, H5P_DEFAULT, name, sizeof name));
    printf("%s", name);
    if (H5Rget_type(reference) == H5R_ATTR) {
        OK(H5Rget_attr_name(reference, name, sizeof name));
        printf(", attribute of %d bytes, %.10s\n", (int)strlen(name), name);
        return;
    }
    hsize_t start[2], end[2];
    hid_t   space = OK(H5Ropen_region(reference, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Sget_select_bounds(space, start, end));
    printf(", %d elements between %d,%d and %d,%d\n", (int)H5Sget_select_npoints(space), (int)start[0],
           (int)start[1], (int)end[0], (int)end[1]);
    OK(H5Sclose(space));
}

static void
print_and_destroy(const char *label, struct record *records, int count)
{
    static const H5R_ref_t null;
    for (int i = 0; i < count; i++) {
        printf("%s: %c %d ", label, records[i].tag, records[i].number);
        print_reference(&records[i].reference);
        if (memcmp(&records[i].reference, &null, sizeof null) != 0)
            OK(H5Rdestroy(&records[i].reference));
    }
}

static void
compounds(hid_t file, hid_t type, const struct record *records)
{
    const hsize_t count = COUNT;
    struct record found[COUNT];
    hid_t         dataset = new_dataset(file, "compounds", type, 1, &count, H5P_DEFAULT);
    hid_t         space   = OK(H5Dget_space(dataset));
    hid_t attribute = OK(H5Acreate2(dataset, "compounds", type, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, records));
    OK(H5Awrite(attribute, type, records));
    memset(found, 0, sizeof found);
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print_and_destroy("dataset", found, COUNT);
    memset(found, 0, sizeof found);
    OK(H5Aread(attribute, type, found));
    print_and_destroy("attribute", found, COUNT);
    OK(H5Aclose(attribute));
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));
}

/* Some members at a time: the others stay, in the file and in memory. */
static void
members(hid_t file, hid_t type, const struct record *records)
{
    const hsize_t count = COUNT;
    struct record found[COUNT];
    hid_t         dataset = OK(H5Dopen2(file, "compounds", H5P_DEFAULT));
    hid_t         numbers = OK(H5Tcreate(H5T_COMPOUND, sizeof(struct record)));
    hid_t         references = OK(H5Tcreate(H5T_COMPOUND, sizeof(struct record)));
    int           values[COUNT] = {1, 2, 3, 4};
    hid_t         packed        = OK(H5Tcreate(H5T_COMPOUND, sizeof(int)));
    OK(H5Tinsert(packed, "number", 0, H5T_NATIVE_INT));
    OK(H5Tinsert(numbers, "number", HOFFSET(struct record, number), H5T_NATIVE_INT));
    OK(H5Tinsert(references, "reference", HOFFSET(struct record, reference), H5T_STD_REF));
    OK(H5Dwrite(dataset, packed, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    memset(found, 0, sizeof found);
    for (int i = 0; i < COUNT; i++)
        found[i].tag = (char)('A' + i);
    OK(H5Dread(dataset, numbers, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    OK(H5Dread(dataset, references, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print_and_destroy("members", found, COUNT);
    OK(H5Dclose(dataset));
    /* A dataset that keeps references only. */
    memset(found, 0, sizeof found);
    dataset = new_dataset(file, "references", references, 1, &count, H5P_DEFAULT);
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, records));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int i = 0; i < COUNT; i++)
        found[i].tag = '-';
    print_and_destroy("only references", found, COUNT);
    OK(H5Dclose(dataset));
    OK(H5Tclose(packed));
    OK(H5Tclose(references));
    OK(H5Tclose(numbers));
}

static void
arrays(hid_t file, hid_t record, const struct record *records)
{
    const hsize_t  one = 1;
    struct records value, found;
    hid_t          type    = records_type(record);
    hid_t          dataset = new_dataset(file, "arrays", type, 1, &one, H5P_DEFAULT);
    value.number           = 5;
    memcpy(value.two, records, sizeof value.two);
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value));
    memset(&found, 0, sizeof found);
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &found));
    printf("array %d\n", found.number);
    print_and_destroy("array", found.two, 2);
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
}

/* One sequence: HDF5 itself loses references in what follows the first one. */
static void
sequences(hid_t file, hid_t record, struct record *records)
{
    const hsize_t one = 1;
    hvl_t         value = {3, records}, found;
    hid_t         type    = OK(H5Tvlen_create(record));
    hid_t         dataset = new_dataset(file, "sequences", type, 1, &one, H5P_DEFAULT);
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &found));
    print_and_destroy("sequence", found.p, (int)found.len);
    OK(H5free_memory(found.p));
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
}

int
main(int argc, char **argv)
{
    static char   attribute_name[30001];
    struct record records[COUNT];
    hid_t         file = new_file(file_name(argc, argv));
    hid_t         type = record_type();
    memset(attribute_name, 'n', sizeof attribute_name - 1);
    make_target(file, attribute_name);
    make_records(file, attribute_name, records);
    compounds(file, type, records);
    members(file, type, records);
    arrays(file, type, records);
    sequences(file, type, records);
    print_and_destroy("given", records, COUNT);
    OK(H5Tclose(type));
    OK(H5Fclose(file));
    return 0;
}
