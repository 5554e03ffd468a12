// SPDX-License-Identifier: Apache-2.0
//
// Streams that compress and decompress: every codec, sources and reads of all kinds, codecs told by
// bytes and names, damage, memory running out.
#include <elea/io.h>

#include <stdio.h>
#include <stdlib.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/codec_bytes.h"
#include "support/scratch.h"

#define FOR_EACH_CODEC(name)                                                                       \
    for (int name##_i = 0; elea_codec_at(name##_i); name##_i++)                                    \
        for (const elea_codec *name = elea_codec_at(name##_i); name && elea_codec_has_steps(name); \
             name = NULL)

static const int64_t part_sizes[] = {13, 1000, 65536, 700001};

#define PARTS ((int)(sizeof part_sizes / sizeof *part_sizes))

static elea_status write_parts(elea_output_stream *stream, elea_bytes bytes, int64_t part,
                               bool flush, elea_error *err) {
    for (int64_t at = 0; at < bytes.size; at += part) {
        int64_t size = bytes.size - at < part ? bytes.size - at : part;
        ELEA_TRY(elea_output_stream_write(stream, bytes.data + at, size, err));
        if (flush)
            ELEA_TRY(elea_output_stream_flush(stream, err));
    }
    return ELEA_OK;
}

// What a memory stream holds after `bytes` went through a compressing stream onto it.
static elea_status compress(const elea_codec *codec, elea_bytes bytes, int64_t part, bool flush,
                            elea_pool *pool, elea_buffer **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_output_stream *memory = NULL, *stream = NULL;
    ELEA_GOTO(done, elea_output_stream_new_memory(pool, &memory, err));
    ELEA_GOTO(done, elea_output_stream_new_compressed(memory, codec, NULL, pool, &stream, err));
    ELEA_GOTO(done, write_parts(stream, bytes, part, flush, err));
    assert_int_equal(elea_output_stream_position(stream), bytes.size);
    ELEA_GOTO(done, elea_output_stream_close(stream, err));
    ELEA_GOTO(done, elea_output_stream_take(memory, out, err));

done:
    elea_output_stream_free(stream ? stream : memory);
    return status;
}

// A source that gives few bytes at a time and knows neither views nor looking ahead.
typedef struct drip {
    elea_input_stream base;
    elea_bytes rest;
    int64_t most;
    bool *freed;
} drip;

static elea_status drip_read(elea_input_stream *stream, int64_t size, void *out, int64_t *count,
                             elea_error *err) {
    (void)err;
    drip *source = (drip *)stream;
    int64_t part = size < source->most ? size : source->most;
    part = part < source->rest.size ? part : source->rest.size;
    if (part > 0)
        memcpy(out, source->rest.data, (size_t)part);
    source->rest.data += part;
    source->rest.size -= part;
    *count = part;
    return ELEA_OK;
}

static void drip_free(elea_input_stream *stream) {
    drip *source = (drip *)stream;
    if (source->freed)
        *source->freed = true;
    elea_dealloc(stream->pool, source, sizeof *source);
}

static const elea_input_stream_ops drip_ops = {.read = drip_read, .free = drip_free};

static elea_status new_drip(elea_bytes bytes, int64_t most, const char *name, elea_pool *pool,
                            elea_input_stream **out, elea_error *err) {
    void *block = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(drip), &block, err));
    drip *source = block;
    elea_status status = elea_input_stream_init(&source->base, &drip_ops, pool, name, err);
    if (status != ELEA_OK) {
        elea_dealloc(pool, block, sizeof(drip));
        return status;
    }
    source->rest = bytes;
    source->most = most;
    *out = &source->base;
    return ELEA_OK;
}

static elea_bytes bytes_of(const elea_buffer *buffer) {
    return (elea_bytes){.data = (const char *)elea_buffer_data(buffer),
                        .size = elea_buffer_size(buffer)};
}

// Source 0: memory with views; 1, 2, 3: drips.
static elea_input_stream *new_source(elea_buffer *packed, int kind, const char *name) {
    static const int64_t most[] = {0, 1, 1000, 1 << 20};
    elea_error err = {0};
    elea_input_stream *source = NULL;
    if (kind == 0)
        assert_ok(elea_input_stream_new_from_buffer(packed, name, NULL, &source, &err));
    else
        assert_ok(new_drip(bytes_of(packed), most[kind], name, NULL, &source, &err));
    return source;
}

