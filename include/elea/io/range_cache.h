// SPDX-License-Identifier: Apache-2.0
//
// Ranges of a file that are read in the background before they are needed. Part of elea/io.h.
#ifndef ELEA_IO_RANGE_CACHE_H
#define ELEA_IO_RANGE_CACHE_H

#include <elea/base.h>
#include <elea/io/file.h>

#ifdef __cplusplus
extern "C" {
#endif

// Arrow's ReadRangeCache: says early what will be read, and takes it when it is needed. Near ranges
// are read together, as elea_file_read_ranges() does; what was read stays until the cache is freed.
// Safe from any thread, but for freeing.
typedef struct elea_range_cache elea_range_cache;

// All zero are the defaults.
typedef struct elea_range_cache_options {
    int64_t hole_max;  // as in elea_read_ranges_options
    int64_t range_max; // as there
    // Nothing is read before it is asked for; and then the following ranges (in the order of
    // offsets, as many reads as `prefetch_max`) begin to be read, too.
    bool lazy;
    int32_t prefetch_max;
    // NULL: the default pool. Must outlive the cache. With one worker, or while none has time, what
    // is asked for is read by who asks.
    elea_thread_pool *threads;
} elea_range_cache_options;

ELEA_API void elea_range_cache_options_init(elea_range_cache_options *options);

// Takes a reference of `file`. `options` NULL: the defaults. ELEA_EINVAL for options out of range.
ELEA_API ELEA_CHECKED elea_status elea_range_cache_new(elea_file *file,
                                                       const elea_range_cache_options *options,
                                                       elea_pool *pool, elea_range_cache **out,
                                                       elea_error *err);
// Begins to read these ranges, unless the cache is lazy, and does not wait. ELEA_EINDEX when one is
// not inside the file; nothing is added then.
ELEA_API ELEA_CHECKED elea_status elea_range_cache_add(elea_range_cache *cache,
                                                       const elea_file_range *ranges, int64_t count,
                                                       elea_error *err);
// The bytes of a range, as a part of what was read, waiting for it where it must. ELEA_EINVAL when
// it is not a range that was added, or inside of one; the failure of its reading, each time it is
// asked for.
ELEA_API ELEA_CHECKED elea_status elea_range_cache_read(elea_range_cache *cache,
                                                        elea_file_range range, elea_buffer **out,
                                                        elea_error *err);
// Waits until all that was added has been read, also of a lazy cache. The failure of the reading
// that comes first in the file.
ELEA_API ELEA_CHECKED elea_status elea_range_cache_wait(elea_range_cache *cache, elea_error *err);
// Waits for what is being read just now; the rest is not read any more. Buffers stay valid.
ELEA_API void elea_range_cache_free(elea_range_cache *cache);

#ifdef __cplusplus
}
#endif

#endif // ELEA_IO_RANGE_CACHE_H
