/* Handles of attributes that were deleted go on with what the attribute was. A new one of the same name is
 * not theirs, whether or not the object was refreshed or opened again in between. (HDF5 copies the four bytes
 * that are written through the old handle over the new attribute's: over the last digits of the number, which
 * are not printed.) */
#include "check.h"

static int
read_int(hid_t attribute)
{
    int value = -1;
    OK(H5Aread(attribute, H5T_NATIVE_INT, &value));
    return value;
}

static void
replaced(hid_t object, hid_t space)
{
    int    five = 5, six = 6;
    double half = 0.5, found = 0;
    hid_t  old = OK(H5Acreate2(object, "a", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(old, H5T_NATIVE_INT, &five));
    OK(H5Adelete(object, "a"));
    SAME(H5Aexists(object, "a"), 0);
    SAME(read_int(old), 5);
    printf("deleted: %d bytes\n", (int)H5Aget_storage_size(old));

    hid_t new = OK(H5Acreate2(object, "a", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(new, H5T_NATIVE_DOUBLE, &half));
    OK(H5Awrite(old, H5T_NATIVE_INT, &six));
    SAME(read_int(old), 6);
    OK(H5Aread(new, H5T_NATIVE_DOUBLE, &found));
    printf("replaced: %g\n", found);
    OK(H5Aclose(old));
    OK(H5Aclose(new));
}

/* The object is refreshed while a handle of its attribute is open, and reached through two file identifiers. */
static void
refreshed(const char *name, const char *path, hid_t space)
{
    int    five = 5, six = 6;
    double half = 0.5, found = 0;
    char   text[16];
    hid_t  file = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    hid_t  twin = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    hid_t  object = OK(H5Oopen(file, path, H5P_DEFAULT)), same = OK(H5Oopen(twin, path, H5P_DEFAULT));
    hid_t  old = OK(H5Acreate2(object, "a", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT));
    hid_t  kept = OK(H5Acreate2(same, "kept", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(old, H5T_NATIVE_INT, &five));
    OK(H5Awrite(kept, H5T_NATIVE_INT, &five));
    OK(H5Orefresh(object));
    SAME(read_int(old), 5);
    OK(H5Orefresh(same));
    OK(H5Adelete(same, "a"));
    OK(H5Orefresh(object));
    SAME(read_int(old), 5);

    hid_t new = OK(H5Acreate2(object, "a", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(new, H5T_NATIVE_DOUBLE, &half));
    OK(H5Orefresh(same));
    OK(H5Awrite(old, H5T_NATIVE_INT, &six));
    SAME(read_int(old), 6);
    OK(H5Aget_name(old, sizeof text, text));
    OK(H5Aread(new, H5T_NATIVE_DOUBLE, &found));
    printf("%s: '%s' of %d bytes is deleted, the new one is %g\n", path, text,
           (int)H5Aget_storage_size(old), found);

    /* One that is not deleted stays in reach. */
    OK(H5Awrite(kept, H5T_NATIVE_INT, &six));
    OK(H5Orefresh(object));
    SAME(read_int(kept), 6);
    OK(H5Aclose(kept));
    OK(H5Aclose(old));
    OK(H5Aclose(new));
    OK(H5Oclose(same));
    OK(H5Oclose(object));
    OK(H5Fclose(twin));
    OK(H5Fclose(file));
}

/* The attributes of an object that was refreshed, as they are stored. */
static void
stored(const char *name, const char *path)
{
    double found = 0;
    hid_t  file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    hid_t  attribute = OK(H5Aopen_by_name(file, path, "a", H5P_DEFAULT, H5P_DEFAULT));
    hid_t  kept = OK(H5Aopen_by_name(file, path, "kept", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Aread(attribute, H5T_NATIVE_DOUBLE, &found));
    printf("%s has %g and %d\n", path, found, read_int(kept));
    OK(H5Aclose(kept));
    OK(H5Aclose(attribute));
    OK(H5Fclose(file));
}

/* The same after the file was opened again. */
static void
look(const char *name)
{
    double found = 0;
    hid_t  file = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    hid_t  attribute = OK(H5Aopen(file, "a", H5P_DEFAULT));
    OK(H5Aread(attribute, H5T_NATIVE_DOUBLE, &found));
    printf("stored: %g\n", found);
    OK(H5Adelete(file, "a"));
    found = 0;
    OK(H5Aread(attribute, H5T_NATIVE_DOUBLE, &found));
    printf("deleted: %g\n", found);
    OK(H5Aclose(attribute));
    OK(H5Fclose(file));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    hid_t       file = new_file(name), space = OK(H5Screate(H5S_SCALAR));
    replaced(file, space);
    OK(H5Gclose(OK(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Dclose(
        OK(H5Dcreate2(file, "data", H5T_NATIVE_INT, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Fclose(file));
    look(name);
    static const char *const paths[] = {"/", "group", "data"};
    for (int i = 0; i < 3; i++)
        refreshed(name, paths[i], space);
    for (int i = 0; i < 3; i++)
        stored(name, paths[i]);
    OK(H5Sclose(space));
    return 0;
}
