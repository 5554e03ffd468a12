// SPDX-License-Identifier: Apache-2.0
//
// What the bytes of an IPC file or stream are made of, message by message: where each one lies,
// what it says of itself, and its buffers. For tools that show, measure or check files. No array is
// made and nothing is decompressed. Part of elea/ipc.h.
#ifndef ELEA_IPC_MESSAGES_H
#define ELEA_IPC_MESSAGES_H

#include <elea/columnar.h>
#include <elea/io/codec.h>
#include <elea/io/file.h>
#include <elea/ipc/read_options.h>

#ifdef __cplusplus
extern "C" {
#endif

// As the format numbers them.
typedef enum elea_ipc_message_type {
    ELEA_IPC_MESSAGE_UNKNOWN = 0, // so damaged that it cannot be told, or not known here
    ELEA_IPC_MESSAGE_SCHEMA = 1,
    ELEA_IPC_MESSAGE_DICTIONARY = 2,
    ELEA_IPC_MESSAGE_RECORD_BATCH = 3,
    ELEA_IPC_MESSAGE_TENSOR = 4,
    ELEA_IPC_MESSAGE_SPARSE_TENSOR = 5,
} elea_ipc_message_type;

// "schema", "dictionary", "record batch", "tensor", "sparse tensor", else "unknown".
ELEA_API const char *elea_ipc_message_type_name(elea_ipc_message_type type);

// A message. All offsets are in the file, all sizes in bytes.
typedef struct elea_ipc_message_info {
    elea_ipc_message_type type;
    int32_t version; // of the metadata: 4 or 5
    bool legacy_framing;
    int64_t offset;
    int64_t metadata_size; // with prefix and padding: the body begins at offset + metadata_size
    int64_t body_size;
    int64_t gap_size;              // bytes of no message between the one before and this one
    const elea_metadata *metadata; // custom ones; NULL: none. Borrowed until the next message
    // Of record batches and dictionaries.
    int64_t row_count;
    int64_t node_count;
    int64_t buffer_count;
    elea_codec_id compression;
    int64_t stored_size;  // of all buffers, as they lie in the body
    int64_t plain_size;   // of all buffers, decompressed, as they say of themselves
    int64_t padding_size; // what of the body is in no buffer
    // Of dictionaries.
    int64_t dictionary_id;
    bool is_delta;
    // Of files: which block of the footer this is, among those of record batches or dictionaries;
    // -1 when the footer does not have it.
    int64_t footer_index;
    // What is wrong with it; NULL: nothing that can be seen without its arrays. What was not
    // reached is 0. Borrowed until the next message.
    const elea_error *damage;
} elea_ipc_message_info;

// A buffer of a record batch or dictionary.
typedef struct elea_ipc_buffer_info {
    int64_t offset;     // in the file
    int64_t size;       // as it lies there
    int64_t plain_size; // decompressed, as it says of itself
    bool is_compressed; // some buffers of a compressed body are not
} elea_ipc_buffer_info;

// What a column of the schema has of a record batch, with all fields inside of it.
typedef struct elea_ipc_column_info {
    int64_t first_node;
    int64_t node_count;
    int64_t first_buffer;
    int64_t buffer_count;
    int64_t stored_size;
    int64_t plain_size;
} elea_ipc_column_info;

// The frame around the messages.
typedef struct elea_ipc_frame_info {
    bool is_file; // it begins with the magic of a file; else it is a stream
    int64_t size;
    int64_t messages_offset; // where the first message begins
    int64_t messages_end;    // where the footer begins; without one, the size
    int64_t end_mark;        // the offset of the mark at the end; -1 until it is reached, or none
    // Of the footer; 0 when there is none.
    int64_t footer_size;
    int64_t footer_batch_count;
    int64_t footer_dictionary_count;
    const elea_metadata *footer_metadata; // custom ones; NULL: none. Borrowed
    const elea_error *footer_damage;      // what is wrong with it; NULL: nothing. Borrowed
} elea_ipc_frame_info;

// Walks the messages of a file. For one thread at a time.
typedef struct elea_ipc_messages elea_ipc_messages;

// Takes a reference of `file`; of `options` (NULL: the defaults) the pool and the limits are used.
// Damage does not make it fail: ELEA_EIO and ELEA_ENOMEM do.
ELEA_API ELEA_CHECKED elea_status elea_ipc_messages_new(elea_file *file,
                                                        const elea_ipc_read_options *options,
                                                        elea_ipc_messages **out, elea_error *err);
ELEA_API void elea_ipc_messages_free(elea_ipc_messages *messages);

// The next message, or NULL at the end; borrowed until the next call. A damaged one is given with
// what could be read of it. Where its end cannot be known, it goes on with the next message that
// the footer of a file names, else this one is the last. Fails with ELEA_EIO and ELEA_ENOMEM only.
ELEA_API ELEA_CHECKED elea_status elea_ipc_messages_next(elea_ipc_messages *messages,
                                                         const elea_ipc_message_info **out,
                                                         elea_error *err);
// What is known by now: ask again when the walk is over.
ELEA_API void elea_ipc_messages_frame(const elea_ipc_messages *messages, elea_ipc_frame_info *out);
// From the footer, or, once it was met, the message; NULL when neither could be read. Borrowed.
ELEA_API const elea_schema *elea_ipc_messages_schema(const elea_ipc_messages *messages);

// Of the message that was given last. ELEA_EINDEX when it does not have so many; ELEA_EINVAL when
// the buffer is damaged.
ELEA_API ELEA_CHECKED elea_status elea_ipc_messages_node(const elea_ipc_messages *messages,
                                                         int64_t index, int64_t *length,
                                                         int64_t *null_count, elea_error *err);
ELEA_API ELEA_CHECKED elea_status elea_ipc_messages_buffer(const elea_ipc_messages *messages,
                                                           int64_t index, elea_ipc_buffer_info *out,
                                                           elea_error *err);
// `column` is one of the schema. ELEA_EINDEX when there is none; ELEA_EINVAL when the message is no
// sound record batch, or is not one of this schema.
ELEA_API ELEA_CHECKED elea_status elea_ipc_messages_column(const elea_ipc_messages *messages,
                                                           int64_t column,
                                                           elea_ipc_column_info *out,
                                                           elea_error *err);

#ifdef __cplusplus
}
#endif

#endif // ELEA_IPC_MESSAGES_H
