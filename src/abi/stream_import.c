// SPDX-License-Identifier: Apache-2.0
#include "abi/errno_internal.h"
#include "elea/abi.h"

// ---- calls of the producer

static elea_status producer_failed(struct ArrowArrayStream *source, int code, const char *call,
                                   elea_error *err) {
    const char *message = source->get_last_error == NULL ? NULL : source->get_last_error(source);
    elea_status status = elea__status_of_errno(code);
    elea_error_set(err, status, "%s gave errno %d: %s", call, code,
                   message == NULL ? "no message" : message);
    if (err != NULL)
        err->os_code = code;
    return status;
}

static elea_status producer_schema(struct ArrowArrayStream *source, struct ArrowSchema *out,
                                   elea_error *err) {
    *out = (struct ArrowSchema){0};
    int code = source->get_schema(source, out);
    return code == 0 ? ELEA_OK : producer_failed(source, code, "get_schema", err);
}

// At the end *out is a released array.
static elea_status producer_next(struct ArrowArrayStream *source, struct ArrowArray *out,
                                 elea_error *err) {
    *out = (struct ArrowArray){0};
    int code = source->get_next(source, out);
    return code == 0 ? ELEA_OK : producer_failed(source, code, "get_next", err);
}

static elea_status stream_check(const struct ArrowArrayStream *source, elea_error *err) {
    if (source == NULL)
        return elea_error_set(err, ELEA_EINVAL, "the ArrowArrayStream is NULL");
    if (source->release == NULL)
        return elea_error_set(err, ELEA_EINVAL, "the ArrowArrayStream is released already");
    if (source->get_schema == NULL || source->get_next == NULL)
        return elea_error_set(err, ELEA_EINVAL, "the ArrowArrayStream has no %s",
                              source->get_schema == NULL ? "get_schema" : "get_next");
    return ELEA_OK;
}

static void stream_consume(struct ArrowArrayStream *source) {
    if (source == NULL || source->release == NULL)
        return;
    source->release(source);
    source->release = NULL;
}

// ---- record streams

typedef struct stream_import {
    elea_record_stream base;
    elea_pool *pool;
    struct ArrowArrayStream source; // moved here
    elea_schema *schema;
    bool ended;
} stream_import;

static const elea_schema *import_schema(elea_record_stream *stream) {
    return ((stream_import *)stream)->schema;
}

static elea_status import_next(elea_record_stream *stream, elea_record_batch **out,
                               elea_error *err) {
    stream_import *self = (stream_import *)stream;
    if (self->ended) {
        *out = NULL;
        return ELEA_OK;
    }
    // After a failure nothing more is asked of the producer.
    self->ended = true;
    struct ArrowArray array;
    ELEA_TRY(producer_next(&self->source, &array, err));
    if (array.release == NULL) {
        *out = NULL;
        return ELEA_OK;
    }
    ELEA_TRY(elea_record_batch_import(&array, self->schema, self->pool, out, err));
    self->ended = false;
    return ELEA_OK;
}

static void import_free(elea_record_stream *stream) {
    stream_import *self = (stream_import *)stream;
    stream_consume(&self->source);
    elea_schema_unref(self->schema);
    elea_dealloc(self->pool, self, (int64_t)sizeof *self);
}

static const elea_record_stream_ops import_ops = {import_schema, import_next, import_free};

elea_status elea_record_stream_import(struct ArrowArrayStream *source, elea_pool *pool,
                                      elea_record_stream **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_schema *schema = NULL;
    stream_import *self = NULL;
    struct ArrowSchema exported;
    ELEA_GOTO(done, stream_check(source, err));
    ELEA_GOTO(done, producer_schema(source, &exported, err));
    ELEA_GOTO(done, elea_schema_import(&exported, pool, &schema, err));
    ELEA_GOTO(done, elea_alloc(pool, (int64_t)sizeof *self, (void **)&self, err));
    *self =
        (stream_import){.base.ops = &import_ops, .pool = pool, .source = *source, .schema = schema};
    source->release = NULL;
    *out = &self->base;

done:
    if (status != ELEA_OK) {
        elea_schema_unref(schema);
        stream_consume(source);
    }
    return status;
}

elea_status elea_table_import(struct ArrowArrayStream *source, elea_pool *pool, elea_table **out,
                              elea_error *err) {
    elea_record_stream *stream;
    ELEA_TRY(elea_record_stream_import(source, pool, &stream, err));
    elea_status status = elea_table_new_from_stream(pool, stream, out, err);
    elea_record_stream_free(stream);
    return status;
}

// ---- chunked arrays

typedef struct chunk_list {
    elea_array **chunks;
    int64_t count;
    int64_t capacity;
} chunk_list;

static elea_status chunk_list_reserve_one(chunk_list *list, elea_pool *pool, elea_error *err) {
    if (list->count < list->capacity)
        return ELEA_OK;
    const int64_t unit = (int64_t)sizeof(elea_array *);
    int64_t capacity = list->capacity == 0 ? 8 : 2 * list->capacity;
    ELEA_TRY(
        elea_realloc(pool, list->capacity * unit, capacity * unit, (void **)&list->chunks, err));
    list->capacity = capacity;
    return ELEA_OK;
}

static void chunk_list_release(chunk_list *list, elea_pool *pool) {
    for (int64_t i = 0; i < list->count; i++)
        elea_array_unref(list->chunks[i]);
    elea_dealloc(pool, list->chunks, list->capacity * (int64_t)sizeof(elea_array *));
}

static elea_status chunks_import(struct ArrowArrayStream *source, const elea_type *type,
                                 elea_pool *pool, chunk_list *list, elea_error *err) {
    for (;;) {
        ELEA_TRY(chunk_list_reserve_one(list, pool, err));
        struct ArrowArray array;
        ELEA_TRY(producer_next(source, &array, err));
        if (array.release == NULL)
            return ELEA_OK;
        ELEA_TRY(elea_array_import(&array, type, pool, &list->chunks[list->count], err));
        list->count++;
    }
}

elea_status elea_chunked_array_import_field(struct ArrowArrayStream *source, elea_pool *pool,
                                            elea_chunked_array **out, elea_field **out_field,
                                            elea_error *err) {
    elea_status status = ELEA_OK;
    elea_field *field = NULL;
    chunk_list list = {0};
    struct ArrowSchema exported;
    ELEA_GOTO(done, stream_check(source, err));
    ELEA_GOTO(done, producer_schema(source, &exported, err));
    ELEA_GOTO(done, elea_field_import(&exported, pool, &field, err));
    const elea_type *type = elea_field_type(field);
    ELEA_GOTO(done, chunks_import(source, type, pool, &list, err));
    ELEA_GOTO(done, elea_chunked_array_new(pool, type, (const elea_array *const *)list.chunks,
                                           list.count, out, err));
    if (out_field) {
        *out_field = field;
        field = NULL;
    }

done:
    chunk_list_release(&list, pool);
    elea_field_unref(field);
    stream_consume(source);
    return status;
}

elea_status elea_chunked_array_import(struct ArrowArrayStream *source, elea_pool *pool,
                                      elea_chunked_array **out, elea_error *err) {
    return elea_chunked_array_import_field(source, pool, out, NULL, err);
}
