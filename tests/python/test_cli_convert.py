# SPDX-License-Identifier: Apache-2.0
"""`elea cat` and `elea convert`: pyarrow writes, the program copies, pyarrow reads."""

import bz2
import gzip
import json
import os
import subprocess

import numpy as np
import pyarrow as pa
import pytest

PROGRAM = os.environ["ELEA_PROGRAM"]


def elea(*words, code=0, data=None):
    done = subprocess.run(
        [PROGRAM, *map(str, words)], input=data, capture_output=True, timeout=300
    )
    assert done.returncode == code, (words, done.stderr.decode())
    if code != 0:
        assert done.stderr.startswith(b"elea: ") and done.stderr.count(b"\n") == 1
        return done.stderr.decode()
    assert done.stderr == b""
    return done.stdout


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(7)
    count = 2500
    words = pa.array([None if i % 11 == 0 else f"w{i % 17}" for i in range(count)])
    return pa.table(
        {
            "id": pa.array(range(count), pa.int64()),
            "x": pa.array(random.normal(size=count), mask=np.arange(count) % 5 == 0),
            "word": words.dictionary_encode(),
            "tags": pa.array([["a", None, "ccc"][: i % 4] for i in range(count)]),
            "pair": pa.array([{"l": i, "r": str(i)} for i in range(count)]),
        }
    ).replace_schema_metadata({"origin": "a test"})


@pytest.fixture
def file(table, tmp_path):
    path = tmp_path / "in.arrow"
    with pa.ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table, max_chunksize=700)
    return path


def read(path):
    data = path.read_bytes()
    opened = pa.ipc.open_file(data) if data[:6] == b"ARROW1" else pa.ipc.open_stream(data)
    result = opened.read_all()
    result.validate(full=True)
    return result


def same(one, other):
    assert one.schema.equals(other.schema, check_metadata=True)
    assert one.equals(other)


# ---- convert


@pytest.mark.parametrize("name", ["out.arrow", "out.arrows", "out.feather", "out.stream"])
@pytest.mark.parametrize("compression", [None, "lz4", "zstd", "zstd:9", "none"])
def test_convert(file, table, tmp_path, name, compression):
    out = tmp_path / name
    words = ["--compression", compression] if compression else []
    assert elea("convert", *words, file, out) == b""
    same(read(out), table)
    is_file = out.read_bytes()[:6] == b"ARROW1"
    assert is_file == (name in ("out.arrow", "out.feather"))
    again = tmp_path / "again.arrow"
    elea("convert", out, again)
    same(read(again), table)


def test_convert_keeps_batches_and_cuts_them(file, tmp_path):
    out = tmp_path / "out.arrow"
    elea("convert", file, out)
    opened = pa.ipc.open_file(out.read_bytes())
    assert [opened.get_batch(i).num_rows for i in range(4)] == [700, 700, 700, 400]
    elea("convert", "--batch-rows", 300, file, out)
    opened = pa.ipc.open_file(out.read_bytes())
    assert opened.num_record_batches == 11 and opened.get_batch(2).num_rows == 100


def test_convert_columns(file, table, tmp_path):
    out = tmp_path / "out.arrow"
    elea("convert", "--columns", "tags,id", file, out)
    same(read(out), table.select(["tags", "id"]))
    assert "\"nothing\"" in elea("convert", "-c", "nothing", file, out, code=1)


def test_convert_pipes(file, table, tmp_path):
    data = elea("convert", file, "-")
    same(pa.ipc.open_stream(data).read_all(), table)
    data = elea("convert", "-", "-", data=data)
    same(pa.ipc.open_stream(data).read_all(), table)
    data = elea("convert", "--to", "arrow", "-", "-", data=data)
    same(pa.ipc.open_file(data).read_all(), table)
    out = tmp_path / "out.arrow"
    elea("convert", "-", out, data=data)
    same(read(out), table)


def test_convert_dictionaries(tmp_path):
    """A file takes one that grows; one that is replaced by another is for streams."""
    def stream(*parts):
        path = tmp_path / "in.arrows"
        table = pa.Table.from_batches([pa.record_batch(
            [pa.array(part).dictionary_encode()], ["d"]) for part in parts])
        with pa.ipc.new_stream(str(path), table.schema) as writer:
            writer.write_table(table)
        return path, table
    path, table = stream(["a", "b"], ["a", "b", "a"], ["a", "b", "c"])
    for name in ("out.arrow", "out.arrows"):
        elea("convert", path, tmp_path / name)
        assert read(tmp_path / name).to_pylist() == table.to_pylist()
    path, table = stream(["a", "b"], ["x"])
    assert "its dictionary is not that" in elea("convert", path, tmp_path / "no.arrow", code=1)
    elea("convert", path, tmp_path / "out.arrows")
    same(read(tmp_path / "out.arrows"), table)


