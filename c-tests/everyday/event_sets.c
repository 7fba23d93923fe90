/* Event sets: calls that may return before their work is done. Native HDF5 does all of it at once,
 * so this prints only what both must agree on. */
#include "check.h"

#define STEPS 4
#define POINTS 100

typedef struct {
    int    id;
    double value;
} record_t;

/* Waits for everything and says whether it went well. */
static void
finish(hid_t es, const char *what)
{
    size_t  left;
    hbool_t failed;
    OK(H5ESwait(es, H5ES_WAIT_FOREVER, &left, &failed));
    printf("%s: %zu left, %s\n", what, left, failed ? "failed" : "done");
}

static hid_t
record_type(void)
{
    hid_t type = OK(H5Tcreate(H5T_COMPOUND, sizeof(record_t)));
    OK(H5Tinsert(type, "id", HOFFSET(record_t, id), H5T_NATIVE_INT));
    OK(H5Tinsert(type, "value", HOFFSET(record_t, value), H5T_NATIVE_DOUBLE));
    return type;
}

/* A time series: the extent grows, each step writes its row, nobody waits in between. */
static void
grow(hid_t file, hid_t es)
{
    const hsize_t none[2] = {0, POINTS}, most[2] = {H5S_UNLIMITED, POINTS}, chunk[2] = {1, POINTS};
    hid_t         space = OK(H5Screate_simple(2, none, most));
    hid_t         dcpl  = chunked(2, chunk);
    hid_t         set   = OK(
        H5Dcreate_async(file, "series", H5T_STD_I16BE, space, H5P_DEFAULT, dcpl, H5P_DEFAULT, es));
    hsize_t row[2] = {1, POINTS};
    hid_t   memory = OK(H5Screate_simple(2, row, NULL));
    int     values[POINTS];
    for (hsize_t step = 0; step < STEPS; step++) {
        hsize_t extent[2] = {step + 1, POINTS}, start[2] = {step, 0};
        OK(H5Dset_extent_async(set, extent, es));
        hid_t part = OK(H5Dget_space_async(set, es));
        OK(H5Sselect_hyperslab(part, H5S_SELECT_SET, start, NULL, row, NULL));
        for (int i = 0; i < POINTS; i++)
            values[i] = (int)(1000 * step) + i;
        OK(H5Dwrite_async(set, H5T_NATIVE_INT, memory, part, H5P_DEFAULT, values, es));
        OK(H5Sclose(part));
        finish(es, "step");
    }
    OK(H5Dclose_async(set, es));
    OK(H5Sclose(memory));
    OK(H5Sclose(space));
    OK(H5Pclose(dcpl));
    finish(es, "series");
}

