# SPDX-License-Identifier: Apache-2.0
"""Questions about types, under the names of `pyarrow.types`.

>>> import elea
>>> elea.types.is_integer(elea.int8()), elea.types.is_nested(elea.list_("int8"))
(True, True)
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in module typing, whose import would take longer than all of this
if TYPE_CHECKING:
    from collections.abc import Callable

    from elea._core import DataType


def _of(*names: str) -> Callable[[DataType], bool]:
    """Whether the type is one of these, whatever its parameters."""
    accepted = frozenset(names)

    def test(t: DataType) -> bool:
        return t.name in accepted

    test.__doc__ = f"Whether the type is {' or '.join(names)}."
    return test


_SIGNED = ("int8", "int16", "int32", "int64")
_UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
_FLOATING = ("float16", "float32", "float64")
_DATE = ("date32", "date64")
_TIME = ("time32", "time64")
_INTERVAL = ("month_interval", "day_time_interval", "month_day_nano_interval")
_TEMPORAL = (*_DATE, *_TIME, "timestamp", "duration", *_INTERVAL)
_DECIMAL = ("decimal32", "decimal64", "decimal128", "decimal256")
_UNION = ("sparse_union", "dense_union")
_LIST = ("list", "large_list", "list_view", "large_list_view", "fixed_size_list")

is_null = _of("null")
is_boolean = _of("bool")
is_int8, is_int16, is_int32, is_int64 = map(_of, _SIGNED)
is_uint8, is_uint16, is_uint32, is_uint64 = map(_of, _UNSIGNED)
is_signed_integer = _of(*_SIGNED)
is_unsigned_integer = _of(*_UNSIGNED)
is_integer = _of(*_SIGNED, *_UNSIGNED)
is_float16, is_float32, is_float64 = map(_of, _FLOATING)
is_floating = _of(*_FLOATING)
is_decimal32, is_decimal64, is_decimal128, is_decimal256 = map(_of, _DECIMAL)
is_decimal = _of(*_DECIMAL)
is_date32, is_date64 = map(_of, _DATE)
is_date = _of(*_DATE)
is_time32, is_time64 = map(_of, _TIME)
is_time = _of(*_TIME)
is_timestamp = _of("timestamp")
is_duration = _of("duration")
is_interval = _of(*_INTERVAL)
is_temporal = _of(*_TEMPORAL)
is_primitive = _of("bool", *_SIGNED, *_UNSIGNED, *_FLOATING, *_TEMPORAL)
is_binary = _of("binary")
is_large_binary = _of("large_binary")
is_binary_view = _of("binary_view")
is_fixed_size_binary = _of("fixed_size_binary")
is_string = is_unicode = _of("utf8")
is_large_string = is_large_unicode = _of("large_utf8")
is_string_view = _of("utf8_view")
is_list = _of("list")
is_large_list = _of("large_list")
is_list_view = _of("list_view")
is_large_list_view = _of("large_list_view")
is_fixed_size_list = _of("fixed_size_list")
is_struct = _of("struct")
is_map = _of("map")
is_union = _of(*_UNION)
is_dictionary = _of("dictionary")
is_run_end_encoded = _of("run_end_encoded")
is_nested = _of(*_LIST, "struct", "map", *_UNION, "run_end_encoded")
