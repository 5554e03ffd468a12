// SPDX-License-Identifier: Apache-2.0
//
// Bytes written one after the other: to a file, atomically or not, and to memory. Part of
// elea/io.h.
#ifndef ELEA_IO_OUTPUT_STREAM_H
#define ELEA_IO_OUTPUT_STREAM_H

#include <elea/base.h>
#include <elea/io/file.h>

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
    // Makes what was written durable; `flush` has been called before. A NULL slot: nothing to do.
    elea_status (*sync)(elea_output_stream *stream, elea_error *err);
    // Completes the output. Called at most once. A NULL slot: nothing to do.
    elea_status (*close)(elea_output_stream *stream, elea_error *err);
    // Frees the struct; abandons what was not closed.
    void (*free)(elea_output_stream *stream);
    // Hands on what is held back. A NULL slot: nothing ever is.
    elea_status (*flush)(elea_output_stream *stream, elea_error *err);
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
    // Waits until nobody else has the file open with this, and keeps others waiting until close: an
    // advisory lock. For `append`, whose position is then that behind what others wrote.
    bool lock;
} elea_output_options;

ELEA_API void elea_output_options_init(elea_output_options *options);

// A file. `options` NULL: the defaults. ELEA_ENOTFOUND when the folder is missing, ELEA_EIO when
// it cannot be made or written, a full disk among that (the message ends in the system's text).
ELEA_API ELEA_CHECKED elea_status elea_output_stream_open(const char *path,
                                                          const elea_output_options *options,
                                                          elea_pool *pool, elea_output_stream **out,
                                                          elea_error *err);
// What an open descriptor takes, from where it stands: a file, a pipe, a terminal, a socket. `name`
// is for messages; `options` NULL: the defaults. When the reader of a pipe or socket is gone,
// writing gives ELEA_EIO (EPIPE in os_code), without a signal; so does a descriptor that is
// non-blocking and full. The position begins at 0. Sync reaches the disk where it is a file.
ELEA_API ELEA_CHECKED elea_status elea_output_stream_new_from_descriptor(
    int descriptor, const char *name, const elea_descriptor_options *options, elea_pool *pool,
    elea_output_stream **out, elea_error *err);
// Standard output and standard error, which are not closed. What stdio holds back comes later.
ELEA_API ELEA_CHECKED elea_status elea_output_stream_new_stdout(elea_pool *pool,
                                                                elea_output_stream **out,
                                                                elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_output_stream_new_stderr(elea_pool *pool,
                                                                elea_output_stream **out,
                                                                elea_error *err);
// Memory of `pool` that grows. Take what was written with elea_output_stream_take().
ELEA_API ELEA_CHECKED elea_status elea_output_stream_new_memory(elea_pool *pool,
                                                                elea_output_stream **out,
                                                                elea_error *err);
// The bytes written to a memory stream so far, handed over without a copy; the stream is empty
// then, its position 0, and can be used again. ELEA_EINVAL for any other stream.
ELEA_API ELEA_CHECKED elea_status elea_output_stream_take(elea_output_stream *stream,
                                                          elea_buffer **out, elea_error *err);

// Memory of the caller, `size` bytes at `data`, which must outlive the stream. A write that does
// not fit writes nothing and gives ELEA_ECAPACITY.
ELEA_API ELEA_CHECKED elea_status elea_output_stream_new_fixed(void *data, int64_t size,
                                                               elea_pool *pool,
                                                               elea_output_stream **out,
                                                               elea_error *err);
// Keeps nothing: its position is the number of bytes that came, its checksum that of them all.
ELEA_API ELEA_CHECKED elea_status elea_output_stream_new_counting(elea_pool *pool,
                                                                  elea_output_stream **out,
                                                                  elea_error *err);
// The CRC-32C of all bytes that a counting stream got. ELEA_EINVAL for any other stream.
ELEA_API ELEA_CHECKED elea_status elea_output_stream_crc32c(const elea_output_stream *stream,
                                                            uint32_t *out, elea_error *err);

// Streams on a stream. They take `target` (when the call succeeds): flush, sync, close and free
// reach it. Their name and the begin of their position are those of the target.

// Holds small writes back until there are `buffer_size` bytes (0: 64 KiB), and hands on with them,
// uncopied, what does not fit. Freed without close, it loses what it holds.
ELEA_API ELEA_CHECKED elea_status elea_output_stream_new_buffered(elea_output_stream *target,
                                                                  int64_t buffer_size,
                                                                  elea_pool *pool,
                                                                  elea_output_stream **out,
                                                                  elea_error *err);
// Gives the target of a buffered stream back, after a flush; the stream is closed then. ELEA_EINVAL
// for any other stream, or a closed one.
ELEA_API ELEA_CHECKED elea_status elea_output_stream_detach(elea_output_stream *stream,
                                                            elea_output_stream **target,
                                                            elea_error *err);
// Writes all to `target` and then also to `copy`, which is borrowed, must outlive the stream and is
// flushed with it, but neither synced nor closed. With a counting stream: a checksum of what is
// written.
ELEA_API ELEA_CHECKED elea_status elea_output_stream_new_tee(elea_output_stream *target,
                                                             elea_output_stream *copy,
                                                             elea_pool *pool,
                                                             elea_output_stream **out,
                                                             elea_error *err);

// After a failed write every further call fails, too, and an atomic file is given up.
ELEA_API ELEA_CHECKED elea_status elea_output_stream_write(elea_output_stream *stream,
                                                           const void *data, int64_t size,
                                                           elea_error *err);
// Several runs of bytes in order, without putting them together first.
ELEA_API ELEA_CHECKED elea_status elea_output_stream_write_parts(elea_output_stream *stream,
                                                                 const elea_bytes *parts,
                                                                 int64_t count, elea_error *err);
// Hands on what is held back, to where the bytes go: a pipe's reader can have them.
ELEA_API ELEA_CHECKED elea_status elea_output_stream_flush(elea_output_stream *stream,
                                                           elea_error *err);
// Flushes, and makes what was written so far durable, under its temporary name where the stream is
// atomic.
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
