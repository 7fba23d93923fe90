/* Datasets in external files, as far as no file is needed: the list of files, and no elements. */
#include "check.h"

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    hid_t       file = new_file(name);
    hid_t       dcpl = OK(H5Pcreate(H5P_DATASET_CREATE));
    OK(H5Pset_external(dcpl, "first.raw", 16, 40));
    OK(H5Pset_external(dcpl, "second.raw", 0, H5F_UNLIMITED));
    hsize_t dims[]  = {0, 3};
    hid_t   space   = OK(H5Screate_simple(2, dims, NULL));
    hid_t   dataset = OK(H5Dcreate2(file, "d", H5T_NATIVE_INT, space, H5P_DEFAULT, dcpl, H5P_DEFAULT));
    int     value   = 7;
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value));
    SAME(value, 7);
    OK(H5Dclose(dataset));
    OK(H5Pclose(dcpl));
    OK(H5Fclose(file));

    file    = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    dataset = OK(H5Dopen2(file, "d", H5P_DEFAULT));
    dcpl    = OK(H5Dget_create_plist(dataset));
    printf("layout %d, %d files\n", H5Pget_layout(dcpl), H5Pget_external_count(dcpl));
    for (unsigned i = 0; i < 2; i++) {
        char    raw[64];
        off_t   offset;
        hsize_t size;
        OK(H5Pget_external(dcpl, i, sizeof raw, raw, &offset, &size));
        printf("%s: from %lld, %llx bytes\n", raw, (long long)offset, (unsigned long long)size);
    }
    OK(H5Pclose(dcpl));
    OK(H5Dclose(dataset));
    OK(H5Sclose(space));
    OK(H5Fclose(file));
    return 0;
}
