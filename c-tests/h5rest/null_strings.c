/* Strings of variable length that are not there (NULL) are told from empty ones, in every place a
 * string can be: elements that were never written, fill values, compounds, sequences, attributes. */
#include "check.h"

enum { COUNT = 4 };

typedef struct {
    int   number;
    char *name;
    char *unit;
} record;

static hid_t
string_type(void)
{
    hid_t type = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(type, H5T_VARIABLE));
    return type;
}

static void
print(const char *label, const char *text)
{
    if (text == NULL)
        printf("%s: null\n", label);
    else
        printf("%s: '%s'\n", label, text);
}

static void
read_and_print(hid_t dataset, const char *label)
{
    char *found[COUNT];
    hid_t type = string_type(), space = OK(H5Dget_space(dataset));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int i = 0; i < COUNT; i++)
        print(label, found[i]);
    OK(H5Treclaim(type, space, H5P_DEFAULT, found));
    OK(H5Sclose(space));
    OK(H5Tclose(type));
}

static void
strings(hid_t file)
{
    const hsize_t dims[1] = {COUNT}, chunk[1] = {3};
    const char   *data[COUNT] = {"one", NULL, "", "four"};
    const char   *part[2]     = {"", NULL};
    hid_t         type = string_type(), dcpl = chunked(1, chunk);
    hid_t         dataset = new_dataset(file, "strings", type, 1, dims, dcpl);
    read_and_print(dataset, "never written");
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    read_and_print(dataset, "written");

    const hsize_t start[1] = {0}, stride[1] = {3}, count[1] = {2}, points[2] = {3, 1};
    hid_t         space = OK(H5Dget_space(dataset)), memory = OK(H5Screate_simple(1, count, NULL));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, stride, count, NULL));
    OK(H5Dwrite(dataset, type, memory, space, H5P_DEFAULT, part));
    read_and_print(dataset, "partly written");
    OK(H5Sselect_elements(space, H5S_SELECT_SET, 2, points));
    OK(H5Dwrite(dataset, type, memory, space, H5P_DEFAULT, part));
    char *found[2];
    OK(H5Dread(dataset, type, memory, space, H5P_DEFAULT, found));
    print("point", found[0]);
    print("point", found[1]);
    OK(H5Treclaim(type, memory, H5P_DEFAULT, found));
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));

    const char *fills[3] = {NULL, "", "filled"};
    for (int i = 0; i < 3; i++) {
        char name[] = "fill0";
        name[4]     = (char)('0' + i);
        OK(H5Pset_fill_value(dcpl, type, &fills[i]));
        dataset = new_dataset(file, name, type, 1, dims, dcpl);
        read_and_print(dataset, name);
        OK(H5Dclose(dataset));
    }
    OK(H5Pclose(dcpl));
    OK(H5Tclose(type));
}

static void
compounds(hid_t file)
{
    const hsize_t dims[1]     = {COUNT};
    const record  data[COUNT] = {{1, "a", NULL}, {2, "", "m"}, {3, NULL, ""}, {4, NULL, NULL}};
    record        found[COUNT];
    hid_t         string = string_type(), type = OK(H5Tcreate(H5T_COMPOUND, sizeof(record)));
    OK(H5Tinsert(type, "number", HOFFSET(record, number), H5T_NATIVE_INT));
    OK(H5Tinsert(type, "name", HOFFSET(record, name), string));
    OK(H5Tinsert(type, "unit", HOFFSET(record, unit), string));
    hid_t dataset = new_dataset(file, "compounds", type, 1, dims, H5P_DEFAULT);
    hid_t space   = OK(H5Dget_space(dataset));
    for (int written = 0; written < 2; written++) {
        OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
        for (int i = 0; i < COUNT; i++) {
            printf("number: %d\n", found[i].number);
            print("name", found[i].name);
            print("unit", found[i].unit);
        }
        OK(H5Treclaim(type, space, H5P_DEFAULT, found));
        if (!written)
            OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    }
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
    OK(H5Tclose(string));
}

static void
sequences(hid_t file)
{
    const hsize_t dims[1]   = {2};
    const char   *words[3]  = {"", NULL, "three"};
    const hvl_t   data[2]   = {{3, words}, {0, NULL}};
    hvl_t         found[2];
    hid_t         string = string_type(), type = OK(H5Tvlen_create(string));
    hid_t         dataset = new_dataset(file, "sequences", type, 1, dims, H5P_DEFAULT);
    hid_t         space   = OK(H5Dget_space(dataset));
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    SAME(found[0].len, 3);
    SAME(found[1].len, 0);
    for (int i = 0; i < 3; i++)
        print("word", ((char **)found[0].p)[i]);
    OK(H5Treclaim(type, space, H5P_DEFAULT, found));
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
    OK(H5Tclose(string));
}

static void
attributes(hid_t file)
{
    const hsize_t dims[1]     = {COUNT};
    const char   *data[COUNT] = {NULL, "", "x", NULL};
    char         *found[COUNT], *single = NULL;
    hid_t         type = string_type(), space = OK(H5Screate_simple(1, dims, NULL));
    hid_t         attribute = OK(H5Acreate2(file, "list", type, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(attribute, type, data));
    OK(H5Aread(attribute, type, found));
    for (int i = 0; i < COUNT; i++)
        print("attribute", found[i]);
    OK(H5Treclaim(type, space, H5P_DEFAULT, found));
    OK(H5Aclose(attribute));
    OK(H5Sclose(space));

    space     = OK(H5Screate(H5S_SCALAR));
    attribute = OK(H5Acreate2(file, "single", type, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(attribute, type, &single));
    OK(H5Aread(attribute, type, &single));
    print("single", single);
    single = "";
    OK(H5Awrite(attribute, type, &single));
    OK(H5Aread(attribute, type, &single));
    print("single", single);
    OK(H5free_memory(single));
    OK(H5Aclose(attribute));
    OK(H5Sclose(space));
    OK(H5Tclose(type));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    hid_t       file = new_file(name);
    strings(file);
    compounds(file);
    sequences(file);
    attributes(file);
    OK(H5Fclose(file));

    file          = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    hid_t dataset = OK(H5Dopen2(file, "strings", H5P_DEFAULT));
    read_and_print(dataset, "opened again");
    OK(H5Dclose(dataset));
    hid_t type = string_type(), attribute = OK(H5Aopen(file, "list", H5P_DEFAULT));
    char *found[COUNT];
    OK(H5Aread(attribute, type, found));
    for (int i = 0; i < COUNT; i++)
        print("attribute opened again", found[i]);
    hid_t space = OK(H5Aget_space(attribute));
    OK(H5Treclaim(type, space, H5P_DEFAULT, found));
    OK(H5Sclose(space));
    OK(H5Aclose(attribute));
    OK(H5Tclose(type));
    OK(H5Fclose(file));
    return 0;
}
