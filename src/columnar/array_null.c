// SPDX-License-Identifier: Apache-2.0
//
// Arrays of nulls of any type: each buffer of the layout as zeros, which is right for all but type
// codes and run ends.
#include <string.h>

#include "base/math_internal.h"
#include "columnar/array_internal.h"
#include "columnar/validate_internal.h"

// Children of an array of nulls: as long as the layout asks, or empty where rows point into them.
static elea_status child_length(const elea_type *type, int64_t length, int64_t *out,
                                elea_error *err) {
    bool beside = type->layout == ELEA_LAYOUT_STRUCT || type->layout == ELEA_LAYOUT_SPARSE_UNION;
    bool shared =
        type->layout == ELEA_LAYOUT_DENSE_UNION || type->layout == ELEA_LAYOUT_RUN_END_ENCODED;
    *out = beside ? length : shared ? elea__min(length, 1) : 0;
    if (type->layout == ELEA_LAYOUT_FIXED_SIZE_LIST &&
        elea__mul_overflow(length, type->fixed_size, out))
        return elea_error_set(err, ELEA_ECAPACITY, "%lld nulls of %s are more than memory holds",
                              (long long)length, elea_type_id_name(type->id));
    return ELEA_OK;
}

static elea_status null_buffer(elea_pool *pool, const elea_type *type, char letter, int64_t length,
                               elea_buffer **out, elea_error *err) {
    int64_t size;
    if (!elea__buffer_size_needed(type, letter, length, &size))
        return elea_error_set(err, ELEA_ECAPACITY, "%lld nulls of %s are more than memory holds",
                              (long long)length, elea_type_id_name(type->id));
    ELEA_TRY(elea_buffer_new(pool, size, out, err));
    // Rows of a union belong to its first type, which holds the nulls.
    int code = letter == 't' && type->child_count > 0 ? type->codes[0] : 0;
    memset(elea_buffer_mutable_data(*out), code, (size_t)size);
    return ELEA_OK;
}

// The run ends of `length` nulls: one run.
static elea_status null_run_end(elea_pool *pool, const elea_type *type, int64_t length,
                                elea_array **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_builder *builder = NULL;
    ELEA_GOTO(done, elea_builder_new(pool, type, &builder, err));
    if (length > 0)
        ELEA_GOTO(done, elea_builder_append_int(builder, length, err));
    ELEA_GOTO(done, elea_builder_finish(builder, out, err));

done:
    elea_builder_free(builder);
    return status;
}

static elea_status null_parts(elea_pool *pool, const elea_type *type, int64_t length,
                              elea_buffer **buffers, elea_array **children, elea_array **dictionary,
                              elea_error *err) {
    const char *letters = elea_layout_buffers(type->layout);
    int64_t below;
    ELEA_TRY(child_length(type, length, &below, err));
    for (int64_t i = 0; letters[i]; i++)
        ELEA_TRY(null_buffer(pool, type, letters[i], length, &buffers[i], err));
    for (int64_t i = 0; i < type->child_count; i++) {
        const elea_type *child = type->children[i]->type;
        bool is_run_end = type->layout == ELEA_LAYOUT_RUN_END_ENCODED && i == 0;
        // Only the first child of a dense union is pointed into.
        bool is_unused = type->layout == ELEA_LAYOUT_DENSE_UNION && i > 0;
        if (is_run_end)
            ELEA_TRY(null_run_end(pool, child, length, &children[i], err));
        else
            ELEA_TRY(elea_array_new_null(pool, child, is_unused ? 0 : below, &children[i], err));
    }
    return type->value_type ? elea_array_new_null(pool, type->value_type, 0, dictionary, err)
                            : ELEA_OK;
}

elea_status elea_array_new_null(elea_pool *pool, const elea_type *type, int64_t length,
                                elea_array **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_buffer *buffers[3] = {NULL};
    elea_array *dictionary = NULL;
    void *table;
    int64_t table_size = type->child_count * (int64_t)sizeof(elea_array *);
    if (length < 0)
        return elea_error_set(err, ELEA_EINVAL, "an array of %lld nulls", (long long)length);
    bool is_union = elea_layout_buffers(type->layout)[0] == 't';
    if (is_union && type->child_count == 0 && length > 0)
        return elea_error_set(err, ELEA_EINVAL, "a union without types has no rows");
    ELEA_TRY(elea_alloc_zero(pool, table_size, &table, err));
    elea_array **children = table;
    ELEA_GOTO(done, null_parts(pool, type, length, buffers, children, &dictionary, err));
    elea_array_parts parts = {.type = type,
                              .length = length,
                              .null_count = elea__layout_has_validity(type->layout) ? length : 0,
                              .buffers = (const elea_buffer *const *)buffers,
                              .buffer_count = (int64_t)strlen(elea_layout_buffers(type->layout)),
                              .children = (const elea_array *const *)children,
                              .child_count = type->child_count,
                              .dictionary = dictionary};
    ELEA_GOTO(done, elea_array_new(pool, &parts, out, err));

done:
    for (int64_t i = 0; i < 3; i++)
        elea_buffer_unref(buffers[i]);
    for (int64_t i = 0; i < type->child_count; i++)
        elea_array_unref(children[i]);
    elea_array_unref(dictionary);
    elea_dealloc(pool, table, table_size);
    return status;
}
