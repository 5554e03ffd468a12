# SPDX-License-Identifier: Apache-2.0
# NumPy, and all that speaks Python's buffer protocol, both ways. NumPy is imported by none of it
# but what gives a NumPy array.

cdef dict NUMPY_TEXTS = {
    <int>ELEA_TYPE_INT8: "i1", <int>ELEA_TYPE_INT16: "i2", <int>ELEA_TYPE_INT32: "i4",
    <int>ELEA_TYPE_INT64: "i8", <int>ELEA_TYPE_UINT8: "u1", <int>ELEA_TYPE_UINT16: "u2",
    <int>ELEA_TYPE_UINT32: "u4", <int>ELEA_TYPE_UINT64: "u8", <int>ELEA_TYPE_FLOAT16: "f2",
    <int>ELEA_TYPE_FLOAT32: "f4", <int>ELEA_TYPE_FLOAT64: "f8", <int>ELEA_TYPE_BOOL: "?",
    <int>ELEA_TYPE_DATE64: "M8[ms]", <int>ELEA_TYPE_DATE32: "M8[D]",
}
# Formats of module struct, for the buffer protocol.
cdef dict STRUCT_TEXTS = {
    <int>ELEA_TYPE_INT8: b"b", <int>ELEA_TYPE_INT16: b"h", <int>ELEA_TYPE_INT32: b"i",
    <int>ELEA_TYPE_INT64: b"q", <int>ELEA_TYPE_UINT8: b"B", <int>ELEA_TYPE_UINT16: b"H",
    <int>ELEA_TYPE_UINT32: b"I", <int>ELEA_TYPE_UINT64: b"Q", <int>ELEA_TYPE_FLOAT16: b"e",
    <int>ELEA_TYPE_FLOAT32: b"f", <int>ELEA_TYPE_FLOAT64: b"d",
}
cdef dict NUMPY_TYPES = {text: number for number, text in NUMPY_TEXTS.items()}
cdef str NUMPY_ACCEPTED = ("accepted are native-endian bool, int8 to uint64, float16 to float64, "
                           "datetime64 and timedelta64 of D, s, ms, us or ns")


cdef object numpy_dtype_text(const elea_type *type):
    """What numpy.dtype() takes, for types that NumPy has; else None."""
    cdef elea_type_id id = elea_type_id_of(type)
    if id == ELEA_TYPE_TIMESTAMP:
        return f"M8[{UNITS[elea_type_time_unit(type)]}]"
    if id == ELEA_TYPE_DURATION:
        return f"m8[{UNITS[elea_type_time_unit(type)]}]"
    return NUMPY_TEXTS.get(<int>id)


cdef const elea_array *plain_values(Array self, int64_t *offset, int64_t *length,
                                    int64_t *row) except NULL:
    """The array of fixed-width values that an array without nulls is, or is lists of; `row` is the
    number of values in a list, or -1. Raises where there is none."""
    cdef const elea_array *c = self.c
    cdef elea_span span
    offset[0] = elea_array_offset(c)
    length[0] = elea_array_length(c)
    row[0] = -1
    if elea_array_null_count(c) != 0:
        raise ViewError(f"an array of {self.type} with {self.null_count} nulls has no view "
                           "without a copy: to_numpy(zero_copy_only=False)")
    if elea_type_layout_of(elea_array_type(c)) == ELEA_LAYOUT_FIXED_SIZE_LIST:
        row[0] = elea_type_fixed_size(elea_array_type(c))
        c = elea_array_child(c, 0)
        offset[0] = elea_array_offset(c) + offset[0] * row[0]
        length[0] *= row[0]
        elea_span_of(c, &span)
        if elea_bitmap_count(span.buffers[0], offset[0], length[0]) != length[0]:
            raise ViewError(f"lists of {self.type} with nulls inside have no view without a "
                               "copy: to_numpy(zero_copy_only=False)")
    if (elea_type_layout_of(elea_array_type(c)) != ELEA_LAYOUT_FIXED
            or numpy_dtype_text(elea_array_type(c)) is None):
        raise ViewError(f"an array of {self.type} has no view in NumPy's terms without a copy: "
                           "to_numpy(zero_copy_only=False) or to_pylist()")
    return c



