// SPDX-License-Identifier: Apache-2.0
#include <elea/io.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/random.h"
#include "support/scratch.h"

static void check_content(const char *path, const void *expected, int64_t size) {
    elea_error err;
    elea_file *file;
    elea_buffer *view;
    assert_ok(elea_file_open(path, NULL, &file, &err));
    assert_int_equal(elea_file_size(file), size);
    assert_ok(elea_file_view_at(file, 0, size, &view, &err));
    if (size > 0)
        assert_memory_equal(elea_buffer_data(view), expected, size);
    elea_buffer_unref(view);
    elea_file_unref(file);
}

static void test_create_and_open(void **state) {
    (void)state;
    elea_error err;
    elea_mapped_file *file;
    static char expected[10000];
    const char *path = elea_test_scratch_write(&elea_test_folder, "f", "what was there", 14);
    assert_ok(elea_mapped_file_create(path, 10000, NULL, &file, &err));
    assert_string_equal(elea_mapped_file_name(file), path);
    assert_int_equal(elea_mapped_file_size(file), 10000);
    check_content(path, expected, 10000);
    memcpy(expected, "begin", 5);
    memcpy(expected + 9997, "end", 3);
    memcpy(elea_mapped_file_data(file), "begin", 5);
    assert_ok(elea_mapped_file_write_at(file, 9997, "end", 3, &err));
    assert_ok(elea_mapped_file_write_at(file, 10000, NULL, 0, &err));
    check_content(path, expected, 10000);
    assert_fails(ELEA_EINDEX, "3 bytes at offset 9998",
                 elea_mapped_file_write_at(file, 9998, "end", 3, &err));
    assert_fails(ELEA_EINDEX, "it has 10000", elea_mapped_file_write_at(file, -1, "e", 1, &err));
    assert_ok(elea_mapped_file_sync(file, &err));
    assert_ok(elea_mapped_file_close(file, &err));
    assert_ok(elea_mapped_file_close(file, &err));
    assert_null(elea_mapped_file_data(file));
    assert_fails(ELEA_EINVAL, "closed", elea_mapped_file_write_at(file, 0, "e", 1, &err));
    assert_fails(ELEA_EINVAL, "closed", elea_mapped_file_sync(file, &err));
    assert_fails(ELEA_EINVAL, "closed", elea_mapped_file_resize(file, 5, &err));
    elea_mapped_file_free(file);

    assert_ok(elea_mapped_file_open(path, NULL, &file, &err));
    assert_memory_equal(elea_mapped_file_data(file), expected, 10000);
    elea_mapped_file_data(file)[1] = 'a';
    elea_mapped_file_free(file);
    expected[1] = 'a';
    check_content(path, expected, 10000);
    elea_mapped_file_free(NULL);
}

static void test_refused(void **state) {
    (void)state;
    elea_error err;
    elea_mapped_file *file = NULL;
    const char *path = elea_test_scratch_path(&elea_test_folder, "no/such");
    assert_fails(ELEA_ENOTFOUND, path, elea_mapped_file_create(path, 5, NULL, &file, &err));
    assert_fails(ELEA_ENOTFOUND, path, elea_mapped_file_open(path, NULL, &file, &err));
    assert_fails(ELEA_EINVAL, "not a regular",
                 elea_mapped_file_open(elea_test_folder.folder, NULL, &file, &err));
    path = elea_test_scratch_path(&elea_test_folder, "pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_fails(ELEA_EINVAL, "not a regular", elea_mapped_file_open(path, NULL, &file, &err));
    assert_fails(ELEA_EINVAL, "-1 bytes", elea_mapped_file_create("x", -1, NULL, &file, &err));
    assert_null(file);
}

static void test_resize(void **state) {
    (void)state;
    elea_error err;
    elea_mapped_file *file;
    const int64_t sizes[] = {1, 4096, 5000, 100000, 3, 3, 0, 0, 70000, 12288};
    static char expected[100000];
    const char *path = elea_test_scratch_path(&elea_test_folder, "f");
    assert_ok(elea_mapped_file_create(path, 0, NULL, &file, &err));
    assert_non_null(elea_mapped_file_data(file));
    int64_t before = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_ok(elea_mapped_file_resize(file, sizes[i], &err));
        assert_int_equal(elea_mapped_file_size(file), sizes[i]);
        if (sizes[i] > before) // what is new is zero, what was cut off does not come back
            memset(expected + before, 0, (size_t)(sizes[i] - before));
        check_content(path, expected, sizes[i]);
        before = sizes[i];
        if (sizes[i] > 0) {
            memset(elea_mapped_file_data(file), 'a' + (int)i, (size_t)sizes[i]);
            memset(expected, 'a' + (int)i, (size_t)sizes[i]);
        }
        check_content(path, expected, sizes[i]);
    }
    assert_fails(ELEA_EINVAL, "-5 bytes", elea_mapped_file_resize(file, -5, &err));
    elea_mapped_file_free(file);
}

