/* Fill values of types whose elements are arrays or of variable size. */
#include "check.h"

enum { COUNT = 4 };

typedef struct {
    int   number;
    char *name;
    hvl_t list;
} record;

static hid_t
string_type(H5T_cset_t characters)
{
    hid_t type = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(type, H5T_VARIABLE));
    OK(H5Tset_cset(type, characters));
    return type;
}

static hid_t
filled(hid_t file, const char *name, hid_t type, const void *fill)
{
    const hsize_t dims[1] = {COUNT}, chunk[1] = {3};
    hid_t         dcpl = chunked(1, chunk);
    OK(H5Pset_fill_value(dcpl, type, fill));
    hid_t dataset = new_dataset(file, name, type, 1, dims, dcpl);
    OK(H5Pclose(dcpl));
    return dataset;
}

/* Writes the second element. */
static void
write_one(hid_t dataset, hid_t type, const void *value)
{
    const hsize_t at[1]  = {1};
    hid_t         space  = OK(H5Dget_space(dataset)), memory = OK(H5Screate(H5S_SCALAR));
    OK(H5Sselect_elements(space, H5S_SELECT_SET, 1, at));
    OK(H5Dwrite(dataset, type, memory, space, H5P_DEFAULT, value));
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
}

static void
reclaim(hid_t dataset, hid_t type, void *found)
{
    hid_t space = OK(H5Dget_space(dataset));
    OK(H5Treclaim(type, space, H5P_DEFAULT, found));
    OK(H5Sclose(space));
}

static void
arrays(hid_t file)
{
    const hsize_t three[1] = {3};
    const int     fill[3] = {1, -2, 3}, value[3] = {7, 8, 9};
    int           found[COUNT][3];
    hid_t         type    = OK(H5Tarray_create2(H5T_NATIVE_INT, 1, three));
    hid_t         dataset = filled(file, "arrays", type, fill);
    write_one(dataset, type, value);
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int i = 0; i < COUNT; i++)
        print_ints("array", found[i], 3);
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
}

static void
strings(hid_t file, const char *name, H5T_cset_t characters, const char *fill)
{
    const char *value = "written";
    char       *found[COUNT], *kept = NULL;
    hid_t       type    = string_type(characters);
    hid_t       dataset = filled(file, name, type, &fill);
    write_one(dataset, type, &value);
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int i = 0; i < COUNT; i++)
        printf("%s: %s\n", name, found[i]);
    reclaim(dataset, type, found);
    hid_t dcpl = OK(H5Dget_create_plist(dataset));
    OK(H5Pget_fill_value(dcpl, type, &kept));
    printf("%s: filled with %s\n", name, kept);
    OK(H5free_memory(kept));
    OK(H5Pclose(dcpl));
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
}

static void
sequences(hid_t file)
{
    int         numbers[4] = {4, 3, 2, 1};
    const hvl_t fill = {3, numbers}, value = {1, numbers + 3};
    hvl_t       found[COUNT];
    hid_t       type    = OK(H5Tvlen_create(H5T_NATIVE_INT));
    hid_t       dataset = filled(file, "sequences", type, &fill);
    write_one(dataset, type, &value);
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int i = 0; i < COUNT; i++)
        print_ints("sequence", found[i].p, found[i].len);
    reclaim(dataset, type, found);
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
}

static void
records(hid_t file)
{
    int          numbers[2] = {5, 6};
    const record fill = {1, "unknown", {2, numbers}}, value = {2, "known", {1, numbers}};
    record       found[COUNT];
    hid_t        string = string_type(H5T_CSET_ASCII), list = OK(H5Tvlen_create(H5T_NATIVE_INT));
    hid_t        type = OK(H5Tcreate(H5T_COMPOUND, sizeof(record)));
    OK(H5Tinsert(type, "number", HOFFSET(record, number), H5T_NATIVE_INT));
    OK(H5Tinsert(type, "name", HOFFSET(record, name), string));
    OK(H5Tinsert(type, "list", HOFFSET(record, list), list));
    hid_t dataset = filled(file, "records", type, &fill);
    write_one(dataset, type, &value);
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int i = 0; i < COUNT; i++) {
        printf("record: %d %s", found[i].number, found[i].name);
        print_ints("", found[i].list.p, found[i].list.len);
    }
    reclaim(dataset, type, found);
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
    OK(H5Tclose(list));
    OK(H5Tclose(string));
}

int
main(int argc, char **argv)
{
    hid_t file = new_file(file_name(argc, argv));
    arrays(file);
    strings(file, "ascii", H5T_CSET_ASCII, "nothing");
    strings(file, "utf8", H5T_CSET_UTF8, "nichts f\xc3\xbcr dich");
    strings(file, "bytes", H5T_CSET_ASCII, "\xfe\xff");
    sequences(file);
    records(file);
    OK(H5Fclose(file));
    return 0;
}
