# SPDX-License-Identifier: Apache-2.0
"""Extension types: the canonical ones beside pyarrow's, unknown ones, those of users; alone, in
chunks, nested, in tables and files, through capsules."""

import copy
import datetime
import decimal
import gc
import io
import itertools
import pickle
import subprocess
import sys
import uuid

import elea
import numpy as np
import pyarrow as pa
import pytest

NAME, METADATA = b"ARROW:extension:name", b"ARROW:extension:metadata"
UTC = datetime.timezone.utc


def some(make, count=75):
    return [None if i % 7 == 3 else make(i) for i in range(count)]


# Name: (our type, pyarrow's, values as Python has them, values of the storage).
KINDS = {
    "uuid": (elea.uuid(), pa.uuid(), some(lambda i: uuid.UUID(int=i)),
             some(lambda i: i.to_bytes(16, "big"))),
    "bool8": (elea.bool8(), pa.bool8(), some(lambda i: i % 3 == 0),
              some(lambda i: int(i % 3 == 0))),
    "json": (elea.json_(), pa.json_(), some(lambda i: f'{{"a": {i}}}'), None),
    "large json": (elea.json_("large_utf8"), pa.json_(pa.large_string()), some(str), None),
    "opaque": (elea.opaque("binary", "geometry", "PostGIS"),
               pa.opaque(pa.binary(), "geometry", "PostGIS"), some(lambda i: b"x" * i), None),
    "tensor": (elea.fixed_shape_tensor("int32", (2, 3)), pa.fixed_shape_tensor(pa.int32(), (2, 3)),
               some(lambda i: list(range(i, i + 6))), None),
    "permuted": (elea.fixed_shape_tensor("float16", [1, 2], ["a", "b"], [1, 0]),
                 pa.fixed_shape_tensor(pa.float16(), [1, 2], ["a", "b"], [1, 0]),
                 some(lambda i: [float(i), -1.0]), None),
}
everywhere = pytest.mark.parametrize("name", KINDS)


def arrays(name, begin=0, end=None):
    """Our array and pyarrow's of the same values."""
    ours, theirs, values, stored = KINDS[name]
    stored = values if stored is None else stored
    storage = pa.array(stored[begin:end], theirs.storage_type)
    return (elea.array(values[begin:end], type=ours),
            pa.ExtensionArray.from_storage(theirs, storage))


def addresses(array):
    return [buffer.address for buffer in array.buffers() if buffer is not None and buffer.size]


# ---- types


@everywhere
def test_types_are_pyarrows(name):
    ours, theirs, _, _ = KINDS[name]
    taken = elea.type_from_arrow(theirs)
    assert taken == ours and hash(taken) == hash(ours) and type(taken) is type(ours)
    assert ours.extension_name == theirs.extension_name and ours.storage_type == (
        theirs.storage_type) or ours.storage_type == elea.type_from_arrow(theirs.storage_type)
    assert pa.field("x", pa.array(elea.array([], ours)).type) == pa.field("x", theirs)
    assert ours != ours.storage_type and ours.storage_type != ours and ours.id == theirs.id
    assert ours != "int8" and ours != 3 and not ours == elea.ExtensionType("int8", "other")
    assert ours.byte_width if name in ("uuid", "bool8") else True
    for again in (pickle.loads(pickle.dumps(ours)), copy.deepcopy(ours)):
        assert again == ours and type(again) is type(ours)
    assert len({ours, taken, ours.storage_type}) == 2
    assert elea.field("x", theirs) == elea.field("x", ours)


def test_texts_of_types():
    assert str(elea.uuid()) == "extension<arrow.uuid>" and elea.uuid().name == "extension"
    assert repr(elea.json_()) == "JsonType(extension<arrow.json>)"
    tensor = elea.fixed_shape_tensor("int32", [2, 3], permutation=[1, 0], dim_names=["a", "b"])
    assert str(tensor) == str(elea.type_from_arrow(tensor)) == (
        "extension<arrow.fixed_shape_tensor[value_type=int32, shape=[2,3], permutation=[1,0], "
        "dim_names=[a,b]]>")
    assert str(KINDS["opaque"][0]) == str(KINDS["opaque"][1])
    assert str(elea.field("id", elea.uuid(), nullable=False)) == (
        "id: extension<arrow.uuid> not null")
    nested = elea.struct([("a", elea.list_(elea.uuid()))])
    assert elea.type_from_text(str(nested)) == nested
    assert "arrow.uuid" in str(elea.field("x", nested)) and "arrow.uuid" in repr(nested)
    assert repr(elea.array([uuid.UUID(int=1)])).startswith("<elea.Array extension<arrow.uuid>, 1")


