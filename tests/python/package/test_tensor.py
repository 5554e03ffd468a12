# SPDX-License-Identifier: Apache-2.0
"""Tensors and sparse tensors: NumPy both ways without a copy, their messages beside pyarrow's,
DLPack, pickle, and bytes that lie."""

import gc
import io
import pickle
import sys

import elea
import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from test_numpy import KINDS

SHAPES = [(), (0,), (1,), (5,), (2, 3), (0, 3), (3, 0), (2, 0, 4), (2, 3, 4), (1, 1, 1, 2, 1)]
SPARSE = [elea.SparseCOOTensor, elea.SparseCSRMatrix, elea.SparseCSCMatrix, elea.SparseCSFTensor]


def numbers(shape, kind="i4"):
    return np.arange(np.prod(shape, dtype=int), dtype=kind).reshape(shape)


def layouts(array):
    """The same numbers as they may lie in memory."""
    wide = np.zeros([2 * size for size in array.shape], array.dtype)
    spread = wide[(..., *(slice(None, None, 2) for _ in array.shape))]
    spread[...] = array
    return [array, np.asfortranarray(array), spread]


def message(tensor):
    sink = elea.BufferOutputStream()
    written = elea.write_tensor(tensor, sink)
    assert written == sink.tell() == elea.get_tensor_size(tensor)
    return sink.getvalue().to_pybytes()


def message_of_pyarrow(tensor):
    sink = pa.BufferOutputStream()
    pa.ipc.write_tensor(tensor, sink)
    return sink.getvalue().to_pybytes()


# NumPy.


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_numpy_both_ways(kind, shape, nothing_copied):
    for array in layouts(numbers(shape, kind)):
        ours, theirs = elea.Tensor.from_numpy(array), pa.Tensor.from_numpy(array)
        assert ours.type == elea.type_from_arrow(theirs.type)
        assert (ours.shape, ours.ndim, ours.size) == (theirs.shape, theirs.ndim, theirs.size)
        assert ours.nbytes == array.nbytes and not ours.is_mutable
        if array.size and 1 not in array.shape:  # whose strides NumPy does not look at
            assert ours.strides == theirs.strides == array.strides
            assert ours.is_contiguous == theirs.is_contiguous
            assert ours.is_row_major == array.flags.c_contiguous
            assert ours.is_column_major == array.flags.f_contiguous
        for back in (ours.to_numpy(), np.asarray(ours), np.asarray(memoryview(ours))):
            assert back.dtype == array.dtype and back.shape == array.shape
            assert np.array_equal(back, array) and not back.flags.writeable
            if array.size:
                assert back.ctypes.data == array.ctypes.data
        assert np.array(ours, dtype="f8", copy=True).flags.writeable


def test_names():
    ours = elea.Tensor.from_numpy(numbers((2, 3)), dim_names=["y", "é"])
    assert ours.dim_names == ("y", "é") and ours.dim_name(-1) == "é"
    assert elea.Tensor.from_numpy(numbers((2, 3))).dim_names == ()
    assert elea.Tensor.from_numpy(numbers((2, 3))).dim_name(1) == ""
    assert elea.Tensor.from_array([1, 2], dim_names=["x"]).dim_names == ("x",)
    assert repr(ours) == ("<elea.Tensor>\ntype: int32\nshape: (2, 3)\nstrides: (12, 4)\n"
                          "dim_names: ('y', 'é')")
    with pytest.raises(IndexError):
        ours.dim_name(2)
    for wrong, message_ in ((["y"], "1 dim_names for 2 dimensions"), (["y", 3], r"3 \(int\)")):
        with pytest.raises(elea.Error, match=message_):
            elea.Tensor.from_numpy(numbers((2, 3)), dim_names=wrong)


@pytest.mark.parametrize("wrong, kind, message_", [
    (np.array([1], ">i4"), TypeError, r"format '>i' .* native-endian"),
    (np.array([1j]), TypeError, "Zd"), (np.array([True]), TypeError, r"'\?'"),
    (np.array(["a"]), TypeError, "accepted are"), (np.array([object()]), TypeError, "'O'"),
    (np.array(["2020"], "M8[s]"), TypeError, "numpy.ndarray does not give its memory"),
    (np.arange(4)[::-1], ValueError, r"strides \(-8,\) runs backwards"),
    (numbers((2, 3))[:, ::-1], ValueError, "numpy.ascontiguousarray"),
    ([1, 2], TypeError, "expected a NumPy array"), ("text", TypeError, "'text'")])
