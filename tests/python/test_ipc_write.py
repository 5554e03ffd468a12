# SPDX-License-Identifier: Apache-2.0
"""What Elea writes with every option, read by pyarrow, arro3 and nanoarrow; appended files."""

import ctypes
import os
from ctypes import byref, c_int64, c_void_p, Structure

import arro3.core
import arro3.io
import nanoarrow
import nanoarrow.ipc
import pyarrow as pa
import pytest

import elea_ctypes
from test_ipc import (CODECS, GOLDEN, EleaError, Table, WriteOptions, assert_same, call, library,
                      make_table, nested_dictionaries, read_theirs, read_their_stream,
                      write_theirs, write_their_stream)

# Which types the others know.
ARRO3_LACKS = {"decimal32", "decimal64"}
NANOARROW_LACKS = {"runs", "interval", "string_view", "binary_view", "list_view",
                   "large_list_view"}
ALIGNMENTS = (0, 8, 64, 4096)


def elea(theirs, tmp_path):
    write_theirs(tmp_path / "theirs.arrow", theirs)
    return Table(tmp_path / "theirs.arrow")


def as_bytes_of(buffer):
    library.elea_buffer_data.restype = c_void_p
    library.elea_buffer_size.restype = c_int64
    result = ctypes.string_at(library.elea_buffer_data(buffer), library.elea_buffer_size(buffer))
    library.elea_buffer_unref(buffer)
    return result


# ---- pyarrow ----

@pytest.mark.parametrize("codec, level, savings", [(None, 0, 0)] + [
    (codec, level, savings) for codec in CODECS for level in (0, 1, 9) for savings in (0, 0.4)])
def test_every_option(codec, level, savings, tmp_path):
    theirs = make_table(5, 41)
    whole = elea(theirs, tmp_path)
    for number, alignment in enumerate(ALIGNMENTS):
        for v4 in (False, True) if codec is None else (False,):
            offset = 1 + number * 3
            expected = theirs.slice(offset, 30 - offset)
            options = {"alignment": alignment, "metadata_v4": v4, "compression_level": level,
                       "compression": CODECS.get(codec, 0), "space_savings_min": savings,
                       "legacy_framing": number % 2 == 1, "batch_rows_max": number * 4}
            table = whole.slice(offset, 30 - offset)
            table.write(tmp_path / "ours.arrow", **options)
            assert_same(read_theirs(tmp_path / "ours.arrow"), expected)
            table.write_stream(tmp_path / "ours.arrows", **options)
            assert_same(read_their_stream(tmp_path / "ours.arrows"), expected)


def test_version_4_is_version_4(tmp_path):
    elea(make_table(1, 20), tmp_path).write_stream(tmp_path / "ours.arrows", metadata_v4=True)
    reader = pa.ipc.MessageReader.open_stream((tmp_path / "ours.arrows").read_bytes())
    for message in reader:
        assert message.metadata_version == pa.ipc.MetadataVersion.V4


def test_alignment_of_bodies(tmp_path):
    table = elea(make_table(2, 20), tmp_path)
    for alignment in (8, 64, 256, 4096):
        table.write(tmp_path / "ours.arrow", alignment=alignment)
        with pa.memory_map(str(tmp_path / "ours.arrow")) as source:
            batch = pa.ipc.open_file(source).get_batch(0)
            for column in batch.columns[1:12]:
                for buffer in column.buffers():
                    # A mapping begins at a page.
                    assert buffer is None or buffer.size == 0 or buffer.address % alignment == 0


def test_batch_rows_max(tmp_path):
    theirs = make_table(3, 50)
    elea(theirs, tmp_path).write(tmp_path / "ours.arrow", batch_rows_max=7)
    with pa.memory_map(str(tmp_path / "ours.arrow")) as source:
        reader = pa.ipc.open_file(source)
        assert [reader.get_batch(i).num_rows for i in range(8)] == [7] * 7 + [1]
    assert_same(read_theirs(tmp_path / "ours.arrow"), theirs)


def test_unified_dictionaries(tmp_path):
    parts = [["a", "b", None, "a"], ["c", "b"], [], ["z", None, "a"]]
    chunks = [pa.array(part, pa.utf8()).dictionary_encode() for part in parts]
    lists = [pa.ListArray.from_arrays(pa.array([0] * n + [n], pa.int32()), chunk)
             for chunk, n in zip(chunks, map(len, parts))]
    theirs = pa.table({"d": pa.chunked_array(chunks), "l": pa.chunked_array(lists),
                       "n": pa.chunked_array([pa.array(range(len(part)), pa.int64())
                                              for part in parts])})
    write_their_stream(tmp_path / "theirs.arrows", theirs)
    table = Table.from_stream(tmp_path / "theirs.arrows")
    table.write(tmp_path / "ours.arrow", unify_dictionaries=True)
    found = read_theirs(tmp_path / "ours.arrow")
    for name in theirs.column_names:
        assert found[name].to_pylist() == theirs[name].to_pylist()
    assert found["d"].num_chunks >= 3


