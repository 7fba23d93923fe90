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

/* Whether two names are one file's: HDF5 completes those of files. */
static int
same_file(const char *one, const char *two)
{
    const char *of_one = strrchr(one, '/'), *of_two = strrchr(two, '/');
    return strcmp(of_one ? of_one + 1 : one, of_two ? of_two + 1 : two) == 0;
}

/* References to objects of a file that is open through a link alone, stored in the file with the link, and the
 * other way round: each keeps which file it leads to. Several of them, and several files. */
static void
stored(const char *name)
{
    enum { FILES = 5 };
    const hsize_t dims[1] = {FILES};
    H5R_ref_t     references[FILES] = {{{{0}}}};
    char          other[FILES][1000], link[20];
    hid_t         file = new_file(name), linked[FILES];
    hid_t         all = new_dataset(file, "all", H5T_STD_REF, 1, dims, H5P_DEFAULT);
    for (int i = 0; i < FILES; i++) {
        snprintf(other[i], sizeof other[i], "%s.%d", name, i);
        hid_t made = new_file(other[i]);
        OK(H5Dclose(new_dataset(made, "there", H5T_STD_I8LE, 1, dims, H5P_DEFAULT)));
        OK(H5Fclose(made));
        snprintf(link, sizeof link, "link%d", i);
        OK(H5Lcreate_external(other[i], "/there", file, link, H5P_DEFAULT, H5P_DEFAULT));
        linked[i] = OK(H5Dopen2(file, link, H5P_DEFAULT));
        OK(H5Rcreate_object(i == 2 ? all : linked[i], ".", H5P_DEFAULT, &references[i]));
    }
    OK(H5Dwrite(all, H5T_STD_REF, H5S_ALL, H5S_ALL, H5P_DEFAULT, references));
    for (int i = 0; i < FILES; i++) {
        OK(H5Rdestroy(&references[i]));
        OK(H5Dclose(linked[i]));
    }
    OK(H5Dread(all, H5T_STD_REF, H5S_ALL, H5S_ALL, H5P_DEFAULT, references));
    for (int i = 0; i < FILES; i++) {
        char found[1000] = "";
        OK(H5Rget_file_name(&references[i], found, sizeof found));
        printf("%d: of %s file\n", i, same_file(found, i == 2 ? name : other[i]) ? "the right" : found);
        print_target("stored", &references[i]);
    }
    OK(H5Dclose(all));
    OK(H5Fclose(file));
    for (int i = 0; i < FILES; i++)
        OK(H5Fdelete(other[i], H5P_DEFAULT));
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
    stored(name);
    return 0;
}
