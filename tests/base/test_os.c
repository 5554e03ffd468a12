// SPDX-License-Identifier: Apache-2.0
#include <elea/base.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os_internal.h"
#include "support/cmocka_all.h"
#include "support/scratch.h"

// A path that holds until the fourth call after this one.
static const char *path_in(const elea_test_scratch *scratch, const char *name) {
    static char paths[4][600];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", scratch->folder, name);
    return path;
}

static void test_write_and_read(void **state) {
    (void)state;
    elea_test_scratch scratch;
    elea_test_scratch_init(&scratch);
    elea_error err;
    const char *path = path_in(&scratch, "file");
    int file;
    int64_t size, read;
    char bytes[100];
    assert_ok(elea__os_open(path, ELEA__OS_CREATE, &file, &err));
    assert_ok(elea__os_write(file, path, "hello ", 6, &err));
    assert_ok(elea__os_write(file, path, "arrow", 5, &err));
    assert_ok(elea__os_write_at(file, path, 0, "H", 1, &err));
    assert_ok(elea__os_write(file, path, NULL, 0, &err));
    assert_ok(elea__os_sync(file, path, &err));
    assert_ok(elea__os_file_size(file, path, &size, &err));
    assert_int_equal(size, 11);
    assert_fails(ELEA_EIO, "cannot read", elea__os_read(file, path, bytes, 1, &read, &err));
    assert_ok(elea__os_close(file, path, &err));
    assert_fails(ELEA_EEXISTS, path, elea__os_open(path, ELEA__OS_CREATE, &file, &err));

    assert_ok(elea__os_open(path, ELEA__OS_READ, &file, &err));
    assert_ok(elea__os_read_at(file, path, 6, bytes, 100, &read, &err));
    assert_int_equal(read, 5);
    assert_memory_equal(bytes, "arrow", 5);
    assert_ok(elea__os_read_at(file, path, 11, bytes, 100, &read, &err));
    assert_int_equal(read, 0);
    assert_ok(elea__os_read(file, path, bytes, 4, &read, &err));
    assert_memory_equal(bytes, "Hell", 4);
    assert_ok(elea__os_seek(file, path, 1, &err));
    assert_ok(elea__os_read_some(file, path, bytes, 3, &read, &err));
    assert_int_equal(read, 3);
    assert_memory_equal(bytes, "ell", 3);
    int64_t skipped;
    assert_ok(elea__os_seek(file, path, 1, &err));
    assert_ok(elea__os_skip(file, path, 6, &skipped, &err));
    assert_int_equal(skipped, 6);
    assert_ok(elea__os_read_some(file, path, bytes, 1, &read, &err));
    assert_int_equal(bytes[0], 'r');
    assert_ok(elea__os_skip(file, path, INT64_MAX, &skipped, &err));
    assert_int_equal(skipped, 3);
    assert_ok(elea__os_seek(file, path, 100, &err));
    assert_ok(elea__os_skip(file, path, 5, &skipped, &err));
    assert_int_equal(skipped, 0);
    assert_fails(ELEA_EIO, "cannot write 1 bytes", elea__os_write(file, path, "x", 1, &err));
    assert_fails(ELEA_EIO, "offset 9", elea__os_write_at(file, path, 9, "x", 1, &err));
    assert_fails(ELEA_EIO, "size of", elea__os_truncate(file, path, 3, &err));
    elea__os_close_quietly(file);
    elea__os_close_quietly(-1);
    assert_ok(elea__os_close(-1, path, &err));

    assert_ok(elea__os_open(path, ELEA__OS_APPEND, &file, &err));
    assert_ok(elea__os_write(file, path, "!", 1, &err));
    assert_ok(elea__os_close(file, path, &err));
    assert_ok(elea__os_open(path, ELEA__OS_READ_WRITE, &file, &err));
    assert_ok(elea__os_truncate(file, path, 12000, &err));
    assert_ok(elea__os_read_at(file, path, 11, bytes, 2, &read, &err));
    assert_memory_equal(bytes, "!\0", 2);
    assert_ok(elea__os_close(file, path, &err));
    assert_ok(elea__os_open(path, ELEA__OS_REPLACE, &file, &err));
    assert_ok(elea__os_file_size(file, path, &size, &err));
    assert_int_equal(size, 0);
    assert_ok(elea__os_close(file, path, &err));
    elea_test_scratch_release(&scratch);
}

