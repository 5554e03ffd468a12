# SPDX-License-Identifier: Apache-2.0
# Record batches.


cdef class RecordBatch(_Columns):
    """Named arrays of one length. Make one with `elea.record_batch()`.

    >>> import elea
    >>> b = elea.record_batch({"id": [1, 2], "name": ["a", "b"]})
    >>> b.num_rows, b.column_names, b["name"].to_pylist()
    (2, ['id', 'name'], ['a', 'b'])
    """
    cdef elea_record_batch *c
    cdef object __weakref__

    def __init__(self):
        raise WrongTypeError("a RecordBatch is not made by its class: use elea.record_batch()")

    def __dealloc__(self):
        if self.c != NULL:
            with nogil:
                elea_record_batch_unref(self.c)

    @property
    def schema(self):
        return schema_wrap(elea_record_batch_schema(self.c))

    @property
    def num_rows(self):
        return elea_record_batch_length(self.c)

    @property
    def num_columns(self):
        return elea_record_batch_column_count(self.c)

    def column(self, i):
        """Column `i`, an index or a name, as an Array."""
        cdef Schema schema = schema_wrap(elea_record_batch_schema(self.c))
        cdef int64_t at = schema.find(i)
        return array_typed(elea_array_ref(elea_record_batch_column(self.c, at)), False,
                           extension_at(elea_schema_field(schema.c, at)))

    def validate(self, *, full=False):
        """Raises when the batch breaks the rules of the format: all values with `full`."""
        cdef elea_error err = NO_ERROR
        cdef elea_status status
        cdef elea_validation how = ELEA_VALIDATE_FULL if full else ELEA_VALIDATE_QUICK
        with nogil:
            status = elea_record_batch_validate(self.c, how, &err)
        check(status, &err)

    def slice(self, offset=0, length=None):
        """Rows [offset, offset + length) as views; fewer where there are fewer."""
        cdef elea_error err = NO_ERROR
        cdef elea_record_batch *out = NULL
        begin, count = slice_window(offset, length, self.num_rows)
        check(elea_record_batch_slice(self.c, begin, count, &out, &err), &err)
        return record_batch_steal(out)

    def select(self, columns):
        """The columns with these names or indices, in that order."""
        cdef elea_error err = NO_ERROR
        cdef elea_record_batch *out = NULL
        cdef Schema schema = self.schema
        cdef list chosen = [schema.find(one) for one in columns]
        cdef int64_t *indices = <int64_t *>PyMem_RawMalloc((len(chosen) + 1) * sizeof(int64_t))
        if indices == NULL:
            raise MemoryError
        for i in range(len(chosen)):
            indices[i] = chosen[i]
        try:
            check(elea_record_batch_select(self.c, indices, len(chosen), &out, &err), &err)
        finally:
            PyMem_RawFree(indices)
        return record_batch_steal(out)

    def add_column(self, i, field_, column):
        """With a column more, which gets index `i`; `field_` is a field or a name."""
        cdef elea_error err = NO_ERROR
        cdef elea_record_batch *out = NULL
        cdef Array values = array(column)
        cdef Field named = column_field(field_, values)
        check(elea_record_batch_insert_column(NULL, self.c, i if i >= 0 else i + self.num_columns,
                                              named.c, values.c, &out, &err), &err)
        return record_batch_steal(out)

    def remove_column(self, i):
        """Without column `i`."""
        cdef elea_error err = NO_ERROR
        cdef elea_record_batch *out = NULL
        cdef int64_t at = checked_index(i, self.num_columns, "column")
        check(elea_record_batch_remove_column(NULL, self.c, at, &out, &err), &err)
        return record_batch_steal(out)

    def rename_columns(self, names):
        """With other names: one for each column, or a dict of old and new ones."""
        cdef elea_error err = NO_ERROR
        cdef elea_record_batch *out = NULL
        cdef Names its = Names(self.new_names(names))
        check(elea_record_batch_rename_columns(NULL, self.c, its.data, its.count, &out, &err),
              &err)
        return record_batch_steal(out)

    def replace_schema_metadata(self, metadata=None):
        """The same columns with other metadata."""
        return batch_of(self.columns, self.schema.with_metadata(metadata)
                        if metadata is not None else self.schema.remove_metadata(), self.num_rows)

    def equals(self, other, check_metadata=False):
        """Whether the other batch has the same schema and values."""
        if not isinstance(other, RecordBatch):
            raise WrongTypeError(f"expected an elea.RecordBatch, got {shown(other)}")
        return (self.schema.equals(other.schema, check_metadata)
                and self.num_rows == other.num_rows
                and all(a.equals(b) for a, b in zip(self.columns, other.columns)))

    def __eq__(self, other):
        return self.equals(other) if isinstance(other, RecordBatch) else NotImplemented

    __hash__ = None

    @staticmethod
    def from_arrays(arrays, names=None, schema=None, metadata=None):
        """Of arrays and their names, or their schema."""
        return record_batch(arrays, names, schema, metadata)

    @staticmethod
    def from_pydict(mapping, schema=None, metadata=None):
        """Of a dict of names and values."""
        return record_batch(mapping, None, schema, metadata)

    @staticmethod
    def from_pylist(mapping, schema=None, metadata=None):
        """Of a list of dicts, one a row."""
        return record_batch(rows_as_columns(mapping, schema), None, schema, metadata)

    @staticmethod
    def from_pandas(df, schema=None, preserve_index=None):
        """Of a pandas DataFrame, by way of the Arrow PyCapsule interface."""
        from elea._interop import from_pandas
        return from_pandas(df, schema, preserve_index).to_batch()

    @staticmethod
    def from_struct_array(struct_array):
        """The children of a struct array as columns; its nulls must be none."""
        return record_batch_import(array(struct_array))

    def to_struct_array(self):
        """The columns as children of a struct array."""
        return array_of_parts(struct(list(self.schema)), self.num_rows, [None], 0, 0, self.columns,
                              None)

    def to_tensor(self, null_to_nan=False, row_major=True):
        """Rows and columns as a Tensor of two dimensions, of the type that holds the numbers of all
        columns. With `null_to_nan` nulls become NaN, and integers floats; else they raise.

        >>> import elea
        >>> batch = elea.record_batch({"a": [1, 2], "b": [0.5, None]})
        >>> batch.to_tensor(null_to_nan=True).to_numpy().tolist()
        [[1.0, 0.5], [2.0, nan]]
        """
        return batch_to_tensor(self, null_to_nan, row_major)

    def serialize(self, custom_metadata=None, **options):
        """The batch as the bytes of a message of Arrow IPC, dictionaries before it;
        elea.read_record_batch() reads it. Options as for elea.new_file()."""
        return serialized_batch(self, custom_metadata, options)

    def to_pyarrow(self):
        """A pyarrow.RecordBatch of the same memory."""
        import pyarrow
        return pyarrow.record_batch(self)

    def __arrow_c_array__(self, requested_schema=None):
        """The batch for another library, as capsules of the Arrow C data interface."""
        check_requested_schema(elea_record_batch_schema(self.c), requested_schema)
        return (schema_capsule(elea_record_batch_schema(self.c)), record_batch_capsule(self.c))

    def __arrow_c_device_array__(self, requested_schema=None, **kwargs):
        check_keywords(kwargs)
        check_requested_schema(elea_record_batch_schema(self.c), requested_schema)
        return (schema_capsule(elea_record_batch_schema(self.c)),
                device_record_batch_capsule(self.c))

    def __arrow_c_stream__(self, requested_schema=None):
        """The batch as a stream of one."""
        return table_from_batches([self]).__arrow_c_stream__(requested_schema)

    def __array__(self, dtype=None, copy=None):
        import numpy
        if copy is False:
            raise InvalidError("columns are not one NumPy array without a copy")
        return numpy.column_stack([column.to_numpy(False) for column in self.columns]).astype(
            dtype or None, copy=False)

    def __reduce__(self):
        return batch_of, (self.columns, self.schema, self.num_rows)


