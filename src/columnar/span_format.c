// SPDX-License-Identifier: Apache-2.0
//
// One value as text: for people, and as JSON. Each type has a writer; nested ones come back here
// for their children.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/math_internal.h"
#include "columnar/array_internal.h"
#include "columnar/format_internal.h"

// What a writer needs to know and where it writes.
typedef struct writer {
    elea__value_style style;
    elea_text *text;
    elea_error *err;
} writer;

typedef elea_status (*write_value)(const writer *w, const elea_span *span, int64_t index);

static elea_status write_any(const writer *w, const elea_span *span, int64_t index);

static elea_status put(const writer *w, const char *string) {
    return elea_text_append(w->text, elea_bytes_of(string), w->err);
}

// ---- numbers

static elea_status write_bool(const writer *w, const elea_span *span, int64_t index) {
    return put(w, elea_span_get_int(span, index) ? "true" : "false");
}

static elea_status write_int(const writer *w, const elea_span *span, int64_t index) {
    return elea_text_append_format(w->text, w->err, "%lld",
                                   (long long)elea_span_get_int(span, index));
}

static elea_status write_uint64(const writer *w, const elea_span *span, int64_t index) {
    return elea_text_append_format(w->text, w->err, "%llu",
                                   (unsigned long long)elea_span_get_int(span, index));
}

// JSON has no word for NaN and the infinities.
static bool is_null_in_json(const writer *w, double value) {
    return w->style.json && (value != value || value - value != 0);
}

static elea_status write_double(const writer *w, const elea_span *span, int64_t index) {
    double value = elea_span_get_double(span, index);
    if (is_null_in_json(w, value))
        return put(w, "null");
    return elea_text_append_double(w->text, value, w->err);
}

static elea_status write_float(const writer *w, const elea_span *span, int64_t index) {
    double value = elea_span_get_double(span, index);
    if (is_null_in_json(w, value))
        return put(w, "null");
    return elea_text_append_float(w->text, (float)value, w->err);
}

// The decimal of the fewest digits that is nearest to this half; five always suffice.
static elea_status write_half(const writer *w, const elea_span *span, int64_t index) {
    double value = elea_span_get_double(span, index);
    char printed[32];
    if (is_null_in_json(w, value))
        return put(w, "null");
    double shortest = value;
    for (int digits = 1; digits <= 5 && value - value == 0; digits++) {
        // Printed and read in one locale, whatever it is.
        (void)snprintf(printed, sizeof printed, "%.*e", digits - 1, value);
        shortest = strtod(printed, NULL);
        if ((double)elea_half_to_float(elea_half_from_float((float)shortest)) == value)
            break;
    }
    return elea_text_append_double(w->text, shortest, w->err);
}

// ---- decimals

#define DECIMAL_DIGITS_MAX 80

