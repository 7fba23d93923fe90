"""The job of c-tests/requests/metadata.c with h5pyd: prints `write S`, `read S`."""

import sys
import time

import h5pyd

GROUPS, ATTRIBUTES = 200, 4

name = sys.argv[1]

start = time.monotonic()
file = h5pyd.File(name, "w")
for n in range(GROUPS):
    group = file.create_group(f"group{n:03d}")
    for a in range(ATTRIBUTES):
        group.attrs.create(f"attribute{a}", n * ATTRIBUTES + a, dtype="i4")
file.close()
print("write", time.monotonic() - start)

start = time.monotonic()
file = h5pyd.File(name, "r")
for n in range(GROUPS):
    group = file[f"group{n:03d}"]
    for a in range(ATTRIBUTES):
        assert group.attrs[f"attribute{a}"] == n * ATTRIBUTES + a
file.close()
print("read", time.monotonic() - start)
