# SPDX-License-Identifier: Apache-2.0
# Scalars: one value of any type.


cdef class Scalar:
    """One value, or null, of any type: what indexing an array gives.

    >>> import elea
    >>> s = elea.array([1.5, None])[0]
    >>> s, s.as_py(), s.type
    (Scalar(float64: 1.5), 1.5, DataType(float64))
    """
    cdef elea_scalar *c
    cdef bint is_safe               # its array's values were validated
    cdef object __weakref__

    def __init__(self):
        raise WrongTypeError("a Scalar is not made by its class: use elea.scalar()")

    def __dealloc__(self):
        elea_scalar_unref(self.c)

    @property
    def type(self):
        return self.known() or type_wrap(elea_scalar_type(self.c))

    cdef ExtensionType known(self):
        """The extension type of the value, or None."""
        return None

    cdef Array alone(self):
        """The value as an array of one row."""
        return array_typed(elea_array_ref(elea_scalar_array(self.c)), self.is_safe, self.known())

    @property
    def is_valid(self):
        """False for null."""
        self.ensure_safe()
        return elea_scalar_is_valid(self.c)

    cdef int ensure_safe(self) except -1:
        cdef elea_error err = NO_ERROR
        if not self.is_safe:
            check(elea_array_validate(elea_scalar_array(self.c), ELEA_VALIDATE_SAFE, &err), &err)
            self.is_safe = True
        return 0

    def as_py(self, *, maps_as_pydicts=None):
        """The value as a Python object; None for null."""
        value = value_reader(self, elea_scalar_array(self.c), None).get(0)
        if maps_as_pydicts is not None and elea_type_id_of(
                elea_scalar_type(self.c)) == ELEA_TYPE_MAP and value is not None:
            return dict(value)
        return value

    @property
    def value(self):
        """The number behind a date, time, timestamp or duration; else as as_py() gives it."""
        cdef elea_type_id id = elea_type_id_of(elea_scalar_type(self.c))
        if not self.is_valid:
            return None
        if ELEA_TYPE_DATE32 <= id <= ELEA_TYPE_TIME64 or id == ELEA_TYPE_DURATION:
            return elea_scalar_get_int(self.c)
        return self.as_py()

    def as_buffer(self):
        """The bytes of a binary or utf8, as a Buffer; None for null."""
        cdef const elea_array *values = elea_scalar_array(self.c)
        cdef elea_span span
        cdef elea_bytes raw
        cdef const elea_type *type = elea_scalar_type(self.c)
        if (elea_type_id_of(type) != ELEA_TYPE_FIXED_SIZE_BINARY
                and elea_type_layout_of(type) not in (
                    ELEA_LAYOUT_BINARY, ELEA_LAYOUT_LARGE_BINARY, ELEA_LAYOUT_BINARY_VIEW)):
            raise WrongTypeError(f"a scalar of {self.type} is no bytes")
        if not self.is_valid:
            return None
        elea_span_of(values, &span)
        raw = elea_span_get_bytes(&span, 0)
        return buffer_over(self, raw.data, raw.size)

    @property
    def values(self):
        """The values of a list or map, as an Array; None for null."""
        if not self.type.is_list_like:
            raise WrongTypeError(f"a scalar of {self.type} has no values")
        return list_values(self.alone()) if self.is_valid else None

    @property
    def index(self):
        """Which of the dictionary's values it is, as a Scalar."""
        return self.alone().indices[0]

    @property
    def dictionary(self):
        """The values that a dictionary scalar is one of, as an Array."""
        return self.alone().dictionary

    @property
    def type_code(self):
        """Which child the value of a union is of."""
        return self.alone().type_codes[0].as_py()

    def validate(self, *, full=False):
        """Raises when the value breaks the rules of the format."""
        cdef elea_error err = NO_ERROR
        check(elea_array_validate(elea_scalar_array(self.c),
                                  ELEA_VALIDATE_FULL if full else ELEA_VALIDATE_QUICK, &err), &err)

    def equals(self, other):
        """Whether the other scalar has the same type and value."""
        if not isinstance(other, Scalar):
            raise WrongTypeError(f"expected an elea.Scalar, got {shown(other)}")
        self.ensure_safe()
        (<Scalar>other).ensure_safe()
        return (elea_scalar_equal(self.c, (<Scalar>other).c, NULL)
                and same_type(self.known(), elea_scalar_type(self.c),
                              (<Scalar>other).known(), elea_scalar_type((<Scalar>other).c)))

    def __eq__(self, other):
        return self.equals(other) if isinstance(other, Scalar) else NotImplemented

    def __hash__(self):
        value = self.as_py()
        try:
            return hash((self.type, value))
        except TypeError:
            return hash((self.type, str(self)))

    def __bool__(self):
        return bool(self.as_py())

    def __len__(self):
        return len(self.as_py())

    def __getitem__(self, key):
        return self.as_py()[key]

    def __iter__(self):
        return iter(self.as_py())

    def __int__(self):
        return int(self.value)

    def __float__(self):
        return float(self.value)

    def __index__(self):
        return self.value.__index__()

    def __str__(self):
        return str(self.as_py())

    def __repr__(self):
        cdef elea_error err = NO_ERROR
        cdef elea_text text
        self.ensure_safe()
        elea_text_init(&text, NULL)
        words = text_take(&text, elea_scalar_format(self.c, True, &text, &err), &err)
        return f"Scalar({self.type}: {words})"

    def __arrow_c_schema__(self):
        return self.type.__arrow_c_schema__()

    def __arrow_c_array__(self, requested_schema=None):
        return self.alone().__arrow_c_array__(requested_schema)

    def __reduce__(self):
        return scalar_at, (self.alone(), 0)


cdef Scalar scalar_steal(elea_scalar *c):
    cdef Scalar self = Scalar.__new__(Scalar)
    self.c = c
    return self


def scalar_at(Array values, int64_t index):
    """Row `index` of an array: values[index]."""
    cdef elea_error err = NO_ERROR
    cdef elea_scalar *out = NULL
    check(elea_scalar_new_from_array(NULL, values.c, index, &out, &err), &err)
    return scalar_again(out, values.is_safe, values.known())


def scalar(value, type=None, *, from_pandas=None):
    """A scalar of a Python value; `type` is chosen by the value unless it is given.

    >>> import elea
    >>> elea.scalar("pricing"), elea.scalar(3, "int8").type
    (Scalar(utf8: "pricing"), DataType(int8))
    """
    if isinstance(value, Scalar) and type is None:
        return value
    return array([value], type, from_pandas=from_pandas)[0]
