// SPDX-License-Identifier: Apache-2.0
#include "base/math_internal.h"
#include "ipc/format.h"
#include "ipc/tensor_message.h"
#include "ipc/type_map.h"

// The index of a sparse tensor while it is read.
typedef struct index_reader {
    elea__tensor_reader *reader;
    elea__flat_table table;
    int64_t nonzero_count;
    elea_sparse_tensor_parts parts;
    elea_tensor *indices[ELEA_TENSOR_DIMENSIONS_MAX];
    elea_tensor *offsets[ELEA_TENSOR_DIMENSIONS_MAX];
    int32_t axes[ELEA_TENSOR_DIMENSIONS_MAX];
} index_reader;

static elea_status read_index_type(const index_reader *index, int slot, const elea_type **out,
                                   elea_error *err) {
    elea__flat_table parameters;
    elea_type_id id = ELEA_TYPE_NULL;
    bool present = false;
    ELEA_TRY(elea__flat_get_table(&index->table, slot, &parameters, &present, err));
    if (!present)
        return elea_error_set(err, ELEA_EINVAL, "an index without a type");
    ELEA_TRY(elea__ipc_type_select(ELEA__TAG_INT, &parameters, &id, err));
    *out = elea_type_of(id);
    return ELEA_OK;
}

// So many entries of a part of the body, as a tensor of one dimension. Takes the buffer.
static elea_status make_list(const index_reader *index, const elea_type *type, int64_t length,
                             elea_buffer *data, elea_tensor **out, elea_error *err) {
    const int64_t shape[] = {length};
    const elea_tensor_parts parts = {
        .type = type, .data = data, .dimension_count = 1, .shape = shape};
    elea_status status = elea_tensor_new(index->reader->pool, &parts, out, err);
    elea_buffer_unref(data);
    return status;
}

static elea_status read_coo(index_reader *index, elea_error *err) {
    elea__flat_vector vector;
    const elea_type *type = NULL;
    elea_buffer *data = NULL;
    int64_t canonical = 0;
    const int64_t shape[] = {index->nonzero_count, index->reader->dimension_count};
    int64_t strides[2];
    ELEA_TRY(read_index_type(index, ELEA__COO_TYPE, &type, err));
    ELEA_TRY(elea__flat_get_int(&index->table, ELEA__COO_CANONICAL, 1, 0, &canonical, err));
    ELEA_TRY(elea__flat_get_vector(&index->table, ELEA__COO_STRIDES, 8, &vector, err));
    if (vector.count != 0 && vector.count != 2)
        return elea_error_set(err, ELEA_EINVAL, "coordinates with %lld strides, expected 2",
                              (long long)vector.count);
    for (int64_t i = 0; i < vector.count; i++)
        strides[i] = elea__flat_load(elea__flat_vector_data(&vector) + 8 * i, 8);
    ELEA_TRY(elea__tensor_reader_buffer(index->reader, &index->table, ELEA__COO_BUFFER,
                                        elea_type_bit_width(type) / 8, &data, err));
    const elea_tensor_parts parts = {.type = type,
                                     .data = data,
                                     .dimension_count = 2,
                                     .shape = shape,
                                     .strides = vector.count > 0 ? strides : NULL};
    elea_status status = elea_tensor_new(index->reader->pool, &parts, &index->indices[0], err);
    elea_buffer_unref(data);
    index->parts.format = ELEA_SPARSE_COO;
    index->parts.is_canonical = canonical != 0;
    return status;
}

