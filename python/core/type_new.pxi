# SPDX-License-Identifier: Apache-2.0
# The functions that make data types: named as pyarrow's.


def null():
    """The type whose values are all null."""
    return type_wrap(elea_type_of(ELEA_TYPE_NULL))


def bool_():
    """True and false, a bit each."""
    return type_wrap(elea_type_of(ELEA_TYPE_BOOL))


def int8():
    return type_wrap(elea_type_of(ELEA_TYPE_INT8))


def int16():
    return type_wrap(elea_type_of(ELEA_TYPE_INT16))


def int32():
    return type_wrap(elea_type_of(ELEA_TYPE_INT32))


def int64():
    return type_wrap(elea_type_of(ELEA_TYPE_INT64))


def uint8():
    return type_wrap(elea_type_of(ELEA_TYPE_UINT8))


def uint16():
    return type_wrap(elea_type_of(ELEA_TYPE_UINT16))


def uint32():
    return type_wrap(elea_type_of(ELEA_TYPE_UINT32))


def uint64():
    return type_wrap(elea_type_of(ELEA_TYPE_UINT64))


def float16():
    return type_wrap(elea_type_of(ELEA_TYPE_FLOAT16))


def float32():
    return type_wrap(elea_type_of(ELEA_TYPE_FLOAT32))


def float64():
    return type_wrap(elea_type_of(ELEA_TYPE_FLOAT64))


def string():
    """UTF-8 text with 32-bit offsets: up to 2 GiB in an array."""
    return type_wrap(elea_type_of(ELEA_TYPE_UTF8))


def large_string():
    """UTF-8 text with 64-bit offsets."""
    return type_wrap(elea_type_of(ELEA_TYPE_LARGE_UTF8))


def string_view():
    """UTF-8 text as views: short texts lie in the view, long ones in buffers it names."""
    return type_wrap(elea_type_of(ELEA_TYPE_UTF8_VIEW))


def large_binary():
    return type_wrap(elea_type_of(ELEA_TYPE_LARGE_BINARY))


def binary_view():
    return type_wrap(elea_type_of(ELEA_TYPE_BINARY_VIEW))


def binary(length=-1):
    """Bytes: of any length, or all of `length`.

    >>> import elea
    >>> elea.binary(), elea.binary(16)
    (DataType(binary), DataType(fixed_size_binary[16]))
    """
    cdef elea_error err = NO_ERROR
    cdef elea_type *out = NULL
    if length == -1:
        return type_wrap(elea_type_of(ELEA_TYPE_BINARY))
    check(elea_type_new_fixed_size_binary(NULL, length, &out, &err), &err)
    return type_steal(out)


def date32():
    """Days since 1970."""
    return type_wrap(elea_type_of(ELEA_TYPE_DATE32))


def date64():
    """Milliseconds since 1970, whole days."""
    return type_wrap(elea_type_of(ELEA_TYPE_DATE64))


def month_interval():
    return type_wrap(elea_type_of(ELEA_TYPE_INTERVAL_MONTHS))


def day_time_interval():
    return type_wrap(elea_type_of(ELEA_TYPE_INTERVAL_DAY_TIME))


def month_day_nano_interval():
    return type_wrap(elea_type_of(ELEA_TYPE_INTERVAL_MONTH_DAY_NANO))


cdef elea_time_unit unit_of(object unit) except *:
    if unit not in UNITS:
        raise InvalidError(f"a time unit is one of {', '.join(UNITS)}; got {unit!r}")
    return <elea_time_unit><int>UNITS.index(unit)


cdef DataType new_time(elea_type_id id, object unit):
    cdef elea_error err = NO_ERROR
    cdef elea_type *out = NULL
    check(elea_type_new_time(NULL, id, unit_of(unit), &out, &err), &err)
    return type_steal(out)


def timestamp(unit, tz=None):
    """Time since 1970 in "s", "ms", "us" or "ns": UTC where there is a zone, else local time.

    >>> import elea
    >>> elea.timestamp("ms", "Europe/Rome")
    DataType(timestamp[ms, Europe/Rome])
    """
    cdef elea_error err = NO_ERROR
    cdef elea_type *out = NULL
    zone = str(tz).encode() if tz is not None else b""
    check(elea_type_new_timestamp(NULL, unit_of(unit), zone, &out, &err), &err)
    return type_steal(out)


def time32(unit):
    """Time of day in "s" or "ms"."""
    return new_time(ELEA_TYPE_TIME32, unit)


