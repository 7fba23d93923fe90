/* Opens and reads all that is in a file, whatever fails, and watches the memory around its buffers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hdf5.h"

#define GUARD 4096
#define MOST (16u << 20)

static int failed;

static hid_t made(hid_t id) {
    failed += id < 0;
    return id;
}

static void done(herr_t status) { failed += status < 0; }

static herr_t count_link(hid_t group, const char *name, const H5L_info2_t *info, void *data) {
    (void)group, (void)info;
    *(size_t *)data += strlen(name);
    return 0;
}

static herr_t count_object(hid_t object, const char *name, const H5O_info2_t *info, void *data) {
    (void)object, (void)info;
    *(size_t *)data += strlen(name);
    return 0;
}

/* Reads a dataset or an attribute into memory that has guards on both sides. */
static void read_all(hid_t id, hid_t stored, hid_t space, int is_attribute) {
    hid_t type = made(H5Tget_native_type(stored, H5T_DIR_DEFAULT));
    hssize_t count = H5Sget_simple_extent_npoints(space);
    size_t size = type < 0 ? 0 : H5Tget_size(type);
    if (type >= 0 && count > 0 && size > 0 && size <= MOST && (size_t)count <= MOST / size) {
        size_t length = (size_t)count * size;
        unsigned char *memory = malloc(length + 2 * GUARD);
        if (memory) {
            memset(memory, 0xA5, length + 2 * GUARD);
            memset(memory + GUARD, 0, length);
            herr_t status = is_attribute
                                ? H5Aread(id, type, memory + GUARD)
                                : H5Dread(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, memory + GUARD);
            done(status);
            for (size_t at = 0; at < GUARD; at++)
                if (memory[at] != 0xA5 || memory[GUARD + length + at] != 0xA5) {
                    printf("memory beside the buffer was written\n");
                    exit(3);
                }
            if (status >= 0)
                done(H5Treclaim(type, space, H5P_DEFAULT, memory + GUARD));
            free(memory);
        }
    }
    if (type >= 0)
        H5Tclose(type);
}

static herr_t look_at_attribute(hid_t object, const char *name, const H5A_info_t *info, void *data) {
    (void)info, (void)data;
    hid_t attribute = made(H5Aopen(object, name, H5P_DEFAULT));
    if (attribute < 0)
        return 0;
    hid_t type = made(H5Aget_type(attribute)), space = made(H5Aget_space(attribute));
    if (type >= 0 && space >= 0)
        read_all(attribute, type, space, 1);
    if (type >= 0)
        H5Tclose(type);
    if (space >= 0)
        H5Sclose(space);
    done(H5Aclose(attribute));
    return 0;
}

static void look_at(hid_t file, const char *path) {
    hid_t object = made(H5Oopen(file, path, H5P_DEFAULT));
    if (object < 0)
        return;
    H5O_info2_t info;
    done(H5Oget_info3(object, &info, H5O_INFO_ALL));
    hsize_t place = 0;
    done(H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, &place, look_at_attribute, NULL));
    size_t letters = 0;
    switch (H5Iget_type(object)) {
    case H5I_GROUP:
        done(H5Literate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, count_link, &letters));
        done(H5Ovisit3(object, H5_INDEX_NAME, H5_ITER_NATIVE, count_object, &letters, H5O_INFO_ALL));
        break;
    case H5I_DATASET: {
        hid_t type = made(H5Dget_type(object)), space = made(H5Dget_space(object));
        hid_t creation = made(H5Dget_create_plist(object));
        if (type >= 0 && space >= 0)
            read_all(object, type, space, 0);
        if (type >= 0)
            H5Tclose(type);
        if (space >= 0)
            H5Sclose(space);
        if (creation >= 0)
            H5Pclose(creation);
        break;
    }
    case H5I_DATATYPE:
        failed += H5Tget_size(object) == 0;
        break;
    default:
        break;
    }
    done(H5Oclose(object));
}

int main(int argc, char **argv) {
    static const char *paths[] = {"/",       "group",     "group/numbers", "records",
                                  "strings", "sequences", "committed"};
    if (argc != 2)
        return 2;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t file = made(H5Fopen(argv[1], H5F_ACC_RDONLY, H5P_DEFAULT));
    if (file >= 0) {
        for (size_t at = 0; at < sizeof paths / sizeof *paths; at++)
            look_at(file, paths[at]);
        /* Links that lead to each other. */
        if (H5Oopen(file, "circle", H5P_DEFAULT) >= 0 || H5Oopen(file, "outside", H5P_DEFAULT) >= 0)
            failed++;
        done(H5Fclose(file));
    }
    printf("%d calls failed\n", failed);
    return 0;
}
