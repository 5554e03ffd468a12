// SPDX-License-Identifier: Apache-2.0
//
// Equality of values. Two ranges are equal when they have the same nulls and, run by run of what is
// not null, the same values; a run lies close in memory, so that most layouts compare whole blocks.
#include <string.h>

#include "base/math_internal.h"
#include "columnar/array_internal.h"
#include "columnar/equal_internal.h"

void elea_equal_options_init(elea_equal_options *options) {
    *options = (elea_equal_options){.signed_zeros_equal = true};
}

// Two ranges of one length: rows `a_row` of `a` and `b_row` of `b` on.
typedef struct range_pair {
    elea_span a;
    elea_span b;
    const elea_equal_options *options;
} range_pair;

typedef bool (*compare_run)(const range_pair *pair, int64_t a_row, int64_t b_row, int64_t length);

static bool children_equal(const range_pair *pair, int64_t child, int64_t a_row, int64_t b_row,
                           int64_t length) {
    return elea__range_equal(pair->a.array->children[child], a_row, pair->b.array->children[child],
                             b_row, length, pair->options);
}

// ---- fixed width

static bool bits_run(const range_pair *pair, int64_t a_row, int64_t b_row, int64_t length) {
    return elea_bitmap_equal(pair->a.buffers[1], pair->a.offset + a_row, pair->b.buffers[1],
                             pair->b.offset + b_row, length);
}

static bool is_float(elea_type_id id) {
    return id == ELEA_TYPE_FLOAT16 || id == ELEA_TYPE_FLOAT32 || id == ELEA_TYPE_FLOAT64;
}

static bool fixed_run(const range_pair *pair, int64_t a_row, int64_t b_row, int64_t length) {
    int64_t width = elea__type_width(pair->a.type);
    if (is_float(pair->a.id))
        return elea__floats_equal(pair->a.id, pair->a.buffers[1] + (pair->a.offset + a_row) * width,
                                  pair->b.buffers[1] + (pair->b.offset + b_row) * width, length,
                                  pair->options);
    return width == 0 || memcmp(pair->a.buffers[1] + (pair->a.offset + a_row) * width,
                                pair->b.buffers[1] + (pair->b.offset + b_row) * width,
                                (size_t)(length * width)) == 0;
}

// ---- bytes

// Whether the values are of equal sizes: the offsets differ by the same number throughout.
static bool sizes_equal(const range_pair *pair, int64_t a_row, int64_t b_row, int64_t length,
                        bool is_64, int64_t *a_begin, int64_t *b_begin, int64_t *size) {
    const uint8_t *a = pair->a.buffers[1];
    const uint8_t *b = pair->b.buffers[1];
    *a_begin = elea__load_offset(a, pair->a.offset + a_row, is_64);
    *b_begin = elea__load_offset(b, pair->b.offset + b_row, is_64);
    for (int64_t i = 1; i <= length; i++) {
        if (elea__load_offset(a, pair->a.offset + a_row + i, is_64) - *a_begin !=
            elea__load_offset(b, pair->b.offset + b_row + i, is_64) - *b_begin)
            return false;
    }
    *size = elea__load_offset(a, pair->a.offset + a_row + length, is_64) - *a_begin;
    return true;
}

static bool binary_run(const range_pair *pair, int64_t a_row, int64_t b_row, int64_t length) {
    int64_t a_begin;
    int64_t b_begin;
    int64_t size;
    bool is_64 = pair->a.type->layout == ELEA_LAYOUT_LARGE_BINARY;
    if (!sizes_equal(pair, a_row, b_row, length, is_64, &a_begin, &b_begin, &size))
        return false;
    return size == 0 ||
           memcmp(pair->a.buffers[2] + a_begin, pair->b.buffers[2] + b_begin, (size_t)size) == 0;
}

static bool views_run(const range_pair *pair, int64_t a_row, int64_t b_row, int64_t length) {
    for (int64_t i = 0; i < length; i++) {
        elea_bytes x = elea_span_get_bytes(&pair->a, a_row + i);
        elea_bytes y = elea_span_get_bytes(&pair->b, b_row + i);
        if (x.size != y.size || (x.size > 0 && memcmp(x.data, y.data, (size_t)x.size) != 0))
            return false;
    }
    return true;
}

// ---- lists

static bool lists_run(const range_pair *pair, int64_t a_row, int64_t b_row, int64_t length) {
    int64_t a_begin;
    int64_t b_begin;
    int64_t size;
    bool is_64 = pair->a.type->layout == ELEA_LAYOUT_LARGE_LIST;
    return sizes_equal(pair, a_row, b_row, length, is_64, &a_begin, &b_begin, &size) &&
           children_equal(pair, 0, a_begin, b_begin, size);
}

static bool list_views_run(const range_pair *pair, int64_t a_row, int64_t b_row, int64_t length) {
    for (int64_t i = 0; i < length; i++) {
        int64_t a_begin;
        int64_t b_begin;
        int64_t a_size;
        int64_t b_size;
        elea_span_get_list(&pair->a, a_row + i, &a_begin, &a_size);
        elea_span_get_list(&pair->b, b_row + i, &b_begin, &b_size);
        if (a_size != b_size || !children_equal(pair, 0, a_begin, b_begin, a_size))
            return false;
    }
    return true;
}

static bool fixed_size_lists_run(const range_pair *pair, int64_t a_row, int64_t b_row,
                                 int64_t length) {
    int64_t size = pair->a.type->fixed_size;
    return children_equal(pair, 0, (pair->a.offset + a_row) * size, (pair->b.offset + b_row) * size,
                          length * size);
}

