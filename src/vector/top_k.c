// SPDX-License-Identifier: Apache-2.0
//
// The best k of each query. Every worker keeps a heap for each query with the worst hit on top; a
// block of scores none of which reaches that one is dropped after one comparison in a vectorised
// loop. "Better" is a total order (score, then row number), so that the best k are the same set
// whatever worker saw which rows.
#include <math.h>
#include <string.h>

#include "vector/scan_internal.h"

typedef struct hit_heap {
    elea_vector_hit *hits;
    int64_t count;
    int64_t capacity; // grows up to k
} hit_heap;

typedef struct top_k_task {
    elea_pool *pool;
    int64_t k;
    int64_t query_count;
    int64_t worker_count;
    int64_t worker_size; // bytes of a worker's heaps: whole cache lines, so that none is shared
    char *heaps;
} top_k_task;

static hit_heap *task_heap(const top_k_task *task, int64_t worker, int64_t query) {
    return (hit_heap *)(void *)(task->heaps + worker * task->worker_size) + query;
}

static bool hit_is_better(const elea_vector_hit *a, const elea_vector_hit *b) {
    return a->score > b->score || (a->score == b->score && a->row < b->row);
}

static void heap_sift_up(hit_heap *heap, int64_t at) {
    elea_vector_hit hit = heap->hits[at];
    while (at > 0) {
        int64_t parent = (at - 1) / 2;
        if (!hit_is_better(&heap->hits[parent], &hit))
            break;
        heap->hits[at] = heap->hits[parent];
        at = parent;
    }
    heap->hits[at] = hit;
}

static void heap_sift_down(hit_heap *heap, elea_vector_hit hit) {
    int64_t at = 0;
    for (;;) {
        int64_t child = 2 * at + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count && hit_is_better(&heap->hits[child], &heap->hits[child + 1]))
            child++;
        if (!hit_is_better(&hit, &heap->hits[child]))
            break;
        heap->hits[at] = heap->hits[child];
        at = child;
    }
    heap->hits[at] = hit;
}

// The heap becomes a list, best first.
static void heap_sort(hit_heap *heap) {
    int64_t count = heap->count;
    while (heap->count > 1) {
        elea_vector_hit worst = heap->hits[0];
        elea_vector_hit last = heap->hits[--heap->count];
        heap_sift_down(heap, last);
        heap->hits[heap->count] = worst;
    }
    heap->count = count;
}

static elea_status heap_grow(hit_heap *heap, const top_k_task *task, elea_error *err) {
    int64_t hit_size = (int64_t)sizeof(elea_vector_hit);
    int64_t capacity = heap->capacity < 32 ? 64 : heap->capacity * 2;
    capacity = capacity < task->k ? capacity : task->k;
    void *hits = heap->hits;
    ELEA_TRY(elea_realloc(task->pool, heap->capacity * hit_size, capacity * hit_size, &hits, err));
    heap->hits = hits;
    heap->capacity = capacity;
    return ELEA_OK;
}

// Puts a hit, whose score is a number, among the best k if it is one of them.
static elea_status heap_offer(hit_heap *heap, const top_k_task *task, elea_vector_hit hit,
                              elea_error *err) {
    if (heap->count < task->k) {
        if (heap->count == heap->capacity)
            ELEA_TRY(heap_grow(heap, task, err));
        heap->hits[heap->count] = hit;
        heap_sift_up(heap, heap->count++);
    } else if (hit_is_better(&hit, &heap->hits[0])) {
        heap_sift_down(heap, hit);
    }
    return ELEA_OK;
}

static elea_status top_k_take(void *context, const elea__scan_block *block, elea_error *err) {
    const top_k_task *task = context;
    hit_heap *heap = task_heap(task, block->worker, block->query);
    float bound = heap->count < task->k ? -INFINITY : heap->hits[0].score;
    int reached = 0;
    for (int64_t i = 0; i < block->count; i++)
        reached |= block->scores[i] >= bound;
    if (!reached)
        return ELEA_OK;
    // NaN is never at least the bound, not even minus infinity.
    for (int64_t i = 0; i < block->count; i++)
        if (block->scores[i] >= bound)
            ELEA_TRY(heap_offer(heap, task,
                                (elea_vector_hit){.row = block->rows[i], .score = block->scores[i]},
                                err));
    return ELEA_OK;
}

