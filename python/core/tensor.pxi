# SPDX-License-Identifier: Apache-2.0
# Tensors: numbers of one type in any number of dimensions, over memory of any strides.

cdef str TENSOR_ACCEPTED = "accepted are native-endian int8 to uint64, float16 to float64"


cdef class Dimensions:
    """Sizes, strides and names for the time of a call."""
    cdef int32_t count
    cdef Numbers sizes
    cdef Numbers strides            # or None: row-major
    cdef elea_bytes *names          # or NULL
    cdef list texts

    def __cinit__(self, shape, strides, names):
        cdef int32_t i
        self.sizes = Numbers(shape, "sizes")
        self.count = self.sizes.count
        if strides is not None:
            self.strides = Numbers(strides, "strides")
            if self.strides.count != self.count:
                raise InvalidError(f"{self.strides.count} strides for {self.count} dimensions")
        self.texts = [as_text(name) for name in names or ()]
        if not self.texts:
            return
        if len(self.texts) != self.count:
            raise InvalidError(f"{len(self.texts)} dim_names for {self.count} dimensions")
        self.names = <elea_bytes *>PyMem_RawMalloc(self.count * sizeof(elea_bytes))
        if self.names == NULL:
            raise MemoryError
        for i in range(self.count):
            self.names[i].data = PyBytes_AS_STRING(self.texts[i])
            self.names[i].size = PyBytes_GET_SIZE(self.texts[i])

    def __dealloc__(self):
        PyMem_RawFree(self.names)


cdef bytes as_text(object name):
    if not isinstance(name, str):
        raise WrongTypeError(f"a name must be a str, got {shown(name)}")
    return (<str>name).encode()


cdef class _Tensor:
    """What tensors and sparse tensors have in common."""
    cdef readonly DataType type
    cdef readonly tuple shape
    cdef readonly tuple dim_names
    cdef object __weakref__

    cdef int describe(self, const elea_type *type, int32_t count, const int64_t *sizes,
                      const elea_bytes *names) except -1:
        self.type = type_wrap(type)
        self.shape = tuple([sizes[i] for i in range(count)])
        self.dim_names = () if names == NULL else tuple([text_of(names[i]) for i in range(count)])
        return 0

    @property
    def ndim(self):
        """The number of dimensions."""
        return len(self.shape)

    @property
    def size(self):
        """The number of elements: the product of the shape."""
        out = 1
        for size in self.shape:
            out *= size
        return out

    @property
    def is_mutable(self):
        """False: what is shared does not change."""
        return False

    def dim_name(self, i):
        """The name of dimension `i`; "" where it has none."""
        at = checked_index(i, self.ndim, "dimension")
        return self.dim_names[at] if self.dim_names else ""

    def __eq__(self, other):
        return self.equals(other) if isinstance(other, type(self)) else NotImplemented

    __hash__ = None

    def __repr__(self):
        names = f"\ndim_names: {self.dim_names}" if self.dim_names else ""
        return (f"<elea.{type(self).__name__}>\ntype: {self.type}\nshape: {self.shape}"
                f"{self.more()}{names}")

    cdef str more(self):
        return ""


cdef elea_equal_options equal_options(bint nans_equal) noexcept:
    cdef elea_equal_options options
    elea_equal_options_init(&options)
    options.nans_equal = nans_equal
    return options


