// SPDX-License-Identifier: Apache-2.0
#include <elea/io.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/random.h"
#include "support/scratch.h"

typedef elea_status (*open_fn)(const char *path, elea_pool *pool, elea_file **out, elea_error *err);

static void check_content(open_fn open, bool has_views) {
    elea_error err;
    elea_file *file;
    elea_buffer *view, *none;
    char bytes[8] = {0};
    const char *path = elea_test_scratch_write(&elea_test_folder, "a", "achilles tortoise", 17);

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
    assert_ok(elea_file_map(elea_test_scratch_write(&elea_test_folder, "a", "0123456789", 10), NULL,
                            &file, &err));
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
    const char *path = elea_test_scratch_path(&elea_test_folder, "missing");
    assert_fails(ELEA_ENOTFOUND, path, open(path, NULL, &file, &err));
    assert_fails(ELEA_EINVAL, "folder", open(elea_test_folder.folder, NULL, &file, &err));
    path = elea_test_scratch_path(&elea_test_folder, "pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_fails(ELEA_EINVAL, "pipe", open(path, NULL, &file, &err));
    assert_null(file);

    assert_ok(open(elea_test_scratch_write(&elea_test_folder, "empty", "", 0), NULL, &file, &err));
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
    unlink(elea_test_scratch_path(&elea_test_folder, "pipe"));
    check_refused(elea_file_map);
}

static void test_shortened(void **state) {
    (void)state;
    elea_error err;
    elea_file *file;
    char bytes[10];
    const char *path = elea_test_scratch_write(&elea_test_folder, "a", "0123456789", 10);
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
    ELEA_TRY(((open_fn)context)(elea_test_folder.path, pool, &file, err));
    elea_status status = elea_file_view_at(file, 1, 3, &view, err);
    elea_buffer_unref(view);
    elea_file_unref(file);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    elea_test_scratch_write(&elea_test_folder, "a", "0123456789", 10);
    assert_true(elea_test_fail_each_allocation(open_and_view, (void *)elea_file_open) >= 3);
    assert_true(elea_test_fail_each_allocation(open_and_view, (void *)elea_file_map) >= 4);
}

// Parts of files, and parts of parts.
static void check_slice(open_fn open) {
    elea_error err;
    elea_file *file, *slice, *inner, *none;
    elea_buffer *view;
    char read_back[4], name[600];
    const char *path = elea_test_scratch_write(&elea_test_folder, "a", "achilles tortoise", 17);
    assert_ok(open(path, NULL, &file, &err));
    assert_ok(elea_file_slice(file, 9, 8, NULL, &slice, &err));
    assert_ok(elea_file_slice(slice, 4, 4, NULL, &inner, &err));
    assert_ok(elea_file_slice(slice, 8, 0, NULL, &none, &err));
    assert_int_equal(elea_file_has_views(inner), elea_file_has_views(file));
    elea_file_unref(slice);
    elea_file_unref(file);
    snprintf(name, sizeof name, "%s[9..17)[4..8)", path);
    assert_string_equal(elea_file_name(inner), name);
    assert_int_equal(elea_file_size(inner), 4);
    assert_ok(elea_file_read_at(inner, 0, 4, read_back, &err));
    assert_memory_equal(read_back, "oise", 4);
    elea_file_advise(inner, 0, 4, ELEA_ADVICE_WILL_NEED);
    assert_ok(elea_file_view_at(inner, 1, 2, &view, &err));
    assert_fails(ELEA_EINDEX, "it has 4", elea_file_read_at(inner, 1, 4, read_back, &err));
    assert_fails(ELEA_EINDEX, "it has 4", elea_file_slice(inner, 5, 0, NULL, &slice, &err));
    assert_fails(ELEA_EINDEX, "it has 0", elea_file_slice(none, 0, 1, NULL, &slice, &err));
    elea_file_unref(inner);
    elea_file_unref(none);
    assert_memory_equal(elea_buffer_data(view), "is", 2);
    elea_buffer_unref(view);
}

static void test_slice(void **state) {
    (void)state;
    check_slice(elea_file_open);
    check_slice(elea_file_map);
}

static void test_descriptor(void **state) {
    (void)state;
    elea_error err;
    elea_file *file;
    char read_back[8];
    int ends[2];
    const char *path = elea_test_scratch_write(&elea_test_folder, "a", "achilles tortoise", 17);
    int descriptor = open(path, O_RDONLY);
    assert_ok(elea_file_new_from_descriptor(
        descriptor, "mine", &(elea_descriptor_options){.borrowed = true}, NULL, &file, &err));
    assert_ok(elea_file_read_at(file, 9, 8, read_back, &err));
    assert_memory_equal(read_back, "tortoise", 8);
    elea_file_unref(file);
    assert_ok(elea_file_new_from_descriptor(descriptor, "mine", NULL, NULL, &file, &err));
    elea_file_unref(file);
    assert_int_equal(fcntl(descriptor, F_GETFD), -1);
    assert_fails(ELEA_EIO, "mine",
                 elea_file_new_from_descriptor(descriptor, "mine", NULL, NULL, &file, &err));
    assert_int_equal(pipe(ends), 0);
    assert_fails(ELEA_EINVAL, "pipe",
                 elea_file_new_from_descriptor(ends[0], "mine", NULL, NULL, &file, &err));
    close(ends[0]);
    close(ends[1]);
}

// Advice changes nothing that can be read, whatever it is given for.
static void test_advice(void **state) {
    (void)state;
    elea_error err;
    static uint8_t content[300000], read_back[300000];
    uint64_t seed = 3;
    elea_test_random_fill(&seed, content, sizeof content);
    const char *path = elea_test_scratch_write(&elea_test_folder, "a", content, sizeof content);
    elea_buffer *buffer;
    assert_ok(elea_buffer_new_copy(NULL, content, sizeof content, &buffer, &err));
    for (int kind = 0; kind < 3; kind++) {
        elea_file *file;
        elea_status status = kind == 0 ? elea_file_open(path, NULL, &file, &err)
                             : kind == 1
                                 ? elea_file_map(path, NULL, &file, &err)
                                 : elea_file_new_from_buffer(buffer, NULL, NULL, &file, &err);
        assert_int_equal(status, ELEA_OK);
        for (elea_advice advice = ELEA_ADVICE_NORMAL; advice <= ELEA_ADVICE_DONT_NEED; advice++) {
            elea_file_advise(file, 0, sizeof content, advice);
            elea_file_advise(file, 4097, 10000, advice);
            elea_file_advise(file, 299999, INT64_MAX, advice);
            elea_file_advise(file, 300000, 1, advice);
            elea_file_advise(file, -1, 5, advice);
            elea_file_advise(file, 5, -1, advice);
            elea_file_advise(file, 5, 0, advice);
            memset(read_back, 0, sizeof read_back);
            assert_ok(elea_file_read_at(file, 0, sizeof content, read_back, &err));
            assert_memory_equal(read_back, content, sizeof content);
        }
        elea_file_unref(file);
    }
    elea_buffer_unref(buffer);
}

// No descriptor of ours survives into another program.
static void test_close_on_exec(void **state) {
    (void)state;
    elea_error err;
    elea_file *file;
    elea_input_stream *input;
    elea_output_stream *output;
    char path[600];
    snprintf(path, sizeof path, "%s", elea_test_scratch_write(&elea_test_folder, "a", "x", 1));
    bool was_open[256];
    for (int i = 0; i < 256; i++)
        was_open[i] = fcntl(i, F_GETFD) >= 0;
    assert_ok(elea_file_open(path, NULL, &file, &err));
    assert_ok(elea_input_stream_open(path, NULL, &input, &err));
    assert_ok(elea_output_stream_open(elea_test_scratch_path(&elea_test_folder, "b"),
                                      &(elea_output_options){.atomic = true}, NULL, &output, &err));
    int found = 0;
    for (int i = 0; i < 256; i++) {
        int flags = fcntl(i, F_GETFD);
        if (flags < 0 || was_open[i])
            continue;
        assert_true((flags & FD_CLOEXEC) != 0);
        found++;
    }
    assert_int_equal(found, 3);
    elea_file_unref(file);
    elea_input_stream_free(input);
    elea_output_stream_free(output);
}

static elea_status slice_of_descriptor(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_file *file = NULL, *slice = NULL;
    elea_buffer *view = NULL;
    const elea_descriptor_options borrowed = {.borrowed = true};
    ELEA_GOTO(done, elea_file_new_from_descriptor(*(const int *)context, "f", &borrowed, pool,
                                                  &file, err));
    ELEA_GOTO(done, elea_file_slice(file, 1, 2, pool, &slice, err));
    ELEA_GOTO(done, elea_file_view_at(slice, 0, 2, &view, err));

done:
    elea_buffer_unref(view);
    elea_file_unref(slice);
    elea_file_unref(file);
    return status;
}

static void test_allocation_failures_of_slices(void **state) {
    (void)state;
    int descriptor = open(elea_test_scratch_write(&elea_test_folder, "a", "abc", 3), O_RDONLY);
    assert_true(elea_test_fail_each_allocation(slice_of_descriptor, &descriptor) >= 6);
    close(descriptor);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read, elea_test_folder_make, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_map, elea_test_folder_make, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_map_views_are_one_mapping, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_refused, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_shortened, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test(test_memory),
        cmocka_unit_test_setup_teardown(test_allocation_failures, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_slice, elea_test_folder_make, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_descriptor, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_advice, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_close_on_exec, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_allocation_failures_of_slices, elea_test_folder_make,
                                        elea_test_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
