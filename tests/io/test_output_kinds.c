// SPDX-License-Identifier: Apache-2.0
//
// Streams to descriptors and to fixed memory, and streams on streams.
#include <elea/io.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/random.h"
#include "support/scratch.h"

#define SIZE 200000

static char bytes[SIZE];

static int set_up(void **state) {
    uint64_t seed = 9;
    elea_test_random_fill(&seed, bytes, SIZE);
    return elea_test_folder_make(state);
}

// ---- a target of a user's own, that counts its calls

typedef struct recorder {
    elea_output_stream base;
    int writes, flushes, syncs, closes;
    int *frees;
    int fails_at; // the write that fails, from 1
    int64_t size;
    char data[SIZE];
} recorder;

static elea_status recorder_write(elea_output_stream *stream, const elea_bytes *parts,
                                  int64_t count, elea_error *err) {
    recorder *record = (recorder *)stream;
    if (++record->writes == record->fails_at)
        return elea_error_set(err, ELEA_EIO, "the drain is closed");
    for (int64_t i = 0; i < count; i++) {
        assert_true(parts[i].size <= SIZE - record->size);
        if (parts[i].size > 0)
            memcpy(record->data + record->size, parts[i].data, (size_t)parts[i].size);
        record->size += parts[i].size;
    }
    return ELEA_OK;
}

static elea_status recorder_flush(elea_output_stream *stream, elea_error *err) {
    (void)err;
    ((recorder *)stream)->flushes++;
    return ELEA_OK;
}

static elea_status recorder_sync(elea_output_stream *stream, elea_error *err) {
    (void)err;
    ((recorder *)stream)->syncs++;
    return ELEA_OK;
}

static elea_status recorder_close(elea_output_stream *stream, elea_error *err) {
    (void)err;
    ((recorder *)stream)->closes++;
    return ELEA_OK;
}

static void recorder_free(elea_output_stream *stream) {
    ++*((recorder *)stream)->frees;
    elea_dealloc(stream->pool, stream, sizeof(recorder));
}

static int recorder_frees;

static elea_status recorder_new(elea_pool *pool, recorder **out, elea_error *err) {
    static const elea_output_stream_ops ops = {.write = recorder_write,
                                               .flush = recorder_flush,
                                               .sync = recorder_sync,
                                               .close = recorder_close,
                                               .free = recorder_free};
    void *block;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(recorder), &block, err));
    recorder *record = block;
    elea_status status = elea_output_stream_init(&record->base, &ops, pool, "recorder", err);
    if (status != ELEA_OK) {
        elea_dealloc(pool, record, sizeof *record);
        return status;
    }
    record->frees = &recorder_frees;
    recorder_frees = 0;
    *out = record;
    return ELEA_OK;
}

// ---- descriptors

static void test_descriptor_of_a_file(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream;
    char read_back[8];
    const char *path = elea_test_scratch_write(&elea_test_folder, "out", "", 0);
    int descriptor = open(path, O_RDWR | O_CLOEXEC);
    assert_ok(elea_output_stream_new_from_descriptor(
        descriptor, "mine", &(elea_descriptor_options){.borrowed = true}, NULL, &stream, &err));
    assert_string_equal(elea_output_stream_name(stream), "mine");
    assert_ok(elea_output_stream_write(stream, "eleatics", 8, &err));
    assert_ok(elea_output_stream_flush(stream, &err));
    assert_ok(elea_output_stream_sync(stream, &err));
    assert_ok(elea_output_stream_close(stream, &err));
    assert_fails(ELEA_EINVAL, "closed", elea_output_stream_flush(stream, &err));
    elea_output_stream_free(stream);
    assert_int_equal(pread(descriptor, read_back, 8, 0), 8); // it is still open
    assert_memory_equal(read_back, "eleatics", 8);

    assert_ok(
        elea_output_stream_new_from_descriptor(descriptor, "mine", NULL, NULL, &stream, &err));
    elea_output_stream_free(stream);
    assert_int_equal(fcntl(descriptor, F_GETFD), -1);
    assert_fails(
        ELEA_EIO, "gone",
        elea_output_stream_new_from_descriptor(descriptor, "gone", NULL, NULL, &stream, &err));
}

