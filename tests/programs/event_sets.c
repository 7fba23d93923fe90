/* What programs do with event sets, well or badly, while writes are on their way. The server is
 * behind a gate (crates/testkit/src/gate.rs) that holds writes of values back until a number of
 * them wait, so that what is said here about "in progress" does not depend on time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hdf5.h"

#define SETS   8
#define POINTS 1000

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "line %d: not true: %s\n", __LINE__, #condition);                      \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

static hid_t file, es, sets[SETS];
static int   values[SETS][POINTS];

static void
make(const char *name)
{
    hsize_t dims[1] = {POINTS};
    hid_t   space   = H5Screate_simple(1, dims, NULL);
    file            = H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    CHECK(file >= 0);
    for (int n = 0; n < SETS; n++) {
        char path[8];
        snprintf(path, sizeof(path), "d%d", n);
        sets[n] = H5Dcreate2(file, path, H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        CHECK(sets[n] >= 0);
    }
    CHECK(H5Sclose(space) >= 0);
    CHECK((es = H5EScreate()) >= 0);
}

static herr_t
write_later(int n, int value, hid_t into)
{
    for (int i = 0; i < POINTS; i++)
        values[n][i] = value;
    herr_t status =
        H5Dwrite_async(sets[n], H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values[n], into);
    /* What was passed for writing was taken along. */
    memset(values[n], 0, sizeof(values[n]));
    return status;
}

static int
first_value(int n)
{
    static int back[POINTS];
    CHECK(H5Dread(sets[n], H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, back) >= 0);
    for (int i = 1; i < POINTS; i++)
        CHECK(back[i] == back[0]);
    return back[0];
}

static size_t
in_progress(uint64_t timeout)
{
    size_t  left;
    hbool_t failed;
    CHECK(H5ESwait(es, timeout, &left, &failed) >= 0);
    CHECK(!failed);
    return left;
}

static void
end(void)
{
    for (int n = 0; n < SETS; n++)
        CHECK(H5Dclose(sets[n]) >= 0);
    CHECK(H5ESclose(es) >= 0);
    CHECK(H5Fclose(file) >= 0);
}

/* Gate of 8: no call waits for the server, and all writes are under way at once. */
static void
concurrent(void)
{
    for (int n = 0; n < SETS; n++) {
        if (n > 0)
            CHECK(in_progress(0) == (size_t)n);
        CHECK(write_later(n, n + 1, es) >= 0);
    }
    CHECK(in_progress(H5ES_WAIT_FOREVER) == 0);
    for (int n = 0; n < SETS; n++)
        CHECK(first_value(n) == n + 1);
    end();
}

/* Gate of 2: what has not begun is cancelled, and never done. */
static void
cancel(void)
{
    for (int value = 1; value <= 3; value++)
        CHECK(write_later(0, value, es) >= 0);
    size_t  left;
    hbool_t failed;
    /* A time limit passes without a result. */
    CHECK(in_progress(1000000) == 3);
    /* The first may have begun by now; those after it wait for it, and never will begin. */
    CHECK(H5EScancel(es, &left, &failed) >= 0);
    CHECK(left < 3 && !failed);
    CHECK(in_progress(0) == left);
    CHECK(write_later(1, 8, es) >= 0 && write_later(2, 9, es) >= 0);
    CHECK(in_progress(H5ES_WAIT_FOREVER) == 0);
    CHECK(first_value(0) <= 1 && first_value(1) == 8 && first_value(2) == 9);
    end();
}

static herr_t
show(unsigned n, const H5E_error2_t *error, void *unused)
{
    (void)n, (void)unused;
    printf("%s\n", error->desc);
    return 0;
}

static int inserted, completed;

static int
note_insert(const H5ES_op_info_t *info, void *unused)
{
    (void)unused;
    CHECK(strcmp(info->api_name, "H5Dwrite_async") == 0);
    inserted++;
    return 0;
}

static int
note_complete(const H5ES_op_info_t *info, H5ES_status_t status, hid_t stack, void *unused)
{
    (void)unused;
    if (status == H5ES_STATUS_SUCCEED)
        CHECK(info->op_exec_ts >= info->op_ins_ts && info->op_exec_time > 0);
    else
        CHECK(status == H5ES_STATUS_FAIL && H5Eget_num(stack) == 1);
    completed++;
    return 0;
}

/* Broken gate: the failure is found when the program waits, with all that is known of it. */
static void
failure(void)
{
    size_t  left;
    hbool_t failed;
    CHECK(H5ESregister_complete_func(es, note_complete, NULL) >= 0);
    CHECK(write_later(0, 1, es) >= 0);
    CHECK(H5ESwait(es, H5ES_WAIT_FOREVER, &left, &failed) >= 0);
    CHECK(failed && completed == 1);
    CHECK(H5ESget_err_status(es, &failed) >= 0 && failed);
    CHECK(H5ESget_err_count(es, &left) >= 0 && left == 1);
    H5E_BEGIN_TRY
    {
        /* HDF5 takes no more into this set, after the call was made: nothing may come of it that
         * touches the buffer later. */
        int *gone = malloc(POINTS * sizeof(int));
        CHECK(H5Dread_async(sets[1], H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, gone, es) < 0);
        memset(gone, 7, POINTS * sizeof(int));
        CHECK(H5Dclose(sets[1]) >= 0);
        CHECK(gone[0] == 0x07070707);
        free(gone);
    }
    H5E_END_TRY
    H5ES_err_info_t info;
    CHECK(H5ESget_err_info(es, 1, &info, &left) >= 0 && left == 1);
    printf("%s\n", info.api_name);
    CHECK(H5Ewalk2(info.err_stack_id, H5E_WALK_UPWARD, show, NULL) >= 0);
    CHECK(H5Eclose_stack(info.err_stack_id) >= 0);
    H5free_memory(info.api_name);
    H5free_memory(info.api_args);
    H5free_memory(info.app_file_name);
    H5free_memory(info.app_func_name);
    CHECK(H5ESclose(es) >= 0);
    CHECK(H5Fclose(file) >= 0);
}

