// SPDX-License-Identifier: Apache-2.0
//
// Dot products of rows with queries, the inner loop of every search, for each instruction set. What
// they sum in which order is defined in elea/vector.h; all of them give the same bits.
#ifndef ELEA_VECTOR_DOT_INTERNAL_H
#define ELEA_VECTOR_DOT_INTERNAL_H

#include <elea/base.h>

// Rows in one call: as many as one mask of 64 bits can choose, and about what fits the L1 cache.
#define ELEA__DOT_ROWS_MAX 64
// The number of rows is a multiple of this, so that kernels have no remainder of rows.
#define ELEA__DOT_GROUP 8
// Queries and sums have this many lanes.
#define ELEA__DOT_LANES 16
// The most queries that one call takes.
#define ELEA__DOT_TILE_MAX 8

typedef struct elea__dot_rows {
    const uint8_t *const *rows; // where each row lies
    int64_t count;              // a multiple of ELEA__DOT_GROUP, at most ELEA__DOT_ROWS_MAX
    int64_t stride_bytes;       // from each row to the next, also past the last: read ahead; or 0
    int32_t dimension;
} elea__dot_rows;

// dots[q * ELEA__DOT_ROWS_MAX + i] = queries[q] . rows[i], and squares[i] = rows[i] . rows[i] in a
// kernel with squares. Queries lie one after the other, 64-byte aligned, each padded with zeros to
// a multiple of ELEA__DOT_LANES.
typedef void (*elea__dot_fn)(const elea__dot_rows *rows, const float *queries, float *dots,
                             float *squares);

typedef struct elea__dot_kernels {
    elea__dot_fn one[2][2];  // [elea_vector_element][with squares], one query
    elea__dot_fn many[2][2]; // `tile` queries
    int64_t tile;
} elea__dot_kernels;

// The kernels of a level, or NULL where this build has none. The machine must have the level.
const elea__dot_kernels *elea__dot_kernels_of(elea_cpu_level level);
// Of the level in use.
const elea__dot_kernels *elea__dot_kernels_get(void);

#endif // ELEA_VECTOR_DOT_INTERNAL_H
