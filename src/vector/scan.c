// SPDX-License-Identifier: Apache-2.0
#include <math.h>

#include "vector/dot_internal.h"
#include "vector/scan_internal.h"
#include "vector/vectors_internal.h"

// A morsel is about this many bytes of rows.
#define MORSEL_BYTES ((int64_t)1 << 20)
// With this many queries left, one pass with a tile padded by zeros beats a pass for each.
#define TILE_WORTH 3
// Rows are picked one by one when less than this part of them is wanted; otherwise it is faster to
// read and score all, in the order of memory.
#define DENSE_DENOMINATOR 1
#define DENSE_NUMERATOR 2
// Keeps every size that is a small multiple of the number of queries from overflowing.
#define QUERIES_MAX ((int64_t)1 << 40)

// A scan under way. Nothing here changes once the workers run.
typedef struct scan_state {
    const elea__scan_request *request;
    const elea__dot_kernels *kernels;
    elea__scan_sink sink;
    void *sink_context;
    int64_t *starts; // chunk c holds rows [starts[c], starts[c + 1])
    int64_t row_count;
    // Queries that are not null: widened, padded to `width` with zeros, one after the other, with
    // room for a last tile of queries that are zero.
    int64_t query_count;
    int64_t width;
    int64_t *query_numbers; // where each was in the request
    float *queries;
    float *query_norms; // the divisor that a cosine has for the query
} scan_state;

// Rows of one chunk, chosen for one call of the kernels.
typedef struct row_block {
    const elea_vectors *chunk;
    int64_t chunk_start;
    int64_t count;
    int64_t stride_bytes; // when the rows follow each other in memory, else 0
    uint64_t wanted;      // bit i: row i may match
    const uint8_t *rows[ELEA__DOT_ROWS_MAX];
    int64_t numbers[ELEA__DOT_ROWS_MAX];
    float norms[ELEA__DOT_ROWS_MAX]; // the divisor that a cosine has for the row
    bool plain;                      // all norms are
} row_block;

// ---- validation

static elea_status validate_chunk(const elea__scan_request *request, int64_t index,
                                  elea_error *err) {
    const elea_vectors *chunk = &request->chunks[index];
    const elea_vectors *queries = request->queries;
    elea_status status = elea__vectors_validate(chunk, "rows", err);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "chunk %lld", (long long)index);
    if (chunk->count > 0 && queries->count > 0 && chunk->dimension != queries->dimension)
        return elea_error_set(err, ELEA_EINVAL,
                              "chunk %lld: rows have dimension %d, but the queries have %d",
                              (long long)index, (int)chunk->dimension, (int)queries->dimension);
    return ELEA_OK;
}

elea_status elea__scan_validate(const elea__scan_request *request, int64_t *row_count,
                                elea_error *err) {
    if (request->metric != ELEA_VECTOR_COSINE && request->metric != ELEA_VECTOR_INNER_PRODUCT)
        return elea_error_set(err, ELEA_EINVAL, "unknown metric %d", (int)request->metric);
    if (request->chunk_count < 0)
        return elea_error_set(err, ELEA_EINVAL, "negative chunk count %lld",
                              (long long)request->chunk_count);
    if (request->options->filter && request->options->filter_offset < 0)
        return elea_error_set(err, ELEA_EINVAL, "negative filter offset %lld",
                              (long long)request->options->filter_offset);
    ELEA_TRY(elea__vectors_validate(request->queries, "queries", err));
    if (request->queries->count > QUERIES_MAX)
        return elea_error_set(err, ELEA_ECAPACITY, "queries: %lld of them, at most %lld",
                              (long long)request->queries->count, (long long)QUERIES_MAX);
    int64_t total = 0;
    for (int64_t i = 0; i < request->chunk_count; i++) {
        ELEA_TRY(validate_chunk(request, i, err));
        if (__builtin_add_overflow(total, request->chunks[i].count, &total))
            return elea_error_set(err, ELEA_ECAPACITY, "rows of all chunks: too many to count");
    }
    *row_count = total;
    return ELEA_OK;
}

// ---- queries

static float query_norm(const scan_state *scan, const float *query, int32_t dimension) {
    const uint8_t *rows[ELEA__DOT_GROUP];
    float dots[ELEA__DOT_ROWS_MAX];
    float squares[ELEA__DOT_ROWS_MAX];
    for (int i = 0; i < ELEA__DOT_GROUP; i++)
        rows[i] = (const uint8_t *)query;
    elea__dot_rows block = {.rows = rows, .count = ELEA__DOT_GROUP, .dimension = dimension};
    scan->kernels->one[ELEA_VECTOR_FLOAT32][1](&block, query, dots, squares);
    return sqrtf(squares[0]);
}