def test_parameters():
    tensor = elea.fixed_shape_tensor(elea.float32(), np.array([2, 3]), ("a", "b"), (1, 0))
    assert (tensor.shape, tensor.dim_names, tensor.permutation) == ([2, 3], ["a", "b"], [1, 0])
    assert tensor.value_type == "float32"
    plain = elea.fixed_shape_tensor("float32", [2, 3])
    assert plain.dim_names is None and plain.permutation is None
    assert plain == elea.fixed_shape_tensor("float32", [2, 3], permutation=[0, 1]) != tensor
    assert plain != elea.fixed_shape_tensor("float32", [3, 2])
    opaque = elea.opaque("null", "Grüße \"quoted\"", "")
    assert (opaque.type_name, opaque.vendor_name) == ("Grüße \"quoted\"", "")
    assert elea.type_from_arrow(pa.opaque(pa.null(), opaque.type_name, "")) == opaque
    # What means the same is the same, whatever the text.
    for one, text in [(plain, b'{ "shape" : [2,3], "permutation": [0, 1] }'),
                      (elea.json_(), b" {}"), (opaque, opaque.__arrow_ext_serialize__() + b" ")]:
        other = elea.field("x", one.storage_type, metadata={
            NAME: one.extension_name, METADATA: text})
        assert other.type == one and str(other.type) == str(one)
        assert other.type.__arrow_ext_serialize__() == text
    deep = plain.__arrow_ext_serialize__()[:-1] + b', "x": ' + b"[" * 1500 + b"]" * 1500 + b"}"
    other = elea.field("x", plain.storage_type, metadata={
        NAME: plain.extension_name, METADATA: deep})
    with pytest.raises(elea.InvalidError, match="nested too deep"):
        other.type.shape


@pytest.mark.parametrize("make, error, message", [
    (lambda: elea.json_("int8"), TypeError, "the storage is int8, expected utf8"),
    (lambda: elea.json_(elea.json_()), TypeError, "storage of an extension type is another"),
    (lambda: elea.fixed_shape_tensor("int8", [2], ["a", "b"]), ValueError, "dim_names"),
    (lambda: elea.fixed_shape_tensor("int8", [2], permutation=[1]), ValueError, "permutation"),
    (lambda: elea.fixed_shape_tensor("int8", [2**20, 2**20]), OverflowError, "1048576"),
    (lambda: elea.fixed_shape_tensor("int8", [-1]), ValueError, "of 0 to"),
    (lambda: elea.fixed_shape_tensor("int8", 3), TypeError, "list of ints, got 3"),
    (lambda: elea.fixed_shape_tensor("int8", [1], permutation="x"), TypeError, "list of ints"),
    (lambda: elea.opaque("int8", 3, "x"), TypeError, "names of an opaque type are str, got 3"),
    (lambda: elea.variable_shape_tensor("int8", 2, ["a"]), ValueError, "dim_names"),
    (lambda: elea.timestamp_with_offset("h"), ValueError, "time unit"),
    (lambda: elea.ExtensionType("int8", ""), ValueError, "name of an extension type is empty"),
    (lambda: elea.ExtensionType("int8", b"x"), TypeError, "is a str, got b'x'"),
    (lambda: elea.ExtensionType("int8", "x", "y"), TypeError, "are bytes, got 'y'"),
    (lambda: elea.ExtensionType("int8", "arrow.uuid"), TypeError, "fixed_size_binary"),
    (lambda: elea.ExtensionType("int8", "arrow.bool8", b"x"), ValueError, "expected none"),
    (lambda: elea.UuidType(elea.binary(16), "x"), TypeError, "use elea.uuid"),
    (lambda: elea.dictionary("int8", elea.uuid()), NotImplementedError, "a dictionary of"),
    (lambda: elea.uuid().__init__("int8", "x"), TypeError, "use elea.uuid"),
    (lambda: elea.ExtensionType("int8", "x").__init__("int8", "y"), ValueError, "does not change"),
    (lambda: elea.ExtensionArray(), TypeError, "elea.array"),
])
def test_types_that_are_none(make, error, message):
    with pytest.raises(error, match=message) as caught:
        make()
    assert isinstance(caught.value, elea.Error)


# ---- arrays


@everywhere
@pytest.mark.parametrize("begin, end", [(0, 75), (0, 0), (0, 1), (3, 4), (1, 70), (13, 14)])
def test_arrays_are_pyarrows(name, begin, end, nothing_left):
    ours, theirs = arrays(name, begin, end)
    whole, their_whole = arrays(name)
    values = KINDS[name][2][begin:end]
    for one in (ours, whole[begin:end], elea.array(theirs), elea.array(their_whole[begin:end]),
                elea.array(pa.array(ours)), pickle.loads(pickle.dumps(whole[begin:end]))):
        assert one == ours and one.type == ours.type and type(one) is type(ours)
        assert one.to_pylist() == values == theirs.to_pylist()
        assert [value.as_py() for value in one] == values
        assert all(value.type == ours.type for value in one)
        assert one.null_count == values.count(None)
        assert one != ours.storage and one.storage == ours.storage and ours.storage != one
        one.validate(full=True)
    for back in (pa.array(ours), pa.array(whole[begin:end])):
        assert back.equals(theirs) and back.type == theirs.type
        back.validate(full=True)
    assert elea.array([None] * 3, ours.type) == elea.nulls(3, ours.type)
    assert elea.array(values, ours.type).is_null().to_pylist() == [v is None for v in values]
    del one, back, ours, theirs, whole, their_whole, values


