# SPDX-License-Identifier: Apache-2.0
# Where memory comes from, in figures.


cdef class MemoryPool:
    """The memory that Elea's arrays lie in; `elea.default_memory_pool()`.

    >>> import elea
    >>> pool = elea.default_memory_pool()
    >>> pool.backend_name, pool.bytes_allocated() == elea.total_allocated_bytes()
    ('system', True)
    """

    def __init__(self):
        raise WrongTypeError("a MemoryPool is not made by its class: there is "
                             "elea.default_memory_pool()")

    @property
    def backend_name(self):
        return elea_pool_default().ops.name.decode()

    def bytes_allocated(self):
        """Bytes in use now."""
        return elea_pool_default().bytes_allocated

    def max_memory(self):
        """The most bytes that were ever in use at a time."""
        return elea_pool_default().bytes_peak

    def num_allocations(self):
        """How often memory was asked for."""
        return elea_pool_default().allocation_count

    def bytes_kept(self):
        """Bytes that are free, and kept for the next large request."""
        return elea_pool_bytes_kept(elea_pool_default())

    def release_unused(self):
        """Gives what is kept back to the system."""
        with nogil:
            elea_pool_trim(elea_pool_default())

    def __repr__(self):
        return (f"<elea.MemoryPool {self.backend_name}, {self.bytes_allocated()} bytes, at most "
                f"{self.max_memory()}>")


def default_memory_pool():
    """The pool that all memory comes from."""
    return MemoryPool.__new__(MemoryPool)


def total_allocated_bytes():
    """How many bytes the memory pool holds now."""
    return elea_pool_default().bytes_allocated


allocated_bytes = total_allocated_bytes
