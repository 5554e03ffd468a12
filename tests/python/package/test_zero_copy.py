# SPDX-License-Identifier: Apache-2.0
"""No copy from a mapped file to whoever reads the values: the addresses lie inside of the mapping,
which lives exactly as long as the last view. Capsules that are dropped or taken twice leave
nothing behind."""

import gc
import pathlib
import weakref

import duckdb
import elea
import numpy as np
import polars
import pyarrow as pa
import pytest

from test_interop import addresses

ROWS = 5000

WIDTH = 4


def columns():
    vectors = np.arange(ROWS * WIDTH, dtype=np.float32).reshape(ROWS, WIDTH)
    return {
        "id": pa.array(range(ROWS), pa.int64()),
        "weight": pa.array([i / 8 for i in range(ROWS)], pa.float64()),
        "vector": pa.FixedSizeListArray.from_arrays(vectors.reshape(-1), WIDTH),
        "day": pa.array([None if i % 7 == 3 else i for i in range(ROWS)], pa.date32()),
        "text": pa.array([f"text {i} that does not fit into a view" for i in range(ROWS)],
                         pa.string_view()),
        "name": pa.array([None if i % 9 == 1 else f"name {i}" for i in range(ROWS)]),
    }


@pytest.fixture(scope="module", autouse=True)
def old_objects_stay_out():
    """gc.collect() looks at what the tests make, and not at the modules of eight libraries."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def path(tmp_path):
    out = tmp_path / "mapped.arrow"
    elea.write_table(elea.table(pa.table(columns())), out)
    return out


def mappings(path):
    """The parts of the address space that show a file."""
    gc.collect()
    parts = [line.split(maxsplit=5) for line in
             pathlib.Path("/proc/self/maps").read_text().splitlines()]
    return [tuple(int(bound, 16) for bound in part[0].split("-"))
            for part in parts if len(part) == 6 and part[5] == str(path)]


def are_mapped(path, places):
    bounds = mappings(path)
    return bool(places) and all(
        any(begin <= place < end for begin, end in bounds) for place in places)


# ---- who reads, and which columns each sees in place

FIXED = ["id", "weight", "vector"]

READERS = {
    "NumPy": (FIXED, lambda column: column.to_numpy()),
    "NumPy by DLPack": (["id", "weight"], lambda column: np.from_dlpack(column)),
    "buffer protocol": (["id", "weight"], lambda column: np.asarray(memoryview(column.chunk(0)))),
    "torch": (FIXED, lambda column: column.to_torch()),
    "pandas": ([*FIXED, "day", "text", "name"], lambda column: column.to_pandas()),
    "pandas of NumPy": (["id", "weight"], lambda column: column.to_pandas(types_mapper="numpy")),
    "Polars": (["id", "weight", "day", "text", "vector"], lambda column: column.to_polars()),
    "pyarrow": ([*FIXED, "day", "text", "name"], lambda column: column.to_pyarrow()),
}

CELLS = [(name, column) for name, (names, _) in READERS.items() for column in names]


def view_of(reader, column):
    if reader == "torch":
        pytest.importorskip("torch")
    return READERS[reader][1](column)


@pytest.mark.parametrize("begin", [0, 3])
@pytest.mark.parametrize("reader, name", CELLS)
def test_from_the_file(reader, name, begin, path, nothing_copied):
    table = elea.read_table(path).slice(begin)
    view = view_of(reader, table[name])
    places = addresses(view)
    if reader == "Polars" and begin and name == "day":  # it lays the bitmap out anew
        places = {pa.chunked_array(view).chunk(0).buffers()[1].address}
    assert are_mapped(path, places)
    # An owner that nobody names any more stays as long as the view, and not longer.
    del table
    assert mappings(path)
    del view
    assert mappings(path) == []


def test_the_values_are_right(path):
    table, source = elea.read_table(path), pa.table(columns())
    assert table["id"].to_numpy()[-1] == ROWS - 1
    assert table["vector"].to_numpy().shape == (ROWS, WIDTH)
    assert table["vector"].to_numpy()[7].tolist() == source["vector"][7].as_py()
    assert table.to_polars()["text"].to_list() == source["text"].to_pylist()
    assert table.to_pandas()["id"].tolist() == source["id"].to_pylist()


def test_duckdb_scans_the_file(path, nothing_copied):
    table = elea.read_table(path)
    with duckdb.connect() as connection:
        connection.register("ours", table)
        assert connection.sql("select sum(id), count(name) from ours").fetchall() == [
            (ROWS * (ROWS - 1) // 2, ROWS - len(range(1, ROWS, 9)))]
        del table
        assert mappings(path), "the registered table is its owner"
        assert connection.sql("select max(weight) from ours").fetchall() == [((ROWS - 1) / 8,)]
        connection.unregister("ours")
    assert mappings(path) == []


def test_a_frame_of_the_table(path, nothing_copied):
    """Whole tables, and a chain of libraries: the bytes are still those of the file."""
    table = elea.read_table(path)
    frame = polars.DataFrame(table.select(["id", "weight"]))
    again = elea.table(frame)
    last = pa.table(again)["weight"]
    del table, frame, again
    assert are_mapped(path, addresses(last))
    values = last.chunk(0).to_numpy()
    del last
    assert are_mapped(path, addresses(values))
    assert values[8] == 1.0
    del values
    assert mappings(path) == []


@pytest.mark.parametrize("first", range(4))
def test_the_last_view_ends_it(first, path, nothing_left):
    """Each view alone keeps the mapping, whichever goes first."""
    table = elea.read_table(path)
    views = [table, table["id"].to_numpy(), table["weight"].to_polars(), table["text"][5:9]]
    del table
    views = views[first:] + views[:first]
    while views:
        assert mappings(path)
        views.pop()
    assert mappings(path) == []


def test_a_reader_and_its_batches(path, nothing_left):
    with elea.open_file(path) as reader:
        batch = reader.get_batch(0)
    del reader
    assert are_mapped(path, addresses(batch["id"]))
    scalar = batch["text"][3]
    del batch
    gc.collect()
    assert scalar.as_py().startswith("text 3")
    del scalar
    assert mappings(path) == []


def test_a_file_that_is_gone(path):
    view = elea.read_table(path)["id"].to_numpy()
    path.unlink()
    gc.collect()
    assert view.sum() == ROWS * (ROWS - 1) // 2
    assert mappings(f"{path} (deleted)")
    del view
    assert mappings(f"{path} (deleted)") == []


# ---- what comes from Python lives as long as our views


class Owner(np.ndarray):
    """An array that can be watched."""


def watched():
    values = np.arange(ROWS, dtype=np.int64).view(Owner)
    return values, weakref.ref(values)


@pytest.mark.parametrize("chain", [
    lambda ours: ours, lambda ours: ours[7:], lambda ours: ours.to_numpy(), pa.array,
    lambda ours: elea.table({"x": ours}).to_polars(), lambda ours: elea.table({"x": ours})[3:],
    lambda ours: polars.Series(ours), lambda ours: memoryview(ours), lambda ours: ours.buffers(),
    lambda ours: elea.array(pa.array(ours)), lambda ours: ours.__arrow_c_array__(),
    lambda ours: elea.table({"x": ours}).__arrow_c_stream__(), lambda ours: ours.__dlpack__(),
    lambda ours: iter(ours), lambda ours: elea.table({"x": ours}).to_reader()])
def test_an_owner_in_python(chain, nothing_left):
    values, owner = watched()
    ours = elea.array(values)
    del values
    assert owner() is not None
    view = chain(ours)
    del ours
    gc.collect()
    assert owner() is not None, "the view is all that holds it"
    del view
    gc.collect()
    assert owner() is None, "and nothing holds it behind the last view"


def test_a_cycle_is_collected(nothing_left):
    """An array in a cycle of Python's: gc ends it, and its owner with it."""
    values, owner = watched()
    holder = {"array": elea.array(values)}
    holder["itself"] = holder
    del values, holder
    gc.collect()
    assert owner() is None