/* Gate of 2: nobody waits, nothing is closed; all is done when the program has ended. */
static void
leave(void)
{
    int on_the_stack[POINTS];
    CHECK(write_later(0, 5, es) >= 0);
    CHECK(H5Dread_async(sets[2], H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, on_the_stack, es) >= 0);
    CHECK(write_later(1, 6, es) >= 0);
}

/* A gate that never opens: the program ends all the same. */
static void
leave_silent(void)
{
    for (int n = 0; n < SETS; n++)
        for (int value = 0; value < 20; value++)
            CHECK(write_later(n, value, es) >= 0);
}

/* Gate of 2: the child has nothing to do with what its parent has under way. */
static void
forked(void)
{
    CHECK(write_later(0, 1, es) >= 0);
    pid_t child = fork();
    if (child == 0) {
        size_t  left;
        hbool_t failed = 0;
        H5ESwait(es, H5ES_WAIT_FOREVER, &left, &failed);
        CHECK(failed);
        exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(in_progress(0) == 1);
    CHECK(write_later(1, 2, es) >= 0);
    CHECK(in_progress(H5ES_WAIT_FOREVER) == 0);
    CHECK(first_value(0) == 1);
    end();
}

/* Gate of 2: the last operation of a set ends before the first, and another one is put there. */
static void
out_of_order(void)
{
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attr  = H5Acreate2(sets[7], "note", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT);
    int   note  = 42;
    CHECK(space >= 0 && attr >= 0);
    CHECK(write_later(0, 1, es) >= 0);
    CHECK(H5Awrite_async(attr, H5T_NATIVE_INT, &note, es) >= 0);
    note = 0;
    /* Done at once, so after the queued write. */
    CHECK(H5Aread(attr, H5T_NATIVE_INT, &note) >= 0 && note == 42);
    CHECK(in_progress(0) > 0);
    CHECK(write_later(1, 2, es) >= 0);
    CHECK(in_progress(H5ES_WAIT_FOREVER) == 0);
    CHECK(first_value(0) == 1 && first_value(1) == 2);
    CHECK(H5Aclose(attr) >= 0 && H5Sclose(space) >= 0);
    end();
}

/* Gate of 2: closing in the wrong order, and event sets that are none. */
static void
early(void)
{
    CHECK(H5ESregister_insert_func(es, note_insert, NULL) >= 0);
    CHECK(H5ESregister_complete_func(es, note_complete, NULL) >= 0);
    CHECK(write_later(0, 1, es) >= 0);
    H5E_BEGIN_TRY
    {
        CHECK(H5ESclose(es) < 0);
        hid_t closed = H5EScreate();
        CHECK(H5ESclose(closed) >= 0);
        int *gone = malloc(POINTS * sizeof(int));
        CHECK(H5Dread_async(sets[2], H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, gone, closed) < 0);
        memset(gone, 7, POINTS * sizeof(int));
        CHECK(H5Dclose(sets[2]) >= 0);
        CHECK(gone[0] == 0x07070707);
        free(gone);
        CHECK(write_later(3, 4, closed) < 0);
    }
    H5E_END_TRY
    /* Those with an event set that HDF5 refuses are done; so the gate is open now. */
    CHECK(H5Fclose_async(file, H5ES_NONE) >= 0);
    CHECK(write_later(1, 2, es) >= 0);
    while (in_progress(0) > 0)
        ;
    CHECK(inserted == 2 && completed == 2);
    CHECK(first_value(0) == 1 && first_value(1) == 2 && first_value(3) == 4);
    for (int n = 0; n < SETS; n++)
        if (n != 2)
            CHECK(H5Dclose_async(sets[n], es) >= 0);
    CHECK(H5ESclose(es) >= 0);
}

static void
look(const char *name)
{
    file = H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT);
    CHECK(file >= 0);
    for (int n = 0; n < SETS; n++) {
        char path[8];
        snprintf(path, sizeof(path), "d%d", n);
        CHECK((sets[n] = H5Dopen2(file, path, H5P_DEFAULT)) >= 0);
        printf("%d ", first_value(n));
    }
    printf("\n");
}

int
main(int argc, char **argv)
{
    CHECK(argc == 3);
    if (strcmp(argv[2], "look") == 0) {
        look(argv[1]);
        return 0;
    }
    make(argv[1]);
    struct {
        const char *name;
        void (*run)(void);
    } modes[] = {{"concurrent", concurrent}, {"cancel", cancel}, {"failure", failure},
                 {"leave", leave},           {"silent", leave_silent}, {"fork", forked},
                 {"early", early},           {"order", out_of_order}};
    for (size_t n = 0; n < sizeof(modes) / sizeof(modes[0]); n++) {
        if (strcmp(argv[2], modes[n].name) == 0) {
            modes[n].run();
            printf("%s: ok\n", argv[2]);
            return 0;
        }
    }
    return 2;
}
