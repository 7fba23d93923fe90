"""h5py and netCDF4, two copies of HDF5 in one process, each in threads of its own at the same time, on
files of their own. Prints what all of them read in the end, so that a run on local files and a run
through the connector can be compared. Argument: a folder."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import h5py
import netCDF4
import numpy as np

ROUNDS = 6
# netCDF-C is not made for several threads at once; its callers take turns.
netcdf_turn = threading.Lock()


def with_h5py(number):
    name = f"{sys.argv[1]}/h5py-{number}.h5"
    with h5py.File(name, "w") as file:
        values = file.create_dataset("values", (ROUNDS, 100), dtype="f8", chunks=(1, 50), compression="gzip")
        for step in range(ROUNDS):
            values[step] = np.arange(100) * (step + number)
            file.create_group(f"group {step}").attrs["step"] = step
    with h5py.File(name, "r") as file:
        return ["h5py", number, len(file), float(file["values"][:].sum()), [int(file[f"group {step}"].attrs["step"]) for step in range(ROUNDS)]]


def with_netcdf4(number):
    name = f"{sys.argv[1]}/netcdf-{number}.nc"
    with netcdf_turn:
        file = netCDF4.Dataset(name, "w")
        file.createDimension("time", None)
        values = file.createVariable("values", "f8", ("time",), zlib=True)
    for step in range(ROUNDS):
        with netcdf_turn:
            values[step] = step * number
            values.setncattr(f"step{step}", step)
    with netcdf_turn:
        found = ["netCDF4", number, values[:].tolist(), sorted(values.ncattrs())]
        file.close()
    return found


with ThreadPoolExecutor(6) as pool:
    jobs = [pool.submit(work, number) for number in range(3) for work in (with_h5py, with_netcdf4)]
    for job in jobs:
        print(*job.result())
for number in range(3):
    with h5py.File(f"{sys.argv[1]}/netcdf-{number}.nc") as file:
        print("h5py reads of netCDF4", file["values"][:].tolist(), file["values"].maxshape)
