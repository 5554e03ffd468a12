# SPDX-License-Identifier: Apache-2.0
# Arrays.


cdef class Array:
    """Values of one type, immutable, perhaps with nulls. Make one with `elea.array()`.

    >>> import elea
    >>> a = elea.array([1, 2, None, 4])
    >>> a.type, len(a), a.null_count, a[-1].as_py()
    (DataType(int64), 4, 1, 4)
    >>> a[1:3].to_pylist()
    [2, None]
    """
    cdef elea_array *c
    cdef bint is_safe               # values were validated: C may follow offsets
    cdef object __weakref__

    def __init__(self):
        raise WrongTypeError("an Array is not made by its class: use elea.array()")

    def __dealloc__(self):
        if self.c != NULL:
            with nogil:
                elea_array_unref(self.c)

    @property
    def type(self):
        return self.known() or type_wrap(elea_array_type(self.c))

    cdef ExtensionType known(self):
        """The extension type of the values, or None."""
        return None

    @property
    def null_count(self):
        """How many values are null."""
        cdef int64_t count
        with nogil:
            count = elea_array_null_count(self.c)
        return count

    @property
    def offset(self):
        """Where the array begins in its buffers, in values."""
        return elea_array_offset(self.c)

    @property
    def nbytes(self):
        """Bytes of the array's rows in its buffers, those of children among them."""
        return array_bytes(self.c, elea_array_offset(self.c), elea_array_length(self.c))

    def get_total_buffer_size(self):
        """Bytes of all buffers, whatever part of them the array covers."""
        return sum(len(buffer) for buffer in
                   {b.address: b for b in self.buffers() if b is not None}.values())

    def __len__(self):
        return elea_array_length(self.c)

    cdef int ensure_safe(self) except -1:
        """Validates, once, what C relies on when it reads values: arrays may come from others."""
        cdef elea_error err = NO_ERROR
        cdef elea_status status
        if not self.is_safe:
            with nogil:
                status = elea_array_validate(self.c, ELEA_VALIDATE_SAFE, &err)
            check(status, &err)
            self.is_safe = True
        return 0

    def validate(self, *, full=False):
        """Raises when the array breaks the rules of the format: its shape, or with `full` all
        values as well."""
        cdef elea_error err = NO_ERROR
        cdef elea_status status
        cdef elea_validation how = ELEA_VALIDATE_FULL if full else ELEA_VALIDATE_QUICK
        with nogil:
            status = elea_array_validate(self.c, how, &err)
        check(status, &err)

    # Reading values.

    def __getitem__(self, key):
        if PySlice_Check(key):
            return slice_of(self, key)
        return scalar_at(self, checked_index(key, elea_array_length(self.c), "row"))

    def slice(self, offset=0, length=None):
        """Rows [offset, offset + length) as a view; fewer where there are fewer."""
        cdef elea_error err = NO_ERROR
        cdef elea_array *out = NULL
        begin, count = slice_window(offset, length, elea_array_length(self.c))
        check(elea_array_slice(self.c, begin, count, &out, &err), &err)
        return array_typed(out, self.is_safe, self.known())

    def __iter__(self):
        for i in range(len(self)):
            yield scalar_at(self, i)

    def __contains__(self, value):
        """Whether a row has this value (a Python value or a Scalar)."""
        if isinstance(value, Scalar):
            value = value.as_py()
        cdef ValueReader reader = value_reader(self, self.c, self.known())
        cdef int64_t i
        for i in range(elea_array_length(self.c)):
            found = reader.get(i)
            if found is value or found == value:
                return True
        return False

    def to_pylist(self, *, maps_as_pydicts=None):
        """All values as Python objects."""
        cdef ValueReader reader = value_reader(self, self.c, self.known())
        cdef list out = reader.get_run(0, elea_array_length(self.c), False)
        if maps_as_pydicts is not None and reader.id == ELEA_TYPE_MAP:
            return [None if row is None else dict(row) for row in out]
        return out

    tolist = to_pylist

    cdef list stored(self):
        """All values, those of an extension type as its storage has them."""
        return value_reader(self, self.c, None).get_run(0, elea_array_length(self.c), False)

    def index(self, value, start=None, end=None):
        """The first row with this value, as a Scalar; -1 where there is none. Rows before `start`
        and from `end` on are left out."""
        return scalar(first_row(self, value, start, end))

    def is_valid(self):
        """An array of bools: true where there is a value."""
        return valid_rows(self)

    def is_null(self, *, nan_is_null=False):
        """An array of bools: true where there is none, or with `nan_is_null` where NaN is."""
        return null_rows(self, nan_is_null)

    @property
    def true_count(self):
        """How many bools are true."""
        return count_true(self)

    @property
    def false_count(self):
        """How many bools are false."""
        return len(self) - self.null_count - count_true(self)

    # Comparing.

    def equals(self, other, *, nans_equal=False):
        """Whether the other array has the same type, length and values. NaN differs from itself
        unless `nans_equal`."""
        cdef elea_equal_options options
        cdef elea_array *a = self.c
        cdef elea_array *b
        cdef bint out
        if not isinstance(other, Array):
            raise WrongTypeError(f"expected an elea.Array, got {shown(other)}")
        self.ensure_safe()
        (<Array>other).ensure_safe()
        b = (<Array>other).c
        elea_equal_options_init(&options)
        options.nans_equal = nans_equal
        with nogil:
            out = elea_array_equal(a, b, &options)
        return out and same_type(self.known(), elea_array_type(a), (<Array>other).known(),
                                 elea_array_type(b))

    def __eq__(self, other):
        return self.equals(other) if isinstance(other, Array) else NotImplemented

    __hash__ = None

    def diff(self, other):
        """How the other array differs, as a unified diff; "" when it does not."""
        cdef elea_error err = NO_ERROR
        cdef elea_text text
        if not isinstance(other, Array):
            raise WrongTypeError(f"expected an elea.Array, got {shown(other)}")
        self.ensure_safe()
        (<Array>other).ensure_safe()
        elea_text_init(&text, NULL)
        return text_take(&text, elea_array_diff_format(self.c, (<Array>other).c, NULL, &text,
                                                       &err), &err)

    # The parts of nested arrays.

    cdef bint is_layout(self, tuple layouts):
        return <int>elea_type_layout_of(elea_array_type(self.c)) in layouts

    cdef Array child(self, int64_t i, str what):
        if i >= elea_array_child_count(self.c):
            raise WrongTypeError(f"an array of {self.type} has no {what}")
        return array_typed(elea_array_ref(elea_array_child(self.c, i)), self.is_safe,
                           extension_at(elea_type_child(elea_array_type(self.c), i)))

    def field(self, index):
        """A child of a struct or union, by index or name. Of a struct and a sparse union its rows
        are those of the array; nulls of the struct itself are not put on it: flatten() does."""
        cdef DataType type = self.type
        if elea_type_id_of(type.c) not in (ELEA_TYPE_STRUCT, ELEA_TYPE_SPARSE_UNION,
                                           ELEA_TYPE_DENSE_UNION):
            raise WrongTypeError(f"an array of {type} has no fields")
        cdef int64_t i = (type.get_field_index(index) if isinstance(index, str)
                          else checked_index(index, elea_array_child_count(self.c), "field"))
        if i < 0:
            raise NotFoundError(f"{type} has not exactly one field named {index!r}")
        child = self.child(i, "fields")
        if elea_type_id_of(type.c) == ELEA_TYPE_DENSE_UNION:
            return child
        return child.slice(self.offset, len(self))

    def flatten(self):
        """The values of all rows of a list, nulls left out, in one array; of a struct its children,
        null where it is.

        >>> import elea
        >>> elea.array([[1, 2], None, [3]]).flatten().to_pylist()
        [1, 2, 3]
        """
        if elea_type_id_of(elea_array_type(self.c)) == ELEA_TYPE_STRUCT:
            return struct_children(self)
        return list_values(self)

    def value_lengths(self):
        """How many values each row of a list has; null for null."""
        return list_lengths(self)

    def value_parent_indices(self):
        """Which row of a list each of the values that flatten() gives is from."""
        rows = []
        list_windows(self, rows)
        return array(rows, int64())

    @property
    def total_values_length(self):
        """Bytes of all values of a binary or utf8 array."""
        cdef elea_span span
        cdef int64_t begin = 0
        if not self.is_layout((<int>ELEA_LAYOUT_BINARY, <int>ELEA_LAYOUT_LARGE_BINARY)):
            raise WrongTypeError(f"an array of {self.type} has no bytes behind offsets")
        elea_span_of(self.c, &span)
        return span_reach(&span, elea_array_offset(self.c), elea_array_length(self.c), &begin)

    @property
    def values(self):
        """The child of a list, map or run-end encoded array as it lies there, not sliced."""
        if elea_type_id_of(elea_array_type(self.c)) == ELEA_TYPE_RUN_END_ENCODED:
            return self.child(1, "values")
        if not (self.type.is_list_like):
            raise WrongTypeError(f"an array of {self.type} has no values")
        return self.child(0, "values")

    @property
    def run_ends(self):
        """Where the runs of a run-end encoded array end."""
        if elea_type_id_of(elea_array_type(self.c)) != ELEA_TYPE_RUN_END_ENCODED:
            raise WrongTypeError(f"an array of {self.type} has no run ends")
        return self.child(0, "run ends")

    def find_physical_offset(self):
        """The run that the first row of a run-end encoded array is in."""
        return run_at(self, self.offset)

    def find_physical_length(self):
        """How many runs the rows of a run-end encoded array are in."""
        if len(self) == 0:
            return 0
        return run_at(self, self.offset + len(self) - 1) - run_at(self, self.offset) + 1

    @property
    def keys(self):
        """The keys of all rows of a map."""
        self.type.key_field
        return self.child(0, "keys").field(0)

    @property
    def items(self):
        """The values of all rows of a map."""
        self.type.item_field
        return self.child(0, "items").field(1)

    @property
    def dictionary(self):
        """The values that the indices of a dictionary array name."""
        if elea_array_dictionary(self.c) == NULL:
            raise WrongTypeError(f"an array of {self.type} has no dictionary")
        return array_again(elea_array_ref(elea_array_dictionary(self.c)), self.is_safe)

    @property
    def indices(self):
        """The indices of a dictionary array."""
        return view_as(self, self.type.index_type, [0, 1])

    @property
    def offsets(self):
        """Where the rows of a list begin in its values, and where the last one ends."""
        cdef elea_layout layout = elea_type_layout_of(elea_array_type(self.c))
        wide = {<int>ELEA_LAYOUT_LIST: False, <int>ELEA_LAYOUT_LARGE_LIST: True}
        views = {<int>ELEA_LAYOUT_LIST_VIEW: False, <int>ELEA_LAYOUT_LARGE_LIST_VIEW: True}
        if <int>layout in wide:
            type, more = (int64() if wide[<int>layout] else int32()), 1
        elif <int>layout in views:
            type, more = (int64() if views[<int>layout] else int32()), 0
        else:
            raise WrongTypeError(f"an array of {self.type} has no offsets")
        return Array.from_buffers(type, len(self) + more, [None, self.buffer(1)], 0, self.offset)

    @property
    def sizes(self):
        """How many values each row of a list view has."""
        cdef elea_layout layout = elea_type_layout_of(elea_array_type(self.c))
        if layout != ELEA_LAYOUT_LIST_VIEW and layout != ELEA_LAYOUT_LARGE_LIST_VIEW:
            raise WrongTypeError(f"an array of {self.type} has no sizes")
        type = int32() if layout == ELEA_LAYOUT_LIST_VIEW else int64()
        return Array.from_buffers(type, len(self), [None, self.buffer(2)], 0, self.offset)

    @property
    def type_codes(self):
        """Which child each row of a union is of."""
        self.type.type_codes
        return Array.from_buffers(int8(), len(self), [None, self.buffer(0)], 0, self.offset)

    # Buffers.

    cdef Buffer buffer(self, int64_t i):
        cdef const elea_buffer *buffer = elea_array_buffer(self.c, i)
        return None if buffer == NULL else buffer_wrap(buffer)

    def buffers(self):
        """The buffers, None for those that are missing; behind the array's own its children's."""
        cdef list out = [self.buffer(i) for i in range(elea_array_buffer_count(self.c))]
        for i in range(elea_array_child_count(self.c)):
            out += self.child(i, "child").buffers()
        return out

    @property
    def is_cpu(self):
        """True: all memory is the CPU's."""
        return True

    def view(self, target_type):
        """The same memory as values of another type that is laid out alike: numbers, times and
        binaries of one width; utf8 and binary.

        >>> import elea
        >>> elea.array([1, 2]).view("timestamp[s]").to_pylist()[0].year
        1970
        """
        return view_of(self, ensure_type(target_type))

    @staticmethod
    def from_buffers(type, length, buffers, null_count=-1, offset=0, children=None):
        """An array of buffers in the order of the C data interface, validity first where the
        layout has one; None stands for no nulls. Its shape is validated, its values are not.

        >>> import elea
        >>> data = elea.py_buffer(bytes([1, 0, 2, 0, 3, 0]))
        >>> elea.Array.from_buffers(elea.int16(), 3, [None, data]).to_pylist()
        [1, 2, 3]
        """
        return array_of_parts(type, length, buffers, null_count, offset, children or [], None)

    # Texts.

    def to_string(self, *, max_rows=20):
        """The values as text, in a column."""
        cdef elea_error err = NO_ERROR
        cdef elea_text text
        cdef elea_print_options options
        elea_print_options_init(&options)
        options.rows_max = max_rows
        ensure_safe_ends(self, max_rows)
        elea_text_init(&text, NULL)
        return text_take(&text, elea_array_format(self.c, &options, &text, &err), &err)

    def __repr__(self):
        return f"<elea.Array {self.type}, {len(self)} rows>\n{self.to_string()}"

    def __str__(self):
        return self.to_string()

    def _repr_html_(self):
        from elea._html import column_html
        return column_html(self)

    # To others.

    def __arrow_c_schema__(self):
        return self.type.__arrow_c_schema__()

    def __arrow_c_array__(self, requested_schema=None):
        """The array for another library, as capsules of the Arrow C data interface."""
        check_requested(elea_array_type(self.c), requested_schema)
        return self.__arrow_c_schema__(), array_capsule(self.c)

    def __arrow_c_device_array__(self, requested_schema=None, **kwargs):
        check_keywords(kwargs)
        check_requested(elea_array_type(self.c), requested_schema)
        return self.__arrow_c_schema__(), device_array_capsule(self.c)

    def to_numpy(self, zero_copy_only=True, writable=False):
        """A NumPy array of the values: a read-only view of the same memory, unless
        `zero_copy_only` is False and the values need another form there (nulls, bools, texts).

        Rows of a fixed-size list of numbers become an array of two dimensions.
        """
        return array_to_numpy(self, zero_copy_only, writable)

    def __array__(self, dtype=None, copy=None):
        values = self.to_numpy(zero_copy_only=copy is False)
        if dtype is not None and values.dtype != dtype:
            if copy is False:
                raise ViewError(f"{values.dtype} is not made {dtype} without a copy")
            return values.astype(dtype)
        return values.copy() if copy else values

    def __getbuffer__(self, Py_buffer *view, int flags):
        fill_view(self, view, flags)
        view.obj = self

    def __releasebuffer__(self, Py_buffer *view):
        PyMem_RawFree(view.internal)

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        """The values as a DLPack tensor, which torch.from_dlpack() and its like take."""
        return array_to_dlpack(self, stream, max_version, dl_device, copy)

    def __dlpack_device__(self):
        return (1, 0)

    def to_pandas(self, *, types_mapper=None):
        """A pandas Series over Arrow memory, or with `types_mapper` as it says."""
        from elea._interop import array_to_pandas
        return array_to_pandas(self, types_mapper)

    def to_pyarrow(self):
        """A pyarrow.Array of the same memory."""
        import pyarrow
        return pyarrow.array(self)

    def to_polars(self):
        """A polars.Series of the same memory where Polars lays the type out so."""
        from elea._interop import to_polars_series
        return to_polars_series(self)

    def to_torch(self):
        """A torch.Tensor of the same memory; it must not be written to."""
        from elea._interop import to_torch
        return to_torch(self)

    def __reduce_ex__(self, protocol):
        children = [self.child(i, "child") for i in range(elea_array_child_count(self.c))]
        values = self.dictionary if elea_array_dictionary(self.c) != NULL else None
        own, offset = window_buffers(self)
        return array_of_parts, (self.type, len(self), own, -1, offset, children, values)

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


