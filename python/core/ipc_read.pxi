# SPDX-License-Identifier: Apache-2.0
# Arrow IPC, read: the file format and the stream format.

cdef dict VALIDATIONS = {"quick": <int>ELEA_VALIDATE_QUICK, "safe": <int>ELEA_VALIDATE_SAFE,
                         "full": <int>ELEA_VALIDATE_FULL}


cdef class ReadOptions:
    """The options of C and the names or numbers they point to."""
    cdef elea_ipc_read_options c
    cdef Names names
    cdef Numbers numbers


cdef ReadOptions read_options(object columns, object validate, object memory_map, object recover):
    cdef ReadOptions out = ReadOptions.__new__(ReadOptions)
    elea_ipc_read_options_init(&out.c)
    if validate not in VALIDATIONS:
        raise InvalidError(f"validate is one of {', '.join(VALIDATIONS)}; got {validate!r}")
    out.c.validation = <elea_validation><int>VALIDATIONS[validate]
    out.c.unmapped = not memory_map
    out.c.recover = bool(recover)
    if columns is not None:
        if isinstance(columns, str):
            raise WrongTypeError("columns are a list of names, or of numbers, got the str "
                                 f"{columns!r}")
        columns = list(columns)
        if columns and isinstance(columns[0], int):
            out.numbers = Numbers(columns, "columns")
            out.c.column_indices = out.numbers.data
            out.c.column_count = out.numbers.count
        else:
            out.names = Names(columns)
            out.c.columns = out.names.data
    return out


cdef dict read_stats(const elea_ipc_read_stats *stats):
    return {"num_messages": stats.messages, "num_record_batches": stats.record_batches,
            "num_dictionary_batches": stats.dictionary_batches,
            "num_dictionary_deltas": stats.dictionary_deltas,
            "num_replaced_dictionaries": stats.replaced_dictionaries,
            "metadata_bytes": stats.metadata_bytes, "body_bytes": stats.body_bytes}


cdef class RecordBatchFileReader:
    """An Arrow IPC file (Feather V2): record batches in any order. For one thread at a time.

    It is a context manager, and iterates over its batches. Made by `elea.open_file()`.
    """
    cdef elea_ipc_file_reader *c
    cdef File file
    cdef object __weakref__

    def __init__(self):
        raise WrongTypeError("a RecordBatchFileReader is not made by its class: use "
                             "elea.open_file()")

    def __dealloc__(self):
        if self.c != NULL:
            with nogil:
                elea_ipc_file_reader_free(self.c)

    cdef elea_ipc_file_reader *open(self) except NULL:
        if self.c == NULL:
            raise InvalidError("the reader is closed")
        return self.c

    @property
    def schema(self):
        """Of the batches: with `columns`, only those."""
        return schema_wrap(elea_ipc_file_reader_schema(self.open()))

    @property
    def metadata(self):
        """The custom metadata of the footer: a dict of bytes, or None."""
        return metadata_dict(elea_ipc_file_reader_metadata(self.open()))

    @property
    def num_record_batches(self):
        return elea_ipc_file_reader_batch_count(self.open())

    @property
    def stats(self):
        """What was read so far, as a dict."""
        cdef elea_ipc_read_stats stats
        elea_ipc_file_reader_stats(self.open(), &stats)
        return read_stats(&stats)

    def count_rows(self):
        """The rows of all batches, from their metadata alone."""
        cdef elea_error err = NO_ERROR
        cdef int64_t out = 0
        cdef elea_ipc_file_reader *reader = self.open()
        cdef elea_status status
        with nogil:
            status = elea_ipc_file_reader_count_rows(reader, &out, &err)
        check_stream(status, &err)
        return out

    def read_ahead(self, first=0, count=None):
        """Reads the metadata of so many batches (None: of all) from `first` on, by few reads of the
        file, and keeps them. Worth it before reading many batches from a file that is slow to
        answer, as of a URL; read_all() does it itself. Nothing is to do where the file has views.
        """
        cdef elea_error err = NO_ERROR
        cdef elea_ipc_file_reader *reader = self.open()
        cdef int64_t begin = first
        cdef int64_t many = max(0, self.num_record_batches - begin) if count is None else count
        cdef elea_status status
        with nogil:
            status = elea_ipc_file_reader_read_ahead(reader, begin, many, &err)
        check_stream(status, &err)

    def get_batch(self, i):
        """Record batch `i`."""
        return self.get_batch_with_custom_metadata(i)[0]

    get_record_batch = get_batch

    def get_batch_with_custom_metadata(self, i):
        """Record batch `i`, and the metadata of its message: a dict of bytes, or None."""
        cdef elea_error err = NO_ERROR
        cdef elea_record_batch *out = NULL
        cdef elea_metadata *metadata = NULL
        cdef elea_ipc_file_reader *reader = self.open()
        cdef int64_t at = checked_index(i, self.num_record_batches, "record batch")
        cdef elea_status status
        with nogil:
            status = elea_ipc_file_reader_read_batch_with_metadata(reader, at, &out, &metadata,
                                                                   &err)
        check_stream(status, &err)
        pairs = metadata_dict(metadata)
        elea_metadata_unref(metadata)
        return record_batch_steal(out), pairs

    def read_all(self):
        """All batches as a table, a chunk each."""
        cdef elea_error err = NO_ERROR
        cdef elea_table *out = NULL
        cdef elea_ipc_file_reader *reader = self.open()
        cdef elea_status status
        with nogil:
            status = elea_ipc_file_reader_read_table(reader, &out, &err)
        check_stream(status, &err)
        return table_steal(out)

    def __len__(self):
        return self.num_record_batches

    def __iter__(self):
        for i in range(self.num_record_batches):
            yield self.get_batch(i)

    def __getitem__(self, i):
        return self.get_batch(i)

    def close(self):
        """Lets go of the file; the batches that were read stay."""
        cdef elea_ipc_file_reader *reader = self.c
        self.c = NULL
        if reader != NULL:
            with nogil:
                elea_ipc_file_reader_free(reader)
        self.file = None

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.close()

    def __arrow_c_schema__(self):
        return self.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema=None):
        """All batches, as a capsule of the Arrow C stream interface."""
        return RecordBatchReader.from_batches(self.schema, iter(self)).__arrow_c_stream__(
            requested_schema)

    def __repr__(self):
        if self.c == NULL:
            return "<elea.RecordBatchFileReader, closed>"
        return (f"<elea.RecordBatchFileReader, {self.num_record_batches} record batches>\n"
                f"{self.schema}")


