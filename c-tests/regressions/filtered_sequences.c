/* Filters for elements of variable size: HDF5 1.14 refuses mandatory ones and leaves the others out, 2.2
 * applies all of them. Where HDF5 leaves them out, there need not be chunks. */
#include "check.h"

enum { COUNT = 4 };

static void
print_filters(hid_t dataset)
{
    unsigned flags, config, values[8];
    char     name[32];
    hid_t    dcpl = OK(H5Dget_create_plist(dataset));
    for (int i = 0; i < OK(H5Pget_nfilters(dcpl)); i++) {
        size_t       count  = 8;
        H5Z_filter_t filter = H5Pget_filter2(dcpl, i, &flags, &count, values, sizeof name, name, &config);
        printf(" filter %d, flags %u, %d values, first %u;", (int)filter, flags, (int)count,
               count > 0 ? values[0] : 0);
    }
    OK(H5Pclose(dcpl));
}

/* Makes a dataset with one filter; -1 if that is refused. */
static hid_t
filtered(hid_t file, const char *name, hid_t type, H5Z_filter_t filter, unsigned flags)
{
    const hsize_t  dims[1] = {COUNT}, chunk[1] = {2};
    const unsigned level   = 6;
    hid_t          space = OK(H5Screate_simple(1, dims, NULL)), dcpl = chunked(1, chunk), dataset;
    OK(H5Pset_filter(dcpl, filter, flags, filter == H5Z_FILTER_DEFLATE ? 1 : 0, &level));
    H5E_BEGIN_TRY
    {
        dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, dcpl, H5P_DEFAULT);
    }
    H5E_END_TRY
    OK(H5Pclose(dcpl));
    OK(H5Sclose(space));
    return dataset;
}

static void
sequences(hid_t file, hid_t type, H5Z_filter_t filter, unsigned flags)
{
    char name[32];
    snprintf(name, sizeof name, "sequences %d %u", (int)filter, flags);
    hid_t dataset = filtered(file, name, type, filter, flags);
    printf("%s:", name);
    if (dataset >= 0) {
        int         numbers[3]     = {1, 2, 3};
        const hvl_t written[COUNT] = {{3, numbers}, {0, NULL}, {1, numbers}, {2, numbers}};
        hvl_t       found[COUNT];
        OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, written));
        OK(H5Dclose(dataset));
        dataset     = OK(H5Dopen2(file, name, H5P_DEFAULT));
        hid_t space = OK(H5Dget_space(dataset));
        OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
        for (int i = 0; i < COUNT; i++)
            printf(" %d", (int)found[i].len);
        SAME(((int *)found[0].p)[2], 3);
        OK(H5Treclaim(type, space, H5P_DEFAULT, found));
        print_filters(dataset);
        OK(H5Sclose(space));
        OK(H5Dclose(dataset));
    }
    printf("\n");
}

static void
texts(hid_t file, hid_t type, H5Z_filter_t filter, unsigned flags)
{
    char name[32];
    snprintf(name, sizeof name, "texts %d %u", (int)filter, flags);
    hid_t dataset = filtered(file, name, type, filter, flags);
    printf("%s:", name);
    if (dataset >= 0) {
        const char *const written[COUNT] = {"one", "", "three", "four"};
        char             *found[COUNT];
        OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, written));
        OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
        for (int i = 0; i < COUNT; i++) {
            printf(" '%s'", found[i]);
            OK(H5free_memory(found[i]));
        }
        print_filters(dataset);
        OK(H5Dclose(dataset));
    }
    printf("\n");
}

/* Optional filters without chunks: of one element, of none, and of texts. */
static void
without_chunks(hid_t file, hid_t text)
{
    static const char *const names[] = {"scalar", "null", "texts without chunks", "numbers without chunks"};
    const hsize_t            dims[1] = {COUNT};
    hid_t spaces[] = {OK(H5Screate(H5S_SCALAR)), OK(H5Screate(H5S_NULL)), OK(H5Screate_simple(1, dims, NULL))};
    hid_t dcpl     = OK(H5Pcreate(H5P_DATASET_CREATE));
    OK(H5Pset_shuffle(dcpl));
    OK(H5Pset_deflate(dcpl, 4));
    for (int i = 0; i < 4; i++) {
        int   value = 7;
        hid_t dataset;
        H5E_BEGIN_TRY
        {
            dataset = H5Dcreate2(file, names[i], i == 2 ? text : H5T_NATIVE_INT, spaces[i < 2 ? i : 2],
                                 H5P_DEFAULT, dcpl, H5P_DEFAULT);
        }
        H5E_END_TRY
        printf("%s:", names[i]);
        if (dataset >= 0) {
            if (i == 0)
                OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value));
            OK(H5Dclose(dataset));
            dataset = OK(H5Dopen2(file, names[i], H5P_DEFAULT));
            print_filters(dataset);
            value = 0;
            if (i == 0)
                OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value));
            printf(" %d", value);
            OK(H5Dclose(dataset));
        }
        printf("\n");
    }
    for (int i = 0; i < 3; i++)
        OK(H5Sclose(spaces[i]));
    OK(H5Pclose(dcpl));
}

int
main(int argc, char **argv)
{
    static const H5Z_filter_t filters[] = {H5Z_FILTER_DEFLATE, H5Z_FILTER_SHUFFLE, H5Z_FILTER_FLETCHER32};
    hid_t                     file = new_file(file_name(argc, argv));
    hid_t                     numbers = OK(H5Tvlen_create(H5T_NATIVE_INT)), text = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(text, H5T_VARIABLE));
    for (int i = 0; i < 3; i++)
        for (unsigned flags = 0; flags < 2; flags++) {
            sequences(file, numbers, filters[i], flags ? H5Z_FLAG_OPTIONAL : H5Z_FLAG_MANDATORY);
            texts(file, text, filters[i], flags ? H5Z_FLAG_OPTIONAL : H5Z_FLAG_MANDATORY);
        }
    without_chunks(file, text);
    OK(H5Tclose(text));
    OK(H5Tclose(numbers));
    OK(H5Fclose(file));
    return 0;
}
