/*
 * For programs written for the C REST VOL: the same entry points, declared under that
 * connector's header name. New programs include hdf5_vol_rest.h.
 */
#ifndef REST_VOL_PUBLIC_H
#define REST_VOL_PUBLIC_H

#include "hdf5_vol_rest.h"

#endif /* REST_VOL_PUBLIC_H */
