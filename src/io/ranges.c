// SPDX-License-Identifier: Apache-2.0
#include "io/ranges.h"

#include <stdlib.h>

#include "base/math_internal.h"
#include "io/file.h"

#define HOLE_MAX_DEFAULT ((int64_t)8 << 10)
#define RANGE_MAX_DEFAULT ((int64_t)32 << 20)

elea_status elea__ranges_check(const elea_file *file, const elea_file_range *ranges, int64_t count,
                               elea_error *err) {
    for (int64_t i = 0; i < count; i++)
        ELEA_TRY(elea__file_check_range(file, ranges[i].offset, ranges[i].size, err));
    return ELEA_OK;
}

elea_status elea__ranges_check_options(const elea_file *file, int64_t hole_max, int64_t range_max,
                                       elea_error *err) {
    if (hole_max >= -1 && range_max >= 0)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL,
                          "ranges of \"%s\" with holes of %lld bytes in reads of %lld bytes",
                          file->name, (long long)hole_max, (long long)range_max);
}

static int compare_wishes(const void *left, const void *right) {
    const elea_file_range *a = &((const elea__range_wish *)left)->range;
    const elea_file_range *b = &((const elea__range_wish *)right)->range;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return (a->size < b->size) - (a->size > b->size);
}

// Whether a range goes with the group before it, which it makes longer then.
static bool joins(elea_file_range *group, elea_file_range range, int64_t hole_max,
                  int64_t range_max) {
    int64_t group_end = group->offset + group->size;
    int64_t size = elea__max(group_end, range.offset + range.size) - group->offset;
    bool is_inside = size == group->size;
    if (!is_inside && (range.offset - group_end > hole_max || size > range_max))
        return false;
    group->size = size;
    return true;
}

int64_t elea__ranges_group(const elea_file_range *ranges, int64_t count, int64_t hole_max,
                           int64_t range_max, elea__range_wish *wishes, elea_file_range *groups) {
    hole_max = hole_max == 0 ? HOLE_MAX_DEFAULT : elea__max(hole_max, 0);
    range_max = range_max == 0 ? RANGE_MAX_DEFAULT : range_max;
    for (int64_t i = 0; i < count; i++)
        wishes[i] = (elea__range_wish){.range = ranges[i], .index = i, .group = -1};
    if (count > 0)
        qsort(wishes, (size_t)count, sizeof *wishes, compare_wishes);
    int64_t group_count = 0;
    for (int64_t i = 0; i < count; i++) {
        if (wishes[i].range.size == 0)
            continue;
        if (group_count == 0 ||
            !joins(&groups[group_count - 1], wishes[i].range, hole_max, range_max))
            groups[group_count++] = wishes[i].range;
        wishes[i].group = group_count - 1;
    }
    return group_count;
}
