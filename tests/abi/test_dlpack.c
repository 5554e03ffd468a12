// SPDX-License-Identifier: Apache-2.0
//
// DLPack: tensors out and in, hostile ones, and how often each deleter runs.
#include "support/cmocka_all.h"

#include <elea/abi.h>

#include "abi/dlpack.h"
#include "support/alloc_failures.h"

// ---- a producer

// Both structs over the same values; counts how often it was deleted.
typedef struct foreign_tensor {
    struct DLManagedTensorVersioned versioned;
    struct DLManagedTensor legacy;
    int64_t shape[3];
    int64_t strides[3];
    _Alignas(64) uint8_t values[256];
    int deleted;
} foreign_tensor;

static void versioned_delete(struct DLManagedTensorVersioned *self) {
    ((foreign_tensor *)self->context)->deleted++;
}

static void legacy_delete(struct DLManagedTensor *self) {
    ((foreign_tensor *)self->context)->deleted++;
}

// 6 rows of int32: 0, 1, 2, ... ; as 3 rows of 2 with two dimensions.
static void foreign_init(foreign_tensor *self, int32_t dimension_count) {
    bool is_flat = dimension_count == 1;
    *self = (foreign_tensor){.shape = {is_flat ? 6 : 3, 2, 1}, .strides = {is_flat ? 1 : 2, 1, 1}};
    for (int32_t i = 0; i < 6; i++)
        memcpy(self->values + i * 4, &i, 4);
    dlpack_tensor tensor = {.data = self->values,
                            .device = {DLPACK_CPU, 0},
                            .dimension_count = dimension_count,
                            .type = {DLPACK_INT, 32, 1},
                            .shape = self->shape,
                            .strides = self->strides};
    self->versioned = (struct DLManagedTensorVersioned){
        .version = {1, 7}, .context = self, .deleter = versioned_delete, .tensor = tensor};
    self->legacy =
        (struct DLManagedTensor){.tensor = tensor, .context = self, .deleter = legacy_delete};
}

static void tensors_come_in(void **state) {
    (void)state;
    elea_error err = {0};
    for (int round = 0; round < 4; round++) {
        foreign_tensor source;
        foreign_init(&source, 1 + round % 2);
        elea_array *array = NULL;
        int64_t before = elea_copied_bytes();
        if (round < 2)
            assert_ok(elea_array_import_dlpack(&source.versioned, NULL, &array, &err));
        else
            assert_ok(elea_array_import_dlpack_legacy(&source.legacy, NULL, &array, &err));
        assert_int_equal(elea_copied_bytes(), before);
        assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
        const elea_array *values = array;
        if (round % 2 == 1) {
            assert_int_equal(elea_array_length(array), 3);
            assert_int_equal(elea_type_fixed_size(elea_array_type(array)), 2);
            values = elea_array_child(array, 0);
        }
        assert_int_equal(elea_array_length(values), 6);
        assert_int_equal(elea_array_null_count(values), 0);
        assert_int_equal(elea_type_id_of(elea_array_type(values)), ELEA_TYPE_INT32);
        assert_ptr_equal(elea_buffer_data(elea_array_buffer(values, 1)), source.values);
        // A slice keeps the tensor alive by itself.
        elea_array *slice = NULL;
        assert_ok(elea_array_slice(array, 1, 1, &slice, &err));
        elea_array_unref(array);
        assert_int_equal(source.deleted, 0);
        elea_array_unref(slice);
        assert_int_equal(source.deleted, 1);
    }
}

