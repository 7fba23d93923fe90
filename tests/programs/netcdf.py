"""netCDF4 writes a file; h5py in the same process, with another copy of HDF5, sees it through
another name for it, and netCDF4 continues it. Prints what it reads, so that a run on a local file
and a run through the connector can be compared, and checks the values itself.

Arguments: the file, and the name to open it again by. Further ones are the command that makes a
file of that name out of the first; none are needed where both names are one file's."""

import subprocess
import sys

import h5py
import netCDF4
import numpy as np


def write(name):
    with netCDF4.Dataset(name, "w") as file:
        file.title = "Überschrift"
        file.createDimension("time", None)
        file.createDimension("x", 4)
        time = file.createVariable("time", "f8", ("time",))
        time.units = "hours since 2000-01-01"
        time[:] = np.arange(3)
        values = file.createVariable("values", "f4", ("time", "x"), zlib=True, shuffle=True, fill_value=-1)
        values[0:2, :] = np.arange(8).reshape(2, 4)
        words = file.createVariable("words", str, ("x",))
        words[0] = "ab"
        words[3] = "Grüße"
        group = file.createGroup("group")
        group.createVariable("number", "i4", ())[...] = 7
        group.createVariable("below", "i2", ("x",))[:] = [1, 2, 3, 4]


def look(name):
    with netCDF4.Dataset(name) as file:
        values = file["values"]
        print("title:", file.title)
        print("dimensions:", [(key, len(one), one.isunlimited()) for key, one in file.dimensions.items()])
        print("variables:", [(key, str(one.dtype), one.dimensions) for key, one in file.variables.items()])
        print("values:", values[:].tolist())
        print("filters:", values.filters()["zlib"], values.filters()["shuffle"], values.chunking())
        print("time:", file["time"].units, file["time"][:].tolist())
        print("words:", file["words"][:].tolist())
        print("group:", int(file["group/number"][...]), file["group/below"][:].tolist())
        assert values[0].tolist() == [0, 1, 2, 3] and file["words"][3] == "Grüße"
        return values[:]


def look_with_h5py(name, rows):
    with h5py.File(name, "r") as file:
        values = file["values"]
        print("h5py:", sorted(file), values.shape, values.maxshape, values.compression, values.shuffle)
        print("h5py values:", values[:].tolist())
        print("h5py scales:", [scale.name for dimension in values.dims for scale in dimension.values()])
        print("h5py group:", int(file["group/number"][()]), file["words"].asstr()[3])
        assert values.shape == (rows, 4) and values.dims[0][0] == file["time"]


first, again, *command = sys.argv[1:]
write(first)
if command:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
found = look(again)
assert found[2].mask.all()
look_with_h5py(again, 2)  # rows that were never written are netCDF's own doing

with netCDF4.Dataset(again, "a") as opened:
    opened["values"][2:5, :] = 9
    opened["time"][3:] = [10, 11]
    opened["group"].note = "appended"
found = look(again)
assert found.shape == (5, 4) and found[4].tolist() == [9, 9, 9, 9]
look_with_h5py(again, 5)
# netCDF4 opens for reading only what is in the local file system, hence the second name.
with h5py.File(first, "r") as opened:
    print("note:", opened["group"].attrs["note"].decode())
    assert opened["group"].attrs["note"] == b"appended"
