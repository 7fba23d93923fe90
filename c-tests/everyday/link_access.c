/* What link access property lists say about following links: how many, where the files of external
 * links are, how they are opened, and who is asked before. */
#include <unistd.h>

#include "check.h"

static char main_name[1000], target_name[1000], target_base[1000], prefix[1000];

static void
make_files(void)
{
    hid_t target = new_file(target_name);
    OK(H5Gclose(OK(H5Gcreate2(target, "inside", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Fclose(target));
    hid_t file = new_file(main_name);
    OK(H5Gclose(OK(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Lcreate_soft("/group", file, "soft1", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Lcreate_soft("/soft1", file, "soft2", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Lcreate_soft("/soft2", file, "soft3", H5P_DEFAULT, H5P_DEFAULT));
    for (int i = 0; i < 20; i++) {
        char path[20], name[20];
        snprintf(path, sizeof path, "/chain%d", i - 1);
        snprintf(name, sizeof name, "chain%d", i);
        OK(H5Lcreate_soft(i == 0 ? "/group" : path, file, name, H5P_DEFAULT, H5P_DEFAULT));
    }
    OK(H5Lcreate_external(target_base, "/inside", file, "group/external", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Lcreate_external("no such file.h5", "/", file, "lost", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Fclose(file));
}

static void
print_open(hid_t file, const char *path, hid_t lapl)
{
    hid_t object;
    H5E_BEGIN_TRY
    {
        object = H5Oopen(file, path, lapl);
    }
    H5E_END_TRY
    printf("%s %s\n", path, object < 0 ? "cannot be opened" : "is opened");
    if (object >= 0)
        OK(H5Oclose(object));
}

static void
number_of_links(void)
{
    hid_t  file = OK(H5Fopen(main_name, H5F_ACC_RDWR, H5P_DEFAULT));
    hid_t  lapl = OK(H5Pcreate(H5P_LINK_ACCESS)), gapl = OK(H5Pcreate(H5P_GROUP_ACCESS));
    size_t limits[] = {1, 2, 3, 20};
    print_open(file, "chain15", H5P_DEFAULT);
    print_open(file, "chain16", H5P_DEFAULT);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        OK(H5Pset_nlinks(lapl, limits[i]));
        printf("limit %d: ", (int)limits[i]);
        print_open(file, "soft2", lapl);
        printf("limit %d: ", (int)limits[i]);
        print_open(file, "soft3", lapl);
        printf("limit %d: ", (int)limits[i]);
        print_open(file, "chain16", lapl);
    }
    OK(H5Pset_nlinks(gapl, 2));
    FAILS(H5Gopen2(file, "soft3", gapl));
    OK(H5Gclose(OK(H5Gopen2(file, "soft2", gapl))));
    FAILS(H5Gcreate2(file, "soft3/new", H5P_DEFAULT, H5P_DEFAULT, gapl));
    OK(H5Gclose(OK(H5Gcreate2(file, "soft2/new", H5P_DEFAULT, H5P_DEFAULT, gapl))));
    OK(H5Pset_nlinks(lapl, 1));
    FAILS(H5Lexists(file, "soft2/new", lapl));
    printf("exists: %d\n", (int)OK(H5Lexists(file, "soft1/new", lapl)));
    OK(H5Pclose(gapl));
    OK(H5Pclose(lapl));
    OK(H5Fclose(file));
}

/* The link names the file as seen from the folder above, so only a prefix finds it. */
static void
prefixes(void)
{
    hid_t file = OK(H5Fopen(main_name, H5F_ACC_RDWR, H5P_DEFAULT));
    hid_t lapl = OK(H5Pcreate(H5P_LINK_ACCESS));
    print_open(file, "group/external", H5P_DEFAULT);
    print_open(file, "lost", H5P_DEFAULT);
    OK(H5Pset_elink_prefix(lapl, "/no/such/folder"));
    print_open(file, "group/external", lapl);
    OK(H5Pset_elink_prefix(lapl, prefix));
    print_open(file, "group/external", lapl);
    print_open(file, "lost", lapl);
    OK(H5Pclose(lapl));
    OK(H5Fclose(file));
}

static void
print_write(hid_t group)
{
    hid_t made;
    H5E_BEGIN_TRY
    {
        made = H5Gcreate2(group, "made", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    }
    H5E_END_TRY
    printf("%s\n", made < 0 ? "only for reading" : "for writing");
    if (made >= 0) {
        OK(H5Gclose(made));
        OK(H5Ldelete(group, "made", H5P_DEFAULT));
    }
}

static void
access_flags(void)
{
    unsigned opened[] = {H5F_ACC_RDONLY, H5F_ACC_RDWR};
    unsigned flags[]  = {H5F_ACC_DEFAULT, H5F_ACC_RDONLY, H5F_ACC_RDWR};
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++) {
            hid_t file = OK(H5Fopen(main_name, opened[i], H5P_DEFAULT));
            hid_t gapl = OK(H5Pcreate(H5P_GROUP_ACCESS));
            OK(H5Pset_elink_prefix(gapl, prefix));
            OK(H5Pset_elink_acc_flags(gapl, flags[j]));
            hid_t group = OK(H5Gopen2(file, "group/external", gapl));
            printf("opened %u, flags %d: ", opened[i], j);
            print_write(group);
            OK(H5Gclose(group));
            OK(H5Pclose(gapl));
            OK(H5Fclose(file));
        }
}

struct asked {
    int      count;
    herr_t   answer;
    unsigned flags;
};

static herr_t
ask(const char *parent_file, const char *parent_group, const char *file, const char *path,
    unsigned *flags, hid_t fapl, void *data)
{
    struct asked *asked = data;
    CHECK(strcmp(parent_file, main_name) == 0);
    CHECK(strcmp(file, target_base) == 0);
    CHECK(H5Pisa_class(fapl, H5P_FILE_ACCESS) > 0);
    printf("asked about %s from %s, flags %u\n", path, parent_group, *flags & H5F_ACC_RDWR);
    asked->count++;
    if (asked->flags != H5F_ACC_DEFAULT)
        *flags = asked->flags;
    return asked->answer;
}

static void
callbacks(void)
{
    struct asked cases[] = {{0, 0, H5F_ACC_DEFAULT}, {0, 0, H5F_ACC_RDONLY}, {0, -1, H5F_ACC_DEFAULT},
                            {0, 0, H5F_ACC_TRUNC}};
    for (int i = 0; i < 4; i++) {
        hid_t file = OK(H5Fopen(main_name, H5F_ACC_RDWR, H5P_DEFAULT));
        hid_t gapl = OK(H5Pcreate(H5P_GROUP_ACCESS));
        OK(H5Pset_elink_prefix(gapl, prefix));
        OK(H5Pset_elink_cb(gapl, ask, &cases[i]));
        OK(H5Gclose(OK(H5Gopen2(file, "group", gapl)))); /* no external link on the way */
        if (i < 2) {
            hid_t group = OK(H5Gopen2(file, "group/external", gapl));
            print_write(group);
            OK(H5Gclose(group));
        }
        else
            FAILS(H5Gopen2(file, "group/external", gapl));
        SAME(cases[i].count, 1);
        OK(H5Pclose(gapl));
        OK(H5Fclose(file));
    }
}

static void
own_file_properties(void)
{
    hid_t file = OK(H5Fopen(main_name, H5F_ACC_RDWR, H5P_DEFAULT));
    hid_t gapl = OK(H5Pcreate(H5P_GROUP_ACCESS)), fapl = OK(H5Pcreate(H5P_FILE_ACCESS));
    OK(H5Pset_elink_prefix(gapl, prefix));
    OK(H5Pset_elink_fapl(gapl, fapl));
    OK(H5Gclose(OK(H5Gopen2(file, "group/external", gapl))));
    OK(H5Pclose(fapl));
    OK(H5Pclose(gapl));
    OK(H5Fclose(file));
}

/* A link of a class that nobody registered. */
static void
unknown_class(void)
{
    hid_t       file = OK(H5Fopen(main_name, H5F_ACC_RDWR, H5P_DEFAULT));
    H5L_info2_t info;
    FAILS(H5Lcreate_ud(file, "strange", (H5L_type_t)187, "data", 5, H5P_DEFAULT, H5P_DEFAULT));
    FAILS(H5Oopen(file, "strange", H5P_DEFAULT));
    H5E_BEGIN_TRY
    {
        CHECK(H5Lget_info2(file, "strange", &info, H5P_DEFAULT) < 0);
    }
    H5E_END_TRY
    OK(H5Fclose(file));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    char        folder[900];
    snprintf(main_name, sizeof main_name, "%s", name);
    /* The folder of the files: that of the name, or where the program runs. */
    if (name[0] == '/')
        snprintf(folder, sizeof folder, "%s", name);
    else
        CHECK(getcwd(folder, sizeof folder - 1) != NULL && strlen(strcat(folder, "/")) > 0);
    *strrchr(folder, '/') = '\0';
    snprintf(target_name, sizeof target_name, "%s/%s", folder, "link_access_target.h5");
    /* The link says `last part of the folder/file`, the prefix what is before. */
    char *last = strrchr(folder, '/');
    snprintf(target_base, sizeof target_base, "%s/%s", last + 1, "link_access_target.h5");
    *last = '\0';
    snprintf(prefix, sizeof prefix, "%s", folder);
    make_files();
    number_of_links();
    prefixes();
    access_flags();
    callbacks();
    own_file_properties();
    unknown_class();
    OK(H5Fdelete(target_name, H5P_DEFAULT));
    return 0;
}
