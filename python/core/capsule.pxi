# SPDX-License-Identifier: Apache-2.0
# The Arrow PyCapsule interface, both ways: C structs of the data, stream and device interfaces in
# capsules that release what nobody took.

cdef const char *SCHEMA_NAME = "arrow_schema"
cdef const char *ARRAY_NAME = "arrow_array"
cdef const char *STREAM_NAME = "arrow_array_stream"
cdef const char *DEVICE_ARRAY_NAME = "arrow_device_array"
cdef const char *DEVICE_STREAM_NAME = "arrow_device_array_stream"


# Out. A struct lies in memory of its own behind a capsule, whose end releases what is left in it.

cdef void free_schema(object capsule) noexcept:
    cdef ArrowSchema *held = <ArrowSchema *>PyCapsule_GetPointer(capsule, SCHEMA_NAME)
    if held.release != NULL:
        held.release(held)
    PyMem_RawFree(held)


cdef void free_array(object capsule) noexcept:
    cdef ArrowArray *held = <ArrowArray *>PyCapsule_GetPointer(capsule, ARRAY_NAME)
    if held.release != NULL:
        held.release(held)
    PyMem_RawFree(held)


cdef void free_stream(object capsule) noexcept:
    cdef ArrowArrayStream *held = <ArrowArrayStream *>PyCapsule_GetPointer(capsule, STREAM_NAME)
    if held.release != NULL:
        held.release(held)
    PyMem_RawFree(held)


cdef void free_device_array(object capsule) noexcept:
    cdef ArrowDeviceArray *held = <ArrowDeviceArray *>PyCapsule_GetPointer(
        capsule, DEVICE_ARRAY_NAME)
    if held.array.release != NULL:
        held.array.release(&held.array)
    PyMem_RawFree(held)


cdef void free_device_stream(object capsule) noexcept:
    cdef ArrowDeviceArrayStream *held = <ArrowDeviceArrayStream *>PyCapsule_GetPointer(
        capsule, DEVICE_STREAM_NAME)
    if held.release != NULL:
        held.release(held)
    PyMem_RawFree(held)


cdef void *room(size_t size) except NULL:
    """Zeros for a struct: what has no release yet is released."""
    cdef void *out = PyMem_RawMalloc(size)
    if out == NULL:
        raise MemoryError
    memset(out, 0, size)
    return out


cdef object new_schema_capsule(ArrowSchema **out):
    out[0] = <ArrowSchema *>room(sizeof(ArrowSchema))
    return PyCapsule_New(out[0], SCHEMA_NAME, free_schema)


cdef object type_capsule(const elea_type *type):
    cdef elea_error err = NO_ERROR
    cdef ArrowSchema *held = NULL
    capsule = new_schema_capsule(&held)
    check(elea_type_export(type, NULL, held, &err), &err)
    return capsule


cdef object field_capsule(const elea_field *field):
    cdef elea_error err = NO_ERROR
    cdef ArrowSchema *held = NULL
    capsule = new_schema_capsule(&held)
    check(elea_field_export(field, NULL, held, &err), &err)
    return capsule


cdef object schema_capsule(const elea_schema *schema):
    cdef elea_error err = NO_ERROR
    cdef ArrowSchema *held = NULL
    capsule = new_schema_capsule(&held)
    check(elea_schema_export(schema, NULL, held, &err), &err)
    return capsule


cdef object array_capsule(const elea_array *array):
    cdef elea_error err = NO_ERROR
    cdef ArrowArray *held = <ArrowArray *>room(sizeof(ArrowArray))
    capsule = PyCapsule_New(held, ARRAY_NAME, free_array)
    check(elea_array_export(array, NULL, held, &err), &err)
    return capsule


cdef object record_batch_capsule(const elea_record_batch *batch):
    cdef elea_error err = NO_ERROR
    cdef ArrowArray *held = <ArrowArray *>room(sizeof(ArrowArray))
    capsule = PyCapsule_New(held, ARRAY_NAME, free_array)
    check(elea_record_batch_export(batch, NULL, held, &err), &err)
    return capsule


cdef object device_array_capsule(const elea_array *array):
    cdef elea_error err = NO_ERROR
    cdef ArrowDeviceArray *held = <ArrowDeviceArray *>room(sizeof(ArrowDeviceArray))
    capsule = PyCapsule_New(held, DEVICE_ARRAY_NAME, free_device_array)
    check(elea_array_export_device(array, NULL, held, &err), &err)
    return capsule


cdef object device_record_batch_capsule(const elea_record_batch *batch):
    cdef elea_error err = NO_ERROR
    cdef ArrowDeviceArray *held = <ArrowDeviceArray *>room(sizeof(ArrowDeviceArray))
    capsule = PyCapsule_New(held, DEVICE_ARRAY_NAME, free_device_array)
    check(elea_record_batch_export_device(batch, NULL, held, &err), &err)
    return capsule


