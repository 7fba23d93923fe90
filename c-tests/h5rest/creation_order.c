/* Numbers and lists in order of creation: where an object keeps that order, where it does not, and
 * after the file was closed and opened again. */
#include "check.h"

static herr_t
print_attribute(hid_t object, const char *name, const H5A_info_t *info, void *data)
{
    (void)object;
    (void)data;
    printf(" %s(%d %u)", name, info->corder_valid, (unsigned)info->corder);
    return 0;
}

static herr_t
print_name(hid_t object, const char *name, void *data)
{
    (void)object;
    printf(" %s", name);
    return strcmp(name, (const char *)data) == 0 ? 7 : 0;
}

static herr_t
print_link(hid_t group, const char *name, const H5L_info2_t *info, void *data)
{
    (void)group;
    (void)data;
    printf(" %s(%d %lld)", name, info->corder_valid, (long long)info->corder);
    return 0;
}

static void
print_attributes(const char *label, hid_t object)
{
    for (int by = H5_INDEX_NAME; by <= H5_INDEX_CRT_ORDER; by++)
        for (int order = H5_ITER_INC; order <= H5_ITER_DEC; order++) {
            printf("%s, attributes by %s %s:", label, by == H5_INDEX_NAME ? "name" : "creation",
                   order == H5_ITER_INC ? "up" : "down");
            OK(H5Aiterate2(object, (H5_index_t)by, (H5_iter_order_t)order, NULL, print_attribute, NULL));
            printf("\n");
        }
}

static void
print_links(const char *label, hid_t group, bool tracked)
{
    printf("%s, links by name:", label);
    OK(H5Literate2(group, H5_INDEX_NAME, H5_ITER_INC, NULL, print_link, NULL));
    printf("\n%s, visited:", label);
    OK(H5Lvisit2(group, H5_INDEX_CRT_ORDER, H5_ITER_DEC, print_link, NULL));
    printf("\n");
    H5L_info2_t info;
    if (!tracked) {
        FAILS(H5Literate2(group, H5_INDEX_CRT_ORDER, H5_ITER_INC, NULL, print_link, NULL));
        FAILS(H5Lget_info_by_idx2(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, 0, &info, H5P_DEFAULT));
        FAILS(H5Lget_name_by_idx(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, 0, NULL, 0, H5P_DEFAULT));
        FAILS(H5Oopen_by_idx(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, 0, H5P_DEFAULT));
        FAILS(H5Ldelete_by_idx(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, 0, H5P_DEFAULT));
        return;
    }
    printf("%s, links by creation:", label);
    OK(H5Literate2(group, H5_INDEX_CRT_ORDER, H5_ITER_INC, NULL, print_link, NULL));
    OK(H5Lget_info_by_idx2(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_DEC, 0, &info, H5P_DEFAULT));
    H5G_info_t all;
    OK(H5Gget_info(group, &all));
    printf(" last %lld next %lld\n", (long long)info.corder, (long long)all.max_corder);
}

static void
attribute(hid_t object, const char *name)
{
    hid_t      space = OK(H5Screate(H5S_SCALAR));
    hid_t      made  = OK(H5Acreate2(object, name, H5T_NATIVE_INT, space, H5P_DEFAULT, H5P_DEFAULT));
    H5A_info_t info;
    OK(H5Aget_info(made, &info));
    printf("created %s (%d %u)", name, info.corder_valid, (unsigned)info.corder);
    OK(H5Aclose(made));
    made = OK(H5Aopen(object, name, H5P_DEFAULT));
    OK(H5Aget_info(made, &info));
    printf(", opened (%d %u)\n", info.corder_valid, (unsigned)info.corder);
    OK(H5Aclose(made));
    OK(H5Sclose(space));
}

static void
soft_link(hid_t group, const char *name)
{
    OK(H5Lcreate_soft("anywhere", group, name, H5P_DEFAULT, H5P_DEFAULT));
}

