// SPDX-License-Identifier: Apache-2.0
#include "ipc/format.h"
#include "ipc/schema.h"
#include "ipc/tensor_message.h"
#include "ipc/type_map.h"

// Where the parts of a sparse tensor lie in the body.
typedef struct sparse_body {
    int64_t data[2];       // offset and size of the elements
    int64_t (*indices)[2]; // of each tensor of the index; `offsets` behind them
    int64_t (*offsets)[2];
} sparse_body;

// Index tensors are written one behind the other, each row-major or as it is.
static elea_status add_index(elea__tensor_writer *writer, const elea_tensor *tensor,
                             int64_t entry[2], elea_error *err) {
    int64_t width = elea_type_bit_width(elea_tensor_type(tensor)) / 8;
    entry[1] = elea_tensor_length(tensor) * width;
    return elea__tensor_writer_add(writer, elea_buffer_data(elea_tensor_data(tensor)), entry[1],
                                   &entry[0], err);
}

static elea_status add_body(elea__tensor_writer *writer, const elea_sparse_tensor *tensor,
                            elea_tensor *const *indices, elea_tensor *const *offsets,
                            sparse_body *body, elea_error *err) {
    for (int32_t i = 0; i < elea_sparse_tensor_offsets_count(tensor); i++)
        ELEA_TRY(add_index(writer, offsets[i], body->offsets[i], err));
    for (int32_t i = 0; i < elea_sparse_tensor_indices_count(tensor); i++)
        ELEA_TRY(add_index(writer, indices[i], body->indices[i], err));
    body->data[1] = elea_sparse_tensor_nonzero_count(tensor) *
                    (elea_type_bit_width(elea_sparse_tensor_type(tensor)) / 8);
    return elea__tensor_writer_add(writer, elea_buffer_data(elea_sparse_tensor_data(tensor)),
                                   body->data[1], &body->data[0], err);
}

// ---- the index

static void write_coo(elea__flat_builder *builder, int64_t location,
                      const elea_sparse_tensor *tensor, const elea_tensor *indices,
                      const sparse_body *body) {
    elea__flat_begin_table(builder, location);
    elea__flat_add_pair(builder, ELEA__COO_BUFFER, body->indices[0][0], body->indices[0][1]);
    int64_t type = elea__flat_add_offset(builder, ELEA__COO_TYPE);
    int64_t strides = elea__flat_add_offset(builder, ELEA__COO_STRIDES);
    elea__flat_add_int(builder, ELEA__COO_CANONICAL, 1, elea_sparse_tensor_is_canonical(tensor));
    elea__flat_end_table(builder);
    elea__ipc_type_write(builder, type, elea_tensor_type(indices));
    elea__tensor_write_longs(builder, strides, elea_tensor_strides(indices), 2);
}

static void write_matrix(elea__flat_builder *builder, int64_t location,
                         const elea_sparse_tensor *tensor, const sparse_body *body) {
    int axis = elea_sparse_tensor_format(tensor) == ELEA_SPARSE_CSR ? 0 : 1;
    elea__flat_begin_table(builder, location);
    elea__flat_add_pair(builder, ELEA__CSX_OFFSETS, body->offsets[0][0], body->offsets[0][1]);
    elea__flat_add_pair(builder, ELEA__CSX_INDICES, body->indices[0][0], body->indices[0][1]);
    int64_t offsets = elea__flat_add_offset(builder, ELEA__CSX_OFFSETS_TYPE);
    int64_t indices = elea__flat_add_offset(builder, ELEA__CSX_INDICES_TYPE);
    elea__flat_add_int(builder, ELEA__CSX_AXIS, 2, axis);
    elea__flat_end_table(builder);
    elea__ipc_type_write(builder, offsets, elea_tensor_type(elea_sparse_tensor_offsets(tensor, 0)));
    elea__ipc_type_write(builder, indices, elea_tensor_type(elea_sparse_tensor_indices(tensor, 0)));
}

// Sizes are counted in entries of `width` bytes, as Arrow C++, alone with this format so far,
// writes and reads them.
static void write_buffers(elea__flat_builder *builder, int64_t location, int64_t (*entries)[2],
                          int32_t count, int64_t width) {
    int64_t vector = elea__flat_add_vector(builder, location, count, ELEA__IPC_BUFFER_SIZE, 8);
    for (int32_t i = 0; i < count; i++) {
        int64_t position = vector + ELEA__IPC_BUFFER_SIZE * (int64_t)i;
        elea__flat_store(builder, position, 8, entries[i][0]);
        elea__flat_store(builder, position + 8, 8, entries[i][1] / width);
    }
}

static void write_csf(elea__flat_builder *builder, int64_t location,
                      const elea_sparse_tensor *tensor, const sparse_body *body) {
    int32_t count = elea_sparse_tensor_dimension_count(tensor);
    const elea_type *index_type = elea_tensor_type(elea_sparse_tensor_indices(tensor, 0));
    // A tensor of one dimension has no offsets, but the table has their type.
    const elea_type *offset_type =
        count > 1 ? elea_tensor_type(elea_sparse_tensor_offsets(tensor, 0)) : index_type;
    elea__flat_begin_table(builder, location);
    int64_t offsets_type = elea__flat_add_offset(builder, ELEA__CSF_OFFSETS_TYPE);
    int64_t offsets = elea__flat_add_offset(builder, ELEA__CSF_OFFSETS);
    int64_t indices_type = elea__flat_add_offset(builder, ELEA__CSF_INDICES_TYPE);
    int64_t indices = elea__flat_add_offset(builder, ELEA__CSF_INDICES);
    int64_t axes = elea__flat_add_offset(builder, ELEA__CSF_AXIS_ORDER);
    elea__flat_end_table(builder);
    elea__ipc_type_write(builder, offsets_type, offset_type);
    write_buffers(builder, offsets, body->offsets, count - 1, elea_type_bit_width(offset_type) / 8);
    elea__ipc_type_write(builder, indices_type, index_type);
    write_buffers(builder, indices, body->indices, count, elea_type_bit_width(index_type) / 8);
    int64_t vector = elea__flat_add_vector(builder, axes, count, 4, 4);
    for (int32_t i = 0; i < count; i++)
        elea__flat_store(builder, vector + 4 * (int64_t)i, 4,
                         elea_sparse_tensor_axis_order(tensor)[i]);
}

