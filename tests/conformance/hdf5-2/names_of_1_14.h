/* What the test sources of HDF5 1.14.5 take for granted and HDF5 2 no longer has. Included before
 * each of them. */

/* Which of two functions of one name is meant. */
#define H5Iregister_type_vers 1

/* The public header comes first, as in the sources: it makes predefined ids open the library. */
#include "hdf5.h"

#include "H5private.h"

/* Tests look into the structure, which has moved to a private header. */
#define H5VL_FRIEND
#include "H5VLpkg.h"

#define TRUE  true
#define FALSE false

#define HDrandom  random
#define HDsrandom srandom

/* Pragmas around format strings; warnings of these sources are not shown. */
#define H5_GCC_DIAG_OFF(name)
#define H5_GCC_DIAG_ON(name)
#define H5_GCC_CLANG_DIAG_OFF(name)
#define H5_GCC_CLANG_DIAG_ON(name)

/* The classes of datatypes that the tests know: they make datatypes of a random class, and HDF5 2 has
 * complex numbers, too. */
#define H5T_NCLASSES 11

/* Whether two ids mean the same connector. */
static inline bool
same_connector(hid_t one, hid_t other)
{
    int different = 1;
    return H5VLcmp_connector_cls(&different, one, other) >= 0 && different == 0;
}
