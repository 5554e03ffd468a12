# SPDX-License-Identifier: Apache-2.0
# Metadata: the pairs that fields and schemas carry, as a dict of bytes.


cdef object metadata_dict(const elea_metadata *metadata):
    """None for no metadata; where a key repeats, its first value."""
    cdef int64_t i
    if metadata == NULL or elea_metadata_count(metadata) == 0:
        return None
    out = {}
    for i in range(elea_metadata_count(metadata)):
        out.setdefault(bytes_of(elea_metadata_key(metadata, i)),
                       bytes_of(elea_metadata_value(metadata, i)))
    return out


cdef bytes as_bytes(object text):
    if isinstance(text, str):
        return (<str>text).encode()
    if isinstance(text, bytes):
        return <bytes>text
    raise WrongTypeError(f"metadata are pairs of str or bytes, got {shown(text)}")


cdef elea_metadata *metadata_new(object pairs) except? NULL:
    """A new reference; NULL, which is no metadata, for None."""
    cdef elea_error err = NO_ERROR
    cdef elea_metadata *out = NULL
    cdef elea_bytes *both
    cdef int64_t count, i
    if pairs is None:
        return NULL
    if isinstance(pairs, dict) or hasattr(pairs, "items"):
        pairs = pairs.items()
    try:
        held = [(as_bytes(key), as_bytes(value)) for key, value in pairs]
    except (TypeError, ValueError) as problem:
        if isinstance(problem, Error):
            raise
        raise WrongTypeError(f"metadata must be a dict or pairs, got {shown(pairs)}") from None
    count = len(held)
    both = <elea_bytes *>PyMem_RawMalloc((2 * count + 1) * sizeof(elea_bytes))
    if both == NULL:
        raise MemoryError
    for i in range(count):
        key, value = held[i]
        both[i].data = PyBytes_AS_STRING(key)
        both[i].size = PyBytes_GET_SIZE(key)
        both[count + i].data = PyBytes_AS_STRING(value)
        both[count + i].size = PyBytes_GET_SIZE(value)
    try:
        check(elea_metadata_new(NULL, both, both + count, count, &out, &err), &err)
    finally:
        PyMem_RawFree(both)
    return out
