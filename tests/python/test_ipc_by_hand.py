# SPDX-License-Identifier: Apache-2.0
"""Streams and files as other writers make them, or might: put together by hand, read by Elea in
all its ways and, where it takes them, by pyarrow."""

import struct

import pyarrow as pa
import pytest

import ipc_by_hand as by
from test_ipc import EleaError, Table, assert_same
from test_ipc_decoder import Decoder, Error

INT64 = by.integer(64)
NUMBERS = by.field("n", INT64)


def numbers(*values):
    return struct.pack(f"<{len(values)}q", *values)


def int_batch(values, **how):
    """A record batch of one column, `n`."""
    body = numbers(*values)
    return by.Message(by.RECORD_BATCH, by.batch(len(values), [(len(values), 0)], [
        (0, 0), (0, len(body))]), body, **how)


def schema_message(fields=(NUMBERS,), pairs=None, **how):
    return by.Message(by.SCHEMA, by.schema(fields, pairs), **how)


def read(data, tmp_path):
    """What Elea makes of it; all its ways must agree."""
    path = tmp_path / "by hand"
    path.write_bytes(data)
    if data[:6] == b"ARROW1":
        found = Table(path).to_pyarrow()
        again = Table(path, unmapped=True).to_pyarrow()
    else:
        found = Table.from_stream(path).to_pyarrow()
        again = Table.from_stream(path, mapped=False).to_pyarrow()
        for piece in (1, 0):
            decoder = Decoder()
            batches, _ = decoder.decode(data, piece)
            if batches:
                assert_same(pa.Table.from_batches(batches), found)
    assert_same(again, found)
    return found


def refused(data, message, tmp_path):
    with pytest.raises((EleaError, Error), match=message):
        read(data, tmp_path)


def theirs(data):
    opened = (pa.ipc.open_file if data[:6] == b"ARROW1" else pa.ipc.open_stream)(
        pa.BufferReader(data))
    table = opened.read_all()
    table.validate(full=True)
    return table


def both(data, tmp_path):
    """What both read, which is the same."""
    found = read(data, tmp_path)
    assert_same(found, theirs(data))
    return found


# ---- metadata

@pytest.mark.parametrize("version", [by.V4, by.V5])
@pytest.mark.parametrize("how", [{}, {"packed": True}, {"unknown": 3}], ids=str)
@pytest.mark.parametrize("framing", [{}, {"legacy": True}, {"end": False}], ids=str)
def test_plain(version, how, framing, tmp_path):
    parts = [schema_message(version=version, **how), int_batch([1, 2, 3], version=version, **how)]
    if how.get("packed"):  # pyarrow wants flatbuffers aligned
        found = read(by.stream(parts, **framing), tmp_path)
    else:
        found = both(by.stream(parts, **framing), tmp_path)
    assert found.column("n").to_pylist() == [1, 2, 3]
    framing = {key: value for key, value in framing.items() if key != "end"}
    found = read(by.file(parts, by.schema([NUMBERS]), **framing), tmp_path)
    assert found.column("n").to_pylist() == [1, 2, 3]


def test_metadata_that_is_no_multiple_of_8(tmp_path):
    """As before Arrow 0.15, where a body may begin anywhere."""
    for legacy in (False, True):
        for unknown in range(4):
            name = by.field("n" * (unknown + 1), INT64)
            parts = [schema_message([name], packed=True), int_batch([7, 8], packed=True)]
            found = read(by.stream(parts, legacy=legacy, unpadded=True), tmp_path)
            assert found.column(0).to_pylist() == [7, 8]


@pytest.mark.parametrize("version", [None, by.V1, by.V3, 7])
def test_other_versions(version, tmp_path):
    number = (version or 0) + 1
    data = by.stream([schema_message(version=version), int_batch([1], version=version)])
    refused(data, f"metadata version {number}, expected 4 or 5", tmp_path)
    data = by.file([int_batch([1], version=version)], by.schema([NUMBERS]))
    refused(data, f"metadata version {number}, expected 4 or 5", tmp_path)


