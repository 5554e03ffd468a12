// SPDX-License-Identifier: Apache-2.0
//
// Files and streams made slow, to see how programs do on a network or an old disk. Part of
// elea/io.h.
#ifndef ELEA_IO_SLOW_H
#define ELEA_IO_SLOW_H

#include <elea/base.h>
#include <elea/io/input_stream.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct elea_slow_options {
    int64_t latency_ns; // that each read waits on average: from half of it to one and a half
    uint64_t seed;      // of the chance in it
} elea_slow_options;

ELEA_API void elea_slow_options_init(elea_slow_options *options);

// A file, of which it takes a reference, whose reads each wait first. It has no views. `options`
// NULL: no waiting; ELEA_EINVAL for a negative time.
ELEA_API ELEA_CHECKED elea_status elea_file_new_slow(elea_file *file,
                                                     const elea_slow_options *options,
                                                     elea_pool *pool, elea_file **out,
                                                     elea_error *err);
// A stream whose reads each wait first. It takes `source`, when the call succeeds, and has no
// views. The position begins with that of the source.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_new_slow(elea_input_stream *source,
                                                             const elea_slow_options *options,
                                                             elea_pool *pool,
                                                             elea_input_stream **out,
                                                             elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_IO_SLOW_H
