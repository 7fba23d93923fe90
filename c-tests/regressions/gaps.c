/* Gaps between the members of a structure: elements of the stored type are read whole, others keep
 * what the program's structure has beside the members. */
#include "check.h"

struct element {
    char   small;
    double large;
    short  last;
};

static hid_t
element_type(bool with_last)
{
    hid_t type = OK(H5Tcreate(H5T_COMPOUND, sizeof(struct element)));
    OK(H5Tinsert(type, "small", HOFFSET(struct element, small), H5T_NATIVE_CHAR));
    OK(H5Tinsert(type, "large", HOFFSET(struct element, large), H5T_NATIVE_DOUBLE));
    if (with_last)
        OK(H5Tinsert(type, "last", HOFFSET(struct element, last), H5T_NATIVE_SHORT));
    return type;
}

static void
print_bytes(const char *label, const void *elements, size_t size)
{
    const unsigned char *byte = (const unsigned char *)elements;
    printf("%s:", label);
    for (size_t i = 0; i < size; i++)
        printf(" %02x", byte[i]);
    printf("\n");
}

int
main(int argc, char **argv)
{
    hid_t   file = new_file(file_name(argc, argv));
    hid_t   type = element_type(true), part = element_type(false);
    hsize_t dims[] = {2};
    hid_t   space  = OK(H5Screate_simple(1, dims, NULL));
    hid_t   dataset   = OK(H5Dcreate2(file, "d", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t   attribute = OK(H5Acreate2(dataset, "a", type, space, H5P_DEFAULT, H5P_DEFAULT));

    struct element written[2], found[2];
    memset(written, 0, sizeof written);
    for (int i = 0; i < 2; i++) {
        written[i].small = (char)(i + 1);
        written[i].large = i + 0.5;
        written[i].last  = (short)(i + 7);
    }
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, written));
    OK(H5Awrite(attribute, type, written));

    memset(found, 0xee, sizeof found);
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print_bytes("dataset, its own type", found, sizeof found);
    CHECK(memcmp(found, written, sizeof found) == 0);
    memset(found, 0xee, sizeof found);
    OK(H5Aread(attribute, type, found));
    print_bytes("attribute, its own type", found, sizeof found);
    CHECK(memcmp(found, written, sizeof found) == 0);

    memset(found, 0xee, sizeof found);
    OK(H5Dread(dataset, part, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    SAME((unsigned char)((char *)&found[0].last)[0], 0xee);
    printf("part: %d %g\n", found[1].small, found[1].large);

    OK(H5Aclose(attribute));
    OK(H5Dclose(dataset));
    OK(H5Sclose(space));
    OK(H5Tclose(part));
    OK(H5Tclose(type));
    OK(H5Fclose(file));
    return 0;
}
