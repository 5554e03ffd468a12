// SPDX-License-Identifier: Apache-2.0
//
// What messages of tensors and of sparse tensors share.
#ifndef ELEA_IPC_TENSOR_MESSAGE_H
#define ELEA_IPC_TENSOR_MESSAGE_H

#include <elea/ipc.h>

#include "ipc/list.h"
#include "ipc/message.h"

// ---- writing

// A message and its body, while they are made.
typedef struct elea__tensor_writer {
    elea_pool *pool;
    elea__flat_builder builder;
    elea__ipc_list parts; // elea_bytes: room for the head, then the body with padding
    int64_t size;         // of the body
} elea__tensor_writer;

void elea__tensor_writer_init(elea__tensor_writer *writer, elea_pool *pool);
void elea__tensor_writer_release(elea__tensor_writer *writer);
// Adds a run of bytes to the body, borrowed; *offset becomes where it begins.
ELEA_CHECKED elea_status elea__tensor_writer_add(elea__tensor_writer *writer, const void *data,
                                                 int64_t size, int64_t *offset, elea_error *err);
// A vector of TensorDim for the offset at `location`. `names` may be NULL.
void elea__tensor_write_shape(elea__flat_builder *builder, int64_t location, const int64_t *shape,
                              const elea_bytes *names, int32_t count);
// A vector of numbers of 8 or 4 bytes.
void elea__tensor_write_longs(elea__flat_builder *builder, int64_t location, const int64_t *values,
                              int32_t count);
// Writes what was made; with stream NULL only *size is found.
ELEA_CHECKED elea_status elea__tensor_writer_finish(elea__tensor_writer *writer,
                                                    elea_output_stream *stream, int64_t *size,
                                                    elea_error *err);

// ---- reading

// A message that was read, its body, and what its table says of the tensor. Tables refer to
// `message`, so it stays where it is.
typedef struct elea__tensor_reader {
    elea_pool *pool;
    elea_ipc_read_options options;
    elea__ipc_message message;
    elea_buffer *body;
    const elea_type *type;
    int32_t dimension_count;
    int64_t *shape; // these three in one block
    int64_t *strides;
    elea_bytes *names; // NULL when none has one
    int64_t allocated;
} elea__tensor_reader;

// Slots of what a Tensor and a SparseTensor table both have.
typedef struct elea__tensor_slots {
    int header; // the type of the message
    int type_tag;
    int type;
    int shape;
} elea__tensor_slots;

// Reads message, body, type and shape. Release also after a failure.
ELEA_CHECKED elea_status elea__tensor_reader_init(elea__tensor_reader *reader, elea_file *file,
                                                  int64_t *offset, const elea__tensor_slots *slots,
                                                  const elea_ipc_read_options *options,
                                                  elea_error *err);
void elea__tensor_reader_release(elea__tensor_reader *reader);
// A part of the body that holds numbers of `width` bytes: a view, or a copy when it is not aligned
// and may be copied.
ELEA_CHECKED elea_status elea__tensor_reader_slice(const elea__tensor_reader *reader,
                                                   int64_t offset, int64_t size, int64_t width,
                                                   elea_buffer **out, elea_error *err);
// The same for a Buffer struct in a slot, which must be there.
ELEA_CHECKED elea_status elea__tensor_reader_buffer(const elea__tensor_reader *reader,
                                                    const elea__flat_table *table, int slot,
                                                    int64_t width, elea_buffer **out,
                                                    elea_error *err);

#endif // ELEA_IPC_TENSOR_MESSAGE_H
