/* References made by a path that leads into another file: through a mount point, or an external link.
 * HDF5 takes the file that the path starts in for that of the object. Native HDF5 so makes references to
 * whatever is at that place, the connector refuses. Objects' own identifiers always work. */
#include "check.h"

/* Opens the object that a reference is to, and prints its path. */
static void
print_target(const char *label, H5R_ref_t *reference)
{
    char  name[100] = "";
    hid_t object    = OK(H5Ropen_object(reference, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Iget_name(object, name, sizeof name));
    printf("%s: %s\n", label, name);
    OK(H5Oclose(object));
    OK(H5Rdestroy(reference));
}

static void
refused(hid_t file, const char *path)
{
    H5R_ref_t  reference = {0};
    hobj_ref_t old       = 0;
    if (getenv("HDF5_VOL_CONNECTOR") == NULL)
        return;
    FAILS(H5Rcreate_object(file, path, H5P_DEFAULT, &reference));
    FAILS(H5Rcreate(&old, file, path, H5R_OBJECT, -1));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    char        other_name[1000];
    H5R_ref_t   reference = {0};
    snprintf(other_name, sizeof other_name, "%s.other", name);
    hid_t         file = new_file(name), other = new_file(other_name);
    const hsize_t dims[1] = {2};
    OK(H5Gclose(OK(H5Gcreate2(file, "point", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Dclose(new_dataset(file, "here", H5T_STD_I8LE, 1, dims, H5P_DEFAULT)));
    OK(H5Dclose(new_dataset(other, "there", H5T_STD_I8LE, 1, dims, H5P_DEFAULT)));
    OK(H5Lcreate_external(other_name, "/there", file, "link", H5P_DEFAULT, H5P_DEFAULT));

    refused(file, "link");
    hid_t linked = OK(H5Dopen2(file, "link", H5P_DEFAULT));
    OK(H5Rcreate_object(linked, ".", H5P_DEFAULT, &reference));
    OK(H5Dclose(linked));
    print_target("linked", &reference);

    OK(H5Fmount(file, "point", other, H5P_DEFAULT));
    refused(file, "point/there");
    OK(H5Rcreate_object(file, "here", H5P_DEFAULT, &reference));
    print_target("beside the mount point", &reference);
    OK(H5Funmount(file, "point"));
    OK(H5Fclose(other));
    OK(H5Fclose(file));
    OK(H5Fdelete(other_name, H5P_DEFAULT));
    return 0;
}