// Views show what is written later, forbid resizing, and outlive the file.
static void test_views(void **state) {
    (void)state;
    elea_error err;
    elea_mapped_file *file;
    elea_buffer *view, *slice, *none;
    assert_ok(elea_mapped_file_create(elea_test_scratch_path(&elea_test_folder, "f"), 8192, NULL,
                                      &file, &err));
    int64_t before = elea_copied_bytes();
    assert_ok(elea_mapped_file_view(file, 4000, 4192, &view, &err));
    assert_ok(elea_buffer_slice(view, 92, 4, &slice, &err));
    assert_ok(elea_mapped_file_view(file, 8192, 0, &none, &err));
    assert_int_equal(elea_copied_bytes(), before);
    elea_buffer_unref(none);
    assert_fails(ELEA_EINDEX, "it has 8192", elea_mapped_file_view(file, 8000, 193, &none, &err));
    assert_ok(elea_mapped_file_write_at(file, 4092, "mend", 4, &err));
    assert_memory_equal(elea_buffer_data(slice), "mend", 4);
    elea_buffer_unref(view);
    assert_fails(ELEA_EINVAL, "while views are out", elea_mapped_file_resize(file, 9000, &err));
    assert_fails(ELEA_EINVAL, "while views are out", elea_mapped_file_resize(file, 10, &err));
    assert_int_equal(elea_mapped_file_size(file), 8192);
    elea_buffer_unref(slice);
    assert_ok(elea_mapped_file_resize(file, 9000, &err));
    assert_ok(elea_mapped_file_view(file, 4092, 4, &view, &err));
    assert_ok(elea_mapped_file_close(file, &err));
    elea_mapped_file_free(file);
    assert_memory_equal(elea_buffer_data(view), "mend", 4);
    elea_buffer_unref(view);
}

