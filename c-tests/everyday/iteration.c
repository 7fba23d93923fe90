/* Going through links, objects and attributes: orders, early stops, resuming, whole trees. */
#include "check.h"

struct walk {
    const char *label;
    int         stop_after;
    int         seen;
};

static herr_t
print_link(hid_t group, const char *name, const H5L_info2_t *info, void *data)
{
    struct walk *walk = data;
    (void)group;
    printf("%s: %s (%d)\n", walk->label, name, (int)info->type);
    walk->seen++;
    return walk->seen == walk->stop_after ? 7 : 0;
}

static herr_t
print_object(hid_t object, const char *name, const H5O_info2_t *info, void *data)
{
    struct walk *walk = data;
    (void)object;
    printf("%s: %s is of type %d with %llu attributes\n", walk->label, name, (int)info->type,
           (unsigned long long)info->num_attrs);
    walk->seen++;
    return 0;
}

static herr_t
print_attribute(hid_t object, const char *name, const H5A_info_t *info, void *data)
{
    struct walk *walk = data;
    (void)object;
    (void)info;
    printf("%s: %s\n", walk->label, name);
    return ++walk->seen == walk->stop_after ? 1 : 0;
}

/* A tree with a loop, two names for one object, and links of all kinds. */
static void
create(const char *name)
{
    const char *members[] = {"zebra", "apple", "mango", "10", "9"};
    hid_t       file      = new_file(name);
    hid_t       gcpl      = OK(H5Pcreate(H5P_GROUP_CREATE));
    OK(H5Pset_link_creation_order(gcpl, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
    OK(H5Pset_attr_creation_order(gcpl, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
    hid_t group = OK(H5Gcreate2(file, "tree", H5P_DEFAULT, gcpl, H5P_DEFAULT));
    hid_t space = OK(H5Screate(H5S_SCALAR));
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        OK(H5Gclose(OK(H5Gcreate2(group, members[i], H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT))));
        OK(H5Aclose(OK(H5Acreate2(group, members[i], H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT))));
    }
    hid_t dataset = OK(H5Dcreate2(group, "mango/data", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Aclose(OK(H5Acreate2(dataset, "unit", H5T_STD_I8LE, space, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Lcreate_hard(dataset, ".", group, "zebra/same", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Lcreate_hard(file, "tree", group, "apple/loop", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Lcreate_soft("/tree/mango", group, "soft", H5P_DEFAULT, H5P_DEFAULT));
    OK(H5Dclose(dataset));
    OK(H5Sclose(space));
    OK(H5Gclose(group));
    OK(H5Pclose(gcpl));
    OK(H5Fclose(file));
}

static void
links(hid_t group)
{
    struct walk up = {"by name", 0, 0}, down = {"by name down", 0, 0}, made = {"as created", 0, 0};
    struct walk part = {"first two", 2, 0}, rest = {"the rest", 0, 0};
    hsize_t     next = 0;
    SAME(H5Literate2(group, H5_INDEX_NAME, H5_ITER_INC, NULL, print_link, &up), 0);
    SAME(H5Literate2(group, H5_INDEX_NAME, H5_ITER_DEC, NULL, print_link, &down), 0);
    SAME(H5Literate2(group, H5_INDEX_CRT_ORDER, H5_ITER_INC, NULL, print_link, &made), 0);
    SAME(H5Literate2(group, H5_INDEX_NAME, H5_ITER_INC, &next, print_link, &part), 7);
    SAME(next, 2);
    SAME(H5Literate2(group, H5_INDEX_NAME, H5_ITER_INC, &next, print_link, &rest), 0);
    SAME(part.seen + rest.seen, up.seen);
}

static void
by_index(hid_t group)
{
    char        name[32];
    H5L_info2_t info;
    for (hsize_t i = 0; i < 3; i++) {
        OK(H5Lget_name_by_idx(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, i, name, sizeof name, H5P_DEFAULT));
        OK(H5Lget_info_by_idx2(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, i, &info, H5P_DEFAULT));
        printf("created %lld: %s, order valid %d\n", (long long)i, name, (int)info.corder_valid);
    }
    FAILS(H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, 99, name, sizeof name, H5P_DEFAULT));
}

static void
trees(hid_t file)
{
    struct walk links = {"visit links", 0, 0}, objects = {"visit objects", 0, 0};
    OK(H5Lvisit2(file, H5_INDEX_NAME, H5_ITER_INC, print_link, &links));
    OK(H5Ovisit3(file, H5_INDEX_NAME, H5_ITER_INC, print_object, &objects, H5O_INFO_BASIC | H5O_INFO_NUM_ATTRS));
    printf("%d links, %d objects\n", links.seen, objects.seen);
}

static void
attributes(hid_t group)
{
    struct walk up = {"attribute", 0, 0}, made = {"attribute as created", 0, 0}, part = {"attributes until", 3, 0};
    hsize_t     next = 1;
    OK(H5Aiterate2(group, H5_INDEX_NAME, H5_ITER_INC, NULL, print_attribute, &up));
    OK(H5Aiterate2(group, H5_INDEX_CRT_ORDER, H5_ITER_INC, NULL, print_attribute, &made));
    SAME(H5Aiterate2(group, H5_INDEX_NAME, H5_ITER_INC, &next, print_attribute, &part), 1);
    SAME(next, 4);
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    create(name);
    hid_t file  = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    hid_t group = OK(H5Gopen2(file, "tree", H5P_DEFAULT));
    links(group);
    by_index(group);
    trees(file);
    attributes(group);
    OK(H5Gclose(group));
    OK(H5Fclose(file));
    return 0;
}
