# SPDX-License-Identifier: Apache-2.0
"""The C device interface between pyarrow and Elea: arrays, batches and streams on the CPU."""

from ctypes import Structure, addressof, byref, c_int32, c_int64, c_void_p

import pyarrow as pa
import pytest

import elea_ctypes as elea
from test_abi import TYPES


class ArrowDeviceArray(Structure):
    _fields_ = [
        ("array", elea.ArrowArray), ("device_id", c_int64), ("device_type", c_int32),
        ("sync_event", c_void_p), ("reserved", c_int64 * 3),
    ]


class ArrowDeviceArrayStream(Structure):
    _fields_ = [
        ("device_type", c_int32), ("get_schema", c_void_p), ("get_next", c_void_p),
        ("get_last_error", c_void_p), ("release", c_void_p), ("private_data", c_void_p),
    ]


def addresses(array):
    return [None if buffer is None else buffer.address for buffer in array.buffers()]


def array_in(source):
    """A pyarrow array in Elea, through the device struct."""
    schema, struct = elea.ArrowSchema(), ArrowDeviceArray()
    source._export_to_c_device(addressof(struct), addressof(schema))
    field = elea.Field.make("elea_field_import", byref(schema), None)
    return elea.Array.make("elea_array_import_device", byref(struct), field.type, None)


def array_out(array):
    schema, struct = elea.ArrowSchema(), ArrowDeviceArray()
    elea.call("elea_type_export", array.type, None, byref(schema))
    elea.call("elea_array_export_device", array, None, byref(struct))
    assert (struct.device_type, struct.device_id) == (1, -1)
    return pa.Array._import_from_c_device(addressof(struct), addressof(schema))


@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_arrays(type_):
    source = pa.nulls(11, type_).slice(1, 9)
    array = array_in(source)
    array.validate()
    back = array_out(array)
    assert back.equals(source)
    assert addresses(back) == addresses(source)


def test_values_are_not_moved():
    source = pa.array([["a", None], None, ["bc"]])
    copied = elea.copied_bytes()
    back = array_out(array_in(source))
    assert back.equals(source) and addresses(back) == addresses(source)
    assert elea.copied_bytes() == copied


def make_table():
    batch = pa.record_batch({"a": [1, None, 3], "b": ["x", "y", None]})
    return pa.Table.from_batches([batch, batch.slice(1), batch.slice(0, 0)])


def test_batches():
    source = make_table().to_batches()[1]
    schema, struct = elea.ArrowSchema(), ArrowDeviceArray()
    source._export_to_c_device(addressof(struct), addressof(schema))
    held = elea.Schema.make("elea_schema_import", byref(schema), None)
    batch = elea.RecordBatch.make("elea_record_batch_import_device", byref(struct), held, None)
    batch.validate()
    elea.call("elea_record_batch_export_device", batch, None, byref(struct))
    elea.call("elea_schema_export", held, None, byref(schema))
    back = pa.RecordBatch._import_from_c_device(addressof(struct), addressof(schema))
    assert back.equals(source)


def test_streams():
    """pyarrow has no device streams: this one goes from Elea to Elea, with pyarrow at the ends."""
    source = make_table()
    capsule = source.__arrow_c_stream__()
    plain = elea.struct_of(capsule, elea.ArrowArrayStream)
    stream, struct, again = c_void_p(), ArrowDeviceArrayStream(), c_void_p()
    elea.call("elea_record_stream_import", byref(plain), None, byref(stream))
    elea.call("elea_record_stream_export_device", stream, None, byref(struct))
    assert struct.device_type == 1
    elea.call("elea_record_stream_import_device", byref(struct), None, byref(again))
    assert not struct.release
    table = elea.Table.make("elea_table_new_from_stream", None, again)
    elea.get("elea_record_stream_free", again)
    back = pa.table(table)
    assert back.equals(source)
    for ours, theirs in zip(back["a"].chunks, source["a"].chunks):
        assert addresses(ours) == addresses(theirs)


def test_chunked_arrays():
    array = elea.ChunkedArray.from_arrow(make_table()["b"])
    struct = ArrowDeviceArrayStream()
    elea.call("elea_chunked_array_export_device", array, None, byref(struct))
    back = elea.ChunkedArray.make("elea_chunked_array_import_device", byref(struct), None)
    assert pa.chunked_array(back).equals(make_table()["b"])
