// SPDX-License-Identifier: Apache-2.0
//
// Spans: the bare pointers of an array, and reading one value through them.
#include "columnar/array_internal.h"

#define NUMBER_TEMPLATE "columnar/span_number.inc.h"
#include "base/each_number_internal.h"

static double load_half_double(const uint8_t *values, int64_t index) {
    uint16_t bits;
    __builtin_memcpy(&bits, values + index * 2, sizeof bits);
    return (double)elea_half_to_float(bits);
}

static int64_t load_bit_int(const uint8_t *values, int64_t index) {
    return elea_bit_get(values, index);
}

static double load_bit_double(const uint8_t *values, int64_t index) {
    return elea_bit_get(values, index);
}

// By physical type; NULL where a value is no such number.
static int64_t (*const int_loaders[ELEA__TYPE_ID_COUNT])(const uint8_t *, int64_t) = {
    [ELEA_TYPE_BOOL] = load_bit_int,
#define INT_LOADER(name, c_type) [ELEA_TYPE_##name] = load_##name##_int,
    ELEA_INTEGER_TYPE_LIST(INT_LOADER)
#undef INT_LOADER
};

static double (*const double_loaders[ELEA__TYPE_ID_COUNT])(const uint8_t *, int64_t) = {
    [ELEA_TYPE_BOOL] = load_bit_double,
    [ELEA_TYPE_FLOAT16] = load_half_double,
#define DOUBLE_LOADER(name, c_type) [ELEA_TYPE_##name] = load_##name##_double,
    ELEA_INTEGER_TYPE_LIST(DOUBLE_LOADER) ELEA_FLOAT_TYPE_LIST(DOUBLE_LOADER)
#undef DOUBLE_LOADER
};

void elea_span_of(const elea_array *array, elea_span *out) {
    *out = (elea_span){.type = array->type,
                       .id = array->type->id,
                       .length = array->length,
                       .offset = array->offset,
                       .array = array};
    // Without a validity buffer the first place stays empty.
    int64_t shift = elea__layout_has_validity(array->type->layout) ? 0 : 1;
    for (int64_t i = 0; i < array->buffer_count && i + shift < 3; i++) {
        out->buffers[i + shift] = elea_buffer_data(array->buffers[i]);
        out->sizes[i + shift] = elea_buffer_size(array->buffers[i]);
    }
}

void elea_span_child(const elea_span *span, int64_t index, elea_span *out) {
    elea_span_of(span->array->children[index], out);
}

int64_t elea_span_get_int(const elea_span *span, int64_t index) {
    int64_t (*load)(const uint8_t *, int64_t) = int_loaders[elea__type_table[span->id].physical];
    return load ? load(span->buffers[1], span->offset + index) : 0;
}

double elea_span_get_double(const elea_span *span, int64_t index) {
    double (*load)(const uint8_t *, int64_t) = double_loaders[elea__type_table[span->id].physical];
    return load ? load(span->buffers[1], span->offset + index) : 0;
}

// A view is 16 bytes: the size, then either up to 12 bytes themselves, or a prefix, the number of a
// byte buffer and the offset in it.
static elea_bytes get_view(const elea_span *span, int64_t index) {
    const uint8_t *view = span->buffers[1] + (span->offset + index) * 16;
    int64_t size = elea__load_int32(view, 0);
    if (size <= ELEA__VIEW_INLINE_MAX)
        return (elea_bytes){(const char *)view + 4, size};
    const elea_buffer *buffer = span->array->buffers[2 + elea__load_int32(view, 2)];
    return (elea_bytes){(const char *)elea_buffer_data(buffer) + elea__load_int32(view, 3), size};
}

elea_bytes elea_span_get_bytes(const elea_span *span, int64_t index) {
    int64_t at = span->offset + index;
    elea_layout layout = span->type->layout;
    if (layout == ELEA_LAYOUT_BINARY_VIEW)
        return get_view(span, index);
    if (layout == ELEA_LAYOUT_FIXED) {
        int64_t width = elea__type_width(span->type);
        return (elea_bytes){width > 0 ? (const char *)span->buffers[1] + at * width : NULL, width};
    }
    bool is_64 = layout == ELEA_LAYOUT_LARGE_BINARY;
    int64_t begin = elea__load_offset(span->buffers[1], at, is_64);
    int64_t end = elea__load_offset(span->buffers[1], at + 1, is_64);
    return (elea_bytes){begin < end ? (const char *)span->buffers[2] + begin : NULL, end - begin};
}

void elea_span_get_list(const elea_span *span, int64_t index, int64_t *child_offset,
                        int64_t *child_length) {
    int64_t at = span->offset + index;
    elea_layout layout = span->type->layout;
    if (layout == ELEA_LAYOUT_FIXED_SIZE_LIST) {
        *child_offset = at * span->type->fixed_size;
        *child_length = span->type->fixed_size;
        return;
    }
    bool is_64 = layout == ELEA_LAYOUT_LARGE_LIST || layout == ELEA_LAYOUT_LARGE_LIST_VIEW;
    *child_offset = elea__load_offset(span->buffers[1], at, is_64);
    if (layout == ELEA_LAYOUT_LIST_VIEW || layout == ELEA_LAYOUT_LARGE_LIST_VIEW)
        *child_length = elea__load_offset(span->buffers[2], at, is_64);
    else
        *child_length = elea__load_offset(span->buffers[1], at + 1, is_64) - *child_offset;
}

int64_t elea__union_child_row(const elea_span *span, int64_t index) {
    return span->type->layout == ELEA_LAYOUT_DENSE_UNION
               ? elea__load_int32(span->buffers[2], span->offset + index)
               : span->offset + index;
}

// The first run whose end is behind the row.
int64_t elea__run_of(const elea_span *span, int64_t index) {
    elea_span ends;
    int64_t row = span->offset + index;
    elea_span_child(span, 0, &ends);
    int64_t low = 0;
    int64_t high = ends.length - 1;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (elea_span_get_int(&ends, middle) > row)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}
