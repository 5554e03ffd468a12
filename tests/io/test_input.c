// SPDX-License-Identifier: Apache-2.0
#include <elea/io.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/input.h"
#include "support/random.h"
#include "support/scratch.h"

#define SIZE 100000

static uint8_t bytes[SIZE];

static int set_up(void **state) {
    uint64_t seed = 4;
    elea_test_random_fill(&seed, bytes, SIZE);
    return elea_test_folder_make(state);
}

// ---- every kind of stream gives the same bytes

typedef enum kind { OPENED, MAPPED, READ_FILE, MEMORY, TRICKLE, PIPE, KIND_COUNT } kind;

static pid_t writer;

static elea_status new_pipe(elea_pool *pool, elea_input_stream **out, elea_error *err) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    writer = fork();
    if (writer == 0) {
        close(ends[0]);
        int64_t done = 0;
        while (done < SIZE) {
            size_t part = SIZE - done < 3001 ? (size_t)(SIZE - done) : 3001;
            ssize_t written = write(ends[1], bytes + done, part);
            if (written < 0)
                _exit(1);
            done += written;
        }
        _exit(0);
    }
    close(ends[1]);
    elea_status status =
        elea_input_stream_new_from_descriptor(ends[0], "pipe", NULL, pool, out, err);
    if (status != ELEA_OK)
        close(ends[0]);
    return status;
}

static elea_status stream_new(kind which, elea_pool *pool, elea_input_stream **out,
                              elea_error *err) {
    const char *path = elea_test_scratch_write(&elea_test_folder, "in", bytes, SIZE);
    elea_status status = ELEA_OK;
    elea_buffer *buffer = NULL;
    elea_file *file = NULL;
    switch (which) {
    case OPENED:
        return elea_input_stream_open(path, pool, out, err);
    case TRICKLE:
        return elea_test_trickle_new(bytes, SIZE, -1, pool, out, err);
    case PIPE:
        return new_pipe(pool, out, err);
    case MEMORY:
        ELEA_GOTO(done, elea_buffer_wrap(pool, bytes, SIZE, NULL, NULL, &buffer, err));
        ELEA_GOTO(done, elea_input_stream_new_from_buffer(buffer, NULL, pool, out, err));
        break;
    default:
        if (which == MAPPED)
            ELEA_GOTO(done, elea_file_map(path, pool, &file, err));
        else
            ELEA_GOTO(done, elea_file_open(path, pool, &file, err));
        ELEA_GOTO(done, elea_input_stream_new_from_file(file, 0, -1, pool, out, err));
    }

done:
    elea_buffer_unref(buffer);
    elea_file_unref(file);
    return status;
}

static void stream_free(kind which, elea_input_stream *stream) {
    elea_input_stream_free(stream);
    if (which == PIPE)
        assert_int_equal(waitpid(writer, NULL, 0), writer);
}

static void test_all_kinds(void **state) {
    (void)state;
    elea_error err;
    elea_input_stream *stream;
    for (kind which = 0; which < KIND_COUNT; which++)
        for (uint64_t seed = 0; seed < 5; seed++) {
            assert_ok(stream_new(which, NULL, &stream, &err));
            elea_test_walk_input(stream, bytes, SIZE, seed);
            stream_free(which, stream);
        }
}

static void test_rest(void **state) {
    (void)state;
    elea_error err;
    elea_input_stream *stream;
    elea_buffer *buffer;
    for (kind which = 0; which < KIND_COUNT; which++) {
        assert_ok(stream_new(which, NULL, &stream, &err));
        int64_t before = elea_copied_bytes();
        assert_ok(elea_input_stream_skip(stream, 7, NULL, &err));
        assert_ok(elea_input_stream_view_rest(stream, &buffer, &err));
        assert_int_equal(elea_copied_bytes(), before);
        assert_int_equal(elea_buffer_size(buffer), SIZE - 7);
        assert_int_equal(elea_input_stream_has_views(stream), which == MAPPED || which == MEMORY);
        stream_free(which, stream);
        assert_memory_equal(elea_buffer_data(buffer), bytes + 7, SIZE - 7);
        elea_buffer_unref(buffer);
    }
}

// ---- edges

