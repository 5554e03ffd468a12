# SPDX-License-Identifier: Apache-2.0
# Values of arrays as Python objects.
#
# A ValueReader is made once for an array and its children, and reads any row. It looks at every
# offset, index and code before it follows it, so that an array that somebody else made (quickly
# validated, but with values that lie) gives an exception and nothing worse.


class MonthDayNano(tuple):
    """A value of month_day_nano_interval: a named tuple.

    >>> import elea
    >>> elea.MonthDayNano((1, 2, 3))
    MonthDayNano(months=1, days=2, nanoseconds=3)
    """

    __slots__ = ()
    _fields = ("months", "days", "nanoseconds")
    months = property(lambda self: self[0])
    days = property(lambda self: self[1])
    nanoseconds = property(lambda self: self[2])

    def __repr__(self):
        return f"MonthDayNano(months={self[0]}, days={self[1]}, nanoseconds={self[2]})"


class DayTime(tuple):
    """A value of day_time_interval: a named tuple."""

    __slots__ = ()
    _fields = ("days", "milliseconds")
    days = property(lambda self: self[0])
    milliseconds = property(lambda self: self[1])

    def __repr__(self):
        return f"DayTime(days={self[0]}, milliseconds={self[1]})"


cdef object datetime_module = None
cdef object decimal_class = None
cdef object EPOCH = None
cdef object EPOCH_UTC = None
cdef dict ZONES = {}
cdef int64_t[4] UNITS_PER_SECOND = [1, 1000, 1000000, 1000000000]


cdef object need_datetime():
    global datetime_module, EPOCH, EPOCH_UTC
    if datetime_module is None:
        import datetime
        EPOCH = datetime.datetime(1970, 1, 1)
        EPOCH_UTC = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
        datetime_module = datetime
    return datetime_module


cdef object need_decimal():
    global decimal_class
    if decimal_class is None:
        import decimal
        decimal_class = decimal.Decimal
    return decimal_class


cdef object zone_of(str name):
    """The tzinfo of Arrow's zone names: "UTC", "+01:30", or an IANA name."""
    found = ZONES.get(name)
    if found is not None:
        return found
    datetime = need_datetime()
    if name.upper() in ("UTC", "Z", "ETC/UTC"):
        found = datetime.timezone.utc
    elif name[:1] in ("+", "-") and len(name) == 6:
        minutes = int(name[1:3]) * 60 + int(name[4:6])
        found = datetime.timezone(datetime.timedelta(
            minutes=-minutes if name[0] == "-" else minutes))
    else:
        import zoneinfo
        try:
            found = zoneinfo.ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise NotFoundError(f"no time zone is named {name!r} on this machine") from None
    ZONES[name] = found
    return found


