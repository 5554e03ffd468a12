// SPDX-License-Identifier: Apache-2.0
//
// Sparse tensors of every format, to and from dense ones; an index that leads outside.
#include <elea/columnar.h>

#include <string.h>

#include "columnar/sparse_tensor_internal.h"
#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/tensors.h"

static bool fits(elea_sparse_format format, const elea_tensor *tensor) {
    bool is_matrix = format == ELEA_SPARSE_CSR || format == ELEA_SPARSE_CSC;
    return !is_matrix || elea_tensor_dimension_count(tensor) == 2;
}

static void test_there_and_back(void **state) {
    (void)state;
    static const elea_type_id types[] = {ELEA_TYPE_INT8, ELEA_TYPE_UINT8, ELEA_TYPE_INT16,
                                         ELEA_TYPE_INT32, ELEA_TYPE_UINT64};
    elea_error err = {0};
    int checked = 0;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        elea_tensor *tensor = elea_test_random_tensor(seed, seed % 2 ? 2 : 0, seed % 3 == 0);
        for (int format = ELEA_SPARSE_COO; format <= ELEA_SPARSE_CSF; format++) {
            elea_sparse_tensor *sparse, *again;
            elea_tensor *found;
            if (!fits((elea_sparse_format)format, tensor))
                continue;
            // At most 1,296 elements: 16 bits are enough, and 8 often not.
            const elea_type *type = seed % 6 == 0 ? NULL : elea_type_of(types[2 + seed % 3]);
            assert_ok(elea_sparse_tensor_new_from_tensor(NULL, tensor, (elea_sparse_format)format,
                                                         type, &sparse, &err));
            assert_int_equal(elea_sparse_tensor_format(sparse), format);
            assert_int_equal(elea_sparse_tensor_nonzero_count(sparse),
                             elea_tensor_count_nonzero(tensor));
            assert_ok(elea__sparse_validate(sparse, &err));
            assert_ok(elea_sparse_tensor_to_tensor(NULL, sparse, &found, &err));
            assert_true(elea_tensor_equal(found, tensor, NULL));
            assert_int_equal(elea_tensor_dimension_names(found) != NULL, seed % 3 == 0);
            assert_ok(elea_sparse_tensor_new_from_tensor(NULL, found, (elea_sparse_format)format,
                                                         type, &again, &err));
            assert_true(elea_sparse_tensor_equal(sparse, again, NULL));
            elea_sparse_tensor_unref(again);
            elea_tensor_unref(found);
            elea_sparse_tensor_unref(sparse);
            checked++;
        }
        elea_tensor_unref(tensor);
    }
    assert_true(checked > 600);
}

static elea_tensor *list_of(const int32_t *values, int64_t rows, int64_t columns) {
    elea_error err = {0};
    elea_buffer *data;
    elea_tensor *tensor;
    const int64_t shape[] = {rows, columns};
    int64_t length = columns > 0 ? rows * columns : rows;
    assert_ok(elea_buffer_new_copy(NULL, values, 4 * length, &data, &err));
    const elea_tensor_parts parts = {.type = elea_type_of(ELEA_TYPE_INT32),
                                     .data = data,
                                     .dimension_count = columns > 0 ? 2 : 1,
                                     .shape = shape};
    assert_ok(elea_tensor_new(NULL, &parts, &tensor, &err));
    elea_buffer_unref(data);
    return tensor;
}

static const double values[] = {1, 2, 3, 4};
static const int64_t matrix_shape[] = {3, 4};

static elea_status make(const elea_sparse_tensor_parts *parts, elea_sparse_tensor **out,
                        elea_error *err) {
    elea_buffer *data;
    elea_sparse_tensor_parts whole = *parts;
    assert_int_equal(elea_buffer_new_copy(NULL, values, sizeof values, &data, err), ELEA_OK);
    whole.type = elea_type_of(ELEA_TYPE_FLOAT64);
    whole.data = data;
    whole.nonzero_count = 4;
    whole.dimension_count = 2;
    whole.shape = matrix_shape;
    elea_status status = elea_sparse_tensor_new(NULL, &whole, out, err);
    elea_buffer_unref(data);
    return status;
}

