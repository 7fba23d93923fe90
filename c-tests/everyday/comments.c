/* What is kept with objects beside their attributes: comments, and references without links. */
#include "check.h"

static void
print_comment(hid_t place, const char *path)
{
    char    text[100] = "untouched";
    ssize_t length    = OK(H5Oget_comment_by_name(place, path, text, sizeof text, H5P_DEFAULT));
    printf("%s: %d '%s'\n", path, (int)length, text);
}

static unsigned
count_of(hid_t place, const char *path)
{
    H5O_info2_t info;
    OK(H5Oget_info_by_name3(place, path, &info, H5O_INFO_BASIC, H5P_DEFAULT));
    return info.rc;
}

static void
make(const char *name)
{
    hid_t   file = new_file(name);
    hsize_t dims = 2;
    OK(H5Gclose(OK(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Gclose(OK(H5Gcreate2(file, "group/inner", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Dclose(new_dataset(file, "dataset", H5T_NATIVE_INT, 1, &dims, H5P_DEFAULT)));
    hid_t type = OK(H5Tcopy(H5T_NATIVE_INT));
    OK(H5Tcommit2(file, "type", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Tclose(type));
    OK(H5Fclose(file));
}

static void
set_comments(const char *name)
{
    hid_t file    = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    hid_t dataset = OK(H5Dopen2(file, "dataset", H5P_DEFAULT));
    print_comment(file, "group");
    OK(H5Oset_comment(file, "of the root group"));
    OK(H5Oset_comment(dataset, "of the dataset, to be replaced"));
    OK(H5Oset_comment(dataset, "of the dataset, with \"quotes\" and a\nsecond line"));
    OK(H5Oset_comment_by_name(file, "type", "of the type", H5P_DEFAULT));
    OK(H5Gset_comment(file, "group", "of the group"));
    OK(H5Oset_comment_by_name(file, "group/inner", "to be taken away", H5P_DEFAULT));
    OK(H5Oset_comment_by_name(file, "group/inner", "", H5P_DEFAULT));
    FAILS(H5Oset_comment_by_name(file, "missing", "text", H5P_DEFAULT));
    print_comment(dataset, ".");
    OK(H5Dclose(dataset));
    OK(H5Ocopy(file, "group", file, "copy", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Fclose(file));
}

static void
read_comments(const char *name)
{
    hid_t       file    = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    const char *paths[] = {"/", "dataset", "type", "group", "group/inner", "copy"};
    char        part[6];
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        print_comment(file, paths[i]);
    SAME(H5Oget_comment_by_name(file, "type", part, sizeof part, H5P_DEFAULT), 11);
    CHECK(strncmp(part, "of th", 5) == 0);
    SAME(H5Oget_comment_by_name(file, "type", NULL, 0, H5P_DEFAULT), 11);
    SAME(H5Gget_comment(file, "group", 0, NULL), 12);
    FAILS(H5Oset_comment(file, "through a handle for reading"));
    H5O_info2_t info;
    OK(H5Oget_info_by_name3(file, "dataset", &info, H5O_INFO_NUM_ATTRS, H5P_DEFAULT));
    SAME(info.num_attrs, 0);
    OK(H5Fclose(file));
}

static void
references(const char *name)
{
    const char *paths[] = {"group", "dataset", "type"};
    hid_t       file    = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    for (int i = 0; i < 3; i++) {
        hid_t object = OK(H5Oopen(file, paths[i], H5P_DEFAULT));
        OK(H5Oincr_refcount(object));
        OK(H5Oincr_refcount(object));
        OK(H5Odecr_refcount(object));
        OK(H5Oclose(object));
    }
    OK(H5Fclose(file));

    /* Without its link the object stays, because something refers to it. */
    file = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    for (int i = 0; i < 3; i++)
        printf("%s has %u\n", paths[i], count_of(file, paths[i]));
    H5O_info2_t info;
    OK(H5Oget_info_by_name3(file, "group", &info, H5O_INFO_BASIC, H5P_DEFAULT));
    OK(H5Fclose(file));
    file = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    OK(H5Ldelete(file, "group", H5P_DEFAULT));
    OK(H5Fclose(file));
    file        = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    hid_t group = OK(H5Oopen_by_token(file, info.token));
    printf("group has %u, inner has %u\n", count_of(group, "."), count_of(group, "inner"));
    OK(H5Odecr_refcount(group));
    OK(H5Oclose(group));
    OK(H5Fclose(file));

    file = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    hid_t dataset = OK(H5Oopen(file, "dataset", H5P_DEFAULT));
    OK(H5Odecr_refcount(dataset));
    printf("dataset has %u\n", count_of(file, "dataset"));
    OK(H5Oclose(dataset));
    OK(H5Fclose(file));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    make(name);
    set_comments(name);
    read_comments(name);
    references(name);
    return 0;
}
