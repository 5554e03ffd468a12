# SPDX-License-Identifier: Apache-2.0
# The extension module of the agent memory: what elea.memory is written over.
import os
from collections.abc import Callable, Sequence
from typing import Any

from elea import Array, Table

def model_directory(name: str) -> str: ...

class Embedder:
    dimension: int
    max_length: int
    precision: str
    name: str
    fingerprint: str
    pooling: str
    def __init__(
        self, directory: str | os.PathLike[str], precision: str = "auto", max_length: int = 0
    ) -> None: ...
    def encode(
        self, texts: Sequence[str], progress: Callable[[int, int], object] | None = None
    ) -> Array: ...
    def encode_array(
        self, texts: Array, progress: Callable[[int, int], object] | None = None
    ) -> Array: ...

class Store:
    embedder: Embedder | None
    dimension: int
    def __init__(
        self,
        path: str | os.PathLike[str],
        embedder: Embedder | None = None,
        dimension: int = 0,
        must_exist: bool = False,
    ) -> None: ...
    def row_count(self, category: str | None = None) -> int: ...
    def refresh(self) -> None: ...
    def add_texts(
        self,
        category: str,
        texts: Sequence[str],
        timestamps: Sequence[int] | None = None,
        progress: Callable[[int, int], object] | None = None,
    ) -> None: ...
    def add_table(self, category: str, table: Table) -> None: ...
    def table(self, category: str, columns: Sequence[str] | None = None) -> Table: ...
    def recall(
        self, query: Any, k: int, category: str | None = None, skip_damaged: bool = False
    ) -> tuple[Table, dict[str, int]]: ...
