// SPDX-License-Identifier: Apache-2.0
//
// DLPack beyond rows of numbers: many dimensions, strides, permutations, bool, and copies.
#include <elea/abi.h>

#include "abi/dlpack.h"
#include "base/os_internal.h"
#include "support/alloc_failures.h"
#include "support/cmocka_all.h"

// ---- a producer

typedef struct foreign_tensor {
    struct DLManagedTensorVersioned versioned;
    int64_t shape[ELEA_DLPACK_DIMENSIONS_MAX];
    int64_t strides[ELEA_DLPACK_DIMENSIONS_MAX];
    _Alignas(64) int32_t values[64]; // 0, 1, 2, ...
    int deleted;
} foreign_tensor;

static void versioned_delete(struct DLManagedTensorVersioned *self) {
    ((foreign_tensor *)self->context)->deleted++;
}

static void foreign_init(foreign_tensor *self, int32_t count, const int64_t *shape,
                         const int64_t *strides, int64_t first) {
    *self = (foreign_tensor){.deleted = 0};
    for (int32_t i = 0; i < 64; i++)
        self->values[i] = i;
    for (int32_t i = 0; i < count; i++) {
        self->shape[i] = shape[i];
        self->strides[i] = strides ? strides[i] : 0;
    }
    self->versioned =
        (struct DLManagedTensorVersioned){.version = {1, 1},
                                          .context = self,
                                          .deleter = versioned_delete,
                                          .flags = DLPACK_READ_ONLY,
                                          .tensor = {.data = self->values + first,
                                                     .device = {DLPACK_CPU, 0},
                                                     .dimension_count = count,
                                                     .type = {DLPACK_INT, 32, 1},
                                                     .shape = self->shape,
                                                     .strides = strides ? self->strides : NULL}};
}

// The value at a row-major place of a tensor.
static int64_t value_at(const dlpack_tensor *tensor, int64_t place) {
    int64_t at = 0;
    for (int32_t i = tensor->dimension_count - 1; i >= 0; i--) {
        at += place % tensor->shape[i] * tensor->strides[i];
        place /= tensor->shape[i];
    }
    const uint8_t *data = tensor->data;
    if (tensor->type.bits == 8)
        return data[at];
    int32_t value;
    memcpy(&value, data + at * 4, 4);
    return value;
}

static int64_t value_count(const dlpack_tensor *tensor) {
    int64_t count = 1;
    for (int32_t i = 0; i < tensor->dimension_count; i++)
        count *= tensor->shape[i];
    return count;
}

// Both tensors have the same shape and values; `a` may have other strides.
static void same_tensor(const dlpack_tensor *a, const dlpack_tensor *b) {
    assert_int_equal(a->dimension_count, b->dimension_count);
    assert_memory_equal(&a->type, &b->type, sizeof a->type);
    for (int32_t i = 0; i < a->dimension_count; i++)
        assert_int_equal(a->shape[i], b->shape[i]);
    for (int64_t i = 0; i < value_count(a); i++)
        assert_int_equal(value_at(a, i), value_at(b, i));
}

// Columns of tensors need a build that reads JSON.
static bool has_columns(void) {
    elea_extension extension = {.name = elea_bytes_of("arrow.fixed_shape_tensor"),
                                .metadata = elea_bytes_of("{}"),
                                .storage = elea_type_of(ELEA_TYPE_INT8)};
    return elea_extension_validate(&extension, NULL, NULL) != ELEA_EUNSUPPORTED;
}

// ---- in and out

typedef struct strided_case {
    int32_t count;
    int64_t shape[4];
    int64_t strides[4];
    int64_t first;
    bool is_list;   // shared as nested lists
    bool is_column; // shared as a column of tensors
} strided_case;