def test_what_is_missing(tmp_path):
    """No names, no children, no metadata, no index type, no codes, empty lists of them."""
    bare = by.Table(None, None, ("B", by.INT), by.Table(("i", 64), ("?", True)))
    found = read(by.stream([schema_message([bare, bare]), by.Message(
        by.RECORD_BATCH, by.batch(1, [(1, 0)] * 2, [(0, 0), (0, 8), (0, 0), (0, 8)]),
        numbers(5))]), tmp_path)
    assert found.column_names == ["", ""] and found.column(1).to_pylist() == [5]
    assert not found.schema.field(0).nullable
    union = by.field("u", (by.UNION, by.Table()), children=[NUMBERS, NUMBERS])
    found = read(by.stream([schema_message([union]), by.Message(
        by.RECORD_BATCH, by.batch(1, [(1, 0)] * 3, [(8, 1), (0, 0), (0, 8), (0, 0), (0, 8)]),
        numbers(5, 1))]), tmp_path)
    assert found.column(0).to_pylist() == [5]
    empty = by.field("n", INT64, children=[], pairs=[])
    assert both(by.stream([schema_message([empty], pairs=[]), int_batch([1])]),
                tmp_path).column("n").to_pylist() == [1]
    nothing = by.Message(by.SCHEMA, by.Table())
    assert read(by.stream([nothing]), tmp_path).num_columns == 0
    refused(by.stream([schema_message([by.Table("n")])]), "a field has no type", tmp_path)


def test_names(tmp_path):
    for name in ("", "n", "\u03b6\u03ae\u03bd\u03c9\u03bd", "x" * 5000):
        fields = [by.field(name, INT64)] * 2
        data = by.stream([schema_message(fields, pairs=[(name, name)]), by.Message(
            by.RECORD_BATCH, by.batch(1, [(1, 0)] * 2, [(0, 0), (0, 8), (0, 0), (8, 8)]),
            numbers(5, 6))])
        found = both(data, tmp_path)
        assert [column.to_pylist() for column in found.columns] == [[5], [6]]
        assert found.schema.metadata == {name.encode(): name.encode()}
    refused(by.stream([schema_message([by.field("a\0b", INT64)])]),
            "the name of a field has a NUL inside", tmp_path)


def test_metadata_without_values(tmp_path):
    pairs = [("key", None), (None, "value"), (None, None), ("", "")]
    found = read(by.stream([schema_message([by.field("n", INT64, pairs=pairs)], pairs=pairs),
                            int_batch([1], pairs=pairs)]), tmp_path)
    assert found.schema.metadata[b"key"] == b""
    assert found.schema.field(0).metadata[b"key"] == b""


# ---- bodies

def test_buffers_anywhere(tmp_path):
    """Apart, in any order, over each other, and nothing anywhere."""
    fields = [by.field("a", INT64), by.field("b", INT64), by.field("c", INT64)]
    body = b"\xee" * 64 + numbers(1, 2) + b"\xdd" * 80 + numbers(3, 4) + b"\xcc" * 8
    empty = (3, 0)  # pyarrow allows what is not there to be anywhere
    data = by.stream([schema_message(fields), by.Message(by.RECORD_BATCH, by.batch(
        2, [(2, 0)] * 3, [empty, (160, 16), (1 << 40, 0), (64, 16), (-8, 0), (160, 16)]), body)])
    found = both(data, tmp_path)
    assert [column.to_pylist() for column in found.columns] == [[3, 4], [1, 2], [3, 4]]
    data = by.stream([schema_message(), by.Message(by.RECORD_BATCH, by.batch(
        2, [(2, 0)], [(0, 0), (4, 16)]), bytes(24))])
    refused(data, "buffer 1 begins at 4 of the body, expected a multiple of 8", tmp_path)


def test_nulls_that_were_not_counted(tmp_path):
    """-1, as writers have it that do not count the nulls of slices."""
    fields = [by.field("a", INT64), by.field("b", (by.NULL, by.Table()))]
    body = numbers(1, 2, 3, 0b101)
    data = by.stream([schema_message(fields), by.Message(
        by.RECORD_BATCH, by.batch(3, [(3, -1)] * 2, [(24, 1), (0, 24)]), body)])
    found = both(data, tmp_path)
    assert [column.null_count for column in found.columns] == [1, 3]
    data = by.stream([schema_message(), by.Message(
        by.RECORD_BATCH, by.batch(3, [(3, -1)], [(0, 0), (0, 24)]), body)])
    assert read(data, tmp_path).column(0).null_count == 0
    for nulls in (-2, 4):
        data = by.stream([schema_message(), by.Message(by.RECORD_BATCH, by.batch(
            3, [(3, nulls)], [(24, 1), (0, 24)]), numbers(1, 2, 3, 5))])
        refused(data, f"3 rows and {nulls} nulls", tmp_path)


