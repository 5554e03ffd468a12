// SPDX-License-Identifier: Apache-2.0
#include "ipc/tensor_message.h"

#include "base/math_internal.h"
#include "ipc/format.h"
#include "ipc/message_next.h"
#include "ipc/slice.h"
#include "ipc/source.h"
#include "ipc/type_map.h"

// ---- writing

void elea__tensor_writer_init(elea__tensor_writer *writer, elea_pool *pool) {
    *writer = (elea__tensor_writer){.pool = pool};
    elea__flat_builder_init(&writer->builder, pool);
}

void elea__tensor_writer_release(elea__tensor_writer *writer) {
    elea__flat_builder_release(&writer->builder);
    elea__ipc_list_release(&writer->parts, writer->pool, sizeof(elea_bytes));
}

elea_status elea__tensor_writer_add(elea__tensor_writer *writer, const void *data, int64_t size,
                                    int64_t *offset, elea_error *err) {
    const elea_bytes head = {.data = NULL};
    const elea_bytes parts[] = {
        {.data = data, .size = size},
        {.data = elea__ipc_zeros, .size = -size & (ELEA__TENSOR_ALIGNMENT - 1)}};
    while (writer->parts.count < ELEA__IPC_HEAD_PARTS)
        ELEA_TRY(elea__ipc_list_push(&writer->parts, writer->pool, &head, sizeof head, err));
    *offset = writer->size;
    for (int i = 0; i < 2; i++)
        ELEA_TRY(elea__ipc_list_push(&writer->parts, writer->pool, &parts[i], sizeof head, err));
    if (elea__add_overflow(writer->size, size + parts[1].size, &writer->size))
        return elea_error_set(err, ELEA_ECAPACITY, "a tensor too large to write");
    return ELEA_OK;
}

void elea__tensor_write_shape(elea__flat_builder *builder, int64_t location, const int64_t *shape,
                              const elea_bytes *names, int32_t count) {
    int64_t vector = elea__flat_add_vector(builder, location, count, 4, 4);
    for (int32_t i = 0; i < count; i++) {
        int64_t name = 0;
        elea__flat_begin_table(builder, vector + 4 * (int64_t)i);
        elea__flat_add_int(builder, ELEA__DIMENSION_SIZE, 8, shape[i]);
        if (names)
            name = elea__flat_add_offset(builder, ELEA__DIMENSION_NAME);
        elea__flat_end_table(builder);
        if (names)
            elea__flat_add_string(builder, name, names[i]);
    }
}

void elea__tensor_write_longs(elea__flat_builder *builder, int64_t location, const int64_t *values,
                              int32_t count) {
    int64_t vector = elea__flat_add_vector(builder, location, count, 8, 8);
    for (int32_t i = 0; i < count; i++)
        elea__flat_store(builder, vector + 8 * (int64_t)i, 8, values[i]);
}

elea_status elea__tensor_writer_finish(elea__tensor_writer *writer, elea_output_stream *stream,
                                       int64_t *size, elea_error *err) {
    const elea__ipc_framing framing = {.alignment = ELEA__TENSOR_ALIGNMENT};
    int64_t padding = 0;
    ELEA_TRY(elea__flat_finish(&writer->builder, err));
    if (stream)
        ELEA_TRY(elea__ipc_message_write(stream, &framing, &writer->builder, writer->parts.data,
                                         writer->parts.count, size, err));
    else
        ELEA_TRY(elea__ipc_message_measure(&framing, 0, &writer->builder, &padding, size, err));
    *size += writer->size;
    return ELEA_OK;
}

// ---- reading

static elea_status read_type(elea__tensor_reader *reader, const elea__tensor_slots *slots,
                             elea_error *err) {
    const elea__flat_table *table = &reader->message.header;
    elea__flat_table parameters;
    elea_type_id id = ELEA_TYPE_NULL;
    int64_t tag = 0;
    bool present = false;
    ELEA_TRY(elea__flat_get_int(table, slots->type_tag, 1, 0, &tag, err));
    ELEA_TRY(elea__flat_get_table(table, slots->type, &parameters, &present, err));
    if (!present || (tag != ELEA__TAG_INT && tag != ELEA__TAG_FLOATING_POINT))
        return elea_error_set(err, ELEA_EINVAL, "elements of type number %lld, expected a number",
                              (long long)tag);
    ELEA_TRY(elea__ipc_type_select(tag, &parameters, &id, err));
    reader->type = elea_type_of(id);
    return ELEA_OK;
}

