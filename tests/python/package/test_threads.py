# SPDX-License-Identifier: Apache-2.0
"""Threads, forks and interrupts."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import elea
import pyarrow as pa
import pytest

TABLE = elea.table({"id": list(range(1000)), "name": [f"n{i}" for i in range(1000)]})


def run_threads(work, count=8):
    problems = []

    def guarded():
        try:
            work()
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=guarded) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_many_threads_read_the_same():
    def work():
        for _ in range(20):
            assert TABLE["id"].to_pylist()[7] == 7
            assert TABLE.slice(5, 10) == TABLE.slice(5, 10)
            assert pa.table(TABLE).num_rows == 1000
            assert len(str(TABLE)) > 100
            TABLE["name"].validate(full=True)

    run_threads(work)


def test_the_last_reference_goes_anywhere(nothing_left):
    for _ in range(50):
        held = [elea.table(pa.table({"a": list(range(100))})) for _ in range(4)]

        def drop():
            while held:
                try:
                    held.pop()
                except IndexError:
                    pass

        run_threads(drop, 4)
    del held


def test_the_gil_is_released():
    """While one thread works in C, another one runs Python."""
    values = elea.array([float(i) for i in range(2_000_000)])
    seen, done = [], threading.Event()

    def count():
        while not done.is_set():
            seen.append(None)
            time.sleep(0)

    counter = threading.Thread(target=count)
    old = sys.getswitchinterval()
    sys.setswitchinterval(10)  # so that nothing is taken away that is not given
    try:
        counter.start()
        before = len(seen)
        for _ in range(20):
            values.equals(values.slice(0), nans_equal=True)
            values.validate(full=True)
        assert len(seen) > before
    finally:
        done.set()
        sys.setswitchinterval(old)
        counter.join()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_forks():
    data = elea.array(list(range(1000)))
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            good = elea.concat_arrays([data, data]).to_pylist()[-1] == 999
            with elea.new_stream(os.fdopen(write, "wb"), TABLE.schema, compression="zstd") as out:
                out.write_table(TABLE)
            os._exit(0 if good else 1)
        finally:
            os._exit(2)
    os.close(write)
    with os.fdopen(read, "rb") as pipe, elea.open_stream(pipe) as reader:
        assert reader.read_all() == TABLE
    assert os.waitpid(child, 0)[1] == 0


def half(table):
    return table.slice(0, table.num_rows // 2)


def test_other_processes():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(half, (TABLE,)) == half(TABLE)


def test_interrupts():
    """Ctrl-C stops what goes on for long."""
    code = ("import elea, itertools, sys\n"
            "print('begun', flush=True)\n"
            "batch = elea.record_batch({'a': list(range(10))})\n"
            "stream = elea.RecordBatchReader.from_batches(batch.schema, itertools.repeat(batch))\n"
            "try:\n"
            "    stream.read_all()\n"
            "except KeyboardInterrupt:\n"
            "    sys.exit(7)\n")
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline().strip() == "begun"
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    try:
        assert child.wait(timeout=30) == 7
    finally:
        child.kill()


def test_exit_with_views_alive():
    """Nothing crashes when the interpreter ends before the last owner."""
    code = ("import elea, pyarrow as pa, numpy as np\n"
            "a = elea.array(np.arange(10)); b = pa.array(a); c = elea.array(b)\n"
            "t = elea.table({'a': a}); r = t.to_reader(); s = t.__arrow_c_stream__()\n"
            "class Late:\n"
            "    def __del__(self, keep=(a, b, c, t, r, s)): pass\n"
            "import sys; sys.late = Late()\n")
    subprocess.run([sys.executable, "-c", code], check=True)
