// SPDX-License-Identifier: Apache-2.0
//
// Record streams: the calls that every stream answers, and the stream of a table's rows.
#include "base/math_internal.h"
#include "base/prefetch_internal.h"
#include "columnar/array_internal.h"
#include "columnar/record_batch_internal.h"

const elea_schema *elea_record_stream_schema(elea_record_stream *stream) {
    return stream->ops->schema(stream);
}

elea_status elea_record_stream_next(elea_record_stream *stream, elea_record_batch **out,
                                    elea_error *err) {
    return stream->ops->next(stream, out, err);
}

void elea_record_stream_free(elea_record_stream *stream) {
    if (stream)
        stream->ops->free(stream);
}

// ---- of a table

// Where the next row lies in a column.
typedef struct cursor {
    int64_t chunk;
    int64_t row; // in the chunk
} cursor;

typedef struct table_stream {
    elea_record_stream stream;
    elea_pool *pool;
    elea_table *table;
    int64_t batch_length;
    int64_t row;
    elea__shelf shelf;    // for batches
    elea_array **columns; // of the batch being made
    cursor cursors[];     // of each column; the arrays follow in the same block
} table_stream;

static int64_t table_stream_size(const elea_table *table) {
    return (int64_t)sizeof(table_stream) +
           elea_table_column_count(table) * (int64_t)(sizeof(cursor) + sizeof(elea_array *));
}

static const elea_schema *table_stream_schema(elea_record_stream *stream) {
    return elea_table_schema(((table_stream *)stream)->table);
}

static const elea_array *chunk_at(const table_stream *self, int64_t column) {
    return elea_chunked_array_chunk(elea_table_column(self->table, column),
                                    self->cursors[column].chunk);
}

// Goes to the chunk that has the next row; there is one.
static void skip_chunks_that_ended(table_stream *self, int64_t column) {
    cursor *place = &self->cursors[column];
    while (place->row == chunk_at(self, column)->length) {
        place->chunk++;
        place->row = 0;
    }
}

// Chunks lie far from each other: those of the batches to come are asked for meanwhile, step by
// step, as an array tells where its buffers are, and a buffer where its bytes.
#define CHUNKS_AHEAD 4
#define OFFSETS_AHEAD 256

static void prefetch_chunks(const table_stream *self, int64_t column) {
    const elea_chunked_array *chunks = elea_table_column(self->table, column);
    int64_t now = self->cursors[column].chunk;
    if (now + CHUNKS_AHEAD >= elea_chunked_array_chunk_count(chunks))
        return;
    elea__prefetch(elea_chunked_array_chunk(chunks, now + CHUNKS_AHEAD), sizeof(elea_array));
    const elea_array *array = elea_chunked_array_chunk(chunks, now + 2);
    for (int64_t i = 0; i < array->buffer_count; i++)
        elea__prefetch(array->buffers[i], sizeof(elea_buffer));
    array = elea_chunked_array_chunk(chunks, now + 1);
    // Offsets are read before anything else is; those of no rows may be missing.
    if (array->length > 0 && elea__layout_has_end_offset(array->type->layout))
        elea__prefetch(
            elea_buffer_data(array->buffers[1]) +
                array->offset *
                    (elea__buffer_bits(array->type, elea_layout_buffers(array->type->layout)[1]) /
                     8),
            OFFSETS_AHEAD);
}

// The rows from here on that lie in one chunk of each column, and are not too many.
static int64_t next_length(table_stream *self) {
    int64_t length = elea_table_length(self->table) - self->row;
    if (self->batch_length > 0)
        length = elea__min(length, self->batch_length);
    for (int64_t i = 0; i < elea_table_column_count(self->table); i++) {
        skip_chunks_that_ended(self, i);
        prefetch_chunks(self, i);
        length = elea__min(length, chunk_at(self, i)->length - self->cursors[i].row);
    }
    return length;
}

static elea_status table_stream_next(elea_record_stream *stream, elea_record_batch **out,
                                     elea_error *err) {
    table_stream *self = (table_stream *)stream;
    elea_status status = ELEA_OK;
    elea__arena *arena = NULL;
    int64_t made = 0, count = elea_table_column_count(self->table);
    if (self->row == elea_table_length(self->table)) {
        *out = NULL;
        return ELEA_OK;
    }
    int64_t length = next_length(self);
    for (; made < count; made++)
        ELEA_GOTO(done, elea_array_slice(chunk_at(self, made), self->cursors[made].row, length,
                                         &self->columns[made], err));
    ELEA_GOTO(done, elea__arena_new(self->pool, &self->shelf, elea__record_batch_size(count),
                                    &arena, err));
    ELEA_GOTO(done, elea__record_batch_new_at(arena + 1, arena, elea_table_schema(self->table),
                                              length, self->columns, out, err));
    self->row += length;
    for (int64_t i = 0; i < count; i++)
        self->cursors[i].row += length;

done:
    elea__arena_unref(arena);
    for (int64_t i = 0; i < made; i++)
        elea_array_unref(self->columns[i]);
    return status;
}

static void table_stream_free(elea_record_stream *stream) {
    table_stream *self = (table_stream *)stream;
    int64_t size = table_stream_size(self->table);
    elea_table_unref(self->table);
    elea__shelf_release(&self->shelf);
    elea_dealloc(self->pool, self, size);
}

elea_status elea_record_stream_new_from_table(elea_pool *pool, const elea_table *table,
                                              int64_t batch_length, elea_record_stream **out,
                                              elea_error *err) {
    static const elea_record_stream_ops ops = {table_stream_schema, table_stream_next,
                                               table_stream_free};
    void *block;
    if (batch_length < 0)
        return elea_error_set(err, ELEA_EINVAL, "record batches of %lld rows",
                              (long long)batch_length);
    ELEA_TRY(elea_alloc_zero(pool, table_stream_size(table), &block, err));
    table_stream *self = block;
    *self =
        (table_stream){.stream = {&ops},
                       .pool = pool,
                       .table = elea_table_ref(table),
                       .batch_length = batch_length,
                       .columns = (elea_array **)(self->cursors + elea_table_column_count(table))};
    *out = &self->stream;
    return ELEA_OK;
}
