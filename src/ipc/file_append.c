// SPDX-License-Identifier: Apache-2.0
//
// Batches behind those of a file. New messages go behind the old footer, which stays where it is,
// and a new footer lists all: nothing that was there is written again, so that the old file is
// whole inside the new one at any time, and what a crash left is cut off by looking for its end.
#include <elea/ipc.h>

#include <string.h>

#include "base/math_internal.h"
#include "base/os_internal.h"
#include "ipc/file_reader.h"
#include "ipc/file_writer.h"
#include "ipc/format.h"
#include "ipc/message_next.h"

// ---- the writer

static elea_status take_blocks(const elea__flat_vector *blocks, elea_pool *pool,
                               elea__ipc_list *list, elea_error *err) {
    for (int64_t i = 0; i < blocks->count; i++) {
        const elea__ipc_block block = elea__ipc_footer_block(blocks, i);
        ELEA_TRY(elea__ipc_list_push(list, pool, &block, sizeof block, err));
    }
    return ELEA_OK;
}

// The dictionaries that the file has, under the numbers it gave them. They will be compared with
// those of new batches, which reads their values.
static elea_status take_dictionaries(elea_ipc_file_reader *reader, elea__ipc_writer *writer,
                                     elea_error *err) {
    const elea__ipc_list *slots = &elea__ipc_file_reader_source(reader)->schema.slots;
    for (int64_t i = 0; i < slots->count; i++) {
        const elea_array *values = NULL;
        int64_t id = ((const elea__ipc_slot *)slots->data)[i].id;
        ELEA_TRY(elea__ipc_file_reader_dictionary(reader, i, &values, err));
        if (values)
            ELEA_TRY(elea_array_validate(values, ELEA_VALIDATE_SAFE, err));
        ELEA_TRY(elea__ipc_list_push(&writer->ids, writer->pool, &id, sizeof id, err));
        ELEA_TRY(elea__ipc_list_push(&writer->written, writer->pool, &values, sizeof values, err));
        elea_array_ref(values);
    }
    return ELEA_OK;
}

static elea_status take_over(elea_ipc_file_reader *reader, elea_ipc_file_writer *writer,
                             elea_error *err) {
    elea__ipc_writer *shared = &writer->writer;
    const elea__ipc_footer *footer = elea__ipc_file_reader_footer(reader);
    ELEA_TRY(
        take_blocks(&footer->dictionary_blocks, shared->pool, &shared->dictionary_blocks, err));
    ELEA_TRY(take_blocks(&footer->blocks, shared->pool, &shared->batch_blocks, err));
    ELEA_TRY(take_dictionaries(reader, shared, err));
    if (!writer->metadata)
        writer->metadata = elea_metadata_ref(elea_ipc_file_reader_metadata(reader));
    return ELEA_OK;
}

static elea_status open_writer(elea_file *file, elea_output_stream *stream,
                               const elea_ipc_write_options *options, elea_ipc_file_writer *writer,
                               elea_error *err) {
    elea_status status = ELEA_OK;
    elea_ipc_file_reader *reader = NULL;
    const elea_ipc_read_options read = {.pool = writer->writer.pool};
    int64_t size = elea_file_size(file), position = elea_output_stream_position(stream);

    if (position != size)
        return elea_error_set(err, ELEA_EINVAL,
                              "the output is at %lld, expected the end of the file at %lld",
                              (long long)position, (long long)size);
    ELEA_GOTO(done, elea_ipc_file_reader_new(file, &read, &reader, err));
    ELEA_GOTO(done, elea__ipc_writer_init(&writer->writer, stream,
                                          elea_ipc_file_reader_schema(reader), options, true, err));
    writer->writer.origin = 0;
    ELEA_GOTO(done, take_over(reader, writer, err));
    status = elea_output_stream_write(stream, elea__ipc_zeros,
                                      -size & (ELEA__IPC_BODY_ALIGNMENT - 1), err);

done:
    elea_ipc_file_reader_free(reader);
    return status;
}

