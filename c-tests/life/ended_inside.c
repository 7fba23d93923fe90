/* Programs that end inside a callback of HDF5, or in a function that runs at exit: all that was flushed is
 * there, and the end itself is neither a crash nor a hang. */
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { LIMIT_SECONDS = 60 };

static const char *name;
static hid_t       file;

/* Once, and flushed once: HSDS takes its time for that. */
static void
make(void)
{
    const hsize_t dims[1]   = {3};
    const int     values[3] = {4, 5, 6};
    file          = new_file(name);
    hid_t dataset = new_dataset(file, "numbers", H5T_STD_I32LE, 1, dims, H5P_DEFAULT);
    hid_t space   = OK(H5Screate(H5S_SCALAR));
    hid_t attribute = OK(H5Acreate2(dataset, "a", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(attribute, H5T_NATIVE_INT, &values[1]));
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    OK(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Aclose(attribute));
    OK(H5Sclose(space));
    OK(H5Fflush(file, H5F_SCOPE_GLOBAL));
    _exit(0);
}

/* ---- callbacks that end the program ---- */

static herr_t
end_at_link(hid_t group, const char *link, const H5L_info2_t *info, void *data)
{
    (void)group, (void)link, (void)info, (void)data;
    exit(0);
}

static herr_t
end_at_object(hid_t object, const char *path, const H5O_info2_t *info, void *data)
{
    (void)object, (void)path, (void)info, (void)data;
    exit(0);
}

static herr_t
end_at_attribute(hid_t object, const char *attribute, const H5A_info_t *info, void *data)
{
    (void)object, (void)attribute, (void)info, (void)data;
    exit(0);
}

static H5T_conv_ret_t
end_at_exception(H5T_conv_except_t kind, hid_t from, hid_t to, void *source, void *target, void *data)
{
    (void)kind, (void)from, (void)to, (void)source, (void)target, (void)data;
    exit(0);
}

static herr_t
end_at_error(hid_t stack, void *data)
{
    (void)stack, (void)data;
    exit(0);
}

static void
use_at_exit(void)
{
    int   values[3];
    hid_t dataset = OK(H5Dopen2(file, "numbers", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    if (values[2] != 6)
        _exit(3);
}

/* ---- what leads to them ---- */

static void
links(void)
{
    H5Literate2(file, H5_INDEX_NAME, H5_ITER_INC, NULL, end_at_link, NULL);
}

static void
tree(void)
{
    H5Lvisit2(file, H5_INDEX_NAME, H5_ITER_INC, end_at_link, NULL);
}

static void
objects(void)
{
    H5Ovisit3(file, H5_INDEX_NAME, H5_ITER_INC, end_at_object, NULL, H5O_INFO_BASIC);
}

static void
attributes(void)
{
    hid_t dataset = OK(H5Dopen2(file, "numbers", H5P_DEFAULT));
    H5Aiterate2(dataset, H5_INDEX_NAME, H5_ITER_INC, NULL, end_at_attribute, NULL);
}

static void
conversion(void)
{
    const double large[3] = {1e300, 1e300, 1e300};
    hid_t        dataset = OK(H5Dopen2(file, "numbers", H5P_DEFAULT)), dxpl = OK(H5Pcreate(H5P_DATASET_XFER));
    OK(H5Pset_type_conv_cb(dxpl, end_at_exception, NULL));
    H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, dxpl, large);
}

static void
error(void)
{
    OK(H5Eset_auto2(H5E_DEFAULT, end_at_error, NULL));
    H5Gopen2(file, "missing", H5P_DEFAULT);
}

static void
function_at_exit(void)
{
    CHECK(atexit(use_at_exit) == 0); /* runs before HDF5's own, which was there first */
    exit(0);
}

static void
try_it(const char *what, void (*end)(void))
{
    int values[3], status;
    fflush(stdout);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(LIMIT_SECONDS);
        if (end != make)
            file = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
        end();
        _exit(4); /* the callback was not called */
    }
    CHECK(waitpid(child, &status, 0) == child);
    hid_t again   = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    hid_t dataset = OK(H5Dopen2(again, "numbers", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    printf("end in %s: ", what);
    if (end != conversion) /* HDF5 itself does not survive that */
        printf("status %x, ", (unsigned)status);
    printf("group %d, ", H5Lexists(again, "group", H5P_DEFAULT));
    print_ints("numbers", values, 3);
    OK(H5Dclose(dataset));
    OK(H5Fclose(again));
}

int
main(int argc, char **argv)
{
    name = file_name(argc, argv);
    try_it("nothing", make);
    try_it("H5Literate2", links);
    try_it("H5Lvisit2", tree);
    try_it("H5Ovisit3", objects);
    try_it("H5Aiterate2", attributes);
    try_it("a conversion", conversion);
    try_it("the report of an error", error);
    try_it("a function at exit", function_at_exit);
    return 0;
}
