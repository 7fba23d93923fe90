"""The first three steps of c-tests/bench/transfer.c with h5pyd: prints `write S`, `read S`, `boxes S`."""

import sys
import time

import h5pyd
import numpy

ROWS, COLUMNS, BOX, BOXES = 2048, 4096, 64, 64

name = sys.argv[1]
data = (numpy.arange(ROWS * COLUMNS) * 1.000001).reshape(ROWS, COLUMNS)

file = h5pyd.File(name, "w")
dataset = file.create_dataset("data", (ROWS, COLUMNS), "<f8", chunks=(256, 1024))
start = time.monotonic()
dataset[...] = data
file.close()
print("write", time.monotonic() - start)

file = h5pyd.File(name, "r", use_cache=False)
dataset = file["data"]
start = time.monotonic()
found = dataset[...]
print("read", time.monotonic() - start)
assert (found == data).all()

random = 12345
start = time.monotonic()
for _ in range(BOXES):
    random = (random * 1664525 + 1013904223) % 2**32
    row = (random >> 8) % (ROWS - BOX)
    random = (random * 1664525 + 1013904223) % 2**32
    column = (random >> 8) % (COLUMNS - BOX)
    box = dataset[row : row + BOX, column : column + BOX]
    assert box[0, 0] == data[row, column]
print("boxes", time.monotonic() - start)
