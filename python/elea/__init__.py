# SPDX-License-Identifier: Apache-2.0
"""Elea: Apache Arrow in plain C, and a zero-copy memory for agents.

The names are pyarrow's wherever the thing is the same:

>>> import elea
>>> table = elea.table({"city": ["Elea", "Velia", None], "founded": [-540, -530, None]})
>>> print(table)
 city   founded
 utf8     int64
 ─────  ───────
 Elea      -540
 Velia     -530
 null      null
 3 rows x 2 columns
>>> table.schema.field("founded").type
DataType(int64)

What Elea gives to others is the same memory, and so is what it takes: NumPy, pandas, Polars,
DuckDB, pyarrow and PyTorch see each value where it lies. `elea.copied_bytes()` counts what was
copied. Nothing but Python is needed to import it; each of these packages is imported when a method
that needs it is called.
"""

from elea import _core, types
from elea._core import (
    allocated_bytes, append_file, append_table, Array, array, binary, binary_view, bool8,
    Bool8Array, Bool8Type, bool_, Buffer, BufferOutputStream, chunked_array, ChunkedArray,
    concat_arrays, concat_batches, concat_tables, copied_bytes, cpu_level, DataType, date32,
    date64, day_time_interval, DayTime, decimal128, decimal256, decimal32, decimal64,
    default_memory_pool, dense_union, dense_union_array, dictionary, dictionary_array,
    duration, ExtensionArray, ExtensionScalar, ExtensionType, feather_version, Field, field,
    File, fixed_shape_tensor, fixed_size_list_array, FixedShapeTensorArray,
    FixedShapeTensorType, float16, float32, float64, foreign_buffer, from_dlpack,
    from_numpy_dtype, get_record_batch_size, get_tensor_size, infer_type, input_file, int16,
    int32, int64, int8, json_, JsonType, large_binary, large_list, large_list_view,
    large_string, large_utf8, list_, list_array, list_view, list_view_array, map_, map_array,
    memory_map, MemoryPool, Message, MessageBuffer, MessageReader, month_day_nano_interval,
    month_interval, MonthDayNano, new_file, new_stream, null, nulls, opaque, OpaqueType,
    open_file, open_messages, open_stream, py_buffer, read_record_batch, read_schema,
    read_sparse_tensor, read_table, read_tensor, record_batch, RecordBatch,
    RecordBatchFileReader, RecordBatchFileWriter, RecordBatchReader, RecordBatchStreamReader,
    RecordBatchStreamWriter, recover_file, register_extension_type, repeat, run_end_encoded,
    run_end_encoded_array, Scalar, scalar, Schema, schema, schema_from_json, schema_from_yaml,
    sparse_union, sparse_union_array, SparseCOOTensor, SparseCSCMatrix, SparseCSFTensor,
    SparseCSRMatrix, StreamDecoder, string, string_view, struct, struct_array, Table, table,
    Tensor, time32, time64, timestamp, timestamp_with_offset, TimestampWithOffsetType,
    total_allocated_bytes, type_for_alias, type_from_arrow, type_from_text, uint16, uint32,
    uint64, uint8, unify_schemas, union, unregister_extension_type, utf8, uuid, UuidType,
    variable_shape_tensor, VariableShapeTensorType, write_table, write_tensor,
)
from elea._errors import (
    CancelledError, CapacityError, Error, ExistsError, ForeignError, InputOutputError,
    InvalidError, MissingFileError, NotFoundError, OutOfBoundsError, OutOfMemoryError,
    UnsupportedError, ViewError, WrongTypeError,
)

__version__: str = _core.__version__

__all__ = [
    "Array", "Bool8Array", "Bool8Type", "Buffer", "BufferOutputStream", "CancelledError",
    "CapacityError", "ChunkedArray", "DataType", "DayTime", "Error", "ExistsError",
    "ExtensionArray", "ExtensionScalar", "ExtensionType", "Field", "File", "FixedShapeTensorArray",
    "FixedShapeTensorType", "ForeignError", "InputOutputError", "InvalidError", "JsonType",
    "MemoryPool", "Message", "MessageBuffer", "MessageReader", "MissingFileError", "MonthDayNano",
    "NotFoundError", "OpaqueType", "OutOfBoundsError", "OutOfMemoryError", "RecordBatch",
    "RecordBatchFileReader", "RecordBatchFileWriter", "RecordBatchReader",
    "RecordBatchStreamReader", "RecordBatchStreamWriter", "Scalar", "Schema", "SparseCOOTensor",
    "SparseCSCMatrix", "SparseCSFTensor", "SparseCSRMatrix", "StreamDecoder", "Table", "Tensor",
    "TimestampWithOffsetType", "UnsupportedError", "UuidType", "VariableShapeTensorType",
    "ViewError", "WrongTypeError", "allocated_bytes", "append_file", "append_table", "array",
    "binary", "binary_view", "bool8", "bool_", "chunked_array", "concat_arrays", "concat_batches",
    "concat_tables", "copied_bytes", "cpu_level", "date32", "date64", "day_time_interval",
    "decimal128", "decimal256", "decimal32", "decimal64", "default_memory_pool", "dense_union",
    "dense_union_array", "dictionary", "dictionary_array", "duration", "feather_version", "field",
    "fixed_shape_tensor", "fixed_size_list_array", "float16", "float32", "float64",
    "foreign_buffer", "from_dlpack", "from_numpy_dtype", "get_record_batch_size", "get_tensor_size",
    "infer_type", "input_file", "int16", "int32", "int64", "int8", "json_", "large_binary",
    "large_list", "large_list_view", "large_string", "large_utf8", "list_", "list_array",
    "list_view", "list_view_array", "map_", "map_array", "memory_map", "month_day_nano_interval",
    "month_interval", "new_file", "new_stream", "null", "nulls", "opaque", "open_file",
    "open_messages", "open_stream", "py_buffer", "read_record_batch", "read_schema",
    "read_sparse_tensor", "read_table", "read_tensor", "record_batch", "recover_file",
    "register_extension_type", "repeat", "run_end_encoded", "run_end_encoded_array", "scalar",
    "schema", "schema_from_json", "schema_from_yaml", "sparse_union", "sparse_union_array",
    "string", "string_view", "struct", "struct_array", "table", "time32", "time64", "timestamp",
    "timestamp_with_offset", "total_allocated_bytes", "type_for_alias", "type_from_arrow",
    "type_from_text", "types", "uint16", "uint32", "uint64", "uint8", "unify_schemas", "union",
    "unregister_extension_type", "utf8", "uuid", "variable_shape_tensor", "write_table",
    "write_tensor",
]

# Modules and their names that are imported when they are first asked for.
_LATER: dict[str, str] = {
    "ArrowStorage": "elea.memory",
    "LocalEmbedder": "elea.memory",
    "NetworkNavigator": "elea.memory",
}


def __getattr__(name: str) -> object:
    if name in _LATER:
        import importlib

        value = getattr(importlib.import_module(_LATER[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'elea' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
