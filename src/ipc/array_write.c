// SPDX-License-Identifier: Apache-2.0
#include "ipc/array_write.h"

#include <string.h>

#include "base/copy_internal.h"
#include "base/math_internal.h"
#include "columnar/array_internal.h"
#include "ipc/format.h"
#include "ipc/message.h"
#include "ipc/schema.h"
#include "ipc/windows.h"

// ---- the body

void elea__ipc_body_init(elea__ipc_body *body, const elea_ipc_write_options *options) {
    *body = (elea__ipc_body){
        .pool = options->pool, .options = options, .codec = elea_codec_of(options->compression)};
}

void elea__ipc_body_reset(elea__ipc_body *body) {
    for (int64_t i = 0; i < body->rebuilt.count; i++)
        elea__arena_unref(((elea__arena **)body->rebuilt.data)[i]);
    body->rebuilt.count = 0;
    body->nodes.count = 0;
    body->buffers.count = 0;
    body->variadic_counts.count = 0;
    body->raws.count = 0;
    body->parts.count = 0;
    body->size = 0;
    body->raw_size = 0;
}

void elea__ipc_body_release(elea__ipc_body *body) {
    elea__ipc_body_reset(body);
    elea__ipc_list_release(&body->nodes, body->pool, sizeof(elea__ipc_pair));
    elea__ipc_list_release(&body->buffers, body->pool, sizeof(elea__ipc_pair));
    elea__ipc_list_release(&body->variadic_counts, body->pool, sizeof(int64_t));
    elea__ipc_list_release(&body->raws, body->pool, sizeof(elea__ipc_raw));
    elea__ipc_list_release(&body->parts, body->pool, sizeof(elea_bytes));
    elea__ipc_list_release(&body->rebuilt, body->pool, sizeof(elea__arena *));
    elea__shelf_release(&body->shelf);
    elea_dealloc(body->pool, body->scratch, body->scratch_size);
    body->scratch = NULL;
    body->scratch_size = 0;
}

// New memory that lives until the reset.
static elea_status new_memory(elea__ipc_body *body, int64_t size, uint8_t **out, elea_error *err) {
    elea__arena *arena = NULL;
    ELEA_TRY(elea__arena_new(body->pool, &body->shelf, size, &arena, err));
    elea_status status = elea__ipc_list_push(&body->rebuilt, body->pool, &arena, sizeof arena, err);
    if (status == ELEA_OK)
        *out = (uint8_t *)(arena + 1);
    else
        elea__arena_unref(arena);
    return status;
}

// The next buffer of the body, as it is in memory.
static elea_status add_buffer(elea__ipc_body *body, const void *data, int64_t size,
                              elea_error *err) {
    const elea__ipc_raw raw = {.bytes = {.data = data, .size = size}};
    body->raw_size += size;
    return elea__ipc_list_push(&body->raws, body->pool, &raw, sizeof raw, err);
}

// ---- buffers

static elea_status add_bits(elea__ipc_body *body, const uint8_t *bits, int64_t offset,
                            int64_t length, elea_error *err) {
    int64_t size = elea_bitmap_size(length);
    uint8_t *target = NULL;
    if (size == 0 || offset % 8 == 0 || body->measures)
        return add_buffer(body, size == 0 ? NULL : bits + offset / 8, size, err);
    ELEA_TRY(new_memory(body, size, &target, err));
    target[size - 1] = 0;
    elea_bitmap_copy(bits, offset, length, target, 0);
    return add_buffer(body, target, size, err);
}

// `length` entries of `width` bytes, beginning with number `offset`.
static elea_status add_entries(elea__ipc_body *body, const elea_buffer *buffer, int64_t width,
                               int64_t offset, int64_t length, elea_error *err) {
    if (length == 0 || width == 0)
        return add_buffer(body, NULL, 0, err);
    return add_buffer(body, elea_buffer_data(buffer) + offset * width, length * width, err);
}

static void subtract_int32(const uint8_t *source, int64_t count, int32_t first, uint8_t *target) {
    for (int64_t i = 0; i < count; i++) {
        int32_t value = elea__load_int32(source, i) - first;
        memcpy(target + 4 * i, &value, sizeof value);
    }
}

static void subtract_int64(const uint8_t *source, int64_t count, int64_t first, uint8_t *target) {
    for (int64_t i = 0; i < count; i++) {
        int64_t value = elea__load_int64(source, i) - first;
        memcpy(target + 8 * i, &value, sizeof value);
    }
}

