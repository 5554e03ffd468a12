// SPDX-License-Identifier: Apache-2.0
#include "io/gzip_internal.h"

bool elea__gzip_is(elea_bytes bytes) {
    return bytes.size >= 2 && bytes.data[0] == '\x1f' && bytes.data[1] == '\x8b';
}

#if ELEA_WITH_ZLIB

// Input is const.
#define ZLIB_CONST
#include <zlib.h>

// zlib's name for the largest window, and 16 for the frame of gzip around it.
enum { GZIP_WINDOW = 15 + 16, MEMORY_LEVEL = 8, CHUNK_SIZE = 1 << 16, INPUT_MAX = 1 << 30 };

// zlib does not say how large a block is that it gives back, so that its size stands before it.
static void *take_memory(void *pool, uInt count, uInt size) {
    elea_error err;
    void *block = NULL;
    int64_t whole = (int64_t)count * size + ELEA_ALIGNMENT;
    if (elea_alloc(pool, whole, &block, &err) != ELEA_OK)
        return NULL;
    *(int64_t *)block = whole;
    return (char *)block + ELEA_ALIGNMENT;
}

static void give_memory(void *pool, void *memory) {
    void *block = (char *)memory - ELEA_ALIGNMENT;
    elea_dealloc(pool, block, *(int64_t *)block);
}

// The two directions of zlib.
typedef struct gzip_work {
    z_stream stream;
    int (*step)(z_stream *stream, int flush);
    elea_bytes rest; // of the input, behind what the stream has
    char *chunk;     // CHUNK_SIZE bytes of output
    elea_text *out;
} gzip_work;

// Runs until a member ends or fails; appends what comes out.
static elea_status run_member(gzip_work *work, int *code, elea_error *err) {
    z_stream *stream = &work->stream;
    do {
        if (stream->avail_in == 0) {
            int64_t size = work->rest.size < INPUT_MAX ? work->rest.size : INPUT_MAX;
            stream->next_in = (const Bytef *)work->rest.data;
            stream->avail_in = (uInt)size;
            work->rest.data += size;
            work->rest.size -= size;
        }
        stream->next_out = (Bytef *)work->chunk;
        stream->avail_out = CHUNK_SIZE;
        *code = work->step(stream, work->rest.size == 0 ? Z_FINISH : Z_NO_FLUSH);
        elea_bytes made = {work->chunk, CHUNK_SIZE - (int64_t)stream->avail_out};
        if (made.size > ELEA__GZIP_SIZE_MAX - work->out->size)
            return elea_error_set(err, ELEA_ECAPACITY, "gzip data of more than %lld bytes",
                                  (long long)ELEA__GZIP_SIZE_MAX);
        ELEA_TRY(elea_text_append(work->out, made, err));
        // Z_BUF_ERROR only says that there is no room, or that the input is at its end.
    } while (*code == Z_OK || (*code == Z_BUF_ERROR && stream->avail_out == 0));
    if (*code == Z_MEM_ERROR)
        return elea_error_set(err, ELEA_ENOMEM, "no memory for gzip");
    return ELEA_OK;
}

static elea_status unpack_members(gzip_work *work, elea_error *err) {
    int code = Z_OK;
    for (;;) {
        ELEA_TRY(run_member(work, &code, err));
        if (code != Z_STREAM_END)
            return elea_error_set(err, ELEA_EINVAL, "gzip data: %s",
                                  work->stream.msg ? work->stream.msg : "they end too early");
        if (work->stream.avail_in == 0 && work->rest.size == 0)
            return ELEA_OK;
        (void)inflateReset(&work->stream);
    }
}

static elea_status start(gzip_work *work, elea_bytes bytes, elea_text *out, elea_error *err) {
    void *block = NULL;
    ELEA_TRY(elea_alloc(out->pool, CHUNK_SIZE, &block, err));
    elea_pool *pool = out->pool ? out->pool : elea_pool_default();
    *work = (gzip_work){.stream = {.zalloc = take_memory, .zfree = give_memory, .opaque = pool},
                        .rest = bytes,
                        .chunk = block,
                        .out = out};
    return ELEA_OK;
}

elea_status elea__gzip_unpack(elea_bytes bytes, elea_text *out, elea_error *err) {
    gzip_work work;
    ELEA_TRY(start(&work, bytes, out, err));
    work.step = inflate;
    elea_status status = inflateInit2(&work.stream, GZIP_WINDOW) == Z_OK
                             ? unpack_members(&work, err)
                             : elea_error_set(err, ELEA_ENOMEM, "no memory for gzip");
    (void)inflateEnd(&work.stream);
    elea_dealloc(out->pool, work.chunk, CHUNK_SIZE);
    return status;
}

elea_status elea__gzip_pack(elea_bytes bytes, elea_text *out, elea_error *err) {
    gzip_work work;
    int code = Z_OK;
    ELEA_TRY(start(&work, bytes, out, err));
    work.step = deflate;
    elea_status status = deflateInit2(&work.stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW,
                                      MEMORY_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK
                             ? run_member(&work, &code, err)
                             : elea_error_set(err, ELEA_ENOMEM, "no memory for gzip");
    (void)deflateEnd(&work.stream);
    elea_dealloc(out->pool, work.chunk, CHUNK_SIZE);
    return status;
}

#else

static elea_status unsupported(elea_error *err) {
    return elea_error_set(err, ELEA_EUNSUPPORTED,
                          "gzip is not supported: this build has ELEA_WITH_ZLIB=OFF");
}

elea_status elea__gzip_unpack(elea_bytes bytes, elea_text *out, elea_error *err) {
    (void)bytes;
    (void)out;
    return unsupported(err);
}

elea_status elea__gzip_pack(elea_bytes bytes, elea_text *out, elea_error *err) {
    (void)bytes;
    (void)out;
    return unsupported(err);
}

#endif
