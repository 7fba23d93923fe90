/* Numeric types of mostly unused bits: HDF5 since 1.14.4 stores them only in files of the newer formats,
 * where the program relaxes its checks, or in objects that are of the newer formats by themselves. */
#include "check.h"

static void
print_outcome(const char *what, long long value)
{
    printf("  %s: %s\n", what, value < 0 ? "refused" : "done");
}

/* A float in the middle of an element, as for the N-bit filter. */
static void
float_with_offset(hid_t file)
{
    const double values[3] = {1.5, -2.25, 1000};
    double       found[3]  = {0};
    hsize_t      dims[1]   = {3};
    size_t       sign, exponent, exponent_bits, mantissa, mantissa_bits;
    hid_t        type = OK(H5Tcopy(H5T_IEEE_F32BE));
    OK(H5Tset_fields(type, 26, 20, 6, 7, 13));
    OK(H5Tset_offset(type, 7));
    OK(H5Tset_precision(type, 20));
    OK(H5Tset_size(type, 4));
    OK(H5Tset_ebias(type, 31));
    hid_t dataset = new_dataset(file, "float with offset", type, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));

    dataset = OK(H5Dopen2(file, "float with offset", H5P_DEFAULT));
    type    = OK(H5Dget_type(dataset));
    OK(H5Tget_fields(type, &sign, &exponent, &exponent_bits, &mantissa, &mantissa_bits));
    printf("fields %zu, %zu %zu, %zu %zu, offset %d, precision %zu, size %zu\n", sign, exponent,
           exponent_bits, mantissa, mantissa_bits, H5Tget_offset(type), H5Tget_precision(type),
           H5Tget_size(type));
    OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print_doubles("values", found, 3);
    OK(H5Tclose(type));
    OK(H5Dclose(dataset));
}

/* Closes what was created, if it was. */
static void
close_created(const char *what, hid_t object, herr_t (*close)(hid_t))
{
    print_outcome(what, object);
    if (object >= 0)
        OK(close(object));
}

/* Tries a dataset, an attribute and a committed type of this type. */
static void
store(hid_t file, const char *label, hid_t type, hid_t dcpl, hid_t tcpl)
{
    char  name[80];
    hid_t space = OK(H5Screate(H5S_SCALAR));
    hid_t named = OK(H5Tcopy(type));
    printf(" %s\n", label);
    H5E_BEGIN_TRY
    {
        snprintf(name, sizeof name, "%s, dataset", label);
        close_created("dataset", H5Dcreate2(file, name, type, space, H5P_DEFAULT, dcpl, H5P_DEFAULT),
                      H5Dclose);
        snprintf(name, sizeof name, "%s, attribute", label);
        close_created("attribute", H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT),
                      H5Aclose);
        snprintf(name, sizeof name, "%s, type", label);
        print_outcome("type", H5Tcommit2(file, name, named, H5P_DEFAULT, tcpl, H5P_DEFAULT));
    }
    H5E_END_TRY
    OK(H5Tclose(named));
    OK(H5Sclose(space));
}

/* An integer of this size, precision and offset. */
static hid_t
integer(size_t size, size_t precision, size_t offset)
{
    hid_t type = OK(H5Tcopy(H5T_STD_I8LE));
    OK(H5Tset_size(type, size));
    OK(H5Tset_precision(type, precision));
    OK(H5Tset_offset(type, offset));
    return type;
}

static void
store_all(hid_t file)
{
    hid_t dcpl = OK(H5Pcreate(H5P_DATASET_CREATE));
    hid_t tcpl = OK(H5Pcreate(H5P_DATATYPE_CREATE));
    OK(H5Pset_attr_creation_order(dcpl, H5P_CRT_ORDER_TRACKED));
    OK(H5Pset_attr_creation_order(tcpl, H5P_CRT_ORDER_TRACKED));
    hid_t half = integer(4, 16, 0), fewer = integer(4, 15, 0), high = integer(4, 15, 16);
    hid_t wide = integer(1000, 32, 0), byte = integer(1, 2, 0);
    hid_t bits = OK(H5Tcopy(H5T_STD_B32LE));
    OK(H5Tset_precision(bits, 3));
    hid_t real = OK(H5Tcopy(H5T_IEEE_F32LE));
    OK(H5Tset_size(real, 12));
    hid_t pair = OK(H5Tcreate(H5T_COMPOUND, 8));
    OK(H5Tinsert(pair, "few", 0, fewer));
    OK(H5Tinsert(pair, "half", 4, half));

    store(file, "half of 32 bits", half, H5P_DEFAULT, H5P_DEFAULT);
    store(file, "15 of 32 bits", fewer, H5P_DEFAULT, H5P_DEFAULT);
    store(file, "15 of 32 bits, tracked", fewer, dcpl, tcpl);
    store(file, "15 high bits of 32", high, H5P_DEFAULT, H5P_DEFAULT);
    store(file, "32 of 8000 bits", wide, H5P_DEFAULT, H5P_DEFAULT);
    store(file, "2 of 8 bits", byte, H5P_DEFAULT, H5P_DEFAULT);
    store(file, "bitfield", bits, H5P_DEFAULT, H5P_DEFAULT);
    store(file, "float", real, H5P_DEFAULT, H5P_DEFAULT);
    store(file, "compound", pair, H5P_DEFAULT, H5P_DEFAULT);

    hid_t ids[] = {half, fewer, high, wide, byte, bits, real, pair};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        OK(H5Tclose(ids[i]));
    OK(H5Pclose(dcpl));
    OK(H5Pclose(tcpl));
}

int
main(int argc, char **argv)
{
    const char *name   = file_name(argc, argv);
    const char *labels[] = {"oldest format", "relaxed", "1.8 format", "latest format"};
    for (int i = 0; i < 4; i++) {
        hid_t fapl = OK(H5Pcreate(H5P_FILE_ACCESS));
        OK(H5Pset_libver_bounds(fapl, H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST));
        if (i == 1)
            OK(H5Pset_relax_file_integrity_checks(fapl, H5F_RFIC_UNUSUAL_NUM_UNUSED_NUMERIC_BITS));
        else if (i == 2)
            OK(H5Pset_libver_bounds(fapl, H5F_LIBVER_V18, H5F_LIBVER_LATEST));
        else if (i == 3)
            OK(H5Pset_libver_bounds(fapl, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST));
        hid_t file = OK(H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, fapl));
        printf("%s\n", labels[i]);
        store_all(file);
        float_with_offset(file);
        OK(H5Fclose(file));
        OK(H5Pclose(fapl));
    }

    /* A file of a newer format goes on in it. */
    hid_t file = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    hid_t type = integer(8, 20, 1);
    store(file, "opened again", type, H5P_DEFAULT, H5P_DEFAULT);
    OK(H5Tclose(type));
    OK(H5Fclose(file));
    return 0;
}
