// SPDX-License-Identifier: Apache-2.0
//
// Arrays in, out and through: addresses, counts of releases, threads.
#include <pthread.h>

#include "elea/abi.h"
#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/foreign_array.h"

static elea_array *import_sample(foreign_sample sample, foreign_array *foreign) {
    elea_error err = {0};
    elea_array *array = NULL;
    elea_type *type = foreign_array_type(sample);
    assert_ok(elea_array_import(&foreign->array, type, NULL, &array, &err));
    assert_null(foreign->array.release);
    elea_type_unref(type);
    return array;
}

static int released(const foreign_array *foreign) {
    return __atomic_load_n(&foreign->released, __ATOMIC_ACQUIRE);
}

// The exported tree points to the same memory as the foreign one did.
static void assert_same_memory(const struct ArrowArray *exported, const foreign_array *foreign) {
    const struct ArrowArray *expected = &foreign->array;
    assert_int_equal(exported->length, expected->length);
    assert_int_equal(exported->offset, expected->offset);
    if (expected->null_count >= 0)
        assert_int_equal(exported->null_count, expected->null_count);
    assert_int_equal(exported->n_buffers, expected->n_buffers);
    assert_int_equal(exported->n_children, expected->n_children);
    bool is_view = expected->n_buffers > 3;
    for (int64_t i = 0; i < expected->n_buffers - is_view; i++)
        assert_ptr_equal(exported->buffers[i], foreign->buffers[i]);
    if (is_view)
        assert_memory_equal(exported->buffers[expected->n_buffers - 1],
                            foreign->buffers[expected->n_buffers - 1],
                            (size_t)(expected->n_buffers - 3) * sizeof(int64_t));
    for (int64_t i = 0; i < expected->n_children; i++)
        assert_same_memory(exported->children[i], foreign->children[i]);
    assert_int_equal(exported->dictionary != NULL, foreign->dictionary != NULL);
    if (foreign->dictionary != NULL)
        assert_same_memory(exported->dictionary, foreign->dictionary);
}

static void arrays_pass_through_with_their_addresses(void **state) {
    (void)state;
    elea_error err = {0};
    for (int i = 0; i < FOREIGN_SAMPLE_COUNT; i++) {
        foreign_array *foreign = foreign_array_new((foreign_sample)i);
        int64_t copied = elea_copied_bytes();
        elea_array *array = import_sample((foreign_sample)i, foreign);
        assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
        struct ArrowArray exported;
        assert_ok(elea_array_export(array, NULL, &exported, &err));
        elea_array_unref(array);
        assert_same_memory(&exported, foreign);
        assert_int_equal(elea_copied_bytes(), copied);
        assert_int_equal(released(foreign), 0);

        // In again: now we are the foreigner, and the array is the same.
        array = NULL;
        elea_type *type = foreign_array_type((foreign_sample)i);
        assert_ok(elea_array_import(&exported, type, NULL, &array, &err));
        elea_type_unref(type);
        assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
        assert_int_equal(released(foreign), 0);
        elea_array_unref(array);
        assert_int_equal(released(foreign), 1);
        foreign_array_free(foreign);
    }
}

static void slices_keep_the_addresses(void **state) {
    (void)state;
    elea_error err = {0};
    for (int i = 0; i < FOREIGN_SAMPLE_COUNT; i++) {
        foreign_array *foreign = foreign_array_new((foreign_sample)i);
        elea_array *array = import_sample((foreign_sample)i, foreign), *slice = NULL;
        assert_ok(elea_array_slice(array, 1, 2, &slice, &err));
        elea_array_unref(array);
        struct ArrowArray exported;
        assert_ok(elea_array_export(slice, NULL, &exported, &err));
        elea_array_unref(slice);
        assert_int_equal(exported.offset, 3);
        assert_int_equal(exported.length, 2);
        for (int64_t k = 0; k < exported.n_buffers && k < 2; k++)
            assert_ptr_equal(exported.buffers[k], foreign->buffers[k]);
        exported.release(&exported);
        assert_int_equal(released(foreign), 1);
        foreign_array_free(foreign);
    }
}

static void children_may_be_moved_out_of_an_export(void **state) {
    (void)state;
    elea_error err = {0};
    static const foreign_sample samples[] = {FOREIGN_LIST, FOREIGN_STRUCT, FOREIGN_DENSE_UNION,
                                             FOREIGN_RUN_END_ENCODED, FOREIGN_DICTIONARY};
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        // The parent goes first, then the child.
        for (int parent_first = 0; parent_first < 2; parent_first++) {
            foreign_array *foreign = foreign_array_new(samples[i]);
            elea_array *array = import_sample(samples[i], foreign);
            struct ArrowArray exported;
            assert_ok(elea_array_export(array, NULL, &exported, &err));
            elea_array_unref(array);
            bool is_dictionary = samples[i] == FOREIGN_DICTIONARY;
            struct ArrowArray *inner = is_dictionary ? exported.dictionary : exported.children[0];
            struct ArrowArray moved = *inner;
            inner->release = NULL;
            struct ArrowArray *first = parent_first ? &exported : &moved;
            struct ArrowArray *second = parent_first ? &moved : &exported;
            first->release(first);
            assert_null(first->release);
            assert_int_equal(released(foreign), 0);
            if (parent_first)
                assert_same_memory(&moved,
                                   is_dictionary ? foreign->dictionary : foreign->children[0]);
            second->release(second);
            assert_int_equal(released(foreign), 1);
            foreign_array_free(foreign);
        }
    }
}

