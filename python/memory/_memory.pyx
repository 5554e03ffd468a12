# SPDX-License-Identifier: Apache-2.0
# cython: embedsignature=True, embedsignature.format=python, auto_pickle=False
"""The agent memory over the C API: embedders and stores. Its friendly tier is elea.memory."""
from cpython.exc cimport PyErr_CheckSignals
from cpython.mem cimport PyMem_RawFree, PyMem_RawMalloc
from cpython.unicode cimport PyUnicode_AsUTF8AndSize, PyUnicode_DecodeUTF8
from libc.stdint cimport int32_t, int64_t
from libc.string cimport strlen

from elea._c.base cimport *
from elea._c.columnar cimport *
from elea._c.embed cimport *
from elea._c.memory cimport *

import os

import elea._core
from elea._errors import InvalidError, WrongTypeError

cdef extern from "_core_api.h":
    int import_elea___core() except -1
    object elea_py_table(elea_table *table)
    object elea_py_array(elea_array *array)
    const elea_table *elea_py_table_of(object table) except NULL
    const elea_array *elea_py_array_of(object array) except NULL
    int elea_py_check(elea_status status, const elea_error *err) except -1

cdef extern from *:
    """
    #define ELEA_NO_ERROR ((elea_error){0})
    """
    elea_error NO_ERROR "ELEA_NO_ERROR"

import_elea___core()


cdef class Texts:
    """Texts for the time of a call: views of the strings, which are kept alive."""
    cdef list owned
    cdef elea_bytes *data
    cdef int64_t count

    def __cinit__(self, texts):
        cdef Py_ssize_t size = 0
        cdef int64_t i = 0
        self.owned = list(texts)
        self.count = len(self.owned)
        self.data = <elea_bytes *>PyMem_RawMalloc((self.count + 1) * sizeof(elea_bytes))
        if self.data == NULL:
            raise MemoryError
        for i in range(self.count):
            text = self.owned[i]
            if not isinstance(text, str):
                raise WrongTypeError(f"text {i} must be a str, got {type(text).__name__}")
            self.data[i].data = PyUnicode_AsUTF8AndSize(text, &size)
            self.data[i].size = size

    def __dealloc__(self):
        PyMem_RawFree(self.data)


cdef bytes path_of(object path):
    return os.fsencode(path)


# Long runs: how far they are, and Ctrl-C.

cdef class Run:
    """Listens to a run of C: calls `progress(done, total)` and stops it for an exception."""
    cdef elea_cancel cancel
    cdef object progress
    cdef object problem

    def __cinit__(self, progress):
        self.progress = progress

    cdef int check(self, elea_status status, const elea_error *err) except -1:
        if self.problem is not None:
            raise self.problem
        return elea_py_check(status, err)


cdef void run_progress(void *context, int64_t done, int64_t total) noexcept nogil:
    # From any thread; signals are looked at only in Python's main thread, which works, too.
    with gil:
        run = <Run>context
        try:
            PyErr_CheckSignals()
            if run.progress is not None:
                run.progress(done, total)
        except BaseException as problem:
            if run.problem is None:
                run.problem = problem
            elea_cancel_request(&run.cancel)


# The embedder.

cdef dict PRECISIONS = {"auto": ELEA_EMBED_AUTO, "f32": ELEA_EMBED_F32, "bf16": ELEA_EMBED_BF16}


