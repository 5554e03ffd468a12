// SPDX-License-Identifier: Apache-2.0
#include "abi/errno_internal.h"
#include "elea/abi.h"

// What hangs on `private_data`: where the arrays come from, either a record stream or a chunked
// array with, perhaps, its field, and the error of the last call.
typedef struct stream_export {
    elea_pool *pool;
    elea_record_stream *stream;
    elea_chunked_array *chunked;
    elea_field *field;
    int64_t chunk_next;
    elea_error error;
} stream_export;

// Forgets the last error, whose message was valid until now.
static stream_export *begin_call(struct ArrowArrayStream *stream) {
    stream_export *self = stream->private_data;
    self->error = (elea_error){0};
    return self;
}

static int end_call(stream_export *self, elea_status status) {
    if (status == ELEA_OK)
        return 0;
    self->error.status = status;
    return elea__errno_of_status(status);
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
    stream_export *self = begin_call(stream);
    if (self->field != NULL)
        return end_call(self, elea_field_export(self->field, self->pool, out, &self->error));
    if (self->stream == NULL)
        return end_call(self, elea_type_export(elea_chunked_array_type(self->chunked), self->pool,
                                               out, &self->error));
    return end_call(self, elea_schema_export(elea_record_stream_schema(self->stream), self->pool,
                                             out, &self->error));
}

static elea_status next_batch(stream_export *self, struct ArrowArray *out) {
    elea_record_batch *batch = NULL;
    ELEA_TRY(elea_record_stream_next(self->stream, &batch, &self->error));
    if (batch == NULL) {
        *out = (struct ArrowArray){0};
        return ELEA_OK;
    }
    elea_status status = elea_record_batch_export(batch, self->pool, out, &self->error);
    elea_record_batch_unref(batch);
    return status;
}

static elea_status next_chunk(stream_export *self, struct ArrowArray *out) {
    if (self->chunk_next == elea_chunked_array_chunk_count(self->chunked)) {
        *out = (struct ArrowArray){0};
        return ELEA_OK;
    }
    const elea_array *chunk = elea_chunked_array_chunk(self->chunked, self->chunk_next);
    ELEA_TRY(elea_array_export(chunk, self->pool, out, &self->error));
    self->chunk_next++;
    return ELEA_OK;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    stream_export *self = begin_call(stream);
    return end_call(self, self->stream == NULL ? next_chunk(self, out) : next_batch(self, out));
}

static const char *get_last_error(struct ArrowArrayStream *stream) {
    const stream_export *self = stream->private_data;
    return self->error.status == ELEA_OK ? NULL : elea_error_message(&self->error);
}

static void stream_release(struct ArrowArrayStream *stream) {
    stream_export *self = stream->private_data;
    elea_record_stream_free(self->stream);
    elea_chunked_array_unref(self->chunked);
    elea_field_unref(self->field);
    elea_dealloc(self->pool, self, (int64_t)sizeof *self);
    stream->release = NULL;
}

static elea_status export_new(elea_pool *pool, struct ArrowArrayStream *out, elea_error *err) {
    stream_export *self;
    ELEA_TRY(elea_alloc_zero(pool, (int64_t)sizeof *self, (void **)&self, err));
    self->pool = pool;
    *out = (struct ArrowArrayStream){.get_schema = get_schema,
                                     .get_next = get_next,
                                     .get_last_error = get_last_error,
                                     .release = stream_release,
                                     .private_data = self};
    return ELEA_OK;
}

elea_status elea_record_stream_export(elea_record_stream *stream, elea_pool *pool,
                                      struct ArrowArrayStream *out, elea_error *err) {
    elea_status status = export_new(pool, out, err);
    if (status == ELEA_OK)
        ((stream_export *)out->private_data)->stream = stream;
    else
        elea_record_stream_free(stream);
    return status;
}

elea_status elea_table_export(const elea_table *table, elea_pool *pool,
                              struct ArrowArrayStream *out, elea_error *err) {
    elea_record_stream *stream;
    ELEA_TRY(elea_record_stream_new_from_table(pool, table, 0, &stream, err));
    return elea_record_stream_export(stream, pool, out, err);
}

elea_status elea_chunked_array_export_field(const elea_chunked_array *array,
                                            const elea_field *field, elea_pool *pool,
                                            struct ArrowArrayStream *out, elea_error *err) {
    if (field && !elea_type_equal(elea_field_type(field), elea_chunked_array_type(array), false))
        return elea_error_set(err, ELEA_ETYPE, "the field is %s, the chunked array %s",
                              elea_type_id_name(elea_type_id_of(elea_field_type(field))),
                              elea_type_id_name(elea_type_id_of(elea_chunked_array_type(array))));
    ELEA_TRY(export_new(pool, out, err));
    stream_export *self = out->private_data;
    self->chunked = elea_chunked_array_ref(array);
    self->field = field ? elea_field_ref(field) : NULL;
    return ELEA_OK;
}

elea_status elea_chunked_array_export(const elea_chunked_array *array, elea_pool *pool,
                                      struct ArrowArrayStream *out, elea_error *err) {
    return elea_chunked_array_export_field(array, NULL, pool, out, err);
}
