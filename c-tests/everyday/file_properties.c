/* File creation properties are kept with the file, checked when it is made, and groups made on the
 * way to an object have some of its creation properties. */
#include "check.h"

static void
print_properties(const char *name, const char *label)
{
    hid_t                 file = OK(H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT));
    hid_t                 fcpl = OK(H5Fget_create_plist(file));
    hsize_t               block, threshold, page;
    size_t                address, length;
    unsigned              internal, leaf, chunks, indexes, kinds, least, list, tree;
    H5F_fspace_strategy_t strategy;
    bool                  persist;
    OK(H5Pget_userblock(fcpl, &block));
    OK(H5Pget_sizes(fcpl, &address, &length));
    OK(H5Pget_sym_k(fcpl, &internal, &leaf));
    OK(H5Pget_istore_k(fcpl, &chunks));
    OK(H5Pget_file_space_strategy(fcpl, &strategy, &persist, &threshold));
    OK(H5Pget_file_space_page_size(fcpl, &page));
    OK(H5Pget_shared_mesg_nindexes(fcpl, &indexes));
    OK(H5Pget_shared_mesg_phase_change(fcpl, &list, &tree));
    printf("%s: block %d sizes %d %d K %u %u %u space %d %d %d %d shared %u (%u %u)\n", label,
           (int)block, (int)address, (int)length, internal, leaf, chunks, (int)strategy, (int)persist,
           (int)threshold, (int)page, indexes, list, tree);
    for (unsigned i = 0; i < indexes; i++) {
        OK(H5Pget_shared_mesg_index(fcpl, i, &kinds, &least));
        printf("  index %u: kinds %u from %u bytes\n", i, kinds, least);
    }
    OK(H5Pclose(fcpl));
    OK(H5Fclose(file));
}

static void
make(const char *name, hid_t fcpl)
{
    OK(H5Fclose(OK(H5Fcreate(name, H5F_ACC_TRUNC, fcpl, H5P_DEFAULT))));
}

static void
kept(const char *name)
{
    make(name, H5P_DEFAULT);
    print_properties(name, "default");
    hid_t fcpl = OK(H5Pcreate(H5P_FILE_CREATE));
    OK(H5Pset_userblock(fcpl, 1024));
    OK(H5Pset_sizes(fcpl, 4, 4));
    OK(H5Pset_sym_k(fcpl, 20, 5));
    OK(H5Pset_istore_k(fcpl, 40));
    make(name, fcpl);
    print_properties(name, "sizes");
    OK(H5Pset_file_space_strategy(fcpl, H5F_FSPACE_STRATEGY_PAGE, true, 7));
    OK(H5Pset_file_space_page_size(fcpl, 512));
    make(name, fcpl);
    print_properties(name, "pages");
    OK(H5Pset_file_space_strategy(fcpl, H5F_FSPACE_STRATEGY_NONE, false, 1));
    OK(H5Pset_shared_mesg_nindexes(fcpl, 2));
    OK(H5Pset_shared_mesg_index(fcpl, 0, H5O_SHMESG_DTYPE_FLAG | H5O_SHMESG_SDSPACE_FLAG, 30));
    OK(H5Pset_shared_mesg_index(fcpl, 1, H5O_SHMESG_ATTR_FLAG, 99));
    OK(H5Pset_shared_mesg_phase_change(fcpl, 11, 9));
    make(name, fcpl);
    print_properties(name, "shared messages");
    /* One kind of message in two indexes. */
    OK(H5Pset_shared_mesg_index(fcpl, 1, H5O_SHMESG_DTYPE_FLAG, 99));
    FAILS(H5Fcreate(name, H5F_ACC_TRUNC, fcpl, H5P_DEFAULT));
    OK(H5Pclose(fcpl));
}

/* A user block must be a multiple of the alignment. */
static void
alignment(const char *name)
{
    hid_t fcpl = OK(H5Pcreate(H5P_FILE_CREATE)), fapl = OK(H5Pcreate(H5P_FILE_ACCESS));
    OK(H5Pset_userblock(fcpl, 512));
    hsize_t alignments[] = {1, 3, 16, 512, 1024};
    for (size_t i = 0; i < sizeof alignments / sizeof *alignments; i++) {
        OK(H5Pset_alignment(fapl, 1, alignments[i]));
        if (512 % alignments[i] == 0)
            OK(H5Fclose(OK(H5Fcreate(name, H5F_ACC_TRUNC, fcpl, fapl))));
        else
            FAILS(H5Fcreate(name, H5F_ACC_TRUNC, fcpl, fapl));
    }
    OK(H5Pclose(fapl));
    OK(H5Pclose(fcpl));
}

static void
print_group(hid_t file, const char *path)
{
    unsigned attributes, links;
    bool     times;
    hid_t    group = OK(H5Gopen2(file, path, H5P_DEFAULT)), gcpl = OK(H5Gget_create_plist(group));
    OK(H5Pget_attr_creation_order(gcpl, &attributes));
    OK(H5Pget_link_creation_order(gcpl, &links));
    OK(H5Pget_obj_track_times(gcpl, &times));
    printf("%s: attributes %u links %u times %d\n", path, attributes, links, (int)times);
    OK(H5Pclose(gcpl));
    OK(H5Gclose(group));
}

static void
groups_on_the_way(const char *name)
{
    hid_t   file = new_file(name), lcpl = OK(H5Pcreate(H5P_LINK_CREATE));
    hid_t   gcpl = OK(H5Pcreate(H5P_GROUP_CREATE)), dcpl = OK(H5Pcreate(H5P_DATASET_CREATE));
    hsize_t dims = 1;
    hid_t   space = OK(H5Screate_simple(1, &dims, NULL));
    OK(H5Pset_create_intermediate_group(lcpl, 1));
    OK(H5Pset_obj_track_times(gcpl, false));
    OK(H5Pset_attr_creation_order(gcpl, H5P_CRT_ORDER_TRACKED));
    OK(H5Pset_link_creation_order(gcpl, H5P_CRT_ORDER_TRACKED));
    OK(H5Gclose(OK(H5Gcreate2(file, "a/b/c", lcpl, gcpl, H5P_DEFAULT))));
    OK(H5Gclose(OK(H5Gcreate2(file, "a/b/c/d/e", lcpl, H5P_DEFAULT, H5P_DEFAULT))));
    OK(H5Pset_attr_creation_order(dcpl, H5P_CRT_ORDER_TRACKED));
    OK(H5Dclose(OK(H5Dcreate2(file, "x/dataset", H5T_NATIVE_INT, space, lcpl, dcpl, H5P_DEFAULT))));
    OK(H5Lcreate_soft("/a", file, "y/soft", lcpl, H5P_DEFAULT));
    const char *paths[] = {"a", "a/b", "a/b/c", "a/b/c/d", "a/b/c/d/e", "x", "y"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        print_group(file, paths[i]);
    OK(H5Sclose(space));
    OK(H5Pclose(dcpl));
    OK(H5Pclose(gcpl));
    OK(H5Pclose(lcpl));
    OK(H5Fclose(file));
}

int
main(int argc, char **argv)
{
    const char *name = file_name(argc, argv);
    kept(name);
    alignment(name);
    groups_on_the_way(name);
    return 0;
}
