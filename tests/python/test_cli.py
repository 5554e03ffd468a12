# SPDX-License-Identifier: Apache-2.0
"""The program `elea` as a person or another program uses it, with the real model."""

import datetime
import json
import os
import pathlib
import subprocess

import numpy as np
import pyarrow as pa
import pytest

PROGRAM = os.environ["ELEA_PROGRAM"]
LINES = [
    "The meeting about prices was moved to Thursday.",
    "Marta wants regional prices; Jon is against it.",
    "The cat slept all day on the warm windowsill.",
    "Rust on the gate: paint it before winter.",
    "We keep one price for all regions until the summer review.",
    "La réunion de mardi est annulée.",
    "猫は一日中眠っていた。",
]


def model_folder():
    models = os.environ.get("ELEA_MODELS")
    if not models:
        cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
        models = pathlib.Path(cache) / "elea" / "models"
    return pathlib.Path(models) / "all-MiniLM-L6-v2"


needs_model = pytest.mark.skipif(
    not (model_folder() / "model.safetensors").exists(), reason="tools/get-model was not run"
)


def elea(*words, code=0, text=None):
    done = subprocess.run(
        [PROGRAM, *map(str, words)], input=text, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == code, (words, done.stdout, done.stderr)
    if code != 0:
        assert done.stdout == ""
        assert done.stderr.startswith("elea: ") and done.stderr.count("\n") == 1
    return done.stderr if code else done.stdout


# ---- help and usage -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    ["remember", "recall", "schema", "head", "cat", "convert", "inspect", "integration", "version"],
)
def test_help(command):
    text = elea(command, "--help")
    assert f"usage: elea {command}" in text
    assert command in elea("--help")
    assert elea("help", command) == text


def test_usage_errors():
    assert "no command" in elea("frobnicate", code=2)
    assert "--colour" in elea("version", "--colour", code=2)
    assert "takes one file" in elea("schema", code=2)
    assert "--store DIR is missing" in elea("recall", "x", code=2)
    assert "needs a value" in elea("recall", "--store", code=2)
    assert "not \"many\"" in elea("head", "-n", "many", "x", code=2)
    assert "-k takes" in elea("recall", "--store", "x", "-k", "0", "y", code=2)
    done = subprocess.run([PROGRAM], capture_output=True, text=True)
    assert done.returncode == 2 and "usage: elea COMMAND" in done.stderr


def test_version():
    document = json.loads(elea("version", "--json"))
    assert document["version"] in elea("version")
    assert document["cpu"] in ("scalar", "avx2", "avx512", "neon")
    assert document["processors"] >= 1


# ---- files ----------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path):
    schema = pa.schema(
        [
            pa.field("id", pa.int64(), nullable=False),
            pa.field("name", pa.utf8(), metadata={"unit": "none"}),
            pa.field("tags", pa.list_(pa.utf8())),
            pa.field("at", pa.timestamp("us", "UTC")),
        ],
        metadata={"origin": "a test"},
    )
    moment = datetime.datetime(2026, 3, 2, 10, 30, 0, 250, datetime.timezone.utc)
    path = tmp_path / "file.arrow"
    with pa.ipc.new_file(path, schema) as writer:
        for first in (0, 7, 14):
            rows = [
                {
                    "id": i,
                    "name": None if i == 3 else f'n"{i}\u00e9',
                    "tags": ["x"] * (i % 3),
                    "at": moment,
                }
                for i in range(first, first + 7)
            ]
            writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=schema))
    return path


def test_schema(file):
    text = elea("schema", file)
    assert "id: int64 not null" in text and "origin" in text
    document = json.loads(elea("schema", "--json", file))
    assert [field["name"] for field in document["fields"]] == ["id", "name", "tags", "at"]
    assert document["fields"][3]["type"] == {
        "name": "timestamp", "unit": "MICROSECOND", "timezone": "UTC"}
    assert document["fields"][0]["nullable"] is False
    assert document["fields"][1]["metadata"] == [{"key": "unit", "value": "none"}]
    assert document["metadata"] == [{"key": "origin", "value": "a test"}]
    yaml = elea("schema", "--yaml", file)
    assert "  type: timestamp[us, UTC]\n" in yaml and yaml.endswith("metadata:\n  origin: a test\n")
    assert "both" in elea("schema", "--json", "--yaml", file, code=2)


def test_head(file):
    rows = json.loads(elea("head", "--json", "-n", "9", file))
    assert [row["id"] for row in rows] == list(range(9))
    assert rows[3]["name"] is None and rows[4]["name"] == 'n"4é'
    assert rows[8]["tags"] == ["x", "x"]
    assert rows[0]["at"].startswith("2026-03-02T10:30:00.00025")
    assert len(json.loads(elea("head", "--json", file))) == 10
    assert json.loads(elea("head", "--json", "-n", "0", file)) == []
    assert len(json.loads(elea("head", "--json", "-n", "1000", file))) == 21
    text = elea("head", "-n", "2", file)
    assert "name" in text and "n\"0" in text and "n\"2" not in text


