/*
 * C API of the HDF5 VOL connector for the HDF REST API.
 *
 * A program needs it only to choose the connector in its own code: naming the connector in
 * HDF5_VOL_CONNECTOR works with any program, without this header. Link with the program's own
 * HDF5 (1.14 or newer) and with libhdf5_vol_rest.
 */

#ifndef HDF5_VOL_REST_H
#define HDF5_VOL_REST_H

/* Made by `cargo xtask header` from src/capi/mod.rs. Do not edit. */

#include <hdf5.h>

/** Name of the connector, for HDF5_VOL_CONNECTOR and H5VLget_connector_id_by_name(). */
#define H5VL_REST_NAME "REST"
/** Registered number of the connector, for H5VLget_connector_id_by_value(). */
#define H5VL_REST_VALUE 520

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Makes the connector known to the program's HDF5 library.
 *
 * Calling it is optional: every other function here does it when needed. Calling it again has no
 * effect. The library needs neither `HDF5_PLUGIN_PATH` nor `HDF5_VOL_CONNECTOR` for this.
 *
 * @return 0, or a negative value with the reason on the HDF5 error stack.
 */
herr_t H5rest_init(void);

/**
 * Gives up what H5rest_init() made known. Files that are still open stay usable until they are
 * closed. Without effect when the connector was not initialized; a program that ends without it
 * loses nothing.
 *
 * @return 0, or a negative value with the reason on the HDF5 error stack.
 */
herr_t H5rest_term(void);

/**
 * Makes files that are created or opened with this file access property list live behind the HDF
 * REST API. Endpoint and credentials come from the environment (`HSDS_ENDPOINT`, ...) or from
 * the file `.hscfg`.
 *
 * @param fapl_id  a file access property list
 * @return 0, or a negative value with the reason on the HDF5 error stack.
 */
herr_t H5Pset_fapl_rest_vol(hid_t fapl_id);

/**
 * As H5Pset_fapl_rest_vol(), with settings of its own.
 *
 * @param fapl_id  a file access property list
 * @param info     C string with settings as they may follow the connector's name in
 *                 `HDF5_VOL_CONNECTOR`, for example
 *                 `"endpoint=http://localhost:5101;username=ann"`. They have precedence over the
 *                 environment and are copied. NULL for none.
 * @return 0, or a negative value with the reason on the HDF5 error stack.
 */
herr_t H5Pset_fapl_rest_vol_info(hid_t fapl_id, const char *info);

/**
 * As H5Pset_fapl_rest_vol(), with endpoint and credentials of its own.
 *
 * @param fapl_id   a file access property list
 * @param endpoint  C string, for example `"https://hsds.example.org"`; NULL or empty to use
 *                  the environment's
 * @param username  C string; NULL or empty to use the environment's
 * @param password  C string; NULL or empty to use the environment's
 * @return 0, or a negative value with the reason on the HDF5 error stack.
 */
herr_t H5Pset_fapl_rest_vol_connection(hid_t fapl_id,
                                       const char *endpoint,
                                       const char *username,
                                       const char *password);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* HDF5_VOL_REST_H */