typedef elea__ipc_window window;

// The offsets of lists or binaries, moved so that they begin at 0. `limit`: what they may reach.
static elea_status add_offsets(elea__ipc_body *body, const elea_buffer *buffer, bool is_64,
                               int64_t offset, int64_t length, int64_t limit, window *out,
                               elea_error *err) {
    int64_t width = is_64 ? 8 : 4;
    uint8_t *target = NULL;
    *out = (window){0, 0};
    if (length == 0)
        return add_buffer(body, elea__ipc_zeros, width, err);
    const uint8_t *source = elea_buffer_data(buffer) + offset * width;
    int64_t first = elea__load_offset(source, 0, is_64);
    int64_t last = elea__load_offset(source, length, is_64);
    if (first < 0 || last < first || last > limit)
        return elea_error_set(err, ELEA_EINVAL,
                              "offsets from %lld to %lld, expected them in order from 0 to %lld",
                              (long long)first, (long long)last, (long long)limit);
    *out = (window){first, last - first};
    if (first == 0 || body->measures)
        return add_buffer(body, source, (length + 1) * width, err);
    ELEA_TRY(new_memory(body, (length + 1) * width, &target, err));
    if (is_64)
        subtract_int64(source, length + 1, first, target);
    else
        subtract_int32(source, length + 1, (int32_t)first, target);
    elea__copy_count((length + 1) * width);
    return add_buffer(body, target, (length + 1) * width, err);
}

// The offsets of list views, moved so that the child can begin with the first row they use.
static elea_status add_view_offsets(elea__ipc_body *body, const elea_array *array, bool is_64,
                                    int64_t offset, int64_t length, window *out, elea_error *err) {
    int64_t width = is_64 ? 8 : 4;
    uint8_t *target = NULL;
    *out = (window){0, 0};
    if (length == 0)
        return add_buffer(body, NULL, 0, err);
    const elea__ipc_views views = {
        .offsets = elea_buffer_data(elea_array_buffer(array, 1)) + offset * width,
        .sizes = elea_buffer_data(elea_array_buffer(array, 2)) + offset * width,
        .length = length,
        .limit = elea_array_length(elea_array_child(array, 0)),
        .is_64 = is_64};
    ELEA_TRY(elea__ipc_views_window(&views, out, err));
    // Where empty views point does not matter, unless the child ends before.
    if (body->measures || (out->first == 0 && out->count == views.limit))
        return add_buffer(body, views.offsets, length * width, err);
    ELEA_TRY(new_memory(body, length * width, &target, err));
    elea__ipc_views_move(&views, out->first, target);
    return add_buffer(body, target, length * width, err);
}

// The views, and all buffers they may point into.
static elea_status add_views(elea__ipc_body *body, const elea_array *array, int64_t offset,
                             int64_t length, elea_error *err) {
    int64_t count = elea_array_buffer_count(array) - 2;
    ELEA_TRY(elea__ipc_list_push(&body->variadic_counts, body->pool, &count, sizeof count, err));
    ELEA_TRY(add_entries(body, elea_array_buffer(array, 1), 16, offset, length, err));
    for (int64_t i = 0; i < count; i++) {
        const elea_buffer *buffer = elea_array_buffer(array, 2 + i);
        ELEA_TRY(add_buffer(body, elea_buffer_data(buffer), elea_buffer_size(buffer), err));
    }
    return ELEA_OK;
}

// ---- arrays

static elea_status add_array(elea__ipc_body *body, const elea_array *array, int64_t start,
                             int64_t length, elea_error *err);

// Nulls of the rows [start, start + length) as the format counts them.
static int64_t null_count_of(const elea_array *array, int64_t start, int64_t length) {
    elea_layout layout = elea_type_layout_of(elea_array_type(array));
    if (layout == ELEA_LAYOUT_NULL)
        return length;
    if (!elea__layout_has_validity(layout) || !elea_array_buffer(array, 0))
        return 0;
    if (start == 0 && length == elea_array_length(array))
        return elea_array_null_count(array);
    const uint8_t *bits = elea_buffer_data(elea_array_buffer(array, 0));
    return length - elea_bitmap_count(bits, elea_array_offset(array) + start, length);
}

