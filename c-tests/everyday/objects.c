/* Objects apart from their kind: opened by name, index and token, asked about, compared. */
#include "check.h"

static void
create(const char *name)
{
    const hsize_t dims[1] = {2};
    hid_t         file    = new_file(name);
    OK(H5Gclose(OK(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Dclose(new_dataset(file, "group/dataset", H5T_STD_I32LE, 1, dims, H5P_DEFAULT)));
    hid_t type = OK(H5Tcopy(H5T_IEEE_F64BE));
    OK(H5Tcommit2(file, "type", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Tclose(type));
    OK(H5Lcreate_hard(file, "group/dataset", file, "alias", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Fclose(file));
}

static void
print_object(hid_t file, const char *path)
{
    H5O_info2_t info;
    char        name[64] = "";
    hid_t       object   = OK(H5Oopen(file, path, H5P_DEFAULT));
    OK(H5Oget_info3(object, &info, H5O_INFO_BASIC));
    OK(H5Iget_name(object, name, sizeof name));
    printf("%s: id type %d, object type %d, %u links, named %s\n", path, (int)H5Iget_type(object),
           (int)info.type, info.rc, name);
    hid_t owner = OK(H5Iget_file_id(object));
    SAME(H5Iget_type(owner), H5I_FILE);
    OK(H5Fclose(owner));
    OK(H5Oclose(object));
}

static void
tokens(hid_t file)
{
    int         order = 99;
    H5O_info2_t one, other, group;
    OK(H5Oget_info_by_name3(file, "group/dataset", &one, H5O_INFO_BASIC, H5P_DEFAULT));
    OK(H5Oget_info_by_name3(file, "alias", &other, H5O_INFO_BASIC, H5P_DEFAULT));
    OK(H5Oget_info_by_name3(file, "group", &group, H5O_INFO_BASIC, H5P_DEFAULT));
    OK(H5Otoken_cmp(file, &one.token, &other.token, &order));
    SAME(order, 0);
    OK(H5Otoken_cmp(file, &one.token, &group.token, &order));
    CHECK(order != 0);
    SAME(one.fileno, group.fileno);

    hid_t object = OK(H5Oopen_by_token(file, one.token));
    SAME(H5Iget_type(object), H5I_DATASET);
    OK(H5Oclose(object));

    char       *text = NULL;
    H5O_token_t again;
    OK(H5Otoken_to_str(file, &one.token, &text));
    OK(H5Otoken_from_str(file, text, &again));
    OK(H5Otoken_cmp(file, &one.token, &again, &order));
    SAME(order, 0);
    OK(H5free_memory(text));
}

static void
existence(hid_t file)
{
    printf("exists: %d %d\n", (int)OK(H5Oexists_by_name(file, "group/dataset", H5P_DEFAULT)),
           (int)OK(H5Oexists_by_name(file, "/", H5P_DEFAULT)));
    OK(H5Lcreate_soft("nowhere", file, "dangling", H5P_DEFAULT, H5P_DEFAULT));
    SAME(H5Oexists_by_name(file, "dangling", H5P_DEFAULT), 0);
    FAILS(H5Oopen(file, "dangling", H5P_DEFAULT));
    FAILS(H5Oopen(file, "absent", H5P_DEFAULT));
    FAILS(H5Dopen2(file, "group", H5P_DEFAULT));
    FAILS(H5Gopen2(file, "alias", H5P_DEFAULT));
    FAILS(H5Topen2(file, "alias", H5P_DEFAULT));
}

static void
by_index(hid_t file)
{
    for (hsize_t i = 0; i < 3; i++) {
        hid_t object = OK(H5Oopen_by_idx(file, "/", H5_INDEX_NAME, H5_ITER_INC, i, H5P_DEFAULT));
        printf("object %llu has id type %d\n", (unsigned long long)i, (int)H5Iget_type(object));
        OK(H5Oclose(object));
    }
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    create(name);
    hid_t file = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    print_object(file, "/");
    print_object(file, "group");
    print_object(file, "group/dataset");
    print_object(file, "alias");
    print_object(file, "type");
    by_index(file);
    tokens(file);
    existence(file);
    printf("open objects: %lld\n", (long long)OK(H5Fget_obj_count(file, H5F_OBJ_ALL)));
    OK(H5Fclose(file));
    return 0;
}
