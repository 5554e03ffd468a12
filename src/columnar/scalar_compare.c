// SPDX-License-Identifier: Apache-2.0
//
// The order of values: numbers and points in time by value, texts by bytes.
#include <string.h>

#include "base/math_internal.h"
#include "columnar/scalar_internal.h"

void elea__value_resolve(elea_span *span, int64_t *index) {
    for (;;) {
        elea_layout layout = span->type->layout;
        elea_span next;
        if (layout == ELEA_LAYOUT_DICTIONARY && elea_span_is_valid(span, *index)) {
            span->id = span->type->index_type->id;
            *index = elea_span_get_int(span, *index);
            elea_span_of(span->array->dictionary, &next);
        } else if (layout == ELEA_LAYOUT_RUN_END_ENCODED) {
            *index = elea__run_of(span, *index);
            elea_span_child(span, 1, &next);
        } else if (layout == ELEA_LAYOUT_SPARSE_UNION || layout == ELEA_LAYOUT_DENSE_UNION) {
            int8_t code = (int8_t)span->buffers[1][span->offset + *index];
            *index = elea__union_child_row(span, *index);
            elea_span_child(span, elea_type_union_child(span->type, code), &next);
        } else {
            return;
        }
        *span = next;
    }
}

static int sign(bool less, bool greater) { return greater - less; }

static int compare_ints(const elea_span *a, int64_t a_row, const elea_span *b, int64_t b_row) {
    int64_t x = elea_span_get_int(a, a_row);
    int64_t y = elea_span_get_int(b, b_row);
    if (a->id == ELEA_TYPE_UINT64)
        return sign((uint64_t)x<(uint64_t)y, (uint64_t)x>(uint64_t) y);
    return sign(x<y, x> y);
}

static int compare_doubles(const elea_span *a, int64_t a_row, const elea_span *b, int64_t b_row) {
    double x = elea_span_get_double(a, a_row);
    double y = elea_span_get_double(b, b_row);
    if (x != x || y != y)
        return sign(x == x, y == y);
    return sign(x<y, x> y);
}

static int compare_bytes(const elea_span *a, int64_t a_row, const elea_span *b, int64_t b_row) {
    elea_bytes x = elea_span_get_bytes(a, a_row);
    elea_bytes y = elea_span_get_bytes(b, b_row);
    int64_t size = elea__min(x.size, y.size);
    int found = size > 0 ? memcmp(x.data, y.data, (size_t)size) : 0;
    if (found == 0)
        return sign(x.size<y.size, x.size> y.size);
    return sign(found<0, found> 0);
}

// Two's complement, least significant byte first: from the top byte, which holds the sign, down.
static int compare_decimals(const elea_span *a, int64_t a_row, const elea_span *b, int64_t b_row) {
    elea_bytes x = elea_span_get_bytes(a, a_row);
    elea_bytes y = elea_span_get_bytes(b, b_row);
    for (int64_t i = x.size - 1; i >= 0; i--) {
        int top = i == x.size - 1 ? 0x80 : 0;
        int p = (uint8_t)x.data[i] ^ top;
        int q = (uint8_t)y.data[i] ^ top;
        if (p != q)
            return sign(p<q, p> q);
    }
    return 0;
}

typedef int (*compare_values)(const elea_span *, int64_t, const elea_span *, int64_t);

// NULL where values have no order.
static compare_values comparer_of(const elea_type *type) {
    elea_layout layout = type->layout;
    elea_type_id physical = elea__type_table[type->id].physical;
    if (type->precision > 0)
        return compare_decimals;
    if (type->id == ELEA_TYPE_INTERVAL_DAY_TIME || type->id == ELEA_TYPE_INTERVAL_MONTH_DAY_NANO)
        return NULL;
    if (layout == ELEA_LAYOUT_BINARY || layout == ELEA_LAYOUT_LARGE_BINARY ||
        layout == ELEA_LAYOUT_BINARY_VIEW || physical == ELEA_TYPE_FIXED_SIZE_BINARY)
        return compare_bytes;
    if (physical == ELEA_TYPE_FLOAT16 || physical == ELEA_TYPE_FLOAT32 ||
        physical == ELEA_TYPE_FLOAT64)
        return compare_doubles;
    return elea__type_has_number(type->id) ? compare_ints : NULL;
}

bool elea__type_has_order(const elea_type *type) {
    while (type->layout == ELEA_LAYOUT_DICTIONARY || type->layout == ELEA_LAYOUT_RUN_END_ENCODED)
        type = type->value_type ? type->value_type : type->children[1]->type;
    return type->layout == ELEA_LAYOUT_NULL || comparer_of(type) != NULL;
}

int elea__value_compare(const elea_span *a, int64_t a_row, const elea_span *b, int64_t b_row) {
    elea_span x = *a;
    elea_span y = *b;
    elea__value_resolve(&x, &a_row);
    elea__value_resolve(&y, &b_row);
    bool x_valid = elea_span_is_valid(&x, a_row);
    bool y_valid = elea_span_is_valid(&y, b_row);
    if (!x_valid || !y_valid)
        return sign(x_valid, y_valid);
    return comparer_of(x.type)(&x, a_row, &y, b_row);
}
