# SPDX-License-Identifier: Apache-2.0
"""Tensors between NumPy and Elea by DLPack: the same memory, freed once, by both structs."""

import ctypes
import gc
import weakref
from ctypes import PYFUNCTYPE, byref, c_char_p, c_int, c_void_p, py_object

import numpy as np
import pyarrow as pa
import pytest

import elea_ctypes as elea

KINDS = ["versioned", "legacy"]
TYPES = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16",
         "float32", "float64"]
NAMES = {"versioned": b"dltensor_versioned", "legacy": b"dltensor"}
USED = {"versioned": b"used_dltensor_versioned", "legacy": b"used_dltensor"}
# Where the deleter lies in each struct: behind version and context; behind tensor and context.
DELETER = {"versioned": 16, "legacy": 56}
SUFFIX = {"versioned": "", "legacy": "_legacy"}

set_name = PYFUNCTYPE(c_int, py_object, c_char_p)(("PyCapsule_SetName", ctypes.pythonapi))


def delete(address, kind):
    deleter = c_void_p.from_address(address + DELETER[kind]).value
    ctypes.CFUNCTYPE(None, c_void_p)(deleter)(address)


@elea._DESTRUCTOR
def capsule_free(capsule):
    """A capsule that nobody took still owns its tensor."""
    name = elea._capsule_name(capsule)
    for kind, own in NAMES.items():
        if name == own:
            delete(elea._raw_capsule_pointer(capsule, own), kind)


class Owned(np.ndarray):
    """An array that weak references can watch."""


class Tensor:
    """What NumPy takes for a producer: an array of Elea."""

    def __init__(self, array, kind):
        self.array, self.kind = array, kind

    def __dlpack_device__(self):
        return 1, 0

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        out = c_void_p()
        elea.call("elea_array_export_dlpack" + SUFFIX[self.kind], self.array, None, byref(out))
        return elea._capsule_new(out.value, NAMES[self.kind], capsule_free)


def to_numpy(array, kind):
    return np.from_dlpack(Tensor(array, kind))


def from_numpy(values, kind):
    version = {"max_version": (1, 0)} if kind == "versioned" else {}
    capsule = values.__dlpack__(**version)
    address = elea._capsule_pointer(capsule, NAMES[kind])
    assert set_name(capsule, USED[kind]) == 0
    return elea.Array.make("elea_array_import_dlpack" + SUFFIX[kind], c_void_p(address), None)


def address_of(values):
    return values.__array_interface__["data"][0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("shape", [(7,), (1,), (5, 3), (1, 4), (4, 1)])
def test_numpy_to_elea_and_back(type_, shape, kind):
    values = np.arange(np.prod(shape)).reshape(shape).astype(type_)
    copied = elea.copied_bytes()
    array = from_numpy(values, kind)
    array.validate()
    seen = pa.array(array)
    flat = seen.values if len(shape) == 2 else seen
    assert flat.type == pa.from_numpy_dtype(np.dtype(type_))
    assert flat.buffers()[1].address == address_of(values)
    assert len(array) == shape[0]
    back = to_numpy(array, kind)
    assert back.dtype == values.dtype and back.shape == shape
    assert np.array_equal(back, values) and address_of(back) == address_of(values)
    assert elea.copied_bytes() == copied
    # The legacy struct cannot say so.
    assert kind == "legacy" or not back.flags.writeable


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("type_", TYPES)
def test_slices_of_pyarrow(type_, kind):
    values = np.arange(120).astype(type_)
    plain = pa.array(values)
    lists = pa.FixedSizeListArray.from_arrays(plain.slice(6), 3)
    assert np.array_equal(to_numpy(elea.Array.from_arrow(plain.slice(5, 60)), kind), values[5:65])
    expected = values[6:].reshape(-1, 3)[7:20]
    array = elea.Array.from_arrow(lists.slice(7, 13))
    assert np.array_equal(to_numpy(array, kind), expected)
    assert np.array_equal(to_numpy(array.slice(2, 4), kind), expected[2:6])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_empty(shape, kind):
    array = from_numpy(np.zeros(shape, "int32"), kind)
    assert to_numpy(array, kind).shape == shape


@pytest.mark.parametrize("kind", KINDS)
def test_memory_lives_as_long_as_it_is_seen(kind):
    values = np.arange(1000, dtype="int64").view(Owned)
    alive = weakref.ref(values)
    array = from_numpy(values, kind)
    back = to_numpy(array.slice(10, 20), kind)
    del values, array
    gc.collect()
    assert alive() is not None
    assert list(back) == list(range(10, 30))
    del back
    gc.collect()
    assert alive() is None


@pytest.mark.parametrize("kind", KINDS)
def test_unused_capsules_free_their_tensor(kind):
    values = np.arange(1000, dtype="int64").view(Owned)
    alive = weakref.ref(values)
    array = from_numpy(values, kind)
    capsules = [Tensor(array, kind).__dlpack__() for _ in range(3)]
    del values, array
    gc.collect()
    assert alive() is not None
    del capsules
    gc.collect()
    assert alive() is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("make, status, message", [
    (lambda: np.arange(10)[::2], "EUNSUPPORTED", "strides"),
    (lambda: np.arange(10)[::-1], "EUNSUPPORTED", "strides"),
    (lambda: np.arange(12).reshape(3, 4).T, "EUNSUPPORTED", "strides"),
    (lambda: np.arange(12).reshape(3, 4)[:, :2], "EUNSUPPORTED", "strides"),
    (lambda: np.broadcast_to(np.arange(4), (3, 4)).copy(order="F"), "EUNSUPPORTED", "strides"),
    (lambda: np.zeros((2, 2, 2)), "EUNSUPPORTED", "3 dimensions"),
    (lambda: np.array(5), "EUNSUPPORTED", "0 dimensions"),
    (lambda: np.zeros(4, "bool"), "EUNSUPPORTED", "type code 6"),
    (lambda: np.zeros(4, "complex64"), "EUNSUPPORTED", "type code 5"),
    (lambda: np.frombuffer(bytearray(33), "u1")[1:].view("int32"), "EUNSUPPORTED", "multiple of 4"),
])
def test_what_is_refused_is_freed(make, status, message, kind):
    values = make()
    owner = values if values.base is None else values
    alive = weakref.ref(owner)
    with pytest.raises(elea.Error, match=message) as caught:
        from_numpy(values, kind)
    assert caught.value.status == status
    del values, owner, caught
    gc.collect()
    assert alive() is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("values, status", [
    (pa.array([1, None, 3]), "EINVAL"), (pa.array([True]), "ETYPE"), (pa.array(["a"]), "ETYPE"),
    (pa.array([[1, 2], None], pa.list_(pa.int8(), 2)), "EINVAL"),
    (pa.array([1], pa.timestamp("us")), "ETYPE"), (pa.array([[1]]), "ETYPE"),
])
def test_arrays_that_are_no_tensor(values, status, kind):
    with pytest.raises(elea.Error) as caught:
        Tensor(elea.Array.from_arrow(values), kind).__dlpack__()
    assert caught.value.status == status
