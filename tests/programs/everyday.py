"""The everyday path in h5py. Prints what it reads, so that a run on a local file and a run through
the connector can be compared. Argument: the file."""

import sys

import h5py
import numpy as np


def write(name):
    with h5py.File(name, "w") as file:
        group = file.create_group("group")
        file.create_group("deep/er/still")
        group.require_group("again")
        group.require_group("again")

        chunked = group.create_dataset("chunked", (20, 30), dtype="<f8", chunks=(6, 7), fillvalue=-1.0)
        chunked[2:9, 5:25:3] = np.arange(49).reshape(7, 7)
        chunked[15] = 7
        chunked[..., 0] = np.linspace(0, 1, 20)

        group.create_dataset("contiguous", data=np.arange(24, dtype=">i4").reshape(2, 3, 4))
        group.create_dataset("packed", data=np.arange(1000, dtype="u2"), chunks=(100,), compression="gzip", shuffle=True)
        growing = file.create_dataset("growing", (3,), maxshape=(None,), dtype="i8", chunks=(4,))
        growing[:] = [1, 2, 3]
        growing.resize((6,))
        growing[3:] = 9

        file["scalar"] = 42
        file["text"] = "Grüße"
        strings = file.create_dataset("strings", (3,), dtype=h5py.string_dtype())
        strings[:] = ["one", "zwei", "három"]
        file.create_dataset("fixed strings", data=np.array([b"ab", b"cde"], dtype="S3"))
        file.create_dataset("flags", data=np.array([True, False, True]))
        file.create_dataset("complex", data=np.array([1 + 2j, -3.5j]))
        record = np.dtype([("id", "<i4"), ("place", "<f8", (2,)), ("label", "S4")])
        table = file.create_dataset("table", (3,), dtype=record)
        table[0] = (1, (0.5, 1.5), b"one")
        table["id"] = [10, 20, 30]
        colors = h5py.enum_dtype({"red": 0, "green": 1, "blue": 7}, basetype="u1")
        file.create_dataset("colors", data=np.array([7, 0, 1], dtype="u1"), dtype=colors)
        file.create_dataset("empty", data=h5py.Empty("f4"))
        file["named type"] = np.dtype("<i2")

        chunked.attrs["unit"] = "metre"
        chunked.attrs["range"] = np.array([0.0, 48.0])
        chunked.attrs["count"] = np.int16(3)
        chunked.attrs["names"] = ["a", "bc"]
        file.attrs["title"] = "Überschrift"
        file.attrs["temporary"] = 1
        del file.attrs["temporary"]
        file.attrs["title"] = "changed"
        file.attrs["nothing"] = h5py.Empty("i4")

        file["soft"] = h5py.SoftLink("/group/chunked")
        file["hard"] = group["contiguous"]
        file["elsewhere"] = h5py.ExternalLink("other.h5", "/there")
        file.move("deep/er", "moved")
        del file["scalar"]
        file["scalar"] = 43


def show(label, value):
    print(label, ":", repr(value) if not isinstance(value, np.ndarray) else value.tolist())


def read(name):
    with h5py.File(name, "r") as file:
        chunked = file["group/chunked"]
        show("shape", (chunked.shape, chunked.chunks, chunked.maxshape, chunked.dtype.str, float(chunked.fillvalue)))
        show("row", chunked[4])
        show("part", chunked[1:10:2, 20:])
        show("list", chunked[[1, 4, 15], 5])
        show("mask", chunked[chunked[:, 0] > 0.8, 1])
        show("through the soft link", file["soft"][15, :3])
        show("sum", float(file["hard"][...].sum()))
        show("contiguous", file["group"]["contiguous"][1, 1:, ::2])
        packed = file["group/packed"]
        show("packed", (packed.compression, packed.compression_opts, packed.shuffle, int(packed[::7].sum())))
        show("growing", file["growing"][:])
        show("scalar", int(file["scalar"][()]))
        show("text", file["text"].asstr()[()])
        show("strings", file["strings"].asstr()[:])
        show("fixed", file["fixed strings"][:])
        show("flags", (file["flags"].dtype.str, file["flags"][:].tolist()))
        show("complex", file["complex"][:])
        table = file["table"]
        show("table", (table.dtype.names, table.dtype.itemsize))
        show("table rows", table[:].tolist())
        show("table ids", table["id"])
        show("enum", h5py.check_enum_dtype(file["colors"].dtype))
        show("colors", file["colors"][:])
        show("empty", file["empty"][()])
        show("named type", file["named type"].dtype.str)
        show("group length", (len(file), len(file["group"]), "group" in file, "absent" in file))
        show("attributes", sorted(file.attrs.keys()))
        show("title", file.attrs["title"])
        for key in sorted(chunked.attrs):
            value = chunked.attrs[key]
            show("attribute " + key, value.tolist() if hasattr(value, "tolist") else value)
        show("moved", "still" in file["moved"])
        show("kind", [type(file[name]).__name__ for name in ("group", "growing", "named type")])
        for path in ("absent", "group/absent"):
            try:
                file[path]
            except KeyError:
                print("KeyError for", path)
        try:
            file.create_group("refused")
        except ValueError:
            print("read-only")


def change(name):
    with h5py.File(name, "r+") as file:
        file["group/chunked"][0, :4] = [9, 8, 7, 6]
        file["group"].attrs["late"] = "yes"
    with h5py.File(name, "a") as file:
        show("changed", file["group/chunked"][0, :5])
        show("late", file["group"].attrs["late"])
    try:
        h5py.File(name, "x").close()
    except FileExistsError:
        print("FileExistsError for mode x")


write(sys.argv[1])
read(sys.argv[1])
change(sys.argv[1])
