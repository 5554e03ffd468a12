# SPDX-License-Identifier: Apache-2.0
# Buffers: runs of bytes that Python and C share.

cdef extern from "Python.h":
    int Py_IsInitialized() nogil


cdef void release_view(void *context) noexcept nogil:
    """Lets go of what py_buffer() holds. Runs in whatever thread drops the last reference."""
    if not Py_IsInitialized():
        return
    with gil:
        PyBuffer_Release(<Py_buffer *>context)
        PyMem_RawFree(context)


cdef void release_object(void *context) noexcept nogil:
    if not Py_IsInitialized():
        return
    with gil:
        Py_DECREF(<object>context)


cdef class Buffer:
    """An immutable run of bytes: memory of Elea, of somebody else, or of a mapped file.

    It speaks the buffer protocol, so that `memoryview`, `bytes` and NumPy read it where it lies.

    >>> import elea
    >>> buffer = elea.py_buffer(b"an arrow in flight")
    >>> bytes(buffer[3:8]), buffer.size
    (b'arrow', 18)
    """
    cdef elea_buffer *c
    cdef object __weakref__

    def __init__(self):
        raise WrongTypeError("a Buffer is not made by its class: use elea.py_buffer()")

    def __dealloc__(self):
        elea_buffer_unref(self.c)

    @property
    def address(self):
        """Where the bytes lie."""
        return <uintptr_t>elea_buffer_data(self.c)

    @property
    def size(self):
        """How many bytes there are."""
        return elea_buffer_size(self.c)

    @property
    def is_mutable(self):
        """False: what is shared does not change."""
        return False

    @property
    def is_cpu(self):
        return True

    def __len__(self):
        return elea_buffer_size(self.c)

    def __getitem__(self, key):
        if PySlice_Check(key):
            start, stop, step = key.indices(len(self))
            if step != 1:
                raise InvalidError("a buffer is sliced with step 1 only")
            return self.slice(start, max(0, stop - start))
        return memoryview(self)[key]

    def slice(self, offset=0, length=None):
        """Bytes [offset, offset + length) as a view."""
        cdef elea_error err = NO_ERROR
        cdef elea_buffer *out = NULL
        cdef int64_t size = len(self)
        if offset < 0:
            raise OutOfBoundsError(f"offset {offset} is negative")
        if length is None:
            length = max(0, size - offset)
        check(elea_buffer_slice(self.c, offset, length, &out, &err), &err)
        return buffer_steal(out)

    def equals(self, other):
        """Whether the other buffer has the same bytes."""
        if not isinstance(other, Buffer):
            raise WrongTypeError(f"expected an elea.Buffer, got {shown(other)}")
        return memoryview(self) == memoryview(other)

    def __eq__(self, other):
        if isinstance(other, Buffer) or PyObject_CheckBuffer(other):
            return memoryview(self) == other
        return NotImplemented

    __hash__ = None

    def to_pybytes(self):
        """A copy of the bytes as Python's."""
        return bytes(memoryview(self))

    def hex(self):
        """The bytes as hexadecimal digits."""
        return memoryview(self).hex()

    def __repr__(self):
        return f"<elea.Buffer address=0x{self.address:x} size={self.size}>"

    def __getbuffer__(self, Py_buffer *view, int flags):
        PyBuffer_FillInfo(view, self, <void *>elea_buffer_data(self.c), elea_buffer_size(self.c),
                          1, flags)

    def __reduce_ex__(self, protocol):
        if protocol >= 5:
            import pickle
            return py_buffer, (pickle.PickleBuffer(self),)
        return py_buffer, (bytes(self),)


cdef Buffer buffer_steal(elea_buffer *buffer):
    cdef Buffer self = Buffer.__new__(Buffer)
    self.c = buffer
    return self


cdef Buffer buffer_wrap(const elea_buffer *buffer):
    return buffer_steal(elea_buffer_ref(buffer))


def py_buffer(obj):
    """A Buffer over the memory of any object with the buffer protocol; it keeps the object alive.

    Who may still write to that memory must not, as long as the buffer or an array over it lives.

    >>> import elea
    >>> elea.py_buffer(bytearray(3)).to_pybytes()
    b'\\x00\\x00\\x00'
    """
    if isinstance(obj, Buffer):
        return obj
    if not PyObject_CheckBuffer(obj):
        raise WrongTypeError(f"expected an object with the buffer protocol, got {shown(obj)}")
    try:
        return buffer_steal(view_buffer(view_new(obj, PyBUF_SIMPLE)))
    except BufferError as problem:
        if isinstance(problem, Error):
            raise
        raise InvalidError(f"{type_name(obj)} does not give its memory: {problem}") from None


cdef Py_buffer *view_new(object owner, int flags) except NULL:
    """The memory of an object with the buffer protocol, until release_view()."""
    cdef Py_buffer *view = <Py_buffer *>PyMem_RawMalloc(sizeof(Py_buffer))
    if view == NULL:
        raise MemoryError
    try:
        PyObject_GetBuffer(owner, view, flags)
    except BaseException:
        PyMem_RawFree(view)
        raise
    return view


cdef elea_buffer *view_buffer(Py_buffer *view) except NULL:
    """A buffer over a view, which it takes."""
    cdef elea_error err = NO_ERROR
    cdef elea_buffer *out = NULL
    cdef elea_status status = elea_buffer_wrap(NULL, view.buf, view.len, release_view, view, &out,
                                               &err)
    if status != ELEA_OK:
        release_view(view)
        check(status, &err)
    return out


def foreign_buffer(address, size, base=None):
    """A Buffer over memory at an address, which `base` keeps alive; nothing is checked."""
    return buffer_over(base, <const void *><uintptr_t>address, size)


cdef Buffer buffer_over(object owner, const void *data, int64_t size):
    """A buffer over memory that lives as long as `owner`."""
    cdef elea_error err = NO_ERROR
    cdef elea_buffer *out = NULL
    check(elea_buffer_wrap(NULL, data, size, release_object, <void *>owner, &out, &err), &err)
    Py_INCREF(owner)
    return buffer_steal(out)