static void test_coordinates(void **state) {
    (void)state;
    static const struct {
        int32_t cells[8];
        bool is_canonical;
        const char *message; // NULL: good
    } cases[] = {
        {{0, 0, 0, 3, 1, 1, 2, 3}, true, NULL},
        {{0, 0, 0, 3, 0, 3, 2, 3}, false, NULL},
        {{0, 0, 0, 3, 0, 3, 2, 3}, true, "element 2 is not behind the one before it"},
        {{0, 0, 1, 3, 0, 3, 2, 3}, true, "element 2 is not behind the one before it"},
        {{0, 0, 0, 4, 1, 1, 2, 3},
         false,
         "element 1 has the index 4 in dimension 1, expected 0 to 3"},
        {{0, 0, 0, 3, 1, 1, -1, 3}, false, "element 3 has the index -1 in dimension 0"},
    };
    elea_error err = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        elea_sparse_tensor *sparse = NULL;
        elea_tensor *cells = list_of(cases[i].cells, 4, 2);
        const elea_tensor *const indices[] = {cells};
        const elea_sparse_tensor_parts parts = {
            .format = ELEA_SPARSE_COO, .indices = indices, .is_canonical = cases[i].is_canonical};
        if (cases[i].message)
            assert_fails(ELEA_EINVAL, cases[i].message, make(&parts, &sparse, &err));
        else
            assert_ok(make(&parts, &sparse, &err));
        if (i == 1) { // what is there twice counts last
            elea_tensor *dense;
            static const int64_t at[] = {0, 3};
            assert_ok(elea_sparse_tensor_to_tensor(NULL, sparse, &dense, &err));
            assert_true(elea_tensor_get_double(dense, at) == 3);
            elea_tensor_unref(dense);
        }
        elea_sparse_tensor_unref(sparse);
        elea_tensor_unref(cells);
    }
}

static void test_matrices(void **state) {
    (void)state;
    static const struct {
        int32_t offsets[6];
        int64_t offsets_length;
        int32_t indices[4];
        elea_sparse_format format;
        const char *message;
    } cases[] = {
        {{0, 1, 1, 4}, 4, {3, 0, 1, 2}, ELEA_SPARSE_CSR, NULL},
        {{0, 1, 1, 4, 4}, 5, {2, 0, 1, 2}, ELEA_SPARSE_CSC, NULL},
        {{0, 1, 1, 4}, 4, {2, 0, 1, 2}, ELEA_SPARSE_CSC, "4 offsets, expected one more than 4"},
        {{0, 1, 1, 4},
         4,
         {4, 0, 1, 2},
         ELEA_SPARSE_CSR,
         "element 0 has the index 4 in dimension 1"},
        {{0, 2, 1, 4}, 4, {3, 0, 1, 2}, ELEA_SPARSE_CSR, "offset 2 of level 0 is 1"},
        {{1, 1, 1, 4}, 4, {3, 0, 1, 2}, ELEA_SPARSE_CSR, "offset 0 of level 0 is 1"},
        {{0, 1, 1, 3}, 4, {3, 0, 1, 2}, ELEA_SPARSE_CSR, "offset 3 of level 0 is 3"},
        {{0, 1, 5, 4}, 4, {3, 0, 1, 2}, ELEA_SPARSE_CSR, "offset 2 of level 0 is 5"},
    };
    elea_error err = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        elea_sparse_tensor *sparse = NULL;
        elea_tensor *ends = list_of(cases[i].offsets, cases[i].offsets_length, 0);
        elea_tensor *places = list_of(cases[i].indices, 4, 0);
        const elea_tensor *const indices[] = {places}, *const offsets[] = {ends};
        const elea_sparse_tensor_parts parts = {
            .format = cases[i].format, .indices = indices, .offsets = offsets};
        if (cases[i].message)
            assert_fails(ELEA_EINVAL, cases[i].message, make(&parts, &sparse, &err));
        else
            assert_ok(make(&parts, &sparse, &err));
        elea_sparse_tensor_unref(sparse);
        elea_tensor_unref(places);
        elea_tensor_unref(ends);
    }
}

