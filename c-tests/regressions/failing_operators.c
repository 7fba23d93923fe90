/* Iterations whose operator fails: what they return, and where they say they are. */
#include "check.h"

enum { COUNT = 4, FAILS_AT = 3, FAILURE = -7 };

static int seen;

static herr_t
link_operator(hid_t group, const char *name, const H5L_info2_t *info, void *data)
{
    (void)group, (void)info, (void)data;
    printf(" %s", name);
    return ++seen == FAILS_AT ? FAILURE : 0;
}

static herr_t
attribute_operator(hid_t object, const char *name, const H5A_info_t *info, void *data)
{
    (void)object, (void)info, (void)data;
    printf(" %s", name);
    return ++seen == FAILS_AT ? FAILURE : 0;
}

static herr_t
old_operator(hid_t object, const char *name, void *data)
{
    (void)object, (void)data;
    printf(" %s", name);
    return ++seen == FAILS_AT ? FAILURE : 0;
}

static herr_t
object_operator(hid_t object, const char *name, const H5O_info2_t *info, void *data)
{
    (void)object, (void)data;
    printf(" %s(%d %u)", name, (int)info->type, info->rc);
    return ++seen == FAILS_AT ? FAILURE : 0;
}

/* What is not asked for is unknown. */
static void
not_asked_for(hid_t object)
{
    H5O_info2_t       info;
    const H5O_token_t undefined = H5O_TOKEN_UNDEF;
    memset(&info, 0x33, sizeof info);
    OK(H5Oget_info3(object, &info, H5O_INFO_NUM_ATTRS));
    printf("type %d, links %u, attributes %d, undefined token %d\n", (int)info.type, info.rc,
           (int)info.num_attrs, memcmp(&info.token, &undefined, sizeof undefined) == 0);
}

/* Calls that fail, and say so by this value. */
#define ENDS(call)                                                                                 \
    do {                                                                                           \
        herr_t value_;                                                                             \
        seen = 0;                                                                                  \
        H5E_BEGIN_TRY                                                                              \
        {                                                                                          \
            value_ = (call);                                                                       \
        }                                                                                          \
        H5E_END_TRY                                                                                \
        printf(": %s = %d\n", #call, (int)value_);                                                 \
        check_failed(value_, #call, __FILE__, __LINE__);                                           \
    } while (0)

int
main(int argc, char **argv)
{
    hid_t    file = new_file(file_name(argc, argv)), space = OK(H5Screate(H5S_SCALAR));
    hsize_t  place;
    unsigned number = 0;
    int      index  = 0;
    for (int i = 0; i < COUNT; i++) {
        char name[2] = {(char)('a' + i), 0};
        OK(H5Gclose(OK(H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
        OK(H5Aclose(OK(H5Acreate2(file, name, H5T_STD_I8LE, space, H5P_DEFAULT, H5P_DEFAULT))));
    }
    place = 1;
    ENDS(H5Literate2(file, H5_INDEX_NAME, H5_ITER_INC, &place, link_operator, NULL));
    SAME(place, 1);
    place = 0;
    ENDS(H5Literate_by_name2(file, "/", H5_INDEX_NAME, H5_ITER_DEC, &place, link_operator, NULL, H5P_DEFAULT));
    SAME(place, 0);
    ENDS(H5Lvisit2(file, H5_INDEX_NAME, H5_ITER_INC, link_operator, NULL));
    ENDS(H5Ovisit3(file, H5_INDEX_NAME, H5_ITER_INC, object_operator, NULL, H5O_INFO_BASIC));
    not_asked_for(file);
    ENDS(H5Aiterate2(file, H5_INDEX_NAME, H5_ITER_INC, &place, attribute_operator, NULL));
    SAME(place, FAILS_AT);
    place = 0;
    ENDS(H5Aiterate_by_name(file, "/", H5_INDEX_NAME, H5_ITER_INC, &place, attribute_operator, NULL, H5P_DEFAULT));
    ENDS(H5Aiterate1(file, &number, old_operator, NULL));
    SAME(number, FAILS_AT);
    ENDS(H5Giterate(file, "/", &index, old_operator, NULL));
    printf("index %d\n", index);
    OK(H5Sclose(space));
    OK(H5Fclose(file));
    return 0;
}