static void check_reads(elea_input_stream *stream, elea_bytes expected, int64_t part) {
    elea_error err = {0};
    char *found = malloc((size_t)part);
    int64_t count = 0;
    for (int64_t at = 0; at < expected.size; at += count) {
        assert_int_equal(elea_input_stream_position(stream), at);
        assert_ok(elea_input_stream_read(stream, part, found, &count, &err));
        assert_int_equal(count, expected.size - at < part ? expected.size - at : part);
        assert_memory_equal(found, expected.data + at, (size_t)count);
    }
    assert_ok(elea_input_stream_read_some(stream, part, found, &count, &err));
    assert_int_equal(count, 0);
    free(found);
}

static void test_round_trips(void **state) {
    (void)state;
    elea_error err = {0};
    static const int64_t sizes[] = {0, 1, 65536, 1000000};
    FOR_EACH_CODEC(codec) {
        for (int i = 0; i < 4; i++) {
            char *data = elea_test_codec_bytes(sizes[i]);
            const elea_bytes bytes = {.data = data, .size = sizes[i]};
            for (int p = i > 1 ? 1 : 0; p < PARTS; p++) {
                elea_buffer *packed = NULL;
                assert_ok(compress(codec, bytes, part_sizes[p], p > 1, NULL, &packed, &err));
                for (int kind = i == 3 ? 2 * (p == 1) : 0; kind < 4; kind += i == 3 ? 3 : 1) {
                    elea_input_stream *source = new_source(packed, kind, "packed");
                    elea_input_stream *stream = NULL;
                    assert_ok(elea_input_stream_new_decompressed(source, codec, NULL, NULL, &stream,
                                                                 &err));
                    check_reads(stream, bytes, part_sizes[p]);
                    elea_input_stream_free(stream);
                }
                elea_buffer_unref(packed);
            }
            free(data);
        }
    }
}

// Views, looking ahead, leaving out; a large view is decompressed to where it stays.
static void test_views(void **state) {
    (void)state;
    elea_error err = {0};
    const int64_t size = 1000000;
    char *data = elea_test_codec_bytes(size);
    FOR_EACH_CODEC(codec) {
        elea_buffer *packed = NULL, *view = NULL, *rest = NULL;
        elea_input_stream *stream = NULL;
        elea_bytes peeked = {0};
        int64_t count = 0;
        assert_ok(compress(codec, (elea_bytes){.data = data, .size = size}, size, false, NULL,
                           &packed, &err));
        assert_ok(elea_input_stream_new_decompressed(new_source(packed, 0, "packed"), codec, NULL,
                                                     NULL, &stream, &err));
        assert_false(elea_input_stream_has_views(stream));
        assert_ok(elea_input_stream_peek(stream, 300000, &peeked, &err));
        assert_int_equal(peeked.size, 300000);
        assert_memory_equal(peeked.data, data, 300000);
        assert_ok(elea_input_stream_view(stream, 1000, &view, &err));
        assert_memory_equal(elea_buffer_data(view), data, 1000);
        assert_ok(elea_input_stream_skip(stream, 500000, &count, &err));
        assert_int_equal(count, 500000);
        assert_ok(elea_input_stream_view_rest(stream, &rest, &err));
        elea_input_stream_free(stream);
        assert_int_equal(elea_buffer_size(rest), size - 501000);
        assert_memory_equal(elea_buffer_data(rest), data + 501000, (size_t)(size - 501000));
        assert_memory_equal(elea_buffer_data(view), data, 1000);
        elea_buffer_unref(rest);
        elea_buffer_unref(view);
        // In one read nothing is copied (the framed Snappy may, where a chunk is cut).
        assert_ok(elea_input_stream_new_decompressed(new_source(packed, 0, "packed"), codec, NULL,
                                                     NULL, &stream, &err));
        int64_t copied = elea_copied_bytes();
        char *found = malloc((size_t)size);
        assert_ok(elea_input_stream_read_exactly(stream, size, found, &err));
        assert_memory_equal(found, data, (size_t)size);
        if (elea_codec_id_of(codec) != ELEA_CODEC_SNAPPY_FRAMED)
            assert_true(elea_copied_bytes() == copied);
        free(found);
        elea_input_stream_free(stream);
        elea_buffer_unref(packed);
    }
    free(data);
}

static void check_told(elea_buffer *packed, const char *name, elea_bytes expected) {
    elea_error err = {0};
    for (int kind = 0; kind < 4; kind++) {
        elea_input_stream *stream = NULL;
        assert_ok(elea_input_stream_new_decompressed(new_source(packed, kind, name), NULL, NULL,
                                                     NULL, &stream, &err));
        check_reads(stream, expected, 100);
        elea_input_stream_free(stream);
    }
}

