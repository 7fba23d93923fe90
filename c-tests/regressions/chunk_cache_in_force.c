/* H5Dget_access_plist tells the chunk cache that is in force: of a chunked dataset what its own access
 * property list says, else what the file's says; of other datasets the defaults. */
#include "check.h"

static void
print_cache(const char *label, hid_t dataset)
{
    size_t slots, bytes;
    double preemption;
    hid_t  dapl = OK(H5Dget_access_plist(dataset));
    OK(H5Pget_chunk_cache(dapl, &slots, &bytes, &preemption));
    printf("%s: %d slots, %d bytes, %g\n", label, (int)slots, (int)bytes, preemption);
    OK(H5Pclose(dapl));
}

static void
print_caches(hid_t file, const char *label, hid_t dapl)
{
    static const char *const names[] = {"chunked", "contiguous", "compact"};
    printf("%s\n", label);
    for (int i = 0; i < 3; i++) {
        hid_t dataset = OK(H5Dopen2(file, names[i], dapl));
        print_cache(names[i], dataset);
        OK(H5Dclose(dataset));
    }
}

/* Lists of one dataset, with some of the settings. */
static void
print_all(hid_t file)
{
    hid_t dapl = OK(H5Pcreate(H5P_DATASET_ACCESS));
    print_caches(file, "the default list", H5P_DEFAULT);
    print_caches(file, "an empty list", dapl);
    OK(H5Pset_chunk_cache(dapl, 101, H5D_CHUNK_CACHE_NBYTES_DEFAULT, H5D_CHUNK_CACHE_W0_DEFAULT));
    print_caches(file, "slots", dapl);
    OK(H5Pset_chunk_cache(dapl, H5D_CHUNK_CACHE_NSLOTS_DEFAULT, 4096, H5D_CHUNK_CACHE_W0_DEFAULT));
    print_caches(file, "bytes", dapl);
    OK(H5Pset_chunk_cache(dapl, H5D_CHUNK_CACHE_NSLOTS_DEFAULT, H5D_CHUNK_CACHE_NBYTES_DEFAULT, 0.25));
    print_caches(file, "preemption", dapl);
    OK(H5Pset_chunk_cache(dapl, 77, 0, 1.0));
    print_caches(file, "none", dapl);
    OK(H5Pclose(dapl));
}

static void
make(hid_t file)
{
    const hsize_t dims[1] = {100}, chunk[1] = {10};
    hid_t         dcpl = chunked(1, chunk);
    hid_t dataset = new_dataset(file, "chunked", H5T_STD_I32LE, 1, dims, dcpl);
    print_cache("created", dataset);
    OK(H5Dclose(dataset));
    OK(H5Dclose(new_dataset(file, "contiguous", H5T_STD_I32LE, 1, dims, H5P_DEFAULT)));
    OK(H5Pset_layout(dcpl, H5D_COMPACT));
    OK(H5Dclose(new_dataset(file, "compact", H5T_STD_I32LE, 1, dims, dcpl)));
    OK(H5Pclose(dcpl));
}

/* A program opens the file once with a cache of its own, and once more with that identifier. */
static void
with_settings(const char *name, size_t slots, size_t bytes, double preemption)
{
    hid_t fapl = OK(H5Pcreate(H5P_FILE_ACCESS));
    OK(H5Pset_cache(fapl, 0, slots, bytes, preemption));
    hid_t file = OK(H5Fopen(name, H5F_ACC_RDWR, fapl));
    printf("file: %d slots, %d bytes, %g\n", (int)slots, (int)bytes, preemption);
    print_all(file);
    hid_t again = OK(H5Freopen(file));
    OK(H5Fclose(file));
    print_caches(again, "reopened", H5P_DEFAULT);
    OK(H5Fclose(again));
    OK(H5Pclose(fapl));
}

/* The file of an external link is opened as the file with the link, or as the link access list says. */
static void
linked(const char *name)
{
    char outer_name[1000];
    snprintf(outer_name, sizeof outer_name, "%s.linking.h5", name);
    hid_t fapl = OK(H5Pcreate(H5P_FILE_ACCESS)), lapl = OK(H5Pcreate(H5P_DATASET_ACCESS));
    OK(H5Fclose(new_file(outer_name)));
    OK(H5Pset_cache(fapl, 0, 31, 5000, 0.125));
    hid_t file = OK(H5Fopen(outer_name, H5F_ACC_RDWR, fapl));
    OK(H5Lcreate_external(name, "chunked", file, "link", H5P_DEFAULT, H5P_DEFAULT));
    hid_t dataset = OK(H5Dopen2(file, "link", H5P_DEFAULT));
    print_cache("linked", dataset);
    OK(H5Dclose(dataset));
    OK(H5Pset_cache(fapl, 0, 37, 6000, 0.875));
    OK(H5Pset_elink_fapl(lapl, fapl));
    dataset = OK(H5Dopen2(file, "link", lapl));
    print_cache("linked with settings of its own", dataset);
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    OK(H5Pclose(lapl));
    OK(H5Pclose(fapl));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    hid_t       file = new_file(name);
    make(file);
    print_all(file);
    OK(H5Fclose(file));
    with_settings(name, 1009, 64 << 20, 0.5);
    with_settings(name, 0, 1000, 0);
    linked(name);
    return 0;
}
