// SPDX-License-Identifier: Apache-2.0
#include <elea/io.h>

#include <assert.h>
#include <string.h>

#include "base/buffer_internal.h"
#include "base/copy_internal.h"
#include "base/math_internal.h"

// Memory that a read into a new buffer begins with; it grows as bytes come, so that a false size
// costs no memory.
#define VIEW_CAPACITY_FIRST ((int64_t)16 << 20)

// What is skipped by reading goes here.
#define SKIP_SIZE ((int64_t)64 << 10)

elea_status elea_input_stream_init(elea_input_stream *stream, const elea_input_stream_ops *ops,
                                   elea_pool *pool, const char *name, elea_error *err) {
    int64_t name_size = (int64_t)strlen(name) + 1;
    void *copy = NULL;
    ELEA_TRY(elea_alloc(pool, name_size, &copy, err));
    memcpy(copy, name, (size_t)name_size);
    *stream = (elea_input_stream){.ops = ops, .pool = pool, .name = copy};
    return ELEA_OK;
}

static elea_status check_usable(const elea_input_stream *stream, int64_t size, elea_error *err) {
    if (stream->failed)
        return elea_error_set(err, ELEA_EIO, "\"%s\" cannot be read any more after a failure",
                              stream->name);
    if (size < 0)
        return elea_error_set(err, ELEA_EINVAL, "%lld bytes of \"%s\" are asked for",
                              (long long)size, stream->name);
    return ELEA_OK;
}

// The outcome of an operation that consumed `count` bytes.
static elea_status went_on(elea_input_stream *stream, elea_status status, int64_t count) {
    stream->position += count;
    stream->failed = status != ELEA_OK;
    return status;
}

elea_status elea_input_stream_read_some(elea_input_stream *stream, int64_t size, void *out,
                                        int64_t *count, elea_error *err) {
    ELEA_TRY(check_usable(stream, size, err));
    int64_t read = 0;
    if (size > 0) {
        elea_status status = stream->ops->read(stream, size, out, &read, err);
        assert(read >= 0 && read <= size);
        ELEA_TRY(went_on(stream, status, status == ELEA_OK ? read : 0));
    }
    *count = read;
    return ELEA_OK;
}

elea_status elea_input_stream_read(elea_input_stream *stream, int64_t size, void *out,
                                   int64_t *count, elea_error *err) {
    ELEA_TRY(check_usable(stream, size, err));
    int64_t done = 0;
    while (done < size) {
        int64_t part = 0;
        ELEA_TRY(elea_input_stream_read_some(stream, size - done, (char *)out + done, &part, err));
        if (part == 0)
            break;
        done += part;
    }
    *count = done;
    return ELEA_OK;
}

static elea_status check_whole(const elea_input_stream *stream, int64_t size, int64_t count,
                               elea_error *err) {
    if (count == size)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL,
                          "\"%s\" ends at offset %lld: %lld bytes are expected at offset %lld, "
                          "%lld are there",
                          stream->name, (long long)stream->position, (long long)size,
                          (long long)(stream->position - count), (long long)count);
}

elea_status elea_input_stream_read_exactly(elea_input_stream *stream, int64_t size, void *out,
                                           elea_error *err) {
    int64_t count = 0;
    ELEA_TRY(elea_input_stream_read(stream, size, out, &count, err));
    return check_whole(stream, size, count, err);
}

// Reads into memory that grows up to `size` bytes. Bytes that were read and have no place any more
// are lost: the stream is of no use then.
static elea_status read_growing(elea_input_stream *stream, int64_t size, elea_buffer **out,
                                elea_error *err) {
    elea_status status = ELEA_OK;
    void *data = NULL;
    int64_t capacity = 0, done = 0, part = 0;

    do {
        int64_t wanted = capacity == 0               ? VIEW_CAPACITY_FIRST
                         : capacity <= INT64_MAX / 2 ? capacity * 2
                                                     : INT64_MAX;
        wanted = elea__min(wanted, size);
        ELEA_GOTO(done, elea__payload_realloc(stream->pool, capacity, wanted, &data, err));
        capacity = wanted;
        ELEA_GOTO(done,
                  elea_input_stream_read(stream, capacity - done, (char *)data + done, &part, err));
        done += part;
    } while (done == capacity && capacity < size);
    ELEA_GOTO(done, elea__buffer_adopt(stream->pool, data, capacity, done, out, err));
    data = NULL;

done:
    elea_dealloc(stream->pool, data, capacity);
    if (status != ELEA_OK && done > 0)
        stream->failed = true;
    return status;
}

