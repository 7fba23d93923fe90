/* Attributes of every shape and kind, on files, groups, datasets and committed types. */
#include "check.h"

static void
set_int(hid_t place, const char *name, int value)
{
    hid_t space     = OK(H5Screate(H5S_SCALAR));
    hid_t attribute = OK(H5Acreate2(place, name, H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(attribute, H5T_NATIVE_INT, &value));
    OK(H5Aclose(attribute));
    OK(H5Sclose(space));
}

static int
get_int(hid_t place, const char *name)
{
    int   value     = -1;
    hid_t attribute = OK(H5Aopen(place, name, H5P_DEFAULT));
    OK(H5Aread(attribute, H5T_NATIVE_INT, &value));
    OK(H5Aclose(attribute));
    return value;
}

static void
text(hid_t place)
{
    char        fixed[6];
    const char *variable = "Gr\xc3\xbc\xc3\x9f" "e";
    char       *found    = NULL;
    hid_t       space    = OK(H5Screate(H5S_SCALAR));
    hid_t       type     = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(type, 6));
    hid_t attribute = OK(H5Acreate2(place, "fixed text", type, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(attribute, type, "metre"));
    OK(H5Aread(attribute, type, fixed));
    SAME_TEXT(fixed, "metre");
    OK(H5Aclose(attribute));

    OK(H5Tset_size(type, H5T_VARIABLE));
    OK(H5Tset_cset(type, H5T_CSET_UTF8));
    attribute = OK(H5Acreate2(place, "variable text", type, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(attribute, type, &variable));
    OK(H5Aread(attribute, type, &found));
    SAME_TEXT(found, variable);
    OK(H5Treclaim(type, space, H5P_DEFAULT, &found));
    OK(H5Aclose(attribute));
    OK(H5Tclose(type));
    OK(H5Sclose(space));
}

static void
array_and_compound(hid_t place)
{
    const hsize_t dims[2]    = {2, 3};
    const float   data[2][3] = {{1, 2, 3}, {4, 5, 6}};
    double        doubles[6];
    hid_t         space = OK(H5Screate_simple(2, dims, NULL));
    hid_t attribute = OK(H5Acreate2(place, "matrix", H5T_IEEE_F32BE, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(attribute, H5T_NATIVE_FLOAT, data));
    OK(H5Aread(attribute, H5T_NATIVE_DOUBLE, doubles));
    print_doubles("matrix", doubles, 6);
    SAME(H5Aget_storage_size(attribute), 24);
    OK(H5Aclose(attribute));
    OK(H5Sclose(space));

    struct pair {
        int    number;
        double weight;
    } pair     = {7, 0.25}, found = {0, 0};
    hid_t type = OK(H5Tcreate(H5T_COMPOUND, sizeof pair));
    OK(H5Tinsert(type, "number", HOFFSET(struct pair, number), H5T_NATIVE_INT));
    OK(H5Tinsert(type, "weight", HOFFSET(struct pair, weight), H5T_NATIVE_DOUBLE));
    space     = OK(H5Screate(H5S_SCALAR));
    attribute = OK(H5Acreate2(place, "pair", type, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(attribute, type, &pair));
    OK(H5Aread(attribute, type, &found));
    CHECK(found.number == 7 && found.weight == 0.25);
    OK(H5Aclose(attribute));
    OK(H5Sclose(space));
    OK(H5Tclose(type));

    space     = OK(H5Screate(H5S_NULL));
    attribute = OK(H5Acreate2(place, "nothing", H5T_STD_I8LE, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Aclose(attribute));
    OK(H5Sclose(space));
}

static void
change(hid_t place)
{
    int   value     = 12;
    hid_t attribute = OK(H5Aopen(place, "number", H5P_DEFAULT));
    OK(H5Awrite(attribute, H5T_NATIVE_INT, &value));
    OK(H5Aclose(attribute));
    SAME(get_int(place, "number"), 12);

    set_int(place, "temporary", 1);
    SAME(H5Aexists(place, "temporary"), 1);
    OK(H5Arename(place, "temporary", "renamed"));
    SAME(H5Aexists(place, "temporary"), 0);
    SAME(get_int(place, "renamed"), 1);
    OK(H5Adelete(place, "renamed"));
    SAME(H5Aexists(place, "renamed"), 0);

    hid_t space = OK(H5Screate(H5S_SCALAR));
    FAILS(H5Acreate2(place, "number", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Sclose(space));
    FAILS(H5Aopen(place, "renamed", H5P_DEFAULT));
    FAILS(H5Adelete(place, "renamed"));
}

static herr_t
print_one(hid_t place, const char *name, const H5A_info_t *info, void *data)
{
    (void)data;
    hid_t attribute = OK(H5Aopen(place, name, H5P_DEFAULT));
    hid_t space     = OK(H5Aget_space(attribute));
    hid_t type      = OK(H5Aget_type(attribute));
    printf("  %s: class %d, %lld elements, space %d, %llu bytes\n", name, (int)H5Tget_class(type),
           (long long)H5Sget_simple_extent_npoints(space), (int)H5Sget_simple_extent_type(space),
           H5Tis_variable_str(type) > 0 ? 0ULL : (unsigned long long)info->data_size);
    OK(H5Tclose(type));
    OK(H5Sclose(space));
    OK(H5Aclose(attribute));
    return 0;
}

static void
list(hid_t file, const char *path)
{
    char        name[32] = "";
    H5O_info2_t info;
    hid_t       object = OK(H5Oopen(file, path, H5P_DEFAULT));
    OK(H5Oget_info3(object, &info, H5O_INFO_NUM_ATTRS));
    printf("%s has %llu attributes\n", path, (unsigned long long)info.num_attrs);
    OK(H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, NULL, print_one, NULL));
    hid_t attribute = OK(H5Aopen_by_idx(file, path, H5_INDEX_NAME, H5_ITER_DEC, 0, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Aget_name(attribute, sizeof name, name));
    printf("  last by name: %s\n", name);
    OK(H5Aclose(attribute));
    OK(H5Oclose(object));
}

int
main(int argc, char **argv)
{
    const char   *name    = file_name(argc, argv);
    const char   *paths[] = {"/", "group", "dataset", "type"};
    const hsize_t dims[1] = {3};
    hid_t         file    = new_file(name);
    hid_t         group   = OK(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t         dataset = new_dataset(file, "dataset", H5T_STD_I32LE, 1, dims, H5P_DEFAULT);
    hid_t         type    = OK(H5Tcopy(H5T_STD_I16BE));
    OK(H5Tcommit2(file, "type", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t places[] = {file, group, dataset, type};
    for (int i = 0; i < 4; i++) {
        set_int(places[i], "number", i);
        SAME(get_int(places[i], "number"), i);
        text(places[i]);
        array_and_compound(places[i]);
        change(places[i]);
    }
    hid_t space     = OK(H5Screate(H5S_SCALAR));
    hid_t attribute = OK(H5Acreate_by_name(file, "group", "by name", H5T_STD_U8LE, space, H5P_DEFAULT,
                                           H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Aclose(attribute));
    SAME(H5Aexists_by_name(file, "group", "by name", H5P_DEFAULT), 1);
    OK(H5Sclose(space));
    OK(H5Tclose(type));
    OK(H5Dclose(dataset));
    OK(H5Gclose(group));
    OK(H5Fclose(file));

    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    for (int i = 0; i < 4; i++)
        list(file, paths[i]);
    OK(H5Fclose(file));
    return 0;
}
