# SPDX-License-Identifier: Apache-2.0
# The type that a run of Python values has.


cdef class TypeGuess:
    """What was seen so far; result() is the narrowest type that holds all of it, as pyarrow
    chooses it."""
    cdef bint nan_is_null
    cdef set kinds                  # names of the kinds of values seen
    cdef object least, most         # of the ints
    cdef object zone                # of datetimes: None, or a text
    cdef int whole_digits, scale    # of decimals
    cdef TypeGuess item             # of lists
    cdef dict fields                # of dicts, by name
    cdef object numpy_unit
    cdef DataType exact             # of Elea's own scalars
    cdef object example

    def __cinit__(self, bint nan_is_null):
        self.nan_is_null = nan_is_null
        self.kinds = set()
        self.least = self.most = 0

    cdef int see(self, object value) except -1:
        kind = type(value)
        if value is None or self.nan_is_null and is_missing(value):
            return 0
        if kind is int:
            self.kinds.add("int")
            if value < self.least:
                self.least = value
            elif value > self.most:
                self.most = value
        elif kind is str:
            self.kinds.add("str")
        elif kind is float:
            self.kinds.add("float")
        elif kind is bool:
            self.kinds.add("bool")
        else:
            self.see_other(value)
        return 0

    cdef int see_other(self, object value) except -1:
        if isinstance(value, Scalar):
            if self.exact is not None and self.exact != value.type:
                raise InvalidError(f"scalars of {self.exact} and {value.type} in one array")
            self.exact = value.type
            self.kinds.add("scalar")
            return 0
        if isinstance(value, (bytes, bytearray, memoryview, Buffer)):
            self.kinds.add("bytes")
            return 0
        if isinstance(value, (MonthDayNano, DayTime)):
            self.kinds.add(type(value).__name__)
            return 0
        if isinstance(value, dict):
            return self.see_dict(value)
        if isinstance(value, (list, tuple, set, frozenset)) or getattr(value, "ndim", 0) == 1:
            return self.see_list(value)
        if getattr(value, "ndim", None) == 0 and hasattr(value, "dtype"):
            return self.see_numpy(value)
        return self.see_moment(value)

    cdef int see_list(self, object value) except -1:
        self.kinds.add("list")
        if self.item is None:
            self.item = TypeGuess(self.nan_is_null)
        dtype = getattr(value, "dtype", None)
        if dtype is not None and getattr(dtype, "kind", "O") in "iufbmM" and len(value):
            return self.item.see_numpy(value)
        for one in value:
            self.item.see(one)
        return 0

    cdef int see_dict(self, object value) except -1:
        self.kinds.add("dict")
        if self.fields is None:
            self.fields = {}
        for name, one in value.items():
            if not isinstance(name, str):
                raise WrongTypeError(f"a dict with the key {shown(name)} is no struct, whose names "
                                     "are str; give the type, as elea.map_(...), for a map")
            guess = self.fields.get(name)
            if guess is None:
                guess = self.fields[name] = TypeGuess(self.nan_is_null)
            (<TypeGuess>guess).see(one)
        return 0

    cdef int see_numpy(self, object value) except -1:
        kind = value.dtype.kind
        if kind == "i" or kind == "u":
            self.kinds.add("int")
            self.least = min(self.least, int(value.min()))
            self.most = max(self.most, int(value.max()))
        elif kind == "f":
            self.kinds.add("float")
        elif kind == "b":
            self.kinds.add("bool")
        elif kind == "M" or kind == "m":
            unit = str(value.dtype).partition("[")[2].rstrip("]")
            if unit == "D" and kind == "M":
                self.kinds.add("date")
                return 0
            self.kinds.add("datetime" if kind == "M" else "timedelta")
            self.numpy_unit = finer(self.numpy_unit, unit if unit in UNITS else "s")
        else:
            raise WrongTypeError(f"values of NumPy's {value.dtype} have no Arrow type")
        return 0

    cdef int see_moment(self, object value) except -1:
        datetime = need_datetime()
        if isinstance(value, datetime.datetime):
            if value is not None and type(value).__name__ == "NaTType":
                return 0
            self.kinds.add("datetime")
            zone = zone_name(value.tzinfo)
            if self.zone is None:
                self.zone = zone
            # pandas knows its unit
            self.numpy_unit = finer(self.numpy_unit, getattr(value, "unit", "us"))
        elif isinstance(value, datetime.date):
            self.kinds.add("date")
        elif isinstance(value, datetime.time):
            self.kinds.add("time")
        elif isinstance(value, datetime.timedelta):
            self.kinds.add("timedelta")
            self.numpy_unit = finer(self.numpy_unit, getattr(value, "unit", "us"))
        elif isinstance(value, need_decimal()):
            self.kinds.add("decimal")
            sign, digits, exponent = value.as_tuple()
            if not isinstance(exponent, int):
                raise InvalidError(f"{value} cannot be a decimal")
            self.scale = max(self.scale, -exponent)
            self.whole_digits = max(self.whole_digits, len(digits) + exponent)
        elif isinstance(value, str):
            self.kinds.add("str")
        elif isinstance(value, bool):
            self.kinds.add("bool")
        elif isinstance(value, int):
            self.kinds.add("int")
            self.least, self.most = min(self.least, value), max(self.most, value)
        elif isinstance(value, float):
            self.kinds.add("float")
        elif type(value).__name__ in ("NaTType", "NAType"):
            return 0
        elif isinstance(value, need_uuid()):
            self.kinds.add("uuid")
        else:
            raise WrongTypeError(f"no Arrow type for {shown(value)}; accepted are None, bool, int, "
                                 "float, str, bytes, Decimal, UUID, the classes of datetime, "
                                 "lists, dicts, NumPy's scalars, and what speaks the Arrow "
                                 "PyCapsule interface")
        return 0

    cdef DataType result(self):
        kinds = self.kinds
        if not kinds:
            return null()
        if kinds == {"int", "float"}:
            return float64()
        if kinds == {"int", "decimal"}:
            self.whole_digits = max(self.whole_digits, len(str(max(self.most, -self.least))))
            kinds = {"decimal"}
        if len(kinds) > 1:
            raise WrongTypeError(f"values of several kinds: {', '.join(sorted(kinds))}; give the "
                                 "type, or make them one")
        kind = next(iter(kinds))
        if kind == "int":
            return self.int_type()
        if kind == "decimal":
            whole = max(self.whole_digits, 0)
            digits = max(whole + max(self.scale, 0), 1)
            return (decimal128 if digits <= 38 else decimal256)(digits, self.scale)
        if kind == "list":
            return list_(self.item.result())
        if kind == "dict":
            return struct([(name, (<TypeGuess>guess).result())
                           for name, guess in self.fields.items()])
        if kind == "datetime":
            return timestamp(self.numpy_unit or "us", self.zone)
        if kind == "timedelta":
            return duration(self.numpy_unit or "us")
        if kind == "time":
            return time64("us")
        if kind == "scalar":
            return self.exact
        return {"str": string, "float": float64, "bool": bool_, "bytes": binary, "date": date32,
                "uuid": uuid,
                "MonthDayNano": month_day_nano_interval, "DayTime": day_time_interval}[kind]()

    cdef DataType int_type(self):
        if self.least >= -2**63 and self.most < 2**63:
            return int64()
        if self.least >= 0 and self.most < 2**64:
            return uint64()
        raise CapacityError(f"ints from {self.least} to {self.most} fit no integer type")


