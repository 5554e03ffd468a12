#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
r"""IPC reading and writing: Elea, through ctypes, beside pyarrow and arro3 (arrow-rs), in turns.

usage: ELEA_LIBRARY=build/release/lib/libelea.so build/venv/bin/python bench/compare_ipc.py \
    [--megabytes 1000] [--runs 5] [--rows PATTERN] [--markdown docs/benchmarks-ipc.md]

All have the same columns (numbers, texts, dictionaries, lists, nulls) in memory and read the same
files, which pyarrow wrote, from the temporary folder, where the system holds them in its cache. A
figure is the fastest run of each, all of them in turns. What is made is freed within the time.
Elea's calls through ctypes and the others' through their packages cost a microsecond or so each;
nothing is taken off for that. "of memory" is the speed of the uncompressed bytes beside that of
copying them once in memory, with one thread, in the same run.
"""

import argparse
import ctypes
import importlib.metadata
import io
import os
import re
import sys
import tempfile
import time
from ctypes import POINTER, Structure, byref, c_bool, c_char_p, c_double, c_int, c_int32, c_int64
from ctypes import c_void_p

import arro3.core
import arro3.io
import numpy
import pyarrow as pa

BATCH_ROWS = 65536
SMALL_ROWS = 1000
WIDE_COLUMNS = 1000
CODECS = {"plain": 0, "lz4": 1, "zstd": 2}

library = ctypes.CDLL(os.environ["ELEA_LIBRARY"])
library.elea_table_schema.restype = c_void_p


class ReadOptions(Structure):
    _fields_ = [("columns", POINTER(c_char_p)), ("column_indices", POINTER(c_int64)),
                ("column_count", c_int64), ("validation", c_int), ("misaligned", c_int),
                ("depth_max", c_int32), ("decompressed_max", c_int64), ("limits", c_int64 * 6),
                ("unmapped", c_bool), ("recover", c_bool), ("threads", c_void_p),
                ("pool", c_void_p)]


class WriteOptions(Structure):
    _fields_ = [("alignment", c_int32), ("compression", c_int), ("compression_level", c_int32),
                ("legacy_framing", c_bool), ("dictionary_deltas", c_bool),
                ("space_savings_min", c_double), ("metadata_v4", c_bool),
                ("unify_dictionaries", c_bool), ("allow_64bit", c_bool), ("in_place", c_bool),
                ("depth_max", c_int32), ("batch_rows_max", c_int64), ("threads", c_void_p),
                ("pool", c_void_p)]


def call(name, *arguments):
    message = ctypes.create_string_buffer(1100)
    if getattr(library, name)(*arguments, message):
        raise RuntimeError(f"{name}: {message.raw[8:].split(bytes(1))[0].decode()}")


class Owner:
    """An object of Elea, freed at the end of a `with`."""

    def __init__(self, free):
        self.free, self.handle = getattr(library, free), c_void_p()

    def __enter__(self):
        return self.handle

    def __exit__(self, *_):
        self.free(self.handle)


# ---- the data ----

def mixed_columns(rows, seed=1):
    rng = numpy.random.default_rng(seed)
    words = pa.array([f"word number {i} of some" for i in range(997)])
    texts = words.take(pa.array(rng.integers(0, 997, rows)))
    mask = rng.random(rows) < 0.1
    lists = pa.ListArray.from_arrays(
        pa.array(numpy.arange(rows + 1, dtype=numpy.int32) * 3),
        pa.array(rng.integers(0, 1000, rows * 3).astype(numpy.int32)))
    return {
        "int32": pa.array(rng.integers(0, 100000, rows).astype(numpy.int32)),
        "int64": pa.array(numpy.cumsum(rng.integers(0, 100, rows))),
        "float64": pa.array(rng.random(rows)),
        "float32": pa.array(numpy.round(rng.random(rows) * 1000).astype(numpy.float32)),
        "utf8": texts,
        "dictionary": pa.DictionaryArray.from_arrays(
            pa.array(rng.integers(0, 50, rows).astype(numpy.int32)), words.slice(0, 50)),
        "lists": lists,
        "nulls": pa.array(rng.integers(0, 1 << 40, rows), mask=mask),
    }


