/* Strings of fixed and variable length, of every padding and both character sets. */
#include "check.h"

static hid_t
string_type(size_t size, H5T_str_t padding, H5T_cset_t characters)
{
    hid_t type = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(type, size));
    OK(H5Tset_strpad(type, padding));
    OK(H5Tset_cset(type, characters));
    return type;
}

static void
fixed(hid_t file, const char *name, hid_t type)
{
    const hsize_t dims[1] = {3};
    const char    data[3][9] = {"abc", "exactly8", ""};
    char          found[3][9], packed[3][8];
    hid_t         memory_type = string_type(9, H5T_STR_NULLTERM, H5Tget_cset(type));
    hid_t         dataset     = new_dataset(file, name, type, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dread(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    printf("%s: [%s] [%s] [%s]\n", name, found[0], found[1], found[2]);
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, packed));
    printf("%s bytes:", name);
    for (size_t i = 0; i < sizeof packed; i++)
        printf(" %02x", ((unsigned char *)packed)[i]);
    printf("\n");
    OK(H5Dclose(dataset));
    OK(H5Tclose(memory_type));
}

static void
variable(hid_t file, const char *name, H5T_cset_t characters, hid_t dcpl)
{
    const hsize_t dims[1] = {5};
    const char   *data[5] = {"one", "", "a rather longer string that needs room", "Gr\xc3\xbc\xc3\x9f" "e", "five"};
    char         *found[5];
    if (characters == H5T_CSET_ASCII)
        data[3] = "plain";
    hid_t type    = string_type(H5T_VARIABLE, H5T_STR_NULLTERM, characters);
    hid_t dataset = new_dataset(file, name, type, 1, dims, dcpl);
    hid_t space   = OK(H5Dget_space(dataset));
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int i = 0; i < 5; i++) {
        SAME_TEXT(found[i], data[i]);
        printf("%s: [%s]\n", name, found[i]);
    }
    OK(H5Treclaim(type, space, H5P_DEFAULT, found));

    const hsize_t start[1] = {2}, stride[1] = {2}, count[1] = {2};
    const char   *changed[2] = {"new two", "new four"};
    hid_t         memory     = OK(H5Screate_simple(1, count, NULL));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, stride, count, NULL));
    OK(H5Dwrite(dataset, type, memory, space, H5P_DEFAULT, changed));
    OK(H5Sselect_all(space));
    OK(H5Dread(dataset, type, H5S_ALL, space, H5P_DEFAULT, found));
    for (int i = 0; i < 5; i++)
        printf("%s then: [%s]\n", name, found[i]);
    OK(H5Treclaim(type, space, H5P_DEFAULT, found));
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
}

static void
print_type(hid_t file, const char *name)
{
    hid_t dataset = OK(H5Dopen2(file, name, H5P_DEFAULT));
    hid_t type    = OK(H5Dget_type(dataset));
    printf("%s: class %d variable %d padding %d characters %d\n", name, (int)H5Tget_class(type),
           (int)OK(H5Tis_variable_str(type)), (int)H5Tget_strpad(type), (int)H5Tget_cset(type));
    if (OK(H5Tis_variable_str(type)) == 0)
        printf("%s: %d bytes\n", name, (int)H5Tget_size(type));
    OK(H5Tclose(type));
    OK(H5Dclose(dataset));
}

int
main(int argc, char **argv)
{
    const char   *name     = file_name(argc, argv);
    const char   *names[]  = {"null terminated", "null padded", "space padded", "utf-8", "variable ascii",
                              "variable utf-8", "variable chunked"};
    hid_t         file     = new_file(name);
    const hsize_t chunk[1] = {2};
    hid_t         dcpl     = chunked(1, chunk);
    hid_t         types[]  = {string_type(8, H5T_STR_NULLTERM, H5T_CSET_ASCII),
                              string_type(8, H5T_STR_NULLPAD, H5T_CSET_ASCII),
                              string_type(8, H5T_STR_SPACEPAD, H5T_CSET_ASCII),
                              string_type(8, H5T_STR_NULLPAD, H5T_CSET_UTF8)};
    for (int i = 0; i < 4; i++) {
        fixed(file, names[i], types[i]);
        OK(H5Tclose(types[i]));
    }
    variable(file, "variable ascii", H5T_CSET_ASCII, H5P_DEFAULT);
    variable(file, "variable utf-8", H5T_CSET_UTF8, H5P_DEFAULT);
    variable(file, "variable chunked", H5T_CSET_UTF8, dcpl);
    OK(H5Pclose(dcpl));
    OK(H5Fclose(file));

    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        print_type(file, names[i]);
    OK(H5Fclose(file));
    return 0;
}