static void all_types_come_in(void **state) {
    (void)state;
    static const struct {
        dlpack_type type;
        elea_type_id id;
    } cases[] = {
        {{0, 8, 1}, ELEA_TYPE_INT8},     {{0, 16, 1}, ELEA_TYPE_INT16},
        {{0, 32, 1}, ELEA_TYPE_INT32},   {{0, 64, 1}, ELEA_TYPE_INT64},
        {{1, 8, 1}, ELEA_TYPE_UINT8},    {{1, 16, 1}, ELEA_TYPE_UINT16},
        {{1, 32, 1}, ELEA_TYPE_UINT32},  {{1, 64, 1}, ELEA_TYPE_UINT64},
        {{2, 16, 1}, ELEA_TYPE_FLOAT16}, {{2, 32, 1}, ELEA_TYPE_FLOAT32},
        {{2, 64, 1}, ELEA_TYPE_FLOAT64},
    };
    elea_error err = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        foreign_tensor source;
        elea_array *array = NULL;
        struct DLManagedTensorVersioned *back = NULL;
        foreign_init(&source, 2);
        source.versioned.tensor.type = cases[i].type;
        assert_ok(elea_array_import_dlpack(&source.versioned, NULL, &array, &err));
        assert_int_equal(elea_type_id_of(elea_array_type(elea_array_child(array, 0))), cases[i].id);
        assert_ok(elea_array_export_dlpack(array, NULL, &back, &err));
        assert_memory_equal(&back->tensor.type, &cases[i].type, sizeof cases[i].type);
        assert_ptr_equal(back->tensor.data, source.values);
        elea_array_unref(array);
        assert_int_equal(source.deleted, 0);
        back->deleter(back);
        assert_int_equal(source.deleted, 1);
    }
}

// ---- what is refused

static void set_null_shape(dlpack_tensor *t) { t->shape = NULL; }
static void set_negative(dlpack_tensor *t) { t->shape[0] = -1; }
static void set_negative_row(dlpack_tensor *t) { t->shape[1] = -2; }
static void set_long_row(dlpack_tensor *t) { t->shape[1] = (int64_t)INT32_MAX + 1; }
static void set_huge(dlpack_tensor *t) { t->shape[0] = INT64_MAX / 2; }
static void set_huge_bytes(dlpack_tensor *t) { t->shape[0] = INT64_MAX / 4; }
static void set_none(dlpack_tensor *t) { t->dimension_count = 0; }
static void set_many(dlpack_tensor *t) { t->dimension_count = 33; }
static void set_minus(dlpack_tensor *t) { t->dimension_count = INT32_MIN; }
static void set_gap(dlpack_tensor *t) { t->strides[0] = 3; }
static void set_back(dlpack_tensor *t) { t->strides[1] = -1; }
static void set_columns(dlpack_tensor *t) { t->strides[0] = 1, t->strides[1] = 3; }
static void set_broadcast(dlpack_tensor *t) { t->strides[0] = 0; }
static void set_null(dlpack_tensor *t) { t->data = NULL; }
static void set_offset(dlpack_tensor *t) { t->byte_offset = UINT64_MAX; }
static void set_end(dlpack_tensor *t) { t->byte_offset = UINT64_MAX - (uintptr_t)t->data - 3; }
static void set_odd(dlpack_tensor *t) { t->byte_offset = 2; }
static void set_odd_data(dlpack_tensor *t) { t->data = (uint8_t *)t->data + 1; }
static void set_cuda(dlpack_tensor *t) { t->device.type = 2; }
static void set_pinned(dlpack_tensor *t) { t->device.type = 3; }
static void set_no_device(dlpack_tensor *t) { t->device.type = -1; }
static void set_bool(dlpack_tensor *t) { t->type = (dlpack_type){6, 8, 1}; }
static void set_bfloat(dlpack_tensor *t) { t->type = (dlpack_type){4, 16, 1}; }
static void set_complex(dlpack_tensor *t) { t->type = (dlpack_type){5, 64, 1}; }
static void set_handle(dlpack_tensor *t) { t->type = (dlpack_type){3, 64, 1}; }
static void set_bits_of_bool(dlpack_tensor *t) { t->type = (dlpack_type){6, 1, 1}; }
static void set_new_type(dlpack_tensor *t) { t->type = (dlpack_type){17, 4, 1}; }
static void set_far(dlpack_tensor *t) { t->strides[0] = INT64_MAX / 2; }
static void set_before(dlpack_tensor *t) { t->strides[0] = -(INT64_C(1) << 60); }
static void set_float8(dlpack_tensor *t) { t->type = (dlpack_type){2, 8, 1}; }
static void set_lanes(dlpack_tensor *t) { t->type.lanes = 4; }
static void set_no_lanes(dlpack_tensor *t) { t->type.lanes = 0; }
static void set_bits(dlpack_tensor *t) { t->type.bits = 0; }

