// SPDX-License-Identifier: Apache-2.0
#include <elea/io.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/scratch.h"

static void check_file(const char *path, const char *expected) {
    elea_error err;
    elea_file *file;
    elea_buffer *view;
    assert_ok(elea_file_open(path, NULL, &file, &err));
    assert_int_equal(elea_file_size(file), strlen(expected));
    assert_ok(elea_file_view_at(file, 0, elea_file_size(file), &view, &err));
    assert_memory_equal(elea_buffer_data(view), expected, strlen(expected));
    elea_buffer_unref(view);
    elea_file_unref(file);
}

static void write_text(const char *path, const elea_output_options *options, const char *text) {
    elea_error err;
    elea_output_stream *stream;
    assert_ok(elea_output_stream_open(path, options, NULL, &stream, &err));
    assert_ok(elea_output_stream_write(stream, text, (int64_t)strlen(text), &err));
    assert_ok(elea_output_stream_close(stream, &err));
    elea_output_stream_free(stream);
}

static void test_in_place(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream;
    const char *path = elea_test_scratch_path(&elea_test_folder, "out");
    write_text(path, NULL, "a longer text that was there before");
    assert_ok(elea_output_stream_open(path, NULL, NULL, &stream, &err));
    assert_string_equal(elea_output_stream_name(stream), path);
    const elea_bytes parts[] = {elea_bytes_of("in "),
                                elea_bytes_of(""),
                                elea_bytes_of("flight"),
                                {.data = NULL, .size = 0}};
    assert_ok(elea_output_stream_write_parts(stream, parts, 4, &err));
    assert_int_equal(elea_output_stream_position(stream), 9);
    assert_ok(elea_output_stream_write(stream, NULL, 0, &err));
    assert_ok(elea_output_stream_sync(stream, &err));
    check_file(path, "in flight");
    assert_ok(elea_output_stream_close(stream, &err));
    assert_ok(elea_output_stream_close(stream, &err));
    assert_fails(ELEA_EINVAL, "closed", elea_output_stream_write(stream, "x", 1, &err));
    elea_output_stream_free(stream);
    elea_output_stream_free(NULL);
}

// More parts than one system call takes, of many sizes.
static void test_many_parts(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream;
    static char expected[20200];
    elea_bytes parts[200];
    int64_t filled = 0;
    for (int64_t i = 0; i < 200; i++) {
        memset(expected + filled, 'a' + (int)(i % 26), (size_t)i);
        parts[i] = (elea_bytes){.data = expected + filled, .size = i};
        filled += i;
    }
    const char *path = elea_test_scratch_path(&elea_test_folder, "out");
    assert_ok(elea_output_stream_open(path, NULL, NULL, &stream, &err));
    assert_ok(elea_output_stream_write_parts(stream, parts, 200, &err));
    assert_int_equal(elea_output_stream_position(stream), filled);
    assert_ok(elea_output_stream_close(stream, &err));
    elea_output_stream_free(stream);
    check_file(path, expected);
}

// A pipe takes less than asked for, and signals interrupt the call.
static void on_alarm(int number) { (void)number; }

static void test_short_writes_and_signals(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream;
    const char *path = elea_test_scratch_path(&elea_test_folder, "pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    int64_t size = 1 << 20;
    char *data = calloc(1, (size_t)size);
    pid_t child = fork();
    if (child == 0) { // drains the pipe slowly
        static char sink[65536];
        int64_t total = 0;
        int file = open(path, O_RDONLY);
        for (ssize_t n; (n = read(file, sink, sizeof sink)) > 0; usleep(3000))
            total += n;
        _exit(total == 2 * size ? 0 : 1);
    }
    struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &action, NULL);
    assert_ok(elea_output_stream_open(path, NULL, NULL, &stream, &err));
    ualarm(2000, 2000);
    const elea_bytes parts[] = {{.data = data, .size = size}, {.data = data, .size = size}};
    elea_status status = elea_output_stream_write_parts(stream, parts, 2, &err);
    ualarm(0, 0);
    assert_int_equal(status, ELEA_OK);
    assert_ok(elea_output_stream_close(stream, &err));
    elea_output_stream_free(stream);
    free(data);
    int exit_status = -1;
    while (waitpid(child, &exit_status, 0) < 0 && errno == EINTR)
        continue;
    assert_int_equal(exit_status, 0);
}

