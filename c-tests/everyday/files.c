/* Creating, opening, asking about, flushing, reopening and deleting files. */
#include "check.h"

static void
create_and_exclude(const char *name)
{
    hid_t file = new_file(name);
    OK(H5Fclose(file));
    FAILS(H5Fcreate(name, H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Fdelete(name, H5P_DEFAULT));
    FAILS(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    FAILS(H5Fdelete(name, H5P_DEFAULT));
    file = OK(H5Fcreate(name, H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Gclose(OK(H5Gcreate2(file, "kept", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Fclose(file));
    printf("accessible: %d\n", (int)OK(H5Fis_accessible(name, H5P_DEFAULT)));
}

static void
truncate_empties(const char *name)
{
    hid_t file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    printf("before: kept %d\n", (int)OK(H5Lexists(file, "kept", H5P_DEFAULT)));
    OK(H5Fclose(file));
    file = new_file(name);
    printf("after: kept %d\n", (int)OK(H5Lexists(file, "kept", H5P_DEFAULT)));
    OK(H5Fclose(file));
}

static void
intents(const char *name)
{
    unsigned intent = 99;
    hid_t    file   = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    OK(H5Fget_intent(file, &intent));
    SAME(intent, H5F_ACC_RDWR);
    OK(H5Gclose(OK(H5Gcreate2(file, "written", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Fclose(file));

    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    OK(H5Fget_intent(file, &intent));
    SAME(intent, H5F_ACC_RDONLY);
    FAILS(H5Gcreate2(file, "refused", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    printf("refused: %d written: %d\n", (int)OK(H5Lexists(file, "refused", H5P_DEFAULT)),
           (int)OK(H5Lexists(file, "written", H5P_DEFAULT)));
    OK(H5Fclose(file));
}

static void
name_and_properties(const char *name)
{
    char    found[1024] = "";
    hid_t   file        = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    ssize_t length      = H5Fget_name(file, NULL, 0);
    SAME(length, strlen(name));
    SAME(H5Fget_name(file, found, sizeof found), strlen(name));
    SAME_TEXT(found, name);
    hid_t group = OK(H5Gopen2(file, "written", H5P_DEFAULT));
    SAME(H5Fget_name(group, found, 5), strlen(name));
    SAME(strlen(found), 4);

    hid_t fcpl = OK(H5Fget_create_plist(file));
    hid_t fapl = OK(H5Fget_access_plist(file));
    SAME(H5Pisa_class(fcpl, H5P_FILE_CREATE), 1);
    SAME(H5Pisa_class(fapl, H5P_FILE_ACCESS), 1);
    OK(H5Pclose(fcpl));
    OK(H5Pclose(fapl));
    OK(H5Gclose(group));
    OK(H5Fclose(file));
}

static void
flush_and_reopen(const char *name)
{
    hid_t file = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    hid_t same = OK(H5Freopen(file));
    OK(H5Gclose(OK(H5Gcreate2(file, "seen", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Fflush(file, H5F_SCOPE_GLOBAL));
    printf("through the other id: %d\n", (int)OK(H5Lexists(same, "seen", H5P_DEFAULT)));
    OK(H5Fclose(file));
    hid_t group = OK(H5Gopen2(same, "/seen", H5P_DEFAULT));
    OK(H5Gclose(group));
    OK(H5Fclose(same));
}

/* With the default close degree, objects stay usable after the file id is closed. */
static void
object_outlives_file_id(const char *name)
{
    hid_t file  = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    hid_t group = OK(H5Gopen2(file, "seen", H5P_DEFAULT));
    OK(H5Fclose(file));
    OK(H5Gclose(OK(H5Gcreate2(group, "late", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Gclose(group));
    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    printf("late: %d\n", (int)OK(H5Lexists(file, "seen/late", H5P_DEFAULT)));
    OK(H5Fclose(file));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    OK(H5Fclose(new_file(name)));
    create_and_exclude(name);
    truncate_empties(name);
    intents(name);
    name_and_properties(name);
    flush_and_reopen(name);
    object_outlives_file_id(name);
    return 0;
}