// Brings the heaps of all workers together in those of the first, which are the caller's hits.
static elea_status task_merge(const top_k_task *task, int64_t *hit_counts, elea_error *err) {
    for (int64_t query = 0; query < task->query_count; query++) {
        hit_heap *best = task_heap(task, 0, query);
        for (int64_t worker = 1; worker < task->worker_count; worker++) {
            const hit_heap *other = task_heap(task, worker, query);
            for (int64_t i = 0; i < other->count; i++)
                ELEA_TRY(heap_offer(best, task, other->hits[i], err));
        }
        heap_sort(best);
        hit_counts[query] = best->count;
    }
    return ELEA_OK;
}

static elea_status task_run(top_k_task *task, const elea__scan_request *request,
                            elea_vector_hit *hits, int64_t *hit_counts, elea_error *err) {
    elea_status status = ELEA_OK;
    int64_t hit_size = (int64_t)sizeof(elea_vector_hit);
    void *heaps = NULL;
    int64_t size;
    if (__builtin_mul_overflow(task->worker_size, task->worker_count, &size))
        return elea_error_set(err, ELEA_ECAPACITY, "queries: %lld of them do not fit memory",
                              (long long)task->query_count);
    ELEA_TRY(elea_alloc_zero(task->pool, size, &heaps, err));
    task->heaps = heaps;
    for (int64_t query = 0; query < task->query_count; query++)
        *task_heap(task, 0, query) =
            (hit_heap){.hits = hits + query * task->k, .capacity = task->k};
    ELEA_GOTO(done, elea__scan_run(request, top_k_take, task, err));
    ELEA_GOTO(done, task_merge(task, hit_counts, err));
done:
    for (int64_t worker = 1; worker < task->worker_count; worker++)
        for (int64_t query = 0; query < task->query_count; query++) {
            hit_heap *heap = task_heap(task, worker, query);
            elea_dealloc(task->pool, heap->hits, heap->capacity * hit_size);
        }
    elea_dealloc(task->pool, heaps, size);
    return status;
}

elea_status elea_vector_top_k(const elea_vectors *chunks, int64_t chunk_count,
                              const elea_vectors *queries, int64_t k, elea_vector_metric metric,
                              const elea_vector_options *options, elea_vector_hit *hits,
                              int64_t *hit_counts, elea_error *err) {
    elea_vector_options defaults;
    elea_vector_options_init(&defaults);
    options = options ? options : &defaults;
    elea__scan_request request = {chunks, chunk_count, queries, metric, options};
    int64_t row_count;
    int64_t hits_size;
    int64_t heap_size = (int64_t)sizeof(hit_heap);
    ELEA_TRY(elea__scan_validate(&request, &row_count, err));
    if (k < 0)
        return elea_error_set(err, ELEA_EINVAL, "k is %lld, expected at least 0", (long long)k);
    if (__builtin_mul_overflow(queries->count, k, &hits_size) ||
        __builtin_mul_overflow(hits_size, (int64_t)sizeof(elea_vector_hit), &hits_size))
        return elea_error_set(err, ELEA_ECAPACITY, "%lld queries and k %lld: too many hits",
                              (long long)queries->count, (long long)k);
    if (k == 0 || row_count == 0 || queries->count == 0) {
        for (int64_t query = 0; query < queries->count; query++)
            hit_counts[query] = 0;
        return ELEA_OK;
    }
    top_k_task task = {.pool = options->pool,
                       .k = k,
                       .query_count = queries->count,
                       .worker_count = elea_thread_pool_worker_count(options->threads),
                       .worker_size = (queries->count * heap_size + 63) / 64 * 64};
    return task_run(&task, &request, hits, hit_counts, err);
}
