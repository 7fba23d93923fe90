/* Programs that move elements of one dataset again and again, each time as another type: types that
 * are changed between two calls, whose identifiers are closed and given out again, and that differ
 * only in what is easily overlooked. */
#include "check.h"

enum { COUNT = 4 };

static void
print_bytes(const char *what, const void *bytes, size_t size)
{
    printf("%s:", what);
    for (size_t n = 0; n < size; n++)
        printf(" %02x", ((const unsigned char *)bytes)[n]);
    printf("\n");
}

/* One identifier whose type becomes another one between the calls. */
static void
changed_in_place(hid_t dataset)
{
    unsigned char bytes[COUNT * 8];
    hid_t         type = OK(H5Tcopy(H5T_STD_I32LE));
    for (int n = 0; n < 3; n++) {
        if (n == 1)
            OK(H5Tset_order(type, H5T_ORDER_BE));
        if (n == 2)
            OK(H5Tset_size(type, 8));
        memset(bytes, 0xee, sizeof bytes);
        OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes));
        print_bytes("changed in place", bytes, sizeof bytes);
    }
    OK(H5Tclose(type));
}

/* Identifiers of closed types are given out again. */
static void
closed_and_made_anew(hid_t dataset)
{
    const hid_t kinds[] = {H5T_STD_I32LE, H5T_STD_I16BE, H5T_IEEE_F32LE, H5T_IEEE_F64BE,
                           H5T_STD_U8LE,  H5T_STD_I32LE, H5T_STD_I64LE};
    for (size_t n = 0; n < sizeof kinds / sizeof *kinds; n++) {
        unsigned char bytes[COUNT * 8];
        hid_t         type = OK(H5Tcopy(kinds[n]));
        memset(bytes, 0xee, sizeof bytes);
        OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes));
        print_bytes("made anew", bytes, sizeof bytes);
        OK(H5Tclose(type));
    }
}

typedef struct {
    int   number;
    short small;
    char  name[6];
} record;

static hid_t
record_type(size_t name_size)
{
    hid_t type = OK(H5Tcreate(H5T_COMPOUND, sizeof(record)));
    hid_t name = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(name, name_size));
    OK(H5Tinsert(type, "number", HOFFSET(record, number), H5T_NATIVE_INT));
    OK(H5Tinsert(type, "small", HOFFSET(record, small), H5T_NATIVE_SHORT));
    OK(H5Tinsert(type, "name", HOFFSET(record, name), name));
    OK(H5Tclose(name));
    return type;
}

/* A compound that gets one member more between the calls. */
static void
growing_compound(hid_t file)
{
    const hsize_t dims[1] = {2};
    const record  made[2] = {{1, 2, "three"}, {-4, -5, "six"}};
    hid_t         stored  = record_type(6);
    hid_t         dataset = new_dataset(file, "records", stored, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, stored, H5S_ALL, H5S_ALL, H5P_DEFAULT, made));
    hid_t part = OK(H5Tcreate(H5T_COMPOUND, sizeof(record)));
    for (int n = 0; n < 3; n++) {
        record found[2];
        memset(found, 0xee, sizeof found);
        if (n == 0)
            OK(H5Tinsert(part, "small", HOFFSET(record, small), H5T_NATIVE_SHORT));
        if (n == 1)
            OK(H5Tinsert(part, "number", HOFFSET(record, number), H5T_STD_I32BE));
        if (n == 2) {
            hid_t name = OK(H5Tcopy(H5T_C_S1));
            OK(H5Tset_size(name, 3));
            OK(H5Tinsert(part, "name", HOFFSET(record, name), name));
            OK(H5Tclose(name));
        }
        OK(H5Dread(dataset, part, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
        print_bytes("growing", found, sizeof found);
        /* Members that the type lacks stay as they are on the file. */
        found[0].small = (short)(100 + n);
        found[1].small = (short)(200 + n);
        OK(H5Dwrite(dataset, part, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
        memset(found, 0xee, sizeof found);
        OK(H5Dread(dataset, stored, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
        print_bytes("whole", found, sizeof found);
    }
    OK(H5Tclose(part));
    OK(H5Tclose(stored));
    OK(H5Dclose(dataset));
}

/* Strings of one size that end in different ways. */
static void
paddings(hid_t file)
{
    const hsize_t dims[1]   = {2};
    const char    made[2][5] = {{'a', 'b', 0, 'c', 'd'}, {'e', 'f', 'g', 'h', 'i'}};
    const H5T_str_t kinds[] = {H5T_STR_NULLPAD, H5T_STR_NULLTERM, H5T_STR_SPACEPAD, H5T_STR_NULLPAD};
    hid_t         type      = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(type, 5));
    OK(H5Tset_strpad(type, H5T_STR_NULLPAD));
    hid_t dataset = new_dataset(file, "strings", type, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, made));
    for (size_t n = 0; n < sizeof kinds / sizeof *kinds; n++) {
        char found[2][5];
        OK(H5Tset_strpad(type, kinds[n]));
        OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
        print_bytes("padding", found, sizeof found);
    }
    OK(H5Tclose(type));
    OK(H5Dclose(dataset));
}

/* A type that cannot be converted, between two that can. */
static void
refused_between(hid_t dataset)
{
    int  numbers[COUNT];
    char text[COUNT][8];
    hid_t string = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(string, 8));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers));
    FAILS(H5Dread(dataset, string, H5S_ALL, H5S_ALL, H5P_DEFAULT, text));
    FAILS(H5Dwrite(dataset, string, H5S_ALL, H5S_ALL, H5P_DEFAULT, text));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers));
    printf("refused between: %d %d\n", numbers[0], numbers[COUNT - 1]);
    OK(H5Tclose(string));
}

/* A committed type names the same elements as the one it was made of. */
static void
committed(hid_t file, hid_t dataset)
{
    int   numbers[COUNT] = {9, 8, 7, 6};
    hid_t type           = OK(H5Tcopy(H5T_NATIVE_INT));
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers));
    OK(H5Tcommit2(file, "type", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    memset(numbers, 0, sizeof numbers);
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers));
    printf("committed: %d %d\n", numbers[0], numbers[COUNT - 1]);
    OK(H5Tclose(type));
    type = OK(H5Topen2(file, "type", H5P_DEFAULT));
    memset(numbers, 0, sizeof numbers);
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers));
    printf("opened: %d %d\n", numbers[0], numbers[COUNT - 1]);
    OK(H5Tclose(type));
}

/* One transfer property list that gets and loses a transform between the calls. */
static void
transformed(hid_t dataset)
{
    int   numbers[COUNT];
    hid_t dxpl = OK(H5Pcreate(H5P_DATASET_XFER));
    for (int n = 0; n < 3; n++) {
        if (n == 1)
            OK(H5Pset_data_transform(dxpl, "2 * x + 1"));
        if (n == 2)
            OK(H5Pset_data_transform(dxpl, "x"));
        OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, dxpl, numbers));
        printf("transformed: %d %d\n", numbers[0], numbers[COUNT - 1]);
    }
    OK(H5Pclose(dxpl));
}

int
main(int argc, char **argv)
{
    const hsize_t dims[1]     = {COUNT};
    const int     made[COUNT] = {1, -2, 300, -70000};
    hid_t         file        = new_file(file_name(argc, argv));
    hid_t         dataset     = new_dataset(file, "numbers", H5T_STD_I32LE, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, made));
    changed_in_place(dataset);
    closed_and_made_anew(dataset);
    refused_between(dataset);
    transformed(dataset);
    committed(file, dataset);
    growing_compound(file);
    paddings(file);
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    return 0;
}
