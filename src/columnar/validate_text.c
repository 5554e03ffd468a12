// SPDX-License-Identifier: Apache-2.0
//
// Full validation of text, and of views of text and of bytes. Only what a row that is not null
// holds must be UTF-8; but to look at all bytes of many rows at once is faster, so that rows are
// looked at one by one only where that finds something.
#include <string.h>

#include "base/math_internal.h"
#include "base/utf8_internal.h"
#include "columnar/validate_internal.h"

typedef long long ll;

// So many rows at a time, that the second look at their bytes mostly finds them in a cache.
#define ROWS_AT_ONCE 1024

static elea_status check_row(int64_t row, elea_bytes value, elea_error *err) {
    if (elea__utf8_is_ascii(value.data, value.size))
        return ELEA_OK;
    int64_t good = elea_utf8_check(value.data, value.size);
    if (good == value.size)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "row %lld is not UTF-8 at byte %lld", (ll)row,
                          (ll)good);
}

// ---- behind offsets

// Whether an offset of rows `begin` to `end` falls inside a character of `data`, which is UTF-8
// from the first of these rows to the last. Offsets at its end point to nothing that may be read.
static bool cuts_character(const elea_span *span, int64_t begin, int64_t end, bool is_64) {
    const uint8_t *offsets = span->buffers[1];
    const uint8_t *data = span->buffers[2];
    int64_t first = elea__load_offset(offsets, span->offset + begin, is_64);
    int64_t last = elea__load_offset(offsets, span->offset + end, is_64);
    bool cuts = false;
    for (int64_t i = span->offset + begin; i < span->offset + end; i++) {
        int64_t offset = elea__load_offset(offsets, i, is_64);
        cuts |= (data[offset < last ? offset : first] & 0xC0) == 0x80;
    }
    return cuts;
}

static elea_status check_rows(const elea_span *span, int64_t begin, int64_t end, bool is_64,
                              elea_error *err) {
    const uint8_t *offsets = span->buffers[1];
    int64_t first = elea__load_offset(offsets, span->offset + begin, is_64);
    int64_t size = elea__load_offset(offsets, span->offset + end, is_64) - first;
    if (size == 0 || elea__utf8_is_ascii(span->buffers[2] + first, size))
        return ELEA_OK;
    if (elea_utf8_check(span->buffers[2] + first, size) == size &&
        !cuts_character(span, begin, end, is_64))
        return ELEA_OK;
    for (int64_t i = begin; i < end; i++) {
        if (elea_span_is_valid(span, i))
            ELEA_TRY(check_row(i, elea_span_get_bytes(span, i), err));
    }
    return ELEA_OK;
}

elea_status elea__array_validate_text(const elea_array *array, elea_error *err) {
    bool is_64 = array->type->layout == ELEA_LAYOUT_LARGE_BINARY;
    elea_span span;
    elea_span_of(array, &span);
    for (int64_t i = 0; i < span.length; i += ROWS_AT_ONCE)
        ELEA_TRY(check_rows(&span, i, elea__min(i + ROWS_AT_ONCE, span.length), is_64, err));
    return ELEA_OK;
}

// ---- views

static elea_status check_long_view(const elea_array *array, const uint8_t *view, int64_t row,
                                   elea_error *err) {
    int64_t size = elea__load_int32(view, 0);
    int64_t index = elea__load_int32(view, 2);
    int64_t offset = elea__load_int32(view, 3);
    if (index < 0 || index >= array->buffer_count - 2)
        return elea_error_set(err, ELEA_EINVAL, "view %lld names buffer %lld of %lld", (ll)row,
                              (ll)index, (ll)(array->buffer_count - 2));
    const elea_buffer *buffer = array->buffers[2 + index];
    if (!elea__range_inside(offset, size, elea_buffer_size(buffer)))
        return elea_error_set(err, ELEA_EINVAL,
                              "view %lld is %lld bytes at %lld, past the end of buffer %lld "
                              "(%lld bytes)",
                              (ll)row, (ll)size, (ll)offset, (ll)index,
                              (ll)elea_buffer_size(buffer));
    if (memcmp(view + 4, elea_buffer_data(buffer) + offset, 4) != 0)
        return elea_error_set(err, ELEA_EINVAL, "the prefix of view %lld is not that of its value",
                              (ll)row);
    return ELEA_OK;
}

