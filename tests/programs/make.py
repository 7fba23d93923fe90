"""Makes a file with the library named first (h5py or h5pyd) under the name given second."""

import importlib
import sys

import numpy as np

library = importlib.import_module(sys.argv[1])
with library.File(sys.argv[2], "w") as file:
    group = file.create_group("group")
    group.create_group("nested")
    group.attrs["number"] = np.int32(7)
    group.attrs["vector"] = np.array([1.5, 2.5, 3.5])
    group.attrs["text"] = "plain"

    chunked = group.create_dataset("chunked", (8, 6), dtype="<f8", chunks=(4, 3))
    chunked[...] = np.arange(48.0).reshape(8, 6)
    chunked.attrs["unit"] = "metre"
    file.create_dataset("integers", data=np.arange(10, dtype=">i2"))
    growing = file.create_dataset("growing", (4,), maxshape=(None,), dtype="<i8", chunks=(4,))
    growing[:] = [10, 20, 30, 40]
    file.create_dataset("scalar", data=np.float32(2.5))
    file.create_dataset("fixed", data=np.array([b"ab", b"cdef"], dtype="S4"))
    record = np.dtype([("id", "<i4"), ("weight", "<f8")])
    file.create_dataset("table", data=np.array([(1, 0.5), (2, 1.5)], dtype=record))

    regions = file.create_dataset("regions", (3,), dtype=library.special_dtype(ref=library.RegionReference))
    regions[0] = chunked.regionref[1:3, 2:5]
    regions[1] = chunked.regionref[0:6:2, 1]
    file.attrs["region"] = chunked.regionref[2:4, 0:2]

    file["soft"] = library.SoftLink("/group/chunked")
    file["hard"] = file["integers"]
