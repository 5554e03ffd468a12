// SPDX-License-Identifier: Apache-2.0
//
// The C device interface for data on the CPU: the structs of the C data and C stream interface with
// the device beside them. Streams are adapted to each other, so that one code reads and writes
// both.
#include <errno.h>

#include "elea/abi.h"

// ---- arrays

static void on_cpu(struct ArrowDeviceArray *out) {
    out->device_id = -1; // there is but one
    out->device_type = ARROW_DEVICE_CPU;
    out->sync_event = NULL;
    for (int i = 0; i < 3; i++)
        out->reserved[i] = 0;
}

elea_status elea_array_export_device(const elea_array *array, elea_pool *pool,
                                     struct ArrowDeviceArray *out, elea_error *err) {
    ELEA_TRY(elea_array_export(array, pool, &out->array, err));
    on_cpu(out);
    return ELEA_OK;
}

elea_status elea_record_batch_export_device(const elea_record_batch *batch, elea_pool *pool,
                                            struct ArrowDeviceArray *out, elea_error *err) {
    ELEA_TRY(elea_record_batch_export(batch, pool, &out->array, err));
    on_cpu(out);
    return ELEA_OK;
}

static elea_status device_check(int32_t type, elea_error *err) {
    if (type == ARROW_DEVICE_CPU)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EUNSUPPORTED,
                          "data on a device of type %d, expected 1, the CPU", type);
}

// An array that is refused is released, as the importers do.
static elea_status array_check(struct ArrowDeviceArray *source, elea_error *err) {
    elea_status status = device_check(source->device_type, err);
    if (status == ELEA_OK && source->sync_event)
        status = elea_error_set(err, ELEA_EUNSUPPORTED, "an event to wait for on the CPU");
    if (status != ELEA_OK && source->array.release) {
        source->array.release(&source->array);
        source->array.release = NULL;
    }
    return status;
}

elea_status elea_array_import_device(struct ArrowDeviceArray *source, const elea_type *type,
                                     elea_pool *pool, elea_array **out, elea_error *err) {
    if (!source)
        return elea_error_set(err, ELEA_EINVAL, "the ArrowDeviceArray is NULL");
    ELEA_TRY(array_check(source, err));
    return elea_array_import(&source->array, type, pool, out, err);
}

elea_status elea_record_batch_import_device(struct ArrowDeviceArray *source,
                                            const elea_schema *schema, elea_pool *pool,
                                            elea_record_batch **out, elea_error *err) {
    if (!source)
        return elea_error_set(err, ELEA_EINVAL, "the ArrowDeviceArray is NULL");
    ELEA_TRY(array_check(source, err));
    return elea_record_batch_import(&source->array, schema, pool, out, err);
}

// ---- a stream as a device stream

typedef struct outer_stream {
    elea_pool *pool;
    struct ArrowArrayStream inner;
} outer_stream;

static int outer_schema(struct ArrowDeviceArrayStream *stream, struct ArrowSchema *out) {
    outer_stream *self = stream->private_data;
    return self->inner.get_schema(&self->inner, out);
}

static int outer_next(struct ArrowDeviceArrayStream *stream, struct ArrowDeviceArray *out) {
    outer_stream *self = stream->private_data;
    int code = self->inner.get_next(&self->inner, &out->array);
    if (code == 0)
        on_cpu(out);
    return code;
}

static const char *outer_error(struct ArrowDeviceArrayStream *stream) {
    outer_stream *self = stream->private_data;
    return self->inner.get_last_error(&self->inner);
}

static void outer_release(struct ArrowDeviceArrayStream *stream) {
    outer_stream *self = stream->private_data;
    self->inner.release(&self->inner);
    elea_dealloc(self->pool, self, (int64_t)sizeof *self);
    stream->release = NULL;
}

// An outer stream whose inner one is still to be filled.
static elea_status outer_new(elea_pool *pool, outer_stream **out, elea_error *err) {
    ELEA_TRY(elea_alloc_zero(pool, (int64_t)sizeof **out, (void **)out, err));
    (*out)->pool = pool;
    return ELEA_OK;
}

static elea_status outer_end(outer_stream *self, elea_status status,
                             struct ArrowDeviceArrayStream *out) {
    if (status != ELEA_OK) {
        elea_dealloc(self->pool, self, (int64_t)sizeof *self);
        return status;
    }
    *out = (struct ArrowDeviceArrayStream){.device_type = ARROW_DEVICE_CPU,
                                           .get_schema = outer_schema,
                                           .get_next = outer_next,
                                           .get_last_error = outer_error,
                                           .release = outer_release,
                                           .private_data = self};
    return ELEA_OK;
}

