/* References of HDF5 1.8 that a program keeps while it closes files and opens them again: they stay
 * good, mean what they meant, and are the same bytes whenever they are read. */
#include "check.h"

enum { REGIONS = 3, OTHERS = 20 };

static hobj_ref_t
reference_to(hid_t file, const char *path)
{
    hobj_ref_t made = 0;
    OK(H5Rcreate(&made, file, path, H5R_OBJECT, -1));
    return made;
}

static void
print_target(hid_t file, const char *label, hobj_ref_t reference)
{
    char  name[80] = "", by_name[80] = "";
    hid_t object = OK(H5Rdereference2(file, H5P_DEFAULT, H5R_OBJECT, &reference));
    OK(H5Rget_name(file, H5R_OBJECT, &reference, by_name, sizeof by_name));
    OK(H5Iget_name(object, name, sizeof name));
    printf("%s: %s, opened %s\n", label, by_name, name);
    OK(H5Oclose(object));
}

/* What was stored means the same object, and is read as it was written. */
static void
print_stored(hid_t file, const char *name, const hobj_ref_t *written)
{
    hobj_ref_t found[2] = {0, 0}, single = 0;
    hid_t      dataset   = OK(H5Dopen2(file, name, H5P_DEFAULT));
    hid_t      attribute = OK(H5Aopen(dataset, "single", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    OK(H5Aread(attribute, H5T_STD_REF_OBJ, &single));
    print_target(file, "stored first", found[0]);
    print_target(file, "stored second", found[1]);
    print_target(file, "in the attribute", single);
    if (written != NULL)
        printf("as written: %d\n", memcmp(found, written, sizeof found) == 0);
    OK(H5Aclose(attribute));
    OK(H5Dclose(dataset));
}

static void
store(hid_t file, const char *name, const hobj_ref_t *references)
{
    const hsize_t two[1]    = {2};
    hid_t         dataset   = new_dataset(file, name, H5T_STD_REF_OBJ, 1, two, H5P_DEFAULT);
    hid_t         type      = OK(H5Tcopy(H5T_STD_REF_OBJ)), scalar = OK(H5Screate(H5S_SCALAR));
    hid_t attribute = OK(H5Acreate2(dataset, "single", type, scalar, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Dwrite(dataset, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, references));
    OK(H5Awrite(attribute, H5T_STD_REF_OBJ, references));
    OK(H5Aclose(attribute));
    OK(H5Sclose(scalar));
    OK(H5Tclose(type));
    OK(H5Dclose(dataset));
}

/* More files with references of their own than anybody remembers. */
static void
use_other_files(const char *name)
{
    const hsize_t dims[1] = {3};
    for (int i = 0; i < OTHERS; i++) {
        char other_name[1000];
        snprintf(other_name, sizeof other_name, "%s.other%d", name, i);
        hid_t other = new_file(other_name);
        OK(H5Dclose(new_dataset(other, "x", H5T_STD_I32LE, 1, dims, H5P_DEFAULT)));
        CHECK(reference_to(other, "x") != 0);
        OK(H5Fclose(other));
        OK(H5Fdelete(other_name, H5P_DEFAULT));
    }
}

static void
object_references(const char *name)
{
    hid_t      file  = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    hobj_ref_t group = reference_to(file, "group"), a = reference_to(file, "a");
    OK(H5Fclose(file));

    file = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    print_target(file, "the group again", group);
    print_target(file, "a again", a);
    const hobj_ref_t old[2] = {a, group};
    store(file, "old", old);
    OK(H5Fclose(file));

    file         = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    hobj_ref_t b = reference_to(file, "b"), both[2] = {a, b};
    printf("a and b are %s\n", a == b ? "the same" : "different");
    print_target(file, "a beside b", a);
    print_target(file, "b", b);
    print_stored(file, "old", old);
    store(file, "both", both);
    print_stored(file, "both", both);
    OK(H5Fclose(file));

    use_other_files(name);
    file         = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    hobj_ref_t c = reference_to(file, "group/c"), d = reference_to(file, "d");
    CHECK(c != a && c != b && d != a && d != b && c != d);
    print_target(file, "a after others", a);
    print_target(file, "b after others", b);
    print_target(file, "c", c);
    print_target(file, "d", d);
    print_stored(file, "both", both);
    store(file, "again", both);
    print_stored(file, "again", both);
    OK(H5Fclose(file));

    file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    print_stored(file, "old", NULL);
    print_stored(file, "again", both);
    OK(H5Fclose(file));
}

static void
print_region(hid_t file, const char *label, const hdset_reg_ref_t *reference)
{
    char    name[80] = "";
    hsize_t start[2], end[2];
    hid_t   space = OK(H5Rget_region(file, H5R_DATASET_REGION, reference));
    OK(H5Rget_name(file, H5R_DATASET_REGION, reference, name, sizeof name));
    OK(H5Sget_select_bounds(space, start, end));
    printf("%s: %lld elements of %s, %d,%d to %d,%d\n", label, (long long)H5Sget_select_npoints(space), name,
           (int)start[0], (int)start[1], (int)end[0], (int)end[1]);
    OK(H5Sclose(space));
}

static void
make_regions(hid_t file, hdset_reg_ref_t *made)
{
    const hsize_t dims[2] = {6, 8}, count[2] = {2, 3};
    hid_t         space = OK(H5Screate_simple(2, dims, NULL));
    for (hsize_t i = 0; i < REGIONS; i++) {
        const hsize_t start[2] = {i, 2 * i};
        OK(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL));
        OK(H5Rcreate(&made[i], file, "group/c", H5R_DATASET_REGION, space));
    }
    OK(H5Sclose(space));
}

static void
regions(const char *name)
{
    const hsize_t   dims[1] = {REGIONS};
    hdset_reg_ref_t made[REGIONS], first[REGIONS], found[REGIONS];
    memset(made, 0, sizeof made);
    hid_t file = OK(H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT));
    make_regions(file, made);
    hid_t dataset = new_dataset(file, "regions", H5T_STD_REF_DSETREG, 1, dims, H5P_DEFAULT);
    OK(H5Dwrite(dataset, H5T_STD_REF_DSETREG, H5S_ALL, H5S_ALL, H5P_DEFAULT, made));
    OK(H5Dread(dataset, H5T_STD_REF_DSETREG, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    printf("regions as written: %d\n", memcmp(found, made, sizeof made) == 0);
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));

    file    = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    dataset = OK(H5Dopen2(file, "regions", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_STD_REF_DSETREG, H5S_ALL, H5S_ALL, H5P_DEFAULT, first));
    int same = 1;
    for (int round = 0; round < 100; round++) {
        OK(H5Dread(dataset, H5T_STD_REF_DSETREG, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
        same = same && memcmp(found, first, sizeof first) == 0;
    }
    printf("regions are read alike each time: %d\n", same);
    for (int i = 0; i < REGIONS; i++) {
        print_region(file, "read", &found[i]);
        print_region(file, "kept", &made[i]);
    }
    OK(H5Dclose(dataset));
    OK(H5Fclose(file));
}

int
main(int argc, char **argv)
{
    const char   *name    = file_name(argc, argv);
    const hsize_t line[1] = {4}, table[2] = {6, 8};
    hid_t         file = new_file(name);
    OK(H5Gclose(OK(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Dclose(new_dataset(file, "a", H5T_STD_I32LE, 1, line, H5P_DEFAULT)));
    OK(H5Dclose(new_dataset(file, "b", H5T_STD_I32LE, 1, line, H5P_DEFAULT)));
    OK(H5Dclose(new_dataset(file, "group/c", H5T_STD_I32LE, 2, table, H5P_DEFAULT)));
    OK(H5Dclose(new_dataset(file, "d", H5T_STD_I32LE, 1, line, H5P_DEFAULT)));
    OK(H5Fclose(file));
    object_references(name);
    regions(name);
    return 0;
}
