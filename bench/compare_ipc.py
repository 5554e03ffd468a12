#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Opening and viewing an IPC file of 1 GB: Elea, through ctypes, beside pyarrow, in turns.

usage: ELEA_LIBRARY=build/release/lib/libelea.so build/venv/bin/python bench/compare_ipc.py [MB]

The file is made by pyarrow in the temporary folder and removed. ctypes costs Elea about a
microsecond a call; nothing is taken off for that.
"""

import ctypes
import os
import sys
import tempfile
import time

import numpy
import pyarrow

RUNS = 200
ROWS = 65536
DIMENSION = 384

library = ctypes.CDLL(os.environ["ELEA_LIBRARY"])
library.elea_copied_bytes.restype = ctypes.c_int64


def make_file(path, megabytes):
    values = numpy.random.default_rng(1).random(ROWS * DIMENSION, numpy.float32)
    embedding = pyarrow.FixedSizeListArray.from_arrays(
        pyarrow.array(values.astype(numpy.float16)), DIMENSION)
    batch = pyarrow.record_batch({"id": pyarrow.array(range(ROWS)), "embedding": embedding})
    with pyarrow.ipc.new_file(path, batch.schema) as out:
        for _ in range(max(1, megabytes * 1000000 // batch.nbytes)):
            out.write_batch(batch)


def elea_open(path):
    file, reader = ctypes.c_void_p(), ctypes.c_void_p()
    assert library.elea_file_map(path, None, ctypes.byref(file), None) == 0
    assert library.elea_ipc_file_reader_new(file, None, ctypes.byref(reader), None) == 0
    library.elea_ipc_file_reader_free(reader)
    library.elea_file_unref(file)


def elea_view(path):
    table = ctypes.c_void_p()
    assert library.elea_ipc_read_table(path, None, ctypes.byref(table), None) == 0
    library.elea_table_unref(table)


def pyarrow_open(path):
    with pyarrow.memory_map(path) as source:
        pyarrow.ipc.open_file(source)


def pyarrow_view(path):
    with pyarrow.memory_map(path) as source:
        pyarrow.ipc.open_file(source).read_all()


def best_microseconds(functions, path):
    """The fastest run of each, run in turns."""
    best = [float("inf")] * len(functions)
    for _ in range(RUNS):
        for i, function in enumerate(functions):
            begin = time.perf_counter_ns()
            function(path)
            best[i] = min(best[i], (time.perf_counter_ns() - begin) / 1000)
    return best


def main():
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "bench.arrow")
        make_file(path, megabytes)
        print(f"{os.path.getsize(path)} bytes, pyarrow {pyarrow.__version__}")
        print(f"{'':24}{'elea us':>10}{'pyarrow us':>12}{'ratio':>8}")
        before = library.elea_copied_bytes()
        encoded = os.fsencode(path)
        for name, ours, theirs in (("open", elea_open, pyarrow_open),
                                   ("view as a table", elea_view, pyarrow_view)):
            a, b = best_microseconds([lambda _: ours(encoded), theirs], path)
            print(f"{name:24}{a:10.1f}{b:12.1f}{a / b:8.2f}")
        print(f"bytes copied by elea: {library.elea_copied_bytes() - before}")


if __name__ == "__main__":
    main()
