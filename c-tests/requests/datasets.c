/* Small datasets of numbers, and as many strings: datasets write NUMBER FILE,
 * datasets read NUMBER FILE. */

#include "../everyday/check.h"

enum { ELEMENTS = 50 };

static hid_t string_type(void)
{
    hid_t type = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(type, H5T_VARIABLE));
    return type;
}

static void write_one(hid_t file, int n, hid_t text)
{
    const hsize_t dims[] = {ELEMENTS};
    char name[32], words[32];
    int values[ELEMENTS];
    for (int i = 0; i < ELEMENTS; i++)
        values[i] = n * 1000 + i;
    snprintf(name, sizeof name, "numbers%04d", n);
    hid_t numbers = new_dataset(file, name, H5T_STD_I32LE, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(numbers, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    OK(H5Dclose(numbers));

    snprintf(name, sizeof name, "string%04d", n);
    snprintf(words, sizeof words, "this is string %d", n);
    const char *pointer = words;
    hid_t space = OK(H5Screate(H5S_SCALAR));
    hid_t string = OK(H5Dcreate2(file, name, text, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Dwrite(string, text, H5S_ALL, H5S_ALL, H5P_DEFAULT, &pointer));
    OK(H5Dclose(string));
    OK(H5Sclose(space));
}

static void read_one(hid_t file, int n, hid_t text)
{
    char name[32], words[32];
    int values[ELEMENTS];
    snprintf(name, sizeof name, "numbers%04d", n);
    hid_t numbers = OK(H5Dopen2(file, name, H5P_DEFAULT));
    OK(H5Dread(numbers, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    for (int i = 0; i < ELEMENTS; i++)
        SAME(values[i], n * 1000 + i);
    OK(H5Dclose(numbers));

    snprintf(name, sizeof name, "string%04d", n);
    snprintf(words, sizeof words, "this is string %d", n);
    char *found = NULL;
    hid_t string = OK(H5Dopen2(file, name, H5P_DEFAULT));
    OK(H5Dread(string, text, H5S_ALL, H5S_ALL, H5P_DEFAULT, &found));
    SAME_TEXT(found, words);
    OK(H5free_memory(found));
    OK(H5Dclose(string));
}

int main(int argc, char **argv)
{
    CHECK(argc == 4);
    bool writes = strcmp(argv[1], "write") == 0;
    int number = atoi(argv[2]);
    hid_t file = writes ? OK(H5Fcreate(argv[3], H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT))
                        : OK(H5Fopen(argv[3], H5F_ACC_RDONLY, H5P_DEFAULT));
    hid_t text = string_type();
    for (int n = 0; n < number; n++) {
        if (writes)
            write_one(file, n, text);
        else
            read_one(file, n, text);
    }
    OK(H5Tclose(text));
    OK(H5Fclose(file));
    return 0;
}