@everywhere
def test_nothing_is_copied(name):
    ours, theirs = arrays(name)
    before = elea.copied_bytes()
    assert addresses(elea.array(theirs)) == addresses(theirs)
    assert addresses(pa.array(ours)) == addresses(ours)
    assert addresses(elea.array(pa.array(ours))[3:].storage) == addresses(ours)
    again = elea.ExtensionArray.from_storage(ours.type, ours.storage)
    assert addresses(again) == addresses(ours) and again.type == ours.type
    column = elea.chunked_array(pa.chunked_array(elea.chunked_array([ours, ours[5:]])))
    assert column.type == ours.type and addresses(column.chunk(1)) == addresses(ours)
    assert elea.copied_bytes() == before


@everywhere
def test_chunked_arrays(name, nothing_left):
    ours, theirs = arrays(name)
    parts = [ours[:9], ours[9:9], ours[9:]]
    column = elea.chunked_array(parts)
    their_column = pa.chunked_array([theirs.slice(0, 9), theirs.slice(9, 0), theirs.slice(9)])
    assert column.type == ours.type == column[5:7].type == column.chunk(2).type == column[0].type
    assert column.combine_chunks() == ours == elea.concat_arrays(parts)
    assert column.to_pylist() == their_column.to_pylist() == KINDS[name][2]
    taken = elea.chunked_array(their_column)
    assert taken == column == pickle.loads(pickle.dumps(column)) and taken.num_chunks == 3
    assert pa.chunked_array(column).equals(their_column)
    assert column.slice(3).combine_chunks() == ours[3:] and column[::2].type == ours.type
    assert column != elea.chunked_array([ours.storage]) and ours[::-1].type == ours.type
    empty = elea.chunked_array([], ours.type)
    assert empty.type == ours.type == elea.chunked_array(pa.chunked_array(empty)).type
    assert elea.chunked_array([ours.storage], ours.type) == elea.chunked_array([ours])
    assert elea.chunked_array(elea.chunked_array([ours.storage]), ours.type).type == ours.type
    assert elea.chunked_array([ours, ours.storage]).type == ours.type
    for wrong in (lambda: elea.concat_arrays([ours, ours.storage]),
                  lambda: elea.chunked_array([ours.storage, ours]),
                  lambda: elea.chunked_array(column, ours.storage.type),
                  lambda: elea.array(ours, ours.storage.type)):
        with pytest.raises(TypeError, match="extension<"):
            wrong()
    del wrong, column, their_column, taken, empty, parts, ours, theirs


class Only:
    def __init__(self, source, name):
        setattr(self, name, getattr(source, name))


@everywhere
def test_every_capsule(name):
    ours, theirs = arrays(name)
    before = elea.copied_bytes()
    for given in (Only(ours, "__arrow_c_device_array__"), Only(ours, "__arrow_c_array__"),
                  Only(theirs, "__arrow_c_array__")):
        assert elea.array(given) == ours
    assert elea.array(Only(ours[2], "__arrow_c_array__")).type == ours.type
    column = elea.chunked_array([ours])
    for given in (Only(column, "__arrow_c_device_stream__"), Only(column, "__arrow_c_stream__")):
        assert elea.chunked_array(given) == column and elea.array(given) == ours
    for given in (ours, column, ours[0]):
        assert elea.type_from_arrow(given) == ours.type
    assert elea.array(theirs, KINDS[name][0]) == ours == elea.array(theirs.storage, ours.type)
    ours.__arrow_c_array__(ours.type.__arrow_c_schema__())
    ours.__arrow_c_array__(ours.type.storage_type.__arrow_c_schema__())
    assert elea.copied_bytes() == before


@everywhere
def test_nested(name):
    ours, theirs, values, _ = KINDS[name]
    rows = [values[i:i + i % 3] if i % 5 else None for i in range(60)]
    array, their_array = arrays(name)
    dicts = [{"x": value, "n": i} for i, value in enumerate(values)]
    lists, structs = elea.list_(ours), elea.struct([("x", ours), ("n", "int8")])
    keyed = elea.array([{"k": value} for value in values], elea.map_("utf8", ours))
    for one, expected in [
        (elea.array(rows, lists), rows), (elea.array(rows, elea.list_view(ours)), rows),
        (elea.array(dicts, structs), dicts), (elea.struct_array([array], ["x"]),
                                              [{"x": value} for value in values]),
        (elea.list_array([0, 2, 75], array), [values[:2], values[2:]]),
        (keyed, [[("k", value)] for value in values]),
    ]:
        for again in (one, elea.array(pa.array(one)), pickle.loads(pickle.dumps(one))):
            assert again == one and again.type == one.type and hash(again.type) == hash(one.type)
            assert again.to_pylist() == expected
            assert again[3:].to_pylist() == expected[3:]
            assert again[1:2].to_pylist() == expected[1:2]
            assert pickle.loads(pickle.dumps(again.type)) == one.type
    assert elea.array(rows, lists).values.type == ours == lists.value_type
    assert elea.array(dicts, structs).field("x") == array and keyed.items == array
    assert structs.field("x").type == ours and lists.value_field.metadata is None
    assert lists != elea.list_(ours.storage_type) and elea.list_(theirs) == lists
    in_theirs = pa.StructArray.from_arrays([their_array], ["x"])
    assert elea.array(in_theirs).field("x") == array
    assert elea.array(in_theirs).to_pylist() == in_theirs.to_pylist()


