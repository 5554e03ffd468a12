# SPDX-License-Identifier: Apache-2.0
"""A small ctypes binding of libelea for the tests: calls, errors, owners, and the Arrow structs.

`call("elea_x", ...)` calls a function that returns elea_status and raises Error when it fails; the
error parameter is added. Handles are `ctypes.c_void_p` values; integers become int64. Objects of
the classes below own one reference.
"""

import ctypes
import os
from ctypes import POINTER, Structure, byref, c_bool, c_char, c_char_p, c_double, c_int, c_int64
from ctypes import c_void_p

QUICK, SAFE, FULL = 0, 1, 2


class CError(Structure):
    _fields_ = [("status", c_int), ("os_code", c_int), ("message", c_char * 1000)]


class CBytes(Structure):
    _fields_ = [("data", c_void_p), ("size", c_int64)]


class CText(Structure):
    _fields_ = [
        ("data", c_void_p), ("size", c_int64), ("capacity", c_int64), ("pool", c_void_p),
    ]


class CSpan(Structure):
    _fields_ = [
        ("type", c_void_p), ("id", c_int), ("length", c_int64), ("offset", c_int64),
        ("buffers", c_void_p * 3), ("sizes", c_int64 * 3), ("array", c_void_p),
    ]


class ArrowSchema(Structure):
    pass


ArrowSchema._fields_ = [
    ("format", c_char_p), ("name", c_char_p), ("metadata", c_void_p), ("flags", c_int64),
    ("n_children", c_int64), ("children", POINTER(POINTER(ArrowSchema))),
    ("dictionary", POINTER(ArrowSchema)), ("release", c_void_p), ("private_data", c_void_p),
]


class ArrowArray(Structure):
    pass


ArrowArray._fields_ = [
    ("length", c_int64), ("null_count", c_int64), ("offset", c_int64), ("n_buffers", c_int64),
    ("n_children", c_int64), ("buffers", POINTER(c_void_p)),
    ("children", POINTER(POINTER(ArrowArray))), ("dictionary", POINTER(ArrowArray)),
    ("release", c_void_p), ("private_data", c_void_p),
]


class ArrowArrayStream(Structure):
    _fields_ = [
        ("get_schema", c_void_p), ("get_next", c_void_p), ("get_last_error", c_void_p),
        ("release", c_void_p), ("private_data", c_void_p),
    ]


class Error(Exception):
    """A call that failed: its status ("EINVAL") and its message."""

    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


library = ctypes.CDLL(os.environ["ELEA_LIBRARY"])

# Results that are not a status (an int), for `get`.
_RESULTS = {
    "elea_version": c_char_p,
    "elea_status_name": c_char_p,
    "elea_type_id_name": c_char_p,
    "elea_type_time_zone": c_char_p,
    "elea_field_name": c_char_p,
    "elea_field_nullable": c_bool,
    "elea_type_equal": c_bool,
    "elea_field_equal": c_bool,
    "elea_schema_equal": c_bool,
    "elea_array_equal": c_bool,
    "elea_record_batch_equal": c_bool,
    "elea_metadata_key": CBytes,
    "elea_metadata_value": CBytes,
    "elea_span_get_bytes": CBytes,
    "elea_span_get_double": c_double,
    "elea_scalar_is_valid": c_bool,
    "elea_scalar_equal": c_bool,
    "elea_scalar_get_double": c_double,
    "elea_scalar_get_bytes": CBytes,
    "elea_scalar_get_int": c_int64,
    "elea_scalar_array": c_void_p,
    "elea_ipc_decoder_ended": c_bool,
    "elea_ipc_decoder_next_size": c_int64,
}
for _name in (
    "elea_copied_bytes elea_metadata_count elea_type_child_count elea_schema_field_count "
    "elea_schema_find elea_array_length elea_array_offset elea_array_null_count "
    "elea_array_buffer_count elea_array_child_count elea_buffer_size elea_span_get_int "
    "elea_chunked_array_length elea_chunked_array_chunk_count elea_record_batch_length "
    "elea_record_batch_column_count elea_table_length elea_table_column_count"
).split():
    _RESULTS[_name] = c_int64
for _name in (
    "elea_type_of elea_type_ref elea_type_child elea_field_ref elea_field_type elea_field_metadata "
    "elea_schema_field elea_schema_metadata elea_array_ref elea_array_type elea_array_buffer "
    "elea_array_child elea_array_dictionary elea_buffer_data elea_chunked_array_chunk "
    "elea_chunked_array_type elea_record_batch_schema elea_record_batch_column elea_table_schema "
    "elea_table_column elea_record_stream_schema"
).split():
    _RESULTS[_name] = c_void_p


def _plain(value):
    """A Python value as ctypes passes it without a prototype: pointers and integers in full."""
    if isinstance(value, Owner):
        return c_void_p(value.handle)
    if isinstance(value, bool):
        return c_bool(value)
    if isinstance(value, int):
        return c_int64(value)
    return value


def get(name, *arguments):
    """Calls a function that cannot fail."""
    function = library[name]
    function.restype = _RESULTS.get(name, c_int)
    return function(*map(_plain, arguments))