static const strided_case strided_cases[] = {
    {1, {6}, {1}, 0, true, true},
    {1, {6}, {2}, 0, false, false},
    {1, {6}, {-1}, 10, false, false},
    {1, {6}, {0}, 3, false, false},
    {1, {1}, {-7}, 3, true, true},
    {2, {3, 2}, {2, 1}, 4, true, true},
    {2, {3, 2}, {1, 3}, 0, false, false}, // by columns: a row is spread
    {2, {3, 2}, {4, 1}, 0, false, false},
    {2, {1, 2}, {99, 1}, 0, true, true},
    {3, {2, 3, 4}, {12, 4, 1}, 0, true, true},
    {3, {2, 3, 4}, {12, 1, 3}, 0, false, true},
    {3, {2, 3, 4}, {1, 8, 2}, 0, false, false},
    {3, {2, 1, 4}, {4, 77, 1}, 1, true, true},
    {3, {2, 3, 4}, {-12, 4, 1}, 20, false, false},
    {3, {2, 3, 4}, {12, 0, 1}, 0, false, false},
    {4, {2, 3, 2, 4}, {24, 2, 1, 6}, 0, false, true},
    {4, {2, 3, 2, 4}, {24, 1, 12, 3}, 2, false, true},
    {4, {1, 1, 1, 1}, {5, -6, 0, 9}, 2, true, true},
    {4, {2, 2, 2, 2}, {8, 4, 2, 1}, 0, true, true},
    {3, {2, 1, 3}, {1, INT64_MAX, 2}, 0, false, false},
    {3, {1, 2, 3}, {INT64_MIN, 1, 2}, 0, false, true},
};

static void check_strided(const strided_case *one, elea_dlpack_copy copy, bool with_field) {
    elea_error err = {0};
    foreign_tensor source;
    elea_array *array = NULL;
    elea_field *field = NULL;
    foreign_init(&source, one->count, one->shape, one->strides, one->first);
    elea_dlpack_options options = {.copy = copy, .name = elea_bytes_of("ß")};
    bool shares = copy != ELEA_DLPACK_COPY_ALWAYS && (with_field ? one->is_column : one->is_list);
    int64_t before = elea_copied_bytes();
    elea_status status = elea_dlpack_import(&source.versioned, &options, NULL,
                                            with_field ? &field : NULL, &array, &err);
    int64_t copied = elea_copied_bytes() - before;
    if (copy == ELEA_DLPACK_COPY_NEVER && !shares) {
        assert_int_equal(status, ELEA_EUNSUPPORTED);
        assert_non_null(strstr(err.message, "copy it to be contiguous"));
        assert_int_equal(source.deleted, 1);
        return;
    }
    assert_int_equal(status, ELEA_OK);
    assert_int_equal(copied, shares ? 0 : value_count(&source.versioned.tensor) * 4);
    assert_int_equal(source.deleted, shares ? 0 : 1);
    assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
    assert_int_equal(elea_array_length(array), one->shape[0]);
    if (field) {
        assert_string_equal(elea_field_name(field), "ß");
        assert_true(elea_type_equal(elea_field_type(field), elea_array_type(array), true));
    }
    // Out again: the same values, whatever way they lie.
    struct DLManagedTensorVersioned *out = NULL;
    options = (elea_dlpack_options){.field = field};
    assert_ok(elea_dlpack_export(array, &options, NULL, &out, &err));
    assert_int_equal(out->flags, DLPACK_READ_ONLY);
    if (shares)
        assert_ptr_equal(out->tensor.data, source.values + one->first);
    same_tensor(&out->tensor, &source.versioned.tensor);
    out->deleter(out);
    // And as a copy: row by row, to be written to.
    options.copy = ELEA_DLPACK_COPY_ALWAYS;
    before = elea_copied_bytes();
    assert_ok(elea_dlpack_export(array, &options, NULL, &out, &err));
    assert_int_equal(elea_copied_bytes() - before, value_count(&out->tensor) * 4);
    assert_int_equal(out->flags, DLPACK_IS_COPIED);
    assert_int_equal(out->tensor.strides[one->count - 1], 1);
    elea_array_unref(array);
    same_tensor(&out->tensor, &source.versioned.tensor);
    ((int32_t *)out->tensor.data)[0] = -1;
    out->deleter(out);
    elea_field_unref(field);
    assert_int_equal(source.deleted, 1);
}

static void strides_are_shared_or_copied(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof strided_cases / sizeof strided_cases[0]; i++) {
        for (int copy = ELEA_DLPACK_COPY_NEVER; copy <= ELEA_DLPACK_COPY_ALWAYS; copy++) {
            check_strided(&strided_cases[i], (elea_dlpack_copy)copy, false);
            if (has_columns())
                check_strided(&strided_cases[i], (elea_dlpack_copy)copy, true);
        }
    }
}