static elea_status read_matrix(index_reader *index, elea_error *err) {
    const elea_type *type = NULL;
    elea_buffer *data = NULL;
    int64_t axis = 0, offsets = 0;
    ELEA_TRY(elea__flat_get_int(&index->table, ELEA__CSX_AXIS, 2, 0, &axis, err));
    if (axis != 0 && axis != 1)
        return elea_error_set(err, ELEA_EINVAL, "a compressed axis %lld, expected 0 or 1",
                              (long long)axis);
    if (index->reader->dimension_count != 2 ||
        elea__add_overflow(index->reader->shape[axis], 1, &offsets))
        return elea_error_set(err, ELEA_EINVAL, "a matrix of %d dimensions, expected 2",
                              index->reader->dimension_count);
    index->parts.format = axis == 0 ? ELEA_SPARSE_CSR : ELEA_SPARSE_CSC;
    ELEA_TRY(read_index_type(index, ELEA__CSX_OFFSETS_TYPE, &type, err));
    ELEA_TRY(elea__tensor_reader_buffer(index->reader, &index->table, ELEA__CSX_OFFSETS,
                                        elea_type_bit_width(type) / 8, &data, err));
    ELEA_TRY(make_list(index, type, offsets, data, &index->offsets[0], err));
    ELEA_TRY(read_index_type(index, ELEA__CSX_INDICES_TYPE, &type, err));
    ELEA_TRY(elea__tensor_reader_buffer(index->reader, &index->table, ELEA__CSX_INDICES,
                                        elea_type_bit_width(type) / 8, &data, err));
    return make_list(index, type, index->nonzero_count, data, &index->indices[0], err);
}

// The Buffer structs in a slot, of which there must be `count`.
static elea_status find_lists(const index_reader *index, int slot, int32_t count,
                              elea__flat_vector *out, elea_error *err) {
    ELEA_TRY(elea__flat_get_vector(&index->table, slot, ELEA__IPC_BUFFER_SIZE, out, err));
    if (out->count != count)
        return elea_error_set(err, ELEA_EINVAL, "%lld buffers of an index, expected %d",
                              (long long)out->count, count);
    return ELEA_OK;
}

static int64_t size_of(const elea__flat_vector *lists, int64_t i) {
    return elea__flat_load(elea__flat_vector_data(lists) + ELEA__IPC_BUFFER_SIZE * i + 8, 8);
}

// Reads the buffers, whose sizes are counted in units of `unit` bytes.
static elea_status read_lists(const index_reader *index, const elea__flat_vector *lists,
                              const elea_type *type, int64_t unit, elea_tensor **out,
                              elea_error *err) {
    int64_t width = elea_type_bit_width(type) / 8;
    for (int64_t i = 0; i < lists->count; i++) {
        const uint8_t *entry = elea__flat_vector_data(lists) + ELEA__IPC_BUFFER_SIZE * i;
        elea_buffer *data = NULL;
        int64_t size = 0;
        if (elea__mul_overflow(size_of(lists, i), unit, &size))
            size = -1;
        ELEA_TRY(elea__tensor_reader_slice(index->reader, elea__flat_load(entry, 8), size, width,
                                           &data, err));
        ELEA_TRY(make_list(index, type, size / width, data, &out[i], err));
    }
    return ELEA_OK;
}

// Arrow C++ gives the buffers of this index a size in entries; by the format it is one in bytes.
// The last level has an entry for each element, and the first offsets at least one.
static bool counts_entries(const index_reader *index, const elea__flat_vector *indices,
                           const elea__flat_vector *offsets) {
    if (index->nonzero_count > 0)
        return size_of(indices, indices->count - 1) == index->nonzero_count;
    return offsets->count == 0 || size_of(offsets, 0) == 1;
}

static elea_status read_csf(index_reader *index, elea_error *err) {
    elea__flat_vector axes, indices, offsets;
    const elea_type *offsets_type = NULL, *indices_type = NULL;
    int32_t count = index->reader->dimension_count;
    index->parts.format = ELEA_SPARSE_CSF;
    ELEA_TRY(elea__flat_get_vector(&index->table, ELEA__CSF_AXIS_ORDER, 4, &axes, err));
    if (axes.count != count || count == 0)
        return elea_error_set(err, ELEA_EINVAL, "an axis order of %lld, expected %d, at least 1",
                              (long long)axes.count, count);
    for (int32_t i = 0; i < count; i++)
        index->axes[i] =
            (int32_t)elea__flat_load(elea__flat_vector_data(&axes) + 4 * (int64_t)i, 4);
    ELEA_TRY(read_index_type(index, ELEA__CSF_OFFSETS_TYPE, &offsets_type, err));
    ELEA_TRY(read_index_type(index, ELEA__CSF_INDICES_TYPE, &indices_type, err));
    ELEA_TRY(find_lists(index, ELEA__CSF_OFFSETS, count - 1, &offsets, err));
    ELEA_TRY(find_lists(index, ELEA__CSF_INDICES, count, &indices, err));
    bool entries = counts_entries(index, &indices, &offsets);
    ELEA_TRY(read_lists(index, &offsets, offsets_type,
                        entries ? elea_type_bit_width(offsets_type) / 8 : 1, index->offsets, err));
    return read_lists(index, &indices, indices_type,
                      entries ? elea_type_bit_width(indices_type) / 8 : 1, index->indices, err);
}

