"""HDF5 on data behind the HDF REST API.

Import this before h5py, netCDF4 or any other package that brings HDF5, and files are opened on
the server that ``HSDS_ENDPOINT``, ``HSDS_USERNAME`` and ``HSDS_PASSWORD`` (or ``~/.hscfg``) name::

    import h5rest_vol
    import h5py

    h5py.File("/home/me/data.h5")

The import sets two variables of this process and of those it starts: ``HDF5_PLUGIN_PATH``, to
which the plugin's folder is added, and ``HDF5_VOL_CONNECTOR``, unless it is set already.
``python -m h5rest_vol env`` prints them for a shell instead.
"""

import os
import sys
import warnings
from pathlib import Path

__all__ = ["PLUGIN_FOLDER", "variables"]

#: The folder that HDF5 has to search for plugins.
PLUGIN_FOLDER = str(Path(__file__).resolve().parent / "plugin")

# Packages that load an HDF5 library when they are imported. HDF5 reads its variables once, then.
_HOSTS = ("h5py", "netCDF4", "tables")


def variables(environment=os.environ):
    """The variables that make HDF5 use the plugin, given those that are set already."""
    folders = environment.get("HDF5_PLUGIN_PATH", "").split(os.pathsep)
    others = [folder for folder in folders if folder and folder != PLUGIN_FOLDER]
    return {
        "HDF5_PLUGIN_PATH": os.pathsep.join([PLUGIN_FOLDER, *others]),
        "HDF5_VOL_CONNECTOR": environment.get("HDF5_VOL_CONNECTOR") or "REST",
    }


def _set_variables():
    wanted = variables()
    late = [name for name in _HOSTS if name in sys.modules]
    if late and any(os.environ.get(name) != value for name, value in wanted.items()):
        warnings.warn(
            f"h5rest_vol was imported after {', '.join(late)}, whose HDF5 has read its settings "
            "already and opens local files: import h5rest_vol first",
            RuntimeWarning,
            stacklevel=3,
        )
    os.environ.update(wanted)


_set_variables()
