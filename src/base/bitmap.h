// SPDX-License-Identifier: Apache-2.0
//
// The variants of counting ones in whole bytes.
#ifndef ELEA_BASE_BITMAP_H
#define ELEA_BASE_BITMAP_H

#include "elea/base.h"

#if defined(__x86_64__)
int64_t elea__count_ones_avx2(const uint8_t *bytes, int64_t size);
int64_t elea__count_ones_avx512(const uint8_t *bytes, int64_t size);
#endif

#endif // ELEA_BASE_BITMAP_H
