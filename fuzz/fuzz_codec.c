// SPDX-License-Identifier: Apache-2.0
//
// Every codec. The first byte chooses codec and mode, the second the size of steps and the level.
//
// Decompressing: all at once, in steps and through a stream must come to the same end, with the
// same bytes, whatever they are. Compressing: what comes out of the rest, by any of the ways, gives
// the rest again by any of the ways.
#include <elea/io.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// More is not worth the time.
enum { OUTPUT_MAX = 1 << 16 };

static void expect(bool held) {
    if (!held)
        abort();
}

typedef struct found_bytes {
    elea_status status;
    int64_t size;
    char *data; // OUTPUT_MAX
} found_bytes;

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static found_bytes by_steps(const elea_codec *codec, elea_bytes source, int64_t in, int64_t out) {
    const elea_decompressor_options options = {.size_max = OUTPUT_MAX};
    found_bytes found = {.data = malloc(OUTPUT_MAX + 1)};
    elea_decompressor *decompressor = NULL;
    elea_codec_progress progress = {0};
    elea_error err = {0};
    expect(elea_decompressor_new(codec, &options, NULL, &decompressor, &err) == ELEA_OK);
    do {
        const elea_bytes part = {.data = source.data, .size = least(in, source.size)};
        const int64_t room = least(out, OUTPUT_MAX + 1 - found.size);
        progress.produced = 0;
        found.status = elea_decompressor_run(decompressor, part, found.data + found.size, room,
                                             &progress, &err);
        if (found.status != ELEA_OK)
            break;
        source.data += progress.consumed;
        source.size -= progress.consumed;
        found.size += progress.produced;
        expect(progress.produced <= room && found.size <= OUTPUT_MAX);
    } while (source.size > 0 || progress.produced > 0);
    if (found.status == ELEA_OK)
        found.status = elea_decompressor_end(decompressor, &err);
    expect(found.status == ELEA_OK || err.message[0]);
    elea_decompressor_free(decompressor);
    return found;
}

static found_bytes by_stream(const elea_codec *codec, elea_bytes source, int64_t part) {
    const elea_decompressor_options options = {.size_max = OUTPUT_MAX};
    found_bytes found = {.data = malloc(OUTPUT_MAX)};
    elea_error err = {0};
    elea_buffer *packed = NULL;
    elea_input_stream *memory = NULL, *stream = NULL;
    int64_t count = 0;
    expect(elea_buffer_wrap(NULL, source.data, source.size, NULL, NULL, &packed, &err) == ELEA_OK);
    expect(elea_input_stream_new_from_buffer(packed, "fuzz", NULL, &memory, &err) == ELEA_OK);
    expect(elea_input_stream_new_decompressed(memory, codec, &options, NULL, &stream, &err) ==
           ELEA_OK);
    do {
        char none = 0;
        const int64_t room = least(part, OUTPUT_MAX - found.size);
        char *target = room == 0 ? &none : found.data + found.size;
        count = 0;
        found.status =
            elea_input_stream_read_some(stream, room == 0 ? 1 : room, target, &count, &err);
        found.size += count;
    } while (found.status == ELEA_OK && count > 0);
    elea_input_stream_free(stream);
    elea_buffer_unref(packed);
    return found;
}

// How much comes out before damage depends on the steps, but not what.
static void expect_same(const found_bytes *a, const found_bytes *b) {
    expect((a->status == ELEA_OK) == (b->status == ELEA_OK));
    expect(a->status != ELEA_OK || a->size == b->size);
    expect(memcmp(a->data, b->data, (size_t)least(a->size, b->size)) == 0);
}

