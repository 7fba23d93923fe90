/* What posing as native means for a program: facade REMOTE LOCAL prints one answer a line. Remote is
 * opened by the connector that the environment names, local by the native one. */
#include <stdio.h>
#include <stdlib.h>

#include "hdf5.h"
#include "hdf5_hl.h"

#define OK(call) check((long long)(call), #call)

static hid_t
check(long long value, const char *call)
{
    if (value < 0) {
        fprintf(stderr, "failed: %s\n", call);
        H5Eprint2(H5E_DEFAULT, stderr);
        exit(1);
    }
    return (hid_t)value;
}

static herr_t
count(hid_t group, const char *name, const H5L_info1_t *info, void *counter)
{
    (void)group, (void)name, (void)info;
    ++*(int *)counter;
    return 0;
}

/* The file of an identifier that H5Iget_file_id finds is the one that the program has open. */
static void
print_file_id(const char *what, hid_t object, hid_t file)
{
    hid_t found = OK(H5Iget_file_id(object));
    printf("%s: %s\n", what, found == file ? "same file id" : "another file id");
    OK(H5Fclose(found));
}

int
main(int argc, char **argv)
{
    const hsize_t dims[1] = {2};
    hbool_t       native  = true;
    int           links   = 0;
    if (argc != 3)
        return 2;

    /* Everything open in a remote file. */
    hid_t remote    = OK(H5Fcreate(argv[1], H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    hid_t space     = OK(H5Screate_simple(1, dims, NULL));
    hid_t group     = OK(H5Gcreate2(remote, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t dataset   = OK(H5Dcreate2(remote, "dataset", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t scale     = OK(H5Dcreate2(remote, "scale", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t attribute = OK(H5Acreate2(dataset, "attribute", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT));
    hid_t type      = OK(H5Tcopy(H5T_STD_I32LE));
    OK(H5Tcommit2(remote, "type", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));

    OK(H5VLobject_is_native(dataset, &native));
    printf("H5VLobject_is_native: %d\n", (int)native);
    herr_t listed = -1;
    H5E_BEGIN_TRY
    {
        listed = H5Literate1(remote, H5_INDEX_NAME, H5_ITER_INC, NULL, count, &links);
    }
    H5E_END_TRY
    printf("H5Literate1: %d, %d links\n", (int)listed, links);

    /* Dimension scales use references of the newer kind in files that are not native. */
    hbool_t new_references = false;
    OK(H5DSwith_new_ref(dataset, &new_references));
    printf("references of dimension scales: %s\n", new_references ? "new" : "old");

    print_file_id("file", dataset, remote);
    hid_t again = OK(H5Freopen(remote));
    hid_t other = OK(H5Dopen2(again, "dataset", H5P_DEFAULT));
    print_file_id("file opened again", other, again);
    OK(H5Dclose(other));
    OK(H5Fclose(again));

    /* HDF5 looks behind all identifiers when it counts what a local file has open, and when it
     * closes one with all that is open of it. */
    hid_t fapl   = OK(H5Pcreate(H5P_FILE_ACCESS));
    hid_t plugin = OK(H5VLget_connector_id_by_name("native"));
    OK(H5Pset_vol(fapl, plugin, NULL));
    OK(H5Pset_fclose_degree(fapl, H5F_CLOSE_STRONG));
    hid_t local = OK(H5Fcreate(argv[2], H5F_ACC_TRUNC, H5P_DEFAULT, fapl));
    OK(H5Gcreate2(local, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    printf("open in the local file: %d\n", (int)OK(H5Fget_obj_count(local, H5F_OBJ_ALL)));
    OK(H5Fclose(local));
    printf("open in the remote file: %d\n", (int)OK(H5Fget_obj_count(remote, H5F_OBJ_ALL)));

    OK(H5VLclose(plugin));
    OK(H5Pclose(fapl));
    OK(H5Aclose(attribute));
    OK(H5Tclose(type));
    OK(H5Dclose(scale));
    OK(H5Dclose(dataset));
    OK(H5Gclose(group));
    OK(H5Sclose(space));
    OK(H5Fclose(remote));
    printf("still open: %d\n", (int)OK(H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL)));
    return 0;
}
