# SPDX-License-Identifier: Apache-2.0
"""Extension types of pyarrow in Elea's eyes, and those that Elea makes in pyarrow's."""

import ctypes
from ctypes import Structure, byref, c_void_p

import pyarrow as pa
import pytest

import elea_ctypes as elea

TYPES = [
    pa.uuid(), pa.bool8(), pa.json_(), pa.json_(pa.large_utf8()), pa.json_(pa.string_view()),
    pa.opaque(pa.null(), "varray", "Oracle"), pa.opaque(pa.binary(), "a \"b\"\n", "é"),
    pa.fixed_shape_tensor(pa.float32(), [2, 3]), pa.fixed_shape_tensor(pa.int8(), []),
    pa.fixed_shape_tensor(pa.int8(), [4, 0, 2]),
    pa.fixed_shape_tensor(pa.utf8(), [2, 3, 4], dim_names=["x", "", "é"], permutation=[2, 0, 1]),
]


class CExtension(Structure):
    _fields_ = [("name", elea.CBytes), ("metadata", elea.CBytes), ("storage", c_void_p)]


def bytes_of(data):
    buffer = ctypes.create_string_buffer(data, len(data))
    result = elea.CBytes(ctypes.addressof(buffer), len(data))
    result.keep = buffer
    return result


def extension_of(field):
    extension = CExtension()
    assert elea.get("elea_extension_of", field, byref(extension)) & 0xFF == 1
    return extension


def text_of(value):
    return ctypes.string_at(value.data, value.size) if value.size else b""


@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_both_agree(type_):
    source = pa.field("f", type_, nullable=False)
    field = elea.Field.from_arrow(source)
    extension = extension_of(field)
    assert text_of(extension.name).decode() == type_.extension_name
    elea.call("elea_extension_validate", byref(extension), None)
    made = elea.Field.make("elea_field_new_extension", None, bytes_of(b"f"), byref(extension),
                           False, None)
    assert pa.field(made) == source
    assert pa.field(made).type == type_


def storage_of(type_):
    return elea.Field.from_arrow(pa.field("s", type_))


WRONG = [
    ("arrow.uuid", pa.binary(15), b""), ("arrow.bool8", pa.bool_(), b""),
    ("arrow.json", pa.binary(), b""), ("arrow.opaque", pa.null(), b"{}"),
    ("arrow.fixed_shape_tensor", pa.list_(pa.int8(), 6), b'{"shape": [2, 4]}'),
    ("arrow.fixed_shape_tensor", pa.list_(pa.int8()), b'{"shape": [2, 3]}'),
    ("arrow.fixed_shape_tensor", pa.list_(pa.int8(), 6), b'{"shape": [2, 3], "permutation": [0]}'),
    ("arrow.fixed_shape_tensor", pa.list_(pa.int8(), 6), b'{"shape"'),
]


@pytest.mark.parametrize("name, storage, metadata", WRONG, ids=str)
def test_both_refuse(name, storage, metadata):
    field = storage_of(storage)
    texts = bytes_of(name.encode()), bytes_of(metadata)
    extension = CExtension(*texts, field.type)
    with pytest.raises(elea.Error):
        elea.call("elea_extension_validate", byref(extension), None)
    # As fields from outside, at the top and inside.
    pairs = {"ARROW:extension:name": name, "ARROW:extension:metadata": metadata}
    foreign = pa.field("f", storage, metadata=pairs)
    for field in (foreign, pa.field("l", pa.list_(foreign)), pa.schema([foreign])):
        with pytest.raises(elea.Error, match=f"extension type '{name}'") as caught:
            elea.Field.from_arrow(field)
        assert caught.value.status in ("ETYPE", "EINVAL")
    schema = elea.ArrowSchema()
    foreign._export_to_c(ctypes.addressof(schema))
    with pytest.raises(pa.ArrowException):
        pa.Field._import_from_c(ctypes.addressof(schema))


def test_unknown_types_pass_through():
    class Unknown(pa.ExtensionType):
        def __init__(self):
            super().__init__(pa.int32(), "elea.test.unknown")

        def __arrow_ext_serialize__(self):
            return b"\x00\xff any"

        @classmethod
        def __arrow_ext_deserialize__(cls, storage, serialized):
            assert serialized == b"\x00\xff any"
            return cls()

    source = pa.field("f", Unknown())
    field = elea.Field.from_arrow(source)
    pa.register_extension_type(Unknown())
    try:
        assert pa.field(field) == source
    finally:
        pa.unregister_extension_type("elea.test.unknown")
    assert pa.field(field).type == pa.int32()
    assert pa.field(field).metadata[b"ARROW:extension:metadata"] == b"\x00\xff any"