cdef object table_capsule(const elea_table *table):
    cdef elea_error err = NO_ERROR
    cdef ArrowArrayStream *held = <ArrowArrayStream *>room(sizeof(ArrowArrayStream))
    capsule = PyCapsule_New(held, STREAM_NAME, free_stream)
    check(elea_table_export(table, NULL, held, &err), &err)
    return capsule


cdef object chunked_array_capsule(ChunkedArray array):
    cdef elea_error err = NO_ERROR
    cdef Field its = field("", array.type)
    cdef ArrowArrayStream *held = <ArrowArrayStream *>room(sizeof(ArrowArrayStream))
    capsule = PyCapsule_New(held, STREAM_NAME, free_stream)
    check(elea_chunked_array_export_field(array.c, its.c, NULL, held, &err), &err)
    return capsule


cdef object device_chunked_array_capsule(ChunkedArray array):
    cdef elea_error err = NO_ERROR
    cdef Field its = field("", array.type)
    cdef ArrowDeviceArrayStream *held = <ArrowDeviceArrayStream *>room(
        sizeof(ArrowDeviceArrayStream))
    capsule = PyCapsule_New(held, DEVICE_STREAM_NAME, free_device_stream)
    check(elea_chunked_array_export_field_device(array.c, its.c, NULL, held, &err), &err)
    return capsule


cdef object stream_capsule(RecordBatchReader reader):
    cdef elea_error err = NO_ERROR
    cdef ArrowArrayStream *held = <ArrowArrayStream *>room(sizeof(ArrowArrayStream))
    capsule = PyCapsule_New(held, STREAM_NAME, free_stream)
    check(elea_record_stream_export(reader.hand_over(), NULL, held, &err), &err)
    return capsule


cdef object device_stream_capsule(RecordBatchReader reader):
    cdef elea_error err = NO_ERROR
    cdef ArrowDeviceArrayStream *held = <ArrowDeviceArrayStream *>room(
        sizeof(ArrowDeviceArrayStream))
    capsule = PyCapsule_New(held, DEVICE_STREAM_NAME, free_device_stream)
    check(elea_record_stream_export_device(reader.hand_over(), NULL, held, &err), &err)
    return capsule


# In. What a capsule holds is moved out of it, whether the import succeeds or not.

cdef bint speaks_arrow(object given):
    return (hasattr(given, "__arrow_c_array__") or hasattr(given, "__arrow_c_stream__")
            or hasattr(given, "__arrow_c_device_array__")
            or hasattr(given, "__arrow_c_device_stream__"))


cdef void *capsule_pointer(object capsule, const char *name) except NULL:
    if PyCapsule_CheckExact(capsule) and PyCapsule_IsValid(capsule, name):
        return PyCapsule_GetPointer(capsule, name)
    raise wrong_capsule(capsule, name.decode())


cdef object wrong_capsule(object capsule, str wanted):
    cdef const char *found
    if not PyCapsule_CheckExact(capsule):
        return WrongTypeError(f"expected a capsule named {wanted!r}, got {shown(capsule)}")
    found = PyCapsule_GetName(capsule)
    told = "no name" if found == NULL else repr(found.decode(errors="replace"))
    return InvalidError(f"expected a capsule named {wanted!r}, got one with {told}")


cdef object consumed(const char *name):
    return InvalidError(f"the {name.decode()!r} capsule was consumed already")


cdef ArrowSchema *schema_struct(object capsule) except NULL:
    cdef ArrowSchema *held = <ArrowSchema *>capsule_pointer(capsule, SCHEMA_NAME)
    if held.release == NULL:
        raise consumed(SCHEMA_NAME)
    return held


cdef ArrowArray *array_struct(object capsule) except NULL:
    cdef ArrowArray *held = <ArrowArray *>capsule_pointer(capsule, ARRAY_NAME)
    if held.release == NULL:
        raise consumed(ARRAY_NAME)
    return held


cdef ArrowArrayStream *stream_struct(object capsule) except NULL:
    cdef ArrowArrayStream *held = <ArrowArrayStream *>capsule_pointer(capsule, STREAM_NAME)
    if held.release == NULL:
        raise consumed(STREAM_NAME)
    return held


cdef ArrowDeviceArray *device_array_struct(object capsule) except NULL:
    cdef ArrowDeviceArray *held = <ArrowDeviceArray *>capsule_pointer(capsule, DEVICE_ARRAY_NAME)
    if held.array.release == NULL:
        raise consumed(DEVICE_ARRAY_NAME)
    return held


