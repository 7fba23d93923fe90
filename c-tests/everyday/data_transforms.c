/* Arithmetic on elements during a transfer (H5Pset_data_transform). */
#include "check.h"

enum { COUNT = 6 };

static hid_t
transform(const char *expression)
{
    hid_t dxpl = OK(H5Pcreate(H5P_DATASET_XFER));
    OK(H5Pset_data_transform(dxpl, expression));
    return dxpl;
}

int
main(int argc, char **argv)
{
    static const char *const expressions[] = {"x",     "x + 1",   "(5/9.0)*(x - 32)", "7 / 2 * x",
                                              "-x",    "x/3*3",   "2.5e1",            "x*x - x",
                                              "10/x",  "300 + x", "+x*.5",            "4-3-x"};
    const hsize_t dims[1]        = {COUNT};
    const double  values[COUNT]  = {1, 2.5, -3, 40, 100.25, 212};
    hid_t         file           = new_file(file_name(argc, argv));
    hid_t         doubles        = new_dataset(file, "doubles", H5T_IEEE_F64BE, 1, dims, H5P_DEFAULT);
    hid_t         shorts         = new_dataset(file, "shorts", H5T_STD_I16LE, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(doubles, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    for (size_t i = 0; i < sizeof expressions / sizeof *expressions; i++) {
        hid_t       dxpl = transform(expressions[i]);
        double      d[COUNT];
        float       f[COUNT];
        int         n[COUNT];
        signed char c[COUNT];
        printf("%s\n", expressions[i]);
        OK(H5Dread(doubles, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, dxpl, d));
        print_doubles(" double", d, COUNT);
        OK(H5Dread(doubles, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, dxpl, f));
        for (int k = 0; k < COUNT; k++)
            printf(" %.9g", f[k]);
        OK(H5Dread(doubles, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, dxpl, n));
        print_ints("\n int", n, COUNT);
        OK(H5Dread(doubles, H5T_NATIVE_SCHAR, H5S_ALL, H5S_ALL, dxpl, c));
        for (int k = 0; k < COUNT; k++)
            printf(" %d", c[k]);
        /* Writing transforms the program's elements, and then converts them. */
        OK(H5Dwrite(shorts, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, dxpl, values));
        OK(H5Dread(shorts, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, n));
        print_ints("\n written", n, COUNT);
        OK(H5Pclose(dxpl));
    }
    hid_t dxpl = transform("x + 1");
    hid_t text = OK(H5Tcopy(H5T_C_S1));
    char  t[COUNT];
    hid_t letters = new_dataset(file, "letters", text, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(letters, text, H5S_ALL, H5S_ALL, H5P_DEFAULT, "abcdef"));
    FAILS(H5Dread(letters, text, H5S_ALL, H5S_ALL, dxpl, t));
    int reversed[COUNT];
    FAILS(H5Dread(doubles, H5T_STD_I32BE, H5S_ALL, H5S_ALL, dxpl, reversed));
    OK(H5Pclose(dxpl));
    OK(H5Tclose(text));
    OK(H5Dclose(letters));
    OK(H5Dclose(shorts));
    OK(H5Dclose(doubles));
    OK(H5Fclose(file));
    return 0;
}
