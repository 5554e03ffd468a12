# SPDX-License-Identifier: Apache-2.0
# Chunked arrays.


cdef class ChunkedArray:
    """Arrays of one type, one after the other: a column of a table.

    >>> import elea
    >>> c = elea.chunked_array([[1, 2], [3]])
    >>> c.num_chunks, len(c), c[2].as_py(), c.to_pylist()
    (2, 3, 3, [1, 2, 3])
    """
    cdef elea_chunked_array *c
    cdef bint is_safe
    cdef ExtensionType extension    # of the values, or None
    cdef object __weakref__

    def __init__(self):
        raise WrongTypeError("a ChunkedArray is not made by its class: use elea.chunked_array()")

    def __dealloc__(self):
        if self.c != NULL:
            with nogil:
                elea_chunked_array_unref(self.c)

    @property
    def type(self):
        return self.extension or type_wrap(elea_chunked_array_type(self.c))

    @property
    def null_count(self):
        """How many values are null."""
        cdef int64_t count
        with nogil:
            count = elea_chunked_array_null_count(self.c)
        return count

    @property
    def nbytes(self):
        """Bytes of the rows in their buffers."""
        return sum(chunk.nbytes for chunk in self.chunks)

    def get_total_buffer_size(self):
        return sum(chunk.get_total_buffer_size() for chunk in self.chunks)

    @property
    def num_chunks(self):
        return elea_chunked_array_chunk_count(self.c)

    def chunk(self, i):
        """Array `i`."""
        cdef int64_t at = checked_index(i, elea_chunked_array_chunk_count(self.c), "chunk")
        return array_typed(elea_array_ref(elea_chunked_array_chunk(self.c, at)), self.is_safe,
                           self.extension)

    @property
    def chunks(self):
        """All arrays."""
        return [self.chunk(i) for i in range(self.num_chunks)]

    def iterchunks(self):
        yield from self.chunks

    def __len__(self):
        return elea_chunked_array_length(self.c)

    def length(self):
        return len(self)

    cdef int ensure_safe(self) except -1:
        cdef elea_error err = NO_ERROR
        cdef elea_status status
        if not self.is_safe:
            with nogil:
                status = elea_chunked_array_validate(self.c, ELEA_VALIDATE_SAFE, &err)
            check(status, &err)
            self.is_safe = True
        return 0

    def validate(self, *, full=False):
        """Raises when the values break the rules of the format: all of them with `full`."""
        cdef elea_error err = NO_ERROR
        cdef elea_status status
        cdef elea_validation how = ELEA_VALIDATE_FULL if full else ELEA_VALIDATE_QUICK
        with nogil:
            status = elea_chunked_array_validate(self.c, how, &err)
        check(status, &err)

    def __getitem__(self, key):
        cdef int64_t chunk = 0, row = 0
        if PySlice_Check(key):
            return slice_of(self, key)
        elea_chunked_array_locate(
            self.c, checked_index(key, elea_chunked_array_length(self.c), "row"), &chunk, &row)
        return scalar_at(self.chunk(chunk), row)

    def slice(self, offset=0, length=None):
        """Rows [offset, offset + length) as a view; fewer where there are fewer."""
        cdef elea_error err = NO_ERROR
        cdef elea_chunked_array *out = NULL
        cdef ChunkedArray result
        begin, count = slice_window(offset, length, len(self))
        check(elea_chunked_array_slice(self.c, begin, count, &out, &err), &err)
        result = chunked_array_steal(out, self.extension)
        result.is_safe = self.is_safe
        return result

    def __iter__(self):
        for chunk in self.chunks:
            yield from chunk

    def __contains__(self, value):
        return any(value in chunk for chunk in self.chunks)

    def to_pylist(self, *, maps_as_pydicts=None):
        """All values as Python objects."""
        out = []
        for chunk in self.chunks:
            out += chunk.to_pylist(maps_as_pydicts=maps_as_pydicts)
        return out

    def is_valid(self):
        return chunked_array([chunk.is_valid() for chunk in self.chunks], bool_())

    def is_null(self, *, nan_is_null=False):
        return chunked_array([chunk.is_null(nan_is_null=nan_is_null) for chunk in self.chunks],
                             bool_())

    def index(self, value, start=None, end=None):
        """As Array.index()."""
        return scalar(first_row(self, value, start, end))

    @property
    def is_cpu(self):
        return True

    def combine_chunks(self):
        """All rows in one array; where there is one chunk already, that one."""
        cdef elea_error err = NO_ERROR
        cdef elea_array *out = NULL
        cdef elea_status status
        if self.num_chunks == 1:
            return self.chunk(0)
        self.ensure_safe()
        with nogil:
            status = elea_chunked_array_combine(NULL, self.c, &out, &err)
        check(status, &err)
        return array_typed(out, True, self.extension)

    def equals(self, other):
        """Whether the other has the same type and values, however they are cut."""
        cdef elea_error err = NO_ERROR
        cdef c_bool out = False
        cdef elea_status status
        cdef elea_chunked_array *b
        if not isinstance(other, ChunkedArray):
            raise WrongTypeError(f"expected an elea.ChunkedArray, got {shown(other)}")
        self.ensure_safe()
        (<ChunkedArray>other).ensure_safe()
        b = (<ChunkedArray>other).c
        with nogil:
            status = elea_chunked_array_equal(self.c, b, NULL, &out, &err)
        check(status, &err)
        return out and same_type(self.extension, elea_chunked_array_type(self.c),
                                 (<ChunkedArray>other).extension, elea_chunked_array_type(b))

    def __eq__(self, other):
        return self.equals(other) if isinstance(other, ChunkedArray) else NotImplemented

    __hash__ = None

    def flatten(self):
        """The children of a struct, null where it is, a chunked array each; itself for other
        types."""
        if self.type.id != <int>ELEA_TYPE_STRUCT:
            return [self]
        children = [chunk.flatten() for chunk in self.chunks]
        return [chunked_array([each[i] for each in children], field.type)
                for i, field in enumerate(self.type.fields)]

    def to_string(self, *, max_rows=20):
        """The values as text, in a column."""
        if self.num_chunks == 1:
            return self.chunk(0).to_string(max_rows=max_rows)
        return print_columns(table([self], [" "]), max_rows, False)

    def __str__(self):
        return self.to_string()

    def __repr__(self):
        count = self.num_chunks
        return (f"<elea.ChunkedArray {self.type}, {len(self)} rows in {count} "
                f"chunk{'' if count == 1 else 's'}>\n{self.to_string()}")

    def _repr_html_(self):
        from elea._html import column_html
        return column_html(self)

    def __arrow_c_schema__(self):
        return self.type.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema=None):
        """The chunks for another library, as a capsule of the Arrow C stream interface."""
        check_requested(elea_chunked_array_type(self.c), requested_schema)
        return chunked_array_capsule(self)

    def __arrow_c_device_stream__(self, requested_schema=None, **kwargs):
        check_keywords(kwargs)
        check_requested(elea_chunked_array_type(self.c), requested_schema)
        return device_chunked_array_capsule(self)

    def to_numpy(self, zero_copy_only=False):
        """A NumPy array of the values: a view where there is one chunk that has one; else the
        chunks are put together, unless `zero_copy_only`."""
        if self.num_chunks == 1:
            return self.chunk(0).to_numpy(zero_copy_only)
        if zero_copy_only and self.num_chunks > 1:
            raise ViewError(f"a column of {self.num_chunks} chunks has no view without a copy: "
                               "combine_chunks() makes it one, chunk(i) gives each")
        import numpy
        if not self.num_chunks:
            return array([], self.type).to_numpy(zero_copy_only)
        return numpy.concatenate([chunk.to_numpy(False) for chunk in self.chunks])

    def __array__(self, dtype=None, copy=None):
        values = self.to_numpy(zero_copy_only=copy is False)
        if dtype is not None and values.dtype != dtype:
            if copy is False:
                raise ViewError(f"{values.dtype} is not made {dtype} without a copy")
            return values.astype(dtype)
        return values.copy() if copy else values

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        """As Array.__dlpack__(), where there is one chunk."""
        if self.num_chunks != 1:
            raise ViewError(f"a column of {self.num_chunks} chunks is no tensor: "
                               "combine_chunks() makes it one")
        return array_to_dlpack(self.chunk(0), stream, max_version, dl_device, copy)

    def __dlpack_device__(self):
        return (1, 0)

    def to_pandas(self, *, types_mapper=None):
        """A pandas Series over Arrow memory, or with `types_mapper` as it says."""
        from elea._interop import array_to_pandas
        return array_to_pandas(self, types_mapper)

    def to_pyarrow(self):
        """A pyarrow.ChunkedArray of the same memory."""
        import pyarrow
        return pyarrow.chunked_array(self)

    def to_polars(self):
        """A polars.Series of the same memory where Polars lays the type out so."""
        from elea._interop import to_polars_series
        return to_polars_series(self)

    def to_torch(self):
        """A torch.Tensor of the same memory, where there is one chunk; not to be written to."""
        from elea._interop import to_torch
        return to_torch(self)

    def __reduce__(self):
        return chunked_array, (self.chunks, self.type)


