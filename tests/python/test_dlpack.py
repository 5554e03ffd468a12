# SPDX-License-Identifier: Apache-2.0
"""Tensors between NumPy and Elea by DLPack: the same memory, freed once, by both structs."""

import ctypes
import gc
import weakref
from ctypes import PYFUNCTYPE, byref, c_char_p, c_int, c_void_p, py_object

import numpy as np
import pyarrow as pa
import pytest
from numpy.lib.stride_tricks import as_strided

import elea_ctypes as elea

KINDS = ["versioned", "legacy"]
NEVER, IF_NEEDED, ALWAYS = 0, 1, 2
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


class COptions(ctypes.Structure):
    _fields_ = [("copy", c_int), ("field", c_void_p), ("name", elea.CBytes)]


class Tensor:
    """What NumPy takes for a producer: an array of Elea."""

    def __init__(self, array, kind, copy=NEVER, field=None):
        self.array, self.kind, self.field = array, kind, field
        self.options = COptions(copy, field.handle if field else None)

    def __dlpack_device__(self):
        return 1, 0

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        out = c_void_p()
        elea.call("elea_dlpack_export" + SUFFIX[self.kind], self.array, byref(self.options), None,
                  byref(out))
        return elea._capsule_new(out.value, NAMES[self.kind], capsule_free)


def to_numpy(array, kind, copy=NEVER, field=None):
    return np.from_dlpack(Tensor(array, kind, copy, field))


def taken(values, kind):
    """The tensor of a NumPy array, which is now ours."""
    version = {"max_version": (1, 0)} if kind == "versioned" else {}
    capsule = values.__dlpack__(**version)
    address = elea._capsule_pointer(capsule, NAMES[kind])
    assert set_name(capsule, USED[kind]) == 0
    return c_void_p(address)


def from_numpy(values, kind, copy=NEVER):
    options = COptions(copy)
    return elea.Array.make("elea_dlpack_import" + SUFFIX[kind], taken(values, kind), byref(options),
                           None, None)


def column_from_numpy(values, kind, copy=NEVER):
    """An array, and the field that says what its extension type is."""
    options, field, array = COptions(copy), c_void_p(), c_void_p()
    elea.call("elea_dlpack_import" + SUFFIX[kind], taken(values, kind), byref(options), None,
              byref(field), byref(array))
    return elea.Field(field.value), elea.Array(array.value)


def address_of(values):
    return values.__array_interface__["data"][0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("shape", [(7,), (1,), (5, 3), (1, 4), (4, 1), (2, 3, 4), (3, 1, 2, 1, 5)])
def test_numpy_to_elea_and_back(type_, shape, kind):
    values = np.arange(np.prod(shape)).reshape(shape).astype(type_)
    copied = elea.copied_bytes()
    array = from_numpy(values, kind)
    array.validate()
    seen = pa.array(array)
    flat = seen
    for _ in shape[1:]:
        flat = flat.values
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
    (lambda: np.zeros((1,) * 33), "EUNSUPPORTED", "33 dimensions"),
    (lambda: np.array(5), "EUNSUPPORTED", "0 dimensions"),
    (lambda: np.zeros(4, "bool"), "EUNSUPPORTED", "type code 6 .bool"),
    (lambda: np.zeros(4, "complex64"), "EUNSUPPORTED", "type code 5 .complex"),
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
    (pa.array([1, None, 3]), "EINVAL"), (pa.array([True]), "EUNSUPPORTED"),
    (pa.array(["a"]), "ETYPE"),
    (pa.array([[1, 2], None], pa.list_(pa.int8(), 2)), "EINVAL"),
    (pa.array([1], pa.timestamp("us")), "ETYPE"), (pa.array([[1]]), "ETYPE"),
])
def test_arrays_that_are_no_tensor(values, status, kind):
    with pytest.raises(elea.Error) as caught:
        Tensor(elea.Array.from_arrow(values), kind).__dlpack__()
    assert caught.value.status == status


# Views of one array in every way NumPy has to walk over it.
VIEWS = {
    "plain": lambda a: a,
    "transposed": lambda a: a.T,
    "rows turned": lambda a: a.transpose(0, 3, 1, 2),
    "rows turned otherwise": lambda a: a.transpose(0, 2, 3, 1),
    "last swapped": lambda a: a.swapaxes(2, 3),
    "first swapped": lambda a: a.swapaxes(0, 1),
    "reversed": lambda a: a[::-1],
    "rows reversed": lambda a: a[:, ::-1],
    "every second row": lambda a: a[::2],
    "every second value": lambda a: a[..., ::2],
    "part": lambda a: a[1:, 1:2, :, 1:3],
    "one row": lambda a: a[2:3],
    "repeated": lambda a: as_strided(a, (4, 3, 5, 4), (*a.strides[:2], 0, a.strides[3])),
    "diagonal": lambda a: as_strided(a, (4, 3), (a.strides[0], a.strides[1] + a.strides[2])),
    "windows": lambda a: as_strided(a, (20, 7), (a.itemsize, a.itemsize)),
    "Fortran": np.asfortranarray,
    "nothing": lambda a: a[:, :0],
}


def is_row_major(values):
    return values.flags.c_contiguous


