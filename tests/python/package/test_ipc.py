# SPDX-License-Identifier: Apache-2.0
"""Arrow IPC through the package: paths, mapped files, Python's file objects, URLs, options."""

import gc
import io
import os
import threading

import elea
import fsspec
import pyarrow as pa
import pyarrow.ipc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import columns

TABLE = elea.table({"id": [1, 2, 3, None], "name": ["a", None, "c", "d"],
                    "tags": [["x"], [], None, ["y", "z"]]})


class Forward(io.RawIOBase):
    """Bytes that come in small pieces and cannot be sought, as of a socket."""

    def __init__(self, data, most=7):
        self.rest, self.most = memoryview(data), most

    def readable(self):
        return True

    def readinto(self, target):
        count = min(len(target), self.most, len(self.rest))
        target[:count] = self.rest[:count]
        self.rest = self.rest[count:]
        return count


def written(make=elea.new_file, table=TABLE, **options):
    sink = io.BytesIO()
    with make(sink, table.schema, **options) as writer:
        writer.write(table)
    return sink.getvalue()


def test_paths_are_mapped(tmp_path, nothing_copied):
    path = tmp_path / "t.arrow"
    elea.write_table(TABLE, path)
    assert os.listdir(tmp_path) == ["t.arrow"]
    table = elea.read_table(path)
    assert table == TABLE
    with elea.memory_map(path) as mapped:
        begin = mapped.read_at(mapped.size(), 0).address
        with elea.open_file(mapped) as reader:
            address = reader.get_batch(0)["id"].buffers()[1].address
    assert begin <= address < begin + os.path.getsize(path)
    os.unlink(path)
    gc.collect()
    assert table == TABLE  # the mapping lives as long as the table
    with pytest.raises(FileNotFoundError, match="t.arrow") as caught:
        elea.read_table(path)
    assert isinstance(caught.value, elea.Error) and caught.value.errno == 2


def test_projection_and_metadata(tmp_path):
    path = str(tmp_path / "t.arrow")
    with elea.new_file(path, TABLE.schema, metadata={"origin": "here"}) as writer:
        writer.write_batch(TABLE.to_batch(), custom_metadata={"n": "1"})
        writer.write_batch(TABLE.slice(2).to_batch())
        assert writer.stats["num_record_batches"] == 2
        assert not os.path.exists(path)
    with elea.open_file(path, columns=["tags", "id"]) as reader:
        assert reader.schema.names == ["tags", "id"]
        assert reader.metadata == {b"origin": b"here"}
        assert (len(reader), reader.num_record_batches, reader.count_rows()) == (2, 2, 6)
        assert reader.get_batch_with_custom_metadata(0)[1] == {b"n": b"1"}
        assert reader.get_batch_with_custom_metadata(-1)[1] is None
        assert [batch.num_rows for batch in reader] == [4, 2]
        assert reader.stats["num_record_batches"] >= 4
        assert elea.table(reader) == reader.read_all()
        assert pa.table(reader)["id"].to_pylist() == [1, 2, 3, None, 3, None]
        with pytest.raises(IndexError):
            reader.get_batch(2)
    with pytest.raises(ValueError, match="closed"):
        reader.read_all()
    with pytest.raises(KeyError, match="nothing"):
        elea.open_file(path, columns=["nothing"])
    with pytest.raises(TypeError, match="list of names"):
        elea.open_file(path, columns="id")
    theirs = pa.ipc.open_file(path)
    assert theirs.read_all().num_rows == 6
    assert elea.read_schema(path) == TABLE.schema


@pytest.mark.parametrize("make", [elea.new_file, elea.new_stream])
@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
def test_formats_against_pyarrow(make, compression):
    data = written(make, compression=compression)
    if make is elea.new_file:
        assert pa.ipc.open_file(data).read_all().equals(pa.table(TABLE))
    else:
        assert pa.ipc.open_stream(data).read_all().equals(pa.table(TABLE))
    for source in (data, elea.py_buffer(data), io.BytesIO(data), bytearray(data)):
        assert elea.read_table(source) == TABLE
    with elea.open_stream(Forward(data)) as reader:
        assert reader.read_all() == TABLE


@given(columns(1), st.sampled_from(["lz4", "zstd", None]))
def test_pyarrows_files(column, compression):
    kind, values = column
    theirs = pa.table({"c": pa.array(values, kind)})
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_file(sink, theirs.schema, options=options) as writer:
        writer.write(theirs)
    assert pa.table(elea.read_table(sink.getvalue(), validate="full")).equals(theirs)
    again = written(table=elea.table(theirs), compression=compression)
    assert pa.ipc.open_file(again).read_all().equals(theirs)