cdef class RecordBatchStreamReader(RecordBatchReader):
    """A stream of Arrow IPC, or a file read as one: record batches one after the other. Made by
    `elea.open_stream()`."""
    cdef elea_input_stream *input

    def __dealloc__(self):
        # The stream borrows the input: it goes first.
        cdef elea_record_stream *stream = self.c
        self.c = NULL
        with nogil:
            elea_record_stream_free(stream)
            elea_input_stream_free(self.input)

    def read_next_batch_with_custom_metadata(self):
        """The next batch, and the metadata of its message: a dict of bytes, or None."""
        batch = self.read_next_batch()
        return batch, metadata_dict(elea_ipc_stream_reader_batch_metadata(self.c))

    def iter_batches_with_custom_metadata(self):
        while True:
            try:
                yield self.read_next_batch_with_custom_metadata()
            except StopIteration:
                return

    @property
    def metadata(self):
        """The custom metadata of a file's footer: a dict of bytes, or None."""
        return metadata_dict(elea_ipc_stream_reader_metadata(self.open()))

    @property
    def stats(self):
        """What was read so far, as a dict."""
        cdef elea_ipc_read_stats stats
        elea_ipc_stream_reader_stats(self.open(), &stats)
        return read_stats(&stats)

    @property
    def num_record_batches(self):
        """How many batches there are; None when that is not known before the end, as of a
        stream."""
        cdef int64_t count = elea_ipc_stream_reader_batch_count(self.open())
        return None if count < 0 else count

    @property
    def damage(self):
        """With `recover`, what ended the stream before its end; else None."""
        cdef const elea_error *found = elea_ipc_stream_reader_damage(self.open())
        return None if found == NULL else (<bytes>found.message).decode(errors="replace")

    cdef elea_record_stream *hand_over(self) except NULL:
        if self.input != NULL:
            raise UnsupportedError("a reader over a Python object that cannot seek is not handed "
                                   "over; read_all() gives a table that can be")
        return RecordBatchReader.hand_over(self)


