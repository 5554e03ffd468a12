// SPDX-License-Identifier: Apache-2.0
//
// The IPC stream format, read as it comes: a record stream. Part of elea/ipc.h.
#ifndef ELEA_IPC_STREAM_READER_H
#define ELEA_IPC_STREAM_READER_H

#include <elea/columnar.h>
#include <elea/io/file.h>
#include <elea/ipc/read_options.h>

#ifdef __cplusplus
extern "C" {
#endif

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

#endif // ELEA_IPC_STREAM_READER_H
