/* Enumerations, array types, bitfields and opaque data. */
#include "check.h"

enum { COUNT = 4 };
static const hsize_t DIMS[1] = {COUNT};

static hid_t
color_type(hid_t base)
{
    signed char value;
    hid_t       type = OK(H5Tenum_create(base));
    value            = 0;
    OK(H5Tenum_insert(type, "red", &value));
    value = 1;
    OK(H5Tenum_insert(type, "green", &value));
    value = -5;
    OK(H5Tenum_insert(type, "blue", &value));
    return type;
}

static void
enumeration(hid_t file)
{
    const signed char data[COUNT] = {0, -5, 1, -5};
    signed char       found[COUNT];
    int               numbers[COUNT];
    hid_t             type    = color_type(H5T_NATIVE_SCHAR);
    hid_t             dataset = new_dataset(file, "enum", type, 1, DIMS, H5P_DEFAULT);
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    CHECK(memcmp(data, found, sizeof data) == 0);
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers));
    print_ints("enum", numbers, COUNT);
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
}

/* Values are matched by name, even when the numbers behind the names differ. */
static void
enumeration_by_name(hid_t file)
{
    short found[COUNT], value;
    hid_t type = OK(H5Tenum_create(H5T_NATIVE_SHORT));
    value      = 100;
    OK(H5Tenum_insert(type, "red", &value));
    value = 200;
    OK(H5Tenum_insert(type, "green", &value));
    value = 300;
    OK(H5Tenum_insert(type, "blue", &value));
    hid_t dataset = OK(H5Dopen2(file, "enum", H5P_DEFAULT));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    printf("by name: %d %d %d %d\n", found[0], found[1], found[2], found[3]);
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
}

static void
print_enumeration(hid_t file)
{
    hid_t dataset = OK(H5Dopen2(file, "enum", H5P_DEFAULT));
    hid_t type    = OK(H5Dget_type(dataset));
    hid_t same    = color_type(H5T_NATIVE_SCHAR);
    SAME(H5Tget_class(type), H5T_ENUM);
    SAME(H5Tequal(type, same), 1);
    for (unsigned i = 0; i < (unsigned)OK(H5Tget_nmembers(type)); i++) {
        signed char value;
        char       *name = H5Tget_member_name(type, i);
        OK(H5Tget_member_value(type, i, &value));
        printf("%s = %d\n", name, value);
        OK(H5free_memory(name));
    }
    OK(H5Tclose(same));
    OK(H5Tclose(type));
    OK(H5Dclose(dataset));
}

static void
arrays(hid_t file)
{
    const hsize_t shape[2] = {2, 3};
    int           data[COUNT][2][3], found[COUNT][2][3];
    double        doubles[COUNT][2][3];
    for (int i = 0; i < COUNT * 6; i++)
        (&data[0][0][0])[i] = i * i;
    hid_t file_type   = OK(H5Tarray_create2(H5T_STD_I32BE, 2, shape));
    hid_t memory_type = OK(H5Tarray_create2(H5T_NATIVE_INT, 2, shape));
    hid_t double_type = OK(H5Tarray_create2(H5T_NATIVE_DOUBLE, 2, shape));
    hid_t dataset     = new_dataset(file, "array", file_type, 1, DIMS, H5P_DEFAULT);
    OK(H5Dwrite(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dread(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    CHECK(memcmp(data, found, sizeof data) == 0);
    OK(H5Dread(dataset, double_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, doubles));
    print_doubles("array", &doubles[0][0][0], COUNT * 6);
    OK(H5Dclose(dataset));
    OK(H5Tclose(double_type));
    OK(H5Tclose(memory_type));
    OK(H5Tclose(file_type));
}

static void
opaque(hid_t file)
{
    const unsigned char data[COUNT][3] = {{0, 1, 2}, {255, 254, 253}, {0, 0, 0}, {10, 13, 26}};
    unsigned char       found[COUNT][3];
    hid_t               type = OK(H5Tcreate(H5T_OPAQUE, 3));
    OK(H5Tset_tag(type, "three bytes"));
    hid_t dataset = new_dataset(file, "opaque", type, 1, DIMS, H5P_DEFAULT);
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dclose(dataset));
    dataset     = OK(H5Dopen2(file, "opaque", H5P_DEFAULT));
    hid_t again = OK(H5Dget_type(dataset));
    char *tag   = H5Tget_tag(again);
    SAME_TEXT(tag, "three bytes");
    OK(H5free_memory(tag));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    CHECK(memcmp(data, found, sizeof data) == 0);
    OK(H5Tclose(again));
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
}

static void
print_array_type(hid_t file)
{
    hsize_t shape[2];
    hid_t   dataset = OK(H5Dopen2(file, "array", H5P_DEFAULT));
    hid_t   type    = OK(H5Dget_type(dataset));
    hid_t   base    = OK(H5Tget_super(type));
    SAME(H5Tget_class(type), H5T_ARRAY);
    SAME(H5Tget_array_ndims(type), 2);
    OK(H5Tget_array_dims2(type, shape));
    SAME(H5Tequal(base, H5T_STD_I32BE), 1);
    printf("array of %llu x %llu\n", (unsigned long long)shape[0], (unsigned long long)shape[1]);
    OK(H5Tclose(base));
    OK(H5Tclose(type));
    OK(H5Dclose(dataset));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    hid_t       file = new_file(name);
    enumeration(file);
    arrays(file);
    opaque(file);
    OK(H5Fclose(file));

    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    print_enumeration(file);
    enumeration_by_name(file);
    print_array_type(file);
    OK(H5Fclose(file));
    return 0;
}
