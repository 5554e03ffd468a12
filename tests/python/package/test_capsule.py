# SPDX-License-Identifier: Apache-2.0
"""The Arrow PyCapsule interface: every object both ways, and capsules that are used wrongly."""

import ctypes
import gc

import arro3.core
import elea
import nanoarrow
import polars
import pyarrow as pa
import pytest

TABLE = elea.table({"id": [1, 2, None], "name": ["a", None, "c"], "tags": [["x"], [], None]})


class Only:
    """An object with some of the methods of another."""

    def __init__(self, source, *names):
        for name in names:
            setattr(self, name, getattr(source, name))


def test_every_object_speaks():
    for thing in (elea.int64(), elea.field("x", "utf8"), TABLE.schema, TABLE, TABLE["id"],
                  TABLE.to_batch(), elea.array([1]), elea.scalar(1), TABLE.to_reader()):
        assert thing.__arrow_c_schema__()
    for thing in (elea.array([1]), TABLE.to_batch(), elea.scalar(1)):
        assert len(thing.__arrow_c_array__()) == 2
    for thing in (TABLE, TABLE.to_batch(), TABLE["id"], TABLE.to_reader()):
        assert thing.__arrow_c_stream__()
    for thing in (elea.array([1]), TABLE.to_batch()):
        assert len(thing.__arrow_c_device_array__()) == 2
    for thing in (TABLE, TABLE["id"], TABLE.to_reader()):
        assert thing.__arrow_c_device_stream__()


def test_into_pyarrow(nothing_copied):
    assert pa.table(TABLE).to_pydict() == TABLE.to_pydict()
    assert pa.array(elea.array([1, None])).to_pylist() == [1, None]
    assert pa.chunked_array(TABLE["id"]).to_pylist() == [1, 2, None]
    assert pa.record_batch(TABLE.to_batch()).num_rows == 3
    assert pa.schema(TABLE.schema) == pa.table(TABLE).schema
    assert pa.RecordBatchReader.from_stream(TABLE.to_reader()).read_all().num_rows == 3


def test_others_are_taken(nothing_copied):
    theirs = pa.table(TABLE)
    for given in (theirs, theirs.to_batches()[0], theirs.to_reader(), polars.DataFrame(theirs),
                  arro3.core.Table.from_arrow(theirs), nanoarrow.Array(theirs.to_batches()[0])):
        assert elea.table(given).num_rows == 3
    for given in (theirs["id"], polars.Series([1, 2, None]), nanoarrow.Array([1, 2, None],
                                                                            nanoarrow.int64()),
                  arro3.core.Array(theirs["id"].combine_chunks())):
        assert elea.array(given).to_pylist() == [1, 2, None]
        assert elea.chunked_array(given).to_pylist() == [1, 2, None]
    assert elea.schema(theirs.schema) == TABLE.schema
    assert elea.field(theirs.schema.field("id")).name == "id"
    assert elea.list_(pa.int8()).value_type == "int8"
    assert elea.RecordBatchReader.from_stream(theirs).read_all() == TABLE


@pytest.mark.parametrize("method, make", [
    ("__arrow_c_device_array__", elea.record_batch), ("__arrow_c_array__", elea.table),
    ("__arrow_c_device_array__", elea.table), ("__arrow_c_array__", elea.record_batch)])
def test_one_method_is_enough(method, make):
    batch = TABLE.to_batch()
    assert make(Only(batch, method)).to_pydict() == TABLE.to_pydict()
    assert make(Only(pa.record_batch(batch), method)).to_pydict() == TABLE.to_pydict()


def test_device_streams():
    taken = elea.table(Only(TABLE, "__arrow_c_device_stream__"))
    assert taken == TABLE
    column = elea.chunked_array(Only(TABLE["name"], "__arrow_c_device_stream__"))
    assert column == TABLE["name"]
    assert elea.array(Only(TABLE["name"].chunk(0), "__arrow_c_device_array__")) == (
        TABLE["name"].chunk(0))
    with pytest.raises(NotImplementedError, match="stream=7"):
        TABLE["id"].__arrow_c_device_stream__(stream=7)
    assert TABLE["id"].__arrow_c_device_stream__(stream=None)


def test_addresses_stay(nothing_copied):
    theirs = pa.array([1, 2, 3])
    ours = elea.array(theirs)
    assert ours.buffers()[1].address == theirs.buffers()[1].address
    again = pa.array(ours)
    assert again.buffers()[1].address == theirs.buffers()[1].address


def test_capsules_are_taken_once(nothing_left):
    schema, array = elea.array([1, 2]).__arrow_c_array__()

    class Twice:
        def __arrow_c_array__(self, requested_schema=None):
            return schema, array

    assert elea.array(Twice()).to_pylist() == [1, 2]
    with pytest.raises(ValueError, match="'arrow_schema' capsule was consumed already"):
        elea.array(Twice())
    stream = TABLE.__arrow_c_stream__()
    given = Only(TABLE)
    given.__arrow_c_stream__ = lambda requested_schema=None: stream
    assert elea.table(given) == TABLE
    with pytest.raises(ValueError, match="consumed already"):
        elea.table(given)
    del stream, schema, array, given


def test_capsules_nobody_takes(nothing_left):
    for _ in range(100):
        table = elea.table({"a": [1, 2], "b": ["x", "y"]})
        table.__arrow_c_stream__()
        table.__arrow_c_schema__()
        table.to_batch().__arrow_c_array__()
        table.to_batch().__arrow_c_device_array__()
        table["a"].__arrow_c_stream__()
        table["a"].__arrow_c_device_stream__()
        table.to_reader().__arrow_c_stream__()
        table.to_reader().__arrow_c_device_stream__()


