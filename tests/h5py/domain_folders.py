"""A plugin of pytest that lets h5py's own tests, unchanged, work on a server. `cargo xtask h5py` runs
it.

The tests make their files in temporary folders. On the server a folder of the same path is made along
with each, so the name of a file there is the name of a domain. Files that come with the tests are in
the folder SAMPLES, and under that name on the server.

Writes what became of each test to the file that OUTCOMES names, a line of JSON each. Without
HDF5_VOL_CONNECTOR (natively) it does only that."""

import base64
import json
import os
import sys
import tempfile
import urllib.error
import urllib.request

import h5py.tests.data_files

CONNECTED = "HDF5_VOL_CONNECTOR" in os.environ
# A test of h5py that runs itself in another process is told of by the first one.
INNER = any(name.startswith("IN_SUBPROCESS_") for name in os.environ)


def make_folder_on_server(path):
    token = base64.b64encode(f"{os.environ['HSDS_USERNAME']}:{os.environ['HSDS_PASSWORD']}".encode()).decode()
    request = urllib.request.Request(
        f"{os.environ['HSDS_ENDPOINT']}/?domain={urllib.request.quote(path)}",
        data=b'{"folder": true}',
        method="PUT",
        headers={"Authorization": f"Basic {token}", "Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(request, timeout=60).close()
    except urllib.error.HTTPError as error:
        if error.code != 409:  # there already
            raise RuntimeError(f"PUT of the folder {path}: {error.code} {error.read()}") from error


def watch(event, arguments):
    if event == "os.mkdir":
        path = os.path.abspath(os.fsdecode(arguments[0]))
        if path.startswith(tempfile.gettempdir() + os.sep):
            make_folder_on_server(path)


if CONNECTED:
    sys.addaudithook(watch)
h5py.tests.data_files.get_data_file_path = lambda name: os.path.join(os.environ["SAMPLES"], name)

worst = {}


def tell(**line):
    if not INNER:
        with open(os.environ["OUTCOMES"], "a") as file:
            file.write(json.dumps(line) + "\n")


def pytest_runtest_logstart(nodeid, location):
    tell(test=nodeid, outcome="started")


def pytest_runtest_logreport(report):
    if report.failed:
        crash = getattr(report.longrepr, "reprcrash", None)
        worst[report.nodeid] = ("failed", crash.message if crash else str(report.longrepr))
    elif report.skipped:
        worst.setdefault(report.nodeid, ("skipped", ""))
    if report.when == "teardown":
        outcome, message = worst.get(report.nodeid, ("passed", ""))
        tell(test=report.nodeid, outcome=outcome, message=message)
