# SPDX-License-Identifier: Apache-2.0
# Tables.


cdef class Table(_Columns):
    """Named chunked arrays of one length. Make one with `elea.table()`.

    >>> import elea
    >>> t = elea.table({"id": [1, 2, 3], "name": ["a", "b", None]})
    >>> t.shape, t.slice(1)["id"].to_pylist()
    ((3, 2), [2, 3])
    """
    cdef elea_table *c
    cdef object __weakref__

    def __init__(self):
        raise WrongTypeError("a Table is not made by its class: use elea.table()")

    def __dealloc__(self):
        if self.c != NULL:
            with nogil:
                elea_table_unref(self.c)

    @property
    def schema(self):
        return schema_wrap(elea_table_schema(self.c))

    @property
    def num_rows(self):
        return elea_table_length(self.c)

    @property
    def num_columns(self):
        return elea_table_column_count(self.c)

    def column(self, i):
        """Column `i`, an index or a name, as a ChunkedArray."""
        cdef Schema schema = schema_wrap(elea_table_schema(self.c))
        cdef int64_t at = schema.find(i)
        return column_wrap(elea_table_column(self.c, at), elea_schema_field(schema.c, at))

    def validate(self, *, full=False):
        """Raises when the table breaks the rules of the format: all values with `full`."""
        cdef elea_error err = NO_ERROR
        cdef elea_status status
        cdef elea_validation how = ELEA_VALIDATE_FULL if full else ELEA_VALIDATE_QUICK
        with nogil:
            status = elea_table_validate(self.c, how, &err)
        check(status, &err)

    def slice(self, offset=0, length=None):
        """Rows [offset, offset + length) as views; fewer where there are fewer."""
        cdef elea_error err = NO_ERROR
        cdef elea_table *out = NULL
        begin, count = slice_window(offset, length, self.num_rows)
        check(elea_table_slice(self.c, begin, count, &out, &err), &err)
        return table_steal(out)

    def select(self, columns):
        """The columns with these names or indices, in that order."""
        cdef Schema schema = self.schema
        chosen = [schema.find(one) for one in columns]
        metadata = schema.metadata
        its = make_schema([schema.field(i) for i in chosen], metadata)
        return table_of([self.column(i) for i in chosen], its, self.num_rows)

    def add_column(self, i, field_, column):
        """With a column more, which gets index `i`; `field_` is a field or a name."""
        cdef elea_error err = NO_ERROR
        cdef elea_table *out = NULL
        cdef ChunkedArray values = chunked_array(array_or_chunks(column, None))
        cdef Field named = column_field(field_, values)
        check(elea_table_insert_column(NULL, self.c, i if i >= 0 else i + self.num_columns,
                                       named.c, values.c, &out, &err), &err)
        return table_steal(out)

    def remove_column(self, i):
        """Without column `i`."""
        cdef elea_error err = NO_ERROR
        cdef elea_table *out = NULL
        cdef int64_t at = checked_index(i, self.num_columns, "column")
        check(elea_table_remove_column(NULL, self.c, at, &out, &err), &err)
        return table_steal(out)

    def rename_columns(self, names):
        """With other names: one for each column, or a dict of old and new ones."""
        cdef elea_error err = NO_ERROR
        cdef elea_table *out = NULL
        cdef Names its = Names(self.new_names(names))
        check(elea_table_rename_columns(NULL, self.c, its.data, its.count, &out, &err), &err)
        return table_steal(out)

    def replace_schema_metadata(self, metadata=None):
        """The same columns with other metadata."""
        return table_of(self.columns, make_schema(list(self.schema), metadata), self.num_rows)

    def flatten(self):
        """With the children of struct columns as columns, "name.child" each."""
        fields, columns = [], []
        for field, column in zip(self.schema, self.columns):
            fields += field.flatten()
            columns += column.flatten()
        return table_of(columns, make_schema(fields, self.schema.metadata), self.num_rows)

    def combine_chunks(self):
        """Every column in one chunk."""
        cdef elea_error err = NO_ERROR
        cdef elea_table *out = NULL
        cdef elea_status status
        for column in self.columns:
            (<ChunkedArray>column).ensure_safe()
        with nogil:
            status = elea_table_combine_chunks(NULL, self.c, &out, &err)
        check(status, &err)
        return table_steal(out)

    def to_batches(self, max_chunksize=None):
        """The rows as record batches, as the chunks fall; nothing is copied."""
        return list(self.to_reader(max_chunksize))

    def to_batch(self):
        """The rows as one record batch; chunks are put together where there are several."""
        return batch_of([column.combine_chunks() if column.num_chunks else
                         array([], column.type) for column in self.columns],
                        self.schema, self.num_rows)

    def to_reader(self, max_chunksize=None):
        """A RecordBatchReader over the rows."""
        cdef elea_error err = NO_ERROR
        cdef elea_record_stream *out = NULL
        check(elea_record_stream_new_from_table(NULL, self.c, max_chunksize or 0, &out, &err),
              &err)
        return reader_steal(out)

    def to_struct_array(self, max_chunksize=None):
        """The columns as children of a chunked struct array."""
        return chunked_array([batch.to_struct_array() for batch in self.to_batches(max_chunksize)],
                             struct(list(self.schema)))

    def equals(self, other, check_metadata=False):
        """Whether the other table has the same schema and values, however they are cut."""
        cdef elea_error err = NO_ERROR
        cdef c_bool out = False
        cdef elea_status status
        cdef elea_table *b
        if not isinstance(other, Table):
            raise WrongTypeError(f"expected an elea.Table, got {shown(other)}")
        if not self.schema.equals(other.schema, check_metadata):
            return False
        for column in self.columns + other.columns:
            (<ChunkedArray>column).ensure_safe()
        b = (<Table>other).c
        with nogil:
            status = elea_table_equal(self.c, b, NULL, &out, &err)
        check(status, &err)
        return out

    def __eq__(self, other):
        return self.equals(other) if isinstance(other, Table) else NotImplemented

    __hash__ = None

    def differences(self, other):
        """The first places where another table differs, a line each; "" for an equal one.

        >>> import elea
        >>> a, b = elea.table({"price": [1.5, 2.0]}), elea.table({"price": [1.5, None]})
        >>> print(a.differences(b))
        price[1]: 2 != null
        """
        cdef elea_error err = NO_ERROR
        cdef elea_text text
        if not isinstance(other, Table):
            raise WrongTypeError(f"expected an elea.Table, got {shown(other)}")
        for column in self.columns + other.columns:
            (<ChunkedArray>column).ensure_safe()
        elea_text_init(&text, NULL)
        return text_take(&text, elea_table_differences(self.c, (<Table>other).c, NULL, &text,
                                                       &err), &err).rstrip("\n")

    @staticmethod
    def from_arrays(arrays, names=None, schema=None, metadata=None):
        """Of arrays (or chunked ones) and their names, or their schema."""
        return table(arrays, names, schema, metadata)

    @staticmethod
    def from_pydict(mapping, schema=None, metadata=None):
        """Of a dict of names and values."""
        return table(mapping, None, schema, metadata)

    @staticmethod
    def from_pylist(mapping, schema=None, metadata=None):
        """Of a list of dicts, one a row.

        >>> import elea
        >>> elea.Table.from_pylist([{"a": 1}, {"a": 2, "b": "x"}])["b"].to_pylist()
        [None, 'x']
        """
        return table(rows_as_columns(mapping, schema), None, schema, metadata)

    @staticmethod
    def from_batches(batches, schema=None):
        """Of record batches, a chunk each; nothing is copied."""
        return table_from_batches(batches, schema)

    @staticmethod
    def from_pandas(df, schema=None, preserve_index=None):
        """Of a pandas DataFrame, by way of the Arrow PyCapsule interface."""
        from elea._interop import from_pandas
        return from_pandas(df, schema, preserve_index)

    @staticmethod
    def from_struct_array(struct_array):
        """The children of a struct array, or chunked one, as columns."""
        chunks = chunked_array(struct_array).chunks
        return table_from_batches([record_batch_import(one) for one in chunks])

    def to_pyarrow(self):
        """A pyarrow.Table of the same memory."""
        import pyarrow
        return pyarrow.table(self)

    def __arrow_c_stream__(self, requested_schema=None):
        """The table for another library, as a capsule of the Arrow C stream interface."""
        check_requested_schema(elea_table_schema(self.c), requested_schema)
        return table_capsule(self.c)

    def __arrow_c_device_stream__(self, requested_schema=None, **kwargs):
        return self.to_reader().__arrow_c_device_stream__(requested_schema, **kwargs)

    def __array__(self, dtype=None, copy=None):
        import numpy
        if copy is False:
            raise InvalidError("columns are not one NumPy array without a copy")
        return numpy.column_stack([column.to_numpy() for column in self.columns]).astype(
            dtype or None, copy=False)

    def __reduce__(self):
        return table_of, (self.columns, self.schema, self.num_rows)


