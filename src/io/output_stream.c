// SPDX-License-Identifier: Apache-2.0
#include <elea/io.h>

#include <string.h>

elea_status elea_output_stream_init(elea_output_stream *stream, const elea_output_stream_ops *ops,
                                    elea_pool *pool, const char *name, elea_error *err) {
    int64_t name_size = (int64_t)strlen(name) + 1;
    void *copy = NULL;
    ELEA_TRY(elea_alloc(pool, name_size, &copy, err));
    memcpy(copy, name, (size_t)name_size);
    *stream = (elea_output_stream){.ops = ops, .pool = pool, .name = copy};
    return ELEA_OK;
}

// Whether anything can still be asked of the stream.
static elea_status check_usable(const elea_output_stream *stream, elea_error *err) {
    if (stream->failed)
        return elea_error_set(err, ELEA_EIO, "\"%s\" cannot be written any more after a failure",
                              stream->name);
    if (stream->closed)
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" is closed", stream->name);
    return ELEA_OK;
}

elea_status elea_output_stream_write_parts(elea_output_stream *stream, const elea_bytes *parts,
                                           int64_t count, elea_error *err) {
    ELEA_TRY(check_usable(stream, err));
    int64_t end = stream->position;
    for (int64_t i = 0; i < count; i++)
        if (__builtin_add_overflow(end, parts[i].size, &end))
            return elea_error_set(err, ELEA_ECAPACITY, "\"%s\" would become too large",
                                  stream->name);
    elea_status status = stream->ops->write(stream, parts, count, err);
    if (status == ELEA_OK)
        stream->position = end;
    else
        stream->failed = true;
    return status;
}

elea_status elea_output_stream_write(elea_output_stream *stream, const void *data, int64_t size,
                                     elea_error *err) {
    return elea_output_stream_write_parts(stream, &(elea_bytes){.data = data, .size = size}, 1,
                                          err);
}

elea_status elea_output_stream_flush(elea_output_stream *stream, elea_error *err) {
    ELEA_TRY(check_usable(stream, err));
    if (!stream->ops->flush)
        return ELEA_OK;
    elea_status status = stream->ops->flush(stream, err);
    stream->failed = status != ELEA_OK;
    return status;
}

elea_status elea_output_stream_sync(elea_output_stream *stream, elea_error *err) {
    ELEA_TRY(elea_output_stream_flush(stream, err));
    if (!stream->ops->sync)
        return ELEA_OK;
    elea_status status = stream->ops->sync(stream, err);
    stream->failed = status != ELEA_OK;
    return status;
}

elea_status elea_output_stream_close(elea_output_stream *stream, elea_error *err) {
    if (stream->closed && !stream->failed)
        return ELEA_OK;
    ELEA_TRY(check_usable(stream, err));
    elea_status status = stream->ops->close ? stream->ops->close(stream, err) : ELEA_OK;
    stream->closed = true;
    stream->failed = status != ELEA_OK;
    return status;
}

void elea_output_stream_free(elea_output_stream *stream) {
    if (!stream)
        return;
    elea_dealloc(stream->pool, stream->name, (int64_t)strlen(stream->name) + 1);
    stream->name = NULL;
    stream->ops->free(stream);
}

const char *elea_output_stream_name(const elea_output_stream *stream) { return stream->name; }

int64_t elea_output_stream_position(const elea_output_stream *stream) { return stream->position; }