static void on_alarm(int number) { (void)number; }

// A full pipe makes writes short, signals interrupt them.
static void test_pipe_is_short_and_interrupted(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream;
    int ends[2], exit_status = -1;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        static char sink[5000];
        int64_t total = 0;
        close(ends[1]);
        for (ssize_t n; (n = read(ends[0], sink, sizeof sink)) > 0; usleep(200)) {
            for (ssize_t i = 0; i < n; i++)
                if (sink[i] != bytes[(total + i) % SIZE])
                    _exit(2);
            total += n;
        }
        _exit(total == 3 * SIZE ? 0 : 1);
    }
    close(ends[0]);
    struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &action, NULL);
    assert_ok(elea_output_stream_new_from_descriptor(ends[1], "pipe", NULL, NULL, &stream, &err));
    ualarm(1000, 1000);
    const elea_bytes parts[] = {{bytes, SIZE}, {NULL, 0}, {bytes, 77}, {bytes + 77, SIZE - 77}};
    elea_status status = elea_output_stream_write_parts(stream, parts, 4, &err);
    if (status == ELEA_OK)
        status = elea_output_stream_write(stream, bytes, SIZE, &err);
    ualarm(0, 0);
    assert_int_equal(status, ELEA_OK);
    assert_ok(elea_output_stream_sync(stream, &err));
    assert_ok(elea_output_stream_close(stream, &err));
    elea_output_stream_free(stream);
    while (waitpid(child, &exit_status, 0) < 0 && errno == EINTR)
        continue;
    assert_int_equal(exit_status, 0);
}

// With the default action, SIGPIPE would end this program.
static void check_broken(int from, int to) {
    elea_error err;
    elea_output_stream *stream;
    assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    assert_ok(elea_output_stream_new_from_descriptor(to, "nobody", NULL, NULL, &stream, &err));
    close(from);
    assert_fails(ELEA_EIO, "nobody", elea_output_stream_write(stream, "x", 1, &err));
    assert_int_equal(err.os_code, EPIPE);
    assert_fails(ELEA_EIO, "after a failure", elea_output_stream_write(stream, "x", 1, &err));
    elea_output_stream_free(stream);
}