static void test_errors_of_files(void **state) {
    (void)state;
    elea_test_scratch scratch;
    elea_test_scratch_init(&scratch);
    elea_error err;
    int file = 77;
    int64_t out;
    char byte;
    const char *none = path_in(&scratch, "no\nne");
    assert_fails(ELEA_ENOTFOUND, "no\\x0Ane\": No such file or directory",
                 elea__os_open(none, ELEA__OS_READ, &file, &err));
    assert_int_equal(err.os_code, ENOENT);
    assert_int_equal(file, 77);
    assert_fails(ELEA_ENOTFOUND, "cannot open",
                 elea__os_open(none, ELEA__OS_READ_WRITE, &file, &err));
    assert_fails(ELEA_EIO, "directory",
                 elea__os_open(scratch.folder, ELEA__OS_REPLACE, &file, &err));
    assert_fails(ELEA_EIO, "Bad file", elea__os_read_at(999, "p", 0, &byte, 1, &out, &err));
    assert_fails(ELEA_EIO, "\"p\"", elea__os_seek(999, "p", 0, &err));
    assert_fails(ELEA_EIO, "\"p\"", elea__os_file_size(999, "p", &out, &err));
    assert_fails(ELEA_EIO, "\"p\"", elea__os_sync(999, "p", &err));
    assert_fails(ELEA_EIO, "\"p\"", elea__os_close(999, "p", &err));
    assert_fails(ELEA_EIO, "\"p\"", elea__os_unlock(999, "p", &err));
    // A full disk.
    if (access("/dev/full", W_OK) == 0) {
        assert_ok(elea__os_open("/dev/full", ELEA__OS_READ_WRITE, &file, &err));
        assert_fails(ELEA_EIO, "\"/dev/full\": No space left",
                     elea__os_write(file, "/dev/full", "x", 1, &err));
        assert_int_equal(err.os_code, ENOSPC);
        elea__os_close_quietly(file);
    }
    elea_test_scratch_release(&scratch);
}

typedef struct names {
    char text[1000];
    int count;
    int fail_at;
} names;

static elea_status add_name(void *context, const char *name, elea_error *err) {
    names *list = context;
    size_t size = strlen(list->text);
    snprintf(list->text + size, sizeof list->text - size, "%s|", name);
    if (++list->count == list->fail_at)
        return elea_error_set(err, ELEA_EINVAL, "no more");
    return ELEA_OK;
}

static void test_directories(void **state) {
    (void)state;
    elea_test_scratch scratch;
    elea_test_scratch_init(&scratch);
    elea_error err;
    const char *inner = path_in(&scratch, "inner");
    const char *a = path_in(&scratch, "inner/a"), *b = path_in(&scratch, "inner/b");
    elea__os_stat_info info;
    int file;
    assert_ok(elea__os_stat(inner, &info, &err));
    assert_int_equal(info.kind, ELEA__OS_NONE);
    assert_ok(elea__os_mkdir(inner, &err));
    assert_fails(ELEA_EEXISTS, inner, elea__os_mkdir(inner, &err));
    assert_ok(elea__os_stat(inner, &info, &err));
    assert_int_equal(info.kind, ELEA__OS_DIRECTORY);
    int64_t before = elea__os_clock_wall_ns();
    assert_ok(elea__os_open(a, ELEA__OS_CREATE, &file, &err));
    assert_ok(elea__os_write(file, a, "123", 3, &err));
    assert_ok(elea__os_close(file, a, &err));
    assert_ok(elea__os_stat(a, &info, &err));
    assert_int_equal(info.kind, ELEA__OS_FILE);
    assert_int_equal(info.size, 3);
    assert_in_range(info.modified_ns, before - 1000000000, before + 60000000000);
    assert_ok(elea__os_stat("/dev/null", &info, &err));
    assert_int_equal(info.kind, ELEA__OS_OTHER);
    assert_ok(elea__os_sync_directory(inner, &err));
    assert_fails(ELEA_EIO, a, elea__os_sync_directory(a, &err));

    assert_fails(ELEA_EIO, "not empty", elea__os_rmdir(inner, &err));
    assert_ok(elea__os_open(b, ELEA__OS_CREATE, &file, &err));
    assert_ok(elea__os_close(file, b, &err));
    names list = {.count = 0};
    assert_ok(elea__os_list(inner, add_name, &list, &err));
    assert_int_equal(list.count, 2);
    assert_non_null(strstr(list.text, "a|"));
    assert_non_null(strstr(list.text, "b|"));
    list = (names){.fail_at = 1};
    assert_fails(ELEA_EINVAL, "no more", elea__os_list(inner, add_name, &list, &err));
    assert_int_equal(list.count, 1);
    assert_fails(ELEA_EIO, "Not a dir", elea__os_list(a, add_name, &list, &err));

    assert_ok(elea__os_rename(a, b, &err));
    assert_fails(ELEA_ENOTFOUND, "inner/b", elea__os_rename(a, b, &err));
    assert_ok(elea__os_stat(b, &info, &err));
    assert_int_equal(info.size, 3);
    assert_fails(ELEA_ENOTFOUND, "inner/a", elea__os_unlink(a, &err));
    assert_ok(elea__os_unlink(b, &err));
    assert_ok(elea__os_rmdir(inner, &err));
    assert_fails(ELEA_ENOTFOUND, inner, elea__os_rmdir(inner, &err));
    assert_fails(ELEA_ENOTFOUND, inner, elea__os_list(inner, add_name, &list, &err));
    assert_fails(ELEA_ENOTFOUND, inner, elea__os_sync_directory(inner, &err));
    elea_test_scratch_release(&scratch);
}

