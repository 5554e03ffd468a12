# SPDX-License-Identifier: Apache-2.0
# Extension types: storage with a name, and what the name makes of it in Python.
#
# In C an extension type is a view of a field. Here it is a type whose `c` is its storage, so that
# whatever works on a type's `c` works on the storage; what must know the name asks for it.

cdef dict CANONICAL = {}            # classes by name, filled behind each class
cdef dict REGISTERED = {}           # instances of users' classes by name
cdef object EXTENSION_KEYS = frozenset((b"ARROW:extension:name", b"ARROW:extension:metadata"))


cdef class ExtensionType(DataType):
    """A storage type with a name that says what its values mean, and a text with parameters.

    The canonical ones are made by functions: `elea.uuid()` and its like. Any other can be named:

    >>> import elea
    >>> elea.ExtensionType(elea.float32(), "my.celsius")
    ExtensionType(extension<my.celsius>)

    What comes in under a name that nobody knows is of this class, and leaves as it came. A
    subclass becomes the type of its name by `elea.register_extension_type()`:

    >>> class Money(elea.ExtensionType):
    ...     def __init__(self, currency):
    ...         self.currency = currency
    ...         super().__init__(elea.int64(), "my.money")
    ...     def __arrow_ext_serialize__(self):
    ...         return self.currency.encode()
    ...     @classmethod
    ...     def __arrow_ext_deserialize__(cls, storage_type, serialized):
    ...         return cls(serialized.decode())
    >>> elea.register_extension_type(Money("EUR"))
    >>> prices = elea.table({"price": elea.array([5, 7], Money("CHF"))})
    >>> prices["price"].type.currency
    'CHF'
    >>> elea.unregister_extension_type("my.money")
    """
    cdef bytes label                # the name; of others it may be any bytes
    cdef bytes text
    cdef bint is_made

    def __cinit__(self, *args, **kwargs):
        self.put(null(), b"", b"")

    def __init__(self, storage_type, extension_name, serialized=b""):
        if isinstance(self, tuple(CANONICAL.values())):
            raise WrongTypeError(f"a {type(self).__name__} is not made by its class: use "
                                 "elea.uuid() and its like")
        if not isinstance(extension_name, str):
            raise WrongTypeError("the name of an extension type is a str, got "
                                 f"{shown(extension_name)}")
        if self.is_made:
            raise InvalidError(f"{self} is made already, and does not change")
        storage = ensure_storage(storage_type)
        if not isinstance(serialized, bytes):
            raise WrongTypeError("the parameters of an extension type are bytes, got "
                                 f"{shown(serialized)}")
        label = (<str>extension_name).encode()
        if not label or type(self) is ExtensionType:
            check_extension(storage, label, serialized)
        self.put(storage, label, serialized)
        self.is_made = True

    cdef int put(self, DataType storage, bytes label, bytes text) except -1:
        elea_type_unref(<elea_type *>self.c)
        self.c = elea_type_ref(storage.c)
        self.label = label
        self.text = text
        return 0

    cdef bytes serialized(self):
        text = self.__arrow_ext_serialize__()
        if not isinstance(text, bytes):
            raise WrongTypeError(f"{type(self).__name__}.__arrow_ext_serialize__() gave "
                                 f"{shown(text)} and not bytes")
        return text

    def __arrow_ext_serialize__(self):
        """The parameters as bytes. A subclass with parameters has its own."""
        return self.text

    @classmethod
    def __arrow_ext_deserialize__(cls, storage_type, serialized):
        """The type again, of its storage and what __arrow_ext_serialize__() gave. A subclass has
        its own."""
        raise UnsupportedError(f"{cls.__name__} has no __arrow_ext_deserialize__")

    def __arrow_ext_class__(self):
        """The class of arrays of this type: ExtensionArray, or a subclass of it."""
        return ExtensionArray

    def __arrow_ext_scalar_class__(self):
        """The class of scalars of this type: ExtensionScalar, or a subclass whose as_py() makes
        the Python value of `self.value`, the storage."""
        return ExtensionScalar

    # What the canonical types are to Python; others are their storage.

    cdef object parameters(self):
        """What beside name and storage makes two types the same."""
        return self.serialized()

    cdef str parameter_text(self):
        return ""

    cdef str accepted(self):
        """The values that arrays are made of, in words; None for those of the storage."""
        return None

    cdef object to_py(self, object value):
        """A value of the storage, which is not None, as this type shows it."""
        return value

    cdef object to_storage(self, object value):
        """The other way; what is not understood comes back as it is, and the storage refuses."""
        return value

    cdef object identity(self):
        return self.label, self.parameters()

    @property
    def storage_type(self):
        """The type of the values without the name."""
        return type_wrap(self.c)

    @property
    def extension_name(self):
        """The name, as "arrow.uuid"."""
        return shown_name(self.label)

    @property
    def id(self):
        """The number of all extension types; storage_type.id is that of the storage."""
        return <int>ELEA_TYPE_EXTENSION

    @property
    def name(self):
        return elea_type_id_name(ELEA_TYPE_EXTENSION).decode()

    def __str__(self):
        return f"extension<{self.extension_name}{self.parameter_text()}>"

    def __repr__(self):
        return f"{type(self).__name__}({self})"

    def __arrow_c_schema__(self):
        return field("", self).__arrow_c_schema__()

    def __reduce__(self):
        if type(self) is ExtensionType or type(self) in CANONICAL.values():
            return make_extension, (self.storage_type, self.label, self.serialized())
        return type(self).__arrow_ext_deserialize__, (self.storage_type, self.serialized())


