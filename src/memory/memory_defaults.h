// SPDX-License-Identifier: Apache-2.0
//
// What the columns of a memory hold when nobody said.
#ifndef ELEA_MEMORY_MEMORY_DEFAULTS_H
#define ELEA_MEMORY_MEMORY_DEFAULTS_H

#include "memory/memory_schema.h"

// What defaults are made from.
typedef struct elea__memory_origin {
    elea_pool *pool;
    int64_t count;          // rows
    int64_t now_us;         // since 1970, UTC
    const elea_array *text; // utf8, `count` rows; the sizes in "compression" are its
} elea__memory_origin;

// `count` default values of a column of type `type`. Not for "embedding" and "text".
elea_status elea__memory_default(const elea__memory_origin *origin, elea__memory_column column,
                                 const elea_type *type, elea_array **out, elea_error *err);

// A utf8 column of `count` texts.
elea_status elea__memory_text_column(elea_pool *pool, const elea_bytes *texts, int64_t count,
                                     elea_array **out, elea_error *err);

#endif // ELEA_MEMORY_MEMORY_DEFAULTS_H
