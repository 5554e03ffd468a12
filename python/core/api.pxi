# SPDX-License-Identifier: Apache-2.0
# What other extension modules call, as pyarrow's lib_api.h: objects of C in and out of Python
# objects. `#include "_core_api.h"` and import_elea___core() first.


cdef api object elea_py_table(elea_table *table):
    """The object for a table; takes the reference."""
    return table_steal(table)


cdef api object elea_py_array(elea_array *array):
    """The object for an array; takes the reference."""
    return array_steal(array)


cdef api const elea_table *elea_py_table_of(object table) except NULL:
    """What a Table is for C, borrowed from it."""
    if not isinstance(table, Table):
        raise WrongTypeError(f"expected an elea.Table, got {shown(table)}")
    return (<Table>table).c


cdef api const elea_array *elea_py_array_of(object array) except NULL:
    """What an Array is for C, borrowed from it."""
    if not isinstance(array, Array):
        raise WrongTypeError(f"expected an elea.Array, got {shown(array)}")
    return (<Array>array).c


cdef api int elea_py_check(elea_status status, const elea_error *err) except -1:
    """Raises the exception of a failed call."""
    return 0 if status == ELEA_OK else raise_status(status, err)
