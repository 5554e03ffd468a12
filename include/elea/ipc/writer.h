// SPDX-License-Identifier: Apache-2.0
//
// Writing files and streams of Arrow IPC. Part of elea/ipc.h.
#ifndef ELEA_IPC_WRITER_H
#define ELEA_IPC_WRITER_H

#include <elea/columnar.h>
#include <elea/io.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- options

// All zero are the defaults.
typedef struct elea_ipc_write_options {
    // Buffers begin at multiples of this in the file: a power of two from 8 to 4096; 0 stands for
    // 64. (Arrow C++ takes 8; these files are meant to be mapped, and vector code likes whole
    // cache lines.)
    int32_t alignment;
    // Each buffer is compressed by itself: ELEA_CODEC_LZ4_FRAME or ELEA_CODEC_ZSTD, with a level of
    // the codec (0: its default). What was compressed is not read without a copy.
    elea_codec_id compression;
    int32_t compression_level;
    // Messages without continuation marker, as before Arrow 0.15.
    bool legacy_framing;
    // When a dictionary has grown since it was written, write only what is new (a delta); without
    // it, and in any case for values that use dictionaries themselves, the whole is written again,
    // which only a stream may do. As Arrow C++'s emit_dictionary_deltas.
    bool dictionary_deltas;
    // A buffer that compression does not make smaller, by at least this part of its size (from 0 to
    // 1), is written as it is.
    double space_savings_min;
    // Metadata of version 4, as before Arrow 1.0, where unions and run-end encoded arrays have a
    // validity buffer (which is empty), and nothing is compressed (ELEA_EINVAL with `compression`).
    bool metadata_v4;
    // elea_ipc_file_writer_write_table(): where the chunks of a column have dictionaries of their
    // own, one is made of them, so that a file can hold it. ELEA_ECAPACITY when the type of the
    // indices does not suffice.
    bool unify_dictionaries;
    // Arrays of more than 2^31 - 1 rows, which some implementations cannot read, give
    // ELEA_ECAPACITY unless this is set.
    bool allow_64bit;
    // elea_ipc_write_table() writes the file under its own name, without waiting for the disk. A
    // crash leaves part of it then.
    bool in_place;
    // Nesting of types that is written, from 1 to 64; 0 stands for 64. ELEA_ECAPACITY for more.
    int32_t depth_max;
    // The most rows of a batch when a table is written; 0: no limit.
    int64_t batch_rows_max;
    // Compresses buffers in parallel; NULL: the default threads. What is written does not depend on
    // their number.
    elea_thread_pool *threads;
    // For scratch memory; NULL: the default pool. Must outlive the writer.
    elea_pool *pool;
} elea_ipc_write_options;

ELEA_API void elea_ipc_write_options_init(elea_ipc_write_options *options);

// What a writer has written so far: Arrow C++'s WriteStats.
typedef struct elea_ipc_write_stats {
    int64_t messages; // of all kinds, the schema too
    int64_t record_batches;
    int64_t dictionary_batches;    // all of them:
    int64_t dictionary_deltas;     // those that added to a dictionary
    int64_t replaced_dictionaries; // those that took the place of another
    int64_t raw_body_bytes;        // of the buffers of record batches, before compression
    int64_t body_bytes;            // of the bodies of record batches, as written
} elea_ipc_write_stats;

// The bytes that the message of a record batch takes, metadata and body, without its dictionaries.
// Nothing is written, and without compression no payload is read but bitmaps that are counted.
ELEA_API ELEA_CHECKED elea_status elea_ipc_record_batch_size(const elea_record_batch *batch,
                                                             const elea_ipc_write_options *options,
                                                             int64_t *out, elea_error *err);

// ---- files

// Writes a file: schema, record batches, footer. For one thread.
typedef struct elea_ipc_file_writer elea_ipc_file_writer;

// Writes the schema. `stream` is borrowed, must outlive the writer and be closed by the caller
// after elea_ipc_file_writer_close(); the file begins where the stream is, which is at 0 unless
// bytes lie before it on purpose. `metadata` (may be NULL) goes to the footer.
ELEA_API ELEA_CHECKED elea_status elea_ipc_file_writer_new(
    elea_output_stream *stream, const elea_schema *schema, const elea_ipc_write_options *options,
    const elea_metadata *metadata, elea_ipc_file_writer **out, elea_error *err);
// Frees; a writer that was not closed leaves a file without a footer, which no reader opens.
ELEA_API void elea_ipc_file_writer_free(elea_ipc_file_writer *writer);
// Writes a batch whose schema equals the writer's (metadata aside; ELEA_ETYPE otherwise). Only the
// rows of the batch are written, whatever its arrays are slices of; buffers go to the stream from
// where they lie, but for bitmaps that begin inside a byte and offsets that do not begin at 0,
// which are rebuilt. `metadata` (may be NULL) goes to the batch's message.
//
// A dictionary is written before the first batch that has it and kept until the writer is freed: a
// file holds one for all batches (or grows it, see dictionary_deltas), so that a batch with other
// values in a dictionary gives ELEA_EINVAL and is not written.
ELEA_API ELEA_CHECKED elea_status elea_ipc_file_writer_write_batch(elea_ipc_file_writer *writer,
                                                                   const elea_record_batch *batch,
                                                                   const elea_metadata *metadata,
                                                                   elea_error *err);