/* The oldest way to go through attributes. */
static void
iterate_as_of_old(hid_t object)
{
    unsigned at = 0;
    printf("of old:");
    SAME(H5Aiterate1(object, &at, print_name, "a"), 7);
    printf(" at %u, the rest:", at);
    SAME(H5Aiterate1(object, &at, print_name, ""), 0);
    printf(" at %u\n", at);
    at = 9;
    FAILS(H5Aiterate1(object, &at, print_name, ""));
    SAME(at, 9);
    SAME(H5Aiterate1(object, NULL, print_name, "c"), 7);
    printf("\n");
}

/* Changes whose effect on numbers is the same in every format. Where creation order is not kept, an
 * attribute's number is its place in the object header, which is predictable only as long as what is
 * deleted is the last one. */
static void
change(hid_t group, bool tracked)
{
    attribute(group, "c");
    attribute(group, "a");
    attribute(group, "b");
    iterate_as_of_old(group);
    OK(H5Adelete(group, tracked ? "a" : "b"));
    print_attributes("one deleted", group);
    attribute(group, "d");
    OK(H5Arename(group, "d", "e"));
    FAILS(H5Arename(group, "e", "c"));
    FAILS(H5Arename(group, "d", "f"));
    OK(H5Adelete_by_idx(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_DEC, 0, H5P_DEFAULT));
    print_attributes("renamed and deleted", group);

    soft_link(group, "z");
    soft_link(group, "x");
    soft_link(group, "y");
    OK(H5Ldelete(group, "x", H5P_DEFAULT));
    print_links("one deleted", group, tracked);
    soft_link(group, "x");
    OK(H5Lmove(group, "z", group, "moved", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Ldelete_by_idx(group, ".", tracked ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME, H5_ITER_INC, 0,
                        H5P_DEFAULT));
    print_links("moved and deleted", group, tracked);
    soft_link(group, "last");
    OK(H5Ldelete(group, "last", H5P_DEFAULT));
}

static hid_t
open_again(hid_t file, hid_t group, const char *name)
{
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    return OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
}

static void
kept(const char *name, unsigned flags)
{
    bool tracked = flags != 0;
    printf("flags %u\n", flags);
    hid_t file = OK(H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    hid_t gcpl = OK(H5Pcreate(H5P_GROUP_CREATE));
    OK(H5Pset_link_creation_order(gcpl, flags));
    OK(H5Pset_attr_creation_order(gcpl, flags));
    hid_t group = OK(H5Gcreate2(file, "group", H5P_DEFAULT, gcpl, H5P_DEFAULT));
    print_attributes("empty", group);
    change(group, tracked);

    file  = open_again(file, group, name);
    group = OK(H5Gopen2(file, "group", H5P_DEFAULT));
    print_attributes("opened again", group);
    print_links("opened again", group, tracked);
    attribute(group, "new");
    soft_link(group, "new");
    print_attributes("added", group);
    print_links("added", group, tracked);

    /* Numbers begin with 0 again when nothing is left. */
    while (H5Adelete_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, 0, H5P_DEFAULT) >= 0) {
        H5O_info2_t info;
        OK(H5Oget_info3(group, &info, H5O_INFO_NUM_ATTRS));
        if (info.num_attrs == 0)
            break;
    }
    H5G_info_t all;
    do {
        OK(H5Ldelete_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, 0, H5P_DEFAULT));
        OK(H5Gget_info(group, &all));
    } while (all.nlinks > 0);
    file  = open_again(file, group, name);
    group = OK(H5Gopen2(file, "group", H5P_DEFAULT));
    attribute(group, "first");
    soft_link(group, "first");
    print_links("emptied", group, tracked);
    OK(H5Gclose(group));
    OK(H5Pclose(gcpl));
    OK(H5Fclose(file));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    kept(name, 0);
    kept(name, H5P_CRT_ORDER_TRACKED);
    kept(name, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    return 0;
}
