// SPDX-License-Identifier: Apache-2.0
//
// Record streams: the calls that every stream answers, and the stream of a table's rows.
#include "base/math_internal.h"
#include "elea/columnar.h"

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

typedef struct table_stream {
    elea_record_stream stream;
    elea_pool *pool;
    elea_table *table;
    int64_t batch_length;
    int64_t row;
    elea_array *columns[]; // of the batch being made
} table_stream;

static int64_t table_stream_size(const elea_table *table) {
    return (int64_t)sizeof(table_stream) +
           elea_table_column_count(table) * (int64_t)sizeof(elea_array *);
}

static const elea_schema *table_stream_schema(elea_record_stream *stream) {
    return elea_table_schema(((table_stream *)stream)->table);
}

// The rows from here on that lie in one chunk of each column, and are not too many.
static int64_t next_length(const table_stream *self) {
    int64_t length = elea_table_length(self->table) - self->row;
    if (self->batch_length > 0)
        length = elea__min(length, self->batch_length);
    for (int64_t i = 0; i < elea_table_column_count(self->table); i++) {
        const elea_chunked_array *column = elea_table_column(self->table, i);
        int64_t chunk;
        int64_t row;
        elea_chunked_array_locate(column, self->row, &chunk, &row);
        int64_t rest = elea_array_length(elea_chunked_array_chunk(column, chunk)) - row;
        length = elea__min(length, rest);
    }
    return length;
}

static elea_status table_stream_next(elea_record_stream *stream, elea_record_batch **out,
                                     elea_error *err) {
    table_stream *self = (table_stream *)stream;
    elea_status status = ELEA_OK;
    int64_t made = 0;
    if (self->row == elea_table_length(self->table)) {
        *out = NULL;
        return ELEA_OK;
    }
    int64_t length = next_length(self);
    for (; made < elea_table_column_count(self->table); made++) {
        const elea_chunked_array *column = elea_table_column(self->table, made);
        int64_t chunk;
        int64_t row;
        elea_chunked_array_locate(column, self->row, &chunk, &row);
        ELEA_GOTO(done, elea_array_slice(elea_chunked_array_chunk(column, chunk), row, length,
                                         &self->columns[made], err));
    }
    ELEA_GOTO(done, elea_record_batch_new(self->pool, elea_table_schema(self->table), length,
                                          (const elea_array *const *)self->columns, out, err));
    self->row += length;

done:
    for (int64_t i = 0; i < made; i++)
        elea_array_unref(self->columns[i]);
    return status;
}

static void table_stream_free(elea_record_stream *stream) {
    table_stream *self = (table_stream *)stream;
    int64_t size = table_stream_size(self->table);
    elea_table_unref(self->table);
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
    ELEA_TRY(elea_alloc(pool, table_stream_size(table), &block, err));
    table_stream *self = block;
    *self = (table_stream){.stream = {&ops},
                           .pool = pool,
                           .table = elea_table_ref(table),
                           .batch_length = batch_length};
    *out = &self->stream;
    return ELEA_OK;
}