# ---- capsules that nobody takes, and that two take

SPEAKERS = {
    "array": (lambda: elea.array([1, None, 3]), "__arrow_c_array__", elea.array),
    "text": (lambda: elea.array(["a", "b" * 40], "utf8_view"), "__arrow_c_array__", elea.array),
    "device array": (lambda: elea.array([[1], []]), "__arrow_c_device_array__", elea.array),
    "chunked array": (lambda: elea.chunked_array([[1], [2, 3]]), "__arrow_c_stream__",
                      elea.chunked_array),
    "table": (lambda: elea.table({"a": [1], "b": ["x"]}), "__arrow_c_stream__", elea.table),
    "device table": (lambda: elea.table({"a": [1]}), "__arrow_c_device_stream__", elea.table),
    "batch": (lambda: elea.record_batch({"a": [1]}), "__arrow_c_array__", elea.record_batch),
    "reader": (lambda: elea.table({"a": [1]}).to_reader(), "__arrow_c_stream__", elea.table),
    "dictionary": (lambda: elea.array(["a", "a"], elea.dictionary("int8", "utf8")),
                   "__arrow_c_array__", elea.array),
    "type": (lambda: elea.list_("int8"), "__arrow_c_schema__", elea.type_from_arrow),
    "schema": (lambda: elea.schema({"a": "int8"}), "__arrow_c_schema__", elea.schema),
}

