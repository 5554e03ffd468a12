// SPDX-License-Identifier: Apache-2.0
//
// What a row of a builder holds, as something to hash and to compare: how builders of encoded
// values find out that a value was there already. Values are equal when their bytes are; what lies
// under nulls does not count.
#include <string.h>

#include "columnar/builder_internal.h"

bool elea__builder_has_key(const elea_builder *builder) {
    elea_layout layout = builder->type->layout;
    return layout == ELEA_LAYOUT_BIT || layout == ELEA_LAYOUT_FIXED ||
           layout == ELEA_LAYOUT_BINARY || layout == ELEA_LAYOUT_LARGE_BINARY ||
           layout == ELEA_LAYOUT_BINARY_VIEW;
}

static elea_bytes key_of_view(const elea_builder *builder, int64_t row) {
    const uint8_t *view = builder->blocks[1].data + row * 16;
    int64_t size = elea__load_int32(view, 0);
    if (size <= ELEA__VIEW_INLINE_MAX)
        return (elea_bytes){(const char *)view + 4, size};
    int64_t index = elea__load_int32(view, 2);
    const uint8_t *block = index < builder->sealed.count
                               ? elea_buffer_data(builder->sealed.buffers[index])
                               : builder->blocks[2].data;
    return (elea_bytes){(const char *)block + elea__load_int32(view, 3), size};
}

elea_bytes elea__builder_key(const elea_builder *builder, int64_t row) {
    static const char bits[] = {0, 1};
    const uint8_t *data = builder->blocks[1].data;
    elea_layout layout = builder->type->layout;
    if (layout == ELEA_LAYOUT_BIT)
        return (elea_bytes){&bits[elea_bit_get(data, row)], 1};
    if (layout == ELEA_LAYOUT_FIXED) {
        int64_t width = elea__type_width(builder->type);
        return (elea_bytes){width > 0 ? (const char *)data + row * width : bits, width};
    }
    if (layout == ELEA_LAYOUT_BINARY_VIEW)
        return key_of_view(builder, row);
    int64_t begin = elea__builder_end_offset(builder, row);
    int64_t end = elea__builder_end_offset(builder, row + 1);
    return (elea_bytes){end > begin ? (const char *)builder->blocks[2].data + begin : bits,
                        end - begin};
}

bool elea__builder_is_null(const elea_builder *builder, int64_t row) {
    return builder->type->layout == ELEA_LAYOUT_NULL ||
           (builder->blocks[0].data && !elea_bit_get(builder->blocks[0].data, row));
}

// Where the values of a row without a key lie: `count` rows from `begin` on of each of these
// children.
typedef struct value_place {
    int64_t first_child;
    int64_t child_count;
    int64_t begin;
    int64_t count;
} value_place;

static value_place place_in_union(const elea_builder *builder, int64_t row) {
    int64_t child = elea_type_union_child(builder->type, (int8_t)builder->blocks[1].data[row]);
    bool is_dense = builder->type->layout == ELEA_LAYOUT_DENSE_UNION;
    int64_t begin = is_dense ? elea__load_int32(builder->blocks[2].data, row) : row;
    return (value_place){child, 1, begin, 1};
}

// The run that row `row` is in.
static int64_t find_run(const elea_builder *ends, int64_t row) {
    int64_t low = 0, high = ends->length - 1;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (elea__builder_run_end(ends, middle) > row)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static value_place place_of(const elea_builder *builder, int64_t row) {
    bool is_64 = builder->row_bits[1] == 64;
    const uint8_t *data = builder->blocks[1].data;
    int64_t begin = 0;
    switch (builder->type->layout) {
    case ELEA_LAYOUT_LIST:
    case ELEA_LAYOUT_LARGE_LIST:
        begin = elea__load_offset(data, row, is_64);
        return (value_place){0, 1, begin, elea__load_offset(data, row + 1, is_64) - begin};
    case ELEA_LAYOUT_LIST_VIEW:
    case ELEA_LAYOUT_LARGE_LIST_VIEW:
        return (value_place){0, 1, elea__load_offset(data, row, is_64),
                             elea__load_offset(builder->blocks[2].data, row, is_64)};
    case ELEA_LAYOUT_FIXED_SIZE_LIST:
        return (value_place){0, 1, row * builder->type->fixed_size, builder->type->fixed_size};
    case ELEA_LAYOUT_SPARSE_UNION:
    case ELEA_LAYOUT_DENSE_UNION:
        return place_in_union(builder, row);
    case ELEA_LAYOUT_DICTIONARY:
        memcpy(&begin, data + row * (builder->row_bits[1] / 8), (size_t)builder->row_bits[1] / 8);
        return (value_place){0, 1, begin, 1};
    case ELEA_LAYOUT_RUN_END_ENCODED:
        return (value_place){1, 1, find_run(builder->children[0], row), 1};
    default:
        return (value_place){0, builder->child_count, row, 1};
    }
}

uint64_t elea__builder_hash(const elea_builder *builder, int64_t row) {
    if (elea__builder_is_null(builder, row))
        return 0;
    if (elea__builder_has_key(builder)) {
        elea_bytes key = elea__builder_key(builder, row);
        return elea_hash64(key.data, key.size, 0);
    }
    value_place place = place_of(builder, row);
    uint64_t hash = (uint64_t)(place.first_child + 1);
    for (int64_t c = place.first_child; c < place.first_child + place.child_count; c++) {
        for (int64_t i = place.begin; i < place.begin + place.count; i++) {
            uint64_t value = elea__builder_hash(builder->children[c], i);
            hash = elea_hash64(&value, (int64_t)sizeof value, hash);
        }
    }
    return hash;
}

static bool keys_equal(elea_bytes a, elea_bytes b) {
    return a.size == b.size && memcmp(a.data, b.data, (size_t)a.size) == 0;
}

bool elea__builder_key_is(const elea_builder *builder, int64_t row, elea_bytes key) {
    return keys_equal(elea__builder_key(builder, row), key);
}

bool elea__builder_rows_equal(const elea_builder *builder, int64_t a, int64_t b) {
    bool is_null = elea__builder_is_null(builder, a);
    if (is_null || elea__builder_is_null(builder, b))
        return is_null && elea__builder_is_null(builder, b);
    if (elea__builder_has_key(builder))
        return elea__builder_key_is(builder, a, elea__builder_key(builder, b));
    value_place x = place_of(builder, a);
    value_place y = place_of(builder, b);
    if (x.first_child != y.first_child || x.count != y.count)
        return false;
    for (int64_t c = x.first_child; c < x.first_child + x.child_count; c++) {
        for (int64_t i = 0; i < x.count; i++) {
            if (!elea__builder_rows_equal(builder->children[c], x.begin + i, y.begin + i))
                return false;
        }
    }
    return true;
}
