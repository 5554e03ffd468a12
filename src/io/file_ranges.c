// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "base/math_internal.h"
#include "io/file.h"

#define MIB ((int64_t)1 << 20)
#define HOLE_MAX_DEFAULT ((int64_t)8 << 10)
#define RANGE_MAX_DEFAULT (32 * MIB)
#define REQUEST_MAX_MIB_DEFAULT 64
#define UTILISATION_DEFAULT 0.9

// A range that is asked for, in the order of offsets.
typedef struct wish {
    elea_file_range range;
    int64_t index; // in the caller's list
    int64_t group;
} wish;

// Ranges that are read in one go.
typedef struct group {
    elea_file_range range;
    elea_buffer *buffer;
} group;

typedef struct plan {
    elea_file *file;
    wish *wishes;
    group *groups;
    elea_buffer **results;
    int64_t wish_count;
    int64_t group_count;
} plan;

void elea_read_ranges_options_init(elea_read_ranges_options *options) {
    *options = (elea_read_ranges_options){0};
}

elea_status elea_read_ranges_options_init_network(elea_read_ranges_options *options,
                                                  int64_t first_byte_ms, int64_t mib_per_second,
                                                  double utilisation, int64_t request_max_mib,
                                                  elea_error *err) {
    if (utilisation == 0)
        utilisation = UTILISATION_DEFAULT;
    if (request_max_mib == 0)
        request_max_mib = REQUEST_MAX_MIB_DEFAULT;
    int64_t request_max = 0;
    if (first_byte_ms <= 0 || mib_per_second <= 0 || !(utilisation > 0 && utilisation < 1) ||
        request_max_mib < 0 || elea__mul_overflow(request_max_mib, MIB, &request_max))
        return elea_error_set(err, ELEA_EINVAL,
                              "a network of %lld ms and %lld MiB/s, to be used to %g with requests "
                              "of at most %lld MiB",
                              (long long)first_byte_ms, (long long)mib_per_second, utilisation,
                              (long long)request_max_mib);
    // What comes in the time that a request waits for its first byte.
    double latency_size = (double)first_byte_ms / 1000 * (double)mib_per_second * (double)MIB;
    double busy_size = latency_size * utilisation / (1 - utilisation);
    *options = (elea_read_ranges_options){
        .hole_max = latency_size < 0x1p62 ? (int64_t)(latency_size + 0.5) : INT64_MAX,
        .range_max = busy_size < (double)request_max ? (int64_t)(busy_size + 0.5) : request_max};
    return ELEA_OK;
}

static int compare_wishes(const void *left, const void *right) {
    const elea_file_range *a = &((const wish *)left)->range, *b = &((const wish *)right)->range;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return (a->size < b->size) - (a->size > b->size);
}

// Puts the wishes in order and in groups. Empty ones are in none.
static void make_groups(plan *work, int64_t hole_max, int64_t range_max) {
    qsort(work->wishes, (size_t)work->wish_count, sizeof(wish), compare_wishes);
    for (int64_t i = 0; i < work->wish_count; i++) {
        elea_file_range range = work->wishes[i].range;
        work->wishes[i].group = -1;
        if (range.size == 0)
            continue;
        elea_file_range *last =
            work->group_count == 0 ? NULL : &work->groups[work->group_count - 1].range;
        if (last) {
            int64_t last_end = last->offset + last->size;
            int64_t size = elea__max(last_end, range.offset + range.size) - last->offset;
            bool is_inside = size == last->size;
            if (is_inside || (range.offset - last_end <= hole_max && size <= range_max)) {
                last->size = size;
                work->wishes[i].group = work->group_count - 1;
                continue;
            }
        }
        work->wishes[i].group = work->group_count;
        work->groups[work->group_count++] = (group){.range = range};
    }
}

static elea_status read_groups(void *context, int64_t begin, int64_t end, int worker,
                               elea_error *err) {
    (void)worker;
    plan *work = context;
    for (int64_t i = begin; i < end; i++) {
        group *next = &work->groups[i];
        ELEA_TRY(elea_file_view_at(work->file, next->range.offset, next->range.size, &next->buffer,
                                   err));
    }
    return ELEA_OK;
}

