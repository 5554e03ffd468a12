// SPDX-License-Identifier: Apache-2.0
//
// The speed of columns: validation of text that comes from outside, as a ratio to reading the same
// text once (offsets and views, which are read besides, are not counted); appending value by value,
// concatenation and equality, as a ratio to reading the bytes of the result (of one side) once.
#include <elea/columnar.h>

#include "bench_support.h"

static void must(elea_status status, const elea_error *err) {
    if (status == ELEA_OK)
        return;
    fprintf(stderr, "%s\n", elea_error_message(err));
    exit(1);
}

static void run_validate(void *context) {
    elea_error err = {0};
    must(elea_array_validate(context, ELEA_VALIDATE_FULL, &err), &err);
}

// Rows of `row_size` bytes, `size` together; every `other_every`th byte pair is an e with an accent
// (0: all is ASCII).
static elea_array *text_new(elea_type_id id, int64_t size, int64_t row_size, int64_t other_every) {
    elea_error err = {0};
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    char row[4096];
    for (int64_t i = 0; i < row_size; i++)
        row[i] = (char)('a' + i % 26);
    for (int64_t i = 0; other_every > 0 && i + 2 <= row_size; i += other_every) {
        row[i] = (char)0xC3;
        row[i + 1] = (char)0xA9;
    }
    must(elea_builder_new(NULL, elea_type_of(id), &builder, &err), &err);
    must(elea_builder_reserve(builder, size / row_size, id == ELEA_TYPE_UTF8_VIEW ? 0 : size, &err),
         &err);
    for (int64_t i = 0; i < size / row_size; i++)
        must(elea_builder_append_bytes(builder, (elea_bytes){row, row_size}, &err), &err);
    must(elea_builder_finish(builder, &array, &err), &err);
    elea_builder_free(builder);
    return array;
}

static void bench_text(const char *name, elea_type_id id, int64_t size, int64_t row_size,
                       int64_t other_every) {
    size -= size % row_size;
    elea_array *array = text_new(id, size, row_size, other_every);
    // Short views carry their text themselves.
    bool is_inline = id == ELEA_TYPE_UTF8_VIEW && row_size <= 12;
    elea_array *plain = is_inline ? text_new(ELEA_TYPE_UTF8, size, row_size, other_every) : NULL;
    const elea_buffer *bytes = elea_array_buffer(plain ? plain : array, 2);
    bench_bytes reference = {elea_buffer_data(bytes), size};
    // Long views are in several buffers; the largest one is read as often as it takes.
    if (elea_buffer_size(bytes) < size)
        bytes = elea_array_buffer(array, elea_array_buffer_count(array) - 2);
    reference = (bench_bytes){elea_buffer_data(bytes), elea_buffer_size(bytes)};
    bench_result result = bench_compare(run_validate, array, bench_read, &reference);
    double scale = (double)size / (double)reference.size;
    result.reference_ns_min *= scale;
    result.reference_ns_median *= scale;
    bench_row(name, size, result);
    elea_array_unref(plain);
    elea_array_unref(array);
}

// ---- appending

#define APPEND_COUNT 10000000

static elea_array *numbers_new(int64_t count) {
    elea_error err = {0};
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    must(elea_builder_new(NULL, elea_type_of(ELEA_TYPE_INT64), &builder, &err), &err);
    for (int64_t i = 0; i < count; i++)
        must(elea_builder_append_int(builder, i, &err), &err);
    must(elea_builder_finish(builder, &array, &err), &err);
    elea_builder_free(builder);
    return array;
}

static void run_append_numbers(void *context) {
    (void)context;
    elea_array_unref(numbers_new(APPEND_COUNT));
}

static void run_append_texts(void *context) {
    (void)context;
    elea_array_unref(text_new(ELEA_TYPE_UTF8, (int64_t)APPEND_COUNT * 12, 12, 0));
}

static void bench_append(const elea_array *numbers, const elea_array *texts) {
    bench_head("append 10 million values, one by one");
    const elea_buffer *bytes = elea_array_buffer(numbers, 1);
    bench_bytes reference = {elea_buffer_data(bytes), (int64_t)APPEND_COUNT * 8};
    bench_row("int64", reference.size,
              bench_compare(run_append_numbers, NULL, bench_read, &reference));
    bytes = elea_array_buffer(texts, 2);
    reference = (bench_bytes){elea_buffer_data(bytes), (int64_t)APPEND_COUNT * 12};
    bench_row("utf8 of 12 bytes, reserved", reference.size,
              bench_compare(run_append_texts, NULL, bench_read, &reference));
}

