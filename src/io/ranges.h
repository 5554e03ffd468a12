// SPDX-License-Identifier: Apache-2.0
//
// Which ranges of a file are read in one go.
#ifndef ELEA_IO_RANGES_H
#define ELEA_IO_RANGES_H

#include "elea/io.h"

// A range that is asked for, in the order of offsets.
typedef struct elea__range_wish {
    elea_file_range range;
    int64_t index; // in the caller's list
    int64_t group; // -1: it is empty
} elea__range_wish;

ELEA_CHECKED elea_status elea__ranges_check(const elea_file *file, const elea_file_range *ranges,
                                            int64_t count, elea_error *err);
// Of elea_read_ranges_options.
ELEA_CHECKED elea_status elea__ranges_check_options(const elea_file *file, int64_t hole_max,
                                                    int64_t range_max, elea_error *err);

// Fills `wishes` and `groups`, which have room for `count`, from ranges and options that were
// checked; gives the number of groups, which come in the order of offsets.
int64_t elea__ranges_group(const elea_file_range *ranges, int64_t count, int64_t hole_max,
                           int64_t range_max, elea__range_wish *wishes, elea_file_range *groups);

#endif // ELEA_IO_RANGES_H
