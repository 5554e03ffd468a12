// SPDX-License-Identifier: Apache-2.0
//
// The result of a recall. Its strings are views (Arrow's utf8_view) that point into the mapped
// segments; what is new is 16 bytes a string, a time and a score for each row.
#include <string.h>

#include "memory/recall.h"

enum { VIEW_SIZE = 16, VIEW_INLINE_MAX = 12 };

enum { RESULT_MEMORY_ID, RESULT_TIMESTAMP, RESULT_TEXT, RESULT_SIMILARITY, RESULT_COUNT };

// The chunk that holds a row.
static int64_t chunk_of(const elea__recall_rows *rows, int64_t row) {
    int64_t low = 0, high = rows->chunk_count;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (rows->chunks[middle].first_row <= row)
            low = middle;
        else
            high = middle;
    }
    // Empty chunks share the first row of the next one; the search gives the last of them, which
    // has rows.
    return low;
}

// ---- strings

// A string that can be shown, and where it lies in the column's bytes.
typedef struct found_string {
    elea_bytes bytes;
    int32_t offset;
} found_string;

static elea_status find_string(const elea__recall_chunk *chunk, elea__memory_column column,
                               int64_t row, found_string *out, elea_error *err) {
    elea_span span;
    elea_span_of(elea_record_batch_column(chunk->batch, column), &span);
    *out = (found_string){{NULL, 0}, 0};
    if (!elea_span_is_valid(&span, row))
        return ELEA_OK;

    const int32_t *offsets = (const int32_t *)(const void *)span.buffers[1] + span.offset + row;
    const char *problem = NULL;
    if (offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] > span.sizes[2]) {
        problem = "lies outside the values";
    } else {
        out->offset = offsets[0];
        out->bytes =
            (elea_bytes){(const char *)span.buffers[2] + offsets[0], offsets[1] - offsets[0]};
        if (elea_utf8_check(out->bytes.data, out->bytes.size) != out->bytes.size)
            problem = "is not UTF-8";
    }
    if (problem)
        return elea_error_set(
            err, ELEA_EINVAL,
            "segment %s is damaged: column \"%s\": row %lld %s (bytes %d to %d of "
            "%lld)",
            chunk->segment->path.data, elea__memory_column_name(column), (long long)row, problem,
            (int)offsets[0], (int)offsets[1], (long long)span.sizes[2]);
    return ELEA_OK;
}

// One view: the size, then the string itself when it is short, else its first four bytes, the
// number of its buffer and the offset there (Arrow columnar format, "Variable-size Binary View").
static void put_view(uint8_t *view, const found_string *string, int32_t buffer) {
    int32_t size = (int32_t)string->bytes.size;
    memset(view, 0, VIEW_SIZE);
    memcpy(view, &size, 4);
    if (size <= VIEW_INLINE_MAX) {
        if (size > 0)
            memcpy(view + 4, string->bytes.data, (size_t)size);
        return;
    }
    memcpy(view + 4, string->bytes.data, 4);
    memcpy(view + 8, &buffer, 4);
    memcpy(view + 12, &string->offset, 4);
}

// What a column of views is put together in. Buffer 0 is the validity (none), 1 the views, the
// rest the bytes of each chunk that a view points into.
typedef struct view_column {
    elea_buffer *views;
    const elea_buffer **buffers;
    int32_t *buffer_of_chunk; // -1: none yet
    int64_t buffer_count;
} view_column;

static int32_t buffer_for(view_column *to, const elea__recall_rows *rows, int64_t chunk,
                          elea__memory_column column) {
    if (to->buffer_of_chunk[chunk] < 0) {
        const elea_array *array = elea_record_batch_column(rows->chunks[chunk].batch, column);
        to->buffer_of_chunk[chunk] = (int32_t)to->buffer_count - 2;
        to->buffers[to->buffer_count++] = elea_array_buffer(array, 2);
    }
    return to->buffer_of_chunk[chunk];
}

static elea_status fill_views(view_column *to, const elea__recall_rows *rows,
                              const elea_vector_hit *hits, int64_t count,
                              elea__memory_column column, elea_error *err) {
    uint8_t *views = elea_buffer_mutable_data(to->views);
    for (int64_t i = 0; i < rows->chunk_count; i++)
        to->buffer_of_chunk[i] = -1;
    for (int64_t i = 0; i < count; i++) {
        found_string string;
        int64_t chunk = chunk_of(rows, hits[i].row);
        ELEA_TRY(find_string(&rows->chunks[chunk], column,
                             hits[i].row - rows->chunks[chunk].first_row, &string, err));
        int32_t buffer =
            string.bytes.size > VIEW_INLINE_MAX ? buffer_for(to, rows, chunk, column) : 0;
        put_view(views + i * VIEW_SIZE, &string, buffer);
    }
    return ELEA_OK;
}