// A batch for each run of rows that no column's chunks divide, or several, see batch_rows_max.
ELEA_API ELEA_CHECKED elea_status elea_ipc_file_writer_write_table(elea_ipc_file_writer *writer,
                                                                   const elea_table *table,
                                                                   elea_error *err);
ELEA_API void elea_ipc_file_writer_stats(const elea_ipc_file_writer *writer,
                                         elea_ipc_write_stats *out);
// Writes the footer. Nothing can be written after it; a second close does nothing. After a failed
// write it fails.
ELEA_API ELEA_CHECKED elea_status elea_ipc_file_writer_close(elea_ipc_file_writer *writer,
                                                             elea_error *err);

// A table as a file, atomically unless `in_place`: a reader sees the old file or the whole new one,
// which is durable when this returns.
ELEA_API ELEA_CHECKED elea_status elea_ipc_write_table(const char *path, const elea_table *table,
                                                       const elea_ipc_write_options *options,
                                                       elea_error *err);

// ---- appending

// Goes on with a file. `stream` is at the end of `file`, whose footer is read; the new messages
// follow the old footer, and close writes one that lists all. What was there is not written again:
// who has it open goes on reading it. The schema is that of the file; a dictionary is the same as
// in the file or, with dictionary_deltas, longer (ELEA_EUNSUPPORTED for one that several columns
// share). `metadata` NULL: that of the old footer stays. While it is being written, the file does
// not open: only one may append (the option `lock` of outputs sees to that), and
// elea_ipc_file_find_end() tells where the old one ends.
ELEA_API ELEA_CHECKED elea_status elea_ipc_file_writer_new_append(
    elea_file *file, elea_output_stream *stream, const elea_ipc_write_options *options,
    const elea_metadata *metadata, elea_ipc_file_writer **out, elea_error *err);
// A table behind the rows of a file, durable when this returns; others who call this meanwhile, in
// this process or another, wait (an advisory lock). The footer is written after its batches are on
// the disk. After a failure the file is as before; after a crash,
// elea_ipc_recover() makes it so, or whole.
ELEA_API ELEA_CHECKED elea_status elea_ipc_append_table(const char *path, const elea_table *table,
                                                        const elea_ipc_write_options *options,
                                                        elea_error *err);
// Where a file ends whose last append may not have been completed: behind the last footer that was
// written whole. Goes through the messages from the first to the last, so that values that look
// like a footer do not matter. ELEA_EINVAL when there is no footer.
ELEA_API ELEA_CHECKED elea_status elea_ipc_file_find_end(elea_file *file, int64_t *out,
                                                         elea_error *err);
// Cuts off what is behind that end; *removed is how many bytes that was.
ELEA_API ELEA_CHECKED elea_status elea_ipc_recover(const char *path, elea_pool *pool,
                                                   int64_t *removed, elea_error *err);

// ---- streams

// Writes a stream: schema, dictionaries and record batches. For one thread.
typedef struct elea_ipc_stream_writer elea_ipc_stream_writer;

// Writes the schema. `stream` is borrowed, must outlive the writer and be closed by the caller.
ELEA_API ELEA_CHECKED elea_status elea_ipc_stream_writer_new(elea_output_stream *stream,
                                                             const elea_schema *schema,
                                                             const elea_ipc_write_options *options,
                                                             elea_ipc_stream_writer **out,
                                                             elea_error *err);
ELEA_API void elea_ipc_stream_writer_free(elea_ipc_stream_writer *writer);
// As elea_ipc_file_writer_write_batch(), but that a dictionary that differs from the one before is
// written again and replaces it.
ELEA_API ELEA_CHECKED elea_status elea_ipc_stream_writer_write_batch(elea_ipc_stream_writer *writer,
                                                                     const elea_record_batch *batch,
                                                                     const elea_metadata *metadata,
                                                                     elea_error *err);
// A batch for each run of rows that no column's chunks divide, or several, see batch_rows_max.
ELEA_API ELEA_CHECKED elea_status elea_ipc_stream_writer_write_table(elea_ipc_stream_writer *writer,
                                                                     const elea_table *table,
                                                                     elea_error *err);
ELEA_API void elea_ipc_stream_writer_stats(const elea_ipc_stream_writer *writer,
                                           elea_ipc_write_stats *out);
// Marks the end. Nothing can be written after it; a second close does nothing.
ELEA_API ELEA_CHECKED elea_status elea_ipc_stream_writer_close(elea_ipc_stream_writer *writer,
                                                               elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_IPC_WRITER_H
