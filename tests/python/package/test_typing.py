# SPDX-License-Identifier: Apache-2.0
"""The types: the package passes mypy's strict checks, its stubs are what the modules are, and code
of a user is understood."""

import os
import pathlib
import subprocess
import sys

import elea
import pytest

SOURCE = pathlib.Path(elea._errors.__file__).resolve().parent
CONFIG = SOURCE.parent / "pyproject.toml"

# Beside the public names: what the parts of the extension module use among themselves.
PRIVATE = r"""
elea\._core\.(array_of_parts|batch_of|table_of|scalar_at|make_table|make_schema|make_extension)
elea\._core\.(_RowGroups|BuilderOwner|Names|Output|Pointers|PythonSource|ReadOptions|TypeGuess)
elea\._core\.(ValueReader|ValueWriter|ExtensionReader|ExtensionWriter|ScalarReader)
elea\._core\.(Dimensions|Numbers|sparse_of_parts)
elea\._core\.(__pyx_capi__|__test__)
elea\._core\._?[A-Za-z]+\.__init__
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return str(tmp_path_factory.mktemp("mypy"))


def mypy(module, *arguments, **options):
    done = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True,
                          text=True, env={**os.environ, "MYPYPATH": str(SOURCE.parent)}, **options)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("python", ["3.10", "3.14"])
def test_the_package_is_typed(python, cache):
    """And it uses nothing that the oldest Python lacks, or the newest has dropped."""
    status, told = mypy("mypy", "--strict", "--python-version", python, "--cache-dir", cache,
                        "--config-file", str(CONFIG), str(SOURCE))
    assert status == 0, told


def test_stubs_are_what_the_module_is(tmp_path):
    allowed = tmp_path / "allowed"
    allowed.write_text(PRIVATE)
    status, told = mypy("mypy.stubtest", "elea._core", "--allowlist", str(allowed),
                        "--mypy-config-file", str(CONFIG), "--ignore-disjoint-bases",
                        "--ignore-unused-allowlist", cwd=tmp_path)
    assert status == 0, told


USER = """
import elea
import numpy

table = elea.table({"id": [1, 2], "name": ["a", "b"]})
column: elea.ChunkedArray = table["id"]
part: elea.Table = table[:1]
value: elea.Scalar = column[0]
names: list[str] = table.column_names
with elea.open_file("x.arrow", columns=["id"]) as reader:
    batch: elea.RecordBatch = reader.get_batch(0)
kind: elea.DataType = elea.list_("int8", 3)
tensor: elea.FixedShapeTensorType = elea.fixed_shape_tensor("float32", (2, 3))
images = elea.FixedShapeTensorArray.from_numpy_ndarray(numpy.zeros((2, 2)), dim_names=["x"])
shape: list[int] = images.type.shape

pixels: elea.Tensor = elea.Tensor.from_numpy(numpy.zeros((2, 2)), dim_names=["y", "x"])
sparse: elea.SparseCSRMatrix = elea.SparseCSRMatrix.from_tensor(pixels)


class Celsius(elea.ExtensionType):
    def __init__(self) -> None:
        super().__init__("float32", "my.celsius")

    @classmethod
    def __arrow_ext_deserialize__(
        cls, storage_type: elea.DataType, serialized: bytes
    ) -> "Celsius":
        return cls()


elea.register_extension_type(Celsius())
reveal_type(table.select(["id"]))
"""


@pytest.mark.parametrize("line, message", [
    (None, 'Revealed type is "elea._core.Table"'),
    ("wrong: int = table['id']", "Incompatible types in assignment"),
    ("elea.table({}).no_such_method()", "has no attribute"),
])
def test_code_of_users(line, message, tmp_path, cache):
    path = tmp_path / "user.py"
    path.write_text(USER + (f"{line}\n" if line else ""))
    status, told = mypy("mypy", "--strict", "--cache-dir", cache, str(path), cwd=tmp_path)
    assert message in told
    assert (status == 0) == (line is None), told
