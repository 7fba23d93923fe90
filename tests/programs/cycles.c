/* What programs do again and again, and what it costs them. Arguments: the file, the number of cycles, a
 * number of seconds after which it ends if it has printed enough, and after how many cycles it prints a line with
 *   cycles  memory in KiB  open files and sockets  threads  open objects of HDF5 */
#include <dirent.h>
#include <time.h>

#include "../../c-tests/everyday/check.h"

enum { ROWS = 64, COLUMNS = 32, RENEWAL = 50, NAMES = 8, ENOUGH = 20 };

/* ---- what the process has ---- */

static long
status(const char *field)
{
    char  line[200];
    long  value = -1;
    FILE *file  = fopen("/proc/self/status", "r");
    CHECK(file != NULL);
    while (value < 0 && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, field, strlen(field)) == 0)
            value = atol(line + strlen(field));
    fclose(file);
    return value;
}

static int
descriptors(void)
{
    int  count  = -3; /* `.`, `..`, and that of this folder */
    DIR *folder = opendir("/proc/self/fd");
    CHECK(folder != NULL);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static void
report(long cycles)
{
    printf("%ld %ld %d %ld %zd\n", cycles, status("VmRSS:"), descriptors(), status("Threads:"),
           H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL));
    fflush(stdout);
}

/* ---- one cycle ---- */

static void
elements(hid_t group, long cycle)
{
    const hsize_t dims[2] = {ROWS, COLUMNS}, most[2] = {H5S_UNLIMITED, COLUMNS}, chunk[2] = {8, 16};
    const hsize_t more[2] = {2 * ROWS, COLUMNS}, start[2] = {3, 5}, part[2] = {20, 9};
    static int    values[2 * ROWS][COLUMNS], found[2 * ROWS][COLUMNS];
    for (int i = 0; i < ROWS * COLUMNS; i++)
        values[i / COLUMNS][i % COLUMNS] = (int)cycle + i;
    hid_t dcpl = chunked(2, chunk), space = OK(H5Screate_simple(2, dims, most));
    if (cycle % 2)
        OK(H5Pset_deflate(dcpl, 1));
    hid_t set = OK(H5Dcreate2(group, "numbers", H5T_STD_I32BE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    OK(H5Dwrite(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    OK(H5Dset_extent(set, more));
    hid_t whole = OK(H5Dget_space(set)), memory = OK(H5Screate_simple(2, part, NULL));
    OK(H5Sselect_hyperslab(whole, H5S_SELECT_SET, start, NULL, part, NULL));
    OK(H5Dread(set, H5T_NATIVE_INT, memory, whole, H5P_DEFAULT, found));
    SAME(found[0][0], values[3][5]);
    if (cycle % 3 == 0)
        OK(H5Drefresh(set));
    OK(H5Dread(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    CHECK(memcmp(values, found, sizeof found / 2) == 0 && found[ROWS][0] == 0);
    OK(H5Sclose(memory));
    OK(H5Sclose(whole));
    OK(H5Sclose(space));
    OK(H5Pclose(dcpl));
    OK(H5Dclose(set));
}

static void
texts(hid_t group)
{
    const char   *written[3] = {"one", "", "a longer text than the others"};
    char         *found[3];
    const hsize_t dims[1] = {3};
    hid_t         type = OK(H5Tcopy(H5T_C_S1)), space = OK(H5Screate_simple(1, dims, NULL));
    OK(H5Tset_size(type, H5T_VARIABLE));
    hid_t set = new_dataset(group, "texts", type, 1, dims, H5P_DEFAULT);
    hid_t own = OK(H5Acreate2(set, "texts", type, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, written));
    OK(H5Awrite(own, type, written));
    OK(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    SAME_TEXT(found[2], written[2]);
    OK(H5Treclaim(type, space, H5P_DEFAULT, found));
    OK(H5Aread(own, type, found));
    SAME_TEXT(found[0], written[0]);
    OK(H5Treclaim(type, space, H5P_DEFAULT, found));
    OK(H5Aclose(own));
    OK(H5Dclose(set));
    OK(H5Sclose(space));
    OK(H5Tclose(type));
}

static herr_t
count_link(hid_t group, const char *name, const H5L_info2_t *info, void *count)
{
    (void)group, (void)name, (void)info;
    ++*(int *)count;
    return 0;
}

static herr_t
count_object(hid_t object, const char *name, const H5O_info2_t *info, void *count)
{
    (void)object, (void)name, (void)info;
    ++*(int *)count;
    return 0;
}

static void
names(hid_t file, hid_t group)
{
    int  links = 0, objects = 0;
    char name[20];
    for (int i = 0; i < NAMES; i++) {
        snprintf(name, sizeof name, "group %d", i);
        OK(H5Gclose(OK(H5Gcreate2(group, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    }
    OK(H5Lcreate_soft("numbers", group, "soft", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Lcreate_hard(group, "texts", group, "hard", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Literate2(group, H5_INDEX_NAME, H5_ITER_INC, NULL, count_link, &links));
    SAME(links, NAMES + 4);
    OK(H5Ovisit3(file, H5_INDEX_NAME, H5_ITER_INC, count_object, &objects, H5O_INFO_BASIC));
    CHECK(objects >= NAMES + 4);
    FAILS(H5Gopen2(group, "missing", H5P_DEFAULT));
    OK(H5Ldelete(group, "group 0", H5P_DEFAULT));
    OK(H5Lmove(group, "group 1", group, "moved", H5P_DEFAULT, H5P_DEFAULT));
}

static void
cycle_once(const char *name, long cycle)
{
    const int renew = cycle % RENEWAL == 0;
    hid_t     file  = renew ? new_file(name) : OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    if (!renew)
        OK(H5Ldelete(file, "group", H5P_DEFAULT));
    hid_t group = OK(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    elements(group, cycle);
    texts(group);
    names(file, group);
    OK(H5Gclose(group));
    if (cycle % 5 == 0)
        OK(H5Fflush(file, H5F_SCOPE_GLOBAL));
    OK(H5Fclose(file));
    FAILS(H5Fopen("/home/test_user1/there is no such file.h5", H5F_ACC_RDONLY, H5P_DEFAULT));
}

int
main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    const long   most = atol(argv[2]), every = atol(argv[4]);
    const time_t end = time(NULL) + atol(argv[3]);
    long         cycle;
    /* On a machine that is busy, longer than asked for: fewer reports are too few to judge by. */
    for (cycle = 0; cycle < most && (time(NULL) < end || cycle < ENOUGH * every); cycle++) {
        if (cycle % every == 0 && cycle > 0)
            report(cycle);
        cycle_once(argv[1], cycle);
    }
    report(cycle);
    return 0;
}
