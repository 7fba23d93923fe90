/* One of many long strings is written again and again. Each time the server writes their chunk anew, until
 * it takes no more changes of any kind along with these; what was made after them is made all the same. */
#include "check.h"

enum { STRINGS = 100, LENGTH = 100000, TIMES = 40, ATTRIBUTES = 3 };

static char words[LENGTH + 1];

/* Writes the first string anew. */
static void
write_first(hid_t dataset, hid_t type, const char *word)
{
    hsize_t start[] = {0}, count[] = {1};
    hid_t   memory = OK(H5Screate_simple(1, count, NULL));
    hid_t   place  = OK(H5Dget_space(dataset));
    OK(H5Sselect_hyperslab(place, H5S_SELECT_SET, start, NULL, count, NULL));
    OK(H5Dwrite(dataset, type, memory, place, H5P_DEFAULT, &word));
    OK(H5Sclose(memory));
    OK(H5Sclose(place));
}

int
main(int argc, char **argv)
{
    const hsize_t dims[] = {STRINGS};
    const char   *elements[STRINGS];
    char         *read[STRINGS], name[20];
    hid_t         file = new_file(file_name(argc, argv));
    hid_t         type = OK(H5Tcopy(H5T_C_S1));
    hid_t         dcpl = chunked(1, dims);
    hid_t         scalar = OK(H5Screate(H5S_SCALAR));
    OK(H5Tset_size(type, H5T_VARIABLE));
    memset(words, 'x', LENGTH);
    for (int n = 0; n < STRINGS; n++)
        elements[n] = words;
    hid_t dataset = new_dataset(file, "strings", type, 1, dims, dcpl);
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, elements));

    for (int n = 0; n < TIMES; n++) {
        snprintf(name, sizeof name, "word %d", n);
        write_first(dataset, type, name);
    }
    for (int n = 0; n < ATTRIBUTES; n++) {
        snprintf(name, sizeof name, "attribute %d", n);
        hid_t attribute = OK(H5Acreate2(dataset, name, H5T_NATIVE_INT, scalar, H5P_DEFAULT, H5P_DEFAULT));
        OK(H5Awrite(attribute, H5T_NATIVE_INT, &n));
        OK(H5Aclose(attribute));
    }
    OK(H5Dclose(new_dataset(file, "after", H5T_NATIVE_INT, 1, dims, dcpl)));
    write_first(dataset, type, "the last");
    OK(H5Fflush(file, H5F_SCOPE_LOCAL));

    for (int n = 0; n < ATTRIBUTES; n++) {
        int value = -1;
        snprintf(name, sizeof name, "attribute %d", n);
        hid_t attribute = OK(H5Aopen(dataset, name, H5P_DEFAULT));
        OK(H5Aread(attribute, H5T_NATIVE_INT, &value));
        OK(H5Aclose(attribute));
        printf("%s: %d\n", name, value);
    }
    printf("after: %d\n", (int)OK(H5Lexists(file, "after", H5P_DEFAULT)));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, read));
    printf("first: %s\n", read[0]);
    hid_t space = OK(H5Dget_space(dataset));
    OK(H5Dvlen_reclaim(type, space, H5P_DEFAULT, read));
    OK(H5Sclose(space));
    OK(H5Sclose(scalar));
    OK(H5Pclose(dcpl));
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
    OK(H5Fclose(file));
    return 0;
}
