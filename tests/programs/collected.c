/* Elements that are kept and collected in memory, where another process has a part in it: what it
 * wrote, what it deleted, what a forked child inherits, and what is left when a program just ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hdf5.h"

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "line %d: not true: %s\n", __LINE__, #condition);                      \
            H5Eprint2(H5E_DEFAULT, stderr);                                                        \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

#define COUNT 1000
/* Too many to be sent with changes of metadata. */
#define MANY 10000
/* What another process extends the dataset to. */
#define GROWN 20000

static int   to_child[2], to_parent[2];
static hid_t file, set;

static void
move(int write, int at, int *value)
{
    hsize_t start = (hsize_t)at, one = 1;
    hid_t   space = H5Dget_space(set), memory = H5Screate_simple(1, &one, NULL);
    CHECK(H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, NULL, &one, NULL) >= 0);
    if (write)
        CHECK(H5Dwrite(set, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, value) >= 0);
    else
        CHECK(H5Dread(set, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, value) >= 0);
    H5Sclose(memory);
    H5Sclose(space);
}

static void
put(int at, int value)
{
    move(1, at, &value);
}

static int
get(int at)
{
    int value = -1;
    move(0, at, &value);
    return value;
}

static void
make(const char *name)
{
    hsize_t dims = MANY, most = GROWN, chunk = 100;
    hid_t   space = H5Screate_simple(1, &dims, &most), dcpl = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(dcpl, 1, &chunk);
    file = H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    set  = H5Dcreate2(file, "d", H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT);
    CHECK(set >= 0);
    H5Pclose(dcpl);
    H5Sclose(space);
}

static void
open_it(const char *name, unsigned flags)
{
    file = H5Fopen(name, flags, H5P_DEFAULT);
    set  = H5Dopen2(file, "d", H5P_DEFAULT);
    CHECK(set >= 0);
}

static void
close_it(void)
{
    CHECK(H5Dclose(set) >= 0);
    CHECK(H5Fclose(file) >= 0);
}

static void
signal_to(int *pipe_ends)
{
    CHECK(write(pipe_ends[1], "x", 1) == 1);
}

static void
wait_for(int *pipe_ends)
{
    char x;
    CHECK(read(pipe_ends[0], &x, 1) == 1);
}

/* Runs `child` in another process, which begins before this one has opened anything. */
static pid_t
beside(void (*child)(const char *), const char *name)
{
    CHECK(pipe(to_child) == 0 && pipe(to_parent) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        wait_for(to_child);
        child(name);
        _exit(0);
    }
    return pid;
}

static void
await(pid_t pid)
{
    int status;
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* ---- what another process writes ---- */

static void
write_beside(const char *name)
{
    open_it(name, H5F_ACC_RDWR);
    for (int i = 1; i < COUNT; i += 2)
        put(i, i);
    close_it();
    signal_to(to_parent);
}

/* Both write every second element of the same chunks, and neither touches the other's. */
static void
beside_each_other(const char *name)
{
    pid_t child = beside(write_beside, name);
    make(name);
    CHECK(H5Fflush(file, H5F_SCOPE_LOCAL) >= 0);
    for (int i = 0; i < COUNT; i += 2)
        put(i, i);
    signal_to(to_child);
    wait_for(to_parent);
    await(child);
    CHECK(H5Drefresh(set) >= 0);
    for (int i = 0; i < COUNT; i++)
        CHECK(get(i) == i);
    close_it();
    open_it(name, H5F_ACC_RDONLY);
    for (int i = COUNT - 1; i >= 0; i--)
        CHECK(get(i) == i);
    close_it();
}

static void
read_after_write(const char *name, unsigned flags, int refreshes)
{
    pid_t child = beside(write_beside, name);
    make(name);
    close_it();
    open_it(name, H5F_ACC_RDONLY | flags);
    /* Often enough to be kept. */
    int step = refreshes ? 1 : 50;
    for (int n = 0; n < 3; n++)
        for (int i = 0; i < COUNT; i += step)
            CHECK(get(i) == 0);
    signal_to(to_child);
    wait_for(to_parent);
    await(child);
    if (refreshes)
        CHECK(H5Drefresh(set) >= 0);
    for (int i = 1; i < COUNT; i += 2 * step)
        CHECK(get(i) == i);
    close_it();
}

static void
extend_beside(const char *name)
{
    hsize_t dims  = GROWN;
    hid_t   other = H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t   grown = H5Dopen2(other, "d", H5P_DEFAULT);
    CHECK(H5Dset_extent(grown, &dims) >= 0);
    CHECK(H5Dclose(grown) >= 0);
    CHECK(H5Fclose(other) >= 0);
    signal_to(to_parent);
}

static hsize_t
extent(void)
{
    hsize_t dims;
    hid_t   space = H5Dget_space(set);
    CHECK(H5Sget_simple_extent_dims(space, &dims, NULL) == 1);
    CHECK(H5Sclose(space) >= 0);
    return dims;
}

/* A dataset of this name that has the elements of another one, as many as there are. */
static void
make_virtual(const char *made, const char *source)
{
    hsize_t dims = 1, start = 0, endless = H5S_UNLIMITED;
    hid_t   space = H5Screate_simple(1, &dims, &endless), dcpl = H5Pcreate(H5P_DATASET_CREATE);
    CHECK(H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, NULL, &dims, &endless) >= 0);
    CHECK(H5Pset_virtual(dcpl, space, ".", source, space) >= 0);
    hid_t dataset = H5Dcreate2(file, made, H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT);
    CHECK(H5Dclose(dataset) >= 0);
    H5Pclose(dcpl);
    H5Sclose(space);
}

