# SPDX-License-Identifier: Apache-2.0
"""What the to_* and from_* methods do with other packages, each imported when it is asked for.

All go through the interfaces that anybody may use (the Arrow PyCapsule interface, DLPack, the
buffer protocol): these functions only know the other package's names for it.
"""

from __future__ import annotations

from typing import Any

from elea._errors import InvalidError, UnsupportedError


def _arrow_mapper(types_mapper: Any) -> Any:
    if types_mapper == "numpy":
        return None
    if types_mapper is not None:
        return types_mapper
    import pandas

    return pandas.ArrowDtype


def array_to_pandas(values: Any, types_mapper: Any) -> Any:
    return values.to_pyarrow().to_pandas(types_mapper=_arrow_mapper(types_mapper))


def table_to_pandas(table: Any, types_mapper: Any) -> Any:
    return table.to_pyarrow().to_pandas(types_mapper=_arrow_mapper(types_mapper))


def from_pandas(frame: Any, schema: Any, preserve_index: bool | None) -> Any:
    import elea

    if not hasattr(frame, "__arrow_c_stream__"):
        raise UnsupportedError(
            f"expected a pandas.DataFrame of version 2.2 or newer, got {type(frame).__name__}"
        )
    if preserve_index:
        frame = frame.reset_index()
    table = elea.table(frame)
    if preserve_index is False:
        unnamed = [name for name in table.column_names if name.startswith("__index_level_")]
        table = table.drop_columns(unnamed)
    return table if schema is None else elea.table(table, schema=schema)


def to_polars_series(values: Any) -> Any:
    import polars

    return polars.Series(values)


def to_polars_frame(table: Any) -> Any:
    import polars

    return polars.DataFrame(table)


def to_torch(values: Any) -> Any:
    import warnings

    import torch

    if values.null_count:
        raise InvalidError(f"{values.null_count} nulls, which a tensor does not have")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # torch has no read-only tensors
        return torch.from_dlpack(values)
