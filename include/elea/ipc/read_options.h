// SPDX-License-Identifier: Apache-2.0
//
// Options, limits and figures that all readers of IPC share. Part of elea/ipc.h.
#ifndef ELEA_IPC_READ_OPTIONS_H
#define ELEA_IPC_READ_OPTIONS_H

#include <elea/columnar.h>

#ifdef __cplusplus
extern "C" {
#endif

// What to do with a buffer whose address is not aligned for its type (files of other writers in
// memory that is itself not aligned; a mapped file that keeps the format's rules has none).
typedef enum elea_ipc_misaligned {
    ELEA_IPC_MISALIGNED_COPY = 0, // copy it to aligned memory, counted by the ledger
    ELEA_IPC_MISALIGNED_REFUSE,   // ELEA_EINVAL with the column and the offset
} elea_ipc_misaligned;

// What metadata may ask for: no honest file comes near, and what is more gives ELEA_ECAPACITY. 0
// stands for the default.
typedef struct elea_ipc_read_limits {
    int64_t metadata_size_max;    // bytes of the metadata of a message, or of a footer; 2^28
    int64_t custom_size_max;      // bytes of the custom metadata of one schema, field, ...; 2^26
    int64_t field_count_max;      // fields of a schema, those inside others too; 2^20
    int64_t node_count_max;       // arrays of a record batch or dictionary; 2^20
    int64_t buffer_count_max;     // buffers of a record batch or dictionary; 2^22
    int64_t dictionary_count_max; // fields of a schema that have dictionaries; 2^20
} elea_ipc_read_limits;

// All zero are the defaults, so that a literal need name only what differs.
typedef struct elea_ipc_read_options {
    // The columns wanted, in this order, by name; ends with NULL. NULL: all, as they are in the
    // file. The others are neither read nor validated. ELEA_ENOTFOUND for a name that is not
    // there, ELEA_EINVAL for one that several columns have.
    const char *const *columns;
    // The same by number, `column_count` of them; NULL: by name. ELEA_EINDEX for one that is not
    // there, ELEA_EINVAL together with `columns`.
    const int64_t *column_indices;
    int64_t column_count;
    // ELEA_VALIDATE_QUICK (the default) checks all metadata and the shape of each array, and reads
    // at most the first and last offset of a column: enough for files of one's own, and what keeps
    // reading free of payload. Use ELEA_VALIDATE_FULL or _SAFE for bytes from others: a file that
    // passes cannot make later code read outside its buffers. They also ask of a field that names a
    // known extension type to have its storage and parameters (ELEA_ETYPE, ELEA_EINVAL).
    elea_validation validation;
    elea_ipc_misaligned misaligned;
    // Nesting of types that is accepted, from 1 to 64; 0 stands for 64.
    int32_t depth_max;
    // The most bytes that the buffers of one record batch or dictionary may have when decompressed;
    // 0: what the codec can make of its body at best, which for a hostile one of Zstandard is 32768
    // times its size. What is more gives ELEA_EINVAL.
    int64_t decompressed_max;
    elea_ipc_read_limits limits;
    // Functions that take a path map the file; when set, they read it into memory of `pool`
    // instead.
    bool unmapped;
    // The first damage ends a record stream as if there were no more batches, so that those before
    // it are what it holds; elea_ipc_stream_reader_damage() tells what it was. A file whose footer
    // is missing or damaged is read as a stream. The schema must be sound.
    bool recover;
    // Where buffers are decompressed and columns validated, when there is enough of it; NULL: the
    // default pool. What is read, and which error is reported, does not depend on it.
    elea_thread_pool *threads;
    // For all that is made; NULL: the default pool. Must outlive it. Safe from any thread.
    elea_pool *pool;
} elea_ipc_read_options;

ELEA_API void elea_ipc_read_options_init(elea_ipc_read_options *options);

// What a reader has read so far: Arrow C++'s ReadStats, and bytes.
typedef struct elea_ipc_read_stats {
    int64_t messages;
    int64_t record_batches;
    int64_t dictionary_batches; // deltas and replacements too
    int64_t dictionary_deltas;
    int64_t replaced_dictionaries;
    int64_t metadata_bytes; // of the messages, with prefix and padding
    int64_t body_bytes;     // of the messages, as they lie in the file
} elea_ipc_read_stats;

#ifdef __cplusplus
}
#endif

#endif // ELEA_IPC_READ_OPTIONS_H
