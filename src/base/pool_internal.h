// SPDX-License-Identifier: Apache-2.0
//
// Large blocks of the system's pool: whole pages, mapped. Some that were freed are kept with the
// process, so that the next large request is not made to wait for the system to clear fresh pages,
// which takes longer than most work on them.
//
// Nothing here locks: each of a few slots is taken and filled by an atomic exchange, so that a
// child of fork() finds nothing held (at worst one slot is out of use for ever).
#ifndef ELEA_BASE_POOL_INTERNAL_H
#define ELEA_BASE_POOL_INTERNAL_H

#include "elea/base.h"

// Blocks of this size and above are mapped pages, which grow by moving pages and not bytes. Not
// under the address sanitizer, which watches the edges of the C library's blocks only, and would
// not see that a kept block is used after it was freed.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ELEA__POOL_SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ELEA__POOL_SANITIZED 1
#endif
//
// Blocks up to the small size are cut out of the C library's plain ones, which it has at hand: to
// make an aligned one it splits others, which takes three times as long. Not under the address
// sanitizer either, for the sake of the edges.
#if defined(ELEA__POOL_SANITIZED)
#define ELEA__POOL_SIZE_MAPPED INT64_MAX
#define ELEA__POOL_SIZE_SMALL 0
#else
#define ELEA__POOL_SIZE_MAPPED ((int64_t)1 << 20)
#define ELEA__POOL_SIZE_SMALL ((int64_t)16 << 10)
#endif

// As elea_pool_ops. Sizes are at least ELEA__POOL_SIZE_MAPPED and at most 2^56; a block is given
// back with the size it was last asked for. What a new block holds is anybody's guess.
void *elea__pool_pages_new(int64_t size);
void *elea__pool_pages_resize(void *pages, int64_t size_old, int64_t size_new);
void elea__pool_pages_free(void *pages, int64_t size);

// What is kept, in bytes; how much may be, which gives back what is above it; to give all back.
int64_t elea__pool_kept(void);
void elea__pool_kept_max_set(int64_t size);
int64_t elea__pool_trim(void);

#endif // ELEA_BASE_POOL_INTERNAL_H
