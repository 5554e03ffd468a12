// SPDX-License-Identifier: Apache-2.0
#include "elea/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/math_internal.h"
#include "base/number_internal.h"
#include "base/utf8_internal.h"

#define CAPACITY_MIN 64

void elea_text_init(elea_text *text, elea_pool *pool) { *text = (elea_text){.pool = pool}; }

void elea_text_release(elea_text *text) {
    elea_dealloc(text->pool, text->data, text->capacity);
    elea_text_init(text, text->pool);
}

void elea_text_reset(elea_text *text) {
    text->size = 0;
    if (text->data != NULL)
        text->data[0] = '\0';
}

// Room for `more` bytes and the NUL.
static elea_status reserve(elea_text *text, int64_t more, elea_error *err) {
    int64_t needed;
    if (elea__add_overflow(text->size, more, &needed) || elea__add_overflow(needed, 1, &needed))
        return elea_error_set(err, ELEA_ECAPACITY, "a text of %lld and %lld bytes is too large",
                              (long long)text->size, (long long)more);
    if (needed <= text->capacity)
        return ELEA_OK;
    int64_t capacity = elea__max(elea__max(text->capacity, CAPACITY_MIN), needed);
    if (text->capacity > 0 && capacity < INT64_MAX / 4)
        capacity = elea__max(capacity, text->capacity * 2);
    void *block = text->data;
    ELEA_TRY(elea_realloc(text->pool, text->capacity, capacity, &block, err));
    text->data = block;
    text->capacity = capacity;
    return ELEA_OK;
}

elea_status elea_text_append(elea_text *text, elea_bytes bytes, elea_error *err) {
    ELEA_TRY(reserve(text, bytes.size, err));
    if (bytes.size > 0)
        memcpy(text->data + text->size, bytes.data, (size_t)bytes.size);
    text->size += bytes.size;
    text->data[text->size] = '\0';
    return ELEA_OK;
}

elea_status elea_text_append_format(elea_text *text, elea_error *err, const char *format, ...) {
    ELEA_TRY(reserve(text, CAPACITY_MIN, err));
    // Written at once where it fits; otherwise the first try tells the size.
    for (;;) {
        int64_t room = text->capacity - text->size;
        va_list arguments;
        va_start(arguments, format);
        int size = vsnprintf(text->data + text->size, (size_t)room, format, arguments);
        va_end(arguments);
        if (size >= 0 && size < room) {
            text->size += size;
            return ELEA_OK;
        }
        text->data[text->size] = '\0';
        if (size < 0)
            return elea_error_set(err, ELEA_EINVAL, "cannot format \"%s\"", format);
        ELEA_TRY(reserve(text, size, err));
    }
}

static elea_status append_json_escape(elea_text *text, uint8_t byte, elea_error *err) {
    static const char short_names[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (const char *name = short_names; *name != '\0'; name += 2) {
        if ((uint8_t)name[0] == byte)
            return elea_text_append_format(text, err, "\\%c", name[1]);
    }
    return elea_text_append_format(text, err, "\\u%04x", byte);
}

elea_status elea_text_append_json(elea_text *text, elea_bytes bytes, elea_error *err) {
    const uint8_t *data = (const uint8_t *)bytes.data;
    const elea_bytes quote = {"\"", 1};
    ELEA_TRY(elea_text_append(text, quote, err));
    int64_t begin = 0; // of what can be taken as it is
    int64_t at = 0;
    while (at < bytes.size) {
        uint32_t code_point;
        int length = elea__utf8_decode(data + at, bytes.size - at, &code_point);
        if (length > 0 && code_point >= 0x20 && code_point != '"' && code_point != '\\') {
            at += length;
            continue;
        }
        ELEA_TRY(elea_text_append(text, (elea_bytes){bytes.data + begin, at - begin}, err));
        if (length == 0)
            ELEA_TRY(elea_text_append(text, elea_bytes_of("\xEF\xBF\xBD"), err));
        else
            ELEA_TRY(append_json_escape(text, data[at], err));
        begin = ++at;
    }
    if (begin < at)
        ELEA_TRY(elea_text_append(text, (elea_bytes){bytes.data + begin, at - begin}, err));
    return elea_text_append(text, quote, err);
}

elea_status elea_text_append_double(elea_text *text, double value, elea_error *err) {
    char number[ELEA__NUMBER_SIZE];
    int size = elea__format_double(value, number);
    return elea_text_append(text, (elea_bytes){number, size}, err);
}

elea_status elea_text_append_float(elea_text *text, float value, elea_error *err) {
    char number[ELEA__NUMBER_SIZE];
    int size = elea__format_float(value, number);
    return elea_text_append(text, (elea_bytes){number, size}, err);
}

// The day of the civil calendar (proleptic Gregorian) that is `days` after 1970-01-01.
static void date_of_days(int64_t days, int64_t *year, int *month, int *day) {
    // Counted from 0000-03-01 in cycles of 400 years, a leap day is the last of its year.
    days += 719468;
    int64_t cycle = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_cycle = days - cycle * 146097;
    // 36524 days in a century but the last, 1461 in four years but the last of a century.
    int64_t year_of_cycle =
        (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36524 - day_of_cycle / 146096) / 365;
    int64_t day_of_year =
        day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    // From March on the months have 31 30 31 30 31 days, twice, and the rest.
    int month_from_march = (int)((5 * day_of_year + 2) / 153);
    *day = (int)(day_of_year - (153 * month_from_march + 2) / 5) + 1;
    *month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *year = cycle * 400 + year_of_cycle + (*month <= 2);
}

static int64_t floor_divide(int64_t value, int64_t divisor) {
    return value / divisor - (value % divisor < 0);
}

static int64_t floor_modulo(int64_t value, int64_t divisor) {
    int64_t rest = value % divisor;
    return rest < 0 ? rest + divisor : rest;
}

elea_status elea_text_append_timestamp(elea_text *text, int64_t value, int64_t units_per_second,
                                       elea_error *err) {
    int fraction_digits = 0;
    int64_t power = 1;
    for (; power < units_per_second && fraction_digits < 9; power *= 10)
        fraction_digits++;
    if (power != units_per_second)
        return elea_error_set(err, ELEA_EINVAL,
                              "a second of %lld units is none of 1, 10, ..., 1000000000",
                              (long long)units_per_second);
    int64_t seconds = floor_divide(value, units_per_second);
    int64_t fraction = floor_modulo(value, units_per_second);
    int64_t days = floor_divide(seconds, 86400);
    int second_of_day = (int)floor_modulo(seconds, 86400);
    int64_t year;
    int month, day;
    date_of_days(days, &year, &month, &day);
    // Years beyond four digits have a sign (ISO 8601, expanded representation).
    const char *year_format = year >= 0 && year <= 9999 ? "%04lld" : "%+05lld";
    char year_text[24];
    snprintf(year_text, sizeof year_text, year_format, (long long)year);
    ELEA_TRY(elea_text_append_format(text, err, "%s-%02d-%02dT%02d:%02d:%02d", year_text, month,
                                     day, second_of_day / 3600, second_of_day / 60 % 60,
                                     second_of_day % 60));
    if (fraction_digits > 0)
        ELEA_TRY(
            elea_text_append_format(text, err, ".%0*lld", fraction_digits, (long long)fraction));
    return elea_text_append(text, (elea_bytes){"Z", 1}, err);
}
