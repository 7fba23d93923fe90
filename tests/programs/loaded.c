/* Copies of HDF5 that a program loads itself, uses and unloads again, also two of them at once. Linked with
 * none. Arguments: the file, how often, and one or two libraries. The first writes what the last reads. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int64_t            hid_t;
typedef int                herr_t;
typedef unsigned long long hsize_t;

enum { SIZE = 1000, RDONLY = 0, TRUNC = 2, LIBRARIES = 2 };

/* One copy of HDF5: only the functions that are used here. */
struct library {
    void *handle;
    herr_t (*open)(void);
    herr_t (*close)(void);
    hid_t (*create_file)(const char *, unsigned, hid_t, hid_t);
    hid_t (*open_file)(const char *, unsigned, hid_t);
    herr_t (*close_file)(hid_t);
    hid_t (*create_space)(int, const hsize_t *, const hsize_t *);
    herr_t (*close_space)(hid_t);
    hid_t (*create_dataset)(hid_t, const char *, hid_t, hid_t, hid_t, hid_t, hid_t);
    hid_t (*open_dataset)(hid_t, const char *, hid_t);
    herr_t (*write)(hid_t, hid_t, hid_t, hid_t, hid_t, const void *);
    herr_t (*read)(hid_t, hid_t, hid_t, hid_t, hid_t, void *);
    herr_t (*close_dataset)(hid_t);
    hid_t *native_int;
};

static void
check(int ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "%s failed\n", what);
        exit(1);
    }
}

static void
find(struct library *library, const char *name, void *place)
{
    void *found = dlsym(library->handle, name);
    check(found != NULL, name);
    memcpy(place, &found, sizeof found);
}

static struct library
load(const char *path)
{
    struct library library = {.handle = dlopen(path, RTLD_NOW | RTLD_LOCAL)};
    check(library.handle != NULL, path);
    find(&library, "H5open", &library.open);
    find(&library, "H5close", &library.close);
    find(&library, "H5Fcreate", &library.create_file);
    find(&library, "H5Fopen", &library.open_file);
    find(&library, "H5Fclose", &library.close_file);
    find(&library, "H5Screate_simple", &library.create_space);
    find(&library, "H5Sclose", &library.close_space);
    find(&library, "H5Dcreate2", &library.create_dataset);
    find(&library, "H5Dopen2", &library.open_dataset);
    find(&library, "H5Dwrite", &library.write);
    find(&library, "H5Dread", &library.read);
    find(&library, "H5Dclose", &library.close_dataset);
    find(&library, "H5T_NATIVE_INT_g", &library.native_int);
    check(library.open() >= 0, "H5open");
    return library;
}

static void
write_file(const struct library *in, const char *name, int round)
{
    const hsize_t dims[1] = {SIZE};
    int           values[SIZE];
    for (int i = 0; i < SIZE; i++)
        values[i] = i + round;
    hid_t file = in->create_file(name, TRUNC, 0, 0), space = in->create_space(1, dims, NULL);
    check(file >= 0, "H5Fcreate");
    hid_t dataset = in->create_dataset(file, "numbers", *in->native_int, space, 0, 0, 0);
    check(dataset >= 0, "H5Dcreate2");
    check(in->write(dataset, *in->native_int, 0, 0, 0, values) >= 0, "H5Dwrite");
    check(in->close_dataset(dataset) >= 0, "H5Dclose");
    check(in->close_space(space) >= 0, "H5Sclose");
    check(in->close_file(file) >= 0, "H5Fclose");
}

static void
read_file(const struct library *in, const char *name, int round)
{
    int   values[SIZE] = {0};
    hid_t file         = in->open_file(name, RDONLY, 0);
    check(file >= 0, "H5Fopen");
    hid_t dataset = in->open_dataset(file, "numbers", 0);
    check(dataset >= 0, "H5Dopen2");
    check(in->read(dataset, *in->native_int, 0, 0, 0, values) >= 0, "H5Dread");
    for (int i = 0; i < SIZE; i++)
        check(values[i] == i + round, "the comparison");
    check(in->close_dataset(dataset) >= 0, "H5Dclose");
    check(in->close_file(file) >= 0, "H5Fclose");
}

int
main(int argc, char **argv)
{
    struct library libraries[LIBRARIES];
    const int      count = argc - 3, rounds = argc > 3 ? atoi(argv[2]) : 0;
    if (count < 1 || count > LIBRARIES)
        return 2;
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < count; i++)
            libraries[i] = load(argv[3 + i]);
        write_file(&libraries[0], argv[1], round);
        read_file(&libraries[count - 1], argv[1], round);
        write_file(&libraries[count - 1], argv[1], 2 * round);
        read_file(&libraries[0], argv[1], 2 * round);
        for (int i = 0; i < count; i++) {
            /* What a program that only unloads the library forgets. */
            if (round % 2 == 0)
                check(libraries[i].close() >= 0, "H5close");
            check(dlclose(libraries[i].handle) == 0, "dlclose");
        }
        printf("round %d\n", round);
    }
    return 0;
}