def test_runs():
    values = [uuid.UUID(int=i // 5) for i in range(20)] + [None]
    ours = elea.array(values, elea.run_end_encoded("int32", elea.uuid()))
    theirs = pa.array(ours)
    assert len(ours.values) == 5 and ours.values.type == elea.uuid() == ours.type.value_type
    assert ours.to_pylist() == values and ours[7:].to_pylist() == values[7:]
    assert elea.array(theirs) == ours and theirs.values.type == pa.uuid()
    union = elea.array(pa.UnionArray.from_sparse(pa.array([0, 1], pa.int8()), [
        pa.array(values[:2], pa.uuid()), pa.array([1, 2])]))
    assert union.to_pylist() == [values[0], 2] and union.field(0).type == elea.uuid()
    words = elea.ExtensionType(elea.dictionary("int8", "utf8"), "my.words")
    ours = elea.array(["a", "b", "a", None], words)
    assert ours.to_pylist() == ["a", "b", "a", None] and elea.table({"x": ours})["x"].type == words


def test_types_are_guessed():
    values = [uuid.UUID(int=i) for i in range(3)]
    assert elea.infer_type(values) == elea.uuid() and elea.array(values + [None]).null_count == 1
    assert elea.array([{"id": [values[0]]}]).type == elea.struct({"id": elea.list_(elea.uuid())})
    assert elea.scalar(values[1]).as_py() == values[1]
    assert elea.array([elea.scalar(values[0]), elea.scalar(values[1])]).type == elea.uuid()
    assert elea.repeat(values[0], 2).to_pylist() == [values[0]] * 2
    with pytest.raises(TypeError, match="several kinds: int, uuid"):
        elea.array([values[0], 1])


def test_scalars():
    value = elea.array([uuid.UUID(int=5), None])
    assert isinstance(value[0], elea.ExtensionScalar)
    assert value[0].value == elea.scalar(bytes(15) + b"\5", elea.binary(16))
    assert value[1].value is None and value[1].as_py() is None and not value[1].is_valid
    assert value[0] != value[0].value and value[0].value != value[0] and value[0] == value[0]
    assert len({value[0], elea.scalar(uuid.UUID(int=5)), value[1]}) == 2
    assert pickle.loads(pickle.dumps(value[0])) == value[0]
    assert str(value[0]) == str(uuid.UUID(int=5)) and uuid.UUID(int=5) in value
    assert value.index(None).as_py() == 1 and bool(elea.scalar(True, elea.bool8()))
    assert pa.array(value[:1])[0].as_py() == value[0].as_py()


@pytest.mark.parametrize("values, kind, error, message", [
    ([b"short"], elea.uuid(), ValueError, "row 0.*16"),
    ([uuid.UUID(int=1), 3], elea.uuid(), TypeError, "row 1: expected a uuid.UUID or 16 bytes"),
    (["no"], elea.bool8(), TypeError, "expected a bool, got 'no'"),
    ([{}], elea.json_(), TypeError, "expected a str of JSON, got {}"),
    ([[1, 2]], elea.fixed_shape_tensor("int8", [3]), ValueError, "row 0"),
    ([[uuid.UUID(int=1), 5]], elea.list_(elea.uuid()), TypeError, "16 bytes, got 5"),
    (["x"], elea.ExtensionType("int8", "my.own"), TypeError, r"int8 for extension<my.own>, got"),
    ([datetime.datetime(2020, 1, 1)], elea.timestamp_with_offset("s"), TypeError,
     "a datetime with a time zone, got datetime"),
    ([datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(seconds=90)))],
     elea.timestamp_with_offset("s"), ValueError, "whole number of minutes"),
])
def test_values_that_do_not_fit(values, kind, error, message):
    with pytest.raises(error, match=message) as caught:
        elea.array(values, kind)
    assert isinstance(caught.value, elea.Error)


def test_timestamps_with_offset():
    zones = [datetime.timezone(datetime.timedelta(minutes=n)) for n in (-210, 0, 60, 845)]
    values = [datetime.datetime(2020, 5, 1, 12, 30, tzinfo=zone) for zone in zones] + [None]
    ours = elea.array(values, elea.timestamp_with_offset("ms"))
    assert ours.to_pylist() == values and ours.storage[0].as_py()["offset_minutes"] == -210
    assert [value.utcoffset() for value in ours.to_pylist()[:4]] == [
        value.utcoffset() for value in values[:4]]
    assert elea.table(elea.table({"x": ours}))["x"].type == ours.type
    far = elea.array([{"timestamp": values[0], "offset_minutes": 3000}], ours.storage.type)
    with pytest.raises(elea.InvalidError, match="3000 minutes"):
        elea.array(far, ours.type).to_pylist()


def test_variable_shape_tensors():
    kind = elea.variable_shape_tensor("int8", 2, ["a", "b"], [1, 0], [None, 3])
    ours = elea.array([{"data": [1, 2, 3], "shape": [1, 3]}, None], kind)
    theirs = pa.array(ours)
    assert "variable_shape_tensor" in str(theirs.type) and elea.array(theirs) == ours
    assert kind == pickle.loads(pickle.dumps(kind)) and str(kind) == str(theirs.type).replace(
        "permutation=[1,0], dim_names=[a,b], uniform_shape=[null,3]",
        "uniform_shape=[null,3], permutation=[1,0], dim_names=[a,b]")
    assert (kind.value_type, kind.ndim, kind.uniform_shape) == ("int8", 2, [None, 3])
    assert (kind.dim_names, kind.permutation) == (["a", "b"], [1, 0])
    free = elea.variable_shape_tensor("int8", 1)
    for same in (b"", b"{}", b'{"permutation": [0]}', b'{"uniform_shape": [null]}'):
        assert elea.field("x", free.storage_type, metadata={
            NAME: free.extension_name, METADATA: same}).type == free