// The digits of a two's complement number of up to 256 bits, most significant first. Returns how
// many there are; at least one.
static int decimal_digits(const uint8_t *bytes, int64_t width, bool *is_negative,
                          char digits[DECIMAL_DIGITS_MAX]) {
    uint32_t limbs[8] = {0};
    int limb_count = (int)(width / 4);
    memcpy(limbs, bytes, (size_t)width);
    *is_negative = (bytes[width - 1] & 0x80) != 0;
    uint64_t carry = 1;
    for (int i = 0; i < limb_count && *is_negative; i++) {
        carry += (uint32_t)~limbs[i];
        limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    char reversed[DECIMAL_DIGITS_MAX];
    int count = 0;
    bool is_zero = false;
    while (!is_zero) {
        uint64_t rest = 0;
        is_zero = true;
        for (int i = limb_count - 1; i >= 0; i--) {
            rest = rest << 32 | limbs[i];
            limbs[i] = (uint32_t)(rest / 10);
            rest %= 10;
            is_zero = is_zero && limbs[i] == 0;
        }
        reversed[count++] = (char)('0' + rest);
    }
    for (int i = 0; i < count; i++)
        digits[i] = reversed[count - 1 - i];
    return count;
}

static elea_status write_decimal(const writer *w, const elea_span *span, int64_t index) {
    char digits[DECIMAL_DIGITS_MAX];
    bool is_negative;
    elea_bytes bytes = elea_span_get_bytes(span, index);
    int count = decimal_digits((const uint8_t *)bytes.data, bytes.size, &is_negative, digits);
    int scale = span->type->scale;
    const char *sign = is_negative ? "-" : "";
    if (scale == 0)
        return elea_text_append_format(w->text, w->err, "%s%.*s", sign, count, digits);
    // Far from the point an exponent says it shorter.
    if (scale < 0 || scale > DECIMAL_DIGITS_MAX)
        return elea_text_append_format(w->text, w->err, "%s%.*se%lld", sign, count, digits,
                                       -(long long)scale);
    if (count > scale)
        return elea_text_append_format(w->text, w->err, "%s%.*s.%.*s", sign, count - scale, digits,
                                       scale, digits + count - scale);
    return elea_text_append_format(w->text, w->err, "%s0.%0*d%.*s", sign, scale - count, 0, count,
                                   digits);
}

// ---- text and bytes

// Where lists are cut, so are texts: at so many bytes for each item. The grid shows fewer columns.
#define TEXT_BYTES_PER_ITEM 64

static elea_status write_text(const writer *w, const elea_span *span, int64_t index) {
    elea_bytes value = elea_span_get_bytes(span, index);
    int64_t items_max = w->style.json ? 0 : elea__min(w->style.items_max, INT32_MAX);
    bool is_cut = items_max > 0 && value.size > items_max * TEXT_BYTES_PER_ITEM;
    if (is_cut) {
        value.size = items_max * TEXT_BYTES_PER_ITEM;
        // Not inside a character.
        while (value.size > 0 && ((uint8_t)value.data[value.size] & 0xC0) == 0x80)
            value.size--;
    }
    ELEA_TRY(w->style.json || w->style.quoted ? elea_text_append_json(w->text, value, w->err)
                                              : elea_text_append(w->text, value, w->err));
    return is_cut ? put(w, "…") : ELEA_OK;
}

static elea_status write_base64(const writer *w, elea_bytes value) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    ELEA_TRY(put(w, "\""));
    for (int64_t i = 0; i < value.size; i += 3) {
        uint32_t group = 0;
        int64_t count = elea__min(3, value.size - i);
        for (int64_t j = 0; j < 3; j++)
            group = group << 8 | (j < count ? (uint8_t)value.data[i + j] : 0);
        char quad[4] = {letters[group >> 18], letters[group >> 12 & 63],
                        count > 1 ? letters[group >> 6 & 63] : '=',
                        count > 2 ? letters[group & 63] : '='};
        ELEA_TRY(elea_text_append(w->text, (elea_bytes){quad, 4}, w->err));
    }
    return put(w, "\"");
}

static elea_status write_bytes(const writer *w, const elea_span *span, int64_t index) {
    static const char letters[] = "0123456789abcdef";
    elea_bytes value = elea_span_get_bytes(span, index);
    if (w->style.json)
        return write_base64(w, value);
    ELEA_TRY(put(w, "0x"));
    int64_t shown = value.size;
    if (w->style.items_max > 0)
        shown = elea__min(shown, elea__max(w->style.items_max, 1) * 4);
    for (int64_t i = 0; i < shown; i++) {
        uint8_t byte = (uint8_t)value.data[i];
        char pair[2] = {letters[byte >> 4], letters[byte & 15]};
        ELEA_TRY(elea_text_append(w->text, (elea_bytes){pair, 2}, w->err));
    }
    return shown < value.size ? put(w, "…") : ELEA_OK;
}

// ---- times

static const int64_t units_per_second[] = {1, 1000, 1000000, 1000000000};

static void cut_text(elea_text *text, int64_t size) {
    text->size = size;
    text->data[size] = '\0';
}