cdef class Tensor(_Tensor):
    """Numbers of one type in any number of dimensions, over memory of any strides. Make one with
    `Tensor.from_numpy()`.

    It speaks the buffer protocol and DLPack, so that NumPy, PyTorch and `memoryview` see the same
    memory.

    >>> import elea, numpy
    >>> image = elea.Tensor.from_numpy(numpy.zeros((2, 3), "int16"), dim_names=["y", "x"])
    >>> image
    <elea.Tensor>
    type: int16
    shape: (2, 3)
    strides: (6, 2)
    dim_names: ('y', 'x')
    >>> image.to_numpy().sum()
    np.int64(0)
    """
    cdef elea_tensor *c

    def __init__(self):
        raise WrongTypeError("a Tensor is not made by its class: use elea.Tensor.from_numpy()")

    def __dealloc__(self):
        if self.c != NULL:
            with nogil:
                elea_tensor_unref(self.c)

    @staticmethod
    def from_numpy(obj, dim_names=None):
        """Over the memory of a NumPy array, or of another object with the buffer protocol, which is
        kept alive: numbers in any strides that do not run backwards. It must not be written to as
        long as the tensor lives."""
        return tensor_of_memory(obj, dim_names)

    @staticmethod
    def from_buffer(type, data, shape, strides=None, dim_names=None):
        """Over any bytes: element (0, 0, ...) is their first, and `strides` (None: row-major) are
        bytes."""
        return tensor_of_parts(ensure_type(type), py_buffer(data),
                               Dimensions(shape, strides, dim_names))

    @staticmethod
    def from_array(values, dim_names=None):
        """Over an array without nulls: of numbers, one dimension; of fixed-size lists, nested to
        any depth, one more for each. Nothing is copied."""
        cdef elea_error err = NO_ERROR
        cdef elea_tensor *out = NULL
        cdef Array its = array(values)
        its.ensure_safe()
        check(elea_tensor_new_from_array(NULL, its.c, &out, &err), &err)
        return tensor_steal(out).named(dim_names)

    @staticmethod
    def from_dlpack(x, dim_names=None):
        """Over the memory of a tensor of another library on the CPU, row-major."""
        return Tensor.from_array(from_dlpack(x), dim_names)

    cdef Tensor named(self, object dim_names):
        if not dim_names:
            return self
        return Tensor.from_buffer(self.type, self.data, self.shape, self.strides, dim_names)

    @property
    def data(self):
        """The memory: element (0, 0, ...) is its first."""
        return buffer_wrap(elea_tensor_data(self.c))

    @property
    def strides(self):
        """Bytes from one element to the next in each dimension."""
        return tuple([elea_tensor_strides(self.c)[i] for i in range(self.ndim)])

    @property
    def nbytes(self):
        """Bytes of the elements."""
        return self.size * self.type.byte_width

    @property
    def is_row_major(self):
        """Whether elements lie one behind the other with the last dimension running fastest."""
        return elea_tensor_is_row_major(self.c)

    @property
    def is_column_major(self):
        """Whether they do with the first dimension running fastest."""
        return elea_tensor_is_column_major(self.c)

    @property
    def is_contiguous(self):
        """Whether they do in either way."""
        return elea_tensor_is_contiguous(self.c)

    def to_row_major(self):
        """The same elements, row-major; a tensor that is so already is shared."""
        cdef elea_error err = NO_ERROR
        cdef elea_tensor *out = NULL
        cdef elea_status status
        with nogil:
            status = elea_tensor_to_row_major(NULL, self.c, &out, &err)
        check(status, &err)
        return tensor_steal(out)

    def to_array(self):
        """An array with a row for each step of the first dimension, and fixed-size lists for the
        others. Nothing is copied of a row-major tensor."""
        cdef elea_error err = NO_ERROR
        cdef elea_array *out = NULL
        cdef elea_status status
        with nogil:
            status = elea_tensor_to_array(NULL, self.c, &out, &err)
        check(status, &err)
        return array_again(out, True)

    def to_numpy(self):
        """A NumPy array over the same memory, which is not writable."""
        import numpy
        return numpy.ndarray(self.shape, numpy_dtype_text(self.type.c), self.data, 0, self.strides)

    def __array__(self, dtype=None, copy=None):
        import numpy
        return numpy.array(self.to_numpy(), dtype,
                           copy=None if copy is None and numpy.__version__[0] > "1" else bool(copy))

    def equals(self, other, *, nans_equal=False):
        """Whether the other tensor has the same type, shape and elements, however they lie; names
        do not count. NaN differs from itself unless `nans_equal`."""
        cdef elea_equal_options options = equal_options(nans_equal)
        cdef elea_tensor *its
        cdef bint out
        if not isinstance(other, Tensor):
            raise WrongTypeError(f"expected an elea.Tensor, got {shown(other)}")
        its = (<Tensor>other).c
        with nogil:
            out = elea_tensor_equal(self.c, its, &options)
        return out

    def __getbuffer__(self, Py_buffer *view, int flags):
        cdef Py_ssize_t width = elea_type_bit_width(self.type.c) // 8
        cdef bint rows = elea_tensor_is_row_major(self.c)
        cdef bint columns = elea_tensor_is_column_major(self.c)
        if flags & PyBUF_WRITABLE:
            raise ViewError("a tensor is immutable")
        if ((flags & PyBUF_STRIDES) != PyBUF_STRIDES and not rows
                or (flags & PyBUF_C_CONTIGUOUS) == PyBUF_C_CONTIGUOUS and not rows
                or (flags & PyBUF_F_CONTIGUOUS) == PyBUF_F_CONTIGUOUS and not columns
                or (flags & PyBUF_ANY_CONTIGUOUS) == PyBUF_ANY_CONTIGUOUS
                and not (rows or columns)):
            raise ViewError(f"a tensor with strides {self.strides} has no view in the order asked "
                            "for without a copy: to_row_major()")
        view.ndim = self.ndim
        # Sizes of memory and the numbers of a tensor are both of 64 bits.
        view.shape = <Py_ssize_t *>elea_tensor_shape(self.c) if flags & PyBUF_ND else NULL
        view.strides = (<Py_ssize_t *>elea_tensor_strides(self.c)
                        if (flags & PyBUF_STRIDES) == PyBUF_STRIDES else NULL)
        view.format = (PyBytes_AS_STRING(STRUCT_TEXTS[<int>elea_type_id_of(self.type.c)])
                       if flags & PyBUF_FORMAT else NULL)
        view.suboffsets = NULL
        view.internal = NULL
        view.itemsize = width
        view.len = elea_tensor_length(self.c) * width
        view.readonly = 1
        view.buf = <void *>elea_buffer_data(elea_tensor_data(self.c))

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        """The tensor for torch.from_dlpack() and its like; copied when it is not row-major, unless
        `copy` is False."""
        if copy is False and not self.is_row_major:
            raise ViewError(f"a tensor with strides {self.strides} is not handed over without a "
                            "copy, which copy=False does not allow")
        return array_to_dlpack(self.to_array(), stream, max_version, dl_device, copy)

    def __dlpack_device__(self):
        return (1, 0)

    def __reduce__(self):
        return Tensor.from_buffer, (self.type, self.data, self.shape, self.strides,
                                    self.dim_names)

    cdef str more(self):
        return f"\nstrides: {self.strides}"


