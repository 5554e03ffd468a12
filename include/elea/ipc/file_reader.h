// SPDX-License-Identifier: Apache-2.0
//
// The IPC file format, read: record batches in any order, or all as a table. Part of elea/ipc.h.
#ifndef ELEA_IPC_FILE_READER_H
#define ELEA_IPC_FILE_READER_H

#include <elea/columnar.h>
#include <elea/io/file.h>
#include <elea/ipc/read_options.h>

#ifdef __cplusplus
extern "C" {
#endif

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
// The same with the custom metadata of its message; *metadata is NULL when there are none.
ELEA_API ELEA_CHECKED elea_status elea_ipc_file_reader_read_batch_with_metadata(
    elea_ipc_file_reader *reader, int64_t index, elea_record_batch **out, elea_metadata **metadata,
    elea_error *err);
// The custom metadata of the message of record batch `index`; *out is NULL when there is none.
ELEA_API ELEA_CHECKED elea_status elea_ipc_file_reader_read_batch_metadata(
    elea_ipc_file_reader *reader, int64_t index, elea_metadata **out, elea_error *err);
// Reads the metadata of the batches from `first` on, `count` of them (ELEA_EINDEX when there are
// not so many), by few reads of the file, near ones together; they are kept until the next call.
// Worth it before reading many batches from a file that is slow to answer;
// elea_ipc_file_reader_read_table and _count_rows do it themselves. Does nothing where the file has
// views.
ELEA_API ELEA_CHECKED elea_status elea_ipc_file_reader_read_ahead(elea_ipc_file_reader *reader,
                                                                  int64_t first, int64_t count,
                                                                  elea_error *err);
// The rows of all batches, from their metadata alone.
ELEA_API ELEA_CHECKED elea_status elea_ipc_file_reader_count_rows(elea_ipc_file_reader *reader,
                                                                  int64_t *out, elea_error *err);
// All batches as a table.
ELEA_API ELEA_CHECKED elea_status elea_ipc_file_reader_read_table(elea_ipc_file_reader *reader,
                                                                  elea_table **out,
                                                                  elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_IPC_FILE_READER_H
