// SPDX-License-Identifier: Apache-2.0
//
// Copies past the caches: the variants of elea__store_far() (copy_internal.h).
#ifndef ELEA_BASE_COPY_H
#define ELEA_BASE_COPY_H

#include "elea/base.h"

// Stores whole lines at `target`, which is aligned to one; gives how many bytes those were.
int64_t elea__store_lines_avx2(uint8_t *target, const uint8_t *source, int64_t size);

// Lines are asked for so far ahead of the copy: hardware looks no further than the next page.
#define ELEA__STORE_LINE 64
#define ELEA__STORE_AHEAD 1024

#endif // ELEA_BASE_COPY_H