def test_bitmaps_that_are_not_needed(tmp_path):
    """Without nulls they may say anything."""
    data = by.stream([schema_message(), by.Message(by.RECORD_BATCH, by.batch(
        3, [(3, 0)], [(24, 1), (0, 24)]), numbers(1, 2, 3, 0))])
    assert both(data, tmp_path).column("n").to_pylist() == [1, 2, 3]
    data = by.stream([schema_message(), by.Message(by.RECORD_BATCH, by.batch(
        3, [(3, 2)], [(0, 0), (0, 24)]), numbers(1, 2, 3))])
    refused(data, "null count 2 without a validity bitmap", tmp_path)


def test_no_offsets_of_no_rows(tmp_path):
    """Empty arrays may have no offsets at all; so old Java wrote them."""
    inner = by.field("i", (by.UTF8, by.Table()))
    fields = [by.field("t", (by.UTF8, by.Table())), by.field("b", (by.BINARY, by.Table())),
              by.field("l", (by.LIST, by.Table()), children=[inner])]
    for buffers in ([(0, 0)] * 11, [(0, 0), (0, 4), (0, 0)] * 2 + [(0, 0), (0, 4)] + [(0, 0)] * 3):
        data = by.stream([schema_message(fields), by.Message(by.RECORD_BATCH, by.batch(
            0, [(0, 0)] * 4, buffers), bytes(8))])
        assert both(data, tmp_path).num_rows == 0


def test_union_of_version_4(tmp_path):
    union = by.field("u", (by.UNION, by.Table(None, Vector([5, 7], "i"))),
                     children=[by.field("a", INT64), by.field("b", (by.UTF8, by.Table()))])
    body = b"\5\7\5" + bytes(5) + numbers(1, 0, 3) + struct.pack("<4i", 0, 0, 2, 2) + b"hi" \
        + bytes(6)
    buffers = [(0, 3), (0, 0), (8, 24), (0, 0), (32, 16), (48, 2)]
    for version in (by.V4, by.V5):
        for validity in ((0, 0), (0, 1)) if version == by.V4 else (None,):
            listed = [validity, *buffers] if validity else buffers
            data = by.stream([schema_message([union], version=version), by.Message(
                by.RECORD_BATCH, by.batch(3, [(3, 0)] * 3, listed), body, version=version)])
            assert both(data, tmp_path).column("u").to_pylist() == [1, "hi", 3]


Vector = by.Vector


def test_views(tmp_path):
    field = by.field("v", (by.UTF8_VIEW, by.Table()))
    text = b"a text of twenty chars"
    views = struct.pack("<i12s", 3, b"abc") + struct.pack("<i4sii", len(text), text[:4], 0, 0)
    def message(variadic, buffers):
        return by.stream([schema_message([field]), by.Message(
            by.RECORD_BATCH, by.batch(2, [(2, 0)], [(0, 0), (0, 32), *buffers],
                                      variadic=variadic), views + text + bytes(2))])
    assert both(message([1], [(32, 22)]), tmp_path).column(0).to_pylist() == ["abc", text.decode()]
    refused(message(None, [(32, 22)]), "0 variadic buffer counts, expected 1", tmp_path)
    refused(message([], []), "0 variadic buffer counts, expected 1", tmp_path)
    refused(message([-1], []), "variadic buffer count 0 is -1", tmp_path)
    refused(message([1 << 40], [(32, 22)]), "expected", tmp_path)
    # Those without views may have an empty list of counts.
    data = by.stream([schema_message(), by.Message(by.RECORD_BATCH, by.batch(
        1, [(1, 0)], [(0, 0), (0, 8)], variadic=[]), numbers(4))])
    assert both(data, tmp_path).column(0).to_pylist() == [4]