def test_what_is_no_tensor(wrong, kind, message_):
    with pytest.raises(kind, match=message_) as caught:
        elea.Tensor.from_numpy(wrong)
    assert isinstance(caught.value, elea.Error)


def test_memory_of_others(nothing_copied):
    import array as python_array

    ours = elea.Tensor.from_numpy(python_array.array("d", [1, 2]))
    assert memoryview(ours).tolist() == [1, 2]
    repeated = elea.Tensor.from_numpy(np.broadcast_to(np.int16(7), (3, 2)))
    assert repeated.strides == (0, 0) and repeated.to_numpy().tolist() == [[7, 7]] * 3
    part = elea.Tensor.from_buffer("int16", bytes(range(8)), (2, 2), (1, 2))
    assert part.to_numpy().tolist() == [[0x100, 0x302], [0x201, 0x403]]
    assert elea.Tensor.from_numpy(np.float64(3)).to_numpy() == 3
    for shape, strides, message_ in [((5,), None, "bytes"), ((-1,), None, "."), ((2,), (-1,), "."),
                                     ((2**62, 8), None, "."), ((2,), (1, 2), "2 strides for 1"),
                                     (("a",), None, r"'a' \(str\)"), ((2**70,), None, "64 bits"),
                                     (3, None, "list of sizes"), ((1,) * 2000, None, ".")]:
        with pytest.raises(elea.Error, match=message_):
            elea.Tensor.from_buffer("int16", bytes(8), shape, strides)
    with pytest.raises(TypeError, match="utf8"):
        elea.Tensor.from_buffer("utf8", bytes(8), (1,))


def test_memory_is_kept_alive(nothing_left):
    array = numbers((2, 3), "f4")
    before = sys.getrefcount(array)
    ours = elea.Tensor.from_numpy(array)
    back = ours.to_numpy()
    del ours
    gc.collect()
    assert sys.getrefcount(array) == before + 1 and back[1, 2] == 5
    del back
    gc.collect()
    assert sys.getrefcount(array) == before
    for _ in range(10):
        with pytest.raises(elea.Error):
            elea.Tensor.from_numpy(array[::-1])
        with pytest.raises(elea.Error):
            elea.Tensor.from_numpy(array, dim_names=["x"])
    gc.collect()
    assert sys.getrefcount(array) == before


def test_equality():
    array = numbers((3, 4), "f8")
    ours = elea.Tensor.from_numpy(array)
    for other in layouts(array):
        assert ours == elea.Tensor.from_numpy(other)
    assert ours != elea.Tensor.from_numpy(array.astype("f4"))
    assert ours != elea.Tensor.from_numpy(array.reshape(4, 3))
    assert ours != elea.Tensor.from_numpy(array + 1) and ours != 3
    nan = elea.Tensor.from_numpy(np.array([np.nan]))
    assert nan != nan and nan.equals(nan, nans_equal=True)
    with pytest.raises(TypeError, match="unhashable"):
        hash(ours)
    with pytest.raises(TypeError, match=r"expected an elea.Tensor, got 3 \(int\)"):
        ours.equals(3)


def test_views_in_the_order_asked_for():
    ours = elea.Tensor.from_numpy(np.asfortranarray(numbers((2, 3))))
    with pytest.raises(BufferError, match="to_row_major"):
        bytes(ours)[0:0] or np.frombuffer(ours, "i4")
    assert np.frombuffer(ours.to_row_major(), "i4").tolist() == list(range(6))
    shared = elea.Tensor.from_numpy(numbers((2, 3)))
    assert shared.to_row_major().data.address == shared.data.address


def test_arrays_both_ways():
    for values in ([1, 2], elea.array([[1, 2], [3, 4]], elea.list_("int16", 2)),
                   elea.array([], "float32"), elea.array(numbers((3, 0), "f4"))):
        array = elea.array(values)
        before = elea.copied_bytes()
        ours = elea.Tensor.from_array(array)
        assert ours.to_array() == array
        assert elea.copied_bytes() == before
        assert ours.to_numpy().tolist() == array.to_pylist()
    with pytest.raises(elea.Error):
        elea.Tensor.from_array([1, None])
    with pytest.raises(TypeError):
        elea.Tensor.from_array(["a"])


