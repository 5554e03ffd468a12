# SPDX-License-Identifier: Apache-2.0
"""The agent memory from Python: FEEL's sketch, zero copies, wrong use; NumPy is the judge."""

import datetime
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import duckdb
import elea
import elea.memory
import numpy as np
import polars
import pytest

LINES = [
    "We keep one price for all regions until the summer review.",
    "Marta wants regional prices; Jon is against it.",
    "The cat slept all day on the warm windowsill.",
    "Rust on the gate: paint it before winter.",
]


def has_model():
    try:
        folder = elea.memory._memory.model_directory("all-MiniLM-L6-v2")
    except elea.Error:
        return False
    return (pathlib.Path(folder) / "model.safetensors").exists()


needs_model = pytest.mark.skipif(not has_model(), reason="tools/get-model was not run")


@pytest.fixture(scope="module")
def embedder():
    return elea.LocalEmbedder()


def vectors(count, dimension=8, seed=1):
    random = np.random.default_rng(seed)
    values = random.normal(size=(count, dimension))
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float16)


def memories(count, seed=1):
    values = vectors(count, seed=seed)
    items = elea.array(values.reshape(-1))
    lists = elea.array(list(values.astype(float)), elea.list_(elea.float16(), 8))
    assert len(items) == 8 * count
    return elea.table({"text": [f"text {seed} {i}" for i in range(count)], "embedding": lists})


# ---- the sketch


@needs_model
def test_sketch(tmp_path, monkeypatch):
    """What FEEL shows, over two categories of a storage."""
    monkeypatch.chdir(tmp_path)
    embedder = elea.LocalEmbedder()
    elea.ArrowStorage("mind", embedder).add(LINES)

    store = elea.ArrowStorage("mind")
    nav = elea.NetworkNavigator(store)
    before = elea.copied_bytes()
    hits = nav.retrieve_arrow(elea.LocalEmbedder().encode("pricing"), max_results=2)
    assert elea.copied_bytes() == before
    assert set(hits["text"].to_pylist()) == set(LINES[:2])

    # Polars makes a frame of pyarrow's tables only; what others hand it by capsule is a series of
    # structs, and a frame by DataFrame().
    series = polars.from_arrow(hits)
    assert series.struct.field("text").to_list() == hits["text"].to_pylist()
    assert polars.DataFrame(hits)["text"].to_list() == hits["text"].to_pylist()
    rows = duckdb.sql("select text from hits where similarity > 0.2").fetchall()
    assert len(rows) == sum(value > 0.2 for value in hits["similarity"].to_pylist())
    values = store.get_embeddings_buffer("experiences").to_numpy()
    assert values.shape == (len(LINES), 384) and values.dtype == np.float16
    assert not values.flags.writeable
    similarity = np.from_dlpack(hits["similarity"])
    assert np.shares_memory(similarity, hits["similarity"].chunk(0).to_numpy())
    assert similarity.dtype == np.float32 and similarity[0] >= similarity[1]


@needs_model
def test_torch(tmp_path, embedder):
    torch = pytest.importorskip("torch")
    storage = elea.ArrowStorage(tmp_path / "mind", embedder)
    storage.add(LINES)
    hits = elea.NetworkNavigator(storage).retrieve_arrow("pricing")
    tensor = torch.from_dlpack(hits["similarity"])
    assert tensor.data_ptr() == hits["similarity"].chunk(0).to_numpy().ctypes.data
    again = elea.NetworkNavigator(storage).retrieve_arrow(torch.tensor(embedder.encode("pricing")))
    assert again["memory_id"].to_pylist() == hits["memory_id"].to_pylist()


# ---- the embedder


