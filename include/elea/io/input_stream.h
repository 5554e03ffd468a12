// SPDX-License-Identifier: Apache-2.0
//
// Bytes read one after the other: from a file, a pipe, a socket, standard input, memory. Part of
// elea/io.h.
#ifndef ELEA_IO_INPUT_STREAM_H
#define ELEA_IO_INPUT_STREAM_H

#include <elea/base.h>
#include <elea/io/file.h>

#ifdef __cplusplus
extern "C" {
#endif

// Arrow's InputStream. For one thread at a time. To supply one, make this the first member of your
// struct and fill it with elea_input_stream_init().
typedef struct elea_input_stream elea_input_stream;

typedef struct elea_input_stream_ops {
    // Reads at least one byte and at most `size`, which is positive, waiting until there is one;
    // *count is how many. 0 is the end, and is said again when asked again. A failure leaves the
    // stream of no use.
    elea_status (*read)(elea_input_stream *stream, int64_t size, void *out, int64_t *count,
                        elea_error *err);
    // The next `size` bytes (positive; fewer at the end, an empty buffer there) as a view, without
    // copying; or NULL in *out, with nothing consumed, when it can only read them this time. A
    // NULL slot: it can never.
    elea_status (*view)(elea_input_stream *stream, int64_t size, elea_buffer **out,
                        elea_error *err);
    // Leaves out `size` bytes (positive), fewer only at the end; *count is how many. A NULL slot:
    // they are read.
    elea_status (*skip)(elea_input_stream *stream, int64_t size, int64_t *count, elea_error *err);
    // The next `size` bytes (positive), fewer only at the end, which the next call will give, too.
    // They stay where they are until that call. A NULL slot: it cannot look ahead.
    elea_status (*peek)(elea_input_stream *stream, int64_t size, elea_bytes *out, elea_error *err);
    // Closes, and frees the struct. Views that were given stay valid.
    void (*free)(elea_input_stream *stream);
} elea_input_stream_ops;

struct elea_input_stream {
    const elea_input_stream_ops *ops;
    elea_pool *pool; // private from here on
    char *name;
    int64_t position;
    bool failed;
};

// For makers of streams: `name` (for messages) is copied; `pool` is where buffers that are read
// into come from, and must outlive the stream. The position is 0; set it to begin elsewhere.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_init(elea_input_stream *stream,
                                                         const elea_input_stream_ops *ops,
                                                         elea_pool *pool, const char *name,
                                                         elea_error *err);

// A file, a named pipe or a device, from its begin. ELEA_ENOTFOUND when there is none, ELEA_EIO
// when it cannot be opened, ELEA_EINVAL for a folder. Opening a pipe waits for a writer.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_open(const char *path, elea_pool *pool,
                                                         elea_input_stream **out, elea_error *err);
// The bytes [offset, offset + size) of a file, of which it takes a reference; `size` -1: to its
// end. Views are those of the file where it has them. The position begins at `offset`, so that it
// is one of the file. ELEA_EINDEX when the range is not inside the file.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_new_from_file(elea_file *file, int64_t offset,
                                                                  int64_t size, elea_pool *pool,
                                                                  elea_input_stream **out,
                                                                  elea_error *err);
// The bytes of a buffer, of which it takes a reference; views are slices of it. `name` is for
// messages; NULL stands for "memory".
ELEA_API ELEA_CHECKED elea_status elea_input_stream_new_from_buffer(elea_buffer *buffer,
                                                                    const char *name,
                                                                    elea_pool *pool,
                                                                    elea_input_stream **out,
                                                                    elea_error *err);

// What an open descriptor gives, from where it stands: a file, a pipe, a terminal, a socket. It is
// read as it is (a non-blocking one gives ELEA_EIO when there is nothing to read yet). `name` is
// for messages; `options` NULL: the defaults.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_new_from_descriptor(
    int descriptor, const char *name, const elea_descriptor_options *options, elea_pool *pool,
    elea_input_stream **out, elea_error *err);
// Standard input, which is not closed. What was read ahead of it elsewhere (by stdio) is missing.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_new_stdin(elea_pool *pool,
                                                              elea_input_stream **out,
                                                              elea_error *err);

// After a failure every further call that reads fails, too.

// `size` bytes, fewer only at the end; *count is how many.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_read(elea_input_stream *stream, int64_t size,
                                                         void *out, int64_t *count,
                                                         elea_error *err);
// At most `size` bytes, as soon as there is one; *count is 0 only at the end (or when `size` is 0).
ELEA_API ELEA_CHECKED elea_status elea_input_stream_read_some(elea_input_stream *stream,
                                                              int64_t size, void *out,
                                                              int64_t *count, elea_error *err);
// Exactly `size` bytes: ELEA_EINVAL when the stream ends before, with the place where it does.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_read_exactly(elea_input_stream *stream,
                                                                 int64_t size, void *out,
                                                                 elea_error *err);
// The next `size` bytes as a buffer, fewer only at the end: a view where the stream can give one,
// else new memory of its pool that they are read into. A size far beyond what the stream holds
// takes memory for 16 MiB or twice what it holds, no more.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_view(elea_input_stream *stream, int64_t size,
                                                         elea_buffer **out, elea_error *err);
// The same for exactly `size` bytes; errors as elea_input_stream_read_exactly().
ELEA_API ELEA_CHECKED elea_status elea_input_stream_view_exactly(elea_input_stream *stream,
                                                                 int64_t size, elea_buffer **out,
                                                                 elea_error *err);
// All that is left, as a buffer.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_view_rest(elea_input_stream *stream,
                                                              elea_buffer **out, elea_error *err);
// Leaves out `size` bytes, fewer only at the end; *count (may be NULL) is how many.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_skip(elea_input_stream *stream, int64_t size,
                                                         int64_t *count, elea_error *err);
// The next `size` bytes, fewer only at the end, without going on; valid until the next call that
// reads. ELEA_EUNSUPPORTED when the stream cannot look ahead: memory can, and files with views.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_peek(elea_input_stream *stream, int64_t size,
                                                         elea_bytes *out, elea_error *err);
// Whether the stream gives views that cost nothing, as memory and files with views do.
ELEA_API bool elea_input_stream_has_views(const elea_input_stream *stream);
// The place of the next byte.
ELEA_API int64_t elea_input_stream_position(const elea_input_stream *stream);
ELEA_API const char *elea_input_stream_name(const elea_input_stream *stream);
// Closes and frees; NULL is allowed. Buffers that were given stay valid.
ELEA_API void elea_input_stream_free(elea_input_stream *stream);

#ifdef __cplusplus
}
#endif

#endif // ELEA_IO_INPUT_STREAM_H
