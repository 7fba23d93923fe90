/* Functions of attributes. */
#include "probe.h"

static herr_t
one(hid_t place, const char *name, const H5A_info_t *info, void *data)
{
    (void)place, (void)name, (void)info, (void)data;
    return 0;
}

static herr_t
old(hid_t place, const char *name, void *data)
{
    (void)place, (void)name, (void)data;
    return 0;
}

int
main(int argc, char **argv)
{
    hid_t      file   = probe_file(argc, argv);
    hid_t      set    = NEED(H5Dopen2(file, "d", H5P_DEFAULT));
    hid_t      scalar = NEED(H5Screate(H5S_SCALAR));
    hid_t      none   = H5ES_NONE;
    int        value  = 5;
    char       name[20];
    hsize_t    at = 0;
    unsigned   n  = 0;
    H5A_info_t info;
    hid_t      a = P(H5Acreate2(set, "b", H5T_STD_I32LE, scalar, H5P_DEFAULT, H5P_DEFAULT));
    P(H5Awrite(a, H5T_NATIVE_INT, &value));
    P(H5Aread(a, H5T_NATIVE_INT, &value));
    P(H5Awrite_async(a, H5T_NATIVE_INT, &value, none));
    P(H5Aread_async(a, H5T_NATIVE_INT, &value, none));
    P(H5Aget_name(a, sizeof name, name));
    H5Sclose(P(H5Aget_space(a)));
    H5Tclose(P(H5Aget_type(a)));
    H5Pclose(P(H5Aget_create_plist(a)));
    P(H5Aget_storage_size(a));
    P(H5Aget_info(a, &info));
    P(H5Aclose(a));
    H5Aclose(P(H5Acreate1(set, "c", H5T_STD_I32LE, scalar, H5P_DEFAULT)));
    H5Aclose(P(H5Acreate_by_name(file, "d", "e", H5T_STD_I32LE, scalar, H5P_DEFAULT, H5P_DEFAULT,
                                 H5P_DEFAULT)));
    a = P(H5Acreate_async(set, "f", H5T_STD_I32LE, scalar, H5P_DEFAULT, H5P_DEFAULT, none));
    P(H5Aclose_async(a, none));
    H5Aclose(P(H5Acreate_by_name_async(file, "d", "h", H5T_STD_I32LE, scalar, H5P_DEFAULT,
                                       H5P_DEFAULT, H5P_DEFAULT, none)));
    H5Aclose(P(H5Aopen(set, "a", H5P_DEFAULT)));
    H5Aclose(P(H5Aopen_async(set, "a", H5P_DEFAULT, none)));
    H5Aclose(P(H5Aopen_by_name(file, "d", "a", H5P_DEFAULT, H5P_DEFAULT)));
    H5Aclose(P(H5Aopen_by_name_async(file, "d", "a", H5P_DEFAULT, H5P_DEFAULT, none)));
    H5Aclose(P(H5Aopen_by_idx(file, "d", H5_INDEX_NAME, H5_ITER_INC, 0, H5P_DEFAULT, H5P_DEFAULT)));
    H5Aclose(P(H5Aopen_by_idx_async(file, "d", H5_INDEX_NAME, H5_ITER_INC, 0, H5P_DEFAULT,
                                    H5P_DEFAULT, none)));
    H5Aclose(P(H5Aopen_idx(set, 0)));
    H5Aclose(P(H5Aopen_name(set, "a")));
    P(H5Aexists(set, "a"));
    P(H5Aexists_by_name(file, "d", "a", H5P_DEFAULT));
    bool is = false;
    P(H5Aexists_async(set, "a", &is, none));
    P(H5Aexists_by_name_async(file, "d", "a", &is, H5P_DEFAULT, none));
    P(H5Aget_info_by_idx(file, "d", H5_INDEX_NAME, H5_ITER_INC, 0, &info, H5P_DEFAULT));
    P(H5Aget_info_by_name(file, "d", "a", &info, H5P_DEFAULT));
    P(H5Aget_name_by_idx(file, "d", H5_INDEX_NAME, H5_ITER_INC, 0, name, sizeof name, H5P_DEFAULT));
    P(H5Aget_num_attrs(set));
    P(H5Aiterate1(set, &n, old, NULL));
    P(H5Aiterate2(set, H5_INDEX_NAME, H5_ITER_INC, &at, one, NULL));
    at = 0;
    P(H5Aiterate_by_name(file, "d", H5_INDEX_NAME, H5_ITER_INC, &at, one, NULL, H5P_DEFAULT));
    P(H5Arename(set, "b", "b2"));
    P(H5Arename_async(set, "b2", "b3", none));
    P(H5Arename_by_name(file, "d", "c", "c2", H5P_DEFAULT));
    P(H5Arename_by_name_async(file, "d", "c2", "c3", H5P_DEFAULT, none));
    P(H5Adelete(set, "b3"));
    P(H5Adelete_by_name(file, "d", "c3", H5P_DEFAULT));
    P(H5Adelete_by_idx(file, "d", H5_INDEX_NAME, H5_ITER_INC, 0, H5P_DEFAULT));
    H5Sclose(scalar);
    H5Dclose(set);
    H5Fclose(file);
    return 0;
}