cdef RecordBatch record_batch_steal(elea_record_batch *c):
    cdef RecordBatch self = RecordBatch.__new__(RecordBatch)
    self.c = c
    return self


def batch_of(list columns, Schema schema, int64_t length):
    """A batch of arrays that the schema fits. What pickle calls."""
    cdef elea_error err = NO_ERROR
    cdef elea_record_batch *out = NULL
    cdef Pointers pointers = array_pointers(columns)
    if len(columns) != len(schema):
        raise InvalidError(f"a schema of {len(schema)} fields for {len(columns)} columns")
    check(elea_record_batch_new(NULL, schema.c, length, <const elea_array *const *>pointers.data,
                                &out, &err), &err)
    return record_batch_steal(out)


def record_batch(data, names=None, schema=None, metadata=None):
    """A record batch: of a dict of names and values, of arrays with names or a schema, or of
    whatever has `__arrow_c_array__`.

    >>> import elea
    >>> elea.record_batch([[1, 2], ["a", None]], names=["id", "name"]).to_pylist()
    [{'id': 1, 'name': 'a'}, {'id': 2, 'name': None}]
    """
    cdef RecordBatch result = (<RecordBatch>data if isinstance(data, RecordBatch)
                               else record_batch_import(data))
    if result is None:
        columns, its, length = named_columns(data, names, schema, False)
        if metadata is not None:
            its = its.with_metadata(metadata)
        return batch_of(columns, its, length)
    if schema is not None and not result.schema.equals(ensure_schema(schema)):
        raise WrongTypeError(f"expected a batch of\n{ensure_schema(schema)}\ngot one of\n"
                             f"{result.schema}")
    return result if metadata is None else result.replace_schema_metadata(metadata)


def concat_batches(recordbatches):
    """The rows of all batches, one after the other, in one batch."""
    batches = [record_batch(one) for one in recordbatches]
    if not batches:
        raise InvalidError("no batches to put together")
    return concat_tables([table_from_batches([one]) for one in batches]).to_batch()