def test_wrong_capsules():
    given = Only(TABLE)
    for wrong, message in [
        ((1, 2), r"expected a capsule named 'arrow_schema', got 1 \(int\)"),
        (TABLE.__arrow_c_stream__(), "and not two capsules"),
        ((TABLE.__arrow_c_stream__(), TABLE.__arrow_c_stream__()),
         "expected a capsule named 'arrow_schema', got one with 'arrow_array_stream'"),
        ((elea.int64().__arrow_c_schema__(), elea.int64().__arrow_c_schema__()),
         "expected a capsule named 'arrow_array', got one with 'arrow_schema'"),
    ]:
        given.__arrow_c_array__ = lambda requested_schema=None, wrong=wrong: wrong
        with pytest.raises((TypeError, ValueError), match=message) as caught:
            elea.array(given)
        assert isinstance(caught.value, elea.Error)
    with pytest.raises(TypeError, match="__arrow_c_stream__"):
        elea.RecordBatchReader.from_stream(3)


class CArray(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int64) for name in (
        "length", "null_count", "offset", "n_buffers", "n_children")] + [
        (name, ctypes.c_void_p) for name in (
            "buffers", "children", "dictionary", "release", "private_data")]


def pointer_of(capsule, name):
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    return get(capsule, name)


@pytest.mark.parametrize("lie", [
    {"length": -1}, {"offset": -1}, {"n_buffers": 1}, {"length": 2**62},
    {"null_count": -2}, {"null_count": 5}, {"buffers": None}])
def test_structs_that_lie(lie, nothing_left):
    schema, array = elea.array([1, 2, 3]).__arrow_c_array__()
    struct = CArray.from_address(pointer_of(array, b"arrow_array"))
    for name, value in lie.items():
        setattr(struct, name, value)
    given = Only(elea)
    given.__arrow_c_array__ = lambda requested_schema=None: (schema, array)
    with pytest.raises(elea.Error):
        elea.array(given)
    del schema, array, given


def test_offsets_that_lie():
    """Quick validation lets them in; whoever reads the values looks before he follows them."""
    offsets = elea.py_buffer(b"".join(n.to_bytes(4, "little", signed=True)
                                      for n in (0, 100, 2, 3)))
    data = elea.py_buffer(b"abc")
    damaged = elea.Array.from_buffers("utf8", 3, [None, offsets, data])
    for use in (damaged.to_pylist, damaged.to_string, lambda: damaged[0].as_py(),
                lambda: damaged == damaged, lambda: damaged.validate(full=True),
                lambda: elea.concat_arrays([damaged, damaged]), lambda: repr(damaged[0]),
                lambda: damaged._repr_html_(), lambda: "a" in damaged,
                lambda: elea.table({"a": damaged}).to_string(),
                lambda: elea.table({"a": damaged}) == elea.table({"a": damaged})):
        with pytest.raises(ValueError):
            use()
    indices = elea.Array.from_buffers("int8", 2, [None, elea.py_buffer(b"\0\x07")])
    with pytest.raises(ValueError, match="7"):
        elea.dictionary_array(indices, ["a"])


def test_requested_schema():
    column = elea.array(["a", "b"])
    assert nanoarrow.Array(column).schema.type == nanoarrow.Type.STRING
    column.__arrow_c_array__(elea.string_view().__arrow_c_schema__())
    with pytest.raises(TypeError, match="asked for as"):
        column.__arrow_c_array__(elea.struct({"a": "int8"}).__arrow_c_schema__())
    with pytest.raises(TypeError, match="another form"):
        TABLE.__arrow_c_stream__(elea.schema({"id": "int64"}).__arrow_c_schema__())
    TABLE.__arrow_c_stream__(TABLE.schema.__arrow_c_schema__())
    with pytest.raises(TypeError, match="capsule"):
        TABLE.__arrow_c_stream__(3)


def test_errors_of_python_streams():
    class Own(Exception):
        pass

    def batches():
        yield TABLE.to_batch()
        raise Own("no more")

    reader = elea.RecordBatchReader.from_batches(TABLE.schema, batches())
    assert reader.read_next_batch().num_rows == 3
    with pytest.raises(Own, match="no more"):
        reader.read_next_batch()
    theirs = pa.RecordBatchReader.from_stream(
        elea.RecordBatchReader.from_batches(TABLE.schema, batches()))
    with pytest.raises(Exception, match="no more"):
        theirs.read_all()
    wrong = elea.RecordBatchReader.from_batches(TABLE.schema, [elea.record_batch({"x": [1]})])
    with pytest.raises(TypeError, match="and not"):
        wrong.read_all()
    with pytest.raises(Exception, match="from pyarrow"):
        elea.table(pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64())]), raising()))


def raising():
    raise ValueError("from pyarrow")
    yield


def test_readers_close():
    reader = TABLE.to_reader(2)
    assert [batch.num_rows for batch in reader] == [2, 1]
    with pytest.raises(StopIteration):
        next(reader)
    with TABLE.to_reader() as reader:
        assert reader.schema == TABLE.schema
    with pytest.raises(ValueError, match="closed"):
        reader.read_all()
    reader = TABLE.to_reader()
    pa.RecordBatchReader.from_stream(reader).read_all()
    with pytest.raises(ValueError, match="handed over"):
        reader.read_next_batch()


def test_owners_live_as_long_as_views(nothing_left):
    theirs = pa.table(elea.table({"a": list(range(1000))}))
    gc.collect()
    assert theirs["a"].to_pylist() == list(range(1000))
    part = elea.table(theirs).slice(990)
    del theirs
    gc.collect()
    assert part["a"].to_pylist() == list(range(990, 1000))
    del part
