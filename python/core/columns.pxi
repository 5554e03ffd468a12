# SPDX-License-Identifier: Apache-2.0
# What record batches and tables have in common: named columns of one length.


cdef class _Columns:
    """Named columns of one length: a RecordBatch or a Table."""

    def __len__(self):
        return self.num_rows

    def __bool__(self):
        return True

    @property
    def column_names(self):
        return self.schema.names

    @property
    def columns(self):
        """All columns."""
        return [self.column(i) for i in range(self.num_columns)]

    def itercolumns(self):
        yield from self.columns

    @property
    def shape(self):
        """Rows and columns."""
        return self.num_rows, self.num_columns

    @property
    def nbytes(self):
        """Bytes of the rows in their buffers."""
        return sum(column.nbytes for column in self.columns)

    def get_total_buffer_size(self):
        return sum(column.get_total_buffer_size() for column in self.columns)

    @property
    def is_cpu(self):
        """True: all memory is the CPU's."""
        return True

    def field(self, i):
        """The field of column `i`, an index or a name."""
        return self.schema.field(i)

    def __getitem__(self, key):
        if PySlice_Check(key):
            return slice_of(self, key)
        return self.column(key)

    def __contains__(self, name):
        """Whether there is a column of this name."""
        return name in self.schema.names

    def __iter__(self):
        return iter(self.columns)

    def to_pydict(self, *, maps_as_pydicts=None):
        """A dict of names and lists of values."""
        return {name: column.to_pylist(maps_as_pydicts=maps_as_pydicts)
                for name, column in zip(self.column_names, self.columns)}

    def to_pylist(self, *, maps_as_pydicts=None):
        """A dict for each row."""
        names = self.column_names
        if not names:
            return [{} for _ in range(self.num_rows)]
        values = [column.to_pylist(maps_as_pydicts=maps_as_pydicts) for column in self.columns]
        return [dict(zip(names, row)) for row in zip(*values)]

    def append_column(self, field_, column):
        """With a column more at the end."""
        return self.add_column(self.num_columns, field_, column)

    def set_column(self, i, field_, column):
        """With another column in place `i`."""
        i = checked_index(i, self.num_columns, "column")
        return self.remove_column(i).add_column(i, field_, column)

    def drop_columns(self, columns):
        """Without the columns of these names."""
        columns = [columns] if isinstance(columns, str) else list(columns)
        for name in columns:
            self.schema.field(name)
        return self.select([name for name in self.column_names if name not in columns])

    drop = drop_columns

    cdef list new_names(self, object names):
        if isinstance(names, dict):
            for name in names:
                self.schema.field(name)
            return [names.get(name, name) for name in self.column_names]
        names = list(names)
        if len(names) != self.num_columns:
            raise InvalidError(f"{self.num_columns} columns need as many names, got {len(names)}")
        return names

    def equals(self, other, check_metadata=False):
        """Whether the other has the same schema and values, however they are cut."""
        raise NotImplementedError

    def to_string(self, *, max_rows=20, show_metadata=False, preview_cols=0):
        """An aligned grid of the rows, with names and types on top."""
        return print_columns(self, max_rows, show_metadata)

    def __str__(self):
        return self.to_string()

    def __repr__(self):
        return (f"<elea.{type(self).__name__}, {self.num_rows} rows, {self.num_columns} columns>\n"
                f"{self.to_string()}")

    def _repr_html_(self):
        from elea._html import table_html
        return table_html(self)

    def __arrow_c_schema__(self):
        return self.schema.__arrow_c_schema__()

    def __dataframe__(self, nan_as_null=False, allow_copy=True):
        """The DataFrame interchange protocol, by way of pyarrow."""
        return self.to_pyarrow().__dataframe__(nan_as_null, allow_copy)

    def to_pandas(self, *, types_mapper=None):
        """A pandas DataFrame over Arrow memory (ArrowDtype); `types_mapper` as in pyarrow, or
        "numpy" for NumPy's types.

        >>> import elea
        >>> elea.table({"a": [1, None]}).to_pandas().dtypes["a"]
        int64[pyarrow]
        """
        from elea._interop import table_to_pandas
        return table_to_pandas(self, types_mapper)

    def to_polars(self):
        """A polars.DataFrame of the same memory where Polars lays the types out so."""
        from elea._interop import to_polars_frame
        return to_polars_frame(self)

    def to_duckdb(self, connection=None):
        """A DuckDB relation that reads this memory; queried with its methods."""
        if connection is None:
            import duckdb as connection
        return connection.from_arrow(_RowGroups(self))

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


