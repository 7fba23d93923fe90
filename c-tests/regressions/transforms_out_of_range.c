/* Data transforms whose results do not fit the program's type. */
#include "check.h"

enum { COUNT = 4 };

int
main(int argc, char **argv)
{
    const char   *expressions[] = {"x/0", "x-5", "x*-1e300", "x*1e19", "x*1e10", "2-x", "x*300", "0/x"};
    const hsize_t dims[1]       = {COUNT};
    const int     values[COUNT] = {0, 1, 2, 70000};
    hid_t         file          = new_file(file_name(argc, argv));
    hid_t         dataset       = new_dataset(file, "values", H5T_STD_I32LE, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    for (size_t n = 0; n < sizeof expressions / sizeof *expressions; n++) {
        signed char        c[COUNT];
        unsigned char      uc[COUNT];
        short              s[COUNT];
        unsigned short     us[COUNT];
        int                i[COUNT];
        unsigned           u[COUNT];
        long long          l[COUNT];
        unsigned long long ul[COUNT];
        float              f[COUNT];
        hid_t              dxpl = OK(H5Pcreate(H5P_DATASET_XFER));
        OK(H5Pset_data_transform(dxpl, expressions[n]));
        OK(H5Dread(dataset, H5T_NATIVE_SCHAR, H5S_ALL, H5S_ALL, dxpl, c));
        OK(H5Dread(dataset, H5T_NATIVE_UCHAR, H5S_ALL, H5S_ALL, dxpl, uc));
        OK(H5Dread(dataset, H5T_NATIVE_SHORT, H5S_ALL, H5S_ALL, dxpl, s));
        OK(H5Dread(dataset, H5T_NATIVE_USHORT, H5S_ALL, H5S_ALL, dxpl, us));
        OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, dxpl, i));
        OK(H5Dread(dataset, H5T_NATIVE_UINT, H5S_ALL, H5S_ALL, dxpl, u));
        OK(H5Dread(dataset, H5T_NATIVE_LLONG, H5S_ALL, H5S_ALL, dxpl, l));
        OK(H5Dread(dataset, H5T_NATIVE_ULLONG, H5S_ALL, H5S_ALL, dxpl, ul));
        OK(H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, dxpl, f));
        printf("%s:\n", expressions[n]);
        for (int k = 0; k < COUNT; k++)
            printf("  %d %d %d %d %d %u %lld %llu %g\n", c[k], uc[k], s[k], us[k], i[k], u[k], l[k], ul[k], f[k]);
        OK(H5Pclose(dxpl));
    }
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
    return 0;
}
