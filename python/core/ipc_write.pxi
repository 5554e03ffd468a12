# SPDX-License-Identifier: Apache-2.0
# Arrow IPC, written: the file format and the stream format.


cdef int write_options(elea_ipc_write_options *out, dict given) except -1:
    """Options by their names; None is the default."""
    cdef elea_error err = NO_ERROR
    cdef const elea_codec *codec = NULL
    cdef const char *name
    elea_ipc_write_options_init(out)
    given = {key: value for key, value in given.items() if value is not None}
    compression = given.pop("compression", None)
    if compression is not None:
        if not isinstance(compression, str):
            raise WrongTypeError(f"compression is 'lz4', 'zstd' or None, got {shown(compression)}")
        encoded = (<str>compression).encode()
        name = encoded
        check(elea_codec_find(name, &codec, &err), &err)
        if codec != NULL:
            out.compression = elea_codec_id_of(codec)
    out.compression_level = given.pop("compression_level", 0)
    out.alignment = given.pop("alignment", 0)
    out.batch_rows_max = given.pop("max_chunksize", 0)
    out.dictionary_deltas = given.pop("emit_dictionary_deltas", False)
    out.unify_dictionaries = given.pop("unify_dictionaries", False)
    out.allow_64bit = given.pop("allow_64bit", False)
    out.legacy_framing = given.pop("use_legacy_format", False)
    out.metadata_v4 = given.pop("metadata_v4", False)
    out.space_savings_min = given.pop("min_space_savings", 0)
    if given:
        raise WrongTypeError(
            f"no option is named {next(iter(given))!r}; there are: compression, compression_level, "
            "alignment, max_chunksize, emit_dictionary_deltas, unify_dictionaries, allow_64bit, "
            "use_legacy_format, metadata_v4, min_space_savings")
    return 0


cdef dict write_stats(const elea_ipc_write_stats *stats):
    return {"num_messages": stats.messages, "num_record_batches": stats.record_batches,
            "num_dictionary_batches": stats.dictionary_batches,
            "num_dictionary_deltas": stats.dictionary_deltas,
            "num_replaced_dictionaries": stats.replaced_dictionaries,
            "total_raw_body_size": stats.raw_body_bytes,
            "total_serialized_body_size": stats.body_bytes}


cdef class BufferOutputStream:
    """Memory to write to.

    >>> import elea
    >>> sink = elea.BufferOutputStream()
    >>> sink.write(b"flight")
    6
    >>> sink.getvalue().to_pybytes()
    b'flight'
    """
    cdef list parts

    def __cinit__(self):
        self.parts = []

    def write(self, data):
        """Appends bytes; gives how many."""
        self.parts.append(bytes(data))
        return len(self.parts[len(self.parts) - 1])

    def flush(self):
        pass

    def tell(self):
        return sum(len(part) for part in self.parts)

    def getvalue(self):
        """All that was written, as a Buffer."""
        self.parts = [b"".join(self.parts)]
        return py_buffer(self.parts[0])

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        pass


cdef class _Writer:
    """What both writers are: context managers that take batches and tables."""
    cdef Output output
    cdef Schema fields
    cdef bint done

    @property
    def schema(self):
        return self.fields

    cdef int still_open(self) except -1:
        if self.done:
            raise InvalidError("the writer is closed")
        return 0

    def write(self, table_or_batch):
        """Writes a table, a record batch, or what either is made of by the Arrow PyCapsule
        interface."""
        if isinstance(table_or_batch, RecordBatch) or (
                hasattr(table_or_batch, "__arrow_c_array__")
                and not hasattr(table_or_batch, "__arrow_c_stream__")):
            self.write_batch(table_or_batch)
        else:
            self.write_table(table_or_batch)

    def __enter__(self):
        return self

    def __exit__(self, kind, problem, trace):
        if kind is None:
            self.close()
        else:
            self.abandon()


