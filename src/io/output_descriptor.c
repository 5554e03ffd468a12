// SPDX-License-Identifier: Apache-2.0
#include <elea/io.h>

#include "base/os_internal.h"

typedef struct descriptor_output {
    elea_output_stream base;
    int descriptor;
    bool borrowed;
    bool is_file;
} descriptor_output;

static elea_status descriptor_write(elea_output_stream *stream, const elea_bytes *parts,
                                    int64_t count, elea_error *err) {
    descriptor_output *output = (descriptor_output *)stream;
    return output->is_file
               ? elea__os_write_parts(output->descriptor, stream->name, parts, count, err)
               : elea__os_send_parts(output->descriptor, stream->name, parts, count, err);
}

static elea_status descriptor_sync(elea_output_stream *stream, elea_error *err) {
    descriptor_output *output = (descriptor_output *)stream;
    return output->is_file ? elea__os_sync(output->descriptor, stream->name, err) : ELEA_OK;
}

static elea_status descriptor_close(elea_output_stream *stream, elea_error *err) {
    descriptor_output *output = (descriptor_output *)stream;
    int descriptor = output->borrowed ? -1 : output->descriptor;
    output->descriptor = -1;
    return elea__os_close(descriptor, stream->name, err);
}

static void descriptor_free(elea_output_stream *stream) {
    descriptor_output *output = (descriptor_output *)stream;
    if (!output->borrowed)
        elea__os_close_quietly(output->descriptor);
    elea_dealloc(stream->pool, output, sizeof *output);
}

static const elea_output_stream_ops descriptor_ops = {.write = descriptor_write,
                                                      .sync = descriptor_sync,
                                                      .close = descriptor_close,
                                                      .free = descriptor_free};

elea_status elea_output_stream_new_from_descriptor(int descriptor, const char *name,
                                                   const elea_descriptor_options *options,
                                                   elea_pool *pool, elea_output_stream **out,
                                                   elea_error *err) {
    elea__os_stat_info info;
    void *block = NULL;
    ELEA_TRY(elea__os_stat_file(descriptor, name, &info, err));
    ELEA_TRY(elea_alloc_zero(pool, sizeof(descriptor_output), &block, err));
    descriptor_output *output = block;
    elea_status status = elea_output_stream_init(&output->base, &descriptor_ops, pool, name, err);
    if (status != ELEA_OK) {
        elea_dealloc(pool, output, sizeof *output);
        return status;
    }
    output->descriptor = descriptor;
    output->borrowed = options && options->borrowed;
    output->is_file = info.kind == ELEA__OS_FILE;
    *out = &output->base;
    return ELEA_OK;
}

elea_status elea_output_stream_new_stdout(elea_pool *pool, elea_output_stream **out,
                                          elea_error *err) {
    return elea_output_stream_new_from_descriptor(
        1, "standard output", &(elea_descriptor_options){.borrowed = true}, pool, out, err);
}

elea_status elea_output_stream_new_stderr(elea_pool *pool, elea_output_stream **out,
                                          elea_error *err) {
    return elea_output_stream_new_from_descriptor(
        2, "standard error", &(elea_descriptor_options){.borrowed = true}, pool, out, err);
}
