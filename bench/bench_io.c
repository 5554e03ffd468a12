// SPDX-License-Identifier: Apache-2.0
//
// Bytes in and out beside the C library's streams and the system's own calls, on one file that is
// in the system's cache.
#include <elea/io.h>

#include <fcntl.h>
#include <unistd.h>

#include "bench_support.h"

#define SIZE ((int64_t)16 << 20)
#define BUFFER_SIZE ((int64_t)64 << 10)
#define RANGE_COUNT 1000
#define RANGE_SIZE 100
#define RANGE_STEP 4000

static char path[] = "/tmp/elea-bench-io-XXXXXX";
static uint8_t *scratch;

typedef struct piece {
    int64_t size; // of one read or write
} piece;

static void must(elea_status status, const elea_error *err) {
    if (status == ELEA_OK)
        return;
    fprintf(stderr, "bench_io: %s\n", elea_error_message(err));
    exit(1);
}

// ---- reading in order

static void read_all(elea_input_stream *stream, int64_t size) {
    elea_error err;
    int64_t count = 0;
    do {
        must(elea_input_stream_read(stream, size, scratch, &count, &err), &err);
        bench_sink += scratch[0];
    } while (count == size);
    elea_input_stream_free(stream);
}

static void run_plain(void *context) {
    elea_error err;
    elea_input_stream *stream = NULL;
    must(elea_input_stream_open(path, NULL, &stream, &err), &err);
    read_all(stream, ((const piece *)context)->size);
}

static void run_buffered(void *context) {
    elea_error err;
    elea_input_stream *stream = NULL;
    must(elea_input_stream_open(path, NULL, &stream, &err), &err);
    must(elea_input_stream_new_buffered(stream, NULL, NULL, &stream, &err), &err);
    read_all(stream, ((const piece *)context)->size);
}

static void run_views(void *context) {
    elea_error err;
    elea_input_stream *stream = NULL;
    elea_buffer *view = NULL;
    int64_t size = ((const piece *)context)->size, count = 0;
    must(elea_input_stream_open(path, NULL, &stream, &err), &err);
    must(elea_input_stream_new_buffered(stream, NULL, NULL, &stream, &err), &err);
    do {
        must(elea_input_stream_view(stream, size, &view, &err), &err);
        count = elea_buffer_size(view);
        bench_sink += count > 0 ? elea_buffer_data(view)[0] : 0;
        elea_buffer_unref(view);
    } while (count == size);
    elea_input_stream_free(stream);
}

static void run_stdio_read(void *context) {
    FILE *file = fopen(path, "rb");
    int64_t size = ((const piece *)context)->size;
    if (!file || setvbuf(file, NULL, _IOFBF, (size_t)BUFFER_SIZE) != 0)
        exit(1);
    while (fread(scratch, 1, (size_t)size, file) == (size_t)size)
        bench_sink += scratch[0];
    fclose(file);
}

static void run_system_read(void *context) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    int64_t size = ((const piece *)context)->size;
    while (read(file, scratch, (size_t)size) == size)
        bench_sink += scratch[0];
    close(file);
}

// ---- writing in order

static void run_write(void *context) {
    elea_error err;
    elea_output_stream *stream = NULL;
    int64_t size = ((const piece *)context)->size;
    must(elea_output_stream_open("/dev/null", NULL, NULL, &stream, &err), &err);
    must(elea_output_stream_new_buffered(stream, 0, NULL, &stream, &err), &err);
    for (int64_t done = 0; done < SIZE; done += size)
        must(elea_output_stream_write(stream, scratch, size, &err), &err);
    must(elea_output_stream_close(stream, &err), &err);
    elea_output_stream_free(stream);
}

static void run_stdio_write(void *context) {
    FILE *file = fopen("/dev/null", "wb");
    int64_t size = ((const piece *)context)->size;
    if (!file || setvbuf(file, NULL, _IOFBF, (size_t)BUFFER_SIZE) != 0)
        exit(1);
    for (int64_t done = 0; done < SIZE; done += size)
        if (fwrite(scratch, 1, (size_t)size, file) != (size_t)size)
            exit(1);
    fclose(file);
}

// ---- many ranges

typedef struct ranges {
    elea_file *file;
    int descriptor;
    elea_file_range list[RANGE_COUNT];
    elea_buffer *out[RANGE_COUNT];
} ranges;

static void run_ranges(void *context) {
    elea_error err;
    ranges *wanted = context;
    must(elea_file_read_ranges(wanted->file, wanted->list, RANGE_COUNT, NULL, wanted->out, &err),
         &err);
    for (int i = 0; i < RANGE_COUNT; i++) {
        bench_sink += elea_buffer_data(wanted->out[i])[0];
        elea_buffer_unref(wanted->out[i]);
    }
}

static void run_system_ranges(void *context) {
    const ranges *wanted = context;
    for (int i = 0; i < RANGE_COUNT; i++) {
        uint8_t *out = malloc(RANGE_SIZE);
        if (!out || pread(wanted->descriptor, out, RANGE_SIZE, wanted->list[i].offset) < 0)
            exit(1);
        bench_sink += out[0];
        free(out);
    }
}

static void make_file(void) {
    int file = mkstemp(path);
    if (file < 0 || !scratch)
        exit(1);
    for (int64_t done = 0; done < SIZE; done += BUFFER_SIZE)
        if (write(file, scratch, (size_t)BUFFER_SIZE) != BUFFER_SIZE)
            exit(1);
    close(file);
}

static void bench_ranges(void) {
    elea_error err;
    static ranges wanted;
    wanted.descriptor = open(path, O_RDONLY | O_CLOEXEC);
    for (int i = 0; i < RANGE_COUNT; i++)
        wanted.list[i] = (elea_file_range){(int64_t)i * RANGE_STEP, RANGE_SIZE};
    bench_head("1,000 ranges of 100 bytes (reference: pread)");
    must(elea_file_open(path, NULL, &wanted.file, &err), &err);
    bench_row("read together", 0, bench_compare(run_ranges, &wanted, run_system_ranges, &wanted));
    elea_file_unref(wanted.file);
    must(elea_file_map(path, NULL, &wanted.file, &err), &err);
    bench_row("viewed", 0, bench_compare(run_ranges, &wanted, run_system_ranges, &wanted));
    elea_file_unref(wanted.file);
    close(wanted.descriptor);
}

int main(void) {
    scratch = calloc(1, (size_t)1 << 20);
    make_file();
    piece sizes[] = {{16}, {256}, {4096}, {1 << 20}};
    const char *names[] = {"16 bytes at a time", "256 bytes", "4 KiB", "1 MiB"};
    bench_head("buffered input, 16 MiB (reference: fread)");
    for (int i = 0; i < 4; i++)
        bench_row(names[i], SIZE,
                  bench_compare(run_buffered, &sizes[i], run_stdio_read, &sizes[i]));
    bench_head("the same as views (reference: fread)");
    for (int i = 0; i < 4; i++)
        bench_row(names[i], SIZE, bench_compare(run_views, &sizes[i], run_stdio_read, &sizes[i]));
    bench_head("input as it is, 16 MiB (reference: read)");
    for (int i = 2; i < 4; i++)
        bench_row(names[i], SIZE, bench_compare(run_plain, &sizes[i], run_system_read, &sizes[i]));
    bench_head("buffered output, 16 MiB (reference: fwrite)");
    for (int i = 0; i < 4; i++)
        bench_row(names[i], SIZE, bench_compare(run_write, &sizes[i], run_stdio_write, &sizes[i]));
    bench_ranges();
    unlink(path);
    free(scratch);
    return 0;
}
