/* What H5Lexists and H5Oexists_by_name say about paths of every kind. */
#include "check.h"

static void
soft_link(hid_t group, const char *name)
{
    OK(H5Lcreate_soft("anywhere", group, name, H5P_DEFAULT, H5P_DEFAULT));
}

static void
existence(hid_t file)
{
    static const char *paths[] = {".",      "/",   "./",  "//",  "group", "group/", "./group", "group/.",
                                  "/group", "s",   "s/x", "e",     "e/x",    "no",      "no/x",
                                  "no/.",   "..",  "group/no", "group/no/.", "group/inner/./"};
    OK(H5Gclose(OK(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Gclose(OK(H5Gcreate2(file, "group/inner", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    soft_link(file, "s");
    OK(H5Lcreate_external("no-such-file.h5", "/", file, "e", H5P_DEFAULT, H5P_DEFAULT));
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const char *path = paths[i];
        H5L_info2_t info;
        int         link, object, described;
        H5E_BEGIN_TRY
        {
            link      = H5Lexists(file, path, H5P_DEFAULT);
            object    = H5Oexists_by_name(file, path, H5P_DEFAULT);
            described = H5Lget_info2(file, path, &info, H5P_DEFAULT);
        }
        H5E_END_TRY
        printf("\"%s\": link %d, object %d, link info %d\n", path, link, object, described);
    }
}

int
main(int argc, char **argv)
{
    hid_t file = new_file(file_name(argc, argv));
    existence(file);
    OK(H5Fclose(file));
    return 0;
}
