// SPDX-License-Identifier: Apache-2.0
//
// The variants of the UTF-8 check. Each returns an offset that begins a character and before which
// everything is well-formed: the size, or a place at most a block before the first error. The plain
// check finds the exact place from there.
#ifndef ELEA_BASE_UTF8_H
#define ELEA_BASE_UTF8_H

#include "elea/base.h"

#if defined(__x86_64__)
int64_t elea__utf8_skip_avx2(const uint8_t *text, int64_t size);
int64_t elea__utf8_skip_avx512(const uint8_t *text, int64_t size);
// The same of ASCII: the place is up to 256 bytes before the end of its run.
int64_t elea__utf8_skip_ascii_avx2(const uint8_t *text, int64_t size);
int64_t elea__utf8_skip_ascii_avx512(const uint8_t *text, int64_t size);
#endif

#endif // ELEA_BASE_UTF8_H
