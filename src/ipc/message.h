// SPDX-License-Identifier: Apache-2.0
//
// Encapsulated messages: the framing around metadata and body, and the table in the metadata that
// says which message it is.
#ifndef ELEA_IPC_MESSAGE_H
#define ELEA_IPC_MESSAGE_H

#include <elea/columnar.h>
#include <elea/io.h>

#include "ipc/flatbuffer_builder.h"
#include "ipc/flatbuffer_reader.h"

// Where a message lies in a file.
typedef struct elea__ipc_block {
    int64_t offset;
    int64_t metadata_size; // with prefix and padding
    int64_t body_size;
} elea__ipc_block;

// A message that was read. Tables refer to `flat` in it, so it moves only by
// elea__ipc_message_move().
typedef struct elea__ipc_message {
    elea_buffer *metadata;
    elea_buffer *body; // one reference; NULL: it lies in the file
    elea__flat flat;
    elea__flat_table table;
    elea__flat_table header;
    int64_t header_type;
    int64_t version;
    int64_t offset;      // of the prefix, in the file or stream
    int64_t body_offset; // in the file or stream
    int64_t body_size;
} elea__ipc_message;

// Reads the metadata of the message at `block`, which lies in the file before `end` (that of the
// messages), and checks its framing, version and that its body lies before `end`, too. Release it
// also after a failure.
ELEA_CHECKED elea_status elea__ipc_message_read(elea_file *file, const elea__ipc_block *block,
                                                int64_t end, elea__ipc_message *out,
                                                elea_error *err);
// The same when the bytes of the block were read before: `metadata`, or NULL.
ELEA_CHECKED elea_status elea__ipc_message_read_ahead(elea_file *file, elea_buffer *metadata,
                                                      const elea__ipc_block *block, int64_t end,
                                                      elea__ipc_message *out, elea_error *err);
// Opens metadata that were read: out->metadata is the buffer, and of it the message is the `size`
// bytes from `start`, which lie in the file at `offset`. out->offset and out->body_offset are set.
// Bodies are checked for their size alone.
ELEA_CHECKED elea_status elea__ipc_message_open(elea__ipc_message *out, int64_t start, int64_t size,
                                                int64_t offset, elea_error *err);
void elea__ipc_message_release(elea__ipc_message *message);
// The codec that the buffers of a record batch are compressed with; NULL: none. `header` is its
// table, in the message or in a dictionary of it. ELEA_EUNSUPPORTED for codecs that are not known.
ELEA_CHECKED elea_status elea__ipc_message_compression(const elea__ipc_message *message,
                                                       const elea__flat_table *header,
                                                       const elea_codec **out, elea_error *err);
// Hands a message over to storage that holds nothing; the source is empty then.
void elea__ipc_message_move(elea__ipc_message *source, elea__ipc_message *target);

// What a message says of itself.
typedef struct elea__ipc_message_head {
    int64_t version; // ELEA__IPC_V4 or ELEA__IPC_V5
    int64_t type;    // of its header
    int64_t body_size;
} elea__ipc_message_head;

// Begins a Message table as the root of `builder`; gives the location for its header. Where there
// is metadata, it is written, too.
int64_t elea__ipc_message_begin(elea__flat_builder *builder, const elea__ipc_message_head *head,
                                const elea_metadata *metadata);

// How messages lie in the output: what follows the metadata begins at a multiple of `alignment`
// from `origin`. Legacy: without continuation, as before Arrow 0.15.
typedef struct elea__ipc_framing {
    int64_t origin;
    int64_t alignment;
    bool legacy;
} elea__ipc_framing;

// Of a finished message whose prefix is at `position`: the padding behind its metadata, and the
// size of prefix, metadata and padding.
ELEA_CHECKED elea_status elea__ipc_message_measure(const elea__ipc_framing *framing,
                                                   int64_t position,
                                                   const elea__flat_builder *builder,
                                                   int64_t *padding, int64_t *size,
                                                   elea_error *err);

// Writes a finished message to the stream, at once. The first ELEA__IPC_HEAD_PARTS of `parts` are
// filled in here (prefix, metadata, padding), those behind are the body. *size becomes that of the
// former.
#define ELEA__IPC_HEAD_PARTS 3
ELEA_CHECKED elea_status elea__ipc_message_write(elea_output_stream *stream,
                                                 const elea__ipc_framing *framing,
                                                 const elea__flat_builder *builder,
                                                 elea_bytes *parts, int64_t count, int64_t *size,
                                                 elea_error *err);

// What pads: more zero bytes than any alignment asks for.
#define ELEA__IPC_ALIGNMENT_MAX 4096
extern const char elea__ipc_zeros[ELEA__IPC_ALIGNMENT_MAX];

#endif // ELEA_IPC_MESSAGE_H
