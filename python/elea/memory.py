# SPDX-License-Identifier: Apache-2.0
"""The memory of an agent: texts, their embeddings, and recall, over mapped Arrow files.

>>> import elea
>>> storage = elea.ArrowStorage("mind", dimension=3)
>>> storage.add(elea.table({
...     "text": ["one price for all regions", "the cat slept all day"],
...     "embedding": elea.array([[1, 0, 0], [0, 0.6, 0.8]], elea.list_(elea.float16(), 3)),
... }))
2
>>> elea.NetworkNavigator(storage).retrieve_arrow([0, 0, 1], max_results=1)["text"].to_pylist()
['the cat slept all day']

With a `LocalEmbedder` the texts are enough: `storage.add(["one price for all regions"])`, and
`retrieve_arrow("pricing")`. Nothing of the text and the vectors is copied on the way back:
`elea.copied_bytes()` says so.
"""

from __future__ import annotations

import array as _array
import datetime
import os
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import elea
from elea._errors import InvalidError, UnsupportedError, WrongTypeError

try:
    from elea import _memory
except ImportError as problem:
    if isinstance(problem, ModuleNotFoundError) and problem.name == "elea._memory":
        raise UnsupportedError(
            "this build of the package has no agent memory: oneDNN was missing when it was built"
        ) from None
    raise

if TYPE_CHECKING:
    import numpy

__all__ = ["ArrowStorage", "LocalEmbedder", "NetworkNavigator"]

MODEL_DEFAULT = "all-MiniLM-L6-v2"
Progress = Callable[[int, int], object]
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class LocalEmbedder:
    """Turns texts into vectors with a model of the BERT family, on the CPU.

    `model` is a folder as Hugging Face lays it out, or the name of one that `tools/get-model` has
    put in place; the default is all-MiniLM-L6-v2. `precision` is "f32", "bf16" or "auto", which
    takes bfloat16 where the CPU has it. Any number of threads may encode with one embedder.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | None = None,
        *,
        precision: str = "auto",
        max_length: int = 0,
    ) -> None:
        folder = os.fspath(model or MODEL_DEFAULT)
        if not os.path.isdir(folder) and os.sep not in folder:
            folder = _memory.model_directory(folder)
        self._c = _memory.Embedder(folder, precision, max_length)

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._c.dimension

    @property
    def max_length(self) -> int:
        """Tokens of a text that are used; what is beyond is cut off."""
        return self._c.max_length

    @property
    def precision(self) -> str:
        """What the products are computed in: "f32" or "bf16"."""
        return self._c.precision

    @property
    def name(self) -> str:
        """The name of the model's folder."""
        return self._c.name

    @property
    def fingerprint(self) -> str:
        """A hash of the model's weights: stores refuse the vectors of another model."""
        return self._c.fingerprint

    @property
    def pooling(self) -> str:
        """How the vectors of tokens become one: "mean" or "cls"."""
        return self._c.pooling

    def encode(self, text: str) -> numpy.ndarray[Any, Any]:
        """The vector of one text, of unit length: a NumPy array of float16."""
        if not isinstance(text, str):
            raise WrongTypeError(
                f"expected a str, got {type(text).__name__}; encode_batch() takes many"
            )
        vectors: numpy.ndarray[Any, Any] = self.encode_batch([text])
        vector: numpy.ndarray[Any, Any] = vectors[0]
        return vector

    def encode_batch(
        self, texts: Iterable[str], batch_size: int | None = None, progress: Progress | None = None
    ) -> numpy.ndarray[Any, Any]:
        """The vectors of texts, a row each: a view of the array that encode_to_arrow() gives."""
        return self.encode_to_arrow(texts, batch_size, progress).to_numpy()

    def encode_to_arrow(
        self, texts: Iterable[str], batch_size: int | None = None, progress: Progress | None = None
    ) -> elea.Array:
        """The vectors as an Array of fixed_size_list<float16>[dimension].

        `texts` are strings, or an Array of them, whose nulls stay null. Texts are put together in
        batches by length, whatever `batch_size` says: it is there because the name is kept.
        `progress(done, total)` is called now and then, from any thread.
        """
        if isinstance(texts, elea.Array):
            return self._c.encode_array(texts, progress)
        if isinstance(texts, str):
            raise WrongTypeError("expected several texts, got one str: put it in a list")
        return self._c.encode(list(texts), progress)

    def __repr__(self) -> str:
        return f"<elea.LocalEmbedder {self.name}, {self.dimension} x float16, {self.precision}>"


