#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the Python package costs: importing it, crossing with a small batch, handing 1 GB over.

usage: build/venv/bin/python bench/compare_python.py [--mb MB] [--write]

The package is that of build/release (ELEA_BUILD_DIR names another folder). pyarrow, nanoarrow and
arro3 do the same in turns, in one run. --write puts the tables into docs/benchmarks-python.md. Two
bounds must hold, or the exit status is 1: the import takes less than 10 ms of CPU time, and elea
copies nothing.
"""

import argparse
import os
import pathlib
import platform
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
PACKAGE = pathlib.Path(os.environ.get("ELEA_BUILD_DIR", ROOT / "build/release")) / "python"
DOCUMENT = ROOT / "docs/benchmarks-python.md"
sys.path.insert(0, str(PACKAGE))

import arro3.core  # noqa: E402
import duckdb  # noqa: E402
import elea  # noqa: E402
import nanoarrow  # noqa: E402
import numpy  # noqa: E402
import polars  # noqa: E402
import pyarrow  # noqa: E402

IMPORT_GOAL_MS = 10
IMPORTS = 15
CALLS = 2000
RUNS = 20

HEAD = """# What the Python package costs

Made by `build/venv/bin/python bench/compare_python.py --write`, which measures the libraries in
turns and takes the fastest run of each. Times are of one machine: compare within a row or column.
"""


def grid(head, rows):
    """A table of Markdown."""
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def best(functions, runs, calls=1):
    """Microseconds of a call of each, the fastest of the runs, which are made in turns."""
    least = [float("inf")] * len(functions)
    for _ in range(runs):
        for i, function in enumerate(functions):
            begin = time.perf_counter_ns()
            for _ in range(calls):
                function()
            least[i] = min(least[i], (time.perf_counter_ns() - begin) / 1000 / calls)
    return least


# ---- importing


def import_milliseconds(module):
    """Wall time and CPU time of the import statement, in a Python that has done nothing else."""
    code = ("import time; w, c = time.perf_counter(), time.process_time(); "
            f"import {module}; print(time.perf_counter() - w, time.process_time() - c)")
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True,
                         env={**os.environ, "PYTHONPATH": str(PACKAGE)}).stdout
    return [1000 * float(word) for word in out.split()]


def imports():
    modules = ["elea", "elea.memory", "pyarrow", "nanoarrow", "arro3.core"]
    least = {module: [float("inf")] * 2 for module in modules}
    for _ in range(IMPORTS):
        for module in modules:
            found = import_milliseconds(module)
            least[module] = [min(pair) for pair in zip(least[module], found)]
    rows = [[f"`import {module}`", f"{least[module][0]:.1f}", f"{least[module][1]:.1f}"]
            for module in modules]
    text = ("## Import\n\nMilliseconds beyond Python's own start; the goal for `import elea` is "
            f"{IMPORT_GOAL_MS} ms of CPU. `elea.memory` loads oneDNN.\n\n")
    return text + grid(["", "wall ms", "CPU ms"], rows), least["elea"][1] < IMPORT_GOAL_MS


# ---- a small batch


class Foreign:
    """A batch of which nobody knows the library."""

    def __init__(self, batch):
        self.batch = batch

    def __arrow_c_array__(self, requested_schema=None):
        return self.batch.__arrow_c_array__(requested_schema)


def crossing():
    data = {"id": list(range(10)), "score": [0.5] * 10, "text": ["ten"] * 10}
    theirs = pyarrow.RecordBatch.from_pydict(data)
    foreign = Foreign(theirs)
    takers = {
        "elea": elea.record_batch,
        "pyarrow": pyarrow.record_batch,
        "nanoarrow": nanoarrow.c_array,
        "arro3": arro3.core.RecordBatch.from_arrow,
    }
    batches = [take(foreign) for take in takers.values()]
    ours = Foreign(batches[0])
    calls = {"out": [batch.__arrow_c_array__ for batch in batches]}
    for name, source in (("in", foreign), ("from elea", ours)):
        calls[name] = [lambda take=take, source=source: take(source) for take in takers.values()]
    wrapped = [Foreign(batch) for batch in batches]
    calls["to elea"] = [lambda source=source: elea.record_batch(source) for source in wrapped]
    before = elea.copied_bytes()
    found = {name: best(functions, RUNS, CALLS // RUNS) for name, functions in calls.items()}
    copied = elea.copied_bytes() - before
    text = ("## A small batch\n\nMicroseconds for a batch of 10 rows: int64, float64, utf8. out: "
            "its two capsules, made and\ndropped. in: taken from capsules that pyarrow makes. from "
            "elea, to elea: the whole way. Bytes\nthat elea copied in all of it: "
            f"{copied}.\n\n")
    rows = [[name, *(f"{found[way][i]:.2f}" for way in found)] for i, name in enumerate(takers)]
    return text + grid(["", *found], rows), copied == 0


# ---- a table of 1 GB


def anonymous_bytes():
    """Memory of this process that no file is behind."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


