# SPDX-License-Identifier: Apache-2.0
"""IPC read as it comes: the push decoder, pipes, recovery and the walk over messages, on what
pyarrow writes and on the golden streams and files of every version."""

import ctypes
import os
import random
import threading
from ctypes import POINTER, Structure, byref, c_bool, c_int, c_int32, c_int64, c_void_p

import pyarrow as pa
import pyarrow.feather
import pytest

from elea_ctypes import CBytes, CError, Error, RecordBatch, call, copied_bytes, get
from test_ipc import FULL, GOLDEN, SAFE, ReadOptions, assert_same, make_table, nested_dictionaries


class Stats(Structure):
    _fields_ = [(name, c_int64) for name in (
        "messages", "record_batches", "dictionary_batches", "dictionary_deltas",
        "replaced_dictionaries", "metadata_bytes", "body_bytes")]

    def as_pyarrow(self):
        return (self.messages, self.record_batches, self.dictionary_batches,
                self.dictionary_deltas, self.replaced_dictionaries)


class MessageInfo(Structure):
    _fields_ = [
        ("type", c_int), ("version", c_int32), ("legacy_framing", c_bool), ("offset", c_int64),
        ("metadata_size", c_int64), ("body_size", c_int64), ("gap_size", c_int64),
        ("metadata", c_void_p), ("row_count", c_int64), ("node_count", c_int64),
        ("buffer_count", c_int64), ("compression", c_int), ("stored_size", c_int64),
        ("plain_size", c_int64), ("padding_size", c_int64), ("dictionary_id", c_int64),
        ("is_delta", c_bool), ("footer_index", c_int64), ("damage", POINTER(CError)),
    ]


class Decoder:
    """The push decoder; what it gives becomes record batches of pyarrow."""

    def __init__(self, **options):
        self.handle = c_void_p()
        options.setdefault("validation", FULL)
        call("elea_ipc_decoder_new", byref(ReadOptions(**options)), byref(self.handle))

    def push(self, data):
        """How many bytes it took."""
        taken = c_int64()
        source = ctypes.create_string_buffer(data, len(data))
        bytes_ = CBytes(ctypes.addressof(source), len(data))
        call("elea_ipc_decoder_push", self.handle, bytes_, byref(taken))
        return taken.value

    def end(self):
        get("elea_ipc_decoder_end_input", self.handle)

    @property
    def ended(self):
        return get("elea_ipc_decoder_ended", self.handle)

    @property
    def next_size(self):
        return get("elea_ipc_decoder_next_size", self.handle)

    def take(self):
        """The batches that are there."""
        while True:
            batch = c_void_p()
            call("elea_ipc_decoder_next", self.handle, byref(batch))
            if not batch.value:
                return
            yield pa.record_batch(RecordBatch(batch.value))

    def stats(self):
        out = Stats()
        get("elea_ipc_decoder_stats", self.handle, byref(out))
        return out

    def decode(self, data, piece):
        """All batches of a stream in pieces of so many bytes (or random ones), and what is left."""
        rng, batches, position = random.Random(len(data)), [], 0
        while position < len(data) and not self.ended:
            size = piece or rng.randint(1, 500)
            position += self.push(data[position:position + size])
            batches.extend(self.take())
        self.end()
        batches.extend(self.take())
        return batches, data[position:]

    def __del__(self):
        get("elea_ipc_decoder_free", self.handle)


def read_stream(stream):
    """All batches of a record stream of Elea, which is freed."""
    batches = []
    try:
        while True:
            batch = c_void_p()
            call("elea_record_stream_next", stream, byref(batch))
            if not batch.value:
                return batches
            batches.append(pa.record_batch(RecordBatch(batch.value)))
    finally:
        get("elea_record_stream_free", stream)


def open_path(path, **options):
    stream = c_void_p()
    options.setdefault("validation", FULL)
    call("elea_ipc_open", os.fsencode(path), byref(ReadOptions(**options)), byref(stream))
    return stream


def write(table, rows=None, **options):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as out:
        out.write_table(table, max_chunksize=rows)
        stats = out.stats
    return sink.getvalue().to_pybytes(), stats


WRITE_OPTIONS = [
    {}, {"use_legacy_format": True}, {"metadata_version": pa.ipc.MetadataVersion.V4},
    {"compression": "lz4"}, {"compression": "zstd"}, {"emit_dictionary_deltas": True},
]


@pytest.mark.parametrize("options", WRITE_OPTIONS, ids=lambda options: "-".join(options) or "plain")
@pytest.mark.parametrize("piece", [1, 7, None, 10 ** 9])
def test_pieces_of_what_pyarrow_writes(options, piece):
    for table in (make_table(5, 40).slice(0, 40 if piece != 1 else 3), nested_dictionaries()):
        if piece == 1:
            table = table.select(table.column_names[:12])
        data, stats = write(table, rows=9, **options)
        decoder = Decoder()
        batches, rest = decoder.decode(data + b"more", piece)
        assert rest == b"more"
        assert_same(pa.Table.from_batches(batches), table)
        assert decoder.stats().as_pyarrow() == tuple(stats)[:5]