cdef class ValueReader:
    cdef elea_span span
    cdef object owner               # keeps the array alive
    cdef elea_type_id id
    cdef elea_time_unit unit
    cdef int32_t width              # bytes of a fixed-size value, values of a fixed-size list
    cdef int32_t scale
    cdef object zone
    cdef list children
    cdef list names
    cdef ValueReader values         # of a dictionary

    cdef object damaged(self, int64_t i, str what):
        return InvalidError(f"row {i} of {type_wrap(self.span.type)}: {what}; "
                            "the array is damaged: validate(full=True) says more")

    cdef object get(self, int64_t i):
        """Row `i`, which is below the length."""
        cdef int64_t at = self.span.offset + i
        cdef const uint8_t *data = self.span.buffers[1]
        cdef elea_type_id id = self.id
        if self.span.buffers[0] != NULL and not elea_bit_get(self.span.buffers[0], at):
            return None
        if id == ELEA_TYPE_INT64:
            return (<const int64_t *>data)[at]
        if id == ELEA_TYPE_FLOAT64:
            return (<const double *>data)[at]
        if id == ELEA_TYPE_INT32:
            return (<const int32_t *>data)[at]
        if id == ELEA_TYPE_FLOAT32:
            return (<const float *>data)[at]
        if id == ELEA_TYPE_UTF8 or id == ELEA_TYPE_LARGE_UTF8 or id == ELEA_TYPE_UTF8_VIEW:
            return self.get_text(i)
        if id == ELEA_TYPE_BOOL:
            return bool(elea_bit_get(data, at))
        if id == ELEA_TYPE_UINT64:
            return (<const uint64_t *>data)[at]
        if ELEA_TYPE_UINT8 <= id <= ELEA_TYPE_INT64 or id == ELEA_TYPE_INTERVAL_MONTHS:
            return elea_span_get_int(&self.span, i)
        if id == ELEA_TYPE_FLOAT16:
            return elea_span_get_double(&self.span, i)
        if id == ELEA_TYPE_NULL:
            return None
        return self.get_other(i, at)

    cdef object get_other(self, int64_t i, int64_t at):
        cdef elea_type_id id = self.id
        cdef elea_bytes raw
        cdef int64_t begin = 0, count = 0
        if id in (ELEA_TYPE_BINARY, ELEA_TYPE_LARGE_BINARY, ELEA_TYPE_BINARY_VIEW,
                  ELEA_TYPE_FIXED_SIZE_BINARY):
            self.bytes_at(i, &raw)
            return bytes_of(raw)
        if id in (ELEA_TYPE_LIST, ELEA_TYPE_LARGE_LIST, ELEA_TYPE_LIST_VIEW,
                  ELEA_TYPE_LARGE_LIST_VIEW, ELEA_TYPE_FIXED_SIZE_LIST, ELEA_TYPE_MAP):
            self.list_at(i, &begin, &count)
            return (<ValueReader>self.children[0]).get_run(begin, count, id == ELEA_TYPE_MAP)
        if id == ELEA_TYPE_STRUCT:
            return {name: (<ValueReader>child).get(at)
                    for name, child in zip(self.names, self.children)}
        if id == ELEA_TYPE_DICTIONARY:
            return self.get_dictionary(i)
        if id == ELEA_TYPE_RUN_END_ENCODED:
            return (<ValueReader>self.children[1]).get(self.run_of(i, at))
        if id == ELEA_TYPE_SPARSE_UNION or id == ELEA_TYPE_DENSE_UNION:
            return self.get_union(i, at)
        if id in (ELEA_TYPE_DECIMAL32, ELEA_TYPE_DECIMAL64, ELEA_TYPE_DECIMAL128,
                  ELEA_TYPE_DECIMAL256):
            data = PyBytes_FromStringAndSize(<const char *>self.span.buffers[1] + at * self.width,
                                             self.width)
            number = int.from_bytes(data, "little", signed=True)
            return need_decimal()(f"{number}E{-self.scale}")
        return self.get_time(i, at)

    cdef object get_text(self, int64_t i):
        cdef elea_bytes raw
        self.bytes_at(i, &raw)
        try:
            return PyUnicode_DecodeUTF8(raw.data, raw.size, NULL) if raw.size else ""
        except UnicodeDecodeError as problem:
            raise self.damaged(i, f"not UTF-8: {problem.reason} at byte {problem.start}") from None

    cdef int bytes_at(self, int64_t i, elea_bytes *out) except -1:
        """The bytes of a row, after a look at where they are said to be."""
        cdef int64_t at = self.span.offset + i, begin, end
        cdef elea_type_id id = self.id
        cdef const elea_buffer *buffer
        if id == ELEA_TYPE_FIXED_SIZE_BINARY:
            out.data = <const char *>self.span.buffers[1] + at * self.width
            out.size = self.width
            return 0
        if id == ELEA_TYPE_UTF8_VIEW or id == ELEA_TYPE_BINARY_VIEW:
            view = <const int32_t *>(self.span.buffers[1] + at * 16)
            out.size = view[0]
            if 0 <= view[0] <= 12:
                out.data = <const char *>&view[1]
                return 0
            buffer = NULL
            if 0 <= view[2] < elea_array_buffer_count(self.span.array) - 2:
                buffer = elea_array_buffer(self.span.array, 2 + view[2])
            if (view[0] < 0 or view[3] < 0
                    or <int64_t>view[3] + view[0] > elea_buffer_size(buffer)):
                raise self.damaged(i, "a view that leaves its buffer")
            out.data = <const char *>elea_buffer_data(buffer) + view[3]
            return 0
        if id == ELEA_TYPE_UTF8 or id == ELEA_TYPE_BINARY:
            begin = (<const int32_t *>self.span.buffers[1])[at]
            end = (<const int32_t *>self.span.buffers[1])[at + 1]
        else:
            begin = (<const int64_t *>self.span.buffers[1])[at]
            end = (<const int64_t *>self.span.buffers[1])[at + 1]
        if begin < 0 or end < begin or end > self.span.sizes[2]:
            raise self.damaged(i, f"offsets {begin} and {end} in {self.span.sizes[2]} bytes")
        out.data = <const char *>self.span.buffers[2] + begin
        out.size = end - begin
        return 0

    cdef int list_at(self, int64_t i, int64_t *begin, int64_t *count) except -1:
        cdef int64_t length = (<ValueReader>self.children[0]).span.length
        elea_span_get_list(&self.span, i, begin, count)
        if begin[0] < 0 or count[0] < 0 or begin[0] > length - count[0]:
            raise self.damaged(i, f"{count[0]} values at {begin[0]} of {length}")
        return 0

    cdef list get_run(self, int64_t begin, int64_t count, bint as_pairs):
        cdef int64_t k
        cdef list out = []
        if as_pairs:
            key, value = self.children
            for k in range(begin, begin + count):
                out.append(((<ValueReader>key).get(self.span.offset + k),
                            (<ValueReader>value).get(self.span.offset + k)))
            return out
        for k in range(begin, begin + count):
            out.append(self.get(k))
        return out

    cdef object get_dictionary(self, int64_t i):
        cdef int64_t index = (<ValueReader>self.children[0]).number(self.span.offset + i)
        if index < 0 or index >= self.values.span.length:
            raise self.damaged(i, f"index {index} in a dictionary of {self.values.span.length}")
        return self.values.get(index)

    cdef int64_t number(self, int64_t at):
        """The index at `at` of a dictionary's own buffer; `width` is that of an index, with the
        sign of the type."""
        cdef const uint8_t *data = self.span.buffers[1]
        if self.width == 1:
            return (<const int8_t *>data)[at]
        if self.width == -1:
            return data[at]
        if self.width == 2:
            return (<const int16_t *>data)[at]
        if self.width == -2:
            return (<const uint16_t *>data)[at]
        if self.width == 4:
            return (<const int32_t *>data)[at]
        if self.width == -4:
            return (<const uint32_t *>data)[at]
        return (<const int64_t *>data)[at]

    cdef int64_t run_of(self, int64_t i, int64_t at) except -1:
        """The run that row `at` is in: the first whose end is behind it."""
        cdef ValueReader ends = self.children[0]
        cdef int64_t low = 0, high = ends.span.length, middle
        while low < high:
            middle = low + (high - low) // 2
            if elea_span_get_int(&ends.span, middle) > at:
                high = middle
            else:
                low = middle + 1
        if low >= ends.span.length or low >= (<ValueReader>self.children[1]).span.length:
            raise self.damaged(i, "behind the last run")
        return low

    cdef object get_union(self, int64_t i, int64_t at):
        cdef int8_t code = (<const int8_t *>self.span.buffers[1])[at]
        cdef int64_t child = elea_type_union_child(self.span.type, code)
        cdef int64_t row = at
        if child < 0:
            raise self.damaged(i, f"no child has the code {code}")
        if self.id == ELEA_TYPE_DENSE_UNION:
            row = (<const int32_t *>self.span.buffers[2])[at]
        if row < 0 or row >= (<ValueReader>self.children[child]).span.length:
            raise self.damaged(i, f"offset {row} is not inside child {child}")
        return (<ValueReader>self.children[child]).get(row)

    cdef object get_time(self, int64_t i, int64_t at):
        cdef elea_type_id id = self.id
        cdef const uint8_t *data = self.span.buffers[1]
        cdef int64_t value
        if id == ELEA_TYPE_INTERVAL_MONTH_DAY_NANO:
            return MonthDayNano((
                (<const int32_t *>data)[at * 4], (<const int32_t *>data)[at * 4 + 1],
                (<const int64_t *>data)[at * 2 + 1]))
        if id == ELEA_TYPE_INTERVAL_DAY_TIME:
            return DayTime(((<const int32_t *>data)[at * 2], (<const int32_t *>data)[at * 2 + 1]))
        value = elea_span_get_int(&self.span, i)
        datetime = need_datetime()
        try:
            if id == ELEA_TYPE_DATE32 or id == ELEA_TYPE_DATE64:
                days = value if id == ELEA_TYPE_DATE32 else int(value) // 86400000
                return datetime.date.fromordinal(719163 + days)
            if id == ELEA_TYPE_TIMESTAMP:
                return self.moment(value)
            if id == ELEA_TYPE_DURATION:
                return self.delta(value, "Timedelta")
            return (EPOCH + self.delta(value, None)).time()
        except (OverflowError, ValueError) as problem:
            if isinstance(problem, Error):
                raise
            raise CapacityError(f"row {i}: {value} as {type_wrap(self.span.type)} is beyond what "
                                "Python's datetime can hold; Scalar.value has it") from None

    cdef object delta(self, int64_t value, object pandas_name):
        """A timedelta; where it cannot hold nanoseconds, the class of pandas that can."""
        cdef int64_t per_second = UNITS_PER_SECOND[<int>self.unit]
        if self.unit == ELEA_TIME_NANO:
            if value % 1000 == 0:
                return datetime_module.timedelta(microseconds=int(value) // 1000)
            if pandas_name is None:
                raise InvalidError(f"{value} ns is no whole number of microseconds, which is what "
                                   "datetime.time holds; Scalar.value has it")
            return pandas_class(pandas_name)(value, "ns")
        return datetime_module.timedelta(
            seconds=int(value) // per_second,
            microseconds=(int(value) % per_second) * (1000000 // per_second))

    cdef object moment(self, int64_t value):
        if self.unit == ELEA_TIME_NANO and value % 1000 != 0:
            stamp = pandas_class("Timestamp")
            if self.zone is None:
                return stamp(value)
            return stamp(value, tz="UTC").tz_convert(self.zone)
        delta = self.delta(value, None)
        if self.zone is None:
            return EPOCH + delta
        return (EPOCH_UTC + delta).astimezone(self.zone)


cdef class ExtensionReader(ValueReader):
    """Of values of an extension type."""
    cdef ExtensionType extension

    cdef object get(self, int64_t i):
        value = ValueReader.get(self, i)
        return None if value is None else self.extension.to_py(value)


cdef class ScalarReader(ExtensionReader):
    """Of values of a type that has a class of scalars, which know what they are in Python."""

    cdef object get(self, int64_t i):
        cdef elea_error err = NO_ERROR
        cdef elea_scalar *out = NULL
        check(elea_scalar_new_from_array(NULL, self.span.array, i, &out, &err), &err)
        return scalar_again(out, False, self.extension).as_py()


cdef ValueReader new_reader(ExtensionType extension):
    cdef ExtensionReader self
    if extension is None:
        return ValueReader.__new__(ValueReader)
    kind = ExtensionReader
    if extension.__arrow_ext_scalar_class__() is not ExtensionScalar:
        kind = ScalarReader
    self = kind.__new__(kind)
    self.extension = extension
    return self


cdef object pandas_class(str name):
    try:
        import pandas
    except ImportError:
        raise InvalidError(
            "a value with nanoseconds, which Python's datetime cannot hold; install pandas to get "
            f"a {name}, or use Scalar.value") from None
    return getattr(pandas, name)


cdef ValueReader value_reader(object owner, const elea_array *array, ExtensionType extension):
    """A reader of all rows, of an extension type or none; `owner` keeps the array alive."""
    cdef ValueReader self = new_reader(extension)
    cdef const elea_type *type = elea_array_type(array)
    cdef int64_t i
    cdef ValueReader indices
    elea_span_of(array, &self.span)
    self.owner = owner
    self.id = self.span.id
    self.unit = elea_type_time_unit(type)
    self.width = elea_type_fixed_size(type)
    if elea_type_precision(type):
        self.width = elea_type_bit_width(type) // 8
        self.scale = elea_type_scale(type)
    if self.id == ELEA_TYPE_TIMESTAMP and elea_type_time_zone(type)[0] != 0:
        self.zone = zone_of(elea_type_time_zone(type).decode())
    if self.id == ELEA_TYPE_DICTIONARY:
        indices = ValueReader.__new__(ValueReader)
        indices.span = self.span
        indices.owner = owner
        indices.width = index_width(elea_type_index_type(type))
        self.children = [indices]
        self.values = value_reader(owner, elea_array_dictionary(array), None)
        return self
    self.children = [value_reader(owner, elea_array_child(array, i),
                                  extension_at(elea_type_child(type, i)))
                     for i in range(elea_array_child_count(array))]
    if self.id == ELEA_TYPE_STRUCT:
        self.names = [elea_field_name(elea_type_child(type, i)).decode()
                      for i in range(elea_type_child_count(type))]
    return self


cdef int32_t index_width(const elea_type *type):
    """Bytes of an index, negative for unsigned ones."""
    cdef elea_type_id id = elea_type_id_of(type)
    cdef int32_t width = elea_type_bit_width(type) // 8
    unsigned = id in (ELEA_TYPE_UINT8, ELEA_TYPE_UINT16, ELEA_TYPE_UINT32, ELEA_TYPE_UINT64)
    return -width if unsigned else width