cdef ChunkedArray chunked_array_steal(elea_chunked_array *c, ExtensionType extension):
    cdef ChunkedArray self = ChunkedArray.__new__(ChunkedArray)
    self.c = c
    self.extension = extension
    return self


cdef ChunkedArray column_wrap(const elea_chunked_array *c, const elea_field *field):
    """A column of a table, with the field that it has there."""
    return chunked_array_steal(elea_chunked_array_ref(c), extension_at(field))


cdef ChunkedArray chunked_array_of(list chunks, DataType type):
    cdef elea_error err = NO_ERROR
    cdef elea_chunked_array *out = NULL
    cdef ChunkedArray result
    cdef Pointers pointers = array_pointers(chunks)
    check(elea_chunked_array_new(NULL, type.c, <const elea_array *const *>pointers.data,
                                 len(chunks), &out, &err), &err)
    result = chunked_array_steal(out, as_extension(type))
    ensure_chunks(chunks, type)
    result.is_safe = all((<Array>chunk).is_safe for chunk in chunks)
    return result


cdef int ensure_chunks(list chunks, DataType type) except -1:
    """That arrays, of what is one type to C, have its extension types."""
    for chunk in chunks:
        if not same_type(as_extension(type), type.c, (<Array>chunk).known(),
                         elea_array_type((<Array>chunk).c)):
            raise WrongTypeError(f"an array of {chunk.type} among those of {type}")
    return 0


