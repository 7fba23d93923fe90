/* The program's compound has variable-length members that the dataset lacks. What they hold is
 * nobody's business: it may point anywhere, and it stays as it is. */
#include "check.h"

enum { COUNT = 3 };

struct stored {
    int   id;
    char *text;
};

struct record {
    int   id;
    hvl_t numbers;
    char *text;
    hvl_t texts;
};

static bool
is_rubbish(const void *member, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (((const unsigned char *)member)[i] != 0xA5)
            return false;
    return true;
}

int
main(int argc, char **argv)
{
    const hsize_t dims[1] = {COUNT};
    struct record data[COUNT];
    hid_t         file = new_file(file_name(argc, argv));
    hid_t         text = OK(H5Tcopy(H5T_C_S1));
    OK(H5Tset_size(text, H5T_VARIABLE));
    hid_t ints   = OK(H5Tvlen_create(H5T_NATIVE_INT));
    hid_t texts  = OK(H5Tvlen_create(text));
    hid_t stored = OK(H5Tcreate(H5T_COMPOUND, sizeof(struct stored)));
    OK(H5Tinsert(stored, "id", HOFFSET(struct stored, id), H5T_NATIVE_INT));
    OK(H5Tinsert(stored, "text", HOFFSET(struct stored, text), text));
    hid_t memory = OK(H5Tcreate(H5T_COMPOUND, sizeof(struct record)));
    OK(H5Tinsert(memory, "id", HOFFSET(struct record, id), H5T_NATIVE_INT));
    OK(H5Tinsert(memory, "numbers", HOFFSET(struct record, numbers), ints));
    OK(H5Tinsert(memory, "text", HOFFSET(struct record, text), text));
    OK(H5Tinsert(memory, "texts", HOFFSET(struct record, texts), texts));
    hid_t dataset = new_dataset(file, "records", stored, 1, dims, H5P_DEFAULT);

    memset(data, 0xA5, sizeof data);
    for (int i = 0; i < COUNT; i++) {
        data[i].id   = i;
        data[i].text = "hello";
    }
    OK(H5Dwrite(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));

    memset(data, 0xA5, sizeof data);
    OK(H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    for (int i = 0; i < COUNT; i++) {
        SAME(data[i].id, i);
        SAME_TEXT(data[i].text, "hello");
        CHECK(is_rubbish(&data[i].numbers, sizeof data[i].numbers));
        CHECK(is_rubbish(&data[i].texts, sizeof data[i].texts));
        printf("record %d: %s\n", data[i].id, data[i].text);
        OK(H5free_memory(data[i].text));
    }

    OK(H5Dclose(dataset));
    OK(H5Tclose(memory));
    OK(H5Tclose(stored));
    OK(H5Tclose(texts));
    OK(H5Tclose(ints));
    OK(H5Tclose(text));
    OK(H5Fclose(file));
    return 0;
}