cdef ArrowDeviceArrayStream *device_stream_struct(object capsule) except NULL:
    cdef ArrowDeviceArrayStream *held = <ArrowDeviceArrayStream *>capsule_pointer(
        capsule, DEVICE_STREAM_NAME)
    if held.release == NULL:
        raise consumed(DEVICE_STREAM_NAME)
    return held


cdef Field field_from(object capsule):
    cdef elea_error err = NO_ERROR
    cdef elea_field *out = NULL
    check(elea_field_import(schema_struct(capsule), NULL, &out, &err), &err)
    return field_steal(out)


cdef elea_schema *schema_new_from(object capsule) except NULL:
    cdef elea_error err = NO_ERROR
    cdef elea_schema *out = NULL
    check(elea_schema_import(schema_struct(capsule), NULL, &out, &err), &err)
    return out


cdef Schema schema_from(object capsule):
    return schema_steal(schema_new_from(capsule))


cdef Field field_import(object given):
    return field_from(given.__arrow_c_schema__())


cdef Schema schema_import(object given):
    return schema_from(given.__arrow_c_schema__())


cdef tuple two_capsules(object given, object method, DataType wanted=None):
    """What a method with two results gives."""
    pair = method() if wanted is None else method(wanted.__arrow_c_schema__())
    if not isinstance(pair, tuple) or len(<tuple>pair) != 2:
        name = getattr(method, "__name__", "a method")
        raise WrongTypeError(f"{type_name(given)}.{name}() gave {shown(pair)} and not two capsules")
    return <tuple>pair


cdef Array array_import(object given, DataType wanted):
    """The array of an object with any of the four methods."""
    cdef elea_error err = NO_ERROR
    cdef elea_array *out = NULL
    cdef Field field
    cdef ExtensionType extension
    method = getattr(given, "__arrow_c_array__", None)
    if method is not None:
        first, second = two_capsules(given, method, wanted)
        field = field_from(first)
        extension = extension_at(field.c)
        check(elea_array_import(array_struct(second), elea_field_type(field.c), NULL, &out, &err),
              &err)
    elif hasattr(given, "__arrow_c_stream__") or not hasattr(given, "__arrow_c_device_array__"):
        return of_type(chunked_array_import(given).combine_chunks(), wanted)
    else:
        first, second = two_capsules(given, given.__arrow_c_device_array__, wanted)
        field = field_from(first)
        extension = extension_at(field.c)
        check(elea_array_import_device(device_array_struct(second), elea_field_type(field.c), NULL,
                                       &out, &err), &err)
    return of_type(array_typed(out, isinstance(given, Array) and (<Array>given).is_safe,
                               extension), wanted)


cdef bint is_of_type(DataType found, DataType wanted) except -1:
    """Whether values are of a type. False for the storage of an extension type; others raise."""
    if wanted is None or wanted == found:
        return True
    if isinstance(wanted, ExtensionType) and (<ExtensionType>wanted).storage_type == found:
        return False
    raise WrongTypeError(f"the values are of {found} and not {wanted}; types are not cast here")


cdef Array of_type(Array values, DataType wanted):
    """The values, which are of the type, or of its storage and become those of the type."""
    cdef bint is_plain = not isinstance(wanted, ExtensionType)
    if is_of_type(values.type, wanted) and is_plain:
        return values
    return with_extension(values, wanted)


cdef ChunkedArray chunked_array_import(object given):
    cdef elea_error err = NO_ERROR
    cdef elea_chunked_array *out = NULL
    cdef elea_field *found = NULL
    cdef elea_status status
    cdef ChunkedArray result
    cdef ArrowArrayStream *stream
    cdef ArrowDeviceArrayStream *device
    if hasattr(given, "__arrow_c_stream__"):
        capsule = given.__arrow_c_stream__()
        stream = stream_struct(capsule)
        with nogil:
            status = elea_chunked_array_import_field(stream, NULL, &out, &found, &err)
    elif hasattr(given, "__arrow_c_device_stream__"):
        capsule = given.__arrow_c_device_stream__()
        device = device_stream_struct(capsule)
        with nogil:
            status = elea_chunked_array_import_field_device(device, NULL, &out, &found, &err)
    else:
        return chunked_array(array_import(given, None))
    check_stream(status, &err)
    field = field_steal(found)
    result = chunked_array_steal(out, None)
    result.extension = as_extension(field.type)
    return result


cdef object rows_of(object given):
    """Itself, or the storage of what has an extension type: that is none of a table's."""
    if isinstance(given, ChunkedArray) and (<ChunkedArray>given).extension is not None:
        return chunked_array_of([chunk.storage for chunk in given.chunks], given.type.storage_type)
    return given.storage if isinstance(given, ExtensionArray) else given


