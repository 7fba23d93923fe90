"""What the installed package promises. Run by `cargo xtask test` in a fresh environment that holds
only the wheel, h5py and netCDF4, against the server that HSDS_ENDPOINT names.

Each test starts a Python of its own: HDF5 reads its settings once in a process."""

import os
import shutil
import subprocess
import sys
import unittest
import uuid
from pathlib import Path

FOLDER = f"/home/{os.environ['HSDS_USERNAME']}"


def python(*arguments, **settings):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HDF5_")}
    environment.update(settings)
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=120
    )


class Package(unittest.TestCase):
    def runs(self, script, *arguments, **settings):
        done = python("-c", script, *arguments, **settings)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_import_before_h5py_is_all_it_takes(self):
        name = f"{FOLDER}/wheel-{uuid.uuid4()}.h5"
        self.runs(
            "import h5rest_vol, h5py, sys\n"
            "with h5py.File(sys.argv[1], 'w') as file: file['x'] = [1, 2, 3]",
            name,
        )
        seen = self.runs(
            "import h5rest_vol, h5py, sys\n"
            "with h5py.File(sys.argv[1]) as file: print(list(file), file['x'][:].tolist())",
            name,
        )
        self.assertEqual(seen, "['x'] [1, 2, 3]\n")
        self.assertFalse(Path(name).exists())
        without = python("-c", "import h5py, sys; h5py.File(sys.argv[1])", name)
        self.assertIn("FileNotFoundError", without.stderr)

    def test_netcdf_and_h5py_in_one_process(self):
        name = f"{FOLDER}/wheel-{uuid.uuid4()}.nc"
        seen = self.runs(
            "import h5rest_vol, netCDF4, h5py, sys\n"
            "with netCDF4.Dataset(sys.argv[1], 'w') as file:\n"
            "    file.createDimension('x', 3)\n"
            "    file.createVariable('v', 'f8', ('x',))[:] = [1, 2, 4]\n"
            "with h5py.File(sys.argv[1]) as file: print(file['v'][:].tolist())",
            name,
        )
        self.assertEqual(seen, "[1.0, 2.0, 4.0]\n")

    def test_import_after_h5py_warns(self):
        done = python("-c", "import h5py, h5rest_vol")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("import h5rest_vol first", done.stderr)
        self.assertNotIn("Warning", python("-c", "import h5rest_vol, h5py, h5rest_vol").stderr)

    def test_settings_that_are_there_are_kept(self):
        seen = self.runs(
            "import h5rest_vol, os\n"
            "print(os.environ['HDF5_PLUGIN_PATH'].split(':')[1:], os.environ['HDF5_VOL_CONNECTOR'])",
            HDF5_PLUGIN_PATH="/filters",
            HDF5_VOL_CONNECTOR="native",
        )
        self.assertEqual(seen, "['/filters'] native\n")

    def test_env_prints_what_a_shell_needs(self):
        lines = python("-m", "h5rest_vol", "env", HDF5_PLUGIN_PATH="/my filters").stdout
        shell = subprocess.run(
            ["sh", "-c", lines + 'printf "%s|%s" "$HDF5_PLUGIN_PATH" "$HDF5_VOL_CONNECTOR"'],
            capture_output=True,
            text=True,
        )
        path, connector = shell.stdout.split("|")
        self.assertEqual((path.split(":")[1:], connector), (["/my filters"], "REST"))
        plugins = [file.name for file in Path(path.split(":")[0]).iterdir()]
        self.assertEqual(len(plugins), 1, plugins)

    def test_server_is_installed(self):
        server = shutil.which("h5rest", path=str(Path(sys.executable).parent))
        self.assertIsNotNone(server)
        version = subprocess.run([server, "--version"], capture_output=True, text=True)
        self.assertTrue(version.stdout.startswith("h5rest "), version)


if __name__ == "__main__":
    unittest.main(testRunner=unittest.TextTestRunner(stream=sys.stdout, verbosity=2))