TAKERS = {
    "__arrow_c_array__": pa.array, "__arrow_c_stream__": pa.chunked_array,
    "__arrow_c_schema__": pa.field}


class Speaker:
    """Hands out the same capsules again and again."""

    def __init__(self, method, capsules):
        setattr(self, method, lambda requested_schema=None, **rest: capsules)


@pytest.mark.parametrize("name", SPEAKERS)
def test_capsules_nobody_takes(name, nothing_left):
    make, method, _ = SPEAKERS[name]
    for _ in range(50):
        capsules = getattr(make(), method)()
        del capsules


@pytest.mark.parametrize("name", SPEAKERS)
def test_capsules_two_take(name, nothing_left):
    make, method, take = SPEAKERS[name]
    for _ in range(20):
        speaker = Speaker(method, getattr(make(), method)())
        taken = take(speaker)
        for _ in range(2):
            with pytest.raises(ValueError, match="consumed already"):
                take(speaker)
        assert taken is not None
        del speaker, taken


@pytest.mark.parametrize("name", [name for name in SPEAKERS if SPEAKERS[name][1] in TAKERS
                                  and name not in ("batch", "schema", "table", "reader")])
def test_others_take_first(name, nothing_left):
    """pyarrow takes it; we are told; pyarrow's copy stays good when the capsules are gone."""
    make, method, take = SPEAKERS[name]
    thing = make()
    expected = thing.to_pylist() if hasattr(thing, "to_pylist") else None
    speaker = Speaker(method, getattr(thing, method)())
    theirs = TAKERS[method](speaker)
    with pytest.raises(ValueError, match="consumed already"):
        take(speaker)
    del speaker, thing
    gc.collect()
    assert expected is None or theirs.to_pylist() == expected
    del theirs


def test_half_taken_streams(nothing_left):
    """A stream that is dropped in the middle, by us and by pyarrow."""
    for read in (elea.RecordBatchReader.from_stream, pa.RecordBatchReader.from_stream):
        table = elea.table({"a": list(range(100))})
        reader = read(table.to_reader(10))
        batch = reader.read_next_batch()
        del reader, table
        gc.collect()
        assert batch.num_rows == 10
        del batch