# ---- NumPy


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))))
def test_tensors_of_numpy(order, nothing_copied):
    whole = np.arange(120, dtype="float32").reshape(5, 2, 3, 4)
    given = whole.transpose(0, *order)
    ours = elea.FixedShapeTensorArray.from_numpy_ndarray(given)
    back = ours.to_numpy_ndarray()
    assert (back == given).all() and back.strides == given.strides
    assert back.ctypes.data == whole.ctypes.data and not back.flags.writeable
    assert (ours[1:3].to_numpy_ndarray() == given[1:3]).all()
    assert (elea.array(pa.array(ours)).to_numpy_ndarray() == given).all()
    if all(order[at - 1] == i for i, at in enumerate(order, 1)):
        # Of other orders pyarrow 26 makes strides by which values overlap.
        assert (pa.array(ours).to_numpy_ndarray() == given).all()
    assert ours.to_numpy().shape == (5, 24) and ours[0].as_py() == list(range(24))
    assert ours[5:].to_numpy_ndarray().shape == (0, *given.shape[1:])


def test_more_tensors_of_numpy():
    make = elea.FixedShapeTensorArray.from_numpy_ndarray
    for given in (np.zeros((3, 0, 2), "int8"), np.zeros((0, 2, 2)), np.ones((1, 1)),
                  np.asfortranarray(np.ones((1, 2, 3))), np.ones((2, 2), "M8[s]")):
        assert make(given).to_numpy_ndarray().shape == given.shape
    named = make(np.ones((2, 3)), dim_names=["x"])
    assert named.type == elea.fixed_shape_tensor("float64", [3], ["x"])
    theirs = pa.FixedShapeTensorArray.from_numpy_ndarray(np.ones((2, 3)), dim_names=["x"])
    assert elea.array(theirs) == named
    assert elea.array(np.ones((2, 3)), named.type) == named
    for wrong, error, message in [
        (np.ones(3), TypeError, "two dimensions or more"), ([[1]], TypeError, "two dimensions"),
        (np.ones((4, 4))[:, ::2], ValueError, "one behind the other"),
        (np.asfortranarray(np.ones((2, 3))), ValueError, "ascontiguousarray"),
        (np.ones((2, 2), "complex64"), TypeError, "is not read"),
    ]:
        with pytest.raises(error, match=message):
            make(wrong)
    with pytest.raises(BufferError, match="nulls"):
        elea.array([[1], None], elea.fixed_shape_tensor("int8", [1])).to_numpy_ndarray()


def test_bools_of_numpy():
    before = elea.copied_bytes()
    given = np.array([True, False, True])
    ours = elea.Bool8Array.from_numpy(given)
    assert ours.to_pylist() == [True, False, True] and isinstance(ours[1:], elea.Bool8Array)
    back = ours[1:].to_numpy()
    assert back.dtype == bool and back.ctypes.data == given.ctypes.data + 1
    assert pa.array(ours).to_pylist() == given.tolist() and elea.copied_bytes() == before
    with_null = elea.array([True, None], elea.bool8())
    assert with_null.to_numpy(zero_copy_only=False).tolist() == [True, None]
    odd = elea.ExtensionArray.from_storage(elea.bool8(), np.array([2, 0, -1], "int8"))
    assert odd.to_pylist() == [True, False, True] == odd.to_numpy(False).tolist()
    with pytest.raises(BufferError, match="other than 0 and 1"):
        odd.to_numpy()
    with pytest.raises(BufferError, match="nulls"):
        with_null.to_numpy()
    assert elea.array(given, elea.bool8()) == ours
    with pytest.raises(TypeError, match="bools in one dimension"):
        elea.Bool8Array.from_numpy(np.ones(3))


# ---- fields, tables, files