static void test_telling(void **state) {
    (void)state;
    elea_error err = {0};
    const elea_bytes text = elea_bytes_of("what moves, and what only seems to move?");
    elea_buffer *plain = NULL, *empty = NULL;
    assert_ok(elea_buffer_new_copy(NULL, text.data, text.size, &plain, &err));
    assert_ok(elea_buffer_new(NULL, 0, &empty, &err));
    FOR_EACH_CODEC(codec) {
        elea_buffer *packed = NULL;
        char name[64];
        assert_ok(compress(codec, text, 10, false, NULL, &packed, &err));
        snprintf(name, sizeof name, "table.arrow%s", elea_codec_suffix(codec));
        if (elea_codec_suffix(codec)[0]) {
            check_told(packed, name, text);
            check_told(empty, name, (elea_bytes){0});
        }
        if (elea_codec_of_magic(bytes_of(packed)))
            check_told(packed, "table.txt", text);
        elea_buffer_unref(packed);
    }
    check_told(plain, "table.txt", text);
    check_told(empty, "table.txt", (elea_bytes){0});
    // Bytes that pass are not copied.
    elea_input_stream *stream = NULL;
    elea_buffer *view = NULL;
    assert_ok(elea_input_stream_new_decompressed(new_source(plain, 0, "x"), NULL, NULL, NULL,
                                                 &stream, &err));
    assert_ok(elea_input_stream_view_rest(stream, &view, &err));
    assert_ptr_equal(elea_buffer_data(view), elea_buffer_data(plain));
    elea_buffer_unref(view);
    elea_input_stream_free(stream);
    elea_buffer_unref(empty);
    elea_buffer_unref(plain);
}

static void test_damage(void **state) {
    (void)state;
    elea_error err = {0};
    const int64_t size = 400000;
    char *data = elea_test_codec_bytes(size), *found = malloc((size_t)size);
    FOR_EACH_CODEC(codec) {
        elea_buffer *packed = NULL, *cut = NULL;
        elea_input_stream *stream = NULL;
        int64_t total = 0, count = 0;
        elea_status status = ELEA_OK;
        assert_ok(compress(codec, (elea_bytes){.data = data, .size = size}, size, false, NULL,
                           &packed, &err));
        assert_ok(elea_buffer_slice(packed, 0, elea_buffer_size(packed) - 1, &cut, &err));
        assert_ok(elea_input_stream_new_decompressed(new_source(cut, 0, "cut.file"), codec, NULL,
                                                     NULL, &stream, &err));
        do {
            total += count;
            status =
                elea_input_stream_read_some(stream, 1000, found + total % 300000, &count, &err);
        } while (status == ELEA_OK && count > 0);
        assert_int_equal(status, ELEA_EINVAL);
        assert_non_null(strstr(err.message, "\"cut.file\": "));
        assert_non_null(strstr(err.message, "are cut: the input ends at byte "));
        assert_true(total > size / 3);
        assert_fails(ELEA_EIO, "after a failure",
                     elea_input_stream_read_some(stream, 1000, found, &count, &err));
        elea_input_stream_free(stream);
        elea_buffer_unref(cut);
        // More than allowed.
        const elea_decompressor_options options = {.size_max = 1000};
        assert_ok(elea_input_stream_new_decompressed(new_source(packed, 0, "big"), codec, &options,
                                                     NULL, &stream, &err));
        assert_ok(elea_input_stream_read_exactly(stream, 1000, found, &err));
        assert_fails(ELEA_ECAPACITY,
                     "\"big\": ", elea_input_stream_read_some(stream, 1000, found, &count, &err));
        elea_input_stream_free(stream);
        elea_buffer_unref(packed);
    }
    free(found);
    free(data);
}

static void test_unsupported(void **state) {
    (void)state;
    elea_error err = {0};
    const elea_codec *snappy = elea_codec_of(ELEA_CODEC_SNAPPY);
    const char *reason = elea_codec_available(snappy) ? "in steps" : "ELEA_WITH_SNAPPY";
    elea_output_stream *memory = NULL, *output = NULL;
    elea_input_stream *stream = NULL;
    elea_buffer *packed = NULL;
    int64_t count = 0;
    char byte;
    assert_ok(elea_buffer_new_copy(NULL, "\0", 1, &packed, &err));
    elea_input_stream *source = new_source(packed, 0, "x.snappy");
    assert_fails(ELEA_EUNSUPPORTED, reason,
                 elea_input_stream_new_decompressed(source, snappy, NULL, NULL, &stream, &err));
    assert_ok(elea_input_stream_new_decompressed(source, NULL, NULL, NULL, &stream, &err));
    assert_fails(ELEA_EUNSUPPORTED, reason, elea_input_stream_read(stream, 1, &byte, &count, &err));
    elea_input_stream_free(stream);
    assert_ok(elea_output_stream_new_memory(NULL, &memory, &err));
    assert_fails(ELEA_EUNSUPPORTED, reason,
                 elea_output_stream_new_compressed(memory, snappy, NULL, NULL, &output, &err));
    elea_output_stream_free(memory);
    elea_buffer_unref(packed);
}

