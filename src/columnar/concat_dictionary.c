// SPDX-License-Identifier: Apache-2.0
//
// One dictionary out of several: each value once, in order of appearance. Values are found again by
// a hash table with open addressing; values of nested types are hashed by their text, which equal
// values share.
#include "base/math_internal.h"
#include "columnar/concat_internal.h"
#include "columnar/equal_internal.h"
#include "columnar/format_internal.h"

typedef struct found_value {
    const elea_array *array;
    int64_t row;
    uint64_t hash;
} found_value;

typedef struct unifier {
    elea_pool *pool;
    elea_text text;      // of the value that is hashed
    found_value *values; // room for all values of all dictionaries
    int64_t count;
    int64_t *slots; // 1 + the number of a value, or 0
    uint64_t mask;
} unifier;

static bool is_float(elea_type_id id) {
    return id == ELEA_TYPE_FLOAT16 || id == ELEA_TYPE_FLOAT32 || id == ELEA_TYPE_FLOAT64;
}

// All NaN are one value; nulls are one, too.
static elea_status hash_value(unifier *unify, const elea_span *span, int64_t row, uint64_t *out,
                              elea_error *err) {
    elea_bytes bytes = {NULL, 0};
    elea_layout layout = span->type->layout;
    bool is_nan = false;
    if (is_float(span->id) && elea_span_is_valid(span, row)) {
        double value = elea_span_get_double(span, row);
        is_nan = value != value;
    }
    bool is_bytes = layout == ELEA_LAYOUT_FIXED || layout == ELEA_LAYOUT_BINARY ||
                    layout == ELEA_LAYOUT_LARGE_BINARY || layout == ELEA_LAYOUT_BINARY_VIEW;
    if (!is_bytes) {
        const elea__value_style style = {.quoted = true, .null_text = "null"};
        elea_text_reset(&unify->text);
        ELEA_TRY(elea__value_format(span, row, &style, &unify->text, err));
        bytes = (elea_bytes){unify->text.data, unify->text.size};
    } else if (elea_span_is_valid(span, row) && !is_nan) {
        bytes = elea_span_get_bytes(span, row);
    }
    *out = elea_hash64(bytes.data, bytes.size, (uint64_t)is_nan);
    return ELEA_OK;
}

// The number of a value, which is new when it is not there yet.
static elea_status number_of(unifier *unify, const elea_span *span, int64_t row, int64_t *out,
                             elea_error *err) {
    const elea_equal_options strict = {.nans_equal = true};
    uint64_t hash;
    ELEA_TRY(hash_value(unify, span, row, &hash, err));
    uint64_t slot = hash & unify->mask;
    for (; unify->slots[slot] > 0; slot = (slot + 1) & unify->mask) {
        const found_value *value = &unify->values[unify->slots[slot] - 1];
        if (value->hash == hash &&
            elea__range_equal(value->array, value->row, span->array, row, 1, &strict)) {
            *out = unify->slots[slot] - 1;
            return ELEA_OK;
        }
    }
    unify->values[unify->count++] = (found_value){span->array, row, hash};
    unify->slots[slot] = unify->count;
    *out = unify->count - 1;
    return ELEA_OK;
}

static elea_status unifier_init(unifier *unify, elea_pool *pool, int64_t value_count,
                                elea_error *err) {
    int64_t slot_count = 16;
    void *values;
    void *slots;
    *unify = (unifier){.pool = pool};
    elea_text_init(&unify->text, pool);
    while (slot_count < value_count * 2)
        slot_count *= 2;
    unify->mask = (uint64_t)slot_count - 1;
    int64_t size = value_count * (int64_t)sizeof(found_value);
    ELEA_TRY(elea_alloc(pool, size, &values, err));
    elea_status status = elea_alloc_zero(pool, slot_count * (int64_t)sizeof(int64_t), &slots, err);
    if (status != ELEA_OK) {
        elea_dealloc(pool, values, size);
        return status;
    }
    unify->values = values;
    unify->slots = slots;
    return ELEA_OK;
}

static void unifier_release(unifier *unify, int64_t value_count) {
    elea_dealloc(unify->pool, unify->values, value_count * (int64_t)sizeof(found_value));
    elea_dealloc(unify->pool, unify->slots, (int64_t)(unify->mask + 1) * (int64_t)sizeof(int64_t));
    elea_text_release(&unify->text);
}

// The rows of all values, neighbours as one range, become the dictionary.
static elea_status unifier_finish(const unifier *unify, const elea_type *type, elea_array **out,
                                  elea_error *err) {
    void *table;
    int64_t size = unify->count * (int64_t)sizeof(elea__range);
    int64_t count = 0;
    ELEA_TRY(elea_alloc(unify->pool, size, &table, err));
    elea__range *ranges = table;
    for (int64_t i = 0; i < unify->count; i++) {
        const found_value *value = &unify->values[i];
        elea__range *last = count > 0 ? &ranges[count - 1] : NULL;
        if (last && last->array == value->array && last->row + last->length == value->row)
            last->length++;
        else
            ranges[count++] = (elea__range){value->array, value->row, 1};
    }
    elea_status status = elea__ranges_concat(unify->pool, type, ranges, count, out, err);
    elea_dealloc(unify->pool, table, size);
    return status;
}

// Whether range `i` has the dictionary of the range before it, whose map then serves both.
static bool same_as_before(const elea__range *ranges, int64_t i) {
    return i > 0 && ranges[i].array->dictionary == ranges[i - 1].array->dictionary;
}

static elea_status fill_maps(unifier *unify, const elea__range *ranges, int64_t count,
                             elea__unified *out, elea_error *err) {
    int64_t *next = (int64_t *)(out->maps + count);
    for (int64_t i = 0; i < count; i++) {
        elea_span span;
        out->maps[i] = same_as_before(ranges, i) ? out->maps[i - 1] : next;
        elea_span_of(ranges[i].array->dictionary, &span);
        for (int64_t row = 0; row < span.length && !same_as_before(ranges, i); row++)
            ELEA_TRY(number_of(unify, &span, row, next++, err));
    }
    return ELEA_OK;
}

elea_status elea__dictionaries_unify(elea_pool *pool, const elea_type *value_type,
                                     const elea__range *ranges, int64_t count, elea__unified *out,
                                     elea_error *err) {
    unifier unify;
    int64_t value_count = 0;
    int64_t map_size;
    elea__unified made = {.dictionary = NULL};
    for (int64_t i = 0; i < count; i++)
        value_count += same_as_before(ranges, i) ? 0 : ranges[i].array->dictionary->length;
    // Eight entries of room for each value stay far from overflow when this one does not.
    if (elea__mul_overflow(value_count + count, 64, &map_size))
        return elea_error_set(err, ELEA_ECAPACITY, "%lld values in the dictionaries of %lld arrays",
                              (long long)value_count, (long long)count);
    made.map_size = (value_count + count) * (int64_t)sizeof(int64_t);
    ELEA_TRY(elea_alloc(pool, made.map_size, &made.map_block, err));
    made.maps = made.map_block;
    elea_status status = unifier_init(&unify, pool, value_count, err);
    if (status == ELEA_OK) {
        status = fill_maps(&unify, ranges, count, &made, err);
        if (status == ELEA_OK)
            status = unifier_finish(&unify, value_type, &made.dictionary, err);
        unifier_release(&unify, value_count);
    }
    if (status == ELEA_OK)
        *out = made;
    else
        elea_dealloc(pool, made.map_block, made.map_size);
    return status;
}
