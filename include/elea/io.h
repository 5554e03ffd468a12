// SPDX-License-Identifier: Apache-2.0
//
// Bytes in and out: random access files (read, mapped, in memory) and sequential output (a file,
// written atomically or not, and memory); codecs.
//
// Every message names the file it is about. Files are opened close-on-exec, interrupted calls go
// on, short reads and writes are completed.
#ifndef ELEA_IO_H
#define ELEA_IO_H

#include <elea/base.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- random access file

// A run of bytes of a fixed size that can be read at any place: Arrow's RandomAccessFile. Shared
// by reference count; all calls are safe from any thread. To supply one, make this the first
// member of your struct and fill it with elea_file_init().
typedef struct elea_file elea_file;

typedef struct elea_file_ops {
    // Reads exactly the bytes [offset, offset + size), which are inside the file (checked before)
    // and at least one. Safe from any thread.
    elea_status (*read_at)(elea_file *file, int64_t offset, int64_t size, void *out,
                           elea_error *err);
    // The same bytes as a view, without copying. A NULL slot: the file cannot, it is read. Safe
    // from any thread.
    elea_status (*view_at)(elea_file *file, int64_t offset, int64_t size, elea_buffer **out,
                           elea_error *err);
    // Closes, and frees the struct: runs once, when the last reference is dropped. Views that were
    // given stay valid.
    void (*free)(elea_file *file);
} elea_file_ops;

struct elea_file {
    const elea_file_ops *ops;
    elea_pool *pool; // private from here on
    char *name;
    int64_t size;
    int reference_count;
};

// For makers of files: fills `file` with one reference. `name` (for messages) is copied; "" is
// allowed. `pool` is where buffers that are read into come from, and must outlive the file.
ELEA_API ELEA_CHECKED elea_status elea_file_init(elea_file *file, const elea_file_ops *ops,
                                                 elea_pool *pool, const char *name, int64_t size,
                                                 elea_error *err);

// A regular file, read with pread(). ELEA_ENOTFOUND when there is none, ELEA_EIO when it cannot be
// opened, ELEA_EINVAL for a folder or a device. The size is that at opening; when somebody
// shortens the file later, reads past its new end give ELEA_EIO.
ELEA_API ELEA_CHECKED elea_status elea_file_open(const char *path, elea_pool *pool, elea_file **out,
                                                 elea_error *err);

// A regular file, mapped read-only as a whole; views are slices of one mapped buffer, cost nothing
// and stay valid after the last reference to the file is gone. Opening touches none of its pages.
// An empty file is legal. Errors as elea_file_open(), and ELEA_ENOMEM when there is no room in the
// address space.
//
// A mapping has the size the file had at opening. When somebody shortens the file in place
// afterwards, touching a page past its new end raises SIGBUS, and bytes overwritten in place
// change under the views: this is what a mapping is. Replace files by rename (as the atomic output
// below does), never in place; read a file that others may shorten with elea_file_open().
ELEA_API ELEA_CHECKED elea_status elea_file_map(const char *path, elea_pool *pool, elea_file **out,
                                                elea_error *err);

// The bytes of a buffer, of which it takes a reference; views are slices of it. `name` is for
// messages; NULL stands for "memory".
ELEA_API ELEA_CHECKED elea_status elea_file_new_from_buffer(elea_buffer *buffer, const char *name,
                                                            elea_pool *pool, elea_file **out,
                                                            elea_error *err);

ELEA_API elea_file *elea_file_ref(elea_file *file); // returns its argument
ELEA_API void elea_file_unref(elea_file *file);
ELEA_API const char *elea_file_name(const elea_file *file);
ELEA_API int64_t elea_file_size(const elea_file *file);
// Whether views cost nothing: a mapped file or one in memory.
ELEA_API bool elea_file_has_views(const elea_file *file);

// Exactly `size` bytes at `offset`. ELEA_EINDEX when they are not inside the file, ELEA_EIO when
// they cannot be read.
ELEA_API ELEA_CHECKED elea_status elea_file_read_at(elea_file *file, int64_t offset, int64_t size,
                                                    void *out, elea_error *err);
// The same as a buffer: a view where the file has views, else new memory of the file's pool that
// they are read into. Errors as elea_file_read_at(), and ELEA_ENOMEM.
ELEA_API ELEA_CHECKED elea_status elea_file_view_at(elea_file *file, int64_t offset, int64_t size,
                                                    elea_buffer **out, elea_error *err);

// ---- output stream

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

// ---- codecs

// Compression by the libraries that Elea was built with. Each format names codecs in its own way;
// this is the one list they all choose from.
typedef enum elea_codec_id {
    ELEA_CODEC_NONE = 0,
    ELEA_CODEC_LZ4_FRAME = 1, // the LZ4 frame format, not bare blocks
    ELEA_CODEC_ZSTD = 2,
} elea_codec_id;

// A row of that list; static storage, safe from any thread.
typedef struct elea_codec elea_codec;

// NULL for ELEA_CODEC_NONE and for what is not in the list.
ELEA_API const elea_codec *elea_codec_of(elea_codec_id id);
// By name: "lz4", "zstd". NULL when there is none.
ELEA_API const elea_codec *elea_codec_named(const char *name);
// By the end of a file's name: ".lz4", ".zst". NULL when there is none.
ELEA_API const elea_codec *elea_codec_of_path(const char *path);
ELEA_API elea_codec_id elea_codec_id_of(const elea_codec *codec);
ELEA_API const char *elea_codec_name(const elea_codec *codec);
ELEA_API const char *elea_codec_suffix(const elea_codec *codec);
// Whether Elea was built with its library; all below answers ELEA_EUNSUPPORTED otherwise, naming
// the option of the build.
ELEA_API bool elea_codec_available(const elea_codec *codec);
// The levels that are accepted; 0 stands for the default, which is Arrow C++'s.
ELEA_API void elea_codec_levels(const elea_codec *codec, int32_t *min, int32_t *max);

// The most bytes that compressing `size` bytes gives.
ELEA_API ELEA_CHECKED elea_status elea_codec_compress_bound(const elea_codec *codec, int64_t size,
                                                            int64_t *out, elea_error *err);
// Compresses all of `source`; *out becomes the number of bytes written to `target`, of at most
// `capacity`. ELEA_ECAPACITY when they do not suffice (never with the bound above), ELEA_EINVAL for
// a level out of range. The library takes scratch memory of its own.
ELEA_API ELEA_CHECKED elea_status elea_codec_compress(const elea_codec *codec, int32_t level,
                                                      elea_bytes source, void *target,
                                                      int64_t capacity, int64_t *out,
                                                      elea_error *err);
// The most bytes that `size` bytes of a file can stand for: a size that a file declares beyond it
// is false, and need not be allocated to find that out.
ELEA_API int64_t elea_codec_decompress_bound(const elea_codec *codec, int64_t size);
// Decompresses `source`, one or more whole frames, to exactly `size` bytes. ELEA_EINVAL when it is
// damaged, cut, or of another size; `target` then holds anything.
ELEA_API ELEA_CHECKED elea_status elea_codec_decompress(const elea_codec *codec, elea_bytes source,
                                                        void *target, int64_t size,
                                                        elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_IO_H