cdef object finer(object a, object b):
    if a is None or b is None:
        return a or b
    return UNITS[max(UNITS.index(a), UNITS.index(b))]


cdef object zone_name(object zone):
    """Arrow's name of a tzinfo."""
    if zone is None:
        return None
    name = getattr(zone, "key", None) or getattr(zone, "zone", None)  # zoneinfo, pytz
    if name:
        return name
    datetime = need_datetime()
    if zone is datetime.timezone.utc:
        return "UTC"
    offset = zone.utcoffset(None)
    if offset is None:
        return str(zone)
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


cdef DataType guess_type(object values, bint nan_is_null):
    cdef TypeGuess guess = TypeGuess(nan_is_null)
    cdef int64_t row = 0
    for value in values:
        try:
            guess.see(value)
        except Error as problem:
            raise placed(problem, f"row {row}") from None
        row += 1
    return guess.result()


def infer_type(values, mask=None, from_pandas=False):
    """The type that elea.array() would choose for these values.

    >>> import elea
    >>> elea.infer_type([{"x": 1, "tags": ["a"]}, None])
    DataType(struct<x: int64, tags: list<item: utf8>>)
    """
    if mask is not None:
        values = [None if hidden else value for value, hidden in zip(values, mask)]
    return guess_type(values, from_pandas)
