// SPDX-License-Identifier: Apache-2.0
//
// The shortest digits are found by asking the C library for more and more of them until they read
// back. It must neither print nor read a decimal point, which depends on the locale.
#include "base/number_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 17

// 0.d1 d2 d3... times 10^point; `count` digits, the first of them not 0.
typedef struct decimal {
    char digits[DIGITS_MAX + 1];
    int count;
    int point;
} decimal;

static void decimal_of(double magnitude, int count, decimal *out) {
    char printed[ELEA__NUMBER_SIZE];
    snprintf(printed, sizeof printed, "%.*e", count - 1, magnitude);
    const char *at = printed;
    out->count = 0;
    for (; *at != 'e'; at++) {
        if (*at >= '0' && *at <= '9')
            out->digits[out->count++] = *at;
    }
    out->point = (int)strtol(at + 1, NULL, 10) + 1;
}

static bool reads_back(const decimal *d, double magnitude, bool is_float) {
    char printed[ELEA__NUMBER_SIZE];
    snprintf(printed, sizeof printed, "%.*se%d", d->count, d->digits, d->point - d->count);
    return is_float ? strtof(printed, NULL) == (float)magnitude
                    : strtod(printed, NULL) == magnitude;
}

// The next larger decimal of the same number of digits.
static void decimal_next(decimal *d) {
    int i = d->count - 1;
    for (; i >= 0 && d->digits[i] == '9'; i--)
        d->digits[i] = '0';
    if (i >= 0) {
        d->digits[i]++;
    } else {
        d->digits[0] = '1';
        d->point++;
    }
}

static void shortest(double magnitude, bool is_float, decimal *out) {
    // Any decimal of so few digits is kept by a normal number, so that fewer need not be tried:
    // what is not needed shows as zeros at the end.
    int sure = is_float ? 6 : 15;
    int enough = is_float ? 9 : 17;
    bool is_normal = magnitude >= (is_float ? 0x1p-126 : 0x1p-1022);
    // The numbers below a power of two are twice as dense as above it: the nearest decimal may lie
    // below and read back as something else, while the one above it would do.
    int exponent;
    bool is_power = frexp(magnitude, &exponent) == 0.5;
    for (int count = is_normal ? sure : 1; count <= enough; count++) {
        decimal_of(magnitude, count, out);
        if (reads_back(out, magnitude, is_float))
            break;
        if (!is_power)
            continue;
        decimal_next(out);
        if (reads_back(out, magnitude, is_float))
            break;
    }
    while (out->count > 1 && out->digits[out->count - 1] == '0')
        out->count--;
}

static int write_fixed(const decimal *d, char *target) {
    int size = 0;
    if (d->point <= 0) {
        target[size++] = '0';
        target[size++] = '.';
        for (int i = d->point; i < 0; i++)
            target[size++] = '0';
        memcpy(target + size, d->digits, (size_t)d->count);
        return size + d->count;
    }
    for (int i = 0; i < d->count || i < d->point; i++) {
        if (i == d->point)
            target[size++] = '.';
        target[size++] = i < d->count ? d->digits[i] : '0';
    }
    return size;
}

static int write_exponent(const decimal *d, char *target) {
    int size = 0;
    target[size++] = d->digits[0];
    if (d->count > 1) {
        target[size++] = '.';
        memcpy(target + size, d->digits + 1, (size_t)(d->count - 1));
        size += d->count - 1;
    }
    return size + snprintf(target + size, 8, "e%+d", d->point - 1);
}

static int format(double value, bool is_float, char *target) {
    int size = 0;
    if (isnan(value)) {
        memcpy(target, "nan", 4);
        return 3;
    }
    if (signbit(value))
        target[size++] = '-';
    double magnitude = fabs(value);
    if (isinf(magnitude)) {
        memcpy(target + size, "inf", 3);
        size += 3;
    } else if (magnitude == 0) {
        target[size++] = '0';
    } else {
        decimal d = {.count = 0};
        shortest(magnitude, is_float, &d);
        bool is_fixed = d.point > -6 && d.point <= 10;
        size += is_fixed ? write_fixed(&d, target + size) : write_exponent(&d, target + size);
    }
    target[size] = '\0';
    return size;
}

int elea__format_double(double value, char target[ELEA__NUMBER_SIZE]) {
    return format(value, false, target);
}

int elea__format_float(float value, char target[ELEA__NUMBER_SIZE]) {
    return format((double)value, true, target);
}