static void test_mapping(void **state) {
    (void)state;
    elea_test_scratch scratch;
    elea_test_scratch_init(&scratch);
    elea_error err;
    const char *path = path_in(&scratch, "mapped");
    int file;
    const void *data, *empty;
    assert_ok(elea__os_open(path, ELEA__OS_CREATE, &file, &err));
    assert_ok(elea__os_write_at(file, path, 9000, "end", 3, &err));
    assert_ok(elea__os_close(file, path, &err));
    assert_ok(elea__os_open(path, ELEA__OS_READ, &file, &err));
    assert_ok(elea__os_map(file, path, 9003, &data, &err));
    assert_ok(elea__os_map(file, path, 0, &empty, &err));
    assert_non_null(empty);
    elea__os_close_quietly(file);
    assert_memory_equal((const char *)data + 9000, "end", 3);
    for (int advice = ELEA__OS_NORMAL; advice <= ELEA__OS_DONT_NEED; advice++)
        elea__os_advise((const char *)data + 5, 8000, (elea__os_advice)advice);
    elea__os_advise(data, 0, ELEA__OS_WILL_NEED);
    assert_int_equal(*(const char *)data, 0);
    elea__os_unmap(data, 9003);
    elea__os_unmap(empty, 0);
    elea__os_unmap(NULL, 0);
    assert_fails(ELEA_EIO, "cannot map 10 bytes of \"x\"", elea__os_map(999, "x", 10, &data, &err));
    elea_test_scratch_release(&scratch);
}

static void test_writable_mapping(void **state) {
    (void)state;
    elea_test_scratch scratch;
    elea_test_scratch_init(&scratch);
    elea_error err;
    const char *path = path_in(&scratch, "mapped");
    int file;
    int64_t read;
    void *data, *empty;
    char bytes[3];
    elea__os_stat_info info;
    elea_test_scratch_write(&scratch, "mapped", "", 0);
    assert_ok(elea__os_open(path, ELEA__OS_READ_WRITE, &file, &err));
    assert_ok(elea__os_allocate(file, path, 0, &err));
    assert_ok(elea__os_allocate(file, path, 9003, &err));
    assert_ok(elea__os_allocate(file, path, 100, &err)); // never makes it shorter
    assert_ok(elea__os_stat_file(file, path, &info, &err));
    assert_int_equal(info.kind, ELEA__OS_FILE);
    assert_int_equal(info.size, 9003);
    assert_ok(elea__os_map_writable(file, path, 9003, &data, &err));
    assert_ok(elea__os_map_writable(file, path, 0, &empty, &err));
    memcpy((char *)data + 9000, "end", 3);
    assert_ok(elea__os_sync_map(data, path, 9003, &err));
    assert_ok(elea__os_sync_map(empty, path, 0, &err));
    for (int advice = ELEA__OS_NORMAL; advice <= ELEA__OS_DONT_NEED; advice++)
        elea__os_advise_file(file, 5, 8000, (elea__os_advice)advice);
    assert_ok(elea__os_read_at(file, path, 9000, bytes, 3, &read, &err));
    assert_memory_equal(bytes, "end", 3);
    elea__os_unmap(data, 9003);
    elea__os_unmap(empty, 0);
    elea__os_close_quietly(file);
    assert_fails(ELEA_EIO, "cannot make \"x\" 10 bytes", elea__os_allocate(999, "x", 10, &err));
    assert_fails(ELEA_EIO, "cannot map", elea__os_map_writable(999, "x", 10, &data, &err));
    assert_fails(ELEA_EIO, "cannot look", elea__os_stat_file(999, "x", &info, &err));
    elea_test_scratch_release(&scratch);
}