static elea_status read_small(elea_input_stream *stream, int64_t size, elea_buffer **out,
                              elea_error *err) {
    elea_status status = ELEA_OK;
    elea_buffer *buffer = NULL;
    int64_t count = 0;

    ELEA_GOTO(done, elea_buffer_new(stream->pool, size, &buffer, err));
    ELEA_GOTO(done,
              elea_input_stream_read(stream, size, elea_buffer_mutable_data(buffer), &count, err));
    if (count == size) {
        *out = buffer;
        return ELEA_OK;
    }
    status = elea_buffer_slice(buffer, 0, count, out, err);
    if (status != ELEA_OK && count > 0)
        stream->failed = true;

done:
    elea_buffer_unref(buffer);
    return status;
}

elea_status elea_input_stream_view(elea_input_stream *stream, int64_t size, elea_buffer **out,
                                   elea_error *err) {
    ELEA_TRY(check_usable(stream, size, err));
    if (size == 0)
        return elea_buffer_new(stream->pool, 0, out, err);
    if (stream->ops->view) {
        elea_buffer *buffer = NULL;
        ELEA_TRY(went_on(stream, stream->ops->view(stream, size, &buffer, err), 0));
        if (buffer) {
            assert(elea_buffer_size(buffer) <= size);
            stream->position += elea_buffer_size(buffer);
            *out = buffer;
            return ELEA_OK;
        }
    }
    return size <= VIEW_CAPACITY_FIRST ? read_small(stream, size, out, err)
                                       : read_growing(stream, size, out, err);
}

elea_status elea_input_stream_view_exactly(elea_input_stream *stream, int64_t size,
                                           elea_buffer **out, elea_error *err) {
    elea_buffer *buffer = NULL;
    ELEA_TRY(elea_input_stream_view(stream, size, &buffer, err));
    elea_status status = check_whole(stream, size, elea_buffer_size(buffer), err);
    if (status == ELEA_OK)
        *out = buffer;
    else
        elea_buffer_unref(buffer);
    return status;
}

elea_status elea_input_stream_view_rest(elea_input_stream *stream, elea_buffer **out,
                                        elea_error *err) {
    return elea_input_stream_view(stream, INT64_MAX - elea__max(stream->position, 0), out, err);
}

static elea_status skip_by_reading(elea_input_stream *stream, int64_t size, int64_t *count,
                                   elea_error *err) {
    int64_t scratch_size = elea__min(size, SKIP_SIZE);
    int64_t done = 0;
    void *scratch = NULL;
    ELEA_TRY(elea_alloc(stream->pool, scratch_size, &scratch, err));
    elea_status status = ELEA_OK;
    while (done < size) {
        int64_t part = 0;
        ELEA_GOTO(done, elea_input_stream_read_some(stream, elea__min(size - done, scratch_size),
                                                    scratch, &part, err));
        if (part == 0)
            break;
        done += part;
    }
    *count = done;

done:
    elea_dealloc(stream->pool, scratch, scratch_size);
    return status;
}

elea_status elea_input_stream_skip(elea_input_stream *stream, int64_t size, int64_t *count,
                                   elea_error *err) {
    int64_t done = 0;
    ELEA_TRY(check_usable(stream, size, err));
    if (size > 0 && stream->ops->skip) {
        elea_status status = stream->ops->skip(stream, size, &done, err);
        assert(done >= 0 && done <= size);
        ELEA_TRY(went_on(stream, status, status == ELEA_OK ? done : 0));
    } else if (size > 0) {
        ELEA_TRY(skip_by_reading(stream, size, &done, err));
    }
    if (count)
        *count = done;
    return ELEA_OK;
}

elea_status elea_input_stream_peek(elea_input_stream *stream, int64_t size, elea_bytes *out,
                                   elea_error *err) {
    ELEA_TRY(check_usable(stream, size, err));
    if (!stream->ops->peek)
        return elea_error_set(err, ELEA_EUNSUPPORTED,
                              "\"%s\" cannot be looked ahead in: it is not buffered", stream->name);
    elea_bytes bytes = {0};
    if (size > 0) {
        elea_status status = stream->ops->peek(stream, size, &bytes, err);
        // A stream on a stream may learn only there that it cannot look ahead: no harm is done.
        ELEA_TRY(status == ELEA_EUNSUPPORTED ? status : went_on(stream, status, 0));
    }
    *out = bytes;
    return ELEA_OK;
}

bool elea_input_stream_has_views(const elea_input_stream *stream) {
    return stream->ops->has_views ? stream->ops->has_views(stream) : stream->ops->view != NULL;
}

int64_t elea_input_stream_position(const elea_input_stream *stream) { return stream->position; }

const char *elea_input_stream_name(const elea_input_stream *stream) { return stream->name; }

void elea_input_stream_free(elea_input_stream *stream) {
    if (!stream)
        return;
    elea_dealloc(stream->pool, stream->name, (int64_t)strlen(stream->name) + 1);
    stream->name = NULL;
    stream->ops->free(stream);
}