cdef RecordBatch record_batch_import(object given):
    """The batch of an object with any of the four methods; None for others."""
    given = rows_of(given)
    method = getattr(given, "__arrow_c_array__", None)
    if method is not None:
        return record_batch_from(two_capsules(given, method), False)
    method = getattr(given, "__arrow_c_device_array__", None)
    if method is not None:
        return record_batch_from(two_capsules(given, method), True)
    return table_import(given).to_batch() if speaks_arrow(given) else None


cdef RecordBatch record_batch_from(tuple capsules, bint is_device):
    cdef elea_error err = NO_ERROR
    cdef elea_record_batch *out = NULL
    cdef elea_schema *schema = schema_new_from(capsules[0])
    try:
        if is_device:
            check(elea_record_batch_import_device(device_array_struct(capsules[1]), schema, NULL,
                                                  &out, &err), &err)
        else:
            check(elea_record_batch_import(array_struct(capsules[1]), schema, NULL, &out, &err),
                  &err)
    finally:
        elea_schema_unref(schema)
    return record_batch_steal(out)


cdef Table table_import(object given):
    if hasattr(given, "__arrow_c_stream__") or hasattr(given, "__arrow_c_device_stream__"):
        return reader_import(given, None).read_all()
    return table_from_batches([record_batch_import(given)])


cdef RecordBatchReader reader_import(object given, object schema):
    """A stream over an object with `__arrow_c_stream__`, or its device form."""
    cdef elea_error err = NO_ERROR
    cdef elea_record_stream *out = NULL
    cdef elea_status status
    cdef ArrowArrayStream *stream
    cdef ArrowDeviceArrayStream *device
    requested = None if schema is None else ensure_schema(schema).__arrow_c_schema__()
    given = rows_of(given)
    if hasattr(given, "__arrow_c_stream__"):
        capsule = given.__arrow_c_stream__(requested)
        stream = stream_struct(capsule)
        with nogil:
            status = elea_record_stream_import(stream, NULL, &out, &err)
    elif hasattr(given, "__arrow_c_device_stream__"):
        capsule = given.__arrow_c_device_stream__(requested)
        device = device_stream_struct(capsule)
        with nogil:
            status = elea_record_stream_import_device(device, NULL, &out, &err)
    elif speaks_arrow(given):
        return table_from_batches([record_batch_import(given)]).to_reader()
    else:
        raise WrongTypeError("expected an object with __arrow_c_stream__, as tables of pyarrow, "
                             f"Polars, pandas or DuckDB; got {shown(given)}")
    check_stream(status, &err)
    result = reader_steal(out)
    if schema is not None and not result.schema.equals(ensure_schema(schema)):
        raise WrongTypeError(f"expected a stream of\n{ensure_schema(schema)}\ngot one of\n"
                             f"{result.schema}")
    return result


# What a consumer asks for.

cdef int check_keywords(dict given) except -1:
    """Future arguments of the device methods must be None, as the interface says."""
    for name, value in given.items():
        if value is not None:
            raise UnsupportedError(f"the argument {name}={value!r} is not known here")
    return 0


cdef int check_requested(const elea_type *type, object requested) except -1:
    """A requested schema asks for another form of the same data, which may be declined: the data
    go out as they are. What is not the same data is refused."""
    if requested is None:
        return 0
    asked = field_from(requested).type
    mine = type_wrap(type)
    if not same_shape(mine, asked):
        raise WrongTypeError(f"values of {mine} were asked for as {asked}, which is not another "
                             "form of the same data")
    return 0


cdef int check_requested_schema(const elea_schema *mine, object requested) except -1:
    if requested is None:
        return 0
    schema, asked = schema_wrap(mine), schema_from(requested)
    if not same_shape(struct(list(schema)), struct(list(asked))):
        raise WrongTypeError(f"columns of\n{schema}\nwere asked for as\n{asked}\nwhich is not "
                             "another form of the same data")
    return 0


cdef bint same_shape(DataType a, DataType b):
    """Whether both are structs of as many children, or lists, or neither, all the way down."""
    for encoded in (ELEA_TYPE_DICTIONARY, ELEA_TYPE_RUN_END_ENCODED):
        if elea_type_id_of(a.c) == encoded:
            return same_shape(a.value_type, b)
        if elea_type_id_of(b.c) == encoded:
            return same_shape(a, b.value_type)
    if a.num_fields == 0 or b.num_fields == 0:
        return a.num_fields == b.num_fields or elea_type_id_of(a.c) == ELEA_TYPE_NULL
    if a.is_list_like != b.is_list_like or a.num_fields != b.num_fields:
        return False
    return all(same_shape(x.type, y.type) for x, y in zip(a.fields, b.fields))
