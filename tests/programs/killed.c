/* A program that is killed, and what it leaves. Arguments: the file, and
 *   make   makes the file;
 *   write  goes on with what is there, one round after another without end: an object, an attribute, an
 *          element more of a dataset, and a large dataset anew; after H5Fflush it prints the round's number;
 *   look   checks that all rounds up to some number are there, whole and in order, and prints that number. */
#include <unistd.h>

#include "../../c-tests/everyday/check.h"

enum { LARGE = 200000, CHUNK = 16 };

static hid_t file, numbers, large, round_of;

static void
open_it(const char *name, unsigned flags)
{
    file     = OK(H5Fopen(name, flags, H5P_DEFAULT));
    numbers  = OK(H5Dopen2(file, "numbers", H5P_DEFAULT));
    large    = OK(H5Dopen2(file, "large", H5P_DEFAULT));
    round_of = OK(H5Aopen(file, "round", H5P_DEFAULT));
}

static int
attribute(void)
{
    int value;
    OK(H5Aread(round_of, H5T_NATIVE_INT, &value));
    return value;
}

static hsize_t
extent(void)
{
    hsize_t dims[1];
    hid_t   space = OK(H5Dget_space(numbers));
    OK(H5Sget_simple_extent_dims(space, dims, NULL));
    OK(H5Sclose(space));
    return dims[0];
}

static void
make(const char *name)
{
    const hsize_t none[1] = {0}, most[1] = {H5S_UNLIMITED}, chunk[1] = {CHUNK}, many[1] = {LARGE};
    const int     zero  = 0;
    hid_t         space = OK(H5Screate_simple(1, none, most)), scalar = OK(H5Screate(H5S_SCALAR));
    hid_t         dcpl  = chunked(1, chunk);
    file                = new_file(name);
    numbers  = OK(H5Dcreate2(file, "numbers", H5T_STD_I32LE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    large    = new_dataset(file, "large", H5T_STD_I32LE, 1, many, H5P_DEFAULT);
    round_of = OK(H5Acreate2(file, "round", H5T_STD_I32LE, scalar, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(round_of, H5T_NATIVE_INT, &zero));
    OK(H5Gcreate2(file, "rounds", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Fflush(file, H5F_SCOPE_GLOBAL));
}

/* One round. The attribute is changed last: where it is, all is. */
static void
one_round(int round)
{
    static int    values[LARGE];
    const hsize_t dims[1] = {(hsize_t)round}, start[1] = {(hsize_t)round - 1}, one[1] = {1};
    char          name[40];
    snprintf(name, sizeof name, "rounds/%d", round);
    /* Left by one that was killed before it came to the attribute. */
    if (H5Lexists(file, name, H5P_DEFAULT) == 0)
        OK(H5Gclose(OK(H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Dset_extent(numbers, dims));
    hid_t space = OK(H5Dget_space(numbers)), memory = OK(H5Screate_simple(1, one, NULL));
    OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, one, NULL));
    OK(H5Dwrite(numbers, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, &round));
    for (int i = 0; i < LARGE; i++)
        values[i] = round;
    if (round % 3 == 0)
        OK(H5Dwrite(large, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    OK(H5Fflush(file, H5F_SCOPE_GLOBAL));
    OK(H5Awrite(round_of, H5T_NATIVE_INT, &round));
    OK(H5Fflush(file, H5F_SCOPE_GLOBAL));
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
}

static void
write_on(const char *name)
{
    open_it(name, H5F_ACC_RDWR);
    for (int round = attribute() + 1;; round++) {
        char line[40];
        one_round(round);
        int length = snprintf(line, sizeof line, "%d\n", round);
        CHECK(write(STDOUT_FILENO, line, (size_t)length) == length);
    }
}

static void
look(const char *name)
{
    static int values[LARGE];
    H5G_info_t rounds;
    open_it(name, H5F_ACC_RDONLY);
    const int last = attribute();
    OK(H5Gget_info_by_name(file, "rounds", &rounds, H5P_DEFAULT));
    CHECK(rounds.nlinks == (hsize_t)last || rounds.nlinks == (hsize_t)last + 1);
    for (int round = 1; round <= last; round++) {
        char path[40];
        snprintf(path, sizeof path, "rounds/%d", round);
        OK(H5Gclose(OK(H5Gopen2(file, path, H5P_DEFAULT))));
    }
    CHECK(extent() == (hsize_t)last || extent() == (hsize_t)last + 1);
    CHECK(extent() <= LARGE);
    OK(H5Dread(numbers, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    for (int i = 0; i < last; i++)
        SAME(values[i], i + 1);
    /* The next round may have begun to write it. */
    OK(H5Dread(large, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    const int whole = last - last % 3, next = (last + 1) % 3 == 0 ? last + 1 : whole;
    for (int i = 0; i < LARGE; i++)
        CHECK(values[i] == whole || values[i] == next);
    printf("%d\n", last);
}

int
main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    if (strcmp(argv[2], "make") == 0)
        make(argv[1]);
    else if (strcmp(argv[2], "write") == 0)
        write_on(argv[1]);
    else
        look(argv[1]);
    return 0;
}
