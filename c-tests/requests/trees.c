/* Makes a file of many objects in one of several shapes: trees SHAPE NUMBER FILE. */

#include <math.h>

#include "../everyday/check.h"

static hid_t make(hid_t parent, const char *name)
{
    return OK(H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
}

/* `number` groups in one. */
static void flat(hid_t parent, int number)
{
    for (int n = 0; n < number; n++) {
        char name[32];
        snprintf(name, sizeof name, "group%06d", n);
        OK(H5Gclose(make(parent, name)));
    }
}

/* As many groups as have as many groups each. */
static void square(hid_t file, int number)
{
    int side = (int)sqrt(number);
    for (int n = 0; n < side; n++) {
        char name[32];
        snprintf(name, sizeof name, "side%06d", n);
        hid_t group = make(file, name);
        flat(group, side);
        OK(H5Gclose(group));
    }
}

/* Every group has two more, until there are `number`. */
static void binary(hid_t parent, int at, int number)
{
    for (int child = 2 * at; child <= 2 * at + 1 && child <= number; child++) {
        hid_t group = make(parent, child % 2 ? "right" : "left");
        binary(group, child, number);
        OK(H5Gclose(group));
    }
}

/* Each group in the one before. */
static void chain(hid_t file, int number)
{
    hid_t at = OK(H5Gopen2(file, "/", H5P_DEFAULT));
    for (int n = 0; n < number; n++) {
        hid_t next = make(at, "g");
        OK(H5Gclose(at));
        at = next;
    }
    OK(H5Gclose(at));
}

static void add_attribute(hid_t object, const char *name, int value)
{
    hid_t space = OK(H5Screate(H5S_SCALAR));
    hid_t attribute =
        OK(H5Acreate2(object, name, H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(attribute, H5T_NATIVE_INT, &value));
    OK(H5Aclose(attribute));
    OK(H5Sclose(space));
}

/* Groups of nine datasets, `number` objects with the root group, attributes on all of them. */
static void mixed(hid_t file, int number)
{
    hsize_t dims[] = {4, 5};
    hid_t space = OK(H5Screate_simple(2, dims, NULL));
    hid_t group = H5I_INVALID_HID;
    for (int n = 1; n < number; n++) {
        char name[32];
        snprintf(name, sizeof name, "object%06d", n);
        if (n % 10 == 1) {
            if (group >= 0)
                OK(H5Gclose(group));
            group = make(file, name);
            add_attribute(group, "number", n);
            continue;
        }
        hid_t data = OK(H5Dcreate2(group, name, n % 2 ? H5T_IEEE_F64LE : H5T_STD_I16LE, space,
                                   H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        add_attribute(data, "number", n);
        add_attribute(data, "half", n / 2);
        OK(H5Dclose(data));
    }
    if (group >= 0)
        OK(H5Gclose(group));
    OK(H5Sclose(space));
}

int main(int argc, char **argv)
{
    CHECK(argc == 4);
    const char *shape = argv[1];
    int number = atoi(argv[2]);
    hid_t file = OK(H5Fcreate(argv[3], H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    if (strcmp(shape, "flat") == 0)
        flat(file, number);
    else if (strcmp(shape, "square") == 0)
        square(file, number);
    else if (strcmp(shape, "binary") == 0)
        binary(file, 1, number);
    else if (strcmp(shape, "chain") == 0)
        chain(file, number);
    else if (strcmp(shape, "mixed") == 0)
        mixed(file, number);
    else
        CHECK(!"a known shape");
    OK(H5Fclose(file));
    return 0;
}
