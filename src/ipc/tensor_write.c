// SPDX-License-Identifier: Apache-2.0
#include "ipc/format.h"
#include "ipc/schema.h"
#include "ipc/tensor_message.h"
#include "ipc/type_map.h"

// `tensor` is contiguous.
static elea_status build(elea__tensor_writer *writer, const elea_tensor *tensor, elea_error *err) {
    const elea_type *type = elea_tensor_type(tensor);
    int32_t count = elea_tensor_dimension_count(tensor);
    int64_t size = elea_tensor_length(tensor) * (elea_type_bit_width(type) / 8), offset = 0;
    elea__flat_builder *builder = &writer->builder;
    ELEA_TRY(elea__tensor_writer_add(writer, elea_buffer_data(elea_tensor_data(tensor)), size,
                                     &offset, err));
    const elea__ipc_message_head head = {
        .version = ELEA__IPC_V5, .type = ELEA__HEADER_TENSOR, .body_size = writer->size};
    int64_t header = elea__ipc_message_begin(builder, &head, NULL);
    elea__flat_begin_table(builder, header);
    elea__flat_add_pair(builder, ELEA__TENSOR_DATA, offset, size);
    int64_t type_location = elea__flat_add_offset(builder, ELEA__TENSOR_TYPE);
    int64_t shape_location = elea__flat_add_offset(builder, ELEA__TENSOR_SHAPE);
    int64_t strides_location = elea__flat_add_offset(builder, ELEA__TENSOR_STRIDES);
    elea__flat_add_int(builder, ELEA__TENSOR_TYPE_TAG, 1,
                       elea__ipc_type_row_of(elea_type_id_of(type))->tag);
    elea__flat_end_table(builder);
    elea__ipc_type_write(builder, type_location, type);
    elea__tensor_write_shape(builder, shape_location, elea_tensor_shape(tensor),
                             elea_tensor_dimension_names(tensor), count);
    elea__tensor_write_longs(builder, strides_location, elea_tensor_strides(tensor), count);
    return ELEA_OK;
}

static elea_status write(elea_output_stream *stream, const elea_tensor *tensor, elea_pool *pool,
                         int64_t *size, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_tensor *contiguous = NULL;
    elea__tensor_writer writer;

    elea__tensor_writer_init(&writer, pool);
    if (elea_tensor_is_contiguous(tensor))
        contiguous = elea_tensor_ref(tensor);
    else
        ELEA_GOTO(done, elea_tensor_to_row_major(pool, tensor, &contiguous, err));
    ELEA_GOTO(done, build(&writer, contiguous, err));
    status = elea__tensor_writer_finish(&writer, stream, size, err);

done:
    elea__tensor_writer_release(&writer);
    elea_tensor_unref(contiguous);
    return status;
}

elea_status elea_ipc_write_tensor(elea_output_stream *stream, const elea_tensor *tensor,
                                  elea_pool *pool, elea_error *err) {
    int64_t size = 0;
    elea_status status = write(stream, tensor, pool, &size, err);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "cannot write a tensor to \"%s\"",
                                 elea_output_stream_name(stream));
    return ELEA_OK;
}

elea_status elea_ipc_tensor_size(const elea_tensor *tensor, elea_pool *pool, int64_t *out,
                                 elea_error *err) {
    return write(NULL, tensor, pool, out, err);
}
