# SPDX-License-Identifier: Apache-2.0
"""What it costs to import the package, and what it brings along."""

import subprocess
import sys

import elea


def run(code):
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)


def test_imports_nothing_else():
    heavy = "numpy pandas polars pyarrow duckdb torch nanoarrow arro3 fsspec".split()
    out = run(f"import elea, sys; print([n for n in {heavy} if n in sys.modules])").stdout
    assert out.strip() == "[]"


def test_duckdb_needs_nothing_else():
    """It reads the memory each time anew, and in pieces that its threads share."""
    out = run("import elea, sys; t = elea.table({'n': range(300000)}); r = t.to_duckdb();"
              "b = elea.record_batch({'n': [1, 2]}).to_duckdb();"
              "print([one.aggregate('sum(n)').fetchall()[0][0] for one in (r, r, b)],"
              "      'pyarrow' in sys.modules)").stdout
    assert out.split() == ["[44999850000,", "44999850000,", "3]", "False"]


def test_import_time():
    """Under 10 ms of work beyond Python's own start, as the least of several runs."""
    code = "import time; t = time.process_time(); import elea; print(time.process_time() - t)"
    assert min(float(run(code).stdout) for _ in range(9)) < 0.010


def test_version():
    parts = elea.__version__.split(".")
    assert len(parts) == 3 and all(part.isdigit() for part in parts)


def test_all_names_are_there():
    for name in elea.__all__:
        assert getattr(elea, name) is not None
    assert set(elea.__all__) <= set(dir(elea))
