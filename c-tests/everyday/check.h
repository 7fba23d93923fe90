/* What every test program uses: checks that end the program with a message that says where and
 * why, and the file name the caller chose. The programs print what they read, so that a run on a
 * local file and a run through the connector can be compared line by line. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hdf5.h"

/* The condition must hold. */
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);              \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* The HDF5 call must succeed; its value is the value of the expression. */
#define OK(call) check_succeeded((long long)(call), #call, __FILE__, __LINE__)

/* The HDF5 call must fail, leave a message on the error stack, and print nothing. */
#define FAILS(call)                                                                                \
    do {                                                                                           \
        long long fails_value_;                                                                    \
        H5E_BEGIN_TRY                                                                              \
        {                                                                                          \
            fails_value_ = (long long)(call);                                                      \
        }                                                                                          \
        H5E_END_TRY                                                                                \
        check_failed(fails_value_, #call, __FILE__, __LINE__);                                     \
    } while (0)

/* Two integers must be the same. */
#define SAME(found, expected)                                                                      \
    check_same((long long)(found), (long long)(expected), #found, __FILE__, __LINE__)

/* Two strings must be the same. */
#define SAME_TEXT(found, expected) check_same_text((found), (expected), #found, __FILE__, __LINE__)

static inline hid_t
check_succeeded(long long value, const char *call, const char *file, int line)
{
    if (value < 0) {
        fprintf(stderr, "%s:%d: failed: %s\n", file, line, call);
        H5Eprint2(H5E_DEFAULT, stderr);
        exit(1);
    }
    return (hid_t)value;
}

static inline void
check_failed(long long value, const char *call, const char *file, int line)
{
    if (value >= 0) {
        fprintf(stderr, "%s:%d: succeeded with %lld, but must fail: %s\n", file, line, value, call);
        exit(1);
    }
    if (H5Eget_num(H5E_DEFAULT) <= 0) {
        fprintf(stderr, "%s:%d: failed without a word on the error stack: %s\n", file, line, call);
        exit(1);
    }
}

static inline void
check_same(long long found, long long expected, const char *what, const char *file, int line)
{
    if (found != expected) {
        fprintf(stderr, "%s:%d: %s is %lld, expected %lld\n", file, line, what, found, expected);
        exit(1);
    }
}

static inline void
check_same_text(const char *found, const char *expected, const char *what, const char *file, int line)
{
    if (found == NULL || strcmp(found, expected) != 0) {
        fprintf(stderr, "%s:%d: %s is \"%s\", expected \"%s\"\n", file, line, what,
                found == NULL ? "(null)" : found, expected);
        exit(1);
    }
}

/* The file name given to the program. */
static inline const char *
file_name(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FILE\n", argv[0]);
        exit(2);
    }
    return argv[1];
}

/* A new empty file, replacing one of that name. */
static inline hid_t
new_file(const char *name)
{
    return OK(H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
}

/* A dataset creation property list that asks for chunks. */
static inline hid_t
chunked(int rank, const hsize_t *chunk)
{
    hid_t dcpl = OK(H5Pcreate(H5P_DATASET_CREATE));
    OK(H5Pset_chunk(dcpl, rank, chunk));
    return dcpl;
}

/* Creates a dataset and closes the dataspace used for it. */
static inline hid_t
new_dataset(hid_t place, const char *name, hid_t type, int rank, const hsize_t *dims, hid_t dcpl)
{
    hid_t space   = OK(H5Screate_simple(rank, dims, NULL));
    hid_t dataset = OK(H5Dcreate2(place, name, type, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    OK(H5Sclose(space));
    return dataset;
}

static inline void
print_ints(const char *label, const int *values, size_t count)
{
    printf("%s:", label);
    for (size_t i = 0; i < count; i++)
        printf(" %d", values[i]);
    printf("\n");
}

static inline void
print_doubles(const char *label, const double *values, size_t count)
{
    printf("%s:", label);
    for (size_t i = 0; i < count; i++)
        printf(" %g", values[i]);
    printf("\n");
}

#endif