static void empty_tensors_of_many_dimensions(void **state) {
    (void)state;
    static const int64_t shapes[][3] = {{0, 3, 2}, {3, 0, 2}, {3, 2, 0}, {0, 0, 0}};
    elea_error err = {0};
    for (int i = 0; i < (has_columns() ? 8 : 4); i++) {
        foreign_tensor source;
        elea_array *array = NULL;
        elea_field *field = NULL;
        struct DLManagedTensorVersioned *out = NULL;
        foreign_init(&source, 3, shapes[i % 4], NULL, 0);
        source.versioned.tensor.data = NULL;
        assert_ok(
            elea_dlpack_import(&source.versioned, NULL, NULL, i < 4 ? NULL : &field, &array, &err));
        assert_int_equal(elea_array_length(array), shapes[i % 4][0]);
        assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
        assert_ok(
            elea_dlpack_export(array, &(elea_dlpack_options){.field = field}, NULL, &out, &err));
        assert_null(out->tensor.data);
        for (int k = 0; k < 3; k++)
            assert_int_equal(out->tensor.shape[k], shapes[i % 4][k]);
        out->deleter(out);
        elea_array_unref(array);
        elea_field_unref(field);
        assert_int_equal(source.deleted, 1);
    }
}

static void the_most_dimensions(void **state) {
    (void)state;
    elea_error err = {0};
    int64_t ones[ELEA_DLPACK_DIMENSIONS_MAX];
    foreign_tensor source;
    elea_array *array = NULL;
    elea_field *item = NULL;
    elea_type *type = NULL;
    elea_array *deeper = NULL;
    struct DLManagedTensorVersioned *out = NULL;
    for (int i = 0; i < ELEA_DLPACK_DIMENSIONS_MAX; i++)
        ones[i] = i == 20 ? 5 : 1;
    foreign_init(&source, ELEA_DLPACK_DIMENSIONS_MAX, ones, NULL, 0);
    assert_ok(elea_dlpack_import(&source.versioned, NULL, NULL, NULL, &array, &err));
    assert_ok(elea_dlpack_export(array, NULL, NULL, &out, &err));
    assert_int_equal(out->tensor.dimension_count, ELEA_DLPACK_DIMENSIONS_MAX);
    assert_int_equal(out->tensor.shape[20], 5);
    out->deleter(out);
    assert_ok(elea_field_new(NULL, elea_bytes_of("item"), elea_array_type(array), true, NULL, &item,
                             &err));
    assert_ok(elea_type_new_fixed_size_list(NULL, item, 1, &type, &err));
    const elea_buffer *const buffers[] = {NULL};
    elea_array_parts parts = {.type = type,
                              .length = 1,
                              .buffers = buffers,
                              .buffer_count = 1,
                              .children = (const elea_array *const *)&array,
                              .child_count = 1};
    assert_ok(elea_array_new(NULL, &parts, &deeper, &err));
    assert_fails(ELEA_EUNSUPPORTED, "a DLPack tensor of more than 32 dimensions",
                 elea_dlpack_export(deeper, NULL, NULL, &out, &err));
    elea_array_unref(deeper);
    elea_array_unref(array);
    elea_type_unref(type);
    elea_field_unref(item);
}

// ---- bool, places

