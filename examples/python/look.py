"""An ordinary h5py script: looks at the file that weather.c and rainfall.f90 wrote."""

import sys

import h5py

with h5py.File(sys.argv[1], "r+") as file:
    file.visititems(lambda name, item: print(name, item))
    temperature = file["station/temperature"]
    print("unit:", temperature.attrs["unit"])
    print("first day:", temperature[0, :])
    print("warmest:", temperature[...].max())
    file["station"].attrs["checked"] = True
    file.create_dataset("station/wind", data=[3.5, 4.0, 1.5, 0.5], chunks=(2,))

with h5py.File(sys.argv[1], "r") as file:
    print("wind:", file["station/wind"][1:3])
    print("checked:", bool(file["station"].attrs["checked"]))