def test_streams_of_batches():
    data = written(elea.new_stream, max_chunksize=1)
    with elea.open_stream(Forward(data)) as reader:
        assert reader.schema == TABLE.schema
        assert sum(batch.num_rows for batch in reader) == 4
        assert reader.stats["num_record_batches"] == 4
    sink = io.BytesIO()
    with elea.new_stream(sink, TABLE.schema) as writer:
        writer.write_batch(TABLE.to_batch(), custom_metadata={"k": "v"})
    with elea.open_stream(sink.getvalue()) as reader:
        assert [pairs for _, pairs in reader.iter_batches_with_custom_metadata()] == [
            {b"k": b"v"}]


def test_fsspec_urls():
    fs = fsspec.filesystem("memory")
    elea.write_table(TABLE, "memory://elea/t.arrow")
    assert fs.exists("/elea/t.arrow")
    assert elea.read_table("memory://elea/t.arrow") == TABLE
    with elea.open_file("memory://elea/t.arrow", columns=["id"]) as reader:
        assert reader.read_all()["id"].to_pylist() == [1, 2, 3, None]


def test_failures_of_python_objects(tmp_path):
    class Broken(io.RawIOBase):
        def __init__(self, data, fail):
            self.inner, self.fail = io.BytesIO(data), fail

        def readable(self):
            return True

        def seekable(self):
            return True

        def seek(self, *where):
            return self.inner.seek(*where)

        def tell(self):
            return self.inner.tell()

        def readinto(self, target):
            if self.inner.tell() < self.fail:
                raise RuntimeError("the line is dead")
            return self.inner.readinto(target)

    data = written()
    with pytest.raises(RuntimeError, match="the line is dead"):
        elea.read_table(Broken(data, 200))
    with pytest.raises(TypeError, match="binary mode"):
        elea.open_stream(io.StringIO("text"))

    class Full(io.RawIOBase):
        def write(self, data):
            raise OSError(28, "no space")

    with pytest.raises(OSError, match="no space"):
        elea.write_table(TABLE, Full())
    with pytest.raises(TypeError, match=r"expected a path.* got 3 \(int\)"):
        elea.read_table(3)
    with pytest.raises(TypeError, match="cannot seek"):
        elea.open_file(Forward(data))
    with pytest.raises(elea.Error):
        elea.write_table(TABLE, tmp_path / "no" / "folder.arrow")


def test_a_writer_that_fails_leaves_nothing(tmp_path):
    path = tmp_path / "t.arrow"
    elea.write_table(TABLE, path)
    with pytest.raises(KeyError, match="mine"):
        with elea.new_file(path, TABLE.schema) as writer:
            writer.write(TABLE)
            raise KeyError("mine")
    assert os.listdir(tmp_path) == ["t.arrow"]
    assert elea.read_table(path) == TABLE
    with pytest.raises(ValueError, match="closed"):
        writer.write(TABLE)
    with pytest.raises(TypeError):
        with elea.new_file(path, TABLE.schema) as writer:
            writer.write(elea.table({"other": [1]}))
    assert elea.read_table(path) == TABLE


def test_options():
    assert len(written(alignment=8)) < len(written(alignment=4096))
    for wrong, message in [({"compression": "rar"}, "rar"), ({"alignment": 3}, "alignment"),
                           ({"nothing": 1}, "no option is named 'nothing'"),
                           ({"compression": 3}, "3")]:
        with pytest.raises(elea.Error, match=message):
            written(**wrong)
    with pytest.raises(ValueError, match="quick, safe, full"):
        elea.read_table(written(), validate="no")


