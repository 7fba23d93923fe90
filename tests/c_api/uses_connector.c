/*
 * Uses the connector through its C API, as a program written for the C REST VOL does: no
 * environment variable names it, and no plugin is searched for.
 *
 * usage: uses_connector FILE                              endpoint from the environment
 *        uses_connector FILE --info SETTINGS
 *        uses_connector FILE --connection ENDPOINT USERNAME PASSWORD
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rest_vol_public.h"

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                \
            H5Eprint2(H5E_DEFAULT, stderr);                                                        \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

#define COUNT 100

static void select_connector(hid_t fapl, int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[2], "--info") == 0)
        CHECK(H5Pset_fapl_rest_vol_info(fapl, argv[3]) >= 0);
    else if (argc == 6 && strcmp(argv[2], "--connection") == 0)
        CHECK(H5Pset_fapl_rest_vol_connection(fapl, argv[3], argv[4], argv[5]) >= 0);
    else {
        CHECK(H5rest_init() >= 0);
        CHECK(H5rest_init() >= 0);
        CHECK(H5Pset_fapl_rest_vol(fapl) >= 0);
    }
}

/* Name and number in the header are those of the connector that the file belongs to. */
static void is_rest(hid_t file)
{
    char    name[16]  = "";
    int     different = -1;
    hid_t   of_file   = H5VLget_connector_id(file);
    hid_t   by_value  = H5VLget_connector_id_by_value(H5VL_REST_VALUE);
    ssize_t length    = H5VLget_connector_name(file, name, sizeof name);

    CHECK(length == (ssize_t)strlen(H5VL_REST_NAME));
    CHECK(strcmp(name, H5VL_REST_NAME) == 0);
    CHECK(H5VLcmp_connector_cls(&different, of_file, by_value) >= 0);
    CHECK(different == 0);
    CHECK(H5VLclose(of_file) >= 0);
    CHECK(H5VLclose(by_value) >= 0);
}

static void write_and_read(const char *file_name, hid_t fapl)
{
    int     written[COUNT], read[COUNT], i;
    hsize_t count = COUNT;
    hid_t   file, space, dataset;

    for (i = 0; i < COUNT; i++)
        written[i] = i * i;
    CHECK((file = H5Fcreate(file_name, H5F_ACC_TRUNC, H5P_DEFAULT, fapl)) > 0);
    is_rest(file);
    CHECK((space = H5Screate_simple(1, &count, NULL)) > 0);
    CHECK((dataset = H5Dcreate2(file, "squares", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT,
                                H5P_DEFAULT)) > 0);
    CHECK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, written) >= 0);
    CHECK(H5Dclose(dataset) >= 0);
    CHECK(H5Fclose(file) >= 0);

    CHECK((file = H5Fopen(file_name, H5F_ACC_RDONLY, fapl)) > 0);
    CHECK((dataset = H5Dopen2(file, "squares", H5P_DEFAULT)) > 0);
    CHECK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, read) >= 0);
    CHECK(memcmp(read, written, sizeof read) == 0);
    CHECK(H5Dclose(dataset) >= 0);
    CHECK(H5Fclose(file) >= 0);
    CHECK(H5Sclose(space) >= 0);
}

/* What has failed must say so on the error stack, in the name of the function called. */
static void failures_are_explained(void)
{
    CHECK(H5Eset_auto2(H5E_DEFAULT, NULL, NULL) >= 0);
    CHECK(H5Pset_fapl_rest_vol(H5I_INVALID_HID) < 0);
    H5Eprint2(H5E_DEFAULT, stdout);
    CHECK(H5Pset_fapl_rest_vol_connection(H5I_INVALID_HID, NULL, NULL, "secret;x=y") < 0);
    H5Eprint2(H5E_DEFAULT, stdout);
}

int main(int argc, char **argv)
{
    hid_t fapl;
    int   round;

    CHECK(argc > 1);
    /* The connector comes back after the library was closed. */
    for (round = 0; round < 2; round++) {
        CHECK((fapl = H5Pcreate(H5P_FILE_ACCESS)) > 0);
        select_connector(fapl, argc, argv);
        write_and_read(argv[1], fapl);
        CHECK(H5Pclose(fapl) >= 0);
        CHECK(H5rest_term() >= 0);
        CHECK(H5rest_term() >= 0);
        CHECK(H5close() >= 0);
    }
    failures_are_explained();
    puts("done");
    return 0;
}
