// SPDX-License-Identifier: Apache-2.0
//
// The one pass over all rows that every search is made of: it gives the scores of each query, block
// by block, to a sink.
#ifndef ELEA_VECTOR_SCAN_INTERNAL_H
#define ELEA_VECTOR_SCAN_INTERNAL_H

#include <elea/vector.h>

// Scores of rows that may match, rows ascending within a block; a score may be NaN.
typedef struct elea__scan_block {
    int64_t query;
    int64_t count; // at least 1, at most ELEA__DOT_ROWS_MAX
    const int64_t *rows;
    const float *scores;
    int worker; // blocks of one worker come one after the other, in no fixed order
} elea__scan_block;

typedef elea_status (*elea__scan_sink)(void *context, const elea__scan_block *block,
                                       elea_error *err);

// What is searched. Views are borrowed; `options` is not NULL.
typedef struct elea__scan_request {
    const elea_vectors *chunks;
    int64_t chunk_count;
    const elea_vectors *queries;
    elea_vector_metric metric;
    const elea_vector_options *options;
} elea__scan_request;

// Whether all views are sound and of one dimension; gives the number of rows.
ELEA_CHECKED elea_status elea__scan_validate(const elea__scan_request *request, int64_t *row_count,
                                             elea_error *err);
// Runs over a request that is valid. `sink` is called from the workers of options->threads.
ELEA_CHECKED elea_status elea__scan_run(const elea__scan_request *request, elea__scan_sink sink,
                                        void *context, elea_error *err);

#endif // ELEA_VECTOR_SCAN_INTERNAL_H
