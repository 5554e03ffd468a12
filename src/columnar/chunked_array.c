// SPDX-License-Identifier: Apache-2.0
//
// Chunked arrays: arrays of one type, one after the other, as if they were one.
#include "base/math_internal.h"
#include "base/prefetch_internal.h"
#include "columnar/array_internal.h"
#include "columnar/equal_internal.h"
#include "columnar/format_internal.h"
#include "columnar/ref_internal.h"

struct elea_chunked_array {
    int32_t refcount;
    elea_pool *pool;
    int64_t allocated;
    elea_type *type;
    int64_t length;
    int64_t count;
    int64_t *starts;      // the row each chunk begins with, and the length behind the last
    elea_array *chunks[]; // the starts follow in the same block
};

// Chunks lie far from each other: so many are asked for before they are looked at, with the bytes
// behind them, where the readers put their buffers.
#define AHEAD 4
#define CHUNK_SIZE 320

static void prefetch_chunk(const elea_array *const *chunks, int64_t index, int64_t count) {
    if (index < count)
        elea__prefetch(chunks[index], CHUNK_SIZE);
}

static elea_status check_chunks(const elea_type *type, const elea_array *const *chunks,
                                int64_t count, elea_error *err) {
    int64_t length = 0;
    for (int64_t i = 0; i < count; i++) {
        prefetch_chunk(chunks, i + AHEAD, count);
        if (!elea_type_equal(chunks[i]->type, type, false))
            return elea__type_mismatch(err, chunks[i]->type, type, "chunk %lld", (long long)i);
        if (elea__add_overflow(length, chunks[i]->length, &length))
            return elea_error_set(err, ELEA_ECAPACITY, "the rows of %lld chunks are too many",
                                  (long long)count);
    }
    return ELEA_OK;
}

elea_status elea_chunked_array_new(elea_pool *pool, const elea_type *type,
                                   const elea_array *const *chunks, int64_t count,
                                   elea_chunked_array **out, elea_error *err) {
    int64_t size;
    int64_t head = (int64_t)(sizeof(elea_chunked_array) + sizeof(int64_t));
    if (count < 0 || elea__mul_overflow(count, sizeof(elea_array *) + sizeof(int64_t), &size) ||
        elea__add_overflow(size, head, &size))
        return elea_error_set(err, ELEA_ECAPACITY, "%lld chunks", (long long)count);
    ELEA_TRY(check_chunks(type, chunks, count, err));
    void *block;
    ELEA_TRY(elea_alloc(pool, size, &block, err));
    elea_chunked_array *array = block;
    *array = (elea_chunked_array){.refcount = 1,
                                  .pool = pool,
                                  .allocated = size,
                                  .type = elea_type_ref(type),
                                  .count = count,
                                  .starts = (int64_t *)(array->chunks + count)};
    for (int64_t i = 0; i < count; i++) {
        array->starts[i] = array->length;
        array->chunks[i] = elea_array_ref(chunks[i]);
        array->length += chunks[i]->length;
    }
    array->starts[count] = array->length;
    *out = array;
    return ELEA_OK;
}

elea_chunked_array *elea_chunked_array_ref(const elea_chunked_array *array) {
    elea_chunked_array *shared = elea__unconst(array);
    if (shared)
        elea__count_ref(&shared->refcount);
    return shared;
}

void elea_chunked_array_unref(elea_chunked_array *array) {
    if (!array || !elea__count_unref(&array->refcount))
        return;
    for (int64_t i = 0; i < array->count; i++) {
        prefetch_chunk((const elea_array *const *)array->chunks, i + AHEAD, array->count);
        elea_array_unref(array->chunks[i]);
    }
    elea_type_unref(array->type);
    elea_dealloc(array->pool, array, array->allocated);
}

const elea_type *elea_chunked_array_type(const elea_chunked_array *array) { return array->type; }

int64_t elea_chunked_array_length(const elea_chunked_array *array) { return array->length; }

int64_t elea_chunked_array_null_count(const elea_chunked_array *array) {
    int64_t count = 0;
    for (int64_t i = 0; i < array->count; i++)
        count += elea_array_null_count(array->chunks[i]);
    return count;
}

int64_t elea_chunked_array_chunk_count(const elea_chunked_array *array) { return array->count; }

const elea_array *elea_chunked_array_chunk(const elea_chunked_array *array, int64_t index) {
    return array->chunks[index];
}

// The last chunk that begins at or before `row`: not an empty one that begins there, too.
void elea_chunked_array_locate(const elea_chunked_array *array, int64_t row, int64_t *chunk,
                               int64_t *row_in_chunk) {
    int64_t low = 0;
    int64_t high = array->count;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (array->starts[middle] <= row)
            low = middle;
        else
            high = middle;
    }
    *chunk = low;
    *row_in_chunk = row - array->starts[low];
}

elea_status elea_chunked_array_slice(const elea_chunked_array *array, int64_t offset,
                                     int64_t length, elea_chunked_array **out, elea_error *err) {
    elea_status status = ELEA_OK;
    int64_t made = 0;
    if (!elea__range_inside(offset, length, array->length))
        return elea_error_set(err, ELEA_EINDEX,
                              "rows from %lld, %lld of them, of a chunked array of %lld rows",
                              (long long)offset, (long long)length, (long long)array->length);
    int64_t table_size = array->count * (int64_t)sizeof(elea_array *);
    void *table;
    ELEA_TRY(elea_alloc(array->pool, table_size, &table, err));
    elea_array **chunks = table;
    for (int64_t i = 0; i < array->count; i++) {
        int64_t begin = elea__max(offset, array->starts[i]);
        int64_t end = elea__min(offset + length, array->starts[i + 1]);
        if (begin >= end)
            continue;
        ELEA_GOTO(done, elea_array_slice(array->chunks[i], begin - array->starts[i], end - begin,
                                         &chunks[made], err));
        made++;
    }
    ELEA_GOTO(done, elea_chunked_array_new(array->pool, array->type,
                                           (const elea_array *const *)chunks, made, out, err));

done:
    for (int64_t i = 0; i < made; i++)
        elea_array_unref(chunks[i]);
    elea_dealloc(array->pool, table, table_size);
    return status;
}

// Walks both by the pieces that lie in one chunk of each.
elea_status elea_chunked_array_equal(const elea_chunked_array *a, const elea_chunked_array *b,
                                     const elea_equal_options *options, bool *out,
                                     elea_error *err) {
    elea_equal_options defaults;
    (void)err;
    elea_equal_options_init(&defaults);
    options = options ? options : &defaults;
    *out = false;
    if (a->length != b->length || !elea_type_equal(a->type, b->type, options->with_metadata))
        return ELEA_OK;
    int64_t i = 0;
    int64_t j = 0;
    for (int64_t row = 0; row < a->length;) {
        while (a->starts[i + 1] <= row)
            i++;
        while (b->starts[j + 1] <= row)
            j++;
        int64_t end = elea__min(a->starts[i + 1], b->starts[j + 1]);
        if (!elea__range_equal(a->chunks[i], row - a->starts[i], b->chunks[j], row - b->starts[j],
                               end - row, options))
            return ELEA_OK;
        row = end;
    }
    *out = true;
    return ELEA_OK;
}

elea_status elea_chunked_array_validate(const elea_chunked_array *array, elea_validation validation,
                                        elea_error *err) {
    for (int64_t i = 0; i < array->count; i++) {
        elea_status status = elea_array_validate(array->chunks[i], validation, err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "chunk %lld", (long long)i);
    }
    return ELEA_OK;
}
