// SPDX-License-Identifier: Apache-2.0
//
// Validation of all values of one array. Its shape and its children have passed already, so that
// buffers are large enough and children may be read. What lies under a null is checked only where
// readers may touch it without a look at the validity: offsets and sizes.
#include <string.h>

#include "base/math_internal.h"
#include "columnar/validate_internal.h"

typedef long long ll;

// ---- ranges of values

// Whether a little-endian integer of 4 to 32 bytes has at most `precision` digits.
static bool decimal_fits(const uint8_t *bytes, int64_t width, int32_t precision) {
    uint32_t limit[9] = {1};
    uint32_t value[9] = {0};
    memcpy(value, bytes, (size_t)width);
    if (bytes[width - 1] & 0x80) {
        uint64_t carry = 1;
        for (int64_t i = 0; i < width / 4; i++) {
            carry += (uint32_t)~value[i];
            value[i] = (uint32_t)carry;
            carry >>= 32;
        }
    }
    for (int32_t digit = 0; digit < precision; digit++) {
        uint64_t carry = 0;
        for (int i = 0; i < 9; i++) {
            carry += (uint64_t)limit[i] * 10;
            limit[i] = (uint32_t)carry;
            carry >>= 32;
        }
    }
    for (int i = 8; i >= 0; i--) {
        if (value[i] != limit[i])
            return value[i] < limit[i];
    }
    return false;
}

static elea_status check_decimals(const elea_array *array, elea_error *err) {
    elea_span span;
    elea_span_of(array, &span);
    for (int64_t i = 0; i < span.length; i++) {
        const uint8_t *value = (const uint8_t *)elea_span_get_bytes(&span, i).data;
        if (elea_span_is_valid(&span, i) &&
            !decimal_fits(value, elea__type_width(array->type), array->type->precision))
            return elea_error_set(err, ELEA_EINVAL, "row %lld has more than %d digits", (ll)i,
                                  array->type->precision);
    }
    return ELEA_OK;
}

// Times are inside a day, and dates in milliseconds at the beginning of one.
static elea_status check_times(const elea_array *array, elea_error *err) {
    static const int64_t units_per_second[] = {1, 1000, 1000000, 1000000000};
    elea_span span;
    elea_span_of(array, &span);
    bool is_date = array->type->id == ELEA_TYPE_DATE64;
    int64_t units_per_day = 86400 * units_per_second[is_date ? 1 : array->type->unit];
    for (int64_t i = 0; i < span.length; i++) {
        if (!elea_span_is_valid(&span, i))
            continue;
        int64_t value = elea_span_get_int(&span, i);
        bool is_good = is_date ? value % units_per_day == 0 : value >= 0 && value < units_per_day;
        if (!is_good)
            return elea_error_set(err, ELEA_EINVAL, "row %lld is %lld, which is no %s", (ll)i,
                                  (ll)value, is_date ? "whole number of days" : "time of day");
    }
    return ELEA_OK;
}

static elea_status check_ranges(const elea_array *array, elea_error *err) {
    elea_type_id id = array->type->id;
    if (array->type->precision > 0)
        return check_decimals(array, err);
    bool has_range = id == ELEA_TYPE_TIME32 || id == ELEA_TYPE_TIME64 || id == ELEA_TYPE_DATE64;
    return has_range ? check_times(array, err) : ELEA_OK;
}

// ---- offsets into bytes and children

static elea_status offset_error(const elea_array *array, int64_t index, int64_t offset,
                                int64_t before, int64_t end, elea_error *err) {
    bool is_bytes = array->child_count == 0;
    if (offset > end)
        return elea_error_set(
            err, ELEA_EINVAL, "offset %lld is %lld, past the end of the %s (%lld %s)", (ll)index,
            (ll)offset, is_bytes ? "values" : "child", (ll)end, is_bytes ? "bytes" : "rows");
    return elea_error_set(err, ELEA_EINVAL, "offset %lld is %lld, less than the %lld before it",
                          (ll)index, (ll)offset, (ll)before);
}

// Whether offsets 0 to `count` are not negative and never become less. Without a branch, so that
// the compiler makes vectors of it; differences of what is not negative do not overflow.
static bool is_monotone_32(const uint8_t *offsets, int64_t count) {
    uint32_t signs = 0;
    for (int64_t i = 0; i < count; i++) {
        uint32_t offset = (uint32_t)elea__load_int32(offsets, i);
        uint32_t next = (uint32_t)elea__load_int32(offsets, i + 1);
        signs |= offset | next | (next - offset);
    }
    return signs >> 31 == 0;
}