// Files: close completes and closes the one below; without it the frame is cut.
static void test_files(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea_test_scratch_init(&scratch);
    char *data = elea_test_codec_bytes(100000);
    FOR_EACH_CODEC(codec) {
        for (int closed = 0; closed < 2; closed++) {
            char name[64];
            snprintf(name, sizeof name, "file%s", elea_codec_suffix(codec));
            const char *path = elea_test_scratch_path(&scratch, name);
            elea_output_stream *file = NULL, *output = NULL;
            elea_input_stream *source = NULL, *stream = NULL;
            const elea_output_options atomic = {.atomic = closed == 1};
            assert_ok(elea_output_stream_open(path, &atomic, NULL, &file, &err));
            assert_ok(elea_output_stream_new_compressed(file, codec, NULL, NULL, &output, &err));
            assert_string_equal(elea_output_stream_name(output), path);
            assert_ok(elea_output_stream_write(output, data, 100000, &err));
            assert_ok(elea_output_stream_sync(output, &err));
            if (closed)
                assert_ok(elea_output_stream_close(output, &err));
            elea_output_stream_free(output);
            assert_ok(elea_input_stream_open(path, NULL, &source, &err));
            assert_ok(elea_input_stream_new_decompressed(source, codec, NULL, NULL, &stream, &err));
            char *found = malloc(100001);
            int64_t count = 0;
            elea_status status = elea_input_stream_read(stream, 100001, found, &count, &err);
            // Between two chunks of the framed Snappy an end is as good as any.
            bool may_end = closed || elea_codec_id_of(codec) == ELEA_CODEC_SNAPPY_FRAMED;
            assert_int_equal(status, may_end ? ELEA_OK : ELEA_EINVAL);
            if (may_end) {
                assert_int_equal(count, 100000);
                assert_memory_equal(found, data, 100000);
            }
            free(found);
            elea_input_stream_free(stream);
        }
    }
    free(data);
    elea_test_scratch_release(&scratch);
}

typedef struct trip {
    const elea_codec *codec;
    elea_bytes bytes;
    bool told;
} trip;

static elea_status run_trip(elea_pool *pool, void *context, elea_error *err) {
    const trip *work = context;
    elea_status status = ELEA_OK;
    elea_buffer *packed = NULL, *rest = NULL;
    elea_input_stream *source = NULL, *stream = NULL;
    ELEA_GOTO(done, compress(work->codec, work->bytes, 50000, true, pool, &packed, err));
    ELEA_GOTO(done, new_drip(bytes_of(packed), 10000, "drip", pool, &source, err));
    ELEA_GOTO(done, elea_input_stream_new_decompressed(source, work->told ? NULL : work->codec,
                                                       NULL, pool, &stream, err));
    ELEA_GOTO(done, elea_input_stream_view(stream, work->bytes.size + 1, &rest, err));
    if (!work->told)
        assert_int_equal(elea_buffer_size(rest), work->bytes.size);

done:
    elea_input_stream_free(stream ? stream : source);
    elea_buffer_unref(rest);
    elea_buffer_unref(packed);
    return status;
}

static void test_out_of_memory(void **state) {
    (void)state;
    char *data = elea_test_codec_bytes(100000);
    FOR_EACH_CODEC(codec) {
        for (int told = 0; told < 2; told++) {
            trip work = {codec, {.data = data, .size = 100000}, told == 1};
            elea_test_fail_each_allocation(run_trip, &work);
        }
    }
    free(data);
}

static void test_frees_its_source(void **state) {
    (void)state;
    elea_error err = {0};
    elea_input_stream *source = NULL, *stream = NULL;
    bool freed = false;
    assert_ok(new_drip((elea_bytes){0}, 1, "drip", NULL, &source, &err));
    ((drip *)source)->freed = &freed;
    assert_ok(elea_input_stream_new_decompressed(source, NULL, NULL, NULL, &stream, &err));
    elea_input_stream_free(stream);
    assert_true(freed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips),   cmocka_unit_test(test_views),
        cmocka_unit_test(test_telling),       cmocka_unit_test(test_damage),
        cmocka_unit_test(test_unsupported),   cmocka_unit_test(test_files),
        cmocka_unit_test(test_out_of_memory), cmocka_unit_test(test_frees_its_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