@everywhere
def test_tables_and_files(name, tmp_path, nothing_left):
    ours, theirs = arrays(name)
    nested = elea.array([[value] for value in KINDS[name][2]], elea.list_(ours.type))
    table = elea.table({"x": ours, "l": nested})
    their_table = pa.table({"x": theirs, "l": pa.array(nested)})
    assert pa.table(table).equals(their_table) and elea.table(their_table) == table
    assert pa.table(table).schema.equals(their_table.schema, check_metadata=True)
    assert table.schema.types == [ours.type, nested.type] == [c.type for c in table.columns]
    assert table.schema.field("x").type == ours.type and table.schema.field("x").metadata is None
    assert table.to_batch()["x"] == ours and table[3:9]["x"].combine_chunks() == ours[3:9]
    for again in (elea.table({"x": KINDS[name][2], "l": nested}, schema=table.schema),
                  elea.table({"x": ours.storage, "l": nested}, schema=table.schema),
                  pickle.loads(pickle.dumps(table)), elea.concat_tables([table[:5], table[5:]]),
                  table.select(["l"]).add_column(0, "x", ours), table.combine_chunks(),
                  elea.Table.from_struct_array(table.to_struct_array())):
        assert again == table and again.schema.equals(table.schema, check_metadata=True)
        assert again["x"].type == ours.type
    assert table.schema.empty_table()["x"].type == ours.type
    plain = elea.table({"x": ours.storage, "l": nested})
    assert plain != table and plain.schema != table.schema
    with pytest.raises(TypeError, match="table 1"):
        elea.concat_tables([table, plain])
    elea.write_table(table, tmp_path / "ours.arrow")
    with pa.OSFile(str(tmp_path / "ours.arrow")) as file:
        assert pa.ipc.open_file(file).read_all().equals(their_table)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, their_table.schema) as writer:
        writer.write_table(their_table, max_chunksize=20)
    for read in (elea.read_table(tmp_path / "ours.arrow"),
                 elea.open_stream(sink.getvalue()).read_all()):
        assert read == table and read["x"].type == ours.type and read["l"].type == nested.type
    assert elea.schema_from_yaml(table.schema.to_yaml()) == table.schema
    assert elea.schema(str(table.schema)) == table.schema
    del read, again, plain, table, their_table, nested, ours, theirs


def test_rows_of_structs():
    """The columns of a table are of no extension type that the rows were of."""
    rows = [{"data": [1], "shape": [1]}, {"data": [], "shape": [0]}]
    ours = elea.array(rows, elea.variable_shape_tensor("int8", 1))
    for table in (elea.table(ours), elea.table(elea.chunked_array([ours, ours[:0]])),
                  elea.Table.from_struct_array(ours), elea.RecordBatch.from_struct_array(ours)):
        assert table.to_pylist() == rows and table.schema.metadata is None
        assert pa.table(table).num_rows == 2


def test_fields():
    field = elea.field("id", elea.uuid(), metadata={"unit": "user"})
    assert field.type == elea.uuid() and field.metadata == {b"unit": b"user"}
    assert field.extension_name == "arrow.uuid"
    assert field.with_name("x").type == field.with_nullable(False).type == elea.uuid()
    assert field.with_metadata({"a": "b"}).type == field.remove_metadata().type == elea.uuid()
    assert field.remove_metadata().metadata is None
    assert field.with_type("int8").extension_name is None
    assert field.with_type("int8").metadata == {b"unit": b"user"}
    assert field == elea.field("id", elea.uuid()) != elea.field("id", elea.binary(16))
    assert not field.equals(elea.field("id", elea.uuid()), check_metadata=True)
    assert pickle.loads(pickle.dumps(field)).equals(field, check_metadata=True)
    assert hash(field) == hash(field.remove_metadata())
    assert field.flatten() == [field] and pa.field(field).metadata == {b"unit": b"user"}
    in_words = elea.field("id", elea.binary(16), metadata={
        NAME: "arrow.uuid", METADATA: "", "unit": "user"})
    assert in_words.equals(field, check_metadata=True)
    with pytest.raises(ValueError, match="name an extension type already"):
        field.with_metadata({NAME: "arrow.json"})
    people = elea.array([{"id": uuid.UUID(int=1)}], elea.struct({"id": elea.uuid()}))
    assert elea.table({"p": people}).flatten()["p.id"].type == elea.uuid()
    both = elea.unify_schemas([elea.schema({"a": elea.uuid()}), elea.schema({"b": "int8"})])
    assert both.types == [elea.uuid(), elea.int8()]


def test_unknown_types(tmp_path, nothing_copied):
    text = b"\xff\x00 any bytes"
    kind = elea.ExtensionType("int64", "nobody.knows", text)
    ours = elea.array([1, None, 3], kind)
    assert ours.type.__arrow_ext_serialize__() == text and ours.to_pylist() == [1, None, 3]
    theirs = pa.field(elea.field("x", kind))
    assert theirs.metadata == {NAME: b"nobody.knows", METADATA: text}
    table = elea.table({"x": ours})
    for again in (elea.array(Only(ours, "__arrow_c_array__")), table["x"].chunk(0),
                  elea.table(pa.table(table))["x"].chunk(0)):
        assert again == ours and again.type == kind and type(again.type) is elea.ExtensionType
    elea.write_table(table, tmp_path / "x.arrow")
    assert elea.read_table(tmp_path / "x.arrow").schema.equals(table.schema, check_metadata=True)
    for other in (elea.ExtensionType("int64", "nobody.knows", b""), elea.int64(),
                  elea.ExtensionType("int32", "nobody.knows", text),
                  elea.ExtensionType("int64", "nobody", text)):
        assert kind != other and other != kind
    odd = elea.field("x", "int8", metadata={NAME: b"\xfe name", METADATA: "", "k": "v"})
    assert odd.type.extension_name == odd.extension_name == "\ufffd name"
    assert odd.metadata == {b"k": b"v"} and b"\xfe name" in pa.field(odd).metadata.values()
    assert pa.field(odd.with_name("y")).metadata == pa.field(odd).metadata


