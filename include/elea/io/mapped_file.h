// SPDX-License-Identifier: Apache-2.0
//
// Files that are written through a mapping. Part of elea/io.h. (To read a mapped file:
// elea_file_map().)
#ifndef ELEA_IO_MAPPED_FILE_H
#define ELEA_IO_MAPPED_FILE_H

#include <elea/base.h>
#include <elea/io/output_stream.h>

#ifdef __cplusplus
extern "C" {
#endif

// A file on disk whose bytes are memory: Arrow's MemoryMappedFile for reading and writing. Any
// threads may read and write its bytes, each its own; resizing, closing and freeing is for one
// thread, while no other uses the file.
//
// Room on the disk is taken when the file is made, opened or made longer, so that a full disk is an
// error there, and not a signal when a byte is written. When somebody else shortens the file,
// touching what is gone raises SIGBUS.
typedef struct elea_mapped_file elea_mapped_file;

// A file of `size` zero bytes, made new or emptied before. ELEA_ENOTFOUND when the folder is
// missing, ELEA_EIO when it cannot be made, as on a full disk, ELEA_ENOMEM when there is no room in
// the address space.
ELEA_API ELEA_CHECKED elea_status elea_mapped_file_create(const char *path, int64_t size,
                                                          elea_pool *pool, elea_mapped_file **out,
                                                          elea_error *err);
// The file as it is, which must exist; ELEA_EINVAL for what is not a regular file.
ELEA_API ELEA_CHECKED elea_status elea_mapped_file_open(const char *path, elea_pool *pool,
                                                        elea_mapped_file **out, elea_error *err);
ELEA_API const char *elea_mapped_file_name(const elea_mapped_file *file);
ELEA_API int64_t elea_mapped_file_size(const elea_mapped_file *file);
// The bytes of the file, until it is resized, closed or freed. Not NULL while it is open.
ELEA_API uint8_t *elea_mapped_file_data(elea_mapped_file *file);
// Copies to a place inside the file. ELEA_EINDEX when it is not inside.
ELEA_API ELEA_CHECKED elea_status elea_mapped_file_write_at(elea_mapped_file *file, int64_t offset,
                                                            const void *data, int64_t size,
                                                            elea_error *err);
// A part of the file as a buffer, which shows what is written there later, too. It keeps the
// mapping, also when the file is closed. ELEA_EINDEX when it is not inside.
ELEA_API ELEA_CHECKED elea_status elea_mapped_file_view(elea_mapped_file *file, int64_t offset,
                                                        int64_t size, elea_buffer **out,
                                                        elea_error *err);
// Makes the file longer, by zeros, or shorter. ELEA_EINVAL while views are out: their bytes would
// move. After a failure the file is as before.
ELEA_API ELEA_CHECKED elea_status elea_mapped_file_resize(elea_mapped_file *file, int64_t size,
                                                          elea_error *err);
// Returns when what was written is on the disk.
ELEA_API ELEA_CHECKED elea_status elea_mapped_file_sync(elea_mapped_file *file, elea_error *err);
// Closes, so that a failure is heard of; what was written is the system's to bring to the disk.
// Nothing more can be done with the file then but its name, its size, and free. A second close does
// nothing.
ELEA_API ELEA_CHECKED elea_status elea_mapped_file_close(elea_mapped_file *file, elea_error *err);
// Closes if need be, and frees; NULL is allowed. The file on disk stays.
ELEA_API void elea_mapped_file_free(elea_mapped_file *file);

// Output to a new file through a mapping: it grows by doubling from `size` bytes (0 stands for 1
// MiB), and close cuts it to what was written (free without close does so, too, where it can).
ELEA_API ELEA_CHECKED elea_status elea_output_stream_open_mapped(const char *path, int64_t size,
                                                                 elea_pool *pool,
                                                                 elea_output_stream **out,
                                                                 elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_IO_MAPPED_FILE_H