def grown(function):
    """By how much a call lets the process grow while its result is held."""
    before = anonymous_bytes()
    result = function()
    size = anonymous_bytes() - before
    del result
    return max(size, 0)


def table_rows(ours, theirs):
    """Name, elea's way, pyarrow's way."""
    frame = ours.to_polars()
    values = frame.get_columns()[0].to_numpy()
    connection = duckdb.connect()
    return [
        ("to NumPy, every column",
         lambda: [ours[name].to_numpy() for name in ours.column_names],
         lambda: [theirs[name].chunk(0).to_numpy() for name in theirs.column_names]),
        ("from NumPy, one column", lambda: elea.array(values), lambda: pyarrow.array(values)),
        ("to Polars", lambda: polars.DataFrame(ours), lambda: polars.from_arrow(theirs)),
        ("from Polars", lambda: elea.table(frame), frame.to_arrow),
        ("to DuckDB, a relation", lambda: ours.to_duckdb(connection),
         lambda: connection.from_arrow(theirs)),
    ]


def big_table(megabytes):
    rows = megabytes * 1000000 // 32
    data = {name: numpy.arange(rows, dtype=kind)
            for name, kind in (("a", "i8"), ("b", "i8"), ("c", "f8"), ("d", "f8"))}
    ours = elea.table(data)
    theirs = pyarrow.table(data)
    lines, clean = [], True
    for name, mine, other in table_rows(ours, theirs):
        mine(), other()  # what is made at the first call only
        before = elea.copied_bytes()
        first, second = best([mine, other], RUNS)
        copied = elea.copied_bytes() - before
        clean = clean and copied == 0
        lines.append([name, f"{first:.1f}", f"{second:.1f}", str(copied),
                      f"{grown(mine) / 1e6:.1f}", f"{grown(other) / 1e6:.1f}"])
    text = (f"## A table of {ours.nbytes / 1e9:.2f} GB\n\n{rows} rows of two int64 and two float64 "
            "columns, in one chunk. Bytes copied are elea's own\ncount, over all runs; growth is "
            "that of the process's anonymous memory while the result of one call\nis held.\n\n")
    head = ["", "elea us", "pyarrow us", "bytes elea copied", "growth MB", "pyarrow's MB"]
    return text + grid(head, lines), clean


def machine():
    cpu = "unknown CPU"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    versions = ", ".join(f"{module.__name__.split('.')[0]} {module.__version__}" for module in (
        elea, pyarrow, nanoarrow, arro3.core, numpy, polars, duckdb))
    return (f"Measured with {versions};\nPython {platform.python_version()}; "
            f"{os.cpu_count()} x {cpu}.\n")


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--mb", type=int, default=1000, help="size of the big table")
    options.add_argument("--write", action="store_true", help="write docs/benchmarks-python.md")
    given = options.parse_args()
    parts = [imports(), crossing(), big_table(given.mb)]
    text = "\n".join([HEAD, machine(), *(part for part, _ in parts)])
    print(text)
    if given.write:
        DOCUMENT.write_text(text)
    return 0 if all(good for _, good in parts) else 1


if __name__ == "__main__":
    sys.exit(main())
