# SPDX-License-Identifier: Apache-2.0
"""Tensors and sparse tensors between Elea (through ctypes), pyarrow and Arrow C++."""

import ctypes
import itertools
import os
import pathlib
import shutil
import subprocess
from ctypes import Structure, byref, c_bool, c_int, c_int32, c_int64, c_void_p

import numpy as np
import pyarrow as pa
import pytest

import elea_ctypes
from elea_ctypes import Error, call, get, library

COO, CSR, CSC, CSF = range(4)
NUMBERS = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16",
           "float32", "float64"]
for _name in ("elea_tensor_data elea_tensor_type elea_tensor_shape elea_tensor_strides "
              "elea_sparse_tensor_indices elea_sparse_tensor_offsets elea_sparse_tensor_data "
              "elea_sparse_tensor_shape elea_sparse_tensor_axis_order").split():
    library[_name].restype = c_void_p
    elea_ctypes._RESULTS[_name] = c_void_p
for _name in "elea_tensor_count_nonzero elea_sparse_tensor_nonzero_count".split():
    elea_ctypes._RESULTS[_name] = c_int64


class Tensor(elea_ctypes.Owner):
    unref = "elea_tensor_unref"

    @classmethod
    def read(cls, path):
        return cls(read_message("elea_ipc_read_tensor", path))

    def numpy(self):
        return numpy_of(self.handle)


class Sparse(elea_ctypes.Owner):
    unref = "elea_sparse_tensor_unref"

    @classmethod
    def read(cls, path):
        return cls(read_message("elea_ipc_read_sparse_tensor", path))

    @classmethod
    def of(cls, tensor, format_, index_type="int64"):
        type_ = c_void_p(get("elea_type_of", c_int(type_id(index_type))))
        return cls.make("elea_sparse_tensor_new_from_tensor", None, tensor, c_int(format_), type_)

    def dense(self):
        return Tensor.make("elea_sparse_tensor_to_tensor", None, self).numpy()

    def indices(self, level=0):
        return numpy_of(get("elea_sparse_tensor_indices", self, c_int32(level)))

    def offsets(self, level=0):
        return numpy_of(get("elea_sparse_tensor_offsets", self, c_int32(level)))

    def values(self, dtype):
        count = get("elea_sparse_tensor_nonzero_count", self)
        data = c_void_p(get("elea_sparse_tensor_data", self))
        return np.frombuffer(ctypes.string_at(get("elea_buffer_data", data),
                                              count * np.dtype(dtype).itemsize), dtype)


def type_id(name):
    return next(i for i in range(45) if get("elea_type_id_name", c_int(i)).decode() == name)


def type_name(handle):
    return get("elea_type_id_name", c_int(get("elea_type_id_of", c_void_p(handle)))).decode()


def numpy_of(handle):
    """The elements of a tensor, copied."""
    handle = c_void_p(handle)
    count = get("elea_tensor_dimension_count", handle)
    dtype = np.dtype(type_name(get("elea_tensor_type", handle)))
    shape = (c_int64 * count).from_address(get("elea_tensor_shape", handle))[:] if count else []
    strides = (c_int64 * count).from_address(get("elea_tensor_strides", handle))[:] if count else []
    data = c_void_p(get("elea_tensor_data", handle))
    size = get("elea_buffer_size", data)
    bytes_ = ctypes.string_at(get("elea_buffer_data", data), size) if size else b""
    if 0 in shape:
        return np.zeros(shape, dtype)
    return np.ndarray(shape, dtype, bytes_, 0, strides).copy()


def read_message(name, path):
    file, out, offset = c_void_p(), c_void_p(), c_int64(0)
    call("elea_file_map", os.fsencode(path), None, byref(file))
    try:
        call(name, file, byref(offset), None, byref(out))
    finally:
        get("elea_file_unref", file)
    assert offset.value == pathlib.Path(path).stat().st_size
    return out.value


def write_message(name, path, owner):
    output = c_void_p()
    call("elea_output_stream_open", os.fsencode(path), None, None, byref(output))
    try:
        call(name, output, owner, None)
        call("elea_output_stream_close", output)
    finally:
        get("elea_output_stream_free", output)


def arrays():
    """Arrays of every type and some shapes and layouts, mostly zeros."""
    rng = np.random.default_rng(5)
    shapes = [(7,), (3, 4), (4, 1), (2, 3, 5), (1, 6), (2, 2, 2, 3)]
    for number, (dtype, shape) in enumerate(itertools.product(NUMBERS, shapes)):
        whole = rng.integers(1, 100, shape) * (rng.random(shape) < 0.4)
        array = whole.astype(dtype)
        if number % 3 == 1:
            array = np.asfortranarray(array)
        elif number % 3 == 2:
            array = np.repeat(array, 2, axis=-1)[..., ::2]
        yield f"{dtype}{shape}", array


ARRAYS = list(arrays())
IDS = [name for name, _ in ARRAYS]


# ---- dense ----