// Nobody reads: an error, and no signal, whatever the signal would do.
static void test_broken_pipe(void **state) {
    (void)state;
    elea_error err;
    int ends[2];
    sigset_t pending, broken_pipe, before;
    const elea_bytes part = {.data = "x", .size = 1};
    assert_int_equal(pipe(ends), 0);
    assert_ok(elea__os_send_parts(ends[1], "pipe", &part, 1, &err));
    close(ends[0]);
    assert_fails(ELEA_EIO, "\"pipe\"", elea__os_send_parts(ends[1], "pipe", &part, 1, &err));
    assert_int_equal(err.os_code, EPIPE);
    assert_int_equal(sigpending(&pending), 0);
    assert_false(sigismember(&pending, SIGPIPE));

    // Blocked by the caller: it stays for the caller.
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    assert_int_equal(sigprocmask(SIG_BLOCK, &broken_pipe, &before), 0);
    assert_fails(ELEA_EIO, "\"pipe\"", elea__os_send_parts(ends[1], "pipe", &part, 1, &err));
    assert_int_equal(sigpending(&pending), 0);
    assert_true(sigismember(&pending, SIGPIPE));
    int number = 0;
    assert_int_equal(sigwait(&broken_pipe, &number), 0);
    assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
    close(ends[1]);
}

static void test_pages(void **state) {
    (void)state;
    int64_t size = 1 << 20;
    uint8_t *pages = elea__os_pages_new(size);
    assert_non_null(pages);
    assert_int_equal(pages[size - 1], 0);
    pages[size - 1] = 7;
    pages = elea__os_pages_resize(pages, size, 8 * size);
    assert_non_null(pages);
    assert_int_equal(pages[size - 1], 7);
    assert_int_equal(pages[8 * size - 1], 0);
    pages = elea__os_pages_resize(pages, 8 * size, size);
    assert_int_equal(pages[size - 1], 7);
    elea__os_pages_free(pages, size);
    assert_null(elea__os_pages_new((int64_t)1 << 60));
}

// Two openings in one process exclude each other, as two processes do.
static void test_locks(void **state) {
    (void)state;
    elea_test_scratch scratch;
    elea_test_scratch_init(&scratch);
    elea_error err;
    const char *path = path_in(&scratch, "lock");
    int first, second;
    bool locked;
    assert_ok(elea__os_open(path, ELEA__OS_LOCK, &first, &err));
    assert_ok(elea__os_open(path, ELEA__OS_LOCK, &second, &err));
    assert_ok(elea__os_lock(first, path, true, false, &locked, &err));
    assert_true(locked);
    assert_ok(elea__os_lock(second, path, true, false, &locked, &err));
    assert_false(locked);
    assert_ok(elea__os_lock(second, path, false, false, &locked, &err));
    assert_false(locked);
    assert_ok(elea__os_unlock(first, path, &err));
    assert_ok(elea__os_lock(second, path, false, true, &locked, &err));
    assert_true(locked);
    assert_ok(elea__os_lock(first, path, false, false, &locked, &err));
    assert_true(locked);
    assert_ok(elea__os_lock(first, path, true, false, &locked, &err));
    assert_false(locked);
    elea__os_close_quietly(second);
    assert_ok(elea__os_lock(first, path, true, true, &locked, &err));
    assert_true(locked);
    elea__os_close_quietly(first);
    elea_test_scratch_release(&scratch);
}

