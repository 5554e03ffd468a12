# SPDX-License-Identifier: Apache-2.0
# Readers of record batches: a stream of them, one at a time.


cdef class RecordBatchReader:
    """Record batches of one schema, one after the other. For one thread at a time.

    >>> import elea
    >>> reader = elea.table({"a": [1, 2, 3]}).to_reader(max_chunksize=2)
    >>> [batch.num_rows for batch in reader]
    [2, 1]
    """
    cdef elea_record_stream *c
    cdef object source              # what the stream needs alive
    cdef bint busy
    cdef object __weakref__

    def __init__(self):
        raise WrongTypeError("a RecordBatchReader is not made by its class: use "
                             "RecordBatchReader.from_batches() or from_stream()")

    def __dealloc__(self):
        if self.c != NULL:
            with nogil:
                elea_record_stream_free(self.c)

    cdef elea_record_stream *open(self) except NULL:
        if self.c == NULL:
            raise InvalidError("the reader is closed, or was handed over")
        if self.busy:
            raise InvalidError("the reader is in use by another thread")
        return self.c

    @property
    def schema(self):
        return schema_wrap(elea_record_stream_schema(self.open()))

    def read_next_batch(self):
        """The next batch; StopIteration at the end."""
        cdef elea_error err = NO_ERROR
        cdef elea_record_batch *out = NULL
        cdef elea_record_stream *stream = self.open()
        cdef elea_status status
        self.busy = True
        with nogil:
            status = elea_record_stream_next(stream, &out, &err)
        self.busy = False
        check_stream(status, &err)
        if out == NULL:
            raise StopIteration
        return record_batch_steal(out)

    def __next__(self):
        return self.read_next_batch()

    def __iter__(self):
        return self

    def read_all(self):
        """All that is left, as a table; nothing is copied."""
        cdef elea_error err = NO_ERROR
        cdef elea_table *out = NULL
        cdef elea_record_stream *stream = self.open()
        cdef elea_status status
        self.busy = True
        with nogil:
            status = elea_table_new_from_stream(NULL, stream, &out, &err)
        self.busy = False
        check_stream(status, &err)
        return table_steal(out)

    def read_pandas(self, **options):
        """All that is left, as a pandas DataFrame; options as for Table.to_pandas()."""
        return self.read_all().to_pandas(**options)

    def close(self):
        """Frees the stream; the batches that were read stay."""
        cdef elea_record_stream *stream = self.c
        if self.busy:
            raise InvalidError("the reader is in use by another thread")
        self.c = NULL
        if stream != NULL:
            with nogil:
                elea_record_stream_free(stream)
        self.source = None

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.close()

    cdef elea_record_stream *hand_over(self) except NULL:
        """The stream for a new owner; the reader is closed then."""
        cdef elea_record_stream *stream = self.open()
        self.c = NULL
        return stream

    @staticmethod
    def from_batches(schema, batches):
        """Over an iterable of batches, which is asked for one at a time."""
        return python_stream(ensure_schema(schema), iter(batches))

    @staticmethod
    def from_stream(data, schema=None):
        """Over whatever has `__arrow_c_stream__`."""
        return reader_import(data, schema)

    def __arrow_c_schema__(self):
        return self.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema=None):
        """Hands the stream over to another library; this reader is closed then."""
        check_requested_schema(elea_record_stream_schema(self.open()), requested_schema)
        return stream_capsule(self)

    def __arrow_c_device_stream__(self, requested_schema=None, **kwargs):
        check_keywords(kwargs)
        check_requested_schema(elea_record_stream_schema(self.open()), requested_schema)
        return device_stream_capsule(self)

    def __repr__(self):
        if self.c == NULL:
            return "<elea.RecordBatchReader, closed>"
        return f"<elea.RecordBatchReader>\n{self.schema}"


cdef RecordBatchReader reader_steal(elea_record_stream *c, object source=None):
    cdef RecordBatchReader self = RecordBatchReader.__new__(RecordBatchReader)
    self.c = c
    self.source = source
    return self


cdef int check_stream(elea_status status, const elea_error *err) except -1:
    """As check(), for streams that may run Python code: what that raised is the cause."""
    if status == ELEA_OK:
        return 0
    problem = take_raised()
    if problem is not None:
        raise problem
    return raise_status(status, err)


# A stream over a Python iterator.

cdef struct iterator_stream:
    elea_record_stream base         # first: C sees nothing else
    PyObject *schema
    PyObject *batches


cdef object RAISED = None           # by Python code that C called, in this thread


cdef object raised_here():
    global RAISED
    if RAISED is None:
        import threading
        RAISED = threading.local()
    return RAISED


cdef object take_raised():
    """The exception that Python code below a C call raised last, once."""
    if RAISED is None:
        return None
    problem = getattr(RAISED, "problem", None)
    RAISED.problem = None
    return problem


cdef elea_status keep_raised(object problem, elea_error *err) noexcept:
    """An exception on its way through C: kept for who called C, and told in words."""
    try:
        raised_here().problem = problem
    except BaseException:
        pass
    return tell(problem, ELEA_EFOREIGN, err)


cdef elea_status tell(object problem, elea_status status, elea_error *err) noexcept:
    """An exception in words."""
    try:
        words = f"{type_name(problem)}: {problem}".encode(errors="replace")
    except BaseException:
        words = b"an exception"
    return elea_error_set(err, status, "%s", PyBytes_AS_STRING(words))


cdef const elea_schema *iterator_schema(elea_record_stream *stream) noexcept nogil:
    with gil:
        return (<Schema><object>(<iterator_stream *>stream).schema).c


cdef elea_status iterator_next(elea_record_stream *stream, elea_record_batch **out,
                               elea_error *err) noexcept nogil:
    with gil:
        return iterator_next_held(<iterator_stream *>stream, out, err)


cdef elea_status iterator_next_held(iterator_stream *stream, elea_record_batch **out,
                                    elea_error *err) noexcept:
    cdef RecordBatch batch
    try:
        PyErr_CheckSignals()
        given = next(<object>stream.batches, None)
        out[0] = NULL
        if given is None:
            return ELEA_OK
        batch = record_batch(given)
        if not batch.schema.equals(<object>stream.schema):
            raise WrongTypeError(f"a batch with the schema\n{batch.schema}\nand not\n"
                                 f"{<object>stream.schema}")
        out[0] = elea_record_batch_ref(batch.c)
        return ELEA_OK
    except BaseException as problem:
        return keep_raised(problem, err)


cdef void iterator_free(elea_record_stream *stream) noexcept nogil:
    if Py_IsInitialized():
        with gil:
            Py_DECREF(<object>(<iterator_stream *>stream).schema)
            Py_DECREF(<object>(<iterator_stream *>stream).batches)
            PyMem_RawFree(stream)


cdef elea_record_stream_ops ITERATOR_OPS
ITERATOR_OPS.schema = iterator_schema
ITERATOR_OPS.next = iterator_next
ITERATOR_OPS.free = iterator_free


cdef RecordBatchReader python_stream(Schema schema, object batches):
    cdef iterator_stream *stream = <iterator_stream *>PyMem_RawMalloc(sizeof(iterator_stream))
    if stream == NULL:
        raise MemoryError
    stream.base.ops = &ITERATOR_OPS
    stream.schema = <PyObject *>schema
    stream.batches = <PyObject *>batches
    Py_INCREF(schema)
    Py_INCREF(batches)
    return reader_steal(&stream.base)