// The part of its group that each wish is.
static elea_status share_groups(plan *work, elea_error *err) {
    for (int64_t i = 0; i < work->wish_count; i++) {
        const wish *next = &work->wishes[i];
        elea_buffer **result = &work->results[next->index];
        if (next->group < 0) {
            ELEA_TRY(elea_buffer_new(work->file->pool, 0, result, err));
            continue;
        }
        const group *from = &work->groups[next->group];
        if (next->range.size == from->range.size)
            *result = elea_buffer_ref(from->buffer);
        else
            ELEA_TRY(elea_buffer_slice(from->buffer, next->range.offset - from->range.offset,
                                       next->range.size, result, err));
    }
    return ELEA_OK;
}

static elea_status view_each(plan *work, const elea_file_range *ranges, elea_error *err) {
    for (int64_t i = 0; i < work->wish_count; i++)
        ELEA_TRY(elea_file_view_at(work->file, ranges[i].offset, ranges[i].size, &work->results[i],
                                   err));
    return ELEA_OK;
}

static elea_status read_in_groups(plan *work, const elea_file_range *ranges,
                                  const elea_read_ranges_options *options, elea_error *err) {
    for (int64_t i = 0; i < work->wish_count; i++)
        work->wishes[i] = (wish){.range = ranges[i], .index = i};
    int64_t hole_max = options->hole_max == 0    ? HOLE_MAX_DEFAULT
                       : options->hole_max == -1 ? 0
                                                 : options->hole_max;
    make_groups(work, hole_max, options->range_max == 0 ? RANGE_MAX_DEFAULT : options->range_max);
    ELEA_TRY(
        elea_thread_pool_for(options->threads, work->group_count, 1, read_groups, work, NULL, err));
    return share_groups(work, err);
}

static elea_status check_arguments(const elea_file *file, const elea_file_range *ranges,
                                   int64_t count, const elea_read_ranges_options *options,
                                   elea_error *err) {
    if (options->hole_max < -1 || options->range_max < 0)
        return elea_error_set(
            err, ELEA_EINVAL, "ranges of \"%s\" with holes of %lld bytes in reads of %lld bytes",
            file->name, (long long)options->hole_max, (long long)options->range_max);
    for (int64_t i = 0; i < count; i++)
        ELEA_TRY(elea__file_check_range(file, ranges[i].offset, ranges[i].size, err));
    return ELEA_OK;
}

elea_status elea_file_read_ranges(elea_file *file, const elea_file_range *ranges, int64_t count,
                                  const elea_read_ranges_options *options, elea_buffer **out,
                                  elea_error *err) {
    static const elea_read_ranges_options defaults = {0};
    if (!options)
        options = &defaults;
    ELEA_TRY(check_arguments(file, ranges, count, options, err));
    elea_status status = ELEA_OK;
    void *block = NULL;
    int64_t block_size = 0;
    plan work = {.file = file, .wish_count = count};

    if (elea__mul_overflow(count, (int64_t)(sizeof(wish) + sizeof(group) + sizeof(elea_buffer *)),
                           &block_size))
        return elea_error_set(err, ELEA_ECAPACITY, "%lld ranges of \"%s\"", (long long)count,
                              file->name);
    ELEA_GOTO(done, elea_alloc_zero(file->pool, block_size, &block, err));
    work.wishes = block;
    work.groups = (group *)(work.wishes + count);
    work.results = (elea_buffer **)(work.groups + count);
    ELEA_GOTO(done, elea_file_has_views(file) ? view_each(&work, ranges, err)
                                              : read_in_groups(&work, ranges, options, err));
    for (int64_t i = 0; i < count; i++) {
        out[i] = work.results[i];
        work.results[i] = NULL;
    }

done:
    for (int64_t i = 0; block && i < count; i++) {
        elea_buffer_unref(work.results[i]);
        elea_buffer_unref(work.groups[i].buffer);
    }
    elea_dealloc(file->pool, block, block_size);
    return status;
}
