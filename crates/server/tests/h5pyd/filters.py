"""Makes datasets through h5pyd with each filter that h5pyd 1.0.0 lets through, and reads them back
through a new file object."""

import sys

import h5pyd
import numpy as np

domain = sys.argv[1]
data = np.arange(20000, dtype="i4").reshape(100, 200) // 50
ways = {
    "gzip": dict(compression="gzip", compression_opts=7),
    "gzip_shuffle": dict(compression="gzip", shuffle=True),
    "fletcher32": dict(compression="gzip", fletcher32=True),
    "scaleoffset": dict(scaleoffset=4),
    "szip": dict(compression="szip", compression_opts=("nn", 8)),
}
for name in ("blosclz", "lz4", "lz4hc", "lzf"):
    ways[name] = dict(compression=name)
    ways[name + "_shuffle"] = dict(compression=name, shuffle=True)
ways["lz4_level"] = dict(compression="lz4", compression_opts=4)

with h5pyd.File(domain, "w") as f:
    for name, options in ways.items():
        made = f.create_dataset(name, data=data, chunks=(10, 200), **options)
with h5pyd.File(domain, "r") as f:
    for name, options in ways.items():
        found = f[name]
        assert np.array_equal(found[...], data), name
        assert found.chunks == (10, 200), name
        if "compression" in options:
            assert found.compression == options["compression"], (name, found.compression)
        if options.get("shuffle") is True:
            assert found.shuffle, name
        if options.get("fletcher32"):
            assert found.fletcher32, name
        if name in ("gzip", "lz4_level"):
            assert found.compression_opts == options["compression_opts"], name
print(f"{len(ways)} ways")
