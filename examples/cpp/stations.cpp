// An ordinary HDF5 program in C++: adds a table of stations to the file that weather.c wrote and reads it
// back. Nothing in it knows where the file lives.
#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "hdf5.h"

namespace {

// An identifier of HDF5 that closes itself.
class Id {
  public:
    Id(hid_t id, herr_t (*close)(hid_t), const char *what) : id_(id), close_(close)
    {
        if (id < 0)
            throw std::runtime_error(what);
    }
    Id(const Id &) = delete;
    Id &operator=(const Id &) = delete;
    ~Id() { close_(id_); }
    operator hid_t() const { return id_; }

  private:
    hid_t id_;
    herr_t (*close_)(hid_t);
};

struct Station {
    char   name[12];
    double latitude, longitude;
    int    height;
};

hid_t
station_type()
{
    const Id name(H5Tcopy(H5T_C_S1), H5Tclose, "H5Tcopy");
    H5Tset_size(name, sizeof Station::name);
    const hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(Station));
    H5Tinsert(type, "name", HOFFSET(Station, name), name);
    H5Tinsert(type, "latitude", HOFFSET(Station, latitude), H5T_NATIVE_DOUBLE);
    H5Tinsert(type, "longitude", HOFFSET(Station, longitude), H5T_NATIVE_DOUBLE);
    H5Tinsert(type, "height", HOFFSET(Station, height), H5T_NATIVE_INT);
    return type;
}

void
write_stations(const std::string &name)
{
    const std::array<Station, 3> stations = {{{"Potsdam", 52.38, 13.06, 81},
                                              {"Zugspitze", 47.42, 10.98, 2964},
                                              {"Helgoland", 54.17, 7.89, 4}}};
    const hsize_t                count    = stations.size();
    const Id type(station_type(), H5Tclose, "the type");
    const Id file(H5Fopen(name.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose, "H5Fopen");
    const Id space(H5Screate_simple(1, &count, nullptr), H5Sclose, "H5Screate_simple");
    const Id table(H5Dcreate2(file, "stations", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Dclose,
                   "H5Dcreate2");
    if (H5Dwrite(table, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, stations.data()) < 0)
        throw std::runtime_error("H5Dwrite");
}

// Reads the heights alone: what is not asked for does not travel.
std::vector<int>
read_heights(const std::string &name)
{
    const Id file(H5Fopen(name.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, "H5Fopen");
    const Id table(H5Dopen2(file, "stations", H5P_DEFAULT), H5Dclose, "H5Dopen2");
    const Id space(H5Dget_space(table), H5Sclose, "H5Dget_space");
    const Id height(H5Tcreate(H5T_COMPOUND, sizeof(int)), H5Tclose, "H5Tcreate");
    H5Tinsert(height, "height", 0, H5T_NATIVE_INT);
    std::vector<int> heights(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
    if (H5Dread(table, height, H5S_ALL, H5S_ALL, H5P_DEFAULT, heights.data()) < 0)
        throw std::runtime_error("H5Dread");
    return heights;
}

} // namespace

int
main(int argc, char **argv)
{
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s FILE\n", argv[0]);
        return 2;
    }
    try {
        write_stations(argv[1]);
        std::printf("heights:");
        for (const int height : read_heights(argv[1]))
            std::printf(" %d", height);
        std::printf("\n");
    }
    catch (const std::exception &error) {
        std::fprintf(stderr, "failed: %s\n", error.what());
        return 1;
    }
    return 0;
}