// Writes date and time and keeps what is asked for: [begin, end) of the ISO 8601 form with its "T"
// in between, without a fraction of zeros and without the "Z".
static elea_status put_time(const writer *w, int64_t value, int64_t units, bool with_date,
                            bool with_clock, const char *suffix) {
    const char *quote = w->style.json ? "\"" : "";
    ELEA_TRY(put(w, quote));
    int64_t begin = w->text->size;
    ELEA_TRY(elea_text_append_timestamp(w->text, value, units, w->err));
    cut_text(w->text, w->text->size - 1);
    int64_t end = w->text->size;
    if (units > 1) {
        while (w->text->data[end - 1] == '0')
            end--;
        if (w->text->data[end - 1] == '.')
            cut_text(w->text, end - 1);
    }
    // A year may have more than four digits; the "T" tells where the date ends.
    char *clock = strchr(w->text->data + begin, 'T');
    if (!with_clock)
        cut_text(w->text, clock - w->text->data);
    if (!with_date) {
        memmove(w->text->data + begin, clock + 1, strlen(clock));
        cut_text(w->text, begin + (int64_t)strlen(w->text->data + begin));
    }
    ELEA_TRY(put(w, suffix));
    return put(w, quote);
}

static elea_status write_timestamp(const writer *w, const elea_span *span, int64_t index) {
    return put_time(w, elea_span_get_int(span, index), units_per_second[span->type->unit], true,
                    true, span->type->zone[0] ? "Z" : "");
}

static elea_status write_date32(const writer *w, const elea_span *span, int64_t index) {
    return put_time(w, elea_span_get_int(span, index) * 86400, 1, true, false, "");
}

static elea_status write_date64(const writer *w, const elea_span *span, int64_t index) {
    return put_time(w, elea_span_get_int(span, index), 1000, true, false, "");
}

static elea_status write_time(const writer *w, const elea_span *span, int64_t index) {
    return put_time(w, elea_span_get_int(span, index), units_per_second[span->type->unit], false,
                    true, "");
}

// "1500ms"; in JSON ISO 8601: "PT1.500S".
static elea_status write_duration(const writer *w, const elea_span *span, int64_t index) {
    int64_t value = elea_span_get_int(span, index);
    elea_time_unit unit = span->type->unit;
    if (!w->style.json)
        return elea_text_append_format(w->text, w->err, "%lld%s", (long long)value,
                                       elea__time_unit_name(unit));
    uint64_t units = (uint64_t)units_per_second[unit];
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    ELEA_TRY(elea_text_append_format(w->text, w->err, "\"%sPT%llu", value < 0 ? "-" : "",
                                     (unsigned long long)(magnitude / units)));
    if (magnitude % units != 0)
        ELEA_TRY(elea_text_append_format(w->text, w->err, ".%0*llu", 3 * (int)unit,
                                         (unsigned long long)(magnitude % units)));
    return put(w, "S\"");
}

// The parts of an interval, those that are zero left out for people.
static elea_status put_interval(const writer *w, const char *const *names, const int64_t *values,
                                int count) {
    bool is_first = true;
    ELEA_TRY(put(w, w->style.json ? "{" : ""));
    for (int i = 0; i < count; i++) {
        if (!w->style.json && values[i] == 0 && !(is_first && i == count - 1))
            continue;
        const char *comma = is_first ? "" : w->style.json ? ", " : " ";
        ELEA_TRY(w->style.json ? elea_text_append_format(w->text, w->err, "%s\"%s\": %lld", comma,
                                                         names[i], (long long)values[i])
                               : elea_text_append_format(w->text, w->err, "%s%lld %s", comma,
                                                         (long long)values[i], names[i]));
        is_first = false;
    }
    return put(w, w->style.json ? "}" : "");
}

static elea_status write_months(const writer *w, const elea_span *span, int64_t index) {
    int64_t value = elea_span_get_int(span, index);
    return put_interval(w, (const char *[]){"months"}, &value, 1);
}

static elea_status write_day_time(const writer *w, const elea_span *span, int64_t index) {
    const uint8_t *bytes = (const uint8_t *)elea_span_get_bytes(span, index).data;
    int64_t values[] = {elea__load_int32(bytes, 0), elea__load_int32(bytes, 1)};
    return put_interval(w, (const char *[]){"days", "milliseconds"}, values, 2);
}

