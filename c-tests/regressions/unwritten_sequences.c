/* Sequences that were never written, read as sequences to which theirs cannot be converted: where HDF5 has
 * allocated nothing it converts nothing, and they are empty. */
#include "check.h"

enum { COUNT = 3 };

typedef struct {
    int   number;
    hvl_t list;
} Record;

static hid_t
record_of(hid_t sequence)
{
    hid_t type = OK(H5Tcreate(H5T_COMPOUND, sizeof(Record)));
    OK(H5Tinsert(type, "number", HOFFSET(Record, number), H5T_NATIVE_INT));
    OK(H5Tinsert(type, "list", HOFFSET(Record, list), sequence));
    return type;
}

/* Reads at once, or by an event set. */
static herr_t
read_all(hid_t dataset, hid_t as, bool later, void *records)
{
    herr_t  status;
    size_t  left   = 0;
    hbool_t failed = false;
    if (!later)
        return H5Dread(dataset, as, H5S_ALL, H5S_ALL, H5P_DEFAULT, records);
    hid_t set = OK(H5EScreate());
    status    = H5Dread_async(dataset, as, H5S_ALL, H5S_ALL, H5P_DEFAULT, records, set);
    OK(H5ESwait(set, H5ES_WAIT_FOREVER, &left, &failed));
    SAME(left, 0);
    OK(H5ESclose(set));
    return failed ? -1 : status;
}

/* Reads a dataset as another type, and tells whether that went well. */
static void
look(hid_t dataset, hid_t as, bool later, const char *label)
{
    Record records[COUNT];
    herr_t status;
    memset(records, 0x11, sizeof records);
    H5E_BEGIN_TRY
    {
        status = read_all(dataset, as, later, records);
    }
    H5E_END_TRY
    printf(" %s %s", label, status < 0 ? "fails" : "is read");
    if (status >= 0)
        for (size_t i = 0; i < H5Tget_size(as); i++)
            CHECK(((char *)records)[i] == 0);
}

int
main(int argc, char **argv)
{
    const hsize_t dims[1] = {COUNT}, chunk[1] = {2};
    hid_t         file    = new_file(file_name(argc, argv));
    hid_t         numbers = OK(H5Tvlen_create(H5T_NATIVE_INT)), texts = OK(H5Tvlen_create(H5T_C_S1));
    hid_t         types[2] = {numbers, record_of(numbers)}, others[2] = {texts, record_of(texts)};
    for (int layout = H5D_COMPACT; layout <= H5D_CHUNKED; layout++)
        for (int early = 0; early < 2; early++)
            for (int written = 0; written < 2; written++)
                for (int type = 0; type < 2; type++) {
                    char   name[32];
                    Record empty[COUNT];
                    hid_t  dcpl = layout == H5D_CHUNKED ? chunked(1, chunk) : OK(H5Pcreate(H5P_DATASET_CREATE));
                    memset(empty, 0, sizeof empty);
                    if (layout != H5D_CHUNKED)
                        OK(H5Pset_layout(dcpl, (H5D_layout_t)layout));
                    if (early)
                        OK(H5Pset_alloc_time(dcpl, H5D_ALLOC_TIME_EARLY));
                    snprintf(name, sizeof name, "%d %d %d %d", layout, early, written, type);
                    hid_t dataset = new_dataset(file, name, types[type], 1, dims, dcpl);
                    if (written)
                        OK(H5Dwrite(dataset, types[type], H5S_ALL, H5S_ALL, H5P_DEFAULT, empty));
                    printf("layout %d, early %d, written %d, type %d:", layout, early, written, type);
                    look(dataset, others[type], false, "made");
                    look(dataset, others[type], true, "made, later");
                    OK(H5Dclose(dataset));
                    dataset = OK(H5Dopen2(file, name, H5P_DEFAULT));
                    look(dataset, others[type], true, "opened, later");
                    look(dataset, others[type], false, "opened");
                    printf("\n");
                    OK(H5Dclose(dataset));
                    OK(H5Pclose(dcpl));
                }
    for (int type = 0; type < 2; type++) {
        OK(H5Tclose(types[type]));
        OK(H5Tclose(others[type]));
    }
    OK(H5Fclose(file));
    return 0;
}
