/* 200 groups with four attributes each: metadata write FILE, metadata read FILE. Prints how long it
 * took from opening to closing. */

#include <time.h>

#include "../everyday/check.h"

#define GROUPS 200
#define ATTRIBUTES 4

static void write_file(const char *path)
{
    hid_t file = OK(H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    hid_t space = OK(H5Screate(H5S_SCALAR));
    for (int n = 0; n < GROUPS; n++) {
        char name[32];
        snprintf(name, sizeof name, "group%03d", n);
        hid_t group = OK(H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        for (int a = 0; a < ATTRIBUTES; a++) {
            int value = n * ATTRIBUTES + a;
            snprintf(name, sizeof name, "attribute%d", a);
            hid_t attribute =
                OK(H5Acreate2(group, name, H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT));
            OK(H5Awrite(attribute, H5T_NATIVE_INT, &value));
            OK(H5Aclose(attribute));
        }
        OK(H5Gclose(group));
    }
    OK(H5Sclose(space));
    OK(H5Fclose(file));
}

static void read_file(const char *path)
{
    hid_t file = OK(H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT));
    for (int n = 0; n < GROUPS; n++) {
        char name[32];
        snprintf(name, sizeof name, "group%03d", n);
        hid_t group = OK(H5Gopen2(file, name, H5P_DEFAULT));
        for (int a = 0; a < ATTRIBUTES; a++) {
            int value;
            snprintf(name, sizeof name, "attribute%d", a);
            hid_t attribute = OK(H5Aopen(group, name, H5P_DEFAULT));
            OK(H5Aread(attribute, H5T_NATIVE_INT, &value));
            SAME(value, n * ATTRIBUTES + a);
            OK(H5Aclose(attribute));
        }
        OK(H5Gclose(group));
    }
    OK(H5Fclose(file));
}

int main(int argc, char **argv)
{
    struct timespec before, after;

    CHECK(argc == 3);
    OK(H5open());
    clock_gettime(CLOCK_MONOTONIC, &before);
    if (strcmp(argv[1], "write") == 0)
        write_file(argv[2]);
    else
        read_file(argv[2]);
    clock_gettime(CLOCK_MONOTONIC, &after);
    printf("%.6f\n", (double)(after.tv_sec - before.tv_sec) + 1e-9 * (double)(after.tv_nsec - before.tv_nsec));
    return 0;
}
