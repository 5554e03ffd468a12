# SPDX-License-Identifier: Apache-2.0
"""Feather files that pyarrow wrote, of both versions, read by Elea (through ctypes)."""

import ctypes
import os
import random
from ctypes import byref, c_void_p

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pytest

from test_ipc import ReadOptions, Table, assert_same, call, library, make_table

# Version 1 is deprecated, which is why Elea reads it.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def read(path, columns=None, unmapped=False):
    result = Table.__new__(Table)
    result.handle = c_void_p()
    options = ReadOptions(validation=2, unmapped=unmapped)
    if columns:
        names = [name.encode() for name in columns] + [None]
        options.columns = (ctypes.c_char_p * len(names))(*names)
    call(library.elea_feather_read_table, os.fsencode(path), byref(options), byref(result.handle))
    return result.to_pyarrow()


def write_version_1(path, table):
    try:
        pyarrow.feather.write_feather(table, str(path), version=1)
    except (TypeError, ValueError) as error:
        pytest.skip(f"this pyarrow writes no version 1: {error}")


def sprinkle(rng, values, nulls):
    return [None if rng.random() < nulls else value for value in values]


def old_table(count, nulls, seed=1):
    """A column of each type that version 1 has."""
    rng = random.Random(seed)
    columns = {}

    def add(name, values, kind):
        columns[name] = pa.array(sprinkle(rng, values, nulls), kind)

    for bits in (8, 16, 32, 64):
        add(f"int{bits}", [rng.randint(-2 ** (bits - 1), 2 ** (bits - 1) - 1)
                           for _ in range(count)], f"int{bits}")
        add(f"uint{bits}", [rng.randint(0, 2 ** bits - 1) for _ in range(count)], f"uint{bits}")
    add("bool", [rng.random() < 0.5 for _ in range(count)], pa.bool_())
    for name in ("float32", "float64"):
        add(name, [float(np.float32(rng.gauss(0, 1e6))) for _ in range(count)], name)
    texts = ["zeno \u03b6 " * rng.randint(0, 3) for _ in range(count)]
    for kind in (pa.utf8(), pa.large_utf8(), pa.binary(), pa.large_binary()):
        columns[str(kind)] = pa.array(sprinkle(rng, texts, nulls), pa.utf8()).cast(kind)
    add("date32", [rng.randint(0, 20000) for _ in range(count)], pa.date32())
    for unit in ("s", "ms"):
        add(f"time {unit}", [rng.randint(0, 86399) for _ in range(count)], pa.time32(unit))
    for unit in ("s", "ms", "us", "ns"):
        for zone in (None, "Europe/Berlin"):
            add(f"timestamp {unit} {zone}", [rng.randint(0, 2 ** 60) for _ in range(count)],
                pa.timestamp(unit, zone))
    for kind, values, ordered in ((pa.int8(), ["a", "", "ccc"], True),
                                  (pa.uint16(), [1.5, -2.5, 0.0], False),
                                  (pa.int32(), [b"x", b"\xff", b""], False)):
        places = pa.array(sprinkle(rng, [rng.randint(0, 2) for _ in range(count)], nulls), kind)
        columns[f"category {kind}"] = pa.DictionaryArray.from_arrays(places, values,
                                                                     ordered=ordered)
    return pa.table(columns)


@pytest.mark.parametrize("count", [0, 1, 7, 8, 65, 300])
@pytest.mark.parametrize("nulls", [0, 0.2, 1])
def test_version_1(count, nulls, tmp_path):
    path = tmp_path / "old.feather"
    theirs = old_table(count, nulls)
    write_version_1(path, theirs)
    expected = pyarrow.feather.read_table(path)
    for unmapped in (False, True):
        assert_same(read(path, unmapped=unmapped), expected)
        names = ["category int8", "bool", "string"]
        assert_same(read(path, names, unmapped), expected.select(names))


def test_slices(tmp_path):
    theirs = old_table(100, 0.2)
    for offset in (1, 3, 8, 64, 99):
        write_version_1(tmp_path / "old.feather", theirs.slice(offset, 30))
        assert_same(read(tmp_path / "old.feather"),
                    pyarrow.feather.read_table(tmp_path / "old.feather"))


def test_no_columns(tmp_path):
    write_version_1(tmp_path / "old.feather", pa.table({}))
    assert read(tmp_path / "old.feather").num_columns == 0


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
def test_version_2(compression, tmp_path):
    theirs = make_table(3, 60)
    pyarrow.feather.write_feather(theirs, str(tmp_path / "new.feather"), compression=compression)
    assert_same(read(tmp_path / "new.feather"), theirs)