cdef tuple window_buffers(Array self):
    """The buffers cut to the rows of the array where it has fixed width, so that pickling a slice
    does not take all along; and where the rows begin in them."""
    cdef elea_layout layout = elea_type_layout_of(elea_array_type(self.c))
    cdef int64_t offset = elea_array_offset(self.c), end = offset + elea_array_length(self.c)
    cdef int64_t begin = offset // 64 * 64  # whole bytes of bits, aligned values
    cdef int64_t width
    cdef list own = [self.buffer(i) for i in range(elea_array_buffer_count(self.c))]
    if layout != ELEA_LAYOUT_FIXED and layout != ELEA_LAYOUT_BIT:
        return own, offset
    width = 0 if layout == ELEA_LAYOUT_BIT else self.type.byte_width
    if own[0] is not None:
        own[0] = own[0].slice(begin // 8, (end + 7) // 8 - begin // 8)
    if own[1] is not None and width:
        own[1] = own[1].slice(begin * width, (end - begin) * width)
    elif own[1] is not None and layout == ELEA_LAYOUT_BIT:
        own[1] = own[1].slice(begin // 8, (end + 7) // 8 - begin // 8)
    return own, offset - begin


cdef Array array_steal(elea_array *c):
    cdef Array self = Array.__new__(Array)
    self.c = c
    return self


cdef Array array_again(elea_array *c, bint is_safe):
    cdef Array self = array_steal(c)
    self.is_safe = is_safe
    return self


def array_of_parts(type, int64_t length, buffers, int64_t null_count, int64_t offset, children,
                   values):
    """Puts an array together; its shape is validated. What pickle calls."""
    cdef elea_error err = NO_ERROR
    cdef elea_array *out = NULL
    cdef elea_array_parts parts
    cdef DataType its = ensure_type(type)
    cdef list owned = [None if one is None else py_buffer(one) for one in buffers]
    cdef list nested = [array(one) for one in children]
    cdef Pointers buffer_pointers = Pointers(len(owned))
    cdef Pointers child_pointers = Pointers(len(nested))
    for i in range(len(owned)):
        buffer_pointers.data[i] = NULL if owned[i] is None else (<Buffer>owned[i]).c
    for i in range(len(nested)):
        child_pointers.data[i] = (<Array>nested[i]).c
    memset(&parts, 0, sizeof(parts))
    parts.type = its.c
    parts.length = length
    parts.offset = offset
    parts.null_count = null_count
    parts.buffers = <const elea_buffer *const *>buffer_pointers.data
    parts.buffer_count = len(owned)
    parts.children = <const elea_array *const *>child_pointers.data
    parts.child_count = len(nested)
    if values is not None:
        parts.dictionary = (<Array>array(values)).c
    check(elea_array_new(NULL, &parts, &out, &err), &err)
    return array_typed(out, False, as_extension(its))


cdef Array view_as(Array self, DataType type, list chosen):
    """The array's window on some of its buffers as another type."""
    return array_of_parts(type, len(self), [self.buffer(i) for i in chosen], -1, self.offset, [],
                          None)


cdef Array view_of(Array self, DataType type):
    cdef elea_layout layout = elea_type_layout_of(elea_array_type(self.c))
    cdef list own = [self.buffer(i) for i in range(elea_array_buffer_count(self.c))]
    if type == self.type:
        return self
    same = (layout == elea_type_layout_of(type.c) and elea_array_child_count(self.c) == 0
            and layout != ELEA_LAYOUT_DICTIONARY and layout != ELEA_LAYOUT_NULL)
    if same and layout == ELEA_LAYOUT_FIXED:
        width = type.byte_width
        aligned = own[1] is None or own[1].address % (min(width, 8) or 1) == 0
        same = width == self.type.byte_width and aligned
    if not same:
        raise ViewError(f"an array of {self.type} has no view as {type}: values of one width, or "
                        "utf8 and binary of one kind, have")
    return array_of_parts(type, len(self), own, -1, self.offset, [], None)


cdef int64_t first_row(object values, object wanted, object start, object end) except -2:
    """The first row of slice [start:end] with a value; -1 where there is none."""
    if isinstance(wanted, Scalar):
        wanted = wanted.as_py()
    begin, stop, _ = slice(start, end).indices(len(values))
    for i, found in enumerate(values.slice(begin, max(0, stop - begin)).to_pylist(), begin):
        if found == wanted:
            return i
    return -1


cdef tuple slice_window(object offset, object length, int64_t total):
    """Begin and count of slice(offset, length), as pyarrow's: what is beyond the end is cut."""
    if offset < 0:
        raise OutOfBoundsError(f"slice offset {offset} is negative")
    if length is not None and length < 0:
        raise InvalidError(f"slice length {length} is negative")
    begin = min(offset, total)
    return begin, (total - begin if length is None else min(length, total - begin))


cdef object slice_of(object values, object key):
    """values[key], as views; for a step other than 1 the rows are put together anew."""
    start, stop, step = key.indices(len(values))
    if step == 1:
        return values.slice(start, max(0, stop - start))
    rows = [values.slice(i, 1) for i in range(start, stop, step)]
    return together(values, rows or [values.slice(0, 0)])


cdef int ensure_safe_ends(Array values, int64_t rows) except -1:
    """Validates the rows at both ends, which are those that are printed."""
    cdef int64_t length = elea_array_length(values.c)
    if values.is_safe or length <= 2 * rows or elea_array_child_count(values.c) != 0:
        return values.ensure_safe()
    (<Array>values.slice(0, rows)).ensure_safe()
    (<Array>values.slice(length - rows, rows)).ensure_safe()
    return 0


cdef int64_t array_bytes(const elea_array *array, int64_t offset, int64_t length):
    """Bytes of rows [offset, offset + length) of the buffers, as pyarrow counts nbytes."""
    cdef const elea_type *type = elea_array_type(array)
    cdef const char *letters = elea_layout_buffers(elea_type_layout_of(type))
    cdef int64_t total = 0, i, bits, begin = 0, count = 0
    cdef int64_t here = elea_array_buffer_count(array)
    cdef elea_span span
    elea_span_of(array, &span)
    for i in range(here):
        if elea_array_buffer(array, i) == NULL:
            continue
        letter = letters[i] if i < <int64_t>strlen(letters) else c"*"
        if letter == c"v" or letter == c"b":
            total += (offset + length + 7) // 8 - offset // 8
        elif letter == c"d":
            bits = elea_type_bit_width(type)
            if elea_type_id_of(type) == ELEA_TYPE_FIXED_SIZE_BINARY:
                bits = 8 * <int64_t>elea_type_fixed_size(type)
            if elea_type_id_of(type) == ELEA_TYPE_DICTIONARY:
                bits = elea_type_bit_width(elea_type_index_type(type))
            total += length * bits // 8
        elif letter == c"o" or letter == c"O":
            total += length * (4 if letter == c"o" else 8)
        elif letter == c"s" or letter == c"S":
            total += length * (4 if letter == c"s" else 8)
        elif letter == c"w":
            total += length * 16
        elif letter == c"t":
            total += length
        elif letter == c"c":
            total += span_reach(&span, offset, length, &begin)
        else:
            total += elea_buffer_size(elea_array_buffer(array, i))
    return total + children_bytes(array, &span, offset, length)


cdef int64_t span_reach(const elea_span *span, int64_t offset, int64_t length, int64_t *begin):
    """From the first to the last offset of rows of a binary or list."""
    cdef int64_t end
    cdef const uint8_t *offsets = span.buffers[1]
    cdef elea_layout layout = elea_type_layout_of(span.type)
    if offsets == NULL or length == 0:
        begin[0] = 0
        return 0
    if layout == ELEA_LAYOUT_BINARY or layout == ELEA_LAYOUT_LIST:
        begin[0] = (<const int32_t *>offsets)[offset]
        end = (<const int32_t *>offsets)[offset + length]
    else:
        begin[0] = (<const int64_t *>offsets)[offset]
        end = (<const int64_t *>offsets)[offset + length]
    return max(0, end - begin[0])


cdef int64_t children_bytes(const elea_array *array, const elea_span *span, int64_t offset,
                            int64_t length):
    cdef elea_layout layout = elea_type_layout_of(elea_array_type(array))
    cdef int64_t total = 0, i, begin = 0, count, size
    cdef const elea_array *child
    if elea_array_dictionary(array) != NULL:
        child = elea_array_dictionary(array)
        return array_bytes(child, elea_array_offset(child), elea_array_length(child))
    for i in range(elea_array_child_count(array)):
        child = elea_array_child(array, i)
        if layout == ELEA_LAYOUT_STRUCT or layout == ELEA_LAYOUT_SPARSE_UNION:
            begin, count = offset, length
        elif layout == ELEA_LAYOUT_FIXED_SIZE_LIST:
            size = elea_type_fixed_size(elea_array_type(array))
            begin, count = offset * size, length * size
        elif layout == ELEA_LAYOUT_LIST or layout == ELEA_LAYOUT_LARGE_LIST:
            count = span_reach(span, offset, length, &begin)
        else:
            begin, count = 0, elea_array_length(child)
        begin = min(max(begin, 0), elea_array_length(child))
        count = min(count, elea_array_length(child) - begin)
        total += array_bytes(child, elea_array_offset(child) + begin, count)
    return total
