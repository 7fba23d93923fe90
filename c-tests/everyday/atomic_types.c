/* Contiguous and chunked datasets of every integer and float type, in both byte orders. */
#include <math.h>

#include "check.h"

enum { ROWS = 7, COLUMNS = 5, COUNT = ROWS * COLUMNS };

struct kind {
    const char *name;
    hid_t       file_type;
    hid_t       memory_type;
    bool        is_signed;
    bool        is_float;
};

/* Values at both ends of the range, and around zero. */
static void
fill(const struct kind *kind, void *buffer)
{
    size_t size = H5Tget_size(kind->memory_type);
    for (int i = 0; i < COUNT; i++) {
        char *place = (char *)buffer + (size_t)i * size;
        if (kind->is_float && size == sizeof(float)) {
            float value = (float)(i - 17) * 1.25e20F;
            memcpy(place, &value, size);
        }
        else if (kind->is_float) {
            double value = (double)(i - 17) * -3.5e200;
            memcpy(place, &value, size);
        }
        else {
            unsigned long long top   = size == 8 ? ~0ULL : (1ULL << (8 * size)) - 1;
            unsigned long long value = i % 3 == 0 ? top - (unsigned)i
                                     : i % 3 == 1 ? (top >> 1) + (unsigned)i - 1
                                                  : (unsigned)i;
            memcpy(place, &value, size); /* little-endian machines only, like all we run on */
        }
    }
}

static void
print(const struct kind *kind, const char *label, const void *buffer)
{
    double values[COUNT];
    size_t size = H5Tget_size(kind->memory_type);
    char   copy[COUNT * sizeof(double)];
    memcpy(copy, buffer, COUNT * size);
    OK(H5Tconvert(kind->memory_type, H5T_NATIVE_DOUBLE, COUNT, copy, NULL, H5P_DEFAULT));
    memcpy(values, copy, sizeof values);
    printf("%s %s", kind->name, label);
    print_doubles("", values, 8);
}

static void
round_trip(hid_t file, const struct kind *kind, const char *label, hid_t dcpl)
{
    char    name[64];
    hsize_t dims[2]                       = {ROWS, COLUMNS};
    char    written[COUNT * sizeof(long)] = {0};
    char    found[COUNT * sizeof(long)]   = {0};
    size_t  bytes                         = COUNT * H5Tget_size(kind->memory_type);
    snprintf(name, sizeof name, "%s %s", kind->name, label);
    fill(kind, written);

    hid_t dataset = new_dataset(file, name, kind->file_type, 2, dims, dcpl);
    OK(H5Dwrite(dataset, kind->memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, written));
    OK(H5Dread(dataset, kind->memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    CHECK(memcmp(written, found, bytes) == 0);
    OK(H5Dclose(dataset));
}

static void
read_again(hid_t file, const struct kind *kind, const char *label)
{
    char   name[64];
    char   expected[COUNT * sizeof(long)] = {0};
    char   found[COUNT * sizeof(long)]    = {0};
    size_t bytes                          = COUNT * H5Tget_size(kind->memory_type);
    snprintf(name, sizeof name, "%s %s", kind->name, label);
    fill(kind, expected);

    hid_t dataset = OK(H5Dopen2(file, name, H5P_DEFAULT));
    hid_t type    = OK(H5Dget_type(dataset));
    SAME(H5Tequal(type, kind->file_type), 1);
    OK(H5Dread(dataset, kind->memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    CHECK(memcmp(expected, found, bytes) == 0);
    print(kind, label, found);
    OK(H5Tclose(type));
    OK(H5Dclose(dataset));
}

int
main(int argc, char **argv)
{
    const char       *name    = file_name(argc, argv);
    hid_t             file    = new_file(name);
    const struct kind kinds[] = {
        {"int8 le", H5T_STD_I8LE, H5T_NATIVE_SCHAR, true, false},
        {"int8 be", H5T_STD_I8BE, H5T_NATIVE_SCHAR, true, false},
        {"uint8", H5T_STD_U8LE, H5T_NATIVE_UCHAR, false, false},
        {"int16 le", H5T_STD_I16LE, H5T_NATIVE_SHORT, true, false},
        {"int16 be", H5T_STD_I16BE, H5T_NATIVE_SHORT, true, false},
        {"uint16 le", H5T_STD_U16LE, H5T_NATIVE_USHORT, false, false},
        {"uint16 be", H5T_STD_U16BE, H5T_NATIVE_USHORT, false, false},
        {"int32 le", H5T_STD_I32LE, H5T_NATIVE_INT, true, false},
        {"int32 be", H5T_STD_I32BE, H5T_NATIVE_INT, true, false},
        {"uint32 le", H5T_STD_U32LE, H5T_NATIVE_UINT, false, false},
        {"uint32 be", H5T_STD_U32BE, H5T_NATIVE_UINT, false, false},
        {"int64 le", H5T_STD_I64LE, H5T_NATIVE_LLONG, true, false},
        {"int64 be", H5T_STD_I64BE, H5T_NATIVE_LLONG, true, false},
        {"uint64 le", H5T_STD_U64LE, H5T_NATIVE_ULLONG, false, false},
        {"uint64 be", H5T_STD_U64BE, H5T_NATIVE_ULLONG, false, false},
        {"float32 le", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, true, true},
        {"float32 be", H5T_IEEE_F32BE, H5T_NATIVE_FLOAT, true, true},
        {"float64 le", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, true, true},
        {"float64 be", H5T_IEEE_F64BE, H5T_NATIVE_DOUBLE, true, true},
    };
    const hsize_t chunk[2] = {3, 2};
    hid_t         dcpl     = chunked(2, chunk);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        round_trip(file, &kinds[i], "contiguous", H5P_DEFAULT);
        round_trip(file, &kinds[i], "chunked", dcpl);
    }
    OK(H5Pclose(dcpl));
    OK(H5Fclose(file));

    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        read_again(file, &kinds[i], "contiguous");
        read_again(file, &kinds[i], "chunked");
    }
    OK(H5Fclose(file));
    return 0;
}