static const struct {
    void (*harm)(dlpack_tensor *tensor);
    elea_status status;
    const char *message;
} hostile[] = {
    {set_null_shape, ELEA_EINVAL, "the shape of a DLPack tensor is NULL"},
    {set_negative, ELEA_EINVAL, "of shape [-1, 2]"},
    {set_negative_row, ELEA_EINVAL, "of shape [3, -2]"},
    {set_long_row, ELEA_ECAPACITY, "of shape [3, 2147483648] is too large"},
    {set_huge, ELEA_ECAPACITY, "is too large"},
    {set_huge_bytes, ELEA_ECAPACITY, "is too large"},
    {set_none, ELEA_EUNSUPPORTED, "of 0 dimensions, expected 1 to 32"},
    {set_many, ELEA_EUNSUPPORTED, "of 33 dimensions, expected 1 to 32"},
    {set_minus, ELEA_EUNSUPPORTED, "of -2147483648 dimensions"},
    {set_gap, ELEA_EUNSUPPORTED, "strides [3, 1], expected [2, 1]: copy it to be contiguous"},
    {set_back, ELEA_EUNSUPPORTED, "strides [2, -1], expected [2, 1]"},
    {set_columns, ELEA_EUNSUPPORTED, "strides [1, 3], expected [2, 1]"},
    {set_broadcast, ELEA_EUNSUPPORTED, "strides [0, 1], expected [2, 1]"},
    {set_null, ELEA_EINVAL, "the data of a DLPack tensor are NULL"},
    {set_offset, ELEA_EINVAL, "a byte offset of 18446744073709551615"},
    {set_end, ELEA_EINVAL, "a byte offset of"},
    {set_odd, ELEA_EUNSUPPORTED, "do not lie at a multiple of 4 bytes"},
    {set_odd_data, ELEA_EUNSUPPORTED, "do not lie at a multiple of 4 bytes"},
    {set_cuda, ELEA_EUNSUPPORTED, "a device of type 2, expected 1, the CPU"},
    {set_pinned, ELEA_EUNSUPPORTED, "a device of type 3"},
    {set_no_device, ELEA_EUNSUPPORTED, "a device of type -1"},
    {set_bool, ELEA_EUNSUPPORTED, "of type code 6 (bool), whose values are bytes"},
    {set_bfloat, ELEA_EUNSUPPORTED, "of type code 4 (bfloat16), 16 bits"},
    {set_complex, ELEA_EUNSUPPORTED, "of type code 5 (complex), 64 bits"},
    {set_handle, ELEA_EUNSUPPORTED, "of type code 3 (a handle), 64 bits"},
    {set_bits_of_bool, ELEA_EUNSUPPORTED, "of type code 6, 1 bits, 1 lanes"},
    {set_new_type, ELEA_EUNSUPPORTED, "of type code 17, 4 bits"},
    {set_far, ELEA_EINVAL, "strides [4611686018427387903, 1] and a byte offset of 0 leaves"},
    {set_before, ELEA_EINVAL, "leaves the address space"},
    {set_float8, ELEA_EUNSUPPORTED, "of type code 2, 8 bits"},
    {set_lanes, ELEA_EUNSUPPORTED, "32 bits, 4 lanes"},
    {set_no_lanes, ELEA_EUNSUPPORTED, "32 bits, 0 lanes"},
    {set_bits, ELEA_EUNSUPPORTED, "0 bits"},
};