/* Many datasets written and read back, with a conversion each way. */
static void
many(hid_t file, hid_t es)
{
    hid_t         group   = OK(H5Gcreate_async(file, "many", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT, es));
    const hsize_t dims[1] = {POINTS};
    hid_t         space   = OK(H5Screate_simple(1, dims, NULL));
    hid_t         sets[STEPS];
    static double written[STEPS][POINTS], back[STEPS][POINTS];
    for (int n = 0; n < STEPS; n++) {
        char name[16];
        snprintf(name, sizeof(name), "set %d", n);
        sets[n] = OK(H5Dcreate_async(group, name, H5T_IEEE_F32BE, space, H5P_DEFAULT, H5P_DEFAULT,
                                     H5P_DEFAULT, es));
        for (int i = 0; i < POINTS; i++)
            written[n][i] = n + i / 2.0;
        OK(H5Dwrite_async(sets[n], H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, written[n], es));
    }
    /* A read sees what was written before it, and a write after it does not disturb it. */
    for (int n = 0; n < STEPS; n++) {
        hid_t type = OK(H5Tcopy(H5T_NATIVE_DOUBLE));
        OK(H5Dread_async(sets[n], type, H5S_ALL, H5S_ALL, H5P_DEFAULT, back[n], es));
        /* The program may do with its type what it likes. */
        OK(H5Tset_order(type, H5T_ORDER_BE));
        OK(H5Tclose(type));
    }
    finish(es, "many");
    for (int n = 0; n < STEPS; n++)
        print_doubles("first", back[n], 5);
    /* All in one call, every second element. */
    const hsize_t start[1] = {1}, stride[1] = {2}, count[1] = {POINTS / 2};
    hid_t         half     = OK(H5Scopy(space));
    OK(H5Sselect_hyperslab(half, H5S_SELECT_SET, start, stride, count, NULL));
    hid_t       types[STEPS], memories[STEPS], files[STEPS];
    const void *from[STEPS];
    void       *into[STEPS];
    for (int n = 0; n < STEPS; n++) {
        types[n]    = H5T_NATIVE_DOUBLE;
        memories[n] = files[n] = half;
        for (int i = 0; i < POINTS; i++)
            written[n][i] = -written[n][i];
        from[n] = written[n];
        into[n] = back[n];
    }
    OK(H5Dwrite_multi_async(STEPS, sets, types, memories, files, H5P_DEFAULT, from, es));
    for (int n = 0; n < STEPS; n++)
        memories[n] = files[n] = H5S_ALL;
    OK(H5Dread_multi_async(STEPS, sets, types, memories, files, H5P_DEFAULT, into, es));
    finish(es, "multi");
    for (int n = 0; n < STEPS; n++) {
        print_doubles("signs", back[n], 5);
        OK(H5Dclose_async(sets[n], es));
    }
    OK(H5Sclose(half));
    OK(H5Sclose(space));
    OK(H5Gclose_async(group, es));
    finish(es, "closed");
}

static void
attributes(hid_t file, hid_t es)
{
    hid_t         type      = record_type();
    const hsize_t dims[1]   = {2};
    hid_t         space     = OK(H5Screate_simple(1, dims, NULL));
    record_t      values[2] = {{1, 0.5}, {2, 1.5}}, back[2];
    hid_t attr = OK(H5Acreate_async(file, "records", type, space, H5P_DEFAULT, H5P_DEFAULT, es));
    OK(H5Awrite_async(attr, type, values, es));
    memset(back, 0, sizeof(back));
    OK(H5Aread_async(attr, type, back, es));
    finish(es, "attribute");
    printf("records: %d %g, %d %g\n", back[0].id, back[0].value, back[1].id, back[1].value);
    values[0].id = 7;
    OK(H5Awrite_async(attr, type, values, es));
    OK(H5Aclose_async(attr, es));
    OK(H5Arename_async(file, "records", "renamed", es));
    hbool_t there;
    OK(H5Aexists_async(file, "renamed", &there, es));
    finish(es, "renamed");
    attr = OK(H5Aopen_async(file, "renamed", H5P_DEFAULT, es));
    /* Without an event set it happens at once, after what was queued. */
    OK(H5Aread(attr, type, back));
    printf("renamed %s, first record %d\n", there ? "is there" : "is missing", back[0].id);
    OK(H5Aclose_async(attr, es));
    finish(es, "attribute closed");
    OK(H5Tclose(type));
    OK(H5Sclose(space));
}

/* Texts of any length: what is read belongs to the program. */
static void
texts(hid_t file, hid_t es)
{
    hid_t type = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(type, H5T_VARIABLE));
    const hsize_t dims[1]   = {3};
    hid_t         space     = OK(H5Screate_simple(1, dims, NULL));
    const char   *values[3] = {"one", "", "three hundred"};
    char         *back[3]   = {NULL, NULL, NULL};
    hid_t         set       = OK(
        H5Dcreate_async(file, "texts", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT, es));
    OK(H5Dwrite_async(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values, es));
    OK(H5Dread_async(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, back, es));
    finish(es, "texts");
    printf("texts: '%s' '%s' '%s'\n", back[0], back[1], back[2]);
    OK(H5Treclaim(type, space, H5P_DEFAULT, back));
    OK(H5Dclose(set));
    OK(H5Sclose(space));
    OK(H5Tclose(type));
}

/* Calls without an event set come after the queued ones of the same object; an ordinary close
 * delivers what was to be read. */
