# SPDX-License-Identifier: Apache-2.0
# What the bytes of Arrow IPC are made of, message by message, without making arrays.


class MessageBuffer(tuple):
    """A buffer in the body of a message: a named tuple. The offset is in the file; `plain_size` is
    what the buffer says that it is when decompressed."""

    __slots__ = ()
    _fields = ("offset", "size", "plain_size", "is_compressed")
    offset = property(lambda self: self[0])
    size = property(lambda self: self[1])
    plain_size = property(lambda self: self[2])
    is_compressed = property(lambda self: self[3])

    def __repr__(self):
        words = ", ".join(f"{name}={value}" for name, value in zip(self._fields, self))
        return f"MessageBuffer({words})"


# As the option `compression` of who writes them.
cdef dict BODY_CODECS = {<int>ELEA_CODEC_LZ4_FRAME: "lz4", <int>ELEA_CODEC_ZSTD: "zstd"}


cdef class Message:
    """What a message of Arrow IPC says of itself. Offsets are in the file, sizes in bytes.

    `type` is "schema", "dictionary", "record batch", "tensor", "sparse tensor" or "unknown". The
    body begins at `offset + metadata_size`; `gap_size` are bytes of no message before it. Record
    batches and dictionaries have rows, buffers and `nodes`, a pair of length and null count for
    each array; `stored_size` and `plain_size` are of all buffers, as they lie in the body and
    decompressed, and `padding_size` is what of the body is in no buffer. `footer_index` is the
    place among their like in a file's footer, or None. `damage` says what is wrong with it.
    """
    cdef readonly str type
    cdef readonly int metadata_version
    cdef readonly bint legacy_framing
    cdef readonly int64_t offset
    cdef readonly int64_t metadata_size
    cdef readonly int64_t body_size
    cdef readonly int64_t gap_size
    cdef readonly object custom_metadata
    cdef readonly int64_t num_rows
    cdef readonly object compression
    cdef readonly int64_t stored_size
    cdef readonly int64_t plain_size
    cdef readonly int64_t padding_size
    cdef readonly object dictionary_id
    cdef readonly bint is_delta
    cdef readonly object footer_index
    cdef readonly object damage
    cdef readonly tuple nodes
    cdef readonly tuple buffers
    cdef File file

    def __init__(self):
        raise WrongTypeError("a Message is not made by its class: use elea.open_messages()")

    @property
    def metadata(self):
        """The bytes of the metadata, prefix and padding among them: a view where the file has
        views."""
        return self.file.read_at(self.metadata_size, self.offset)

    @property
    def body(self):
        """The bytes of the body: a view where the file has views."""
        return self.file.read_at(self.body_size, self.offset + self.metadata_size)

    def serialize(self):
        """All bytes of the message: a view where the file has views."""
        return self.file.read_at(self.metadata_size + self.body_size, self.offset)

    def __repr__(self):
        words = [self.type, f"offset={self.offset}", f"metadata_size={self.metadata_size}",
                 f"body_size={self.body_size}"]
        if self.type in ("record batch", "dictionary"):
            words += [f"num_rows={self.num_rows}", f"buffers={len(self.buffers)}"]
        for name in ("dictionary_id", "compression", "damage"):
            if getattr(self, name) is not None:
                words.append(f"{name}={getattr(self, name)!r}")
        if self.is_delta:
            words.append("is_delta=True")
        return f"<elea.Message {', '.join(words)}>"


cdef object error_text(const elea_error *found):
    return None if found == NULL else (<bytes>found.message).decode(errors="replace")


