/* Functions of objects of any kind, of committed datatypes, and of references. */
#include "probe.h"

static herr_t
visit1(hid_t object, const char *name, const H5O_info1_t *info, void *data)
{
    (void)object, (void)name, (void)info, (void)data;
    return 0;
}

static herr_t
visit3(hid_t object, const char *name, const H5O_info2_t *info, void *data)
{
    (void)object, (void)name, (void)info, (void)data;
    return 0;
}

static void
objects(hid_t file)
{
    hid_t             none = H5ES_NONE, lcpl = H5P_DEFAULT;
    H5O_info1_t       info1;
    H5O_info2_t       info;
    H5O_native_info_t own;
    H5O_token_t       token;
    char              text[100], *told = NULL;
    bool              is;
    int               same;
    hid_t             object = P(H5Oopen(file, "d", H5P_DEFAULT));
    P(H5Oget_info3(object, &info, H5O_INFO_ALL));
    P(H5Oget_info1(object, &info1));
    P(H5Oget_info2(object, &info1, H5O_INFO_ALL));
    P(H5Oget_info_by_name1(file, "d", &info1, H5P_DEFAULT));
    P(H5Oget_info_by_name2(file, "d", &info1, H5O_INFO_ALL, H5P_DEFAULT));
    P(H5Oget_info_by_name3(file, "d", &info, H5O_INFO_ALL, H5P_DEFAULT));
    P(H5Oget_info_by_name_async(file, "d", &info, H5O_INFO_ALL, H5P_DEFAULT, none));
    P(H5Oget_info_by_idx1(file, ".", H5_INDEX_NAME, H5_ITER_INC, 0, &info1, H5P_DEFAULT));
    P(H5Oget_info_by_idx2(file, ".", H5_INDEX_NAME, H5_ITER_INC, 0, &info1, H5O_INFO_ALL,
                          H5P_DEFAULT));
    P(H5Oget_info_by_idx3(file, ".", H5_INDEX_NAME, H5_ITER_INC, 0, &info, H5O_INFO_ALL,
                          H5P_DEFAULT));
    P(H5Oget_native_info(object, &own, H5O_NATIVE_INFO_ALL));
    P(H5Oget_native_info_by_name(file, "d", &own, H5O_NATIVE_INFO_ALL, H5P_DEFAULT));
    P(H5Oget_native_info_by_idx(file, ".", H5_INDEX_NAME, H5_ITER_INC, 0, &own, H5O_NATIVE_INFO_ALL,
                                H5P_DEFAULT));
    token = info.token;
    P(H5Oget_info3(object, &info, H5O_INFO_BASIC));
    P(H5Otoken_cmp(file, &token, &info.token, &same));
    P(H5Otoken_to_str(file, &info.token, &told));
    P(H5Otoken_from_str(file, told, &token));
    H5free_memory(told);
    H5Oclose(P(H5Oopen_by_token(file, token)));
    H5Oclose(P(H5Oopen_by_addr(file, info1.addr)));
    H5Oclose(P(H5Oopen_by_idx(file, ".", H5_INDEX_NAME, H5_ITER_INC, 0, H5P_DEFAULT)));
    H5Oclose(P(H5Oopen_by_idx_async(file, ".", H5_INDEX_NAME, H5_ITER_INC, 0, H5P_DEFAULT, none)));
    P(H5Oclose_async(P(H5Oopen_async(file, "d", H5P_DEFAULT, none)), none));
    P(H5Oexists_by_name(file, "d", H5P_DEFAULT));
    P(H5Oflush(object));
    P(H5Oflush_async(object, none));
    P(H5Orefresh(object));
    P(H5Orefresh_async(object, none));
    P(H5Oset_comment(object, "said"));
    P(H5Oget_comment(object, text, sizeof text));
    P(H5Oset_comment_by_name(file, "g", "said", H5P_DEFAULT));
    P(H5Oget_comment_by_name(file, "g", text, sizeof text, H5P_DEFAULT));
    P(H5Oincr_refcount(object));
    P(H5Odecr_refcount(object));
    P(H5Olink(object, file, "d2", lcpl, H5P_DEFAULT));
    P(H5Ocopy(file, "d", file, "d3", H5P_DEFAULT, lcpl));
    P(H5Ocopy_async(file, "d", file, "d4", H5P_DEFAULT, lcpl, none));
    P(H5Ovisit1(file, H5_INDEX_NAME, H5_ITER_INC, visit1, NULL));
    P(H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, visit1, NULL, H5O_INFO_ALL));
    P(H5Ovisit3(file, H5_INDEX_NAME, H5_ITER_INC, visit3, NULL, H5O_INFO_ALL));
    P(H5Ovisit_by_name1(file, "g", H5_INDEX_NAME, H5_ITER_INC, visit1, NULL, H5P_DEFAULT));
    P(H5Ovisit_by_name2(file, "g", H5_INDEX_NAME, H5_ITER_INC, visit1, NULL, H5O_INFO_ALL,
                        H5P_DEFAULT));
    P(H5Ovisit_by_name3(file, "g", H5_INDEX_NAME, H5_ITER_INC, visit3, NULL, H5O_INFO_ALL,
                        H5P_DEFAULT));
    P(H5Odisable_mdc_flushes(object));
    P(H5Oare_mdc_flushes_disabled(object, &is));
    P(H5Oenable_mdc_flushes(object));
    P(H5Oclose(object));
}

