/* Names are bytes to HDF5: it does not ask whether they are UTF-8. */
#include "check.h"

#define LATIN "d\xe9j\xe0 vu"
#define BROKEN "cut \xf0\x9f off \xed\xa0\x80 \xff"
#define PRIVATE "private \xee\xbe\x80\xef\xbf\xbf"

static void
print_bytes(const char *label, const char *text)
{
    printf("%s: ", label);
    for (; *text; text++)
        printf((unsigned char)*text < 0x80 ? "%c" : "<%02x>", (unsigned char)*text);
    printf("\n");
}

static herr_t
print_link(hid_t group, const char *name, const H5L_info2_t *info, void *data)
{
    (void)data;
    print_bytes("link", name);
    if (info->type == H5L_TYPE_SOFT) {
        char target[64];
        CHECK(info->u.val_size <= sizeof target);
        OK(H5Lget_val(group, name, target, sizeof target, H5P_DEFAULT));
        printf("%zu bytes, ", info->u.val_size);
        print_bytes("leads to", target);
    }
    return 0;
}

static herr_t
print_attribute(hid_t object, const char *name, const H5A_info_t *info, void *data)
{
    (void)info;
    (void)data;
    int   value;
    hid_t attribute = OK(H5Aopen(object, name, H5P_DEFAULT));
    OK(H5Aread(attribute, H5T_NATIVE_INT, &value));
    printf("%d is the value of ", value);
    print_bytes("attribute", name);
    OK(H5Aclose(attribute));
    return 0;
}

static void
everything_of_a_name(hid_t file, const char *name, int value)
{
    char path[64], found[64] = "";
    snprintf(path, sizeof path, "/%s/below", name);
    hid_t group = OK(H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t below = OK(H5Gcreate2(group, "below", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t again = OK(H5Gopen2(file, path, H5P_DEFAULT));
    SAME(H5Iget_name(again, found, sizeof found), strlen(path));
    print_bytes("opened", found);
    SAME_TEXT(found, path);
    OK(H5Lcreate_soft(path, below, name, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Gclose(OK(H5Gopen2(below, name, H5P_DEFAULT))));

    hid_t space     = OK(H5Screate(H5S_SCALAR));
    hid_t attribute = OK(H5Acreate2(group, name, H5T_NATIVE_INT, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(attribute, H5T_NATIVE_INT, &value));
    SAME(H5Aget_name(attribute, sizeof found, found), strlen(name));
    SAME_TEXT(found, name);
    OK(H5Aclose(attribute));
    OK(H5Arename(group, name, "other"));
    OK(H5Arename(group, "other", name));
    OK(H5Sclose(space));
    OK(H5Gclose(again));
    OK(H5Gclose(below));
    OK(H5Gclose(group));
}

static void
type_with_names(hid_t file)
{
    int   values[] = {1, 2};
    hid_t colour   = OK(H5Tenum_create(H5T_NATIVE_INT));
    OK(H5Tenum_insert(colour, LATIN, &values[0]));
    OK(H5Tenum_insert(colour, BROKEN, &values[1]));
    hid_t opaque = OK(H5Tcreate(H5T_OPAQUE, 4));
    OK(H5Tset_tag(opaque, LATIN));
    hid_t compound = OK(H5Tcreate(H5T_COMPOUND, 12));
    OK(H5Tinsert(compound, LATIN, 0, H5T_NATIVE_INT));
    OK(H5Tinsert(compound, BROKEN, 4, colour));
    OK(H5Tinsert(compound, "plain", 8, opaque));
    hid_t space   = OK(H5Screate(H5S_SCALAR));
    hid_t dataset = OK(H5Dcreate2(file, "dataset", compound, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    int   element[3] = {7, 2, 9}, member = 0;
    OK(H5Dwrite(dataset, compound, H5S_ALL, H5S_ALL, H5P_DEFAULT, element));
    hid_t part = OK(H5Tcreate(H5T_COMPOUND, 4));
    OK(H5Tinsert(part, LATIN, 0, H5T_NATIVE_INT));
    OK(H5Dread(dataset, part, H5S_ALL, H5S_ALL, H5P_DEFAULT, &member));
    printf("the member is %d\n", member);
    OK(H5Tclose(part));
    OK(H5Tclose(compound));
    OK(H5Tclose(opaque));
    OK(H5Tclose(colour));
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));
}

static void
print_type(hid_t file)
{
    hid_t dataset = OK(H5Dopen2(file, "dataset", H5P_DEFAULT));
    hid_t type    = OK(H5Dget_type(dataset));
    for (unsigned i = 0; i < 3; i++) {
        char *name = H5Tget_member_name(type, i);
        print_bytes("member", name);
        OK(H5free_memory(name));
    }
    hid_t colour = OK(H5Tget_member_type(type, 1)), opaque = OK(H5Tget_member_type(type, 2));
    char  name[64];
    int   value = 2;
    OK(H5Tenum_nameof(colour, &value, name, sizeof name));
    print_bytes("colour", name);
    char *tag = H5Tget_tag(opaque);
    print_bytes("tag", tag);
    OK(H5free_memory(tag));
    OK(H5Tclose(opaque));
    OK(H5Tclose(colour));
    OK(H5Tclose(type));
    OK(H5Dclose(dataset));
}

int
main(int argc, char **argv)
{
    const char *name    = file_name(argc, argv);
    hid_t       file    = new_file(name);
    const char *names[] = {LATIN, BROKEN, PRIVATE, "\xc3\xbc"};
    for (int i = 0; i < 4; i++)
        everything_of_a_name(file, names[i], i);
    type_with_names(file);
    OK(H5Fclose(file));
    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    OK(H5Lvisit2(file, H5_INDEX_NAME, H5_ITER_INC, print_link, NULL));
    for (int i = 0; i < 4; i++)
        OK(H5Aiterate_by_name(file, names[i], H5_INDEX_NAME, H5_ITER_INC, NULL, print_attribute, NULL,
                              H5P_DEFAULT));
    print_type(file);
    OK(H5Fclose(file));
    return 0;
}