def _microseconds(when: object) -> int:
    if isinstance(when, bool) or not isinstance(when, int | datetime.datetime):
        raise WrongTypeError(
            f"a timestamp must be a datetime or microseconds since 1970, got {type(when).__name__}"
        )
    if isinstance(when, int):
        return when
    if when.tzinfo is None:
        raise InvalidError(f"{when!r} has no time zone: timestamps are of UTC")
    return (when - _EPOCH) // datetime.timedelta(microseconds=1)


def _runs(rows: Iterable[int]) -> list[tuple[int, int]]:
    """Rows as runs of (first, count)."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and sum(runs[-1]) == row:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((row, 1))
    return runs


def _pick(table: elea.Table, rows: Iterable[int]) -> elea.Table:
    """These rows as slices: views, a chunk for each run."""
    parts = [table.slice(first, count) for first, count in _runs(rows)]
    return elea.concat_tables(parts) if parts else table.slice(0, 0)


class ArrowStorage:
    """Memories in a folder of Arrow IPC files, read through mappings.

    The folder is made when it is missing, unless `create` is false. With an `embedder`, texts can
    be added and asked for; without one, bring the vectors, of `dimension` numbers (384 unless it
    is said). Any number of threads and processes may use one folder: each sees the version of when
    it opened or wrote, until refresh().
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        embedder: LocalEmbedder | None = None,
        *,
        dimension: int | None = None,
        create: bool = True,
    ) -> None:
        if embedder is not None and not isinstance(embedder, LocalEmbedder):
            raise WrongTypeError(
                f"embedder must be an elea.LocalEmbedder, got {type(embedder).__name__}"
            )
        self._path = os.fspath(path)
        self._embedder = embedder
        self._c: _memory.Store | None = _memory.Store(
            path, None if embedder is None else embedder._c, dimension or 0, not create
        )

    @classmethod
    def open(
        cls, path: str | os.PathLike[str], embedder: LocalEmbedder | None = None
    ) -> ArrowStorage:
        """The storage that is there already."""
        return cls(path, embedder, create=False)

    @property
    def _store(self) -> _memory.Store:
        if self._c is None:
            raise InvalidError(f"the storage {self._path!r} is closed")
        return self._c

    @property
    def path(self) -> str:
        return self._path

    @property
    def embedder(self) -> LocalEmbedder | None:
        return self._embedder

    @property
    def dimension(self) -> int:
        """The length of its vectors."""
        return self._store.dimension

    def count(self, category: str | None = None) -> int:
        """The memories of a category, or all."""
        return self._store.row_count(category)

    def __len__(self) -> int:
        return self.count()

    def add(
        self,
        memories: Any,
        category: str = "experiences",
        *,
        timestamps: Sequence[int | datetime.datetime] | None = None,
        progress: Progress | None = None,
    ) -> int:
        """Adds memories, which are durable when it returns; gives how many there were.

        `memories` is a str, an iterable of them (an embedder is needed), or a table: anything that
        elea.table() takes, with a column "embedding" and any of "text", "memory_id", "timestamp"
        and the other columns of a memory; what is missing gets its default. `timestamps` are of
        texts: datetimes with a zone, or microseconds since 1970; now, by default.
        """
        if isinstance(memories, str):
            memories = [memories]
        if isinstance(memories, Mapping) or hasattr(memories, "__arrow_c_stream__"):
            if timestamps is not None:
                raise InvalidError("timestamps of a table go into its column \"timestamp\"")
            table = memories if isinstance(memories, elea.Table) else elea.table(memories)
            self._store.add_table(category, table)
            return table.num_rows
        texts = list(memories)
        if self._embedder is None and texts:
            raise InvalidError("texts need an embedder: ArrowStorage(path, LocalEmbedder())")
        times = None if timestamps is None else [_microseconds(when) for when in timestamps]
        self._store.add_texts(category, texts, times, progress)
        return len(texts)

    def query_arrow(
        self,
        category: str = "experiences",
        filters: Mapping[str, object] | None = None,
        columns: Sequence[str] | None = None,
    ) -> elea.Table:
        """Columns of a category as a Table of views on the mapped files, a chunk for each.

        `filters` maps columns to the value that a row must have there; the rows that have are
        slices of the same views. The filter's columns are read value by value.
        """
        if not filters:
            return self._store.table(category, columns)
        wanted = None if columns is None else list(dict.fromkeys([*columns, *filters]))
        table = self._store.table(category, wanted)
        rows: Iterable[int] = range(table.num_rows)
        for name, value in filters.items():
            values = table[name].to_pylist()
            rows = [row for row in rows if values[row] == value]
        table = _pick(table, rows)
        return table if columns is None else table.select(list(columns))

    def get_embeddings_buffer(
        self, category: str = "experiences", memory_ids: Sequence[str] | None = None
    ) -> elea.ChunkedArray:
        """The vectors of a category as they lie in the files: a chunk for each.

        `memory_ids`: only of these, in that order. `.to_numpy()` of one chunk is a (n, dimension)
        view of the file.
        """
        if memory_ids is None:
            return self._store.table(category, ["embedding"])["embedding"]
        table = self._store.table(category, ["memory_id", "embedding"])
        places = {name: row for row, name in enumerate(table["memory_id"].to_pylist())}
        missing = [name for name in memory_ids if name not in places]
        if missing:
            raise elea.NotFoundError(f"category {category!r} has no memory {missing[0]!r}")
        return _pick(table, [places[name] for name in memory_ids])["embedding"]

    def refresh(self) -> None:
        """Looks at the newest version, which may be another process's."""
        self._store.refresh()

    def close(self) -> None:
        """Lets go of the store; tables that were read stay valid."""
        self._c = None

    def __enter__(self) -> ArrowStorage:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._c is None:
            return f"<elea.ArrowStorage {self._path!r}, closed>"
        return f"<elea.ArrowStorage {self._path!r}, {self.count()} memories>"