def test_dlpack():
    array = numbers((2, 3, 4), "f4")
    ours = elea.Tensor.from_numpy(array)
    assert ours.__dlpack_device__() == (1, 0)
    before = elea.copied_bytes()
    back = np.from_dlpack(ours)
    assert back.ctypes.data == array.ctypes.data and np.array_equal(back, array)
    again = elea.Tensor.from_dlpack(array, dim_names=["a", "b", "c"])
    assert again == ours and again.data.address == array.ctypes.data
    assert elea.Tensor.from_dlpack(pa.Tensor.from_numpy(array)) == ours
    assert elea.copied_bytes() == before
    assert np.from_dlpack(ours, copy=True).flags.writeable
    assert elea.copied_bytes() == before + array.nbytes
    turned = elea.Tensor.from_numpy(array.T)
    assert np.array_equal(np.from_dlpack(turned), array.T)
    with pytest.raises(BufferError, match="copy=False"):
        turned.__dlpack__(copy=False)
    with pytest.raises(elea.Error):
        elea.Tensor.from_dlpack(3)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(protocol):
    dense = numbers((3, 4)) % 3
    for one in [elea.Tensor.from_numpy(array, dim_names=["x", "y"]) for array in layouts(dense)]:
        again = pickle.loads(pickle.dumps(one, protocol))
        assert again == one and again.strides == one.strides and again.dim_names == ("x", "y")
    for cls in SPARSE:
        one = cls.from_dense_numpy(dense, dim_names=["x", "y"])
        again = pickle.loads(pickle.dumps(one, protocol))
        assert again == one and type(again) is cls and again.dim_names == ("x", "y")


def test_pickle_without_a_copy(nothing_copied):
    array, parts = numbers((3, 4)), []
    data = pickle.dumps(elea.Tensor.from_numpy(array), 5, buffer_callback=parts.append)
    assert pickle.loads(data, buffers=parts).data.address == array.ctypes.data


# Record batches.


@pytest.mark.parametrize("row_major", [True, False])
def test_batches(row_major):
    theirs = pa.record_batch({"a": pa.array([1, 2, None], "int32"),
                              "b": pa.array([0.5, None, 2], "float32")})
    ours = elea.record_batch(theirs)
    with pytest.raises(TypeError):
        ours.to_tensor()
    found = ours.to_tensor(null_to_nan=True, row_major=row_major)
    expected = theirs.to_tensor(null_to_nan=True, row_major=row_major)
    assert np.array_equal(found.to_numpy(), expected.to_numpy(), equal_nan=True)
    assert found.strides == expected.strides
    assert found.to_numpy().dtype == expected.to_numpy().dtype
    with pytest.raises(TypeError):
        elea.record_batch({"a": ["x"]}).to_tensor()


# Messages.


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_messages_beside_pyarrow(kind, shape):
    for array in layouts(numbers(shape, kind)):
        names = [f"d{i}" for i in range(array.ndim)]
        ours = elea.Tensor.from_numpy(array, dim_names=names)
        theirs = pa.Tensor.from_numpy(array, dim_names=names)
        found = elea.read_tensor(message_of_pyarrow(theirs))
        assert found == ours
        if theirs.is_contiguous:  # pyarrow forgets the names of others
            assert list(found.dim_names) == names
        again = elea.read_tensor(message(ours))
        assert again == ours and list(again.dim_names) == names
        if array.size:  # pyarrow takes a message without elements for one without a body
            back = pa.ipc.read_tensor(pa.BufferReader(message(ours)))
            assert np.array_equal(back.to_numpy(), array)
            assert list(back.dim_names) == names