def call(name, *arguments):
    """Calls a function that returns a status; raises Error."""
    error = CError()
    status = get(name, *arguments, byref(error))
    if status != 0:
        raise Error(get("elea_status_name", status).decode(),
                    error.message.decode("utf-8", "replace"))


def copied_bytes():
    return get("elea_copied_bytes")


def format_text(name, *arguments):
    """What a function writes that takes an elea_text before its error."""
    text = CText()
    library.elea_text_init(byref(text), c_void_p())
    try:
        call(name, *arguments, byref(text))
        return ctypes.string_at(text.data, text.size).decode() if text.size else ""
    finally:
        library.elea_text_release(byref(text))


def _bytes(value):
    return ctypes.string_at(value.data, value.size) if value.size else b""


def metadata(handle):
    """The pairs of an elea_metadata, as a list of tuples of bytes."""
    count = get("elea_metadata_count", c_void_p(handle))
    return [
        (_bytes(get("elea_metadata_key", c_void_p(handle), i)),
         _bytes(get("elea_metadata_value", c_void_p(handle), i)))
        for i in range(count)
    ]


class Owner:
    """An object of the library and one reference to it."""

    unref = None  # the name of the function that drops it

    def __init__(self, handle):
        self.handle = handle

    @classmethod
    def make(cls, name, *arguments):
        """What a function gives through its `out`, the last parameter before the error."""
        out = c_void_p()
        call(name, *arguments, byref(out))
        return cls(out.value)

    def close(self):
        if self.handle is not None:
            get(self.unref, c_void_p(self.handle))
            self.handle = None

    def __del__(self):
        self.close()


# ---- capsules: how Python passes the structs ----

_STRUCTS = {
    b"arrow_schema": ArrowSchema,
    b"arrow_array": ArrowArray,
    b"arrow_array_stream": ArrowArrayStream,
}
_DESTRUCTOR = ctypes.PYFUNCTYPE(None, c_void_p)
_capsule_pointer = ctypes.PYFUNCTYPE(c_void_p, ctypes.py_object, c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi))
_raw_capsule_pointer = ctypes.PYFUNCTYPE(c_void_p, c_void_p, c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi))
_capsule_name = ctypes.PYFUNCTYPE(c_char_p, c_void_p)(("PyCapsule_GetName", ctypes.pythonapi))
_capsule_new = ctypes.PYFUNCTYPE(ctypes.py_object, c_void_p, c_char_p, _DESTRUCTOR)(
    ("PyCapsule_New", ctypes.pythonapi))
_alive = {}  # address of a struct in a capsule -> the struct


def release(struct):
    """Releases a struct of the C interfaces that is not released yet."""
    if struct.release:
        ctypes.CFUNCTYPE(None, c_void_p)(struct.release)(ctypes.addressof(struct))


@_DESTRUCTOR
def _capsule_free(capsule):
    address = _raw_capsule_pointer(capsule, _capsule_name(capsule))
    release(_alive.pop(address))


def capsule_of(struct):
    """A capsule that owns a struct, as the Arrow PyCapsule interface wants it."""
    name = next(name for name, kind in _STRUCTS.items() if isinstance(struct, kind))
    address = ctypes.addressof(struct)
    _alive[address] = struct
    return _capsule_new(address, name, _capsule_free)


def struct_of(capsule, kind):
    """The struct in a capsule of somebody else, borrowed."""
    name = next(name for name, struct in _STRUCTS.items() if struct is kind)
    return kind.from_address(_capsule_pointer(capsule, name))


# ---- objects ----


class Field(Owner):
    unref = "elea_field_unref"

    @classmethod
    def from_arrow(cls, source):
        """From whatever has __arrow_c_schema__: a type, a field, a schema."""
        capsule = source.__arrow_c_schema__()
        return cls.make("elea_field_import", byref(struct_of(capsule, ArrowSchema)), None)

    @property
    def name(self):
        return get("elea_field_name", self).decode()

    @property
    def nullable(self):
        return get("elea_field_nullable", self)

    @property
    def metadata(self):
        return metadata(get("elea_field_metadata", self))

    @property
    def type(self):
        """Borrowed: a c_void_p that lives as long as the field."""
        return c_void_p(get("elea_field_type", self))

    def __arrow_c_schema__(self):
        out = ArrowSchema()
        call("elea_field_export", self, None, byref(out))
        return capsule_of(out)


class Schema(Owner):
    unref = "elea_schema_unref"

    @classmethod
    def from_arrow(cls, source):
        capsule = source.__arrow_c_schema__()
        return cls.make("elea_schema_import", byref(struct_of(capsule, ArrowSchema)), None)

    @property
    def metadata(self):
        return metadata(get("elea_schema_metadata", self))

    def __len__(self):
        return get("elea_schema_field_count", self)

    def __arrow_c_schema__(self):
        out = ArrowSchema()
        call("elea_schema_export", self, None, byref(out))
        return capsule_of(out)