static void a_struct_may_be_moved_before_it_is_imported(void **state) {
    (void)state;
    elea_error err = {0};
    foreign_array *foreign = foreign_array_new(FOREIGN_STRUCT);
    // The consumer before us moved the second child out, to import it alone.
    struct ArrowArray moved = *foreign->array.children[1];
    foreign->array.children[1]->release = NULL;
    foreign->array.release(&foreign->array);
    assert_int_equal(foreign->children[0]->released, 1);
    assert_int_equal(foreign->children[1]->released, 0);
    elea_array *array = NULL;
    assert_ok(elea_array_import(&moved, elea_type_of(ELEA_TYPE_UTF8), NULL, &array, &err));
    assert_null(moved.release);
    assert_ptr_equal(elea_buffer_data(elea_array_buffer(array, 2)),
                     foreign->children[1]->buffers[2]);
    elea_array_unref(array);
    assert_int_equal(foreign->children[1]->released, 1);
    foreign_array_free(foreign);
}

static void a_child_keeps_the_memory_of_its_parent(void **state) {
    (void)state;
    foreign_array *foreign = foreign_array_new(FOREIGN_LIST);
    elea_array *array = import_sample(FOREIGN_LIST, foreign);
    elea_array *child = elea_array_ref(elea_array_child(array, 0));
    elea_array_unref(array);
    assert_int_equal(released(foreign), 0);
    elea_span span;
    elea_span_of(child, &span);
    assert_int_equal(elea_span_get_int(&span, 4), INT64_MAX);
    elea_array_unref(child);
    assert_int_equal(released(foreign), 1);
    assert_int_equal(foreign->children[0]->released, 1);
    foreign_array_free(foreign);

    // A buffer alone is enough.
    foreign = foreign_array_new(FOREIGN_INT64);
    array = import_sample(FOREIGN_INT64, foreign);
    elea_buffer *buffer = elea_buffer_ref(elea_array_buffer(array, 1));
    elea_array_unref(array);
    assert_int_equal(released(foreign), 0);
    elea_buffer_unref(buffer);
    assert_int_equal(released(foreign), 1);
    foreign_array_free(foreign);
}

// ---- threads

#define THREAD_COUNT 4

static void *drop_array(void *context) {
    elea_array *array = context;
    elea_span span;
    elea_span_of(elea_array_child(array, 0), &span);
    int64_t sum = elea_span_get_int(&span, 2) + elea_array_null_count(array);
    elea_array_unref(array);
    return sum == 1 ? NULL : context;
}

static void the_last_reference_goes_in_any_thread(void **state) {
    (void)state;
    for (int round = 0; round < 20; round++) {
        foreign_array *foreign = foreign_array_new(FOREIGN_STRUCT);
        foreign->array.null_count = -1;
        elea_array *array = import_sample(FOREIGN_STRUCT, foreign);
        pthread_t threads[THREAD_COUNT];
        for (int i = 0; i < THREAD_COUNT; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, drop_array, elea_array_ref(array)),
                             0);
        elea_array_unref(array);
        for (int i = 0; i < THREAD_COUNT; i++) {
            void *failed;
            assert_int_equal(pthread_join(threads[i], &failed), 0);
            assert_null(failed);
        }
        assert_int_equal(released(foreign), 1);
        foreign_array_free(foreign);
    }
}

static void *release_export(void *context) {
    struct ArrowArray *exported = context;
    exported->release(exported);
    return NULL;
}

static void exports_are_released_in_other_threads(void **state) {
    (void)state;
    elea_error err = {0};
    foreign_array *foreign = foreign_array_new(FOREIGN_STRUCT);
    elea_array *array = import_sample(FOREIGN_STRUCT, foreign);
    struct ArrowArray exported[3];
    assert_ok(elea_array_export(array, NULL, &exported[0], &err));
    assert_ok(elea_array_export(array, NULL, &exported[1], &err));
    elea_array_unref(array);
    exported[2] = *exported[0].children[1];
    exported[0].children[1]->release = NULL;
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, release_export, &exported[i]), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(released(foreign), 1);
    foreign_array_free(foreign);
}

// ---- addresses that typed reads cannot use

