// SPDX-License-Identifier: Apache-2.0
//
// What the kinds of files share.
#ifndef ELEA_IO_FILE_PRIVATE_H
#define ELEA_IO_FILE_PRIVATE_H

#include "base/os_internal.h"
#include "elea/io.h"

// ELEA_EINDEX, with the numbers, unless the range is inside the file.
ELEA_CHECKED elea_status elea__file_check_range(const elea_file *file, int64_t offset, int64_t size,
                                                elea_error *err);

// The same advice in the words of the system's seam.
static inline elea__os_advice elea__file_os_advice(elea_advice advice) {
    static const elea__os_advice words[] = {
        [ELEA_ADVICE_NORMAL] = ELEA__OS_NORMAL,
        [ELEA_ADVICE_SEQUENTIAL] = ELEA__OS_SEQUENTIAL,
        [ELEA_ADVICE_RANDOM] = ELEA__OS_RANDOM,
        [ELEA_ADVICE_WILL_NEED] = ELEA__OS_WILL_NEED,
        [ELEA_ADVICE_DONT_NEED] = ELEA__OS_DONT_NEED,
    };
    return words[advice];
}

// elea_file_new_from_buffer() of a buffer that is a mapping: it takes advice.
ELEA_CHECKED elea_status elea__file_new_from_mapping(elea_buffer *mapping, const char *name,
                                                     elea_pool *pool, elea_file **out,
                                                     elea_error *err);

#endif // ELEA_IO_FILE_PRIVATE_H