static elea_status read_shape(elea__tensor_reader *reader, int slot, elea_error *err) {
    elea__flat_vector dimensions;
    void *memory = NULL;
    ELEA_TRY(elea__flat_get_vector(&reader->message.header, slot, 4, &dimensions, err));
    if (dimensions.count > ELEA_TENSOR_DIMENSIONS_MAX)
        return elea_error_set(err, ELEA_ECAPACITY, "%lld dimensions, expected at most %d",
                              (long long)dimensions.count, ELEA_TENSOR_DIMENSIONS_MAX);
    int64_t size = dimensions.count * (int64_t)(2 * sizeof(int64_t) + sizeof(elea_bytes));
    ELEA_TRY(elea_alloc_zero(reader->pool, size, &memory, err));
    reader->allocated = size;
    reader->dimension_count = (int32_t)dimensions.count;
    reader->shape = memory;
    reader->strides = reader->shape + dimensions.count;
    elea_bytes *names = (elea_bytes *)(reader->strides + dimensions.count);
    for (int32_t i = 0; i < reader->dimension_count; i++) {
        elea__flat_table dimension;
        ELEA_TRY(elea__flat_vector_table(&dimensions, i, &dimension, err));
        ELEA_TRY(
            elea__flat_get_int(&dimension, ELEA__DIMENSION_SIZE, 8, 0, &reader->shape[i], err));
        ELEA_TRY(elea__flat_get_string(&dimension, ELEA__DIMENSION_NAME, &names[i], err));
        if (names[i].size > 0)
            reader->names = names;
    }
    return ELEA_OK;
}

elea_status elea__tensor_reader_init(elea__tensor_reader *reader, elea_file *file, int64_t *offset,
                                     const elea__tensor_slots *slots,
                                     const elea_ipc_read_options *options, elea_error *err) {
    bool present = false;
    *reader = (elea__tensor_reader){.body = NULL};
    ELEA_TRY(elea__ipc_read_options_check(options, &reader->options, err));
    reader->pool = reader->options.pool;
    if (*offset < 0 || *offset > elea_file_size(file))
        return elea_error_set(err, ELEA_EINDEX, "offset %lld is not in the file of %lld bytes",
                              (long long)*offset, (long long)elea_file_size(file));
    ELEA_TRY(elea__ipc_message_next(file, offset, &reader->message, &present, err));
    if (!present || reader->message.header_type != slots->header)
        return elea_error_set(err, ELEA_EINVAL,
                              "file offset %lld: a message of type %lld, expected %d",
                              (long long)reader->message.offset,
                              (long long)reader->message.header_type, slots->header);
    ELEA_TRY(elea_file_view_at(file, reader->message.body_offset, reader->message.body_size,
                               &reader->body, err));
    ELEA_TRY(read_type(reader, slots, err));
    return read_shape(reader, slots->shape, err);
}

void elea__tensor_reader_release(elea__tensor_reader *reader) {
    elea__ipc_message_release(&reader->message);
    elea_buffer_unref(reader->body);
    elea_dealloc(reader->pool, reader->shape, reader->allocated);
    reader->body = NULL;
    reader->shape = NULL;
}

elea_status elea__tensor_reader_slice(const elea__tensor_reader *reader, int64_t offset,
                                      int64_t size, int64_t width, elea_buffer **out,
                                      elea_error *err) {
    int64_t body_size = elea_buffer_size(reader->body);
    if (!elea__range_inside(offset, size, body_size))
        return elea_error_set(err, ELEA_EINVAL,
                              "%lld bytes at %lld of a body, expected them in its %lld bytes",
                              (long long)size, (long long)offset, (long long)body_size);
    return elea__ipc_slice(&reader->options, reader->body, offset, size, width,
                           reader->message.body_offset + offset, out, err);
}

elea_status elea__tensor_reader_buffer(const elea__tensor_reader *reader,
                                       const elea__flat_table *table, int slot, int64_t width,
                                       elea_buffer **out, elea_error *err) {
    int64_t offset = 0, size = 0;
    bool present = false;
    ELEA_TRY(elea__flat_get_pair(table, slot, &offset, &size, &present, err));
    if (!present)
        return elea_error_set(err, ELEA_EINVAL, "a tensor without a buffer");
    return elea__tensor_reader_slice(reader, offset, size, width, out, err);
}
