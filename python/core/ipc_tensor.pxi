# SPDX-License-Identifier: Apache-2.0
# Tensors and sparse tensors as messages of Arrow IPC.


cdef elea_status tensor_to(elea_output_stream *stream, _Tensor tensor, elea_error *err) except *:
    """One message."""
    cdef elea_tensor *dense = NULL
    cdef elea_sparse_tensor *sparse = NULL
    cdef elea_status status
    if isinstance(tensor, Tensor):
        dense = (<Tensor>tensor).c
    else:
        sparse = (<_SparseTensor>tensor).c
    with nogil:
        if dense != NULL:
            status = elea_ipc_write_tensor(stream, dense, NULL, err)
        else:
            status = elea_ipc_write_sparse_tensor(stream, sparse, NULL, err)
    return status


cdef _Tensor some_tensor(object given):
    if not isinstance(given, _Tensor):
        raise WrongTypeError(f"expected an elea.Tensor or a sparse tensor, got {shown(given)}")
    return <_Tensor>given


def write_tensor(tensor, dest):
    """Writes a Tensor or a sparse tensor as one message of Arrow IPC: to a path, a URL for fsspec,
    or what has write(). Gives how many bytes that were.

    A file of a path has this message alone, and is written atomically. A tensor that is not
    contiguous is written row-major.

    >>> import elea, numpy
    >>> sink = elea.BufferOutputStream()
    >>> elea.write_tensor(elea.Tensor.from_numpy(numpy.arange(6).reshape(2, 3)), sink)
    256
    >>> elea.read_tensor(sink.getvalue()).to_numpy().tolist()
    [[0, 1, 2], [3, 4, 5]]
    """
    cdef elea_error err = NO_ERROR
    cdef _Tensor its = some_tensor(tensor)
    cdef Output out = output_of(dest, True)
    cdef elea_status status = tensor_to(out.c, its, &err)
    check_stream(status, &err)
    written = elea_output_stream_position(out.c)
    out.finish()
    return written


def get_tensor_size(tensor):
    """The bytes that write_tensor() writes."""
    cdef elea_error err = NO_ERROR
    cdef _Tensor its = some_tensor(tensor)
    cdef Output out = Output.__new__(Output)
    check(elea_output_stream_new_counting(NULL, &out.c, &err), &err)
    check(tensor_to(out.c, its, &err), &err)
    return elea_output_stream_position(out.c)


def read_tensor(source, *, memory_map=True):
    """The tensor in the next message of Arrow IPC: of a path, a URL for fsspec, bytes, a File, or a
    Python file object that can seek, which are read from where they stand and left behind the
    message. Where they have views, as a mapped file, nothing is copied."""
    return tensor_from(source, memory_map, False)


def read_sparse_tensor(source, *, memory_map=True):
    """The sparse tensor in the next message of Arrow IPC; sources as for read_tensor(). Its index
    is checked."""
    return tensor_from(source, memory_map, True)


cdef _Tensor tensor_from(object source, bint memory_map, bint is_sparse):
    cdef elea_error err = NO_ERROR
    cdef elea_tensor *dense = NULL
    cdef elea_sparse_tensor *sparse = NULL
    cdef File file
    cdef int64_t offset = 0
    cdef elea_status status
    if reads_forward(source):
        raise WrongTypeError(f"{shown(source)} cannot seek: give the bytes that it reads")
    stands = hasattr(source, "read")
    if stands:
        offset = source.tell()
    file = input_file(source, memory_map)
    with nogil:
        if is_sparse:
            status = elea_ipc_read_sparse_tensor(file.c, &offset, NULL, &sparse, &err)
        else:
            status = elea_ipc_read_tensor(file.c, &offset, NULL, &dense, &err)
    if stands:
        source.seek(offset)  # where it was when this failed
    check_stream(status, &err)
    return sparse_steal(sparse) if is_sparse else tensor_steal(dense)