static elea_status read_index(index_reader *index, elea_error *err) {
    const elea__flat_table *header = &index->reader->message.header;
    int64_t tag = 0;
    bool present = false;
    ELEA_TRY(
        elea__flat_get_int(header, ELEA__SPARSE_NONZERO_COUNT, 8, 0, &index->nonzero_count, err));
    ELEA_TRY(elea__flat_get_int(header, ELEA__SPARSE_INDEX_TAG, 1, 0, &tag, err));
    ELEA_TRY(elea__flat_get_table(header, ELEA__SPARSE_INDEX, &index->table, &present, err));
    if (!present)
        tag = 0;
    switch (tag) {
    case ELEA__INDEX_COO:
        return read_coo(index, err);
    case ELEA__INDEX_CSX:
        return read_matrix(index, err);
    case ELEA__INDEX_CSF:
        return read_csf(index, err);
    default:
        return elea_error_set(err, ELEA_EINVAL, "an index of kind %lld, expected 1 to 3",
                              (long long)tag);
    }
}

static elea_status make(index_reader *index, elea_sparse_tensor **out, elea_error *err) {
    const elea__tensor_reader *reader = index->reader;
    elea_buffer *data = NULL;
    ELEA_TRY(elea__tensor_reader_buffer(reader, &reader->message.header, ELEA__SPARSE_DATA,
                                        elea_type_bit_width(reader->type) / 8, &data, err));
    index->parts.type = reader->type;
    index->parts.data = data;
    index->parts.nonzero_count = index->nonzero_count;
    index->parts.dimension_count = reader->dimension_count;
    index->parts.shape = reader->shape;
    index->parts.dimension_names = reader->names;
    index->parts.indices = (const elea_tensor *const *)index->indices;
    index->parts.offsets = (const elea_tensor *const *)index->offsets;
    index->parts.axis_order = index->axes;
    elea_status status = elea_sparse_tensor_new(reader->pool, &index->parts, out, err);
    elea_buffer_unref(data);
    return status;
}

static elea_status read(elea__tensor_reader *reader, elea_sparse_tensor **out, elea_error *err) {
    void *memory = NULL;
    ELEA_TRY(elea_alloc_zero(reader->pool, sizeof(index_reader), &memory, err));
    index_reader *index = memory;
    index->reader = reader;
    elea_status status = read_index(index, err);
    if (status == ELEA_OK)
        status = make(index, out, err);
    for (int32_t i = 0; i < ELEA_TENSOR_DIMENSIONS_MAX; i++) {
        elea_tensor_unref(index->indices[i]);
        elea_tensor_unref(index->offsets[i]);
    }
    elea_dealloc(reader->pool, memory, sizeof(index_reader));
    return status;
}

elea_status elea_ipc_read_sparse_tensor(elea_file *file, int64_t *offset,
                                        const elea_ipc_read_options *options,
                                        elea_sparse_tensor **out, elea_error *err) {
    static const elea__tensor_slots slots = {.header = ELEA__HEADER_SPARSE_TENSOR,
                                             .type_tag = ELEA__SPARSE_TYPE_TAG,
                                             .type = ELEA__SPARSE_TYPE,
                                             .shape = ELEA__SPARSE_SHAPE};
    elea__tensor_reader reader;
    int64_t position = *offset;
    elea_status status = elea__tensor_reader_init(&reader, file, &position, &slots, options, err);
    if (status == ELEA_OK)
        status = read(&reader, out, err);
    elea__tensor_reader_release(&reader);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "cannot read \"%s\": sparse tensor at %lld",
                                 elea_file_name(file), (long long)*offset);
    *offset = position;
    return ELEA_OK;
}
