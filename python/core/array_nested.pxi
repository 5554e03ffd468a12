# SPDX-License-Identifier: Apache-2.0
# Arrays inside arrays: taken out of their rows, and put together from their parts.


cdef list list_windows(Array lists, list owners=None):
    """Where the rows of a list of any kind lie in its values, as [begin, end), rows that follow
    each other together; null rows have none. `owners` gets the row of each value."""
    cdef elea_span span
    cdef int64_t i, begin = 0, count = 0
    cdef list out = []
    if not lists.type.is_list_like:
        raise WrongTypeError(f"an array of {lists.type} has no rows of values")
    lists.ensure_safe()
    elea_span_of(lists.c, &span)
    for i in range(elea_array_length(lists.c)):
        if not elea_span_is_valid(&span, i):
            continue
        elea_span_get_list(&span, i, &begin, &count)
        if owners is not None:
            owners.extend([i] * count)
        if count == 0:
            continue
        if out and out[-1][1] == begin:
            out[-1] = (out[-1][0], begin + count)
        else:
            out.append((begin, begin + count))
    return out


cdef Array list_values(Array lists):
    """The values of all rows: a view where they lie together."""
    parts = [lists.values.slice(begin, end - begin) for begin, end in list_windows(lists)]
    return parts[0] if len(parts) == 1 else concat_arrays(parts or [lists.values.slice(0, 0)])


cdef Array list_lengths(Array lists):
    cdef elea_span span
    cdef int64_t i, begin = 0, count = 0
    cdef list out = []
    if not lists.type.is_list_like:
        raise WrongTypeError(f"an array of {lists.type} has no rows of values")
    lists.ensure_safe()
    elea_span_of(lists.c, &span)
    for i in range(elea_array_length(lists.c)):
        elea_span_get_list(&span, i, &begin, &count)
        out.append(count if elea_span_is_valid(&span, i) else None)
    wide = (ELEA_TYPE_LARGE_LIST, ELEA_TYPE_LARGE_LIST_VIEW)
    return array(out, int64() if elea_type_id_of(elea_array_type(lists.c)) in wide else int32())


cdef list struct_children(Array rows):
    """The children of a struct array, null where the struct is."""
    children = [rows.field(i) for i in range(elea_array_child_count(rows.c))]
    if rows.null_count == 0:
        return children
    missing = null_rows(rows, False)
    return [hide(child, missing) for child in children]


cdef int64_t run_at(Array encoded, int64_t row):
    """Which run of a run-end encoded array the row of its values is in."""
    cdef elea_span span
    cdef Array ends = encoded.run_ends
    cdef int64_t low = 0, high = elea_array_length(ends.c), middle
    elea_span_of(ends.c, &span)
    while low < high:
        middle = (low + high) // 2
        if elea_span_get_int(&span, middle) > row:
            high = middle
        else:
            low = middle + 1
    return low


def fixed_size_list_array(values, list_size, mask=None):
    """Lists of so many values each, null where the mask is true: pyarrow's
    FixedSizeListArray.from_arrays().

    >>> import elea
    >>> elea.fixed_size_list_array([1, 2, 3, 4], 2).to_pylist()
    [[1, 2], [3, 4]]
    """
    cdef Array its = array(values)
    if list_size < 1 or len(its) % list_size:
        raise InvalidError(f"{len(its)} values do not make lists of {list_size}")
    made = array_of_parts(list_(its.type, list_size), len(its) // list_size, [None], 0, 0, [its],
                          None)
    return made if mask is None else hide(made, mask)


def list_view_array(offsets, sizes, values, mask=None):
    """Lists that begin at any offset, each of its own size: pyarrow's ListViewArray.from_arrays().
    Offsets and sizes of int64 make a large one.

    >>> import elea
    >>> elea.list_view_array([1, 0], [2, 1], ["a", "b", "c"]).to_pylist()
    [['b', 'c'], ['a']]
    """
    cdef Array starts = array(offsets, None if speaks_arrow(offsets) else int32())
    cdef Array counts = array(sizes, starts.type), its = array(values)
    if len(starts) != len(counts) or starts.null_count or counts.null_count:
        raise InvalidError(f"{len(starts)} offsets and {len(counts)} sizes; expected as many of "
                           "both, without nulls")
    if starts.type not in (int32(), int64()):
        raise WrongTypeError(f"offsets are int32 or int64, got {starts.type}")
    made = list_view(its.type) if starts.type == int32() else large_list_view(its.type)
    result = array_of_parts(made, len(starts), [None, first_rows(starts), first_rows(counts)], 0,
                            0, [its], None)
    (<Array>result).ensure_safe()
    return result if mask is None else hide(result, mask)