// No room on the disk, as far as a limit on the size of files stands for it: an error, no signal,
// and the file as it was.
static void test_no_room(void **state) {
    (void)state;
    elea_error err;
    elea_mapped_file *file, *other = NULL;
    elea_output_stream *stream;
    struct rlimit before, limit;
    static const char block[200000];
    char path[600];
    snprintf(path, sizeof path, "%s", elea_test_scratch_path(&elea_test_folder, "f"));
    assert_ok(elea_mapped_file_create(path, 5000, NULL, &file, &err));
    memset(elea_mapped_file_data(file), 'x', 5000);
    assert_ok(elea_output_stream_open_mapped(elea_test_scratch_path(&elea_test_folder, "g"), 100,
                                             NULL, &stream, &err));
    assert_ok(elea_output_stream_write(stream, "some", 4, &err));
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 100000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    elea_error grow_err = {0}, write_err = {0}, create_err = {0};
    elea_status grow = elea_mapped_file_resize(file, 200000, &grow_err);
    elea_status write = elea_output_stream_write(stream, block, sizeof block, &write_err);
    elea_status create = elea_mapped_file_create(elea_test_scratch_path(&elea_test_folder, "h"),
                                                 200000, NULL, &other, &create_err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(grow, ELEA_EIO);
    assert_int_equal(grow_err.os_code, EFBIG);
    assert_non_null(strstr(grow_err.message, path));
    assert_int_equal(write, ELEA_EIO);
    assert_int_equal(create, ELEA_EIO);
    assert_null(other);
    assert_int_equal(elea_mapped_file_size(file), 5000);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(elea_mapped_file_data(file)[i], 'x');
    check_content(path, elea_mapped_file_data(file), 5000);
    assert_ok(elea_mapped_file_resize(file, 200000, &err));
    elea_mapped_file_free(file);
    elea_output_stream_free(stream);
    check_content(elea_test_scratch_path(&elea_test_folder, "g"), "some", 4);
}

static void test_output(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream;
    static char bytes[300000];
    uint64_t seed = 8;
    elea_test_random_fill(&seed, bytes, sizeof bytes);
    const int64_t sizes[] = {0, 1, 4096, 299999, 300000, 1000000};
    char path[600];
    snprintf(path, sizeof path, "%s", elea_test_scratch_path(&elea_test_folder, "f"));
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_ok(elea_output_stream_open_mapped(path, sizes[i], NULL, &stream, &err));
        for (int64_t offset = 0; offset < (int64_t)sizeof bytes;) {
            int64_t part = elea_test_random_below(&seed, 3000);
            if (part > (int64_t)sizeof bytes - offset)
                part = (int64_t)sizeof bytes - offset;
            const elea_bytes parts[] = {{bytes + offset, part / 2},
                                        {NULL, 0},
                                        {bytes + offset + part / 2, part - part / 2}};
            assert_ok(elea_output_stream_write_parts(stream, parts, 3, &err));
            offset += part;
            assert_int_equal(elea_output_stream_position(stream), offset);
        }
        assert_ok(elea_output_stream_sync(stream, &err));
        if (i % 2)
            assert_ok(elea_output_stream_close(stream, &err));
        elea_output_stream_free(stream); // without close it is cut, too
        check_content(path, bytes, sizeof bytes);
    }
    assert_ok(elea_output_stream_open_mapped(path, 0, NULL, &stream, &err));
    assert_ok(elea_output_stream_close(stream, &err));
    elea_output_stream_free(stream);
    check_content(path, "", 0);
    assert_fails(ELEA_ENOTFOUND, "no/such",
                 elea_output_stream_open_mapped(
                     elea_test_scratch_path(&elea_test_folder, "no/such"), 0, NULL, &stream, &err));
}

static elea_status write_mapped(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_output_stream *stream = NULL;
    elea_mapped_file *file = NULL;
    elea_buffer *view = NULL;
    ELEA_GOTO(done, elea_output_stream_open_mapped(context, 4, pool, &stream, err));
    ELEA_GOTO(done, elea_output_stream_write(stream, "seven\n", 6, err));
    ELEA_GOTO(done, elea_output_stream_close(stream, err));
    ELEA_GOTO(done, elea_mapped_file_open(context, pool, &file, err));
    ELEA_GOTO(done, elea_mapped_file_resize(file, 3, err));
    ELEA_GOTO(done, elea_mapped_file_resize(file, 9, err));
    ELEA_GOTO(done, elea_mapped_file_view(file, 0, 9, &view, err));
    elea_mapped_file_free(file);
    file = NULL;
    if (memcmp(elea_buffer_data(view), "sev\0\0\0\0\0\0", 9) != 0)
        status = elea_error_set(err, ELEA_EINVAL, "wrong bytes");

done:
    elea_buffer_unref(view);
    elea_mapped_file_free(file);
    elea_output_stream_free(stream);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    char path[600];
    snprintf(path, sizeof path, "%s", elea_test_scratch_path(&elea_test_folder, "f"));
    assert_true(elea_test_fail_each_allocation(write_mapped, path) >= 11);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_create_and_open, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_refused, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_resize, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_views, elea_test_folder_make, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_no_room, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_output, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_allocation_failures, elea_test_folder_make,
                                        elea_test_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
