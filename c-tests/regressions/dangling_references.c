/* References to what is gone, was renamed, or never was: they can be read, looked at and written back,
 * in every kind. Names of attributes in references may be any bytes. */
#include "check.h"

#define COUNT 3

static const char *const attribute_names[COUNT] = {"plain", "b\xc3\xa4r", "bytes\xff\xfe"};

static void
print_reference(const char *label, H5R_ref_t *reference)
{
    char    name[100] = "";
    ssize_t length;
    hid_t   object;
    H5E_BEGIN_TRY
    {
        length = H5Rget_obj_name(reference, H5P_DEFAULT, name, sizeof name);
        object = H5Ropen_object(reference, H5P_DEFAULT, H5P_DEFAULT);
    }
    H5E_END_TRY
    printf("%s: kind %d, name %d '%s', %s\n", label, (int)H5Rget_type(reference), (int)length,
           length > 0 ? name : "", object < 0 ? "cannot be opened" : "opened");
    if (object >= 0)
        OK(H5Oclose(object));
}

static void
print_old_reference(hid_t file, const char *label, const hobj_ref_t *reference)
{
    char    name[100] = "";
    ssize_t length;
    hid_t   object;
    H5E_BEGIN_TRY
    {
        length = H5Rget_name(file, H5R_OBJECT, reference, name, sizeof name);
        object = H5Rdereference2(file, H5P_DEFAULT, H5R_OBJECT, reference);
    }
    H5E_END_TRY
    printf("%s: %s, name %d '%s', %s\n", label, *reference == 0 ? "null" : "not null", (int)length,
           length > 0 ? name : "", object < 0 ? "cannot be opened" : "opened");
    if (object >= 0)
        OK(H5Oclose(object));
}

static void
group_at(hid_t file, const char *name)
{
    OK(H5Gclose(OK(H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
}

/* Attributes are found by their names' bytes. */
static void
names_in_bytes(hid_t file)
{
    hid_t         space       = OK(H5Screate(H5S_SCALAR));
    const hsize_t dims[1]     = {COUNT};
    H5R_ref_t     made[COUNT] = {0}, found[COUNT];
    for (int i = 0; i < COUNT; i++) {
        hid_t attribute =
            OK(H5Acreate2(file, attribute_names[i], H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT));
        OK(H5Awrite(attribute, H5T_NATIVE_INT, &i));
        OK(H5Aclose(attribute));
        OK(H5Rcreate_attr(file, "/", attribute_names[i], H5P_DEFAULT, &made[i]));
    }
    hid_t dataset = new_dataset(file, "to attributes", H5T_STD_REF, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_STD_REF, H5S_ALL, H5S_ALL, H5P_DEFAULT, made));
    OK(H5Dread(dataset, H5T_STD_REF, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int i = 0; i < COUNT; i++) {
        char  name[100];
        int   value  = -1;
        hid_t opened = OK(H5Ropen_attr(&found[i], H5P_DEFAULT, H5P_DEFAULT));
        OK(H5Aread(opened, H5T_NATIVE_INT, &value));
        printf("attribute of %d bytes: %d\n", (int)H5Rget_attr_name(&found[i], name, sizeof name), value);
        CHECK(strcmp(name, attribute_names[i]) == 0);
        OK(H5Aclose(opened));
        OK(H5Rdestroy(&found[i]));
        OK(H5Rdestroy(&made[i]));
    }
    OK(H5Dclose(dataset));
    OK(H5Sclose(space));
}

static void
new_kind(hid_t file)
{
    const hsize_t dims[1]     = {COUNT};
    H5R_ref_t     made[COUNT] = {0}, found[COUNT];
    group_at(file, "stays");
    group_at(file, "goes");
    OK(H5Rcreate_object(file, "stays", H5P_DEFAULT, &made[0]));
    OK(H5Rcreate_object(file, "goes", H5P_DEFAULT, &made[1]));
    hid_t dataset = new_dataset(file, "references", H5T_STD_REF, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_STD_REF, H5S_ALL, H5S_ALL, H5P_DEFAULT, made));
    OK(H5Lmove(file, "stays", file, "moved", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Ldelete(file, "goes", H5P_DEFAULT));
    for (int round = 0; round < 2; round++) {
        OK(H5Dread(dataset, H5T_STD_REF, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
        print_reference("renamed", &found[0]);
        print_reference("deleted", &found[1]);
        printf("unwritten: kind %d\n", (int)H5Rget_type(&found[2]));
        /* What dangles may be written again. */
        OK(H5Dwrite(dataset, H5T_STD_REF, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
        for (int i = 0; i < COUNT; i++)
            OK(H5Rdestroy(&found[i]));
    }
    for (int i = 0; i < COUNT; i++)
        OK(H5Rdestroy(&made[i]));
    OK(H5Dclose(dataset));
}

static void
old_kind(hid_t file)
{
    const hsize_t dims[1] = {COUNT};
    hobj_ref_t    made[COUNT] = {0}, found[COUNT], again[COUNT];
    group_at(file, "there");
    group_at(file, "gone");
    OK(H5Rcreate(&made[0], file, "there", H5R_OBJECT, -1));
    OK(H5Rcreate(&made[1], file, "gone", H5R_OBJECT, -1));
    hid_t dataset = new_dataset(file, "old references", H5T_STD_REF_OBJ, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, made));
    OK(H5Ldelete(file, "gone", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print_old_reference(file, "there", &found[0]);
    print_old_reference(file, "gone", &found[1]);
    print_old_reference(file, "unwritten", &found[2]);
    OK(H5Dwrite(dataset, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    OK(H5Dread(dataset, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, again));
    printf("written again: %s\n", memcmp(found, again, sizeof found) == 0 ? "the same" : "different");
    /* Numbers that were never references are stored all the same. */
    const hobj_ref_t numbers[COUNT] = {12345, 1, 0xffffffffffffffff};
    OK(H5Dwrite(dataset, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers));
    OK(H5Dread(dataset, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, again));
    printf("any numbers: %s\n", memcmp(numbers, again, sizeof again) == 0 ? "the same" : "different");
    print_old_reference(file, "a number", &again[0]);
    OK(H5Dclose(dataset));
}

int
main(int argc, char **argv)
{
    hid_t file = new_file(file_name(argc, argv));
    names_in_bytes(file);
    new_kind(file);
    old_kind(file);
    printf("%zd open\n", H5Fget_obj_count(file, H5F_OBJ_ALL));
    OK(H5Fclose(file));
    printf("%zd open\n", H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL));
    return 0;
}
