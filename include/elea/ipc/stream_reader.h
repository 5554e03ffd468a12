// SPDX-License-Identifier: Apache-2.0
//
// IPC read as it comes: record streams over files, pipes, sockets, memory, in the stream format or
// the file format. Part of elea/ipc.h.
#ifndef ELEA_IPC_STREAM_READER_H
#define ELEA_IPC_STREAM_READER_H

#include <elea/columnar.h>
#include <elea/io/file.h>
#include <elea/io/input_stream.h>
#include <elea/ipc/read_options.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- the stream format

// Reads a stream from the beginning of a file, of which it takes a reference, to its end, with or
// without a mark; bytes behind a mark are not looked at. Both framings are read. Reads the schema
// now and each batch when it is asked for, with the dictionaries before it; where the file has
// views the arrays are views. Dictionaries may grow and be replaced: a batch has those that came
// before it, and a column that is all null needs none. After a failure, which tells the file
// offset, the stream gives nothing more; batches that were read stay valid. `options` NULL: the
// defaults.
//
// The file format is a stream, too, between its magic and its footer, and is read as one, without
// looking at the footer: this is how to read what a writer left that was stopped before it wrote
// one (see also `recover` of the options).
ELEA_API ELEA_CHECKED elea_status elea_ipc_stream_reader_new(elea_file *file,
                                                             const elea_ipc_read_options *options,
                                                             elea_record_stream **out,
                                                             elea_error *err);
// The same from an input: a pipe, a socket, standard input, memory, something compressed. `input`
// is borrowed and must outlive the stream. Not a byte is read that is not needed: after the end
// mark the input stands right behind it, where another stream may begin. Arrays are views where the
// input has views; else each body is read once, to where the arrays are.
ELEA_API ELEA_CHECKED elea_status elea_ipc_stream_reader_new_from_input(
    elea_input_stream *input, const elea_ipc_read_options *options, elea_record_stream **out,
    elea_error *err);

// ---- any of them

// Opens a path, which may be that of a pipe, and finds out what it holds: a file with its footer,
// a stream, or version 1 of Feather. It is mapped when it can be, unless options->unmapped;
// `options` NULL: the defaults. ELEA_ENOTFOUND when there is no file, ELEA_EINVAL when it is
// damaged or of another kind.
ELEA_API ELEA_CHECKED elea_status elea_ipc_open(const char *path,
                                                const elea_ipc_read_options *options,
                                                elea_record_stream **out, elea_error *err);
// The same for a file that is open, of which it takes a reference.
ELEA_API ELEA_CHECKED elea_status elea_ipc_open_file(elea_file *file,
                                                     const elea_ipc_read_options *options,
                                                     elea_record_stream **out, elea_error *err);
// A whole file of any of these formats as a table, a chunk for each record batch. The file is
// mapped: the arrays are views on the mapping, which lives as long as they, and nothing of the
// payload is read (see `validation`) or copied. Errors as elea_ipc_open(); with `recover`, the
// batches before the damage.
ELEA_API ELEA_CHECKED elea_status elea_ipc_read_table(const char *path,
                                                      const elea_ipc_read_options *options,
                                                      elea_table **out, elea_error *err);

// ---- what such a stream knows

// Of streams that the functions above made; another kind has none of this.

// The custom metadata of the batch that was given last, borrowed until the next; NULL when there
// are none.
ELEA_API const elea_metadata *
elea_ipc_stream_reader_batch_metadata(const elea_record_stream *stream);
// The number of batches; -1 when it is not known before the end, as of a stream.
ELEA_API int64_t elea_ipc_stream_reader_batch_count(const elea_record_stream *stream);
// The custom metadata of the footer; NULL when there are none, or no footer was read. Borrowed.
ELEA_API const elea_metadata *elea_ipc_stream_reader_metadata(const elea_record_stream *stream);
ELEA_API void elea_ipc_stream_reader_stats(const elea_record_stream *stream,
                                           elea_ipc_read_stats *out);
// With the option `recover`: the damage that ended the stream, or that kept the footer of a file
// from being read; NULL when there was none. Borrowed.
ELEA_API const elea_error *elea_ipc_stream_reader_damage(const elea_record_stream *stream);

#ifdef __cplusplus
}
#endif

#endif // ELEA_IPC_STREAM_READER_H
