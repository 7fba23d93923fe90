/* The name of an open object as its links come, move and go. */
#include "check.h"

static void
print_name(const char *label, hid_t object)
{
    char    name[64] = "";
    ssize_t length   = (ssize_t)OK(H5Iget_name(object, name, sizeof name));
    SAME(length, strlen(name));
    printf("%s: \"%s\"\n", label, name);
}

/* Its name must be this one. */
static void
check_name(const char *label, hid_t object, const char *expected)
{
    char name[64] = "";
    OK(H5Iget_name(object, name, sizeof name));
    SAME_TEXT(name, expected);
    print_name(label, object);
}

static unsigned
link_count(hid_t object)
{
    H5O_info2_t info;
    OK(H5Oget_info3(object, &info, H5O_INFO_BASIC));
    return info.rc;
}

static void
moved_and_deleted(hid_t file)
{
    hid_t outer = OK(H5Gcreate2(file, "outer", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Gclose(OK(H5Gcreate2(outer, "inner", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    hid_t inner = OK(H5Gopen2(outer, "./inner", H5P_DEFAULT));
    check_name("opened", inner, "/outer/inner");
    OK(H5Lmove(file, "outer/inner", file, "moved", H5P_DEFAULT, H5P_DEFAULT));
    check_name("moved", inner, "/moved");
    OK(H5Ldelete(file, "moved", H5P_DEFAULT));
    SAME(H5Iget_name(inner, NULL, 0), 0);
    print_name("deleted", inner);
    SAME(link_count(inner), 0);
    OK(H5Gclose(inner));
    OK(H5Gclose(outer));
}

/* A move of a group changes the names of what is open below it. */
static void
parent_moved(hid_t file)
{
    hid_t top  = OK(H5Gcreate2(file, "top", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t leaf = OK(H5Gcreate2(top, "leaf", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Lmove(file, "top", file, "renamed", H5P_DEFAULT, H5P_DEFAULT));
    check_name("below a moved group", leaf, "/renamed/leaf");
    check_name("the moved group", top, "/renamed");
    OK(H5Gclose(leaf));
    OK(H5Gclose(top));
}

static void
anonymous(hid_t file)
{
    hid_t group = OK(H5Gcreate_anon(file, H5P_DEFAULT, H5P_DEFAULT));
    SAME(H5Iget_name(group, NULL, 0), 0);
    SAME(link_count(group), 0);
    OK(H5Olink(group, file, "linked", H5P_DEFAULT, H5P_DEFAULT));
    SAME(link_count(group), 1);
    print_name("linked", group);
    OK(H5Gclose(group));
}

int
main(int argc, char **argv)
{
    hid_t file = new_file(file_name(argc, argv));
    moved_and_deleted(file);
    parent_moved(file);
    anonymous(file);
    OK(H5Fclose(file));
    return 0;
}
