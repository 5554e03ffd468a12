# SPDX-License-Identifier: Apache-2.0
"""The exact search of Elea beside NumPy and FAISS: one thread, the same rows, taking turns.

    python bench/compare_vector.py path/to/libelea_memory.so [rows]

Needs numpy, and takes faiss-cpu along where it is installed. Prints each peer's time over Elea's.
"""
import ctypes
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ELEA_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402  (after the numbers of threads)

try:
    import faiss
except ImportError:
    faiss = None

DIMENSION, K = 384, 10


class Vectors(ctypes.Structure):
    _fields_ = [
        ("values", ctypes.c_void_p), ("count", ctypes.c_int64), ("stride_bytes", ctypes.c_int64),
        ("dimension", ctypes.c_int32), ("element", ctypes.c_int), ("validity", ctypes.c_void_p),
        ("validity_offset", ctypes.c_int64), ("norms", ctypes.c_void_p),
        ("unit_length", ctypes.c_bool),
    ]


class Hit(ctypes.Structure):
    _fields_ = [("row", ctypes.c_int64), ("score", ctypes.c_float)]


def view(array):
    assert array.flags.c_contiguous and array.dtype in (np.float16, np.float32)
    return Vectors(array.ctypes.data, array.shape[0], 0, array.shape[1],
                   0 if array.dtype == np.float16 else 1, None, 0, None, True)


def main():
    library = ctypes.CDLL(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    random = np.random.default_rng(1)
    rows32 = random.standard_normal((count, DIMENSION), dtype=np.float32)
    rows32 /= np.linalg.norm(rows32, axis=1, keepdims=True)
    rows16 = rows32.astype(np.float16)
    rows32 = rows16.astype(np.float32)  # the same values for everybody
    query = np.ascontiguousarray(rows32[:1])
    answers = {}

    def elea(rows):
        rows_view, query_view = view(rows), view(query)
        hits, found = (Hit * K)(), ctypes.c_int64()

        def run():
            status = library.elea_vector_top_k(
                ctypes.byref(rows_view), ctypes.c_int64(1), ctypes.byref(query_view),
                ctypes.c_int64(K), 0, None, hits, ctypes.byref(found), None)
            assert status == 0 and found.value == K
            return [hit.row for hit in hits]
        return run

    def numpy_float32():
        scores = rows32 @ query[0]
        best = np.argpartition(scores, -K)[-K:]
        return best[np.argsort(-scores[best])].tolist()

    contestants = {"elea, float16": elea(rows16), "elea, float32": elea(rows32),
                   "numpy, float32 and argpartition": numpy_float32}
    if faiss:
        faiss.omp_set_num_threads(1)
        flat = faiss.IndexFlatIP(DIMENSION)
        flat.add(rows32)
        half = faiss.IndexScalarQuantizer(DIMENSION, faiss.ScalarQuantizer.QT_fp16,
                                          faiss.METRIC_INNER_PRODUCT)
        half.train(rows32[:1000])
        half.add(rows32)
        contestants["faiss IndexFlatIP, float32"] = lambda: flat.search(query, K)[1][0].tolist()
        contestants["faiss QT_fp16, float16"] = lambda: half.search(query, K)[1][0].tolist()

    best = {name: float("inf") for name in contestants}
    for _ in range(max(5, 2_000_000 // count)):
        for name, run in contestants.items():
            start = time.perf_counter()
            answers[name] = run()
            best[name] = min(best[name], time.perf_counter() - start)
    base = best["elea, float16"]
    print(f"top-{K} of {count} x {DIMENSION}, one query, one thread")
    for name, seconds in best.items():
        same = "same rows" if answers[name] == answers["elea, float16"] else "OTHER ROWS"
        print(f"  {name:34} {seconds * 1e6:10.1f} us  {seconds / base:6.2f} x elea  {same}")


main()