def test_damage(tmp_path):
    data = bytearray(written(max_chunksize=2))
    with pytest.raises(ValueError):
        elea.read_table(data[: len(data) // 2])
    with pytest.raises(ValueError):
        elea.open_file(b"not arrow at all")
    with elea.open_stream(bytes(data[: len(data) // 2]), recover=True) as reader:
        assert reader.read_all().num_rows in (0, 2)
        assert reader.damage


@given(st.data())
def test_damaged_bytes_never_crash(data):
    kept = bytearray(written())
    for _ in range(data.draw(st.integers(1, 4))):
        kept[data.draw(st.integers(0, len(kept) - 1))] = data.draw(st.integers(0, 255))
    try:
        table = elea.read_table(bytes(kept))
        table.to_pylist()
        str(table)
        table.equals(TABLE)
        table.combine_chunks()
    except (elea.Error, UnicodeDecodeError):
        pass


def test_messages():
    batch = TABLE.to_batch()
    assert elea.read_record_batch(batch.serialize(), batch.schema) == batch
    assert elea.read_schema(batch.schema.serialize()) == batch.schema
    assert pa.ipc.read_record_batch(pa.py_buffer(batch.serialize()),
                                    pa.schema(batch.schema)).equals(pa.record_batch(batch))
    assert elea.read_record_batch(batch.serialize(), batch.schema, validate="full") == batch
    with pytest.raises(ValueError):
        elea.read_record_batch(b"nothing", batch.schema)


def test_columns_by_number():
    twice = elea.table(pa.table([[1], ["x"], [2.5]], names=["a", "b", "a"]))
    for make in (elea.new_file, elea.new_stream):
        data = written(make, twice)
        found = elea.read_table(data, columns=[2, 1])
        assert found.column_names == ["a", "b"] and found[0].to_pylist() == [2.5]
        with pytest.raises(ValueError, match="a"):
            elea.read_table(data, columns=["a"])
        with pytest.raises(IndexError):
            elea.read_table(data, columns=[3])
        with pytest.raises(TypeError, match=r"ints of 64 bits, got 'b' \(str\)"):
            elea.read_table(data, columns=[1, "b"])
    assert elea.read_table(data, columns=[]).num_columns == 0


@pytest.mark.parametrize("compression", [None, "zstd"])
def test_sizes_before_writing(compression, nothing_left):
    batch = TABLE.to_batch()
    size = elea.get_record_batch_size(batch, compression=compression)
    assert size == len(batch.serialize(compression=compression))
    theirs = pa.record_batch(batch)
    assert elea.get_record_batch_size(theirs, alignment=8) == len(batch.serialize(alignment=8))
    with pytest.raises(TypeError, match="no option is named"):
        elea.get_record_batch_size(batch, nothing=1)


def test_savings_that_are_too_small():
    table = elea.table({"a": list(range(2000))})
    packed = written(table=table, compression="zstd")
    assert len(packed) < len(written(table=table, compression="zstd", min_space_savings=0.99))
    assert len(packed) == len(written(table=table, compression="zstd", min_space_savings=0.1))
    with pytest.raises(ValueError):
        written(table=table, compression="zstd", min_space_savings=2)


def test_metadata_read_ahead():
    class Counted(io.BytesIO):
        reads = 0

        def readinto(self, target):
            self.reads += 1
            return super().readinto(target)

    data = written(max_chunksize=1)
    plain, ahead = Counted(data), Counted(data)
    for file in (plain, ahead):
        with elea.open_file(file) as reader:
            if file is ahead:
                reader.read_ahead()
            assert sum(batch.num_rows for batch in reader) == 4
            with pytest.raises(IndexError):
                reader.read_ahead(3, 2)
    assert ahead.reads < plain.reads
    with elea.open_stream(data) as reader:
        assert reader.num_record_batches == 4
    with elea.open_stream(Forward(written(elea.new_stream))) as reader:
        assert reader.num_record_batches is None


def test_schemas_as_json():
    text = TABLE.schema.to_json()
    assert '"name": "id"' in text or '"name":"id"' in text
    assert elea.schema_from_json(text) == TABLE.schema
    for wrong in ("", "{", '{"fields": 3}'):
        with pytest.raises(elea.Error):
            elea.schema_from_json(wrong)


def test_versions_of_feather(tmp_path):
    assert elea.feather_version(written()) == 2
    assert elea.feather_version(b"FEA1 and more") == 1
    assert elea.feather_version(b"something else") == 0
    with pytest.raises(FileNotFoundError):
        elea.feather_version(tmp_path / "nothing")


def test_files_read_anywhere(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"an arrow in flight")
    for file in (elea.memory_map(path), elea.input_file(path, memory_map=False),
                 elea.input_file(open(path, "rb")), elea.input_file(b"an arrow in flight")):
        with file:
            assert file.size() == len(file) == 18
            assert bytes(file.read_at(5, 3)) == b"arrow"
            assert file.read(2) == b"an" and file.tell() == 2
            assert file.seek(-6, 2) == 12 and file.read() == b"flight"
            with pytest.raises(IndexError):
                file.read_at(5, 17)
        assert file.closed and "closed" in repr(file)
        with pytest.raises(ValueError, match="closed"):
            file.size()


def test_readers_in_threads(tmp_path):
    """Each thread with its own reader over one file; Python's file object behind a lock."""
    data = written(max_chunksize=1)
    shared = elea.input_file(io.BytesIO(data))
    results = []

    def read():
        for _ in range(20):
            results.append(elea.read_table(shared) == TABLE)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 80


def test_nothing_leaks(nothing_left, tmp_path):
    data = written()
    for _ in range(20):
        elea.read_table(data)
        elea.read_table(io.BytesIO(data))
        elea.open_stream(Forward(data)).read_next_batch()
        elea.open_file(data)
        elea.new_file(tmp_path / "never.arrow", TABLE.schema)
    assert os.listdir(tmp_path) == []
