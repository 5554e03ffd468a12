// SPDX-License-Identifier: Apache-2.0
//
// Validation of the shape of arrays: what can be told from lengths, sizes and the outermost
// offsets, without a look at all values. Everything that reads an array relies on what is checked
// here; the values are the matter of validate_full.c. Messages name the path from the outside in.
#include <string.h>

#include "base/math_internal.h"
#include "columnar/validate_internal.h"

elea_status elea__array_check_counts(const elea_array_parts *parts, elea_error *err) {
    const elea_type *type = parts->type;
    const char *name = elea_type_id_name(type->id);
    int64_t buffer_count = 0;
    for (const char *letter = elea_layout_buffers(type->layout); *letter; letter++)
        buffer_count++;
    bool variadic = type->layout == ELEA_LAYOUT_BINARY_VIEW;
    if (parts->buffer_count < buffer_count || (!variadic && parts->buffer_count != buffer_count))
        return elea_error_set(err, ELEA_EINVAL, "%lld buffers, expected %lld for %s",
                              (long long)parts->buffer_count, (long long)buffer_count, name);
    if (parts->child_count != type->child_count)
        return elea_error_set(err, ELEA_EINVAL, "%lld children, expected %lld for %s",
                              (long long)parts->child_count, (long long)type->child_count, name);
    if (!parts->dictionary != (type->layout != ELEA_LAYOUT_DICTIONARY))
        return elea_error_set(err, ELEA_EINVAL, "a %s %s dictionary", name,
                              parts->dictionary ? "with a" : "without a");
    for (int64_t i = 0; i < parts->child_count; i++) {
        if (!parts->children[i])
            return elea_error_set(err, ELEA_EINVAL, "child %lld of a %s is missing", (long long)i,
                                  name);
    }
    return ELEA_OK;
}

static elea_status fail(elea_error *err, const elea_array *array, const char *what, int64_t found,
                        int64_t expected) {
    return elea_error_set(err, ELEA_EINVAL, "%s of %s: %lld, expected at least %lld", what,
                          elea_type_id_name(array->type->id), (long long)found,
                          (long long)expected);
}

bool elea__buffer_size_needed(const elea_type *type, char letter, int64_t count, int64_t *out) {
    int32_t bits = elea__buffer_bits(type, letter);
    bool has_end = (letter == 'o' || letter == 'O') && elea__layout_has_end_offset(type->layout);
    *out = 0;
    if (letter == 'c')
        return true;
    if (bits > 1)
        return !elea__mul_overflow(count + has_end, bits / 8, out);
    *out = bits == 1 ? elea_bitmap_size(count) : 0;
    return true;
}

static elea_status check_buffers(const elea_array *array, int64_t count, elea_error *err) {
    const char *letters = elea_layout_buffers(array->type->layout);
    for (int64_t i = 0; letters[i]; i++) {
        int64_t needed;
        int64_t size = elea_buffer_size(array->buffers[i]);
        bool absent = !elea_buffer_data(array->buffers[i]);
        if (!elea__buffer_size_needed(array->type, letters[i], count, &needed))
            return elea_error_set(err, ELEA_EINVAL, "%lld values of %s are more than memory holds",
                                  (long long)count, elea_type_id_name(array->type->id));
        if (letters[i] == 'v' && !array->buffers[i])
            continue;
        // An empty array may come without its one offset.
        if (count == 0 && size == 0)
            continue;
        if (size < needed || (absent && needed > 0))
            return elea_error_set(err, ELEA_EINVAL,
                                  "the %s of %s: %lld bytes, expected at least %lld",
                                  elea__buffer_text(letters[i]), elea_type_id_name(array->type->id),
                                  (long long)(absent ? 0 : size), (long long)needed);
    }
    return ELEA_OK;
}

static elea_status check_null_count(const elea_array *array, elea_error *err) {
    int64_t count = __atomic_load_n(&array->null_count, __ATOMIC_RELAXED);
    elea_layout layout = array->type->layout;
    if (count < -1 || count > array->length)
        return elea_error_set(err, ELEA_EINVAL, "null count %lld of %lld rows", (long long)count,
                              (long long)array->length);
    if (elea__layout_has_validity(layout) && !array->buffers[0] && count > 0)
        return elea_error_set(err, ELEA_EINVAL, "null count %lld without a validity bitmap",
                              (long long)count);
    return ELEA_OK;
}

// The first and the last offset of the window, against what they point into.
static elea_status check_outer_offsets(const elea_array *array, elea_error *err) {
    elea_layout layout = array->type->layout;
    const uint8_t *offsets = elea_buffer_data(array->buffers[1]);
    if (!offsets)
        return ELEA_OK;
    bool is_binary = layout == ELEA_LAYOUT_BINARY || layout == ELEA_LAYOUT_LARGE_BINARY;
    bool is_64 = layout == ELEA_LAYOUT_LARGE_BINARY || layout == ELEA_LAYOUT_LARGE_LIST;
    if (array->length == 0 && elea_buffer_size(array->buffers[1]) < (is_64 ? 8 : 4))
        return ELEA_OK;
    int64_t first = elea__load_offset(offsets, array->offset, is_64);
    int64_t last = elea__load_offset(offsets, array->offset + array->length, is_64);
    if (first < 0 || last < first)
        return elea_error_set(err, ELEA_EINVAL, "offset %lld is %lld after a first of %lld",
                              (long long)array->length, (long long)last, (long long)first);
    int64_t end = is_binary ? elea_buffer_size(array->buffers[2]) : array->children[0]->length;
    if (last > end)
        return elea_error_set(
            err, ELEA_EINVAL, "offset %lld is %lld, past the end of the %s (%lld%s)",
            (long long)array->length, (long long)last, is_binary ? "values" : "child",
            (long long)end, is_binary ? " bytes" : " rows");
    return ELEA_OK;
}

