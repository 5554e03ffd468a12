// SPDX-License-Identifier: Apache-2.0
#include <elea/base.h>

#include "base/buffer_internal.h"
#include "support/alloc_failures.h"
#include "support/cmocka_all.h"

static void count_release(void *context) { ++*(int *)context; }

static void test_owned(void **state) {
    (void)state;
    elea_error err;
    const int64_t sizes[] = {0, 1, 64, 100, 65536};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        elea_buffer *buffer;
        int64_t before = elea_pool_default()->bytes_allocated;
        assert_ok(elea_buffer_new(NULL, sizes[i], &buffer, &err));
        assert_int_equal(elea_buffer_size(buffer), sizes[i]);
        assert_int_equal((uintptr_t)elea_buffer_data(buffer) % 64, 0);
        uint8_t *data = elea_buffer_mutable_data(buffer);
        assert_ptr_equal(data, elea_buffer_data(buffer));
        for (int64_t at = sizes[i]; at < (sizes[i] + 63) / 64 * 64; at++)
            assert_int_equal(data[at], 0);
        assert_ptr_equal(elea_buffer_ref(buffer), buffer);
        assert_null(elea_buffer_mutable_data(buffer));
        elea_buffer_unref(buffer);
        assert_ptr_equal(elea_buffer_mutable_data(buffer), data);
        elea_buffer_unref(buffer);
        assert_int_equal(elea_pool_default()->bytes_allocated, before);
    }
    elea_buffer *buffer;
    assert_fails(ELEA_EINVAL, "-5", elea_buffer_new(NULL, -5, &buffer, &err));
    assert_fails(ELEA_ECAPACITY, "bytes", elea_buffer_new(NULL, INT64_MAX, &buffer, &err));
}

static void test_null(void **state) {
    (void)state;
    assert_null(elea_buffer_data(NULL));
    assert_int_equal(elea_buffer_size(NULL), 0);
    assert_null(elea_buffer_mutable_data(NULL));
    assert_null(elea_buffer_ref(NULL));
    elea_buffer_unref(NULL);
}

static void test_copy_is_counted(void **state) {
    (void)state;
    elea_error err;
    elea_buffer *buffer;
    int64_t before = elea_copied_bytes();
    assert_ok(elea_buffer_new_copy(NULL, "zeno", 4, &buffer, &err));
    assert_memory_equal(elea_buffer_data(buffer), "zeno", 4);
    assert_int_equal(elea_copied_bytes() - before, 4);
    elea_buffer_unref(buffer);
    assert_ok(elea_buffer_new_copy(NULL, NULL, 0, &buffer, &err));
    elea_buffer_unref(buffer);
}

static void test_wrapped(void **state) {
    (void)state;
    elea_error err;
    int released = 0;
    const char *text = "achilles";
    elea_buffer *buffer, *slice, *inner;
    int64_t before = elea_copied_bytes();
    assert_ok(elea_buffer_wrap(NULL, text, 8, count_release, &released, &buffer, &err));
    assert_ptr_equal(elea_buffer_data(buffer), text);
    assert_null(elea_buffer_mutable_data(buffer));
    assert_ok(elea_buffer_slice(buffer, 2, 5, &slice, &err));
    assert_ok(elea_buffer_slice(slice, 1, 4, &inner, &err));
    assert_ptr_equal(elea_buffer_data(inner), text + 3);
    assert_ptr_equal(inner->source.parent, buffer); // no chain of slices
    elea_buffer_unref(buffer);
    elea_buffer_unref(slice);
    assert_int_equal(released, 0);
    elea_buffer_unref(inner);
    assert_int_equal(released, 1);
    assert_int_equal(elea_copied_bytes(), before);
    assert_ok(elea_buffer_wrap(NULL, text, 8, NULL, NULL, &buffer, &err));
    elea_buffer_unref(buffer);
    assert_fails(ELEA_EINVAL, "-1", elea_buffer_wrap(NULL, text, -1, NULL, NULL, &buffer, &err));
    elea_pool *pool;
    assert_ok(elea_pool_new_failing(NULL, 1, false, &pool, &err));
    assert_fails(ELEA_ENOMEM, "failing",
                 elea_buffer_wrap(pool, text, 8, count_release, &released, &buffer, &err));
    assert_int_equal(released, 1);
    elea_pool_free(pool);
}

