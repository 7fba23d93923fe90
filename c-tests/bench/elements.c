/* Times calls that move one element each, all in one chunk: reading, and writing. Elements are moved
 * as they are stored, or converted to another type. Prints seconds for each kind of call: what one
 * call takes once the elements are in memory is what the library and the connector cost. */
#include <time.h>

#include "../everyday/check.h"

enum { SIDE = 100, CALLS = SIDE * SIDE };

static double
seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void
make(const char *name)
{
    static double values[SIDE][SIDE];
    const hsize_t dims[2] = {SIDE, SIDE};
    hid_t         file    = new_file(name);
    hid_t         dcpl    = chunked(2, dims);
    hid_t         dataset = new_dataset(file, "d", H5T_IEEE_F64LE, 2, dims, dcpl);
    for (int n = 0; n < CALLS; n++)
        values[n / SIDE][n % SIDE] = n;
    OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    OK(H5Pclose(dcpl));
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
}

/* Moves every element with a call of its own. */
static double
each(const char *name, hid_t type, bool writes)
{
    const hsize_t one[2]  = {1, 1};
    hid_t         file    = OK(H5Fopen(name, writes ? H5F_ACC_RDWR : H5F_ACC_RDONLY, H5P_DEFAULT));
    hid_t         dataset = OK(H5Dopen2(file, "d", H5P_DEFAULT));
    hid_t         space   = OK(H5Dget_space(dataset));
    hid_t         memory  = OK(H5Screate_simple(2, one, NULL));
    bool          is_int  = OK(H5Tequal(type, H5T_NATIVE_INT));
    double        start   = seconds();
    for (int n = 0; n < CALLS; n++) {
        const hsize_t at[2] = {(hsize_t)n / SIDE, (hsize_t)n % SIDE};
        double        number = n;
        int           integer = n;
        void         *element = is_int ? (void *)&integer : (void *)&number;
        OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, at, NULL, one, NULL));
        if (writes) {
            OK(H5Dwrite(dataset, type, memory, space, H5P_DEFAULT, element));
        } else {
            number = integer = -1;
            OK(H5Dread(dataset, type, memory, space, H5P_DEFAULT, element));
            CHECK((is_int ? integer : number) == n);
        }
    }
    double taken = seconds() - start;
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    return taken;
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    make(name);
    printf("read %.6f\n", each(name, H5T_NATIVE_DOUBLE, false));
    printf("write %.6f\n", each(name, H5T_NATIVE_DOUBLE, true));
    printf("read-int %.6f\n", each(name, H5T_NATIVE_INT, false));
    printf("write-int %.6f\n", each(name, H5T_NATIVE_INT, true));
    return 0;
}
