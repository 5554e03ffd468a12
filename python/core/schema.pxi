# SPDX-License-Identifier: Apache-2.0
# Schemas: the fields of a table.


cdef class Schema:
    """The fields of a table, with metadata. Make one with `elea.schema()`.

    >>> import elea
    >>> s = elea.schema({"id": "int64", "name": "utf8"})
    >>> s.names, s.field("name").type
    (['id', 'name'], DataType(utf8))
    """
    cdef const elea_schema *c
    cdef object __weakref__

    def __init__(self):
        raise WrongTypeError("a Schema is not made by its class: use elea.schema()")

    def __dealloc__(self):
        elea_schema_unref(<elea_schema *>self.c)

    def __len__(self):
        return elea_schema_field_count(self.c)

    def __bool__(self):
        return True

    def __iter__(self):
        return iter([self.field(i) for i in range(len(self))])

    def __getitem__(self, key):
        return self.field(key)

    def __contains__(self, name):
        return name in self.names

    @property
    def names(self):
        """The names of the fields."""
        return [elea_field_name(elea_schema_field(self.c, i)).decode() for i in range(len(self))]

    @property
    def types(self):
        """The types of the fields."""
        return [field_type(elea_schema_field(self.c, i)) for i in range(len(self))]

    @property
    def metadata(self):
        """A dict of bytes, or None."""
        return metadata_dict(elea_schema_metadata(self.c))

    @property
    def pandas_metadata(self):
        """What pandas wrote down about an index and its columns, or None."""
        pairs = self.metadata or {}
        if b"pandas" not in pairs:
            return None
        import json
        return json.loads(pairs[b"pandas"].decode())

    cdef int64_t find(self, object key) except -1:
        """The index of a column by name or number."""
        cdef int64_t i
        if not isinstance(key, str):
            return checked_index(key, elea_schema_field_count(self.c), "column")
        name = (<str>key).encode()
        i = elea_schema_find(self.c, name)
        if i == -2:
            raise NotFoundError(f"several columns are named {key!r}")
        if i < 0:
            raise NotFoundError(f"no column is named {key!r}; there are: {', '.join(self.names)}")
        return i

    def field(self, i):
        """Field `i`, an index or a name."""
        return field_wrap(elea_schema_field(self.c, self.find(i)))

    def field_by_name(self, name):
        """The only field with this name, or None."""
        return self.field(name) if self.get_field_index(name) >= 0 else None

    def get_field_index(self, name):
        """The index of the only field with this name, else -1."""
        return max(-1, elea_schema_find(self.c, name.encode()))

    def get_all_field_indices(self, name):
        """The indices of all fields with this name."""
        return [i for i, other in enumerate(self.names) if other == name]

    def append(self, field):
        """The schema with a field more at the end."""
        return self.insert(len(self), field)

    def insert(self, i, field):
        """The schema with a field more, which gets index `i`."""
        cdef elea_error err = NO_ERROR
        cdef elea_schema *out = NULL
        cdef Field given = ensure_fields([field])[0]
        if i < 0:
            i += len(self)
        check(elea_schema_insert_field(NULL, self.c, i, given.c, &out, &err), &err)
        return schema_steal(out)

    def remove(self, i):
        """The schema without field `i`."""
        cdef elea_error err = NO_ERROR
        cdef elea_schema *out = NULL
        check(elea_schema_remove_field(NULL, self.c, self.find(i), &out, &err), &err)
        return schema_steal(out)

    def set(self, i, field):
        """The schema with another field in place `i`."""
        fields = list(self)
        fields[self.find(i)] = field
        return schema(fields, self.metadata)

    def with_metadata(self, metadata):
        """The same fields with these metadata."""
        return schema(list(self), metadata)

    def remove_metadata(self):
        return schema(list(self))

    @staticmethod
    def from_pandas(df, preserve_index=None):
        """The schema that a pandas DataFrame has as a table."""
        return Table.from_pandas(df, None, preserve_index).schema

    def equals(self, other, check_metadata=False):
        """Whether the other schema is the same; metadata are compared when asked for."""
        cdef Schema its = ensure_schema(other)
        return (elea_schema_equal(self.c, its.c, check_metadata)
                and all(same_extension(elea_schema_field(self.c, i), elea_schema_field(its.c, i))
                        for i in range(len(self))))

    def __eq__(self, other):
        return self.equals(other) if isinstance(other, Schema) else NotImplemented

    def __hash__(self):
        return hash(tuple(self))

    def empty_table(self):
        """A table of this schema without rows."""
        return table({name: array([], type) for name, type in zip(self.names, self.types)},
                     schema=self) if len(self) else table_from_batches([], self)

    def __str__(self):
        cdef elea_error err = NO_ERROR
        cdef elea_text text
        elea_text_init(&text, NULL)
        return text_take(&text, elea_schema_format(self.c, &text, &err), &err).rstrip("\n")

    def to_string(self, truncate_metadata=True, show_field_metadata=True,
                  show_schema_metadata=True):
        return str(self)

    def __repr__(self):
        return str(self)

    def to_yaml(self):
        """The schema as YAML, for configuration and review; schema_from_yaml() reads it."""
        cdef elea_error err = NO_ERROR
        cdef elea_text text
        elea_text_init(&text, NULL)
        return text_take(&text, elea_schema_format_yaml(self.c, &text, &err), &err)

    def to_json(self):
        """The schema as the JSON of Arrow's integration tests; schema_from_json() reads it."""
        cdef elea_error err = NO_ERROR
        cdef elea_text text
        elea_text_init(&text, NULL)
        return text_take(&text, elea_schema_format_json(self.c, &text, &err), &err)

    def serialize(self):
        """The schema as the bytes of a message of Arrow IPC; elea.read_schema() reads it."""
        return serialized_schema(self)

    def __arrow_c_schema__(self):
        return schema_capsule(self.c)

    def __reduce__(self):
        return schema, (list(self), self.metadata)


