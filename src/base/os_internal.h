// SPDX-License-Identifier: Apache-2.0
//
// The one seam between Elea and the operating system: files, directories, mappings, pages, locks,
// threads, clocks, entropy. No other file of the library includes a system header beyond C's own.
// It has no state. It is an object library (elea_os) that every library of Elea links for itself,
// as these functions are not exported.
//
// Paths are NUL-terminated. A function with an elea_error quotes the path it is given and appends
// the system's text. Calls that a signal interrupts, or that do a part only, are gone on with.
#ifndef ELEA_BASE_OS_INTERNAL_H
#define ELEA_BASE_OS_INTERNAL_H

#include <pthread.h>

#include "elea/base.h"

// The text of an errno, e.g. "No such file or directory"; always terminated.
void elea__os_error_text(int os_code, char *target, size_t size);

// A file is a descriptor, closed on exec; -1 is none.

typedef enum elea__os_open_mode {
    ELEA__OS_READ,       // must exist
    ELEA__OS_READ_WRITE, // must exist
    ELEA__OS_REPLACE,    // for writing: made new or emptied
    ELEA__OS_REPLACE_READ_WRITE,
    ELEA__OS_CREATE, // for writing: ELEA_EEXISTS when there is one
    ELEA__OS_APPEND, // for writing at the end: made when there is none
    ELEA__OS_LOCK,   // for elea__os_lock(): made when there is none, contents untouched
} elea__os_open_mode;

ELEA_CHECKED elea_status elea__os_open(const char *path, elea__os_open_mode mode, int *out,
                                       elea_error *err);
// Closes; a failure (of a write that was put off) is reported, the descriptor is gone either way.
// -1 is allowed.
ELEA_CHECKED elea_status elea__os_close(int file, const char *path, elea_error *err);
// The same where nothing can be lost: a file that was only read, or is given up on.
void elea__os_close_quietly(int file);

// Reads `size` bytes at `offset`, fewer only at the end of the file; *read is how many came.
ELEA_CHECKED elea_status elea__os_read_at(int file, const char *path, int64_t offset, void *target,
                                          int64_t size, int64_t *read, elea_error *err);
// Reads at the file's position (a pipe, too): waits until `size` bytes or the end are there.
ELEA_CHECKED elea_status elea__os_read(int file, const char *path, void *target, int64_t size,
                                       int64_t *read, elea_error *err);
// The same, but gives what is there as soon as something is; 0 only at the end.
ELEA_CHECKED elea_status elea__os_read_some(int file, const char *path, void *target, int64_t size,
                                            int64_t *read, elea_error *err);
// Writes all `size` bytes at the file's position, or at `offset`.
ELEA_CHECKED elea_status elea__os_write(int file, const char *path, const void *data, int64_t size,
                                        elea_error *err);
// All bytes of all parts at the file's position, many in one call of the system.
ELEA_CHECKED elea_status elea__os_write_parts(int file, const char *path, const elea_bytes *parts,
                                              int64_t count, elea_error *err);
// The same for a pipe or a socket, whose reader may be gone: that is ELEA_EIO with EPIPE, and no
// signal for the process.
ELEA_CHECKED elea_status elea__os_send_parts(int file, const char *path, const elea_bytes *parts,
                                             int64_t count, elea_error *err);
ELEA_CHECKED elea_status elea__os_write_at(int file, const char *path, int64_t offset,
                                           const void *data, int64_t size, elea_error *err);
ELEA_CHECKED elea_status elea__os_seek(int file, const char *path, int64_t offset, elea_error *err);
// Moves the position of a regular file on by `size` bytes, fewer at its end; *skipped is how many.
ELEA_CHECKED elea_status elea__os_skip(int file, const char *path, int64_t size, int64_t *skipped,
                                       elea_error *err);
ELEA_CHECKED elea_status elea__os_file_size(int file, const char *path, int64_t *out,
                                            elea_error *err);
ELEA_CHECKED elea_status elea__os_truncate(int file, const char *path, int64_t size,
                                           elea_error *err);
// Makes a file at least `size` bytes long, with room for them on the disk, so that writing through
// a mapping finds a place.
ELEA_CHECKED elea_status elea__os_allocate(int file, const char *path, int64_t size,
                                           elea_error *err);
// Returns when the file's contents are on the disk.
ELEA_CHECKED elea_status elea__os_sync(int file, const char *path, elea_error *err);

// An advisory lock on the whole file, held by this opening of it (not by the process) until
// elea__os_unlock() or close. `wait` false: *locked tells; true: waits until it is had.
ELEA_CHECKED elea_status elea__os_lock(int file, const char *path, bool exclusive, bool wait,
                                       bool *locked, elea_error *err);
ELEA_CHECKED elea_status elea__os_unlock(int file, const char *path, elea_error *err);

typedef enum elea__os_kind {
    ELEA__OS_NONE, // nothing has this name
    ELEA__OS_FILE,
    ELEA__OS_DIRECTORY,
    ELEA__OS_OTHER, // a pipe, a device, a socket
} elea__os_kind;

typedef struct elea__os_stat_info {
    elea__os_kind kind;
    int64_t size;        // of a file
    int64_t modified_ns; // since 1970
} elea__os_stat_info;

// Follows symbolic links. A name that is not there gives ELEA_OK and ELEA__OS_NONE.
ELEA_CHECKED elea_status elea__os_stat(const char *path, elea__os_stat_info *out, elea_error *err);
// Of an open file.
ELEA_CHECKED elea_status elea__os_stat_file(int file, const char *path, elea__os_stat_info *out,
                                            elea_error *err);
