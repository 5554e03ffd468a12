// SPDX-License-Identifier: Apache-2.0
//
// Files that can be read at any place: on disk, mapped, in memory. Part of elea/io.h.
#ifndef ELEA_IO_FILE_H
#define ELEA_IO_FILE_H

#include <elea/base.h>

#ifdef __cplusplus
extern "C" {
#endif

// A run of bytes of a fixed size that can be read at any place: Arrow's RandomAccessFile. Shared
// by reference count; all calls are safe from any thread. To supply one, make this the first
// member of your struct and fill it with elea_file_init().
typedef struct elea_file elea_file;

// What bytes will be used for, so that the system reads them ahead or gives their memory back. It
// changes times, never results.
typedef enum elea_advice {
    ELEA_ADVICE_NORMAL = 0,
    ELEA_ADVICE_SEQUENTIAL, // in order: much is read ahead
    ELEA_ADVICE_RANDOM,     // here and there: nothing is read ahead
    ELEA_ADVICE_WILL_NEED,  // soon: begin to read, and do not wait
    ELEA_ADVICE_DONT_NEED,  // not soon: what is cached may be dropped
} elea_advice;

typedef struct elea_file_ops {
    // Reads exactly the bytes [offset, offset + size), which are inside the file (checked before)
    // and at least one. Safe from any thread.
    elea_status (*read_at)(elea_file *file, int64_t offset, int64_t size, void *out,
                           elea_error *err);
    // The same bytes as a view, without copying. A NULL slot: the file cannot, it is read. Safe
    // from any thread.
    elea_status (*view_at)(elea_file *file, int64_t offset, int64_t size, elea_buffer **out,
                           elea_error *err);
    // What the bytes [offset, offset + size), at least one, will be used for. A NULL slot: of no
    // interest. Safe from any thread.
    void (*advise)(elea_file *file, int64_t offset, int64_t size, elea_advice advice);
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

// All zero are the defaults.
typedef struct elea_descriptor_options {
    // The descriptor stays the caller's and is not closed. By default it is
    // taken, when the call succeeds, and closed in the end.
    bool borrowed;
} elea_descriptor_options;

// A regular file that is open for reading; where it stands does not matter. `options` NULL: the
// defaults. Errors as elea_file_open().
ELEA_API ELEA_CHECKED elea_status elea_file_new_from_descriptor(
    int descriptor, const char *name, const elea_descriptor_options *options, elea_pool *pool,
    elea_file **out, elea_error *err);

// The bytes of a buffer, of which it takes a reference; views are slices of it. `name` is for
// messages; NULL stands for "memory".
ELEA_API ELEA_CHECKED elea_status elea_file_new_from_buffer(elea_buffer *buffer, const char *name,
                                                            elea_pool *pool, elea_file **out,
                                                            elea_error *err);

// The bytes [offset, offset + size) of a file, of which it takes a reference, as a file; with views
// where that one has them. ELEA_EINDEX when they are not inside it. Its name is that of the file
// with the range: "name[100..250)".
ELEA_API ELEA_CHECKED elea_status elea_file_slice(elea_file *file, int64_t offset, int64_t size,
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

// Tells the system what a part of a file on disk will be used for; without effect on any other, and
// on what is not inside it.
ELEA_API void elea_file_advise(elea_file *file, int64_t offset, int64_t size, elea_advice advice);

// ---- many ranges at once

typedef struct elea_file_range {
    int64_t offset;
    int64_t size;
} elea_file_range;

// All zero are the defaults, which are those of Arrow C++.
typedef struct elea_read_ranges_options {
    // Ranges with at most so many bytes between them are read in one go, and these bytes with them;
    // 0 stands for 8 KiB, -1 for none.
    int64_t hole_max;
    // No more than so many bytes are read in one go, but for a single larger range; 0 stands for 32
    // MiB.
    int64_t range_max;
    elea_thread_pool *threads; // NULL: the default pool
    const elea_cancel *cancel; // between reads; may be NULL
} elea_read_ranges_options;

ELEA_API void elea_read_ranges_options_init(elea_read_ranges_options *options);
// The two sizes for a source that takes `first_byte_ms` milliseconds to answer and then gives
// `mib_per_second` MiB a second (both positive): holes that are read sooner than a new request is
// answered, ranges that keep the line busy for the part `utilisation` of the time (between 0 and 1;
// 0 stands for 0.9), of at most `request_max_mib` MiB (0 stands for 64). ELEA_EINVAL for other
// numbers.
ELEA_API ELEA_CHECKED elea_status elea_read_ranges_options_init_network(
    elea_read_ranges_options *options, int64_t first_byte_ms, int64_t mib_per_second,
    double utilisation, int64_t request_max_mib, elea_error *err);

// Any ranges, in any order, overlapping or empty: out[i] becomes the bytes of ranges[i]. Where the
// file has views they are views. Else near ones are read together, several reads at a time by the
// workers of the pool, and what was read together is shared: a buffer keeps that whole read.
// Errors as elea_file_view_at(), ELEA_EINVAL for options out of range, ELEA_ECANCELLED; `out` is
// untouched then.
ELEA_API ELEA_CHECKED elea_status elea_file_read_ranges(elea_file *file,
                                                        const elea_file_range *ranges,
                                                        int64_t count,
                                                        const elea_read_ranges_options *options,
                                                        elea_buffer **out, elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_IO_FILE_H