static void test_fibres(void **state) {
    (void)state;
    static const struct {
        int32_t axes[2];
        int32_t nodes[2];
        int32_t offsets[3];
        const char *message;
    } cases[] = {
        {{0, 1}, {0, 2}, {0, 1, 4}, NULL},
        {{1, 0}, {0, 3}, {0, 2, 4}, "element 0 has the index 3 in dimension 0, expected 0 to 2"},
        {{0, 0}, {0, 2}, {0, 1, 4}, "level 1 is of dimension 0, expected each of 2 once"},
        {{0, 2}, {0, 2}, {0, 1, 4}, "level 1 is of dimension 2"},
        {{0, 1}, {0, 3}, {0, 1, 4}, "element 1 has the index 3 in dimension 0, expected 0 to 2"},
        {{0, 1}, {0, 2}, {0, 1, 5}, "offset 2 of level 0 is 5"},
    };
    static const int32_t leaves[] = {3, 0, 1, 3};
    elea_error err = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        elea_sparse_tensor *sparse = NULL;
        elea_tensor *nodes = list_of(cases[i].nodes, 2, 0), *last = list_of(leaves, 4, 0);
        elea_tensor *ends = list_of(cases[i].offsets, 3, 0);
        const elea_tensor *const indices[] = {nodes, last}, *const offsets[] = {ends};
        const elea_sparse_tensor_parts parts = {.format = ELEA_SPARSE_CSF,
                                                .indices = indices,
                                                .offsets = offsets,
                                                .axis_order = cases[i].axes};
        if (cases[i].message)
            assert_fails(ELEA_EINVAL, cases[i].message, make(&parts, &sparse, &err));
        else
            assert_ok(make(&parts, &sparse, &err));
        elea_sparse_tensor_unref(sparse);
        elea_tensor_unref(ends);
        elea_tensor_unref(last);
        elea_tensor_unref(nodes);
    }
}

static void test_refused(void **state) {
    (void)state;
    elea_error err = {0};
    elea_sparse_tensor *sparse = NULL;
    elea_tensor *cube = elea_test_random_tensor(4, 3, false);
    elea_tensor *wide;
    elea_buffer *data;
    assert_fails(
        ELEA_EINVAL, "a sparse tensor of 3 dimensions, expected 2",
        elea_sparse_tensor_new_from_tensor(NULL, cube, ELEA_SPARSE_CSR, NULL, &sparse, &err));
    assert_fails(ELEA_ETYPE, "indices of float32, expected an integer",
                 elea_sparse_tensor_new_from_tensor(
                     NULL, cube, ELEA_SPARSE_COO, elea_type_of(ELEA_TYPE_FLOAT32), &sparse, &err));
    static const int64_t shape[] = {300};
    assert_ok(elea_buffer_new(NULL, 300, &data, &err));
    memset(elea_buffer_mutable_data(data), 1, 300);
    const elea_tensor_parts parts = {
        .type = elea_type_of(ELEA_TYPE_UINT8), .data = data, .dimension_count = 1, .shape = shape};
    assert_ok(elea_tensor_new(NULL, &parts, &wide, &err));
    assert_fails(ELEA_EINVAL, "uint8 cannot hold the index 299",
                 elea_sparse_tensor_new_from_tensor(NULL, wide, ELEA_SPARSE_COO,
                                                    elea_type_of(ELEA_TYPE_UINT8), &sparse, &err));
    elea_tensor_unref(wide);
    elea_buffer_unref(data);
    elea_tensor_unref(cube);
}

static elea_status sparse_and_back(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_sparse_tensor *sparse = NULL;
    elea_tensor *dense = NULL;
    for (int format = ELEA_SPARSE_COO; format <= ELEA_SPARSE_CSF; format++) {
        ELEA_GOTO(done, elea_sparse_tensor_new_from_tensor(
                            pool, context, (elea_sparse_format)format, NULL, &sparse, err));
        ELEA_GOTO(done, elea_sparse_tensor_to_tensor(pool, sparse, &dense, err));
        elea_tensor_unref(dense);
        elea_sparse_tensor_unref(sparse);
        sparse = NULL;
        dense = NULL;
    }

done:
    elea_tensor_unref(dense);
    elea_sparse_tensor_unref(sparse);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    elea_tensor *tensor = elea_test_random_tensor(7, 2, true);
    assert_true(elea_test_fail_each_allocation(sparse_and_back, tensor) > 20);
    elea_tensor_unref(tensor);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back), cmocka_unit_test(test_coordinates),
        cmocka_unit_test(test_matrices),       cmocka_unit_test(test_fibres),
        cmocka_unit_test(test_refused),        cmocka_unit_test(test_allocation_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