// ---- the message

static void build(elea__tensor_writer *writer, const elea_sparse_tensor *tensor,
                  const elea_tensor *first_indices, const sparse_body *body) {
    static const int tags[] = {ELEA__INDEX_COO, ELEA__INDEX_CSX, ELEA__INDEX_CSX, ELEA__INDEX_CSF};
    elea_sparse_format format = elea_sparse_tensor_format(tensor);
    const elea__ipc_message_head head = {
        .version = ELEA__IPC_V5, .type = ELEA__HEADER_SPARSE_TENSOR, .body_size = writer->size};
    const elea_type *type = elea_sparse_tensor_type(tensor);
    elea__flat_builder *builder = &writer->builder;
    int64_t header = elea__ipc_message_begin(builder, &head, NULL);
    elea__flat_begin_table(builder, header);
    elea__flat_add_pair(builder, ELEA__SPARSE_DATA, body->data[0], body->data[1]);
    elea__flat_add_int(builder, ELEA__SPARSE_NONZERO_COUNT, 8,
                       elea_sparse_tensor_nonzero_count(tensor));
    int64_t type_location = elea__flat_add_offset(builder, ELEA__SPARSE_TYPE);
    int64_t shape = elea__flat_add_offset(builder, ELEA__SPARSE_SHAPE);
    int64_t index = elea__flat_add_offset(builder, ELEA__SPARSE_INDEX);
    elea__flat_add_int(builder, ELEA__SPARSE_TYPE_TAG, 1,
                       elea__ipc_type_row_of(elea_type_id_of(type))->tag);
    elea__flat_add_int(builder, ELEA__SPARSE_INDEX_TAG, 1, tags[format]);
    elea__flat_end_table(builder);
    elea__ipc_type_write(builder, type_location, type);
    elea__tensor_write_shape(builder, shape, elea_sparse_tensor_shape(tensor),
                             elea_sparse_tensor_dimension_names(tensor),
                             elea_sparse_tensor_dimension_count(tensor));
    if (format == ELEA_SPARSE_COO)
        write_coo(builder, index, tensor, first_indices, body);
    else if (format == ELEA_SPARSE_CSF)
        write_csf(builder, index, tensor, body);
    else
        write_matrix(builder, index, tensor, body);
}

// Makes all tensors of the index row-major, which few are not.
static elea_status straighten(elea_pool *pool, const elea_sparse_tensor *tensor,
                              elea_tensor **tensors, elea_error *err) {
    int32_t count = elea_sparse_tensor_indices_count(tensor);
    for (int32_t i = 0; i < count; i++) {
        const elea_tensor *indices = elea_sparse_tensor_indices(tensor, i);
        if (elea_tensor_is_contiguous(indices))
            tensors[i] = elea_tensor_ref(indices);
        else
            ELEA_TRY(elea_tensor_to_row_major(pool, indices, &tensors[i], err));
    }
    for (int32_t i = 0; i < elea_sparse_tensor_offsets_count(tensor); i++)
        ELEA_TRY(elea_tensor_to_row_major(pool, elea_sparse_tensor_offsets(tensor, i),
                                          &tensors[count + i], err));
    return ELEA_OK;
}

elea_status elea_ipc_write_sparse_tensor(elea_output_stream *stream,
                                         const elea_sparse_tensor *tensor, elea_pool *pool,
                                         elea_error *err) {
    elea_status status = ELEA_OK;
    int32_t indices_count = elea_sparse_tensor_indices_count(tensor);
    int64_t count = indices_count + elea_sparse_tensor_offsets_count(tensor), size = 0;
    int64_t memory_size = count * (int64_t)(sizeof(elea_tensor *) + 2 * sizeof(int64_t));
    void *memory = NULL;
    elea__tensor_writer writer;

    elea__tensor_writer_init(&writer, pool);
    ELEA_TRY(elea_alloc_zero(pool, memory_size, &memory, err));
    elea_tensor **tensors = memory;
    int64_t(*entries)[2] = (int64_t(*)[2])(tensors + count);
    sparse_body body = {.indices = entries, .offsets = entries + indices_count};
    ELEA_GOTO(done, straighten(pool, tensor, tensors, err));
    ELEA_GOTO(done, add_body(&writer, tensor, tensors, tensors + indices_count, &body, err));
    build(&writer, tensor, tensors[0], &body);
    status = elea__tensor_writer_finish(&writer, stream, &size, err);

done:
    for (int64_t i = 0; i < count; i++)
        elea_tensor_unref(tensors[i]);
    elea_dealloc(pool, memory, memory_size);
    elea__tensor_writer_release(&writer);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "cannot write a sparse tensor to \"%s\"",
                                 elea_output_stream_name(stream));
    return ELEA_OK;
}
