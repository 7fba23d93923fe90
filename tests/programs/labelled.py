"""xarray writes and reads data sets by netCDF4 and by h5netcdf (which uses h5py), in groups, with an
unlimited dimension, strings, fill values and compression. Prints what it reads, so that a run on local
files and a run through the connector can be compared.

Arguments: the file, and the name to open it again by; further ones are the command that makes a file of
that name (netCDF4 opens for reading only what is in the local file system)."""

import subprocess
import sys

import h5netcdf
import numpy as np
import xarray as xr


def measurements():
    time = np.array(["2026-03-01", "2026-03-02", "2026-03-03"], dtype="datetime64[ns]")
    temperature = np.linspace(-4, 7, 12).reshape(3, 4)
    temperature[1, 2] = np.nan
    return xr.Dataset(
        {
            "temperature": (("time", "place"), temperature, {"units": "degree_Celsius", "valid_range": [-60.0, 60.0]}),
            "count": (("time",), np.array([3, 0, 250], dtype="u1")),
            "flag": (("place",), np.array([True, False, True, True])),
            "note": (("place",), np.array(["ab", "", "Grüße", "x" * 40], dtype=object)),
            "single": ((), np.float32(2.5)),
        },
        coords={"time": time, "place": ["north", "east", "south", "west"]},
        attrs={"title": "Überschrift", "numbers": np.array([1, 2, 3], dtype="i4")},
    )


def show(label, found):
    print(label, dict(found.sizes), {key: str(value) for key, value in sorted(found.attrs.items())})
    for name in sorted(found.variables):
        one = found[name]
        kept = {key: one.encoding.get(key) for key in ("zlib", "shuffle", "chunksizes", "_FillValue", "complevel")}
        print(label, name, one.dtype.kind, one.dims, one.values.tolist(), sorted(one.attrs), kept)
    print(label, "unlimited", sorted(found.encoding.get("unlimited_dims", ())))


def round_trip(engine, name, again, command):
    encoding = {
        "temperature": {"zlib": True, "complevel": 4, "shuffle": True, "chunksizes": (2, 3), "_FillValue": -999.0, "dtype": "f4"},
        "count": {"_FillValue": 255, "dtype": "u1"},
    }
    original = measurements()
    original.to_netcdf(name, engine=engine, encoding=encoding, unlimited_dims=["time"])
    if command:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (original[["single"]] * 2).to_netcdf(again, engine=engine, mode="a", group="deep/er")
    with xr.open_dataset(again, engine=engine) as found:
        show(engine, found)
        print(engine, "mean", float(found["temperature"].sel(place="south").mean()))
        print(engine, "slice", found["temperature"].isel(time=slice(1, None), place=[0, 3]).values.tolist())
        xr.testing.assert_allclose(found["temperature"], original["temperature"].astype("f4"), rtol=1e-6)
    with xr.open_dataset(again, engine=engine, group="deep/er") as found:
        show(engine + " group", found)


def grow(name):
    """h5netcdf itself: a dimension grows, a variable follows it."""
    with h5netcdf.File(name, "a") as file:
        file.resize_dimension("time", 5)
        file.variables["count"][3:] = [7, 8]
        late = file.create_group("late")
        late.dimensions["x"] = 3
        late.create_variable("v", ("x",), "i2", data=np.array([4, 5, 6], "i2"), fillvalue=-1, compression="gzip")
    with h5netcdf.File(name, "r") as file:
        print("grown", {key: (one.size, one.isunlimited()) for key, one in file.dimensions.items()})
        print("grown", file["count"][:].tolist(), file["late/v"][:].tolist(), sorted(file.groups))


first, again, *command = sys.argv[1:]
round_trip("netcdf4", first, again, command)
round_trip("h5netcdf", first, first, [])
grow(first)
# What one wrote the other reads.
with xr.open_dataset(again, engine="netcdf4", decode_times=False) as found:
    show("the other", found)