// Replaces what is at `to`, at once or not at all.
ELEA_CHECKED elea_status elea__os_rename(const char *from, const char *to, elea_error *err);
ELEA_CHECKED elea_status elea__os_unlink(const char *path, elea_error *err);
// ELEA_EEXISTS when there is something of that name.
ELEA_CHECKED elea_status elea__os_mkdir(const char *path, elea_error *err);
ELEA_CHECKED elea_status elea__os_rmdir(const char *path, elea_error *err);
// Returns when what was created, renamed and removed in the directory is on the disk.
ELEA_CHECKED elea_status elea__os_sync_directory(const char *path, elea_error *err);
// Calls `visit` with each name in the directory but "." and "..", in no fixed order; a failure of
// `visit` ends the walk and is returned.
ELEA_CHECKED elea_status elea__os_list(const char *path,
                                       elea_status (*visit)(void *context, const char *name,
                                                            elea_error *err),
                                       void *context, elea_error *err);

typedef enum elea__os_advice {
    ELEA__OS_NORMAL,
    ELEA__OS_SEQUENTIAL,
    ELEA__OS_RANDOM,
    ELEA__OS_WILL_NEED,
    ELEA__OS_DONT_NEED,
} elea__os_advice;

// Maps the first `size` bytes of a file, readable only. `size` 0 gives a valid pointer. A file that
// is cut short under its mapping makes reads beyond its end a bus error: the caller maps only files
// that nobody shortens.
ELEA_CHECKED elea_status elea__os_map(int file, const char *path, int64_t size, const void **out,
                                      elea_error *err);
// The same, for writing to the file, which is open for reading and writing. Pages that the disk has
// no room for are a bus error: see elea__os_allocate().
ELEA_CHECKED elea_status elea__os_map_writable(int file, const char *path, int64_t size, void **out,
                                               elea_error *err);
// Returns when what was written through a mapping is on the disk.
ELEA_CHECKED elea_status elea__os_sync_map(const void *data, const char *path, int64_t size,
                                           elea_error *err);
void elea__os_unmap(const void *data, int64_t size);
// What a part of a mapping will be used for. Any bounds inside the mapping; without effect where
// the system cannot.
void elea__os_advise(const void *data, int64_t size, elea__os_advice advice);
// The same for a part of a file that is read.
void elea__os_advise_file(int file, int64_t offset, int64_t size, elea__os_advice advice);

// Whole pages of zeroed memory; NULL when there is none. Ranges of pages that lie side by side are
// one range. Resizing may move them, by copying only where the system knows no other way.
void *elea__os_pages_new(int64_t size);
void *elea__os_pages_resize(void *pages, int64_t size_old, int64_t size_new);
void elea__os_pages_free(void *pages, int64_t size);
// Their contents are not needed any more: the system may take the pages when it runs short, and
// gives others when they are written to again. Until then they are as good as before.
void elea__os_pages_offer(void *pages, int64_t size);

// Nanoseconds: from an arbitrary start that never goes back, and since 1970 (UTC, without leap
// seconds).
int64_t elea__os_clock_monotonic_ns(void);
int64_t elea__os_clock_wall_ns(void);
// Waits so long, through signals, too.
void elea__os_sleep_ns(int64_t duration);

// Fills `target` with random bytes fit for keys.
ELEA_CHECKED elea_status elea__os_entropy(void *target, int64_t size, elea_error *err);

// Processors this process may run on; at least 1.
int elea__os_cpu_count(void);
// The bytes of memory that the machine has; 0 where it does not say.
int64_t elea__os_memory_size(void);

// Threads. Locks and conditions are the caller's storage; those that are static begin with the
// INIT value. Starting a thread may fail; nothing else can.
typedef struct elea__os_mutex {
    pthread_mutex_t native;
} elea__os_mutex;
typedef struct elea__os_condition {
    pthread_cond_t native;
} elea__os_condition;
typedef struct elea__os_thread {
    pthread_t native;
} elea__os_thread;

#define ELEA__OS_MUTEX_INIT                                                                        \
    { PTHREAD_MUTEX_INITIALIZER }
#define ELEA__OS_CONDITION_INIT                                                                    \
    { PTHREAD_COND_INITIALIZER }

void elea__os_mutex_init(elea__os_mutex *mutex);
void elea__os_mutex_release(elea__os_mutex *mutex);
void elea__os_mutex_lock(elea__os_mutex *mutex);
void elea__os_mutex_unlock(elea__os_mutex *mutex);
void elea__os_condition_init(elea__os_condition *condition);
void elea__os_condition_release(elea__os_condition *condition);
// May return without a signal.
void elea__os_condition_wait(elea__os_condition *condition, elea__os_mutex *mutex);
void elea__os_condition_signal(elea__os_condition *condition);
void elea__os_condition_broadcast(elea__os_condition *condition);

// The new thread takes no signals. `out` NULL: nobody will join it.
ELEA_CHECKED elea_status elea__os_thread_start(void (*run)(void *context), void *context,
                                               elea__os_thread *out, elea_error *err);
void elea__os_thread_join(elea__os_thread thread);

// `child` is called in every forked child, before fork() returns there.
ELEA_CHECKED elea_status elea__os_at_fork(void (*child)(void), elea_error *err);

#endif // ELEA_BASE_OS_INTERNAL_H
