# SPDX-License-Identifier: Apache-2.0
"""The exceptions of Elea: one tree, whose leaves are also the exceptions that Python people catch.

>>> import elea
>>> elea.array(["a", None, 3], "utf8")
Traceback (most recent call last):
    ...
elea._errors.WrongTypeError: row 2: expected a str, got 3 (int)
>>> issubclass(elea.WrongTypeError, TypeError) and issubclass(elea.WrongTypeError, elea.Error)
True
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in module typing, whose import would take longer than all of this
if TYPE_CHECKING:
    from typing import Any


class Error(Exception):
    """What every exception of Elea is."""

    def __str__(self) -> str:
        return Exception.__str__(self)


class InvalidError(Error, ValueError):
    """An argument or data that is not valid."""


class ViewError(InvalidError, BufferError):
    """Memory that cannot be seen in the form asked for without a copy."""


class OutOfMemoryError(Error, MemoryError):
    """Memory ran out, or the limit of a pool was reached."""


class InputOutputError(Error, OSError):
    """Reading or writing failed; `errno` is the system's code where there is one."""

    def __init__(self, *args: Any) -> None:
        Exception.__init__(self, *args)
        if len(args) > 1:
            self.errno, self.strerror = args[:2]

    def __str__(self) -> str:
        return Exception.__str__(self) if len(self.args) < 2 else str(self.args[1])


class WrongTypeError(Error, TypeError):
    """A value, array or argument of a type that is not accepted here."""


class OutOfBoundsError(Error, IndexError):
    """An index or range that is not inside."""


class NotFoundError(Error, KeyError):
    """A name that is not there."""


class MissingFileError(NotFoundError, FileNotFoundError):
    """A file or folder that is not there."""

    __init__ = InputOutputError.__init__
    __str__ = InputOutputError.__str__


class ExistsError(Error, ValueError):
    """What is to be made is there already."""


class CapacityError(Error, OverflowError, ValueError):
    """A value too large for its type, or data too large for a limit."""


class UnsupportedError(Error, NotImplementedError):
    """What Elea, or this build of it, does not do."""


class CancelledError(Error, RuntimeError):
    """Work that was asked to stop."""


class ForeignError(Error, RuntimeError):
    """Another library failed."""
