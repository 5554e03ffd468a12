// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "vector/scan_internal.h"

typedef struct scores_task {
    float *scores;
    int64_t row_count;
} scores_task;

static elea_status scores_take(void *context, const elea__scan_block *block, elea_error *err) {
    (void)err;
    const scores_task *task = context;
    float *scores = task->scores + block->query * task->row_count;
    for (int64_t i = 0; i < block->count; i++)
        scores[block->rows[i]] = block->scores[i];
    return ELEA_OK;
}

elea_status elea_vector_scores(const elea_vectors *chunks, int64_t chunk_count,
                               const elea_vectors *queries, elea_vector_metric metric,
                               const elea_vector_options *options, float *scores, elea_error *err) {
    elea_vector_options defaults;
    elea_vector_options_init(&defaults);
    elea__scan_request request = {chunks, chunk_count, queries, metric,
                                  options ? options : &defaults};
    scores_task task = {.scores = scores};
    int64_t score_count;
    ELEA_TRY(elea__scan_validate(&request, &task.row_count, err));
    if (__builtin_mul_overflow(task.row_count, queries->count, &score_count))
        return elea_error_set(err, ELEA_ECAPACITY, "%lld queries and %lld rows: too many scores",
                              (long long)queries->count, (long long)task.row_count);
    // Rows that are left out are never visited.
    for (int64_t i = 0; i < score_count; i++)
        scores[i] = NAN;
    return elea__scan_run(&request, scores_take, &task, err);
}
