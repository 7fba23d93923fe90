/* Null references in fill values, alone and beside a number. */
#include "check.h"

#define COUNT 3

typedef struct {
    int        number;
    hobj_ref_t object;
    H5R_ref_t  any;
} element_t;

static hid_t
element_type(void)
{
    hid_t type = OK(H5Tcreate(H5T_COMPOUND, sizeof(element_t)));
    OK(H5Tinsert(type, "number", HOFFSET(element_t, number), H5T_NATIVE_INT));
    OK(H5Tinsert(type, "object", HOFFSET(element_t, object), H5T_STD_REF_OBJ));
    OK(H5Tinsert(type, "any", HOFFSET(element_t, any), H5T_STD_REF));
    return type;
}

/* Whether all elements of a new dataset are `fill`. */
static bool
is_filled(hid_t file, const char *name, hid_t type, const void *fill)
{
    const hsize_t dims[1] = {COUNT};
    size_t        size    = H5Tget_size(type);
    char         *found   = malloc(COUNT * size);
    bool          same    = true;
    hid_t         dcpl    = OK(H5Pcreate(H5P_DATASET_CREATE));
    CHECK(found != NULL);
    memset(found, 1, COUNT * size);
    OK(H5Pset_fill_value(dcpl, type, fill));
    hid_t dataset = new_dataset(file, name, type, 1, dims, dcpl);
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int i = 0; i < COUNT; i++)
        same = same && memcmp(found + (size_t)i * size, fill, size) == 0;
    free(found);
    OK(H5Dclose(dataset));
    OK(H5Pclose(dcpl));
    return same;
}

int
main(int argc, char **argv)
{
    hid_t                 file = new_file(file_name(argc, argv)), type = element_type();
    const H5R_ref_t  any    = {0};
    const hobj_ref_t object = 0;
    hdset_reg_ref_t  region;
    element_t        element;
    memset(&region, 0, sizeof region);
    printf("object: %d\n", is_filled(file, "object", H5T_STD_REF_OBJ, &object));
    printf("region: %d\n", is_filled(file, "region", H5T_STD_REF_DSETREG, &region));
    printf("any: %d\n", is_filled(file, "any", H5T_STD_REF, &any));
    memset(&element, 0, sizeof element);
    element.number = 42;
    hid_t         dcpl    = OK(H5Pcreate(H5P_DATASET_CREATE));
    const hsize_t dims[1] = {COUNT};
    element_t     found[COUNT];
    memset(found, 1, sizeof found);
    OK(H5Pset_fill_value(dcpl, type, &element));
    hid_t dataset = new_dataset(file, "compound", type, 1, dims, dcpl);
    OK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int i = 0; i < COUNT; i++)
        printf("compound: %d, %s, kind %d\n", found[i].number, found[i].object == 0 ? "null" : "not null",
               (int)H5Rget_type(&found[i].any));
    OK(H5Dclose(dataset));
    OK(H5Pclose(dcpl));
    OK(H5Tclose(type));
    OK(H5Fclose(file));
    return 0;
}
