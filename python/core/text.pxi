# SPDX-License-Identifier: Apache-2.0
# Texts between the two sides.


cdef str text_take(elea_text *text, elea_status status, const elea_error *err):
    """What a C function wrote, as a str; releases the text, and raises when the call failed."""
    try:
        check(status, err)
        return PyUnicode_DecodeUTF8(text.data, text.size, "replace") if text.size else ""
    finally:
        elea_text_release(text)


cdef elea_bytes utf8_of(str text) except *:
    """The bytes of a str, borrowed from it. Lone surrogates raise."""
    cdef elea_bytes out
    cdef Py_ssize_t size = 0
    out.data = PyUnicode_AsUTF8AndSize(text, &size)
    out.size = size
    return out


cdef str text_of(elea_bytes value):
    return PyUnicode_DecodeUTF8(value.data, value.size, NULL) if value.size else ""


cdef bytes bytes_of(elea_bytes value):
    return PyBytes_FromStringAndSize(value.data, value.size) if value.size else b""


cdef class Names:
    """A list of names for C: pointers that end with NULL, and the texts they point into."""
    cdef list texts
    cdef const char **data
    cdef int64_t count

    def __cinit__(self, names):
        cdef int64_t i = 0
        self.texts = []
        for name in names:
            if not isinstance(name, str):
                raise WrongTypeError(f"a name must be a str, got {shown(name)}")
            encoded = name.encode()
            if b"\0" in encoded:
                raise InvalidError(f"a name with a NUL character: {name!r}")
            self.texts.append(encoded)
        self.count = len(self.texts)
        self.data = <const char **>PyMem_RawMalloc((self.count + 1) * sizeof(char *))
        if self.data == NULL:
            raise MemoryError
        for i in range(self.count):
            self.data[i] = PyBytes_AS_STRING(self.texts[i])
        self.data[self.count] = NULL

    def __dealloc__(self):
        PyMem_RawFree(self.data)


cdef class Numbers:
    """A list of ints for C, for the time of a call."""
    cdef int64_t *data
    cdef int64_t count

    def __cinit__(self, numbers, what):
        cdef int64_t i = 0
        try:
            numbers = list(numbers)
        except TypeError:
            raise WrongTypeError(f"expected a list of {what}, got {shown(numbers)}") from None
        self.count = len(numbers)
        self.data = <int64_t *>PyMem_RawMalloc((self.count + 1) * sizeof(int64_t))
        if self.data == NULL:
            raise MemoryError
        for i in range(self.count):
            try:
                self.data[i] = numbers[i]
            except (TypeError, OverflowError):
                raise WrongTypeError(f"{what} are ints of 64 bits, got {shown(numbers[i])}"
                                     ) from None

    def __dealloc__(self):
        PyMem_RawFree(self.data)


cdef class Pointers:
    """Room for so many pointers for the time of a call."""
    cdef void **data

    def __cinit__(self, int64_t count):
        self.data = <void **>PyMem_RawMalloc((count + 1) * sizeof(void *))
        if self.data == NULL:
            raise MemoryError

    def __dealloc__(self):
        PyMem_RawFree(self.data)
