// SPDX-License-Identifier: Apache-2.0
#include "support/ipc_decode.h"

#include <stdlib.h>
#include <string.h>

#define BATCHES_MAX ((int64_t)(sizeof((elea_test_decoded *)0)->batches / sizeof(void *)))

// Takes all batches that are there; false when there will be no more.
static bool drain(elea_ipc_decoder *decoder, elea_test_decoded *out) {
    elea_record_batch *batch = NULL;
    do {
        if (elea_ipc_decoder_next(decoder, &batch, &out->err) != ELEA_OK)
            return false;
        if (batch && out->count < BATCHES_MAX)
            out->batches[out->count++] = batch;
        else
            elea_record_batch_unref(batch);
    } while (batch);
    return !elea_ipc_decoder_ended(decoder);
}

static elea_status push(elea_ipc_decoder *decoder, const elea_buffer *whole, int64_t offset,
                        int64_t size, bool as_buffer, int64_t *taken, elea_error *err) {
    elea_buffer *piece = NULL;
    const elea_bytes bytes = {.data = (const char *)elea_buffer_data(whole) + offset, .size = size};
    if (!as_buffer)
        return elea_ipc_decoder_push(decoder, bytes, taken, err);
    ELEA_TRY(elea_buffer_slice(whole, offset, size, &piece, err));
    elea_status status = elea_ipc_decoder_push_buffer(decoder, piece, taken, err);
    elea_buffer_unref(piece);
    return status;
}

void elea_test_decode(const void *data, int64_t size, const elea_test_decode_options *options,
                      elea_test_decoded *out) {
    elea_ipc_decoder *decoder = NULL;
    elea_buffer *whole = NULL;
    bool more = true;
    *out = (elea_test_decoded){.count = 0};
    if (elea_ipc_decoder_new(&options->read, &decoder, &out->err) != ELEA_OK ||
        elea_buffer_new_copy(NULL, data, size, &whole, &out->err) != ELEA_OK)
        abort();
    while (more && out->taken < size) {
        int64_t piece = options->cut ? options->cut(options->context) : size, taken = 0;
        if (piece > size - out->taken)
            piece = size - out->taken;
        more = push(decoder, whole, out->taken, piece, options->as_buffers, &taken, &out->err) ==
                   ELEA_OK &&
               drain(decoder, out);
        if (more && taken != piece)
            abort(); // only the end leaves bytes
        out->taken += taken;
    }
    if (more) {
        elea_ipc_decoder_end_input(decoder);
        drain(decoder, out);
    }
    // Both the end and a failure stay what they are.
    elea_error again = {.status = ELEA_OK};
    elea_record_batch *none = NULL;
    if (elea_ipc_decoder_next(decoder, &none, &again) != out->err.status || none ||
        strcmp(again.message, out->err.message) != 0 || elea_ipc_decoder_next_size(decoder) != 0 ||
        elea_ipc_decoder_ended(decoder) != (out->err.status == ELEA_OK))
        abort();
    elea_ipc_decoder_stats(decoder, &out->stats);
    elea_ipc_decoder_free(decoder);
    elea_buffer_unref(whole);
}

void elea_test_decoded_release(elea_test_decoded *decoded) {
    for (int64_t i = 0; i < decoded->count; i++)
        elea_record_batch_unref(decoded->batches[i]);
    decoded->count = 0;
}

const char *elea_test_decoded_difference(const elea_test_decoded *a, const elea_test_decoded *b) {
    static const elea_equal_options options = {.nans_equal = true, .with_metadata = true};
    if (a->count != b->count)
        return "number of batches";
    if (a->err.status != b->err.status)
        return "status";
    if (strcmp(a->err.message, b->err.message) != 0)
        return "message";
    if (memcmp(&a->stats, &b->stats, sizeof a->stats) != 0)
        return "figures";
    for (int64_t i = 0; i < a->count; i++)
        if (!elea_record_batch_equal(a->batches[i], b->batches[i], &options))
            return "batch";
    // A piece that fails is taken with all that was behind it in the same piece.
    if (a->err.status == ELEA_OK && a->taken != b->taken)
        return "bytes taken";
    return NULL;
}
