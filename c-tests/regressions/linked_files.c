/* What is told of a file that an external link leads to: how it was opened, and how it is locked. And the
 * times of objects that keep none, and external files by absolute names, which need no prefix. */
#include <unistd.h>

#include "check.h"

static void
show(hid_t object, const char *what)
{
    unsigned intent;
    bool     used, optional;
    hid_t    file = OK(H5Iget_file_id(object)), fapl = OK(H5Fget_access_plist(file));
    OK(H5Fget_intent(file, &intent));
    OK(H5Pget_file_locking(fapl, &used, &optional));
    printf("%s: writes %d, follows a writer %d, locks %d %d\n", what, (intent & H5F_ACC_RDWR) != 0,
           (intent & H5F_ACC_SWMR_READ) != 0, used, optional);
    OK(H5Pclose(fapl));
    OK(H5Fclose(file));
}

static hid_t
locking(bool used, bool optional)
{
    hid_t fapl = OK(H5Pcreate(H5P_FILE_ACCESS));
    OK(H5Pset_file_locking(fapl, used, optional));
    OK(H5Pset_libver_bounds(fapl, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST));
    return fapl;
}

static void
follow_links(const char *name)
{
    for (int used = 0; used < 2; used++) {
        hid_t fapl = locking(used, false);
        hid_t file = OK(H5Fopen(name, H5F_ACC_RDONLY, fapl));
        hid_t group = OK(H5Gopen2(file, "link", H5P_DEFAULT));
        show(group, "as the file with the link");
        OK(H5Gclose(group));
        hid_t lapl = OK(H5Pcreate(H5P_GROUP_ACCESS)), other = locking(!used, true);
        OK(H5Pset_elink_fapl(lapl, other));
        OK(H5Pset_elink_acc_flags(lapl, H5F_ACC_RDONLY | H5F_ACC_SWMR_READ));
        group = OK(H5Gopen2(file, "link", lapl));
        show(group, "as the access property list says");
        OK(H5Gclose(group));
        OK(H5Pclose(other));
        OK(H5Pclose(lapl));
        OK(H5Fclose(file));
        OK(H5Pclose(fapl));
    }
}

static void
without_times(hid_t file)
{
    H5O_info2_t info;
    hid_t       dcpl = OK(H5Pcreate(H5P_DATASET_CREATE)), space = OK(H5Screate(H5S_SCALAR));
    OK(H5Pset_obj_track_times(dcpl, false));
    hid_t set = OK(H5Dcreate2(file, "timeless", H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    OK(H5Oget_info3(set, &info, H5O_INFO_ALL));
    printf("times: %lld %lld %lld %lld\n", (long long)info.atime, (long long)info.mtime, (long long)info.ctime,
           (long long)info.btime);
    OK(H5Dclose(set));
    OK(H5Sclose(space));
    OK(H5Pclose(dcpl));
}

static void
external_by_whole_name(hid_t file)
{
    char          path[1100], folder[1000];
    const int     value = 42;
    int           found = 0;
    const hsize_t one = 1;
    CHECK(getcwd(folder, sizeof folder) != NULL);
    snprintf(path, sizeof path, "%s/linked_files.raw", folder);
    hid_t dcpl = OK(H5Pcreate(H5P_DATASET_CREATE)), dapl = OK(H5Pcreate(H5P_DATASET_ACCESS));
    hid_t space = OK(H5Screate_simple(1, &one, NULL));
    OK(H5Pset_external(dcpl, path, 0, H5F_UNLIMITED));
    OK(H5Pset_efile_prefix(dapl, "${ORIGIN}"));
    hid_t set = OK(H5Dcreate2(file, "outside", H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, dapl));
    OK(H5Dwrite(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value));
    OK(H5Dread(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &found));
    hid_t opened = OK(H5Dget_access_plist(set));
    OK(H5Pget_efile_prefix(opened, folder, sizeof folder));
    printf("outside: %d, the prefix is %s\n", found, strchr(folder, '$') ? folder : "a folder");
    OK(H5Pclose(opened));
    OK(H5Dclose(set));
    OK(H5Sclose(space));
    OK(H5Pclose(dapl));
    OK(H5Pclose(dcpl));
    remove(path);
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    char        other_name[1000];
    snprintf(other_name, sizeof other_name, "%s.other", name);
    hid_t fapl  = locking(true, true);
    hid_t other = OK(H5Fcreate(other_name, H5F_ACC_TRUNC, H5P_DEFAULT, fapl));
    OK(H5Fclose(other));
    hid_t file = OK(H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, fapl));
    OK(H5Lcreate_external(other_name, "/", file, "link", H5P_DEFAULT, H5P_DEFAULT));
    without_times(file);
    external_by_whole_name(file);
    OK(H5Fclose(file));
    OK(H5Pclose(fapl));
    follow_links(name);
    OK(H5Fdelete(other_name, H5P_DEFAULT));
    return 0;
}