elea_status elea_record_stream_export_device(elea_record_stream *stream, elea_pool *pool,
                                             struct ArrowDeviceArrayStream *out, elea_error *err) {
    outer_stream *self = NULL;
    elea_status status = outer_new(pool, &self, err);
    if (status != ELEA_OK) {
        elea_record_stream_free(stream);
        return status;
    }
    return outer_end(self, elea_record_stream_export(stream, pool, &self->inner, err), out);
}

elea_status elea_chunked_array_export_field_device(const elea_chunked_array *array,
                                                   const elea_field *field, elea_pool *pool,
                                                   struct ArrowDeviceArrayStream *out,
                                                   elea_error *err) {
    outer_stream *self = NULL;
    ELEA_TRY(outer_new(pool, &self, err));
    return outer_end(self, elea_chunked_array_export_field(array, field, pool, &self->inner, err),
                     out);
}

elea_status elea_chunked_array_export_device(const elea_chunked_array *array, elea_pool *pool,
                                             struct ArrowDeviceArrayStream *out, elea_error *err) {
    return elea_chunked_array_export_field_device(array, NULL, pool, out, err);
}

// ---- a device stream as a stream

typedef struct inner_stream {
    elea_pool *pool;
    struct ArrowDeviceArrayStream outer; // moved here
    elea_error error;                    // of the last call, where it was ours
} inner_stream;

static int inner_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
    inner_stream *self = stream->private_data;
    self->error = (elea_error){.status = ELEA_OK};
    return self->outer.get_schema(&self->outer, out);
}

static int inner_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    inner_stream *self = stream->private_data;
    struct ArrowDeviceArray array = {.device_type = ARROW_DEVICE_CPU};
    self->error = (elea_error){.status = ELEA_OK};
    int code = self->outer.get_next(&self->outer, &array);
    if (code != 0)
        return code;
    // At the end there is no array, whatever is said of its device.
    if (array.array.release && array_check(&array, &self->error) != ELEA_OK)
        return ENOSYS;
    *out = array.array;
    return 0;
}

static const char *inner_error(struct ArrowArrayStream *stream) {
    inner_stream *self = stream->private_data;
    if (self->error.status != ELEA_OK)
        return elea_error_message(&self->error);
    return self->outer.get_last_error ? self->outer.get_last_error(&self->outer) : NULL;
}

static void inner_release(struct ArrowArrayStream *stream) {
    inner_stream *self = stream->private_data;
    self->outer.release(&self->outer);
    elea_dealloc(self->pool, self, (int64_t)sizeof *self);
    stream->release = NULL;
}

static elea_status stream_check(const struct ArrowDeviceArrayStream *source, elea_error *err) {
    if (!source->get_schema || !source->get_next)
        return elea_error_set(err, ELEA_EINVAL, "the ArrowDeviceArrayStream has no %s",
                              source->get_schema ? "get_next" : "get_schema");
    return device_check(source->device_type, err);
}

// Takes the source in any case.
static elea_status inner_new(struct ArrowDeviceArrayStream *source, elea_pool *pool,
                             struct ArrowArrayStream *out, elea_error *err) {
    elea_status status;
    inner_stream *self = NULL;
    if (!source || !source->release)
        return elea_error_set(err, ELEA_EINVAL, "the ArrowDeviceArrayStream is %s",
                              source ? "released already" : "NULL");
    ELEA_GOTO(done, stream_check(source, err));
    ELEA_GOTO(done, elea_alloc(pool, (int64_t)sizeof *self, (void **)&self, err));
    *self = (inner_stream){.pool = pool, .outer = *source};
    *out = (struct ArrowArrayStream){.get_schema = inner_schema,
                                     .get_next = inner_next,
                                     .get_last_error = inner_error,
                                     .release = inner_release,
                                     .private_data = self};

done:
    if (status != ELEA_OK)
        source->release(source);
    source->release = NULL;
    return status;
}

elea_status elea_record_stream_import_device(struct ArrowDeviceArrayStream *source, elea_pool *pool,
                                             elea_record_stream **out, elea_error *err) {
    struct ArrowArrayStream inner;
    ELEA_TRY(inner_new(source, pool, &inner, err));
    return elea_record_stream_import(&inner, pool, out, err);
}

elea_status elea_chunked_array_import_field_device(struct ArrowDeviceArrayStream *source,
                                                   elea_pool *pool, elea_chunked_array **out,
                                                   elea_field **out_field, elea_error *err) {
    struct ArrowArrayStream inner;
    ELEA_TRY(inner_new(source, pool, &inner, err));
    return elea_chunked_array_import_field(&inner, pool, out, out_field, err);
}

elea_status elea_chunked_array_import_device(struct ArrowDeviceArrayStream *source, elea_pool *pool,
                                             elea_chunked_array **out, elea_error *err) {
    return elea_chunked_array_import_field_device(source, pool, out, NULL, err);
}
