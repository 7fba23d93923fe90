/* A program that is linked with the connector and with no HDF5: told so, not crashed. */
#include <stdio.h>

#include "hdf5_vol_rest.h"

int main(void)
{
    return H5rest_init() < 0 && H5rest_term() < 0 && H5Pset_fapl_rest_vol(1) < 0 ? 0 : 1;
}
