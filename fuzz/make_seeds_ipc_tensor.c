// SPDX-License-Identifier: Apache-2.0
#include <elea/ipc.h>

#include "ipc_seeds.h"

static elea_tensor *make_tensor(elea_type_id id, int32_t count, bool column_major) {
    static const int64_t shape[] = {2, 3, 2};
    static const elea_bytes names[] = {{"lap", 3}, {"step", 4}, {"", 0}};
    elea_error err = {0};
    elea_buffer *data;
    elea_tensor *tensor;
    int64_t width = elea_type_bit_width(elea_type_of(id)) / 8, length = 1, strides[3];
    for (int32_t i = 0; i < count; i++) {
        strides[i] = width * length;
        length *= shape[i];
    }
    seed_check(elea_buffer_new(NULL, length * width, &data, &err), &err);
    for (int64_t i = 0; i < length * width; i++)
        elea_buffer_mutable_data(data)[i] = (uint8_t)(i / width % 3 ? 0 : i);
    const elea_tensor_parts parts = {.type = elea_type_of(id),
                                     .data = data,
                                     .dimension_count = count,
                                     .shape = shape,
                                     .strides = column_major ? strides : NULL,
                                     .dimension_names = count == 3 ? names : NULL};
    seed_check(elea_tensor_new(NULL, &parts, &tensor, &err), &err);
    elea_buffer_unref(data);
    return tensor;
}

static void write_seed(const char *folder, const elea_tensor *tensor, int format, int number) {
    elea_error err = {0};
    elea_output_stream *stream;
    elea_buffer *bytes;
    seed_check(elea_output_stream_new_memory(NULL, &stream, &err), &err);
    if (format < 0) {
        seed_check(elea_ipc_write_tensor(stream, tensor, NULL, &err), &err);
    } else {
        elea_sparse_tensor *sparse;
        const elea_type *index = elea_type_of(number % 2 ? ELEA_TYPE_INT32 : ELEA_TYPE_UINT8);
        seed_check(elea_sparse_tensor_new_from_tensor(NULL, tensor, (elea_sparse_format)format,
                                                      index, &sparse, &err),
                   &err);
        seed_check(elea_ipc_write_sparse_tensor(stream, sparse, NULL, &err), &err);
        elea_sparse_tensor_unref(sparse);
    }
    seed_check(elea_output_stream_take(stream, &bytes, &err), &err);
    seed_write(folder, "tensor", number, elea_buffer_data(bytes), elea_buffer_size(bytes));
    elea_buffer_unref(bytes);
    elea_output_stream_free(stream);
}

int main(int argc, char **argv) {
    static const elea_type_id types[] = {ELEA_TYPE_INT8, ELEA_TYPE_FLOAT16, ELEA_TYPE_UINT32,
                                         ELEA_TYPE_FLOAT64};
    int number = 0;
    if (argc != 2)
        return 2;
    for (int i = 0; i < 4; i++) {
        for (int32_t count = 0; count <= 3; count++) {
            elea_tensor *tensor = make_tensor(types[i], count, count % 2);
            for (int format = -1; format <= ELEA_SPARSE_CSF; format++) {
                bool is_matrix = format == ELEA_SPARSE_CSR || format == ELEA_SPARSE_CSC;
                if (format < 0 || (is_matrix ? count == 2 : count > 0))
                    write_seed(argv[1], tensor, format, number++);
            }
            elea_tensor_unref(tensor);
        }
    }
    return 0;
}
