/* Compound types: nested, with array and string members, read and written whole and in part. */
#include "check.h"

typedef struct {
    float x, y;
} point;

typedef struct {
    char      flag;
    double    weight;
    point     place;
    short     codes[3];
    char      label[8];
    long long serial;
} record;

enum { COUNT = 4 };

static hid_t
point_type(void)
{
    hid_t type = OK(H5Tcreate(H5T_COMPOUND, sizeof(point)));
    OK(H5Tinsert(type, "x", HOFFSET(point, x), H5T_NATIVE_FLOAT));
    OK(H5Tinsert(type, "y", HOFFSET(point, y), H5T_NATIVE_FLOAT));
    return type;
}

static hid_t
record_type(void)
{
    const hsize_t three[1] = {3};
    hid_t         place    = point_type();
    hid_t         codes    = OK(H5Tarray_create2(H5T_NATIVE_SHORT, 1, three));
    hid_t         label    = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(label, 8));
    hid_t type = OK(H5Tcreate(H5T_COMPOUND, sizeof(record)));
    OK(H5Tinsert(type, "flag", HOFFSET(record, flag), H5T_NATIVE_SCHAR));
    OK(H5Tinsert(type, "weight", HOFFSET(record, weight), H5T_NATIVE_DOUBLE));
    OK(H5Tinsert(type, "place", HOFFSET(record, place), place));
    OK(H5Tinsert(type, "codes", HOFFSET(record, codes), codes));
    OK(H5Tinsert(type, "label", HOFFSET(record, label), label));
    OK(H5Tinsert(type, "serial", HOFFSET(record, serial), H5T_NATIVE_LLONG));
    OK(H5Tclose(place));
    OK(H5Tclose(codes));
    OK(H5Tclose(label));
    return type;
}

static void
print_record(const record *one)
{
    printf("%d %g (%g, %g) %d %d %d %s %lld\n", one->flag, one->weight, (double)one->place.x,
           (double)one->place.y, one->codes[0], one->codes[1], one->codes[2], one->label, one->serial);
}

static void
write_whole(hid_t file)
{
    const hsize_t dims[1] = {COUNT};
    record        data[COUNT];
    memset(data, 0, sizeof data);
    for (int i = 0; i < COUNT; i++) {
        data[i].flag   = (char)(i - 1);
        data[i].weight = i * 1.5;
        data[i].place  = (point){(float)i, (float)-i};
        for (int j = 0; j < 3; j++)
            data[i].codes[j] = (short)(10 * i + j);
        snprintf(data[i].label, sizeof data[i].label, "item %d", i);
        data[i].serial = 1LL << (50 + i);
    }
    hid_t type = record_type();
    /* The file's layout without padding, as many programs write it. */
    hid_t packed = OK(H5Tcopy(type));
    OK(H5Tpack(packed));
    hid_t dataset = new_dataset(file, "records", packed, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dclose(dataset));
    dataset = new_dataset(file, "padded records", type, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dclose(dataset));
    OK(H5Tclose(packed));
    OK(H5Tclose(type));
}

static void
read_whole(hid_t file, const char *name)
{
    record found[COUNT];
    memset(found, 0, sizeof found);
    hid_t type    = record_type();
    hid_t dataset = OK(H5Dopen2(file, name, H5P_DEFAULT));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    printf("%s\n", name);
    for (int i = 0; i < COUNT; i++)
        print_record(&found[i]);
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
}

/* Other members of an element stay as they were. */
static void
write_members(hid_t file, const char *name)
{
    const double weights[COUNT] = {-1, -2, -3, -4};
    double       found[COUNT]   = {0};
    hid_t        type           = OK(H5Tcreate(H5T_COMPOUND, sizeof(double)));
    OK(H5Tinsert(type, "weight", 0, H5T_NATIVE_DOUBLE));
    hid_t dataset = OK(H5Dopen2(file, name, H5P_DEFAULT));
    OK(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, weights));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    print_doubles("weights", found, COUNT);
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
}

/* Members in another order and of other types than in the file. */
static void
read_other_view(hid_t file, const char *name)
{
    struct view {
        int    serial_low;
        float  weight;
        double flag;
    } found[COUNT];
    hid_t type = OK(H5Tcreate(H5T_COMPOUND, sizeof(struct view)));
    OK(H5Tinsert(type, "flag", HOFFSET(struct view, flag), H5T_NATIVE_DOUBLE));
    OK(H5Tinsert(type, "weight", HOFFSET(struct view, weight), H5T_NATIVE_FLOAT));
    hid_t dataset = OK(H5Dopen2(file, name, H5P_DEFAULT));
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int i = 0; i < COUNT; i++)
        printf("view %g %g\n", found[i].flag, (double)found[i].weight);
    OK(H5Dclose(dataset));
    OK(H5Tclose(type));
}

static void
print_members(hid_t file, const char *name)
{
    hid_t dataset = OK(H5Dopen2(file, name, H5P_DEFAULT));
    hid_t type    = OK(H5Dget_type(dataset));
    int   count   = (int)OK(H5Tget_nmembers(type));
    printf("%s: %d bytes, %d members:", name, (int)H5Tget_size(type), count);
    for (unsigned i = 0; i < (unsigned)count; i++) {
        char *member = H5Tget_member_name(type, i);
        printf(" %s(%d at %d)", member, (int)H5Tget_member_class(type, i),
               (int)H5Tget_member_offset(type, i));
        OK(H5free_memory(member));
    }
    printf("\n");
    OK(H5Tclose(type));
    OK(H5Dclose(dataset));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    hid_t       file = new_file(name);
    write_whole(file);
    read_whole(file, "records");
    write_members(file, "records");
    write_members(file, "padded records");
    OK(H5Fclose(file));

    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    read_whole(file, "records");
    read_whole(file, "padded records");
    read_other_view(file, "records");
    print_members(file, "records");
    print_members(file, "padded records");
    OK(H5Fclose(file));
    return 0;
}