// Under cosine the length of a query does not matter. One whose squares may not fit a float32 is
// brought near 1 by a power of two, which changes no bit of a score. Gives the new length.
static float query_scale(const scan_state *scan, float *query, int32_t dimension) {
    float largest = 0;
    for (int32_t i = 0; i < dimension; i++)
        largest = fabsf(query[i]) > largest ? fabsf(query[i]) : largest;
    int exponent = 0;
    if (isfinite(largest))
        (void)frexpf(largest, &exponent);
    for (int32_t i = 0; i < dimension; i++)
        query[i] = ldexpf(query[i], -exponent);
    return query_norm(scan, query, dimension);
}

static void scan_widen_queries(scan_state *scan) {
    const elea_vectors *queries = scan->request->queries;
    bool with_norm = scan->request->metric == ELEA_VECTOR_COSINE && !queries->unit_length;
    for (int64_t i = 0; i < queries->count; i++) {
        if (queries->validity && !elea_bit_get(queries->validity, queries->validity_offset + i))
            continue;
        float *query = scan->queries + scan->query_count * scan->width;
        elea__vectors_widen(elea__vectors_row(queries, i), queries->element, queries->dimension,
                            query);
        float norm = with_norm ? query_norm(scan, query, queries->dimension) : 1;
        if (!elea__norm_is_plain(norm))
            norm = query_scale(scan, query, queries->dimension);
        scan->query_norms[scan->query_count] = norm;
        scan->query_numbers[scan->query_count++] = i;
    }
}

// ---- one block

// Bits [offset, offset + count) of a bitmap, count at most 64; NULL: ones. Reads no other bytes.
static uint64_t bits_at(const uint8_t *bits, int64_t offset, int64_t count) {
    uint64_t ones = count == 64 ? ~(uint64_t)0 : ((uint64_t)1 << count) - 1;
    if (!bits)
        return ones;
    const uint8_t *source = bits + offset / 8;
    int shift = (int)(offset % 8);
    int64_t size = elea_bitmap_size(shift + count);
    uint64_t word = 0;
    for (int64_t i = 0; i < size && i < 8; i++)
        word |= (uint64_t)source[i] << (8 * i);
    word >>= shift;
    if (size == 9)
        word |= (uint64_t)source[8] << (64 - shift);
    return word & ones;
}

static bool chunk_needs_squares(const scan_state *scan, const elea_vectors *chunk) {
    return scan->request->metric == ELEA_VECTOR_COSINE && !chunk->unit_length && !chunk->norms;
}

// Finds the divisors of a block's rows; `squares` only if they are needed.
static void block_set_norms(const scan_state *scan, row_block *block, const float *squares) {
    const elea_vectors *chunk = block->chunk;
    const float *cached = squares || chunk->unit_length ? NULL : chunk->norms;
    if (scan->request->metric != ELEA_VECTOR_COSINE)
        return;
    for (int64_t i = 0; i < block->count; i++)
        block->norms[i] = squares  ? sqrtf(squares[i])
                          : cached ? cached[block->numbers[i] - block->chunk_start]
                                   : 1;
    int plain = 1;
    for (int64_t i = 0; i < block->count; i++)
        plain &= elea__norm_is_plain(block->norms[i]);
    block->plain = plain;
    if (plain || !squares)
        return;
    for (int64_t i = 0; i < block->count; i++)
        block->norms[i] =
            elea__norm_of(block->rows[i], chunk->element, chunk->dimension, squares[i]);
}

static void block_make_cosines(const scan_state *scan, const row_block *block, int64_t query,
                               float *scores) {
    float query_length = scan->query_norms[query];
    for (int64_t i = 0; i < block->count; i++)
        scores[i] /= query_length * block->norms[i];
    if (block->plain)
        return;
    for (int64_t i = 0; i < block->count; i++)
        if (!elea__norm_is_plain(block->norms[i]))
            scores[i] =
                elea__cosine_careful(block->rows[i], block->chunk->element, block->chunk->dimension,
                                     scan->queries + query * scan->width, query_length);
}

