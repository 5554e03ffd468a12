#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
r"""Concat, equality, full validation and bitmaps: Elea, through ctypes, beside pyarrow, in turns.

usage: ELEA_LIBRARY=build/release/lib/libelea.so build/venv/bin/python \
    bench/compare_columnar.py [MB]

Both work on the same buffers; MB (default 1000) is the size of the text that is validated. ctypes
costs Elea about a microsecond a call; nothing is taken off for that.
"""

import os
import sys
import time
from ctypes import c_int, c_int64, c_void_p

import numpy
import pyarrow
import pyarrow.compute

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "tests", "python"))
import elea_ctypes as elea  # noqa: E402

RUNS = 9
ROWS = 10000000
CHUNKS = 1000


def text(rows, size):
    """Rows of `size` letters."""
    letters = numpy.resize(numpy.arange(97, 123, dtype=numpy.uint8), rows * size)
    offsets = numpy.arange(rows + 1, dtype=numpy.int32) * size
    return pyarrow.Array.from_buffers(
        pyarrow.string(), rows, [None, pyarrow.py_buffer(offsets), pyarrow.py_buffer(letters)])


def with_nulls(array):
    mask = numpy.random.default_rng(1).random(len(array)) < 0.1
    return pyarrow.array(array.to_numpy(), mask=mask)


def best_milliseconds(functions):
    """The fastest run of each, run in turns."""
    best = [float("inf")] * len(functions)
    for _ in range(RUNS):
        for i, function in enumerate(functions):
            begin = time.perf_counter_ns()
            function()
            best[i] = min(best[i], (time.perf_counter_ns() - begin) / 1e6)
    return best


def row(name, size, ours, theirs):
    a, b = best_milliseconds([ours, theirs])
    print(f"{name:40}{a:9.2f}{b:12.2f}{a / b:8.2f}{size / a / 1e6:8.1f}")


def concat(name, array):
    chunks = [array.slice(i * (ROWS // CHUNKS), ROWS // CHUNKS) for i in range(CHUNKS)]
    owners = [elea.Array.from_arrow(chunk) for chunk in chunks]
    handles = (c_void_p * CHUNKS)(*[owner.handle for owner in owners])
    row(f"concat of {CHUNKS} chunks, {name}", array.nbytes,
        lambda: elea.Array.make("elea_array_concat", None, handles, CHUNKS).close(),
        lambda: pyarrow.concat_arrays(chunks))


def equality(name, array):
    copy = pyarrow.concat_arrays([array.slice(0, 1), array.slice(1)])
    a, b = elea.Array.from_arrow(array), elea.Array.from_arrow(copy)
    assert a.equals(b) and array.equals(copy)
    row(f"equality, {name}", array.nbytes, lambda: a.equals(b), lambda: array.equals(copy))


def validation(name, array):
    ours = elea.Array.from_arrow(array)
    row(f"full validation, {name}", array.nbytes,
        lambda: elea.call("elea_array_validate", ours, c_int(elea.FULL)),
        lambda: array.validate(full=True))


def bitmaps(rows):
    """Bits of bool arrays, at the odd offset 3 in both and in the result."""
    bits = numpy.random.default_rng(2).integers(0, 256, rows // 8 + 64, dtype=numpy.uint8)
    out = numpy.zeros_like(bits)
    source, target = c_void_p(bits.ctypes.data), c_void_p(out.ctypes.data)
    array = pyarrow.Array.from_buffers(
        pyarrow.bool_(), rows, [None, pyarrow.py_buffer(bits)], offset=3)
    count = elea.library.elea_bitmap_count
    count.restype = c_int64
    assert count(source, c_int64(3), c_int64(rows)) == pyarrow.compute.sum(array).as_py()
    row(f"bitmap count, {rows} bits", rows // 8,
        lambda: count(source, c_int64(3), c_int64(rows)), lambda: pyarrow.compute.sum(array))
    row(f"bitmap and, {rows} bits", rows // 8,
        lambda: elea.library.elea_bitmap_and(source, c_int64(3), source, c_int64(3),
                                             c_int64(rows), target, c_int64(3)),
        lambda: pyarrow.compute.and_(array, array))


def main():
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print(f"{ROWS} rows, pyarrow {pyarrow.__version__}, milliseconds; GB/s of elea")
    print(f"{'':40}{'elea':>9}{'pyarrow':>12}{'ratio':>8}{'GB/s':>8}")
    numbers = pyarrow.array(numpy.arange(ROWS))
    samples = {
        "int64": numbers,
        "int64 with nulls": with_nulls(numbers),
        "float64": pyarrow.array(numpy.arange(ROWS, dtype=numpy.float64)),
        "utf8 of 12 bytes": text(ROWS, 12),
    }
    for name, array in samples.items():
        concat(name, array)
    for name, array in samples.items():
        equality(name, array)
    validation(f"utf8 of 100 bytes, {megabytes} MB", text(megabytes * 10000, 100))
    validation(f"utf8 of 12 bytes, {megabytes} MB", text(megabytes * 1000000 // 12, 12))
    bitmaps(100 * ROWS)


if __name__ == "__main__":
    main()