cdef class Embedder:
    """A model from a local folder. Any number of threads may encode with it."""
    cdef elea_embedder *c
    cdef object __weakref__

    def __cinit__(self, directory, precision="auto", int32_t max_length=0):
        cdef elea_error err = NO_ERROR
        cdef elea_embedder_options options
        cdef elea_status status
        cdef bytes where = path_of(directory)
        cdef const char *place = where
        if precision not in PRECISIONS:
            raise InvalidError(f"precision must be 'auto', 'f32' or 'bf16', got {precision!r}")
        elea_embedder_options_init(&options)
        options.precision = PRECISIONS[precision]
        options.length_max = max_length
        with nogil:
            status = elea_embedder_open(place, &options, &self.c, &err)
        elea_py_check(status, &err)

    def __dealloc__(self):
        with nogil:
            elea_embedder_free(self.c)

    @property
    def dimension(self):
        return elea_embedder_dimension(self.c)

    @property
    def max_length(self):
        return elea_embedder_length_max(self.c)

    @property
    def precision(self):
        return elea_embed_precision_name(elea_embedder_precision(self.c)).decode()

    @property
    def name(self):
        return elea_embedder_name(self.c).decode()

    @property
    def fingerprint(self):
        return elea_embedder_fingerprint(self.c).decode()

    @property
    def pooling(self):
        return elea_embedder_pooling(self.c).decode()

    def encode(self, texts, progress=None):
        """The vectors of a list of str: an Array of fixed_size_list<float16>[dimension]."""
        cdef Texts given = Texts(texts)
        cdef Run listener = Run(progress)
        cdef elea_embed_run run
        cdef elea_error err = NO_ERROR
        cdef elea_array *out = NULL
        cdef elea_status status
        run.cancel = &listener.cancel
        run.progress = run_progress
        run.context = <void *>listener
        with nogil:
            status = elea_embedder_encode(self.c, given.data, given.count, &run, &out, NULL, &err)
        listener.check(status, &err)
        return elea_py_array(out)

    def encode_array(self, texts, progress=None):
        """The same for a utf8 Array; nulls stay null."""
        cdef const elea_array *given = elea_py_array_of(texts)
        cdef Run listener = Run(progress)
        cdef elea_embed_run run
        cdef elea_error err = NO_ERROR
        cdef elea_array *out = NULL
        cdef elea_status status
        run.cancel = &listener.cancel
        run.progress = run_progress
        run.context = <void *>listener
        with nogil:
            status = elea_embedder_encode_array(self.c, given, &run, &out, NULL, &err)
        listener.check(status, &err)
        return elea_py_array(out)


def model_directory(str name):
    """The folder in which tools/get-model puts the model of this name."""
    cdef elea_error err = NO_ERROR
    cdef elea_text text
    cdef bytes encoded = name.encode()
    elea_text_init(&text, NULL)
    try:
        elea_py_check(elea_model_directory(encoded, &text, &err), &err)
        return os.fsdecode(text.data[:text.size])
    finally:
        elea_text_release(&text)


# The store.

