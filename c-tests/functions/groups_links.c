/* Functions of groups and links. */
#include "probe.h"

static herr_t
link1(hid_t group, const char *name, const H5L_info1_t *info, void *data)
{
    (void)group, (void)name, (void)info, (void)data;
    return 0;
}

static herr_t
link2(hid_t group, const char *name, const H5L_info2_t *info, void *data)
{
    (void)group, (void)name, (void)info, (void)data;
    return 0;
}

static herr_t
old(hid_t group, const char *name, void *data)
{
    (void)group, (void)name, (void)data;
    return 0;
}

static hid_t
follow(const char *name, hid_t group, const void *data, size_t size, hid_t lapl, hid_t dxpl)
{
    (void)name, (void)group, (void)data, (void)size, (void)lapl, (void)dxpl;
    return H5I_INVALID_HID;
}

int
main(int argc, char **argv)
{
    hid_t       file = probe_file(argc, argv), none = H5ES_NONE;
    H5G_info_t  info;
    H5G_stat_t  status;
    H5L_info1_t info1;
    H5L_info2_t info2;
    hsize_t     count, at = 0;
    char        text[100];
    bool        is;
    hid_t       group = P(H5Gcreate2(file, "g2", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    P(H5Gflush(group));
    P(H5Grefresh(group));
    H5Pclose(P(H5Gget_create_plist(group)));
    P(H5Gget_info(group, &info));
    P(H5Gclose(group));
    H5Gclose(P(H5Gcreate1(file, "g3", 0)));
    H5Gclose(P(H5Gcreate_anon(file, H5P_DEFAULT, H5P_DEFAULT)));
    group = P(H5Gcreate_async(file, "g4", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT, none));
    P(H5Gclose_async(group, none));
    H5Gclose(P(H5Gopen1(file, "g")));
    H5Gclose(P(H5Gopen_async(file, "g", H5P_DEFAULT, none)));
    group = P(H5Gopen2(file, "g", H5P_DEFAULT));
    P(H5Gget_info_async(group, &info, none));
    P(H5Gget_info_by_name(file, "g", &info, H5P_DEFAULT));
    P(H5Gget_info_by_name_async(file, "g", &info, H5P_DEFAULT, none));
    P(H5Gget_info_by_idx(file, ".", H5_INDEX_NAME, H5_ITER_INC, 1, &info, H5P_DEFAULT));
    P(H5Gget_info_by_idx_async(file, ".", H5_INDEX_NAME, H5_ITER_INC, 1, &info, H5P_DEFAULT, none));
    P(H5Gset_comment(file, "g", "said"));
    P(H5Gget_comment(file, "g", sizeof text, text));
    P(H5Gget_num_objs(file, &count));
    P(H5Gget_objinfo(file, "g", true, &status));
    P(H5Gget_objname_by_idx(file, 0, text, sizeof text));
    P(H5Gget_objtype_by_idx(file, 0));
    int n = 0;
    P(H5Giterate(file, ".", &n, old, NULL));
    P(H5Glink(file, H5G_LINK_SOFT, "g", "l1"));
    P(H5Gget_linkval(file, "l1", sizeof text, text));
    P(H5Glink2(file, "g", H5G_LINK_HARD, group, "l2"));
    P(H5Gmove(file, "l1", "l3"));
    P(H5Gmove2(file, "l3", group, "l4"));
    P(H5Gunlink(group, "l2"));

    P(H5Lcreate_hard(file, "d", file, "h1", H5P_DEFAULT, H5P_DEFAULT));
    P(H5Lcreate_hard_async(file, "d", file, "h2", H5P_DEFAULT, H5P_DEFAULT, none));
    P(H5Lcreate_soft("d", file, "s1", H5P_DEFAULT, H5P_DEFAULT));
    P(H5Lcreate_soft_async("d", file, "s2", H5P_DEFAULT, H5P_DEFAULT, none));
    P(H5Lcreate_external("x.h5", "/d", file, "e1", H5P_DEFAULT, H5P_DEFAULT));
    const H5L_class_t own = {.version = H5L_LINK_CLASS_T_VERS, .id = (H5L_type_t)100, .trav_func = follow};
    P(H5Lregister(&own));
    P(H5Lis_registered((H5L_type_t)100));
    P(H5Lcreate_ud(file, "u1", (H5L_type_t)100, "abc", 3, H5P_DEFAULT, H5P_DEFAULT));
    P(H5Lunregister((H5L_type_t)100));
    const char *part, *whole;
    unsigned    flags;
    char        external[] = "\0x.h5\0/d";
    P(H5Lunpack_elink_val(external, sizeof external, &flags, &part, &whole));
    P(H5Lcopy(file, "s1", group, "s3", H5P_DEFAULT, H5P_DEFAULT));
    P(H5Lmove(group, "s3", group, "s4", H5P_DEFAULT, H5P_DEFAULT));
    P(H5Lexists(file, "s1", H5P_DEFAULT));
    P(H5Lexists_async(file, "s1", &is, H5P_DEFAULT, none));
    P(H5Lget_info1(file, "s1", &info1, H5P_DEFAULT));
    P(H5Lget_info2(file, "s1", &info2, H5P_DEFAULT));
    P(H5Lget_info_by_idx1(file, ".", H5_INDEX_NAME, H5_ITER_INC, 0, &info1, H5P_DEFAULT));
    P(H5Lget_info_by_idx2(file, ".", H5_INDEX_NAME, H5_ITER_INC, 0, &info2, H5P_DEFAULT));
    P(H5Lget_name_by_idx(file, ".", H5_INDEX_NAME, H5_ITER_INC, 0, text, sizeof text, H5P_DEFAULT));
    P(H5Lget_val(file, "s1", text, sizeof text, H5P_DEFAULT));
    P(H5Lget_val_by_idx(file, "g", H5_INDEX_NAME, H5_ITER_INC, 0, text, sizeof text, H5P_DEFAULT));
    P(H5Literate1(file, H5_INDEX_NAME, H5_ITER_INC, &at, link1, NULL));
    P(H5Literate2(file, H5_INDEX_NAME, H5_ITER_INC, (at = 0, &at), link2, NULL));
    P(H5Literate_async(file, H5_INDEX_NAME, H5_ITER_INC, (at = 0, &at), link2, NULL, none));
    P(H5Literate_by_name1(file, ".", H5_INDEX_NAME, H5_ITER_INC, (at = 0, &at), link1, NULL,
                          H5P_DEFAULT));
    P(H5Literate_by_name2(file, ".", H5_INDEX_NAME, H5_ITER_INC, (at = 0, &at), link2, NULL,
                          H5P_DEFAULT));
    P(H5Lvisit1(file, H5_INDEX_NAME, H5_ITER_INC, link1, NULL));
    P(H5Lvisit2(file, H5_INDEX_NAME, H5_ITER_INC, link2, NULL));
    P(H5Lvisit_by_name1(file, ".", H5_INDEX_NAME, H5_ITER_INC, link1, NULL, H5P_DEFAULT));
    P(H5Lvisit_by_name2(file, ".", H5_INDEX_NAME, H5_ITER_INC, link2, NULL, H5P_DEFAULT));
    P(H5Ldelete(file, "s1", H5P_DEFAULT));
    P(H5Ldelete_async(file, "s2", H5P_DEFAULT, none));
    P(H5Ldelete_by_idx(file, "g", H5_INDEX_NAME, H5_ITER_INC, 0, H5P_DEFAULT));
    P(H5Ldelete_by_idx_async(file, "g", H5_INDEX_NAME, H5_ITER_INC, 0, H5P_DEFAULT, none));
    H5Gclose(group);
    H5Fclose(file);
    return 0;
}