// ---- concatenation and equality

#define CHUNK_COUNT 1000

typedef struct pieces {
    elea_array *whole;
    elea_array *again; // the same values in other memory
    elea_array *chunks[CHUNK_COUNT];
} pieces;

static void pieces_init(pieces *cut, elea_array *whole) {
    elea_error err = {0};
    int64_t length = elea_array_length(whole) / CHUNK_COUNT;
    cut->whole = whole;
    for (int64_t i = 0; i < CHUNK_COUNT; i++)
        must(elea_array_slice(whole, i * length, length, &cut->chunks[i], &err), &err);
    must(elea_array_concat(NULL, (const elea_array *const *)cut->chunks, CHUNK_COUNT, &cut->again,
                           &err),
         &err);
}

static void pieces_release(pieces *cut) {
    for (int64_t i = 0; i < CHUNK_COUNT; i++)
        elea_array_unref(cut->chunks[i]);
    elea_array_unref(cut->again);
    elea_array_unref(cut->whole);
}

static void run_concat(void *context) {
    elea_error err = {0};
    pieces *cut = context;
    elea_array *joined = NULL;
    must(
        elea_array_concat(NULL, (const elea_array *const *)cut->chunks, CHUNK_COUNT, &joined, &err),
        &err);
    elea_array_unref(joined);
}

static void run_equal(void *context) {
    pieces *cut = context;
    bench_sink = elea_array_equal(cut->whole, cut->again, NULL);
}

static void bench_pieces(elea_array *numbers, elea_array *texts) {
    static pieces cuts[2];
    static const char *const names[] = {"int64", "utf8 of 12 bytes"};
    pieces_init(&cuts[0], numbers);
    pieces_init(&cuts[1], texts);
    for (int k = 0; k < 2; k++) {
        bench_head(k == 0 ? "concat of 1,000 chunks of 10,000 rows"
                          : "equality of 10 million rows");
        for (int i = 0; i < 2; i++) {
            const elea_buffer *bytes = elea_array_buffer(cuts[i].whole, i + 1);
            bench_bytes reference = {elea_buffer_data(bytes), elea_buffer_size(bytes)};
            bench_row(
                names[i], reference.size,
                bench_compare(k == 0 ? run_concat : run_equal, &cuts[i], bench_read, &reference));
        }
    }
    pieces_release(&cuts[0]);
    pieces_release(&cuts[1]);
}

int main(int argc, char **argv) {
    // The size in megabytes may be given.
    int64_t size = (argc > 1 ? strtoll(argv[1], NULL, 10) : 1000) * 1000000;
    printf("columnar, %lld MB of text\n", (long long)(size / 1000000));
    bench_head("full validation");
    bench_text("utf8, ASCII, rows of 100 bytes", ELEA_TYPE_UTF8, size, 100, 0);
    bench_text("utf8, ASCII, rows of 12 bytes", ELEA_TYPE_UTF8, size, 12, 0);
    bench_text("large_utf8, ASCII, rows of 100 bytes", ELEA_TYPE_LARGE_UTF8, size, 100, 0);
    bench_text("utf8, a tenth accents, rows of 100 bytes", ELEA_TYPE_UTF8, size, 100, 20);
    bench_text("utf8, a tenth accents, rows of 12 bytes", ELEA_TYPE_UTF8, size, 12, 20);
    bench_text("utf8_view, ASCII, rows of 100 bytes", ELEA_TYPE_UTF8_VIEW, size, 100, 0);
    bench_text("utf8_view, ASCII, rows of 12 bytes", ELEA_TYPE_UTF8_VIEW, size, 12, 0);
    elea_array *numbers = numbers_new(APPEND_COUNT);
    elea_array *texts = text_new(ELEA_TYPE_UTF8, (int64_t)APPEND_COUNT * 12, 12, 0);
    bench_append(numbers, texts);
    bench_pieces(numbers, texts);
    return 0;
}
