// SPDX-License-Identifier: Apache-2.0
#include <elea/io.h>

#include "base/os_internal.h"

typedef struct slowness {
    int64_t latency_ns;
    uint64_t state; // atomic
} slowness;

static elea_status slowness_init(slowness *slow, const elea_slow_options *options,
                                 elea_error *err) {
    *slow = (slowness){0};
    if (!options)
        return ELEA_OK;
    if (options->latency_ns < 0)
        return elea_error_set(err, ELEA_EINVAL, "a latency of %lld ns",
                              (long long)options->latency_ns);
    *slow = (slowness){.latency_ns = options->latency_ns, .state = options->seed};
    return ELEA_OK;
}

// Any thread takes the next number of one Weyl sequence, and hashes it.
static void slowness_wait(slowness *slow) {
    if (slow->latency_ns == 0)
        return;
    uint64_t next =
        __atomic_add_fetch(&slow->state, UINT64_C(0x9E3779B97F4A7C15), __ATOMIC_RELAXED);
    double part = (double)(elea_hash64(&next, sizeof next, 0) >> 11) * 0x1p-53;
    elea__os_sleep_ns((int64_t)((double)slow->latency_ns * (0.5 + part)));
}

void elea_slow_options_init(elea_slow_options *options) { *options = (elea_slow_options){0}; }

// ---- file

typedef struct slow_file {
    elea_file base;
    elea_file *source;
    slowness slow;
} slow_file;

static elea_status slow_read_at(elea_file *file, int64_t offset, int64_t size, void *out,
                                elea_error *err) {
    slow_file *slow = (slow_file *)file;
    slowness_wait(&slow->slow);
    return elea_file_read_at(slow->source, offset, size, out, err);
}

static void slow_file_free(elea_file *file) {
    elea_file_unref(((slow_file *)file)->source);
    elea_dealloc(file->pool, file, sizeof(slow_file));
}

static const elea_file_ops file_ops = {.read_at = slow_read_at, .free = slow_file_free};

elea_status elea_file_new_slow(elea_file *file, const elea_slow_options *options, elea_pool *pool,
                               elea_file **out, elea_error *err) {
    elea_status status = ELEA_OK;
    void *block = NULL;

    ELEA_GOTO(done, elea_alloc_zero(pool, sizeof(slow_file), &block, err));
    slow_file *slow = block;
    ELEA_GOTO(done, slowness_init(&slow->slow, options, err));
    ELEA_GOTO(done, elea_file_init(&slow->base, &file_ops, pool, elea_file_name(file),
                                   elea_file_size(file), err));
    slow->source = elea_file_ref(file);
    *out = &slow->base;
    block = NULL;

done:
    elea_dealloc(pool, block, sizeof(slow_file));
    return status;
}

// ---- stream

typedef struct slow_input {
    elea_input_stream base;
    elea_input_stream *source;
    slowness slow;
} slow_input;

static elea_status slow_read(elea_input_stream *stream, int64_t size, void *out, int64_t *count,
                             elea_error *err) {
    slow_input *slow = (slow_input *)stream;
    slowness_wait(&slow->slow);
    return elea_input_stream_read_some(slow->source, size, out, count, err);
}

static elea_status slow_skip(elea_input_stream *stream, int64_t size, int64_t *count,
                             elea_error *err) {
    slow_input *slow = (slow_input *)stream;
    slowness_wait(&slow->slow);
    return elea_input_stream_skip(slow->source, size, count, err);
}

static void slow_input_free(elea_input_stream *stream) {
    elea_input_stream_free(((slow_input *)stream)->source);
    elea_dealloc(stream->pool, stream, sizeof(slow_input));
}

static const elea_input_stream_ops input_ops = {
    .read = slow_read, .skip = slow_skip, .free = slow_input_free};

elea_status elea_input_stream_new_slow(elea_input_stream *source, const elea_slow_options *options,
                                       elea_pool *pool, elea_input_stream **out, elea_error *err) {
    elea_status status = ELEA_OK;
    void *block = NULL;

    ELEA_GOTO(done, elea_alloc_zero(pool, sizeof(slow_input), &block, err));
    slow_input *slow = block;
    ELEA_GOTO(done, slowness_init(&slow->slow, options, err));
    ELEA_GOTO(done, elea_input_stream_init(&slow->base, &input_ops, pool,
                                           elea_input_stream_name(source), err));
    slow->base.position = elea_input_stream_position(source);
    slow->source = source;
    *out = &slow->base;
    block = NULL;

done:
    elea_dealloc(pool, block, sizeof(slow_input));
    return status;
}