def mixed_table(megabytes):
    kinds = [pa.record_batch(mixed_columns(BATCH_ROWS, seed)) for seed in range(8)]
    count = max(1, megabytes * 1000000 // kinds[0].nbytes)
    dictionary = kinds[0].column("dictionary").dictionary
    return pa.Table.from_batches([one_copy(kinds[i % 8], dictionary) for i in range(count)])


def one_copy(batch, dictionary):
    """The batch in memory of its own, but for the dictionary, which a file has once."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as out:
        out.write_batch(batch)
    copy = pa.ipc.open_stream(sink.getvalue()).read_next_batch()
    i = copy.schema.get_field_index("dictionary")
    column = pa.DictionaryArray.from_arrays(copy.column(i).indices, dictionary)
    return copy.set_column(i, copy.schema.field(i), column)


def write_pyarrow(sink, table, kind="file", codec="plain", threads=1, rows=None):
    options = pa.ipc.IpcWriteOptions(compression=None if codec == "plain" else codec,
                                     use_threads=threads > 1)
    new = pa.ipc.new_file if kind == "file" else pa.ipc.new_stream
    with new(sink, table.schema, options=options) as out:
        out.write_table(table, max_chunksize=rows)


def import_table(table):
    """The same bytes as a table of Elea."""
    struct = (c_int64 * 5)()
    reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches())
    reader._export_to_c(ctypes.addressof(struct))
    handle = c_void_p()
    call("elea_table_import", byref(struct), None, byref(handle))
    return handle


# ---- what is measured: pairs of a name and a function for each library ----

class Elea:
    def __init__(self):
        self.pools = {}

    def threads(self, count):
        if count not in self.pools:
            handle = c_void_p()
            call("elea_thread_pool_new", None, c_int(count), byref(handle))
            self.pools[count] = handle
        return self.pools[count]

    def read(self, path, threads, columns=None, mapped=False):
        options = ReadOptions(threads=self.threads(threads), unmapped=not mapped)
        if columns:
            names = [name.encode() for name in columns] + [None]
            options.columns = (c_char_p * len(names))(*names)
        with Owner("elea_table_unref") as table:
            call("elea_ipc_read_table", os.fsencode(path), byref(options), byref(table))

    def read_memory(self, data, threads, kind):
        options = ReadOptions(threads=self.threads(threads))
        stream_free = "elea_record_stream_free" if kind == "stream" else "elea_ipc_file_reader_free"
        with (Owner("elea_buffer_unref") as buffer, Owner("elea_file_unref") as file,
              Owner(stream_free) as reader, Owner("elea_table_unref") as table):
            call("elea_buffer_wrap", None, c_void_p(data.address), c_int64(data.size), None, None,
                 byref(buffer))
            call("elea_file_new_from_buffer", buffer, None, None, byref(file))
            if kind == "stream":
                call("elea_ipc_stream_reader_new", file, byref(options), byref(reader))
                call("elea_table_new_from_stream", None, reader, byref(table))
            else:
                call("elea_ipc_file_reader_new", file, byref(options), byref(reader))
                call("elea_ipc_file_reader_read_table", reader, byref(table))

    def write(self, path, table, codec, threads, kind="file"):
        options = WriteOptions(compression=CODECS[codec], threads=self.threads(threads))
        with (Owner("elea_output_stream_free") as stream,
              Owner(f"elea_ipc_{kind}_writer_free") as writer):
            if path is None:
                call("elea_output_stream_new_memory", None, byref(stream))
            else:
                call("elea_output_stream_open", os.fsencode(path), None, None, byref(stream))
            schema = c_void_p(library.elea_table_schema(table))
            extra = [None] if kind == "file" else []
            call(f"elea_ipc_{kind}_writer_new", stream, schema, byref(options), *extra,
                 byref(writer))
            call(f"elea_ipc_{kind}_writer_write_table", writer, table)
            call(f"elea_ipc_{kind}_writer_close", writer)
            call("elea_output_stream_close", stream)


def pyarrow_read(source, threads, fields=None, kind="file"):
    options = pa.ipc.IpcReadOptions(use_threads=threads > 1, included_fields=fields)
    with source as opened:
        if kind == "file":
            pa.ipc.open_file(opened, options=options).read_all()
        else:
            pa.ipc.open_stream(opened, options=options).read_all()


class Bench:
    def __init__(self, folder, megabytes):
        self.folder, self.elea, self.rows = folder, Elea(), []
        self.table = mixed_table(megabytes)
        self.size = self.table.nbytes
        self.ours = import_table(self.table)
        self.rust = arro3.core.Table.from_arrow(self.table)
        small = pa.Table.from_batches(
            [batch for chunk in self.table.slice(0, 3000 * SMALL_ROWS).to_batches()
             for batch in pa.Table.from_batches([chunk]).to_batches(max_chunksize=SMALL_ROWS)])
        self.small, self.small_ours = small, import_table(small)
        self.small_count = len(small.to_batches())
        self.small_rust = arro3.core.Table.from_arrow(small)

    def path(self, name):
        return os.path.join(self.folder, name)

    def add(self, name, size, elea, pyarrow, arro3_=None, unit="GB/s", count=1):
        self.rows.append((name, size, unit, count, {"elea": elea, "pyarrow": pyarrow,
                                                    "arro3": arro3_}))

    def reads(self):
        for codec in CODECS:
            path = self.path(f"read-{codec}.arrow")
            with pa.OSFile(path, "wb") as sink:
                write_pyarrow(sink, self.table, codec=codec)
            data = pa.py_buffer(open(path, "rb").read())
            for threads in (1, 2):
                self.add(f"read a file, {codec}, {threads} thread{'s'[:threads - 1]}", self.size,
                         lambda p=path, t=threads: self.elea.read(p, t),
                         lambda p=path, t=threads: pyarrow_read(pa.OSFile(p), t),
                         lambda p=path: arro3.io.read_ipc(p).read_all())
                if codec != "plain":
                    self.add(f"read memory, {codec}, {threads} thread{'s'[:threads - 1]}",
                             self.size,
                             lambda d=data, t=threads: self.elea.read_memory(d, t, "file"),
                             lambda d=data, t=threads: pyarrow_read(pa.BufferReader(d), t))
        path = self.path("read-plain.arrow")
        self.add("view a mapped file, plain", self.size, unit="us",
                 elea=lambda: self.elea.read(path, 1, mapped=True),
                 pyarrow=lambda: pyarrow_read(pa.memory_map(path), 1))

    def writes(self):
        for codec in CODECS:
            for threads in (1, 2):
                label = f"{codec}, {threads} thread{'s'[:threads - 1]}"
                ours, theirs, rust = (self.path(f"write-{n}.arrow") for n in "epa")
                rust_codec = None if codec == "plain" else codec.upper()
                self.add(f"write a file, {label}", self.size,
                         lambda c=codec, t=threads: self.elea.write(ours, self.ours, c, t),
                         lambda c=codec, t=threads: self.pyarrow_write(theirs, c, t),
                         lambda r=rust_codec: arro3.io.write_ipc(self.rust, rust, compression=r))
                self.add(f"write memory, {label}", self.size,
                         lambda c=codec, t=threads: self.elea.write(None, self.ours, c, t),
                         lambda c=codec, t=threads: write_pyarrow(
                             pa.BufferOutputStream(), self.table, codec=c, threads=t),
                         lambda r=rust_codec: arro3.io.write_ipc(self.rust, io.BytesIO(),
                                                                 compression=r))

    def pyarrow_write(self, path, codec, threads):
        with pa.OSFile(path, "wb") as sink:
            write_pyarrow(sink, self.table, codec=codec, threads=threads)

    def small_batches(self):
        data = pa.BufferOutputStream()
        write_pyarrow(data, self.small, "stream")
        data = data.getvalue()
        blob = data.to_pybytes()
        self.add(f"stream of {SMALL_ROWS}-row batches, read", 0, unit="us a batch",
                 count=self.small_count,
                 elea=lambda: self.elea.read_memory(data, 1, "stream"),
                 pyarrow=lambda: pyarrow_read(pa.BufferReader(data), 1, kind="stream"),
                 arro3_=lambda: arro3.io.read_ipc_stream(io.BytesIO(blob)).read_all())
        self.add(f"stream of {SMALL_ROWS}-row batches, written", 0, unit="us a batch",
                 count=self.small_count,
                 elea=lambda: self.elea.write(None, self.small_ours, "plain", 1, "stream"),
                 pyarrow=lambda: write_pyarrow(pa.BufferOutputStream(), self.small, "stream"),
                 arro3_=lambda: arro3.io.write_ipc_stream(self.small_rust, io.BytesIO(),
                                                          compression=None))

    def projection(self):
        rows = 20000
        values = numpy.random.default_rng(3).random((WIDE_COLUMNS, rows))
        names = [f"column {i}" for i in range(WIDE_COLUMNS)]
        wide = pa.table([pa.array(v) for v in values], names=names)
        wanted, index = "column 777", 777
        for codec in ("plain", "zstd"):
            path = self.path(f"wide-{codec}.arrow")
            with pa.OSFile(path, "wb") as sink:
                write_pyarrow(sink, wide, codec=codec, rows=2000)
            for mapped in (True, False):
                how = "mapped" if mapped else "read"
                self.add(f"one of {WIDE_COLUMNS} columns, {codec}, {how}", 0, unit="us",
                         elea=lambda p=path, m=mapped: self.elea.read(p, 1, [wanted], m),
                         pyarrow=lambda p=path, m=mapped: pyarrow_read(
                             pa.memory_map(p) if m else pa.OSFile(p), 1, [index]))


def copy_speed(runs):
    """Bytes a nanosecond copied in memory: the reference."""
    source = numpy.ones(1 << 28, numpy.uint8)
    target = numpy.zeros_like(source)
    best = float("inf")
    for _ in range(runs):
        begin = time.perf_counter_ns()
        numpy.copyto(target, source)
        best = min(best, time.perf_counter_ns() - begin)
    return source.size / best


def measure(functions, runs, threads):
    """The fastest run of each library in nanoseconds, all in turns."""
    pa.set_cpu_count(threads)
    best = {name: float("inf") for name, function in functions.items() if function}
    for _ in range(runs):
        for name in best:
            begin = time.perf_counter_ns()
            functions[name]()
            best[name] = min(best[name], time.perf_counter_ns() - begin)
    return best


def show(value, size, unit, count):
    if value is None:
        return "-"
    return f"{size / value:.2f}" if unit == "GB/s" else f"{value / 1000 / count:.1f}"


def run_rows(bench, runs, pattern, speed):
    for name, size, unit, count, functions in bench.rows:
        if not re.search(pattern, name):
            continue
        repeats = runs if unit == "GB/s" else runs * 6
        best = measure(functions, repeats, 2 if "2 threads" in name else 1)
        ours, others = best["elea"], [best[n] for n in best if n != "elea"]
        yield (name, unit, *(show(best.get(n), size, unit, count)
                             for n in ("elea", "pyarrow", "arro3")),
               f"{min(others) / ours:.2f}",
               f"{size / ours / speed:.2f}" if unit == "GB/s" else "")


HEAD = ("", "unit", "Elea", "pyarrow", "arro3", "x fastest peer", "of memory")


def markdown(rows, bench, speed, arguments):
    yield "# IPC beside pyarrow and arro3"
    yield ""
    yield (f"pyarrow {pa.__version__}, arro3 {importlib.metadata.version('arro3-core')} "
           f"(arrow-rs); {bench.size / 1e6:.0f} MB of mixed columns in batches of {BATCH_ROWS} "
           f"rows; fastest of {arguments.runs} runs or more, in turns; copying in memory runs at "
           f"{speed:.1f} GB/s. More is better in GB/s, less in us; above 1 the last but one column "
           "says that Elea is faster. `-`: the library has no such thing. The table is made by")
    yield ""
    yield "    ELEA_LIBRARY=build/release/lib/libelea.so build/venv/bin/python \\"
    yield "        bench/compare_ipc.py --markdown docs/benchmarks-ipc.md"
    yield ""
    yield "| " + " | ".join(HEAD) + " |"
    yield "|---|---|--:|--:|--:|--:|--:|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rows", default="", help="only rows that match this expression")
    parser.add_argument("--markdown", help="write the table to this file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder, arguments.megabytes)
        bench.small_batches()
        bench.projection()
        bench.reads()
        bench.writes()
        speed = copy_speed(5)
        print(f"{HEAD[0]:40}{HEAD[1]:>11}" + "".join(f"{head:>15}" for head in HEAD[2:]))
        rows = []
        for row in run_rows(bench, arguments.runs, arguments.rows, speed):
            rows.append(row)
            print(f"{row[0]:40}{row[1]:>11}" + "".join(f"{cell:>15}" for cell in row[2:]),
                  flush=True)
        if arguments.markdown:
            with open(arguments.markdown, "w", encoding="utf-8") as out:
                out.write("\n".join(markdown(rows, bench, speed, arguments)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
