// SPDX-License-Identifier: Apache-2.0
#include "memory/recall.h"

#include <math.h>
#include <string.h>

enum { K_DEFAULT = 5 };

static int64_t microseconds(void) { return elea__os_clock_monotonic_ns() / 1000; }

// ---- what is searched

static bool in_scope(const elea__segment *segment, const elea_recall_options *options) {
    return !options->category || strcmp(segment->entry.category, options->category) == 0;
}

// Opens the segments in scope. `segments` gets those that can be searched.
static elea_status open_scope(elea_store *store, const elea__snapshot *snapshot,
                              const elea_recall_options *options, elea__segment **segments,
                              int64_t *segment_count, int64_t *chunk_count,
                              elea_recall_figures *figures, elea_error *err) {
    *segment_count = *chunk_count = 0;
    for (int64_t i = 0; i < snapshot->manifest.segment_count; i++) {
        elea__segment *segment = snapshot->segments[i];
        if (!in_scope(segment, options))
            continue;
        elea_status status = elea__segment_open(segment, store->schema, err);
        if (status == ELEA_OK) {
            segments[(*segment_count)++] = segment;
            *chunk_count += segment->batch_count;
        } else if (options->skip_damaged && status != ELEA_ENOMEM) {
            figures->damaged_segments++;
        } else {
            return status;
        }
    }
    return ELEA_OK;
}

static void rows_release(elea__recall_rows *rows, elea_pool *pool) {
    elea_dealloc(pool, rows->chunks, rows->chunk_count * (int64_t)sizeof(*rows->chunks));
    elea_dealloc(pool, rows->vectors, rows->chunk_count * (int64_t)sizeof(*rows->vectors));
    *rows = (elea__recall_rows){0};
}

static elea_status rows_init(elea__recall_rows *rows, elea_pool *pool,
                             elea__segment *const *segments, int64_t segment_count,
                             int64_t chunk_count, elea_error *err) {
    void *chunks = NULL, *vectors = NULL;
    ELEA_TRY(elea_alloc(pool, chunk_count * (int64_t)sizeof(*rows->chunks), &chunks, err));
    elea_status status =
        elea_alloc(pool, chunk_count * (int64_t)sizeof(*rows->vectors), &vectors, err);
    if (status != ELEA_OK) {
        elea_dealloc(pool, chunks, chunk_count * (int64_t)sizeof(*rows->chunks));
        return status;
    }
    *rows = (elea__recall_rows){.chunks = chunks, .vectors = vectors, .chunk_count = chunk_count};
    int64_t next = 0;
    for (int64_t i = 0; i < segment_count; i++) {
        for (int64_t j = 0; j < segments[i]->batch_count; j++, next++) {
            const elea_record_batch *batch = segments[i]->batches[j];
            rows->chunks[next] = (elea__recall_chunk){
                .segment = segments[i], .batch = batch, .first_row = rows->row_count};
            status = elea_vectors_of_array(elea_record_batch_column(batch, ELEA__MEMORY_EMBEDDING),
                                           &rows->vectors[next], err);
            if (status != ELEA_OK)
                return elea_error_prefix(err, status, "segment %s is damaged",
                                         segments[i]->path.data);
            rows->vectors[next].unit_length = segments[i]->entry.unit_length;
            rows->row_count += rows->vectors[next].count;
        }
    }
    return ELEA_OK;
}

// ---- the search

static elea_status search(elea_store *store, const elea__recall_rows *rows, const float *vector,
                          const elea_recall_options *options, int64_t k,
                          elea_recall_figures *figures, elea_table **out, elea_error *err) {
    elea_vectors query = {.values = vector,
                          .count = 1,
                          .dimension = store->dimension,
                          .element = ELEA_VECTOR_FLOAT32};
    elea_vector_options how = {
        .threads = store->threads, .cancel = options->cancel, .pool = store->pool};
    int64_t count = 0;
    void *hits = NULL;
    if (k > rows->row_count)
        k = rows->row_count;
    ELEA_TRY(elea_alloc(store->pool, k * (int64_t)sizeof(elea_vector_hit), &hits, err));

    int64_t start = microseconds();
    elea_status status = elea_vector_top_k(rows->vectors, rows->chunk_count, &query, k,
                                           ELEA_VECTOR_COSINE, &how, hits, &count, err);
    figures->scan_us = microseconds() - start;
    figures->rows = rows->row_count;
    if (status == ELEA_OK)
        status = elea__recall_table(store, rows, hits, count, out, err);
    elea_dealloc(store->pool, hits, k * (int64_t)sizeof(elea_vector_hit));
    return status;
}

