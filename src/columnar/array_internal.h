// SPDX-License-Identifier: Apache-2.0
//
// What an array is made of, and the way to make one without checks, for callers who know that their
// parts are right (kernels, builders) or who validate later (importers).
#ifndef ELEA_COLUMNAR_ARRAY_INTERNAL_H
#define ELEA_COLUMNAR_ARRAY_INTERNAL_H

#include "base/buffer_internal.h"
#include "columnar/type_internal.h"

// A view of at most so many bytes carries them itself.
#define ELEA__VIEW_INLINE_MAX 12

// One allocation holds the struct and both pointer tables, or all lie in an arena with others.
struct elea_array {
    int32_t refcount;
    elea_pool *pool;
    elea__arena *arena; // a reference; NULL: an allocation of its own
    int64_t allocated;
    elea_type *type;
    int64_t length;
    int64_t offset;
    int64_t null_count; // -1 until asked for; read and written atomically
    int64_t buffer_count;
    int64_t child_count;
    elea_buffer **buffers;
    elea_array **children;
    elea_array *dictionary;
};

// As elea_array_new(), but checks only that memory suffices. elea_array_validate() may be called on
// the result, whatever the parts are; nothing else may before it has passed.
ELEA_CHECKED elea_status elea__array_new_unchecked(elea_pool *pool, const elea_array_parts *parts,
                                                   elea_array **out, elea_error *err);

// The parts of an existing array, borrowed; change what is to differ and make a new one.
elea_array_parts elea__array_parts_of(const elea_array *array);

// Whether there are as many buffers and children as the type has, and a dictionary where it has
// one. All else relies on it.
ELEA_CHECKED elea_status elea__array_check_counts(const elea_array_parts *parts, elea_error *err);

// Quick validation of the array itself, not of its children.
ELEA_CHECKED elea_status elea__array_validate_shallow(const elea_array *array, elea_error *err);

// The row of a union's child that stands for row `index`, and the run (the row of the values) that
// holds row `index` of a run-end encoded span, by binary search.
int64_t elea__union_child_row(const elea_span *span, int64_t index);
int64_t elea__run_of(const elea_span *span, int64_t index);

// Reads one entry of a buffer, which may lie at any address: foreign buffers need not be aligned.
static inline int32_t elea__load_int32(const uint8_t *values, int64_t index) {
    int32_t value;
    __builtin_memcpy(&value, values + index * 4, sizeof value);
    return value;
}
static inline int64_t elea__load_int64(const uint8_t *values, int64_t index) {
    int64_t value;
    __builtin_memcpy(&value, values + index * 8, sizeof value);
    return value;
}
// An offset or a size of 32 or 64 bits.
static inline int64_t elea__load_offset(const uint8_t *values, int64_t index, bool is_64) {
    return is_64 ? elea__load_int64(values, index) : elea__load_int32(values, index);
}

#endif // ELEA_COLUMNAR_ARRAY_INTERNAL_H
