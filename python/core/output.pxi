# SPDX-License-Identifier: Apache-2.0
# What is written: files (atomically), memory, Python's file objects, fsspec's URLs.


cdef struct python_output:
    elea_output_stream base         # first: C sees nothing else
    PyObject *file


cdef elea_status python_write(elea_output_stream *stream, const elea_bytes *parts, int64_t count,
                              elea_error *err) noexcept nogil:
    with gil:
        return python_write_held(<python_output *>stream, parts, count, err)


cdef elea_status python_write_held(python_output *stream, const elea_bytes *parts, int64_t count,
                                   elea_error *err) noexcept:
    cdef int64_t i, size
    cdef Py_ssize_t done
    try:
        write = (<object>stream.file).write
        for i in range(count):
            size = parts[i].size
            if size == 0:
                continue
            data = PyMemoryView_FromMemory(<char *>parts[i].data, size, PyBUF_READ)
            while len(data):
                # None of those that write all, as of old; a number of those that may write less.
                done = write(data) or len(data)
                data = data[done:]
        return ELEA_OK
    except BaseException as problem:
        return keep_raised(problem, err)


cdef elea_status python_flush(elea_output_stream *stream, elea_error *err) noexcept nogil:
    with gil:
        try:
            flush = getattr(<object>(<python_output *>stream).file, "flush", None)
            if flush is not None:
                flush()
            return ELEA_OK
        except BaseException as problem:
            return keep_raised(problem, err)


cdef void python_output_free(elea_output_stream *stream) noexcept nogil:
    if Py_IsInitialized():
        with gil:
            Py_DECREF(<object>(<python_output *>stream).file)
            PyMem_RawFree(stream)


cdef elea_output_stream_ops PYTHON_OUTPUT_OPS
PYTHON_OUTPUT_OPS.write = python_write
PYTHON_OUTPUT_OPS.flush = python_flush
PYTHON_OUTPUT_OPS.close = python_flush
PYTHON_OUTPUT_OPS.free = python_output_free


cdef class Output:
    """The stream that a writer writes to, and what is to be closed after it."""
    cdef elea_output_stream *c
    cdef object opened              # by fsspec, for this
    cdef bytes cut_path             # of a file that is cut to its old size unless finished
    cdef int64_t cut_size

    def __dealloc__(self):
        cdef const char *path = NULL
        if self.c == NULL:
            return
        if self.cut_path is not None:
            path = PyBytes_AS_STRING(self.cut_path)
        with nogil:
            if path != NULL:
                truncate(path, self.cut_size)  # what fails here, recover_file() can still do
            elea_output_stream_free(self.c)

    cdef int settle(self) except -1:
        """What a footer lists is on the disk before the footer, where the file was whole."""
        cdef elea_error err = NO_ERROR
        cdef elea_status status
        if self.cut_path is not None:
            with nogil:
                status = elea_output_stream_sync(self.c, &err)
            check(status, &err)
        return 0

    cdef int finish(self) except -1:
        """Completes the output."""
        cdef elea_error err = NO_ERROR
        cdef elea_status status
        with nogil:
            status = elea_output_stream_close(self.c, &err)
        check_stream(status, &err)
        self.cut_path = None
        if self.opened is not None:
            self.opened.close()
            self.opened = None
        return 0


cdef Output output_of(object sink, bint atomic):
    """A path, a URL, a File to be written by Python's write(), or None: memory."""
    cdef elea_error err = NO_ERROR
    cdef Output out = Output.__new__(Output)
    cdef elea_output_options options
    cdef python_output *made
    cdef elea_status status
    if sink is None:
        check(elea_output_stream_new_memory(NULL, &out.c, &err), &err)
        return out
    if is_url(sink):
        sink = out.opened = open_url(sink, "wb")
    if hasattr(sink, "write"):
        made = <python_output *>room(sizeof(python_output))
        name = source_name(sink)
        status = elea_output_stream_init(&made.base, &PYTHON_OUTPUT_OPS, NULL, name, &err)
        if status != ELEA_OK:
            PyMem_RawFree(made)
            check(status, &err)
        made.file = <PyObject *>sink
        Py_INCREF(sink)
        out.c = &made.base
        return out
    if not isinstance(sink, str) and not hasattr(sink, "__fspath__"):
        raise WrongTypeError("expected a path, a URL or a file object to write to, got "
                             f"{shown(sink)}")
    elea_output_options_init(&options)
    options.atomic = atomic
    encoded = path_bytes(sink)
    check(elea_output_stream_open(encoded, &options, NULL, &out.c, &err), &err)
    return out
