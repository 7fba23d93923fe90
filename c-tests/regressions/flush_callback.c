/* A function that is called when objects of a file are flushed (H5Pset_object_flush_cb). */
#include "check.h"

static herr_t
flushed(hid_t object, void *data)
{
    char name[64] = "";
    int *count    = data;
    OK(H5Iget_name(object, name, sizeof name));
    printf("flushed %s, kind %d\n", name, (int)H5Iget_type(object));
    return ++*count > 5 ? -1 : 0;
}

int
main(int argc, char **argv)
{
    int   count = 0;
    hid_t fapl  = OK(H5Pcreate(H5P_FILE_ACCESS));
    OK(H5Pset_object_flush_cb(fapl, flushed, &count));
    hid_t file = OK(H5Fcreate(file_name(argc, argv), H5F_ACC_TRUNC, H5P_DEFAULT, fapl));
    hid_t space = OK(H5Screate(H5S_SCALAR)), type = OK(H5Tcopy(H5T_NATIVE_INT));
    hid_t group = OK(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t data  = OK(H5Dcreate2(file, "data", H5T_NATIVE_INT, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Tcommit2(file, "type", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Fflush(file, H5F_SCOPE_GLOBAL));
    printf("file flushed\n");
    OK(H5Gflush(group));
    OK(H5Dflush(data));
    OK(H5Tflush(type));
    OK(H5Oflush(group));
    OK(H5Oflush(file));
    FAILS(H5Dflush(data));

    /* A call that fails puts nothing into its event set. */
    size_t  left   = 0;
    hbool_t failed = false;
    hid_t   set    = OK(H5EScreate());
    FAILS(H5Oflush_async(group, set));
    OK(H5ESget_count(set, &left));
    SAME(left, 0);
    OK(H5ESwait(set, H5ES_WAIT_FOREVER, &left, &failed));
    SAME(failed, false);
    OK(H5ESclose(set));
    printf("%d times\n", count);
    OK(H5Tclose(type));
    OK(H5Dclose(data));
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    OK(H5Sclose(space));
    OK(H5Pclose(fapl));
    return 0;
}
