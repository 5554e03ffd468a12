// SPDX-License-Identifier: Apache-2.0
//
// What is read in one go is an entry. Entries that are wanted are read by runners, tasks in the
// thread pool that each take the next one until none is left, or by who needs one first. Nobody
// waits for an entry that nobody reads, so that nothing depends on the pool having time.
#include <stdlib.h>
#include <string.h>

#include "base/math_internal.h"
#include "base/os_internal.h"
#include "base/thread_pool_internal.h"
#include "io/file.h"
#include "io/ranges.h"

#define RUNNER_MAX 32

typedef enum entry_state { IDLE, WANTED, READING, READ } entry_state;

typedef struct entry {
    elea_file_range range;
    entry_state state;
    elea_buffer *buffer; // NULL after a failure
    elea_status status;
    elea_error *error; // NULL when there was no memory for it
} entry;

typedef struct runner {
    elea__task task;
    elea_range_cache *cache;
    bool posted; // in line, or running
} runner;

struct elea_range_cache {
    elea_pool *pool;
    elea_file *file;
    elea_range_cache_options options;
    int runner_count;
    // Under `mutex`:
    elea__os_mutex mutex;
    elea__os_condition changed;
    bool stopping;
    entry **entries; // in the order of offsets
    int64_t count;
    int64_t capacity;
    int64_t first_wanted; // no entry before it is
    runner runners[RUNNER_MAX];
};

void elea_range_cache_options_init(elea_range_cache_options *options) {
    *options = (elea_range_cache_options){0};
}

// ---- reading

// The mutex is held, but not while reading.
static void read_entry(elea_range_cache *cache, entry *next) {
    elea_error error = {0};
    elea_buffer *buffer = NULL;
    void *kept = NULL;
    next->state = READING;
    elea__os_mutex_unlock(&cache->mutex);
    elea_status status =
        elea_file_view_at(cache->file, next->range.offset, next->range.size, &buffer, &error);
    if (status != ELEA_OK && elea_alloc(cache->pool, sizeof error, &kept, NULL) == ELEA_OK)
        *(elea_error *)kept = error;
    elea__os_mutex_lock(&cache->mutex);
    next->buffer = buffer;
    next->status = status;
    next->error = kept;
    next->state = READ;
    elea__os_condition_broadcast(&cache->changed);
}

static entry *take_wanted(elea_range_cache *cache) {
    int64_t i = cache->first_wanted;
    while (i < cache->count && cache->entries[i]->state != WANTED)
        i++;
    cache->first_wanted = i;
    return i < cache->count ? cache->entries[i] : NULL;
}

static void run(elea__task *task) {
    runner *self = (runner *)((char *)task - offsetof(runner, task));
    elea_range_cache *cache = self->cache;
    elea__os_mutex_lock(&cache->mutex);
    for (entry *next; !cache->stopping && (next = take_wanted(cache));)
        read_entry(cache, next);
    self->posted = false;
    elea__os_condition_broadcast(&cache->changed);
    elea__os_mutex_unlock(&cache->mutex); // then the cache may be gone
}

// Sends at most so many runners for what is wanted. The mutex is held.
static void post_runners(elea_range_cache *cache, int64_t wanted) {
    for (int i = 0; i < cache->runner_count && wanted > 0; i++) {
        runner *next = &cache->runners[i];
        if (next->posted)
            continue;
        next->posted = elea__thread_pool_post(cache->options.threads, &next->task);
        if (!next->posted)
            return;
        wanted--;
    }
}

// The mutex is held.
static void await_entry(elea_range_cache *cache, entry *wanted) {
    if (wanted->state == IDLE || wanted->state == WANTED)
        read_entry(cache, wanted);
    while (wanted->state != READ)
        elea__os_condition_wait(&cache->changed, &cache->mutex);
}

static elea_status entry_failure(const elea_range_cache *cache, const entry *failed,
                                 elea_error *err) {
    if (!failed->error)
        return elea_error_set(err, failed->status, "%lld bytes at offset %lld of \"%s\": %s",
                              (long long)failed->range.size, (long long)failed->range.offset,
                              cache->file->name, elea_status_text(failed->status));
    if (err)
        *err = *failed->error;
    return failed->status;
}