/* H5Drefresh of a virtual dataset is one of its sources, and of theirs. */
static void
refreshed_sources(const char *name)
{
    pid_t child = beside(extend_beside, name);
    make(name);
    make_virtual("outer", "inner");
    make_virtual("inner", "d");
    close_it();
    open_it(name, H5F_ACC_RDONLY);
    CHECK(H5Dclose(set) >= 0);
    set = H5Dopen2(file, "outer", H5P_DEFAULT);
    CHECK(set >= 0 && extent() == MANY && get(0) == 0);
    signal_to(to_child);
    wait_for(to_parent);
    await(child);
    CHECK(H5Drefresh(set) >= 0);
    CHECK(extent() == GROWN);
    CHECK(get(GROWN - 1) == 0);
    close_it();
}

/* A buffer is as large as the extent that the program was told, whatever that has become since. */
static void
read_all_after_growth(const char *name)
{
    pid_t child = beside(extend_beside, name);
    int  *found = malloc(GROWN * sizeof(int));
    make(name);
    close_it();
    open_it(name, H5F_ACC_RDONLY | H5F_ACC_SWMR_READ);
    CHECK(extent() == MANY);
    signal_to(to_child);
    wait_for(to_parent);
    await(child);
    for (int i = 0; i < GROWN; i++)
        found[i] = -1;
    CHECK(H5Dread(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found) >= 0);
    for (int i = 0; i < GROWN; i++)
        CHECK(found[i] == (i < MANY ? 0 : -1));
    CHECK(extent() == GROWN);
    CHECK(H5Dread(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found) >= 0);
    for (int i = 0; i < GROWN; i++)
        CHECK(found[i] == 0);
    close_it();
    free(found);
}

/* ---- what the server refuses ---- */

static void
delete_beside(const char *name)
{
    hid_t other = H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT);
    CHECK(H5Ldelete(other, "d", H5P_DEFAULT) >= 0);
    CHECK(H5Fclose(other) >= 0);
    signal_to(to_parent);
}

static herr_t
print_message(unsigned n, const H5E_error2_t *error, void *data)
{
    (void)n;
    (void)data;
    if (strstr(error->desc, "cannot write") != NULL)
        printf("%s: %s\n", error->func_name, error->desc);
    return 0;
}

static void
print_failure(void)
{
    CHECK(H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, print_message, NULL) >= 0);
}