// Makes scores of a query's dot products, in place, and gives them to the sink.
static elea_status block_give(const scan_state *scan, const row_block *block, int64_t query,
                              float *scores, int worker, elea_error *err) {
    if (scan->request->metric == ELEA_VECTOR_COSINE)
        block_make_cosines(scan, block, query, scores);
    for (uint64_t left = ~block->wanted & bits_at(NULL, 0, block->count); left; left &= left - 1)
        scores[__builtin_ctzll(left)] = NAN;
    elea__scan_block out = {.query = scan->query_numbers[query],
                            .count = block->count,
                            .rows = block->numbers,
                            .scores = scores,
                            .worker = worker};
    return scan->sink(scan->sink_context, &out, err);
}

// Scores the chosen rows against all queries and leaves the block empty. The rows of a block stay
// in the nearest caches while one tile of queries after the other goes over them.
static elea_status block_flush(const scan_state *scan, row_block *block, int worker,
                               elea_error *err) {
    const elea__dot_kernels *kernels = scan->kernels;
    elea_vector_element element = block->chunk->element;
    float dots[ELEA__DOT_ROWS_MAX * ELEA__DOT_TILE_MAX];
    float squares[ELEA__DOT_ROWS_MAX];
    int64_t padded = (block->count + ELEA__DOT_GROUP - 1) / ELEA__DOT_GROUP * ELEA__DOT_GROUP;
    for (int64_t i = block->count; i < padded; i++)
        block->rows[i] = block->rows[block->count - 1];
    elea__dot_rows rows = {.rows = block->rows,
                           .count = padded,
                           .stride_bytes = block->stride_bytes,
                           .dimension = block->chunk->dimension};
    bool with_squares = chunk_needs_squares(scan, block->chunk);
    for (int64_t query = 0; query < scan->query_count;) {
        int64_t left = scan->query_count - query;
        bool many = left >= TILE_WORTH;
        bool first = query == 0;
        elea__dot_fn kernel = (many ? kernels->many : kernels->one)[element][first && with_squares];
        kernel(&rows, scan->queries + query * scan->width, dots, squares);
        rows.stride_bytes = 0;
        if (first)
            block_set_norms(scan, block, with_squares ? squares : NULL);
        int64_t tile = !many ? 1 : left < kernels->tile ? left : kernels->tile;
        for (int64_t i = 0; i < tile; i++)
            ELEA_TRY(
                block_give(scan, block, query + i, dots + i * ELEA__DOT_ROWS_MAX, worker, err));
        query += tile;
    }
    block->count = 0;
    return ELEA_OK;
}

// ---- choosing rows

// Rows [row, row + count), which lie one after the other. Those that are not in `mask` are scored
// in vain.
static void block_fill(row_block *block, int64_t row, int64_t count, uint64_t mask) {
    const uint8_t *first = elea__vectors_row(block->chunk, row);
    block->stride_bytes = elea__vectors_stride(block->chunk);
    block->count = count;
    block->wanted = mask;
    for (int64_t i = 0; i < count; i++) {
        block->rows[i] = first + i * block->stride_bytes;
        block->numbers[i] = block->chunk_start + row + i;
    }
}

// The rows of `mask` among those from `row` on. They are asked for at once, since the kernels read
// ahead only where rows follow each other.
static elea_status block_gather(const scan_state *scan, row_block *block, int64_t row,
                                uint64_t mask, int worker, elea_error *err) {
    int64_t row_size = elea__vectors_row_size(block->chunk);
    block->stride_bytes = 0;
    block->wanted = ~(uint64_t)0;
    for (; mask; mask &= mask - 1) {
        int64_t chosen = row + __builtin_ctzll(mask);
        const uint8_t *source = elea__vectors_row(block->chunk, chosen);
        for (int64_t at = 0; at < row_size; at += 64)
            __builtin_prefetch(source + at, 0, 2);
        block->rows[block->count] = source;
        block->numbers[block->count++] = block->chunk_start + chosen;
        if (block->count == ELEA__DOT_ROWS_MAX)
            ELEA_TRY(block_flush(scan, block, worker, err));
    }
    return ELEA_OK;
}

