/* Names and values that do not fit into the program's buffer: link values, attribute names and
 * object names. */
#include "check.h"

/* What lies behind the part of a buffer that the library is told of must still be there later. */
static void
fill(char *buffer, size_t size)
{
    memset(buffer, 'x', size);
}

static void
link_values(hid_t file)
{
    const char *target = "/some/long/target";
    char        value[32];
    OK(H5Lcreate_soft(target, file, "soft", H5P_DEFAULT, H5P_DEFAULT));
    fill(value, sizeof value);
    OK(H5Lget_val(file, "soft", value, 5, H5P_DEFAULT));
    printf("five bytes: %.5s\n", value);
    CHECK(memcmp(value, target, 4) == 0);
    CHECK(value[5] == 'x');
    fill(value, sizeof value);
    OK(H5Lget_val(file, "soft", value, 24, H5P_DEFAULT));
    SAME_TEXT(value, target);
    CHECK(value[24] == 'x');
    printf("all: %s\n", value);
}

static void
attribute_name(hid_t file)
{
    char  name[8];
    hid_t space     = OK(H5Screate(H5S_SCALAR));
    hid_t attribute = OK(H5Acreate2(file, "attribute", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT));
    fill(name, sizeof name);
    SAME(H5Aget_name(attribute, 4, name), 9);
    SAME_TEXT(name, "att");
    CHECK(name[4] == 'x');
    SAME(H5Aget_name(attribute, 0, NULL), 9);
    printf("attribute: %s\n", name);
    OK(H5Aclose(attribute));
    OK(H5Sclose(space));
}

static void
object_name(hid_t file)
{
    char  name[16];
    hid_t group = OK(H5Gcreate2(file, "a group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    fill(name, sizeof name);
    SAME(H5Iget_name(group, name, 4), 8);
    SAME_TEXT(name, "/a ");
    CHECK(name[4] == 'x');
    SAME(H5Iget_name(group, NULL, 0), 8);
    printf("object: %s\n", name);
    OK(H5Gclose(group));
}

int
main(int argc, char **argv)
{
    hid_t file = new_file(file_name(argc, argv));
    link_values(file);
    attribute_name(file);
    object_name(file);
    OK(H5Fclose(file));
    return 0;
}