static void test_exact(void **state) {
    (void)state;
    elea_error err;
    elea_input_stream *stream;
    elea_buffer *buffer = NULL;
    uint8_t out[16];
    for (kind which = 0; which < KIND_COUNT; which++) {
        assert_ok(stream_new(which, NULL, &stream, &err));
        assert_ok(elea_input_stream_view_exactly(stream, SIZE - 4, &buffer, &err));
        elea_buffer_unref(buffer);
        assert_ok(elea_input_stream_read_exactly(stream, 1, out, &err));
        assert_int_equal(out[0], bytes[SIZE - 4]);
        assert_fails(ELEA_EINVAL,
                     "ends at offset 100000: 8 bytes are expected at offset 99997, 3 are there",
                     elea_input_stream_read_exactly(stream, 8, out, &err));
        assert_non_null(strstr(err.message, elea_input_stream_name(stream)));
        buffer = NULL;
        assert_fails(ELEA_EINVAL, "1 bytes are expected at offset 100000, 0 are there",
                     elea_input_stream_view_exactly(stream, 1, &buffer, &err));
        assert_null(buffer);
        assert_ok(elea_input_stream_read_exactly(stream, 0, NULL, &err));
        stream_free(which, stream);
    }
}

static void test_part_of_a_file(void **state) {
    (void)state;
    elea_error err;
    elea_file *file;
    elea_input_stream *stream;
    elea_buffer *buffer;
    uint8_t out[64];
    int64_t count;
    assert_ok(elea_file_map(elea_test_scratch_write(&elea_test_folder, "in", bytes, SIZE), NULL,
                            &file, &err));
    assert_ok(elea_input_stream_new_from_file(file, 1001, 50, NULL, &stream, &err));
    assert_int_equal(elea_input_stream_position(stream), 1001);
    assert_ok(elea_input_stream_view(stream, 20, &buffer, &err));
    assert_memory_equal(elea_buffer_data(buffer), bytes + 1001, 20);
    assert_ok(elea_input_stream_read(stream, 64, out, &count, &err));
    assert_int_equal(count, 30);
    assert_memory_equal(out, bytes + 1021, 30);
    assert_int_equal(elea_input_stream_position(stream), 1051);
    elea_input_stream_free(stream);
    elea_buffer_unref(buffer);

    assert_ok(elea_input_stream_new_from_file(file, SIZE, -1, NULL, &stream, &err));
    elea_test_check_view(stream, 5, bytes, SIZE, SIZE);
    elea_input_stream_free(stream);
    const int64_t wrong[][2] = {{-1, 5},   {0, SIZE + 1}, {SIZE + 1, -1},
                                {SIZE, 1}, {3, -2},       {1, INT64_MAX}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_fails(
            ELEA_EINDEX, "are not inside",
            elea_input_stream_new_from_file(file, wrong[i][0], wrong[i][1], NULL, &stream, &err));
    elea_file_unref(file);
}

static void test_wrong_use(void **state) {
    (void)state;
    elea_error err;
    elea_input_stream *stream = NULL;
    elea_bytes peeked;
    int64_t count;
    const char *path = elea_test_scratch_path(&elea_test_folder, "no such");
    assert_fails(ELEA_ENOTFOUND, path, elea_input_stream_open(path, NULL, &stream, &err));
    assert_fails(ELEA_EINVAL, "folder",
                 elea_input_stream_open(elea_test_folder.folder, NULL, &stream, &err));
    assert_null(stream);
    assert_ok(stream_new(OPENED, NULL, &stream, &err));
    assert_fails(ELEA_EINVAL, "-1 bytes", elea_input_stream_skip(stream, -1, NULL, &err));
    assert_fails(ELEA_EINVAL, "-1 bytes", elea_input_stream_read(stream, -1, NULL, &count, &err));
    assert_fails(ELEA_EUNSUPPORTED, "look", elea_input_stream_peek(stream, 1, &peeked, &err));
    assert_ok(elea_input_stream_skip(stream, 5, NULL, &err));
    elea_test_check_view(stream, 0, bytes, SIZE, 5);
    elea_test_check_view(stream, 5, bytes, SIZE, 5);
    elea_input_stream_free(stream);
    elea_input_stream_free(NULL);
}

static void test_failure_stays(void **state) {
    (void)state;
    elea_error err;
    elea_input_stream *stream;
    elea_buffer *buffer;
    uint8_t out[100];
    int64_t count;
    assert_ok(elea_test_trickle_new(bytes, SIZE, 60, NULL, &stream, &err));
    assert_ok(elea_input_stream_read(stream, 50, out, &count, &err));
    assert_fails(ELEA_EIO, "tap", elea_input_stream_read(stream, 50, out, &count, &err));
    assert_int_equal(elea_input_stream_position(stream), 60);
    assert_fails(ELEA_EIO, "after a failure", elea_input_stream_read(stream, 1, out, &count, &err));
    assert_fails(ELEA_EIO, "after a failure", elea_input_stream_view(stream, 1, &buffer, &err));
    assert_fails(ELEA_EIO, "after a failure", elea_input_stream_skip(stream, 1, NULL, &err));
    elea_input_stream_free(stream);

    // A descriptor that is open for writing only.
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_ok(elea_input_stream_new_from_descriptor(ends[1], "the wrong end",
                                                    &(elea_descriptor_options){.borrowed = true},
                                                    NULL, &stream, &err));
    assert_fails(ELEA_EIO, "the wrong end", elea_input_stream_read(stream, 1, out, &count, &err));
    elea_input_stream_free(stream);
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(close(ends[1]), 0);
}

// What is skipped of a file is not read, wherever its descriptor stands.
static void test_skip_of_a_file(void **state) {
    (void)state;
    elea_error err;
    elea_input_stream *stream;
    uint8_t out[4];
    int64_t count;
    const char *path = elea_test_scratch_write(&elea_test_folder, "sparse", bytes, SIZE);
    int64_t size = (int64_t)1 << 40;
    if (truncate(path, size) != 0) {
        size = (int64_t)1 << 30; // a file system without files so large
        assert_int_equal(truncate(path, size), 0);
    }
    int descriptor = open(path, O_RDWR);
    assert_int_equal(pwrite(descriptor, "end!", 4, size - 4), 4);
    assert_int_equal(lseek(descriptor, 100, SEEK_SET), 100);
    assert_ok(
        elea_input_stream_new_from_descriptor(descriptor, "sparse", NULL, NULL, &stream, &err));
    assert_ok(elea_input_stream_read_exactly(stream, 4, out, &err));
    assert_memory_equal(out, bytes + 100, 4);
    assert_ok(elea_input_stream_skip(stream, size - 108, &count, &err));
    assert_int_equal(count, size - 108);
    assert_ok(elea_input_stream_read_exactly(stream, 4, out, &err));
    assert_memory_equal(out, "end!", 4);
    assert_int_equal(elea_input_stream_position(stream), size - 100);
    assert_ok(elea_input_stream_skip(stream, 1, &count, &err));
    assert_int_equal(count, 0);
    elea_input_stream_free(stream);
    assert_fails(
        ELEA_EIO, "gone",
        elea_input_stream_new_from_descriptor(descriptor, "gone", NULL, NULL, &stream, &err));
}

// A size that nobody has costs no memory.
static void test_false_size(void **state) {
    (void)state;
    elea_error err;
    elea_pool *pool;
    elea_input_stream *stream = NULL;
    elea_buffer *buffer;
    assert_ok(elea_pool_new_capped(NULL, 40 << 20, &pool, &err));
    assert_ok(elea_test_trickle_new(bytes, SIZE, -1, pool, &stream, &err));
    assert_fails(ELEA_EINVAL, "ends at offset 100000",
                 elea_input_stream_view_exactly(stream, INT64_MAX, &buffer, &err));
    elea_input_stream_free(stream);
    elea_pool_free(pool);
}

// More than memory begins with: it grows, and is whole.
static void test_large(void **state) {
    (void)state;
    elea_error err;
    elea_input_stream *stream;
    elea_buffer *buffer;
    int64_t size = (48 << 20) + 5;
    const char *path = elea_test_scratch_write(&elea_test_folder, "large", bytes, SIZE);
    assert_int_equal(truncate(path, size), 0);
    assert_ok(elea_input_stream_open(path, NULL, &stream, &err));
    assert_ok(elea_input_stream_view_exactly(stream, size - 1, &buffer, &err));
    assert_memory_equal(elea_buffer_data(buffer), bytes, SIZE);
    for (int64_t i = SIZE; i < size - 1; i += 4093)
        assert_int_equal(elea_buffer_data(buffer)[i], 0);
    elea_buffer_unref(buffer);
    assert_ok(elea_input_stream_view_rest(stream, &buffer, &err));
    assert_int_equal(elea_buffer_size(buffer), 1);
    elea_buffer_unref(buffer);
    elea_input_stream_free(stream);
}

// Signals interrupt a read that waits.
static void on_alarm(int number) { (void)number; }

static void test_signals(void **state) {
    (void)state;
    elea_error err;
    elea_input_stream *stream;
    elea_buffer *buffer;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &action, NULL);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        for (int i = 0; i < 20; i++) {
            usleep(3000);
            if (write(ends[1], bytes + i * 10, 10) != 10)
                _exit(1);
        }
        _exit(0);
    }
    close(ends[1]);
    ualarm(1000, 1000);
    assert_ok(elea_input_stream_new_from_descriptor(ends[0], "pipe", NULL, NULL, &stream, &err));
    elea_status status = elea_input_stream_view_exactly(stream, 200, &buffer, &err);
    ualarm(0, 0);
    assert_int_equal(status, ELEA_OK);
    assert_memory_equal(elea_buffer_data(buffer), bytes, 200);
    elea_buffer_unref(buffer);
    elea_test_check_view(stream, 1, bytes, SIZE, SIZE);
    elea_input_stream_free(stream);
    int exit_status = -1;
    while (waitpid(child, &exit_status, 0) < 0)
        continue;
    assert_int_equal(exit_status, 0);
}

