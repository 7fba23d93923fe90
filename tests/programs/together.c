/* One of many processes that write and read one file at the same time. Arguments: the file, and
 *   make PROCESSES          makes the file;
 *   work PROCESSES N SECONDS  is process number N: round after round it makes a group, sets an attribute and
 *                           writes its rows, which share chunks with those of others; it reads the rows of
 *                           others, which are whole and never go back; prints how many rounds it made;
 *   look PROCESSES          prints, for each process, how many rounds are there, having found all of them. */
#include <time.h>

#include "../../c-tests/everyday/check.h"

enum { ROWS = 3, COLUMNS = 64, CHUNK_ROWS = 8, MOST = 200 };

static hid_t file, rows;

static hid_t
group_of(int process)
{
    char name[40];
    snprintf(name, sizeof name, "process %d", process);
    return OK(H5Gopen2(file, name, H5P_DEFAULT));
}

static void
make(const char *name, int processes)
{
    const hsize_t dims[2] = {(hsize_t)processes * ROWS, COLUMNS}, chunk[2] = {CHUNK_ROWS, COLUMNS};
    const int     zero    = 0;
    hid_t         dcpl = chunked(2, chunk), scalar = OK(H5Screate(H5S_SCALAR));
    file = new_file(name);
    rows = new_dataset(file, "rows", H5T_STD_I32LE, 2, dims, dcpl);
    for (int process = 0; process < processes; process++) {
        char own[40];
        snprintf(own, sizeof own, "process %d", process);
        hid_t group = OK(H5Gcreate2(file, own, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        hid_t round = OK(H5Acreate2(group, "round", H5T_STD_I32LE, scalar, H5P_DEFAULT, H5P_DEFAULT));
        OK(H5Awrite(round, H5T_NATIVE_INT, &zero));
        OK(H5Aclose(round));
        OK(H5Gclose(group));
    }
    OK(H5Dclose(rows));
    OK(H5Fclose(file));
}

/* Moves the rows of a process. */
static void
move(int process, int values[ROWS][COLUMNS], int write)
{
    const hsize_t start[2] = {(hsize_t)process * ROWS, 0}, count[2] = {ROWS, COLUMNS};
    hid_t         space = OK(H5Dget_space(rows)), memory = OK(H5Screate_simple(2, count, NULL));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL));
    if (write)
        OK(H5Dwrite(rows, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, values));
    else
        OK(H5Dread(rows, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, values));
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
}

static void
one_round(hid_t group, hid_t attribute, int process, int round)
{
    static int values[ROWS][COLUMNS];
    char       name[40];
    snprintf(name, sizeof name, "%d", round);
    OK(H5Gclose(OK(H5Gcreate2(group, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    for (int i = 0; i < ROWS * COLUMNS; i++)
        values[i / COLUMNS][i % COLUMNS] = round;
    move(process, values, 1);
    OK(H5Awrite(attribute, H5T_NATIVE_INT, &round));
    OK(H5Fflush(file, H5F_SCOPE_GLOBAL));
}

/* The rows of another process: each as it was in one round, and in none before that seen last. */
static void
watch(int process, int *seen)
{
    static int values[ROWS][COLUMNS];
    OK(H5Drefresh(rows));
    move(process, values, 0);
    for (int row = 0; row < ROWS; row++)
        for (int column = 1; column < COLUMNS; column++)
            SAME(values[row][column], values[row][0]);
    CHECK(values[0][0] >= *seen);
    *seen = values[0][0];
}

static void
work(const char *name, int processes, int process, int seconds)
{
    static int   seen[MOST];
    const time_t end = time(NULL) + seconds;
    int          round;
    file            = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    rows            = OK(H5Dopen2(file, "rows", H5P_DEFAULT));
    hid_t group     = group_of(process);
    hid_t attribute = OK(H5Aopen(group, "round", H5P_DEFAULT));
    for (round = 0; time(NULL) < end; round++) {
        one_round(group, attribute, process, round + 1);
        const int other = (process + 1 + round) % processes;
        watch(other, &seen[other]);
    }
    OK(H5Aclose(attribute));
    OK(H5Gclose(group));
    OK(H5Dclose(rows));
    OK(H5Fclose(file));
    printf("%d\n", round);
}

static void
look(const char *name, int processes)
{
    static int values[ROWS][COLUMNS];
    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    rows = OK(H5Dopen2(file, "rows", H5P_DEFAULT));
    for (int process = 0; process < processes; process++) {
        int        round;
        H5G_info_t info;
        hid_t      group = group_of(process), attribute = OK(H5Aopen(group, "round", H5P_DEFAULT));
        OK(H5Aread(attribute, H5T_NATIVE_INT, &round));
        OK(H5Gget_info(group, &info));
        SAME(info.nlinks, round);
        move(process, values, 0);
        for (int i = 0; i < ROWS * COLUMNS; i++)
            SAME(values[i / COLUMNS][i % COLUMNS], round);
        printf("%d\n", round);
        OK(H5Aclose(attribute));
        OK(H5Gclose(group));
    }
}

int
main(int argc, char **argv)
{
    const int processes = argc > 3 ? atoi(argv[3]) : 0;
    if (processes < 1 || processes > MOST)
        return 2;
    if (strcmp(argv[2], "make") == 0)
        make(argv[1], processes);
    else if (strcmp(argv[2], "look") == 0)
        look(argv[1], processes);
    else if (argc == 6)
        work(argv[1], processes, atoi(argv[4]), atoi(argv[5]));
    else
        return 2;
    return 0;
}