static elea_status write_month_day_nano(const writer *w, const elea_span *span, int64_t index) {
    const uint8_t *bytes = (const uint8_t *)elea_span_get_bytes(span, index).data;
    int64_t values[] = {elea__load_int32(bytes, 0), elea__load_int32(bytes, 1),
                        elea__load_int64(bytes, 1)};
    return put_interval(w, (const char *[]){"months", "days", "nanoseconds"}, values, 3);
}

// ---- nested

// Inside of something else texts need quotes.
static writer inside(const writer *w) {
    writer within = *w;
    within.style.quoted = true;
    within.style.null_text = "null";
    return within;
}

// How many of `length` values are shown.
static int64_t shown_of(const writer *w, int64_t length) {
    return w->style.json || w->style.items_max == 0 ? length
                                                    : elea__min(length, w->style.items_max);
}

static elea_status write_list(const writer *w, const elea_span *span, int64_t index) {
    elea_span child;
    int64_t offset;
    int64_t length;
    writer within = inside(w);
    elea_span_child(span, 0, &child);
    elea_span_get_list(span, index, &offset, &length);
    int64_t shown = shown_of(w, length);
    ELEA_TRY(put(w, "["));
    for (int64_t i = 0; i < shown; i++) {
        if (i > 0)
            ELEA_TRY(put(w, ", "));
        ELEA_TRY(write_any(&within, &child, offset + i));
    }
    if (shown < length)
        ELEA_TRY(elea_text_append_format(w->text, w->err, "%s… (%lld)", shown > 0 ? ", " : "",
                                         (long long)length));
    return put(w, "]");
}

static elea_status write_struct(const writer *w, const elea_span *span, int64_t index) {
    writer within = inside(w);
    ELEA_TRY(put(w, "{"));
    for (int64_t i = 0; i < span->type->child_count; i++) {
        elea_span child;
        const char *name = span->type->children[i]->name;
        elea_span_child(span, i, &child);
        if (i > 0)
            ELEA_TRY(put(w, ", "));
        ELEA_TRY(w->style.json ? elea_text_append_json(w->text, elea_bytes_of(name), w->err)
                               : elea__name_format(name, w->text, w->err));
        ELEA_TRY(put(w, ": "));
        ELEA_TRY(write_any(&within, &child, span->offset + index));
    }
    return put(w, "}");
}

static elea_status write_map(const writer *w, const elea_span *span, int64_t index) {
    elea_span entries;
    elea_span pair[2];
    int64_t offset;
    int64_t length;
    writer within = inside(w);
    bool json = w->style.json;
    elea_span_child(span, 0, &entries);
    elea_span_child(&entries, 0, &pair[0]);
    elea_span_child(&entries, 1, &pair[1]);
    elea_span_get_list(span, index, &offset, &length);
    int64_t shown = shown_of(w, length);
    ELEA_TRY(put(w, json ? "[" : "{"));
    for (int64_t i = 0; i < shown; i++) {
        int64_t row = entries.offset + offset + i;
        ELEA_TRY(put(w, i > 0 ? ", " : ""));
        ELEA_TRY(put(w, json ? "{\"key\": " : ""));
        ELEA_TRY(write_any(&within, &pair[0], row));
        ELEA_TRY(put(w, json ? ", \"value\": " : ": "));
        ELEA_TRY(write_any(&within, &pair[1], row));
        ELEA_TRY(put(w, json ? "}" : ""));
    }
    if (shown < length)
        ELEA_TRY(elea_text_append_format(w->text, w->err, "%s… (%lld)", shown > 0 ? ", " : "",
                                         (long long)length));
    return put(w, json ? "]" : "}");
}

// ---- values that stand for others

static elea_status write_union(const writer *w, const elea_span *span, int64_t index) {
    elea_span child;
    int8_t code = (int8_t)span->buffers[1][span->offset + index];
    elea_span_child(span, elea_type_union_child(span->type, code), &child);
    return write_any(w, &child, elea__union_child_row(span, index));
}

static elea_status write_dictionary(const writer *w, const elea_span *span, int64_t index) {
    elea_span values;
    elea_span indices = *span;
    indices.id = span->type->index_type->id;
    elea_span_of(span->array->dictionary, &values);
    return write_any(w, &values, elea_span_get_int(&indices, index));
}