/* The dataset is deleted by another process while there is something to send. */
static void
lose(const char *name)
{
    pid_t child = beside(delete_beside, name);
    make(name);
    CHECK(H5Fflush(file, H5F_SCOPE_LOCAL) >= 0);
    signal_to(to_child);
    wait_for(to_parent);
    await(child);
    put(1, 1);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

static void
refused_at_flush(const char *name)
{
    lose(name);
    CHECK(H5Fflush(file, H5F_SCOPE_LOCAL) < 0);
    print_failure();
    close_it();
}

static void
refused_at_close(const char *name)
{
    lose(name);
    static int values[MANY];
    CHECK(H5Dwrite(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    CHECK(H5Dclose(set) < 0);
    print_failure();
    CHECK(H5Iis_valid(set) == 0);
    CHECK(H5Fclose(file) >= 0);
}

/* A few elements are sent with other changes of the file, so that it is the file that tells; unless
 * they have waited for a second already. */
static void
refused_after_close(const char *name)
{
    lose(name);
    int told = H5Dclose(set) < 0;
    if (told)
        print_failure();
    if (H5Fclose(file) < 0) {
        CHECK(!told);
        told = 1;
        print_failure();
        CHECK(H5Fclose(file) >= 0);
    }
    CHECK(told);
}

static void
refused_at_idref(const char *name)
{
    lose(name);
    /* HDF5 could not bear a failure here. */
    CHECK(H5Idec_ref(set) >= 0);
    CHECK(H5Fclose(file) < 0);
    print_failure();
    CHECK(H5Fclose(file) >= 0);
}

/* The server hears of it by itself; every call fails from then on, until one has told. */
static void
refused_later(const char *name)
{
    int     value = 2;
    hsize_t one   = 1;
    lose(name);
    hid_t memory = H5Screate_simple(1, &one, NULL), space = H5Dget_space(set);
    CHECK(H5Sselect_hyperslab(space, H5S_SELECT_SET, &one, NULL, &one, NULL) >= 0);
    while (H5Dwrite(set, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, &value) >= 0)
        usleep(20000);
    CHECK(H5Dwrite(set, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, &value) < 0);
    CHECK(H5Dread(set, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, &value) < 0);
    CHECK(H5Dflush(set) < 0);
    print_failure();
    H5Sclose(space);
    H5Sclose(memory);
    close_it();
}

/* A new dataset of one reference, to a region of itself. The connector has HDF5 tell what it refers to,
 * and opens the file for that once more. */
static void
write_region(void)
{
    hdset_reg_ref_t region;
    hsize_t         one   = 1;
    hid_t           space = H5Screate_simple(1, &one, NULL);
    hid_t refs = H5Dcreate2(file, "r", H5T_STD_REF_DSETREG, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    CHECK(refs >= 0);
    CHECK(H5Rcreate(&region, file, "r", H5R_DATASET_REGION, space) >= 0);
    CHECK(H5Dwrite(refs, H5T_STD_REF_DSETREG, H5S_ALL, H5S_ALL, H5P_DEFAULT, &region) >= 0);
    CHECK(H5Dclose(refs) >= 0);
    CHECK(H5Sclose(space) >= 0);
}

static void
refused_beside_references(const char *name)
{
    lose(name);
    write_region();
    CHECK(H5Fget_obj_count(file, H5F_OBJ_FILE) == 1);
    CHECK(H5Fclose(file) < 0);
    print_failure();
    CHECK(H5Fclose(file) >= 0);
    CHECK(H5Dclose(set) >= 0);
}

/* With the file's identifier closed it is an object's end that tells, and not that of the identifier
 * which H5Rcreate has for a moment. */
static void
refused_without_file(const char *name)
{
    pid_t      child = beside(delete_beside, name);
    hobj_ref_t root;
    make(name);
    hid_t group = H5Gopen2(file, "/", H5P_DEFAULT);
    CHECK(group >= 0);
    CHECK(H5Fclose(file) >= 0);
    signal_to(to_child);
    wait_for(to_parent);
    await(child);
    put(1, 1);
    CHECK(H5Rcreate(&root, group, ".", H5R_OBJECT, -1) >= 0);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    CHECK(H5Gclose(group) < 0);
    print_failure();
    CHECK(H5Gclose(group) >= 0);
    CHECK(H5Dclose(set) >= 0);
}

/* ---- forked children, and the end ---- */

static void
inherited(const char *name)
{
    make(name);
    CHECK(H5Fflush(file, H5F_SCOPE_LOCAL) >= 0);
    CHECK(pipe(to_child) == 0);
    put(7, 1);
    pid_t child = fork();
    if (child == 0) {
        wait_for(to_child);
        exit(0); /* HDF5 closes everything. */
    }
    put(7, 2);
    CHECK(H5Fflush(file, H5F_SCOPE_LOCAL) >= 0);
    signal_to(to_child);
    await(child);
    CHECK(H5Drefresh(set) >= 0);
    CHECK(get(7) == 2);
    close_it();
}

static void
left_open(const char *name)
{
    make(name);
    for (int i = 0; i < COUNT; i++)
        put(i, i + 1);
    /* Nothing is closed. */
}

static void
look(const char *name)
{
    open_it(name, H5F_ACC_RDONLY);
    for (int i = 0; i < COUNT; i++)
        CHECK(get(i) == i + 1);
    close_it();
}

int
main(int argc, char **argv)
{
    const char *name = argv[1], *mode = argv[2];
    CHECK(argc == 3);
    if (strcmp(mode, "beside") == 0)
        beside_each_other(name);
    else if (strcmp(mode, "refresh") == 0)
        read_after_write(name, 0, 1);
    else if (strcmp(mode, "fresh") == 0)
        read_after_write(name, 0, 0);
    else if (strcmp(mode, "swmr") == 0)
        read_after_write(name, H5F_ACC_SWMR_READ, 0);
    else if (strcmp(mode, "growing") == 0)
        read_all_after_growth(name);
    else if (strcmp(mode, "virtual") == 0)
        refreshed_sources(name);
    else if (strcmp(mode, "flush") == 0)
        refused_at_flush(name);
    else if (strcmp(mode, "close") == 0)
        refused_at_close(name);
    else if (strcmp(mode, "after-close") == 0)
        refused_after_close(name);
    else if (strcmp(mode, "idref") == 0)
        refused_at_idref(name);
    else if (strcmp(mode, "later") == 0)
        refused_later(name);
    else if (strcmp(mode, "references") == 0)
        refused_beside_references(name);
    else if (strcmp(mode, "no-file") == 0)
        refused_without_file(name);
    else if (strcmp(mode, "inherited") == 0)
        inherited(name);
    else if (strcmp(mode, "left-open") == 0)
        left_open(name);
    else if (strcmp(mode, "look") == 0)
        look(name);
    else
        return 2;
    printf("%s: ok\n", mode);
    return 0;
}
