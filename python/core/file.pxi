# SPDX-License-Identifier: Apache-2.0
# Files and streams that are read: paths, mapped files, memory, Python file objects, fsspec URLs.


cdef bytes path_bytes(object path):
    import os
    encoded = os.fsencode(path)
    if b"\0" in encoded:
        raise InvalidError(f"a path with a NUL character: {path!r}")
    return encoded


cdef bint is_url(object source):
    return isinstance(source, str) and "://" in source


cdef object open_url(str url, str mode):
    """What fsspec opens; "file://" is a plain path."""
    try:
        import fsspec
    except ImportError:
        raise UnsupportedError(f"{url!r} is a URL, which fsspec opens; it is not installed"
                               ) from None
    return fsspec.open(url, mode).open()


cdef extern from "Python.h":
    object PyMemoryView_FromMemory(char *data, Py_ssize_t size, int flags)
    enum:
        PyBUF_READ
        PyBUF_WRITE


# A Python file object as an elea_file: any place is read by seek() and readinto().

cdef struct python_file:
    elea_file base                  # first: C sees nothing else
    PyObject *held                  # a PythonSource


cdef class PythonSource:
    """A Python file object and how it is read."""
    cdef object file
    cdef object lock                # between seek and read
    cdef bint owned                 # closed in the end
    cdef bint fills                 # it has readinto()

    cdef int read_into(self, object target) except -1:
        """Fills a memoryview; fewer bytes are the end."""
        cdef Py_ssize_t done = 0, count
        PyErr_CheckSignals()
        while done < len(target):
            if self.fills:
                count = self.file.readinto(target[done:]) or 0
            else:
                data = self.file.read(len(target) - done)
                if isinstance(data, str):
                    raise WrongTypeError(f"{shown(self.file)} gives text: open it in binary mode")
                count = len(data)
                target[done:done + count] = data
            if count == 0:
                break
            done += count
        return done


cdef elea_status python_read_at(elea_file *file, int64_t offset, int64_t size, void *out,
                                elea_error *err) noexcept nogil:
    with gil:
        return python_read_held(<python_file *>file, offset, size, out, err)


cdef elea_status python_read_held(python_file *file, int64_t offset, int64_t size, void *out,
                                  elea_error *err) noexcept:
    cdef PythonSource source
    try:
        source = <PythonSource><object>file.held
        with source.lock:
            source.file.seek(offset)
            if source.read_into(PyMemoryView_FromMemory(<char *>out, size, PyBUF_WRITE)) != size:
                raise InputOutputError(f"{size} bytes at {offset} could not be read: the file "
                                       "became shorter")
        return ELEA_OK
    except BaseException as problem:
        return keep_raised(problem, err)


cdef void python_file_free(elea_file *file) noexcept nogil:
    if Py_IsInitialized():
        with gil:
            free_source(<object>(<python_file *>file).held)
            PyMem_RawFree(file)


cdef void free_source(object held) noexcept:
    """Takes the reference that C had; closes what was opened for it."""
    cdef PythonSource source = held
    Py_DECREF(held)
    if source.owned:
        source.owned = False
        try:
            source.file.close()
        except Exception:
            pass  # nothing was written to it


cdef elea_file_ops PYTHON_FILE_OPS
PYTHON_FILE_OPS.read_at = python_read_at
PYTHON_FILE_OPS.view_at = NULL
PYTHON_FILE_OPS.advise = NULL
PYTHON_FILE_OPS.free = python_file_free


cdef PythonSource python_source(object file, bint owned):
    cdef PythonSource source = PythonSource.__new__(PythonSource)
    import io
    import threading
    if isinstance(file, io.TextIOBase):
        raise WrongTypeError(f"{shown(file)} gives text: open it in binary mode")
    source.file = file
    source.lock = threading.Lock()
    source.owned = owned
    source.fills = hasattr(file, "readinto")
    return source


cdef bytes source_name(object file):
    name = getattr(file, "name", None) or getattr(file, "path", None)
    return (name if isinstance(name, str) else type_name(file)).encode(errors="replace")


cdef elea_file *python_file_new(object file, bint owned) except NULL:
    cdef elea_error err = NO_ERROR
    cdef PythonSource source = python_source(file, owned)
    cdef python_file *made = <python_file *>room(sizeof(python_file))
    cdef elea_status status
    file.seek(0, 2)
    size = file.tell()
    name = source_name(file)
    status = elea_file_init(&made.base, &PYTHON_FILE_OPS, NULL, name, size, &err)
    if status != ELEA_OK:
        PyMem_RawFree(made)
        check(status, &err)
    made.held = <PyObject *>source
    Py_INCREF(source)
    return &made.base


# A Python object that is only read forward, as an elea_input_stream.

cdef struct python_input:
    elea_input_stream base
    PyObject *held


cdef elea_status python_input_read(elea_input_stream *stream, int64_t size, void *out,
                                   int64_t *count, elea_error *err) noexcept nogil:
    with gil:
        try:
            count[0] = (<PythonSource><object>(<python_input *>stream).held).read_into(
                PyMemoryView_FromMemory(<char *>out, size, PyBUF_WRITE))
            return ELEA_OK
        except BaseException as problem:
            return keep_raised(problem, err)


cdef void python_input_free(elea_input_stream *stream) noexcept nogil:
    if Py_IsInitialized():
        with gil:
            free_source(<object>(<python_input *>stream).held)
            PyMem_RawFree(stream)


cdef elea_input_stream_ops PYTHON_INPUT_OPS
PYTHON_INPUT_OPS.read = python_input_read
PYTHON_INPUT_OPS.free = python_input_free


