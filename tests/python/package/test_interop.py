# SPDX-License-Identifier: Apache-2.0
"""Each type family, to each of the libraries beside Elea and back: the same values, and whether
they are the same bytes. docs/interop.md holds what this finds: ELEA_WRITE_DOCS=1 writes it anew.

"Zero-copy" is measured: every buffer of the result lies where one of the source lies.
"""

import datetime
import decimal
import importlib
import importlib.util
import math
import os
import pathlib
import uuid

import elea
import numpy as np
import pyarrow as pa
import pytest

DOCUMENT = pathlib.Path(__file__).resolve().parents[3] / "docs" / "interop.md"
ROWS = 1000
ZERO, COPY, NOT = "zero-copy", "copy", "not supported by them"
UTC = datetime.timezone.utc


def some(make, every=7):
    """Values with a null now and then."""
    return [None if every and i % every == 3 else make(i) for i in range(ROWS)]


def text(i):
    return f"text {i}, longer than what fits into a view"


def moment(i):
    return datetime.datetime(2026, 3, 2, 10) + datetime.timedelta(seconds=i)


FAMILIES = {
    "null": elea.nulls(ROWS),
    "bool": elea.array(some(lambda i: i % 3 == 0), elea.bool_()),
    "int8 to uint64": elea.array(some(lambda i: i), elea.int32()),
    "int8 to uint64, no nulls": elea.array(list(range(ROWS)), elea.int64()),
    "float16": elea.array([float(i) for i in range(ROWS)], elea.float16()),
    "float32, float64": elea.array([i / 7 for i in range(ROWS)], elea.float64()),
    "decimal32, decimal64": elea.array(
        some(lambda i: decimal.Decimal(i) / 100), elea.decimal64(12, 2)),
    "decimal128": elea.array(some(lambda i: decimal.Decimal(i) / 100), elea.decimal128(20, 2)),
    "decimal256": elea.array(some(lambda i: decimal.Decimal(i) / 100), elea.decimal256(60, 2)),
    "date32": elea.array(some(lambda i: moment(i).date()), elea.date32()),
    "time64": elea.array(some(lambda i: moment(i).time()), elea.time64("us")),
    "timestamp": elea.array(some(moment), elea.timestamp("us")),
    "timestamp, no nulls": elea.array(some(moment, 0), elea.timestamp("us")),
    "timestamp with zone": elea.array(
        some(lambda i: moment(i).replace(tzinfo=UTC)), elea.timestamp("us", "UTC")),
    "duration": elea.array(
        some(lambda i: datetime.timedelta(milliseconds=i)), elea.duration("us")),
    "month_day_nano_interval": elea.array(
        some(lambda i: elea.MonthDayNano((i % 12, i % 28, i * 1000))),
        elea.month_day_nano_interval()),
    "utf8": elea.array(some(text), elea.utf8()),
    "large_utf8": elea.array(some(text), elea.large_utf8()),
    "utf8_view": elea.array(some(text), elea.string_view()),
    "binary": elea.array(some(lambda i: text(i).encode()), elea.binary()),
    "fixed_size_binary": elea.array(some(lambda i: b"%07d" % i), elea.binary(7)),
    "list": elea.array(some(lambda i: [i] * (i % 3)), elea.list_(elea.int32())),
    "large_list": elea.array(some(lambda i: [i] * (i % 3)), elea.large_list(elea.int32())),
    "list_view": elea.array(some(lambda i: [i] * (i % 3)), elea.list_view(elea.int32())),
    "fixed_size_list": elea.array(
        [[i, i + 0.5] for i in range(ROWS)], elea.list_(elea.float32(), 2)),
    "struct": elea.array(
        some(lambda i: {"a": i, "b": text(i)}),
        elea.struct([("a", elea.int32()), ("b", elea.utf8())])),
    "map": elea.array(
        some(lambda i: [(text(i + j), i) for j in range(i % 3)]),
        elea.map_(elea.utf8(), elea.int32())),
    "dictionary": elea.array(
        some(lambda i: text(i % 5)), elea.dictionary(elea.int32(), elea.utf8())),
    "run_end_encoded": elea.array(
        [i // 50 for i in range(ROWS)], elea.run_end_encoded(elea.int32(), elea.int64())),
    "union, sparse and dense": elea.array(
        pa.UnionArray.from_dense(
            pa.array([i % 2 for i in range(ROWS)], pa.int8()),
            pa.array([i // 2 for i in range(ROWS)], pa.int32()),
            [pa.array(range(ROWS), pa.int64()), pa.array([text(i) for i in range(ROWS)])])),
    "arrow.uuid": elea.array(some(lambda i: uuid.UUID(int=i)), elea.uuid()),
    "arrow.json": elea.array(some(lambda i: f'["{text(i)}"]'), elea.json_()),
    "arrow.bool8": elea.array(some(lambda i: i % 3 == 0), elea.bool8()),
    "arrow.fixed_shape_tensor": elea.array(
        [[i, i + 0.5] for i in range(ROWS)], elea.fixed_shape_tensor(elea.float32(), [2, 1])),
}


# ---- where the buffers are


def arrow_addresses(array, out):
    for buffer in array.buffers():
        if buffer is not None and buffer.size > 0:
            out.add(buffer.address)
    if isinstance(array.type, pa.DictionaryType):
        arrow_addresses(array.dictionary, out)


def addresses(given):
    """Of all buffers that an object of any of the libraries shows."""
    out = set()
    if isinstance(given, np.ndarray):
        return {given.__array_interface__["data"][0]}
    if hasattr(given, "data_ptr"):
        return {given.data_ptr()}
    if hasattr(given, "array") and hasattr(given.array, "_pa_array"):  # a pandas Series
        given = given.array._pa_array
    if type(given).__module__.startswith("pandas"):
        return {given.to_numpy(copy=False).__array_interface__["data"][0]}
    if not isinstance(given, pa.Array | pa.ChunkedArray):
        given = pa.chunked_array(given)
    for chunk in given.chunks if isinstance(given, pa.ChunkedArray) else [given]:
        arrow_addresses(chunk, out)
    return out


def label(source, result):
    """Whether each buffer of the result is one of the source."""
    return ZERO if result and result <= source else COPY


# ---- the libraries


def duckdb_column(column):
    import duckdb

    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.register("ours", elea.table({"c": column}))
    return connection.sql("select c from ours")


def nanoarrow_array(column):
    import nanoarrow

    return nanoarrow.Array(column)


def arro3_array(column):
    import arro3.core

    return arro3.core.Array.from_arrow(column)


def torch_tensor(column):
    return column.to_torch()


def polars_series(column):
    import polars

    return polars.Series(column)


# Name: (ours to theirs, theirs to ours).
LIBRARIES = {
    "NumPy": ("numpy", lambda column: column.to_numpy(zero_copy_only=False), elea.array),
    "torch": ("torch", torch_tensor, elea.from_dlpack),
    "pandas": ("pandas", lambda column: column.to_pandas(), elea.array),
    "Polars": ("polars", polars_series, elea.chunked_array),
    "DuckDB": ("duckdb", duckdb_column, lambda given: elea.table(given)["c"]),
    "pyarrow": ("pyarrow", lambda column: column.to_pyarrow(), elea.array),
    "nanoarrow": ("nanoarrow", nanoarrow_array, elea.array),
    "arro3": ("arro3.core", arro3_array, elea.array),
}


# Where the library ends the process (seen with pyarrow's arrays, too), as of nanoarrow 0.8.
CRASHES = {("nanoarrow", "utf8_view")}


def is_there(module):
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def plain(value):
    """A value in the terms in which libraries may differ and mean the same."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple) and not isinstance(value, elea.MonthDayNano):
        return [plain(item) for item in value]
    if isinstance(value, elea.MonthDayNano):  # what DuckDB makes of durations
        if value.months == 0 and value.days == 0:
            return datetime.timedelta(microseconds=value.nanoseconds // 1000)
        return tuple(value)
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, bytes) and len(value) == 16:  # of who does not know what a UUID is
        value = uuid.UUID(bytes=value)
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)  # NumPy's have no zone
    return value


def same_values(one, other):
    """Pairs of a map come as tuples, dicts or structs of key and value."""
    one, other = plain(one), plain(other)
    if one == other:
        return True
    pairs = [[None if row is None else [[p["key"], p["value"]] for p in row] for row in side]
             if side and any(isinstance(row, list) and row and isinstance(row[0], dict)
                             for row in side) else side for side in (one, other)]
    return pairs[0] == pairs[1]


def cross(library, family):
    """The cells (out, in) of one library and family."""
    _, give, take = LIBRARIES[library]
    column = FAMILIES[family]
    if (library, family) in CRASHES:
        return NOT, NOT
    try:
        before = elea.copied_bytes()
        theirs = give(column)
        ours_copied = elea.copied_bytes() - before
    except AssertionError:
        raise
    except BaseException as problem:  # Rust's panics are no Exception
        if isinstance(problem, KeyboardInterrupt):
            raise
        return NOT, NOT
    if library == "DuckDB":
        # It scans our buffers where they are, by the stream; nobody shows where its vectors lie.
        try:
            values = [row[0] for row in theirs.fetchall()]
        except Exception:
            return NOT, NOT
        out = COPY if ours_copied else ZERO
        assert len(values) == ROWS
    else:
        source = addresses(column)
        out = label(source, addresses(theirs) if family != "null" else set())
        if family == "null" and not ours_copied:
            out = ZERO  # there are no bytes
    try:
        before = elea.copied_bytes()
        back = take(theirs)
        copied = elea.copied_bytes() - before
    except elea.Error:
        return out, NOT
    assert same_values(back.to_pylist(), column.to_pylist()), (library, family)
    if library == "DuckDB" or family == "null":
        into = COPY if copied else ZERO
    else:
        into = label(addresses(theirs), addresses(back))
    return out, into


@pytest.fixture(scope="module")
def found():
    return {}


@pytest.mark.parametrize("library", LIBRARIES)
def test_cross(library, found):
    if not is_there(LIBRARIES[library][0]):
        pytest.skip(f"{library} is not installed")
    for family in FAMILIES:
        found[library, family] = cross(library, family)


def read_document():
    cells = {}
    if not DOCUMENT.exists():
        return cells
    for line in DOCUMENT.read_text().splitlines():
        parts = [part.strip() for part in line.strip("|").split("|")]
        if line.startswith("|") and parts[0] in FAMILIES:
            for library, cell in zip(LIBRARIES, parts[1:]):
                out, _, into = cell.partition(" / ")
                cells[library, parts[0]] = (out, into or out)
    return cells


INTRODUCTION = """\
# What crosses to other libraries, and how

Ours to theirs / theirs back to ours, for each family of types. Made by
`tests/python/package/test_interop.py`, which fails when a cell is no longer true
(`ELEA_WRITE_DOCS=1` writes this file anew).

- **zero-copy**: every buffer of the result lies at an address of the source. For DuckDB, which
  shows no addresses: Elea hands its buffers over, and takes DuckDB's, without copying a byte.
- **copy**: the values arrive, and some of their bytes were laid out anew, by them or, where the
  layouts differ, by us.
- **not supported by them**: the library has no such type, or refuses it.

Values had nulls, unless the row says otherwise; NumPy and torch have none, so that such columns
are copied (NumPy: as objects or with NaN) or refused (torch). All go through the Arrow PyCapsule
interface, the buffer protocol or DLPack.

Extension types (`arrow.…`) go along in the metadata of the field. Of those that a library does not
know the values of the storage arrive, and come back: a UUID as its bytes, or from DuckDB as text.

"""


def test_document(found):
    """docs/interop.md says what was found. Cells of libraries that are not here are kept."""
    cells = {**read_document(), **found}
    lines = ["| | " + " | ".join(LIBRARIES) + " |", "|---" * (len(LIBRARIES) + 1) + "|"]
    for family in FAMILIES:
        row = []
        for library in LIBRARIES:
            out, into = cells.get((library, family), ("not measured", "not measured"))
            row.append(out if out == into else f"{out} / {into}")
        lines.append(f"| {family} | " + " | ".join(row) + " |")
    wanted = INTRODUCTION + "\n".join(lines) + "\n"
    if os.environ.get("ELEA_WRITE_DOCS"):
        DOCUMENT.parent.mkdir(exist_ok=True)
        DOCUMENT.write_text(wanted)
    assert DOCUMENT.read_text() == wanted, "ELEA_WRITE_DOCS=1 writes docs/interop.md anew"
