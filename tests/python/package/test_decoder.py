# SPDX-License-Identifier: Apache-2.0
"""Streams of Arrow IPC that are pushed: pieces of any size, what is viewed and what is copied, the
end, damage, event loops."""

import asyncio
import gc
import sys
import threading

import elea
import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pytest
from hypothesis import given
from hypothesis import strategies as st

TABLE = elea.table({"id": list(range(100)), "name": [f"name {i}" for i in range(100)]})


def stream(table=TABLE, **options):
    sink = elea.BufferOutputStream()
    with elea.new_stream(sink, table.schema, **options) as writer:
        writer.write(table)
    return sink.getvalue().to_pybytes()


def pushed(data, size=None, **options):
    """What comes out of a stream that goes in by pieces."""
    decoder, batches = elea.StreamDecoder(**options), []
    for begin in range(0, len(data), size or len(data)):
        decoder.push(data[begin:begin + (size or len(data))])
        batches += decoder
    assert decoder.ended
    return elea.Table.from_batches(batches, decoder.schema)


@pytest.mark.parametrize("size", [1, 7, 64, 1000, None])
@pytest.mark.parametrize("compression", [None, "zstd"])
def test_pieces_of_any_size(size, compression):
    data = stream(max_chunksize=30, compression=compression)
    assert pushed(data, size) == TABLE
    assert pushed(data, size, columns=["name"], validate="full") == TABLE.select(["name"])


def test_streams_of_pyarrow():
    theirs = pa.table({"a": [1, None], "d": pa.array(["x", "y"]).dictionary_encode()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, theirs.schema) as writer:
        for _ in range(3):
            writer.write_table(theirs)
    found = pushed(sink.getvalue().to_pybytes(), 11, validate="full")
    assert pa.table(found).equals(pa.concat_tables([theirs] * 3))


def test_state():
    data = stream(max_chunksize=50)
    decoder = elea.StreamDecoder()
    assert decoder.schema is None and not decoder.ended and decoder.next() is None
    assert decoder.next_size > 0 and "0 batches" in repr(decoder)
    at = 0
    while at < len(data) and (size := decoder.next_size):
        assert decoder.push(data[at:at + size]) == size
        at += size
        for batch in decoder:
            assert batch.num_rows == 50 and decoder.batch_metadata is None
    assert at == len(data) and decoder.ended and decoder.next_size == 0
    assert decoder.schema == TABLE.schema and "ended" in repr(decoder)
    assert decoder.stats["num_record_batches"] == 2
    assert decoder.push(b"of the next") == 0
    decoder.reset()
    assert decoder.schema is None and not decoder.ended
    assert decoder.push(data + b"behind") == len(data)
    assert [batch.num_rows for batch in decoder] == [50, 50]


def test_metadata_of_batches():
    sink = elea.BufferOutputStream()
    with elea.new_stream(sink, TABLE.schema) as writer:
        writer.write_batch(TABLE.to_batch(), custom_metadata={"n": "1"})
        writer.write_batch(TABLE.to_batch())
    decoder = elea.StreamDecoder()
    decoder.push(sink.getvalue())
    assert [decoder.batch_metadata for _ in decoder] == [{b"n": b"1"}, None]


def test_what_cannot_change_is_viewed(nothing_copied):
    data = stream()
    begin = np.frombuffer(data, "u1").ctypes.data
    before = sys.getrefcount(data)
    for make in (lambda: data, lambda: elea.py_buffer(data), lambda: memoryview(data)):
        decoder = elea.StreamDecoder()
        decoder.push(make())
        batch = decoder.next()
        assert begin <= batch["id"].buffers()[1].address < begin + len(data)
        del decoder
        gc.collect()
        assert sys.getrefcount(data) > before
        assert batch == TABLE.to_batch()
        del batch
        gc.collect()
        assert sys.getrefcount(data) == before


def test_what_can_change_is_copied():
    data = stream()
    memory = bytearray(data)
    decoder = elea.StreamDecoder()
    before = elea.copied_bytes()
    decoder.push(memory)
    assert elea.copied_bytes() - before > 800
    memory[:] = bytes(len(memory))
    memory.extend(b"and it may grow")
    assert decoder.next() == TABLE.to_batch()
    memory = bytearray(data)
    decoder.reset()
    before = elea.copied_bytes()
    decoder.push(memory, copy=False)
    batch = decoder.next()
    assert elea.copied_bytes() == before and batch == TABLE.to_batch()
    with pytest.raises(BufferError):
        memory.extend(b"a view lives")
    decoder.reset()
    decoder.push(data, copy=True)
    assert elea.copied_bytes() - before > 800


def test_the_end():
    data = stream()
    decoder = elea.StreamDecoder()
    decoder.push(data[:-8])  # without its mark
    assert decoder.next().num_rows == 100 and not decoder.ended
    decoder.end_input()
    assert decoder.next() is None and decoder.ended
    decoder.reset()
    decoder.push(data[:-9])
    decoder.end_input()
    for _ in range(2):
        with pytest.raises(ValueError, match="record batch 0"):
            decoder.next()
    assert decoder.push(data) == 0


def test_what_is_wrong():
    with pytest.raises(TypeError, match=r"buffer protocol, got 'text' \(str\)"):
        elea.StreamDecoder().push("text")
    with pytest.raises(ValueError, match="contiguous"):
        elea.StreamDecoder().push(memoryview(bytes(9))[::2])
    with pytest.raises(ValueError, match="quick, safe, full"):
        elea.StreamDecoder(validate="no")
    with pytest.raises(TypeError):
        elea.StreamDecoder(nothing=1)
    decoder = elea.StreamDecoder(columns=["nothing"])
    decoder.push(stream())
    with pytest.raises(KeyError, match="nothing"):
        decoder.next()


@given(st.data())
def test_damaged_bytes_never_crash(data):
    kept = bytearray(stream(max_chunksize=40))
    for _ in range(data.draw(st.integers(1, 4))):
        kept[data.draw(st.integers(0, len(kept) - 1))] = data.draw(st.integers(0, 255))
    size = data.draw(st.integers(1, len(kept)))
    decoder = elea.StreamDecoder(validate="safe")
    try:
        for begin in range(0, len(kept), size):
            decoder.push(kept[begin:begin + size])
            for batch in decoder:
                batch.to_pylist()
        decoder.end_input()
        decoder.next()
    except (elea.Error, UnicodeDecodeError):
        pass


def test_asyncio():
    async def serve(reader, writer):
        with elea.new_stream(writer, TABLE.schema, max_chunksize=30) as out:
            out.write(TABLE)
        await writer.drain()
        writer.close()

    async def receive():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            decoder, batches = elea.StreamDecoder(), []
            while not decoder.ended:
                decoder.push(await reader.read(100))
                batches += decoder
            writer.close()
        return elea.Table.from_batches(batches)

    assert asyncio.run(asyncio.wait_for(receive(), 60)) == TABLE


def test_other_threads_run_meanwhile():
    """Decoders of their own."""
    data, results = stream(max_chunksize=10, compression="lz4"), []
    threads = [threading.Thread(target=lambda: results.append(pushed(data, 333) == TABLE))
               for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 4


def test_nothing_leaks(nothing_left):
    data = stream(max_chunksize=30)
    for end in (0, 1, 100, len(data) // 2, len(data)):
        decoder = elea.StreamDecoder()
        decoder.push(data[:end])
        decoder.next()
