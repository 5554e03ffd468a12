# SPDX-License-Identifier: Apache-2.0
"""IPC messages put together by hand, for tests of readers: as odd as the format lets them be.

Written from the format alone. A table is `Table(field, ...)`, each field None, (code, number), or
something to refer to: a Table, a Vector, a str, or bytes. The functions below make those of the
format; what they leave out is left out of the flatbuffer.
"""

import struct

V1, V3, V4, V5 = 0, 2, 3, 4
SCHEMA, DICTIONARY_BATCH, RECORD_BATCH = 1, 2, 3
NULL, INT, BINARY, UTF8, BOOL, LIST, STRUCT, UNION = 1, 2, 4, 5, 6, 12, 13, 14
UTF8_VIEW = 24


class Table:
    def __init__(self, *fields):
        self.fields = fields


class Vector:
    """Of tables and texts, or of structs: a code and the numbers of all of them."""

    def __init__(self, items, code=None):
        self.items, self.code = list(items), code


def flatbuffer(root, packed=False, unknown=0):
    """The bytes. Packed: nothing is aligned, as old writers left it. Tables get so many fields
    more that nobody knows."""
    out, links, vtables = bytearray(4), [(0, root)], []

    def align(size, ahead=0):
        if not packed:
            out.extend(bytes(-(len(out) + ahead) % size))

    def put_table(table):
        fields = [*table.fields, *[("q", 0x0101010101010101)] * unknown]
        align(8)
        vtable = len(out)
        out.extend(bytes(4 + 2 * len(fields)))
        align(8)
        start = len(out)
        out.extend(struct.pack("<i", start - vtable))
        for i, field in enumerate(fields):
            if field is None:
                continue
            code, value = field if isinstance(field, tuple) else ("I", None)
            align(struct.calcsize(code))
            struct.pack_into("<H", out, vtable + 4 + 2 * i, len(out) - start)
            if value is None:
                links.append((len(out), field))
                value = 0
            out.extend(struct.pack("<" + code, value))
        struct.pack_into("<HH", out, vtable, 4 + 2 * len(fields), len(out) - start)
        return start

    def put_vector(vector):
        align(8, 4)
        start = len(out)
        if vector.code:
            size = struct.calcsize("<" + vector.code)
            out.extend(struct.pack("<I", len(vector.items)))
            for item in vector.items:
                out.extend(struct.pack("<" + vector.code,
                                       *(item if isinstance(item, tuple) else (item,))))
            assert len(out) == start + 4 + size * len(vector.items)
            return start
        out.extend(struct.pack("<I", len(vector.items)))
        for item in vector.items:
            links.append((len(out), item))
            out.extend(bytes(4))
        return start

    def put_text(text):
        align(4)
        start = len(out)
        out.extend(struct.pack("<I", len(text)) + text + b"\0")
        return start

    while links:
        at, item = links.pop(0)
        if isinstance(item, Table):
            place = put_table(item)
        elif isinstance(item, Vector):
            place = put_vector(item)
        else:
            place = put_text(item.encode() if isinstance(item, str) else item)
        struct.pack_into("<I", out, at, place - at)
    return bytes(out)


# ---- the format's tables

def metadata(pairs):
    """Of (key, value); what is None is missing."""
    return Vector([Table(*pair) for pair in pairs]) if pairs is not None else None


def integer(bits, signed=True):
    return INT, Table(("i", bits), ("?", signed))


def encoding(number, index=integer(32), ordered=None, kind=None):
    return Table(("q", number), index and index[1], ordered and ("?", True), kind)


def field(name, kind, nullable=True, children=None, dictionary=None, pairs=None):
    tag, parameters = kind
    return Table(name, ("?", True) if nullable else None, ("B", tag), parameters, dictionary,
                 Vector(children) if children is not None else None, metadata(pairs))


def schema(fields, pairs=None, order=None):
    return Table(order, Vector(fields), metadata(pairs), None)


def batch(rows, nodes, buffers, compression=None, variadic=None):
    """Nodes are (length, nulls), buffers (offset, size)."""
    return Table(("q", rows), Vector(nodes, "qq"), Vector(buffers, "qq"), compression,
                 Vector(variadic, "q") if variadic is not None else None)


def dictionary_batch(number, data, delta=None):
    return Table(("q", number), data, ("?", True) if delta else None)


class Message:
    def __init__(self, kind, header, body=b"", version=V5, pairs=None, **how):
        self.body, self.kind = body, kind
        self.metadata = flatbuffer(
            Table(("h", version) if version is not None else None, ("B", kind), header,
                  ("q", len(body)) if body else None, metadata(pairs)), **how)

    def framed(self, legacy=False, unpadded=False):
        prefix = b"" if legacy else b"\xff\xff\xff\xff"
        text = self.metadata
        if not unpadded:
            text += bytes(-(len(text) + len(prefix) + 4) % 8)
        return prefix + struct.pack("<i", len(text)) + text


def stream(messages, end=True, **how):
    out = b"".join(message.framed(**how) + message.body for message in messages)
    mark = bytes(4) if how.get("legacy") else b"\xff\xff\xff\xff\0\0\0\0"
    return out + (mark if end else b"")


def file(messages, table, pairs=None, listed=True, begin=b"", **how):
    """The messages as a file with the schema `table` in its footer, which need not be that of the
    messages. `begin` lies between the magic and the first message."""
    out, blocks = b"ARROW1\0\0" + begin, {DICTIONARY_BATCH: [], RECORD_BATCH: []}
    for message in messages:
        head = message.framed(**how)
        if message.kind in blocks:
            blocks[message.kind].append((len(out), len(head), 0, len(message.body)))
        out += head + message.body
        out += bytes(-len(out) % 8)
    out += b"\xff\xff\xff\xff\0\0\0\0"
    lists = [Vector(blocks[kind], "qiiq") if blocks[kind] or listed else None
             for kind in (DICTIONARY_BATCH, RECORD_BATCH)]
    footer = flatbuffer(Table(("h", V5), table, *lists, metadata(pairs)))
    return out + footer + struct.pack("<i", len(footer)) + b"ARROW1"