def test_sources_and_places(tmp_path):
    first, second = elea.Tensor.from_numpy(numbers((3,))), elea.Tensor.from_numpy(numbers((2, 2)))
    sparse = elea.SparseCOOTensor.from_tensor(second)
    path = tmp_path / "tensors"
    with open(path, "wb") as file:
        for one in (first, second, sparse):
            elea.write_tensor(one, file)
    for file in (open(path, "rb"), elea.memory_map(path), io.BytesIO(path.read_bytes())):
        with file:
            assert elea.read_tensor(file) == first
            assert elea.read_tensor(file) == second
            at = file.tell()
            with pytest.raises(ValueError):
                elea.read_tensor(file)
            assert elea.read_sparse_tensor(file) == sparse
            assert at < file.tell() == path.stat().st_size
            with pytest.raises(ValueError):
                elea.read_tensor(file)
    elea.write_tensor(first, path)
    before = elea.copied_bytes()
    assert elea.read_tensor(path) == first == elea.read_tensor(str(path))
    assert elea.copied_bytes() == before
    assert elea.read_tensor(path, memory_map=False) == first
    with pytest.raises(FileNotFoundError):
        elea.read_tensor(tmp_path / "nothing")
    with pytest.raises(TypeError, match="expected an elea.Tensor or a sparse tensor"):
        elea.write_tensor(numbers((3,)), path)
    with pytest.raises(TypeError, match="expected a path"):
        elea.write_tensor(first, 3)
    with pytest.raises(TypeError, match="expected an elea.Tensor or"):
        elea.get_tensor_size(3)

    class Full(io.RawIOBase):
        def write(self, data):
            raise OSError(28, "no space")

    with pytest.raises(OSError, match="no space"):
        elea.write_tensor(first, Full())


def test_views_of_the_message(nothing_copied):
    data = message(elea.Tensor.from_numpy(numbers((5, 7), "f8")))
    begin = np.frombuffer(data, "u1").ctypes.data
    found = elea.read_tensor(data).to_numpy()
    assert begin <= found.ctypes.data < begin + len(data)
    assert (found == numbers((5, 7))).all()


