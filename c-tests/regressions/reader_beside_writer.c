/* A file that is open for writing and opened once more for reading: HDF5 shares one file between both
 * identifiers, so that both can write. And the other way round the second one is refused. */
#include "check.h"

static void
show(const char *label, hid_t file)
{
    unsigned intent = 99;
    OK(H5Fget_intent(file, &intent));
    printf("%s: intent %u\n", label, intent);
}

int
main(int argc, char **argv)
{
    const char *name   = file_name(argc, argv);
    hid_t       writer = new_file(name);
    hid_t       reader = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    show("writer", writer);
    show("reader", reader);
    hid_t group = OK(H5Gcreate2(reader, "by the reader", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Fclose(reader));
    OK(H5Fclose(writer));
    /* The group keeps the file open for writing. */
    reader = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    show("reader beside a group", reader);
    OK(H5Gclose(group));
    OK(H5Fclose(reader));

    reader = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    show("reader", reader);
    FAILS(H5Gcreate2(reader, "more", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    FAILS(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    printf("group: %d\n", (int)H5Lexists(reader, "by the reader", H5P_DEFAULT));
    OK(H5Fclose(reader));
    return 0;
}
