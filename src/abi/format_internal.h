// SPDX-License-Identifier: Apache-2.0
//
// The format strings of the C data interface. Types without parameters are read off the type list;
// those with parameters have a row each in a small table.
#ifndef ELEA_ABI_FORMAT_INTERNAL_H
#define ELEA_ABI_FORMAT_INTERNAL_H

#include "elea/columnar.h"

// What a type is made from beside its format string.
typedef struct elea__format_context {
    elea_pool *pool;
    const elea_field *const *children;
    int64_t child_count;
    bool keys_sorted;
} elea__format_context;

// The format string of a type without parameters, which lives for ever; else NULL. Of a dictionary
// that of its indices.
const char *elea__format_fixed(const elea_type *type);

// Appends the format string of a type, without NUL; of a dictionary that of its indices.
ELEA_CHECKED elea_status elea__format_append(const elea_type *type, elea_text *text,
                                             elea_error *err);

// The type that a format string and child fields describe; of a dictionary that of its indices.
// ELEA_EINVAL for the wrong number of
// children or bad parameters, ELEA_EUNSUPPORTED for a format that is not known.
ELEA_CHECKED elea_status elea__format_parse(const char *format, const elea__format_context *context,
                                            elea_type **out, elea_error *err);

#endif // ELEA_ABI_FORMAT_INTERNAL_H
