// SPDX-License-Identifier: Apache-2.0
//
// Bytes written one after the other: to a file, atomically or not, and to memory. Part of
// elea/io.h.
#ifndef ELEA_IO_OUTPUT_STREAM_H
#define ELEA_IO_OUTPUT_STREAM_H

#include <elea/base.h>

#ifdef __cplusplus
extern "C" {
#endif

// Bytes written one after the other: Arrow's OutputStream. For one thread at a time. To supply
// one, make this the first member of your struct and fill it with elea_output_stream_init().
typedef struct elea_output_stream elea_output_stream;

typedef struct elea_output_stream_ops {
    // Writes all bytes of all parts, in order; a failure leaves the stream of no use.
    elea_status (*write)(elea_output_stream *stream, const elea_bytes *parts, int64_t count,
                         elea_error *err);
    // Makes what was written durable. A NULL slot: nothing to do.
    elea_status (*sync)(elea_output_stream *stream, elea_error *err);
    // Completes the output. Called at most once. A NULL slot: nothing to do.
    elea_status (*close)(elea_output_stream *stream, elea_error *err);
    // Frees the struct; abandons what was not closed.
    void (*free)(elea_output_stream *stream);
} elea_output_stream_ops;

struct elea_output_stream {
    const elea_output_stream_ops *ops;
    elea_pool *pool; // private from here on
    char *name;
    int64_t position;
    bool closed;
    bool failed;
};

// For makers of streams: `name` (for messages) is copied, `pool` must outlive the stream.
ELEA_API ELEA_CHECKED elea_status elea_output_stream_init(elea_output_stream *stream,
                                                          const elea_output_stream_ops *ops,
                                                          elea_pool *pool, const char *name,
                                                          elea_error *err);

// All zero are the defaults: a file made or emptied, written in place, not synced.
typedef struct elea_output_options {
    // Nothing is seen under the path before close: the bytes go to a file with a temporary name in
    // the same folder, which close syncs, renames onto the path, and whose folder it syncs. A
    // stream freed without close, or after a failure, removes it and leaves the path as it was. A
    // symbolic link at the path is replaced, not followed. Not with `append`.
    bool atomic;
    // Goes on after the bytes a file has; the position begins there. The file is made when missing.
    bool append;
    // Close syncs the file (and its folder); `atomic` does so in any case.
    bool sync;
} elea_output_options;

ELEA_API void elea_output_options_init(elea_output_options *options);

// A file. `options` NULL: the defaults. ELEA_ENOTFOUND when the folder is missing, ELEA_EIO when
// it cannot be made or written, a full disk among that (the message ends in the system's text).
ELEA_API ELEA_CHECKED elea_status elea_output_stream_open(const char *path,
                                                          const elea_output_options *options,
                                                          elea_pool *pool, elea_output_stream **out,
                                                          elea_error *err);
// Memory of `pool` that grows. Take what was written with elea_output_stream_take().
ELEA_API ELEA_CHECKED elea_status elea_output_stream_new_memory(elea_pool *pool,
                                                                elea_output_stream **out,
                                                                elea_error *err);
// The bytes written to a memory stream so far, handed over without a copy; the stream is empty
// then, its position 0, and can be used again. ELEA_EINVAL for any other stream.
ELEA_API ELEA_CHECKED elea_status elea_output_stream_take(elea_output_stream *stream,
                                                          elea_buffer **out, elea_error *err);

// After a failed write every further call fails, too, and an atomic file is given up.
ELEA_API ELEA_CHECKED elea_status elea_output_stream_write(elea_output_stream *stream,
                                                           const void *data, int64_t size,
                                                           elea_error *err);
// Several runs of bytes in order, without putting them together first.
ELEA_API ELEA_CHECKED elea_status elea_output_stream_write_parts(elea_output_stream *stream,
                                                                 const elea_bytes *parts,
                                                                 int64_t count, elea_error *err);
// Makes what was written so far durable, under its temporary name where the stream is atomic.
ELEA_API ELEA_CHECKED elea_status elea_output_stream_sync(elea_output_stream *stream,
                                                          elea_error *err);
// Completes the output: only after this is a file known to be whole. A second close does nothing.
ELEA_API ELEA_CHECKED elea_status elea_output_stream_close(elea_output_stream *stream,
                                                           elea_error *err);
// Frees; without close first, an atomic file is abandoned and another one stays as far as written.
ELEA_API void elea_output_stream_free(elea_output_stream *stream);
ELEA_API const char *elea_output_stream_name(const elea_output_stream *stream);
// The place in the output where the next byte goes.
ELEA_API int64_t elea_output_stream_position(const elea_output_stream *stream);

#ifdef __cplusplus
}
#endif

#endif // ELEA_IO_OUTPUT_STREAM_H