def _vector(query: Any) -> Any:
    """A vector as a contiguous buffer of float32, without a copy where it is one."""
    if isinstance(query, elea.Scalar):
        query = query.as_py()
    if hasattr(query, "__dlpack__") and not hasattr(query, "__array_interface__"):
        if not isinstance(query, elea.Array):
            query = elea.from_dlpack(query)
    try:
        view = memoryview(query)
    except TypeError:
        if not isinstance(query, Iterable):
            raise WrongTypeError(
                "expected a str or a vector (a sequence of numbers, a NumPy array, a tensor, an "
                f"Array), got {type(query).__name__}"
            ) from None
        return _array.array("f", query)
    shape = view.shape or ()
    if len(shape) not in (1, 2) or (len(shape) == 2 and shape[0] != 1) or view.format not in "efd":
        raise InvalidError(
            "a query vector has one dimension, of float16, float32 or float64 in native byte "
            f"order; got the shape {tuple(shape)} of format {view.format!r}"
        )
    if view.format == "f" and view.c_contiguous and len(shape) == 1:
        return view
    count = view.nbytes // view.itemsize
    return _array.array("f", struct.unpack(f"={count}{view.format}", view.tobytes()))


class NetworkNavigator:
    """Finds memories by what they mean."""

    def __init__(self, storage: ArrowStorage) -> None:
        if not isinstance(storage, ArrowStorage):
            raise WrongTypeError(
                f"storage must be an elea.ArrowStorage, got {type(storage).__name__}"
            )
        self.storage = storage
        #: What the last call cost: rows, encode_us, scan_us, copied_bytes, damaged_segments.
        self.figures: dict[str, int] = {}

    def retrieve_arrow(
        self,
        query_embedding: Any,
        category: str | None = "experiences",
        max_results: int = 10,
        *,
        skip_damaged: bool = False,
    ) -> elea.Table:
        """The memories most similar to a vector or a str, best first.

        A Table of memory_id, timestamp, text and similarity (the cosine), whose strings are views
        of the mapped files; the search is exact. `category` None: all of them. A vector is
        anything with numbers: a list, a NumPy array, a tensor, an Array.
        """
        query = query_embedding
        if isinstance(query, elea.Array) and len(query) == 1 and query.type.num_fields == 1:
            query = query[0]
        if not isinstance(query, str):
            query = _vector(query)
        if max_results < 1:
            raise InvalidError(f"max_results must be positive, got {max_results}")
        table, self.figures = self.storage._store.recall(
            query, max_results, category, skip_damaged
        )
        return table

    def __repr__(self) -> str:
        return f"<elea.NetworkNavigator of {self.storage!r}>"
