/* Declared character sets of names of links and attributes, as they are and after reopening. */
#include "check.h"

static const char *const sets[] = {"ASCII", "UTF-8"};

static void
print_link(hid_t file, const char *name)
{
    H5L_info2_t info;
    OK(H5Lget_info2(file, name, &info, H5P_DEFAULT));
    printf("%s: %s\n", name, sets[info.cset]);
}

static void
print_all(hid_t file)
{
    const char *const names[] = {"group", "set", "type", "soft", "hard", "gr\xc3\xbcn", "plain",
                                 "made/on/the/way"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        print_link(file, names[i]);
    H5A_info_t info;
    OK(H5Aget_info_by_name(file, "/", "attribute", &info, H5P_DEFAULT));
    printf("attribute: %s\n", sets[info.cset]);
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    hid_t       file = new_file(name), utf8 = OK(H5Pcreate(H5P_LINK_CREATE));
    OK(H5Pset_char_encoding(utf8, H5T_CSET_UTF8));
    hid_t group = OK(H5Gcreate2(file, "group", utf8, H5P_DEFAULT, H5P_DEFAULT));
    hid_t space = OK(H5Screate(H5S_SCALAR)), type = OK(H5Tcopy(H5T_STD_I8LE));
    hid_t set   = OK(H5Dcreate2(file, "set", H5T_STD_I8LE, space, utf8, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Tcommit2(file, "type", type, utf8, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Lcreate_soft("/group", file, "soft", utf8, H5P_DEFAULT));
    OK(H5Lcreate_hard(file, "group", file, "hard", utf8, H5P_DEFAULT));
    OK(H5Gclose(OK(H5Gcreate2(file, "gr\xc3\xbcn", utf8, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Gclose(OK(H5Gcreate2(file, "plain", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Pset_create_intermediate_group(utf8, 1));
    OK(H5Gclose(OK(H5Gcreate2(file, "made/on/the/way", utf8, H5P_DEFAULT, H5P_DEFAULT))));
    hid_t acpl = OK(H5Pcreate(H5P_ATTRIBUTE_CREATE));
    OK(H5Pset_char_encoding(acpl, H5T_CSET_UTF8));
    OK(H5Aclose(OK(H5Acreate2(file, "attribute", H5T_STD_I8LE, space, acpl, H5P_DEFAULT))));
    print_all(file);
    OK(H5Pclose(acpl));
    OK(H5Pclose(utf8));
    OK(H5Tclose(type));
    OK(H5Sclose(space));
    OK(H5Dclose(set));
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    print_all(file);
    OK(H5Fclose(file));
    return 0;
}