static void hostile_tensors_are_refused(void **state) {
    (void)state;
    elea_error err = {0};
    elea_array *array = NULL;
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        foreign_tensor source;
        foreign_init(&source, 2);
        hostile[i].harm(&source.versioned.tensor);
        assert_fails(hostile[i].status, hostile[i].message,
                     elea_array_import_dlpack(&source.versioned, NULL, &array, &err));
        assert_int_equal(source.deleted, 1);
        foreign_init(&source, 2);
        hostile[i].harm(&source.legacy.tensor);
        assert_fails(hostile[i].status, hostile[i].message,
                     elea_array_import_dlpack_legacy(&source.legacy, NULL, &array, &err));
        assert_int_equal(source.deleted, 1);
    }
    assert_fails(ELEA_EINVAL, "NULL", elea_array_import_dlpack(NULL, NULL, &array, &err));
    assert_fails(ELEA_EINVAL, "NULL", elea_array_import_dlpack_legacy(NULL, NULL, &array, &err));
    assert_null(array);
}

// Of another major version only the deleter may be touched: the rest is not even there.
static void other_versions_are_deleted(void **state) {
    (void)state;
    elea_error err = {0};
    elea_array *array = NULL;
    foreign_tensor source;
    foreign_init(&source, 1);
    for (uint32_t major = 0; major <= 2; major += 2) {
        source.deleted = 0;
        source.versioned.version = (dlpack_version){major, 3};
        memset(&source.versioned.tensor, 0xFF, sizeof source.versioned.tensor);
        assert_fails(ELEA_EUNSUPPORTED, major ? "of version 2.3, expected 1" : "of version 0.3",
                     elea_array_import_dlpack(&source.versioned, NULL, &array, &err));
        assert_int_equal(source.deleted, 1);
    }
}

static void odd_tensors_come_in(void **state) {
    (void)state;
    elea_error err = {0};
    foreign_tensor source;
    elea_array *array = NULL;
    int32_t value;
    // An offset in bytes, no strides, no deleter.
    foreign_init(&source, 1);
    source.shape[0] = 4;
    source.versioned.tensor.byte_offset = 8;
    source.versioned.tensor.strides = NULL;
    source.versioned.deleter = NULL;
    assert_ok(elea_array_import_dlpack(&source.versioned, NULL, &array, &err));
    memcpy(&value, elea_buffer_data(elea_array_buffer(array, 1)), 4);
    assert_int_equal(value, 2);
    elea_array_unref(array);
    assert_int_equal(source.deleted, 0);
    // Strides of dimensions that are not walked along do not matter.
    foreign_init(&source, 2);
    source.shape[0] = 1;
    source.strides[0] = 99;
    assert_ok(elea_array_import_dlpack(&source.versioned, NULL, &array, &err));
    elea_array_unref(array);
    foreign_init(&source, 2);
    source.shape[1] = 1;
    source.strides[0] = 1;
    source.strides[1] = 99;
    assert_ok(elea_array_import_dlpack(&source.versioned, NULL, &array, &err));
    elea_array_unref(array);
    // Nothing: no rows, or rows of nothing, with or without an address.
    for (int round = 0; round < 4; round++) {
        foreign_init(&source, 2);
        source.shape[round % 2] = 0;
        if (round < 2)
            source.versioned.tensor.data = NULL;
        assert_ok(elea_array_import_dlpack(&source.versioned, NULL, &array, &err));
        assert_int_equal(elea_array_length(array), round % 2 ? 3 : 0);
        assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
        assert_int_equal(source.deleted, 0);
        elea_array_unref(array);
        assert_int_equal(source.deleted, 1);
    }
}

// ---- export

static elea_type *type_of(const char *text) {
    elea_error err = {0};
    elea_type *type = NULL;
    assert_ok(elea_type_parse(NULL, elea_bytes_of(text), &type, &err));
    return type;
}

// Numbers 0, 1, 2, ..., with the one at `null_row` null (-1: none).
static elea_array *numbers(const char *type_text, int64_t count, int64_t null_row) {
    elea_error err = {0};
    elea_type *type = type_of(type_text);
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    assert_ok(elea_builder_new(NULL, type, &builder, &err));
    bool is_list = elea_type_id_of(type) == ELEA_TYPE_FIXED_SIZE_LIST;
    elea_builder *values = is_list ? elea_builder_child(builder, 0) : builder;
    for (int64_t i = 0; i < count; i++) {
        for (int32_t k = 0; k < (is_list ? elea_type_fixed_size(type) : 1); k++) {
            if (i == null_row)
                assert_ok(elea_builder_append_null(values, &err));
            else
                assert_ok(elea_builder_append_int(values, i * 10 + k, &err));
        }
        if (is_list)
            assert_ok(elea_builder_append_row(builder, &err));
    }
    assert_ok(elea_builder_finish(builder, &array, &err));
    elea_builder_free(builder);
    elea_type_unref(type);
    return array;
}