static void bools(void **state) {
    (void)state;
    elea_error err = {0};
    foreign_tensor source;
    elea_array *array = NULL;
    elea_field *field = NULL;
    struct DLManagedTensorVersioned *out = NULL;
    static const uint8_t bytes[] = {1, 0, 0, 255, 0, 2, 1, 1, 0, 0};
    static const int64_t shapes[] = {9, 0, 3, 3};
    for (int round = 0; round < (has_columns() ? 4 : 3); round++) {
        bool is_flat = round % 2 == 0, with_field = round >= 2;
        elea_dlpack_options options = {.copy = with_field ? ELEA_DLPACK_COPY_NEVER
                                                          : ELEA_DLPACK_COPY_IF_NEEDED};
        foreign_init(&source, is_flat ? 1 : 2, is_flat ? shapes : shapes + 2, NULL, 0);
        memcpy(source.values, bytes, sizeof bytes);
        source.versioned.tensor.type = (dlpack_type){DLPACK_BOOL, 8, 1};
        source.versioned.tensor.byte_offset = 1;
        assert_ok(elea_dlpack_import(&source.versioned, &options, NULL, with_field ? &field : NULL,
                                     &array, &err));
        assert_int_equal(source.deleted, !with_field);
        const elea_array *values = is_flat ? array : elea_array_child(array, 0);
        assert_int_equal(elea_type_id_of(elea_array_type(values)),
                         with_field ? ELEA_TYPE_INT8 : ELEA_TYPE_BOOL);
        if (!with_field) {
            const uint8_t *bits = elea_buffer_data(elea_array_buffer(values, 1));
            for (int i = 0; i < 9; i++)
                assert_int_equal(bits[i / 8] >> (i % 8) & 1, bytes[1 + i] != 0);
            assert_fails(ELEA_EUNSUPPORTED, "bool as a DLPack tensor, whose values are bytes",
                         elea_dlpack_export(array, NULL, NULL, &out, &err));
        }
        options.field = field;
        assert_ok(elea_dlpack_export(array, &options, NULL, &out, &err));
        assert_int_equal(out->tensor.type.code, DLPACK_BOOL);
        assert_int_equal(out->flags, with_field ? DLPACK_READ_ONLY : DLPACK_IS_COPIED);
        for (int i = 0; i < 9; i++)
            assert_int_equal(((uint8_t *)out->tensor.data)[i] != 0, bytes[1 + i] != 0);
        out->deleter(out);
        elea_array_unref(array);
        elea_field_unref(field);
        field = NULL;
        assert_int_equal(source.deleted, 1);
    }
}

static void odd_places_are_copied(void **state) {
    (void)state;
    elea_error err = {0};
    foreign_tensor source;
    elea_array *array = NULL;
    elea_dlpack_options options = {.copy = ELEA_DLPACK_COPY_IF_NEEDED};
    foreign_init(&source, 1, &(int64_t){5}, NULL, 0);
    source.versioned.tensor.byte_offset = 2;
    assert_ok(elea_dlpack_import(&source.versioned, &options, NULL, NULL, &array, &err));
    assert_int_equal(source.deleted, 1);
    assert_memory_equal(elea_buffer_data(elea_array_buffer(array, 1)),
                        (const uint8_t *)source.values + 2, 20);
    elea_array_unref(array);
}

static void the_field_must_fit(void **state) {
    (void)state;
    elea_error err = {0};
    elea_field *field = NULL;
    elea_array *array = NULL;
    struct DLManagedTensorVersioned *out = NULL;
    assert_ok(elea_array_new_null(NULL, elea_type_of(ELEA_TYPE_INT16), 0, &array, &err));
    assert_ok(elea_field_new(NULL, elea_bytes_of("f"), elea_type_of(ELEA_TYPE_INT8), true, NULL,
                             &field, &err));
    assert_fails(
        ELEA_ETYPE, "the field 'f' has another type than the array",
        elea_dlpack_export(array, &(elea_dlpack_options){.field = field}, NULL, &out, &err));
    elea_field_unref(field);
    elea_array_unref(array);
}

static void hostile_tensors_are_not_copied(void **state) {
    (void)state;
    elea_error err = {0};
    foreign_tensor source;
    elea_array *array = NULL;
    elea_dlpack_options options = {.copy = ELEA_DLPACK_COPY_ALWAYS};
    // More values than memory holds, all of them one.
    foreign_init(&source, 2, (int64_t[]){INT64_C(1) << 40, 1 << 20}, (int64_t[]){0, 0}, 0);
    assert_fails(ELEA_ECAPACITY, "",
                 elea_dlpack_import(&source.versioned, &options, NULL, NULL, &array, &err));
    assert_int_equal(source.deleted, 1);
    // An overflow hidden behind a dimension of nothing.
    foreign_init(&source, 3, (int64_t[]){INT64_MAX, INT32_MAX, 0}, NULL, 0);
    assert_fails(ELEA_ECAPACITY, "of shape [9223372036854775807, 2147483647, 0] is too large",
                 elea_dlpack_import(&source.versioned, &options, NULL, NULL, &array, &err));
    foreign_init(&source, 2, (int64_t[]){2, 2}, (int64_t[]){INT64_MIN, INT64_MIN}, 0);
    assert_fails(ELEA_EINVAL, "leaves the address space",
                 elea_dlpack_import(&source.versioned, &options, NULL, NULL, &array, &err));
    // Lists that are short, but not together.
    elea_field *field = NULL;
    foreign_init(&source, 3, (int64_t[]){0, INT32_MAX, 2}, NULL, 0);
    assert_fails(ELEA_ECAPACITY, "is too large",
                 elea_dlpack_import(&source.versioned, NULL, NULL, &field, &array, &err));
    assert_int_equal(source.deleted, 1);
    assert_null(array);
    assert_null(field);
}

