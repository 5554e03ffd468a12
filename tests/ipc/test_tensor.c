// SPDX-License-Identifier: Apache-2.0
//
// Tensors and sparse tensors as messages: round trips, damage at every byte.
#include <elea/ipc.h>

#include <stdlib.h>
#include <string.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/tensors.h"

static bool fits(elea_sparse_format format, const elea_tensor *tensor) {
    bool is_matrix = format == ELEA_SPARSE_CSR || format == ELEA_SPARSE_CSC;
    return !is_matrix || elea_tensor_dimension_count(tensor) == 2;
}

static elea_file *file_of(elea_buffer *bytes) {
    elea_error err = {0};
    elea_file *file;
    assert_ok(elea_file_new_from_buffer(bytes, NULL, NULL, &file, &err));
    return file;
}

static elea_sparse_tensor *sparse_of(const elea_tensor *tensor, elea_sparse_format format) {
    elea_error err = {0};
    elea_sparse_tensor *sparse;
    assert_ok(elea_sparse_tensor_new_from_tensor(NULL, tensor, format,
                                                 elea_type_of(ELEA_TYPE_INT32), &sparse, &err));
    return sparse;
}

static bool same_names(const elea_tensor *a, const elea_tensor *b) {
    const elea_bytes *left = elea_tensor_dimension_names(a),
                     *right = elea_tensor_dimension_names(b);
    if (!left || !right)
        return left == right;
    for (int32_t i = 0; i < elea_tensor_dimension_count(a); i++)
        if (left[i].size != right[i].size ||
            memcmp(left[i].data, right[i].data, (size_t)left[i].size) != 0)
            return false;
    return true;
}

// One behind the other in one file.
static void test_round_trips(void **state) {
    (void)state;
    elea_error err = {0};
    for (uint64_t seed = 1; seed <= 100; seed++) {
        elea_output_stream *stream;
        elea_buffer *bytes;
        elea_tensor *tensor = elea_test_random_tensor(seed, seed % 2 ? 2 : 4, seed % 2), *found;
        int64_t offset = 0, size = 0;
        assert_ok(elea_output_stream_new_memory(NULL, &stream, &err));
        assert_ok(elea_ipc_write_tensor(stream, tensor, NULL, &err));
        assert_ok(elea_ipc_tensor_size(tensor, NULL, &size, &err));
        assert_int_equal(size, elea_output_stream_position(stream));
        for (int format = ELEA_SPARSE_COO; format <= ELEA_SPARSE_CSF; format++) {
            if (!fits((elea_sparse_format)format, tensor))
                continue;
            elea_sparse_tensor *sparse = sparse_of(tensor, (elea_sparse_format)format);
            assert_ok(elea_ipc_write_sparse_tensor(stream, sparse, NULL, &err));
            elea_sparse_tensor_unref(sparse);
        }
        assert_ok(elea_output_stream_take(stream, &bytes, &err));
        elea_output_stream_free(stream);
        elea_file *file = file_of(bytes);
        assert_ok(elea_ipc_read_tensor(file, &offset, NULL, &found, &err));
        assert_int_equal(offset, size);
        assert_true(elea_tensor_equal(found, tensor, NULL));
        assert_true(same_names(found, tensor));
        assert_int_equal((uintptr_t)elea_buffer_data(elea_tensor_data(found)) % 64, 0);
        elea_tensor_unref(found);
        for (int format = ELEA_SPARSE_COO; format <= ELEA_SPARSE_CSF; format++) {
            elea_sparse_tensor *again;
            if (!fits((elea_sparse_format)format, tensor))
                continue;
            elea_sparse_tensor *sparse = sparse_of(tensor, (elea_sparse_format)format);
            assert_ok(elea_ipc_read_sparse_tensor(file, &offset, NULL, &again, &err));
            assert_true(elea_sparse_tensor_equal(again, sparse, NULL));
            assert_int_equal(elea_sparse_tensor_is_canonical(again), format == ELEA_SPARSE_COO);
            elea_sparse_tensor_unref(again);
            elea_sparse_tensor_unref(sparse);
        }
        assert_int_equal(offset, elea_buffer_size(bytes));
        assert_fails(ELEA_EINVAL, "expected 4",
                     elea_ipc_read_tensor(file, &offset, NULL, &found, &err));
        elea_file_unref(file);
        elea_buffer_unref(bytes);
        elea_tensor_unref(tensor);
    }
}

// Reads a message of either kind; what passes must be safe to use.
static bool touch(elea_buffer *bytes) {
    elea_error err = {0};
    elea_pool *pool;
    elea_file *file = file_of(bytes);
    elea_tensor *tensor = NULL, *dense = NULL;
    elea_sparse_tensor *sparse = NULL;
    int64_t offset = 0;
    bool read = false;
    assert_ok(elea_pool_new_capped(NULL, 1 << 22, &pool, &err)); // damage may ask for a lot
    const elea_ipc_read_options options = {.pool = pool};
    if (elea_ipc_read_tensor(file, &offset, &options, &tensor, &err) == ELEA_OK) {
        assert_in_range(elea_tensor_count_nonzero(tensor), 0, elea_tensor_length(tensor));
        read = true;
    }
    offset = 0;
    if (elea_ipc_read_sparse_tensor(file, &offset, &options, &sparse, &err) == ELEA_OK) {
        read = true;
        if (elea_sparse_tensor_to_tensor(pool, sparse, &dense, &err) == ELEA_OK)
            assert_true(elea_tensor_count_nonzero(dense) <=
                        elea_sparse_tensor_nonzero_count(sparse));
    }
    elea_tensor_unref(dense);
    elea_sparse_tensor_unref(sparse);
    elea_tensor_unref(tensor);
    elea_file_unref(file);
    elea_pool_free(pool);
    return read;
}