# ---- compression

@pytest.mark.parametrize("name", ["LZ4", "ZSTD", "lz4", "zstd", "SNAPPY"])
def test_compression_of_arrow_0_17(name, tmp_path):
    """Named in the metadata of messages, whose version is 4; Feather files of that time, too."""
    plain, text = numbers(*range(100)), b"zeno" * 30
    pairs = [("other", "thing"), ("ARROW:experimental_compression", name)]

    def packed(data):
        if name == "SNAPPY":
            return data
        codec = pa.Codec(name.lower())
        return struct.pack("<q", len(data)) + codec.compress(data, asbytes=True)
    parts = [packed(plain), packed(text), packed(struct.pack("<3i", 0, 60, 120))]
    places, body = [], b""
    for part in parts:
        places.append((len(body), len(part)))
        body += part + bytes(-len(part) % 8)
    coded = by.field("d", (by.UTF8, by.Table()), dictionary=by.encoding(3, by.integer(64)))
    fields = [by.field("n", INT64), coded]
    words = by.Message(by.DICTIONARY_BATCH, by.dictionary_batch(3, by.batch(
        2, [(2, 0)], [(0, 0), places[2], places[1]])), body, version=by.V4, pairs=pairs)
    indices = packed(numbers(*[i % 2 for i in range(100)]))
    place = (len(body), len(indices))
    rows = by.Message(by.RECORD_BATCH, by.batch(
        100, [(100, 0)] * 2, [(0, 0), places[0], (0, 0), place]),
        body + indices + bytes(-len(indices) % 8), version=by.V4, pairs=pairs)
    for data in (by.stream([schema_message(fields, version=by.V4), words, rows]),
                 by.file([schema_message(fields, version=by.V4), words, rows],
                         by.schema(fields))):
        if name == "SNAPPY":
            refused(data, 'the body is compressed with "SNAPPY", expected "LZ4" or "ZSTD"',
                    tmp_path)
            continue
        found = both(data, tmp_path)
        assert found.column("n").to_pylist() == list(range(100))
        assert found.column("d").to_pylist() == ["zeno" * 15] * 100
    # From 1.0 on a table says it, and such metadata mean nothing.
    rows = by.Message(by.RECORD_BATCH, by.batch(3, [(3, 0)], [(0, 0), (0, 24)]), numbers(1, 2, 3),
                      pairs=pairs)
    assert both(by.stream([schema_message(), rows]), tmp_path).column("n").to_pylist() == [1, 2, 3]


@pytest.mark.parametrize("codec", [0, 1])
def test_empty_buffers_that_are_compressed(codec, tmp_path):
    """Their size and nothing else; so Java writes them. pyarrow takes those of one codec."""
    fields = [by.field("t", (by.UTF8, by.Table())), by.field("n", INT64)]
    packed = pa.Codec(("lz4", "zstd")[codec]).compress(bytes(12), asbytes=True)
    part = struct.pack("<q", 12) + packed
    body = bytes(8) + part + bytes(-len(part) % 8) + numbers(-1, 5, 6)
    end = 8 + len(part) + -len(part) % 8
    rows = by.Message(by.RECORD_BATCH, by.batch(
        2, [(2, 0)] * 2, [(0, 8), (8, len(part)), (0, 8), (0, 8), (end, 24)],
        compression=by.Table(("b", codec))), body)
    none = by.Message(by.RECORD_BATCH, by.batch(
        0, [(0, 0)] * 2, [(0, 8)] * 5, compression=by.Table(("b", codec))), bytes(8))
    for order in (None, ("h", 1)):
        begin = by.Message(by.SCHEMA, by.schema(fields, order=order))
        found = read(by.stream([begin, none, rows] if not order else [begin, none]), tmp_path)
        assert found.column("t").to_pylist() == ([] if order else ["", ""])
        assert found.column("n").to_pylist() == ([] if order else [5, 6])
    # What follows a size of 0 is looked at.
    rows = by.Message(by.RECORD_BATCH, by.batch(
        2, [(2, 0)] * 2, [(0, 8), (8, len(part)), (0, 16), (0, 8), (end, 24)],
        compression=by.Table(("b", codec))), body)
    refused(by.stream([schema_message(fields), rows]), "the compressed buffer", tmp_path)


