/* Signals that come while HDF5 is at work: a timer that interrupts every system call, and an end by SIGINT. */
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { ROUNDS = 8, SIZE = 1 << 20, SMALL = 100 };

static volatile sig_atomic_t alarms;

static void
count(int signal)
{
    (void)signal;
    alarms++;
}

/* SIGALRM every 300 microseconds; interrupted system calls are not begun again by the system. */
static void
ring(int often)
{
    struct sigaction action = {.sa_handler = count};
    struct itimerval timer  = {{0, often ? 300 : 0}, {0, often ? 300 : 0}};
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
}

/* Objects, attributes, elements many and few, written and read. */
static void
work(const char *name)
{
    const hsize_t dims[1] = {SIZE}, chunk[1] = {SIZE / 16};
    int          *written = malloc(SIZE * sizeof *written), *found = malloc(SIZE * sizeof *found);
    for (int round = 0; round < ROUNDS; round++) {
        char group_name[20];
        snprintf(group_name, sizeof group_name, "group %d", round);
        for (int i = 0; i < SIZE; i++)
            written[i] = i * (round + 1);
        hid_t file    = round ? OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT)) : new_file(name);
        hid_t group   = OK(H5Gcreate2(file, group_name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        hid_t dcpl    = chunked(1, chunk);
        hid_t dataset = new_dataset(group, "numbers", H5T_STD_I32LE, 1, dims, dcpl);
        hid_t space   = OK(H5Screate(H5S_SCALAR));
        OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, written));
        for (int i = 0; i < SMALL; i++) {
            snprintf(group_name, sizeof group_name, "a%d", i);
            hid_t attribute = OK(H5Acreate2(group, group_name, H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT));
            OK(H5Awrite(attribute, H5T_NATIVE_INT, &written[i]));
            OK(H5Aclose(attribute));
        }
        OK(H5Drefresh(dataset));
        OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
        CHECK(memcmp(written, found, SIZE * sizeof *found) == 0);
        OK(H5Sclose(space));
        OK(H5Pclose(dcpl));
        OK(H5Dclose(dataset));
        OK(H5Gclose(group));
        OK(H5Fclose(file));
    }
    free(written);
    free(found);
}

/* A program that SIGINT ends, while it does what it likes with what it has flushed. */
static void
write_until_the_end(const char *name, int tell)
{
    const hsize_t dims[1] = {SMALL};
    int           values[SMALL] = {0};
    hid_t         file    = new_file(name);
    hid_t         dataset = new_dataset(file, "numbers", H5T_STD_I32LE, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    OK(H5Fflush(file, H5F_SCOPE_GLOBAL));
    CHECK(write(tell, "x", 1) == 1);
    for (int round = 1;; round++) {
        for (int i = 0; i < SMALL; i++)
            values[i] = round;
        OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
        OK(H5Fflush(file, H5F_SCOPE_GLOBAL));
    }
}

static void
interrupt(const char *name)
{
    int  pipe_ends[2], status, values[SMALL];
    char byte;
    CHECK(pipe(pipe_ends) == 0);
    fflush(stdout);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0)
        write_until_the_end(name, pipe_ends[1]);
    CHECK(read(pipe_ends[0], &byte, 1) == 1);
    CHECK(kill(child, SIGINT) == 0);
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
    hid_t file    = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    hid_t dataset = OK(H5Dopen2(file, "numbers", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    for (int i = 1; i < SMALL; i++)
        SAME(values[i], values[0]);
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    printf("what SIGINT left is whole\n");
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    interrupt(name);
    ring(1);
    work(name);
    ring(0);
    CHECK(alarms > ROUNDS);
    printf("%d rounds under alarms\n", ROUNDS);
    return 0;
}