cdef Tensor tensor_steal(elea_tensor *c):
    cdef Tensor self = Tensor.__new__(Tensor)
    self.c = c
    self.describe(elea_tensor_type(c), elea_tensor_dimension_count(c), elea_tensor_shape(c),
                  elea_tensor_dimension_names(c))
    return self


cdef Tensor tensor_wrap(const elea_tensor *c):
    return tensor_steal(elea_tensor_ref(c))


cdef Tensor tensor_of_parts(DataType type, Buffer data, Dimensions dimensions):
    cdef elea_error err = NO_ERROR
    cdef elea_tensor *out = NULL
    cdef elea_tensor_parts parts
    parts.type = type.c
    parts.data = data.c
    parts.dimension_count = dimensions.count
    parts.shape = dimensions.sizes.data
    parts.strides = NULL if dimensions.strides is None else dimensions.strides.data
    parts.dimension_names = dimensions.names
    check(elea_tensor_new(NULL, &parts, &out, &err), &err)
    return tensor_steal(out)


cdef Tensor tensor_of_memory(object given, object dim_names):
    """The memory of an object with the buffer protocol, in any strides."""
    cdef elea_error err = NO_ERROR
    cdef elea_buffer *out = NULL
    cdef elea_status status
    cdef int found
    cdef Py_buffer *view
    if not PyObject_CheckBuffer(given):
        raise WrongTypeError("expected a NumPy array or another object with the buffer protocol, "
                             f"got {shown(given)}")
    view = <Py_buffer *>PyMem_RawMalloc(sizeof(Py_buffer))
    if view == NULL:
        raise MemoryError
    try:
        PyObject_GetBuffer(given, view, PyBUF_STRIDES | PyBUF_FORMAT)
    except (BufferError, ValueError) as problem:
        PyMem_RawFree(view)
        raise WrongTypeError(f"{type_name(given)} does not give its memory: {problem}; "
                             f"{TENSOR_ACCEPTED}") from None
    except BaseException:
        PyMem_RawFree(view)
        raise
    shape = [view.shape[i] for i in range(view.ndim)]
    strides = [view.strides[i] for i in range(view.ndim)]
    format = b"B" if view.format == NULL else <bytes>view.format
    found = buffer_type_id(view.format, view.itemsize)
    status = elea_buffer_wrap(NULL, view.buf, memory_size(shape, strides, view.itemsize),
                              release_view, view, &out, &err)
    if status != ELEA_OK:
        PyBuffer_Release(view)
        PyMem_RawFree(view)
        check(status, &err)
    data = buffer_steal(out)
    if found < 0 or found == <int>ELEA_TYPE_BOOL:
        raise WrongTypeError(f"memory of format {format.decode(errors='replace')!r} "
                             f"({type_name(given)}) is no tensor: {TENSOR_ACCEPTED}")
    if strides and min(strides) < 0:
        raise InvalidError(f"memory with strides {tuple(strides)} runs backwards: "
                           "numpy.ascontiguousarray() makes a copy that does not")
    return tensor_of_parts(type_wrap(elea_type_of(<elea_type_id>found)), data,
                           Dimensions(shape, strides, dim_names))


cdef int64_t memory_size(list shape, list strides, int64_t width):
    """Bytes from the first element to behind the last; 0 for no elements, and for strides that run
    backwards, which are not for long."""
    if 0 in shape or (strides and min(strides) < 0):
        return 0
    return sum([(size - 1) * stride for size, stride in zip(shape, strides)]) + width


cdef Tensor batch_to_tensor(RecordBatch batch, bint null_to_nan, bint row_major):
    cdef elea_error err = NO_ERROR
    cdef elea_tensor *out = NULL
    cdef elea_tensor_batch_options options
    cdef elea_status status
    options.null_to_nan = null_to_nan
    options.column_major = not row_major
    with nogil:
        status = elea_tensor_new_from_batch(NULL, batch.c, &options, &out, &err)
    check(status, &err)
    return tensor_steal(out)