cdef str shown_name(bytes label):
    return label.decode("utf-8", "replace")


cdef DataType ensure_storage(object given):
    cdef DataType storage = ensure_type(given)
    if isinstance(storage, ExtensionType):
        raise WrongTypeError(f"the storage of an extension type is another type, got {storage}")
    return storage


cdef elea_extension extension_view(DataType storage, bytes label, bytes text) noexcept:
    """For C; borrowed from all three."""
    cdef elea_extension out
    out.name.data = PyBytes_AS_STRING(label)
    out.name.size = PyBytes_GET_SIZE(label)
    out.metadata.data = PyBytes_AS_STRING(text)
    out.metadata.size = PyBytes_GET_SIZE(text)
    out.storage = storage.c
    return out


cdef int check_extension(DataType storage, bytes label, bytes text) except -1:
    """Raises when storage and text are not what the type of this name asks for."""
    cdef elea_error err = NO_ERROR
    cdef elea_extension view = extension_view(storage, label, text)
    check(elea_extension_validate(&view, NULL, &err), &err)
    return 0


def make_extension(DataType storage, bytes label, bytes text):
    """The extension type of a name that is canonical, or nobody's. What pickle calls."""
    check_extension(storage, label, text)
    return extension_of_class(CANONICAL.get(label, ExtensionType), storage, label, text)


cdef ExtensionType extension_of_class(object kind, DataType storage, bytes label, bytes text):
    cdef ExtensionType self = kind.__new__(kind)
    self.put(storage, label, text)
    self.is_made = True
    return self


cdef ExtensionType registered_type(object given, DataType storage, bytes text):
    """As the class of a registered type makes it of what came in, which must be of that
    storage: C believes the type."""
    made = type(given).__arrow_ext_deserialize__(storage, text)
    if not isinstance(made, ExtensionType) or not elea_type_equal((<DataType>made).c, storage.c,
                                                                  False):
        raise WrongTypeError(f"{type(given).__name__}.__arrow_ext_deserialize__() made "
                             f"{shown(made)} of the storage {storage}")
    return made


cdef ExtensionType extension_at(const elea_field *field):
    """The extension type of a field, or None. One that is not what its name asks for, as only
    metadata written by hand make it, knows nothing but its name."""
    cdef elea_extension view
    cdef elea_error err = NO_ERROR
    if not elea_extension_of(field, &view):
        return None
    storage, label, text = type_wrap(view.storage), bytes_of(view.name), bytes_of(view.metadata)
    given = REGISTERED.get(label)
    if given is not None:
        return registered_type(given, storage, text)
    kind = CANONICAL.get(label, ExtensionType)
    if kind is not ExtensionType and elea_extension_validate(&view, NULL, &err) != ELEA_OK:
        kind = ExtensionType
    return extension_of_class(kind, storage, label, text)


