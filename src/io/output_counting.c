// SPDX-License-Identifier: Apache-2.0
#include <elea/io.h>

typedef struct counting_output {
    elea_output_stream base;
    uint32_t crc32c;
} counting_output;

static elea_status counting_write(elea_output_stream *stream, const elea_bytes *parts,
                                  int64_t count, elea_error *err) {
    (void)err;
    counting_output *output = (counting_output *)stream;
    for (int64_t i = 0; i < count; i++)
        output->crc32c = elea_crc32c(output->crc32c, parts[i].data, parts[i].size);
    return ELEA_OK;
}

static void counting_free(elea_output_stream *stream) {
    elea_dealloc(stream->pool, stream, sizeof(counting_output));
}

static const elea_output_stream_ops counting_ops = {.write = counting_write, .free = counting_free};

elea_status elea_output_stream_new_counting(elea_pool *pool, elea_output_stream **out,
                                            elea_error *err) {
    void *output = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(counting_output), &output, err));
    elea_status status = elea_output_stream_init(output, &counting_ops, pool, "counter", err);
    if (status == ELEA_OK)
        *out = output;
    else
        elea_dealloc(pool, output, sizeof(counting_output));
    return status;
}

elea_status elea_output_stream_crc32c(const elea_output_stream *stream, uint32_t *out,
                                      elea_error *err) {
    if (stream->ops != &counting_ops)
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" does not count: it has no checksum",
                              stream->name);
    *out = ((const counting_output *)stream)->crc32c;
    return ELEA_OK;
}
