# SPDX-License-Identifier: Apache-2.0
# Statuses of the C side as exceptions.
from elea._errors import (
    CancelledError, CapacityError, Error, ExistsError, ForeignError, InputOutputError,
    InvalidError, MissingFileError, NotFoundError, OutOfBoundsError, OutOfMemoryError,
    UnsupportedError, ViewError, WrongTypeError)

cdef extern from *:
    """
    #define ELEA_NO_ERROR ((elea_error){0})
    """
    elea_error NO_ERROR "ELEA_NO_ERROR"

cdef dict STATUS_CLASSES = {
    <int>ELEA_EINVAL: InvalidError,
    <int>ELEA_ENOMEM: OutOfMemoryError,
    <int>ELEA_EIO: InputOutputError,
    <int>ELEA_ETYPE: WrongTypeError,
    <int>ELEA_EINDEX: OutOfBoundsError,
    <int>ELEA_ENOTFOUND: NotFoundError,
    <int>ELEA_EEXISTS: ExistsError,
    <int>ELEA_ECAPACITY: CapacityError,
    <int>ELEA_EUNSUPPORTED: UnsupportedError,
    <int>ELEA_ECANCELLED: CancelledError,
    <int>ELEA_EFOREIGN: ForeignError,
}
cdef int ENOENT = 2


cdef int raise_status(elea_status status, const elea_error *err) except -1:
    cdef const char *words = err.message
    if words[0] == 0:
        words = elea_status_text(status)
    message = words[:strlen(words)].decode("utf-8", "replace")
    kind = STATUS_CLASSES.get(<int>status, Error)
    if status == ELEA_ENOTFOUND and err.os_code == ENOENT:
        kind = MissingFileError
    if err.os_code != 0 and issubclass(kind, OSError):
        raise kind(err.os_code, message)
    raise kind(message)


cdef int check(elea_status status, const elea_error *err) except -1 nogil:
    """Raises the exception of a failed call. May be called without the GIL."""
    if status == ELEA_OK:
        return 0
    with gil:
        return raise_status(status, err)


cdef str type_name(object value):
    """The class of a value as messages name it: with its module, unless that is builtins."""
    kind = type(value)
    if kind.__module__ == "builtins":
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"


cdef str shown(object value):
    """A value as messages show it: short, with its class."""
    try:
        words = repr(value)
    except Exception:
        words = "a value without repr"
    if len(words) > 60:
        words = words[:57] + "..."
    return f"{words} ({type_name(value)})"


def copied_bytes():
    """How many payload bytes this process has copied so far, over all threads.

    Payload is what arrays hold: values, offsets, validity. Elea copies it through one door, which
    counts; what does not move this number did not copy.

    >>> import elea
    >>> before = elea.copied_bytes()
    >>> table = elea.table({"a": [1, 2, 3]})
    >>> table.slice(1).select(["a"])["a"].to_pylist()
    [2, 3]
    >>> elea.copied_bytes() - before
    0
    """
    return elea_copied_bytes()


def cpu_level():
    """The instruction set level in use: "scalar", "avx2", "avx512" or "neon"."""
    return elea_cpu_level_name(elea_cpu_level_get()).decode()


__version__ = elea_version().decode()