cdef int fill_view(Array self, Py_buffer *view, int flags) except -1:
    """The buffer protocol: numbers without nulls, and fixed-size lists of them in two
    dimensions. Dates and times have no format there."""
    cdef int64_t offset = 0, length = 0, row = 0
    cdef const elea_array *c
    cdef Py_ssize_t *shape
    cdef Py_ssize_t width
    c = plain_values(self, &offset, &length, &row)
    format = STRUCT_TEXTS.get(<int>elea_type_id_of(elea_array_type(c)))
    if format is None:
        raise ViewError(f"values of {self.type} have no format in the buffer protocol")
    if flags & PyBUF_WRITABLE:
        raise ViewError("an array is immutable")
    width = elea_type_bit_width(elea_array_type(c)) // 8
    shape = <Py_ssize_t *>PyMem_RawMalloc(4 * sizeof(Py_ssize_t))
    if shape == NULL:
        raise MemoryError
    shape[0] = elea_array_length(self.c)
    shape[1] = row
    shape[2] = width if row < 0 else row * width
    shape[3] = width
    view.internal = shape
    view.ndim = 1 if row < 0 else 2
    view.shape = shape if flags & PyBUF_ND else NULL
    view.strides = shape + 2 if (flags & PyBUF_STRIDES) == PyBUF_STRIDES else NULL
    view.format = PyBytes_AS_STRING(format) if flags & PyBUF_FORMAT else NULL
    view.suboffsets = NULL
    view.itemsize = width
    view.len = length * width
    view.readonly = 1
    view.buf = <void *>(elea_buffer_data(elea_array_buffer(c, 1)) + offset * width)
    return 0


cdef object array_to_numpy(Array self, bint zero_copy_only, bint writable):
    import numpy
    if zero_copy_only and writable:
        raise ViewError("a view without a copy cannot be writable")
    if self.known() is not None:
        self = (<ExtensionArray>self).storage
    try:
        values = numpy_view(self, numpy)
    except ViewError:
        if zero_copy_only:
            raise
        values = numpy_copy(self, numpy)
    if writable and not values.flags.writeable:
        values = values.copy()
    return values


cdef object numpy_view(Array self, object numpy):
    cdef int64_t offset = 0, length = 0, row = 0
    cdef const elea_array *c = plain_values(self, &offset, &length, &row)
    cdef Py_ssize_t width = elea_type_bit_width(elea_array_type(c)) // 8
    cdef const elea_buffer *data = elea_array_buffer(c, 1)
    if elea_type_id_of(elea_array_type(c)) == ELEA_TYPE_DATE32:
        raise ViewError("days of 32 bits are not NumPy's of 64: "
                           "to_numpy(zero_copy_only=False)")
    dtype = numpy_dtype_text(elea_array_type(c))
    values = numpy.frombuffer(buffer_wrap(data) if data != NULL else b"", dtype,
                              length, offset * width if length else 0)
    return values if row < 0 else values.reshape(len(self), row)


cdef object numpy_copy(Array self, object numpy):
    """Where NumPy needs another form: as pyarrow does it, integers with nulls become float64,
    times with nulls have NaT, and what NumPy has no type for is Python's objects."""
    cdef elea_type_id id = elea_type_id_of(elea_array_type(self.c))
    cdef DataType type = self.type
    if id in (ELEA_TYPE_TIMESTAMP, ELEA_TYPE_DURATION, ELEA_TYPE_DATE32, ELEA_TYPE_DATE64):
        storage = int32() if id == ELEA_TYPE_DATE32 else int64()
        missing = numpy.iinfo("int64").min
        numbers = [missing if value is None else value
                   for value in (<Array>view_as(self, storage, [0, 1])).to_pylist()]
        return numpy.array(numbers, "int64").view(numpy_dtype_text(type.c))
    values = self.to_pylist()
    if ELEA_TYPE_UINT8 <= id <= ELEA_TYPE_INT64 and self.null_count:
        return numpy.array([float("nan") if value is None else value for value in values],
                           "float64")
    if ELEA_TYPE_FLOAT16 <= id <= ELEA_TYPE_FLOAT64:
        return numpy.array([float("nan") if value is None else value for value in values],
                           NUMPY_TEXTS[<int>id])
    if id == ELEA_TYPE_BOOL and not self.null_count:
        return numpy.array(values, "bool")
    out = numpy.empty(len(values), "object")
    for i, value in enumerate(values):
        out[i] = numpy.asarray(value) if isinstance(value, list) and id != ELEA_TYPE_MAP else value
    return out


# In.

cdef object NDARRAY = None          # numpy.ndarray, once somebody has imported NumPy


cdef bint is_ndarray(object given):
    """Whether it is a NumPy array, and none of a class that makes it something else."""
    global NDARRAY
    if NDARRAY is None:
        NDARRAY = getattr(sys.modules.get("numpy"), "ndarray", None)
    return NDARRAY is not None and type(given) is NDARRAY