// ---- threads

static void drop_array(void *context) { elea_array_unref(context); }

static void drop_tensor(void *context) {
    struct DLManagedTensorVersioned *tensor = context;
    assert_int_equal(value_at(&tensor->tensor, 3), 3);
    tensor->deleter(tensor);
}

// Whoever is last, in whatever thread, deletes the producer's tensor, once.
static void the_last_deletes_in_any_thread(void **state) {
    (void)state;
    enum { THREADS = 4 };
    elea_error err = {0};
    for (int round = 0; round < 20; round++) {
        foreign_tensor source;
        elea_array *array = NULL;
        elea__os_thread threads[2 * THREADS];
        foreign_init(&source, 3, (int64_t[]){2, 3, 4}, NULL, 0);
        assert_ok(elea_dlpack_import(&source.versioned, NULL, NULL, NULL, &array, &err));
        for (int i = 0; i < THREADS; i++) {
            struct DLManagedTensorVersioned *out = NULL;
            assert_ok(elea_dlpack_export(array, NULL, NULL, &out, &err));
            assert_ok(elea__os_thread_start(drop_tensor, out, &threads[i], &err));
            assert_ok(elea__os_thread_start(drop_array, elea_array_ref(array),
                                            &threads[THREADS + i], &err));
        }
        elea_array_unref(array);
        for (int i = 0; i < 2 * THREADS; i++)
            elea__os_thread_join(threads[i]);
        assert_int_equal(source.deleted, 1);
    }
}

// ---- memory

typedef struct round_trip {
    const strided_case *one;
    elea_dlpack_copy copy;
    bool with_field, is_bool;
} round_trip;

static elea_status round_trip_body(elea_pool *pool, void *context, elea_error *err) {
    const round_trip *job = context;
    foreign_tensor source;
    elea_array *array = NULL;
    elea_field *field = NULL;
    struct DLManagedTensorVersioned *out = NULL;
    foreign_init(&source, job->one->count, job->one->shape, job->one->strides, job->one->first);
    if (job->is_bool)
        source.versioned.tensor.type = (dlpack_type){DLPACK_BOOL, 8, 1};
    elea_dlpack_options options = {.copy = job->copy};
    elea_status status = elea_dlpack_import(&source.versioned, &options, pool,
                                            job->with_field ? &field : NULL, &array, err);
    options.field = field;
    if (status == ELEA_OK)
        status = elea_dlpack_export(array, &options, pool, &out, err);
    if (status == ELEA_OK)
        out->deleter(out);
    elea_array_unref(array);
    elea_field_unref(field);
    assert_int_equal(source.deleted, 1);
    return status;
}

static void memory_may_run_out(void **state) {
    (void)state;
    for (int i = 0; i < 16; i++) {
        bool with_field = i % 2 && has_columns(), is_bool = i / 2 % 2;
        round_trip job = {.one = &strided_cases[i < 8 ? 10 : 2],
                          .copy = i / 4 % 2 ? ELEA_DLPACK_COPY_ALWAYS : ELEA_DLPACK_COPY_IF_NEEDED,
                          .with_field = with_field,
                          .is_bool = is_bool};
        elea_test_fail_each_allocation(round_trip_body, &job);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strides_are_shared_or_copied),
        cmocka_unit_test(empty_tensors_of_many_dimensions),
        cmocka_unit_test(the_most_dimensions),
        cmocka_unit_test(bools),
        cmocka_unit_test(odd_places_are_copied),
        cmocka_unit_test(the_field_must_fit),
        cmocka_unit_test(hostile_tensors_are_not_copied),
        cmocka_unit_test(the_last_deletes_in_any_thread),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
