/* Questions without room for the answer: of links HDF5 tells then whether they are there, the others it
 * refuses or answers; none may end the program. */
#include "check.h"

#define TELL(call)                                                                                 \
    do {                                                                                           \
        long long value_;                                                                          \
        H5E_BEGIN_TRY                                                                              \
        {                                                                                          \
            value_ = (long long)(call);                                                            \
        }                                                                                          \
        H5E_END_TRY                                                                                \
        printf("%s: %s\n", #call, value_ < 0 ? "refused" : "answered");                            \
    } while (0)

int
main(int argc, char **argv)
{
    hid_t file = new_file(file_name(argc, argv)), space = OK(H5Screate(H5S_SCALAR));
    OK(H5Gclose(OK(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Lcreate_soft("nowhere", file, "soft", H5P_DEFAULT, H5P_DEFAULT));
    hid_t attribute = OK(H5Acreate2(file, "attribute", H5T_STD_I8LE, space, H5P_DEFAULT, H5P_DEFAULT));
    TELL(H5Lget_info2(file, "group", NULL, H5P_DEFAULT));
    TELL(H5Lget_info2(file, "soft", NULL, H5P_DEFAULT));
    TELL(H5Lget_info2(file, "missing", NULL, H5P_DEFAULT));
    TELL(H5Lget_info_by_idx2(file, "/", H5_INDEX_NAME, H5_ITER_INC, 1, NULL, H5P_DEFAULT));
    TELL(H5Lget_info_by_idx2(file, "/", H5_INDEX_NAME, H5_ITER_INC, 2, NULL, H5P_DEFAULT));
    TELL(H5Lget_val(file, "soft", NULL, 0, H5P_DEFAULT));
    TELL(H5Lget_name_by_idx(file, "/", H5_INDEX_NAME, H5_ITER_INC, 1, NULL, 0, H5P_DEFAULT));
    TELL(H5Gget_info(file, NULL));
    TELL(H5Oget_info3(file, NULL, H5O_INFO_ALL));
    TELL(H5Aget_name(attribute, 0, NULL));
    TELL(H5Fget_name(file, NULL, 0));
    TELL(H5Iget_name(file, NULL, 0));
    TELL(H5Fget_intent(file, NULL));
    TELL(H5Fget_fileno(file, NULL));
    TELL(H5Gget_objinfo(file, "group", 1, NULL));
    TELL(H5Gget_objinfo(file, "///.//./group///././.", 0, NULL));
    TELL(H5Gget_objinfo(file, "soft", 0, NULL));
    TELL(H5Gget_objinfo(file, "soft", 1, NULL));
    TELL(H5Gget_objinfo(file, ".", 0, NULL));
    TELL(H5Gget_objinfo(file, "missing", 0, NULL));
    TELL(H5Fget_obj_ids(file, H5F_OBJ_ALL, 0, NULL));
    OK(H5Aclose(attribute));
    OK(H5Sclose(space));
    OK(H5Fclose(file));
    return 0;
}