static bool is_monotone_64(const uint8_t *offsets, int64_t count) {
    uint64_t signs = 0;
    for (int64_t i = 0; i < count; i++) {
        uint64_t offset = (uint64_t)elea__load_int64(offsets, i);
        uint64_t next = (uint64_t)elea__load_int64(offsets, i + 1);
        signs |= offset | next | (next - offset);
    }
    return signs >> 63 == 0;
}

static elea_status check_offsets(const elea_array *array, int64_t end, bool is_64,
                                 elea_error *err) {
    const uint8_t *offsets = elea_buffer_data(array->buffers[1]);
    if (array->length == 0)
        return ELEA_OK;
    bool is_good = is_64 ? is_monotone_64(offsets + array->offset * 8, array->length)
                         : is_monotone_32(offsets + array->offset * 4, array->length);
    if (is_good && elea__load_offset(offsets, array->offset + array->length, is_64) <= end)
        return ELEA_OK;
    // Once more, slowly, for the message.
    int64_t before = 0;
    for (int64_t i = 0; i <= array->length; i++) {
        int64_t offset = elea__load_offset(offsets, array->offset + i, is_64);
        if (offset < before || offset > end)
            return offset_error(array, i, offset, before, end, err);
        before = offset;
    }
    return ELEA_OK;
}

static elea_status check_binary(const elea_array *array, elea_error *err) {
    bool is_64 = array->type->layout == ELEA_LAYOUT_LARGE_BINARY;
    ELEA_TRY(check_offsets(array, elea_buffer_size(array->buffers[2]), is_64, err));
    bool is_text = array->type->id == ELEA_TYPE_UTF8 || array->type->id == ELEA_TYPE_LARGE_UTF8;
    return is_text ? elea__array_validate_text(array, err) : ELEA_OK;
}

// ---- lists

static int64_t count_nulls(const elea_array *array, int64_t offset, int64_t length) {
    const elea_buffer *validity = array->buffers[0];
    return length - elea_bitmap_count(elea_buffer_data(validity), array->offset + offset, length);
}

// The entries of a map, and their keys, are never null.
static elea_status check_map_entries(const elea_array *array, elea_error *err) {
    const elea_array *entries = array->children[0];
    elea_span span;
    elea_span_of(array, &span);
    if (array->length == 0)
        return ELEA_OK;
    int64_t first = elea__load_int32(span.buffers[1], span.offset);
    int64_t count = elea__load_int32(span.buffers[1], span.offset + span.length) - first;
    int64_t nulls = count_nulls(entries, first, count);
    if (nulls > 0)
        return elea_error_set(err, ELEA_EINVAL, "%lld entries of a map are null", (ll)nulls);
    const elea_array *keys = entries->children[0];
    if (!elea__layout_has_validity(keys->type->layout))
        nulls = keys->type->layout == ELEA_LAYOUT_NULL ? count : 0;
    else
        nulls = count_nulls(keys, entries->offset + first, count);
    if (nulls > 0)
        return elea_error_set(err, ELEA_EINVAL, "%lld keys of a map are null", (ll)nulls);
    return ELEA_OK;
}

static elea_status check_list(const elea_array *array, elea_error *err) {
    bool is_64 = array->type->layout == ELEA_LAYOUT_LARGE_LIST;
    ELEA_TRY(check_offsets(array, array->children[0]->length, is_64, err));
    return array->type->id == ELEA_TYPE_MAP ? check_map_entries(array, err) : ELEA_OK;
}

static elea_status check_list_view(const elea_array *array, elea_error *err) {
    elea_span span;
    elea_span_of(array, &span);
    int64_t end = array->children[0]->length;
    for (int64_t i = 0; i < span.length; i++) {
        int64_t offset;
        int64_t size;
        elea_span_get_list(&span, i, &offset, &size);
        if (!elea__range_inside(offset, size, end))
            return elea_error_set(err, ELEA_EINVAL,
                                  "list %lld is %lld values at %lld, past the end of the child "
                                  "(%lld rows)",
                                  (ll)i, (ll)size, (ll)offset, (ll)end);
    }
    return ELEA_OK;
}

