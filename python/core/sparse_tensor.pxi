# SPDX-License-Identifier: Apache-2.0
# Sparse tensors: the elements that are not 0, and an index that says where they are.


cdef class _SparseTensor(_Tensor):
    """What the formats of sparse tensors have in common."""
    cdef elea_sparse_tensor *c

    def __init__(self):
        raise WrongTypeError(f"a {type(self).__name__} is not made by its class: use "
                             "from_dense_numpy(), from_numpy() or from_tensor()")

    def __dealloc__(self):
        if self.c != NULL:
            with nogil:
                elea_sparse_tensor_unref(self.c)

    @classmethod
    def from_dense_numpy(cls, obj, dim_names=None):
        """Of the elements of a NumPy array that are not 0."""
        return cls.from_tensor(tensor_of_memory(obj, dim_names))

    @classmethod
    def from_tensor(cls, obj, *, index_type=None):
        """Of the elements of a Tensor that are not 0; the index is of `index_type`, an integer
        type, by default int64."""
        cdef elea_error err = NO_ERROR
        cdef elea_sparse_tensor *out = NULL
        cdef elea_sparse_format format = sparse_format(cls)
        cdef DataType type = int64() if index_type is None else ensure_type(index_type)
        cdef elea_tensor *dense
        cdef elea_status status
        if not isinstance(obj, Tensor):
            raise WrongTypeError(f"expected an elea.Tensor, got {shown(obj)}")
        dense = (<Tensor>obj).c
        with nogil:
            status = elea_sparse_tensor_new_from_tensor(NULL, dense, format, type.c, &out, &err)
        check(status, &err)
        return sparse_steal(out)

    @property
    def non_zero_length(self):
        """How many elements there are that are not 0."""
        return elea_sparse_tensor_nonzero_count(self.c)

    def to_tensor(self):
        """All elements, row-major."""
        cdef elea_error err = NO_ERROR
        cdef elea_tensor *out = NULL
        cdef elea_status status
        with nogil:
            status = elea_sparse_tensor_to_tensor(NULL, self.c, &out, &err)
        check(status, &err)
        return tensor_steal(out)

    def equals(self, other, *, nans_equal=False):
        """Whether the other has the same format, type, shape, index and elements, in the same
        order."""
        cdef elea_equal_options options = equal_options(nans_equal)
        cdef elea_sparse_tensor *its
        cdef bint out
        if not isinstance(other, _SparseTensor):
            raise WrongTypeError(f"expected a sparse tensor of elea, got {shown(other)}")
        its = (<_SparseTensor>other).c
        with nogil:
            out = elea_sparse_tensor_equal(self.c, its, &options)
        return out

    cdef Tensor elements(self):
        """The elements in one column, as pyarrow has them."""
        return tensor_of_parts(self.type, buffer_wrap(elea_sparse_tensor_data(self.c)),
                               Dimensions([self.non_zero_length, 1], None, None))

    cdef list indices(self):
        return [tensor_wrap(elea_sparse_tensor_indices(self.c, i))
                for i in range(elea_sparse_tensor_indices_count(self.c))]

    cdef list offsets(self):
        return [tensor_wrap(elea_sparse_tensor_offsets(self.c, i))
                for i in range(elea_sparse_tensor_offsets_count(self.c))]

    cdef object axes(self):
        cdef const int32_t *order = elea_sparse_tensor_axis_order(self.c)
        return None if order == NULL else [order[i] for i in range(self.ndim)]

    def __reduce__(self):
        return sparse_of_parts, (
            type(self), self.elements(), self.indices(), self.offsets(), self.shape,
            self.dim_names, self.axes(), elea_sparse_tensor_is_canonical(self.c))

    cdef str more(self):
        return f"\nnon_zero_length: {self.non_zero_length}"


cdef class SparseCOOTensor(_SparseTensor):
    """A sparse tensor by the coordinates of each element.

    >>> import elea, numpy
    >>> sparse = elea.SparseCOOTensor.from_dense_numpy(numpy.array([[0, 7], [8, 0]]))
    >>> data, coords = sparse.to_numpy()
    >>> data.tolist(), coords.tolist()
    ([[7], [8]], [[0, 1], [1, 0]])
    """

    @staticmethod
    def from_numpy(data, coords, shape, dim_names=None):
        """Of the elements, and their coordinates: a row for each. No memory is copied."""
        try:
            return sparse_of_parts(SparseCOOTensor, data, [coords], [], shape, dim_names, None,
                                   True)
        except InvalidError:  # not sorted, or wrong in another way
            return sparse_of_parts(SparseCOOTensor, data, [coords], [], shape, dim_names, None,
                                   False)

    def to_numpy(self):
        """The elements in one column, and their coordinates, over the same memory."""
        return self.elements().to_numpy(), self.indices()[0].to_numpy()

    @property
    def has_canonical_format(self):
        """Whether the coordinates are sorted, and none is there twice."""
        return elea_sparse_tensor_is_canonical(self.c)


cdef class _SparseMatrix(_SparseTensor):
    """What the two formats of sparse matrices have in common."""

    @classmethod
    def from_numpy(cls, data, indptr, indices, shape, dim_names=None):
        """Of the elements, where each row (of a CSC matrix: column) begins, and the other index of
        each element. No memory is copied."""
        return sparse_of_parts(cls, data, [indices], [indptr], shape, dim_names, None, False)

    def to_numpy(self):
        """The elements in one column, where each row or column begins, and the other index of each
        element, over the same memory."""
        return (self.elements().to_numpy(), self.offsets()[0].to_numpy(),
                self.indices()[0].to_numpy())


