/* Calls functions of HDF5 and prints of each whether it succeeded: `H5Fopen ok`. Compared with
 * docs/FUNCTIONS.md by tests/functions. */
#ifndef PROBE_H
#define PROBE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hdf5.h"

/* Calls a function and prints what became of it; its value is the value of the expression. */
#define P(call) probe_outcome(#call, (long long)(call))

static inline long long
probe_outcome(const char *call, long long value)
{
    printf("%.*s %s\n", (int)strcspn(call, "("), call, value < 0 ? "failed" : "ok");
    fflush(stdout);
    return value;
}

/* What a probe needs and is not about: it must succeed. */
#define NEED(call) probe_need(#call, (long long)(call))

static inline long long
probe_need(const char *call, long long value)
{
    if (value < 0) {
        fprintf(stderr, "failed: %s\n", call);
        H5Eprint2(H5E_DEFAULT, stderr);
        exit(1);
    }
    return value;
}

/* A new file with a group /g, a chunked dataset /d of 4 x 6 integers with the attribute a, and a
 * committed datatype /t. Refusals are not printed. */
static inline hid_t
probe_file(int argc, char **argv)
{
    const hsize_t dims[2] = {4, 6}, max[2] = {H5S_UNLIMITED, 6}, chunk[2] = {2, 3};
    int           values[24];
    if (argc != 2) {
        fprintf(stderr, "usage: %s FILE\n", argv[0]);
        exit(2);
    }
    NEED(H5Eset_auto2(H5E_DEFAULT, NULL, NULL));
    hid_t fcpl = NEED(H5Pcreate(H5P_FILE_CREATE));
    NEED(H5Pset_link_creation_order(fcpl, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
    hid_t file  = NEED(H5Fcreate(argv[1], H5F_ACC_TRUNC, fcpl, H5P_DEFAULT));
    hid_t group = NEED(H5Gcreate2(file, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t space = NEED(H5Screate_simple(2, dims, max));
    hid_t dcpl  = NEED(H5Pcreate(H5P_DATASET_CREATE));
    NEED(H5Pset_chunk(dcpl, 2, chunk));
    hid_t set = NEED(H5Dcreate2(file, "d", H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    for (int i = 0; i < 24; i++)
        values[i] = i;
    NEED(H5Dwrite(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    hid_t scalar = NEED(H5Screate(H5S_SCALAR));
    hid_t a      = NEED(H5Acreate2(set, "a", H5T_STD_I32LE, scalar, H5P_DEFAULT, H5P_DEFAULT));
    NEED(H5Awrite(a, H5T_NATIVE_INT, values));
    hid_t type = NEED(H5Tcopy(H5T_STD_I16BE));
    NEED(H5Tcommit2(file, "t", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Tclose(type);
    H5Aclose(a);
    H5Sclose(scalar);
    H5Dclose(set);
    H5Pclose(dcpl);
    H5Sclose(space);
    H5Gclose(group);
    H5Pclose(fcpl);
    NEED(H5Fflush(file, H5F_SCOPE_GLOBAL));
    return file;
}

#endif