static void misaligned_buffers_are_copied(void **state) {
    (void)state;
    _Alignas(8) char storage[8 * 8 + 1];
    const int64_t values[] = {0, 0, 3, 4, 5, 6};
    memcpy(storage + 1, values, sizeof values);
    foreign_array *foreign = foreign_array_new(FOREIGN_INT64);
    foreign->buffers[1] = storage + 1;
    int64_t copied = elea_copied_bytes();
    elea_array *array = import_sample(FOREIGN_INT64, foreign);
    assert_int_equal(elea_copied_bytes() - copied, (int64_t)sizeof values);
    const elea_buffer *data = elea_array_buffer(array, 1);
    assert_int_equal((uintptr_t)elea_buffer_data(data) % 8, 0);
    assert_int_equal(elea_buffer_size(data), (int64_t)sizeof values);
    elea_span span;
    elea_span_of(array, &span);
    assert_int_equal(elea_span_get_int(&span, 3), 6);
    // The validity is used where it lies.
    assert_ptr_equal(elea_buffer_data(elea_array_buffer(array, 0)), foreign->buffers[0]);
    elea_array_unref(array);
    assert_int_equal(released(foreign), 1);
    foreign_array_free(foreign);

    const int32_t offsets[] = {0, 1, 1, 3, 3, 6, 7};
    memcpy(storage + 2, offsets, sizeof offsets);
    foreign = foreign_array_new(FOREIGN_UTF8);
    foreign->buffers[1] = storage + 2;
    copied = elea_copied_bytes();
    array = import_sample(FOREIGN_UTF8, foreign);
    assert_int_equal(elea_copied_bytes() - copied, (int64_t)sizeof offsets);
    elea_span_of(array, &span);
    assert_memory_equal(elea_span_get_bytes(&span, 2).data, "cde", 3);
    elea_array_unref(array);
    foreign_array_free(foreign);
}

// ---- nothing in it

static void forget_buffers(foreign_array *self) {
    for (int64_t i = 0; i < self->array.n_buffers; i++)
        self->buffers[i] = NULL;
    self->array.length = self->array.offset = self->array.null_count = 0;
    for (int64_t i = 0; i < self->array.n_children; i++)
        forget_buffers(self->children[i]);
    if (self->dictionary != NULL)
        forget_buffers(self->dictionary);
}

static void empty_arrays_need_no_buffers(void **state) {
    (void)state;
    elea_error err = {0};
    for (int i = 0; i < FOREIGN_SAMPLE_COUNT; i++) {
        foreign_array *foreign = foreign_array_new((foreign_sample)i);
        forget_buffers(foreign);
        if (i == FOREIGN_UTF8_VIEW)
            foreign->array.n_buffers = 3;
        elea_array *array = import_sample((foreign_sample)i, foreign);
        assert_ok(elea_array_validate(array, ELEA_VALIDATE_FULL, &err));
        assert_int_equal(elea_array_length(array), 0);
        struct ArrowArray exported;
        assert_ok(elea_array_export(array, NULL, &exported, &err));
        exported.release(&exported);
        assert_int_equal(released(foreign), 0);
        elea_array_unref(array);
        assert_int_equal(released(foreign), 1);
        foreign_array_free(foreign);
    }
}

// ---- memory running out

static elea_status through(elea_pool *pool, void *context, elea_error *err) {
    foreign_sample sample = *(foreign_sample *)context;
    foreign_array *foreign = foreign_array_new(sample);
    elea_type *type = foreign_array_type(sample);
    elea_array *array = NULL;
    elea_status status = elea_array_import(&foreign->array, type, pool, &array, err);
    assert_null(foreign->array.release);
    if (status == ELEA_OK) {
        struct ArrowArray exported = {0};
        status = elea_array_export(array, pool, &exported, err);
        assert_int_equal(exported.release != NULL, status == ELEA_OK);
        if (status == ELEA_OK)
            exported.release(&exported);
    }
    elea_array_unref(array);
    elea_type_unref(type);
    assert_int_equal(released(foreign), 1);
    foreign_array_free(foreign);
    return status;
}

static void memory_running_out_releases_once(void **state) {
    (void)state;
    for (int i = 0; i < FOREIGN_SAMPLE_COUNT; i++) {
        foreign_sample sample = (foreign_sample)i;
        assert_true(elea_test_fail_each_allocation(through, &sample) >= 2);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_pass_through_with_their_addresses),
        cmocka_unit_test(slices_keep_the_addresses),
        cmocka_unit_test(children_may_be_moved_out_of_an_export),
        cmocka_unit_test(a_struct_may_be_moved_before_it_is_imported),
        cmocka_unit_test(a_child_keeps_the_memory_of_its_parent),
        cmocka_unit_test(the_last_reference_goes_in_any_thread),
        cmocka_unit_test(exports_are_released_in_other_threads),
        cmocka_unit_test(misaligned_buffers_are_copied),
        cmocka_unit_test(empty_arrays_need_no_buffers),
        cmocka_unit_test(memory_running_out_releases_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
