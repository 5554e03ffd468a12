// SPDX-License-Identifier: Apache-2.0
//
// Arrays: shared, immutable windows on shared buffers.

#include "base/math_internal.h"
#include "columnar/array_internal.h"
#include "columnar/ref_internal.h"

elea_status elea__array_new_unchecked(elea_pool *pool, const elea_array_parts *parts,
                                      elea_array **out, elea_error *err) {
    int64_t pointers;
    int64_t size;
    if (elea__add_overflow(parts->buffer_count, parts->child_count, &pointers) ||
        elea__mul_overflow(pointers, (int64_t)sizeof(void *), &size) ||
        elea__add_overflow(size, (int64_t)sizeof(elea_array), &size))
        return elea_error_set(err, ELEA_ECAPACITY, "an array of %lld buffers is too large",
                              (long long)parts->buffer_count);
    void *block;
    ELEA_TRY(elea_alloc(pool, size, &block, err));
    elea_array *array = block;
    *array = (elea_array){.refcount = 1,
                          .pool = pool,
                          .allocated = size,
                          .type = elea_type_ref(parts->type),
                          .length = parts->length,
                          .offset = parts->offset,
                          .null_count = parts->null_count,
                          .buffer_count = parts->buffer_count,
                          .child_count = parts->child_count,
                          .buffers = (elea_buffer **)(array + 1),
                          .children = (elea_array **)(array + 1) + parts->buffer_count,
                          .dictionary = elea_array_ref(parts->dictionary)};
    for (int64_t i = 0; i < parts->buffer_count; i++) {
        elea_buffer *buffer = elea__unconst(parts->buffers[i]);
        array->buffers[i] = buffer ? elea_buffer_ref(buffer) : NULL;
    }
    for (int64_t i = 0; i < parts->child_count; i++)
        array->children[i] = elea_array_ref(parts->children[i]);
    *out = array;
    return ELEA_OK;
}

elea_array_parts elea__array_parts_of(const elea_array *array) {
    return (elea_array_parts){.type = array->type,
                              .length = array->length,
                              .offset = array->offset,
                              .null_count = __atomic_load_n(&array->null_count, __ATOMIC_RELAXED),
                              .buffers = (const elea_buffer *const *)array->buffers,
                              .buffer_count = array->buffer_count,
                              .children = (const elea_array *const *)array->children,
                              .child_count = array->child_count,
                              .dictionary = array->dictionary};
}

elea_status elea_array_new(elea_pool *pool, const elea_array_parts *parts, elea_array **out,
                           elea_error *err) {
    elea_array *array;
    ELEA_TRY(elea__array_check_counts(parts, err));
    ELEA_TRY(elea__array_new_unchecked(pool, parts, &array, err));
    elea_status status = elea__array_validate_shallow(array, err);
    if (status == ELEA_OK)
        *out = array;
    else
        elea_array_unref(array);
    return status;
}

elea_array *elea_array_ref(const elea_array *array) {
    elea_array *shared = elea__unconst(array);
    if (shared)
        elea__count_ref(&shared->refcount);
    return shared;
}

void elea_array_unref(elea_array *array) {
    if (!array || !elea__count_unref(&array->refcount))
        return;
    for (int64_t i = 0; i < array->buffer_count; i++)
        elea_buffer_unref(array->buffers[i]);
    for (int64_t i = 0; i < array->child_count; i++)
        elea_array_unref(array->children[i]);
    elea_array_unref(array->dictionary);
    elea_type_unref(array->type);
    if (array->arena)
        elea__arena_unref(array->arena);
    else
        elea_dealloc(array->pool, array, array->allocated);
}

const elea_type *elea_array_type(const elea_array *array) { return array->type; }

int64_t elea_array_length(const elea_array *array) { return array->length; }

int64_t elea_array_offset(const elea_array *array) { return array->offset; }

int64_t elea_array_null_count(const elea_array *array) {
    if (array->type->layout == ELEA_LAYOUT_NULL)
        return array->length;
    const elea_buffer *validity =
        elea__layout_has_validity(array->type->layout) ? array->buffers[0] : NULL;
    if (!validity)
        return 0;
    int64_t count = __atomic_load_n(&array->null_count, __ATOMIC_RELAXED);
    if (count < 0) {
        count = array->length -
                elea_bitmap_count(elea_buffer_data(validity), array->offset, array->length);
        // Threads that race here store the same number.
        elea_array *shared = elea__unconst(array);
        __atomic_store_n(&shared->null_count, count, __ATOMIC_RELAXED);
    }
    return count;
}

int64_t elea_array_buffer_count(const elea_array *array) { return array->buffer_count; }

const elea_buffer *elea_array_buffer(const elea_array *array, int64_t index) {
    return array->buffers[index];
}

int64_t elea_array_child_count(const elea_array *array) { return array->child_count; }

const elea_array *elea_array_child(const elea_array *array, int64_t index) {
    return array->children[index];
}

const elea_array *elea_array_dictionary(const elea_array *array) { return array->dictionary; }

elea_status elea_array_slice(const elea_array *array, int64_t offset, int64_t length,
                             elea_array **out, elea_error *err) {
    if (!elea__range_inside(offset, length, array->length))
        return elea_error_set(err, ELEA_EINDEX, "rows %lld to %lld of an array of %lld rows",
                              (long long)offset, (long long)(offset + (uint64_t)length),
                              (long long)array->length);
    if (length == array->length) {
        *out = elea_array_ref(array);
        return ELEA_OK;
    }
    elea_array_parts parts = elea__array_parts_of(array);
    // No nulls stay no nulls, and all stay all; else the slice counts for itself.
    if (parts.null_count == array->length)
        parts.null_count = length;
    else if (parts.null_count > 0)
        parts.null_count = -1;
    parts.offset += offset;
    parts.length = length;
    return elea__array_new_unchecked(array->pool, &parts, out, err);
}