def test_stats_are_those_of_pyarrow():
    words = [["a", "b"], ["a", "b", "c"], ["x"], ["x", "y"]]
    schema = pa.schema([("word", pa.dictionary(pa.int8(), pa.utf8()))])
    for deltas in (False, True):
        sink = pa.BufferOutputStream()
        options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=deltas)
        with pa.ipc.new_stream(sink, schema, options=options) as out:
            for row in words:
                array = pa.DictionaryArray.from_arrays(pa.array(range(len(row)), pa.int8()), row)
                out.write_batch(pa.record_batch([array], schema=schema))
        data = sink.getvalue()
        reader = pa.ipc.open_stream(data)
        expected = reader.read_all()
        decoder = Decoder()
        batches, _ = decoder.decode(data.to_pybytes(), 3)
        assert_same(pa.Table.from_batches(batches), expected)
        stats = decoder.stats()
        assert stats.as_pyarrow() == tuple(reader.stats)[:5]
        assert stats.metadata_bytes + stats.body_bytes == len(data) - 8


def test_statistics_are_data():
    """The format has none of its own; Arrow's statistics schema goes through as an array."""
    keys = pa.DictionaryArray.from_arrays(
        pa.array([0, 1, 2, 1], pa.int32()),
        ["ARROW:row_count:exact", "ARROW:null_count:exact", "ARROW:max_value:exact"])
    values = pa.UnionArray.from_dense(
        pa.array([0, 0, 1, 0], pa.int8()), pa.array([0, 1, 0, 2], pa.int32()),
        [pa.array([9, 2, 0], pa.int64()), pa.array([4.5], pa.float64())], ["int64", "float64"])
    statistics = pa.MapArray.from_arrays(pa.array([0, 1, 3, 4], pa.int32()), keys, values)
    table = pa.table({"column": pa.array([None, 0, 1], pa.int32()), "statistics": statistics})
    batches, _ = Decoder().decode(write(table)[0], 5)
    assert_same(pa.Table.from_batches(batches), table)


def golden(suffix):
    return sorted(GOLDEN.glob(f"*/*.{suffix}"))


@pytest.mark.skipif(not golden("stream"), reason="no golden files")
def test_golden_streams():
    """Pushed byte by byte, through a pipe, and from a path, against pyarrow."""
    for path in golden("stream"):
        data = path.read_bytes()
        expected = pa.ipc.open_stream(data).read_all()
        batches, rest = Decoder(validation=SAFE).decode(data, 1 if len(data) < 9000 else None)
        assert rest == b"", path
        assert_same(pa.Table.from_batches(batches, schema=expected.schema), expected)
        for found in (through_pipe(data), read_stream(open_path(path, validation=SAFE)),
                      read_stream(open_path(path, validation=SAFE, unmapped=True))):
            assert_same(pa.Table.from_batches(found, schema=expected.schema), expected)


@pytest.mark.skipif(not golden("arrow_file"), reason="no golden files")
def test_golden_files():
    """As streams: their magic is left out, and what is behind the end mark stays."""
    for path in golden("arrow_file"):
        data = path.read_bytes()
        expected = pa.ipc.open_file(data).read_all()
        batches, rest = Decoder(validation=SAFE).decode(data, None)
        assert rest.endswith(b"ARROW1"), path
        assert_same(pa.Table.from_batches(batches, schema=expected.schema), expected)
        for found in (through_pipe(data), read_stream(open_path(path, validation=SAFE))):
            assert_same(pa.Table.from_batches(found, schema=expected.schema), expected)


def through_pipe(data):
    reading, writing = os.pipe()

    def fill():
        with os.fdopen(writing, "wb") as sink:
            try:
                sink.write(data)
            except BrokenPipeError:
                pass  # what is behind the end mark is not read

    thread = threading.Thread(target=fill)
    thread.start()
    source, stream = c_void_p(), c_void_p()
    try:
        call("elea_input_stream_new_from_descriptor", c_int(reading), b"pipe", None, None,
             byref(source))
        call("elea_ipc_stream_reader_new_from_input", source, byref(ReadOptions(validation=SAFE)),
             byref(stream))
        return read_stream(stream)
    finally:
        get("elea_input_stream_free", source)
        thread.join()