def is_turned_rows(values):
    """Whether the dimensions of a row lie densely in some order, the rows one behind the other."""
    if values.size == 0 or values.flags.c_contiguous:
        return True
    order = sorted(range(1, values.ndim), key=lambda i: -values.strides[i])
    return values.transpose(0, *order).flags.c_contiguous


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("type_", ["int8", "uint16", "float32", "int64", "bool"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view(view, type_, kind):
    whole = (np.arange(4 * 3 * 3 * 4) % 5 * 3 % 7).reshape(4, 3, 3, 4).astype(type_)
    values = VIEWS[view](whole)
    is_bool = type_ == "bool"

    for copy in (NEVER, IF_NEEDED, ALWAYS):
        shares = copy != ALWAYS and is_row_major(values) and not is_bool
        if copy == NEVER and not shares:
            with pytest.raises(elea.Error) as caught:
                from_numpy(values, kind)
            assert caught.value.status == "EUNSUPPORTED"
            continue
        before = elea.copied_bytes()
        array = from_numpy(values, kind, copy)
        copied = elea.copied_bytes() - before
        assert copied == 0 if shares or values.size == 0 else copied >= values.nbytes
        array.validate()
        assert np.array_equal(np.array(pa.array(array).to_pylist(), type_).reshape(values.shape),
                              values)
        back = to_numpy(array, kind, IF_NEEDED)
        assert back.dtype == values.dtype and np.array_equal(back, values)
        if shares and values.size:
            assert address_of(back) == address_of(values)
        again = to_numpy(array, kind, ALWAYS)
        assert np.array_equal(again, values)
        if kind == "versioned" and values.size:
            assert again.flags.writeable
            assert back.flags.writeable == is_bool


def is_its_own_inverse(permutation):
    """pyarrow 26 gives the tensors of other permutations strides by which values overlap."""
    return permutation is None or all(permutation[p] == i for i, p in enumerate(permutation))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("type_", ["int8", "float16", "float64", "bool"])
@pytest.mark.parametrize("view", VIEWS)
def test_columns_of_tensors(view, type_, kind):
    whole = (np.arange(4 * 3 * 3 * 4) % 5 * 3 % 7).reshape(4, 3, 3, 4).astype(type_)
    values = VIEWS[view](whole)
    shares = is_turned_rows(values)
    if not shares:
        with pytest.raises(elea.Error, match="copy"):
            column_from_numpy(values, kind)
    before = elea.copied_bytes()
    field, array = column_from_numpy(values, kind, NEVER if shares else IF_NEEDED)
    assert elea.copied_bytes() - before == (0 if shares else values.nbytes)
    array.validate()
    # As pyarrow reads the same type: numbers only, and see is_its_own_inverse().
    seen = pa.field(field)
    assert seen.type.extension_name == "arrow.fixed_shape_tensor"
    storage = pa.array(array)
    if type_ != "bool" and values.size and is_its_own_inverse(seen.type.permutation):
        theirs = pa.ExtensionArray.from_storage(seen.type, storage).to_numpy_ndarray()
        assert np.array_equal(theirs, values)
        if shares:
            assert address_of(theirs) == address_of(values)
            assert theirs.strides == values.strides
    back = to_numpy(array, kind, NEVER, field)
    assert back.dtype == values.dtype and np.array_equal(back, values)
    if shares and values.size:
        assert address_of(back) == address_of(values) and back.strides == values.strides
    assert np.array_equal(to_numpy(array.slice(1, 2), kind, NEVER, field) if len(values) > 2
                          else values[1:3], values[1:3])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("permutation", [None, [0, 1, 2], [2, 0, 1], [1, 2, 0], [2, 1, 0]])
def test_tensor_columns_of_pyarrow(permutation, kind):
    type_ = pa.fixed_shape_tensor(pa.int32(), [2, 3, 4], permutation=permutation)
    storage = pa.FixedSizeListArray.from_arrays(pa.array(np.arange(24 * 5, dtype="int32")), 24)
    theirs = pa.ExtensionArray.from_storage(type_, storage)
    array = elea.Array.from_arrow(storage)
    field = elea.Field.from_arrow(pa.field("t", type_))
    ours = to_numpy(array, kind, NEVER, field)
    expected = storage.values.to_numpy().reshape(5, 2, 3, 4)
    if permutation:
        expected = expected.transpose(0, *[1 + p for p in permutation])
    if is_its_own_inverse(permutation):
        assert np.array_equal(theirs.to_numpy_ndarray(), expected)
    assert np.array_equal(ours, expected) and ours.strides == expected.strides
    assert address_of(ours) == address_of(expected)
    part = to_numpy(array.slice(1, 3), kind, ALWAYS, field)
    assert np.array_equal(part, expected[1:4])
    # The storage alone says nothing of a shape.
    assert to_numpy(array, kind).shape == (5, 24)


@pytest.mark.parametrize("kind", KINDS)
def test_bool8(kind):
    values = np.array([True, False, True, True])
    field, array = column_from_numpy(values, kind)
    assert pa.field(field).type == pa.bool8()
    assert pa.array(array).type == pa.int8()
    back = to_numpy(array, kind, NEVER, field)
    assert back.dtype == bool and address_of(back) == address_of(values)
    assert np.array_equal(back, values)
    packed = pa.array([True, False, None, True, True] * 20).slice(3, 7)
    with pytest.raises(elea.Error, match="are null"):
        to_numpy(elea.Array.from_arrow(packed), kind, IF_NEEDED)
    packed = pa.array([True, False, True, True, True] * 20).slice(3, 71)
    ours = to_numpy(elea.Array.from_arrow(packed), kind, IF_NEEDED)
    assert ours.dtype == bool and np.array_equal(ours, packed.to_numpy(zero_copy_only=False))