static elea_status write_run(const writer *w, const elea_span *span, int64_t index) {
    elea_span values;
    elea_span_child(span, 1, &values);
    return write_any(w, &values, elea__run_of(span, index));
}

// ---- all

// By layout where that says it all, else by type.
static write_value writer_of(elea_type_id id) {
    static const write_value by_type[ELEA__TYPE_ID_COUNT] = {
        [ELEA_TYPE_BOOL] = write_bool,
        [ELEA_TYPE_UINT64] = write_uint64,
        [ELEA_TYPE_FLOAT16] = write_half,
        [ELEA_TYPE_FLOAT32] = write_float,
        [ELEA_TYPE_FLOAT64] = write_double,
        [ELEA_TYPE_UTF8] = write_text,
        [ELEA_TYPE_LARGE_UTF8] = write_text,
        [ELEA_TYPE_UTF8_VIEW] = write_text,
        [ELEA_TYPE_DATE32] = write_date32,
        [ELEA_TYPE_DATE64] = write_date64,
        [ELEA_TYPE_TIMESTAMP] = write_timestamp,
        [ELEA_TYPE_TIME32] = write_time,
        [ELEA_TYPE_TIME64] = write_time,
        [ELEA_TYPE_DURATION] = write_duration,
        [ELEA_TYPE_INTERVAL_MONTHS] = write_months,
        [ELEA_TYPE_INTERVAL_DAY_TIME] = write_day_time,
        [ELEA_TYPE_INTERVAL_MONTH_DAY_NANO] = write_month_day_nano,
        [ELEA_TYPE_DECIMAL32] = write_decimal,
        [ELEA_TYPE_DECIMAL64] = write_decimal,
        [ELEA_TYPE_DECIMAL128] = write_decimal,
        [ELEA_TYPE_DECIMAL256] = write_decimal,
        [ELEA_TYPE_MAP] = write_map,
    };
    static const write_value by_layout[] = {
        [ELEA_LAYOUT_FIXED] = write_bytes,
        [ELEA_LAYOUT_BINARY] = write_bytes,
        [ELEA_LAYOUT_LARGE_BINARY] = write_bytes,
        [ELEA_LAYOUT_BINARY_VIEW] = write_bytes,
        [ELEA_LAYOUT_LIST] = write_list,
        [ELEA_LAYOUT_LARGE_LIST] = write_list,
        [ELEA_LAYOUT_LIST_VIEW] = write_list,
        [ELEA_LAYOUT_LARGE_LIST_VIEW] = write_list,
        [ELEA_LAYOUT_FIXED_SIZE_LIST] = write_list,
        [ELEA_LAYOUT_STRUCT] = write_struct,
        [ELEA_LAYOUT_SPARSE_UNION] = write_union,
        [ELEA_LAYOUT_DENSE_UNION] = write_union,
        [ELEA_LAYOUT_DICTIONARY] = write_dictionary,
        [ELEA_LAYOUT_RUN_END_ENCODED] = write_run,
        [ELEA_LAYOUT_EXTENSION] = NULL,
    };
    if (by_type[id])
        return by_type[id];
    return elea__type_has_number(id) ? write_int : by_layout[elea__type_table[id].layout];
}

static elea_status write_any(const writer *w, const elea_span *span, int64_t index) {
    if (!elea_span_is_valid(span, index))
        return put(w, w->style.json ? "null" : w->style.null_text);
    return writer_of(span->id)(w, span, index);
}

elea_status elea__value_format(const elea_span *span, int64_t index, const elea__value_style *style,
                               elea_text *text, elea_error *err) {
    writer w = {.style = *style, .text = text, .err = err};
    return write_any(&w, span, index);
}

elea_status elea_span_format(const elea_span *span, int64_t index, bool quoted, elea_text *text,
                             elea_error *err) {
    elea__value_style style = {.quoted = quoted, .null_text = "null"};
    return elea__value_format(span, index, &style, text, err);
}

elea_status elea_span_format_json(const elea_span *span, int64_t index, elea_text *text,
                                  elea_error *err) {
    return elea__value_format(span, index, &(elea__value_style){.json = true}, text, err);
}