cdef Table table_steal(elea_table *c):
    cdef Table self = Table.__new__(Table)
    self.c = c
    return self


cdef class _RowGroups:
    """A table as DuckDB takes it best: each query asks for it anew, and gets batches of the size of
    DuckDB's row groups, which its threads share."""
    cdef Table table

    def __cinit__(self, _Columns columns):
        self.table = columns if isinstance(columns, Table) else table_from_batches([columns])

    def __arrow_c_schema__(self):
        return schema_capsule(elea_table_schema(self.table.c))

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.to_reader(122880).__arrow_c_stream__(requested_schema)


# The function schema() under a name that no local one hides.
make_schema = schema


def table_of(list columns, Schema schema, int64_t length):
    """A table of chunked arrays that the schema fits. What pickle calls."""
    cdef elea_error err = NO_ERROR
    cdef elea_table *out = NULL
    cdef Pointers pointers = Pointers(len(columns))
    for i in range(len(columns)):
        pointers.data[i] = (<ChunkedArray>columns[i]).c
    check(elea_table_new(NULL, schema.c, length, <const elea_chunked_array *const *>pointers.data,
                         &out, &err), &err)
    return table_steal(out)


cdef Table table_from_batches(object batches, object schema=None):
    cdef elea_error err = NO_ERROR
    cdef elea_table *out = NULL
    cdef list its = [record_batch(one) for one in batches]
    cdef Pointers pointers = Pointers(len(its))
    cdef Schema fields
    if schema is None:
        if not its:
            raise InvalidError("a table without batches needs a schema")
        schema = its[0].schema
    fields = ensure_schema(schema)
    for i in range(len(its)):
        if not its[i].schema.equals(fields):
            raise WrongTypeError(f"batch {i} has the schema\n{its[i].schema}\nand not\n{fields}")
        pointers.data[i] = (<RecordBatch>its[i]).c
    check(elea_table_new_from_batches(NULL, fields.c,
                                      <const elea_record_batch *const *>pointers.data, len(its),
                                      &out, &err), &err)
    return table_steal(out)