cdef class Store:
    """An open store. Any number of threads and processes may use it at a time."""
    cdef elea_store *c
    cdef readonly Embedder embedder
    cdef object __weakref__

    def __cinit__(self, path, Embedder embedder=None, int32_t dimension=0, bint must_exist=False):
        cdef elea_error err = NO_ERROR
        cdef elea_store_options options
        cdef elea_status status
        cdef bytes where = path_of(path)
        cdef const char *place = where
        elea_store_options_init(&options)
        options.embedder = NULL if embedder is None else embedder.c
        options.dimension = dimension
        options.must_exist = must_exist
        self.embedder = embedder
        with nogil:
            status = elea_store_open(place, &options, &self.c, &err)
        elea_py_check(status, &err)

    def __dealloc__(self):
        with nogil:
            elea_store_free(self.c)

    @property
    def dimension(self):
        return elea_store_dimension(self.c)

    def row_count(self, category=None):
        cdef bytes name = None if category is None else category.encode()
        return elea_store_row_count(self.c, NULL if name is None else <const char *>name)

    def refresh(self):
        cdef elea_error err = NO_ERROR
        cdef elea_status status
        with nogil:
            status = elea_store_refresh(self.c, &err)
        elea_py_check(status, &err)

    def add_texts(self, str category, texts, timestamps=None, progress=None):
        """`timestamps`: None, or int64 microseconds since 1970, one a text."""
        cdef Texts given = Texts(texts)
        cdef Run listener = Run(progress)
        cdef elea_store_add_options options
        cdef elea_error err = NO_ERROR
        cdef elea_status status
        cdef bytes encoded = category.encode()
        cdef const char *name = encoded
        cdef int64_t i = 0
        cdef int64_t *times = NULL
        options.timestamps = NULL
        options.progress = run_progress
        options.progress_context = <void *>listener
        options.cancel = &listener.cancel
        try:
            if timestamps is not None:
                if len(timestamps) != given.count:
                    raise InvalidError(
                        f"{len(timestamps)} timestamps for {given.count} texts: one each")
                times = <int64_t *>PyMem_RawMalloc((given.count + 1) * sizeof(int64_t))
                if times == NULL:
                    raise MemoryError
                for i in range(given.count):
                    times[i] = timestamps[i]
                options.timestamps = times
            with nogil:
                status = elea_store_add_texts(self.c, name, given.data, given.count, &options, &err)
            listener.check(status, &err)
        finally:
            PyMem_RawFree(times)

    def add_table(self, str category, table):
        """The rows of a Table, as one record batch each chunk: durable one by one."""
        cdef const elea_table *given = elea_py_table_of(table)
        cdef elea_record_stream *stream = NULL
        cdef elea_record_batch *batch = NULL
        cdef elea_error err = NO_ERROR
        cdef elea_status status
        cdef bytes encoded = category.encode()
        cdef const char *name = encoded
        elea_py_check(elea_record_stream_new_from_table(NULL, given, 0, &stream, &err), &err)
        try:
            while True:
                with nogil:
                    status = elea_record_stream_next(stream, &batch, &err)
                    if status == ELEA_OK and batch != NULL:
                        status = elea_store_add(self.c, name, batch, &err)
                        elea_record_batch_unref(batch)
                elea_py_check(status, &err)
                if batch == NULL:
                    break
                batch = NULL
        finally:
            elea_record_stream_free(stream)

    def table(self, str category, columns=None):
        """Columns of a category as views of the mapped segments, a chunk each."""
        cdef elea_error err = NO_ERROR
        cdef elea_table *out = NULL
        cdef elea_status status
        cdef bytes encoded = category.encode()
        cdef const char *name = encoded
        cdef Texts given = None if columns is None else Texts(columns)
        cdef const char **names = NULL
        cdef int64_t i = 0
        try:
            if given is not None:
                names = <const char **>PyMem_RawMalloc((given.count + 1) * sizeof(char *))
                if names == NULL:
                    raise MemoryError
                for i in range(given.count):
                    if strlen(given.data[i].data) != <size_t>given.data[i].size:
                        raise InvalidError(f"a name with a NUL character: {given.owned[i]!r}")
                    names[i] = given.data[i].data
                names[given.count] = NULL
            with nogil:
                status = elea_store_table(self.c, name, names, &out, &err)
            elea_py_check(status, &err)
            return elea_py_table(out)
        finally:
            PyMem_RawFree(names)

    def recall(self, query, int64_t k, category=None, bint skip_damaged=False):
        """`query`: a str, or a contiguous float32 buffer. Gives a Table and a dict of figures."""
        cdef elea_error err = NO_ERROR
        cdef elea_recall_figures figures
        cdef elea_recall_options options
        cdef elea_table *out = NULL
        cdef elea_status status
        cdef bytes name = None if category is None else category.encode()
        cdef bytes text = None
        cdef const char *words = NULL
        cdef const float[::1] vector = None
        cdef const float *numbers = NULL
        cdef int32_t dimension = 0
        options.k = k
        options.category = NULL if name is None else <const char *>name
        options.skip_damaged = skip_damaged
        options.cancel = NULL
        options.figures = &figures
        if isinstance(query, str):
            text = query.encode()
            if b"\0" in text:
                raise InvalidError("a query with a NUL character")
            words = text
            with nogil:
                status = elea_recall(self.c, words, &options, &out, &err)
        else:
            vector = query
            dimension = <int32_t>vector.shape[0]
            numbers = &vector[0] if dimension else NULL
            with nogil:
                status = elea_recall_vector(self.c, numbers, dimension, &options, &out, &err)
        elea_py_check(status, &err)
        return elea_py_table(out), figures