static elea_status recall(elea_store *store, const float *vector,
                          const elea_recall_options *options, elea_recall_figures *figures,
                          elea_table **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__recall_rows rows = {0};
    void *segments = NULL;
    int64_t segment_count = 0, chunk_count = 0;
    int64_t k = options->k > 0 ? options->k : K_DEFAULT;

    elea__snapshot *snapshot = elea__store_snapshot(store);
    int64_t size = snapshot->manifest.segment_count * (int64_t)sizeof(elea__segment *);
    ELEA_GOTO(done, elea_alloc(store->pool, size, &segments, err));
    ELEA_GOTO(done, open_scope(store, snapshot, options, segments, &segment_count, &chunk_count,
                               figures, err));
    ELEA_GOTO(done, rows_init(&rows, store->pool, segments, segment_count, chunk_count, err));
    ELEA_GOTO(done, search(store, &rows, vector, options, k, figures, out, err));
done:
    rows_release(&rows, store->pool);
    elea_dealloc(store->pool, segments, size);
    elea__snapshot_unref(snapshot);
    return status;
}

static elea_status check_options(const elea_recall_options *options, elea_error *err) {
    if (options->k < 0)
        return elea_error_set(err, ELEA_EINVAL, "k is %lld, and must not be negative",
                              (long long)options->k);
    if (options->category)
        return elea__category_check(options->category, err);
    return ELEA_OK;
}

static const elea_recall_options recall_defaults = {0};

elea_status elea_recall_vector(elea_store *store, const float *vector, int32_t dimension,
                               const elea_recall_options *options, elea_table **out,
                               elea_error *err) {
    elea_recall_figures figures = {0};
    if (!options)
        options = &recall_defaults;
    ELEA_TRY(check_options(options, err));
    if (dimension != store->dimension)
        return elea_error_set(err, ELEA_EINVAL, "the vector has dimension %d, the store %d",
                              (int)dimension, (int)store->dimension);

    int64_t copied = elea_copied_bytes();
    ELEA_TRY(recall(store, vector, options, &figures, out, err));
    figures.copied_bytes = elea_copied_bytes() - copied;
    if (options->figures)
        *options->figures = figures;
    return ELEA_OK;
}

// The query's vector in float32, widened from the halves that the embedder makes.
static elea_status encode_query(elea_store *store, const char *query, float *vector,
                                elea_error *err) {
    void *block = NULL;
    int64_t size = store->dimension * (int64_t)sizeof(uint16_t);
    elea_bytes text = elea_bytes_of(query);
    ELEA_TRY(elea_alloc(store->pool, size, &block, err));
    elea_status status =
        elea_embedder_encode_halves(store->embedder, &text, 1, NULL, block, NULL, err);
    if (status == ELEA_OK)
        elea_half_to_float_run(block, store->dimension, vector);
    elea_dealloc(store->pool, block, size);
    return status;
}

elea_status elea_recall(elea_store *store, const char *query, const elea_recall_options *options,
                        elea_table **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_recall_figures figures = {0};
    void *vector = NULL;
    int64_t size = store->dimension * (int64_t)sizeof(float);
    if (!options)
        options = &recall_defaults;
    ELEA_TRY(check_options(options, err));
    if (!store->embedder)
        return elea_error_set(err, ELEA_EINVAL,
                              "store %s was opened without an embedder, which a query needs",
                              store->path.data);
    ELEA_TRY(elea_alloc(store->pool, size, &vector, err));

    int64_t copied = elea_copied_bytes(), start = microseconds();
    ELEA_GOTO(done, encode_query(store, query, vector, err));
    figures.encode_us = microseconds() - start;
    ELEA_GOTO(done, recall(store, vector, options, &figures, out, err));
    figures.copied_bytes = elea_copied_bytes() - copied;
    if (options->figures)
        *options->figures = figures;
done:
    elea_dealloc(store->pool, vector, size);
    return status;
}
