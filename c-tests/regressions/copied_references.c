/* Copies to another file of what references lead to (H5O_COPY_EXPAND_REFERENCE_FLAG), and of committed
 * datatypes that are there already (H5O_COPY_MERGE_COMMITTED_DTYPE_FLAG). */
#include "check.h"

#define COUNT 3

static const char *const kinds[] = {"object", "region", "new"};

/* A group of datasets and attributes with references to a dataset, and to nothing. */
static void
make_references(hid_t file)
{
    const hsize_t dims[1] = {COUNT}, numbers[1] = {4}, start[1] = {1}, count[1] = {2};
    const int     values[4] = {1, 2, 3, 4};
    hid_t         target = new_dataset(file, "target", H5T_STD_I32LE, 1, numbers, H5P_DEFAULT);
    OK(H5Dwrite(target, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    hid_t part = OK(H5Dget_space(target));
    OK(H5Sselect_hyperslab(part, H5S_SELECT_SET, start, NULL, count, NULL));
    hobj_ref_t      objects[COUNT] = {0};
    hdset_reg_ref_t regions[COUNT];
    H5R_ref_t       references[COUNT];
    memset(regions, 0, sizeof regions);
    memset(references, 0, sizeof references);
    OK(H5Rcreate(&objects[1], file, "target", H5R_OBJECT, -1));
    OK(H5Rcreate(&regions[1], file, "target", H5R_DATASET_REGION, part));
    OK(H5Rcreate_region(file, "target", part, H5P_DEFAULT, &references[1]));
    const hid_t types[]  = {H5T_STD_REF_OBJ, H5T_STD_REF_DSETREG, H5T_STD_REF};
    const void *buffers[] = {objects, regions, references};
    hid_t       group    = OK(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t       space    = OK(H5Screate_simple(1, dims, NULL));
    for (int i = 0; i < 3; i++) {
        hid_t dataset   = new_dataset(group, kinds[i], types[i], 1, dims, H5P_DEFAULT);
        hid_t attribute = OK(H5Acreate2(group, kinds[i], types[i], space, H5P_DEFAULT, H5P_DEFAULT));
        OK(H5Dwrite(dataset, types[i], H5S_ALL, H5S_ALL, H5P_DEFAULT, buffers[i]));
        OK(H5Awrite(attribute, types[i], buffers[i]));
        OK(H5Aclose(attribute));
        OK(H5Dclose(dataset));
    }
    OK(H5Rdestroy(&references[1]));
    OK(H5Sclose(space));
    OK(H5Sclose(part));
    OK(H5Gclose(group));
    OK(H5Dclose(target));
}

static void
print_references(const char *label, H5R_ref_t *references)
{
    const H5R_ref_t null = {0};
    printf(" %s:", label);
    for (int i = 0; i < COUNT; i++) {
        if (memcmp(&references[i], &null, sizeof null) == 0) {
            printf(" null");
            continue;
        }
        int     values[4] = {0};
        hid_t   dataset   = OK(H5Ropen_object(&references[i], H5P_DEFAULT, H5P_DEFAULT));
        hssize_t points   = -1;
        OK(H5Dread(dataset, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
        if (H5Rget_type(&references[i]) == H5R_DATASET_REGION2) {
            hid_t space = OK(H5Ropen_region(&references[i], H5P_DEFAULT, H5P_DEFAULT));
            points      = H5Sget_select_npoints(space);
            OK(H5Sclose(space));
        }
        printf(" (%d %d %d %d, %d points)", values[0], values[1], values[2], values[3], (int)points);
        OK(H5Dclose(dataset));
        OK(H5Rdestroy(&references[i]));
    }
    printf("\n");
}

/* Names of copies that only references lead to are not the same everywhere, but their number is. */
static void
print_count(hid_t file)
{
    H5G_info_t info;
    OK(H5Gget_info(file, &info));
    printf("%d objects in the file\n", (int)info.nlinks);
}

static void
print_copy(hid_t file, const char *name)
{
    hid_t group = OK(H5Gopen2(file, name, H5P_DEFAULT));
    printf("%s\n", name);
    for (int i = 0; i < 3; i++) {
        H5R_ref_t found[COUNT];
        memset(found, 0, sizeof found);
        hid_t dataset = OK(H5Dopen2(group, kinds[i], H5P_DEFAULT));
        OK(H5Dread(dataset, H5T_STD_REF, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
        print_references(kinds[i], found);
        OK(H5Dclose(dataset));
        /* In the same file native HDF5 changes references in attributes, those in datasets it keeps. */
        if (strcmp(name, "here") == 0)
            continue;
        memset(found, 0, sizeof found);
        hid_t attribute = OK(H5Aopen(group, kinds[i], H5P_DEFAULT));
        OK(H5Aread(attribute, H5T_STD_REF, found));
        print_references("attribute", found);
        OK(H5Aclose(attribute));
    }
    OK(H5Gclose(group));
}

static void
refers_to_its_own(hid_t file)
{
    hobj_ref_t  references[COUNT];
    H5O_info2_t referred, own;
    int         different;
    hid_t       dataset = OK(H5Dopen2(file, "all/group/object", H5P_DEFAULT));
    OK(H5Dread(dataset, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, references));
    hid_t target = OK(H5Rdereference2(dataset, H5P_DEFAULT, H5R_OBJECT, &references[1]));
    OK(H5Oget_info3(target, &referred, H5O_INFO_BASIC));
    OK(H5Oget_info_by_name3(file, "all/target", &own, H5O_INFO_BASIC, H5P_DEFAULT));
    OK(H5Otoken_cmp(file, &referred.token, &own.token, &different));
    printf("its own: %s\n", different == 0 ? "yes" : "no");
    OK(H5Oclose(target));
    OK(H5Dclose(dataset));
}

/* The token and the number of users of a dataset's committed datatype. */
static H5O_info2_t
type_of(hid_t file, const char *name)
{
    H5O_info2_t info;
    hid_t       dataset = OK(H5Dopen2(file, name, H5P_DEFAULT));
    hid_t       type    = OK(H5Dget_type(dataset));
    CHECK(H5Tcommitted(type));
    OK(H5Oget_info3(type, &info, H5O_INFO_BASIC));
    OK(H5Tclose(type));
    OK(H5Dclose(dataset));
    return info;
}

/* A datatype that only datasets use, without a name, is found, too. */
static void
merge_types(hid_t file, hid_t other)
{
    const hsize_t dims[1] = {2};
    hid_t         type    = OK(H5Tcopy(H5T_STD_I16BE));
    OK(H5Tcommit2(file, "type", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Dclose(new_dataset(file, "first", type, 1, dims, H5P_DEFAULT)));
    OK(H5Dclose(new_dataset(file, "second", type, 1, dims, H5P_DEFAULT)));
    OK(H5Tclose(type));
    hid_t merge = OK(H5Pcreate(H5P_OBJECT_COPY));
    OK(H5Pset_copy_object(merge, H5O_COPY_MERGE_COMMITTED_DTYPE_FLAG));
    OK(H5Ocopy(file, "first", other, "first", merge, H5P_DEFAULT));
    OK(H5Ocopy(file, "second", other, "second", merge, H5P_DEFAULT));
    OK(H5Ocopy(file, "type", other, "type", merge, H5P_DEFAULT));
    OK(H5Pclose(merge));
    H5O_info2_t first = type_of(other, "first"), second = type_of(other, "second");
    int         different;
    OK(H5Otoken_cmp(other, &first.token, &second.token, &different));
    printf("one type: %s, used %u times\n", different == 0 ? "yes" : "no", first.rc);
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    char        other_name[1000];
    snprintf(other_name, sizeof other_name, "%s.other", name);
    hid_t file = new_file(name), other = new_file(other_name);
    make_references(file);
    hid_t expand = OK(H5Pcreate(H5P_OBJECT_COPY));
    OK(H5Pset_copy_object(expand, H5O_COPY_EXPAND_REFERENCE_FLAG));
    OK(H5Ocopy(file, "group", other, "plain", H5P_DEFAULT, H5P_DEFAULT));
    print_copy(other, "plain");
    print_count(other);
    OK(H5Ocopy(file, "group", other, "expanded", expand, H5P_DEFAULT));
    print_copy(other, "expanded");
    print_count(other);
    /* In the same file references in datasets stay what they are, those in attributes do not. */
    OK(H5Ocopy(file, "group", file, "here", expand, H5P_DEFAULT));
    print_copy(file, "here");
    print_count(file);
    /* What is copied together refers to its own copy, not to another one. */
    OK(H5Ocopy(file, "/", other, "all", expand, H5P_DEFAULT));
    print_copy(other, "all/group");
    refers_to_its_own(other);
    OK(H5Pclose(expand));
    merge_types(file, other);
    OK(H5Fclose(other));
    OK(H5Fclose(file));
    OK(H5Fdelete(other_name, H5P_DEFAULT));
    return 0;
}
