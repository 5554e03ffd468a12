# SPDX-License-Identifier: Apache-2.0
"""Arrow IPC files that go on: tables and batches behind those of a file, who waits, what a failure
and a crash leave."""

import multiprocessing
import os
import pathlib
import threading

import elea
import pyarrow as pa
import pyarrow.ipc
import pytest

FIRST = elea.table({"id": [1, 2], "name": ["a", None]})
MORE = elea.table({"id": [3], "name": ["c"]})
BOTH = elea.concat_tables([FIRST, MORE])


@pytest.fixture
def path(tmp_path):
    out = tmp_path / "log.arrow"
    elea.write_table(FIRST, out, metadata={"origin": "here"})
    return out


def whole(path):
    """What our reader and pyarrow's find in a file."""
    ours = elea.read_table(path)
    assert pa.ipc.open_file(path.read_bytes()).read_all().equals(pa.table(ours))
    return ours


def test_tables(path):
    old = elea.read_table(path)
    before = path.read_bytes()
    elea.append_table(path, MORE)
    elea.append_table(str(path), pa.table({"id": [4], "name": ["d"]}), compression="lz4")
    assert whole(path).to_pydict() == {"id": [1, 2, 3, 4], "name": ["a", None, "c", "d"]}
    assert path.read_bytes().startswith(before)
    assert old == FIRST
    assert elea.recover_file(path) == 0
    with elea.open_file(path) as reader:
        assert reader.metadata == {b"origin": b"here"}


def test_files_of_pyarrow(tmp_path):
    path = tmp_path / "theirs.arrow"
    theirs = pa.table({"d": pa.array(["x", "y", "x"]).dictionary_encode()})
    with pa.ipc.new_file(str(path), theirs.schema) as writer:
        writer.write(theirs)
    elea.append_table(path, theirs.slice(1))
    assert pa.ipc.open_file(str(path)).read_all()["d"].to_pylist() == ["x", "y", "x", "y", "x"]
    longer = pa.DictionaryArray.from_arrays(pa.array([2], "int32"), ["x", "y", "z"])
    with pytest.raises(ValueError):
        elea.append_table(path, pa.table({"d": longer}))
    elea.append_table(path, pa.table({"d": longer}), emit_dictionary_deltas=True)
    assert whole(path)["d"].to_pylist()[-1] == "z"


def test_batches(path):
    with elea.append_file(path) as writer:
        assert writer.schema == FIRST.schema
        writer.write_batch(MORE.to_batch(), custom_metadata={"n": "1"})
        writer.write(MORE)
        assert writer.stats["num_record_batches"] == 2
        with pytest.raises(ValueError):
            elea.open_file(path)
    assert whole(path)["id"].to_pylist() == [1, 2, 3, 3]
    with elea.open_file(path) as reader:
        assert reader.metadata == {b"origin": b"here"}
        assert reader.get_batch_with_custom_metadata(1)[1] == {b"n": b"1"}
    with elea.append_file(path, metadata={"origin": "there"}):
        pass
    with elea.open_file(path) as reader:
        assert reader.metadata == {b"origin": b"there"} and reader.num_record_batches == 3


def test_a_writer_that_fails_leaves_the_file_as_it_was(path):
    before = path.read_bytes()
    with pytest.raises(KeyError, match="mine"):
        with elea.append_file(path) as writer:
            writer.write(MORE)
            assert len(path.read_bytes()) > len(before)
            raise KeyError("mine")
    assert path.read_bytes() == before
    writer = elea.append_file(path)
    writer.write(MORE)
    del writer
    assert path.read_bytes() == before
    with pytest.raises(TypeError):
        elea.append_table(path, elea.table({"other": [1]}))
    with pytest.raises(TypeError):
        with elea.append_file(path) as writer:
            writer.write(elea.table({"other": [1]}))
    assert path.read_bytes() == before


def test_what_is_wrong(path, tmp_path):
    for call in (elea.append_file, elea.recover_file, lambda path: elea.append_table(path, MORE)):
        with pytest.raises(FileNotFoundError):
            call(tmp_path / "nothing")
        assert not os.path.exists(tmp_path / "nothing")
        for wrong in (3, "memory://x", None):
            with pytest.raises(TypeError, match="expected a path of a local file, got"):
                call(wrong)
        (tmp_path / "text").write_text("not arrow at all")
        with pytest.raises(ValueError):
            call(tmp_path / "text")
        assert (tmp_path / "text").read_text() == "not arrow at all"
    with pytest.raises(TypeError, match="no option is named 'nothing'"):
        elea.append_file(path, nothing=1)


@pytest.mark.parametrize("left", [1, 8, 100, -1])
def test_what_a_crash_leaves(path, left):
    """Any part of an append that was not completed is cut off."""
    before = path.read_bytes()
    elea.append_table(path, MORE)
    after = path.read_bytes()
    path.write_bytes(after[:len(before) + left] if left > 0 else after[:left])
    with pytest.raises(ValueError):
        elea.open_file(path)
    assert elea.recover_file(path) == path_size_before(after, before, left)
    assert path.read_bytes() == before
    elea.append_table(path, MORE)
    assert whole(path) == BOTH


def path_size_before(after, before, left):
    return left if left > 0 else len(after) + left - len(before)


def append_often(path):
    for _ in range(10):
        elea.append_table(path, MORE)


def test_others_wait(path):
    """Threads and processes append to one file at once."""
    threads = [threading.Thread(target=append_often, args=(path,)) for _ in range(3)]
    process = multiprocessing.get_context("spawn").Process(target=append_often, args=(path,))
    for worker in (*threads, process):
        worker.start()
    for worker in (*threads, process):
        worker.join()
    assert process.exitcode == 0
    assert whole(path)["id"].to_pylist() == [1, 2] + [3] * 40


def test_an_open_writer_is_waited_for(path):
    writer = elea.append_file(path)
    thread = threading.Thread(target=elea.append_table, args=(path, MORE))
    thread.start()
    writer.write(FIRST)
    thread.join(0.05)
    assert thread.is_alive()
    writer.close()
    thread.join()
    assert whole(path)["id"].to_pylist() == [1, 2, 1, 2, 3]


def test_nothing_leaks(path, nothing_left):
    open_before = len(list(pathlib.Path("/proc/self/fd").iterdir()))
    for _ in range(10):
        elea.append_table(path, MORE)
        elea.append_file(path).write(MORE)
        with elea.append_file(path) as writer:
            writer.write(MORE)
        elea.recover_file(path)
    assert len(list(pathlib.Path("/proc/self/fd").iterdir())) == open_before
