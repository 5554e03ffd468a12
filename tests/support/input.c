// SPDX-License-Identifier: Apache-2.0
#include "support/input.h"

#include <stdlib.h>

#include "support/cmocka_all.h"
#include "support/random.h"

typedef struct trickle {
    elea_input_stream base;
    const uint8_t *bytes;
    int64_t offset;
    int64_t size;
    int64_t fails_at;
    uint64_t seed;
} trickle;

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

static elea_status trickle_read(elea_input_stream *stream, int64_t size, void *out, int64_t *count,
                                elea_error *err) {
    trickle *input = (trickle *)stream;
    if (input->offset == input->fails_at)
        return elea_error_set(err, ELEA_EIO, "the tap is closed");
    int64_t end = input->fails_at >= 0 ? input->fails_at : input->size;
    int64_t part =
        least(least(1 + elea_test_random_below(&input->seed, 7), size), end - input->offset);
    memcpy(out, input->bytes + input->offset, (size_t)part);
    input->offset += part;
    *count = part;
    return ELEA_OK;
}

static void trickle_free(elea_input_stream *stream) {
    elea_dealloc(stream->pool, stream, sizeof(trickle));
}

elea_status elea_test_trickle_new(const void *bytes, int64_t size, int64_t fails_at,
                                  elea_pool *pool, elea_input_stream **out, elea_error *err) {
    static const elea_input_stream_ops ops = {.read = trickle_read, .free = trickle_free};
    void *block;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(trickle), &block, err));
    trickle *input = block;
    elea_status status = elea_input_stream_init(&input->base, &ops, pool, "trickle", err);
    if (status != ELEA_OK) {
        elea_dealloc(pool, input, sizeof *input);
        return status;
    }
    input->bytes = bytes;
    input->size = size;
    input->fails_at = fails_at;
    *out = &input->base;
    return ELEA_OK;
}

void elea_test_check_view(elea_input_stream *stream, int64_t wanted, const void *bytes,
                          int64_t size, int64_t offset) {
    elea_error err;
    elea_buffer *buffer;
    assert_ok(elea_input_stream_view(stream, wanted, &buffer, &err));
    assert_int_equal(elea_buffer_size(buffer), least(wanted, size - offset));
    assert_memory_equal(elea_buffer_data(buffer), (const uint8_t *)bytes + offset,
                        elea_buffer_size(buffer));
    elea_buffer_unref(buffer);
}

static void check_peek(elea_input_stream *stream, int64_t wanted, const uint8_t *bytes,
                       int64_t size, int64_t offset) {
    elea_error err;
    elea_bytes peeked;
    elea_status status = elea_input_stream_peek(stream, wanted, &peeked, &err);
    if (status == ELEA_EUNSUPPORTED)
        return;
    assert_int_equal(status, ELEA_OK);
    assert_int_equal(peeked.size, least(wanted, size - offset));
    if (peeked.size > 0)
        assert_memory_equal(peeked.data, bytes + offset, peeked.size);
}

void elea_test_walk_input(elea_input_stream *stream, const void *data, int64_t size,
                          uint64_t seed) {
    const uint8_t *bytes = data;
    elea_error err;
    int64_t offset = 0, count = 0;
    int64_t start = elea_input_stream_position(stream);
    uint8_t *out = malloc(9000);
    assert_non_null(out);
    while (offset < size) {
        int64_t wanted =
            elea_test_random_below(&seed, elea_test_random_below(&seed, 3) ? 300 : 9000);
        int64_t left = least(wanted, size - offset);
        assert_int_equal(elea_input_stream_position(stream), start + offset);
        if (elea_test_random_below(&seed, 2))
            check_peek(stream, wanted, bytes, size, offset);
        switch (elea_test_random_below(&seed, 4)) {
        case 0:
            assert_ok(elea_input_stream_read(stream, wanted, out, &count, &err));
            assert_int_equal(count, left);
            assert_memory_equal(out, bytes + offset, count);
            break;
        case 1:
            assert_ok(elea_input_stream_read_some(stream, wanted, out, &count, &err));
            assert_true(count <= left && (count > 0) == (left > 0));
            assert_memory_equal(out, bytes + offset, count);
            left = count;
            break;
        case 2:
            assert_ok(elea_input_stream_skip(stream, wanted, &count, &err));
            assert_int_equal(count, left);
            break;
        default:
            elea_test_check_view(stream, wanted, bytes, size, offset);
        }
        offset += left;
    }
    elea_test_check_view(stream, 10, bytes, size, size);
    check_peek(stream, 10, bytes, size, size);
    assert_ok(elea_input_stream_read(stream, 10, out, &count, &err));
    assert_int_equal(count, 0);
    assert_ok(elea_input_stream_skip(stream, 10, NULL, &err));
    assert_int_equal(elea_input_stream_position(stream), start + size);
    free(out);
}