def time64(unit):
    """Time of day in "us" or "ns"."""
    return new_time(ELEA_TYPE_TIME64, unit)


def duration(unit):
    """A length of time in "s", "ms", "us" or "ns"."""
    return new_time(ELEA_TYPE_DURATION, unit)


cdef DataType new_decimal(elea_type_id id, int32_t precision, int32_t scale):
    cdef elea_error err = NO_ERROR
    cdef elea_type *out = NULL
    check(elea_type_new_decimal(NULL, id, precision, scale, &out, &err), &err)
    return type_steal(out)


def decimal32(int precision, int scale=0):
    """Decimal numbers of up to 9 digits, `scale` of them behind the point."""
    return new_decimal(ELEA_TYPE_DECIMAL32, precision, scale)


def decimal64(int precision, int scale=0):
    """Decimal numbers of up to 18 digits."""
    return new_decimal(ELEA_TYPE_DECIMAL64, precision, scale)


def decimal128(int precision, int scale=0):
    """Decimal numbers of up to 38 digits."""
    return new_decimal(ELEA_TYPE_DECIMAL128, precision, scale)


def decimal256(int precision, int scale=0):
    """Decimal numbers of up to 76 digits."""
    return new_decimal(ELEA_TYPE_DECIMAL256, precision, scale)


cdef Field ensure_item(object value, str name, bint nullable=True):
    """A child field: one given, or a type under the name that Arrow uses."""
    return value if isinstance(value, Field) else field(name, value, nullable)


cdef DataType new_list(elea_type_id id, object value_type):
    cdef elea_error err = NO_ERROR
    cdef elea_type *out = NULL
    cdef Field item = ensure_item(value_type, "item")
    check(elea_type_new_list(NULL, id, item.c, &out, &err), &err)
    return type_steal(out)


def list_(value_type, int32_t list_size=-1):
    """Lists of a type (or field), of any length, or all of `list_size`: a fixed-size list.

    >>> import elea
    >>> elea.list_("float16", 384)
    DataType(fixed_size_list<item: float16>[384])
    """
    cdef elea_error err = NO_ERROR
    cdef elea_type *out = NULL
    cdef Field item
    if list_size == -1:
        return new_list(ELEA_TYPE_LIST, value_type)
    item = ensure_item(value_type, "item")
    check(elea_type_new_fixed_size_list(NULL, item.c, list_size, &out, &err), &err)
    return type_steal(out)


def large_list(value_type):
    """Lists with 64-bit offsets."""
    return new_list(ELEA_TYPE_LARGE_LIST, value_type)


def list_view(value_type):
    """Lists that name offset and size of each row."""
    return new_list(ELEA_TYPE_LIST_VIEW, value_type)


def large_list_view(value_type):
    return new_list(ELEA_TYPE_LARGE_LIST_VIEW, value_type)


cdef list ensure_fields(object fields):
    """Fields of: fields, pairs of name and type, or a mapping of them."""
    out = []
    if hasattr(fields, "items"):
        fields = fields.items()
    if isinstance(fields, (str, bytes)):
        raise WrongTypeError(f"expected a list of fields, got {shown(fields)}")
    for item in fields:
        if isinstance(item, Field):
            out.append(item)
        elif isinstance(item, tuple) and len(item) == 2:
            out.append(field(*item))
        elif hasattr(item, "__arrow_c_schema__") and not isinstance(item, DataType):
            out.append(field_import(item))
        else:
            raise WrongTypeError(f"expected a field or a pair (name, type), got {shown(item)}")
    return out


cdef Pointers field_pointers(list fields):
    cdef Pointers out = Pointers(len(fields))
    for i in range(len(fields)):
        out.data[i] = <void *>(<Field>fields[i]).c
    return out


def struct(fields):
    """Rows of named children: from fields, pairs of name and type, or a dict.

    >>> import elea
    >>> elea.struct({"x": "float32", "y": "float32"})
    DataType(struct<x: float32, y: float32>)
    """
    cdef elea_error err = NO_ERROR
    cdef elea_type *out = NULL
    fields = ensure_fields(fields)
    cdef Pointers pointers = field_pointers(fields)
    check(elea_type_new_struct(NULL, <const elea_field *const *>pointers.data, len(fields), &out,
                               &err), &err)
    return type_steal(out)


def map_(key_type, item_type, keys_sorted=False):
    """Lists of pairs of key and item."""
    cdef elea_error err = NO_ERROR
    cdef elea_type *out = NULL
    cdef Field key = ensure_item(key_type, "key", False)
    cdef Field item = ensure_item(item_type, "value")
    check(elea_type_new_map(NULL, key.c, item.c, keys_sorted, &out, &err), &err)
    return type_steal(out)