elea_status elea_ipc_file_writer_new_append(elea_file *file, elea_output_stream *stream,
                                            const elea_ipc_write_options *options,
                                            const elea_metadata *metadata,
                                            elea_ipc_file_writer **out, elea_error *err) {
    void *memory = NULL;
    elea_pool *pool = options ? options->pool : NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(elea_ipc_file_writer), &memory, err));
    elea_ipc_file_writer *writer = memory;
    writer->writer.pool = pool;
    writer->metadata = elea_metadata_ref(metadata);
    elea_status status = open_writer(file, stream, options, writer, err);
    if (status != ELEA_OK) {
        elea_ipc_file_writer_free(writer);
        return elea_error_prefix(err, status, "cannot append to \"%s\"",
                                 elea_output_stream_name(stream));
    }
    *out = writer;
    return ELEA_OK;
}

// ---- whole tables

// The footer is written when what it lists is on the disk.
static elea_status append(elea_file *file, elea_output_stream *stream, const elea_table *table,
                          const elea_ipc_write_options *options, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_ipc_file_writer *writer = NULL;
    ELEA_TRY(elea_ipc_file_writer_new_append(file, stream, options, NULL, &writer, err));
    ELEA_GOTO(done, elea_ipc_file_writer_write_table(writer, table, err));
    ELEA_GOTO(done, elea_output_stream_sync(stream, err));
    ELEA_GOTO(done, elea_ipc_file_writer_close(writer, err));
    status = elea_output_stream_close(stream, err);

done:
    elea_ipc_file_writer_free(writer);
    return status;
}

static elea_status cut(const char *path, int64_t size, elea_error *err) {
    int descriptor = -1;
    ELEA_TRY(elea__os_open(path, ELEA__OS_APPEND, &descriptor, err));
    elea_status status = elea__os_truncate(descriptor, path, size, err);
    if (status == ELEA_OK)
        status = elea__os_sync(descriptor, path, err);
    elea__os_close_quietly(descriptor);
    return status;
}

// Opens a file that is there at its end, with a lock, so that who else appends waits, and then maps
// it as it is.
static elea_status open_end(const char *path, elea_pool *pool, elea_output_stream **stream,
                            elea_file **file, elea_error *err) {
    const elea_output_options output = {.append = true, .sync = true, .lock = true};
    elea_status status = ELEA_OK;
    // Appending would make one.
    ELEA_TRY(elea_file_map(path, pool, file, err));
    elea_file_unref(*file);
    *file = NULL;
    ELEA_TRY(elea_output_stream_open(path, &output, pool, stream, err));
    status = elea_file_map(path, pool, file, err);
    if (status == ELEA_OK)
        return ELEA_OK;
    elea_output_stream_free(*stream);
    *stream = NULL;
    return status;
}

elea_status elea_ipc_append_table(const char *path, const elea_table *table,
                                  const elea_ipc_write_options *options, elea_error *err) {
    elea_file *file = NULL;
    elea_output_stream *stream = NULL;
    ELEA_TRY(open_end(path, options ? options->pool : NULL, &stream, &file, err));
    elea_status status = append(file, stream, table, options, err);
    if (status != ELEA_OK && elea_output_stream_position(stream) >= elea_file_size(file)) {
        // When this fails, too, elea_ipc_recover() can still do it.
        elea_status ignored = cut(path, elea_file_size(file), NULL);
        (void)ignored;
    }
    elea_output_stream_free(stream);
    elea_file_unref(file);
    return status;
}

// ---- after a crash

static elea_status opens(elea_file *file, int64_t size, bool *out, elea_error *err) {
    elea_error reason = {.status = ELEA_OK};
    elea_buffer *bytes = NULL;
    elea_file *part = NULL;
    elea_ipc_file_reader *reader = NULL;
    const elea_ipc_read_options options = {.pool = file->pool};
    ELEA_TRY(elea_file_view_at(file, 0, size, &bytes, err));
    elea_status status = elea_file_new_from_buffer(bytes, file->name, file->pool, &part, err);
    elea_buffer_unref(bytes);
    ELEA_TRY(status);
    status = elea_ipc_file_reader_new(part, &options, &reader, &reason);
    elea_ipc_file_reader_free(reader);
    elea_file_unref(part);
    *out = status == ELEA_OK;
    return status == ELEA_ENOMEM ? elea_error_set(err, status, "%s", reason.message) : ELEA_OK;
}