def open_file(source, *, columns=None, validate="quick", memory_map=True, recover=False):
    """Opens an Arrow IPC file: a path, a URL for fsspec, bytes, a File, or a Python file object.

    A path is mapped: what is read are views of the file, and nothing is copied. Of `columns`, a
    list of names or of numbers, only those are read. `validate` is how much is checked of what is
    read: "quick" looks at shapes; "safe" and "full" at all values, for files that somebody else
    made.

    >>> import elea
    >>> sink = elea.BufferOutputStream()
    >>> with elea.new_file(sink, elea.schema({"a": "int64", "b": "utf8"})) as writer:
    ...     writer.write_table(elea.table({"a": [1, 2], "b": ["x", "y"]}))
    >>> with elea.open_file(sink.getvalue(), columns=["b"]) as reader:
    ...     reader.num_record_batches, reader.read_all()["b"].to_pylist()
    (1, ['x', 'y'])
    """
    cdef elea_error err = NO_ERROR
    cdef ReadOptions options = read_options(columns, validate, memory_map, recover)
    cdef RecordBatchFileReader self = RecordBatchFileReader.__new__(RecordBatchFileReader)
    cdef elea_file *file
    cdef elea_status status
    if reads_forward(source):
        raise WrongTypeError(f"{shown(source)} cannot seek: elea.open_stream() reads it forward")
    self.file = input_file(source, memory_map)
    file = self.file.c
    with nogil:
        status = elea_ipc_file_reader_new(file, &options.c, &self.c, &err)
    check_stream(status, &err)
    return self


def open_stream(source, *, columns=None, validate="quick", memory_map=True, recover=False):
    """Opens an Arrow IPC stream, or a file to be read as one: what open_file() takes, and Python
    objects that only read(), as pipes and sockets do.

    With `recover` damage ends the stream as if there were no more batches; `damage` tells of it.
    """
    cdef elea_error err = NO_ERROR
    cdef ReadOptions options = read_options(columns, validate, memory_map, recover)
    cdef RecordBatchStreamReader self = RecordBatchStreamReader.__new__(RecordBatchStreamReader)
    cdef File held
    cdef elea_status status
    if reads_forward(source):
        self.input = python_input_new(source, False)
        with nogil:
            status = elea_ipc_stream_reader_new_from_input(self.input, &options.c, &self.c, &err)
    else:
        held = input_file(source, memory_map)
        with nogil:
            status = elea_ipc_open_file(held.c, &options.c, &self.c, &err)
    check_stream(status, &err)
    return self


def read_table(source, columns=None, *, validate="quick", memory_map=True, recover=False):
    """A whole Arrow IPC file or stream as a table, a chunk for each record batch.

    A path is mapped: the table is a view of the file, and its pages are read when they are used.

    >>> import elea
    >>> elea.write_table(elea.table({"a": [1, 2], "b": ["x", "y"]}), "small.arrow")
    >>> before = elea.copied_bytes()
    >>> elea.read_table("small.arrow", columns=["a"]).to_pydict()
    {'a': [1, 2]}
    >>> elea.copied_bytes() - before
    0
    """
    with open_stream(source, columns=columns, validate=validate, memory_map=memory_map,
                     recover=recover) as reader:
        return reader.read_all()


def read_schema(source):
    """The schema of an Arrow IPC file or stream, or of a message with a schema alone."""
    cdef elea_error err = NO_ERROR
    cdef elea_schema *out = NULL
    cdef Buffer data
    if PyObject_CheckBuffer(source):
        data = py_buffer(source)
        if elea_ipc_parse_schema(data.c, NULL, &out, &err) == ELEA_OK:
            return schema_steal(out)
    with open_stream(source) as reader:
        return reader.schema


def read_record_batch(obj, schema, *, validate="quick"):
    """The record batch in the bytes of a message, as RecordBatch.serialize() gives them."""
    cdef elea_error err = NO_ERROR
    cdef elea_record_batch *out = NULL
    cdef ReadOptions options = read_options(None, validate, True, False)
    cdef Buffer data = py_buffer(obj)
    cdef Schema fields = ensure_schema(schema)
    cdef elea_status status
    with nogil:
        status = elea_ipc_parse_batch(data.c, fields.c, &options.c, &out, &err)
    check(status, &err)
    return record_batch_steal(out)


def feather_version(source):
    """1 or 2, by the bytes that a Feather file begins with; 0 for another file. read_table() reads
    both."""
    cdef elea_error err = NO_ERROR
    cdef int32_t out = 0
    cdef File file = input_file(source)
    cdef elea_status status
    with nogil:
        status = elea_feather_version(file.c, &out, &err)
    check_stream(status, &err)
    return out
