// SPDX-License-Identifier: Apache-2.0
//
// Single messages of Arrow IPC as bytes, for protocols that carry them in their own way. Part of
// elea/ipc.h.
#ifndef ELEA_IPC_SERIALIZE_H
#define ELEA_IPC_SERIALIZE_H

#include <elea/columnar.h>
#include <elea/ipc/read_options.h>
#include <elea/ipc/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

// The message of a schema, with prefix and padding; options NULL: the defaults. What a stream
// begins with.
ELEA_API ELEA_CHECKED elea_status elea_ipc_serialize_schema(const elea_schema *schema,
                                                            const elea_ipc_write_options *options,
                                                            elea_buffer **out, elea_error *err);
// The way back; of `options`, `columns`, limits and pool count. Bytes behind the message are not
// looked at.
ELEA_API ELEA_CHECKED elea_status elea_ipc_parse_schema(elea_buffer *bytes,
                                                        const elea_ipc_read_options *options,
                                                        elea_schema **out, elea_error *err);

// The message of a record batch with its body; before it the messages of the dictionaries that its
// columns use. What a stream has behind its schema.
ELEA_API ELEA_CHECKED elea_status elea_ipc_serialize_batch(const elea_record_batch *batch,
                                                           const elea_metadata *metadata,
                                                           const elea_ipc_write_options *options,
                                                           elea_buffer **out, elea_error *err);
// The way back, for a batch of this schema: the first record batch of the bytes. Its arrays are
// views of `bytes`, where they are aligned and plain. ELEA_EINVAL when the bytes are damaged or
// hold no batch.
ELEA_API ELEA_CHECKED elea_status elea_ipc_parse_batch(elea_buffer *bytes,
                                                       const elea_schema *schema,
                                                       const elea_ipc_read_options *options,
                                                       elea_record_batch **out, elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_IPC_SERIALIZE_H