static elea_status add_node(elea__ipc_body *body, int64_t length, int64_t null_count,
                            elea_error *err) {
    elea__ipc_pair node = {.first = length, .second = null_count};
    if (length > INT32_MAX && !body->options->allow_64bit)
        return elea_error_set(err, ELEA_ECAPACITY,
                              "an array of %lld rows, expected at most %d without allow_64bit",
                              (long long)length, INT32_MAX);
    return elea__ipc_list_push(&body->nodes, body->pool, &node, sizeof node, err);
}

// The buffers, in the layout's order. `offset` is that of the first row into them; `*range` becomes
// what offsets of lists and binaries span.
static elea_status add_buffers(elea__ipc_body *body, const elea_array *array, int64_t offset,
                               int64_t length, int64_t null_count, window *range, elea_error *err) {
    const elea_type *type = elea_array_type(array);
    elea_layout layout = elea_type_layout_of(type);
    const char *letters = elea_layout_buffers(layout);
    for (int64_t i = 0; letters[i]; i++) {
        const elea_buffer *buffer = elea_array_buffer(array, i);
        bool is_64 = letters[i] == 'O' || letters[i] == 'S';
        int64_t limit = 0;
        switch (letters[i]) {
        case 'v':
            ELEA_TRY(
                add_bits(body, elea_buffer_data(buffer), offset, null_count > 0 ? length : 0, err));
            break;
        case 'b':
            ELEA_TRY(add_bits(body, elea_buffer_data(buffer), offset, length, err));
            break;
        case 'o':
        case 'O':
            if (layout == ELEA_LAYOUT_BINARY || layout == ELEA_LAYOUT_LARGE_BINARY) {
                limit = elea_buffer_size(elea_array_buffer(array, 2));
            } else if (layout == ELEA_LAYOUT_LIST || layout == ELEA_LAYOUT_LARGE_LIST) {
                limit = elea_array_length(elea_array_child(array, 0));
            } else {
                ELEA_TRY(add_view_offsets(body, array, is_64, offset, length, range, err));
                break;
            }
            ELEA_TRY(add_offsets(body, buffer, is_64, offset, length, limit, range, err));
            break;
        case 's':
        case 'S':
            ELEA_TRY(add_entries(body, buffer, is_64 ? 8 : 4, offset, length, err));
            break;
        case 'c':
            ELEA_TRY(add_entries(body, buffer, 1, range->first, range->count, err));
            break;
        case 't':
            ELEA_TRY(add_entries(body, buffer, 1, offset, length, err));
            break;
        case 'w':
            ELEA_TRY(add_views(body, array, offset, length, err));
            break;
        default: // 'd'
            ELEA_TRY(add_entries(body, buffer, elea__type_width(type), offset, length, err));
        }
    }
    return ELEA_OK;
}

