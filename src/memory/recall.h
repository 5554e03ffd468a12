// SPDX-License-Identifier: Apache-2.0
//
// The two halves of a recall: the rows that are searched, and the table of those that were found.
#ifndef ELEA_MEMORY_RECALL_H
#define ELEA_MEMORY_RECALL_H

#include <elea/vector.h>

#include "memory/store_internal.h"

// A batch of a segment as a run of rows in the search.
typedef struct elea__recall_chunk {
    const elea__segment *segment;
    const elea_record_batch *batch;
    int64_t first_row; // counted through all chunks
} elea__recall_chunk;

// What is searched. Everything is borrowed from a snapshot.
typedef struct elea__recall_rows {
    elea__recall_chunk *chunks;
    elea_vectors *vectors; // a view for each chunk
    int64_t chunk_count;
    int64_t row_count;
} elea__recall_rows;

// The table that elea_recall() promises, of `count` hits. The strings that are shown are checked
// here, as the scan did not look at them: a damaged one is an error that names segment and row.
elea_status elea__recall_table(elea_store *store, const elea__recall_rows *rows,
                               const elea_vector_hit *hits, int64_t count, elea_table **out,
                               elea_error *err);

#endif // ELEA_MEMORY_RECALL_H
