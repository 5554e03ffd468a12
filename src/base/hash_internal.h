// SPDX-License-Identifier: Apache-2.0
#ifndef ELEA_BASE_HASH_INTERNAL_H
#define ELEA_BASE_HASH_INTERNAL_H

#include "elea/base.h"

// XXH64 in plain C: what elea_hash64() is in a build without xxhash, and what it is tested against
// in a build with it.
uint64_t elea__hash64_plain(const void *data, int64_t size, uint64_t seed);

#endif // ELEA_BASE_HASH_INTERNAL_H
