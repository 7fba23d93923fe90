/* Files that a program leaves to its end: everything that it made is in them. */
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define SIZE 1000

/* Makes objects of every kind, links and comments, and leaves all open. */
static void
leave_open(const char *name)
{
    const hsize_t dims[1] = {SIZE};
    static int    values[SIZE];
    for (int i = 0; i < SIZE; i++)
        values[i] = i;
    hid_t file  = new_file(name);
    hid_t group = OK(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t type  = OK(H5Tcopy(H5T_STD_I32LE));
    OK(H5Tcommit2(file, "type", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t dataset   = new_dataset(group, "numbers", type, 1, dims, H5P_DEFAULT);
    hid_t space     = OK(H5Screate(H5S_SCALAR));
    hid_t attribute = OK(H5Acreate2(dataset, "attribute", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(attribute, H5T_NATIVE_INT, &values[7]));
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    OK(H5Lcreate_soft("/group/numbers", file, "soft", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Lcreate_hard(group, "numbers", file, "hard", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Gcreate2(group, "last", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
}

static void
look(const char *name)
{
    static int  values[SIZE];
    int         value;
    H5O_info2_t info;
    hid_t       file    = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    hid_t       dataset = OK(H5Dopen2(file, "soft", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    print_ints("some values", values + 500, 3);
    hid_t attribute = OK(H5Aopen(dataset, "attribute", H5P_DEFAULT));
    OK(H5Aread(attribute, H5T_NATIVE_INT, &value));
    OK(H5Oget_info3(dataset, &info, H5O_INFO_BASIC));
    printf("attribute %d, %u links, last group %d\n", value, info.rc,
           H5Lexists(file, "group/last", H5P_DEFAULT));
    OK(H5Aclose(attribute));
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
}

int
main(int argc, char **argv)
{
    const char *name  = file_name(argc, argv);
    pid_t       child = fork();
    int         status;
    CHECK(child >= 0);
    if (child == 0) {
        leave_open(name);
        exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    look(name);
    return 0;
}
