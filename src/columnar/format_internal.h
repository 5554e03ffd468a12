// SPDX-License-Identifier: Apache-2.0
//
// Writing single values: the styles behind elea_span_format() and its like.
#ifndef ELEA_COLUMNAR_FORMAT_INTERNAL_H
#define ELEA_COLUMNAR_FORMAT_INTERNAL_H

#include "elea/columnar.h"

typedef struct elea__value_style {
    bool json;             // as JSON; the rest below is then not looked at
    bool quoted;           // texts in quotes, at the top; inside lists and structs they always are
    int64_t items_max;     // values of a list that are shown; 0: all
    const char *null_text; // of a null at the top
} elea__value_style;

ELEA_CHECKED elea_status elea__value_format(const elea_span *span, int64_t index,
                                            const elea__value_style *style, elea_text *text,
                                            elea_error *err);

// As elea_type_format(), with at most `shown` bytes of each value of the metadata of children; 0:
// no metadata; INT64_MAX: all of it, and ELEA_EINVAL for names and metadata that are not UTF-8.
ELEA_CHECKED elea_status elea__type_format(const elea_type *type, int64_t shown, elea_text *text,
                                           elea_error *err);

// A field's name, in quotes where it holds anything that has a meaning in the text of a type.
ELEA_CHECKED elea_status elea__name_format(const char *name, elea_text *text, elea_error *err);

// Fills `err` with "SUBJECT is FOUND, expected EXPECTED", the types in full, and returns
// ELEA_ETYPE.
elea_status elea__type_mismatch(elea_error *err, const elea_type *found, const elea_type *expected,
                                const char *subject, ...) ELEA_PRINTF(4, 5);

// Whether a byte cannot be in a name without quotes.
bool elea__ends_name(char byte);

// "s", "ms", "us", "ns".
const char *elea__time_unit_name(elea_time_unit unit);

#endif // ELEA_COLUMNAR_FORMAT_INTERNAL_H
