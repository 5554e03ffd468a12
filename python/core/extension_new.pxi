# SPDX-License-Identifier: Apache-2.0
# The canonical extension types: what their values are in Python, and the functions that make them.

cdef object uuid_class = None


cdef object need_uuid():
    global uuid_class
    if uuid_class is None:
        import uuid
        uuid_class = uuid.UUID
    return uuid_class


cdef class UuidType(ExtensionType):
    """UUIDs, 16 bytes each: uuid.UUID in Python. `elea.uuid()` makes it."""

    cdef object parameters(self):
        return None

    cdef str accepted(self):
        return "a uuid.UUID or 16 bytes"

    cdef object to_py(self, object value):
        return need_uuid()(bytes=value)

    cdef object to_storage(self, object value):
        if type(value) is not bytes and isinstance(value, need_uuid()):
            return value.bytes
        return value


cdef class Bool8Type(ExtensionType):
    """True and false, a byte each: bool in Python. `elea.bool8()` makes it."""

    cdef object parameters(self):
        return None

    cdef str accepted(self):
        return "a bool"

    cdef object to_py(self, object value):
        return value != 0

    cdef object to_storage(self, object value):
        kind = getattr(getattr(value, "dtype", None), "kind", None)
        return bool(value) if kind == "b" else value

    def __arrow_ext_class__(self):
        return Bool8Array


cdef class JsonType(ExtensionType):
    """JSON as UTF-8 text: str in Python. `elea.json_()` makes it."""

    cdef object parameters(self):
        return None

    cdef str accepted(self):
        return "a str of JSON"


cdef class TimestampWithOffsetType(ExtensionType):
    """Moments with the offset from UTC that each had: datetime in Python, in a zone of that
    offset. `elea.timestamp_with_offset()` makes it."""

    cdef object parameters(self):
        return None

    cdef str accepted(self):
        return "a datetime with a time zone"

    cdef object to_py(self, object value):
        datetime = need_datetime()
        moment, minutes = value["timestamp"], value["offset_minutes"]
        if moment is None or minutes is None:
            return None
        try:
            return moment.astimezone(datetime.timezone(datetime.timedelta(minutes=minutes)))
        except (ValueError, OverflowError) as problem:
            raise InvalidError(f"{moment} with an offset of {minutes} minutes: "
                               f"{problem}") from None

    cdef object to_storage(self, object value):
        datetime = need_datetime()
        if not isinstance(value, datetime.datetime) or value.tzinfo is None:
            return value
        minutes, rest = divmod(value.utcoffset(), datetime.timedelta(minutes=1))
        if rest:
            raise InvalidError(f"the offset of {value} is no whole number of minutes")
        return {"timestamp": value, "offset_minutes": minutes}


cdef class _JsonParameters(ExtensionType):
    """A type whose parameters are a JSON object."""

    cdef dict parsed(self):
        import json
        try:
            return json.loads(self.text.decode() or "{}")
        except RecursionError:
            raise InvalidError(f"the parameters of {self.extension_name} are nested too deep: "
                               f"{shown(self.text)}") from None


cdef class OpaqueType(_JsonParameters):
    """A type of another system that Arrow has no name for. `elea.opaque()` makes it."""

    @property
    def type_name(self):
        """The name of the type in the other system."""
        return self.parsed()["type_name"]

    @property
    def vendor_name(self):
        """The name of the other system."""
        return self.parsed()["vendor_name"]

    cdef object parameters(self):
        return self.type_name, self.vendor_name

    cdef str parameter_text(self):
        return (f"[storage_type={self.storage_type}, type_name={self.type_name}, "
                f"vendor_name={self.vendor_name}]")


cdef class _TensorType(_JsonParameters):
    """Tensors. Shape and names are those of the dimensions in memory; dimension `i` of the tensor
    that is meant is dimension `permutation[i]` there."""

    @property
    def dim_names(self):
        """The names of the dimensions, or None."""
        return self.parsed().get("dim_names")

    @property
    def permutation(self):
        """The order of the dimensions, or None for that in memory."""
        return self.parsed().get("permutation")

    cdef object parameters(self):
        parsed = self.parsed()
        order = parsed.get("permutation")
        if order is not None and order == sorted(order):
            order = None
        sizes = parsed.get("shape") or parsed.get("uniform_shape") or []
        if all(size is None for size in sizes):
            sizes = []
        return sizes, parsed.get("dim_names"), order

    cdef str tensor_text(self, list told):
        sizes, names, order = self.parameters()
        if order is not None:
            told.append(f"permutation=[{listed(order)}]")
        if names is not None:
            told.append(f"dim_names=[{listed(names)}]")
        return f"[{', '.join(told)}]"


cdef class FixedShapeTensorType(_TensorType):
    """Tensors of one shape, one a row. `elea.fixed_shape_tensor()` makes it.

    Shape and names are those of the dimensions in memory; dimension `i` of the tensor that is
    meant is dimension `permutation[i]` there.
    """

    @property
    def shape(self):
        """The sizes of the dimensions in memory, in row-major order."""
        return self.parsed()["shape"]

    cdef str parameter_text(self):
        return self.tensor_text([f"value_type={self.value_type}", f"shape=[{listed(self.shape)}]"])

    def __arrow_ext_class__(self):
        return FixedShapeTensorArray