static void decompress(const elea_codec *codec, elea_bytes source, int64_t step) {
    elea_error err = {0};
    if (!elea_codec_has_steps(codec)) {
        // The size has to be known; a wrong one is no way to more.
        char *target = malloc(4096);
        for (int64_t size = 0; size <= 4096; size += size < 16 ? 1 : size) {
            elea_status status = elea_codec_decompress(codec, source, target, size, &err);
            expect(status == ELEA_OK || status == ELEA_EINVAL);
        }
        free(target);
        return;
    }
    found_bytes large = by_steps(codec, source, INT64_MAX, INT64_MAX);
    found_bytes small = by_steps(codec, source, step, step * 3 % 251 + 1);
    found_bytes streamed = by_stream(codec, source, step * 7);
    expect_same(&large, &small);
    expect_same(&large, &streamed);
    if (source.size > 0 && large.status != ELEA_ECAPACITY) {
        char *once = malloc((size_t)large.size + 1);
        elea_status status = elea_codec_decompress(codec, source, once, large.size, &err);
        expect((status == ELEA_OK) == (large.status == ELEA_OK));
        expect(status != ELEA_OK || memcmp(once, large.data, (size_t)large.size) == 0);
        expect(status != ELEA_OK || elea_codec_decompress_bound(codec, source.size) >= large.size);
        free(once);
    }
    free(streamed.data);
    free(small.data);
    free(large.data);
}

static elea_buffer *compress_stream(const elea_codec *codec, int32_t level, elea_bytes source,
                                    int64_t step, bool flush) {
    const elea_compressor_options options = {.level = level};
    elea_error err = {0};
    elea_output_stream *memory = NULL, *stream = NULL;
    elea_buffer *packed = NULL;
    expect(elea_output_stream_new_memory(NULL, &memory, &err) == ELEA_OK);
    expect(elea_output_stream_new_compressed(memory, codec, &options, NULL, &stream, &err) ==
           ELEA_OK);
    while (source.size > 0) {
        const int64_t part = least(step, source.size);
        expect(elea_output_stream_write(stream, source.data, part, &err) == ELEA_OK);
        source.data += part;
        source.size -= part;
        if (flush)
            expect(elea_output_stream_flush(stream, &err) == ELEA_OK);
    }
    expect(elea_output_stream_close(stream, &err) == ELEA_OK);
    expect(elea_output_stream_take(memory, &packed, &err) == ELEA_OK);
    elea_output_stream_free(stream);
    return packed;
}

static void expect_gives(const elea_codec *codec, elea_bytes packed, elea_bytes source,
                         int64_t step) {
    elea_error err = {0};
    char *found = malloc((size_t)source.size + 1);
    expect(elea_codec_decompress(codec, packed, found, source.size, &err) == ELEA_OK);
    expect(source.size == 0 || memcmp(found, source.data, (size_t)source.size) == 0);
    free(found);
    if (!elea_codec_has_steps(codec))
        return;
    found_bytes steps = by_steps(codec, packed, step * 5 % 241 + 1, step);
    expect(steps.status == ELEA_OK && steps.size == source.size);
    expect(source.size == 0 || memcmp(steps.data, source.data, (size_t)source.size) == 0);
    free(steps.data);
}

static void round_trip(const elea_codec *codec, elea_bytes source, int64_t step) {
    elea_error err = {0};
    int64_t bound = 0, size = 0;
    int32_t min, max;
    elea_codec_levels(codec, &min, &max);
    // The highest levels take their time.
    int32_t level = max == 0 ? 0 : (int32_t)(step % 6);
    if (source.size > OUTPUT_MAX)
        return;
    expect(elea_codec_compress_bound(codec, source.size, &bound, &err) == ELEA_OK);
    char *target = malloc((size_t)bound);
    expect(elea_codec_compress(codec, level, source, target, bound, &size, &err) == ELEA_OK);
    expect_gives(codec, (elea_bytes){.data = target, .size = size}, source, step);
    free(target);
    if (!elea_codec_has_steps(codec))
        return;
    elea_buffer *packed = compress_stream(codec, level, source, step * 11, step % 3 == 0);
    expect_gives(codec,
                 (elea_bytes){.data = (const char *)elea_buffer_data(packed),
                              .size = elea_buffer_size(packed)},
                 source, step);
    elea_buffer_unref(packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > 1 << 16)
        return 0;
    const elea_codec *codec = elea_codec_at(data[0] & 15);
    const elea_bytes source = {.data = (const char *)data + 2, .size = (int64_t)size - 2};
    if (!codec || !elea_codec_available(codec))
        return 0;
    if (data[0] & 128)
        round_trip(codec, source, data[1] + 1);
    else
        decompress(codec, source, data[1] + 1);
    return 0;
}
