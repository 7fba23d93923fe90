"""Writes a file with objects of every kind that h5pyd 1.0.0 can load and get back.

Sequences are left out: hsget crashes over them, with HSDS as with h5rest.
"""

import sys

import h5py
import numpy as np

with h5py.File(sys.argv[1], "w") as f:
    f.attrs["title"] = "sample"
    f.attrs["numbers"] = np.arange(5)
    group = f.create_group("group")
    group.attrs["x"] = 1.5
    chunked = group.create_dataset(
        "chunked",
        data=np.arange(2000.0).reshape(40, 50),
        chunks=(10, 25),
        compression="gzip",
        shuffle=True,
    )
    chunked.attrs["unit"] = "m"
    group.create_dataset("growing", data=np.arange(10), maxshape=(None,))
    f.create_dataset("texts", data=["one", "zwei", "trois"], dtype=h5py.string_dtype())
    f.create_dataset("fixed", data=np.array([b"ab", b"cde"]))
    f["table"] = np.array([(1, 2.5), (2, 3.5)], dtype=[("n", "i4"), ("v", "f8")])
    colors = h5py.enum_dtype({"RED": 0, "GREEN": 1}, basetype="i1")
    f.create_dataset("enum", data=np.array([0, 1, 1], "i1"), dtype=colors)
    f.create_dataset("bool", data=np.array([True, False]))
    f.create_dataset("scalar", data=42)
    f["type"] = np.dtype("f4")
    f["soft"] = h5py.SoftLink("/group/chunked")
    f["hard"] = chunked
    f["external"] = h5py.ExternalLink("other.h5", "/x")
