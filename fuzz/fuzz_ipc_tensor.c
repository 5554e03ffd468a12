// SPDX-License-Identifier: Apache-2.0
//
// Bytes as the messages of tensors and of sparse tensors. What passes is read, element by element,
// and made dense, and a tensor is written again and read back the same.
#include <elea/ipc.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

static void write_again(const elea_tensor *tensor, elea_pool *pool) {
    elea_error err;
    elea_output_stream *stream = NULL;
    elea_buffer *bytes = NULL;
    elea_file *file = NULL;
    elea_tensor *again = NULL;
    int64_t offset = 0;
    const elea_ipc_read_options options = {.pool = pool};
    const elea_equal_options same = {.nans_equal = true};
    if (elea_output_stream_new_memory(pool, &stream, &err) == ELEA_OK &&
        elea_ipc_write_tensor(stream, tensor, pool, &err) == ELEA_OK &&
        elea_output_stream_take(stream, &bytes, &err) == ELEA_OK &&
        elea_file_new_from_buffer(bytes, NULL, pool, &file, &err) == ELEA_OK) {
        elea_status status = elea_ipc_read_tensor(file, &offset, &options, &again, &err);
        must(status == ELEA_OK ? elea_tensor_equal(again, tensor, &same) : status == ELEA_ENOMEM);
    }
    elea_tensor_unref(again);
    elea_file_unref(file);
    elea_buffer_unref(bytes);
    elea_output_stream_free(stream);
}

static void read_sparse(elea_file *file, elea_pool *pool) {
    elea_error err;
    int64_t offset = 0;
    elea_sparse_tensor *sparse = NULL;
    elea_tensor *dense = NULL;
    const elea_ipc_read_options options = {.pool = pool};
    while (elea_ipc_read_sparse_tensor(file, &offset, &options, &sparse, &err) == ELEA_OK) {
        if (elea_sparse_tensor_to_tensor(pool, sparse, &dense, &err) == ELEA_OK)
            must(elea_tensor_count_nonzero(dense) <= elea_sparse_tensor_nonzero_count(sparse));
        elea_tensor_unref(dense);
        elea_sparse_tensor_unref(sparse);
        dense = NULL;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    elea_error err;
    elea_pool *pool = NULL;
    elea_buffer *bytes = NULL;
    elea_file *file = NULL;
    elea_tensor *tensor = NULL;
    int64_t offset = 0;
    // A sparse tensor of few bytes may stand for a large one.
    if (elea_pool_new_capped(NULL, 1 << 20, &pool, &err) != ELEA_OK)
        return 0;
    const elea_ipc_read_options options = {.pool = pool};
    if (elea_buffer_wrap(NULL, data, (int64_t)size, NULL, NULL, &bytes, &err) == ELEA_OK &&
        elea_file_new_from_buffer(bytes, NULL, pool, &file, &err) == ELEA_OK) {
        while (elea_ipc_read_tensor(file, &offset, &options, &tensor, &err) == ELEA_OK) {
            // Strides of 0 make few bytes any number of elements.
            if (elea_tensor_length(tensor) < 1 << 16) {
                must(elea_tensor_count_nonzero(tensor) <= elea_tensor_length(tensor));
                write_again(tensor, pool);
            }
            elea_tensor_unref(tensor);
        }
        read_sparse(file, pool);
    }
    elea_file_unref(file);
    elea_buffer_unref(bytes);
    elea_pool_free(pool);
    return 0;
}
