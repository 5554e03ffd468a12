// SPDX-License-Identifier: Apache-2.0
//
// What an open descriptor gives, in order.
#include <elea/io.h>

#include "base/os_internal.h"

typedef struct descriptor_input {
    elea_input_stream base;
    int descriptor;
    bool borrowed;
} descriptor_input;

static elea_status descriptor_read(elea_input_stream *stream, int64_t size, void *out,
                                   int64_t *count, elea_error *err) {
    return elea__os_read_some(((descriptor_input *)stream)->descriptor, stream->name, out, size,
                              count, err);
}

static elea_status descriptor_skip(elea_input_stream *stream, int64_t size, int64_t *count,
                                   elea_error *err) {
    return elea__os_skip(((descriptor_input *)stream)->descriptor, stream->name, size, count, err);
}

static void descriptor_free(elea_input_stream *stream) {
    descriptor_input *input = (descriptor_input *)stream;
    if (!input->borrowed)
        elea__os_close_quietly(input->descriptor);
    elea_dealloc(stream->pool, input, sizeof *input);
}

// Of a pipe, what is skipped is read, as of a descriptor that nothing can be learnt of.
static const elea_input_stream_ops pipe_ops = {.read = descriptor_read, .free = descriptor_free};
static const elea_input_stream_ops file_ops = {
    .read = descriptor_read, .skip = descriptor_skip, .free = descriptor_free};

elea_status elea_input_stream_new_from_descriptor(int descriptor, const char *name,
                                                  const elea_descriptor_options *options,
                                                  elea_pool *pool, elea_input_stream **out,
                                                  elea_error *err) {
    elea__os_stat_info info;
    void *block = NULL;
    ELEA_TRY(elea__os_stat_file(descriptor, name, &info, err));
    ELEA_TRY(elea_alloc_zero(pool, sizeof(descriptor_input), &block, err));
    descriptor_input *input = block;
    elea_status status = elea_input_stream_init(
        &input->base, info.kind == ELEA__OS_FILE ? &file_ops : &pipe_ops, pool, name, err);
    if (status != ELEA_OK) {
        elea_dealloc(pool, input, sizeof *input);
        return status;
    }
    input->descriptor = descriptor;
    input->borrowed = options && options->borrowed;
    *out = &input->base;
    return ELEA_OK;
}

elea_status elea_input_stream_open(const char *path, elea_pool *pool, elea_input_stream **out,
                                   elea_error *err) {
    elea__os_stat_info info;
    int descriptor = -1;
    ELEA_TRY(elea__os_stat(path, &info, err));
    if (info.kind == ELEA__OS_DIRECTORY)
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" is a folder", path);
    ELEA_TRY(elea__os_open(path, ELEA__OS_READ, &descriptor, err));
    if (info.kind == ELEA__OS_FILE)
        elea__os_advise_file(descriptor, 0, info.size, ELEA__OS_SEQUENTIAL);
    elea_status status =
        elea_input_stream_new_from_descriptor(descriptor, path, NULL, pool, out, err);
    if (status != ELEA_OK)
        elea__os_close_quietly(descriptor);
    return status;
}

elea_status elea_input_stream_new_stdin(elea_pool *pool, elea_input_stream **out, elea_error *err) {
    return elea_input_stream_new_from_descriptor(
        0, "standard input", &(elea_descriptor_options){.borrowed = true}, pool, out, err);
}