static void
mixed(hid_t file, hid_t es)
{
    const hsize_t dims[1]      = {POINTS};
    hid_t         set          = new_dataset(file, "mixed", H5T_STD_I32LE, 1, dims, H5P_DEFAULT);
    int           one[POINTS]  = {1}, two[POINTS] = {2}, back[POINTS];
    OK(H5Dwrite_async(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, one, es));
    OK(H5Dread(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, back));
    printf("queued, then at once: %d\n", back[0]);
    OK(H5Dwrite_async(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, one, es));
    OK(H5Dwrite(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, two));
    OK(H5Dread_async(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, back, es));
    OK(H5Dclose(set));
    printf("at once, then queued: %d\n", back[0]);
    /* Without any event set the _async calls are the ordinary ones. */
    set = OK(H5Dopen_async(file, "mixed", H5P_DEFAULT, H5ES_NONE));
    OK(H5Dread_async(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, back, H5ES_NONE));
    printf("no event set: %d\n", back[0]);
    OK(H5Dclose_async(set, H5ES_NONE));
    finish(es, "mixed");
    /* A deleted dataset may still be written to while it is open. */
    set = OK(H5Dopen_async(file, "mixed", H5P_DEFAULT, es));
    OK(H5Dwrite_async(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, one, es));
    OK(H5Ldelete_async(file, "mixed", H5P_DEFAULT, es));
    OK(H5Dclose_async(set, es));
    hbool_t there;
    OK(H5Lexists_async(file, "mixed", &there, H5P_DEFAULT, es));
    finish(es, "deleted");
    printf("mixed %s\n", there ? "is there" : "is gone");
}

static void
refused(const char *name, hid_t es)
{
    hid_t file = OK(H5Fopen_async(name, H5F_ACC_RDONLY, H5P_DEFAULT, es));
    hid_t set  = OK(H5Dopen_async(file, "series", H5P_DEFAULT, es));
    int   values[STEPS * POINTS];
    memset(values, 0, sizeof(values));
    /* What can be told at once fails at once. */
    FAILS(H5Dwrite_async(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values, es));
    FAILS(H5Dcreate_async(file, "new", H5T_STD_I32LE, H5S_ALL, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT, es));
    FAILS(H5Dopen_async(file, "missing", H5P_DEFAULT, es));
    FAILS(H5Dread_async(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, NULL, es));
    OK(H5Dread_async(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values, es));
    OK(H5Dclose_async(set, es));
    OK(H5Fclose_async(file, es));
    finish(es, "read only");
    printf("last value: %d\n", values[STEPS * POINTS - 1]);
}

/* The file is closed, replaced and deleted before anybody has waited for what was read of it. */
static void
replaced(const char *name, hid_t es)
{
    hid_t file = OK(H5Fopen_async(name, H5F_ACC_RDONLY, H5P_DEFAULT, es));
    hid_t set  = OK(H5Dopen_async(file, "many/set 1", H5P_DEFAULT, es));
    float values[POINTS];
    OK(H5Dread_async(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values, es));
    OK(H5Dclose_async(set, es));
    OK(H5Fclose_async(file, es));
    file = OK(H5Fcreate_async(name, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT, es));
    OK(H5Fclose_async(file, es));
    OK(H5Fdelete(name, H5P_DEFAULT));
    finish(es, "replaced");
    printf("read before: %g %g\n", values[0], values[1]);
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    hid_t       es   = OK(H5EScreate());
    hid_t       file = OK(H5Fcreate_async(name, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT, es));
    grow(file, es);
    many(file, es);
    attributes(file, es);
    texts(file, es);
    mixed(file, es);
    OK(H5Fflush_async(file, H5F_SCOPE_GLOBAL, es));
    OK(H5Fclose_async(file, es));
    /* The file is opened while it is still being closed. */
    refused(name, es);
    replaced(name, es);
    size_t  count;
    hbool_t failed;
    OK(H5ESget_count(es, &count));
    OK(H5ESget_err_status(es, &failed));
    printf("in the end: %zu, %s\n", count, failed ? "failed" : "no failure");
    OK(H5ESclose(es));
    return 0;
}
