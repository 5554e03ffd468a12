# SPDX-License-Identifier: Apache-2.0
# cython: embedsignature=True, embedsignature.format=python
# cython: auto_pickle=False, always_allow_keywords=True
"""The extension module of the package: all objects of Elea, over the C API.

It is one module, made of one file for each noun; what they are is in python/README.md.
"""
import sys

cimport cython
from cpython.buffer cimport (
    PyBUF_ANY_CONTIGUOUS, PyBUF_C_CONTIGUOUS, PyBUF_F_CONTIGUOUS, PyBUF_FORMAT, PyBUF_ND,
    PyBUF_SIMPLE, PyBUF_STRIDES, PyBUF_WRITABLE, PyBuffer_FillInfo, PyBuffer_Release,
    PyObject_CheckBuffer, PyObject_GetBuffer)
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.exc cimport PyErr_CheckSignals
from cpython.mem cimport PyMem_RawFree, PyMem_RawMalloc
from cpython.object cimport Py_EQ, Py_GE, Py_GT, Py_LE, Py_LT, Py_NE, PyObject
from cpython.pycapsule cimport (
    PyCapsule_CheckExact, PyCapsule_GetContext, PyCapsule_GetName, PyCapsule_GetPointer,
    PyCapsule_IsValid, PyCapsule_New, PyCapsule_SetName)
from cpython.ref cimport Py_DECREF, Py_INCREF
from cpython.slice cimport PySlice_Check
from cpython.unicode cimport PyUnicode_AsUTF8AndSize, PyUnicode_DecodeUTF8
from libc.stdint cimport INT64_MAX, INT64_MIN, int8_t, int16_t, int32_t, int64_t, uint8_t
from libc.stdint cimport uint16_t, uint32_t, uint64_t, uintptr_t
from libc.string cimport memcpy, memset, strcmp, strlen
from posix.unistd cimport truncate

from elea._c.abi cimport *
from elea._c.base cimport *
from elea._c.columnar cimport *
from elea._c.io cimport *
from elea._c.ipc cimport *

include "error.pxi"
include "text.pxi"
include "memory_pool.pxi"
include "buffer.pxi"
include "metadata.pxi"
include "type.pxi"
include "extension.pxi"
include "type_new.pxi"
include "extension_new.pxi"
include "field.pxi"
include "schema.pxi"
include "value_read.pxi"
include "value_write.pxi"
include "value_infer.pxi"
include "scalar.pxi"
include "array.pxi"
include "array_new.pxi"
include "array_nested.pxi"
include "validity.pxi"
include "array_numpy.pxi"
include "extension_array.pxi"
include "chunked_array.pxi"
include "columns.pxi"
include "record_batch.pxi"
include "table.pxi"
include "record_batch_reader.pxi"
include "capsule.pxi"
include "file.pxi"
include "output.pxi"
include "ipc_read.pxi"
include "ipc_decoder.pxi"
include "ipc_messages.pxi"
include "ipc_write.pxi"
include "ipc_append.pxi"
include "dlpack.pxi"
include "tensor.pxi"
include "sparse_tensor.pxi"
include "ipc_tensor.pxi"
include "api.pxi"