cdef Array array_of_numbers(object given):
    """The memory of numbers in one dimension, the short way; None for what needs another."""
    cdef elea_error err = NO_ERROR
    cdef elea_array *out = NULL
    cdef elea_array_parts parts
    cdef elea_buffer *buffers[2]
    cdef Py_buffer *view
    cdef int found
    try:
        view = view_new(given, PyBUF_FORMAT | PyBUF_STRIDES)
    except (BufferError, ValueError):
        return None
    found = buffer_type_id(view.format, view.itemsize)
    if (found < 0 or found == <int>ELEA_TYPE_BOOL or view.ndim != 1
            or (view.shape[0] > 1 and view.strides[0] != view.itemsize)
            or <uintptr_t>view.buf % <uintptr_t>view.itemsize != 0):
        release_view(view)
        return None
    memset(&parts, 0, sizeof(parts))
    parts.type = elea_type_of(<elea_type_id>found)
    parts.length = view.shape[0]
    parts.buffers = <const elea_buffer *const *>buffers
    parts.buffer_count = 2
    buffers[0], buffers[1] = NULL, view_buffer(view)
    try:
        check(elea_array_new(NULL, &parts, &out, &err), &err)
    finally:
        elea_buffer_unref(buffers[1])
    return array_again(out, True)


cdef Array array_of_numpy(object given, DataType type, object mask, object from_pandas):
    """The memory of an object with `__array_interface__`, as NumPy's arrays have it."""
    cdef Array result
    about = given.__array_interface__
    text, shape = about["typestr"], about["shape"]
    kind, words = text[1:2], text[1:]
    if kind in "Mm":
        words = kind + text[2:]
    if text[0] not in "|<" or kind not in "biufMm" or len(shape) not in (1, 2):
        raise WrongTypeError(
            f"a NumPy array of {getattr(given, 'dtype', text)} in {len(shape)} dimensions is not "
            f"read: {NUMPY_ACCEPTED}, in one or two dimensions; .tolist() gives Python's values")
    if not contiguous(about, int(words.partition("[")[0][1:] or 1)):
        raise InvalidError(f"a NumPy array with strides {about['strides']} is not contiguous: "
                           "numpy.ascontiguousarray() makes it so")
    natural = numpy_type(words)
    if natural is None:
        given, natural = given.astype("M8[s]" if kind == "M" else "m8[s]"), None
        about, natural = given.__array_interface__, numpy_type(kind + "8[s]")
    if natural == bool_():
        result = array_of_bools(given, about)
    elif kind == "M" and words.endswith("[D]"):
        result = numpy_days(given, about)
    else:
        result = numpy_memory(given, about, natural, len(shape), shape)
    hidden = mask
    if kind in "Mm" or (from_pandas and kind == "f"):
        hidden = with_missing(given, mask, kind)
    if hidden is not None:
        result = hide(result, hidden)
    return result if type is None or type == result.type else fitted(result, type)


cdef bint contiguous(object about, int64_t width):
    strides = about.get("strides")
    if strides is None:
        return True
    expected = width
    for size, stride in zip(reversed(about["shape"]), reversed(strides)):
        if size > 1 and stride != expected:
            return False
        expected *= size
    return True


cdef DataType numpy_type(str words):
    """The type of "i8", "f2", "b1", "M8[us]"; None for units that Arrow does not have."""
    if words == "b1":
        return bool_()
    if words[0] in "Mm":
        unit = words.partition("[")[2].rstrip("]")
        if words[0] == "M" and unit == "D":
            return date32()
        if unit not in UNITS:
            return None
        return timestamp(unit) if words[0] == "M" else duration(unit)
    return type_wrap(elea_type_of(<elea_type_id><int>NUMPY_TYPES[words]))


def from_numpy_dtype(dtype):
    """The type of an array of a NumPy array.

    >>> import elea
    >>> elea.from_numpy_dtype("float32"), elea.from_numpy_dtype("M8[ms]")
    (DataType(float32), DataType(timestamp[ms]))
    """
    import numpy
    words = numpy.dtype(dtype).str
    kind = words[1:2]
    if kind in "US":
        return utf8() if kind == "U" else binary()
    known = words[0] in "|<" and (kind in "Mmb" or words[1:] in NUMPY_TYPES)
    result = numpy_type(words[1:]) if known else None
    if result is None:
        raise UnsupportedError(f"no type for NumPy's {dtype}: {NUMPY_ACCEPTED}")
    return result


