# SPDX-License-Identifier: Apache-2.0
"""The JSON of Arrow's integration tests: the golden files, and pyarrow as the judge of the rest."""

import datetime
import decimal
import gzip
import json
import os
import pathlib
import subprocess

import numpy as np
import pyarrow as pa
import pytest

PROGRAM = os.environ["ELEA_PROGRAM"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("ELEA_SHARED", ROOT.parent / "shared"))
GOLDEN = SHARED / "data" / "arrow-testing" / "data" / "arrow-ipc-stream" / "integration"
CASES = sorted(GOLDEN.glob("*/*.json.gz"))


def integration(json_file, arrow_file, mode="validate", code=0):
    done = subprocess.run(
        [PROGRAM, "integration", "--json", json_file, "--arrow", arrow_file, "--mode", mode],
        capture_output=True, text=True, timeout=300,
    )
    assert done.returncode == code, (json_file, arrow_file, mode, done.stderr)
    assert done.stdout == ""
    assert done.stderr == "" if code == 0 else done.stderr.count("\n") == 1
    return done.stderr


def read_arrow(path):
    """The batches of a file; those of Arrow's own tests leave the ranges of dates and decimals."""
    with pa.OSFile(str(path)) as source, pa.ipc.open_file(source) as reader:
        batches = [reader.get_batch(i) for i in range(reader.num_record_batches)]
        for batch in batches:
            batch.validate()
        return reader.schema, batches


def same(found, expected):
    """Equal schemas (metadata, too) and equal batches, however dictionaries are ordered."""
    assert found[0].equals(expected[0], check_metadata=True)
    assert len(found[1]) == len(expected[1])
    for one, other in zip(found[1], expected[1]):
        assert one.num_rows == other.num_rows
        assert one.equals(other)


# ---- golden files


def test_golden_files_are_there():
    if not CASES:
        pytest.skip(f"no golden files in {GOLDEN}: set ELEA_SHARED")
    assert len(CASES) >= 37


def case_name(path):
    return f"{path.parent.name}/{path.name.removesuffix('.json.gz')}"


def with_suffix(path, suffix):
    return path.with_name(path.name.removesuffix(".json.gz") + suffix)


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_golden_validate(case):
    integration(case, with_suffix(case, ".arrow_file"))
    integration(case, with_suffix(case, ".stream"))


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_golden_json_to_arrow(case, tmp_path):
    """What is made of the JSON is for pyarrow what the golden Arrow file is."""
    arrow = tmp_path / "made.arrow"
    integration(case, arrow, "json-to-arrow")
    integration(case, arrow)
    same(read_arrow(arrow), read_arrow(with_suffix(case, ".arrow_file")))


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_golden_arrow_to_json(case, tmp_path):
    golden = with_suffix(case, ".arrow_file")
    for name in ("made.json", "made.json.gz"):
        made = tmp_path / name
        integration(made, golden, "arrow-to-json")
        integration(made, golden)
    with gzip.open(tmp_path / "made.json.gz") as packed:
        found = json.load(packed)
    assert found == json.loads((tmp_path / "made.json").read_text())
    with gzip.open(case) as packed:
        expected = json.load(packed)
    compare_documents(found, expected)


def compare_documents(found, expected):
    """The columns as the generator of the golden files wrote them, but for what lies under nulls.

    Dictionaries may be numbered anew and longer than in the batches; the offsets of bytes count
    what lies under nulls.
    """
    assert len(found["batches"]) == len(expected["batches"])
    for batch, golden in zip(found["batches"], expected["batches"]):
        assert batch["count"] == golden["count"]
        for column, other in zip(batch["columns"], golden["columns"]):
            compare_columns(column, other)


def compare_columns(column, other):
    assert column["count"] == other["count"]
    assert column.get("TYPE_ID") == other.get("TYPE_ID")
    # Unions had a validity once.
    assert "VALIDITY" not in column or column["VALIDITY"] == other["VALIDITY"]
    assert ("DATA" in column) == ("DATA" in other)
    valid = column.get("VALIDITY", [])
    for i, (value, expected) in enumerate(zip(column.get("DATA", []), other.get("DATA", []))):
        if valid[i]:
            is_float = isinstance(expected, float) or isinstance(value, float)
            assert value == (pytest.approx(expected, rel=1e-6) if is_float else expected), i
    for child, golden in zip(column.get("children", []), other.get("children", [])):
        compare_columns(child, golden)