cdef class VariableShapeTensorType(_TensorType):
    """Tensors of so many dimensions and any shape, which is given beside the values of each.
    `elea.variable_shape_tensor()` makes it."""

    @property
    def value_type(self):
        """The type of the elements."""
        return self.field(0).type.value_type

    @property
    def ndim(self):
        """How many dimensions each tensor has."""
        return self.field(1).type.list_size

    @property
    def uniform_shape(self):
        """The sizes that all tensors share, None for those that vary; None when all do."""
        return self.parsed().get("uniform_shape")

    cdef str parameter_text(self):
        told = [f"value_type={self.value_type}", f"ndim={self.ndim}"]
        if self.uniform_shape is not None:
            sizes = ["null" if size is None else size for size in self.uniform_shape]
            told.append(f"uniform_shape=[{listed(sizes)}]")
        return self.tensor_text(told)


CANONICAL.update({
    b"arrow.bool8": Bool8Type, b"arrow.fixed_shape_tensor": FixedShapeTensorType,
    b"arrow.json": JsonType, b"arrow.opaque": OpaqueType,
    b"arrow.timestamp_with_offset": TimestampWithOffsetType, b"arrow.uuid": UuidType,
    b"arrow.variable_shape_tensor": VariableShapeTensorType})


cdef str listed(object values):
    return ",".join(map(str, values))


cdef bytes json_bytes(dict parameters):
    """A JSON object of what is not None."""
    import json
    present = {name: value for name, value in parameters.items() if value is not None}
    return json.dumps(present, separators=(",", ":"), ensure_ascii=False).encode()


cdef list whole_numbers(object given, str what):
    """A list of ints of an iterable of what stands for them; None for None."""
    if given is None:
        return None
    try:
        return [value.__index__() for value in given]
    except (TypeError, AttributeError):
        raise WrongTypeError(f"{what} is a list of ints, got {shown(given)}") from None


def uuid():
    """The type of UUIDs, 16 bytes each: arrow.uuid.

    >>> import elea, uuid
    >>> a = elea.array([uuid.UUID(int=1), None], type=elea.uuid())
    >>> a.type, a[0].as_py()
    (UuidType(extension<arrow.uuid>), UUID('00000000-0000-0000-0000-000000000001'))
    """
    return make_extension(binary(16), b"arrow.uuid", b"")


def bool8():
    """The type of true and false in a byte each, as NumPy has them: arrow.bool8.

    >>> import elea
    >>> elea.array([True, None, False], type=elea.bool8()).to_pylist()
    [True, None, False]
    """
    return make_extension(int8(), b"arrow.bool8", b"")


def json_(storage_type="utf8"):
    """The type of JSON in UTF-8 text of any kind: arrow.json.

    >>> import elea
    >>> elea.array(['{"a": 1}', None], type=elea.json_()).to_pylist()
    ['{"a": 1}', None]
    """
    return make_extension(ensure_storage(storage_type), b"arrow.json", b"")


def opaque(storage_type, type_name, vendor_name):
    """A type of another system, whose values only that system knows: arrow.opaque.

    >>> import elea
    >>> elea.opaque(elea.binary(), "geometry", "PostGIS").type_name
    'geometry'
    """
    for name in (type_name, vendor_name):
        if not isinstance(name, str):
            raise WrongTypeError(f"the names of an opaque type are str, got {shown(name)}")
    return make_extension(ensure_storage(storage_type), b"arrow.opaque",
                          json_bytes({"type_name": type_name, "vendor_name": vendor_name}))


def timestamp_with_offset(unit):
    """The type of moments in "s", "ms", "us" or "ns" with an offset each: that of their time zone
    from UTC then, in minutes: arrow.timestamp_with_offset.

    >>> import elea, datetime
    >>> then = datetime.datetime.fromisoformat("2020-05-01T12:00:00+02:00")
    >>> print(elea.array([then], type=elea.timestamp_with_offset("s"))[0])
    2020-05-01 12:00:00+02:00
    """
    storage = struct([field("timestamp", timestamp(unit, "UTC"), False),
                      field("offset_minutes", int16(), False)])
    return make_extension(storage, b"arrow.timestamp_with_offset", b"")


def fixed_shape_tensor(value_type, shape, dim_names=None, permutation=None):
    """The type of tensors of one shape: arrow.fixed_shape_tensor.

    >>> import elea
    >>> elea.fixed_shape_tensor("int32", (2, 3)).shape
    [2, 3]
    """
    sizes = whole_numbers(shape, "the shape of a tensor")
    size = 1
    for one in sizes:
        size *= one
    if not 0 <= size < 2**31:
        raise CapacityError(f"a tensor of shape {sizes}, of 0 to {2**31 - 1} values in all")
    text = json_bytes({"shape": sizes, "dim_names": None if dim_names is None else list(dim_names),
                       "permutation": whole_numbers(permutation, "the permutation of a tensor")})
    return make_extension(list_(value_type, size), b"arrow.fixed_shape_tensor", text)


def variable_shape_tensor(value_type, ndim, dim_names=None, permutation=None, uniform_shape=None):
    """The type of tensors of `ndim` dimensions and any shape, that is given beside the values:
    arrow.variable_shape_tensor. In `uniform_shape` None stands for a size that varies.

    >>> import elea
    >>> kind = elea.variable_shape_tensor("float32", 2, dim_names=["row", "column"])
    >>> elea.array([{"data": [1, 2], "shape": [1, 2]}], type=kind).to_pylist()
    [{'data': [1.0, 2.0], 'shape': [1, 2]}]
    """
    storage = struct({"data": list_(value_type), "shape": list_(int32(), ndim)})
    text = json_bytes({"dim_names": None if dim_names is None else list(dim_names),
                       "permutation": whole_numbers(permutation, "the permutation of a tensor"),
                       "uniform_shape": None if uniform_shape is None else list(uniform_shape)})
    return make_extension(storage, b"arrow.variable_shape_tensor", text)
