# SPDX-License-Identifier: Apache-2.0
# DLPack, both ways: tensors on the CPU.

cdef extern from *:
    """
    /* Of DLPack's structs, as much as a capsule needs to delete what nobody took. */
    struct elea_tensor_legacy {
        char tensor[48];
        void *context;
        void (*deleter)(void *self);
    };
    struct elea_tensor_versioned {
        uint32_t major;
        uint32_t minor;
        void *context;
        void (*deleter)(void *self);
    };
    """
    struct elea_tensor_legacy:
        void (*deleter)(void *self) noexcept nogil
    struct elea_tensor_versioned:
        void (*deleter)(void *self) noexcept nogil


cdef void free_tensor(object capsule) noexcept:
    cdef void *held
    if PyCapsule_IsValid(capsule, "dltensor_versioned"):
        held = PyCapsule_GetPointer(capsule, "dltensor_versioned")
        if (<elea_tensor_versioned *>held).deleter != NULL:
            (<elea_tensor_versioned *>held).deleter(held)
    elif PyCapsule_IsValid(capsule, "dltensor"):
        held = PyCapsule_GetPointer(capsule, "dltensor")
        if (<elea_tensor_legacy *>held).deleter != NULL:
            (<elea_tensor_legacy *>held).deleter(held)


cdef object array_to_dlpack(Array self, object stream, object max_version, object device,
                            object copy):
    cdef elea_error err = NO_ERROR
    cdef DLManagedTensorVersioned *versioned = NULL
    cdef DLManagedTensor *legacy = NULL
    cdef elea_dlpack_options options
    if stream is not None:
        raise ViewError(f"memory of the CPU has no stream; got stream={stream!r}")
    if device is not None and tuple(device) != (1, 0):
        raise ViewError(f"the values are on the CPU, device (1, 0), and not on {tuple(device)}")
    memset(&options, 0, sizeof(options))
    if copy:
        options.copy = ELEA_DLPACK_COPY_ALWAYS
    try:
        if max_version is not None and max_version[0] >= 1:
            check(elea_dlpack_export(self.c, &options, NULL, &versioned, &err), &err)
            return PyCapsule_New(versioned, "dltensor_versioned", free_tensor)
        check(elea_dlpack_export_legacy(self.c, &options, NULL, &legacy, &err), &err)
        return PyCapsule_New(legacy, "dltensor", free_tensor)
    except (InvalidError, WrongTypeError) as problem:
        raise ViewError(str(problem)) from None


def from_dlpack(x):
    """An array over the memory of a tensor on the CPU: of PyTorch, NumPy, JAX... Two dimensions
    become fixed-size lists. The tensor must not be written to as long as the array lives.

    >>> import elea, numpy
    >>> elea.from_dlpack(numpy.arange(4).reshape(2, 2)).to_pylist()
    [[0, 1], [2, 3]]
    """
    cdef elea_error err = NO_ERROR
    cdef elea_array *out = NULL
    cdef void *tensor
    if not hasattr(x, "__dlpack__"):
        raise WrongTypeError(f"expected an object with __dlpack__, got {shown(x)}")
    if hasattr(x, "__dlpack_device__"):
        device = x.__dlpack_device__()
        if int(device[0]) != 1:
            raise UnsupportedError(f"a tensor on device {int(device[0])}, {int(device[1])}: only "
                                   "the CPU's memory, device 1, is read; .cpu() copies it there")
    try:
        capsule = x.__dlpack__(max_version=(1, 0))
    except TypeError:  # of before version 1
        capsule = x.__dlpack__()
    if PyCapsule_CheckExact(capsule) and PyCapsule_IsValid(capsule, "dltensor_versioned"):
        tensor = PyCapsule_GetPointer(capsule, "dltensor_versioned")
        PyCapsule_SetName(capsule, "used_dltensor_versioned")
        check(elea_array_import_dlpack(<DLManagedTensorVersioned *>tensor, NULL, &out, &err), &err)
    else:
        tensor = capsule_pointer(capsule, "dltensor")
        PyCapsule_SetName(capsule, "used_dltensor")
        check(elea_array_import_dlpack_legacy(<DLManagedTensor *>tensor, NULL, &out, &err), &err)
    return array_again(out, True)