static elea_status check_short_view(const uint8_t *view, int32_t size, int64_t row,
                                    elea_error *err) {
    static const uint8_t zeros[ELEA__VIEW_INLINE_MAX] = {0};
    if (size < 0)
        return elea_error_set(err, ELEA_EINVAL, "view %lld has %d bytes", (ll)row, size);
    if (memcmp(view + 4 + size, zeros, (size_t)(ELEA__VIEW_INLINE_MAX - size)) != 0)
        return elea_error_set(err, ELEA_EINVAL, "view %lld is not zero behind its %d bytes",
                              (ll)row, size);
    return ELEA_OK;
}

// Whether a view carries up to 12 bytes, all ASCII, with zeros behind them: most do, and need no
// further look.
static bool is_plain_view(const uint8_t *view) {
    static const uint64_t allowed[ELEA__VIEW_INLINE_MAX + 1][2] = {
#define ASCII_BYTES(count) (0x7F7F7F7F7F7F7F7Fu >> (8 * (8 - (count))))
        {0, 0},
        {ASCII_BYTES(1), 0},
        {ASCII_BYTES(2), 0},
        {ASCII_BYTES(3), 0},
        {ASCII_BYTES(4), 0},
        {ASCII_BYTES(5), 0},
        {ASCII_BYTES(6), 0},
        {ASCII_BYTES(7), 0},
        {ASCII_BYTES(8), 0},
        {ASCII_BYTES(8), ASCII_BYTES(1)},
        {ASCII_BYTES(8), ASCII_BYTES(2)},
        {ASCII_BYTES(8), ASCII_BYTES(3)},
        {ASCII_BYTES(8), ASCII_BYTES(4)},
#undef ASCII_BYTES
    };
    uint32_t size;
    uint64_t first;
    uint32_t rest;
    memcpy(&size, view, sizeof size);
    memcpy(&first, view + 4, sizeof first);
    memcpy(&rest, view + 12, sizeof rest);
    if (size > ELEA__VIEW_INLINE_MAX)
        return false;
    return ((first & ~allowed[size][0]) | (rest & ~allowed[size][1])) == 0;
}

// What is known of the text of some rows.
typedef struct view_run {
    const char *data; // of the long views, where each begins where the one before it ends
    int64_t size;
    bool is_broken; // they do not
    bool is_bad;    // there is a short one that is not UTF-8
} view_run;

static void run_add(view_run *run, elea_bytes value) {
    if (run->size == 0)
        run->data = value.data;
    run->is_broken |= run->data + run->size != value.data;
    run->size += value.size;
}

static elea_status check_view(const elea_span *span, int64_t row, bool is_text, view_run *run,
                              elea_error *err) {
    const uint8_t *view = span->buffers[1] + (span->offset + row) * 16;
    int32_t size = elea__load_int32(view, 0);
    if (size <= ELEA__VIEW_INLINE_MAX) {
        ELEA_TRY(check_short_view(view, size, row, err));
        run->is_bad |= is_text && elea_utf8_check(view + 4, size) < size;
        return ELEA_OK;
    }
    ELEA_TRY(check_long_view(span->array, view, row, err));
    if (is_text)
        run_add(run, elea_span_get_bytes(span, row));
    return ELEA_OK;
}

static elea_status check_view_rows(const elea_span *span, int64_t begin, int64_t end,
                                   elea_error *err) {
    bool is_text = span->type->id == ELEA_TYPE_UTF8_VIEW;
    view_run run = {.data = NULL};
    for (int64_t i = begin; i < end; i++) {
        if (!is_plain_view(span->buffers[1] + (span->offset + i) * 16) &&
            elea_span_is_valid(span, i))
            ELEA_TRY(check_view(span, i, is_text, &run, err));
    }
    if (!run.is_bad &&
        (run.size == 0 || (!run.is_broken && elea__utf8_is_ascii(run.data, run.size))))
        return ELEA_OK;
    for (int64_t i = begin; i < end; i++) {
        if (elea_span_is_valid(span, i))
            ELEA_TRY(check_row(i, elea_span_get_bytes(span, i), err));
    }
    return ELEA_OK;
}

elea_status elea__array_validate_views(const elea_array *array, elea_error *err) {
    elea_span span;
    elea_span_of(array, &span);
    for (int64_t i = 0; i < span.length; i += ROWS_AT_ONCE)
        ELEA_TRY(check_view_rows(&span, i, elea__min(i + ROWS_AT_ONCE, span.length), err));
    return ELEA_OK;
}