static void test_clocks_and_entropy(void **state) {
    (void)state;
    elea_error err;
    int64_t before = elea__os_clock_monotonic_ns();
    for (int i = 0; i < 1000; i++) {
        int64_t now = elea__os_clock_monotonic_ns();
        assert_true(now >= before);
        before = now;
    }
    assert_true(elea__os_clock_wall_ns() > INT64_C(1700000000000000000));
    uint8_t a[1000] = {0}, b[1000] = {0};
    assert_ok(elea__os_entropy(a, 1000, &err));
    assert_ok(elea__os_entropy(b, 1000, &err));
    assert_memory_not_equal(a, b, 1000);
    int differing[256] = {0}, seen = 0;
    for (int i = 0; i < 1000; i++)
        seen += differing[a[i]]++ == 0;
    assert_true(seen > 200);
    assert_in_range(elea__os_cpu_count(), 1, 100000);
}

static void on_signal(int number) { (void)number; }

// A pipe that fills up, and signals all the while: nothing is lost.
static void test_interrupted_pipe(void **state) {
    (void)state;
    elea_error err;
    enum { SIZE = 3 << 20 };
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct sigaction action = {.sa_handler = on_signal}; // without SA_RESTART
    sigaction(SIGALRM, &action, NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &often, NULL); // in both processes: a child inherits no timer
    uint8_t *bytes = malloc(SIZE);
    if (child == 0) {
        close(ends[0]);
        for (int i = 0; i < SIZE; i++)
            bytes[i] = (uint8_t)(i * 31 >> 3);
        _exit(elea__os_write(ends[1], "pipe", bytes, SIZE, &err) == ELEA_OK ? 0 : 1);
    }
    close(ends[1]);
    int64_t read = 0;
    // Long enough for signals to come while the full pipe keeps the writer waiting.
    int64_t begin = elea__os_clock_monotonic_ns();
    while (elea__os_clock_monotonic_ns() - begin < 20000000)
        usleep(1000);
    assert_ok(elea__os_read(ends[0], "pipe", bytes, SIZE, &read, &err));
    assert_int_equal(read, SIZE);
    for (int i = 0; i < SIZE; i++) {
        if (bytes[i] != (uint8_t)(i * 31 >> 3))
            fail_msg("byte %d is wrong", i);
    }
    assert_ok(elea__os_read(ends[0], "pipe", bytes, SIZE, &read, &err));
    assert_int_equal(read, 0);
    setitimer(ITIMER_REAL, &never, NULL);
    signal(SIGALRM, SIG_DFL);
    int result;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
    close(ends[0]);
    free(bytes);
}

typedef struct shared {
    elea__os_mutex mutex;
    elea__os_condition condition;
    int value;
} shared;

static void answer(void *context) {
    shared *s = context;
    elea__os_mutex_lock(&s->mutex);
    while (s->value != 1)
        elea__os_condition_wait(&s->condition, &s->mutex);
    s->value = 2;
    elea__os_condition_broadcast(&s->condition);
    elea__os_mutex_unlock(&s->mutex);
}

static void test_threads(void **state) {
    (void)state;
    elea_error err;
    shared s = {.value = 0};
    elea__os_mutex_init(&s.mutex);
    elea__os_condition_init(&s.condition);
    elea__os_thread thread;
    assert_ok(elea__os_thread_start(answer, &s, &thread, &err));
    elea__os_mutex_lock(&s.mutex);
    s.value = 1;
    elea__os_condition_signal(&s.condition);
    while (s.value != 2)
        elea__os_condition_wait(&s.condition, &s.mutex);
    elea__os_mutex_unlock(&s.mutex);
    elea__os_thread_join(thread);
    elea__os_condition_release(&s.condition);
    elea__os_mutex_release(&s.mutex);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_and_read),
        cmocka_unit_test(test_errors_of_files),
        cmocka_unit_test(test_directories),
        cmocka_unit_test(test_mapping),
        cmocka_unit_test(test_writable_mapping),
        cmocka_unit_test(test_broken_pipe),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_locks),
        cmocka_unit_test(test_clocks_and_entropy),
        cmocka_unit_test(test_interrupted_pipe),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