static void test_nobody_reads(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    check_broken(ends[0], ends[1]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    check_broken(ends[0], ends[1]);
}

static void test_standard_output(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream;
    char read_back[6];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    for (int descriptor = 1; descriptor <= 2; descriptor++) {
        int before = dup(descriptor);
        assert_int_equal(dup2(ends[1], descriptor), descriptor);
        elea_status status = descriptor == 1 ? elea_output_stream_new_stdout(NULL, &stream, &err)
                                             : elea_output_stream_new_stderr(NULL, &stream, &err);
        if (status == ELEA_OK)
            status = elea_output_stream_write(stream, "arrow\n", 6, &err);
        if (status == ELEA_OK)
            status = elea_output_stream_close(stream, &err);
        elea_output_stream_free(stream);
        int flags = fcntl(descriptor, F_GETFD);
        assert_int_equal(dup2(before, descriptor), descriptor);
        assert_true(flags >= 0); // it was not closed
        close(before);
        assert_int_equal(status, ELEA_OK);
        assert_int_equal(read(ends[0], read_back, 6), 6);
        assert_memory_equal(read_back, "arrow\n", 6);
    }
    close(ends[0]);
    close(ends[1]);
}

// ---- memory

static void test_fixed(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream;
    char memory[10] = "..........";
    assert_ok(elea_output_stream_new_fixed(memory, 9, NULL, &stream, &err));
    const elea_bytes parts[] = {{"in ", 3}, {NULL, 0}, {"flight", 6}};
    assert_ok(elea_output_stream_write_parts(stream, parts, 3, &err));
    assert_memory_equal(memory, "in flight.", 10);
    assert_ok(elea_output_stream_write(stream, NULL, 0, &err));
    assert_fails(ELEA_ECAPACITY, "1 bytes do not fit at offset 9 of \"memory\": it has 9",
                 elea_output_stream_write(stream, "x", 1, &err));
    assert_int_equal(memory[9], '.');
    elea_output_stream_free(stream);
    assert_ok(elea_output_stream_new_fixed(NULL, 0, NULL, &stream, &err));
    assert_ok(elea_output_stream_close(stream, &err));
    elea_output_stream_free(stream);
    assert_fails(ELEA_EINVAL, "-1 bytes",
                 elea_output_stream_new_fixed(memory, -1, NULL, &stream, &err));
}

static void test_counting(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream;
    uint32_t crc = 1;
    assert_ok(elea_output_stream_new_counting(NULL, &stream, &err));
    assert_ok(elea_output_stream_crc32c(stream, &crc, &err));
    assert_int_equal(crc, 0);
    const elea_bytes parts[] = {{bytes, 1001}, {NULL, 0}, {bytes + 1001, SIZE - 1001}};
    assert_ok(elea_output_stream_write_parts(stream, parts, 3, &err));
    assert_int_equal(elea_output_stream_position(stream), SIZE);
    assert_ok(elea_output_stream_crc32c(stream, &crc, &err));
    assert_int_equal(crc, elea_crc32c(0, bytes, SIZE));
    const elea_bytes absurd[] = {{NULL, INT64_MAX - SIZE}, {NULL, 1}};
    assert_fails(ELEA_ECAPACITY, "too large",
                 elea_output_stream_write_parts(stream, absurd, 2, &err));
    elea_output_stream_free(stream);
    assert_ok(elea_output_stream_new_memory(NULL, &stream, &err));
    assert_fails(ELEA_EINVAL, "does not count", elea_output_stream_crc32c(stream, &crc, &err));
    elea_output_stream_free(stream);
}

// ---- buffered

static void test_buffered_gathers(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream;
    recorder *record = NULL;
    assert_ok(recorder_new(NULL, &record, &err));
    record->base.position = 5;
    assert_ok(elea_output_stream_new_buffered(&record->base, 100, NULL, &stream, &err));
    assert_string_equal(elea_output_stream_name(stream), "recorder");
    assert_int_equal(elea_output_stream_position(stream), 5);
    for (int i = 0; i < 100; i++)
        assert_ok(elea_output_stream_write(stream, bytes + i, 1, &err));
    assert_int_equal(record->writes, 0);
    assert_int_equal(elea_output_stream_position(stream), 105);

    // What does not fit goes with the buffer, in one write, uncopied.
    int64_t before = elea_copied_bytes();
    assert_ok(elea_output_stream_write(stream, bytes + 100, 5000, &err));
    assert_int_equal(record->writes, 1);
    assert_int_equal(record->size, 5100);
    assert_int_equal(elea_copied_bytes(), before);

    // More parts than go together.
    elea_bytes parts[40];
    for (int i = 0; i < 40; i++)
        parts[i] = (elea_bytes){.data = bytes + 5101 + i * 5, .size = 5};
    assert_ok(elea_output_stream_write(stream, bytes + 5100, 1, &err));
    assert_ok(elea_output_stream_write_parts(stream, parts, 40, &err));
    assert_int_equal(record->writes, 3);
    assert_ok(elea_output_stream_write_parts(stream, parts, 40, &err)); // with nothing held back
    assert_int_equal(record->writes, 4);

    assert_ok(elea_output_stream_write(stream, "tail", 4, &err));
    assert_int_equal(record->size, 5501);
    assert_ok(elea_output_stream_flush(stream, &err));
    assert_int_equal(record->size, 5505);
    assert_int_equal(record->flushes, 1);
    assert_ok(elea_output_stream_write(stream, "end", 3, &err));
    assert_ok(elea_output_stream_sync(stream, &err));
    assert_int_equal(record->syncs, 1);
    assert_memory_equal(record->data, bytes, 5301);
    assert_memory_equal(record->data + 5301, bytes + 5101, 200);
    assert_memory_equal(record->data + 5501, "tailend", 7);
    assert_ok(elea_output_stream_write(stream, "!", 1, &err));
    assert_ok(elea_output_stream_close(stream, &err));
    assert_int_equal(record->data[5508], '!');
    assert_int_equal(record->closes, 1);
    elea_output_stream_free(stream);
    assert_int_equal(recorder_frees, 1);
}

// Any writes through any buffer give the same bytes.
static void test_buffered_random(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream;
    recorder *record = NULL;
    for (uint64_t run = 0; run < 20; run++) {
        uint64_t seed = run;
        int64_t offset = 0, size = 1 + elea_test_random_below(&seed, 3000);
        assert_ok(recorder_new(NULL, &record, &err));
        assert_ok(elea_output_stream_new_buffered(&record->base, size, NULL, &stream, &err));
        while (offset < SIZE) {
            elea_bytes parts[20];
            int64_t count = elea_test_random_below(&seed, 20);
            for (int64_t i = 0; i < count; i++) {
                int64_t part = elea_test_random_below(&seed, 400);
                part = part < SIZE - offset ? part : SIZE - offset;
                parts[i] = (elea_bytes){.data = bytes + offset, .size = part};
                offset += part;
            }
            assert_ok(elea_output_stream_write_parts(stream, parts, count, &err));
            assert_int_equal(elea_output_stream_position(stream), offset);
        }
        assert_ok(elea_output_stream_flush(stream, &err));
        assert_int_equal(record->size, SIZE);
        assert_memory_equal(record->data, bytes, SIZE);
        elea_output_stream_free(stream);
    }
}

static void test_buffered_failure(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream;
    recorder *record = NULL;
    assert_ok(recorder_new(NULL, &record, &err));
    record->fails_at = 1;
    assert_ok(elea_output_stream_new_buffered(&record->base, 0, NULL, &stream, &err));
    assert_ok(elea_output_stream_write(stream, bytes, 60000, &err));
    assert_fails(ELEA_EIO, "drain", elea_output_stream_write(stream, bytes, 60000, &err));
    assert_fails(ELEA_EIO, "after a failure", elea_output_stream_close(stream, &err));
    assert_int_equal(record->closes, 0);
    elea_output_stream_free(stream);
    assert_int_equal(recorder_frees, 1);
    assert_ok(recorder_new(NULL, &record, &err));
    assert_fails(ELEA_EINVAL, "buffer of -1",
                 elea_output_stream_new_buffered(&record->base, -1, NULL, &stream, &err));
    elea_output_stream_free(&record->base);
}

static void test_detach(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream, *target = NULL;
    recorder *record = NULL;
    assert_ok(recorder_new(NULL, &record, &err));
    assert_fails(ELEA_EINVAL, "not buffered",
                 elea_output_stream_detach(&record->base, &target, &err));
    assert_ok(elea_output_stream_new_buffered(&record->base, 0, NULL, &stream, &err));
    assert_ok(elea_output_stream_write(stream, "held", 4, &err));
    assert_ok(elea_output_stream_detach(stream, &target, &err));
    assert_ptr_equal(target, record);
    assert_int_equal(record->size, 4);
    assert_fails(ELEA_EINVAL, "closed", elea_output_stream_write(stream, "x", 1, &err));
    assert_fails(ELEA_EINVAL, "closed", elea_output_stream_detach(stream, &target, &err));
    elea_output_stream_free(stream);
    assert_int_equal(recorder_frees, 0);
    assert_ok(elea_output_stream_write(target, "on", 2, &err));
    assert_memory_equal(record->data, "heldon", 6);
    elea_output_stream_free(target);
}

// ---- tee

static void test_tee(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream, *counter, *buffered;
    recorder *record = NULL, *copy = NULL;
    uint32_t crc;
    assert_ok(elea_output_stream_new_counting(NULL, &counter, &err));
    assert_ok(recorder_new(NULL, &copy, &err));
    assert_ok(elea_output_stream_new_buffered(&copy->base, 0, NULL, &buffered, &err));
    assert_ok(recorder_new(NULL, &record, &err));
    assert_ok(elea_output_stream_new_tee(&record->base, counter, NULL, &stream, &err));
    assert_ok(elea_output_stream_new_tee(stream, buffered, NULL, &stream, &err));
    const elea_bytes parts[] = {{bytes, 500}, {NULL, 0}, {bytes + 500, 500}};
    assert_ok(elea_output_stream_write_parts(stream, parts, 3, &err));
    assert_int_equal(elea_output_stream_position(stream), 1000);
    assert_int_equal(copy->size, 0);
    assert_ok(elea_output_stream_sync(stream, &err));
    assert_int_equal(copy->size, 1000);
    assert_int_equal(copy->syncs, 0);
    assert_int_equal(record->syncs, 1);
    assert_ok(elea_output_stream_write(stream, bytes + 1000, 1000, &err));
    assert_ok(elea_output_stream_close(stream, &err));
    assert_int_equal(record->closes, 1);
    assert_int_equal(copy->closes, 0);
    assert_memory_equal(record->data, bytes, 2000);
    assert_memory_equal(copy->data, bytes, 2000);
    elea_output_stream_free(stream);
    assert_int_equal(recorder_frees, 1);
    assert_ok(elea_output_stream_crc32c(counter, &crc, &err));
    assert_int_equal(crc, elea_crc32c(0, bytes, 2000));
    elea_output_stream_free(counter);
    elea_output_stream_free(buffered);
    assert_int_equal(recorder_frees, 2);
}

static void test_tee_failure(void **state) {
    (void)state;
    elea_error err;
    elea_output_stream *stream;
    recorder *record = NULL, *copy = NULL;
    assert_ok(recorder_new(NULL, &record, &err));
    assert_ok(recorder_new(NULL, &copy, &err));
    copy->fails_at = 2;
    assert_ok(elea_output_stream_new_tee(&record->base, &copy->base, NULL, &stream, &err));
    assert_ok(elea_output_stream_write(stream, "a", 1, &err));
    assert_fails(ELEA_EIO, "drain", elea_output_stream_write(stream, "b", 1, &err));
    assert_fails(ELEA_EIO, "after a failure", elea_output_stream_close(stream, &err));
    elea_output_stream_free(stream);
    elea_output_stream_free(&copy->base);
}

// ---- memory that runs out

static elea_status write_chain(elea_pool *pool, void *context, elea_error *err) {
    (void)context;
    elea_status status = ELEA_OK;
    elea_output_stream *stream = NULL, *next = NULL, *counter = NULL;
    elea_output_stream *other = NULL;
    char memory[100];
    const elea_descriptor_options borrowed = {.borrowed = true};
    ELEA_GOTO(done, elea_output_stream_new_counting(pool, &counter, err));
    ELEA_GOTO(done,
              elea_output_stream_new_from_descriptor(2, "error", &borrowed, pool, &other, err));
    ELEA_GOTO(done, elea_output_stream_new_fixed(memory, 100, pool, &stream, err));
    ELEA_GOTO(done, elea_output_stream_new_tee(stream, counter, pool, &next, err));
    stream = next;
    ELEA_GOTO(done, elea_output_stream_new_buffered(stream, 50, pool, &next, err));
    stream = next;
    ELEA_GOTO(done, elea_output_stream_write(stream, bytes, 10, err));
    ELEA_GOTO(done, elea_output_stream_close(stream, err));

done:
    elea_output_stream_free(stream);
    elea_output_stream_free(counter);
    elea_output_stream_free(other);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    assert_true(elea_test_fail_each_allocation(write_chain, NULL) >= 11);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_descriptor_of_a_file, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_pipe_is_short_and_interrupted, set_up,
                                        elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_nobody_reads, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_standard_output, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_fixed, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_counting, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_buffered_gathers, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_buffered_random, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_buffered_failure, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_detach, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_tee, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_tee_failure, set_up, elea_test_folder_remove),
        cmocka_unit_test_setup_teardown(test_allocation_failures, set_up, elea_test_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