static void test_append(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream;
    const char *path = elea_test_scratch_path(&elea_test_folder, "out");
    const elea_output_options append = {.append = true, .sync = true};
    write_text(path, &append, "half");
    assert_ok(elea_output_stream_open(path, &append, NULL, &stream, &err));
    assert_int_equal(elea_output_stream_position(stream), 4);
    assert_ok(elea_output_stream_write(stream, "way", 3, &err));
    assert_int_equal(elea_output_stream_position(stream), 7);
    elea_output_stream_free(stream);
    check_file(path, "halfway");
    const elea_output_options both = {.append = true, .atomic = true};
    assert_fails(ELEA_EINVAL, "append", elea_output_stream_open(path, &both, NULL, &stream, &err));
}

static void test_atomic(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream;
    elea_output_options atomic;
    elea_output_options_init(&atomic);
    atomic.atomic = true;
    const char *path = elea_test_scratch_path(&elea_test_folder, "out");
    assert_ok(elea_output_stream_open(path, &atomic, NULL, &stream, &err));
    assert_ok(elea_output_stream_write(stream, "first", 5, &err));
    assert_int_not_equal(access(path, F_OK), 0);
    assert_ok(elea_output_stream_close(stream, &err));
    elea_output_stream_free(stream);
    check_file(path, "first");

    // Given up: the path is as before, and nothing is left beside it.
    assert_ok(elea_output_stream_open(path, &atomic, NULL, &stream, &err));
    assert_ok(elea_output_stream_write(stream, "second", 6, &err));
    assert_ok(elea_output_stream_sync(stream, &err));
    assert_int_equal(elea_test_scratch_count(&elea_test_folder), 2);
    elea_output_stream_free(stream);
    assert_int_equal(elea_test_scratch_count(&elea_test_folder), 1);
    check_file(path, "first");

    write_text(path, &atomic, "third");
    check_file(path, "third");
    assert_int_equal(elea_test_scratch_count(&elea_test_folder), 1);
    assert_fails(ELEA_EINVAL, "folder",
                 elea_output_stream_open(elea_test_folder.folder, &atomic, NULL, &stream, &err));
}

static void test_atomic_in_the_current_folder(void **state) {
    (void)state;
    char before[512];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(elea_test_folder.folder), 0);
    write_text("here", &(elea_output_options){.atomic = true}, "here");
    check_file("here", "here");
    assert_int_equal(chdir(before), 0);
}

static void test_missing_folder(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream = NULL;
    const char *path = elea_test_scratch_path(&elea_test_folder, "no/such");
    assert_fails(ELEA_ENOTFOUND, path, elea_output_stream_open(path, NULL, NULL, &stream, &err));
    assert_fails(
        ELEA_ENOTFOUND, path,
        elea_output_stream_open(path, &(elea_output_options){.atomic = true}, NULL, &stream, &err));
    assert_null(stream);
}

static void test_full_disk(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream;
    if (access("/dev/full", W_OK) != 0)
        skip();
    assert_ok(elea_output_stream_open("/dev/full", NULL, NULL, &stream, &err));
    assert_fails(ELEA_EIO, "No space left", elea_output_stream_write(stream, "x", 1, &err));
    assert_int_equal(err.os_code, ENOSPC);
    assert_non_null(strstr(err.message, "/dev/full"));
    assert_fails(ELEA_EIO, "failure", elea_output_stream_write(stream, "x", 1, &err));
    assert_fails(ELEA_EIO, "failure", elea_output_stream_close(stream, &err));
    elea_output_stream_free(stream);
}