def test_convert_whole_compressed(file, table, tmp_path):
    for name, unpack in (("out.arrows.gz", gzip.decompress), ("out.arrow.bz2", bz2.decompress)):
        out = tmp_path / name
        elea("convert", file, out)
        plain = tmp_path / "plain.arrow"
        plain.write_bytes(unpack(out.read_bytes()))
        same(read(plain), table)
        again = tmp_path / "again.arrow"
        elea("convert", out, again)
        same(read(again), table)


def test_convert_integration(file, table, tmp_path):
    out = tmp_path / "out.json.gz"
    elea("convert", "--to", "integration", file, out)
    document = json.loads(gzip.decompress(out.read_bytes()))
    assert [batch["count"] for batch in document["batches"]] == [700, 700, 700, 400]
    again = tmp_path / "again.arrow"
    elea("convert", "--from", "integration", out, again)
    same(read(again), table)


def test_convert_wrong_use(file, tmp_path):
    out = tmp_path / "out.arrow"
    out.write_bytes(b"as it was")
    assert "two files" in elea("convert", file, code=2)
    assert "no format \"csw\"" in elea("convert", "--to", "csw", file, out, code=1)
    assert "\"zip\"" in elea("convert", "--compression", "zip", file, out, code=1)
    assert "level" in elea("convert", "--compression", "zstd:", file, out, code=1)
    assert "no-such" in elea("convert", tmp_path / "no-such", out, code=1)
    damaged = tmp_path / "damaged.arrows"
    damaged.write_bytes(elea("convert", file, "-")[:-1000])
    assert "damaged.arrows" in elea("convert", damaged, out, code=1)
    assert out.read_bytes() == b"as it was"


# ---- cat


def test_cat_json(file, table):
    rows = json.loads(elea("cat", "--json", file, file))
    assert len(rows) == 2 * table.num_rows
    assert rows[: table.num_rows] == rows[table.num_rows :] == table.to_pylist()
    rows = json.loads(elea("cat", "--json", "-c", "word,id", "-", data=file.read_bytes()))
    assert rows == table.select(["word", "id"]).to_pylist()


def ids_of(grids):
    rows = [line.split() for line in grids.splitlines() if " rows" not in line]
    return [int(row[0]) for row in rows if row[0].isdigit()]


def test_cat_grid(file, table):
    assert ids_of(elea("cat", file).decode()) == list(range(table.num_rows))


def test_cat_shows_what_lies_before_damage(file, tmp_path):
    damaged = tmp_path / "damaged.arrows"
    damaged.write_bytes(elea("convert", file, "-")[:-1000])
    done = subprocess.run([PROGRAM, "cat", str(damaged)], capture_output=True, text=True)
    assert done.returncode == 1 and "damaged.arrows" in done.stderr
    assert ids_of(done.stdout) == list(range(2100))


@pytest.mark.parametrize("through_pipe", [False, True])
def test_cat_shows_what_lies_before_the_cut(file, tmp_path, through_pipe):
    """Of a file that has lost its footer, too; what of it is JSON is a whole document."""
    data, blocks = file.read_bytes(), []
    for message in json.loads(elea("inspect", "--json", file))["messages"]:
        if message["type"] == "record batch":
            blocks.append(message["offset"] + message["metadata_size"] + message["body_size"])
    cut = tmp_path / "cut.arrow"
    for count, size in [*enumerate(blocks, 1), (0, blocks[0] - 1), (2, blocks[2] - 8)]:
        cut.write_bytes(data[:size])
        for options in ([], ["--json"]):
            with open(cut, "rb") as source:
                done = subprocess.run(
                    [PROGRAM, "cat", *options, "-" if through_pipe else str(cut)], stdin=source,
                    capture_output=True, text=True)
            found = ([row["id"] for row in json.loads(done.stdout or "[]")] if options
                     else ids_of(done.stdout))
            assert found == list(range(min(count * 700, 2500)))
            # Where a message begins, a stream may end.
            if through_pipe and size in blocks:
                assert done.returncode == 0
            else:
                assert done.returncode == 1 and "file offset" in done.stderr
                assert done.stderr.count("\n") == 1


def test_cat_empty(tmp_path):
    path = tmp_path / "empty.arrow"
    schema = pa.schema([("a", pa.int8())])
    with pa.ipc.new_file(str(path), schema):
        pass
    assert json.loads(elea("cat", "--json", path)) == []
    assert elea("cat", path) == b""
