/* Datatypes stored in the file under a name, and datasets and attributes that use them. */
#include "check.h"

static hid_t
make_type(void)
{
    hid_t type = OK(H5Tcreate(H5T_COMPOUND, 12));
    OK(H5Tinsert(type, "id", 0, H5T_STD_I32LE));
    OK(H5Tinsert(type, "value", 4, H5T_IEEE_F64LE));
    return type;
}

int
main(int argc, char **argv)
{
    const char   *name    = file_name(argc, argv);
    const hsize_t dims[1] = {2};
    hid_t         file    = new_file(name);
    hid_t         type    = make_type();
    SAME(H5Tcommitted(type), 0);
    OK(H5Tcommit2(file, "record", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    SAME(H5Tcommitted(type), 1);
    FAILS(H5Tcommit2(file, "record", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t dataset = new_dataset(file, "records", type, 1, dims, H5P_DEFAULT);
    struct record {
        int    id;
        double value;
    } data[2]    = {{1, 1.5}, {2, 2.5}}, found[2];
    hid_t memory = OK(H5Tcreate(H5T_COMPOUND, sizeof(struct record)));
    OK(H5Tinsert(memory, "id", HOFFSET(struct record, id), H5T_NATIVE_INT));
    OK(H5Tinsert(memory, "value", HOFFSET(struct record, value), H5T_NATIVE_DOUBLE));
    OK(H5Dwrite(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    OK(H5Dclose(dataset));
    hid_t space = OK(H5Screate(H5S_SCALAR));
    OK(H5Aclose(OK(H5Acreate2(file, "attribute", type, space, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Sclose(space));
    OK(H5Tclose(type));
    OK(H5Fclose(file));

    file            = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    hid_t transient = make_type();
    type            = OK(H5Topen2(file, "record", H5P_DEFAULT));
    SAME(H5Tequal(type, transient), 1);
    SAME(H5Tcommitted(type), 1);
    OK(H5Tclose(type));
    dataset = OK(H5Dopen2(file, "records", H5P_DEFAULT));
    type    = OK(H5Dget_type(dataset));
    printf("type of the dataset is committed: %d\n", (int)OK(H5Tcommitted(type)));
    SAME(H5Tequal(type, transient), 1);
    OK(H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, found));
    for (int i = 0; i < 2; i++)
        printf("%d %g\n", found[i].id, found[i].value);
    hid_t attribute = OK(H5Aopen(file, "attribute", H5P_DEFAULT));
    hid_t its_type  = OK(H5Aget_type(attribute));
    SAME(H5Tequal(its_type, transient), 1);
    OK(H5Tclose(its_type));
    OK(H5Aclose(attribute));
    OK(H5Tclose(type));
    OK(H5Dclose(dataset));
    OK(H5Tclose(transient));
    OK(H5Tclose(memory));
    OK(H5Fclose(file));
    return 0;
}
