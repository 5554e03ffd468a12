# SPDX-License-Identifier: Apache-2.0
"""NumPy and the buffer protocol, both ways; DLPack."""

import array as python_array
import gc
import weakref

import elea
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

KINDS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_both_ways(kind, nothing_copied):
    given_ = np.array([1, 0, 3], kind)
    ours = elea.array(given_)
    assert pa.array(ours).type == pa.array(given_).type
    assert ours.buffers()[1].address == given_.ctypes.data
    back = ours.to_numpy()
    assert back.ctypes.data == given_.ctypes.data and back.dtype == given_.dtype
    assert not back.flags.writeable
    assert np.asarray(ours[1:]).ctypes.data == given_.ctypes.data + given_.itemsize
    assert memoryview(ours).format == memoryview(given_).format.replace("l", "q").replace("L", "Q")
    with pytest.raises(ValueError):
        back[0] = 1


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_both_ways(unit, nothing_copied):
    for letter, make in (("M", elea.timestamp), ("m", elea.duration)):
        given_ = np.array([1, 2], f"{letter}8[{unit}]")
        ours = elea.array(given_)
        assert ours.type == make(unit)
        assert ours.to_numpy().ctypes.data == given_.ctypes.data
        assert (np.asarray(ours) == given_).all()


@pytest.mark.parametrize("values", [
    np.arange(0, dtype="i8"), np.arange(9, dtype="i8")[5:], np.arange(9, dtype="u2")[:1:3],
    np.frombuffer(b"read only", "u1"), np.arange(3, dtype="f4").view(np.recarray),
    np.arange(4, dtype="l"), np.arange(4, dtype=np.longlong),
])
def test_forms_of_memory(values, nothing_copied):
    """Whatever way it comes in, it is there and all of it."""
    array = elea.array(values)
    assert array.to_pylist() == values.tolist()
    assert not len(values) or array.buffers()[1].address == values.ctypes.data
    assert array.type == elea.type_from_arrow(pa.from_numpy_dtype(values.dtype))
    array.validate(full=True)


def test_misaligned_memory_is_refused():
    with pytest.raises(elea.InvalidError, match="not aligned"):
        elea.array(np.frombuffer(bytes(17), "u1")[1:].view("i8"))


def test_missing_times_are_null():
    given_ = np.array(["2020-01-01", "NaT"], "M8[us]")
    assert elea.array(given_).null_count == 1
    assert np.isnat(elea.array(given_).to_numpy(zero_copy_only=False)).tolist() == [False, True]
    days = np.array(["2020-01-01", "NaT", "1969-12-31"], "M8[D]")
    assert elea.array(days).to_pylist() == pa.array(days).to_pylist()
    assert elea.array(np.array([1.0, np.nan]), from_pandas=True).null_count == 1
    assert elea.array(np.array([1.0, np.nan])).null_count == 0


def test_bools_are_packed():
    given_ = np.array([True, False, True])
    assert elea.array(given_).to_pylist() == [True, False, True]
    assert elea.array(given_).to_numpy(zero_copy_only=False).tolist() == [True, False, True]
    with pytest.raises(elea.ViewError, match="zero_copy_only=False"):
        elea.array(given_).to_numpy()


def test_two_dimensions(nothing_copied):
    given_ = np.arange(12, dtype="f2").reshape(4, 3)
    ours = elea.array(given_)
    assert ours.type == elea.list_("float16", 3)
    for back in (ours.to_numpy(), np.asarray(ours)):
        assert back.shape == (4, 3) and back.ctypes.data == given_.ctypes.data
    part = ours[1:3]
    assert np.asarray(part).tolist() == given_[1:3].tolist()
    assert memoryview(part).shape == (2, 3)
    assert elea.array(np.zeros((0, 3))).to_numpy().shape == (0, 3)
    assert elea.array(np.zeros((3, 0))).to_numpy().shape == (3, 0)


@pytest.mark.parametrize("wrong, message", [
    (np.array(["a"]), "U1"), (np.array([b"a"]), "S1"), (np.array([object()]), "object"),
    (np.array([1], ">i4"), ">i4"), (np.array([1j]), "complex128"),
    (np.zeros((2, 2, 2)), "3 dimensions"), (np.arange(10)[::2], "not contiguous"),
    (np.arange(10)[::-1], "not contiguous"), (np.zeros((4, 4)).T[:2], "not contiguous"),
    (np.array(5), "0 dimensions"), (np.zeros(2, [("a", "i4")]), "dimension")])
def test_what_is_not_read(wrong, message):
    with pytest.raises(elea.Error, match=message):
        elea.array(wrong)


