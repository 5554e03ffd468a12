# SPDX-License-Identifier: Apache-2.0
# Fields: a name, a type, whether there may be nulls, metadata.


cdef class Field:
    """A column's name and type. Make one with `elea.field()`.

    >>> import elea
    >>> elea.field("price", elea.float64(), nullable=False)
    Field(price: float64 not null)

    An extension type is two pairs of the metadata in files and to other libraries. A Field shows
    it as its type, and the metadata without these two; in texts of schemas, in C and in what
    leaves they stand as they came.

    >>> elea.field("id", elea.uuid(), metadata={"unit": "user"}).metadata
    {b'unit': b'user'}
    """
    cdef const elea_field *c
    cdef object __weakref__

    def __init__(self):
        raise WrongTypeError("a Field is not made by its class: use elea.field()")

    def __dealloc__(self):
        elea_field_unref(<elea_field *>self.c)

    @property
    def name(self):
        return elea_field_name(self.c).decode()

    @property
    def type(self):
        return field_type(self.c)

    @property
    def nullable(self):
        """Whether there may be nulls."""
        return elea_field_nullable(self.c)

    @property
    def metadata(self):
        """A dict of bytes, or None. What names an extension type is in `type`."""
        cdef elea_extension extension
        pairs = metadata_dict(elea_field_metadata(self.c))
        if not elea_extension_of(self.c, &extension):
            return pairs
        return {key: pairs[key] for key in pairs if key not in EXTENSION_KEYS} or None

    @property
    def extension_name(self):
        """The name of the field's extension type, as "arrow.uuid"; None when it has none."""
        cdef elea_extension extension
        if not elea_extension_of(self.c, &extension):
            return None
        return shown_name(bytes_of(extension.name))

    def with_name(self, name):
        """The same field under another name."""
        return field(name, self.type, self.nullable, self.metadata)

    def with_type(self, new_type):
        return field(self.name, new_type, self.nullable, self.metadata)

    def with_nullable(self, nullable):
        return field(self.name, self.type, nullable, self.metadata)

    def with_metadata(self, metadata):
        """The same field with these metadata instead of its own; an extension type stays."""
        return field(self.name, self.type, self.nullable, metadata)

    def remove_metadata(self):
        return field(self.name, self.type, self.nullable)

    def flatten(self):
        """The fields of a struct, "name.child" each; the field itself for other types."""
        if self.type.id != <int>ELEA_TYPE_STRUCT:
            return [self]
        return [child.with_name(f"{self.name}.{child.name}")
                    .with_nullable(child.nullable or self.nullable)
                for child in self.type.fields]

    def equals(self, other, check_metadata=False):
        """Whether the other field is the same; metadata are compared when asked for."""
        if not isinstance(other, Field):
            raise WrongTypeError(f"expected an elea.Field, got {shown(other)}")
        return (elea_field_equal(self.c, (<Field>other).c, check_metadata)
                and same_extension(self.c, (<Field>other).c))

    def __eq__(self, other):
        return self.equals(other) if isinstance(other, Field) else NotImplemented

    def __hash__(self):
        return hash((self.name, self.type, self.nullable))

    def __str__(self):
        cdef elea_error err = NO_ERROR
        cdef elea_text text
        cdef elea_extension extension
        if elea_extension_of(self.c, &extension) or has_extensions(elea_field_type(self.c)):
            return f"{self.name}: {self.type}{'' if self.nullable else ' not null'}"
        elea_text_init(&text, NULL)
        return text_take(&text, elea_field_format(self.c, &text, &err), &err)

    def __repr__(self):
        return f"Field({self})"

    def __arrow_c_schema__(self):
        return field_capsule(self.c)

    def __reduce__(self):
        return field, (self.name, self.type, self.nullable, self.metadata)


cdef Field field_wrap(const elea_field *c):
    return field_steal(elea_field_ref(c))


cdef Field field_steal(elea_field *c):
    cdef Field self = Field.__new__(Field)
    self.c = c
    return self


cdef Field field_new(str name, DataType type, bint nullable, object metadata):
    cdef elea_error err = NO_ERROR
    cdef elea_field *out = NULL
    cdef ExtensionType extension = as_extension(type)
    cdef elea_extension view
    cdef elea_metadata *pairs = metadata_new(metadata)
    try:
        if extension is None:
            check(elea_field_new(NULL, utf8_of(name), type.c, nullable, pairs, &out, &err), &err)
        else:
            text = extension.serialized()
            view = extension_view(extension, extension.label, text)
            check(elea_field_new_extension(NULL, utf8_of(name), &view, nullable, pairs, &out,
                                           &err), &err)
    finally:
        elea_metadata_unref(pairs)
    return field_steal(out)


def field(name, type=None, nullable=True, metadata=None):
    """A field of a name and a type; or the field of whatever has `__arrow_c_schema__`.

    >>> import elea
    >>> elea.field("tags", "list<utf8>", metadata={"unit": "word"}).metadata
    {b'unit': b'word'}
    """
    if type is None and hasattr(name, "__arrow_c_schema__"):
        return name if isinstance(name, Field) else field_import(name)
    if not isinstance(name, str):
        raise WrongTypeError(f"the name of a field is a str, got {shown(name)}")
    if type is None:
        raise WrongTypeError(f"field {name!r} needs a type")
    return field_new(name, ensure_type(type), nullable, metadata)
