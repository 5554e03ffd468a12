# SPDX-License-Identifier: Apache-2.0
# Arrow IPC files that go on, and what a crash left of them.


cdef bytes local_path(object path):
    """A path of this machine's disk, which is where files can be locked and cut."""
    if is_url(path) or not isinstance(path, (str, bytes)) and not hasattr(path, "__fspath__"):
        raise WrongTypeError(f"expected a path of a local file, got {shown(path)}")
    return path_bytes(path)


cdef Output output_behind(bytes path):
    """The end of a file that is there, with a lock, for which others wait who append. What is not
    finished is cut off again."""
    cdef elea_error err = NO_ERROR
    cdef Output out = Output.__new__(Output)
    cdef elea_output_options options
    cdef const char *name = PyBytes_AS_STRING(path)
    cdef elea_status status
    _core_memory_map(path).close()  # opening would make a file where there is none
    elea_output_options_init(&options)
    options.append = options.lock = options.sync = True
    with nogil:
        status = elea_output_stream_open(name, &options, NULL, &out.c, &err)
    check(status, &err)
    out.cut_path = path
    out.cut_size = elea_output_stream_position(out.c)
    return out


def append_table(path, table, **options):
    """The rows of a table behind those of an Arrow IPC file, durable when this returns.

    What is there is not written again, and who has the file open goes on reading it. Others who
    append meanwhile, in this process or another, wait. After a failure the file is as before; after
    a crash recover_file() makes it so, or whole. Options as for new_file().

    >>> import elea
    >>> elea.write_table(elea.table({"a": [1, 2]}), "log.arrow")
    >>> elea.append_table("log.arrow", elea.table({"a": [3]}))
    >>> elea.read_table("log.arrow")["a"].to_pylist()
    [1, 2, 3]
    """
    cdef elea_error err = NO_ERROR
    cdef elea_ipc_write_options its
    cdef bytes encoded = local_path(path)
    cdef const char *name = PyBytes_AS_STRING(encoded)
    cdef Table rows = make_table(table)
    cdef elea_status status
    write_options(&its, options)
    with nogil:
        status = elea_ipc_append_table(name, rows.c, &its, &err)
    check_stream(status, &err)


def append_file(path, *, metadata=None, **options):
    """A writer that goes on with an Arrow IPC file, batch by batch, as append_table() does with a
    whole table: a RecordBatchFileWriter of the file's schema.

    While it is open the file has no footer at its end, so that nobody opens it, and others who
    append wait; close it soon. Given up, or dropped without close(), it leaves the file as it was.
    `metadata` takes the place of the footer's; None leaves that. Options as for new_file().
    """
    cdef elea_error err = NO_ERROR
    cdef elea_ipc_write_options its
    cdef RecordBatchFileWriter self = RecordBatchFileWriter.__new__(RecordBatchFileWriter)
    cdef File file
    cdef elea_metadata *pairs
    cdef elea_status status
    write_options(&its, options)
    self.output = output_behind(local_path(path))
    file = _core_memory_map(path)
    self.fields = open_file(file).schema
    pairs = metadata_new(metadata)
    with nogil:
        status = elea_ipc_file_writer_new_append(file.c, self.output.c, &its, pairs, &self.c, &err)
        elea_metadata_unref(pairs)
    check(status, &err)
    return self


def recover_file(path):
    """Cuts off what an append left that was not completed, and gives how many bytes that was: the
    file ends behind the last footer that was written whole then. What somebody is appending is
    waited for."""
    cdef elea_error err = NO_ERROR
    cdef bytes encoded = local_path(path)
    cdef const char *name = PyBytes_AS_STRING(encoded)
    cdef int64_t removed = 0
    cdef elea_status status
    with nogil:
        status = elea_ipc_recover(name, NULL, &removed, &err)
    check(status, &err)
    return removed