static elea_array *sliced(elea_array *array, int64_t offset, int64_t length) {
    elea_error err = {0};
    elea_array *slice = NULL;
    assert_ok(elea_array_slice(array, offset, length, &slice, &err));
    elea_array_unref(array);
    return slice;
}

static void arrays_go_out(void **state) {
    (void)state;
    elea_error err = {0};
    // The null is outside of the slice.
    elea_array *array = sliced(numbers("int16", 100, 2), 3, 90);
    struct DLManagedTensorVersioned *out = NULL;
    assert_ok(elea_array_export_dlpack(array, NULL, &out, &err));
    assert_int_equal(out->version.major, 1);
    assert_int_equal(out->flags, DLPACK_READ_ONLY);
    assert_int_equal(out->tensor.device.type, DLPACK_CPU);
    assert_int_equal(out->tensor.device.id, 0);
    assert_int_equal(out->tensor.dimension_count, 1);
    assert_int_equal(out->tensor.shape[0], 90);
    assert_int_equal(out->tensor.strides[0], 1);
    assert_int_equal(out->tensor.byte_offset, 0);
    assert_ptr_equal(out->tensor.data, elea_buffer_data(elea_array_buffer(array, 1)) + 6);
    elea_array_unref(array);
    assert_int_equal(((const int16_t *)out->tensor.data)[0], 30);
    out->deleter(out);

    struct DLManagedTensor *legacy = NULL;
    array = sliced(numbers("fixed_size_list<float64>[3]", 10, 0), 4, 5);
    assert_ok(elea_array_export_dlpack_legacy(array, NULL, &legacy, &err));
    elea_array_unref(array);
    assert_int_equal(legacy->tensor.dimension_count, 2);
    assert_int_equal(legacy->tensor.shape[0], 5);
    assert_int_equal(legacy->tensor.shape[1], 3);
    assert_int_equal(legacy->tensor.strides[0], 3);
    assert_int_equal(legacy->tensor.strides[1], 1);
    assert_true(((const double *)legacy->tensor.data)[5] == 52.0);
    legacy->deleter(legacy);
}

// The values of a list may begin anywhere in their buffer.
static void lists_of_slices_go_out(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *type = type_of("fixed_size_list<int64>[2]");
    elea_array *values = sliced(numbers("int64", 20, 3), 4, 12);
    elea_array *array = NULL;
    struct DLManagedTensorVersioned *out = NULL;
    const elea_buffer *const buffers[] = {NULL};
    elea_array_parts parts = {.type = type,
                              .length = 4,
                              .offset = 1,
                              .buffers = buffers,
                              .buffer_count = 1,
                              .children = (const elea_array *const *)&values,
                              .child_count = 1};
    assert_ok(elea_array_new(NULL, &parts, &array, &err));
    assert_ok(elea_array_export_dlpack(array, NULL, &out, &err));
    assert_int_equal(((const int64_t *)out->tensor.data)[0], 60);
    assert_int_equal(((const int64_t *)out->tensor.data)[7], 130);
    out->deleter(out);
    elea_array_unref(array);
    elea_array_unref(values);
    elea_type_unref(type);
}

static void empty_arrays_have_no_address(void **state) {
    (void)state;
    static const char *const types[] = {"uint8", "fixed_size_list<int64>[4]",
                                        "fixed_size_list<int64>[0]"};
    elea_error err = {0};
    for (int i = 0; i < 3; i++) {
        elea_array *array = sliced(numbers(types[i], 5, -1), 2, i == 2 ? 3 : 0);
        struct DLManagedTensorVersioned *out = NULL;
        assert_ok(elea_array_export_dlpack(array, NULL, &out, &err));
        assert_null(out->tensor.data);
        assert_int_equal(out->tensor.shape[0], i == 2 ? 3 : 0);
        out->deleter(out);
        elea_array_unref(array);
    }
}

