/* Failing calls leave a message and harm nothing: the program goes on with the same file. */
#include "check.h"

static herr_t
note_message(unsigned n, const H5E_error2_t *error, void *data)
{
    (void)n;
    if (error->desc != NULL && error->desc[0] != '\0')
        ++*(int *)data;
    return 0;
}

/* Every failure explains itself in words, on more than one level. */
static void
explains_itself(hid_t file)
{
    int messages = 0;
    FAILS(H5Dopen2(file, "no such dataset", H5P_DEFAULT));
    H5E_BEGIN_TRY
    {
        H5Dopen2(file, "no such dataset", H5P_DEFAULT);
        H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, note_message, &messages);
    }
    H5E_END_TRY
    CHECK(messages >= 2);
}

int
main(int argc, char **argv)
{
    const char   *name    = file_name(argc, argv);
    const hsize_t dims[1] = {3};
    const int     data[3] = {1, 2, 3};
    int           found[3];
    hid_t         file    = new_file(name);
    hid_t         dataset = new_dataset(file, "values", H5T_STD_I32LE, 1, dims, H5P_DEFAULT);
    explains_itself(file);
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    hid_t space = OK(H5Dget_space(dataset));
    FAILS(H5Dcreate2(file, "values", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Sclose(space));
    FAILS(H5Gopen2(file, "values/below a dataset", H5P_DEFAULT));
    FAILS(H5Aopen(dataset, "no such attribute", H5P_DEFAULT));
    FAILS(H5Ldelete(file, "no such link", H5P_DEFAULT));
    FAILS(H5Fopen("/home/nobody-at-all/no/such/file.h5", H5F_ACC_RDONLY, H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print_ints("still there", found, 3);
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    return 0;
}