def table(data, names=None, schema=None, metadata=None, nthreads=None):
    """A table: of a dict of names and values, of arrays with names or a schema, of record batches,
    or of whatever has `__arrow_c_stream__` or `__arrow_c_array__`.

    >>> import elea
    >>> elea.table({"a": [1, 2], "b": ["x", None]}).column_names
    ['a', 'b']
    """
    if isinstance(data, Table):
        result = data
    elif isinstance(data, RecordBatch):
        result = table_from_batches([data])
    elif speaks_arrow(data):
        result = table_import(data)
    elif isinstance(data, (list, tuple)) and data and all(
            isinstance(one, RecordBatch) for one in data):
        result = table_from_batches(data, schema)
    else:
        columns, its, length = named_columns(data, names, schema, True)
        return table_of(columns, its if metadata is None else its.with_metadata(metadata), length)
    if names is not None:
        result = result.rename_columns(names)
    if schema is not None and not result.schema.equals(ensure_schema(schema)):
        raise WrongTypeError(f"expected a table of\n{ensure_schema(schema)}\ngot one of\n"
                             f"{result.schema}")
    return result if metadata is None else result.replace_schema_metadata(metadata)


def concat_tables(tables, *, promote_options="none"):
    """The rows of all tables, one after the other; chunks are shared.

    With `promote_options` "default" columns that a table lacks are null there.

    >>> import elea
    >>> elea.concat_tables([elea.table({"a": [1]}), elea.table({"a": [2]})])["a"].to_pylist()
    [1, 2]
    """
    its = [table(one) for one in tables]
    if not its:
        raise InvalidError("no tables to put together")
    if promote_options == "default":
        fields = unify_schemas([one.schema for one in its])
        its = [filled(one, fields) for one in its]
    elif promote_options != "none":
        raise UnsupportedError(f"promote_options {promote_options!r}: types are not cast; 'none' "
                               "and 'default' are accepted")
    fields = its[0].schema
    for i, one in enumerate(its):
        if not one.schema.equals(fields):
            raise WrongTypeError(f"table {i} has the schema\n{one.schema}\nand not\n{fields}")
    columns = [chunked_array([chunk for one in its for chunk in one.column(i).chunks], field.type)
               for i, field in enumerate(fields)]
    return table_of(columns, fields, sum(one.num_rows for one in its))


cdef Table filled(Table given, Schema fields):
    """The table with all columns of the schema, of nulls where it has none."""
    columns = []
    for field in fields:
        if field.name not in given.schema.names or given.schema.field(field.name).type == "null":
            columns.append(chunked_array(nulls(given.num_rows, field.type)))
        else:
            columns.append(given.column(field.name))
    return table_of(columns, fields, given.num_rows)
