// SPDX-License-Identifier: Apache-2.0
//
// Record batches that lie with their arrays in one arena.
#ifndef ELEA_COLUMNAR_RECORD_BATCH_INTERNAL_H
#define ELEA_COLUMNAR_RECORD_BATCH_INTERNAL_H

#include "base/arena_internal.h"
#include "elea/columnar.h"

// The storage that a record batch takes, which is aligned as pointers are.
int64_t elea__record_batch_size(int64_t column_count);

// elea_record_batch_new() at `storage`, inside `arena`. When it succeeds, it takes the references
// of the columns, which are set to NULL.
ELEA_CHECKED elea_status elea__record_batch_new_at(void *storage, elea__arena *arena,
                                                   const elea_schema *schema, int64_t length,
                                                   elea_array **columns, elea_record_batch **out,
                                                   elea_error *err);

#endif // ELEA_COLUMNAR_RECORD_BATCH_INTERNAL_H
