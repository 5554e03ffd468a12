# SPDX-License-Identifier: Apache-2.0
# Python objects into arrays of a given type.
#
# A ValueWriter is made once for a type and its children over one builder, and appends any value
# that fits without loss; what does not is an exception that names the value.


cdef class BuilderOwner:
    """Frees the builder that writers write to."""
    cdef elea_builder *c

    def __dealloc__(self):
        elea_builder_free(self.c)


cdef class ValueWriter:
    cdef BuilderOwner owner
    cdef elea_builder *c
    cdef const elea_type *type      # of the values; kept alive by the builder
    cdef elea_type_id id
    cdef elea_layout layout
    cdef elea_time_unit unit
    cdef int32_t width
    cdef list children
    cdef list names
    cdef bint nan_is_null

    cdef object refused(self, object value, str why=""):
        wanted = TYPE_WORDS.get(<int>self.id) or str(type_wrap(self.type))
        return WrongTypeError(f"expected {wanted}, got {shown(value)}{why}")

    cdef int append(self, object value) except -1:
        cdef elea_error err = NO_ERROR
        cdef elea_type_id id = self.id
        if value is None or self.nan_is_null and is_missing(value):
            return check(elea_builder_append_null(self.c, &err), &err)
        if isinstance(value, Scalar):
            return self.append(value.as_py())
        if id == ELEA_TYPE_INT64 and type(value) is int:
            return self.append_int(value)
        if id == ELEA_TYPE_FLOAT64 and type(value) is float:
            return check(elea_builder_append_double(self.c, value, &err), &err)
        if self.layout in (ELEA_LAYOUT_BINARY, ELEA_LAYOUT_LARGE_BINARY, ELEA_LAYOUT_BINARY_VIEW):
            return self.append_text(value)
        if ELEA_TYPE_UINT8 <= id <= ELEA_TYPE_INT64 or id == ELEA_TYPE_INTERVAL_MONTHS:
            return self.append_int(value)
        if ELEA_TYPE_FLOAT16 <= id <= ELEA_TYPE_FLOAT64:
            return self.append_float(value)
        if id == ELEA_TYPE_BOOL:
            return self.append_bool(value)
        if self.layout == ELEA_LAYOUT_STRUCT:
            return self.append_struct(value)
        if id == ELEA_TYPE_MAP:
            return self.append_map(value)
        if self.layout in (ELEA_LAYOUT_LIST, ELEA_LAYOUT_LARGE_LIST, ELEA_LAYOUT_LIST_VIEW,
                           ELEA_LAYOUT_LARGE_LIST_VIEW, ELEA_LAYOUT_FIXED_SIZE_LIST):
            return self.append_list(value)
        if elea_type_precision(self.type):
            return self.append_decimal(value)
        if id == ELEA_TYPE_FIXED_SIZE_BINARY:
            return self.append_text(value)
        if id == ELEA_TYPE_INTERVAL_MONTH_DAY_NANO or id == ELEA_TYPE_INTERVAL_DAY_TIME:
            return self.append_interval(value)
        if id == ELEA_TYPE_NULL:
            raise self.refused(value)
        if id == ELEA_TYPE_SPARSE_UNION or id == ELEA_TYPE_DENSE_UNION:
            raise UnsupportedError("a union is not made of Python values: make the children, and "
                                   "put them together with Array.from_buffers()")
        return self.append_time(value)

    cdef int append_int(self, object value) except -1:
        cdef elea_error err = NO_ERROR
        cdef int64_t number
        cdef uint64_t large
        if not isinstance(value, int):
            if hasattr(value, "__index__"):
                value = value.__index__()
            elif isinstance(value, float) and value.is_integer():
                value = int(value)
            else:
                raise self.refused(value)
        try:
            number = value
        except OverflowError:
            try:
                large = value
            except OverflowError:
                raise CapacityError(f"{value} does not fit {type_wrap(self.type)}") from None
            return check(elea_builder_append_uint(self.c, large, &err), &err)
        return check(elea_builder_append_int(self.c, number, &err), &err)

    cdef int append_float(self, object value) except -1:
        cdef elea_error err = NO_ERROR
        cdef double number
        if isinstance(value, (str, bytes, bytearray)) or not (
                isinstance(value, (float, int)) or hasattr(value, "__float__")):
            raise self.refused(value)
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            raise self.refused(value) from None
        return check(elea_builder_append_double(self.c, number, &err), &err)

    cdef int append_bool(self, object value) except -1:
        cdef elea_error err = NO_ERROR
        if value is True or value is False:
            return check(elea_builder_append_int(self.c, value is True, &err), &err)
        if getattr(getattr(value, "dtype", None), "kind", None) != "b":
            raise self.refused(value)
        return check(elea_builder_append_int(self.c, 1 if value else 0, &err), &err)

    cdef int append_raw(self, const char *data, int64_t size) except -1:
        cdef elea_error err = NO_ERROR
        cdef elea_bytes raw
        raw.data = data
        raw.size = size
        return check(elea_builder_append_bytes(self.c, raw, &err), &err)

    cdef int append_text(self, object value) except -1:
        cdef Py_ssize_t size = 0
        cdef const char *data
        cdef bint is_text = self.id in (ELEA_TYPE_UTF8, ELEA_TYPE_LARGE_UTF8, ELEA_TYPE_UTF8_VIEW)
        if isinstance(value, str):
            data = PyUnicode_AsUTF8AndSize(value, &size)
            return self.append_raw(data, size)
        if not isinstance(value, bytes):
            if is_text or not isinstance(value, (bytearray, memoryview, Buffer)):
                raise self.refused(value)
            value = bytes(value)
        if is_text and elea_utf8_check(PyBytes_AS_STRING(value), len(value)) != len(value):
            raise InvalidError(f"{shown(value)} is not UTF-8")
        return self.append_raw(PyBytes_AS_STRING(value), len(value))

    cdef int append_struct(self, object value) except -1:
        cdef elea_error err = NO_ERROR
        cdef ValueWriter child
        cdef int64_t i
        if isinstance(value, tuple) and len(value) == len(self.children):
            for i in range(len(self.children)):
                (<ValueWriter>self.children[i]).append(value[i])
        elif isinstance(value, dict) or hasattr(value, "keys"):
            for name, child in zip(self.names, self.children):
                try:
                    child.append(value[name] if name in value else None)
                except Error as problem:
                    raise placed(problem, f"field {name!r}") from None
        else:
            raise self.refused(value)
        return check(elea_builder_append_row(self.c, &err), &err)

    cdef int append_list(self, object value) except -1:
        cdef elea_error err = NO_ERROR
        cdef ValueWriter child = self.children[0]
        if isinstance(value, (str, bytes, bytearray, dict)) or not hasattr(value, "__iter__"):
            raise self.refused(value)
        if not child.append_memory(value):
            for item in value:
                child.append(item)
        return check(elea_builder_append_row(self.c, &err), &err)

    cdef bint append_memory(self, object value) except -1:
        """All values of an object with a buffer of exactly the type's values, as NumPy arrays are.
        False when it is none."""
        cdef elea_error err = NO_ERROR
        cdef Py_buffer view
        cdef elea_status status
        if isinstance(value, (list, tuple)) or not PyObject_CheckBuffer(value):
            return False
        try:
            PyObject_GetBuffer(value, &view, PyBUF_FORMAT | PyBUF_ND)
        except (BufferError, ValueError):
            return False
        try:
            if view.ndim != 1 or <int>self.id != buffer_type_id(view.format, view.itemsize):
                return False
            status = elea_builder_append_values(self.c, view.buf, NULL, view.shape[0], &err)
            check(status, &err)
        finally:
            PyBuffer_Release(&view)
        return True

    cdef int append_map(self, object value) except -1:
        cdef elea_error err = NO_ERROR
        cdef ValueWriter entries = self.children[0]
        if isinstance(value, dict) or hasattr(value, "items"):
            value = value.items()
        elif isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
            raise self.refused(value)
        for pair in value:
            if not isinstance(pair, (tuple, list)) or len(pair) != 2:
                raise self.refused(pair, ": a pair of key and value is needed")
            if pair[0] is None:
                raise InvalidError("a key of a map is None")
            (<ValueWriter>entries.children[0]).append(pair[0])
            (<ValueWriter>entries.children[1]).append(pair[1])
            check(elea_builder_append_row(entries.c, &err), &err)
        return check(elea_builder_append_row(self.c, &err), &err)

    cdef int append_decimal(self, object value) except -1:
        if isinstance(value, bool) or not isinstance(value, (int, need_decimal())):
            raise self.refused(value)
        sign, digits, exponent = need_decimal()(value).as_tuple()
        if not isinstance(exponent, int):
            raise InvalidError(f"{value} cannot be a decimal")
        number = int("".join(map(str, digits)) or "0")
        shift = exponent + elea_type_scale(self.type)
        if shift >= 0:
            number *= 10 ** min(shift, 100) if number else 1
        else:
            number, rest = divmod(number, 10 ** min(-shift, 100 + len(digits)))
            if rest:
                raise InvalidError(f"{value} has more digits behind the point than "
                                   f"{type_wrap(self.type)} keeps")
        if len(str(number)) > elea_type_precision(self.type):
            raise CapacityError(f"{value} does not fit {type_wrap(self.type)}")
        data = (-number if sign else number).to_bytes(self.width, "little", signed=True)
        return self.append_raw(PyBytes_AS_STRING(data), len(data))

    cdef int append_interval(self, object value) except -1:
        cdef char[16] data
        cdef bint long_form = self.id == ELEA_TYPE_INTERVAL_MONTH_DAY_NANO
        if not isinstance(value, tuple) or len(value) != (3 if long_form else 2):
            raise self.refused(value)
        try:
            (<int32_t *>data)[0] = value[0]
            (<int32_t *>data)[1] = value[1]
            if long_form:
                (<int64_t *>data)[1] = value[2]
        except OverflowError:
            raise CapacityError(f"{value} does not fit {type_wrap(self.type)}") from None
        return self.append_raw(data, 16 if long_form else 8)

    cdef int append_time(self, object value) except -1:
        """Dates, times, timestamps and durations: of datetime's objects, NumPy's, or the number."""
        cdef elea_error err = NO_ERROR
        number = value
        if not isinstance(value, int):
            number = self.time_number(value)
            if number is None:
                return check(elea_builder_append_null(self.c, &err), &err)
        return self.append_int(number)

    cdef object time_number(self, object value):
        cdef elea_type_id id = self.id
        datetime = need_datetime()
        kind = getattr(getattr(value, "dtype", None), "kind", None)
        if kind == "M" or kind == "m":
            return self.numpy_number(value, kind)
        if is_missing(value):
            return None
        if id == ELEA_TYPE_DATE32 or id == ELEA_TYPE_DATE64:
            if not isinstance(value, datetime.date):
                raise self.refused(value)
            return (value.toordinal() - 719163) * (1 if id == ELEA_TYPE_DATE32 else 86400000)
        if id == ELEA_TYPE_TIMESTAMP:
            if isinstance(value, datetime.datetime):
                base = EPOCH if value.tzinfo is None else EPOCH_UTC
                return self.units_of(value - base, getattr(value, "nanosecond", 0), value)
            if isinstance(value, datetime.date):
                return (value.toordinal() - 719163) * 86400 * UNITS_PER_SECOND[<int>self.unit]
        elif id == ELEA_TYPE_DURATION:
            if isinstance(value, datetime.timedelta):
                return self.units_of(value, getattr(value, "nanoseconds", 0), value)
        elif isinstance(value, datetime.time):
            delta = datetime.timedelta(hours=value.hour, minutes=value.minute,
                                       seconds=value.second, microseconds=value.microsecond)
            return self.units_of(delta, 0, value)
        raise self.refused(value)

    cdef object units_of(self, object delta, object nanoseconds, object value):
        """A timedelta (and nanoseconds beside it) in the unit, if that holds it exactly."""
        # The nanoseconds of a pandas timedelta are counted in its own total.
        whole = (delta.days * 86400 + delta.seconds) * 1000000000 + delta.microseconds * 1000
        whole += nanoseconds
        number, rest = divmod(whole, 1000000000 // UNITS_PER_SECOND[<int>self.unit])
        if rest:
            raise InvalidError(f"{shown(value)} is no whole number of {UNITS[self.unit]}")
        return number

    cdef object numpy_number(self, object value, str kind):
        import numpy
        if numpy.isnat(value):
            return None
        if (kind == "m") != (self.id == ELEA_TYPE_DURATION):
            raise self.refused(value)
        if self.id == ELEA_TYPE_DATE32:
            unit = "D"
        elif self.id == ELEA_TYPE_DATE64:
            unit = "ms"
        else:
            unit = UNITS[self.unit]
        other = value.astype(f"{kind}8[{unit}]")
        if other != value:
            raise InvalidError(f"{shown(value)} is no whole number of {unit}")
        return int(other.astype("int64"))


cdef class ExtensionWriter(ValueWriter):
    """Of values of an extension type."""
    cdef ExtensionType extension

    cdef object refused(self, object value, str why=""):
        wanted = self.extension.accepted() or f"{self.extension.storage_type} for {self.extension}"
        return WrongTypeError(f"expected {wanted}, got {shown(value)}{why}")

    cdef int append(self, object value) except -1:
        if isinstance(value, ExtensionScalar):
            value = value.value
        elif value is not None:
            value = self.extension.to_storage(value)
        return ValueWriter.append(self, value)


cdef ValueWriter new_writer(ExtensionType extension):
    cdef ExtensionWriter self
    if extension is None:
        return ValueWriter.__new__(ValueWriter)
    self = ExtensionWriter.__new__(ExtensionWriter)
    self.extension = extension
    return self


cdef dict TYPE_WORDS = {
    <int>ELEA_TYPE_BOOL: "a bool", <int>ELEA_TYPE_UTF8: "a str", <int>ELEA_TYPE_NULL: "None",
    <int>ELEA_TYPE_LARGE_UTF8: "a str", <int>ELEA_TYPE_UTF8_VIEW: "a str",
    <int>ELEA_TYPE_BINARY: "bytes", <int>ELEA_TYPE_LARGE_BINARY: "bytes",
    <int>ELEA_TYPE_BINARY_VIEW: "bytes", <int>ELEA_TYPE_DATE32: "a date",
    <int>ELEA_TYPE_DATE64: "a date",
}


cdef object placed(object problem, str where):
    """The same error with the place before its words."""
    return type(problem)(f"{where}: {problem.args[-1] if problem.args else problem}")


cdef bint is_missing(object value):
    """NaN, and the NaT and NA of pandas and NumPy: what from_pandas reads as null."""
    if isinstance(value, float):
        return value != value
    kind = type(value)
    if kind.__name__ in ("NaTType", "NAType"):
        return True
    if kind.__name__ in ("datetime64", "timedelta64") or isinstance(value, need_decimal()):
        return bool(value != value)
    return False


cdef int buffer_type_id(const char *format, Py_ssize_t itemsize) noexcept:
    """The type of a buffer's items by its format (of module struct); -1 for others."""
    cdef char letter
    cdef int step
    if format == NULL:
        return <int>ELEA_TYPE_UINT8
    if format[0] == c"@" or format[0] == c"=" or format[0] == c"<":
        format += 1
    letter = format[0]
    if letter == 0 or format[1] != 0:
        return -1
    if letter == c"?":
        return <int>ELEA_TYPE_BOOL
    if itemsize not in (1, 2, 4, 8):
        return -1
    # Integers of both signs take turns in the order of their widths.
    step = 0 if itemsize == 1 else 2 if itemsize == 2 else 4 if itemsize == 4 else 6
    if letter in (c"b", c"h", c"i", c"l", c"q", c"n"):
        return <int>ELEA_TYPE_INT8 + step
    if letter in (c"B", c"H", c"I", c"L", c"Q", c"N"):
        return <int>ELEA_TYPE_UINT8 + step
    if letter in (c"e", c"f", c"d") and step > 0:
        return <int>ELEA_TYPE_FLOAT16 + step // 2 - 1
    return -1


cdef ValueWriter value_writer(BuilderOwner owner, elea_builder *builder, const elea_type *type,
                              bint nan_is_null, ExtensionType extension):
    """A writer of values of `type`, and an extension type over it or None, to `builder`, which may
    be one of an encoding of them."""
    cdef ValueWriter self
    cdef int64_t i
    if elea_type_id_of(type) == ELEA_TYPE_DICTIONARY:
        return value_writer(owner, builder, elea_type_value_type(type), nan_is_null, extension)
    if elea_type_id_of(type) == ELEA_TYPE_RUN_END_ENCODED:
        return value_writer(owner, builder, elea_field_type(elea_type_child(type, 1)), nan_is_null,
                            extension or extension_at(elea_type_child(type, 1)))
    self = new_writer(extension)
    self.owner = owner
    self.c = builder
    self.type = type
    self.id = elea_type_id_of(type)
    self.layout = elea_type_layout_of(type)
    self.unit = elea_type_time_unit(type)
    self.width = elea_type_bit_width(type) // 8
    self.nan_is_null = nan_is_null
    self.children = []
    for i in range(elea_type_child_count(type)):
        if elea_builder_child(builder, i) == NULL:
            raise UnsupportedError(f"nested values in {type_wrap(elea_builder_type(builder))} are "
                                   "not made of Python values")
        self.children.append(value_writer(owner, elea_builder_child(builder, i),
                                          elea_field_type(elea_type_child(type, i)), nan_is_null,
                                          extension_at(elea_type_child(type, i))))
    self.names = [elea_field_name(elea_type_child(type, i)).decode()
                  for i in range(elea_type_child_count(type))]
    return self


cdef object write_values(object values, DataType type, bint nan_is_null, object mask):
    """An array of Python values; a chunked one where a chunk would be too large for its type."""
    cdef elea_error err = NO_ERROR
    cdef BuilderOwner owner = BuilderOwner.__new__(BuilderOwner)
    cdef elea_array *out = NULL
    cdef elea_chunked_array *chunks = NULL
    cdef ValueWriter writer
    cdef ExtensionType extension = as_extension(type)
    cdef int64_t row = 0
    check(elea_builder_new(NULL, type.c, &owner.c, &err), &err)
    elea_builder_set_chunked(owner.c, True)
    writer = value_writer(owner, owner.c, type.c, nan_is_null, extension)
    for value in values:
        if mask is not None and mask[row]:
            value = None
        try:
            writer.append(value)
        except Error as problem:
            raise placed(problem, f"row {row}") from None
        except UnicodeEncodeError as problem:
            raise InvalidError(f"row {row}: {problem}") from None
        row += 1
        if row % 65536 == 0:
            PyErr_CheckSignals()
    if row == elea_builder_length(owner.c):
        check(elea_builder_finish(owner.c, &out, &err), &err)
        return array_typed(out, False, extension)
    check(elea_builder_finish_chunked(owner.c, &chunks, &err), &err)
    return chunked_array_steal(chunks, extension)
