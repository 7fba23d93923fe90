"""Prints what make.py made."""

import sys

import h5py

with h5py.File(sys.argv[1], "r") as file:
    group = file["group"]
    print(len(file), len(group), sorted(group.attrs))
    print(group.attrs["number"], group.attrs["vector"].tolist(), group.attrs["text"])
    chunked = file["soft"]
    print(chunked.shape, chunked.dtype.str, chunked.attrs["unit"])
    print(chunked[2:7:2, 1:4].tolist())
    print(file["integers"].dtype.str, file["hard"][3:6].tolist())
    growing = file["growing"]
    print(growing.maxshape, growing.chunks, growing[:].tolist())
    print(float(file["scalar"][()]), file["fixed"][:].tolist())
    print(file["table"].dtype.descr, file["table"][:].tolist())
    first, second, nothing = file["regions"][:]
    assert not nothing and file[first].name == "/group/chunked"
    print([chunked[region].tolist() for region in (first, second, file.attrs["region"])])
