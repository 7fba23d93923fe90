/* Functions of files. */
#include "probe.h"

int
main(int argc, char **argv)
{
    hid_t       file = probe_file(argc, argv), none = H5ES_NONE;
    char        other[1000], name[1000];
    hsize_t     size;
    unsigned    u;
    double      rate;
    size_t      a, b, c;
    int         d;
    bool        yes, no;
    hid_t       ids[10];
    H5F_info1_t info1;
    H5F_info2_t info2;
    snprintf(other, sizeof other, "%s.other.h5", argv[1]);
    hid_t second = P(H5Fcreate(other, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    P(H5Fclose(second));
    second = P(H5Fcreate_async(other, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT, none));
    P(H5Fclose_async(second, none));
    P(H5Fis_accessible(other, H5P_DEFAULT));
    P(H5Fis_hdf5(other));
    second = P(H5Fopen(other, H5F_ACC_RDWR, H5P_DEFAULT));
    H5Fclose(P(H5Freopen(second)));
    H5Fclose(P(H5Freopen_async(second, none)));
    P(H5Fmount(file, "g", second, H5P_DEFAULT));
    P(H5Funmount(file, "g"));
    H5Fclose(second);
    H5Fclose(P(H5Fopen_async(other, H5F_ACC_RDWR, H5P_DEFAULT, none)));
    P(H5Fdelete(other, H5P_DEFAULT));
    P(H5Fflush(file, H5F_SCOPE_LOCAL));
    P(H5Fflush_async(file, H5F_SCOPE_LOCAL, none));
    H5Pclose(P(H5Fget_access_plist(file)));
    H5Pclose(P(H5Fget_create_plist(file)));
    unsigned long number;
    P(H5Fget_fileno(file, &number));
    P(H5Fget_intent(file, &u));
    P(H5Fget_name(file, name, sizeof name));
    P(H5Fget_obj_count(file, H5F_OBJ_ALL));
    P(H5Fget_obj_ids(file, H5F_OBJ_ALL, 10, ids));
    P(H5Fget_filesize(file, &size));

    /* About the local file format. */
    haddr_t eoa;
    P(H5Fclear_elink_file_cache(file));
    P(H5Fget_dset_no_attrs_hint(file, &yes));
    P(H5Fset_dset_no_attrs_hint(file, false));
    P(H5Fget_eoa(file, &eoa));
    P(H5Fget_file_image(file, NULL, 0));
    P(H5Fget_free_sections(file, H5FD_MEM_DEFAULT, 0, NULL));
    P(H5Fget_freespace(file));
    P(H5Fget_info1(file, &info1));
    P(H5Fget_info2(file, &info2));
    H5AC_cache_config_t config = {.version = H5AC__CURR_CACHE_CONFIG_VERSION};
    P(H5Fget_mdc_config(file, &config));
    H5AC_cache_config_t same = {.version = H5AC__CURR_CACHE_CONFIG_VERSION};
    hid_t               fapl = NEED(H5Pcreate(H5P_FILE_ACCESS));
    NEED(H5Pget_mdc_config(fapl, &same));
    P(H5Fset_mdc_config(file, &same));
    P(H5Fget_mdc_hit_rate(file, &rate));
    P(H5Freset_mdc_hit_rate_stats(file));
    P(H5Fget_mdc_image_info(file, &eoa, &size));
    P(H5Fget_mdc_logging_status(file, &yes, &no));
    P(H5Fget_mdc_size(file, &a, &b, &c, &d));
    H5F_retry_info_t retries;
    P(H5Fget_metadata_read_retry_info(file, &retries));
    void *handle;
    P(H5Fget_vfd_handle(file, H5P_DEFAULT, &handle));
    P(H5Fincrement_filesize(file, 100));
    P(H5Fset_latest_format(file, false));
    P(H5Fset_libver_bounds(file, H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST));
    P(H5Fformat_convert(file));
    H5Fclose(file);

    /* Each needs a file that was made for it. */
    char log[1000];
    snprintf(log, sizeof log, "%s.log", strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0]);
    NEED(H5Pset_libver_bounds(fapl, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST));
    NEED(H5Pset_mdc_log_options(fapl, true, log, false));
    file = NEED(H5Fcreate(other, H5F_ACC_TRUNC, H5P_DEFAULT, fapl));
    P(H5Fstart_mdc_logging(file));
    P(H5Fstop_mdc_logging(file));
    P(H5Fstart_swmr_write(file));
    H5Fclose(file);
    remove(log);
    hid_t    fcpl = NEED(H5Pcreate(H5P_FILE_CREATE));
    hid_t    paged = NEED(H5Pcreate(H5P_FILE_ACCESS));
    unsigned counts[5][2];
    NEED(H5Pset_file_space_strategy(fcpl, H5F_FSPACE_STRATEGY_PAGE, false, 1));
    NEED(H5Pset_page_buffer_size(paged, 65536, 0, 0));
    file = NEED(H5Fcreate(other, H5F_ACC_TRUNC, fcpl, paged));
    P(H5Freset_page_buffering_stats(file));
    P(H5Fget_page_buffering_stats(file, counts[0], counts[1], counts[2], counts[3], counts[4]));
    H5Fclose(file);
    H5Pclose(paged);
    H5Pclose(fcpl);
    H5Pclose(fapl);
    return 0;
}