def test_what_is_not_what_its_name_asks_for():
    """Metadata by hand: the type knows its name and no more, and does not leave."""
    field = elea.field("x", "int8", metadata={NAME: "arrow.uuid"})
    assert type(field.type) is elea.ExtensionType and field.type != elea.uuid()
    table = elea.table({"x": [1, 2]}, schema=elea.schema([field]))
    assert table["x"].to_pylist() == [1, 2]
    for wrong in (lambda: pa.chunked_array(table["x"]), lambda: field.with_name("y"),
                  lambda: elea.table(Only(table, "__arrow_c_stream__"))):
        with pytest.raises(TypeError, match="the storage is int8"):
            wrong()


@pytest.mark.parametrize("name, storage, metadata", [
    (b"arrow.uuid", pa.binary(15), b""), (b"arrow.uuid", pa.binary(16), b"x"),
    (b"arrow.bool8", pa.bool_(), b""), (b"arrow.json", pa.binary(), b""),
    (b"arrow.json", pa.string(), b"{"), (b"arrow.opaque", pa.int8(), b"{}"),
    (b"arrow.opaque", pa.int8(), b'{"type_name": 3, "vendor_name": ""}'),
    (b"arrow.fixed_shape_tensor", pa.list_(pa.int8(), 2), b'{"shape": [3]}'),
    (b"arrow.fixed_shape_tensor", pa.list_(pa.int8(), 2), b'{"shape": "ab"}'),
    (b"arrow.fixed_shape_tensor", pa.list_(pa.int8(), 2), b"[" * 100000),
    (b"arrow.fixed_shape_tensor", pa.int8(), b'{"shape": [1]}'),
    (b"arrow.variable_shape_tensor", pa.int8(), b""),
    (b"arrow.timestamp_with_offset", pa.struct([]), b""),
    (b"arrow.parquet.variant", pa.struct([]), b""),
])
def test_malformed_metadata_of_others(name, storage, metadata, nothing_left):
    field = pa.field("x", storage, metadata={NAME: name, METADATA: metadata})
    values = pa.nulls(3, storage)

    class Liar:
        def __arrow_c_schema__(self):
            return field.__arrow_c_schema__()

        def __arrow_c_array__(self, requested_schema=None):
            return field.__arrow_c_schema__(), values.__arrow_c_array__()[1]

    batch = pa.record_batch([values], schema=pa.schema([field]))
    nested = pa.struct([field])
    for wrong in (lambda: elea.array(Liar()), lambda: elea.field(Liar()), lambda: elea.table(batch),
                  lambda: elea.schema(batch.schema), lambda: elea.type_from_arrow(nested),
                  lambda: elea.chunked_array(pa.chunked_array([pa.nulls(1, nested)]))):
        with pytest.raises(elea.Error, match="extension type"):
            wrong()


# ---- types of users


class Money(elea.ExtensionType):
    def __init__(self, currency):
        self.currency = currency
        super().__init__("decimal128(10, 2)", "test.money")

    def __arrow_ext_serialize__(self):
        return self.currency.encode()

    @classmethod
    def __arrow_ext_deserialize__(cls, storage_type, serialized):
        if len(serialized) != 3:
            raise ValueError(f"no currency is {serialized!r}")
        return cls(serialized.decode())

    def __arrow_ext_class__(self):
        return MoneyArray

    def __arrow_ext_scalar_class__(self):
        return MoneyScalar


class MoneyArray(elea.ExtensionArray):
    def total(self):
        return sum(value for value in self.storage.to_pylist() if value is not None)


class MoneyScalar(elea.ExtensionScalar):
    def as_py(self, **options):
        return None if self.value is None else f"{self.value.as_py()} {self.type.currency}"


@pytest.fixture
def money():
    elea.register_extension_type(Money("EUR"))
    yield Money("CHF")
    elea.unregister_extension_type("test.money")


PRICES = [decimal.Decimal("1.50"), None, decimal.Decimal("2.25")]
SHOWN = ["1.50 CHF", None, "2.25 CHF"]


def test_types_of_users(money, tmp_path):
    ours = elea.array(PRICES, money)
    assert type(ours) is MoneyArray and ours.total() == decimal.Decimal("3.75")
    assert ours.to_pylist() == SHOWN and type(ours[0]) is MoneyScalar and ours[1].as_py() is None
    assert type(ours[1:]) is MoneyArray and elea.array([ours[0], ours[2]]).type == money
    table = elea.table({"price": ours, "list": elea.list_array([0, 1, 3], ours).type and [
        [price] for price in PRICES]}, schema={"price": money, "list": elea.list_(money)})
    elea.write_table(table, tmp_path / "x.arrow")
    for again in (table, elea.read_table(tmp_path / "x.arrow"), elea.table(pa.table(table)),
                  pickle.loads(pickle.dumps(table))):
        assert type(again["price"].type) is Money and again["price"].type.currency == "CHF"
        assert type(again["price"].chunk(0)) is MoneyArray and again == table
        assert again["price"].to_pylist() == SHOWN
        assert again["list"].to_pylist() == [[price] for price in SHOWN]
    assert money == Money("CHF") != Money("EUR") and hash(money) == hash(Money("CHF"))
    assert pickle.loads(pickle.dumps(money)) == money and copy.copy(money).currency == "CHF"
    assert str(money) == "extension<test.money>" and repr(money) == "Money(extension<test.money>)"
    assert pa.table(table).schema.field("price").metadata[METADATA] == b"CHF"


