# SPDX-License-Identifier: Apache-2.0
"""`elea inspect` against what pyarrow says of the same bytes."""

import gzip
import json
import os
import subprocess

import numpy as np
import pyarrow as pa
import pytest

PROGRAM = os.environ["ELEA_PROGRAM"]


def inspect(*words, code=0):
    done = subprocess.run(
        [PROGRAM, "inspect", *map(str, words)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == code, (words, done.stderr)
    assert (done.stderr == "") == (code == 0)
    return done.stdout, done.stderr


def table():
    words = pa.array([f"w{i % 7}" for i in range(5000)]).dictionary_encode()
    numbers = pa.array(np.arange(5000) % 50, pa.int64())
    lists = pa.array([[i] * (i % 3) for i in range(5000)], pa.list_(pa.int16()))
    return pa.table({"word": words, "n": numbers, "l": lists})


def write(path, is_file, compression):
    data = table()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    new = pa.ipc.new_file if is_file else pa.ipc.new_stream
    with new(str(path), data.schema, options=options) as writer:
        for batch in data.to_batches(max_chunksize=2000):
            writer.write_batch(batch, custom_metadata={"rows": str(batch.num_rows)})
    return path


@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
@pytest.mark.parametrize("is_file", [True, False])
def test_messages(tmp_path, is_file, compression):
    path = write(tmp_path / "data", is_file, compression)
    found = json.loads(inspect("--json", "--buffers", path)[0])
    data = path.read_bytes()
    assert found["format"] == ("file" if is_file else "stream") and found["size"] == len(data)
    at = 8 if is_file else 0
    expected = list(pa.ipc.MessageReader.open_stream(pa.py_buffer(data[at:])))
    assert [m["type"] for m in found["messages"]] == [m.type for m in expected]
    for message, other in zip(found["messages"], expected):
        assert message["offset"] == at and message["gap_size"] == 0 and message["version"] == 5
        at += message["metadata_size"] + message["body_size"]
        assert message["body_size"] == (other.body.size if other.body is not None else 0)
        if message["type"] != "schema":
            assert message.get("compression") == compression
    batches = [m for m in found["messages"] if m["type"] == "record batch"]
    assert [m["rows"] for m in batches] == [2000, 2000, 1000]
    assert [m["metadata"] for m in batches] == [
        [{"key": "rows", "value": str(m["rows"])}] for m in batches
    ]
    for message in batches:
        assert sum(b["stored_size"] for b in message["buffers"]) == message["stored_size"]
        assert sum(b["plain_size"] for b in message["buffers"]) == message["plain_size"]
        assert message["stored_size"] + message["padding_size"] == message["body_size"]
        if not compression:
            assert message["stored_size"] == message["plain_size"]
    assert found["rows"] == 5000
    numbers = found["columns"][1]
    assert numbers["name"] == "n" and numbers["plain_size"] == 5000 * 8
    assert (numbers["stored_size"] < numbers["plain_size"]) == (compression is not None)
    assert ("footer" in found) == is_file
    if is_file:
        assert found["footer"]["record_batches"] == 3


def test_text(tmp_path):
    path = write(tmp_path / "data", True, "zstd")
    text, _ = inspect(path)
    assert "Arrow file" in text and "dictionary 0" in text and "zstd" in text
    assert "n: int64" in text and "3 record batches" in text
    assert len(inspect("-b", path)[0].splitlines()) > len(text.splitlines())


def test_damage(tmp_path):
    path = write(tmp_path / "data", True, None)
    data = path.read_bytes()
    for size in (len(data) - 1, len(data) - 500, len(data) // 2, 100, 9, 0):
        path.write_bytes(data[:size])
        text, message = inspect(path, code=1)
        assert "damaged" in text or "no messages" in message
        assert message.startswith("elea: ") and message.count("\n") == 1
        document = json.loads(inspect("--json", path, code=1)[0])
        assert document["damage"] and document["damage"] in message
    # A batch behind a damaged one is found by the footer.
    first = json.loads(inspect("--json", write(path, True, None))[0])["messages"][2]
    at = first["offset"] + 8
    path.write_bytes(data[:at] + b"\xff" * 64 + data[at + 64 :])
    found = json.loads(inspect("--json", path, code=1)[0])
    assert [m["rows"] for m in found["messages"] if m["type"] == "record batch"][-1] == 1000
    assert any("damage" in m for m in found["messages"])


@pytest.mark.parametrize("is_file", [True, False])
def test_what_comes_in_order(tmp_path, is_file):
    path = write(tmp_path / "data", is_file, "zstd")
    expected = json.loads(inspect("--json", path)[0])
    packed = tmp_path / "data.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert json.loads(inspect("--json", packed)[0]) == expected | {"path": str(packed)}
    for source in (path, packed):
        with open(source, "rb") as stdin:
            found = subprocess.run([PROGRAM, "inspect", "--json", "-"], stdin=stdin,
                                   capture_output=True, check=True).stdout
        assert json.loads(found) == expected | {"path": "-"}
    packed.write_bytes(packed.read_bytes()[:-100])
    assert "gzip data are cut" in inspect(packed, code=1)[1]


def test_wrong_files(tmp_path):
    assert "no-such" in inspect(tmp_path / "no-such", code=1)[1]
    inspect(code=2)