def test_damaged_files(file, tmp_path):
    assert "no-such-file" in elea("schema", tmp_path / "no-such-file", code=1)
    data = file.read_bytes()
    damaged = tmp_path / "damaged.arrow"
    for size in (0, 5, 100, len(data) // 2, len(data) - 1):
        damaged.write_bytes(data[:size])
        assert "damaged.arrow" in elea("head", damaged, code=1)
        assert "damaged.arrow" in elea("schema", damaged, code=1)
    damaged.write_bytes(b"x" * 1000)
    assert "damaged.arrow" in elea("schema", "--json", damaged, code=1)
    # The values of a string column in batch 0 are no longer UTF-8.
    at = data.index('n"0'.encode())
    damaged.write_bytes(data[: at + 1] + b"\xff" + data[at + 2 :])
    message = elea("head", damaged, code=1)
    assert message.startswith(f'elea: cannot read "{damaged}": record batch 0: column "name"')
    cut = tmp_path / "cut.arrows"
    cut.write_bytes(data[8 : len(data) // 2])
    assert elea("head", "-n", "100", cut, code=1).count("cannot read") == 1


def test_closed_output(file):
    done = subprocess.run(
        [PROGRAM, "head", str(file)], stdout=open("/dev/full", "w"), stderr=subprocess.PIPE
    )
    assert done.returncode == 1
    assert done.stderr == b"elea: cannot write the output: No space left on device\n"


# ---- remember and recall --------------------------------------------------------------------


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("memory")
    (folder / "notes.txt").write_text("\n".join(LINES) + "\n\n  \n", encoding="utf-8")
    text = elea("remember", "--store", folder / "mind", folder / "notes.txt")
    assert f"{len(LINES)} memories" in text
    return folder / "mind"


@needs_model
def test_recall_json(store):
    query = "what did we decide about pricing?"
    document = json.loads(elea("recall", "--store", store, query, "-k", "3", "--json"))
    assert set(document) == {"query", "results", "figures"}
    assert document["query"] == query
    assert len(document["results"]) == 3
    assert set(document["figures"]) == {"rows", "encode_us", "scan_us", "copied_bytes"}
    assert document["figures"]["rows"] == len(LINES)
    assert document["figures"]["copied_bytes"] == 0
    assert document["figures"]["encode_us"] > 0
    for result in document["results"]:
        assert set(result) == {"memory_id", "similarity", "timestamp", "text"}
        assert result["text"] in LINES
        when = datetime.datetime.fromisoformat(result["timestamp"].replace("Z", "+00:00"))
        age = datetime.datetime.now(datetime.timezone.utc) - when
        assert abs(age.total_seconds()) < 3600
    similarities = [result["similarity"] for result in document["results"]]
    assert similarities == sorted(similarities, reverse=True)
    assert document["results"][0]["text"] in (LINES[0], LINES[1], LINES[4])


@needs_model
def test_recall_lines(store):
    text = elea("recall", "--store", store, "a sleeping animal", "-k", "2")
    lines = text.splitlines()
    assert len(lines) == 3 and "\033" not in text
    assert LINES[2] in lines[0] or LINES[6] in lines[0]
    assert "rows scanned in" in lines[2] and "0 bytes copied" in lines[2]
    everything = elea("recall", "--store", store, "-k", "100", "x")
    assert len(everything.splitlines()) == len(LINES) + 1


@needs_model
def test_other_tools_read_the_store(store):
    (segment,) = store.glob("experiences/*.arrow")
    table = pa.ipc.open_file(pa.memory_map(str(segment))).read_all()
    table.validate(full=True)
    assert table["text"].to_pylist() == LINES
    vectors = np.stack(table["embedding"].to_numpy())
    assert vectors.dtype == np.float16 and vectors.shape == (len(LINES), 384)
    assert np.allclose(np.linalg.norm(vectors.astype(np.float64), axis=1), 1, atol=1e-3)
    found = json.loads(elea("recall", "--store", store, LINES[3], "--json"))["results"]
    query = vectors[3].astype(np.float64)
    expected = np.sort(vectors.astype(np.float64) @ query)[::-1][:5]
    assert found[0]["text"] == LINES[3]
    assert np.allclose([row["similarity"] for row in found], expected, atol=2e-3)


@needs_model
def test_paragraphs_categories_stdin(tmp_path):
    mind = tmp_path / "mind"
    text = "first line\nsecond line\n\n\r\n  third\r\n"
    elea("remember", "--store", mind, "--split", "--category", "notes", "-", text=text)
    assert "2 memories" in elea("remember", "--store", mind, "-", text="one\ntwo")
    results = json.loads(
        elea("recall", "--store", mind, "--category", "notes", "line", "--json")
    )["results"]
    assert [row["text"] for row in results] == ["first line\nsecond line", "third"]
    rows = json.loads(elea("recall", "--store", mind, "line", "-k", "9", "--json"))["results"]
    assert len(rows) == 4
    document = json.loads(elea("remember", "--store", mind, "--json", "-", text=""))
    assert document["added"] == 0 and document["rows"] == 4


@needs_model
def test_wrong_input(tmp_path, store):
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"good\n\nalso good\nbad \xff here\n")
    message = elea("remember", "--store", tmp_path / "mind", bad, code=1)
    assert "bad.txt" in message and "line 4" in message and "0xff" in message
    assert "no store" in elea("recall", "--store", tmp_path / "none", "x", code=1)
    assert "none.txt" in elea("remember", "--store", tmp_path / "m", "none.txt", code=1)
    words = ["remember", "--store", tmp_path / "m", "--category", "..", "-"]
    assert "dot" in elea(*words, code=1, text="x")
    assert "empty-model" in elea(
        "recall", "--store", store, "--model", tmp_path / "empty-model", "x", code=1
    )


@needs_model
def test_damaged_store(tmp_path):
    mind = tmp_path / "mind"
    elea("remember", "--store", mind, "-", text="one")
    elea("remember", "--store", mind, "-", text="two")
    (mind / "experiences" / "00000001.arrow").unlink()
    assert "00000001.arrow" in elea("recall", "--store", mind, "x", code=1)
    left = json.loads(elea("recall", "--store", mind, "x", "--skip-damaged", "--json"))
    assert [row["text"] for row in left["results"]] == ["two"]
    (mind / "MANIFEST").write_text("{")
    assert "MANIFEST" in elea("recall", "--store", mind, "x", code=1)
