/* What becomes of a file and of a group in it when the file is closed first, for every degree of
 * closing. */
#include "check.h"

static void
close_with_open_group(const char *name, H5F_close_degree_t degree, const char *label)
{
    H5F_close_degree_t found;
    herr_t             closed;
    hid_t              fapl = OK(H5Pcreate(H5P_FILE_ACCESS));
    OK(H5Pset_fclose_degree(fapl, degree));
    hid_t file  = OK(H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, fapl));
    hid_t group = OK(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t used  = OK(H5Fget_access_plist(file));
    OK(H5Pget_fclose_degree(used, &found));
    SAME(found, degree);
    OK(H5Pclose(used));

    H5E_BEGIN_TRY
    {
        closed = H5Fclose(file);
    }
    H5E_END_TRY
    printf("%s: the file %s; the group %s\n", label, closed < 0 ? "refuses to close" : "is closed",
           H5Iis_valid(group) > 0 ? "is open" : "is closed, too");
    SAME(closed < 0, degree == H5F_CLOSE_SEMI);
    SAME(H5Iis_valid(group) > 0, degree != H5F_CLOSE_STRONG);
    if (degree == H5F_CLOSE_WEAK) /* what is still open goes on working */
        OK(H5Gclose(OK(H5Gcreate2(group, "late", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    if (H5Iis_valid(group) > 0)
        OK(H5Gclose(group));
    if (H5Iis_valid(file) > 0)
        OK(H5Fclose(file));
    OK(H5Pclose(fapl));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    close_with_open_group(name, H5F_CLOSE_SEMI, "semi");
    close_with_open_group(name, H5F_CLOSE_STRONG, "strong");
    close_with_open_group(name, H5F_CLOSE_WEAK, "weak");

    hid_t file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    SAME(H5Lexists(file, "group/late", H5P_DEFAULT), 1);
    OK(H5Fclose(file));
    return 0;
}
