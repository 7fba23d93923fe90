/* Not-a-number, infinities and negative zero survive, as data, fill values and attributes. */
#include <math.h>

#include "check.h"

static void
expect_special(const double *values)
{
    CHECK(isnan(values[0]));
    CHECK(isinf(values[1]) && values[1] > 0);
    CHECK(isinf(values[2]) && values[2] < 0);
    CHECK(values[3] == 0 && signbit(values[3]));
    printf("nan %d inf %d minus inf %d minus zero %d\n", isnan(values[0]), values[1] > 0,
           values[2] < 0, signbit(values[3]) != 0);
}

int
main(int argc, char **argv)
{
    const char   *name    = file_name(argc, argv);
    hid_t         file    = new_file(name);
    const hsize_t dims[1] = {4};
    const double  data[4] = {NAN, INFINITY, -INFINITY, -0.0};
    double        found[4];

    hid_t dataset = new_dataset(file, "data", H5T_IEEE_F64LE, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dclose(dataset));

    hid_t dcpl = chunked(1, dims);
    OK(H5Pset_fill_value(dcpl, H5T_NATIVE_DOUBLE, &data[0]));
    OK(H5Dclose(new_dataset(file, "unwritten", H5T_IEEE_F64LE, 1, dims, dcpl)));
    OK(H5Pclose(dcpl));

    hid_t space = OK(H5Screate_simple(1, dims, NULL));
    hid_t attribute =
        OK(H5Acreate2(file, "attribute", H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Awrite(attribute, H5T_NATIVE_DOUBLE, data));
    OK(H5Aclose(attribute));
    OK(H5Sclose(space));
    OK(H5Fclose(file));

    file    = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    dataset = OK(H5Dopen2(file, "data", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    expect_special(found);
    OK(H5Dclose(dataset));

    dataset = OK(H5Dopen2(file, "unwritten", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    CHECK(isnan(found[0]) && isnan(found[3]));
    OK(H5Dclose(dataset));

    attribute = OK(H5Aopen(file, "attribute", H5P_DEFAULT));
    OK(H5Aread(attribute, H5T_NATIVE_DOUBLE, found));
    expect_special(found);
    OK(H5Aclose(attribute));
    OK(H5Fclose(file));
    return 0;
}