@given(st.data())
def test_damaged_messages_never_crash(data):
    dense = numbers((3, 4)) % 3
    cls = data.draw(st.sampled_from([None, *SPARSE]))
    kept = bytearray(message(elea.Tensor.from_numpy(dense) if cls is None
                             else cls.from_dense_numpy(dense)))
    for _ in range(data.draw(st.integers(1, 4))):
        kept[data.draw(st.integers(0, len(kept) - 1))] = data.draw(st.integers(0, 255))
    kept = kept[:data.draw(st.sampled_from([len(kept), len(kept) // 2, len(kept) - 1]))]
    try:
        if cls is None:
            found = elea.read_tensor(kept)
            found.to_numpy().sum()
        else:
            found = elea.read_sparse_tensor(kept)
            found.to_numpy()
            if found.size < 10000:
                found = found.to_tensor()
        repr(found)
        pickle.dumps(found)
    except (elea.Error, UnicodeDecodeError):
        pass


# Sparse tensors.


def parts_of(found):
    """Arrays of what to_numpy() gives, flat."""
    return [array for part in found for array in (part if isinstance(part, list) else [part])]


@pytest.mark.parametrize("cls", SPARSE)
@pytest.mark.parametrize("kind", ["i1", "i8", "u4", "f2", "f8"])
def test_sparse_beside_pyarrow(cls, kind):
    shapes = [(3, 4), (4, 1), (1, 5)]
    if not cls.__name__.endswith("Matrix"):
        shapes += [(7,), (2, 3, 4)] if cls is elea.SparseCOOTensor else [(2, 3, 4)]
    for shape in shapes:
        for dense in layouts((numbers(shape, kind) * 5 % 7 * (numbers(shape) % 3 > 0))):
            dense = dense.astype(kind)
            ours = cls.from_dense_numpy(dense)
            theirs = getattr(pa, cls.__name__).from_dense_numpy(dense)
            assert ours.shape == theirs.shape and ours.size == theirs.size
            assert ours.non_zero_length == theirs.non_zero_length == np.count_nonzero(dense)
            assert np.array_equal(ours.to_tensor().to_numpy(), dense)
            extra = [ours.axis_order] if cls is elea.SparseCSFTensor else []
            again = cls.from_numpy(*ours.to_numpy(), shape, *extra)
            assert again == ours and repr(again) == repr(ours)
            if dense.flags.c_contiguous:  # pyarrow numbers those of others otherwise
                for a, b in zip(parts_of(ours.to_numpy()), parts_of(theirs.to_numpy()),
                                strict=True):
                    assert a.shape == b.shape and np.array_equal(a, b)
                assert cls.from_numpy(*theirs.to_numpy(), shape, *extra) == ours
            assert elea.read_sparse_tensor(message(ours)) == ours
            small = cls.from_tensor(elea.Tensor.from_numpy(dense), index_type="uint8")
            assert np.array_equal(small.to_tensor().to_numpy(), dense) and small != ours


@pytest.mark.parametrize("cls", SPARSE)
def test_sparse_without_elements(cls):
    for shape in [(2, 3), (0, 3), (3, 0), (0, 0)]:
        ours = cls.from_dense_numpy(np.zeros(shape))
        assert ours.non_zero_length == 0 and ours.to_tensor().to_numpy().shape == shape
        assert elea.read_sparse_tensor(message(ours)) == ours
        assert all(part.size <= 4 for part in parts_of(ours.to_numpy()))
        assert pickle.loads(pickle.dumps(ours)) == ours


def test_sparse_over_memory_of_numpy(nothing_copied, nothing_left):
    data, coords = np.array([1.5, 2.5]), np.array([[0, 1], [1, 0]], "i2")
    before = sys.getrefcount(data), sys.getrefcount(coords)
    ours = elea.SparseCOOTensor.from_numpy(data, coords, (2, 2), dim_names=["x", "y"])
    assert ours.has_canonical_format and ours.dim_names == ("x", "y")
    back = ours.to_numpy()
    assert back[0].ctypes.data == data.ctypes.data and back[1].ctypes.data == coords.ctypes.data
    turned = elea.SparseCOOTensor.from_numpy(data, coords[::-1].copy(), (2, 2))
    assert not turned.has_canonical_format
    del ours, back, turned
    gc.collect()
    assert (sys.getrefcount(data), sys.getrefcount(coords)) == before


def test_what_is_no_sparse_tensor():
    coo, csr, csf = elea.SparseCOOTensor, elea.SparseCSRMatrix, elea.SparseCSFTensor
    one, two = np.array([1.0]), np.array([[0, 2]])
    for call, message_ in [
            (lambda: coo.from_numpy(one, two, (1, 2)), "index 2 in dimension 1"),
            (lambda: coo.from_numpy(one, two, (1, 2, 3)), "expected 3"),
            (lambda: coo.from_numpy(one, two.astype("f8"), (1, 3)), "integer"),
            (lambda: coo.from_numpy([1.0], two, (1, 3)), "NumPy array"),
            (lambda: coo.from_numpy(np.ones((4, 4))[::2], two, (1, 3)), "one behind the other"),
            (lambda: coo.from_numpy(one, two, ()), "."),
            (lambda: csr.from_numpy(one, np.array([0, 2]), np.array([0]), (1, 2)), "from 0 to 1"),
            (lambda: csr.from_numpy(one, np.array([0, 1]), np.array([2]), (1, 2)), "index 2"),
            (lambda: csr.from_numpy(one, np.array([0, 1]), np.array([0]), (1, 2, 3)), "."),
            (lambda: csr.from_dense_numpy(numbers((1, 2, 3))), "."),
            (lambda: csf.from_numpy(one, [], [np.array([0])], (1, 2)), "1 tensors of indices"),
            (lambda: csf.from_numpy(one, [], [np.array([0])] * 2, (1, 2)), "0 tensors of offsets"),
            (lambda: csf.from_numpy(one, [np.array([0, 1])], [np.array([0])] * 2, (1, 2), [0]),
             "1 axes for 2 dimensions"),
            (lambda: csf.from_numpy(one, [np.array([0, 1])], [np.array([0])] * 2, (1, 2),
                                    [0, 2**33]), "level 1 is of dimension 2"),
            (lambda: coo.from_tensor(numbers((1, 2))), "expected an elea.Tensor"),
            (lambda: coo.from_dense_numpy(np.array(3)), "."),
            (lambda: coo.from_tensor(elea.Tensor.from_numpy(np.ones(300)), index_type="uint8"),
             "."),
            (lambda: coo.__base__.from_dense_numpy(one), "no format of sparse tensors"),
            (lambda: coo(), "from_dense_numpy"), (lambda: elea.Tensor(), "from_numpy")]:
        with pytest.raises(elea.Error, match=message_):
            call()


def test_nothing_leaks(nothing_left):
    dense = numbers((5, 6)) % 4
    for _ in range(10):
        data = message(elea.Tensor.from_numpy(dense))
        elea.read_tensor(data).to_array()
        for cls in SPARSE:
            data = message(cls.from_dense_numpy(dense))
            elea.read_sparse_tensor(data).to_tensor()
            with pytest.raises(elea.Error):
                elea.read_sparse_tensor(data[:-64])