@pytest.mark.parametrize("array", [array for _, array in ARRAYS], ids=IDS)
def test_dense(array, tmp_path):
    theirs = pa.Tensor.from_numpy(array, dim_names=[f"d{i}" for i in range(array.ndim)])
    with pa.OSFile(str(tmp_path / "theirs"), "wb") as sink:
        pa.ipc.write_tensor(theirs, sink)
    ours = Tensor.read(tmp_path / "theirs")
    np.testing.assert_array_equal(ours.numpy(), array)
    assert get("elea_tensor_count_nonzero", ours) == np.count_nonzero(array)
    write_message("elea_ipc_write_tensor", tmp_path / "ours", ours)
    with pa.memory_map(str(tmp_path / "ours")) as source:
        found = pa.ipc.read_tensor(source)
    assert found.equals(theirs)
    if theirs.is_contiguous:  # pyarrow forgets the names of others
        assert found.dim_names == theirs.dim_names
    assert found.is_contiguous
    size = c_int64()
    call("elea_ipc_tensor_size", ours, None, byref(size))
    assert size.value == (tmp_path / "ours").stat().st_size


def test_no_elements(tmp_path):
    for shape in ((0,), (3, 0), (0, 4, 2)):
        theirs = pa.Tensor.from_numpy(np.zeros(shape, "float32"))
        with pa.OSFile(str(tmp_path / "theirs"), "wb") as sink:
            pa.ipc.write_tensor(theirs, sink)
        ours = Tensor.read(tmp_path / "theirs")
        assert ours.numpy().shape == shape
        write_message("elea_ipc_write_tensor", tmp_path / "ours", ours)
        with pa.memory_map(str(tmp_path / "ours")) as source:
            assert pa.ipc.read_tensor(source).shape == shape


# ---- from record batches ----

class BatchOptions(Structure):
    _fields_ = [("null_to_nan", c_bool), ("column_major", c_bool)]


@pytest.mark.parametrize("null_to_nan", [False, True])
@pytest.mark.parametrize("row_major", [False, True])
def test_record_batches(null_to_nan, row_major):
    kinds = [name for name in NUMBERS if name != "float16"]
    checked = 0
    for names in itertools.chain(itertools.product(kinds, kinds), [("float16", "float16")],
                                 [("int8", "uint16", "float32"), ("uint8", "int8", "int64")]):
        columns = [pa.array([1, 2, None if null_to_nan and i else 3, 100, 5 + i]).cast("float32")
                   .cast(name) for i, name in enumerate(names)]
        batch = pa.RecordBatch.from_arrays(columns, [f"c{i}" for i in range(len(names))])
        for theirs in (batch, batch.slice(1, 3)):
            try:
                expected = theirs.to_tensor(null_to_nan=null_to_nan, row_major=row_major)
            except pa.ArrowException as error:
                with pytest.raises(Error):
                    ours_of(theirs, null_to_nan, row_major)
                assert "merge" in str(error).lower() or "nulls" in str(error), names
                continue
            ours = ours_of(theirs, null_to_nan, row_major)
            found = ours.numpy()
            assert found.dtype == expected.to_numpy().dtype, names
            np.testing.assert_array_equal(found, expected.to_numpy())
            assert (get("elea_tensor_strides", ours) is not None
                    and tuple((c_int64 * 2).from_address(get("elea_tensor_strides", ours)))
                    == expected.strides)
            checked += 1
    assert checked > 150


def ours_of(batch, null_to_nan, row_major):
    options = BatchOptions(null_to_nan=null_to_nan, column_major=not row_major)
    return Tensor.make("elea_tensor_new_from_batch", None,
                       elea_ctypes.RecordBatch.from_arrow(batch), byref(options))


# ---- sparse ----

def tensor_of(array, path):
    with pa.OSFile(str(path), "wb") as sink:
        pa.ipc.write_tensor(pa.Tensor.from_numpy(array), sink)
    return Tensor.read(path)


@pytest.mark.parametrize("array", [array for _, array in ARRAYS], ids=IDS)
def test_sparse_from_dense(array, tmp_path):
    tensor = tensor_of(array, tmp_path / "dense")
    dense = pa.Tensor.from_numpy(np.ascontiguousarray(array))
    for format_ in (COO, CSR, CSC, CSF):
        if format_ in (CSR, CSC) and array.ndim != 2:
            continue
        ours = Sparse.of(tensor, format_)
        np.testing.assert_array_equal(ours.dense(), array)
        if format_ == COO:
            values, coordinates = pa.SparseCOOTensor.from_tensor(dense).to_numpy()
            np.testing.assert_array_equal(ours.indices(), coordinates)
        elif format_ == CSF and array.ndim == 1:
            continue  # which Arrow C++ does not make
        elif format_ == CSF:
            values, offsets, indices = pa.SparseCSFTensor.from_tensor(dense).to_numpy()
            for level, expected in enumerate(indices):
                np.testing.assert_array_equal(ours.indices(level), expected)
            for level, expected in enumerate(offsets):
                np.testing.assert_array_equal(ours.offsets(level), expected)
        else:
            kind = pa.SparseCSRMatrix if format_ == CSR else pa.SparseCSCMatrix
            values, offsets, indices = kind.from_tensor(dense).to_numpy()
            np.testing.assert_array_equal(ours.indices(), indices)
            np.testing.assert_array_equal(ours.offsets(), offsets)
        np.testing.assert_array_equal(ours.values(array.dtype), values.reshape(-1))


