/* What was asked for when an object was created is what its property list says afterwards. */
#include "check.h"

static void
create(const char *name)
{
    const hsize_t dims[2] = {20, 30}, chunk[2] = {5, 6};
    const double  fill = 2.5;
    hid_t         file = new_file(name);

    hid_t dcpl = chunked(2, chunk);
    OK(H5Pset_fill_value(dcpl, H5T_NATIVE_DOUBLE, &fill));
    OK(H5Pset_shuffle(dcpl));
    OK(H5Pset_deflate(dcpl, 6));
    OK(H5Dclose(new_dataset(file, "filtered", H5T_STD_I32LE, 2, dims, dcpl)));
    OK(H5Pclose(dcpl));

    dcpl = OK(H5Pcreate(H5P_DATASET_CREATE));
    OK(H5Pset_layout(dcpl, H5D_COMPACT));
    const hsize_t few[1] = {4};
    OK(H5Dclose(new_dataset(file, "compact", H5T_STD_I32LE, 1, few, dcpl)));
    OK(H5Pclose(dcpl));
    OK(H5Dclose(new_dataset(file, "contiguous", H5T_STD_I32LE, 2, dims, H5P_DEFAULT)));

    hid_t gcpl = OK(H5Pcreate(H5P_GROUP_CREATE));
    OK(H5Pset_link_creation_order(gcpl, H5P_CRT_ORDER_TRACKED));
    OK(H5Gclose(OK(H5Gcreate2(file, "ordered", H5P_DEFAULT, gcpl, H5P_DEFAULT))));
    OK(H5Pclose(gcpl));
    OK(H5Fclose(file));
}

static void
print_dataset(hid_t file, const char *name)
{
    hsize_t          chunk[2];
    H5D_fill_value_t defined;
    hid_t            dataset = OK(H5Dopen2(file, name, H5P_DEFAULT));
    hid_t            dcpl    = OK(H5Dget_create_plist(dataset));
    H5D_layout_t     layout  = H5Pget_layout(dcpl);
    printf("%s: layout %d", name, (int)layout);
    if (layout == H5D_CHUNKED) {
        SAME(H5Pget_chunk(dcpl, 2, chunk), 2);
        printf(" chunk %llu x %llu", (unsigned long long)chunk[0], (unsigned long long)chunk[1]);
    }
    OK(H5Pfill_value_defined(dcpl, &defined));
    printf(" fill defined %d", (int)defined);
    if (defined == H5D_FILL_VALUE_USER_DEFINED) {
        double fill;
        OK(H5Pget_fill_value(dcpl, H5T_NATIVE_DOUBLE, &fill));
        printf(" as %g", fill);
    }
    int filters = (int)OK(H5Pget_nfilters(dcpl));
    for (unsigned i = 0; i < (unsigned)filters; i++) {
        unsigned flags, values[8];
        size_t   count = 8;
        int      id    = (int)OK(H5Pget_filter2(dcpl, i, &flags, &count, values, 0, NULL, NULL));
        printf(" filter %d", id);
        if (id == H5Z_FILTER_DEFLATE)
            printf(" level %u", values[0]);
    }
    printf("\n");
    hid_t dapl = OK(H5Dget_access_plist(dataset));
    SAME(H5Pisa_class(dapl, H5P_DATASET_ACCESS), 1);
    OK(H5Pclose(dapl));
    OK(H5Pclose(dcpl));
    OK(H5Dclose(dataset));
}

static void
print_fill(hid_t file)
{
    int   values[600];
    hid_t dataset = OK(H5Dopen2(file, "filtered", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    printf("unwritten: %d %d\n", values[0], values[599]);
    OK(H5Dclose(dataset));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    create(name);
    hid_t file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    print_dataset(file, "filtered");
    print_dataset(file, "compact");
    print_dataset(file, "contiguous");
    print_fill(file);
    unsigned flags;
    hid_t    group = OK(H5Gopen2(file, "ordered", H5P_DEFAULT));
    hid_t    gcpl  = OK(H5Gget_create_plist(group));
    OK(H5Pget_link_creation_order(gcpl, &flags));
    printf("link creation order: %u\n", flags);
    OK(H5Pclose(gcpl));
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    return 0;
}
