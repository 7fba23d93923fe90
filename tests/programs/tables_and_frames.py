"""PyTables, and pandas by it: arrays that grow, tables with an index, variable-length rows, compression,
attributes, groups. Prints what it reads, so that a run on a local file and a run through the connector
can be compared.

Arguments: the file, a relative name, and the command that makes a local file that leads to it (PyTables
opens for reading only what is in the local file system)."""

import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import tables

warnings.simplefilter("ignore", tables.NaturalNameWarning)


class Particle(tables.IsDescription):
    name = tables.StringCol(8, pos=1)
    energy = tables.Float64Col(pos=2)
    hits = tables.Int32Col(shape=(3,), pos=3)
    kind = tables.EnumCol(["up", "down"], "up", "uint8", pos=4)


def write_tables(name):
    zlib = tables.Filters(complevel=4, complib="zlib", shuffle=True, fletcher32=True)
    blosc = tables.Filters(complevel=5, complib="blosc2")
    with tables.open_file(name, "w", title="Überschrift") as file:
        group = file.create_group("/", "detector", "a group")
        table = file.create_table(group, "readout", Particle, "a table", zlib, expectedrows=500)
        row = table.row
        for number in range(200):
            row["name"] = f"p{number}"
            row["energy"] = number / 4
            row["hits"] = [number, number + 1, number * number]
            row["kind"] = table.get_enum("kind")["down" if number % 3 else "up"]
            row.append()
        table.flush()
        table.cols.energy.create_index()
        table.attrs.run = 7
        table.attrs.anything = {"pickled": [1, 2]}
        file.create_array(group, "plain", np.arange(12).reshape(3, 4), "an array")
        carray = file.create_carray("/", "chunked", tables.Float32Atom(dflt=-1), (30, 20), filters=blosc, chunkshape=(7, 6))
        carray[3:20:4, 5:] = 2.5
        earray = file.create_earray("/", "growing", tables.Int64Atom(), (0, 3), filters=zlib)
        earray.append(np.arange(9).reshape(3, 3))
        vlarray = file.create_vlarray("/", "ragged", tables.Int16Atom(), filters=tables.Filters(1, "zlib"))
        vlarray.append([1])
        vlarray.append([])
        vlarray.append([2, 3, 4])
        words = file.create_vlarray("/", "words", tables.VLUnicodeAtom())
        words.append("Grüße")
        file.create_soft_link("/", "soft", "/detector/plain")
        file.create_hard_link("/detector", "hard", "/chunked")


def read_tables(name):
    with tables.open_file(name, "r") as file:
        print("nodes", [(node._v_pathname, type(node).__name__) for node in file.walk_nodes("/")])
        print("titles", file.title, file.root.detector._v_title, file.root.detector.plain.title)
        table = file.root.detector.readout
        print("table", table.nrows, table.colnames, table.filters.complib, table.filters.complevel, table.filters.fletcher32)
        print("row", table[17].tolist())
        print("where", [row["name"] for row in table.where("(energy > 47) & (energy < 49)")])
        print("indexed", table.cols.energy.is_indexed, table.will_query_use_indexing("energy > 47") != frozenset())
        print("read", table.read(5, 100, 30, field="hits").tolist())
        print("attributes", table.attrs.run, table.attrs.anything)
        print("chunked", file.root.chunked.filters.complib, file.root.chunked.chunkshape, float(file.root.chunked[:].sum()), file.root.chunked[3, 4:7].tolist())
        print("growing", file.root.growing[:].tolist())
        print("ragged", [row.tolist() for row in file.root.ragged], file.root.words[0])
        print("links", file.root.soft.target, file.root.soft()[2, 3], file.root.detector.hard[3, 5])


def change_tables(name):
    with tables.open_file(name, "r+") as file:
        file.root.growing.append([[9, 9, 9]])
        file.root.ragged.append([5, 6])
        table = file.root.detector.readout
        table.modify_column(0, 2, colname="energy", column=[100.0, 101.0])
        table.remove_rows(150, 190)
        file.rename_node("/words", "vocabulary")
        file.copy_node("/detector/plain", "/", "copied")
        file.remove_node("/detector/hard")
    with tables.open_file(name, "r") as file:
        print("changed", file.root.growing[:].tolist(), [row.tolist() for row in file.root.ragged])
        print("changed", file.root.detector.readout.nrows, [row["name"] for row in file.root.detector.readout.where("energy > 48")])
        print("changed", file.root.vocabulary[0], file.root.copied[:].tolist(), sorted(file.root._v_children), sorted(file.root.detector._v_children))


def frames(name):
    when = pd.date_range("2026-01-01", periods=6, freq="h")
    frame = pd.DataFrame({"value": np.arange(6) / 2, "count": np.arange(6), "word": list("abcdef")}, index=when)
    frame.iloc[2, 0] = np.nan
    frame.to_hdf(name, key="fixed", mode="r+")
    frame.to_hdf(name, key="table", mode="r+", format="table", data_columns=["count"], complevel=9, complib="zlib")
    frame["value"].to_hdf(name, key="deep/series", mode="r+")
    with pd.HDFStore(name, "r+") as store:
        store.append("table", frame.set_index(frame.index + pd.Timedelta(days=1)), data_columns=["count"])
        print("keys", sorted(store.keys()))
    print(pd.read_hdf(name, "fixed").to_csv())
    print(pd.read_hdf(name, "table", where="count > 3 & index < '2026-01-02T05'").to_csv())
    print(pd.read_hdf(name, "deep/series").to_csv())


name, *command = sys.argv[1:]
write_tables(name)
if command:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
read_tables(name)
change_tables(name)
frames(name)
