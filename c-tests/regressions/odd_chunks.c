/* H5Dwrite_chunk with bytes that are no chunk of the dataset, and chunks of a filter that the program does not
 * have: what is stored stays as it was, and nothing is taken for elements that lies beside them in memory. */
#include "check.h"

#define ELEMENTS 1000
#define NUMBER   300

/* HDF5 itself stores such chunks, and reads beside them (1.14) or refuses to read them (2.x) later. */
static bool
is_native(void)
{
    return getenv("HDF5_VOL_CONNECTOR") == NULL;
}

/* Turns all bits around, which undoes itself. */
static size_t
turn(unsigned flags, size_t count, const unsigned *parameters, size_t length, size_t *room, void **bytes)
{
    unsigned char *byte = (unsigned char *)*bytes;
    (void)flags, (void)count, (void)parameters, (void)room;
    for (size_t n = 0; n < length; n++)
        byte[n] = (unsigned char)~byte[n];
    return length;
}

static void
have_filter(bool has)
{
    H5Z_class2_t class = {H5Z_CLASS_T_VERS, NUMBER, 1, 1, "turn", NULL, NULL, turn};
    if (has)
        OK(H5Zregister(&class));
    else
        OK(H5Zunregister(NUMBER));
}

static void
print_elements(const char *label, hid_t dataset)
{
    int elements[ELEMENTS], wrong = 0;
    OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, elements));
    for (int n = 0; n < ELEMENTS; n++)
        wrong += elements[n] != 3 * n;
    printf("%s: %d elements are wrong\n", label, wrong);
}

static hid_t
filled(hid_t file, const char *name, hid_t dcpl)
{
    hsize_t dims[1] = {ELEMENTS};
    int     elements[ELEMENTS];
    OK(H5Pset_chunk(dcpl, 1, dims));
    hid_t dataset = new_dataset(file, name, H5T_STD_I32LE, 1, dims, dcpl);
    for (int n = 0; n < ELEMENTS; n++)
        elements[n] = 3 * n;
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, elements));
    OK(H5Pclose(dcpl));
    return dataset;
}

static void
write_odd(const char *label, hid_t dataset, uint32_t left_out, size_t size, const void *bytes)
{
    hsize_t first[1] = {0};
    if (!is_native())
        FAILS(H5Dwrite_chunk(dataset, H5P_DEFAULT, left_out, first, size, bytes));
    print_elements(label, dataset);
}

static void
of_other_lengths(hid_t file)
{
    /* Ten zeros as zlib packs them. */
    static const unsigned char ten[] = {0x78, 0x9c, 0x63, 0x60, 0x80, 0x01, 0x00, 0x00, 0x0a, 0x00, 0x01};
    int                        bytes[10] = {0};
    hid_t plain = filled(file, "plain", OK(H5Pcreate(H5P_DATASET_CREATE)));
    hid_t dcpl  = OK(H5Pcreate(H5P_DATASET_CREATE));
    OK(H5Pset_deflate(dcpl, 6));
    hid_t packed = filled(file, "packed", dcpl);
    dcpl         = OK(H5Pcreate(H5P_DATASET_CREATE));
    OK(H5Pset_fletcher32(dcpl));
    hid_t checked = filled(file, "checked", dcpl);
    write_odd("too few bytes", plain, 0, sizeof bytes, bytes);
    write_odd("too few bytes that are not filtered", packed, 1, sizeof bytes, bytes);
    write_odd("too few bytes once they are unpacked", packed, 0, sizeof ten, ten);
    write_odd("bytes that cannot be unpacked", packed, 0, sizeof bytes, bytes);
    write_odd("less than a checksum", checked, 0, 2, bytes);
    OK(H5Dclose(plain));
    OK(H5Dclose(packed));
    OK(H5Dclose(checked));
}

static void
of_a_filter_that_is_gone(const char *name)
{
    hsize_t       first[1] = {0}, size = 0;
    unsigned char bytes[4 * ELEMENTS];
    have_filter(true);
    hid_t file = OK(H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    hid_t dcpl = OK(H5Pcreate(H5P_DATASET_CREATE));
    OK(H5Pset_filter(dcpl, NUMBER, H5Z_FLAG_MANDATORY, 0, NULL));
    hid_t dataset = filled(file, "turned", dcpl);
    OK(H5Fflush(file, H5F_SCOPE_GLOBAL));
    OK(H5Dget_chunk_storage_size(dataset, first, &size));
    SAME(size, sizeof bytes);
    for (int n = 0; n < ELEMENTS; n++) {
        int turned = ~(3 * n);
        memcpy(bytes + 4 * n, &turned, 4);
    }
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));

    have_filter(false);
    file    = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    dataset = OK(H5Dopen2(file, "turned", H5P_DEFAULT));
    /* HDF5 needs no filter for this; the connector does. */
    if (is_native())
        OK(H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, first, sizeof bytes, bytes));
    else
        FAILS(H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, first, sizeof bytes, bytes));
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));

    have_filter(true);
    file    = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    dataset = OK(H5Dopen2(file, "turned", H5P_DEFAULT));
    print_elements("without the filter", dataset);
    OK(H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, first, sizeof bytes, bytes));
    print_elements("with the filter", dataset);
    OK(H5Dclose(dataset));
    of_other_lengths(file);
    OK(H5Fclose(file));
}

int
main(int argc, char **argv)
{
    of_a_filter_that_is_gone(file_name(argc, argv));
    return 0;
}
