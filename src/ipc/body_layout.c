// SPDX-License-Identifier: Apache-2.0
//
// From the buffers of a body to its bytes: compressed or not, one behind the other.
#include "base/math_internal.h"
#include "ipc/array_write.h"
#include "ipc/format.h"
#include "ipc/message.h"

// Less than this is compressed sooner than other threads wake up.
#define PARALLEL_MIN (64 << 10)

// ---- compression

// One stretch of memory for what all buffers become at most.
static elea_status reserve(elea__ipc_body *body, elea_error *err) {
    elea__ipc_raw *raws = body->raws.data;
    int64_t total = 0, bound = 0;
    for (int64_t i = 0; i < body->raws.count; i++) {
        ELEA_TRY(elea_codec_compress_bound(body->codec, raws[i].bytes.size, &bound, err));
        raws[i].bound = bound;
        if (elea__add_overflow(bound, ELEA__IPC_COMPRESSION_PREFIX_SIZE, &bound) ||
            elea__round_up_overflow(bound, ELEA_ALIGNMENT, &bound) ||
            elea__add_overflow(total, bound, &total))
            return elea_error_set(err, ELEA_ECAPACITY, "a record batch too large to compress");
    }
    if (total > body->scratch_size) {
        elea_dealloc(body->pool, body->scratch, body->scratch_size);
        body->scratch = NULL;
        body->scratch_size = 0;
        ELEA_TRY(elea_alloc(body->pool, total, &body->scratch, err));
        body->scratch_size = total;
    }
    uint8_t *next = body->scratch;
    for (int64_t i = 0; i < body->raws.count; i++) {
        raws[i].target = next;
        next += elea__round_up_64(raws[i].bound + ELEA__IPC_COMPRESSION_PREFIX_SIZE);
    }
    return ELEA_OK;
}

// The size it had, then what it became, or what it is when that saves too little.
static elea_status compress(const elea__ipc_body *body, elea__ipc_raw *raw, elea_error *err) {
    int64_t compressed = 0, size = raw->bytes.size;
    if (size == 0)
        return ELEA_OK;
    ELEA_TRY(elea_codec_compress(body->codec, body->options->compression_level, raw->bytes,
                                 raw->target + ELEA__IPC_COMPRESSION_PREFIX_SIZE, raw->bound,
                                 &compressed, err));
    double saved = 1.0 - (double)compressed / (double)size;
    bool saves = compressed < size && saved >= body->options->space_savings_min;
    uint64_t declared = (uint64_t)(saves ? size : ELEA__IPC_NOT_COMPRESSED);
    for (int i = 0; i < ELEA__IPC_COMPRESSION_PREFIX_SIZE; i++)
        raw->target[i] = (uint8_t)(declared >> (8 * i));
    raw->target_size = ELEA__IPC_COMPRESSION_PREFIX_SIZE + (saves ? compressed : 0);
    return ELEA_OK;
}

static elea_status compress_some(void *context, int64_t begin, int64_t end, int worker,
                                 elea_error *err) {
    elea__ipc_body *body = context;
    (void)worker;
    for (int64_t i = begin; i < end; i++)
        ELEA_TRY(compress(body, (elea__ipc_raw *)body->raws.data + i, err));
    return ELEA_OK;
}

static elea_status compress_all(elea__ipc_body *body, elea_error *err) {
    ELEA_TRY(reserve(body, err));
    if (body->raw_size < PARALLEL_MIN)
        return compress_some(body, 0, body->raws.count, 0, err);
    return elea_thread_pool_for(body->options->threads, body->raws.count, 1, compress_some, body,
                                NULL, err);
}

// ---- layout

static elea_status add_part(elea__ipc_body *body, const void *data, int64_t size, elea_error *err) {
    if (size == 0)
        return ELEA_OK;
    elea_bytes part = {.data = data, .size = size};
    ELEA_TRY(elea__ipc_list_push(&body->parts, body->pool, &part, sizeof part, err));
    if (elea__add_overflow(body->size, size, &body->size))
        return elea_error_set(err, ELEA_ECAPACITY, "a record batch too large to write");
    return ELEA_OK;
}

static elea_status lay_out(elea__ipc_body *body, const elea__ipc_raw *raw, elea_error *err) {
    elea__ipc_pair entry = {.first = body->size};
    if (body->codec)
        ELEA_TRY(add_part(body, raw->target, raw->target_size, err));
    if (!body->codec || raw->target_size == ELEA__IPC_COMPRESSION_PREFIX_SIZE)
        ELEA_TRY(add_part(body, raw->bytes.data, raw->bytes.size, err));
    entry.second = body->size - entry.first;
    ELEA_TRY(elea__ipc_list_push(&body->buffers, body->pool, &entry, sizeof entry, err));
    return add_part(body, elea__ipc_zeros, -body->size & (body->options->alignment - 1), err);
}

elea_status elea__ipc_body_finish(elea__ipc_body *body, elea_error *err) {
    static const elea_bytes head = {0};
    const elea__ipc_raw *raws = body->raws.data;
    if (body->codec)
        ELEA_TRY(compress_all(body, err));
    for (int i = 0; i < ELEA__IPC_HEAD_PARTS; i++)
        ELEA_TRY(elea__ipc_list_push(&body->parts, body->pool, &head, sizeof head, err));
    for (int64_t i = 0; i < body->raws.count; i++)
        ELEA_TRY(lay_out(body, &raws[i], err));
    return ELEA_OK;
}
