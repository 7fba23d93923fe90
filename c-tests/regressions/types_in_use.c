/* What identifiers of datatypes a program has (H5Fget_obj_count, H5Fget_obj_ids) is its own affair: reading
 * and writing adds none, and closing all that there are takes nothing from datasets that are open. */
#include "check.h"

#define COUNT 3

struct record {
    char tag;
    int  number;
};

static void
print_count(const char *label)
{
    printf("%s: %d datatypes\n", label, (int)H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_DATATYPE));
}

static hid_t
record_type(void)
{
    hid_t type = OK(H5Tcreate(H5T_COMPOUND, sizeof(struct record)));
    OK(H5Tinsert(type, "tag", HOFFSET(struct record, tag), H5T_NATIVE_CHAR));
    OK(H5Tinsert(type, "number", HOFFSET(struct record, number), H5T_NATIVE_INT));
    return type;
}

/* Closes every datatype that any file or none has. */
static void
close_all(void)
{
    hid_t   ids[100];
    ssize_t count = OK(H5Fget_obj_ids((hid_t)H5F_OBJ_ALL, H5F_OBJ_DATATYPE, 100, ids));
    for (ssize_t i = 0; i < count; i++)
        OK(H5Tclose(ids[i]));
    print_count("all closed");
}

static void
use_numbers(hid_t dataset, hid_t type, const char *label)
{
    double numbers[COUNT] = {1, 2, 3};
    int    integers[COUNT] = {4, 5, 6};
    bool   is_double       = OK(H5Tequal(type, H5T_NATIVE_DOUBLE));
    void  *buffer          = is_double ? (void *)numbers : (void *)integers;
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer));
    if (is_double)
        print_doubles(label, numbers, COUNT);
    else
        print_ints(label, integers, COUNT);
    print_count(label);
}

static void
use_records(hid_t dataset, hid_t type)
{
    struct record records[COUNT] = {{'a', 1}, {'b', 2}, {'c', 3}};
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, records));
    memset(records, 0, sizeof records);
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, records));
    for (int i = 0; i < COUNT; i++)
        printf("record: %c %d\n", records[i].tag, records[i].number);
    print_count("records");
}

/* A type that a program changes keeps its identifier. */
static void
change_type(hid_t dataset)
{
    unsigned char bytes[COUNT * 4];
    hid_t         type = OK(H5Tcopy(H5T_STD_I32LE));
    for (int round = 0; round < 2; round++) {
        OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes));
        printf("first bytes:");
        for (int i = 0; i < 4; i++)
            printf(" %d", bytes[i]);
        printf("\n");
        OK(H5Tset_order(type, H5T_ORDER_BE));
    }
    OK(H5Tclose(type));
}

/* Two handles, and a queue of types that differ little. */
static void
take_turns(hid_t file)
{
    const hid_t types[] = {H5T_STD_I16BE, H5T_STD_I16LE, H5T_STD_U16BE, H5T_STD_I16BE};
    hid_t       dataset = OK(H5Dopen2(file, "numbers", H5P_DEFAULT));
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        unsigned char bytes[2 * COUNT];
        OK(H5Dread(dataset, types[i], H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes));
        printf("bytes: %d %d\n", bytes[0], bytes[1]);
    }
    OK(H5Dclose(dataset));
}

int
main(int argc, char **argv)
{
    const hsize_t dims    = COUNT;
    hid_t         file    = new_file(file_name(argc, argv));
    hid_t         numbers = new_dataset(file, "numbers", H5T_STD_I32BE, 1, &dims, H5P_DEFAULT);
    hid_t         type    = record_type();
    hid_t         records = new_dataset(file, "records", type, 1, &dims, H5P_DEFAULT);
    print_count("made");
    use_numbers(numbers, H5T_NATIVE_INT, "int");
    use_numbers(numbers, H5T_NATIVE_DOUBLE, "double");
    use_records(records, type);
    close_all();
    type = record_type();
    use_numbers(numbers, H5T_NATIVE_DOUBLE, "double again");
    use_numbers(numbers, H5T_NATIVE_INT, "int again");
    use_records(records, type);
    change_type(numbers);
    take_turns(file);
    OK(H5Tclose(type));
    OK(H5Dclose(records));
    OK(H5Dclose(numbers));
    print_count("closed");
    OK(H5Fclose(file));
    return 0;
}