// ---- what is asked for

// The index of an entry that has the whole range, or -1. The mutex is held.
static int64_t find_entry(const elea_range_cache *cache, elea_file_range range) {
    int64_t low = 0, high = cache->count; // the first that begins behind the range's begin
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (cache->entries[middle]->range.offset <= range.offset)
            low = middle + 1;
        else
            high = middle;
    }
    for (int64_t i = low - 1; i >= 0; i--) {
        elea_file_range found = cache->entries[i]->range;
        if (elea__range_inside(range.offset - found.offset, range.size, found.size))
            return i;
    }
    return -1;
}

static void want_following(elea_range_cache *cache, int64_t index) {
    int64_t end = elea__min(cache->count, index + 1 + cache->options.prefetch_max);
    int64_t wanted = 0;
    for (int64_t i = index + 1; i < end; i++) {
        if (cache->entries[i]->state != IDLE)
            continue;
        cache->entries[i]->state = WANTED;
        cache->first_wanted = elea__min(cache->first_wanted, i);
        wanted++;
    }
    post_runners(cache, wanted);
}

elea_status elea_range_cache_read(elea_range_cache *cache, elea_file_range range, elea_buffer **out,
                                  elea_error *err) {
    ELEA_TRY(elea__file_check_range(cache->file, range.offset, range.size, err));
    if (range.size == 0)
        return elea_buffer_new(cache->pool, 0, out, err);
    elea_status status = ELEA_OK;
    elea__os_mutex_lock(&cache->mutex);
    int64_t index = find_entry(cache, range);
    if (index < 0) {
        status = elea_error_set(err, ELEA_EINVAL,
                                "%lld bytes at offset %lld of \"%s\" were not announced",
                                (long long)range.size, (long long)range.offset, cache->file->name);
        goto done;
    }
    entry *found = cache->entries[index]; // it stays where it is, its index need not
    want_following(cache, index);
    await_entry(cache, found);
    if (found->buffer)
        status = elea_buffer_slice(found->buffer, range.offset - found->range.offset, range.size,
                                   out, err);
    else
        status = entry_failure(cache, found, err);

done:
    elea__os_mutex_unlock(&cache->mutex);
    return status;
}

elea_status elea_range_cache_wait(elea_range_cache *cache, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__os_mutex_lock(&cache->mutex);
    for (int64_t i = 0; i < cache->count;) {
        int64_t count = cache->count;
        await_entry(cache, cache->entries[i]);
        i = cache->count == count ? i + 1 : 0; // those that came in meanwhile moved the others
    }
    for (int64_t i = 0; i < cache->count && status == ELEA_OK; i++)
        if (!cache->entries[i]->buffer)
            status = entry_failure(cache, cache->entries[i], err);
    elea__os_mutex_unlock(&cache->mutex);
    return status;
}

// ---- what is announced