# ---- dictionaries

CODED = by.field("d", INT64, dictionary=by.encoding(9))


def values(number, *items, delta=False, **how):
    body = numbers(*items)
    return by.Message(by.DICTIONARY_BATCH, by.dictionary_batch(number, by.batch(
        len(items), [(len(items), 0)], [(0, 0), (0, len(body))]), delta), body, **how)


def codes(*indices, nulls=0, bitmap=0):
    body = struct.pack(f"<{len(indices)}i", *indices)
    body += bytes(-len(body) % 8)
    place = (len(body), 1) if nulls else (0, 0)
    return by.Message(by.RECORD_BATCH, by.batch(len(indices), [(len(indices), nulls)], [
        place, (0, 4 * len(indices))]), body + bytes([bitmap] + [0] * 7))


def test_dictionaries(tmp_path):
    begin = schema_message([CODED])
    data = by.stream([begin, values(9, 5, 6), codes(1, 0), values(9, 7, delta=True), codes(2, 0)])
    assert both(data, tmp_path).column(0).to_pylist() == [6, 5, 7, 5]
    data = by.stream([begin, values(9, 5, 6), codes(1, 0), values(9, 7), codes(0)])
    assert both(data, tmp_path).column(0).to_pylist() == [6, 5, 7]
    # Indices without a type are of 32 bits.
    bare = by.field("d", INT64, dictionary=by.encoding(9, index=None))
    data = by.stream([schema_message([bare]), values(9, 5, 6), codes(1, 0)])
    assert read(data, tmp_path).column(0).to_pylist() == [6, 5]
    # One that no field has.
    data = by.stream([begin, values(8, 1), values(9, 5), codes(0)])
    assert read(data, tmp_path).column(0).to_pylist() == [5]
    # In a file, deltas behind the batches that they are for.
    data = by.file([begin, values(9, 5, 6), codes(1, 2), values(9, 7, delta=True)],
                   by.schema([CODED]))
    assert both(data, tmp_path).column(0).to_pylist() == [6, 7]


def test_dictionaries_that_are_missing(tmp_path):
    begin = schema_message([CODED])
    for parts in ([codes()], [codes(0, 0, nulls=2)], []):
        found = read(by.stream([begin, *parts]), tmp_path)
        assert found.column(0).null_count == found.num_rows
        found = read(by.file([begin, *parts], by.schema([CODED]), listed=False), tmp_path)
        assert found.column(0).null_count == found.num_rows
    refused(by.stream([begin, codes(0)]), "dictionary 9 is missing", tmp_path)
    refused(by.stream([begin, codes(0, 0, nulls=1, bitmap=1)]), "dictionary 9 is missing", tmp_path)
    refused(by.stream([begin, values(9, 5, delta=True), codes(0)]), "a delta of dictionary 9",
            tmp_path)


# ---- frames

def test_footers(tmp_path):
    batches = [schema_message(), int_batch([1, 2]), int_batch([3])]
    for listed in (False, True):
        data = by.file(batches, by.schema([NUMBERS]), listed=listed, pairs=[("a", "b")])
        assert both(data, tmp_path).column(0).to_pylist() == [1, 2, 3]
    # The footer's schema counts.
    other = by.schema([by.field("other", INT64, nullable=False)])
    assert both(by.file(batches, other), tmp_path).column_names == ["other"]
    # A file need not have the schema among its messages, or anything behind its magic.
    data = by.file(batches[1:], by.schema([NUMBERS]), begin=b"\x5a" * 64)
    assert both(data, tmp_path).column(0).to_pylist() == [1, 2, 3]


def test_behind_the_end(tmp_path):
    batches = [schema_message(), int_batch([1, 2])]
    for rest in (b"", b"x", bytes(100), by.stream(batches), b"ARROW1"):
        data = by.stream(batches) + rest
        assert both(data, tmp_path).column(0).to_pylist() == [1, 2]
        data = by.stream(batches, legacy=True) + rest
        assert both(data, tmp_path).column(0).to_pylist() == [1, 2]
