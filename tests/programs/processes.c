/* Four processes of one program, as an MPI program without MPI-IO has them: the first makes the datasets,
 * each writes its own part at the same time as the others, then each reads everything, in the file it
 * still has open. Argument: the file. Prints one line for each dataset and process.
 *
 * With WITH_MPI the processes are those that MPI starts, else the program makes them itself. */
#ifdef WITH_MPI
#include <mpi.h>
#endif
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hdf5.h"

enum { PROCESSES = 4, ROWS = 64, COLUMNS = 96, CHUNK_ROWS = 8, CHUNK_COLUMNS = 24, LIMIT_SECONDS = 90 };

/* Who writes an element. The parts of "blocks" are whole chunks; those of "rows" share every chunk. */
static int
owner_in_blocks(int row, int column)
{
    (void)column;
    return row / (ROWS / PROCESSES);
}

static int
owner_in_rows(int row, int column)
{
    (void)column;
    return row % PROCESSES;
}

static int
owner_in_columns(int row, int column)
{
    (void)row;
    return column / (COLUMNS / PROCESSES);
}

static const struct {
    const char *name;
    int (*owner)(int row, int column);
    hsize_t start[2], stride[2], count[2], block[2]; /* of process 0; the next begins `step` further */
    hsize_t step[2];
    int     filtered;
} datasets[] = {
    {"blocks", owner_in_blocks, {0, 0}, {1, 1}, {1, 1}, {ROWS / PROCESSES, COLUMNS}, {ROWS / PROCESSES, 0}, 0},
    {"rows", owner_in_rows, {0, 0}, {PROCESSES, 1}, {ROWS / PROCESSES, 1}, {1, COLUMNS}, {1, 0}, 0},
    {"columns", owner_in_columns, {0, 0}, {1, 1}, {1, 1}, {ROWS, COLUMNS / PROCESSES}, {0, COLUMNS / PROCESSES}, 1},
};
enum { DATASETS = sizeof datasets / sizeof datasets[0] };

static void
check(int ok, const char *what, int rank)
{
    if (!ok) {
        fprintf(stderr, "process %d: %s failed\n", rank, what);
        exit(1);
    }
}

static int
value_of(int which, int row, int column)
{
    return 1000000 * (which + 1) + 1000 * row + column;
}

static void
make(const char *name)
{
    const hsize_t dims[2] = {ROWS, COLUMNS}, chunk[2] = {CHUNK_ROWS, CHUNK_COLUMNS};
    hid_t         file = H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    check(file >= 0, "H5Fcreate", 0);
    hid_t space = H5Screate_simple(2, dims, NULL);
    for (int which = 0; which < DATASETS; which++) {
        hid_t dcpl = H5Pcreate(H5P_DATASET_CREATE);
        H5Pset_chunk(dcpl, 2, chunk);
        if (datasets[which].filtered)
            H5Pset_deflate(dcpl, 5);
        hid_t dataset = H5Dcreate2(file, datasets[which].name, H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT);
        check(dataset >= 0, "H5Dcreate2", 0);
        H5Dclose(dataset);
        H5Pclose(dcpl);
    }
    H5Sclose(space);
    check(H5Fclose(file) >= 0, "H5Fclose", 0);
}

static void
write_part(hid_t file, int which, int rank)
{
    static int    values[ROWS * COLUMNS];
    hsize_t       number = 0, start[2];
    const hsize_t ranks  = (hsize_t)rank;
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < COLUMNS; column++)
            if (datasets[which].owner(row, column) == rank)
                values[number++] = value_of(which, row, column);
    for (int axis = 0; axis < 2; axis++)
        start[axis] = datasets[which].start[axis] + ranks * datasets[which].step[axis];
    hid_t dataset = H5Dopen2(file, datasets[which].name, H5P_DEFAULT);
    check(dataset >= 0, "H5Dopen2", rank);
    hid_t space  = H5Dget_space(dataset);
    hid_t memory = H5Screate_simple(1, &number, NULL);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, datasets[which].stride, datasets[which].count,
                        datasets[which].block);
    check(H5Dwrite(dataset, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, values) >= 0, "H5Dwrite", rank);
    H5Sclose(memory);
    H5Sclose(space);
    check(H5Dclose(dataset) >= 0, "H5Dclose", rank);
}

static void
read_all(hid_t file, int which, int rank)
{
    static int values[ROWS][COLUMNS];
    int        wrong   = 0;
    hid_t      dataset = H5Dopen2(file, datasets[which].name, H5P_DEFAULT);
    check(dataset >= 0, "H5Dopen2", rank);
    check(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0, "H5Dread", rank);
    check(H5Dclose(dataset) >= 0, "H5Dclose", rank);
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < COLUMNS; column++)
            wrong += values[row][column] != value_of(which, row, column);
    printf("process %d, %s: %d wrong\n", rank, datasets[which].name, wrong);
    check(wrong == 0, "the comparison", rank);
}

#ifdef WITH_MPI
static void
meet(void)
{
    MPI_Barrier(MPI_COMM_WORLD);
}
#else
static pthread_barrier_t *together; /* in memory that all processes share */

static void
meet(void)
{
    pthread_barrier_wait(together);
}
#endif

static void
process(const char *name, int rank)
{
    alarm(LIMIT_SECONDS); /* no process waits for one that has ended */
    if (rank == 0)
        make(name);
    meet();
    hid_t file = H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT);
    check(file >= 0, "H5Fopen", rank);
    meet();
    for (int which = 0; which < DATASETS; which++)
        write_part(file, which, rank);
    check(H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0, "H5Fflush", rank);
    meet();
    for (int which = 0; which < DATASETS; which++)
        read_all(file, which, rank);
    check(H5Fclose(file) >= 0, "H5Fclose", rank);
}

#ifdef WITH_MPI
int
main(int argc, char **argv)
{
    int rank, size;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (argc != 2 || size != PROCESSES)
        MPI_Abort(MPI_COMM_WORLD, 2);
    process(argv[1], rank);
    H5close(); /* before MPI ends, as HDF5 built for MPI wants it */
    MPI_Finalize();
    return 0;
}
#else
int
main(int argc, char **argv)
{
    pthread_barrierattr_t shared;
    int                   failed = 0, status;
    together = mmap(NULL, sizeof *together, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (argc != 2 || together == MAP_FAILED)
        return 2;
    pthread_barrierattr_init(&shared);
    pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(together, &shared, PROCESSES);
    for (int rank = 0; rank < PROCESSES; rank++) {
        pid_t child = fork();
        if (child < 0)
            return 2;
        if (child == 0) {
            process(argv[1], rank);
            exit(0);
        }
    }
    while (wait(&status) > 0)
        failed += status != 0;
    return failed != 0;
}
#endif
