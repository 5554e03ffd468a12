// SPDX-License-Identifier: Apache-2.0
#include "ipc/format.h"
#include "ipc/tensor_message.h"

// Strides are there for all dimensions, or for none: row-major.
static elea_status read_strides(elea__tensor_reader *reader, bool *present, elea_error *err) {
    elea__flat_vector vector;
    ELEA_TRY(elea__flat_get_vector(&reader->message.header, ELEA__TENSOR_STRIDES, 8, &vector, err));
    *present = vector.count > 0;
    if (*present && vector.count != reader->dimension_count)
        return elea_error_set(err, ELEA_EINVAL, "%lld strides, expected %d",
                              (long long)vector.count, reader->dimension_count);
    for (int64_t i = 0; i < vector.count; i++)
        reader->strides[i] = elea__flat_load(elea__flat_vector_data(&vector) + 8 * i, 8);
    return ELEA_OK;
}

static elea_status read(elea__tensor_reader *reader, elea_tensor **out, elea_error *err) {
    elea_buffer *data = NULL;
    bool has_strides = false;
    ELEA_TRY(read_strides(reader, &has_strides, err));
    ELEA_TRY(elea__tensor_reader_buffer(reader, &reader->message.header, ELEA__TENSOR_DATA,
                                        elea_type_bit_width(reader->type) / 8, &data, err));
    const elea_tensor_parts parts = {.type = reader->type,
                                     .data = data,
                                     .dimension_count = reader->dimension_count,
                                     .shape = reader->shape,
                                     .strides = has_strides ? reader->strides : NULL,
                                     .dimension_names = reader->names};
    elea_status status = elea_tensor_new(reader->pool, &parts, out, err);
    elea_buffer_unref(data);
    return status;
}

elea_status elea_ipc_read_tensor(elea_file *file, int64_t *offset,
                                 const elea_ipc_read_options *options, elea_tensor **out,
                                 elea_error *err) {
    static const elea__tensor_slots slots = {.header = ELEA__HEADER_TENSOR,
                                             .type_tag = ELEA__TENSOR_TYPE_TAG,
                                             .type = ELEA__TENSOR_TYPE,
                                             .shape = ELEA__TENSOR_SHAPE};
    elea__tensor_reader reader;
    int64_t position = *offset;
    elea_status status = elea__tensor_reader_init(&reader, file, &position, &slots, options, err);
    if (status == ELEA_OK)
        status = read(&reader, out, err);
    elea__tensor_reader_release(&reader);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "cannot read \"%s\": tensor at %lld",
                                 elea_file_name(file), (long long)*offset);
    *offset = position;
    return ELEA_OK;
}
