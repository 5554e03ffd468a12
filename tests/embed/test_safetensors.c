// SPDX-License-Identifier: Apache-2.0
//
// The weights file: what is right is viewed in place, what is wrong is refused by name.
#include "embed/safetensors.h"

#include "embed/safetensors_file.h"
#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/scratch.h"

static elea_error err;

#define TENSOR(name, type, shape, begin, end)                                                      \
    "\"" name "\":{\"dtype\":\"" type "\",\"shape\":" shape ",\"data_offsets\":[" begin "," end "]}"

static const char good[] =
    "{\"__metadata__\":{\"format\":\"pt\"}," TENSOR("a", "F32", "[2,3]", "0", "24") "," TENSOR(
        "b", "BF16", "[]", "24", "26") "," TENSOR("c", "F16", "[0,7]", "26", "26") "}  ";

static void test_views(void **state) {
    (void)state;
    elea_buffer *bytes = safetensors_file(good, 0, 26);
    elea__safetensors *file = NULL;
    int64_t copied = elea_copied_bytes();
    assert_ok(elea__safetensors_parse(bytes, "x", NULL, &file, &err));
    assert_int_equal(elea__safetensors_count(file), 3);
    const elea__tensor *a = elea__safetensors_find(file, "a");
    assert_non_null(a);
    assert_ptr_equal(a->data, elea_buffer_data(bytes) + 8 + strlen(good));
    assert_int_equal(a->type, ELEA_TENSOR_F32);
    assert_int_equal(a->rank, 2);
    assert_int_equal(a->count, 6);
    assert_int_equal(a->size, 24);
    assert_int_equal(elea__safetensors_find(file, "b")->count, 1);
    assert_int_equal(elea__safetensors_find(file, "c")->count, 0);
    assert_null(elea__safetensors_find(file, "__metadata__"));
    char text[40];
    assert_string_equal(elea__tensor_shape_text(a->shape, a->rank, text, 40), "[2, 3]");
    assert_int_equal(elea_copied_bytes(), copied);
    elea__safetensors_free(file);
    elea_buffer_unref(bytes);
}

static void refuse(elea_status status, const char *part, const char *json, int64_t lie,
                   int64_t body_size) {
    elea_buffer *bytes = safetensors_file(json, lie, body_size);
    elea__safetensors *file = NULL;
    assert_fails(status, part, elea__safetensors_parse(bytes, "some/file", NULL, &file, &err));
    assert_null(file);
    assert_non_null(strstr(err.message, "some/file"));
    elea_buffer_unref(bytes);
}

static void test_damaged_header(void **state) {
    (void)state;
    refuse(ELEA_EINVAL, "header of 3 bytes in a file of 10", "{}", 1, 0);
    refuse(ELEA_EINVAL, "header of 18446744073709551615", "{}", -3, 0);
    refuse(ELEA_EINVAL, "no JSON", "{\"a\":", 0, 4);
    refuse(ELEA_EINVAL, "no JSON", "", 0, 0);
    refuse(ELEA_EINVAL, "no JSON object", "[]", 0, 0);
    refuse(ELEA_EINVAL, "duplicate",
           "{" TENSOR("a", "U8", "[1]", "0", "1") "," TENSOR("a", "U8", "[1]", "1", "2") "}", 0, 2);
    elea_buffer *bytes = NULL;
    elea__safetensors *file = NULL;
    assert_ok(elea_buffer_new_copy(NULL, "1234567", 7, &bytes, &err));
    assert_fails(ELEA_EINVAL, "7 bytes", elea__safetensors_parse(bytes, "x", NULL, &file, &err));
    elea_buffer_unref(bytes);
}

