// SPDX-License-Identifier: Apache-2.0
#include "base/math_internal.h"
#include "io/file.h"
#include "io/ranges.h"

#define MIB ((int64_t)1 << 20)
#define REQUEST_MAX_MIB_DEFAULT 64
#define UTILISATION_DEFAULT 0.9

typedef struct plan {
    elea_file *file;
    elea__range_wish *wishes;
    elea_file_range *groups;
    elea_buffer **buffers; // of the groups
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

static elea_status read_groups(void *context, int64_t begin, int64_t end, int worker,
                               elea_error *err) {
    (void)worker;
    plan *work = context;
    for (int64_t i = begin; i < end; i++) {
        elea_file_range range = work->groups[i];
        ELEA_TRY(elea_file_view_at(work->file, range.offset, range.size, &work->buffers[i], err));
    }
    return ELEA_OK;
}

// The part of its group that each wish is.
static elea_status share_groups(plan *work, elea_error *err) {
    for (int64_t i = 0; i < work->wish_count; i++) {
        const elea__range_wish *next = &work->wishes[i];
        elea_buffer **result = &work->results[next->index];
        if (next->group < 0) {
            ELEA_TRY(elea_buffer_new(work->file->pool, 0, result, err));
            continue;
        }
        elea_file_range from = work->groups[next->group];
        elea_buffer *buffer = work->buffers[next->group];
        if (next->range.size == from.size)
            *result = elea_buffer_ref(buffer);
        else
            ELEA_TRY(elea_buffer_slice(buffer, next->range.offset - from.offset, next->range.size,
                                       result, err));
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
    work->group_count = elea__ranges_group(ranges, work->wish_count, options->hole_max,
                                           options->range_max, work->wishes, work->groups);
    ELEA_TRY(elea_thread_pool_for(options->threads, work->group_count, 1, read_groups, work,
                                  options->cancel, err));
    return share_groups(work, err);
}

// Fills the results, of which each that is there after a failure is to be dropped.
static elea_status read_results(plan *work, const elea_file_range *ranges,
                                const elea_read_ranges_options *options, elea_error *err) {
    if (elea_file_has_views(work->file))
        return view_each(work, ranges, err);
    elea_status status = read_in_groups(work, ranges, options, err);
    for (int64_t i = 0; i < work->group_count; i++)
        elea_buffer_unref(work->buffers[i]);
    return status;
}

elea_status elea_file_read_ranges(elea_file *file, const elea_file_range *ranges, int64_t count,
                                  const elea_read_ranges_options *options, elea_buffer **out,
                                  elea_error *err) {
    static const elea_read_ranges_options defaults = {0};
    const int64_t item_size =
        (int64_t)(sizeof(elea__range_wish) + sizeof(elea_file_range) + 2 * sizeof(elea_buffer *));
    int64_t block_size = 0;
    void *block = NULL;
    if (!options)
        options = &defaults;
    ELEA_TRY(elea__ranges_check_options(file, options->hole_max, options->range_max, err));
    ELEA_TRY(elea__ranges_check(file, ranges, count, err));
    if (elea__mul_overflow(count, item_size, &block_size))
        return elea_error_set(err, ELEA_ECAPACITY, "%lld ranges of \"%s\"", (long long)count,
                              file->name);
    ELEA_TRY(elea_alloc_zero(file->pool, block_size, &block, err));
    plan work = {.file = file, .wishes = block, .wish_count = count};
    work.groups = (elea_file_range *)(work.wishes + count);
    work.buffers = (elea_buffer **)(work.groups + count);
    work.results = work.buffers + count;
    elea_status status = read_results(&work, ranges, options, err);
    for (int64_t i = 0; i < count; i++) {
        if (status == ELEA_OK)
            out[i] = work.results[i];
        else
            elea_buffer_unref(work.results[i]);
    }
    elea_dealloc(file->pool, block, block_size);
    return status;
}