# pyarrow does not write sparse tensors: its C++ library does, in a small program.

PROGRAM = r"""
#include <arrow/io/file.h>
#include <arrow/ipc/api.h>
#include <arrow/sparse_tensor.h>
#include <arrow/tensor.h>
#include <iostream>
#include <string>

// convert FORMAT INDEX_BITS DENSE OUT: a tensor as a sparse one.  check SPARSE OUT: a sparse tensor
// as a dense one.
arrow::Result<std::shared_ptr<arrow::SparseTensor>> Make(
    const std::string& format, const std::shared_ptr<arrow::DataType>& type,
    const arrow::Tensor& dense) {
  if (format == "0") return arrow::SparseCOOTensor::Make(dense, type);
  if (format == "1") return arrow::SparseCSRMatrix::Make(dense, type);
  if (format == "2") return arrow::SparseCSCMatrix::Make(dense, type);
  return arrow::SparseCSFTensor::Make(dense, type);
}

arrow::Status Run(int argc, char** argv) {
  std::string verb = argv[1];
  ARROW_ASSIGN_OR_RAISE(auto file, arrow::io::ReadableFile::Open(argv[argc - 2]));
  ARROW_ASSIGN_OR_RAISE(auto sink, arrow::io::FileOutputStream::Open(argv[argc - 1]));
  int32_t metadata_length;
  int64_t body_length;
  if (verb == "convert") {
    ARROW_ASSIGN_OR_RAISE(auto dense, arrow::ipc::ReadTensor(file.get()));
    auto type = std::string(argv[3]) == "32" ? arrow::int32() : arrow::int64();
    ARROW_ASSIGN_OR_RAISE(auto sparse, Make(argv[2], type, *dense));
    ARROW_RETURN_NOT_OK(
        arrow::ipc::WriteSparseTensor(*sparse, sink.get(), &metadata_length, &body_length));
  } else {
    ARROW_ASSIGN_OR_RAISE(auto sparse, arrow::ipc::ReadSparseTensor(file.get()));
    ARROW_ASSIGN_OR_RAISE(auto dense, sparse->ToTensor());
    ARROW_RETURN_NOT_OK(
        arrow::ipc::WriteTensor(*dense, sink.get(), &metadata_length, &body_length));
  }
  return sink->Close();
}

int main(int argc, char** argv) {
  auto status = Run(argc, argv);
  if (!status.ok()) std::cerr << status.ToString() << std::endl;
  return status.ok() ? 0 : 1;
}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The program, linked with the library inside the wheel of pyarrow."""
    compiler = shutil.which("g++") or shutil.which("c++")
    libraries = [pathlib.Path(folder) for folder in pa.get_library_dirs()]
    found = [path for folder in libraries for path in folder.glob("libarrow.so.*")]
    headers = pathlib.Path(pa.get_include()) / "arrow" / "sparse_tensor.h"
    if not compiler or not found or not headers.exists():
        pytest.skip("there is no C++ compiler, or no libarrow with its headers")
    folder = tmp_path_factory.mktemp("program")
    (folder / "sparse.cc").write_text(PROGRAM)
    done = subprocess.run(
        [compiler, "-std=c++20", "-O0", str(folder / "sparse.cc"), "-o", str(folder / "sparse"),
         f"-I{pa.get_include()}", str(found[0]), f"-Wl,-rpath,{found[0].parent}"],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "sparse"


@pytest.mark.parametrize("format_", [COO, CSR, CSC, CSF], ids=["coo", "csr", "csc", "csf"])
@pytest.mark.parametrize("bits", [32, 64])
def test_sparse_messages(program, format_, bits, tmp_path):
    checked = 0
    for array in [array for _, array in ARRAYS]:
        if (format_ in (CSR, CSC) and array.ndim != 2) or array.dtype == "float16":
            continue
        if format_ == CSF and array.ndim == 1:
            continue
        if array.dtype not in ("uint8", "int16", "int32", "uint64", "float32", "float64"):
            continue
        array = np.ascontiguousarray(array)
        tensor = tensor_of(array, tmp_path / "dense")
        subprocess.run([program, "convert", str(format_), str(bits), tmp_path / "dense",
                        tmp_path / "theirs"], check=True)
        theirs = Sparse.read(tmp_path / "theirs")
        assert get("elea_sparse_tensor_format", theirs) == format_
        np.testing.assert_array_equal(theirs.dense(), array)
        ours = Sparse.of(tensor, format_, f"int{bits}")
        write_message("elea_ipc_write_sparse_tensor", tmp_path / "ours", ours)
        for sparse in (tmp_path / "ours", tmp_path / "theirs"):
            subprocess.run([program, "check", sparse, tmp_path / "back"], check=True)
            with pa.memory_map(str(tmp_path / "back")) as source:
                np.testing.assert_array_equal(pa.ipc.read_tensor(source).to_numpy(), array)
        assert get("elea_sparse_tensor_equal", ours, theirs, None) or format_ == COO
        checked += 1
    assert checked > 3
