/* Copies the groups and datasets of a local file that can be read to a file of the default
 * connector. Tests of HDF5 open damaged files, which h5repack refuses as a whole.
 *
 *     copy_readable LOCAL_FILE FILE [relaxed]
 *
 * relaxed: also undamaged types that HDF5 takes for damaged ones. (In a damaged file HDF5 1.14.5 may
 * crash then.)
 */
#include "check.h"

/* Creates the dataset's like in the group; false if its elements cannot be read. */
static bool
copy_dataset(hid_t dataset, hid_t to, const char *name)
{
    hid_t  type  = OK(H5Dget_type(dataset));
    hid_t  space = OK(H5Dget_space(dataset));
    hid_t  dcpl  = OK(H5Dget_create_plist(dataset));
    size_t count = (size_t)OK(H5Sget_simple_extent_npoints(space));
    char  *data  = calloc(count + 1, H5Tget_size(type));
    CHECK(data != NULL);
    bool readable = H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0;
    if (readable) {
        hid_t copy = OK(H5Dcreate2(to, name, type, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
        OK(H5Dwrite(copy, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
        OK(H5Dclose(copy));
    }
    free(data);
    OK(H5Pclose(dcpl));
    OK(H5Sclose(space));
    OK(H5Tclose(type));
    return readable;
}

/* Copies what one link leads to; called by H5Literate with the group to copy to. */
static herr_t
copy_member(hid_t from, const char *name, const H5L_info2_t *info, void *to_group)
{
    hid_t to       = *(hid_t *)to_group;
    hid_t object   = H5Oopen(from, name, H5P_DEFAULT);
    bool  readable = object >= 0;
    (void)info;
    if (readable && H5Iget_type(object) == H5I_GROUP) {
        hid_t copy = OK(H5Gcreate2(to, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        OK(H5Literate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, copy_member, &copy));
        OK(H5Gclose(copy));
    }
    else if (readable && H5Iget_type(object) == H5I_DATASET)
        readable = copy_dataset(object, to, name);
    if (!readable)
        printf("%s cannot be read\n", name);
    if (object >= 0)
        OK(H5Oclose(object));
    return 0;
}

int
main(int argc, char **argv)
{
    CHECK(argc == 3 || (argc == 4 && strcmp(argv[3], "relaxed") == 0));
    OK(H5Eset_auto2(H5E_DEFAULT, NULL, NULL));

    hid_t fapl = OK(H5Pcreate(H5P_FILE_ACCESS));
    if (argc == 4)
        OK(H5Pset_relax_file_integrity_checks(fapl, H5F_RFIC_ALL));
    hid_t to = OK(H5Fcreate(argv[2], H5F_ACC_TRUNC, H5P_DEFAULT, fapl));

    hid_t native = OK(H5VLget_connector_id_by_name("native"));
    OK(H5Pset_vol(fapl, native, NULL));
    OK(H5VLclose(native));
    hid_t from = OK(H5Fopen(argv[1], H5F_ACC_RDONLY, fapl));
    OK(H5Pclose(fapl));

    OK(H5Literate2(from, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, copy_member, &to));
    OK(H5Fclose(from));
    OK(H5Fclose(to));
    return 0;
}
