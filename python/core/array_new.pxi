# SPDX-License-Identifier: Apache-2.0
# Arrays of whatever Python has.


def array(obj, type=None, mask=None, size=None, from_pandas=None):
    """An array of Python values, of a NumPy array, or of another library's data.

    `obj` is one of:

    - an iterable of Python values: the type is chosen by the values, or is `type`, into which each
      value must fit without loss;
    - an object with the Arrow PyCapsule interface (pyarrow, Polars, pandas, nanoarrow, arro3...):
      the same memory. A stream of several chunks is put together, which copies;
    - a NumPy array of one dimension of numbers, dates or times, or of two (a fixed-size list); or
      an array.array or memoryview of numbers: the same memory, which it keeps alive and which must
      not be written to any more. Bools are copied, since Arrow keeps a bit for each.

    Of an extension type, as `elea.uuid()`, arrays of its storage are taken as well.

    `mask` hides values: those where it is true are null. With `from_pandas` NaN and NaT are null,
    too.

    >>> import elea
    >>> elea.array(["a", None, "b"]).type
    DataType(utf8)
    >>> elea.array([1, 2], elea.float32()).to_pylist()
    [1.0, 2.0]
    """
    cdef DataType its = None if type is None else ensure_type(type)
    if isinstance(obj, (Array, ChunkedArray)) and its is None and mask is None:
        return obj if isinstance(obj, Array) else obj.combine_chunks()
    if isinstance(obj, Scalar):
        raise WrongTypeError("a scalar is no array: give [scalar]")
    if mask is None and not from_pandas and is_ndarray(obj):
        result = array_of_numbers(obj)
        if result is not None:
            return result if its is None or its == result.type else fitted(result, its)
    if speaks_arrow(obj):
        result = array_import(obj, its)
        return result if mask is None else hide(result, mask)
    if hasattr(obj, "__array_interface__"):
        return array_of_numpy(obj, its, mask, from_pandas)
    if isinstance(obj, (str, bytes, bytearray, dict)) or not hasattr(obj, "__iter__"):
        raise WrongTypeError(f"expected a list of values, a NumPy array, or what speaks the Arrow "
                             f"PyCapsule interface; got {shown(obj)}")
    if not isinstance(obj, (list, tuple)):
        if PyObject_CheckBuffer(obj):
            result = array_of_buffer(obj, its)
            if result is not None:
                return result if mask is None else hide(result, mask)
        obj = list(obj)
    if size is not None:
        obj = obj[:size]
    hidden = None if mask is None else mask_list(mask, len(obj))
    if its is None:
        seen = obj
        if hidden is not None:
            seen = [None if h else value for value, h in zip(obj, hidden)]
        its = guess_type(seen, bool(from_pandas))
    return write_values(obj, its, bool(from_pandas), hidden)


cdef list mask_list(object mask, int64_t length):
    values = mask.to_pylist() if isinstance(mask, Array) else list(mask)
    if len(values) != length:
        raise InvalidError(f"a mask of {len(values)} for {length} values")
    return values


cdef Array hide(Array values, object mask):
    """The array with a null where the mask is true: the same memory under other validity bits."""
    cdef elea_error err = NO_ERROR
    cdef elea_buffer *bits = NULL
    cdef uint8_t *data
    cdef int64_t i, offset = elea_array_offset(values.c), length = len(values)
    cdef elea_span span
    letters = elea_layout_buffers(elea_type_layout_of(elea_array_type(values.c)))
    if letters[:1] != b"v":
        raise UnsupportedError(f"a mask over {values.type}, which has no validity of its own")
    hidden = mask_list(mask, length)
    elea_span_of(values.c, &span)
    check(elea_buffer_new(NULL, elea_bitmap_size(offset + length), &bits, &err), &err)
    fresh = buffer_steal(bits)
    data = elea_buffer_mutable_data(bits)
    memset(data, 0, elea_bitmap_size(offset + length))
    for i in range(length):
        if not hidden[i] and (span.buffers[0] == NULL
                              or elea_bit_get(span.buffers[0], offset + i)):
            elea_bit_set(data, offset + i)
    own = [values.buffer(i) for i in range(elea_array_buffer_count(values.c))]
    nested = [values.child(i, "child") for i in range(elea_array_child_count(values.c))]
    names = values.dictionary if elea_array_dictionary(values.c) != NULL else None
    return array_of_parts(values.type, length, [fresh, *own[1:]], -1, offset, nested, names)