cdef Buffer first_rows(Array numbers):
    """The buffer of an array of numbers from its first row on."""
    cdef Buffer data = numbers.buffer(1)
    width = numbers.type.byte_width
    return None if data is None else data.slice(numbers.offset * width, len(numbers) * width)


def map_array(offsets, keys, items, type=None):
    """A map array of offsets, keys and values: pyarrow's MapArray.from_arrays().

    >>> import elea
    >>> elea.map_array([0, 2, 3], ["x", "y", "x"], [1, 2, 3]).to_pylist()
    [[('x', 1), ('y', 2)], [('x', 3)]]
    """
    cdef Array starts = array(offsets, int32()), names = array(keys), values = array(items)
    cdef DataType its = map_(names.type, values.type) if type is None else ensure_type(type)
    if starts.null_count:
        raise UnsupportedError("offsets with nulls; give the map array a mask by elea.array()")
    pairs = struct_array([names, values], fields=list(its.field(0).type))
    result = array_of_parts(its, max(0, len(starts) - 1), [None, starts.buffer(1)], 0,
                            starts.offset, [pairs], None)
    (<Array>result).ensure_safe()
    return result


def run_end_encoded_array(run_ends, values):
    """A run-end encoded array of where the runs end and their values: pyarrow's
    RunEndEncodedArray.from_arrays().

    >>> import elea
    >>> elea.run_end_encoded_array([2, 3], ["a", "b"]).to_pylist()
    ['a', 'a', 'b']
    """
    cdef Array ends = array(run_ends, None if speaks_arrow(run_ends) else int64())
    cdef Array its = array(values)
    length = ends[-1].as_py() if len(ends) else 0
    result = array_of_parts(run_end_encoded(ends.type, its.type), length, [], 0, 0, [ends, its],
                            None)
    (<Array>result).ensure_safe()
    return result


def sparse_union_array(types, children, names=None, codes=None):
    """A sparse union of the code of each row, and children as long as it: pyarrow's
    UnionArray.from_sparse().

    >>> import elea
    >>> elea.sparse_union_array([0, 1], [[7, None], [None, "b"]], ["n", "s"]).to_pylist()
    [7, 'b']
    """
    return union_of(types, None, children, names, codes)


def dense_union_array(types, offsets, children, names=None, codes=None):
    """A dense union of the code of each row, and where it lies in the child of that code: pyarrow's
    UnionArray.from_dense().

    >>> import elea
    >>> elea.dense_union_array([0, 1, 0], [0, 0, 1], [[7, 8], ["b"]]).to_pylist()
    [7, 'b', 8]
    """
    return union_of(types, array(offsets, int32()), children, names, codes)


cdef Array union_of(object types, Array offsets, object children, object names, object codes):
    cdef Array its = array(types, int8()), result
    nested = [array(one) for one in children]
    names = [str(i) for i in range(len(nested))] if names is None else list(names)
    if len(names) != len(nested):
        raise InvalidError(f"{len(nested)} children need as many names, got {names!r}")
    if offsets is not None and len(offsets) != len(its):
        raise InvalidError(f"{len(its)} codes need as many offsets, got {len(offsets)}")
    if its.null_count or offsets is not None and offsets.null_count:
        raise InvalidError("a row of a union has a code and an offset, none of them null")
    fields = [field(name, one.type) for name, one in zip(names, nested)]
    mode = "sparse" if offsets is None else "dense"
    buffers = [first_rows(its)] if offsets is None else [first_rows(its), first_rows(offsets)]
    result = array_of_parts(union(fields, mode, codes), len(its), buffers, 0, 0, nested, None)
    result.ensure_safe()
    return result