static elea_buffer *message_of(const elea_tensor *tensor, int format) {
    elea_error err = {0};
    elea_output_stream *stream;
    elea_buffer *bytes;
    assert_ok(elea_output_stream_new_memory(NULL, &stream, &err));
    if (format < 0) {
        assert_ok(elea_ipc_write_tensor(stream, tensor, NULL, &err));
    } else {
        elea_sparse_tensor *sparse = sparse_of(tensor, (elea_sparse_format)format);
        assert_ok(elea_ipc_write_sparse_tensor(stream, sparse, NULL, &err));
        elea_sparse_tensor_unref(sparse);
    }
    assert_ok(elea_output_stream_take(stream, &bytes, &err));
    elea_output_stream_free(stream);
    return bytes;
}

static void test_damage(void **state) {
    (void)state;
    static const uint8_t masks[] = {0x01, 0x80, 0xff};
    elea_error err = {0};
    elea_tensor *tensor = elea_test_random_tensor(6, 2, true);
    for (int format = -1; format <= ELEA_SPARSE_CSF; format++) {
        elea_buffer *bytes = message_of(tensor, format), *changed, *cut;
        int64_t size = elea_buffer_size(bytes);
        int refused = 0;
        for (int64_t i = 0; i < size; i++) {
            for (int k = 0; k < 3; k++) {
                assert_ok(elea_buffer_new(NULL, size, &changed, &err));
                uint8_t *data = elea_buffer_mutable_data(changed);
                memcpy(data, elea_buffer_data(bytes), (size_t)size);
                data[i] ^= masks[k];
                refused += !touch(changed);
                elea_buffer_unref(changed);
            }
            assert_ok(elea_buffer_slice(bytes, 0, i, &cut, &err));
            assert_false(touch(cut));
            elea_buffer_unref(cut);
        }
        assert_true(refused > 100);
        elea_buffer_unref(bytes);
    }
    elea_tensor_unref(tensor);
}

static void test_misaligned(void **state) {
    (void)state;
    elea_error err = {0};
    elea_tensor *tensor = elea_test_random_tensor(9, 2, false), *found = NULL;
    while (elea_type_bit_width(elea_tensor_type(tensor)) == 8) {
        static uint64_t seed = 10;
        elea_tensor_unref(tensor);
        tensor = elea_test_random_tensor(seed++, 2, false);
    }
    elea_buffer *bytes = message_of(tensor, -1), *shifted, *slice;
    assert_ok(elea_buffer_new(NULL, elea_buffer_size(bytes) + 1, &shifted, &err));
    memcpy(elea_buffer_mutable_data(shifted) + 1, elea_buffer_data(bytes),
           (size_t)elea_buffer_size(bytes));
    assert_ok(elea_buffer_slice(shifted, 1, elea_buffer_size(bytes), &slice, &err));
    elea_file *file = file_of(slice);
    int64_t offset = 0;
    const elea_ipc_read_options refuse = {.misaligned = ELEA_IPC_MISALIGNED_REFUSE};
    assert_fails(ELEA_EINVAL, "a buffer that is not aligned",
                 elea_ipc_read_tensor(file, &offset, &refuse, &found, &err));
    assert_int_equal(offset, 0);
    assert_ok(elea_ipc_read_tensor(file, &offset, NULL, &found, &err));
    assert_true(elea_tensor_equal(found, tensor, NULL));
    elea_tensor_unref(found);
    elea_file_unref(file);
    elea_buffer_unref(slice);
    elea_buffer_unref(shifted);
    elea_buffer_unref(bytes);
    elea_tensor_unref(tensor);
}

static elea_status write_and_read(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_output_stream *stream = NULL;
    elea_buffer *bytes = NULL;
    elea_file *file = NULL;
    elea_tensor *tensor = NULL;
    elea_sparse_tensor *sparse = NULL, *found = NULL;
    const elea_ipc_read_options options = {.pool = pool};
    int64_t offset = 0;
    ELEA_GOTO(done, elea_output_stream_new_memory(pool, &stream, err));
    ELEA_GOTO(done, elea_ipc_write_tensor(stream, context, pool, err));
    ELEA_GOTO(done, elea_sparse_tensor_new_from_tensor(pool, context, ELEA_SPARSE_CSF, NULL,
                                                       &sparse, err));
    ELEA_GOTO(done, elea_ipc_write_sparse_tensor(stream, sparse, pool, err));
    ELEA_GOTO(done, elea_output_stream_take(stream, &bytes, err));
    ELEA_GOTO(done, elea_file_new_from_buffer(bytes, NULL, pool, &file, err));
    ELEA_GOTO(done, elea_ipc_read_tensor(file, &offset, &options, &tensor, err));
    status = elea_ipc_read_sparse_tensor(file, &offset, &options, &found, err);

done:
    elea_sparse_tensor_unref(found);
    elea_sparse_tensor_unref(sparse);
    elea_tensor_unref(tensor);
    elea_file_unref(file);
    elea_buffer_unref(bytes);
    elea_output_stream_free(stream);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    elea_tensor *tensor = elea_test_random_tensor(5, 3, true);
    assert_true(elea_test_fail_each_allocation(write_and_read, tensor) > 20);
    elea_tensor_unref(tensor);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_misaligned),
        cmocka_unit_test(test_allocation_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