def test_registering(money):
    with pytest.raises(elea.ExistsError, match="'test.money' is registered already"):
        elea.register_extension_type(Money("USD"))
    for wrong in (Money, elea.uuid().storage_type, elea.ExtensionType("int8", "x"), 3):
        with pytest.raises(elea.WrongTypeError, match="instance of a subclass"):
            elea.register_extension_type(wrong)
    for name in ("arrow.uuid", "nobody.knows"):
        with pytest.raises(elea.NotFoundError, match=name):
            elea.unregister_extension_type(name)
    with pytest.raises(elea.WrongTypeError, match="is a str, got 3"):
        elea.unregister_extension_type(3)

    class Own(elea.ExtensionType):
        def __init__(self):
            super().__init__(elea.binary(16), "arrow.uuid")

    with pytest.raises(elea.ExistsError):
        elea.register_extension_type(Own())


def test_what_users_types_refuse(money):
    given = pa.field("x", pa.decimal128(10, 2), metadata={NAME: "test.money", METADATA: "x"})
    other = pa.field("x", pa.int8(), metadata={NAME: "test.money", METADATA: "EUR"})
    with pytest.raises(elea.InvalidError, match="'test.money': ValueError: no currency is b'x'"):
        elea.field(given)
    with pytest.raises(elea.InvalidError, match="made .* of the storage int8"):
        elea.schema(pa.schema([other]))
    by_hand = elea.field("x", "decimal128(10, 2)", metadata={NAME: "test.money", METADATA: "x"})
    with pytest.raises(ValueError, match="no currency is b'x'"):
        by_hand.type
    elea.unregister_extension_type("test.money")
    try:
        assert type(elea.field(given).type) is elea.ExtensionType
        assert elea.table({"x": elea.array(PRICES, money)})["x"].to_pylist() == PRICES
        assert elea.table({"x": elea.array(PRICES, money)})["x"].type == money
    finally:
        elea.register_extension_type(money)


def test_classes_that_are_none():
    class Odd(elea.ExtensionType):
        def __init__(self, **answers):
            self.answers = answers
            super().__init__("int8", "test.odd")

        def __arrow_ext_serialize__(self):
            return self.answers.get("text", b"")

        def __arrow_ext_class__(self):
            return self.answers.get("array", elea.ExtensionArray)

        def __arrow_ext_scalar_class__(self):
            return self.answers.get("scalar", elea.ExtensionScalar)

    for answers, use in [({"text": "a str"}, pa.array), ({"array": elea.Array}, len),
                         ({"array": 3}, len), ({"scalar": list}, elea.Array.to_pylist),
                         ({"scalar": elea.Scalar}, lambda array: array[0])]:
        with pytest.raises(elea.WrongTypeError, match=r"not bytes|is a subclass of elea\.Ext"):
            use(elea.array([1, 2], Odd(**answers)))
    with pytest.raises(elea.UnsupportedError, match="Odd has no __arrow_ext_deserialize__"):
        Odd.__arrow_ext_deserialize__(elea.int8(), b"")

    class Unmade(elea.ExtensionType):
        def __init__(self):
            pass

    assert elea.array([None], Unmade()).storage.type == "null"
    with pytest.raises(elea.InvalidError, match="is empty"):
        pa.array(elea.array([None], Unmade()))
    for wrong in (3, elea.int8()):
        with pytest.raises(elea.WrongTypeError, match="expected an extension type"):
            elea.ExtensionArray.from_storage(wrong, [1])
    with pytest.raises(elea.WrongTypeError, match="int64 and not int8"):
        elea.ExtensionArray.from_storage(Odd(), elea.array([1]))
    assert elea.ExtensionArray.from_storage(Odd(), [1]).storage == elea.array([1], "int8")


def test_nothing_leaks(nothing_left):
    money = Money("CHF")
    elea.register_extension_type(money)

    def everything():
        ours = elea.array(PRICES, money)
        table = elea.table({"x": ours, "u": elea.array([uuid.UUID(int=i) for i in range(3)])})
        for thing in (ours, table["x"], table, table.to_batch()):
            pickle.loads(pickle.dumps(thing))
        elea.table(pa.table(table))["x"].to_pylist()
        elea.chunked_array(pa.chunked_array(table["u"])).combine_chunks()[1:].storage.to_pylist()
        table["x"].__arrow_c_stream__(), ours.__arrow_c_array__(), ours[0].value
        elea.FixedShapeTensorArray.from_numpy_ndarray(np.ones((2, 2))).to_numpy_ndarray()
        for wrong in (lambda: elea.array([3], elea.uuid()), lambda: elea.concat_arrays(
                [ours, ours.storage]), lambda: elea.json_("int8")):
            with pytest.raises(elea.Error):
                wrong()

    everything()
    gc.collect()
    kinds = (money, elea.UuidType, Money, MoneyArray, elea.ExtensionArray)
    held = [sys.getrefcount(kind) for kind in kinds]
    for _ in range(50):
        everything()
    gc.collect()
    assert [sys.getrefcount(kind) for kind in kinds] == held
    elea.unregister_extension_type("test.money")
    del money, kinds, everything


def test_nothing_more_is_imported():
    code = ("import sys, elea; elea.array([b'x' * 16], elea.uuid()); "
            "print([n for n in ('uuid', 'json', 'numpy') if n in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