static elea_status check_child_types(const elea_array *array, elea_error *err) {
    for (int64_t i = 0; i < array->child_count; i++) {
        const elea_type *type = array->type->children[i]->type;
        const elea_type *found = array->children[i]->type;
        if (!elea_type_equal(type, found, false))
            return elea_error_set(err, ELEA_ETYPE, "child %lld is a %s, expected %s", (long long)i,
                                  elea_type_id_name(found->id), elea_type_id_name(type->id));
    }
    if (array->dictionary &&
        !elea_type_equal(array->dictionary->type, array->type->value_type, false))
        return elea_error_set(err, ELEA_ETYPE, "the dictionary holds %s, expected %s",
                              elea_type_id_name(array->dictionary->type->id),
                              elea_type_id_name(array->type->value_type->id));
    return ELEA_OK;
}

// Children that lie row by row beside their parent hold as many rows, or a fixed number each.
static elea_status check_child_lengths(const elea_array *array, int64_t count, elea_error *err) {
    elea_layout layout = array->type->layout;
    int64_t needed = count;
    if (layout == ELEA_LAYOUT_FIXED_SIZE_LIST) {
        if (elea__mul_overflow(count, array->type->fixed_size, &needed))
            return elea_error_set(err, ELEA_EINVAL, "%lld lists of %d are more than memory holds",
                                  (long long)count, array->type->fixed_size);
    } else if (layout != ELEA_LAYOUT_STRUCT && layout != ELEA_LAYOUT_SPARSE_UNION) {
        return ELEA_OK;
    }
    for (int64_t i = 0; i < array->child_count; i++) {
        if (array->children[i]->length < needed)
            return fail(err, array, "rows of a child", array->children[i]->length, needed);
    }
    return ELEA_OK;
}

static elea_status check_run_ends(const elea_array *array, int64_t count, elea_error *err) {
    const elea_array *ends = array->children[0];
    // Its last value is read here, before its own turn comes.
    elea_status status = elea__array_validate_shallow(ends, err);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "run_ends");
    if (ends->length != array->children[1]->length)
        return elea_error_set(err, ELEA_EINVAL, "%lld run ends for %lld values",
                              (long long)ends->length, (long long)array->children[1]->length);
    if (elea_array_null_count(ends) != 0)
        return elea_error_set(err, ELEA_EINVAL, "%lld run ends are null",
                              (long long)elea_array_null_count(ends));
    elea_span span;
    elea_span_of(ends, &span);
    int64_t last = ends->length > 0 ? elea_span_get_int(&span, ends->length - 1) : 0;
    if (last < count)
        return fail(err, array, "the last run end", last, count);
    return ELEA_OK;
}

elea_status elea__array_validate_shallow(const elea_array *array, elea_error *err) {
    int64_t count;
    elea_layout layout = array->type->layout;
    elea_array_parts parts = elea__array_parts_of(array);
    ELEA_TRY(elea__array_check_counts(&parts, err));
    // One value more than there are must be countable, too: offsets have it.
    if (array->length < 0 || array->offset < 0 ||
        elea__add_overflow(array->offset, array->length, &count) || count == INT64_MAX)
        return elea_error_set(err, ELEA_EINVAL, "length %lld at offset %lld",
                              (long long)array->length, (long long)array->offset);
    ELEA_TRY(check_null_count(array, err));
    ELEA_TRY(check_child_types(array, err));
    ELEA_TRY(check_buffers(array, count, err));
    ELEA_TRY(check_child_lengths(array, count, err));
    if (elea__layout_has_end_offset(layout))
        ELEA_TRY(check_outer_offsets(array, err));
    if (layout == ELEA_LAYOUT_RUN_END_ENCODED)
        ELEA_TRY(check_run_ends(array, count, err));
    return ELEA_OK;
}

// Puts the name of child `index` before a message.
static elea_status prefix_child(const elea_array *array, int64_t index, elea_status status,
                                elea_error *err) {
    const char *name = array->type->children[index]->name;
    bool named = array->type->layout == ELEA_LAYOUT_STRUCT || array->type->codes;
    return named ? elea_error_prefix(err, status, "field \"%s\"", name)
                 : elea_error_prefix(err, status, "%s", name);
}

elea_status elea_array_validate(const elea_array *array, elea_validation validation,
                                elea_error *err) {
    ELEA_TRY(elea__array_validate_shallow(array, err));
    for (int64_t i = 0; i < array->child_count; i++) {
        elea_status status = elea_array_validate(array->children[i], validation, err);
        if (status != ELEA_OK)
            return prefix_child(array, i, status, err);
    }
    if (array->dictionary) {
        elea_status status = elea_array_validate(array->dictionary, validation, err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "dictionary");
    }
    // The children are sound now, so that checks of values may read them.
    if (validation == ELEA_VALIDATE_QUICK)
        return ELEA_OK;
    return elea__array_validate_values(array, validation == ELEA_VALIDATE_FULL, err);
}