static bool structs_run(const range_pair *pair, int64_t a_row, int64_t b_row, int64_t length) {
    for (int64_t i = 0; i < pair->a.array->child_count; i++) {
        if (!children_equal(pair, i, pair->a.offset + a_row, pair->b.offset + b_row, length))
            return false;
    }
    return true;
}

// ---- unions, dictionaries, runs

static bool unions_run(const range_pair *pair, int64_t a_row, int64_t b_row, int64_t length) {
    for (int64_t i = 0; i < length; i++) {
        int8_t code = (int8_t)pair->a.buffers[1][pair->a.offset + a_row + i];
        if (code != (int8_t)pair->b.buffers[1][pair->b.offset + b_row + i] ||
            !children_equal(pair, elea_type_union_child(pair->a.type, code),
                            elea__union_child_row(&pair->a, a_row + i),
                            elea__union_child_row(&pair->b, b_row + i), 1))
            return false;
    }
    return true;
}

// Equal values may have different indices, where the dictionaries differ.
static bool dictionaries_run(const range_pair *pair, int64_t a_row, int64_t b_row, int64_t length) {
    elea_span a = pair->a;
    elea_span b = pair->b;
    const elea_array *a_values = a.array->dictionary;
    const elea_array *b_values = b.array->dictionary;
    a.id = a.type->index_type->id;
    b.id = b.type->index_type->id;
    for (int64_t i = 0; i < length; i++) {
        int64_t x = elea_span_get_int(&a, a_row + i);
        int64_t y = elea_span_get_int(&b, b_row + i);
        if (!elea__range_equal(a_values, x, b_values, y, 1, pair->options))
            return false;
    }
    return true;
}

static bool encoded_runs_run(const range_pair *pair, int64_t a_row, int64_t b_row, int64_t length) {
    elea_span a_ends;
    elea_span b_ends;
    elea_span_child(&pair->a, 0, &a_ends);
    elea_span_child(&pair->b, 0, &b_ends);
    int64_t a_at = pair->a.offset + a_row;
    int64_t b_at = pair->b.offset + b_row;
    int64_t i = elea__run_of(&pair->a, a_row);
    int64_t j = elea__run_of(&pair->b, b_row);
    while (length > 0) {
        if (!children_equal(pair, 1, i, j, 1))
            return false;
        int64_t a_rest = elea_span_get_int(&a_ends, i) - a_at;
        int64_t b_rest = elea_span_get_int(&b_ends, j) - b_at;
        int64_t step = elea__min(a_rest, b_rest);
        i += a_rest == step;
        j += b_rest == step;
        a_at += step;
        b_at += step;
        length -= step;
    }
    return true;
}

// ---- ranges

static compare_run comparer_of(elea_layout layout) {
    static const compare_run comparers[] = {
        [ELEA_LAYOUT_BIT] = bits_run,
        [ELEA_LAYOUT_FIXED] = fixed_run,
        [ELEA_LAYOUT_BINARY] = binary_run,
        [ELEA_LAYOUT_LARGE_BINARY] = binary_run,
        [ELEA_LAYOUT_BINARY_VIEW] = views_run,
        [ELEA_LAYOUT_LIST] = lists_run,
        [ELEA_LAYOUT_LARGE_LIST] = lists_run,
        [ELEA_LAYOUT_LIST_VIEW] = list_views_run,
        [ELEA_LAYOUT_LARGE_LIST_VIEW] = list_views_run,
        [ELEA_LAYOUT_FIXED_SIZE_LIST] = fixed_size_lists_run,
        [ELEA_LAYOUT_STRUCT] = structs_run,
        [ELEA_LAYOUT_SPARSE_UNION] = unions_run,
        [ELEA_LAYOUT_DENSE_UNION] = unions_run,
        [ELEA_LAYOUT_DICTIONARY] = dictionaries_run,
        [ELEA_LAYOUT_RUN_END_ENCODED] = encoded_runs_run,
        [ELEA_LAYOUT_EXTENSION] = NULL,
    };
    return comparers[layout];
}

bool elea__range_equal(const elea_array *a, int64_t a_row, const elea_array *b, int64_t b_row,
                       int64_t length, const elea_equal_options *options) {
    range_pair pair = {.options = options};
    compare_run compare = comparer_of(a->type->layout);
    // The null type has nothing to compare.
    if (length == 0 || !compare)
        return true;
    elea_span_of(a, &pair.a);
    elea_span_of(b, &pair.b);
    if (!elea_bitmap_equal(pair.a.buffers[0], pair.a.offset + a_row, pair.b.buffers[0],
                           pair.b.offset + b_row, length))
        return false;
    // Mostly, what lies under nulls is equal, too; then no run needs to be found.
    bool by_width = a->type->layout == ELEA_LAYOUT_FIXED || a->type->layout == ELEA_LAYOUT_BIT;
    if (by_width && pair.a.buffers[0] && compare(&pair, a_row, b_row, length))
        return true;
    elea_bitmap_runs runs;
    elea_bitmap_run run;
    elea_bitmap_runs_init(&runs, pair.a.buffers[0], pair.a.offset + a_row, length);
    while (elea_bitmap_runs_next(&runs, &run)) {
        if (!compare(&pair, a_row + run.start, b_row + run.start, run.length))
            return false;
    }
    return true;
}

bool elea_array_equal(const elea_array *a, const elea_array *b, const elea_equal_options *options) {
    elea_equal_options defaults;
    elea_equal_options_init(&defaults);
    options = options ? options : &defaults;
    return a->length == b->length && elea_type_equal(a->type, b->type, options->with_metadata) &&
           elea__range_equal(a, 0, b, 0, a->length, options);
}
