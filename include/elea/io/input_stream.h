// SPDX-License-Identifier: Apache-2.0
//
// Bytes read one after the other: from a file, a pipe, a socket, standard input, memory. Part of
// elea/io.h.
#ifndef ELEA_IO_INPUT_STREAM_H
#define ELEA_IO_INPUT_STREAM_H

#include <elea/base.h>
#include <elea/io/file.h>
#include <elea/io/output_stream.h>

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
    // What elea_input_stream_has_views() is to answer. A NULL slot: whether there is a `view`.
    bool (*has_views)(const elea_input_stream *stream);
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

// What an open descriptor gives, from where it stands: a file (of which skipped bytes are not
// read), a pipe, a terminal, a socket. It is read as it is (a non-blocking one gives ELEA_EIO when
// there is nothing to read yet). `name` is for messages; `options` NULL: the defaults.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_new_from_descriptor(
    int descriptor, const char *name, const elea_descriptor_options *options, elea_pool *pool,
    elea_input_stream **out, elea_error *err);
// Standard input, which is not closed. What was read ahead of it elsewhere (by stdio) is missing.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_new_stdin(elea_pool *pool,
                                                              elea_input_stream **out,
                                                              elea_error *err);

// Streams on a stream. They take `source` (when the call succeeds) and free it in the end; their
// name is that of the source.

// All zero are the defaults.
typedef struct elea_buffered_input_options {
    // Bytes that are read at a time, and held; 0 stands for 64 KiB.
    int64_t buffer_size;
    // The most bytes that are read from the source, after which the stream ends; 0: no limit.
    int64_t read_max;
} elea_buffered_input_options;

ELEA_API void elea_buffered_input_options_init(elea_buffered_input_options *options);

// Reads ahead by a buffer's size, so that small reads are cheap and what is to come can be looked
// at: elea_input_stream_peek() for more than the buffer's size makes it larger. Views of what is in
// the buffer are parts of it, and keep all of it. Large reads go past it. The position begins with
// that of the source. `options` NULL: the defaults.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_new_buffered(
    elea_input_stream *source, const elea_buffered_input_options *options, elea_pool *pool,
    elea_input_stream **out, elea_error *err);
// The size from the next filling on; 0 stands for 64 KiB. ELEA_EINVAL for less than what is unread
// in it, and for a stream that is not buffered.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_set_buffer_size(elea_input_stream *stream,
                                                                    int64_t size, elea_error *err);
// How many bytes a buffered stream holds unread; 0 for any other.
ELEA_API int64_t elea_input_stream_buffered_size(const elea_input_stream *stream);
// Gives the source of a buffered stream back, and in *rest what was read from it and not yet from
// here; the stream is at its end then. ELEA_EINVAL for any other stream.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_detach(elea_input_stream *stream,
                                                           elea_input_stream **source,
                                                           elea_buffer **rest, elea_error *err);

// Writes all that is read or skipped to `copy`, too, which is borrowed and must outlive the stream.
// With a counting stream: a checksum of what is read. The position begins with that of the source.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_new_tee(elea_input_stream *source,
                                                            elea_output_stream *copy,
                                                            elea_pool *pool,
                                                            elea_input_stream **out,
                                                            elea_error *err);

// Makes other bytes of a block. `block` has at least one byte, but is empty in the last call, at
// the end of the source, where what was held back can be given. *out becomes a buffer (a reference
// for the caller), which may be empty, or `block` itself with one more reference.
typedef elea_status (*elea_transform_fn)(void *context, elea_buffer *block, elea_buffer **out,
                                         elea_error *err);

// What `transform` makes of the bytes of `source`, block by block as they come: another character
// set, for one. `context` is for the function, and must outlive the stream. The position counts
// what comes out.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_new_transform(elea_input_stream *source,
                                                                  elea_transform_fn transform,
                                                                  void *context, elea_pool *pool,
                                                                  elea_input_stream **out,
                                                                  elea_error *err);

// All zero are the defaults.
typedef struct elea_read_ahead_options {
    int64_t block_size;  // 0 stands for 1 MiB
    int32_t block_count; // blocks that may be ready at a time, from 1 to 1024; 0 stands for 4
    // NULL: the default pool. Must outlive the stream. With one worker, or while none has time,
    // the blocks are read when they are asked for.
    elea_thread_pool *threads;
} elea_read_ahead_options;

ELEA_API void elea_read_ahead_options_init(elea_read_ahead_options *options);

// Reads whole blocks of the source in a thread of the pool, from the first read on, while those
// before are worked on. Views inside a block are parts of it; a loop of elea_input_stream_view() by
// the block's size copies nothing. A failure comes after the bytes before it. Not for sources that
// wait for something to happen: bytes come when their block is full, and a thread of the pool waits
// for them; freeing the stream waits for the block that is being read. The position begins with
// that of the source. `options` NULL: the defaults.
ELEA_API ELEA_CHECKED elea_status
elea_input_stream_new_read_ahead(elea_input_stream *source, const elea_read_ahead_options *options,
                                 elea_pool *pool, elea_input_stream **out, elea_error *err);

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
// The next `size` bytes as a buffer, fewer only at the end (so that a loop until an empty one goes
// over the stream in blocks): a view where the stream can give one,
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
// reads. ELEA_EUNSUPPORTED when the stream cannot look ahead: buffered ones can, and all with
// views.
ELEA_API ELEA_CHECKED elea_status elea_input_stream_peek(elea_input_stream *stream, int64_t size,
                                                         elea_bytes *out, elea_error *err);
// Whether the stream always gives views that cost nothing, as memory and files with views do.
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