class Array(Owner):
    unref = "elea_array_unref"

    @classmethod
    def from_arrow(cls, source):
        """From whatever has __arrow_c_array__."""
        schema, array = source.__arrow_c_array__()
        field = Field.make("elea_field_import", byref(struct_of(schema, ArrowSchema)), None)
        return cls.make("elea_array_import", byref(struct_of(array, ArrowArray)), field.type, None)

    @classmethod
    def borrowed(cls, handle):
        """One more reference to an array that belongs to another object."""
        return cls(get("elea_array_ref", c_void_p(handle)))

    @property
    def type(self):
        return c_void_p(get("elea_array_type", self))

    @property
    def offset(self):
        return get("elea_array_offset", self)

    @property
    def null_count(self):
        return get("elea_array_null_count", self)

    @property
    def addresses(self):
        """Where the buffers lie, None for those that are missing."""
        count = get("elea_array_buffer_count", self)
        buffers = [get("elea_array_buffer", self, i) for i in range(count)]
        return [get("elea_buffer_data", c_void_p(buffer)) for buffer in buffers]

    @property
    def children(self):
        count = get("elea_array_child_count", self)
        return [Array.borrowed(get("elea_array_child", self, i)) for i in range(count)]

    @property
    def dictionary(self):
        handle = get("elea_array_dictionary", self)
        return None if handle is None else Array.borrowed(handle)

    def slice(self, offset, length):
        return Array.make("elea_array_slice", self, offset, length)

    def validate(self, how=FULL):
        call("elea_array_validate", self, c_int(how))

    def equals(self, other):
        return get("elea_array_equal", self, other, None)

    def span(self):
        """The view; it is valid while this object lives."""
        span = CSpan()
        get("elea_span_of", self, byref(span))
        return span

    def __len__(self):
        return get("elea_array_length", self)

    def __arrow_c_schema__(self):
        out = ArrowSchema()
        call("elea_type_export", self.type, None, byref(out))
        return capsule_of(out)

    def __arrow_c_array__(self, requested_schema=None):
        schema = self.__arrow_c_schema__()
        out = ArrowArray()
        call("elea_array_export", self, None, byref(out))
        return schema, capsule_of(out)


class ChunkedArray(Owner):
    unref = "elea_chunked_array_unref"

    @classmethod
    def from_arrow(cls, source):
        """From whatever has __arrow_c_stream__ of arrays."""
        capsule = source.__arrow_c_stream__()
        stream = struct_of(capsule, ArrowArrayStream)
        return cls.make("elea_chunked_array_import", byref(stream), None)

    @property
    def chunks(self):
        count = get("elea_chunked_array_chunk_count", self)
        return [Array.borrowed(get("elea_chunked_array_chunk", self, i)) for i in range(count)]

    def validate(self, how=FULL):
        call("elea_chunked_array_validate", self, c_int(how))

    def __len__(self):
        return get("elea_chunked_array_length", self)

    def __arrow_c_stream__(self, requested_schema=None):
        out = ArrowArrayStream()
        call("elea_chunked_array_export", self, None, byref(out))
        return capsule_of(out)


class RecordBatch(Owner):
    unref = "elea_record_batch_unref"

    @classmethod
    def from_arrow(cls, source):
        schema, array = source.__arrow_c_array__()
        imported = Schema.make("elea_schema_import", byref(struct_of(schema, ArrowSchema)), None)
        struct = struct_of(array, ArrowArray)  # which lives as long as its capsule
        return cls.make("elea_record_batch_import", byref(struct), imported, None)

    @property
    def columns(self):
        count = get("elea_record_batch_column_count", self)
        return [Array.borrowed(get("elea_record_batch_column", self, i)) for i in range(count)]

    def validate(self, how=FULL):
        call("elea_record_batch_validate", self, c_int(how))

    def __len__(self):
        return get("elea_record_batch_length", self)

    def __arrow_c_array__(self, requested_schema=None):
        schema, out = ArrowSchema(), ArrowArray()
        handle = c_void_p(get("elea_record_batch_schema", self))
        call("elea_schema_export", handle, None, byref(schema))
        owner = capsule_of(schema)
        call("elea_record_batch_export", self, None, byref(out))
        return owner, capsule_of(out)


class Table(Owner):
    unref = "elea_table_unref"

    @classmethod
    def from_arrow(cls, source):
        """From whatever has __arrow_c_stream__ of record batches."""
        capsule = source.__arrow_c_stream__()
        stream = struct_of(capsule, ArrowArrayStream)
        return cls.make("elea_table_import", byref(stream), None)

    @property
    def columns(self):
        """The chunks of each column, as a list of lists of arrays."""
        result = []
        for i in range(get("elea_table_column_count", self)):
            column = c_void_p(get("elea_table_column", self, i))
            count = get("elea_chunked_array_chunk_count", column)
            result.append([
                Array.borrowed(get("elea_chunked_array_chunk", column, k)) for k in range(count)
            ])
        return result

    def validate(self, how=FULL):
        call("elea_table_validate", self, c_int(how))

    def __len__(self):
        return get("elea_table_length", self)

    def __arrow_c_stream__(self, requested_schema=None):
        out = ArrowArrayStream()
        call("elea_table_export", self, None, byref(out))
        return capsule_of(out)
