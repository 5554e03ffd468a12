# SPDX-License-Identifier: Apache-2.0
"""Turns IPC streams and files of pyarrow into those of a machine with the other byte order.

Written from the format alone, for tests of readers: metadata stays little-endian but for the
schema's `endianness`, and so do framing and the sizes before compressed buffers; each buffer of a
body is turned around by what the column's type says it holds.
"""

import struct

import numpy
import pyarrow as pa

SCHEMA, DICTIONARY_BATCH, RECORD_BATCH = 1, 2, 3
BIG_ENDIAN = 1


class Table:
    """A table of a flatbuffer."""

    def __init__(self, data, position):
        self.data, self.position = data, position
        self.vtable = position - struct.unpack_from("<i", data, position)[0]
        self.slots = (struct.unpack_from("<H", data, self.vtable)[0] - 4) // 2

    @classmethod
    def root(cls, data):
        return cls(data, struct.unpack_from("<I", data, 0)[0])

    def field(self, slot):
        if slot >= self.slots:
            return 0
        offset = struct.unpack_from("<H", self.data, self.vtable + 4 + 2 * slot)[0]
        return self.position + offset if offset else 0

    def number(self, slot, code, missing=0):
        place = self.field(slot)
        return struct.unpack_from("<" + code, self.data, place)[0] if place else missing

    def target(self, slot):
        place = self.field(slot)
        return place + struct.unpack_from("<I", self.data, place)[0] if place else 0

    def table(self, slot):
        target = self.target(slot)
        return Table(self.data, target) if target else None

    def vector(self, slot):
        """Where the elements begin, and their number."""
        target = self.target(slot)
        return (target + 4, struct.unpack_from("<I", self.data, target)[0]) if target else (0, 0)


def make_table(fields):
    """The vtable and the bytes of a table, and where in it which references go. Fields are None,
    (code, number), or ("ref", target)."""
    table, vtable_entries, references = bytearray(4), [], []
    for field in fields:
        if field is None:
            vtable_entries.append(0)
            continue
        code, value = field
        size = 4 if code == "ref" else struct.calcsize(code)
        table += bytes(-len(table) % size)
        vtable_entries.append(len(table))
        if code == "ref":
            references.append((len(table), value))
            table += bytes(4)
        else:
            table += struct.pack("<" + code, value)
    vtable = struct.pack(f"<{len(fields) + 2}H", 4 + 2 * len(fields), len(table), *vtable_entries)
    vtable += bytes(-len(vtable) % 8)
    table[0:4] = struct.pack("<i", len(vtable))
    return vtable, table, references


def prepend(data, tables):
    """A flatbuffer with new tables before the old bytes. Each of `tables` is (name, fields); a
    reference is to a place in the old bytes, or to a table by name, which comes later."""
    parts = [(name, *make_table(fields)) for name, fields in tables]
    place, places = 8, {}
    for name, vtable, table, _ in parts:
        places[name] = place + len(vtable)
        place += len(vtable) + len(table)
        place += -place % 8
    out = bytearray(struct.pack("<II", places[tables[0][0]], 0))
    for name, vtable, table, references in parts:
        for at, target in references:
            goal = places[target] if isinstance(target, str) else target + place
            struct.pack_into("<I", table, at, goal - (places[name] + at))
        out += vtable + table
        out += bytes(-len(out) % 8)
    assert len(out) == place
    return bytes(out) + bytes(data)


def schema_fields(schema):
    def reference(slot):
        return ("ref", schema.target(slot)) if schema.target(slot) else None
    return [("h", BIG_ENDIAN), reference(1), reference(2), reference(3)]


def patch_schema_message(metadata):
    message = Table.root(metadata)
    custom = ("ref", message.target(4)) if message.target(4) else None
    return prepend(metadata, [
        ("message", [("h", message.number(0, "h")), ("B", SCHEMA), ("ref", "schema"),
                     ("q", message.number(3, "q")), custom]),
        ("schema", schema_fields(message.table(2)))])


# ---- bodies ----