def chunked_array(arrays, type=None):
    """A chunked array of arrays (or of what elea.array() takes), or of whatever has
    `__arrow_c_stream__`, as a column of Polars or pyarrow.

    >>> import elea
    >>> elea.chunked_array([], type="int8").type
    DataType(int8)
    """
    cdef DataType its = None if type is None else ensure_type(type)
    if isinstance(arrays, ChunkedArray):
        result = arrays
    elif isinstance(arrays, Array):
        result = chunked_array_of([arrays], arrays.type)
    elif speaks_arrow(arrays):
        result = chunked_array_import(arrays)
    else:
        chunks = []
        for one in arrays:
            made = array_or_chunks(one, its)
            chunks += made.chunks if isinstance(made, ChunkedArray) else [made]
            if its is None:
                its = made.type
        if its is None:
            raise InvalidError("a chunked array without chunks needs a type")
        return chunked_array_of(chunks, its)
    if is_of_type(result.type, its):
        return result
    return chunked_array_of([of_type(chunk, its) for chunk in result.chunks], its)


cdef object array_or_chunks(object values, DataType type):
    """As array(), but that what comes in chunks stays in chunks."""
    if isinstance(values, ChunkedArray):
        return values
    if (not isinstance(values, Array) and hasattr(values, "__arrow_c_stream__")
            and not hasattr(values, "__arrow_c_array__")):
        return chunked_array(values, type)
    return array(values, type)


cdef object together(object values, list rows):
    """One of many of its kind, for a slice with a step."""
    if isinstance(values, Array):
        return concat_arrays(rows)
    if isinstance(values, ChunkedArray):
        return chunked_array([concat_arrays([one.combine_chunks() for one in rows])])
    if isinstance(values, RecordBatch):
        return concat_batches(rows)
    return concat_tables(rows).combine_chunks()
