/* Functions of datasets. */
#include "probe.h"

static int
chunk(const hsize_t *offset, unsigned mask, haddr_t at, hsize_t size, void *data)
{
    (void)offset, (void)mask, (void)at, (void)size, (void)data;
    return 0;
}

static herr_t
element(void *value, hid_t type, unsigned rank, const hsize_t *point, void *data)
{
    (void)value, (void)type, (void)rank, (void)point, (void)data;
    return 0;
}

static herr_t
give(const void **source, size_t *size, void *data)
{
    *source = data;
    *size   = 6 * sizeof(int);
    return 0;
}

int
main(int argc, char **argv)
{
    const hsize_t      dims[2] = {4, 6}, origin[2] = {0, 0}, larger[2] = {6, 6}, six = 6;
    hid_t              file = probe_file(argc, argv), none = H5ES_NONE;
    hid_t              space = NEED(H5Screate_simple(2, dims, NULL));
    hid_t              line  = NEED(H5Screate_simple(1, &six, NULL));
    int                values[36] = {0}, more[36];
    hsize_t            offset[2], size;
    unsigned           mask;
    haddr_t            address;
    H5D_space_status_t status;
    hid_t set = P(H5Dcreate2(file, "e", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    P(H5Dwrite(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    P(H5Dget_offset(set) == HADDR_UNDEF ? -1 : 0);
    P(H5Dclose(set));
    H5Dclose(P(H5Dcreate1(file, "f", H5T_STD_I32LE, space, H5P_DEFAULT)));
    H5Dclose(P(H5Dcreate_anon(file, H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT)));
    H5Dclose(P(H5Dcreate_async(file, "h", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT,
                               none)));
    H5Dclose(P(H5Dopen1(file, "d")));
    P(H5Dclose_async(P(H5Dopen_async(file, "d", H5P_DEFAULT, none)), none));
    set = P(H5Dopen2(file, "d", H5P_DEFAULT));
    P(H5Dread(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    P(H5Dread_async(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values, none));
    P(H5Dwrite_async(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values, none));
    hid_t       types[1] = {H5T_NATIVE_INT}, all[1] = {H5S_ALL};
    void       *to[1]   = {values};
    const void *from[1] = {values};
    P(H5Dread_multi(1, &set, types, all, all, H5P_DEFAULT, to));
    P(H5Dwrite_multi(1, &set, types, all, all, H5P_DEFAULT, from));
    P(H5Dread_multi_async(1, &set, types, all, all, H5P_DEFAULT, to, none));
    P(H5Dwrite_multi_async(1, &set, types, all, all, H5P_DEFAULT, from, none));
    H5Pclose(P(H5Dget_access_plist(set)));
    H5Pclose(P(H5Dget_create_plist(set)));
    H5Sclose(P(H5Dget_space(set)));
    H5Sclose(P(H5Dget_space_async(set, none)));
    H5Tclose(P(H5Dget_type(set)));
    P(H5Dget_space_status(set, &status));
    P(H5Dget_storage_size(set));
    P(H5Dflush(set));
    P(H5Drefresh(set));
    P(H5Dset_extent(set, larger));
    P(H5Dset_extent_async(set, dims, none));
    P(H5Dextend(set, larger));
    P(H5Dfill(NULL, H5T_NATIVE_INT, values, H5T_NATIVE_INT, line));
    P(H5Dgather(line, values, H5T_NATIVE_INT, sizeof more, more, NULL, NULL));
    P(H5Dscatter(give, values, H5T_NATIVE_INT, line, more));
    P(H5Diterate(values, H5T_NATIVE_INT, line, element, NULL));
    hid_t vlen = NEED(H5Tvlen_create(H5T_NATIVE_INT));
    hid_t of   = NEED(H5Dcreate2(file, "v", vlen, line, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hvl_t lists[6];
    P(H5Dvlen_get_buf_size(of, vlen, line, &size));
    NEED(H5Dread(of, vlen, H5S_ALL, H5S_ALL, H5P_DEFAULT, lists));
    P(H5Dvlen_reclaim(vlen, line, H5P_DEFAULT, lists));
    H5Dclose(of);
    H5Tclose(vlen);

    /* About chunks as they are in a local file. */
    P(H5Dchunk_iter(set, H5P_DEFAULT, chunk, NULL));
    P(H5Dget_num_chunks(set, H5S_ALL, &size));
    P(H5Dget_chunk_info(set, H5S_ALL, 0, offset, &mask, &address, &size));
    P(H5Dget_chunk_info_by_coord(set, origin, &mask, &address, &size));
    P(H5Dget_chunk_storage_size(set, origin, &size));
    H5D_chunk_index_t index;
    P(H5Dget_chunk_index_type(set, &index));
    P(H5Dwrite_chunk(set, H5P_DEFAULT, 0, origin, 6 * sizeof(int), values));
#if H5_VERSION_GE(2, 0, 0)
    size_t   room   = sizeof values;
    uint32_t filter = 0;
    P(H5Dread_chunk1(set, H5P_DEFAULT, origin, &filter, values));
    P(H5Dread_chunk2(set, H5P_DEFAULT, origin, &filter, values, &room));
#else
    uint32_t filter = 0;
    P(H5Dread_chunk(set, H5P_DEFAULT, origin, &filter, values));
#endif
    P(H5Dformat_convert(set));
    P(H5Ddebug(set));
    H5Dclose(set);
    H5Sclose(line);
    H5Sclose(space);
    H5Fclose(file);
    return 0;
}