cdef class MessageReader:
    """The messages of an Arrow IPC file or stream, one after the other, without their arrays: for
    tools that show, measure or check files. Made by `elea.open_messages()`. For one thread at a
    time.

    Damage does not make it fail: a damaged message is given with what could be read of it.
    """
    cdef elea_ipc_messages *c
    cdef File file
    cdef bint busy
    cdef object __weakref__

    def __init__(self):
        raise WrongTypeError("a MessageReader is not made by its class: use elea.open_messages()")

    def __dealloc__(self):
        if self.c != NULL:
            with nogil:
                elea_ipc_messages_free(self.c)

    cdef elea_ipc_messages *open(self) except NULL:
        if self.busy:
            raise InvalidError("the reader is in use by another thread")
        return self.c

    def read_next_message(self):
        """The next message; StopIteration at the end."""
        cdef elea_error err = NO_ERROR
        cdef const elea_ipc_message_info *info = NULL
        cdef elea_ipc_messages *messages = self.open()
        cdef elea_status status
        self.busy = True
        with nogil:
            status = elea_ipc_messages_next(messages, &info, &err)
        self.busy = False
        check_stream(status, &err)
        if info == NULL:
            raise StopIteration
        return message_of(self.file, messages, info)

    def __next__(self):
        return self.read_next_message()

    def __iter__(self):
        return self

    @property
    def schema(self):
        """From the footer of a file, or the message once it was met; None when neither could be
        read."""
        cdef const elea_schema *found = elea_ipc_messages_schema(self.open())
        return None if found == NULL else schema_wrap(found)

    @property
    def frame(self):
        """What is around the messages, as far as it is known by now, as a dict: whether it is a
        file or a stream, where the messages begin and end, where the mark at the end is, and what
        the footer says."""
        cdef elea_ipc_frame_info frame
        elea_ipc_messages_frame(self.open(), &frame)
        return {"is_file": bool(frame.is_file), "size": frame.size,
                "messages_offset": frame.messages_offset, "messages_end": frame.messages_end,
                "end_mark": None if frame.end_mark < 0 else frame.end_mark,
                "footer_size": frame.footer_size,
                "footer_batch_count": frame.footer_batch_count,
                "footer_dictionary_count": frame.footer_dictionary_count,
                "footer_metadata": metadata_dict(frame.footer_metadata),
                "footer_damage": error_text(frame.footer_damage)}


cdef Message message_of(File file, elea_ipc_messages *messages, const elea_ipc_message_info *info):
    cdef Message self = Message.__new__(Message)
    self.file = file
    self.type = elea_ipc_message_type_name(info.type).decode()
    self.metadata_version = info.version
    self.legacy_framing = info.legacy_framing
    self.offset = info.offset
    self.metadata_size = info.metadata_size
    self.body_size = info.body_size
    self.gap_size = info.gap_size
    self.custom_metadata = metadata_dict(info.metadata)
    self.num_rows = info.row_count
    self.compression = BODY_CODECS.get(<int>info.compression)
    self.stored_size = info.stored_size
    self.plain_size = info.plain_size
    self.padding_size = info.padding_size
    self.dictionary_id = (info.dictionary_id if info.type == ELEA_IPC_MESSAGE_DICTIONARY
                          else None)
    self.is_delta = info.is_delta
    self.footer_index = None if info.footer_index < 0 else info.footer_index
    self.damage = error_text(info.damage)
    self.nodes = message_nodes(messages, info.node_count)
    self.buffers = message_buffers(messages, info.buffer_count)
    return self


cdef tuple message_nodes(elea_ipc_messages *messages, int64_t count):
    """Pairs of length and null count; as many as can be read."""
    cdef int64_t i, length = 0, null_count = 0
    cdef list out = []
    for i in range(count):
        if elea_ipc_messages_node(messages, i, &length, &null_count, NULL) != ELEA_OK:
            break
        out.append((length, null_count))
    return tuple(out)


cdef tuple message_buffers(elea_ipc_messages *messages, int64_t count):
    """None in the place of a damaged one."""
    cdef int64_t i
    cdef elea_ipc_buffer_info found
    cdef list out = []
    for i in range(count):
        if elea_ipc_messages_buffer(messages, i, &found, NULL) == ELEA_OK:
            out.append(MessageBuffer((found.offset, found.size, found.plain_size,
                                      bool(found.is_compressed))))
        else:
            out.append(None)
    return tuple(out)


def open_messages(source, *, memory_map=True):
    """The messages of an Arrow IPC file or stream: of a path, a URL for fsspec, bytes, a File, or a
    Python file object that can seek.

    >>> import elea
    >>> elea.write_table(elea.table({"a": [1, 2, None]}), "small.arrow")
    >>> for message in elea.open_messages("small.arrow"):
    ...     print(message)
    <elea.Message schema, offset=8, metadata_size=184, body_size=0>
    <elea.Message record batch, offset=192, metadata_size=192, body_size=128, num_rows=3, buffers=2>
    >>> message.nodes, message.buffers[1].size, len(message.body)
    (((3, 1),), 24, 128)
    """
    cdef elea_error err = NO_ERROR
    cdef MessageReader self = MessageReader.__new__(MessageReader)
    cdef elea_status status
    if reads_forward(source):
        raise WrongTypeError(f"{shown(source)} cannot seek: give the bytes that it reads")
    self.file = input_file(source, memory_map)
    with nogil:
        status = elea_ipc_messages_new(self.file.c, NULL, &self.c, &err)
    check_stream(status, &err)
    return self