cdef class SparseCSRMatrix(_SparseMatrix):
    """A sparse matrix by rows: for each one the columns of its elements.

    >>> import elea, numpy
    >>> sparse = elea.SparseCSRMatrix.from_dense_numpy(numpy.array([[0, 7], [8, 0]]))
    >>> [part.ravel().tolist() for part in sparse.to_numpy()]
    [[7, 8], [0, 1, 2], [1, 0]]
    """


cdef class SparseCSCMatrix(_SparseMatrix):
    """A sparse matrix by columns: for each one the rows of its elements."""


cdef class SparseCSFTensor(_SparseTensor):
    """A sparse tensor by fibres: a tree with a level for each dimension."""

    @staticmethod
    def from_numpy(data, indptr, indices, shape, axis_order=None, dim_names=None):
        """Of the elements; for each level but the last, where in the next the children of a node
        begin; for each level the indices of its nodes; and which dimension each level is, by
        default in order. No memory is copied."""
        axes = list(range(len(shape)) if axis_order is None else axis_order)
        return sparse_of_parts(SparseCSFTensor, data, list(indices), list(indptr), shape,
                               dim_names, axes, False)

    def to_numpy(self):
        """The elements in one column, and two lists, of what from_numpy() takes, over the same
        memory."""
        return (self.elements().to_numpy(), [part.to_numpy() for part in self.offsets()],
                [part.to_numpy() for part in self.indices()])

    @property
    def axis_order(self):
        """Which dimension each level is."""
        return self.axes()


cdef dict SPARSE_CLASSES = {
    <int>ELEA_SPARSE_COO: SparseCOOTensor, <int>ELEA_SPARSE_CSR: SparseCSRMatrix,
    <int>ELEA_SPARSE_CSC: SparseCSCMatrix, <int>ELEA_SPARSE_CSF: SparseCSFTensor,
}


cdef elea_sparse_format sparse_format(object cls) except *:
    for number, kind in SPARSE_CLASSES.items():
        if issubclass(cls, kind):
            return <elea_sparse_format><int>number
    raise WrongTypeError(f"{cls.__name__} is no format of sparse tensors")


cdef _SparseTensor sparse_steal(elea_sparse_tensor *c):
    cls = SPARSE_CLASSES[<int>elea_sparse_tensor_format(c)]
    cdef _SparseTensor self = cls.__new__(cls)
    self.c = c
    self.describe(elea_sparse_tensor_type(c), elea_sparse_tensor_dimension_count(c),
                  elea_sparse_tensor_shape(c), elea_sparse_tensor_dimension_names(c))
    return self


cdef Tensor as_tensor(object given):
    return <Tensor>given if isinstance(given, Tensor) else tensor_of_memory(given, None)


cdef Pointers tensor_pointers(list tensors, int64_t expected, str what):
    cdef Pointers out = Pointers(len(tensors))
    if len(tensors) != expected:
        raise InvalidError(f"{len(tensors)} tensors of {what}, expected {expected}")
    for i, one in enumerate(tensors):
        out.data[i] = (<Tensor>one).c
    return out


def sparse_of_parts(cls, data, list indices, list offsets, shape, dim_names, axes, canonical):
    """A sparse tensor of its elements and its index, all of which is checked. What pickle calls."""
    cdef elea_error err = NO_ERROR
    cdef elea_sparse_tensor *out = NULL
    cdef elea_sparse_tensor_parts parts
    cdef Tensor elements = as_tensor(data)
    cdef Dimensions dimensions = Dimensions(shape, None, dim_names)
    cdef Numbers order = Numbers(axes or (), "axes")
    cdef bint is_tree = sparse_format(cls) == ELEA_SPARSE_CSF
    cdef bint is_matrix = issubclass(cls, _SparseMatrix)
    cdef Pointers index_pointers, offset_pointers
    cdef int32_t *levels = NULL
    cdef elea_status status
    if not elements.is_row_major:
        raise InvalidError(f"elements with strides {elements.strides} do not lie one behind the "
                           "other: numpy.ascontiguousarray() makes them so")
    if is_tree and order.count != dimensions.count:
        raise InvalidError(f"{order.count} axes for {dimensions.count} dimensions")
    indices = [as_tensor(one) for one in indices]
    offsets = [as_tensor(one) for one in offsets]
    index_pointers = tensor_pointers(indices, dimensions.count if is_tree else 1, "indices")
    offset_pointers = tensor_pointers(offsets, max(0, dimensions.count - 1) if is_tree
                                      else int(is_matrix), "offsets")
    levels = <int32_t *>PyMem_RawMalloc((order.count + 1) * sizeof(int32_t))
    if levels == NULL:
        raise MemoryError
    for i in range(order.count):
        levels[i] = <int32_t>min(max(order.data[i], -1), dimensions.count)
    parts.format = sparse_format(cls)
    parts.type = elements.type.c
    parts.data = elea_tensor_data(elements.c)
    parts.nonzero_count = elea_tensor_length(elements.c)
    parts.dimension_count = dimensions.count
    parts.shape = dimensions.sizes.data
    parts.dimension_names = dimensions.names
    parts.indices = <const elea_tensor *const *>index_pointers.data
    parts.offsets = <const elea_tensor *const *>offset_pointers.data
    parts.axis_order = levels
    parts.is_canonical = canonical
    with nogil:
        status = elea_sparse_tensor_new(NULL, &parts, &out, &err)
    PyMem_RawFree(levels)
    check(status, &err)
    return sparse_steal(out)
