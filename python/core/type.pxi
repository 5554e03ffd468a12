# SPDX-License-Identifier: Apache-2.0
# Data types.

cdef tuple UNITS = ("s", "ms", "us", "ns")

# Names of pyarrow's and common speech that are not Elea's own.
cdef dict TYPE_ALIASES = {
    "string": "utf8", "large_string": "large_utf8", "string_view": "utf8_view", "str": "utf8",
    "float": "float32", "double": "float64", "halffloat": "float16", "boolean": "bool",
    "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64", "u1": "uint8", "u2": "uint16",
    "u4": "uint32", "u8": "uint64", "f2": "float16", "f4": "float32", "f8": "float64",
    "half_float": "float16", "date32[day]": "date32", "date64[ms]": "date64",
}

cdef object LIST_IDS = frozenset((
    <int>ELEA_TYPE_LIST, <int>ELEA_TYPE_LARGE_LIST, <int>ELEA_TYPE_LIST_VIEW,
    <int>ELEA_TYPE_LARGE_LIST_VIEW, <int>ELEA_TYPE_FIXED_SIZE_LIST))


cdef class DataType:
    """A type of Arrow. Make one with the functions named as the types are: `elea.int64()`.

    >>> import elea
    >>> elea.list_(elea.float32())
    DataType(list<item: float32>)
    >>> elea.timestamp("us", tz="UTC").tz
    'UTC'
    """
    cdef const elea_type *c
    cdef object __weakref__

    def __init__(self):
        raise WrongTypeError("a DataType is not made by its class: use elea.int64() and its like")

    def __dealloc__(self):
        elea_type_unref(<elea_type *>self.c)

    @property
    def id(self):
        """The number of the type, whatever its parameters: that of Arrow C++."""
        return <int>elea_type_id_of(self.c)

    @property
    def name(self):
        """The name of the type without its parameters."""
        return elea_type_id_name(elea_type_id_of(self.c)).decode()

    @property
    def bit_width(self):
        """Bits of one value, for types of fixed width."""
        if elea_type_layout_of(self.c) == ELEA_LAYOUT_FIXED:
            if elea_type_id_of(self.c) == ELEA_TYPE_FIXED_SIZE_BINARY:
                return 8 * elea_type_fixed_size(self.c)
            return elea_type_bit_width(self.c)
        if elea_type_layout_of(self.c) in (ELEA_LAYOUT_BIT, ELEA_LAYOUT_DICTIONARY):
            return (1 if elea_type_layout_of(self.c) == ELEA_LAYOUT_BIT
                    else self.index_type.bit_width)
        raise InvalidError(f"values of {self} have no fixed width")

    @property
    def byte_width(self):
        """Bytes of one value, for types of fixed width of at least one byte."""
        bits = self.bit_width
        if bits % 8:
            raise InvalidError(f"values of {self} are less than a byte wide")
        return bits // 8

    @property
    def num_fields(self):
        """How many child fields the type has."""
        return elea_type_child_count(self.c)

    @property
    def num_buffers(self):
        """How many buffers an array of the type has, its children's not counted."""
        return len(elea_layout_buffers(elea_type_layout_of(self.c)))

    def field(self, i):
        """Child field `i`, an index or the name of a field."""
        cdef int64_t count = elea_type_child_count(self.c), k
        if isinstance(i, str):
            k = self.get_field_index(i)
            if k < 0:
                raise NotFoundError(f"{self} has not exactly one field named {i!r}")
            return field_wrap(elea_type_child(self.c, k))
        k = checked_index(i, count, "field")
        return field_wrap(elea_type_child(self.c, k))

    @property
    def fields(self):
        """All child fields."""
        return [field_wrap(elea_type_child(self.c, i)) for i in range(self.num_fields)]

    @property
    def names(self):
        """The names of the child fields."""
        return [field.name for field in self.fields]

    def get_field_index(self, name):
        """The index of the only child field with this name, else -1."""
        found = [i for i, field in enumerate(self.fields) if field.name == name]
        return found[0] if len(found) == 1 else -1

    def get_all_field_indices(self, name):
        """The indices of all child fields with this name."""
        return [i for i, field in enumerate(self.fields) if field.name == name]

    @property
    def has_variadic_buffers(self):
        """Whether an array may have any number of buffers: views of binary or utf8."""
        return elea_type_layout_of(self.c) == ELEA_LAYOUT_BINARY_VIEW

    def __iter__(self):
        return iter(self.fields)

    def __len__(self):
        return elea_type_child_count(self.c)

    def __bool__(self):
        return True

    def __getitem__(self, i):
        return self.field(i)

    cdef bint is_list(self):
        return <int>elea_type_id_of(self.c) in LIST_IDS

    @property
    def is_list_like(self):
        """Whether rows are lists of a child's values: all kinds of lists, and maps."""
        return self.is_list() or elea_type_id_of(self.c) == ELEA_TYPE_MAP

    cdef missing(self, str what):
        return AttributeError(f"{self} has no {what}")

    @property
    def unit(self):
        """"s", "ms", "us" or "ns", of a time, timestamp or duration."""
        if elea_type_id_of(self.c) not in (ELEA_TYPE_TIMESTAMP, ELEA_TYPE_TIME32,
                                           ELEA_TYPE_TIME64, ELEA_TYPE_DURATION):
            raise self.missing("unit")
        return UNITS[elea_type_time_unit(self.c)]

    @property
    def tz(self):
        """The time zone of a timestamp, or None."""
        if elea_type_id_of(self.c) != ELEA_TYPE_TIMESTAMP:
            raise self.missing("tz")
        return elea_type_time_zone(self.c).decode() or None

    @property
    def precision(self):
        """The digits of a decimal."""
        if elea_type_precision(self.c) == 0:
            raise self.missing("precision")
        return elea_type_precision(self.c)

    @property
    def scale(self):
        """The digits behind the point of a decimal."""
        if elea_type_precision(self.c) == 0:
            raise self.missing("scale")
        return elea_type_scale(self.c)

    @property
    def value_field(self):
        """The field of the values in a list."""
        if not self.is_list():
            raise self.missing("value_field")
        return field_wrap(elea_type_child(self.c, 0))

    @property
    def value_type(self):
        """The type of the values in a list, a dictionary or run-end encoded values."""
        if elea_type_id_of(self.c) == ELEA_TYPE_DICTIONARY:
            return type_wrap(elea_type_value_type(self.c))
        if elea_type_id_of(self.c) == ELEA_TYPE_RUN_END_ENCODED:
            return field_type(elea_type_child(self.c, 1))
        if not self.is_list():
            raise self.missing("value_type")
        return field_type(elea_type_child(self.c, 0))

    @property
    def list_size(self):
        """Values in each row of a fixed-size list."""
        if elea_type_id_of(self.c) != ELEA_TYPE_FIXED_SIZE_LIST:
            raise self.missing("list_size")
        return elea_type_fixed_size(self.c)

    cdef const elea_field *map_field(self, int64_t i, str what) except NULL:
        if elea_type_id_of(self.c) != ELEA_TYPE_MAP:
            raise self.missing(what)
        return elea_type_child(elea_field_type(elea_type_child(self.c, 0)), i)

    @property
    def key_field(self):
        """The field of the keys of a map."""
        return field_wrap(self.map_field(0, "key_field"))

    @property
    def key_type(self):
        return self.key_field.type

    @property
    def item_field(self):
        """The field of the values of a map."""
        return field_wrap(self.map_field(1, "item_field"))

    @property
    def item_type(self):
        return self.item_field.type

    @property
    def keys_sorted(self):
        """Whether the keys in each row of a map are sorted."""
        self.map_field(0, "keys_sorted")
        return elea_type_keys_sorted(self.c)

    @property
    def index_type(self):
        """The type of the indices of a dictionary."""
        if elea_type_id_of(self.c) != ELEA_TYPE_DICTIONARY:
            raise self.missing("index_type")
        return type_wrap(elea_type_index_type(self.c))

    @property
    def ordered(self):
        """Whether the order of a dictionary's values means something."""
        self.index_type
        return elea_type_ordered(self.c)

    @property
    def run_end_type(self):
        """The type of the run ends of run-end encoded values."""
        if elea_type_id_of(self.c) != ELEA_TYPE_RUN_END_ENCODED:
            raise self.missing("run_end_type")
        return type_wrap(elea_field_type(elea_type_child(self.c, 0)))

    @property
    def type_codes(self):
        """The codes of a union, one for each child."""
        cdef const int8_t *codes = elea_type_union_codes(self.c)
        if elea_type_id_of(self.c) not in (ELEA_TYPE_SPARSE_UNION, ELEA_TYPE_DENSE_UNION):
            raise self.missing("type_codes")
        return [codes[i] for i in range(self.num_fields)]

    @property
    def mode(self):
        """"sparse" or "dense", of a union."""
        self.type_codes
        return "dense" if elea_type_id_of(self.c) == ELEA_TYPE_DENSE_UNION else "sparse"

    cdef object identity(self):
        """What makes an extension type differ from others of its storage; None for the rest."""
        return None

    def equals(self, other, *, check_metadata=False):
        """Whether the other is the same type; metadata of child fields when asked for."""
        cdef DataType its = ensure_type(other)
        return (elea_type_equal(self.c, its.c, check_metadata)
                and same_type(self, self.c, its, its.c))

    def __eq__(self, other):
        if not isinstance(other, (DataType, str)):
            return NotImplemented
        try:
            return self.equals(other)
        except ValueError:
            return False

    def __hash__(self):
        return hash((self.id, str(self) if self.num_fields == 0 else self.num_fields))

    def __str__(self):
        cdef elea_error err = NO_ERROR
        cdef elea_text text
        cdef Schema row
        elea_text_init(&text, NULL)
        if not has_extensions(self.c):
            return text_take(&text, elea_type_format(self.c, &text, &err), &err)
        row = schema([("x", self)])  # whose text has the metadata of children
        return text_take(&text, elea_schema_format(row.c, &text, &err), &err)[3:].rstrip("\n")

    def __repr__(self):
        return f"DataType({self})"

    def to_pandas_dtype(self):
        """The NumPy type of the values, as a class or dtype; `object` where there is none."""
        import numpy
        dtype = numpy_dtype_text(self.c)
        if dtype is None:
            return numpy.object_
        dtype = numpy.dtype(dtype)
        return dtype if dtype.kind in "mM" else dtype.type

    def __arrow_c_schema__(self):
        return type_capsule(self.c)

    def __reduce__(self):
        return type_parts(self)