cdef DataType field_type(const elea_field *field):
    """The type of a field as Python shows it."""
    extension = extension_at(field)
    return type_wrap(elea_field_type(field)) if extension is None else extension


cdef ExtensionType as_extension(DataType type):
    return type if isinstance(type, ExtensionType) else None


# Extension types in the children of types: C's equality looks at them with all metadata only.

cdef bint same_extension(const elea_field *a, const elea_field *b) except -1:
    """Whether two fields have the same extension type, and their children have."""
    cdef elea_extension x, y
    cdef bint is_one
    if a == b:
        return True
    is_one = elea_extension_of(a, &x)
    if is_one != elea_extension_of(b, &y):
        return False
    if is_one and not (bytes_of(x.name) == bytes_of(y.name)
                       and bytes_of(x.metadata) == bytes_of(y.metadata)):
        if extension_at(a).identity() != extension_at(b).identity():
            return False
    return same_extensions(elea_field_type(a), elea_field_type(b))


cdef bint same_extensions(const elea_type *a, const elea_type *b) except -1:
    cdef int64_t i
    if a == b:
        return True
    if elea_type_value_type(a) != NULL and elea_type_value_type(b) != NULL:
        return same_extensions(elea_type_value_type(a), elea_type_value_type(b))
    if elea_type_child_count(a) != elea_type_child_count(b):
        return False
    for i in range(elea_type_child_count(a)):
        if not same_extension(elea_type_child(a, i), elea_type_child(b, i)):
            return False
    return True


cdef bint has_extensions(const elea_type *type):
    """Whether there is an extension type among the children."""
    cdef elea_extension view
    cdef int64_t i
    if elea_type_value_type(type) != NULL:
        return has_extensions(elea_type_value_type(type))
    for i in range(elea_type_child_count(type)):
        if (elea_extension_of(elea_type_child(type, i), &view)
                or has_extensions(elea_field_type(elea_type_child(type, i)))):
            return True
    return False


# Types of users. C asks them, too: what comes in under their names must be what they accept.

cdef elea_status check_registered(const elea_extension *view, elea_pool *pool, void *context,
                                  elea_error *err) noexcept nogil:
    with gil:
        return check_registered_held(view, err)


cdef elea_status check_registered_held(const elea_extension *view, elea_error *err) noexcept:
    try:
        given = REGISTERED.get(bytes_of(view.name))
        if given is not None:
            registered_type(given, type_wrap(view.storage), bytes_of(view.metadata))
        return ELEA_OK
    except BaseException as problem:
        return tell(problem, ELEA_EINVAL, err)


def register_extension_type(ext_type):
    """Makes the class of `ext_type`, an instance of a subclass of ExtensionType, the type of all
    that has its name, in this process. What comes in under the name must then be what the class
    can be made of again: its __arrow_ext_deserialize__() is asked.

    Classes of registered types live on when they are unregistered, in what has them.
    """
    cdef elea_error err = NO_ERROR
    cdef elea_extension view
    cdef ExtensionType its
    if not isinstance(ext_type, ExtensionType) or type(ext_type) is ExtensionType:
        raise WrongTypeError("expected an instance of a subclass of elea.ExtensionType, got "
                             f"{shown(ext_type)}")
    its = ext_type
    view = extension_view(its, its.label, its.text)
    check(elea_extension_register(view.name, check_registered, NULL, &err), &err)
    REGISTERED[its.label] = its


def unregister_extension_type(type_name):
    """Forgets the type that was registered under this name."""
    cdef elea_error err = NO_ERROR
    if not isinstance(type_name, str):
        raise WrongTypeError(f"the name of an extension type is a str, got {shown(type_name)}")
    check(elea_extension_unregister(utf8_of(type_name), &err), &err)
    REGISTERED.pop((<str>type_name).encode(), None)