def swap(width):
    def turn(data):
        whole = len(data) // width * width
        entries = numpy.frombuffer(data[:whole], numpy.uint8).reshape(-1, width)
        return entries[:, ::-1].tobytes() + data[whole:]
    return turn


def same(data):
    return data


def month_day_nano(data):
    out = b""
    for i in range(0, len(data), 16):
        out += data[i:i + 4][::-1] + data[i + 4:i + 8][::-1] + data[i + 8:i + 16][::-1]
    return out


def views(data):
    out = b""
    for i in range(0, len(data) // 16 * 16, 16):
        size, = struct.unpack_from("<i", data, i)
        rest = data[i + 4:i + 16]
        if size > 12:
            rest = rest[:4] + rest[4:8][::-1] + rest[8:][::-1]
        out += struct.pack(">i", size) + rest
    return out + data[len(data) // 16 * 16:]


def buffers_of(kind, is_v4, counts):
    """How each buffer of a column is turned around."""
    t = pa.types
    old = [same] if is_v4 else []
    kind = storage_of(kind)
    if t.is_dictionary(kind):
        return [same, swap(kind.index_type.bit_width // 8)]
    if t.is_null(kind):
        return []
    if t.is_boolean(kind):
        return [same, same]
    if t.is_run_end_encoded(kind):
        return (old + buffers_of(kind.run_end_type, is_v4, counts)
                + buffers_of(kind.value_type, is_v4, counts))
    if t.is_union(kind):
        own = [same] if kind.mode == "sparse" else [same, swap(4)]
        return old + own + children_of(kind, is_v4, counts)
    if t.is_struct(kind):
        return [same] + children_of(kind, is_v4, counts)
    if t.is_fixed_size_list(kind):
        return [same] + buffers_of(kind.value_type, is_v4, counts)
    if t.is_list_view(kind) or t.is_large_list_view(kind):
        width = 4 if t.is_list_view(kind) else 8
        return [same, swap(width), swap(width)] + buffers_of(kind.value_type, is_v4, counts)
    if t.is_map(kind):
        return ([same, swap(4), same] + buffers_of(kind.key_type, is_v4, counts)
                + buffers_of(kind.item_type, is_v4, counts))
    if t.is_list(kind) or t.is_large_list(kind):
        width = 4 if t.is_list(kind) else 8
        return [same, swap(width)] + buffers_of(kind.value_type, is_v4, counts)
    if kind in (pa.string_view(), pa.binary_view()):
        return [same, views] + [same] * counts.pop(0)
    if kind in (pa.utf8(), pa.binary()):
        return [same, swap(4), same]
    if kind in (pa.large_utf8(), pa.large_binary()):
        return [same, swap(8), same]
    if t.is_fixed_size_binary(kind) and not t.is_decimal(kind):
        return [same, same]
    if str(kind) == "day_time_interval":  # two numbers
        return [same, swap(4)]
    if kind == pa.month_day_nano_interval():
        return [same, month_day_nano]
    return [same, swap(kind.bit_width // 8)]


def children_of(kind, is_v4, counts):
    return [turn for i in range(kind.num_fields)
            for turn in buffers_of(kind.field(i).type, is_v4, counts)]


def turn_body(metadata, batch, body, kinds, is_v4):
    """Metadata and body with the buffers turned around, compressed ones packed anew."""
    start, count = batch.vector(2)
    place, variadic = batch.vector(4)
    counts = list(struct.unpack_from(f"<{variadic}q", metadata, place))
    turns = [turn for kind in kinds for turn in buffers_of(kind, is_v4, counts)]
    assert len(turns) == count
    compression = batch.table(3)
    codec = pa.Codec(("lz4", "zstd")[compression.number(0, "b")]) if compression else None
    metadata, out = bytearray(metadata), bytearray()
    for i, turn in enumerate(turns):
        offset, size = struct.unpack_from("<qq", metadata, start + 16 * i)
        data = body[offset:offset + size]
        if codec and size:
            plain_size, = struct.unpack_from("<q", data)
            plain = data[8:] if plain_size == -1 else codec.decompress(
                data[8:], plain_size, asbytes=True)
            plain = turn(plain)
            data = data[:8] + (plain if plain_size == -1 else codec.compress(plain, asbytes=True))
        else:
            data = turn(data)
        struct.pack_into("<qq", metadata, start + 16 * i, len(out), len(data))
        out += data
        out += bytes(-len(out) % 8)
    return metadata, bytes(out)


def storage_of(kind):
    return kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind


def value_types(table, schema):
    """What each dictionary holds, by its id in the schema's table."""
    found = {}

    def visit_all(parent, slot, kinds):
        start, count = parent.vector(slot)
        assert count == len(kinds)
        for i, kind in enumerate(kinds):
            at = start + 4 * i
            visit(Table(parent.data, at + struct.unpack_from("<I", parent.data, at)[0]), kind)

    def visit(field, kind):
        kind, encoding = storage_of(kind), field.table(4)
        if encoding:
            kind = storage_of(kind.value_type)
            found[encoding.number(0, "q")] = kind
        visit_all(field, 5, [kind.field(i).type for i in range(kind.num_fields)])

    visit_all(table, 1, [field.type for field in schema])
    return found


def messages(data, position):
    """Yields position, metadata and body up to the end mark."""
    while position < len(data):
        size, prefix = struct.unpack_from("<i", data, position)[0], 4
        if size == -1:
            size, prefix = struct.unpack_from("<i", data, position + 4)[0], 8
        if size == 0:
            return
        metadata = data[position + prefix:position + prefix + size]
        body_at = position + prefix + size
        body_size = Table.root(metadata).number(3, "q")
        yield position, metadata, data[body_at:body_at + body_size]
        position = body_at + body_size


def turn_message(metadata, body, schema, values):
    """`values`: what dictionaries hold, by id; filled in by the schema."""
    message = Table.root(metadata)
    is_v4 = message.number(0, "h") == 3
    kind, header = message.number(1, "B"), message.table(2)
    if kind == SCHEMA:
        values.update(value_types(header, schema))
        return patch_schema_message(metadata), body
    if kind == DICTIONARY_BATCH:
        kinds = [values[header.number(0, "q")]]
        batch = header.table(1)
    else:
        kinds, batch = [field.type for field in schema], header
    metadata, body = turn_body(metadata, batch, body, kinds, is_v4)
    if body:
        struct.pack_into("<q", metadata, message.field(3), len(body))
    return bytes(metadata), body


def encapsulate(metadata, body):
    metadata += bytes(-len(metadata) % 8)
    return struct.pack("<ii", -1, len(metadata)) + metadata, body


def turn_stream(data, schema):
    """The stream as a machine with the other byte order would have written it."""
    out, values = b"", {}
    for _, metadata, body in messages(data, 0):
        out += b"".join(encapsulate(*turn_message(metadata, body, schema, values)))
    return out + struct.pack("<ii", -1, 0)


def turn_file(data, schema):
    """The same for a file."""
    footer_size, = struct.unpack_from("<i", data, len(data) - 10)
    footer_at = len(data) - 10 - footer_size
    moved, out, values = {}, b"ARROW1\0\0", {}
    for position, metadata, body in messages(data[:footer_at], 8):
        head, body = encapsulate(*turn_message(metadata, body, schema, values))
        moved[position] = (len(out), len(head), len(body))
        out += head + body
    out += struct.pack("<ii", -1, 0)
    footer = bytearray(data[footer_at:footer_at + footer_size])
    table = Table.root(footer)
    for slot in (2, 3):
        start, count = table.vector(slot)
        for i in range(count):
            position, = struct.unpack_from("<q", footer, start + 24 * i)
            struct.pack_into("<qiiq", footer, start + 24 * i, *moved[position][:2], 0,
                             moved[position][2])

    def reference(slot):
        return ("ref", table.target(slot)) if table.target(slot) else None
    footer = prepend(footer, [
        ("footer", [("h", table.number(0, "h")), ("ref", "schema"), reference(2), reference(3),
                    reference(4)]),
        ("schema", schema_fields(table.table(1)))])
    return out + footer + struct.pack("<i", len(footer)) + b"ARROW1"