static void what_is_no_tensor_stays(void **state) {
    (void)state;
    static const char *const types[] = {"utf8",
                                        "date32",
                                        "timestamp[us]",
                                        "decimal32(3, 1)",
                                        "null",
                                        "struct<a: int8>",
                                        "list<int8>",
                                        "fixed_size_list<utf8>[2]",
                                        "dictionary<values: int8, indices: int8>",
                                        "fixed_size_binary[4]"};
    elea_error err = {0};
    struct DLManagedTensorVersioned *out = NULL;
    struct DLManagedTensor *legacy = NULL;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        elea_type *type = type_of(types[i]);
        elea_array *array = NULL;
        assert_ok(elea_array_new_null(NULL, type, 0, &array, &err));
        assert_fails(ELEA_ETYPE, "as a DLPack tensor, expected integers, floats, bool, or",
                     elea_array_export_dlpack(array, NULL, &out, &err));
        assert_fails(ELEA_ETYPE, "as a DLPack tensor",
                     elea_array_export_dlpack_legacy(array, NULL, &legacy, &err));
        elea_array_unref(array);
        elea_type_unref(type);
    }
    elea_array *array = numbers("int32", 70, 66);
    assert_fails(ELEA_EINVAL, "1 values are null, which DLPack cannot tell",
                 elea_array_export_dlpack(array, NULL, &out, &err));
    elea_array_unref(array);
    array = sliced(numbers("fixed_size_list<int32>[3]", 70, 66), 60, 7);
    assert_fails(ELEA_EINVAL, "3 values are null",
                 elea_array_export_dlpack(array, NULL, &out, &err));
    elea_array_unref(array);
    elea_type *type = type_of("fixed_size_list<int32>[2]");
    assert_ok(elea_array_new_null(NULL, type, 4, &array, &err));
    assert_fails(ELEA_EINVAL, "4 rows are null", elea_array_export_dlpack(array, NULL, &out, &err));
    elea_array_unref(array);
    elea_type_unref(type);
    assert_null(out);
    assert_null(legacy);
}

// ---- memory

static elea_status import_body(elea_pool *pool, void *context, elea_error *err) {
    foreign_tensor *source = context;
    elea_array *array = NULL;
    source->deleted = 0;
    elea_status status = elea_array_import_dlpack(&source->versioned, pool, &array, err);
    elea_array_unref(array);
    assert_int_equal(source->deleted, 1);
    return status;
}

static elea_status export_body(elea_pool *pool, void *context, elea_error *err) {
    struct DLManagedTensorVersioned *out = NULL;
    struct DLManagedTensor *legacy = NULL;
    ELEA_TRY(elea_array_export_dlpack(context, pool, &out, err));
    out->deleter(out);
    ELEA_TRY(elea_array_export_dlpack_legacy(context, pool, &legacy, err));
    legacy->deleter(legacy);
    return ELEA_OK;
}

static void memory_may_run_out(void **state) {
    (void)state;
    foreign_tensor source;
    foreign_init(&source, 2);
    elea_test_fail_each_allocation(import_body, &source);
    foreign_init(&source, 1);
    elea_test_fail_each_allocation(import_body, &source);
    elea_array *array = numbers("fixed_size_list<int32>[3]", 7, -1);
    elea_test_fail_each_allocation(export_body, array);
    elea_array_unref(array);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_come_in),
        cmocka_unit_test(all_types_come_in),
        cmocka_unit_test(hostile_tensors_are_refused),
        cmocka_unit_test(other_versions_are_deleted),
        cmocka_unit_test(odd_tensors_come_in),
        cmocka_unit_test(arrays_go_out),
        cmocka_unit_test(lists_of_slices_go_out),
        cmocka_unit_test(empty_arrays_have_no_address),
        cmocka_unit_test(what_is_no_tensor_stays),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