// The first run that ends after `position`, or the number of runs.
static int64_t find_run(const elea_span *ends, int64_t position) {
    int64_t low = 0, high = ends->length;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (elea_span_get_int(ends, middle) > position)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

// Run ends count from the beginning of the array, so that those of a slice must be made anew.
static elea_status add_run_ends(elea__ipc_body *body, const elea_span *ends, const window *runs,
                                int64_t offset, int64_t length, elea_error *err) {
    int64_t width = elea_type_bit_width(ends->type) / 8;
    uint8_t *target = NULL;
    if (!body->measures)
        ELEA_TRY(new_memory(body, runs->count * width, &target, err));
    for (int64_t i = 0; target && i < runs->count; i++) {
        int64_t end = elea__min(elea_span_get_int(ends, runs->first + i) - offset, length);
        elea_copy_bytes(target + i * width, &end, width);
    }
    ELEA_TRY(add_node(body, runs->count, 0, err));
    ELEA_TRY(add_buffer(body, NULL, 0, err));
    return add_buffer(body, target, runs->count * width, err);
}

static elea_status add_runs(elea__ipc_body *body, const elea_array *array, int64_t offset,
                            int64_t length, elea_error *err) {
    const elea_array *child = elea_array_child(array, 0);
    elea_span ends;
    window runs = {0, 0};
    elea_span_of(child, &ends);
    if (length > 0) {
        runs.first = find_run(&ends, offset);
        int64_t last = find_run(&ends, offset + length - 1);
        if (last == ends.length)
            return elea_error_set(err, ELEA_EINVAL, "the runs end before row %lld",
                                  (long long)(offset + length));
        runs.count = last - runs.first + 1;
    }
    bool whole = length > 0 && offset == 0 && elea_span_get_int(&ends, runs.count - 1) == length;
    if (whole)
        ELEA_TRY(add_array(body, child, 0, runs.count, err));
    else
        ELEA_TRY(add_run_ends(body, &ends, &runs, offset, length, err));
    return add_array(body, elea_array_child(array, 1), runs.first, runs.count, err);
}

static elea_status add_child(elea__ipc_body *body, const elea_array *array, int64_t index,
                             window rows, elea_error *err) {
    elea_status status =
        add_array(body, elea_array_child(array, index), rows.first, rows.count, err);
    if (status == ELEA_OK)
        return ELEA_OK;
    return elea_error_prefix(err, status, "field \"%s\"",
                             elea_field_name(elea_type_child(elea_array_type(array), index)));
}

// Of the children only the rows that are used: some readers count on that, and slices may be small.
static elea_status add_dense_union(elea__ipc_body *body, const elea_array *array, int64_t offset,
                                   int64_t length, elea_error *err) {
    int64_t count = elea_array_child_count(array);
    elea__ipc_union_rows rows = {.array = array, .length = length};
    uint8_t *memory = NULL, *target = NULL;
    bool moved = false;
    if (length > 0) {
        rows.codes = (const int8_t *)elea_buffer_data(elea_array_buffer(array, 0)) + offset;
        rows.offsets = elea_buffer_data(elea_array_buffer(array, 1)) + offset * 4;
    }
    ELEA_TRY(new_memory(body, count * (int64_t)sizeof(window), &memory, err));
    window *windows = (void *)memory;
    ELEA_TRY(elea__ipc_union_windows(&rows, windows, &moved, err));
    ELEA_TRY(add_buffer(body, rows.codes, length, err));
    if (moved && !body->measures) {
        ELEA_TRY(new_memory(body, length * 4, &target, err));
        elea__ipc_union_move(&rows, windows, target);
    }
    ELEA_TRY(add_buffer(body, target ? target : rows.offsets, length * 4, err));
    for (int64_t i = 0; i < count; i++)
        ELEA_TRY(add_child(body, array, i, windows[i], err));
    return ELEA_OK;
}

static elea_status add_children(elea__ipc_body *body, const elea_array *array, int64_t offset,
                                int64_t length, const window *range, elea_error *err) {
    const elea_type *type = elea_array_type(array);
    elea_layout layout = elea_type_layout_of(type);
    if (layout == ELEA_LAYOUT_RUN_END_ENCODED)
        return add_runs(body, array, offset, length, err);
    for (int64_t i = 0; i < elea_array_child_count(array); i++) {
        window rows = *range; // of lists and list views
        if (layout == ELEA_LAYOUT_STRUCT || layout == ELEA_LAYOUT_SPARSE_UNION)
            rows = (window){offset, length};
        else if (layout == ELEA_LAYOUT_FIXED_SIZE_LIST)
            rows =
                (window){offset * elea_type_fixed_size(type), length * elea_type_fixed_size(type)};
        ELEA_TRY(add_child(body, array, i, rows, err));
    }
    return ELEA_OK;
}

// Rows [start, start + length) of an array, which has them.
static elea_status add_array(elea__ipc_body *body, const elea_array *array, int64_t start,
                             int64_t length, elea_error *err) {
    int64_t offset = elea_array_offset(array) + start;
    int64_t null_count = null_count_of(array, start, length);
    window range = {0, 0};
    ELEA_TRY(add_node(body, length, null_count, err));
    if (body->options->metadata_v4 &&
        elea__ipc_has_old_validity(elea_type_layout_of(elea_array_type(array))))
        ELEA_TRY(add_buffer(body, NULL, 0, err));
    if (elea_type_layout_of(elea_array_type(array)) == ELEA_LAYOUT_DENSE_UNION)
        return add_dense_union(body, array, offset, length, err);
    ELEA_TRY(add_buffers(body, array, offset, length, null_count, &range, err));
    return add_children(body, array, offset, length, &range, err);
}

elea_status elea__ipc_body_add(elea__ipc_body *body, const elea_array *array, elea_error *err) {
    return add_array(body, array, 0, elea_array_length(array), err);
}
