"""Fails unless two files have the same objects, attributes, links and values."""

import sys

import h5py
import numpy as np


def same_attributes(a, b):
    assert set(a.attrs) == set(b.attrs), (a.name, set(a.attrs), set(b.attrs))
    for name in a.attrs:
        assert np.array_equal(a.attrs[name], b.attrs[name]), (a.name, name)


def same(name, a, b):
    assert type(a) is type(b), name
    same_attributes(a, b)
    if isinstance(a, h5py.Dataset):
        assert (a.shape, a.dtype, a.maxshape) == (b.shape, b.dtype, b.maxshape), name
        assert np.array_equal(a[()], b[()]), name
    elif isinstance(a, h5py.Datatype):
        assert a.dtype == b.dtype, name
    else:
        assert set(a) == set(b), (name, set(a), set(b))
        for key in a:
            link, other = a.get(key, getlink=True), b.get(key, getlink=True)
            assert type(link) is type(other), (name, key)
            assert getattr(link, "path", None) == getattr(other, "path", None), (name, key)
            assert getattr(link, "filename", None) == getattr(other, "filename", None)
            if isinstance(link, h5py.HardLink):
                same(f"{name}/{key}", a[key], b[key])


with h5py.File(sys.argv[1]) as a, h5py.File(sys.argv[2]) as b:
    same("", a, b)
    assert b["hard"] == b["group/chunked"]
print("same")
