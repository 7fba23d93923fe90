/* One HDF5 call after another on a file of few objects, with a mark behind each: a question about a
 * file that does not exist, which the counter in front of the server sees among the requests. */

#include "../everyday/check.h"

static const char *file_path;

static void mark(const char *call)
{
    char name[512];
    snprintf(name, sizeof name, "%s.mark-%s", file_path, call);
    FAILS(H5Fis_accessible(name, H5P_DEFAULT));
}

static void add_attribute(hid_t object, const char *name, int value)
{
    hid_t space = OK(H5Screate(H5S_SCALAR));
    hid_t attribute =
        OK(H5Acreate2(object, name, H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(attribute, H5T_NATIVE_INT, &value));
    OK(H5Aclose(attribute));
    OK(H5Sclose(space));
}

static void write_file(void)
{
    hid_t file = OK(H5Fcreate(file_path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    add_attribute(file, "a", 1);
    hid_t group = OK(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    add_attribute(group, "a", 2);
    for (int n = 0; n < 20; n++) {
        char name[16];
        snprintf(name, sizeof name, "g%02d", n);
        hid_t child = OK(H5Gcreate2(group, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        add_attribute(child, "a", n);
        OK(H5Gclose(child));
    }
    hsize_t dims[] = {10};
    hid_t space = OK(H5Screate_simple(1, dims, NULL));
    hid_t data =
        OK(H5Dcreate2(group, "data", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    add_attribute(data, "a", 3);
    OK(H5Lcreate_soft("/group/data", file, "soft", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Dclose(data));
    OK(H5Sclose(space));
    OK(H5Gclose(group));
    OK(H5Fclose(file));
}

static int read_attribute(hid_t object)
{
    int value;
    hid_t attribute = OK(H5Aopen(object, "a", H5P_DEFAULT));
    OK(H5Aread(attribute, H5T_NATIVE_INT, &value));
    OK(H5Aclose(attribute));
    return value;
}

static herr_t count_attribute(hid_t object, const char *name, const H5A_info_t *info, void *count)
{
    (void)object, (void)name, (void)info;
    ++*(int *)count;
    return 0;
}

static herr_t count_link(hid_t group, const char *name, const H5L_info2_t *info, void *count)
{
    (void)group, (void)name, (void)info;
    ++*(int *)count;
    return 0;
}

static herr_t count_object(hid_t group, const char *name, const H5O_info2_t *info, void *count)
{
    (void)group, (void)name, (void)info;
    ++*(int *)count;
    return 0;
}

static void read_file(void)
{
    int count = 0;
    H5O_info2_t object_info;
    H5G_info_t group_info;

    mark("nothing");
    hid_t file = OK(H5Fopen(file_path, H5F_ACC_RDONLY, H5P_DEFAULT));
    mark("H5Fopen");
    SAME(read_attribute(file), 1);
    mark("H5Aread");
    hid_t group = OK(H5Gopen2(file, "group", H5P_DEFAULT));
    SAME(read_attribute(group), 2);
    OK(H5Gget_info(group, &group_info));
    SAME(group_info.nlinks, 21);
    mark("H5Gopen");
    SAME(OK(H5Lexists(group, "data", H5P_DEFAULT)), 1);
    SAME(OK(H5Lexists(group, "none", H5P_DEFAULT)), 0);
    OK(H5Literate2(group, H5_INDEX_NAME, H5_ITER_INC, NULL, count_link, &count));
    SAME(count, 21);
    mark("H5Literate");
    hid_t data = OK(H5Dopen2(file, "soft", H5P_DEFAULT));
    OK(H5Tclose(OK(H5Dget_type(data))));
    OK(H5Sclose(OK(H5Dget_space(data))));
    OK(H5Pclose(OK(H5Dget_create_plist(data))));
    SAME(read_attribute(data), 3);
    count = 0;
    OK(H5Aiterate2(data, H5_INDEX_NAME, H5_ITER_INC, NULL, count_attribute, &count));
    SAME(count, 1);
    mark("H5Dopen");
    OK(H5Oget_info3(data, &object_info, H5O_INFO_ALL));
    SAME(object_info.rc, 1);
    mark("H5Oget_info");
    for (int n = 0; n < 20; n++) {
        char name[32];
        snprintf(name, sizeof name, "/group/g%02d", n);
        hid_t child = OK(H5Gopen2(file, name, H5P_DEFAULT));
        SAME(read_attribute(child), n);
        OK(H5Gclose(child));
    }
    mark("20 H5Gopen");
    count = 0;
    OK(H5Ovisit3(file, H5_INDEX_NAME, H5_ITER_INC, count_object, &count, H5O_INFO_ALL));
    SAME(count, 23);
    mark("H5Ovisit");
    OK(H5Drefresh(data));
    mark("H5Drefresh");
    OK(H5Sclose(OK(H5Dget_space(data))));
    SAME(read_attribute(data), 3);
    mark("after H5Drefresh");
    OK(H5Dclose(data));
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    mark("H5Fclose");
}

int main(int argc, char **argv)
{
    CHECK(argc == 3);
    file_path = argv[2];
    if (strcmp(argv[1], "write") == 0)
        write_file();
    else
        read_file();
    return 0;
}
