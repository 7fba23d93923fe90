/* Processes that a program forks while it has files open: they use what they inherited and files of their
 * own, and end in every way; the parent notices nothing. */
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { SIZE = 4096, CHILDREN = 60, LIMIT_SECONDS = 60 };

static hid_t file, dataset, attribute;

static void
make(const char *name)
{
    const hsize_t dims[1] = {SIZE}, chunk[1] = {64};
    static int    values[SIZE];
    for (int i = 0; i < SIZE; i++)
        values[i] = i;
    file        = new_file(name);
    hid_t dcpl  = chunked(1, chunk);
    dataset     = new_dataset(file, "numbers", H5T_STD_I32LE, 1, dims, dcpl);
    hid_t space = OK(H5Screate(H5S_SCALAR));
    attribute   = OK(H5Acreate2(dataset, "state", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    OK(H5Awrite(attribute, H5T_NATIVE_INT, &values[1]));
    OK(H5Sclose(space));
    OK(H5Pclose(dcpl));
    OK(H5Fflush(file, H5F_SCOPE_GLOBAL));
}

/* Moves one element. */
static void
move(int at, int *value, int write)
{
    const hsize_t start[1] = {(hsize_t)at}, one[1] = {1};
    hid_t         space = OK(H5Dget_space(dataset)), memory = OK(H5Screate_simple(1, one, NULL));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, one, NULL));
    if (write)
        OK(H5Dwrite(dataset, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, value));
    else
        OK(H5Dread(dataset, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, value));
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
}

/* ---- what children do ---- */

static void
do_nothing(const char *name)
{
    (void)name;
    _exit(0);
}

/* Reads through identifiers that the parent has opened, and ends with all of them open. */
static void
read_inherited(const char *name)
{
    static int values[SIZE];
    int        state;
    (void)name;
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    OK(H5Aread(attribute, H5T_NATIVE_INT, &state));
    CHECK(values[SIZE - 1] == SIZE - 1 && state == 1);
    CHECK(H5Lexists(file, "numbers", H5P_DEFAULT) > 0);
    _exit(0);
}

/* Closes what the parent has opened. */
static void
close_inherited(const char *name)
{
    (void)name;
    OK(H5Aclose(attribute));
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    _exit(0);
}

/* Opens a file of its own, which was there before, and leaves HDF5 to close all there is. */
static void
use_another(const char *name)
{
    int   value;
    hid_t own = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    hid_t set = OK(H5Dopen2(own, "seven", H5P_DEFAULT));
    OK(H5Dread(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value));
    CHECK(value == 7);
    exit(0);
}

static void
make_seven(const char *name)
{
    const hsize_t dims[1] = {1};
    const int     seven   = 7;
    hid_t         own     = new_file(name);
    hid_t         set     = new_dataset(own, "seven", H5T_STD_I32LE, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &seven));
    OK(H5Dclose(set));
    OK(H5Fclose(own));
}

/* Makes a file that stays. */
static void
make_another(const char *name)
{
    make_seven(name);
    _exit(0);
}

/* Makes a file of its own, and deletes it. */
static void
make_own(const char *name)
{
    char own[1000];
    snprintf(own, sizeof own, "%s.%ld.h5", name, (long)getpid());
    make_seven(own);
    OK(H5Fdelete(own, H5P_DEFAULT));
    _exit(0);
}

static pid_t
start(void (*child)(const char *), const char *name)
{
    fflush(stdout);
    pid_t process = fork();
    CHECK(process >= 0);
    if (process == 0) {
        alarm(LIMIT_SECONDS); /* one that hangs fails the test */
        child(name);
    }
    return process;
}

static void
await(pid_t process, const char *what)
{
    int status;
    CHECK(waitpid(process, &status, 0) == process);
    if (status != 0) {
        fprintf(stderr, "the child that had to %s ended with status %x\n", what, status);
        exit(1);
    }
    printf("a child did: %s\n", what);
}

/* Children one after the other while the parent writes, and none of them waits for it. */
static void
fork_while_writing(const char *other)
{
    pid_t children[CHILDREN];
    for (int i = 0; i < CHILDREN; i++) {
        int value = 10000 + i;
        move(i * 64, &value, 1);
        OK(H5Awrite(attribute, H5T_NATIVE_INT, &value));
        children[i] = start(i % 2 ? do_nothing : make_own, other);
        move((i * 67) % SIZE, &value, 0);
    }
    for (int i = 0; i < CHILDREN; i++) {
        int status;
        CHECK(waitpid(children[i], &status, 0) == children[i]);
        SAME(status, 0);
    }
    printf("%d children while the parent wrote\n", CHILDREN);
}

static void
look(const char *name)
{
    static int values[SIZE];
    int        state;
    file      = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    dataset   = OK(H5Dopen2(file, "numbers", H5P_DEFAULT));
    attribute = OK(H5Aopen(dataset, "state", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    OK(H5Aread(attribute, H5T_NATIVE_INT, &state));
    for (int i = 0; i < SIZE; i++)
        SAME(values[i], i % 64 == 0 && i / 64 < CHILDREN ? 10000 + i / 64 : i);
    printf("state %d, all elements right\n", state);
    OK(H5Aclose(attribute));
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    char        other[1000];
    snprintf(other, sizeof other, "%s.other.h5", name);
    await(start(make_another, other), "use HDF5 before its parent does");
    make(name);
    await(start(do_nothing, other), "do nothing");
    await(start(read_inherited, other), "read what is open");
    await(start(close_inherited, other), "close what is open");
    await(start(use_another, other), "use another file and leave all open");
    fork_while_writing(other);
    OK(H5Aclose(attribute));
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    await(start(use_another, other), "use a file when all are closed");
    look(name);
    OK(H5Fdelete(other, H5P_DEFAULT));
    return 0;
}