static elea_status view_column_new(elea_store *store, const elea__recall_rows *rows,
                                   const elea_vector_hit *hits, int64_t count,
                                   elea__memory_column column, elea_array **out, elea_error *err) {
    elea_status status = ELEA_OK;
    int64_t buffers_size = (rows->chunk_count + 2) * (int64_t)sizeof(elea_buffer *);
    int64_t map_size = rows->chunk_count * (int64_t)sizeof(int32_t);
    void *buffers = NULL, *map = NULL;
    view_column to = {.buffer_count = 2};

    ELEA_GOTO(done, elea_alloc_zero(store->pool, buffers_size, &buffers, err));
    ELEA_GOTO(done, elea_alloc(store->pool, map_size, &map, err));
    ELEA_GOTO(done, elea_buffer_new(store->pool, count * VIEW_SIZE, &to.views, err));
    to.buffers = buffers;
    to.buffer_of_chunk = map;
    to.buffers[1] = to.views;
    ELEA_GOTO(done, fill_views(&to, rows, hits, count, column, err));
    ELEA_GOTO(done, elea_array_new(store->pool,
                                   &(elea_array_parts){.type = elea_type_of(ELEA_TYPE_UTF8_VIEW),
                                                       .length = count,
                                                       .buffers = to.buffers,
                                                       .buffer_count = to.buffer_count},
                                   out, err));
done:
    elea_buffer_unref(to.views);
    elea_dealloc(store->pool, map, map_size);
    elea_dealloc(store->pool, buffers, buffers_size);
    return status;
}

// ---- numbers

static elea_status numbers_new(elea_store *store, const elea_type *type, elea_buffer *values,
                               int64_t count, elea_array **out, elea_error *err) {
    const elea_buffer *buffers[] = {NULL, values};
    return elea_array_new(
        store->pool,
        &(elea_array_parts){.type = type, .length = count, .buffers = buffers, .buffer_count = 2},
        out, err);
}

static elea_status timestamps_new(elea_store *store, const elea__recall_rows *rows,
                                  const elea_vector_hit *hits, int64_t count, elea_array **out,
                                  elea_error *err) {
    elea_buffer *buffer = NULL;
    ELEA_TRY(elea_buffer_new(store->pool, count * (int64_t)sizeof(int64_t), &buffer, err));
    int64_t *values = (int64_t *)(void *)elea_buffer_mutable_data(buffer);
    for (int64_t i = 0; i < count; i++) {
        elea_span span;
        const elea__recall_chunk *chunk = &rows->chunks[chunk_of(rows, hits[i].row)];
        elea_span_of(elea_record_batch_column(chunk->batch, ELEA__MEMORY_TIMESTAMP), &span);
        values[i] = elea_span_get_int(&span, hits[i].row - chunk->first_row);
    }
    const elea_type *type =
        elea_field_type(elea_schema_field(store->schema, ELEA__MEMORY_TIMESTAMP));
    elea_status status = numbers_new(store, type, buffer, count, out, err);
    elea_buffer_unref(buffer);
    return status;
}

static elea_status similarities_new(elea_store *store, const elea_vector_hit *hits, int64_t count,
                                    elea_array **out, elea_error *err) {
    elea_buffer *buffer = NULL;
    ELEA_TRY(elea_buffer_new(store->pool, count * (int64_t)sizeof(float), &buffer, err));
    float *values = (float *)(void *)elea_buffer_mutable_data(buffer);
    for (int64_t i = 0; i < count; i++)
        values[i] = hits[i].score;
    elea_status status =
        numbers_new(store, elea_type_of(ELEA_TYPE_FLOAT32), buffer, count, out, err);
    elea_buffer_unref(buffer);
    return status;
}

// ---- the table

static elea_status table_of(elea_store *store, elea_array *const *columns, int64_t count,
                            elea_table **out, elea_error *err) {
    static const char *const names[RESULT_COUNT] = {"memory_id", "timestamp", "text", "similarity"};
    elea_status status = ELEA_OK;
    elea_field *fields[RESULT_COUNT] = {0};
    elea_schema *schema = NULL;
    elea_record_batch *batch = NULL;

    for (int i = 0; i < RESULT_COUNT; i++)
        ELEA_GOTO(done, elea_field_new(store->pool, elea_bytes_of(names[i]),
                                       elea_array_type(columns[i]), false, NULL, &fields[i], err));
    ELEA_GOTO(done, elea_schema_new(store->pool, (const elea_field *const *)fields, RESULT_COUNT,
                                    NULL, &schema, err));
    ELEA_GOTO(done, elea_record_batch_new(store->pool, schema, count,
                                          (const elea_array *const *)columns, &batch, err));
    ELEA_GOTO(done,
              elea_table_new_from_batches(store->pool, schema,
                                          (const elea_record_batch *const[]){batch}, 1, out, err));
done:
    elea_record_batch_unref(batch);
    elea_schema_unref(schema);
    for (int i = 0; i < RESULT_COUNT; i++)
        elea_field_unref(fields[i]);
    return status;
}

elea_status elea__recall_table(elea_store *store, const elea__recall_rows *rows,
                               const elea_vector_hit *hits, int64_t count, elea_table **out,
                               elea_error *err) {
    elea_status status = ELEA_OK;
    elea_array *columns[RESULT_COUNT] = {0};
    ELEA_GOTO(done, view_column_new(store, rows, hits, count, ELEA__MEMORY_MEMORY_ID,
                                    &columns[RESULT_MEMORY_ID], err));
    ELEA_GOTO(done, timestamps_new(store, rows, hits, count, &columns[RESULT_TIMESTAMP], err));
    ELEA_GOTO(done, view_column_new(store, rows, hits, count, ELEA__MEMORY_TEXT,
                                    &columns[RESULT_TEXT], err));
    ELEA_GOTO(done, similarities_new(store, hits, count, &columns[RESULT_SIMILARITY], err));
    ELEA_GOTO(done, table_of(store, columns, count, out, err));
done:
    for (int i = 0; i < RESULT_COUNT; i++)
        elea_array_unref(columns[i]);
    return status;
}