cdef Schema schema_wrap(const elea_schema *c):
    return schema_steal(elea_schema_ref(c))


cdef Schema schema_steal(elea_schema *c):
    cdef Schema self = Schema.__new__(Schema)
    self.c = c
    return self


cdef Schema ensure_schema(object given):
    return given if isinstance(given, Schema) else schema(given)


def schema(fields, metadata=None):
    """A schema of fields, of pairs of name and type, of a dict, of a text as str() of a schema
    writes it, or of whatever has `__arrow_c_schema__`.

    >>> import elea
    >>> elea.schema([("id", elea.int64()), elea.field("x", "float32", nullable=False)])
    id: int64
    x: float32 not null
    >>> elea.schema("id: int64 not null, tags: list<utf8>").names
    ['id', 'tags']
    """
    cdef elea_error err = NO_ERROR
    cdef elea_schema *out = NULL
    cdef elea_metadata *pairs
    cdef Pointers pointers
    if isinstance(fields, str):
        check(elea_schema_parse(NULL, utf8_of(fields), &out, &err), &err)
        fields = schema_steal(out)
    elif not isinstance(fields, Schema) and hasattr(fields, "__arrow_c_schema__"):
        fields = schema_import(fields)
    if isinstance(fields, Schema):
        return fields.with_metadata(metadata) if metadata is not None else fields
    try:
        its = ensure_fields(fields)
    except TypeError as problem:
        if isinstance(problem, Error):
            raise
        raise WrongTypeError(f"expected a schema or fields, got {shown(fields)}") from None
    pointers = field_pointers(its)
    pairs = metadata_new(metadata)
    try:
        check(elea_schema_new(NULL, <const elea_field *const *>pointers.data, len(its), pairs,
                              &out, &err), &err)
    finally:
        elea_metadata_unref(pairs)
    return schema_steal(out)


def schema_from_yaml(text):
    """The schema that Schema.to_yaml() wrote."""
    cdef elea_error err = NO_ERROR
    cdef elea_schema *out = NULL
    check(elea_schema_parse_yaml(NULL, utf8_of(text), &out, &err), &err)
    return schema_steal(out)


def schema_from_json(text):
    """The schema that Schema.to_json(), or another implementation of Arrow, wrote."""
    cdef elea_error err = NO_ERROR
    cdef elea_schema *out = NULL
    check(elea_schema_parse_json(NULL, utf8_of(text), &out, &err), &err)
    return schema_steal(out)


def unify_schemas(schemas, *, promote_options="default"):
    """One schema for the rows of several; "permissive" also widens types."""
    cdef elea_error err = NO_ERROR
    cdef elea_schema *out = NULL
    cdef elea_unify_options options
    its = [ensure_schema(one) for one in schemas]
    cdef Pointers pointers = Pointers(len(its))
    for i in range(len(its)):
        pointers.data[i] = <void *>(<Schema>its[i]).c
    if promote_options == "permissive":
        elea_unify_options_init_permissive(&options)
    elif promote_options == "default":
        elea_unify_options_init(&options)
    else:
        raise InvalidError("promote_options is 'default' or 'permissive', "
                           f"got {promote_options!r}")
    check(elea_schema_unify(NULL, <const elea_schema *const *>pointers.data, len(its), &options,
                            &out, &err), &err)
    return schema_steal(out)