static void test_damaged_tensor(void **state) {
    (void)state;
    refuse(ELEA_EINVAL, "'a': no \"dtype\"", "{\"a\":{}}", 0, 0);
    refuse(ELEA_EINVAL, "'a': no \"dtype\"", "{\"a\":7}", 0, 0);
    refuse(ELEA_EUNSUPPORTED, "'F4'", "{" TENSOR("a", "F4", "[1]", "0", "1") "}", 0, 1);
    refuse(ELEA_EINVAL, "'a': no \"shape\"", "{\"a\":{\"dtype\":\"F32\"}}", 0, 0);
    refuse(ELEA_EINVAL, "dimension 1", "{" TENSOR("a", "U8", "[1,-1]", "0", "1") "}", 0, 1);
    refuse(ELEA_EINVAL, "dimension 0", "{" TENSOR("a", "U8", "[1.5]", "0", "1") "}", 0, 1);
    refuse(ELEA_ECAPACITY, "2^63", "{" TENSOR("a", "U8", "[4294967296,4294967296]", "0", "1") "}",
           0, 1);
    refuse(ELEA_EINVAL, "bytes", "{" TENSOR("a", "F64", "[2305843009213693952]", "0", "0") "}", 0,
           1);
    refuse(ELEA_EUNSUPPORTED, "9 dimensions",
           "{" TENSOR("a", "U8", "[1,1,1,1,1,1,1,1,1]", "0", "1") "}", 0, 1);
    refuse(ELEA_EINVAL, "\"data_offsets\"",
           "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", 0, 1);
    refuse(ELEA_EINVAL, "not inside", "{" TENSOR("a", "U8", "[2]", "0", "2") "}", 0, 1);
    refuse(ELEA_EINVAL, "not inside", "{" TENSOR("a", "U8", "[1]", "-1", "0") "}", 0, 1);
    refuse(ELEA_EINVAL, "not inside", "{" TENSOR("a", "U8", "[1]", "1", "0") "}", 0, 1);
    refuse(ELEA_EINVAL, "8 bytes, expected 24 for F32 [2, 3]",
           "{" TENSOR("a", "F32", "[2,3]", "0", "8") "}", 0, 8);
    refuse(ELEA_EINVAL, "'a' and 'b' overlap at byte 1",
           "{" TENSOR("a", "U8", "[2]", "0", "2") "," TENSOR("b", "U8", "[1]", "1", "2") "}", 0, 2);
}

static void test_every_cut_is_refused(void **state) {
    (void)state;
    elea_buffer *whole = safetensors_file(good, 0, 26);
    for (int64_t size = 0; size < elea_buffer_size(whole); size++) {
        elea_buffer *bytes = NULL;
        elea__safetensors *file = NULL;
        assert_ok(elea_buffer_slice(whole, 0, size, &bytes, &err));
        assert_fails(ELEA_EINVAL, "cut", elea__safetensors_parse(bytes, "cut", NULL, &file, &err));
        elea_buffer_unref(bytes);
    }
    elea_buffer_unref(whole);
}

static void test_file(void **state) {
    (void)state;
    elea_test_scratch scratch;
    elea_test_scratch_init(&scratch);
    elea__safetensors *file = NULL;
    assert_fails(
        ELEA_ENOTFOUND, "none",
        elea__safetensors_open(elea_test_scratch_path(&scratch, "none"), NULL, &file, &err));
    elea_buffer *bytes = safetensors_file(good, 0, 26);
    const char *path =
        elea_test_scratch_write(&scratch, "file", elea_buffer_data(bytes), elea_buffer_size(bytes));
    assert_ok(elea__safetensors_open(path, NULL, &file, &err));
    assert_int_equal(elea__safetensors_bytes(file).size, elea_buffer_size(bytes));
    assert_memory_equal(elea__safetensors_at(file, 0)->data, "\0\1\2\3", 4);
    elea__safetensors_free(file);
    elea_buffer_unref(bytes);
    elea_test_scratch_release(&scratch);
}

static elea_status parse_and_drop(elea_pool *pool, void *context, elea_error *error) {
    elea__safetensors *file = NULL;
    ELEA_TRY(elea__safetensors_parse((const elea_buffer *)context, "x", pool, &file, error));
    elea__safetensors_free(file);
    return ELEA_OK;
}

static void test_allocation_failures(void **state) {
    (void)state;
    elea_buffer *bytes = safetensors_file(good, 0, 26);
    assert_true(elea_test_fail_each_allocation(parse_and_drop, bytes) >= 3);
    elea_buffer_unref(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_views),          cmocka_unit_test(test_damaged_header),
        cmocka_unit_test(test_damaged_tensor), cmocka_unit_test(test_every_cut_is_refused),
        cmocka_unit_test(test_file),           cmocka_unit_test(test_allocation_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