class WriteStats(Structure):
    _fields_ = [(name, c_int64) for name in (
        "messages", "record_batches", "dictionary_batches", "dictionary_deltas",
        "replaced_dictionaries", "raw_body_bytes", "body_bytes")]


def stats_of(table, **options):
    """What a stream writer counts when it writes the table."""
    output, writer, stats = c_void_p(), c_void_p(), WriteStats()
    library.elea_ipc_stream_writer_stats.restype = None
    call(library.elea_output_stream_new_memory, None, byref(output))
    call(library.elea_ipc_stream_writer_new, output,
         c_void_p(library.elea_table_schema(table.handle)), byref(WriteOptions(**options)),
         byref(writer))
    call(library.elea_ipc_stream_writer_write_table, writer, table.handle)
    library.elea_ipc_stream_writer_stats(writer, byref(stats))
    library.elea_ipc_stream_writer_free(writer)
    library.elea_output_stream_free(output)
    return stats


@pytest.mark.parametrize("deltas", [False, True])
def test_statistics(deltas, tmp_path):
    parts = [["a", "b"], ["a", "b"], ["a", "b", "c"], ["x"], ["x", "y"]]
    theirs = pa.Table.from_batches([
        pa.record_batch([pa.array(part).dictionary_encode()], ["d"]) for part in parts])
    write_their_stream(tmp_path / "theirs.arrows", theirs)
    ours = stats_of(Table.from_stream(tmp_path / "theirs.arrows"), dictionary_deltas=deltas,
                    alignment=8)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, theirs.schema,
                           options=pa.ipc.IpcWriteOptions(emit_dictionary_deltas=deltas)) as out:
        out.write_table(theirs)
        expected = out.stats
    assert ours.messages == expected.num_messages
    assert ours.record_batches == expected.num_record_batches
    assert ours.dictionary_batches == expected.num_dictionary_batches
    assert ours.dictionary_deltas == expected.num_dictionary_deltas
    assert ours.replaced_dictionaries == expected.num_replaced_dictionaries


# ---- single messages ----

def record_batch(batch):
    """A batch of pyarrow as one of Elea."""
    return elea_ctypes.RecordBatch.from_arrow(batch)


def test_messages_both_ways():
    theirs = make_table(9, 33).combine_chunks().to_batches()[0]
    ours = record_batch(theirs)
    size, bytes_, schema_bytes = c_int64(), c_void_p(), c_void_p()
    options = WriteOptions(alignment=8)
    schema = c_void_p(elea_ctypes.get("elea_record_batch_schema", ours))
    call(library.elea_ipc_record_batch_size, c_void_p(ours.handle), byref(options), byref(size))
    call(library.elea_ipc_serialize_batch, c_void_p(ours.handle), None, byref(options),
         byref(bytes_))
    call(library.elea_ipc_serialize_schema, schema, byref(options), byref(schema_bytes))
    message = as_bytes_of(bytes_)
    assert len(message) == size.value
    assert pa.ipc.read_schema(pa.py_buffer(as_bytes_of(schema_bytes))).equals(
        theirs.schema, check_metadata=True)
    assert pa.ipc.read_record_batch(pa.py_buffer(message), theirs.schema).equals(theirs)
    # And what they serialise.
    data = theirs.serialize()
    buffer, batch, parsed = c_void_p(), c_void_p(), c_void_p()
    call(library.elea_buffer_new_copy, None, c_void_p(data.address), c_int64(data.size),
         byref(buffer))
    call(library.elea_ipc_parse_batch, buffer, schema, None, byref(batch))
    library.elea_buffer_unref(buffer)
    assert pa.record_batch(elea_ctypes.RecordBatch(batch.value)).equals(theirs)
    data = theirs.schema.serialize()
    call(library.elea_buffer_new_copy, None, c_void_p(data.address), c_int64(data.size),
         byref(buffer))
    call(library.elea_ipc_parse_schema, buffer, None, byref(parsed))
    library.elea_buffer_unref(buffer)
    assert pa.schema(elea_ctypes.Schema(parsed.value)).equals(theirs.schema, check_metadata=True)


