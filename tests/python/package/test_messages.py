# SPDX-License-Identifier: Apache-2.0
"""The messages of files and streams, without their arrays: what they say of themselves, beside
pyarrow's, and of damaged bytes."""

import io

import elea
import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from test_ipc import Forward

TABLE = pa.table({"id": [1, 2, None], "d": pa.array(["x", "y", "x"]).dictionary_encode(),
                  "text": ["a" * 1000, "b", None]})


def written(make=pa.ipc.new_file, **options):
    sink = pa.BufferOutputStream()
    with make(sink, TABLE.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_batch(TABLE.to_batches()[0], custom_metadata={"n": "1"})
        writer.write_table(TABLE)
    return sink.getvalue().to_pybytes()


def test_files():
    data = written()
    reader = elea.open_messages(data)
    messages = list(reader)
    assert [one.type for one in messages] == ["schema", "dictionary", "record batch",
                                              "record batch"]
    schema, values, first, second = messages
    assert (schema.offset, schema.body_size, schema.metadata_version) == (8, 0, 5)
    assert not schema.legacy_framing and schema.damage is None and schema.buffers == ()
    assert (values.num_rows, values.dictionary_id, values.is_delta) == (2, 0, False)
    assert (values.footer_index, first.footer_index, second.footer_index) == (0, 0, 1)
    assert first.custom_metadata == {b"n": b"1"} and second.custom_metadata is None
    assert first.nodes == ((3, 1), (3, 0), (3, 1)) and len(first.buffers) == 7
    assert (first.num_rows, first.compression, first.dictionary_id) == (3, None, None)
    assert first.stored_size == first.plain_size == sum(one.size for one in first.buffers)
    assert first.stored_size + first.padding_size == first.body_size
    assert second.offset == first.offset + first.metadata_size + first.body_size
    found = first.buffers[1]
    assert np.frombuffer(data, "i8", 2, found.offset).tolist() == [1, 2]
    assert found == (found.offset, 24, 24, False) and "size=24" in repr(found)
    assert repr(values).startswith("<elea.Message dictionary, offset=")
    assert "dictionary_id=0" in repr(values)
    assert reader.schema == elea.read_schema(data)
    frame = reader.frame
    assert frame["is_file"] and frame["size"] == len(data) and frame["messages_offset"] == 8
    assert (frame["footer_batch_count"], frame["footer_dictionary_count"]) == (2, 1)
    assert frame["footer_damage"] is None and frame["footer_metadata"] is None
    with pytest.raises(StopIteration):
        reader.read_next_message()


@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
def test_streams_beside_pyarrow(compression):
    data = written(pa.ipc.new_stream, compression=compression)
    reader = elea.open_messages(data)
    for ours, theirs in zip(reader, pa.ipc.MessageReader.open_stream(data), strict=True):
        assert ours.type == theirs.type
        assert ours.body_size == (0 if theirs.body is None else theirs.body.size)
        assert ours.body.to_pybytes() == (b"" if theirs.body is None
                                          else theirs.body.to_pybytes())
        assert theirs.metadata.to_pybytes() in ours.metadata.to_pybytes()
        assert ours.serialize().to_pybytes() == ours.metadata.to_pybytes() + ours.body.to_pybytes()
        assert pa.ipc.read_message(pa.py_buffer(ours.serialize())).equals(theirs)
        assert ours.footer_index is None
        if ours.type == "record batch":
            assert ours.compression == compression
            assert (ours.stored_size < ours.plain_size) == (compression is not None)
    frame = reader.frame
    assert not frame["is_file"] and frame["end_mark"] == len(data) - 8


def test_deltas_and_old_framing():
    sink = elea.BufferOutputStream()
    table = elea.table(TABLE)
    more = pa.DictionaryArray.from_arrays(pa.array([2], "int32"), ["x", "y", "z"])
    grown = elea.table(pa.table({"id": [1], "d": more, "text": ["c"]}))
    with elea.new_stream(sink, table.schema, emit_dictionary_deltas=True,
                         use_legacy_format=True) as writer:
        writer.write(table)
        writer.write(grown)
    messages = [one for one in elea.open_messages(sink.getvalue()) if one.type == "dictionary"]
    assert [(one.num_rows, one.is_delta, one.legacy_framing) for one in messages] == [
        (2, False, True), (1, True, True)]
    assert "is_delta=True" in repr(messages[1])


def test_tensors():
    sink = elea.BufferOutputStream()
    dense = elea.Tensor.from_numpy(np.eye(3))
    elea.write_tensor(dense, sink)
    elea.write_tensor(elea.SparseCSRMatrix.from_tensor(dense), sink)
    assert [one.type for one in elea.open_messages(sink.getvalue())] == ["tensor",
                                                                         "sparse tensor"]


def test_sources(tmp_path, nothing_copied):
    path = tmp_path / "t.arrow"
    path.write_bytes(written())
    for source in (path, str(path), open(path, "rb"), elea.memory_map(path),
                   io.BytesIO(path.read_bytes())):
        assert len(list(elea.open_messages(source))) == 4
    with elea.memory_map(path) as mapped:
        last = list(elea.open_messages(mapped))[-1]
        begin = mapped.read_at(mapped.size(), 0).address
    assert last.body.address == begin + last.offset + last.metadata_size
    with pytest.raises(TypeError, match="cannot seek"):
        elea.open_messages(Forward(b""))
    with pytest.raises(FileNotFoundError):
        elea.open_messages(tmp_path / "nothing")
    for cls in (elea.Message, elea.MessageReader):
        with pytest.raises(TypeError, match="open_messages"):
            cls()
    with pytest.raises(AttributeError):
        last.offset = 3


def test_damage():
    data = written()
    cut = list(elea.open_messages(data[:-900]))
    assert cut and cut[-1].damage and "damage=" in repr(cut[-1])
    reader = elea.open_messages(b"not arrow at all, but long enough to be")
    assert all(one.type == "unknown" and one.damage for one in reader)
    assert reader.schema is None


@given(st.data())
def test_damaged_bytes_never_crash(data):
    kept = bytearray(written(data.draw(st.sampled_from([pa.ipc.new_file, pa.ipc.new_stream])),
                             compression="lz4"))
    for _ in range(data.draw(st.integers(1, 4))):
        kept[data.draw(st.integers(0, len(kept) - 1))] = data.draw(st.integers(0, 255))
    try:
        reader = elea.open_messages(bytes(kept))
        for message in reader:
            repr(message)
            try:
                message.serialize()
            except IndexError:
                assert message.damage
        reader.frame, reader.schema
    except (elea.Error, UnicodeDecodeError):
        pass


def test_nothing_leaks(nothing_left):
    data = written()
    for _ in range(20):
        reader = elea.open_messages(data)
        reader.read_next_message().metadata
        reader.read_next_message()