// ---- unions, dictionaries, runs

static elea_status check_union(const elea_array *array, elea_error *err) {
    int64_t next[ELEA__UNION_CODE_COUNT] = {0};
    bool is_dense = array->type->layout == ELEA_LAYOUT_DENSE_UNION;
    elea_span span;
    elea_span_of(array, &span);
    for (int64_t i = 0; i < span.length; i++) {
        int8_t code = (int8_t)span.buffers[1][span.offset + i];
        int64_t child = elea_type_union_child(array->type, code);
        if (child < 0)
            return elea_error_set(err, ELEA_EINVAL, "type code %d of row %lld stands for no type",
                                  code, (ll)i);
        if (!is_dense)
            continue;
        int64_t offset = elea__load_int32(span.buffers[2], span.offset + i);
        int64_t end = array->children[child]->length;
        if (offset < next[code])
            return offset_error(array, i, offset, next[code], INT64_MAX, err);
        if (offset >= end)
            return elea_error_set(err, ELEA_EINVAL,
                                  "offset %lld is %lld, past the end of child %lld (%lld rows)",
                                  (ll)i, (ll)offset, (ll)child, (ll)end);
        next[code] = offset;
    }
    return ELEA_OK;
}

static elea_status check_indices(const elea_array *array, elea_error *err) {
    elea_span span;
    elea_span_of(array, &span);
    span.id = array->type->index_type->id;
    uint64_t count = (uint64_t)array->dictionary->length;
    for (int64_t i = 0; i < span.length; i++) {
        // A negative index is a huge one here.
        if (elea_span_is_valid(&span, i) && (uint64_t)elea_span_get_int(&span, i) >= count)
            return elea_error_set(err, ELEA_EINVAL, "index %lld of row %lld, past %llu values",
                                  (ll)elea_span_get_int(&span, i), (ll)i,
                                  (unsigned long long)count);
    }
    return ELEA_OK;
}

static elea_status check_runs(const elea_array *array, elea_error *err) {
    elea_span span;
    elea_span_child(&(elea_span){.array = array}, 0, &span);
    int64_t before = 0;
    for (int64_t i = 0; i < span.length; i++) {
        int64_t end = elea_span_get_int(&span, i);
        if (end <= before)
            return elea_error_set(err, ELEA_EINVAL, "run end %lld is %lld after %lld", (ll)i,
                                  (ll)end, (ll)before);
        before = end;
    }
    return ELEA_OK;
}

elea_status elea__array_validate_values(const elea_array *array, bool with_ranges,
                                        elea_error *err) {
    static elea_status (*const checks[])(const elea_array *, elea_error *) = {
        [ELEA_LAYOUT_FIXED] = check_ranges,
        [ELEA_LAYOUT_BINARY] = check_binary,
        [ELEA_LAYOUT_LARGE_BINARY] = check_binary,
        [ELEA_LAYOUT_BINARY_VIEW] = elea__array_validate_views,
        [ELEA_LAYOUT_LIST] = check_list,
        [ELEA_LAYOUT_LARGE_LIST] = check_list,
        [ELEA_LAYOUT_LIST_VIEW] = check_list_view,
        [ELEA_LAYOUT_LARGE_LIST_VIEW] = check_list_view,
        [ELEA_LAYOUT_SPARSE_UNION] = check_union,
        [ELEA_LAYOUT_DENSE_UNION] = check_union,
        [ELEA_LAYOUT_DICTIONARY] = check_indices,
        [ELEA_LAYOUT_RUN_END_ENCODED] = check_runs,
        [ELEA_LAYOUT_EXTENSION] = NULL,
    };
    elea_layout layout = array->type->layout;
    int64_t null_count = __atomic_load_n(&array->null_count, __ATOMIC_RELAXED);
    if (elea__layout_has_validity(layout) && null_count >= 0) {
        int64_t counted = count_nulls(array, 0, array->length);
        if (counted != null_count)
            return elea_error_set(err, ELEA_EINVAL, "null count %lld, but %lld rows are null",
                                  (ll)null_count, (ll)counted);
    }
    bool has_check = checks[layout] && (with_ranges || checks[layout] != check_ranges);
    return has_check ? checks[layout](array, err) : ELEA_OK;
}