@pytest.mark.parametrize("v4", [False, True])
def test_sizes_are_theirs(v4):
    batch = pa.record_batch({"a": pa.array([1, None, 3]), "b": ["x", "yy", None]})
    ours, size = record_batch(batch), c_int64()
    call(library.elea_ipc_record_batch_size, c_void_p(ours.handle),
         byref(WriteOptions(alignment=8, metadata_v4=v4)), byref(size))
    # Metadata may be laid out otherwise; bodies are the same.
    assert abs(size.value - pa.ipc.get_record_batch_size(batch)) < 200


# ---- appending ----

@pytest.mark.parametrize("codec", [None, *CODECS])
def test_append_to_theirs(codec, tmp_path):
    path = tmp_path / "file.arrow"
    theirs = make_table(4, 40)
    table = elea(theirs, tmp_path)
    write_theirs(path, theirs, rows=16, compression=codec)
    before = path.read_bytes()
    for i in range(1, 4):
        call(library.elea_ipc_append_table, os.fsencode(path), table.handle,
             byref(WriteOptions(compression=CODECS.get(codec, 0))))
        found = read_theirs(path)
        assert_same(found, pa.concat_tables([theirs] * (i + 1)))
        assert_same(Table(path).to_pyarrow(), found)
    assert path.read_bytes()[:len(before)] == before


def test_append_dictionaries_to_theirs(tmp_path):
    path = tmp_path / "file.arrow"
    theirs = nested_dictionaries()
    table = elea(theirs, tmp_path)
    write_theirs(path, theirs, rows=2)
    call(library.elea_ipc_append_table, os.fsencode(path), table.handle, None)
    assert_same(read_theirs(path), pa.concat_tables([theirs, theirs]))


SHARED = GOLDEN / "4.0.0-shareddict" / "generated_shared_dict.arrow_file"


@pytest.mark.skipif(not SHARED.exists(), reason=f"no conformance data in {GOLDEN}")
def test_append_to_shared_dictionaries(tmp_path):
    path = tmp_path / "file.arrow"
    path.write_bytes(SHARED.read_bytes())
    theirs = read_theirs(path)
    table = Table(path)
    call(library.elea_ipc_append_table, os.fsencode(path), table.handle, None)
    expected = pa.concat_tables([theirs, theirs])
    assert [column.to_pylist() for column in read_theirs(path).columns] == [
        column.to_pylist() for column in expected.columns]
    # One of the columns that share a dictionary has a longer one.
    columns = [column.combine_chunks() for column in theirs.columns]
    place = next(i for i, column in enumerate(columns) if pa.types.is_dictionary(column.type))
    longer = pa.concat_arrays([columns[place].dictionary, columns[place].dictionary[:1]])
    columns[place] = pa.DictionaryArray.from_arrays(columns[place].indices, longer)
    write_their_stream(tmp_path / "longer.arrows", pa.table(columns, schema=theirs.schema))
    table = Table.from_stream(tmp_path / "longer.arrows")
    before = path.read_bytes()
    with pytest.raises(EleaError, match="another column of the file shares it"):
        call(library.elea_ipc_append_table, os.fsencode(path), table.handle,
             byref(WriteOptions(dictionary_deltas=True)))
    assert path.read_bytes() == before


# ---- arro3 and nanoarrow ----

def some(theirs, missing):
    return theirs.select([name for name in theirs.column_names if name not in missing])


@pytest.mark.parametrize("codec", [None, *CODECS])
def test_arro3_reads(codec, tmp_path):
    theirs = some(make_table(6, 60), ARRO3_LACKS)
    nested = nested_dictionaries().drop_columns("ordered")  # arro3 forgets that it is
    for table in (theirs, theirs.slice(3, 40), theirs.slice(0, 0), nested):
        ours = elea(table, tmp_path)
        options = {"compression": CODECS.get(codec, 0), "batch_rows_max": 17}
        ours.write(tmp_path / "ours.arrow", **options)
        ours.write_stream(tmp_path / "ours.arrows", **options)
        for read, name in ((arro3.io.read_ipc, "ours.arrow"),
                           (arro3.io.read_ipc_stream, "ours.arrows")):
            found = pa.table(read(str(tmp_path / name)).read_all())
            assert_same(found, table)


@pytest.mark.parametrize("codec", [None, *CODECS])
def test_nanoarrow_reads(codec, tmp_path):
    theirs = some(make_table(8, 60), NANOARROW_LACKS)
    for table in (theirs, theirs.slice(5, 33), theirs.slice(0, 0)):
        ours = elea(table, tmp_path)
        ours.write_stream(tmp_path / "ours.arrows", compression=CODECS.get(codec, 0))
        with nanoarrow.ipc.InputStream.from_path(str(tmp_path / "ours.arrows")) as source:
            found = pa.RecordBatchReader.from_stream(
                nanoarrow.ArrayStream(source)).read_all()
        assert_same(found, table)
