/* Files mounted on groups of other files: what names mean, what is listed and visited, what is
 * refused, what becomes of links to mount points, and closing in every order. */
#include "check.h"

static char parent_name[1000], child_name[1000], third_name[1000];

static void
group_at(hid_t place, const char *path)
{
    OK(H5Gclose(OK(H5Gcreate2(place, path, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
}

static void
make_files(void)
{
    hid_t parent = new_file(parent_name), child = new_file(child_name), third = new_file(third_name);
    group_at(parent, "a");
    group_at(parent, "a/point");
    group_at(parent, "a/point/hidden");
    group_at(parent, "other");
    OK(H5Lcreate_hard(parent, "a/point", parent, "second", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Lcreate_hard(parent, "a/point/hidden", parent, "visible", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Lcreate_soft("/a/point/inner", parent, "soft", H5P_DEFAULT, H5P_DEFAULT));
    group_at(child, "inner");
    group_at(child, "inner/deep");
    OK(H5Lcreate_soft("/a", child, "up", H5P_DEFAULT, H5P_DEFAULT));
    group_at(third, "leaf");
    OK(H5Fclose(third));
    OK(H5Fclose(child));
    OK(H5Fclose(parent));
}

static hid_t
file_of(const char *name)
{
    return OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
}

static void
print_name(hid_t object, const char *label)
{
    char    name[200] = "";
    ssize_t length    = H5Iget_name(object, name, sizeof name);
    printf("%s: '%s' (%d)\n", label, name, (int)length);
}

static void
print_open(hid_t place, const char *path)
{
    hid_t object;
    H5E_BEGIN_TRY
    {
        object = H5Oopen(place, path, H5P_DEFAULT);
    }
    H5E_END_TRY
    if (object < 0) {
        printf("%s cannot be opened\n", path);
        return;
    }
    char file[1000] = "";
    OK(H5Fget_name(object, file, sizeof file));
    const char *which = strcmp(file, parent_name) == 0  ? "parent"
                        : strcmp(file, child_name) == 0 ? "child"
                                                        : "third";
    printf("%s is in the %s, ", path, which);
    print_name(object, "named");
    OK(H5Oclose(object));
}

static herr_t
print_link(hid_t group, const char *name, const H5L_info2_t *info, void *data)
{
    (void)group;
    printf("%s %s (%s)\n", (const char *)data, name, info->type == H5L_TYPE_HARD ? "hard" : "soft");
    return 0;
}

static herr_t
print_object(hid_t start, const char *name, const H5O_info2_t *info, void *data)
{
    (void)start;
    printf("%s %s (type %d)\n", (const char *)data, name, (int)info->type);
    return 0;
}

static int
is_mounted(hid_t group)
{
    H5G_info_t info;
    OK(H5Gget_info(group, &info));
    return info.mounted;
}

static void
names(void)
{
    hid_t parent = file_of(parent_name), child = file_of(child_name);
    hid_t before = OK(H5Gopen2(parent, "a/point", H5P_DEFAULT));
    hid_t hidden = OK(H5Gopen2(parent, "a/point/hidden", H5P_DEFAULT));
    hid_t early  = OK(H5Gopen2(child, "inner", H5P_DEFAULT));
    printf("mounted before: %d\n", is_mounted(before));
    OK(H5Fmount(parent, "a/point", child, H5P_DEFAULT));
    printf("mounted after: %d\n", is_mounted(before));
    const char *paths[] = {"/a/point", "a/point/inner/deep", "second/inner", "soft", "soft/deep",
                           "a/point/hidden", "visible", "a/point/up", "a/point/up/point/inner", "/"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        print_open(parent, paths[i]);
    /* The child's handle stands for the same tree. */
    print_open(child, "/a/point/inner");
    print_open(child, "inner");
    print_open(child, "/");
    print_open(early, "/a/point");
    print_name(before, "mount point");
    OK(H5Gclose(OK(H5Gopen2(before, "hidden", H5P_DEFAULT))));
    OK(H5Gclose(OK(H5Gopen2(early, "deep", H5P_DEFAULT))));

    hid_t inside = OK(H5Gopen2(parent, "a/point/inner", H5P_DEFAULT));
    hid_t root   = OK(H5Gopen2(parent, "second", H5P_DEFAULT));
    print_name(inside, "inside");
    print_name(root, "root of the child");
    OK(H5Literate2(parent, H5_INDEX_NAME, H5_ITER_INC, NULL, print_link, "link"));
    OK(H5Literate_by_name2(parent, "a/point", H5_INDEX_NAME, H5_ITER_INC, NULL, print_link,
                           "link of the child", H5P_DEFAULT));
    OK(H5Lvisit2(parent, H5_INDEX_NAME, H5_ITER_INC, print_link, "visited link"));
    OK(H5Ovisit_by_name3(parent, "a", H5_INDEX_NAME, H5_ITER_INC, print_object, "visited object",
                         H5O_INFO_BASIC, H5P_DEFAULT));
    OK(H5Lvisit2(before, H5_INDEX_NAME, H5_ITER_INC, print_link, "below the mount point"));

    group_at(parent, "a/point/made");
    group_at(parent, "a/point/made/now");
    OK(H5Funmount(parent, "a/point"));
    print_name(inside, "inside, unmounted");
    print_name(root, "root of the child, unmounted");
    print_name(hidden, "hidden, unmounted");
    print_name(early, "opened in the child before, unmounted");
    print_open(parent, "a/point/hidden");
    print_open(parent, "a/point/inner");
    print_open(child, "made");
    OK(H5Gclose(root));
    OK(H5Gclose(inside));
    OK(H5Gclose(early));
    OK(H5Gclose(hidden));
    OK(H5Gclose(before));
    OK(H5Fclose(child));
    OK(H5Fclose(parent));
}

static void
refusals(void)
{
    hid_t parent = file_of(parent_name), again = file_of(parent_name);
    hid_t child = file_of(child_name), third = file_of(third_name);
    hid_t point = OK(H5Gopen2(parent, "a/point", H5P_DEFAULT));
    FAILS(H5Fmount(parent, "a/point", parent, H5P_DEFAULT));
    FAILS(H5Fmount(parent, "missing", child, H5P_DEFAULT));
    FAILS(H5Funmount(parent, "a/point"));
    OK(H5Fmount(parent, "a/point", child, H5P_DEFAULT));
    FAILS(H5Fmount(parent, "other", child, H5P_DEFAULT)); /* mounted already */
    FAILS(H5Fmount(point, ".", third, H5P_DEFAULT));      /* something is mounted there */
    FAILS(H5Fmount(child, "/a/point/inner", again, H5P_DEFAULT)); /* a circle */
    FAILS(H5Lcreate_hard(parent, "a/point/inner", parent, "across", H5P_DEFAULT, H5P_DEFAULT));
    FAILS(H5Lmove(parent, "a/point/inner", parent, "across", H5P_DEFAULT, H5P_DEFAULT));
    /* By name it is the root of the child that the third is mounted on. */
    OK(H5Fmount(parent, "a/point", third, H5P_DEFAULT));
    print_open(parent, "a/point/leaf");
    print_open(parent, "a/point/inner");
    OK(H5Funmount(parent, "a/point"));
    print_open(parent, "a/point/inner");
    OK(H5Funmount(parent, "second"));
    FAILS(H5Funmount(parent, "a/point"));
    OK(H5Gclose(point));
    OK(H5Fclose(third));
    OK(H5Fclose(child));
    OK(H5Fclose(again));
    OK(H5Fclose(parent));
}

static void
nested(void)
{
    hid_t parent = file_of(parent_name), child = file_of(child_name), third = file_of(third_name);
    OK(H5Fmount(parent, "a/point", child, H5P_DEFAULT));
    OK(H5Fmount(parent, "a/point/inner/deep", third, H5P_DEFAULT));
    print_open(parent, "a/point/inner/deep/leaf");
    print_open(third, "/a/point/inner/deep/leaf");
    hid_t leaf = OK(H5Gopen2(parent, "a/point/inner/deep/leaf", H5P_DEFAULT));
    OK(H5Funmount(parent, "a/point"));
    print_name(leaf, "leaf below the child");
    print_open(leaf, "/inner/deep/leaf");
    OK(H5Funmount(child, "/inner/deep"));
    print_name(leaf, "leaf");
    print_open(leaf, "/leaf");
    OK(H5Gclose(leaf));
    OK(H5Fclose(third));
    OK(H5Fclose(child));
    OK(H5Fclose(parent));
}

/* What is mounted belongs to the group, not to its name. */
static void
links_to_mount_points(void)
{
    hid_t parent = file_of(parent_name), child = file_of(child_name);
    group_at(parent, "gone");
    hid_t point = OK(H5Gopen2(parent, "gone", H5P_DEFAULT));
    OK(H5Fmount(parent, "a/point", child, H5P_DEFAULT));
    OK(H5Lmove(parent, "a/point", parent, "moved", H5P_DEFAULT, H5P_DEFAULT));
    print_open(parent, "moved/inner");
    OK(H5Lmove(parent, "moved", parent, "a/point", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Funmount(parent, "a/point"));

    OK(H5Fmount(parent, "gone", child, H5P_DEFAULT));
    hid_t inner = OK(H5Gopen2(parent, "gone/inner", H5P_DEFAULT));
    OK(H5Ldelete(parent, "gone", H5P_DEFAULT));
    print_open(parent, "gone");
    print_open(inner, "deep");
    FAILS(H5Funmount(parent, "gone"));
    OK(H5Funmount(point, "."));
    print_open(child, "inner/deep");
    OK(H5Gclose(inner));
    OK(H5Gclose(point));
    OK(H5Fclose(child));
    OK(H5Fclose(parent));
}

/* Files that are mounted together stay until the last identifier of any of them is closed. */
static void
closing(void)
{
    for (int order = 0; order < 6; order++) {
        hid_t parent = file_of(parent_name), child = file_of(child_name);
        OK(H5Fmount(parent, "a/point", child, H5P_DEFAULT));
        hid_t inner = OK(H5Gopen2(parent, "a/point/inner", H5P_DEFAULT));
        if (order < 2) {
            OK(H5Fclose(order == 0 ? parent : child));
            print_open(order == 0 ? child : parent, "a/point/inner/deep");
            OK(H5Fclose(order == 0 ? child : parent));
            print_open(inner, "/a/point/inner");
            OK(H5Gclose(inner));
        }
        else if (order < 4) {
            OK(H5Gclose(inner));
            OK(H5Fclose(order == 2 ? parent : child));
            print_open(order == 2 ? child : parent, "second/inner");
            OK(H5Fclose(order == 2 ? child : parent));
        }
        else {
            OK(H5Fclose(child));
            OK(H5Funmount(parent, "a/point"));
            print_open(inner, "/inner/deep");
            OK(H5Idec_ref(order == 4 ? parent : inner));
            OK(H5Idec_ref(order == 4 ? inner : parent));
        }
    }
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    snprintf(parent_name, sizeof parent_name, "%s", name);
    snprintf(child_name, sizeof child_name, "%s.child.h5", name);
    snprintf(third_name, sizeof third_name, "%s.third.h5", name);
    make_files();
    names();
    refusals();
    nested();
    links_to_mount_points();
    closing();

    /* Nothing holds the files now. */
    OK(H5Fdelete(third_name, H5P_DEFAULT));
    OK(H5Fdelete(child_name, H5P_DEFAULT));
    OK(H5Fclose(new_file(parent_name)));

    /* Left mounted and open when the library ends. */
    make_files();
    hid_t parent = file_of(parent_name), child = file_of(child_name);
    OK(H5Fmount(parent, "a/point", child, H5P_DEFAULT));
    OK(H5Gopen2(parent, "a/point/inner", H5P_DEFAULT));
    OK(H5close());
    OK(H5open());
    child = file_of(child_name);
    print_open(child, "inner");
    parent = file_of(parent_name);
    OK(H5Fmount(parent, "a/point", child, H5P_DEFAULT));
    return 0;
}
