"""h5py with processes that Python forks (multiprocessing), before files were used, while they are open, and
again and again, and with exceptions that signals raise in the middle of its calls. Prints what it read, so
that a run on a local file and one through the connector can be compared. Argument: the file."""

import multiprocessing
import os
import signal
import sys

import h5py
import numpy as np

NAME = sys.argv[1]
ROWS = 16
fork = multiprocessing.get_context("fork")


def in_own_file(row):
    with h5py.File(NAME, "r") as file:
        return row, float(file["values"][row].sum()), int(file["values"].attrs["state"])


def in_inherited_file(row):
    return row, float(inherited["values"][row].sum()), sorted(inherited)


def in_new_file(number):
    name = f"{NAME}.{number}.h5"
    with h5py.File(name, "w") as file:
        file["number"] = number
        file.create_group("group").attrs["number"] = number
    with h5py.File(name, "r") as file:
        return int(file["number"][()]), int(file["group"].attrs["number"])


# Children that use HDF5 before their parent does.
with fork.Pool(4) as pool:
    print("new files", pool.map(in_new_file, range(4)))

with h5py.File(NAME, "w") as file:
    values = file.create_dataset("values", data=np.arange(ROWS * 1000.0).reshape(ROWS, 1000), chunks=(1, 250))
    values.attrs["state"] = 1

# After it has used files, and closed them.
for attempt in range(3):
    with fork.Pool(4) as pool:
        print("own files", pool.map(in_own_file, range(ROWS)))

# While a file is open, for reading and for writing.
for mode in ["r", "r+"]:
    inherited = h5py.File(NAME, mode)
    print("before", inherited["values"][0, :3].tolist())
    with fork.Pool(4) as pool:
        print("inherited", mode, pool.map(in_inherited_file, range(ROWS)))
    if mode == "r+":
        inherited["values"][1, 0] = -7.0
        inherited.create_group("made after the children")
    print("after", inherited["values"][1, :3].tolist())
    inherited.close()

# Others that are forked behind h5py's back, and end at once.
with h5py.File(NAME, "r+") as file:
    file["values"].attrs["state"] = 2
    for attempt in range(20):
        child = os.fork()
        if child == 0:
            os._exit(0)
        file["values"][2, attempt] = attempt
        assert os.waitpid(child, 0)[1] == 0


class Interrupted(Exception):
    pass


def interrupt(number, frame):
    global armed
    if armed:
        armed = False
        raise Interrupted


signal.signal(signal.SIGALRM, interrupt)
for attempt in range(20):
    with h5py.File(NAME, "r+") as file:
        armed = True
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.003 + attempt / 1000)
            # Python swallows exceptions in some places: then this ends because nothing is armed.
            while armed:
                file["values"][3] = np.full(1000, 3.0)
                assert file["values"][3, 999] == 3.0
                file.visititems(lambda name, item: None)
        except Interrupted:
            pass
with h5py.File(NAME, "r") as file:
    print("in the end", sorted(file), file["values"][1, 0], file["values"][2, :25].tolist())
    print(set(file["values"][3].tolist()), int(file["values"].attrs["state"]))
for number in range(4):
    os.path.exists(f"{NAME}.{number}.h5") and os.remove(f"{NAME}.{number}.h5")
