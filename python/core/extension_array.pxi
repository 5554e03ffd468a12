# SPDX-License-Identifier: Apache-2.0
# Arrays and scalars of extension types: those of the storage, which know the type.


cdef class ExtensionArray(Array):
    """Values of an extension type: an array of its storage, with the type.

    >>> import elea
    >>> celsius = elea.ExtensionType(elea.float32(), "my.celsius")
    >>> a = elea.ExtensionArray.from_storage(celsius, elea.array([21.5, None], "float32"))
    >>> a[:1].type, a.storage.type
    (ExtensionType(extension<my.celsius>), DataType(float32))
    """
    cdef ExtensionType extension

    cdef ExtensionType known(self):
        return self.extension

    @property
    def storage(self):
        """The same values without the type."""
        return array_again(elea_array_ref(self.c), self.is_safe)

    @staticmethod
    def from_storage(typ, storage):
        """The values of an array, or of what elea.array() makes one of, with an extension type
        over them; nothing is copied."""
        if not isinstance(typ, ExtensionType):
            raise WrongTypeError(f"expected an extension type, got {shown(typ)}")
        wanted = (<ExtensionType>typ).storage_type
        return with_extension(of_type(array(storage, None if speaks_arrow(storage) else wanted),
                                      wanted), typ)


cdef class Bool8Array(ExtensionArray):
    """Values of arrow.bool8: NumPy's bools where they lie.

    >>> import elea, numpy
    >>> elea.Bool8Array.from_numpy(numpy.array([True, False])).to_numpy()
    array([ True, False])
    """

    @staticmethod
    def from_numpy(obj):
        """Over the memory of a NumPy array of bools, which must not be written to any more."""
        if getattr(getattr(obj, "dtype", None), "kind", None) != "b" or obj.ndim != 1:
            raise WrongTypeError("expected a NumPy array of bools in one dimension, got "
                                 f"{shown(obj)}")
        return with_extension(array(obj.view("int8")), bool8())

    def to_numpy(self, zero_copy_only=True, writable=False):
        """A NumPy array of bools: a read-only view, unless there are nulls, or bytes other than
        0 and 1."""
        values = array_to_numpy(self, zero_copy_only, writable)
        if values.dtype != "int8":  # nulls
            import numpy
            return numpy.array(self.to_pylist(), "object")
        if ((values & -2) == 0).all():
            return values.view("bool")
        if zero_copy_only:
            raise ViewError("bytes other than 0 and 1 are no bools of NumPy without a copy: "
                            "to_numpy(zero_copy_only=False)")
        return values != 0


cdef class FixedShapeTensorArray(ExtensionArray):
    """Tensors of one shape, one a row.

    >>> import elea, numpy
    >>> images = numpy.arange(12, dtype="uint8").reshape(2, 2, 3)
    >>> a = elea.FixedShapeTensorArray.from_numpy_ndarray(images)
    >>> a.type.shape, len(a), a.to_numpy_ndarray().tolist() == images.tolist()
    ([2, 3], 2, True)
    """

    def to_numpy_ndarray(self):
        """All rows as one NumPy array, the rows its first dimension: a read-only view."""
        shape, names, order = self.extension.parameters()
        values = array_to_numpy(self, True, False).reshape(len(self), *shape)
        return values if order is None else values.transpose(0, *(1 + i for i in order))

    @staticmethod
    def from_numpy_ndarray(obj, dim_names=None):
        """Over the memory of a NumPy array, whose first dimension is that of the rows, and which
        must not be written to any more. The tensors must lie one behind the other; the order of
        their dimensions may be any, and becomes the permutation of the type."""
        if not hasattr(obj, "__array_interface__") or obj.ndim < 2:
            raise WrongTypeError("expected a NumPy array in two dimensions or more, got "
                                 f"{shown(obj)}")
        order = list(range(1, obj.ndim))
        if not obj.flags.c_contiguous:
            order.sort(key=obj.strides.__getitem__, reverse=True)
        memory = obj.transpose(0, *order)
        if not memory.flags.c_contiguous:
            raise InvalidError(f"tensors with strides {obj.strides} do not lie one behind the "
                               "other: numpy.ascontiguousarray() makes it so")
        permutation = None
        if order != sorted(order):
            permutation = [order.index(i) for i in range(1, obj.ndim)]
        flat = array(memory.reshape(-1))
        kind = fixed_shape_tensor(flat.type, memory.shape[1:], dim_names, permutation)
        return with_extension(array_of_parts(kind.storage_type, len(obj), [None], 0, 0, [flat],
                                             None), kind)


cdef class ExtensionScalar(Scalar):
    """One value of an extension type."""
    cdef ExtensionType extension

    cdef ExtensionType known(self):
        return self.extension

    @property
    def value(self):
        """The scalar of the storage; None for null."""
        if not self.is_valid:
            return None
        return scalar_again(elea_scalar_ref(self.c), self.is_safe, None)

    def as_py(self, *, maps_as_pydicts=None):
        """The value as a Python object; None for null."""
        value = Scalar.as_py(self, maps_as_pydicts=maps_as_pydicts)
        return None if value is None else self.extension.to_py(value)


cdef object subclass_of(object kind, object parent, ExtensionType extension):
    if not isinstance(kind, type) or not issubclass(kind, parent):
        raise WrongTypeError(f"the class of {extension} is a subclass of elea.{parent.__name__}, "
                             f"got {shown(kind)}")
    return kind


cdef Array with_extension(Array values, ExtensionType extension):
    """The same values under an extension type, whose storage they are; itself for None."""
    cdef ExtensionArray self
    if extension is None:
        return values
    kind = subclass_of(extension.__arrow_ext_class__(), ExtensionArray, extension)
    self = kind.__new__(kind)
    self.c = elea_array_ref(values.c)
    self.is_safe = values.is_safe
    self.extension = extension
    return self


cdef Scalar scalar_again(elea_scalar *c, bint is_safe, ExtensionType extension):
    cdef Scalar plain = scalar_steal(c)
    cdef ExtensionScalar self
    plain.is_safe = is_safe
    if extension is None:
        return plain
    kind = subclass_of(extension.__arrow_ext_scalar_class__(), ExtensionScalar, extension)
    self = kind.__new__(kind)
    self.c = elea_scalar_ref(c)
    self.is_safe = is_safe
    self.extension = extension
    return self


cdef Array array_typed(elea_array *c, bint is_safe, ExtensionType extension):
    """As array_again(), with the extension type of the values, or None."""
    return with_extension(array_again(c, is_safe), extension)


cdef bint same_type(DataType a, const elea_type *c, DataType b, const elea_type *d) except -1:
    """Whether values of storage `c` and `d`, which are equal in C, have the same extension types:
    `a` and `b`, or None, and those of their children."""
    if a is not b and (a is None or b is None or a.identity() != b.identity()):
        return False
    return same_extensions(c, d)