cdef Array numpy_memory(object given, object about, DataType type, int dimensions, object shape):
    cdef uintptr_t address = about["data"][0]
    cdef int64_t count = shape[0] if dimensions == 1 else shape[0] * shape[1]
    cdef Array flat
    if count and address % min(type.byte_width, 8):
        raise InvalidError("a NumPy array that is not aligned: numpy.require(a, "
                           "requirements='A') makes it so")
    data = buffer_over(given, <const void *>address, count * type.byte_width)
    flat = array_of_parts(type, count, [None, data], 0, 0, [], None)
    flat.is_safe = True
    if dimensions == 1:
        return flat
    flat = array_of_parts(list_(type, shape[1]), shape[0], [None], 0, 0, [flat], None)
    flat.is_safe = True
    return flat


cdef Array numpy_days(object given, object about):
    """datetime64[D] has 64 bits, date32 half of them."""
    import numpy
    days = given.astype("int64")
    days = numpy.where(days == numpy.iinfo("int64").min, 0, days)
    if len(days) and not -2**31 <= days.min() <= days.max() < 2**31:
        raise CapacityError("days that do not fit date32")
    days = days.astype("int32")
    return numpy_memory(days, days.__array_interface__, date32(), days.ndim, days.shape)


cdef Array array_of_bools(object given, object about):
    """A bit for each byte."""
    cdef elea_error err = NO_ERROR
    cdef elea_builder *builder = NULL
    cdef elea_array *out = NULL
    cdef uintptr_t address = about["data"][0]
    cdef int64_t count
    cdef elea_status status
    cdef BuilderOwner owner = BuilderOwner.__new__(BuilderOwner)
    if len(about["shape"]) != 1:
        raise UnsupportedError("a NumPy array of bools in two dimensions")
    count = about["shape"][0]
    check(elea_builder_new(NULL, elea_type_of(ELEA_TYPE_BOOL), &owner.c, &err), &err)
    builder = owner.c
    with nogil:
        status = elea_builder_append_values(builder, <const void *>address, NULL, count, &err)
        if status == ELEA_OK:
            status = elea_builder_finish(builder, &out, &err)
    check(status, &err)
    return array_again(out, True)


cdef object with_missing(object given, object mask, str kind):
    """The mask with NaT, or NaN, hidden as well; None when nothing is."""
    missing = given != given
    if len(missing.shape) != 1:
        if missing.any():
            raise UnsupportedError("a NumPy array in two dimensions with NaT or NaN as nulls")
        return mask
    if mask is not None:
        return [a or b for a, b in zip(missing.tolist(), mask_list(mask, len(missing)))]
    return missing.tolist() if missing.any() else None


cdef Array fitted(Array values, DataType type):
    """The values as another type: the same memory where the types share a form, else value by
    value, as far as each fits."""
    cdef const elea_type *natural = elea_array_type(values.c)
    if isinstance(type, ExtensionType):
        storage = type.storage_type
        return with_extension(values if values.type == storage else fitted(values, storage), type)
    if (elea_type_layout_of(natural) == ELEA_LAYOUT_FIXED
            and elea_type_layout_of(type.c) == ELEA_LAYOUT_FIXED
            and elea_type_physical(natural) == elea_type_physical(type.c)
            and elea_type_bit_width(natural) == elea_type_bit_width(type.c)
            and ELEA_TYPE_UINT8 <= elea_type_id_of(natural) <= ELEA_TYPE_FLOAT64):
        return view_as(values, type, [0, 1])
    return array(values.to_pylist(), type)


cdef Array array_of_buffer(object given, DataType type):
    """The memory of an object with the buffer protocol and numbers in it; None for others."""
    cdef Py_buffer view
    cdef int found
    cdef Array result
    try:
        PyObject_GetBuffer(given, &view, PyBUF_FORMAT | PyBUF_ND)
    except BufferError as problem:
        raise InvalidError(f"the memory of {type_name(given)}: {problem}; a contiguous one is "
                           "needed") from None
    try:
        found = buffer_type_id(view.format, view.itemsize)
        if found < 0 or view.ndim not in (1, 2):
            raise WrongTypeError(f"memory of format {view.format!r} in {view.ndim} dimensions is "
                                 "not read: numbers in one or two are")
        shape = tuple(view.shape[i] for i in range(view.ndim))
        about = {"data": (<uintptr_t>view.buf,), "shape": shape}
        if found == <int>ELEA_TYPE_BOOL:
            result = array_of_bools(given, about)
        else:
            # The memoryview keeps the exporter from moving its memory.
            result = numpy_memory(memoryview(given), about,
                                  type_wrap(elea_type_of(<elea_type_id>found)), view.ndim, shape)
    finally:
        PyBuffer_Release(&view)
    return result if type is None or type == result.type else fitted(result, type)