def dictionary(index_type, value_type, ordered=False):
    """Values written once and named by indices."""
    cdef elea_error err = NO_ERROR
    cdef elea_type *out = NULL
    cdef DataType index = ensure_type(index_type), value = ensure_type(value_type)
    if isinstance(value, ExtensionType):
        raise UnsupportedError(f"a dictionary of {value}: its values have no field that could "
                               "name the type; make the dictionary the storage of the type")
    check(elea_type_new_dictionary(NULL, index.c, value.c, ordered, &out, &err), &err)
    return type_steal(out)


def run_end_encoded(run_end_type, value_type):
    """Values written once for each run, with where it ends."""
    cdef elea_error err = NO_ERROR
    cdef elea_type *out = NULL
    cdef Field ends = ensure_item(run_end_type, "run_ends", False)
    cdef Field values = ensure_item(value_type, "values")
    check(elea_type_new_run_end_encoded(NULL, ends.c, values.c, &out, &err), &err)
    return type_steal(out)


def union(child_fields, mode, type_codes=None):
    """Each row one value of one of the children; `mode` is "sparse" or "dense"."""
    cdef elea_error err = NO_ERROR
    cdef elea_type *out = NULL
    fields = ensure_fields(child_fields)
    cdef Pointers pointers = field_pointers(fields)
    if mode not in ("sparse", "dense"):
        raise InvalidError(f"the mode of a union is 'sparse' or 'dense', got {mode!r}")
    codes = list(range(len(fields)) if type_codes is None else type_codes)
    if len(codes) != len(fields) or any(not 0 <= code <= 127 for code in codes):
        raise InvalidError(f"a union has a code from 0 to 127 for each of its {len(fields)} "
                           f"fields, got {codes}")
    packed = bytes(codes)
    check(elea_type_new_union(
        NULL, ELEA_TYPE_DENSE_UNION if mode == "dense" else ELEA_TYPE_SPARSE_UNION,
        <const elea_field *const *>pointers.data, <const int8_t *>PyBytes_AS_STRING(packed),
        len(fields), &out, &err), &err)
    return type_steal(out)


def sparse_union(child_fields, type_codes=None):
    return union(child_fields, "sparse", type_codes)


def dense_union(child_fields, type_codes=None):
    return union(child_fields, "dense", type_codes)


utf8 = string
large_utf8 = large_string


def type_for_alias(name):
    """The type of a text: "int64", "list<item: utf8>", or pyarrow's aliases as "string"."""
    return ensure_type(name)


def type_from_text(text):
    """The type of a text as str() of a type writes it.

    >>> import elea
    >>> elea.type_from_text("struct<name: utf8, tags: list<utf8>>").field("tags").type
    DataType(list<item: utf8>)
    """
    return ensure_type(text)


def type_from_arrow(obj):
    """The type of whatever has `__arrow_c_schema__`: of pyarrow, Polars, nanoarrow, arro3..."""
    return ensure_type(obj)


cdef tuple type_parts(DataType self):
    """How pickle makes the type again: a function above and what to call it with."""
    cdef elea_type_id id = elea_type_id_of(self.c)
    lists = {<int>ELEA_TYPE_LIST: list_, <int>ELEA_TYPE_LARGE_LIST: large_list,
             <int>ELEA_TYPE_LIST_VIEW: list_view, <int>ELEA_TYPE_LARGE_LIST_VIEW: large_list_view}
    if <int>id in lists:
        return lists[<int>id], (self.value_field,)
    if id == ELEA_TYPE_FIXED_SIZE_LIST:
        return list_, (self.value_field, self.list_size)
    if id == ELEA_TYPE_STRUCT:
        return struct, (self.fields,)
    if id == ELEA_TYPE_MAP:
        return map_, (self.key_field, self.item_field, self.keys_sorted)
    if id == ELEA_TYPE_DICTIONARY:
        return dictionary, (self.index_type, self.value_type, self.ordered)
    if id == ELEA_TYPE_RUN_END_ENCODED:
        return run_end_encoded, (self.field(0), self.field(1))
    if id == ELEA_TYPE_SPARSE_UNION or id == ELEA_TYPE_DENSE_UNION:
        return union, (self.fields, self.mode, self.type_codes)
    if id == ELEA_TYPE_TIMESTAMP:
        return timestamp, (self.unit, self.tz)
    return type_from_text, (str(self),)
