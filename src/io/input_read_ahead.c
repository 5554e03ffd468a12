// SPDX-License-Identifier: Apache-2.0
//
// Blocks of the source are read by whoever comes first: a task in the thread pool, which goes on
// until there are enough, or the reader itself when it needs a block and no task has begun. So
// nothing depends on the pool having a thread to spare, and nobody waits for what nobody does.
#include "base/math_internal.h"
#include "base/os_internal.h"
#include "base/thread_pool_internal.h"
#include "io/block_input.h"

#define BLOCK_SIZE_DEFAULT ((int64_t)1 << 20)
#define BLOCK_COUNT_DEFAULT 4
#define BLOCK_COUNT_MAX 1024

typedef struct read_ahead {
    elea__block_input base;
    elea_thread_pool *threads;
    int64_t block_size;
    elea__task task;
    elea_input_stream *source; // of the one who is reading
    // Under `mutex`:
    elea__os_mutex mutex;
    elea__os_condition changed;
    bool posted;  // the task is in line or runs
    bool reading; // somebody is at the source
    bool ended;   // by the end or by a failure
    bool stopping;
    elea_status status; // of the failure
    elea_error error;
    int32_t first; // the ring of blocks that are ready
    int32_t count;
    int32_t block_count;
    elea_buffer *blocks[];
} read_ahead;

static int64_t struct_size(int32_t block_count) {
    return (int64_t)sizeof(read_ahead) + block_count * (int64_t)sizeof(elea_buffer *);
}

// Reads a block into the ring. The mutex is held, but not while reading; `reading` is set.
static void read_block(read_ahead *ahead) {
    elea_buffer *block = NULL;
    elea_error error = {0};
    elea__os_mutex_unlock(&ahead->mutex);
    elea_status status = elea_input_stream_view(ahead->source, ahead->block_size, &block, &error);
    elea__os_mutex_lock(&ahead->mutex);
    if (status != ELEA_OK) {
        ahead->status = status;
        ahead->error = error;
        ahead->ended = true;
    } else if (elea_buffer_size(block) == 0) {
        elea_buffer_unref(block);
        ahead->ended = true;
    } else {
        ahead->blocks[(ahead->first + ahead->count++) % ahead->block_count] = block;
    }
}

static void run_task(elea__task *task) {
    read_ahead *ahead = (read_ahead *)((char *)task - offsetof(read_ahead, task));
    elea__os_mutex_lock(&ahead->mutex);
    ahead->reading = true;
    while (!ahead->stopping && !ahead->ended && ahead->count < ahead->block_count) {
        read_block(ahead);
        elea__os_condition_broadcast(&ahead->changed);
    }
    ahead->reading = false;
    ahead->posted = false;
    elea__os_condition_broadcast(&ahead->changed);
    elea__os_mutex_unlock(&ahead->mutex); // then the stream may be gone
}

// Sees to it that a block is ready, unless the source has ended. The mutex is held.
static void await_block(read_ahead *ahead) {
    while (ahead->count == 0 && !ahead->ended) {
        if (ahead->posted && !ahead->reading &&
            elea__thread_pool_withdraw(ahead->threads, &ahead->task))
            ahead->posted = false;
        if (ahead->posted) {
            elea__os_condition_wait(&ahead->changed, &ahead->mutex);
            continue;
        }
        ahead->reading = true;
        read_block(ahead);
        ahead->reading = false;
    }
}

static elea_status ahead_fill(elea__block_input *input, int64_t wanted, elea_error *err) {
    (void)wanted;
    read_ahead *ahead = (read_ahead *)input;
    elea_buffer *block = NULL;
    elea_status status = ELEA_OK;
    elea__os_mutex_lock(&ahead->mutex);
    await_block(ahead);
    if (ahead->count > 0) {
        block = ahead->blocks[ahead->first];
        ahead->first = (ahead->first + 1) % ahead->block_count;
        ahead->count--;
    } else if (ahead->status != ELEA_OK) {
        status = ahead->status;
        if (err)
            *err = ahead->error;
    }
    // Half of the blocks at a time, so that tasks are few.
    if (!ahead->ended && !ahead->posted && ahead->count <= ahead->block_count / 2)
        ahead->posted = elea__thread_pool_post(ahead->threads, &ahead->task);
    elea__os_mutex_unlock(&ahead->mutex);
    return block ? elea__block_input_add(input, block, err) : status;
}

static void ahead_free(elea_input_stream *stream) {
    read_ahead *ahead = (read_ahead *)stream;
    elea__os_mutex_lock(&ahead->mutex);
    ahead->stopping = true;
    if (ahead->posted && elea__thread_pool_withdraw(ahead->threads, &ahead->task))
        ahead->posted = false;
    while (ahead->posted)
        elea__os_condition_wait(&ahead->changed, &ahead->mutex);
    elea__os_mutex_unlock(&ahead->mutex);
    for (int32_t i = 0; i < ahead->count; i++)
        elea_buffer_unref(ahead->blocks[(ahead->first + i) % ahead->block_count]);
    elea__block_input_release(&ahead->base);
    elea_input_stream_free(ahead->source);
    elea__os_condition_release(&ahead->changed);
    elea__os_mutex_release(&ahead->mutex);
    elea_dealloc(stream->pool, ahead, struct_size(ahead->block_count));
}

static const elea_input_stream_ops ahead_ops = {.read = elea__block_input_read,
                                                .view = elea__block_input_view,
                                                .skip = elea__block_input_skip,
                                                .peek = elea__block_input_peek,
                                                .has_views = elea__block_input_has_views,
                                                .free = ahead_free};

void elea_read_ahead_options_init(elea_read_ahead_options *options) {
    *options = (elea_read_ahead_options){0};
}

elea_status elea_input_stream_new_read_ahead(elea_input_stream *source,
                                             const elea_read_ahead_options *options,
                                             elea_pool *pool, elea_input_stream **out,
                                             elea_error *err) {
    static const elea_read_ahead_options defaults = {0};
    if (!options)
        options = &defaults;
    int32_t block_count = options->block_count == 0 ? BLOCK_COUNT_DEFAULT : options->block_count;
    if (options->block_size < 0 || block_count < 0 || block_count > BLOCK_COUNT_MAX)
        return elea_error_set(err, ELEA_EINVAL,
                              "%d blocks of %lld bytes are to be read ahead of \"%s\": 1 to %d are "
                              "possible",
                              block_count, (long long)options->block_size, source->name,
                              BLOCK_COUNT_MAX);
    void *block = NULL;
    ELEA_TRY(elea_alloc_zero(pool, struct_size(block_count), &block, err));
    read_ahead *ahead = block;
    elea_status status =
        elea_input_stream_init(&ahead->base.base, &ahead_ops, pool, source->name, err);
    if (status != ELEA_OK) {
        elea_dealloc(pool, ahead, struct_size(block_count));
        return status;
    }
    ahead->base.base.position = source->position;
    ahead->base.fill = ahead_fill;
    ahead->threads = options->threads;
    ahead->block_size = options->block_size == 0 ? BLOCK_SIZE_DEFAULT : options->block_size;
    ahead->block_count = block_count;
    ahead->task.run = run_task;
    ahead->source = source;
    elea__os_mutex_init(&ahead->mutex);
    elea__os_condition_init(&ahead->changed);
    *out = &ahead->base.base;
    return ELEA_OK;
}