# ---- types that the golden files lack, with pyarrow


def nested():
    words = pa.array(["zero", None, "a text of more than twelve bytes", ""] * 5)
    return {
        "float16": pa.array(np.array([0, -0.0, 1.5, 65504, 6e-8], dtype=np.float16)),
        "decimal32": pa.array([decimal.Decimal("1.25"), None, decimal.Decimal("-99999.99")],
                              pa.decimal32(7, 2)),
        "decimal64": pa.array([decimal.Decimal("-1"), decimal.Decimal(10**17)],
                              pa.decimal64(18, 0)),
        "decimal256": pa.array([decimal.Decimal(10**75), None, decimal.Decimal(-(10**75))],
                               pa.decimal256(76, 0)),
        "months": pa.array([pa.MonthDayNano([1, -2, 2**62]), None], pa.month_day_nano_interval()),
        "duration": pa.array([datetime.timedelta(days=1), None], pa.duration("ns")),
        "time64": pa.array([86399999999999, None, 0], pa.time64("ns")),
        "utf8_view": words.cast(pa.string_view()),
        "binary_view": words.cast(pa.binary()).cast(pa.binary_view()),
        "large_utf8": words.cast(pa.large_string()),
        "list_view": pa.array([[1, 2], None, [], [3]], pa.list_view(pa.int16())),
        "large_list_view": pa.array([["a"], None, []], pa.large_list_view(pa.string())),
        "fixed_size_list": pa.array([[1, None], None, [3, 4]], pa.list_(pa.uint64(), 2)),
        "runs": pa.RunEndEncodedArray.from_arrays(
            pa.array([2, 3, 9], pa.int16()), pa.array(["x", None, "y"])),
        "map": pa.array([[("a", 1), ("b", None)], None, []], pa.map_(pa.string(), pa.int8(), True)),
        "dictionary": pa.array(["b", "a", None, "b"]).dictionary_encode(),
        "ordered": pa.DictionaryArray.from_arrays(
            pa.array([1, None, 0], pa.uint64()), pa.array(["low", "high"]), ordered=True),
        "list_of_dictionary": pa.ListArray.from_arrays(
            [0, 2, 3], pa.array(["x", "y", "x"]).dictionary_encode()),
        "dense": pa.UnionArray.from_dense(
            pa.array([1, 0, 1], pa.int8()), pa.array([0, 0, 1], pa.int32()),
            [pa.array([7]), pa.array(["p", None])]),
        "sparse": pa.UnionArray.from_sparse(
            pa.array([1, 0], pa.int8()), [pa.array([7, 8]), pa.array([0.5, None])]),
        "null": pa.nulls(3),
        "uint64": pa.array([2**64 - 1, 0, None], pa.uint64()),
        "float64": pa.array([float("inf"), float("-inf"), 5e-324, -0.0, None]),
        "zoned": pa.array([2**62, None, -1], pa.timestamp("us", "Europe/Rome")),
        "struct": pa.array([{"a": 1, "b": [None, 2]}, None, {"a": None, "b": None}],
                           pa.struct([("a", pa.int8()), ("b", pa.list_(pa.int32()))])),
    }


def write_file(path, batch):
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)


@pytest.mark.parametrize("name", nested())
@pytest.mark.parametrize("window", [slice(None), slice(1, 2), slice(0, 0)], ids=str)
def test_pyarrow_there_and_back(name, window, tmp_path):
    array = nested()[name][window]
    field = pa.field(name, array.type, metadata={"k": "v"})
    batch = pa.record_batch([array], schema=pa.schema([field], metadata={"of": "schema"}))
    source, made, back = tmp_path / "a.arrow", tmp_path / "a.json", tmp_path / "b.arrow"
    write_file(source, batch)
    integration(made, source, "arrow-to-json")
    integration(made, source)
    integration(made, back, "json-to-arrow")
    same(read_arrow(back), read_arrow(source))


# ---- messages


def document(**changes):
    column = {"name": "x", "count": 2, "VALIDITY": [1, 1], "DATA": [1, 2]}
    field = {"name": "x", "type": {"name": "int", "bitWidth": 8, "isSigned": True},
             "nullable": True, "children": []}
    field.update(changes.pop("field", {}))
    column.update(changes)
    return {"schema": {"fields": [field]},
            "batches": [{"count": column["count"], "columns": [column]}]}


