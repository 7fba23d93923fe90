/* Strings of variable length, written one by one into one chunk and read back with one call:
 * strings in-order FILE, strings in-any-order FILE. Each element is written once, the last one again
 * at the end. */

#include "../everyday/check.h"

enum { STRINGS = 10000, PRIME = 7919 };

static hid_t string_type(void)
{
    hid_t type = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(type, H5T_VARIABLE));
    return type;
}

static void write_one(hid_t dataset, hid_t type, hsize_t at, const char *what)
{
    const hsize_t one = 1;
    char words[48];
    const char *pointer = words;
    hid_t space = OK(H5Dget_space(dataset));
    hid_t memory = OK(H5Screate_simple(1, &one, NULL));
    snprintf(words, sizeof words, "%s %d", what, (int)at);
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, &at, NULL, &one, NULL));
    OK(H5Dwrite(dataset, type, memory, space, H5P_DEFAULT, &pointer));
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
}

static void check_all(const char *path, hid_t type)
{
    char words[48], **found = malloc(STRINGS * sizeof *found);
    CHECK(found);
    hid_t file = OK(H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT));
    hid_t dataset = OK(H5Dopen2(file, "strings", H5P_DEFAULT));
    hid_t space = OK(H5Dget_space(dataset));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int n = 0; n < STRINGS; n++) {
        snprintf(words, sizeof words, "%s %d", n == STRINGS - 1 ? "again" : "string", n);
        SAME_TEXT(found[n], words);
    }
    OK(H5Dvlen_reclaim(type, space, H5P_DEFAULT, found));
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    free(found);
}

int main(int argc, char **argv)
{
    const hsize_t dims[] = {STRINGS};
    CHECK(argc == 3);
    bool in_order = strcmp(argv[1], "in-order") == 0;
    hid_t type = string_type();
    hid_t file = OK(H5Fcreate(argv[2], H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    hid_t dcpl = chunked(1, dims);
    hid_t dataset = new_dataset(file, "strings", type, 1, dims, dcpl);
    for (int n = 0; n < STRINGS; n++)
        write_one(dataset, type, (hsize_t)(in_order ? n : n * PRIME % STRINGS), "string");
    write_one(dataset, type, STRINGS - 1, "again");
    OK(H5Pclose(dcpl));
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    check_all(argv[2], type);
    OK(H5Tclose(type));
    return 0;
}