def nulls(size, type=None):
    """An array of so many nulls.

    >>> import elea
    >>> elea.nulls(2, "int8").to_pylist()
    [None, None]
    """
    cdef elea_error err = NO_ERROR
    cdef elea_array *out = NULL
    cdef DataType its = null() if type is None else ensure_type(type)
    check(elea_array_new_null(NULL, its.c, size, &out, &err), &err)
    return array_typed(out, True, as_extension(its))


def repeat(value, size):
    """An array of one value again and again."""
    cdef elea_error err = NO_ERROR
    cdef elea_array *out = NULL
    cdef Scalar its = scalar(value)
    cdef int64_t count = size
    cdef elea_status status
    its.ensure_safe()
    with nogil:
        status = elea_array_new_repeated(NULL, its.c, count, &out, &err)
    check(status, &err)
    return array_typed(out, True, its.known())


def concat_arrays(arrays):
    """The rows of all arrays, one after the other, in one array.

    >>> import elea
    >>> elea.concat_arrays([elea.array([1, 2]), elea.array([3])]).to_pylist()
    [1, 2, 3]
    """
    cdef elea_error err = NO_ERROR
    cdef elea_array *out = NULL
    cdef elea_status status
    cdef list its = [array(one) for one in arrays]
    cdef Pointers pointers = array_pointers(its)
    cdef int64_t count = len(its)
    for one in its:
        (<Array>one).ensure_safe()
    with nogil:
        status = elea_array_concat(NULL, <const elea_array *const *>pointers.data, count, &out,
                                   &err)
    check(status, &err)
    result = array_typed(out, True, (<Array>its[0]).known())
    ensure_chunks(its, result.type)
    return result


cdef Pointers array_pointers(list arrays):
    cdef Pointers out = Pointers(len(arrays))
    for i in range(len(arrays)):
        out.data[i] = (<Array>arrays[i]).c
    return out


def dictionary_array(indices, values, ordered=False):
    """A dictionary array of indices (null where they are) into values: pyarrow's
    DictionaryArray.from_arrays().

    >>> import elea
    >>> elea.dictionary_array([0, 1, 0], ["a", "b"]).to_pylist()
    ['a', 'b', 'a']
    """
    cdef Array its = array(indices), names = array(values)
    result = array_of_parts(dictionary(its.type, names.type, ordered), len(its),
                            [its.buffer(0), its.buffer(1)], -1, its.offset, [], names)
    (<Array>result).ensure_safe()
    return result


def struct_array(arrays, names=None, fields=None):
    """A struct array of its children: pyarrow's StructArray.from_arrays()."""
    its = [array(one) for one in arrays]
    if fields is None:
        if names is None or len(names) != len(its):
            raise InvalidError(f"{len(its)} children need as many names, got {names!r}")
        fields = [field(name, one.type) for name, one in zip(names, its)]
    lengths = {len(one) for one in its}
    if len(lengths) > 1:
        raise InvalidError(f"children of different lengths: {sorted(lengths)}")
    return array_of_parts(struct(fields), lengths.pop() if lengths else 0, [None], 0, 0, its, None)


def list_array(offsets, values, type=None):
    """A list array of offsets and values: pyarrow's ListArray.from_arrays()."""
    cdef Array its = array(offsets, None if speaks_arrow(offsets) else int32()), items
    items = array(values)
    if elea_type_id_of(elea_array_type(its.c)) == ELEA_TYPE_INT64:
        made = large_list(items.type)
    elif elea_type_id_of(elea_array_type(its.c)) == ELEA_TYPE_INT32:
        made = list_(items.type)
    else:
        raise WrongTypeError(f"offsets are int32 or int64, got {its.type}")
    result = array_of_parts(type or made, max(0, len(its) - 1), [None, its.buffer(1)], 0,
                            its.offset, [items], None)
    (<Array>result).ensure_safe()
    return result
