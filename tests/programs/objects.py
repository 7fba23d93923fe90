"""Names, links, references and dimension scales in h5py: what goes from object to object. Prints
what it finds, so that a run on a local file and a run through the connector can be compared, and
checks the values itself. Argument: the file."""

import sys

import h5py
import numpy as np


def show(label, value):
    print(label, ":", value)


def write(name):
    with h5py.File(name, "w") as file:
        group = file.create_group("group")
        group.create_dataset("table", data=np.arange(100.0).reshape(10, 10), chunks=(5, 5), compression="gzip")
        file["deep/er/numbers"] = np.arange(5)
        file["soft"] = h5py.SoftLink("/group/table")
        file["dangling"] = h5py.SoftLink("/nowhere")
        file["elsewhere"] = h5py.ExternalLink("other.h5", "/there")
        file["hard"] = group["table"]

        file["references"] = np.array([group.ref, file["deep/er/numbers"].ref], dtype=h5py.ref_dtype)
        file.attrs["reference"] = group.ref
        rows = group["table"].regionref[1:3, 2:5]
        points = group["table"].regionref[[0, 2, 5], 3]
        assert group["table"][rows].tolist() == [[12, 13, 14], [22, 23, 24]]
        regions = file.create_dataset("regions", (3,), dtype=h5py.regionref_dtype)
        regions[0], regions[1] = rows, points
        file.attrs["region"] = rows

        rows = file.create_dataset("rows", data=np.arange(10) * 0.5)
        rows.make_scale("the rows")
        columns = file.create_dataset("columns", data=np.arange(10) * 2.0)
        columns.make_scale("the columns")
        other = file.create_dataset("other rows", data=np.arange(10) - 5)
        other.make_scale()
        table = group["table"]
        table.dims[0].label = "row"
        table.dims[0].attach_scale(rows)
        table.dims[0].attach_scale(other)
        table.dims[1].attach_scale(columns)
        assert len(table.dims[0]) == 2 and table.dims[0][0] == rows
        table.dims[0].detach_scale(other)


def names(file):
    show("list", list(file))
    show("items", [(key, type(item).__name__) for key, item in file["group"].items()])
    paths = ["group", "group/table", "/group/table", "deep/er/numbers", "soft", "group/absent",
             "absent", "absent/at/all", "dangling", "/"]
    show("in", {path: path in file for path in paths})
    assert "deep/er/numbers" in file and "group/absent" not in file and "er/numbers" in file["deep"]

    visited = []
    file.visititems(lambda path, item: visited.append((path, type(item).__name__)))
    show("visited", visited)
    assert ("deep/er/numbers", "Dataset") in visited and ("deep/er", "Group") in visited
    show("stopped at", file.visit(lambda path: path if path.startswith("deep/") else None))


def links(file):
    for key in file:
        link = file.get(key, getlink=True)
        target = (link.filename, link.path) if isinstance(link, h5py.ExternalLink) else getattr(link, "path", None)
        show("link " + key, (type(link).__name__, target, file.get(key, getclass=True, getlink=True).__name__))
    assert file.get("soft", getlink=True).path == "/group/table"
    assert file.get("elsewhere", getlink=True).filename == "other.h5"
    assert file.get("absent", "default") == "default"
    show("class", file.get("soft", getclass=True).__name__)
    assert file["soft"] == file["hard"] == file["group/table"]
    assert hash(file["group"]) == hash(file["/group"]) and file["group"] != file["deep"]
    show("links to the table", h5py.h5o.get_info(file["hard"].id).rc)
    show("parent", (file["group/table"].parent.name, file["group/table"].file == file))


def references(file):
    first, second = file["references"][:]
    assert file[first] == file["group"] and file[second] == file["deep/er/numbers"]
    assert file[file.attrs["reference"]] == file["group"]
    assert not h5py.Reference()
    rows, points, nothing = file["regions"][:]
    assert not nothing and file[rows] == file["group/table"]
    table = file[rows]
    show("regions", [table[rows].tolist(), table[points].tolist(), table[file.attrs["region"]].tolist()])
    show("shape", [table.regionref.shape(rows), table.regionref.selection(points)])
    show("references", [file[first].name, file[second][:].tolist(), h5py.h5r.get_name(second, file.id)])


def scales(file):
    table = file["group/table"]
    show("labels", [dimension.label for dimension in table.dims])
    for number, dimension in enumerate(table.dims):
        show("dimension %d" % number, [(key, scale.name, scale[:3].tolist()) for key, scale in dimension.items()])
    assert len(table.dims[0]) == 1 and table.dims[0]["the rows"] == file["rows"]
    assert table.dims[1][0] == file["columns"]
    show("scales", {name: file[name].is_scale for name in ("rows", "columns", "other rows", "hard")})
    show("scale's attributes", sorted(file["rows"].attrs))
    back = file["rows"].attrs["REFERENCE_LIST"]
    assert len(back) == 1 and file[back[0][0]] == table and back[0][1] == 0
    show("table's attributes", sorted(table.attrs))


write(sys.argv[1])
with h5py.File(sys.argv[1], "r") as opened:
    names(opened)
    links(opened)
    references(opened)
    scales(opened)
