// SPDX-License-Identifier: Apache-2.0
//
// The two record streams of this room: the one that walks messages, and the one that goes by the
// footer of a file.
#ifndef ELEA_IPC_RECORD_STREAMS_H
#define ELEA_IPC_RECORD_STREAMS_H

#include <elea/ipc.h>

// As elea_ipc_stream_reader_new_from_input(), but that it takes the input when it succeeds.
ELEA_CHECKED elea_status elea__ipc_stream_reader_take(elea_input_stream *input,
                                                      const elea_ipc_read_options *options,
                                                      elea_record_stream **out, elea_error *err);
// As elea_ipc_stream_reader_new(), with what is known to be damaged already.
ELEA_CHECKED elea_status elea__ipc_stream_reader_recover(elea_file *file,
                                                         const elea_ipc_read_options *options,
                                                         const elea_error *damage,
                                                         elea_record_stream **out, elea_error *err);

// The batches of a file in order; takes the reader when it succeeds. Where `recover`, the first
// damaged batch ends it.
ELEA_CHECKED elea_status elea__ipc_file_stream_new(elea_ipc_file_reader *reader, bool recover,
                                                   elea_pool *pool, elea_record_stream **out,
                                                   elea_error *err);

typedef struct elea__ipc_file_stream {
    elea_record_stream stream;
    elea_pool *pool;
    elea_ipc_file_reader *reader;
    int64_t next;
    elea_metadata *batch_metadata;
    elea_error damage;
    bool recover;
    bool ended; // or failed
} elea__ipc_file_stream;

// NULL for a stream of another kind.
const elea__ipc_file_stream *elea__ipc_file_stream_of(const elea_record_stream *stream);

// Whether a failure is one of the bytes, so that what was before it is sound.
bool elea__ipc_is_damage(elea_status status);

#endif // ELEA_IPC_RECORD_STREAMS_H
