# SPDX-License-Identifier: Apache-2.0
# Arrow IPC, pushed: bytes of a stream go in as they come, record batches come out.


cdef class StreamDecoder:
    """Takes the bytes of an Arrow IPC stream as they come, in pieces of any size, and gives record
    batches as soon as they are whole: for sockets, event loops, asyncio. It never waits and never
    reads. For one thread at a time. Options are as for `elea.open_stream()`.

    Iterating gives the batches that are whole by now; push more, and iterate again.

    >>> import elea, socket
    >>> table = elea.table({"a": [1, 2, 3]})
    >>> near, far = socket.socketpair()
    >>> with far, far.makefile("wb") as sink:
    ...     with elea.new_stream(sink, table.schema, max_chunksize=2) as writer:
    ...         writer.write(table)
    >>> decoder = elea.StreamDecoder()
    >>> while not decoder.ended:
    ...     data = near.recv(100)
    ...     if data:
    ...         taken = decoder.push(data)
    ...     else:
    ...         decoder.end_input()
    ...     for batch in decoder:
    ...         print(batch["a"].to_pylist())
    [1, 2]
    [3]
    >>> near.close()
    """
    cdef elea_ipc_decoder *c
    cdef bint busy
    cdef object __weakref__

    def __cinit__(self, *, columns=None, validate="quick"):
        cdef elea_error err = NO_ERROR
        cdef ReadOptions options = read_options(columns, validate, True, False)
        check(elea_ipc_decoder_new(&options.c, &self.c, &err), &err)

    def __dealloc__(self):
        with nogil:
            elea_ipc_decoder_free(self.c)

    cdef elea_ipc_decoder *open(self) except NULL:
        if self.busy:
            raise InvalidError("the decoder is in use by another thread")
        return self.c

    def push(self, data, *, copy=None):
        """Takes bytes, and gives how many: all, up to the mark at the end of the stream. What lies
        behind it is not taken, nor is anything once the stream has ended or failed. Damage is told
        when the batches before it were given.

        What cannot change, as `bytes` and an `elea.Buffer`, is kept alive, and batches are views of
        it where it holds their bodies whole. What can change, as a `bytearray` that is received
        into, is copied. `copy` is True or False for one or the other in any case; memory that is
        viewed must not be written to any more.
        """
        cdef elea_error err = NO_ERROR
        cdef elea_ipc_decoder *decoder = self.open()
        cdef Buffer buffer = py_buffer(data)
        cdef bint copies = not memoryview(data).readonly if copy is None else copy
        cdef elea_bytes some
        cdef int64_t taken = 0
        cdef elea_status status
        some.data = <const char *>elea_buffer_data(buffer.c)
        some.size = elea_buffer_size(buffer.c)
        self.busy = True
        with nogil:
            if copies:
                status = elea_ipc_decoder_push(decoder, some, &taken, &err)
            else:
                status = elea_ipc_decoder_push_buffer(decoder, buffer.c, &taken, &err)
        self.busy = False
        check(status, &err)
        return taken

    def end_input(self):
        """Says that no more bytes come. A stream may end behind any message, marked or not; when it
        ends inside of one, taking the next batch raises."""
        elea_ipc_decoder_end_input(self.open())

    def next(self):
        """The next batch; None when it is not whole yet, or the stream has ended."""
        cdef elea_error err = NO_ERROR
        cdef elea_record_batch *out = NULL
        cdef elea_ipc_decoder *decoder = self.open()
        cdef elea_status status
        self.busy = True
        with nogil:
            status = elea_ipc_decoder_next(decoder, &out, &err)
        self.busy = False
        check(status, &err)
        return None if out == NULL else record_batch_steal(out)

    def __iter__(self):
        while (batch := self.next()) is not None:
            yield batch

    def reset(self):
        """Forgets everything but the options: the next byte is the first of another stream."""
        elea_ipc_decoder_reset(self.open())

    @property
    def ended(self):
        """Whether the stream has ended and its last batch was given."""
        return elea_ipc_decoder_ended(self.open())

    @property
    def next_size(self):
        """How many bytes to push next, so that none lies behind what can be decoded with them, and
        a body comes whole: who reads exactly so many copies nothing. 0 while there are batches to
        take, and once the stream has ended or failed. The number is what the stream says: read a
        large one in parts."""
        return elea_ipc_decoder_next_size(self.open())

    @property
    def schema(self):
        """The schema of the batches; None until next() has come to it."""
        cdef const elea_schema *found = elea_ipc_decoder_schema(self.open())
        return None if found == NULL else schema_wrap(found)

    @property
    def batch_metadata(self):
        """The custom metadata of the batch that was given last: a dict of bytes, or None."""
        return metadata_dict(elea_ipc_decoder_batch_metadata(self.open()))

    @property
    def stats(self):
        """What was decoded so far, as a dict."""
        cdef elea_ipc_read_stats stats
        elea_ipc_decoder_stats(self.open(), &stats)
        return read_stats(&stats)

    def __repr__(self):
        schema = self.schema
        state = "ended" if self.ended else f"{self.stats['num_record_batches']} batches so far"
        return f"<elea.StreamDecoder, {state}>" + ("" if schema is None else f"\n{schema}")