// The next magic from `from` on; `size` when there is none.
static int64_t find_magic(const uint8_t *data, int64_t from, int64_t size) {
    while (size - from >= ELEA__IPC_MAGIC_SIZE) {
        const uint8_t *next = memchr(data + from, ELEA__IPC_MAGIC[0], (size_t)(size - from));
        if (!next)
            return size;
        from = next - data;
        if (size - from >= ELEA__IPC_MAGIC_SIZE &&
            memcmp(next, ELEA__IPC_MAGIC, ELEA__IPC_MAGIC_SIZE) == 0)
            return from;
        from++;
    }
    return size;
}

// The end of the footer that begins at `start`: the first magic whose size field leads back there.
// *end stays as it is when there is none.
static elea_status find_footer(elea_file *file, int64_t start, int64_t *end, elea_error *err) {
    int64_t left = elea_file_size(file) - start;
    elea_status status = ELEA_OK;
    elea_buffer *view = NULL;
    if (left < ELEA__IPC_TAIL_SIZE)
        return ELEA_OK;
    ELEA_TRY(elea_file_view_at(file, start, left, &view, err));
    const uint8_t *data = elea_buffer_data(view);
    for (int64_t at = 3; status == ELEA_OK && (at = find_magic(data, at + 1, left)) < left;) {
        bool found = false;
        if (elea__flat_load(data + at - 4, 4) != at - 4)
            continue;
        status = opens(file, start + at + ELEA__IPC_MAGIC_SIZE, &found, err);
        if (!found)
            continue;
        *end = start + at + ELEA__IPC_MAGIC_SIZE;
        break;
    }
    elea_buffer_unref(view);
    return status;
}

// Where the message at `position` ends. Where there is none, but an end marker or a footer, or what
// is no message: 0, and *footer is where that would begin.
static elea_status skip_message(elea_file *file, int64_t position, int64_t *next, int64_t *footer,
                                elea_error *err) {
    elea_error reason = {.status = ELEA_OK};
    elea__ipc_message message = {.metadata = NULL};
    int64_t prefix = 0, metadata = 0;
    bool present = false;
    *next = position;
    *footer = position;
    elea_status status = elea__ipc_prefix_read(file, position, &prefix, &metadata, &reason);
    if (status == ELEA_OK && metadata == 0)
        *footer = position + prefix;
    else if (status == ELEA_OK)
        status = elea__ipc_message_next(file, next, &message, &present, &reason);
    elea__ipc_message_release(&message);
    if (!present || status != ELEA_OK)
        *next = 0;
    return status == ELEA_ENOMEM ? elea_error_set(err, status, "%s", reason.message) : ELEA_OK;
}

elea_status elea_ipc_file_find_end(elea_file *file, int64_t *out, elea_error *err) {
    int64_t position = ELEA__IPC_HEAD_SIZE, end = 0;
    while (position <= elea_file_size(file)) {
        int64_t next = 0, footer = 0, before = end;
        ELEA_TRY(skip_message(file, position, &next, &footer, err));
        if (next > 0) {
            position = next;
            continue;
        }
        ELEA_TRY(find_footer(file, footer, &end, err));
        if (end == before)
            break;
        position = end + (-end & (ELEA__IPC_BODY_ALIGNMENT - 1));
    }
    if (end == 0)
        return elea_error_set(err, ELEA_EINVAL,
                              "cannot read \"%s\": no footer of an Arrow file was found",
                              elea_file_name(file));
    *out = end;
    return ELEA_OK;
}

elea_status elea_ipc_recover(const char *path, elea_pool *pool, int64_t *removed, elea_error *err) {
    elea_output_stream *stream = NULL;
    elea_file *file = NULL;
    int64_t end = 0;
    // What somebody is appending is not cut off.
    ELEA_TRY(open_end(path, pool, &stream, &file, err));
    int64_t size = elea_file_size(file);
    elea_status status = elea_ipc_file_find_end(file, &end, err);
    elea_file_unref(file);
    if (status == ELEA_OK && end < size)
        status = cut(path, end, err);
    if (status == ELEA_OK)
        *removed = size - end;
    elea_output_stream_free(stream);
    return status;
}
