/* Groups: nested, with missing parents made on the way, anonymous, and opened by every kind of
 * path. */
#include "check.h"

static void
print_members(hid_t place, const char *path)
{
    H5G_info_t info;
    OK(H5Gget_info_by_name(place, path, &info, H5P_DEFAULT));
    printf("%s has %llu links\n", path, (unsigned long long)info.nlinks);
}

static void
create(hid_t file)
{
    hid_t group  = OK(H5Gcreate2(file, "a", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t nested = OK(H5Gcreate2(group, "b", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Gclose(OK(H5Gcreate2(nested, "/a/b/c", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    FAILS(H5Gcreate2(file, "a", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    FAILS(H5Gcreate2(file, "no/such/parent", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Gclose(nested));
    OK(H5Gclose(group));

    hid_t lcpl = OK(H5Pcreate(H5P_LINK_CREATE));
    OK(H5Pset_create_intermediate_group(lcpl, 1));
    OK(H5Gclose(OK(H5Gcreate2(file, "x/y/z", lcpl, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Pclose(lcpl));

    hid_t anonymous = OK(H5Gcreate_anon(file, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Gclose(OK(H5Gcreate2(anonymous, "inside", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Olink(anonymous, file, "named later", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Gclose(anonymous));
}

static void
open_by_path(hid_t file)
{
    const char *paths[] = {"/", ".", "a", "/a/b", "a//b/./c", "a/b/", "x/y/z", "named later/inside"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char  name[64] = "";
        hid_t group    = OK(H5Gopen2(file, paths[i], H5P_DEFAULT));
        OK(H5Iget_name(group, name, sizeof name));
        printf("%s is %s\n", paths[i], name);
        OK(H5Gclose(group));
    }
    hid_t group = OK(H5Gopen2(file, "a/b", H5P_DEFAULT));
    OK(H5Gclose(OK(H5Gopen2(group, "/x", H5P_DEFAULT))));
    OK(H5Gclose(OK(H5Gopen2(group, "c", H5P_DEFAULT))));
    FAILS(H5Gopen2(group, "x", H5P_DEFAULT));
    FAILS(H5Gopen2(file, "a/missing/c", H5P_DEFAULT));
    OK(H5Gclose(group));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    hid_t       file = new_file(name);
    create(file);
    open_by_path(file);
    OK(H5Fclose(file));

    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    open_by_path(file);
    print_members(file, "/");
    print_members(file, "a");
    print_members(file, "a/b");
    print_members(file, "x/y/z");
    print_members(file, "named later");
    H5G_info_t info;
    hid_t      group = OK(H5Gopen2(file, "x", H5P_DEFAULT));
    OK(H5Gget_info(group, &info));
    SAME(info.nlinks, 1);
    OK(H5Gget_info_by_idx(file, "/", H5_INDEX_NAME, H5_ITER_INC, 0, &info, H5P_DEFAULT));
    printf("the first by name has %llu links\n", (unsigned long long)info.nlinks);
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    return 0;
}