static void test_stdin(void **state) {
    (void)state;
    elea_error err;
    elea_input_stream *stream;
    uint8_t out[8];
    int ends[2], before = dup(0);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], bytes, 8), 8);
    assert_int_equal(dup2(ends[0], 0), 0);
    assert_ok(elea_input_stream_new_stdin(NULL, &stream, &err));
    assert_string_equal(elea_input_stream_name(stream), "standard input");
    assert_ok(elea_input_stream_read_exactly(stream, 4, out, &err));
    elea_input_stream_free(stream);
    assert_int_equal(read(0, out + 4, 4), 4); // it is still open
    assert_memory_equal(out, bytes, 8);
    assert_int_equal(dup2(before, 0), 0);
    close(before);
    close(ends[0]);
    close(ends[1]);
}

static elea_status read_all(elea_pool *pool, void *context, elea_error *err) {
    kind which = *(const kind *)context;
    elea_status status = ELEA_OK;
    elea_input_stream *stream = NULL;
    elea_buffer *buffer = NULL;
    elea_bytes peeked;
    uint8_t out[10];
    writer = -1;
    ELEA_GOTO(done, stream_new(which, pool, &stream, err));
    ELEA_GOTO(done, elea_input_stream_read_exactly(stream, 10, out, err));
    ELEA_GOTO(done, elea_input_stream_skip(stream, 10, NULL, err));
    if (elea_input_stream_has_views(stream))
        ELEA_GOTO(done, elea_input_stream_peek(stream, 10, &peeked, err));
    ELEA_GOTO(done, elea_input_stream_view_exactly(stream, 20, &buffer, err));
    elea_buffer_unref(buffer);
    buffer = NULL;
    if (*(const kind *)context == OPENED) // more than is left, with memory for it
        ELEA_GOTO(done, elea_input_stream_view(stream, SIZE, &buffer, err));
    else
        ELEA_GOTO(done, elea_input_stream_view_rest(stream, &buffer, err));

done:
    elea_buffer_unref(buffer);
    elea_input_stream_free(stream);
    if (writer > 0)
        waitpid(writer, NULL, 0);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    for (kind which = 0; which < KIND_COUNT; which++)
        assert_true(elea_test_fail_each_allocation(read_all, &which) >= 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_kinds, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_rest, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_exact, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_part_of_a_file, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_wrong_use, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_failure_stays, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_skip_of_a_file, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_false_size, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_large, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_signals, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_stdin, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_allocation_failures, set_up, elea_test_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