@needs_model
def test_embedder(embedder):
    assert embedder.dimension == 384 and embedder.name == "all-MiniLM-L6-v2"
    assert embedder.pooling == "mean" and len(embedder.fingerprint) == 16
    assert embedder.precision in ("f32", "bf16") and embedder.max_length == 256
    one, many = embedder.encode(LINES[0]), embedder.encode_batch(LINES, batch_size=2)
    assert one.shape == (384,) and many.shape == (len(LINES), 384)
    assert many.dtype == one.dtype == np.float16
    assert np.allclose(np.linalg.norm(many.astype(float), axis=1), 1, atol=2e-3)
    assert one.astype(float) @ many[0].astype(float) > 0.999
    array = embedder.encode_to_arrow(LINES)
    assert str(array.type) == str(elea.list_(elea.float16(), 384))
    assert np.array_equal(array.to_numpy(), many)
    with_null = embedder.encode_to_arrow(elea.array([LINES[0], None]))
    assert with_null.null_count == 1 and with_null[1].as_py() is None
    assert len(embedder.encode_to_arrow([])) == 0
    told = []
    embedder.encode_batch(LINES, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (len(LINES), len(LINES))


@needs_model
def test_embedder_wrong_use(embedder, tmp_path):
    with pytest.raises(TypeError, match="put it in a list"):
        embedder.encode_batch("one text")
    with pytest.raises(TypeError, match="expected a str, got list"):
        embedder.encode(["a"])
    with pytest.raises(TypeError, match="text 1 must be a str, got int"):
        embedder.encode_batch(["a", 5])
    with pytest.raises(ValueError, match="precision"):
        elea.LocalEmbedder(precision="int4")
    with pytest.raises(elea.Error, match="no-such-model"):
        elea.LocalEmbedder(tmp_path / "no-such-model")
    with pytest.raises(RuntimeError, match="enough"):
        embedder.encode_batch(LINES * 200, progress=stop)


def stop(done, total):
    raise RuntimeError("enough")


@needs_model
def test_interrupt():
    """Ctrl-C ends a long run soon, with a KeyboardInterrupt."""
    program = (
        "import elea, sys\n"
        "embedder = elea.LocalEmbedder()\n"
        "print('ready', flush=True)\n"
        "try:\n"
        "    embedder.encode_batch(['a text of some length, said again ' * 20] * 200_000)\n"
        "except KeyboardInterrupt:\n"
        "    sys.exit(7)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert run.stdout.readline() == "ready\n"
    time.sleep(1)
    begin = time.monotonic()
    run.send_signal(signal.SIGINT)
    assert run.wait(timeout=60) == 7
    assert time.monotonic() - begin < 30


# ---- the storage


def test_storage_without_model(tmp_path):
    storage = elea.ArrowStorage(tmp_path / "mind", dimension=8)
    assert len(storage) == 0 and storage.dimension == 8 and storage.embedder is None
    assert storage.add(memories(100)) == 100
    assert storage.add(memories(50, seed=2), "notes") == 50
    assert len(storage) == 150 and storage.count("notes") == 50
    text = storage.query_arrow(columns=["text"])
    assert text.column_names == ["text"] and text.num_rows == 100
    again = elea.ArrowStorage.open(tmp_path / "mind")
    assert again.count() == 150
    assert storage.query_arrow("nothing yet").num_rows == 0


def test_results_are_numpys(tmp_path):
    """Exact search: the scores and the order that NumPy computes."""
    storage = elea.ArrowStorage(tmp_path / "mind", dimension=8)
    for seed in (1, 2, 3):
        storage.add(memories(300, seed=seed))
    stored = np.concatenate([vectors(300, seed=seed) for seed in (1, 2, 3)]).astype(np.float64)
    texts = storage.query_arrow(columns=["text"])["text"].to_pylist()
    query = vectors(1, seed=9)[0]
    scores = stored @ query.astype(np.float64) / np.linalg.norm(stored, axis=1)
    order = np.argsort(-scores, kind="stable")[:20]
    nav = elea.NetworkNavigator(storage)
    for given in (query, query.astype(np.float32), query.astype(float), query.tolist(),
                  query[None, :], elea.array(query), query[::1], np.stack([query, query]).T[:, 0]):
        found = nav.retrieve_arrow(given, max_results=20)
        assert found["text"].to_pylist() == [texts[i] for i in order]
        assert np.allclose(found["similarity"].to_pylist(), scores[order], atol=2e-3)
    assert nav.figures["rows"] == 900 and nav.figures["copied_bytes"] == 0
    assert nav.retrieve_arrow(query, max_results=5000).num_rows == 900


def test_views_of_the_file(tmp_path):
    storage = elea.ArrowStorage(tmp_path / "mind", dimension=8)
    storage.add(memories(100))
    before = elea.copied_bytes()
    buffer = storage.get_embeddings_buffer()
    values = buffer.to_numpy(zero_copy_only=True)
    assert elea.copied_bytes() == before
    assert np.array_equal(values, vectors(100))
    (segment,) = (tmp_path / "mind").glob("experiences/*.arrow")
    address = values.ctypes.data
    maps = pathlib.Path("/proc/self/maps").read_text().splitlines()
    inside = [line for line in maps if line.endswith(segment.name)]
    bounds = [tuple(int(x, 16) for x in line.split()[0].split("-")) for line in inside]
    assert any(begin <= address < end for begin, end in bounds)
    del storage, buffer
    assert np.array_equal(values, vectors(100)), "a view outlives storage and column"


def test_filters_and_ids(tmp_path):
    storage = elea.ArrowStorage(tmp_path / "mind", dimension=8)
    storage.add(memories(20))
    storage.add(memories(20, seed=2))
    ids = storage.query_arrow(columns=["memory_id"])["memory_id"].to_pylist()
    wanted = [ids[30], ids[3], ids[4], ids[5]]
    picked = storage.get_embeddings_buffer(memory_ids=wanted)
    both = np.concatenate([vectors(20), vectors(20, seed=2)])
    assert np.array_equal(picked.to_numpy(), both[[30, 3, 4, 5]])
    found = storage.query_arrow(filters={"text": "text 2 7"}, columns=["memory_id"])
    assert found.column_names == ["memory_id"] and found["memory_id"].to_pylist() == [ids[27]]
    assert storage.query_arrow(filters={"text": "nobody said that"}).num_rows == 0
    with pytest.raises(KeyError, match="nobody"):
        storage.get_embeddings_buffer(memory_ids=["nobody"])
    with pytest.raises(elea.Error, match="mood"):
        storage.query_arrow(filters={"mood": "good"})


def test_storage_wrong_use(tmp_path):
    with pytest.raises(elea.Error, match="no store"):
        elea.ArrowStorage.open(tmp_path / "nothing")
    with pytest.raises(TypeError, match="LocalEmbedder"):
        elea.ArrowStorage(tmp_path / "mind", "all-MiniLM-L6-v2")
    storage = elea.ArrowStorage(tmp_path / "mind", dimension=8)
    with pytest.raises(ValueError, match="need an embedder"):
        storage.add(["a text"])
    with pytest.raises(elea.Error, match="embedding"):
        storage.add({"text": ["no vector"]})
    storage.add(memories(3))
    with pytest.raises(elea.ExistsError):
        storage.add(storage.query_arrow())
    nav = elea.NetworkNavigator(storage)
    with pytest.raises(ValueError, match="dimension 3, the store 8"):
        nav.retrieve_arrow([1, 2, 3])
    with pytest.raises(ValueError, match="native byte order"):
        nav.retrieve_arrow(np.arange(8))
    with pytest.raises(ValueError, match="native byte order"):
        nav.retrieve_arrow(np.zeros(8, ">f4"))
    with pytest.raises(TypeError, match="got object"):
        nav.retrieve_arrow(object())
    with pytest.raises(TypeError):
        nav.retrieve_arrow([None] * 8)
    with pytest.raises(ValueError, match="max_results"):
        nav.retrieve_arrow([0.0] * 8, max_results=0)
    with pytest.raises(elea.Error, match="embedder"):
        nav.retrieve_arrow("a text")
    with pytest.raises(TypeError, match="ArrowStorage"):
        elea.NetworkNavigator("mind")
    table = storage.query_arrow()
    storage.close()
    with pytest.raises(ValueError, match="closed"):
        len(storage)
    assert "closed" in repr(storage) and table["text"].to_pylist()[0] == "text 1 0"


@needs_model
def test_timestamps(tmp_path, embedder):
    when = datetime.datetime(2026, 3, 2, 10, 30, tzinfo=datetime.timezone.utc)
    with elea.ArrowStorage(tmp_path / "mind", embedder) as storage:
        storage.add(LINES[:2], timestamps=[when, 1_000_000])
        found = storage.query_arrow(columns=["timestamp"])["timestamp"].to_pylist()
        assert found[0] == when and found[1].timestamp() == 1
        with pytest.raises(ValueError, match="1 timestamps for 2 texts"):
            storage.add(LINES[:2], timestamps=[when])
        with pytest.raises(ValueError, match="no time zone"):
            storage.add(LINES[:1], timestamps=[when.replace(tzinfo=None)])
        with pytest.raises(TypeError, match="got str"):
            storage.add(LINES[:1], timestamps=["yesterday"])
        with pytest.raises(UnicodeEncodeError):
            storage.add(["a lone surrogate: \udc80"])
        assert len(storage) == 2


def test_threads_and_processes(tmp_path):
    storage = elea.ArrowStorage(tmp_path / "mind", dimension=8)
    workers = [
        threading.Thread(target=storage.add, args=(memories(10, seed=seed),)) for seed in range(8)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(storage) == 80
    other = elea.ArrowStorage(tmp_path / "mind")
    child = os.fork()
    if child == 0:
        found = elea.NetworkNavigator(storage).retrieve_arrow([1.0] * 8, max_results=80)
        storage.add(memories(5, seed=99))
        os._exit(0 if found.num_rows == 80 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(other) == 80
    other.refresh()
    assert len(other) == 85


def test_nothing_leaks(tmp_path, nothing_left):
    for _ in range(3):
        storage = elea.ArrowStorage(tmp_path / "mind", dimension=8)
        storage.add(memories(10))
        found = elea.NetworkNavigator(storage).retrieve_arrow([1.0] * 8)
        assert found.num_rows == 10
        del storage, found
