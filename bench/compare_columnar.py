#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
r"""Columns of Elea beside those of Arrow C++: builds and runs compare_columnar.cc, makes a table.

usage: build/venv/bin/python bench/compare_columnar.py [--megabytes N] [--write]

The Arrow C++ is the one in the package of pyarrow, which brings its headers. Both libraries work in
one program, in turns, on the same buffers, on one core. N (1000) is the size of the text that is
validated; --write puts the table into docs/benchmarks-columnar.md, without it it is printed.
"""

import argparse
import os
import pathlib
import platform
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "benchmarks-columnar.md"

TEXT = """# Columns: Elea beside Arrow C++

One program, one core, both libraries in turns on the same buffers; the fastest of nine runs each,
in milliseconds of the processor. Below 1 in `ratio` Elea is faster. `GB/s` is what Elea goes
through of the bytes that must be looked at (for concat and appending: made, which also costs
writing them). `x read` is Elea's time over that of reading so many bytes once, from memory,
doing nothing with them: what looks at each byte once hardly gets below 1, what also writes has
2 as its measure.

{machine}

{table}

Made by `build/venv/bin/python bench/compare_columnar.py --write`.

What the rows say:

- **append, one by one** is a call into a shared library for each value; of Arrow C++ it is code in
  headers, which the compiler puts into the loop. "Reserved" compares with `UnsafeAppend`, which
  checks nothing. Values that are in memory already go in by one call
  (`elea_builder_append_values`).
- **concat** writes each byte of a large result once, past the caches, into memory that the pool
  kept.
- **full validation** checks offsets, and UTF-8 row by row.
- **equality** reads both sides; so does **bitmap and**, which writes a third.
"""


def machine():
    model = platform.processor() or platform.machine()
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    import pyarrow
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return f"{model}, {os.cpu_count()} cores, {system}; pyarrow {pyarrow.__version__}."


def build():
    """The program; None where Arrow C++ or a C++ compiler is missing."""
    folder = ROOT / "build" / "release"
    steps = [["cmake", "--preset", "release", "-DELEA_BUILD_BENCH=ON"],
             ["cmake", "--build", str(folder), "--target", "compare_columnar"]]
    for step in steps:
        done = subprocess.run(step, cwd=ROOT, capture_output=True, text=True)
        if done.returncode != 0:
            if "compare_columnar" in done.stdout + done.stderr and "unknown target" in (
                    done.stdout + done.stderr):
                return None
            sys.exit(done.stdout + done.stderr)
    return folder / "bench" / "compare_columnar"


def measure(program, megabytes):
    """One list for each line: the name, then numbers."""
    command = [str(program), str(megabytes)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        name, *numbers = line.split("\t")
        yield name, *map(float, numbers)


def table(rows):
    yield "| | elea, ms | Arrow C++, ms | ratio | GB/s | x read |"
    yield "|---|---:|---:|---:|---:|---:|"
    for name, size, ours, theirs, read in rows:
        yield (f"| {name} | {ours:.2f} | {theirs:.2f} | {ours / theirs:.2f} | "
               f"{size / ours / 1e6:.1f} | {ours / read:.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    program = build()
    if program is None:
        print("compare_columnar: skipped: it needs a C++ compiler, and pyarrow in build/venv")
        return
    text = TEXT.format(machine=machine(),
                       table="\n".join(table(measure(program, options.megabytes))))
    if options.write:
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
