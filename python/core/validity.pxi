# SPDX-License-Identifier: Apache-2.0
# Which rows are null, and bits that are counted.


cdef bint has_validity(Array values):
    """Whether the validity bitmap alone says which rows are null. That of a dictionary array says
    nothing of nulls among the values."""
    cdef elea_layout layout = elea_type_layout_of(elea_array_type(values.c))
    return layout != ELEA_LAYOUT_DICTIONARY and elea_layout_buffers(layout)[0] == c"v"


cdef Array valid_rows(Array values):
    """An array of bools that are true where there is a value: the validity bitmap itself, where
    there is one."""
    cdef Buffer bits
    if not has_validity(values):
        return array([value is not None for value in values.stored()], bool_())
    bits = values.buffer(0)
    if bits is None:
        return repeat(True, len(values))
    return array_of_parts(bool_(), len(values), [None, bits], 0, values.offset, [], None)


cdef Array null_rows(Array values, bint nan_is_null):
    """An array of bools that are true where there is none."""
    cdef Array valid
    if nan_is_null and ELEA_TYPE_FLOAT16 <= elea_type_id_of(
            elea_array_type(values.c)) <= ELEA_TYPE_FLOAT64:
        return array([value is None or value != value for value in values.stored()], bool_())
    valid = valid_rows(values)
    return array_of_parts(bool_(), len(values), [None, bits_of(valid, True)], 0, 0, [], None)


cdef Buffer bits_of(Array bools, bint inverted):
    """The bits of an array of bools from the first on, or their opposite."""
    cdef elea_error err = NO_ERROR
    cdef elea_buffer *out = NULL
    cdef int64_t length = elea_array_length(bools.c)
    cdef const uint8_t *bits = elea_buffer_data(elea_array_buffer(bools.c, 1))
    check(elea_buffer_new(NULL, elea_bitmap_size(length), &out, &err), &err)
    memset(elea_buffer_mutable_data(out), 0, elea_bitmap_size(length))
    if length and inverted:
        elea_bitmap_not(bits, elea_array_offset(bools.c), length, elea_buffer_mutable_data(out), 0)
    elif length:
        elea_bitmap_copy(bits, elea_array_offset(bools.c), length, elea_buffer_mutable_data(out), 0)
    return buffer_steal(out)


cdef int64_t count_true(Array bools) except -1:
    """How many values of an array of bools are true; null is neither."""
    cdef elea_span span
    cdef Buffer both
    cdef int64_t length = elea_array_length(bools.c), offset = elea_array_offset(bools.c)
    if elea_type_id_of(elea_array_type(bools.c)) != ELEA_TYPE_BOOL:
        raise WrongTypeError(f"true and false are counted of bools, not of {bools.type}")
    elea_span_of(bools.c, &span)
    if length == 0 or span.buffers[0] == NULL:
        return elea_bitmap_count(span.buffers[1], offset, length) if length else 0
    both = bits_of(bools, False)
    elea_bitmap_and(elea_buffer_data(both.c), 0, span.buffers[0], offset, length,
                    elea_buffer_mutable_data(both.c), 0)
    return elea_bitmap_count(elea_buffer_data(both.c), 0, length)