cdef class RecordBatchFileWriter(_Writer):
    """Writes an Arrow IPC file. Made by `elea.new_file()`, or `elea.append_file()` for one that is
    there; close() writes the footer, without which no reader opens it."""
    cdef elea_ipc_file_writer *c
    cdef object __weakref__

    def __init__(self):
        raise WrongTypeError("a RecordBatchFileWriter is not made by its class: use "
                             "elea.new_file() or elea.append_file()")

    def __dealloc__(self):
        with nogil:
            elea_ipc_file_writer_free(self.c)

    def write_batch(self, batch, custom_metadata=None):
        """Writes a record batch, with metadata of its own."""
        cdef elea_error err = NO_ERROR
        cdef RecordBatch its = record_batch(batch)
        cdef elea_metadata *pairs
        cdef elea_status status
        self.still_open()
        pairs = metadata_new(custom_metadata)
        with nogil:
            status = elea_ipc_file_writer_write_batch(self.c, its.c, pairs, &err)
            elea_metadata_unref(pairs)
        check_stream(status, &err)

    def write_table(self, table, max_chunksize=None):
        """Writes a table, a batch for each run of rows that no column's chunks divide."""
        cdef elea_error err = NO_ERROR
        cdef Table its
        cdef elea_status status
        self.still_open()
        if max_chunksize is not None:
            for batch in make_table(table).to_batches(max_chunksize):
                self.write_batch(batch)
            return
        its = make_table(table)
        with nogil:
            status = elea_ipc_file_writer_write_table(self.c, its.c, &err)
        check_stream(status, &err)

    @property
    def stats(self):
        """What was written so far, as a dict."""
        cdef elea_ipc_write_stats stats
        if self.c == NULL:
            raise InvalidError("the writer was given up")
        elea_ipc_file_writer_stats(self.c, &stats)
        return write_stats(&stats)

    def close(self):
        """Writes the footer, and completes a file of a path: only now is it seen there."""
        cdef elea_error err = NO_ERROR
        cdef elea_status status
        if self.done:
            return
        self.done = True
        self.output.settle()
        with nogil:
            status = elea_ipc_file_writer_close(self.c, &err)
        check_stream(status, &err)
        self.output.finish()

    def abandon(self):
        """Gives up: a file of a path is as it was before."""
        self.done = True
        elea_ipc_file_writer_free(self.c)
        self.c = NULL
        self.output = None


cdef class RecordBatchStreamWriter(_Writer):
    """Writes an Arrow IPC stream. Made by `elea.new_stream()`; close() writes the mark at its
    end."""
    cdef elea_ipc_stream_writer *c
    cdef object __weakref__

    def __init__(self):
        raise WrongTypeError("a RecordBatchStreamWriter is not made by its class: use "
                             "elea.new_stream()")

    def __dealloc__(self):
        with nogil:
            elea_ipc_stream_writer_free(self.c)

    def write_batch(self, batch, custom_metadata=None):
        """Writes a record batch, with metadata of its own."""
        cdef elea_error err = NO_ERROR
        cdef RecordBatch its = record_batch(batch)
        cdef elea_metadata *pairs
        cdef elea_status status
        self.still_open()
        pairs = metadata_new(custom_metadata)
        with nogil:
            status = elea_ipc_stream_writer_write_batch(self.c, its.c, pairs, &err)
            elea_metadata_unref(pairs)
        check_stream(status, &err)

    def write_table(self, table, max_chunksize=None):
        """Writes a table, a batch for each run of rows that no column's chunks divide."""
        cdef elea_error err = NO_ERROR
        cdef Table its
        cdef elea_status status
        self.still_open()
        if max_chunksize is not None:
            for batch in make_table(table).to_batches(max_chunksize):
                self.write_batch(batch)
            return
        its = make_table(table)
        with nogil:
            status = elea_ipc_stream_writer_write_table(self.c, its.c, &err)
        check_stream(status, &err)

    @property
    def stats(self):
        """What was written so far, as a dict."""
        cdef elea_ipc_write_stats stats
        if self.c == NULL:
            raise InvalidError("the writer was given up")
        elea_ipc_stream_writer_stats(self.c, &stats)
        return write_stats(&stats)

    def close(self):
        """Writes the mark at the end."""
        cdef elea_error err = NO_ERROR
        cdef elea_status status
        if self.done:
            return
        self.done = True
        with nogil:
            status = elea_ipc_stream_writer_close(self.c, &err)
        check_stream(status, &err)
        self.output.finish()

    def abandon(self):
        """Gives up: what was written has no mark at its end."""
        self.done = True
        elea_ipc_stream_writer_free(self.c)
        self.c = NULL
        self.output = None


