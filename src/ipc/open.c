// SPDX-License-Identifier: Apache-2.0
//
// Whatever format a path holds, and in whatever way it can be read.
#include <elea/ipc.h>

#include <string.h>

#include "base/math_internal.h"
#include "ipc/flatbuffer_reader.h"
#include "ipc/format.h"
#include "ipc/record_streams.h"

typedef enum file_kind { KIND_FILE, KIND_STREAM, KIND_FEATHER, KIND_OTHER } file_kind;

// By the first bytes. What is too short to be either is left to the reader of files to refuse.
static elea_status find_kind(elea_file *file, file_kind *out, elea_error *err) {
    elea_buffer *view = NULL;
    int64_t size = elea_file_size(file);
    int32_t feather = 0;
    *out = KIND_FILE;
    if (size < ELEA__IPC_PREFIX_SIZE)
        return ELEA_OK;
    ELEA_TRY(elea_feather_version(file, &feather, err));
    if (feather == 1) {
        *out = KIND_FEATHER;
        return ELEA_OK;
    }
    ELEA_TRY(elea_file_view_at(file, 0, ELEA__IPC_PREFIX_SIZE, &view, err));
    const uint8_t *data = elea_buffer_data(view);
    int64_t first = elea__flat_load(data, 4);
    if (memcmp(data, ELEA__IPC_MAGIC, ELEA__IPC_MAGIC_SIZE) == 0)
        *out = KIND_FILE;
    else if (first == ELEA__IPC_CONTINUATION || (first >= 0 && first <= size))
        *out = KIND_STREAM;
    else
        *out = KIND_OTHER;
    elea_buffer_unref(view);
    return ELEA_OK;
}

static elea_status open_footer(elea_file *file, const elea_ipc_read_options *options,
                               elea_record_stream **out, elea_error *err) {
    elea_ipc_file_reader *reader = NULL;
    ELEA_TRY(elea_ipc_file_reader_new(file, options, &reader, err));
    elea_status status = elea__ipc_file_stream_new(reader, options && options->recover,
                                                   options ? options->pool : NULL, out, err);
    if (status != ELEA_OK)
        elea_ipc_file_reader_free(reader);
    return status;
}

// A version 1 of Feather is one table.
static elea_status open_feather(elea_file *file, const elea_ipc_read_options *options,
                                elea_record_stream **out, elea_error *err) {
    elea_table *table = NULL;
    ELEA_TRY(elea_feather_read_file(file, options, &table, err));
    elea_status status =
        elea_record_stream_new_from_table(options ? options->pool : NULL, table, 0, out, err);
    elea_table_unref(table);
    return status;
}

static elea_status refuse(elea_file *file, elea_error *err) {
    char begin[ELEA__IPC_MAGIC_SIZE + 1] = {0};
    ELEA_TRY(elea_file_read_at(file, 0, ELEA__IPC_MAGIC_SIZE, begin, err));
    return elea_error_set(err, ELEA_EINVAL,
                          "cannot read \"%s\": file offset 0: it begins with \"%s\", expected "
                          "\"%s\" of an Arrow file or a message of a stream",
                          elea_file_name(file), begin, ELEA__IPC_MAGIC);
}

elea_status elea_ipc_open_file(elea_file *file, const elea_ipc_read_options *options,
                               elea_record_stream **out, elea_error *err) {
    elea_error damage = {.status = ELEA_OK};
    file_kind kind = KIND_FILE;
    ELEA_TRY(find_kind(file, &kind, err));
    if (kind == KIND_OTHER)
        return refuse(file, err);
    if (kind == KIND_FEATHER)
        return open_feather(file, options, out, err);
    if (kind == KIND_STREAM)
        return elea_ipc_stream_reader_new(file, options, out, err);
    if (!options || !options->recover)
        return open_footer(file, options, out, err);
    elea_status status = open_footer(file, options, out, &damage);
    if (status == ELEA_OK)
        return ELEA_OK;
    if (elea__ipc_is_damage(status))
        return elea__ipc_stream_reader_recover(file, options, &damage, out, err);
    if (err)
        *err = damage;
    return status;
}

// What is no regular file can be read, but in order only.
static elea_status open_input(const char *path, const elea_ipc_read_options *options,
                              elea_record_stream **out, elea_error *err) {
    elea_input_stream *input = NULL;
    ELEA_TRY(elea_input_stream_open(path, options ? options->pool : NULL, &input, err));
    elea_status status = elea__ipc_stream_reader_take(input, options, out, err);
    if (status != ELEA_OK)
        elea_input_stream_free(input);
    return status;
}

static elea_status open_regular(const char *path, const elea_ipc_read_options *options,
                                elea_file **out, elea_error *err) {
    elea_pool *pool = options ? options->pool : NULL;
    return options && options->unmapped ? elea_file_open(path, pool, out, err)
                                        : elea_file_map(path, pool, out, err);
}

elea_status elea_ipc_open(const char *path, const elea_ipc_read_options *options,
                          elea_record_stream **out, elea_error *err) {
    elea_file *file = NULL;
    elea_status status = open_regular(path, options, &file, err);
    if (status == ELEA_EINVAL)
        return open_input(path, options, out, err);
    ELEA_TRY(status);
    status = elea_ipc_open_file(file, options, out, err);
    elea_file_unref(file);
    return status;
}

elea_status elea_ipc_read_table(const char *path, const elea_ipc_read_options *options,
                                elea_table **out, elea_error *err) {
    elea_pool *pool = options ? options->pool : NULL;
    elea_record_stream *stream = NULL;
    ELEA_TRY(elea_ipc_open(path, options, &stream, err));
    const elea__ipc_file_stream *files = elea__ipc_file_stream_of(stream);
    elea_status status = files && !files->recover
                             ? elea_ipc_file_reader_read_table(files->reader, out, err)
                             : elea_table_new_from_stream(pool, stream, out, err);
    elea_record_stream_free(stream);
    return status;
}