def test_nulls_as_pyarrow_gives_them():
    for values, kind in [([1, None], "int32"), ([1.5, None], "float32"), (["a", None], "utf8"),
                         ([True, None], "bool"), ([[1], None], "list<int64>")]:
        ours = elea.array(values, kind)
        theirs = pa.array(ours).to_numpy(zero_copy_only=False)
        mine = ours.to_numpy(zero_copy_only=False)
        assert mine.dtype == (theirs.dtype if kind != "int32" else np.dtype("f8"))
        assert str(mine.tolist()) == str(theirs.tolist())
        with pytest.raises(ValueError):
            ours.to_numpy()
    writable = elea.array([1, 2]).to_numpy(zero_copy_only=False, writable=True)
    writable[0] = 7


def test_array_protocol_asks():
    ours = elea.array([1, 2])
    assert np.array(ours, dtype="f4").dtype == np.float32
    assert np.array(ours, copy=True).flags.writeable
    with pytest.raises(ValueError):
        np.array(elea.array([1, None]), copy=False)
    table = elea.table({"a": [1, 2], "b": [3, 4]})
    assert np.asarray(table).tolist() == [[1, 3], [2, 4]]


def test_memory_is_kept_alive(nothing_left):
    class Mine(np.ndarray):
        pass

    given_ = np.arange(100.0).view(Mine)
    watch = weakref.ref(given_)
    ours = elea.array(given_)
    del given_
    gc.collect()
    assert watch() is not None and ours[99].as_py() == 99.0
    part, ours = ours[50:], None
    back = part.to_numpy()
    part = None
    gc.collect()
    assert watch() is not None and back[49] == 99.0
    back = None
    gc.collect()
    assert watch() is None


def test_other_memory(nothing_copied):
    numbers = python_array.array("h", [1, -2, 3])
    ours = elea.array(numbers)
    assert ours.type == elea.int16() and ours.to_pylist() == [1, -2, 3]
    with pytest.raises(BufferError):
        numbers.append(4)
    assert elea.array(memoryview(b"\1\2")).type == elea.uint8()
    assert elea.array(memoryview(bytes(8)).cast("d")).to_pylist() == [0.0]
    with pytest.raises(elea.Error, match="contiguous"):
        elea.array(memoryview(b"abcd")[::2])


def test_types_given_with_numpy():
    assert elea.array(np.array([1, 2]), "int8").to_pylist() == [1, 2]
    assert elea.array(np.array([1, 2]), elea.timestamp("s")).type == elea.timestamp("s")
    with pytest.raises(OverflowError, match="row 0"):
        elea.array(np.array([300]), "int8")
    assert elea.array(np.array([1, 2]), mask=np.array([False, True])).to_pylist() == [1, None]
    with pytest.raises(ValueError, match="mask of 1"):
        elea.array(np.array([1, 2]), mask=[True])


@given(st.lists(st.integers(-2**31, 2**31 - 1)), st.data())
def test_views_of_slices(values, data):
    ours = elea.array(values, "int32")
    begin = data.draw(st.integers(0, len(values)))
    assert ours[begin:].to_numpy().tolist() == values[begin:]


def test_dlpack_both_ways(nothing_copied):
    for given_ in (np.arange(6, dtype="f4"), np.arange(6).reshape(2, 3)):
        ours = elea.from_dlpack(given_)
        assert np.from_dlpack(ours).tolist() == given_.tolist()
        assert np.from_dlpack(ours).ctypes.data == given_.ctypes.data
        assert not np.from_dlpack(ours).flags.writeable
        assert ours.__dlpack_device__() == (1, 0)
    column = elea.chunked_array([[1, 2]])
    assert np.from_dlpack(column).tolist() == [1, 2]


def test_dlpack_is_asked(nothing_left):
    ours = elea.array([1, 2, 3])
    assert "dltensor_versioned" in repr(ours.__dlpack__(max_version=(1, 0)))
    assert '"dltensor"' in repr(ours.__dlpack__())
    copy = elea.from_dlpack(type("T", (), {
        "__dlpack__": lambda self, **k: ours.__dlpack__(copy=True, **k)})())
    assert copy == ours and copy.buffers()[1].address != ours.buffers()[1].address
    for wrong in ({"stream": 1}, {"dl_device": (2, 0)}):
        with pytest.raises(BufferError):
            ours.__dlpack__(**wrong)
    with pytest.raises(BufferError):
        elea.array([1, None]).__dlpack__()
    with pytest.raises(BufferError):
        elea.array(["a"]).__dlpack__()
    with pytest.raises(TypeError, match="__dlpack__"):
        elea.from_dlpack(3)
    capsule = ours.__dlpack__()
    once = type("T", (), {"__dlpack__": lambda self: capsule})()
    assert elea.from_dlpack(once) == ours
    with pytest.raises(ValueError, match="used_dltensor"):
        elea.from_dlpack(once)
    del ours, copy, capsule, once