static void
datatypes(hid_t file)
{
    hid_t none = H5ES_NONE;
    hid_t type = NEED(H5Tcopy(H5T_STD_I32LE));
    P(H5Tcommit2(file, "t2", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    P(H5Tcommitted(type));
    H5Pclose(P(H5Tget_create_plist(type)));
    P(H5Tflush(type));
    P(H5Trefresh(type));
    H5Tclose(type);
    type = NEED(H5Tcopy(H5T_STD_I32LE));
    P(H5Tcommit1(file, "t3", type));
    H5Tclose(type);
    type = NEED(H5Tcopy(H5T_STD_I32LE));
    P(H5Tcommit_anon(file, type, H5P_DEFAULT, H5P_DEFAULT));
    H5Tclose(type);
    type = NEED(H5Tcopy(H5T_STD_I32LE));
    P(H5Tcommit_async(file, "t4", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT, none));
    P(H5Tclose_async(type, none));
    H5Tclose(P(H5Topen1(file, "t2")));
    H5Tclose(P(H5Topen2(file, "t2", H5P_DEFAULT)));
    H5Tclose(P(H5Topen_async(file, "t2", H5P_DEFAULT, none)));
}

static void
references(hid_t file)
{
    hid_t           none = H5ES_NONE;
    H5R_ref_t       object, region, attribute, copy;
    hobj_ref_t      old;
    hdset_reg_ref_t old_region;
    H5O_type_t      type;
    char            text[1000];
    hid_t           set   = NEED(H5Dopen2(file, "d", H5P_DEFAULT));
    hid_t           space = NEED(H5Dget_space(set));
    P(H5Rcreate_object(file, "d", H5P_DEFAULT, &object));
    P(H5Rcreate_region(file, "d", space, H5P_DEFAULT, &region));
    P(H5Rcreate_attr(file, "d", "a", H5P_DEFAULT, &attribute));
    P(H5Rcopy(&object, &copy));
    P(H5Requal(&object, &copy));
    P(H5Rdestroy(&copy));
    P(H5Rget_type(&object));
    P(H5Rget_obj_type3(&object, H5P_DEFAULT, &type));
    P(H5Rget_file_name(&object, text, sizeof text));
    P(H5Rget_obj_name(&object, H5P_DEFAULT, text, sizeof text));
    P(H5Rget_attr_name(&attribute, text, sizeof text));
    H5Oclose(P(H5Ropen_object(&object, H5P_DEFAULT, H5P_DEFAULT)));
    H5Oclose(P(H5Ropen_object_async(&object, H5P_DEFAULT, H5P_DEFAULT, none)));
    H5Sclose(P(H5Ropen_region(&region, H5P_DEFAULT, H5P_DEFAULT)));
    H5Sclose(P(H5Ropen_region_async(&region, H5P_DEFAULT, H5P_DEFAULT, none)));
    H5Aclose(P(H5Ropen_attr(&attribute, H5P_DEFAULT, H5P_DEFAULT)));
    H5Aclose(P(H5Ropen_attr_async(&attribute, H5P_DEFAULT, H5P_DEFAULT, none)));
    H5Rdestroy(&object);
    H5Rdestroy(&region);
    H5Rdestroy(&attribute);
    P(H5Rcreate(&old, file, "d", H5R_OBJECT, H5I_INVALID_HID));
    H5Oclose(P(H5Rdereference1(file, H5R_OBJECT, &old)));
    H5Oclose(P(H5Rdereference2(file, H5P_DEFAULT, H5R_OBJECT, &old)));
    P(H5Rget_obj_type1(file, H5R_OBJECT, &old));
    P(H5Rget_obj_type2(file, H5R_OBJECT, &old, &type));
    P(H5Rget_name(file, H5R_OBJECT, &old, text, sizeof text));
    if (H5Rcreate(&old_region, file, "d", H5R_DATASET_REGION, space) >= 0)
        H5Sclose(P(H5Rget_region(file, H5R_DATASET_REGION, &old_region)));
    else
        printf("H5Rget_region failed\n");
    H5Sclose(space);
    H5Dclose(set);
}

int
main(int argc, char **argv)
{
    hid_t file = probe_file(argc, argv);
    objects(file);
    datatypes(file);
    references(file);
    H5Fclose(file);
    return 0;
}