static void test_slice_bounds(void **state) {
    (void)state;
    elea_error err;
    elea_buffer *buffer, *slice;
    assert_ok(elea_buffer_new(NULL, 10, &buffer, &err));
    const int64_t bad[][2] = {{-1, 1},
                              {0, 11},
                              {11, 0},
                              {5, 6},
                              {1, -1},
                              {1, INT64_MAX},
                              {INT64_MAX, 1},
                              {INT64_MAX, INT64_MAX},
                              {INT64_MIN, INT64_MAX}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(ELEA_EINDEX, "buffer of 10 bytes",
                     elea_buffer_slice(buffer, bad[i][0], bad[i][1], &slice, &err));
    assert_ok(elea_buffer_slice(buffer, 10, 0, &slice, &err));
    assert_int_equal(elea_buffer_size(slice), 0);
    assert_null(elea_buffer_mutable_data(buffer));
    elea_buffer_unref(slice);
    assert_ok(elea_buffer_slice(buffer, 0, 10, &slice, &err));
    assert_ptr_equal(elea_buffer_data(slice), elea_buffer_data(buffer));
    assert_null(elea_buffer_mutable_data(slice));
    elea_buffer_unref(slice);
    assert_non_null(elea_buffer_mutable_data(buffer));
    elea_buffer_unref(buffer);
    assert_ok(elea_buffer_wrap(NULL, NULL, 0, NULL, NULL, &buffer, &err));
    assert_ok(elea_buffer_slice(buffer, 0, 0, &slice, &err));
    assert_null(elea_buffer_data(slice));
    elea_buffer_unref(slice);
    elea_buffer_unref(buffer);
}

static elea_status make_all(elea_pool *pool, void *context, elea_error *err) {
    (void)context;
    elea_buffer *owned = NULL, *copy = NULL, *wrapped = NULL, *slice = NULL, *adopted = NULL;
    void *block = NULL;
    int released = 0;
    elea_status status;
    ELEA_GOTO(done, elea_buffer_new(pool, 100, &owned, err));
    ELEA_GOTO(done, elea_buffer_new_copy(pool, "abc", 3, &copy, err));
    ELEA_GOTO(done, elea_buffer_wrap(pool, "abc", 3, count_release, &released, &wrapped, err));
    ELEA_GOTO(done, elea_buffer_slice(wrapped, 1, 2, &slice, err));
    ELEA_GOTO(done, elea_alloc(pool, 1000, &block, err));
    ELEA_GOTO(done, elea__buffer_adopt(pool, block, 1000, 500, &adopted, err));
    assert_ptr_equal(elea_buffer_data(adopted), block);
    assert_int_equal(elea_buffer_size(adopted), 500);
    block = NULL;
done:
    elea_dealloc(pool, block, 1000);
    elea_buffer_unref(owned);
    elea_buffer_unref(copy);
    assert_int_equal(released, 0);
    bool was_wrapped = wrapped != NULL;
    elea_buffer_unref(wrapped);
    elea_buffer_unref(slice);
    assert_int_equal(released, was_wrapped);
    elea_buffer_unref(adopted);
    return status;
}

static void test_without_memory(void **state) {
    (void)state;
    assert_int_equal(elea_test_fail_each_allocation(make_all, NULL), 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_owned),           cmocka_unit_test(test_null),
        cmocka_unit_test(test_copy_is_counted), cmocka_unit_test(test_wrapped),
        cmocka_unit_test(test_slice_bounds),    cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