// Rows [begin, end) of the whole, which lie in one chunk.
static elea_status scan_chunk(const scan_state *scan, int64_t chunk_index, int64_t begin,
                              int64_t end, int worker, elea_error *err) {
    const elea_vectors *chunk = &scan->request->chunks[chunk_index];
    const elea_vector_options *options = scan->request->options;
    row_block block;
    block.chunk = chunk;
    block.chunk_start = scan->starts[chunk_index];
    block.count = 0;
    for (int64_t at = begin; at < end; at += ELEA__DOT_ROWS_MAX) {
        int64_t count = end - at < ELEA__DOT_ROWS_MAX ? end - at : ELEA__DOT_ROWS_MAX;
        int64_t row = at - block.chunk_start;
        uint64_t mask = bits_at(chunk->validity, chunk->validity_offset + row, count) &
                        bits_at(options->filter, options->filter_offset + at, count);
        if (__builtin_popcountll(mask) * DENSE_NUMERATOR < count * DENSE_DENOMINATOR) {
            ELEA_TRY(block_gather(scan, &block, row, mask, worker, err));
            continue;
        }
        if (block.count > 0)
            ELEA_TRY(block_flush(scan, &block, worker, err));
        block_fill(&block, row, count, mask);
        ELEA_TRY(block_flush(scan, &block, worker, err));
    }
    return block.count > 0 ? block_flush(scan, &block, worker, err) : ELEA_OK;
}

// The last chunk that starts at or before a row; chunks without rows are never it.
static int64_t scan_find_chunk(const scan_state *scan, int64_t row) {
    int64_t low = 0;
    int64_t high = scan->request->chunk_count;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (scan->starts[middle] <= row)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static elea_status scan_morsel(void *context, int64_t begin, int64_t end, int worker,
                               elea_error *err) {
    const scan_state *scan = context;
    for (int64_t chunk = scan_find_chunk(scan, begin); begin < end; chunk++) {
        int64_t chunk_end = scan->starts[chunk + 1] < end ? scan->starts[chunk + 1] : end;
        ELEA_TRY(scan_chunk(scan, chunk, begin, chunk_end, worker, err));
        begin = chunk_end;
    }
    return ELEA_OK;
}

// ---- the scan

static int64_t morsel_rows(const scan_state *scan) {
    int64_t rows = MORSEL_BYTES / (scan->width * (int64_t)sizeof(uint16_t));
    return (rows + ELEA__DOT_ROWS_MAX) / ELEA__DOT_ROWS_MAX * ELEA__DOT_ROWS_MAX;
}

elea_status elea__scan_run(const elea__scan_request *request, elea__scan_sink sink, void *context,
                           elea_error *err) {
    const elea_vectors *queries = request->queries;
    const elea_vector_options *options = request->options;
    elea_pool *pool = options->pool;
    elea_status status = ELEA_OK;
    scan_state scan = {.request = request,
                       .kernels = elea__dot_kernels_get(),
                       .sink = sink,
                       .sink_context = context};
    int64_t lanes = ELEA__DOT_LANES;
    scan.width = ((int64_t)queries->dimension + lanes - 1) / lanes * lanes;
    // One allocation: starts, query numbers, then query norms and queries, on 64 bytes each.
    int64_t starts_size = (request->chunk_count + 1 + 7) / 8 * 64;
    int64_t numbers_size = (queries->count + 7) / 8 * 64;
    int64_t norms_size = (queries->count + 15) / 16 * 64;
    int64_t size;
    void *scratch = NULL;
    if (__builtin_mul_overflow(queries->count + ELEA__DOT_TILE_MAX,
                               scan.width * (int64_t)sizeof(float), &size) ||
        __builtin_add_overflow(size, starts_size + numbers_size + norms_size, &size))
        return elea_error_set(err, ELEA_ECAPACITY, "queries: %lld of them do not fit memory",
                              (long long)queries->count);
    ELEA_GOTO(done, elea_alloc_zero(pool, size, &scratch, err));
    scan.starts = scratch;
    scan.query_numbers = (int64_t *)((char *)scratch + starts_size);
    scan.query_norms = (float *)((char *)scratch + starts_size + numbers_size);
    scan.queries = (float *)((char *)scratch + starts_size + numbers_size + norms_size);
    for (int64_t i = 0; i < request->chunk_count; i++)
        scan.starts[i + 1] = scan.starts[i] + request->chunks[i].count;
    scan.row_count = scan.starts[request->chunk_count];
    scan_widen_queries(&scan);
    if (scan.query_count > 0 && scan.row_count > 0)
        ELEA_GOTO(done, elea_thread_pool_for(options->threads, scan.row_count, morsel_rows(&scan),
                                             scan_morsel, &scan, options->cancel, err));
done:
    elea_dealloc(pool, scratch, size);
    return status;
}