@pytest.mark.parametrize("changes, message", [
    ({"DATA": [1, 3]}, 'record batch 0: column 0, "x": [1]: 3 != 2'),
    ({"VALIDITY": [0, 1]}, 'column 0, "x": [0]: null != 1'),
    ({"count": 1, "VALIDITY": [1], "DATA": [1]}, "record batch 0: 1 rows in the JSON and 2 in"),
    ({"field": {"nullable": False}}, 'schema: field 0, "x": x: int8 not null != x: int8'),
    ({"field": {"metadata": [{"key": "k", "value": "v"}]}}, 'field 0, "x": the metadata differ'),
])
def test_says_where_they_differ(changes, message, tmp_path):
    json_file, arrow_file = tmp_path / "x.json", tmp_path / "x.arrow"
    json_file.write_text(json.dumps(document()))
    integration(json_file, arrow_file, "json-to-arrow")
    integration(json_file, arrow_file)
    json_file.write_text(json.dumps(document(**changes)))
    found = integration(json_file, arrow_file, code=1)
    assert message in found and "x.arrow differ" in found


def test_batches_and_fields_are_counted(tmp_path):
    json_file, arrow_file = tmp_path / "x.json", tmp_path / "x.arrow"
    json_file.write_text(json.dumps(document()))
    integration(json_file, arrow_file, "json-to-arrow")
    whole = document()
    whole["batches"] *= 2
    json_file.write_text(json.dumps(whole))
    assert "2 record batches in the JSON and 1" in integration(json_file, arrow_file, code=1)
    json_file.write_text(json.dumps({"schema": {"fields": []}, "batches": []}))
    assert "0 fields in the JSON and 1" in integration(json_file, arrow_file, code=1)
    json_file.write_text('{"schema": ')
    assert "x.json" in integration(json_file, arrow_file, code=1)
    assert "none.arrow" in integration(json_file, tmp_path / "none.arrow", "arrow-to-json", code=1)


@pytest.mark.parametrize("words", [
    [], ["--json", "a"], ["--json", "a", "--arrow", "b", "--mode", "guess"],
    ["--json", "a", "--arrow", "b", "c"],
])
def test_wrong_usage(words):
    done = subprocess.run([PROGRAM, "integration", *words], capture_output=True, text=True)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("elea: integration: ") and done.stderr.count("\n") == 1


# ---- from one format to the other


def convert(mode, *words, data=None, code=0):
    done = subprocess.run(
        [PROGRAM, "integration", "--mode", mode, *words], input=data, capture_output=True,
        timeout=300,
    )
    assert done.returncode == code, (mode, words, done.stderr)
    return done.stdout if code == 0 else done.stderr.decode()


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_golden_formats(case, tmp_path):
    """Each way, compared with the JSON, and by pyarrow with the other golden file."""
    stream, file = with_suffix(case, ".stream"), with_suffix(case, ".arrow_file")
    assert convert("stream-to-file", "--json", case, "--arrow", stream) == b""
    assert convert("file-to-stream", "--json", case, "--arrow", file) == b""
    made = tmp_path / "made.arrow"
    made.write_bytes(convert("stream-to-file", data=stream.read_bytes()))
    integration(case, made)
    made = tmp_path / "made.stream"
    convert("file-to-stream", "--arrow", file, "--output", made)
    integration(case, made)
    json_to_stream = tmp_path / "json.stream"
    integration(case, json_to_stream, mode="json-to-arrow")
    assert json_to_stream.read_bytes()[:4] == b"\xff\xff\xff\xff"
    integration(case, json_to_stream)


def test_formats_that_differ(tmp_path):
    table = pa.table({"a": pa.array([1, 2, 3], pa.int32())})
    arrow, other = tmp_path / "a.arrow", tmp_path / "b.stream"
    for path, data in ((arrow, table), (other, table.slice(1))):
        with pa.ipc.new_file(str(path), table.schema) if path == arrow else pa.ipc.new_stream(
            str(path), table.schema
        ) as writer:
            writer.write_table(data)
    document = tmp_path / "a.json"
    integration(document, arrow, mode="arrow-to-json")
    message = convert("stream-to-file", "--json", document, "--arrow", other, code=1)
    assert "differ" in message and "3 rows in the JSON and 2" in message
    assert "no mode" in convert("sideways", code=2)
