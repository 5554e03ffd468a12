// SPDX-License-Identifier: Apache-2.0
#include <elea/io.h>

#include <sys/stat.h>
#include <unistd.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/scratch.h"

static elea_test_scratch scratch;

static int set_up(void **state) {
    (void)state;
    elea_test_scratch_init(&scratch);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    elea_test_scratch_release(&scratch);
    return 0;
}

typedef elea_status (*open_fn)(const char *path, elea_pool *pool, elea_file **out, elea_error *err);

static void check_content(open_fn open, bool has_views) {
    elea_error err;
    elea_file *file;
    elea_buffer *view, *none;
    char bytes[8] = {0};
    const char *path = elea_test_scratch_write(&scratch, "a", "achilles tortoise", 17);

    assert_ok(open(path, NULL, &file, &err));
    assert_int_equal(elea_file_size(file), 17);
    assert_string_equal(elea_file_name(file), path);
    assert_int_equal(elea_file_has_views(file), has_views);
    assert_ok(elea_file_read_at(file, 9, 8, bytes, &err));
    assert_memory_equal(bytes, "tortoise", 8);
    assert_ok(elea_file_read_at(file, 17, 0, NULL, &err));

    int64_t before = elea_copied_bytes();
    assert_ok(elea_file_view_at(file, 0, 8, &view, &err));
    assert_int_equal(elea_copied_bytes(), before);
    assert_ok(elea_file_view_at(file, 17, 0, &none, &err));
    assert_int_equal(elea_buffer_size(none), 0);
    assert_fails(ELEA_EINDEX, "17 bytes", elea_file_read_at(file, 10, 8, bytes, &err));
    assert_fails(ELEA_EINDEX, path, elea_file_view_at(file, -1, 1, &view, &err));
    assert_fails(ELEA_EINDEX, path, elea_file_view_at(file, 1, INT64_MAX, &view, &err));
    assert_fails(ELEA_EINDEX, path, elea_file_view_at(file, 0, -1, &view, &err));

    // The views outlive the file, even removed.
    assert_ptr_equal(elea_file_ref(file), file);
    elea_file_unref(file);
    elea_file_unref(file);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(elea_buffer_size(view), 8);
    assert_memory_equal(elea_buffer_data(view), "achilles", 8);
    elea_buffer_unref(view);
    elea_buffer_unref(none);
}

static void test_read(void **state) {
    (void)state;
    check_content(elea_file_open, false);
}

static void test_map(void **state) {
    (void)state;
    check_content(elea_file_map, true);
}

static void test_map_views_are_one_mapping(void **state) {
    (void)state;
    elea_error err;
    elea_file *file;
    elea_buffer *all, *part;
    assert_ok(
        elea_file_map(elea_test_scratch_write(&scratch, "a", "0123456789", 10), NULL, &file, &err));
    assert_ok(elea_file_view_at(file, 0, 10, &all, &err));
    assert_ok(elea_file_view_at(file, 3, 5, &part, &err));
    assert_ptr_equal(elea_buffer_data(part), elea_buffer_data(all) + 3);
    elea_buffer_unref(part);
    elea_buffer_unref(all);
    elea_file_unref(file);
}

static void check_refused(open_fn open) {
    elea_error err;
    elea_file *file = NULL;
    elea_buffer *view;
    const char *path = elea_test_scratch_path(&scratch, "missing");
    assert_fails(ELEA_ENOTFOUND, path, open(path, NULL, &file, &err));
    assert_fails(ELEA_EINVAL, "folder", open(scratch.folder, NULL, &file, &err));
    path = elea_test_scratch_path(&scratch, "pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_fails(ELEA_EINVAL, "pipe", open(path, NULL, &file, &err));
    assert_null(file);

    assert_ok(open(elea_test_scratch_write(&scratch, "empty", "", 0), NULL, &file, &err));
    assert_int_equal(elea_file_size(file), 0);
    assert_ok(elea_file_view_at(file, 0, 0, &view, &err));
    assert_int_equal(elea_buffer_size(view), 0);
    elea_buffer_unref(view);
    assert_fails(ELEA_EINDEX, "0 bytes", elea_file_view_at(file, 0, 1, &view, &err));
    elea_file_unref(file);
}

static void test_refused(void **state) {
    (void)state;
    check_refused(elea_file_open);
    unlink(elea_test_scratch_path(&scratch, "pipe"));
    check_refused(elea_file_map);
}

static void test_shortened(void **state) {
    (void)state;
    elea_error err;
    elea_file *file;
    char bytes[10];
    const char *path = elea_test_scratch_write(&scratch, "a", "0123456789", 10);
    assert_ok(elea_file_open(path, NULL, &file, &err));
    assert_int_equal(truncate(path, 4), 0);
    assert_ok(elea_file_read_at(file, 0, 4, bytes, &err));
    assert_fails(ELEA_EIO, "ends at 4", elea_file_read_at(file, 2, 5, bytes, &err));
    elea_file_unref(file);
}

static void test_memory(void **state) {
    (void)state;
    elea_error err;
    elea_buffer *buffer, *view;
    elea_file *file;
    char bytes[3];
    assert_ok(elea_buffer_new_copy(NULL, "0123456789", 10, &buffer, &err));
    assert_ok(elea_file_new_from_buffer(buffer, NULL, NULL, &file, &err));
    elea_buffer_unref(buffer);
    assert_string_equal(elea_file_name(file), "memory");
    assert_ok(elea_file_view_at(file, 2, 4, &view, &err));
    assert_ok(elea_file_read_at(file, 7, 3, bytes, &err));
    assert_memory_equal(bytes, "789", 3);
    elea_file_unref(file);
    assert_memory_equal(elea_buffer_data(view), "2345", 4);
    elea_buffer_unref(view);
    elea_file_unref(NULL);
}

static elea_status open_and_view(elea_pool *pool, void *context, elea_error *err) {
    elea_file *file = NULL;
    elea_buffer *view = NULL;
    ELEA_TRY(((open_fn)context)(scratch.path, pool, &file, err));
    elea_status status = elea_file_view_at(file, 1, 3, &view, err);
    elea_buffer_unref(view);
    elea_file_unref(file);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    elea_test_scratch_write(&scratch, "a", "0123456789", 10);
    assert_true(elea_test_fail_each_allocation(open_and_view, (void *)elea_file_open) >= 3);
    assert_true(elea_test_fail_each_allocation(open_and_view, (void *)elea_file_map) >= 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_map, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_map_views_are_one_mapping, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_shortened, set_up, tear_down),
        cmocka_unit_test(test_memory),
        cmocka_unit_test_setup_teardown(test_allocation_failures, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