cdef elea_input_stream *python_input_new(object file, bint owned) except NULL:
    cdef elea_error err = NO_ERROR
    cdef PythonSource source = python_source(file, owned)
    cdef python_input *made = <python_input *>room(sizeof(python_input))
    cdef elea_status status
    name = source_name(file)
    status = elea_input_stream_init(&made.base, &PYTHON_INPUT_OPS, NULL, name, &err)
    if status != ELEA_OK:
        PyMem_RawFree(made)
        check(status, &err)
    made.held = <PyObject *>source
    Py_INCREF(source)
    return &made.base


cdef class File:
    """A file that can be read at any place: mapped, on disk, in memory, or Python's.

    >>> import elea
    >>> with elea.input_file(b"an arrow in flight") as file:
    ...     file.size(), bytes(file.read_at(5, 3)), file.has_views
    (18, b'arrow', True)
    """
    cdef elea_file *c
    cdef int64_t at
    cdef object __weakref__

    def __init__(self):
        raise WrongTypeError("a File is not made by its class: use elea.memory_map() or "
                             "elea.input_file()")

    def __dealloc__(self):
        if self.c != NULL:
            with nogil:
                elea_file_unref(self.c)

    cdef elea_file *open(self) except NULL:
        if self.c == NULL:
            raise InvalidError("the file is closed")
        return self.c

    @property
    def name(self):
        return (elea_file_name(self.open())).decode(errors="replace")

    @property
    def closed(self):
        return self.c == NULL

    @property
    def has_views(self):
        """Whether reading copies nothing: a mapped file, or one in memory."""
        return elea_file_has_views(self.open())

    def size(self):
        """Bytes of the file, as it was when it was opened."""
        return elea_file_size(self.open())

    def read_at(self, nbytes, offset):
        """Exactly these bytes, as a Buffer: a view where the file has views."""
        cdef elea_error err = NO_ERROR
        cdef elea_buffer *out = NULL
        cdef elea_file *file = self.open()
        cdef int64_t begin = offset, count = nbytes
        cdef elea_status status
        with nogil:
            status = elea_file_view_at(file, begin, count, &out, &err)
        check_stream(status, &err)
        return buffer_steal(out)

    def read_buffer(self, nbytes=None):
        """The next bytes as a Buffer; fewer at the end."""
        left = max(0, self.size() - self.at)
        count = left if nbytes is None or nbytes < 0 else min(nbytes, left)
        out = self.read_at(count, self.at)
        self.at += count
        return out

    def read(self, nbytes=None):
        """The next bytes, as Python's."""
        return bytes(self.read_buffer(nbytes))

    def seek(self, position, whence=0):
        """Where to read next."""
        base = {0: 0, 1: self.at, 2: self.size()}.get(whence)
        if base is None or base + position < 0:
            raise InvalidError(f"no place: {position} with whence {whence}")
        self.at = base + position
        return self.at

    def tell(self):
        return self.at

    def readable(self):
        return True

    def writable(self):
        return False

    def seekable(self):
        return True

    def close(self):
        """Lets go of the file; what was read stays."""
        cdef elea_file *file = self.c
        self.c = NULL
        if file != NULL:
            with nogil:
                elea_file_unref(file)

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.close()

    def __len__(self):
        return self.size()

    def __repr__(self):
        if self.c == NULL:
            return "<elea.File, closed>"
        return f"<elea.File {self.name!r}, {self.size()} bytes>"


cdef File file_steal(elea_file *c):
    cdef File self = File.__new__(File)
    self.c = c
    return self


def memory_map(path, mode="r"):
    """A file of the disk, mapped: what is read from it are views of its pages.

    Replace such a file by renaming another over it (as write_table() does), never in place: who has
    it mapped would see the bytes change, or crash when it becomes shorter.
    """
    cdef elea_error err = NO_ERROR
    cdef elea_file *out = NULL
    cdef elea_status status
    if mode != "r":
        raise UnsupportedError(f"mode {mode!r}: files are mapped for reading, 'r'")
    encoded = path_bytes(path)
    cdef const char *name = PyBytes_AS_STRING(encoded)
    with nogil:
        status = elea_file_map(name, NULL, &out, &err)
    check(status, &err)
    return file_steal(out)


def input_file(source, memory_map=True):
    """A File of a path, a URL for fsspec, bytes, or a Python file object that can seek."""
    cdef elea_error err = NO_ERROR
    cdef elea_file *out = NULL
    cdef elea_status status
    cdef Buffer data
    if isinstance(source, File):
        return file_steal(elea_file_ref((<File>source).open()))
    if is_url(source):
        return file_steal(python_file_new(open_url(source, "rb"), True))
    if hasattr(source, "read"):
        return file_steal(python_file_new(source, False))
    if PyObject_CheckBuffer(source):
        data = py_buffer(source)
        check(elea_file_new_from_buffer(data.c, NULL, NULL, &out, &err), &err)
        return file_steal(out)
    if not isinstance(source, str) and not hasattr(source, "__fspath__"):
        raise WrongTypeError("expected a path, a URL, bytes or a file object, got "
                             f"{shown(source)}")
    if memory_map:
        return _core_memory_map(source)
    encoded = path_bytes(source)
    cdef const char *name = PyBytes_AS_STRING(encoded)
    with nogil:
        status = elea_file_open(name, NULL, &out, &err)
    check(status, &err)
    return file_steal(out)


_core_memory_map = memory_map


cdef bint reads_forward(object source):
    """A Python file object that cannot seek: a pipe, a socket, a response."""
    if not hasattr(source, "read") or isinstance(source, File):
        return False
    seekable = getattr(source, "seekable", None)
    return not (seekable() if seekable is not None else hasattr(source, "seek"))
