// SPDX-License-Identifier: Apache-2.0
//
// The speed of columns: validation of text that comes from outside, as a ratio to reading the same
// text once (offsets and views, which are read besides, are not counted).
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
    for (int64_t i = 0; other_every > 0 && i + 2 <= row_size; i += other_every)
        memcpy(row + i, "\xC3\xA9", 2);
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

int main(int argc, char **argv) {
    // The size in megabytes may be given.
    int64_t size = (argc > 1 ? atoll(argv[1]) : 1000) * 1000000;
    printf("columnar, %lld MB of text\n", (long long)(size / 1000000));
    bench_head("full validation");
    bench_text("utf8, ASCII, rows of 100 bytes", ELEA_TYPE_UTF8, size, 100, 0);
    bench_text("utf8, ASCII, rows of 12 bytes", ELEA_TYPE_UTF8, size, 12, 0);
    bench_text("large_utf8, ASCII, rows of 100 bytes", ELEA_TYPE_LARGE_UTF8, size, 100, 0);
    bench_text("utf8, a tenth accents, rows of 100 bytes", ELEA_TYPE_UTF8, size, 100, 20);
    bench_text("utf8, a tenth accents, rows of 12 bytes", ELEA_TYPE_UTF8, size, 12, 20);
    bench_text("utf8_view, ASCII, rows of 100 bytes", ELEA_TYPE_UTF8_VIEW, size, 100, 0);
    bench_text("utf8_view, ASCII, rows of 12 bytes", ELEA_TYPE_UTF8_VIEW, size, 12, 0);
    return 0;
}
