/* Hard, soft and external links: made, followed, asked about, moved, copied and removed. */
#include "check.h"

static const char *
kind(H5L_type_t type)
{
    return type == H5L_TYPE_HARD ? "hard" : type == H5L_TYPE_SOFT ? "soft" : type == H5L_TYPE_EXTERNAL ? "external" : "?";
}

static void
print_link(hid_t file, const char *name)
{
    H5L_info2_t info;
    char        value[64] = "";
    OK(H5Lget_info2(file, name, &info, H5P_DEFAULT));
    printf("%s is %s", name, kind(info.type));
    if (info.type == H5L_TYPE_SOFT) {
        OK(H5Lget_val(file, name, value, sizeof value, H5P_DEFAULT));
        SAME(info.u.val_size, strlen(value) + 1);
        printf(" to %s", value);
    }
    if (info.type == H5L_TYPE_EXTERNAL) {
        const char *other_file, *other_path;
        unsigned    flags;
        OK(H5Lget_val(file, name, value, sizeof value, H5P_DEFAULT));
        OK(H5Lunpack_elink_val(value, info.u.val_size, &flags, &other_file, &other_path));
        printf(" to %s in %s", other_path, other_file);
    }
    printf("\n");
}

static void
create(hid_t file)
{
    const hsize_t dims[1] = {3};
    const int     data[3] = {1, 2, 3};
    OK(H5Gclose(OK(H5Gcreate2(file, "data", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    hid_t dataset = new_dataset(file, "/data/values", H5T_STD_I32LE, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dclose(dataset));
    OK(H5Lcreate_hard(file, "data/values", file, "hard", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Lcreate_soft("/data/values", file, "soft", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Lcreate_soft("/data/nothing", file, "dangling", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Lcreate_soft("values", file, "data/relative", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Lcreate_external("other.h5", "/there", file, "external", H5P_DEFAULT, H5P_DEFAULT));
    FAILS(H5Lcreate_hard(file, "data/values", file, "hard", H5P_DEFAULT, H5P_DEFAULT));
    FAILS(H5Lcreate_hard(file, "missing", file, "new", H5P_DEFAULT, H5P_DEFAULT));
    FAILS(H5Lcreate_soft("anywhere", file, "soft", H5P_DEFAULT, H5P_DEFAULT));
}

static void
follow(hid_t file)
{
    const char *paths[] = {"hard", "soft", "data/values", "data/relative"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        int   values[3];
        hid_t dataset = OK(H5Dopen2(file, paths[i], H5P_DEFAULT));
        OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
        print_ints(paths[i], values, 3);
        OK(H5Dclose(dataset));
    }
    SAME(H5Lexists(file, "dangling", H5P_DEFAULT), 1);
    FAILS(H5Dopen2(file, "dangling", H5P_DEFAULT));
    SAME(H5Lexists(file, "absent", H5P_DEFAULT), 0);
}

static void
move_copy_remove(hid_t file)
{
    OK(H5Lmove(file, "hard", file, "data/moved", H5P_DEFAULT, H5P_DEFAULT));
    SAME(H5Lexists(file, "hard", H5P_DEFAULT), 0);
    OK(H5Lcopy(file, "data/moved", file, "copied", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Lmove(file, "soft", file, "soft moved", H5P_DEFAULT, H5P_DEFAULT));
    print_link(file, "soft moved");
    OK(H5Ldelete(file, "data/values", H5P_DEFAULT));
    FAILS(H5Dopen2(file, "soft moved", H5P_DEFAULT));
    FAILS(H5Ldelete(file, "data/values", H5P_DEFAULT));
    /* The dataset lives as long as some link names it. */
    H5O_info2_t info;
    OK(H5Oget_info_by_name3(file, "copied", &info, H5O_INFO_BASIC, H5P_DEFAULT));
    printf("links to the dataset: %u\n", info.rc);
    int   values[3];
    hid_t dataset = OK(H5Dopen2(file, "data/moved", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    print_ints("data/moved", values, 3);
    OK(H5Dclose(dataset));
}

static void
odd_names(hid_t file)
{
    const char *names[] = {"with space", "percent%20", "question?mark", "hash#", "quote\"", "Gr\xc3\xbc\xc3\x9f" "e",
                           "plus+and&", "..."};
    hid_t       group = OK(H5Gcreate2(file, "odd", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        OK(H5Gclose(OK(H5Gcreate2(group, names[i], H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        SAME(H5Lexists(group, names[i], H5P_DEFAULT), 1);
        OK(H5Gclose(OK(H5Gopen2(group, names[i], H5P_DEFAULT))));
    }
    OK(H5Ldelete(group, names[2], H5P_DEFAULT));
    SAME(H5Lexists(group, names[2], H5P_DEFAULT), 0);
    OK(H5Gclose(group));
}

int
main(int argc, char **argv)
{
    const char *name  = file_name(argc, argv);
    const char *all[] = {"data", "copied", "soft moved", "dangling", "external", "data/moved"};
    hid_t       file  = new_file(name);
    create(file);
    follow(file);
    OK(H5Fclose(file));
    file = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    follow(file);
    move_copy_remove(file);
    odd_names(file);
    OK(H5Fclose(file));

    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        print_link(file, all[i]);
    FAILS(H5Ldelete(file, "copied", H5P_DEFAULT));
    OK(H5Fclose(file));
    return 0;
}