cdef DataType type_wrap(const elea_type *c):
    return type_steal(elea_type_ref(c))


cdef DataType type_steal(elea_type *c):
    cdef DataType self = DataType.__new__(DataType)
    self.c = c
    return self


cdef DataType ensure_type(object given):
    """A DataType of what stands for one: itself, a text, or an object of another library."""
    cdef elea_error err = NO_ERROR
    cdef elea_type *out = NULL
    if isinstance(given, DataType):
        return <DataType>given
    if isinstance(given, str):
        text = TYPE_ALIASES.get(given, given)
        check(elea_type_parse(NULL, utf8_of(text), &out, &err), &err)
        return type_steal(out)
    if hasattr(given, "__arrow_c_schema__"):
        return field_import(given).type
    raise WrongTypeError(f"expected a data type (elea.int64(), 'int64'), got {shown(given)}")


cdef int64_t checked_index(object i, int64_t count, str what) except -1:
    """An index of Python, negative ones from the end."""
    cdef int64_t at
    try:
        at = i.__index__()
    except AttributeError:
        raise WrongTypeError(f"{what} index must be an int, got {shown(i)}") from None
    except OverflowError:
        raise OutOfBoundsError(f"{what} index {i} is out of bounds: there are {count}") from None
    if at < 0:
        at += count
    if at < 0 or at >= count:
        raise OutOfBoundsError(f"{what} index {i} is out of bounds: there are {count}")
    return at