# The function table() under a name that no local one hides.
make_table = table


def new_file(sink, schema, *, metadata=None, **options):
    """Begins an Arrow IPC file: at a path, a URL for fsspec, or in what has write().

    A file of a path is written atomically: it is seen there when it is closed, and not at all when
    it is not. `metadata` goes to the footer. Options are `compression` ("lz4", "zstd"),
    `compression_level`, `alignment` (64 bytes, for files that are mapped), `max_chunksize` (rows of
    a batch), `emit_dictionary_deltas`, `unify_dictionaries`, `allow_64bit`, `use_legacy_format`,
    `metadata_v4`, `min_space_savings` (what part of a buffer, from 0 to 1, compression must save,
    or it is written as it is).
    """
    cdef elea_error err = NO_ERROR
    cdef elea_ipc_write_options its
    cdef RecordBatchFileWriter self = RecordBatchFileWriter.__new__(RecordBatchFileWriter)
    cdef elea_metadata *pairs
    cdef elea_status status
    self.fields = ensure_schema(schema)
    write_options(&its, options)
    self.output = output_of(sink, True)
    pairs = metadata_new(metadata)
    with nogil:
        status = elea_ipc_file_writer_new(self.output.c, self.fields.c, &its, pairs, &self.c, &err)
        elea_metadata_unref(pairs)
    check_stream(status, &err)
    return self


def new_stream(sink, schema, **options):
    """Begins an Arrow IPC stream; sinks and options as for new_file()."""
    cdef elea_error err = NO_ERROR
    cdef elea_ipc_write_options its
    cdef RecordBatchStreamWriter self = RecordBatchStreamWriter.__new__(RecordBatchStreamWriter)
    cdef elea_status status
    self.fields = ensure_schema(schema)
    write_options(&its, options)
    self.output = output_of(sink, False)
    with nogil:
        status = elea_ipc_stream_writer_new(self.output.c, self.fields.c, &its, &self.c, &err)
    check_stream(status, &err)
    return self


def write_table(table, sink, *, metadata=None, **options):
    """A table as an Arrow IPC file, or as a stream where the path ends in ".arrows".

    A file of a path is written atomically: a reader sees the old file or the whole new one. Options
    as for new_file().
    """
    its = make_table(table)
    if str(sink).endswith(".arrows"):
        if metadata is not None:
            raise InvalidError("a stream has no footer for metadata")
        writer = new_stream(sink, its.schema, **options)
    else:
        writer = new_file(sink, its.schema, metadata=metadata, **options)
    with writer:
        writer.write_table(its)


cdef Buffer serialized_schema(Schema schema):
    cdef elea_error err = NO_ERROR
    cdef elea_buffer *out = NULL
    check(elea_ipc_serialize_schema(schema.c, NULL, &out, &err), &err)
    return buffer_steal(out)


cdef Buffer serialized_batch(RecordBatch batch, object metadata, dict options):
    cdef elea_error err = NO_ERROR
    cdef elea_buffer *out = NULL
    cdef elea_ipc_write_options its
    cdef elea_metadata *pairs
    cdef elea_status status
    write_options(&its, options)
    pairs = metadata_new(metadata)
    with nogil:
        status = elea_ipc_serialize_batch(batch.c, pairs, &its, &out, &err)
        elea_metadata_unref(pairs)
    check(status, &err)
    return buffer_steal(out)


def get_record_batch_size(batch, **options):
    """The bytes that the message of a record batch takes, metadata and body, without its
    dictionaries; nothing is written. Options as for new_file()."""
    cdef elea_error err = NO_ERROR
    cdef elea_ipc_write_options its
    cdef RecordBatch rows = record_batch(batch)
    cdef int64_t out = 0
    cdef elea_status status
    write_options(&its, options)
    with nogil:
        status = elea_ipc_record_batch_size(rows.c, &its, &out, &err)
    check(status, &err)
    return out