cdef str print_columns(object columns, int64_t max_rows, bint show_metadata):
    cdef elea_error err = NO_ERROR
    cdef elea_text text
    cdef elea_print_options options
    cdef Table whole = columns if isinstance(columns, Table) else table_from_batches([columns])
    cdef int64_t length = whole.num_rows
    elea_print_options_init(&options)
    options.rows_max = max_rows
    for column in whole.columns:
        ensure_safe_shown(column, max_rows)
    elea_text_init(&text, NULL)
    words = text_take(&text, elea_table_format(whole.c, &options, &text, &err), &err)
    if show_metadata:
        for key, value in (columns.schema.metadata or {}).items():
            words += f"{key.decode(errors='replace')}: {value.decode(errors='replace')}\n"
    return words.rstrip("\n")


cdef int ensure_safe_shown(ChunkedArray column, int64_t rows) except -1:
    """Validates what is printed of a column: rows at both ends."""
    cdef int64_t length = elea_chunked_array_length(column.c)
    if column.is_safe:
        return 0
    if length <= 2 * rows:
        return column.ensure_safe()
    for part in (column.slice(0, rows), column.slice(length - rows, rows)):
        for chunk in part.chunks:
            (<Array>chunk).ensure_safe()
    return 0


cdef Field column_field(object given, object column):
    """The field of a new column: one given, or a name with the column's type."""
    return given if isinstance(given, Field) else field(given, column.type)


cdef tuple named_columns(object data, object names, object schema_, bint chunked):
    """The columns (arrays, or chunked ones) and the schema that data, names and schema make."""
    cdef Schema its = None if schema_ is None else ensure_schema(schema_)
    if isinstance(data, dict) or hasattr(data, "items") and not hasattr(data, "dtype"):
        if names is not None:
            raise InvalidError("a dict has its names; none may be given beside it")
        if its is None:
            names, data = list(data.keys()), list(data.values())
        else:
            missing = [name for name in its.names if name not in data]
            if missing:
                raise NotFoundError(f"the data have no column {missing[0]!r}; there are: "
                                    f"{', '.join(map(str, data))}")
            names, data = None, [data[name] for name in its.names]
    else:
        data = list(data)
    types = [None] * len(data) if its is None else its.types
    if len(types) != len(data):
        raise InvalidError(f"a schema of {len(types)} fields for {len(data)} columns")
    columns = []
    labels = names if names is not None else range(len(data)) if its is None else its.names
    for values, kind, label in zip(data, types, labels):
        try:
            one = array_or_chunks(values, kind)
        except Error as problem:
            raise placed(problem, f"column {label!r}") from None
        if chunked:
            one = chunked_array(one)
        elif isinstance(one, ChunkedArray):
            one = one.combine_chunks()
        columns.append(one)
    if its is None:
        if names is None or len(names) != len(columns):
            raise InvalidError(f"{len(columns)} columns need as many names, got {names!r}")
        its = schema([column_field(name, one) for name, one in zip(names, columns)])
    for one, kind, name in zip(columns, its.types, its.names):
        if one.type != kind:
            raise WrongTypeError(f"column {name!r} is of {one.type}, its field of {kind}")
    lengths = sorted({len(one) for one in columns})
    if len(lengths) > 1:
        told = ", ".join(f"{name!r} {len(one)}" for name, one in zip(its.names, columns))
        raise InvalidError(f"columns of different lengths: {told}")
    return columns, its, lengths[0] if lengths else 0


cdef dict rows_as_columns(object rows, object schema_):
    """Lists of values by name, of dicts; names in order of appearance."""
    rows = list(rows)
    if schema_ is not None:
        names = ensure_schema(schema_).names
    else:
        names = {}
        for row in rows:
            if not isinstance(row, dict) and not hasattr(row, "keys"):
                raise WrongTypeError(f"a row is a dict, got {shown(row)}")
            names.update(dict.fromkeys(row))
    return {name: [row.get(name) for row in rows] for name in names}