// The limit on a file's size makes a write stop in the middle, as a full disk does.
static void test_size_limit_atomic(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream;
    const elea_output_options atomic = {.atomic = true};
    const char *path = elea_test_scratch_path(&elea_test_folder, "out");
    write_text(path, &atomic, "whole");

    struct rlimit before, limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 1000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    static const char block[1500];
    assert_ok(elea_output_stream_open(path, &atomic, NULL, &stream, &err));
    elea_status status = elea_output_stream_write(stream, block, sizeof block, &err);
    elea_error close_err = {0};
    elea_status close_status = elea_output_stream_close(stream, &close_err);
    elea_output_stream_free(stream);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);

    assert_int_equal(status, ELEA_EIO);
    assert_int_equal(err.os_code, EFBIG);
    assert_non_null(strstr(err.message, path));
    assert_int_equal(close_status, ELEA_EIO);
    check_file(path, "whole");
    assert_int_equal(elea_test_scratch_count(&elea_test_folder), 1);
}

static void test_memory(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream;
    elea_buffer *buffer;
    assert_ok(elea_output_stream_new_memory(NULL, &stream, &err));
    assert_ok(elea_output_stream_take(stream, &buffer, &err));
    assert_int_equal(elea_buffer_size(buffer), 0);
    elea_buffer_unref(buffer);
    for (int i = 0; i < 5000; i++)
        assert_ok(elea_output_stream_write(stream, &i, sizeof i, &err));
    assert_ok(elea_output_stream_sync(stream, &err));
    assert_ok(elea_output_stream_close(stream, &err));
    int64_t before = elea_copied_bytes();
    assert_ok(elea_output_stream_take(stream, &buffer, &err));
    assert_int_equal(elea_copied_bytes(), before);
    assert_int_equal(elea_output_stream_position(stream), 0);
    assert_ok(elea_output_stream_write(stream, "again", 5, &err));
    elea_output_stream_free(stream);
    assert_int_equal(elea_buffer_size(buffer), 20000);
    for (int i = 0; i < 5000; i++)
        assert_memory_equal(elea_buffer_data(buffer) + i * 4, &i, 4);
    elea_buffer_unref(buffer);

    assert_ok(elea_output_stream_open(elea_test_scratch_path(&elea_test_folder, "out"), NULL, NULL,
                                      &stream, &err));
    assert_fails(ELEA_EINVAL, "not in memory", elea_output_stream_take(stream, &buffer, &err));
    elea_output_stream_free(stream);
}

static elea_status write_memory(elea_pool *pool, void *context, elea_error *err) {
    (void)context;
    elea_status status = ELEA_OK;
    elea_output_stream *stream = NULL;
    elea_buffer *buffer = NULL;
    static const char block[3000];
    ELEA_TRY(elea_output_stream_new_memory(pool, &stream, err));
    for (int i = 0; i < 3; i++)
        ELEA_GOTO(done, elea_output_stream_write(stream, block, sizeof block, err));
    ELEA_GOTO(done, elea_output_stream_take(stream, &buffer, err));

done:
    elea_buffer_unref(buffer);
    elea_output_stream_free(stream);
    return status;
}

static elea_status write_atomic(elea_pool *pool, void *context, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_output_stream *stream = NULL;
    ELEA_TRY(elea_output_stream_open(context, &(elea_output_options){.atomic = true}, pool, &stream,
                                     err));
    ELEA_GOTO(done, elea_output_stream_write(stream, "text", 4, err));
    ELEA_GOTO(done, elea_output_stream_close(stream, err));

done:
    elea_output_stream_free(stream);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    assert_true(elea_test_fail_each_allocation(write_memory, NULL) >= 5);
    char path[512];
    snprintf(path, sizeof path, "%s", elea_test_scratch_path(&elea_test_folder, "out"));
    assert_true(elea_test_fail_each_allocation(write_atomic, path) >= 4);
    assert_int_equal(elea_test_scratch_count(&elea_test_folder), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_in_place, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_many_parts, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_short_writes_and_signals, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_append, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_atomic, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_atomic_in_the_current_folder, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_missing_folder, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_full_disk, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_size_limit_atomic, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_memory, elea_test_folder_make,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_allocation_failures, elea_test_folder_make,
                                        elea_test_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