def test_cut_at_every_byte():
    """What was whole before the cut comes out, then an error that tells the place."""
    table = pa.table({"a": [1, 2, 3, 4], "b": ["x", None, "zz", ""]})
    data, _ = write(table, rows=2)
    ends = [0]
    with pa.BufferReader(data) as source:
        for message in pa.ipc.MessageReader.open_stream(source):
            ends.append(source.tell())
    for cut in range(len(data)):
        decoder, batches = Decoder(), []
        expected = sum(1 for end in ends[2:] if end <= cut)
        decoder.push(data[:cut])
        decoder.end()
        if cut in ends[1:] or cut >= len(data) - 8 and cut in (ends[-1], len(data)):
            batches = list(decoder.take())
            assert decoder.ended
        else:
            with pytest.raises(Error) as caught:
                for batch in decoder.take():
                    batches.append(batch)
            assert caught.value.status == "EINVAL"
            assert "file offset" in caught.value.message or cut == 0
        assert len(batches) == expected
        assert decoder.next_size == 0
        found = pa.Table.from_batches(batches, schema=table.schema)
        assert found.equals(table.slice(0, 2 * expected))


def test_recovered_files(tmp_path):
    """A file whose writer was stopped: what pyarrow refuses is given as far as it is whole."""
    table = make_table(3, 30)
    path = tmp_path / "whole.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as out:
        for batch in table.to_batches(max_chunksize=10):
            out.write_batch(batch)
        length = sink.tell()
    data = path.read_bytes()
    for cut, count in ((len(data) - 1, 3), (length, 3), (length - 1, 2)):
        path.write_bytes(data[:cut])
        with pytest.raises(pa.ArrowInvalid):
            pa.ipc.open_file(path.read_bytes()).read_all()
        with pytest.raises(Error):
            open_path(path)
        batches = read_stream(open_path(path, recover=True))
        assert_same(pa.Table.from_batches(batches), table.slice(0, 10 * count))


@pytest.mark.filterwarnings("ignore:Feather V1")
def test_open_finds_out(tmp_path):
    """A file, a stream, and both versions of Feather."""
    table = pa.table({"a": [1, None, 3], "b": ["x", "y", None]})
    path = tmp_path / "data"
    for version in (1, 2):
        pa.feather.write_feather(table, str(path), version=version)
        for unmapped in (False, True):
            batches = read_stream(open_path(path, unmapped=unmapped))
            assert pa.Table.from_batches(batches).equals(table)
    path.write_bytes(write(table)[0])
    assert_same(pa.Table.from_batches(read_stream(open_path(path))), table)
    path.write_bytes(b"some other bytes")
    with pytest.raises(Error, match="it begins with"):
        open_path(path)


def messages_of(path):
    source, messages = c_void_p(), c_void_p()
    call("elea_file_map", os.fsencode(path), None, byref(source))
    call("elea_ipc_messages_new", source, None, byref(messages))
    try:
        while True:
            info = POINTER(MessageInfo)()
            call("elea_ipc_messages_next", messages, byref(info))
            if not info:
                return
            yield info.contents
    finally:
        get("elea_ipc_messages_free", messages)
        get("elea_file_unref", source)


@pytest.mark.parametrize("options", WRITE_OPTIONS, ids=lambda options: "-".join(options) or "plain")
def test_messages_are_those_of_pyarrow(options, tmp_path):
    data, _ = write(nested_dictionaries(), rows=2, **options)
    path = tmp_path / "data.arrows"
    path.write_bytes(data)
    names = {1: "schema", 2: "dictionary", 3: "record batch"}
    position = 0
    with pa.BufferReader(data) as source:
        ours = messages_of(path)
        for theirs in pa.ipc.MessageReader.open_stream(source):
            info = next(ours)
            assert not info.damage
            assert names[info.type] == theirs.type
            assert info.offset == position
            assert info.body_size == (theirs.body.size if theirs.body else 0)
            is_old = theirs.metadata_version == pa.ipc.MetadataVersion.V4
            assert info.version == (4 if is_old else 5)
            position = source.tell()
            assert info.offset + info.metadata_size + info.body_size == position
        assert list(ours) == []


@pytest.mark.skipif(not golden("arrow_file"), reason="no golden files")
def test_messages_of_golden_files():
    """Nothing in them looks damaged, and a footer names what is there."""
    for path in golden("arrow_file") + golden("stream"):
        is_file = path.suffix == ".arrow_file"
        theirs = pa.ipc.open_file(path) if is_file else pa.ipc.open_stream(path)
        count = theirs.num_record_batches if is_file else sum(1 for _ in theirs)
        places = [0, 0, 0, 0]
        for info in messages_of(path):
            assert not info.damage, (path, info.damage.contents.message)
            assert info.footer_index == (places[info.type] if is_file and info.type > 1 else -1)
            places[info.type] += 1
        assert places[1] == 1 and places[3] == count


def test_nothing_is_copied(tmp_path):
    """Of a mapped stream arrays are views."""
    table = make_table(9, 500)
    path = tmp_path / "data.arrows"
    path.write_bytes(write(table, rows=100)[0])
    before = copied_bytes()
    batches = read_stream(open_path(path, validation=0))
    assert copied_bytes() == before
    assert_same(pa.Table.from_batches(batches), table)
