# SPDX-License-Identifier: Apache-2.0
"""Types from pyarrow as text and back: what the text says is the same type to pyarrow."""

import ctypes
import gzip
import json

import pyarrow as pa
import pytest

import elea_ctypes as elea
from test_abi import TYPES
from test_integration import CASES, case_name

NAMES = ["", "a b", "not null", "é😀", "a\"b\\c\n", "x: int8, y", "<", "=5"]
MORE_TYPES = [
    pa.sparse_union([pa.field("a", pa.int8(), nullable=False), pa.field("b c", pa.utf8())], [5, 0]),
    pa.dense_union([pa.field("=", pa.list_(pa.int8())), pa.field("", pa.null())], [127, 1]),
    pa.struct([pa.field(name, pa.timestamp("us", "a]b")) for name in NAMES]),
    pa.map_(pa.utf8(), pa.field("value", pa.int32(), nullable=False)),
    pa.dictionary(pa.int64(), pa.list_(pa.dictionary(pa.int8(), pa.large_utf8(), ordered=True))),
]


def parsed(kind, function, text):
    data = text.encode()
    buffer = ctypes.create_string_buffer(data, len(data))
    return kind.make(function, None, elea.CBytes(ctypes.addressof(buffer), len(data)))


@pytest.mark.parametrize("type_", TYPES + MORE_TYPES, ids=str)
@pytest.mark.parametrize("nullable", [True, False])
def test_fields_return(type_, nullable):
    for name in NAMES:
        source = pa.field(name, type_, nullable=nullable or type_ == pa.null())
        field = elea.Field.from_arrow(source)
        text = elea.format_text("elea_field_format", field)
        assert pa.field(parsed(elea.Field, "elea_field_parse", text)) == source, text


def test_schemas_return():
    metadata = {"k": "v", "é\n": "\"", "": ""}
    fields = [pa.field(f"{i} {name}", type_, metadata=metadata if i % 2 else None)
              for i, (name, type_) in enumerate((n, t) for n in NAMES for t in TYPES)]
    source = pa.schema(fields, metadata=metadata)
    schema = elea.Schema.from_arrow(source)
    lines = elea.format_text("elea_schema_format", schema)
    assert pa.schema(parsed(elea.Schema, "elea_schema_parse", lines)).equals(source, True)
    line = elea.format_text("elea_schema_format_line", schema)
    assert "\n" not in line
    back = pa.schema(parsed(elea.Schema, "elea_schema_parse", line))
    assert back.equals(source) and back.metadata is None


CHILD_METADATA = pa.schema([
    pa.field("a", pa.list_(pa.field("item", pa.utf8(), metadata={"unit": "word", "é": ""}))),
    pa.field("b", pa.struct([pa.field("x", pa.int8(), nullable=False, metadata={"k": "v"})]),
             metadata={"outer": "1"}),
    pa.field("c", pa.map_(pa.field("key", pa.utf8(), nullable=False, metadata={"k": "key"}),
                          pa.field("value", pa.int8(), nullable=False))),
    pa.field("d", pa.dictionary(pa.int8(), pa.list_(pa.field("e", pa.int8(), metadata={"": "x"})))),
])


@pytest.mark.parametrize("form", ["", "_yaml", "_json"])
def test_children_keep_names_and_metadata(form):
    text = elea.format_text(f"elea_schema_format{form}", elea.Schema.from_arrow(CHILD_METADATA))
    back = pa.schema(parsed(elea.Schema, f"elea_schema_parse{form}", text))
    assert back.equals(CHILD_METADATA, check_metadata=True), text


@pytest.mark.parametrize("type_", TYPES + MORE_TYPES, ids=str)
def test_json_returns(type_):
    source = pa.schema([pa.field(name, type_, metadata={"k": name}) for name in NAMES])
    text = elea.format_text("elea_schema_format_json", elea.Schema.from_arrow(source))
    assert len(json.loads(text)["fields"]) == len(NAMES)
    back = pa.schema(parsed(elea.Schema, "elea_schema_parse_json", text))
    assert back.equals(source, check_metadata=True)


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_json_is_that_of_the_golden_files(case):
    """Read and written again, the schema says what it said, but for how dictionaries are numbered
    and metadata that are an empty list."""
    with gzip.open(case) as packed:
        golden = json.load(packed)["schema"]
    schema = parsed(elea.Schema, "elea_schema_parse_json", json.dumps(golden))
    found = json.loads(elea.format_text("elea_schema_format_json", schema))
    normalize(golden)
    normalize(found)
    assert found == golden


def normalize(node):
    if not node.get("metadata"):
        node.pop("metadata", None)
    if "type" in node:
        # Decimals had one width once, and writers give its default or not.
        if node["type"]["name"] == "decimal":
            node["type"].setdefault("bitWidth", 128)
        if "dictionary" in node:
            node["dictionary"]["id"] = 0
    for child in node.get("fields", []) + node.get("children", []):
        normalize(child)


def test_what_the_issue_shows():
    schema = parsed(elea.Schema, "elea_schema_parse", "id: int64 not null, tags: list<utf8>")
    assert pa.schema(schema) == pa.schema(
        [pa.field("id", pa.int64(), nullable=False), ("tags", pa.list_(pa.utf8()))])
    with pytest.raises(elea.Error, match="line 1, column 5: found 'int65', expected a type"):
        parsed(elea.Schema, "elea_schema_parse", "id: int65")