static int compare_entries(const void *left, const void *right) {
    const elea_file_range *a = &(*(entry *const *)left)->range;
    const elea_file_range *b = &(*(entry *const *)right)->range;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

// The mutex is held.
static elea_status reserve(elea_range_cache *cache, int64_t more, elea_error *err) {
    int64_t wanted = cache->count + more;
    if (wanted <= cache->capacity)
        return ELEA_OK;
    wanted = elea__max(wanted, cache->capacity * 2);
    void *entries = cache->entries;
    ELEA_TRY(elea_realloc(cache->pool, cache->capacity * (int64_t)sizeof(entry *),
                          wanted * (int64_t)sizeof(entry *), &entries, err));
    cache->entries = entries;
    cache->capacity = wanted;
    return ELEA_OK;
}

// Makes all entries or none. The mutex is held.
static elea_status add_entries(elea_range_cache *cache, const elea_file_range *groups,
                               int64_t count, elea_error *err) {
    ELEA_TRY(reserve(cache, count, err));
    for (int64_t i = 0; i < count; i++) {
        void *block = NULL;
        elea_status status = elea_alloc_zero(cache->pool, sizeof(entry), &block, err);
        if (status != ELEA_OK) {
            while (i-- > 0)
                elea_dealloc(cache->pool, cache->entries[cache->count + i], sizeof(entry));
            return status;
        }
        entry *next = block;
        next->range = groups[i];
        next->state = cache->options.lazy ? IDLE : WANTED;
        cache->entries[cache->count + i] = next;
    }
    cache->count += count;
    if (cache->count > 0)
        qsort(cache->entries, (size_t)cache->count, sizeof(entry *), compare_entries);
    cache->first_wanted = 0;
    if (!cache->options.lazy)
        post_runners(cache, count);
    return ELEA_OK;
}

elea_status elea_range_cache_add(elea_range_cache *cache, const elea_file_range *ranges,
                                 int64_t count, elea_error *err) {
    elea_status status = ELEA_OK;
    void *block = NULL;
    int64_t size = 0;
    ELEA_TRY(elea__ranges_check(cache->file, ranges, count, err));
    if (elea__mul_overflow(count, (int64_t)(sizeof(elea__range_wish) + sizeof(elea_file_range)),
                           &size))
        return elea_error_set(err, ELEA_ECAPACITY, "%lld ranges of \"%s\"", (long long)count,
                              cache->file->name);
    ELEA_TRY(elea_alloc(cache->pool, size, &block, err));
    elea__range_wish *wishes = block;
    elea_file_range *groups = (elea_file_range *)(wishes + count);
    int64_t group_count = elea__ranges_group(ranges, count, cache->options.hole_max,
                                             cache->options.range_max, wishes, groups);
    elea__os_mutex_lock(&cache->mutex);
    status = add_entries(cache, groups, group_count, err);
    elea__os_mutex_unlock(&cache->mutex);
    elea_dealloc(cache->pool, block, size);
    return status;
}

// ---- life

elea_status elea_range_cache_new(elea_file *file, const elea_range_cache_options *options,
                                 elea_pool *pool, elea_range_cache **out, elea_error *err) {
    static const elea_range_cache_options defaults = {0};
    if (!options)
        options = &defaults;
    ELEA_TRY(elea__ranges_check_options(file, options->hole_max, options->range_max, err));
    if (options->prefetch_max < 0)
        return elea_error_set(err, ELEA_EINVAL, "%d reads of \"%s\" are to begin in advance",
                              options->prefetch_max, file->name);
    void *block = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(elea_range_cache), &block, err));
    elea_range_cache *cache = block;
    cache->pool = pool;
    cache->file = elea_file_ref(file);
    cache->options = *options;
    cache->runner_count =
        (int)elea__min(elea_thread_pool_worker_count(options->threads) - 1, RUNNER_MAX);
    for (int i = 0; i < cache->runner_count; i++)
        cache->runners[i] = (runner){.task.run = run, .cache = cache};
    elea__os_mutex_init(&cache->mutex);
    elea__os_condition_init(&cache->changed);
    *out = cache;
    return ELEA_OK;
}

void elea_range_cache_free(elea_range_cache *cache) {
    if (!cache)
        return;
    elea__os_mutex_lock(&cache->mutex);
    cache->stopping = true;
    for (int i = 0; i < cache->runner_count; i++) {
        runner *next = &cache->runners[i];
        if (next->posted && elea__thread_pool_withdraw(cache->options.threads, &next->task))
            next->posted = false;
        while (next->posted)
            elea__os_condition_wait(&cache->changed, &cache->mutex);
    }
    elea__os_mutex_unlock(&cache->mutex);
    for (int64_t i = 0; i < cache->count; i++) {
        elea_buffer_unref(cache->entries[i]->buffer);
        elea_dealloc(cache->pool, cache->entries[i]->error, sizeof(elea_error));
        elea_dealloc(cache->pool, cache->entries[i], sizeof(entry));
    }
    elea_dealloc(cache->pool, cache->entries, cache->capacity * (int64_t)sizeof(entry *));
    elea__os_condition_release(&cache->changed);
    elea__os_mutex_release(&cache->mutex);
    elea_file_unref(cache->file);
    elea_dealloc(cache->pool, cache, sizeof *cache);
}
