// SPDX-License-Identifier: Apache-2.0
//
// The Arrow IPC file format (also called Feather V2, *.arrow) and stream format (*.arrows): read
// over a mapping without copying a payload byte, written so that it can be. Source: the Arrow
// columnar format specification, "Serialization and interprocess communication", with Schema.fbs,
// Message.fbs and File.fbs.
//
// Metadata versions 4 and 5 are read, 5 is written; all data types are. Bodies may be compressed
// with LZ4 frames or Zstandard. Big-endian files answer ELEA_EUNSUPPORTED. A column that is not
// asked for may have any type, and is not decompressed.
//
// Reading errors say which file, which record batch, which column (as a path through its
// children), at which file offset, and what was found and expected.
#ifndef ELEA_IPC_H
#define ELEA_IPC_H

#include <elea/columnar.h>
#include <elea/io.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- reading

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
    // ELEA_VALIDATE_QUICK (the default) checks all metadata and the shape of each array, and reads
    // at most the first and last offset of a column: enough for files of one's own, and what keeps
    // reading free of payload. Use ELEA_VALIDATE_FULL or _SAFE for bytes from others: a file that
    // passes cannot make later code read outside its buffers.
    elea_validation validation;
    elea_ipc_misaligned misaligned;
    // Nesting of types that is accepted, from 1 to 64; 0 stands for 64.
    int32_t depth_max;
    // The most bytes that the buffers of one record batch or dictionary may have when decompressed;
    // 0: what the codec can make of its body at best, which for a hostile one of Zstandard is 32768
    // times its size. What is more gives ELEA_EINVAL.
    int64_t decompressed_max;
    elea_ipc_read_limits limits;
    // elea_ipc_read_table() maps the file; when set, it reads it into memory of `pool` instead.
    bool unmapped;
    // For all that is made; NULL: the default pool. Must outlive it.
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

// A whole file as a table, a chunk for each record batch. The file is mapped: the arrays are views
// on the mapping, which lives as long as they, and nothing of the payload is read (see
// `validation`) or copied. `options` NULL: the defaults.
// ELEA_ENOTFOUND when there is no file, ELEA_EINVAL when it is damaged or not an Arrow file.
ELEA_API ELEA_CHECKED elea_status elea_ipc_read_table(const char *path,
                                                      const elea_ipc_read_options *options,
                                                      elea_table **out, elea_error *err);

// Reads record batches in any order. For one thread at a time; what it gives is shared.
typedef struct elea_ipc_file_reader elea_ipc_file_reader;

// Reads the footer and nothing else, in time that depends on schema and number of batches but not
// on rows. Takes a reference of `file`; `options` is copied, names of columns too.
ELEA_API ELEA_CHECKED elea_status elea_ipc_file_reader_new(elea_file *file,
                                                           const elea_ipc_read_options *options,
                                                           elea_ipc_file_reader **out,
                                                           elea_error *err);
// Batches that were read stay valid.
ELEA_API void elea_ipc_file_reader_free(elea_ipc_file_reader *reader);
// Of the batches read: with `columns`, only those.
ELEA_API const elea_schema *elea_ipc_file_reader_schema(const elea_ipc_file_reader *reader);
ELEA_API int64_t elea_ipc_file_reader_batch_count(const elea_ipc_file_reader *reader);
// The custom metadata of the footer; NULL when there is none.
ELEA_API const elea_metadata *elea_ipc_file_reader_metadata(const elea_ipc_file_reader *reader);
// A message that was read several times counts each time.
ELEA_API void elea_ipc_file_reader_stats(const elea_ipc_file_reader *reader,
                                         elea_ipc_read_stats *out);
// Record batch `index` (ELEA_EINDEX when there is none). Where the file has views its arrays are
// views; else only the bytes of the wanted columns are read. A damaged batch does not keep the
// others from being read.
ELEA_API ELEA_CHECKED elea_status elea_ipc_file_reader_read_batch(elea_ipc_file_reader *reader,
                                                                  int64_t index,
                                                                  elea_record_batch **out,
                                                                  elea_error *err);
// The custom metadata of the message of record batch `index`; *out is NULL when there is none.
ELEA_API ELEA_CHECKED elea_status elea_ipc_file_reader_read_batch_metadata(
    elea_ipc_file_reader *reader, int64_t index, elea_metadata **out, elea_error *err);
// The rows of all batches, from their metadata alone.
ELEA_API ELEA_CHECKED elea_status elea_ipc_file_reader_count_rows(elea_ipc_file_reader *reader,
                                                                  int64_t *out, elea_error *err);
// All batches as a table.
ELEA_API ELEA_CHECKED elea_status elea_ipc_file_reader_read_table(elea_ipc_file_reader *reader,
                                                                  elea_table **out,
                                                                  elea_error *err);

// ---- reading streams

// Reads a stream from the beginning of a file, of which it takes a reference, to its end, with or
// without a mark; bytes behind a mark are not looked at. Both framings are read. Reads the schema
// now and each batch when it is asked for, with the dictionaries before it; where the file has
// views the arrays are views. Dictionaries may grow and be replaced: a batch has those that came
// before it, and a column that is all null needs none. After a failure, which tells the file
// offset, the stream gives nothing more; batches that were read stay valid. `options` NULL: the
// defaults.
ELEA_API ELEA_CHECKED elea_status elea_ipc_stream_reader_new(elea_file *file,
                                                             const elea_ipc_read_options *options,
                                                             elea_record_stream **out,
                                                             elea_error *err);
// The custom metadata of the batch that such a stream gave last, borrowed until the next; NULL when
// there is none, or for a stream of another kind.
ELEA_API const elea_metadata *
elea_ipc_stream_reader_batch_metadata(const elea_record_stream *stream);

#ifdef __cplusplus
}
#endif

#include <elea/ipc/integration.h>
#include <elea/ipc/writer.h>

#endif // ELEA_IPC_H
