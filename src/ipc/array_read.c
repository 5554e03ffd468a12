// SPDX-License-Identifier: Apache-2.0
#include "ipc/array_read.h"

#include "base/math_internal.h"
#include "columnar/type_internal.h"
#include "ipc/format.h"

// ---- the record batch's table

static elea_status read_compression(const elea__flat_table *header, const elea_codec **out,
                                    elea_error *err) {
    elea__flat_table compression;
    bool present = false;
    int64_t codec = 0, method = 0;
    ELEA_TRY(elea__flat_get_table(header, ELEA__BATCH_COMPRESSION, &compression, &present, err));
    if (!present)
        return ELEA_OK;
    ELEA_TRY(elea__flat_get_int(&compression, ELEA__COMPRESSION_CODEC, 1, 0, &codec, err));
    ELEA_TRY(elea__flat_get_int(&compression, ELEA__COMPRESSION_METHOD, 1, 0, &method, err));
    // The format counts from 0: LZ4_FRAME, ZSTD.
    *out = codec == 0 || codec == 1 ? elea_codec_of((elea_codec_id)(codec + 1)) : NULL;
    if (!*out || method != 0)
        return elea_error_set(err, ELEA_EUNSUPPORTED,
                              "the body is compressed with codec %lld by method %lld, expected "
                              "codec 0 or 1 and method 0",
                              (long long)codec, (long long)method);
    return ELEA_OK;
}

static elea_status check_variadic_counts(const elea__flat_vector *counts, int64_t *total,
                                         elea_error *err) {
    const uint8_t *data = elea__flat_vector_data(counts);
    for (int64_t i = 0; i < counts->count; i++) {
        int64_t count = elea__flat_load(data + 8 * i, 8);
        if (count < 0 || elea__add_overflow(*total, count, total))
            return elea_error_set(err, ELEA_EINVAL, "variadic buffer count %lld is %lld",
                                  (long long)i, (long long)count);
    }
    return ELEA_OK;
}

static elea_status check_count(const char *what, int64_t found, int64_t expected, elea_error *err) {
    if (found == expected)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "%lld %s, expected %lld for the schema",
                          (long long)found, what, (long long)expected);
}

static elea_status check_limit(const char *what, int64_t found, int64_t limit, elea_error *err) {
    if (found <= limit)
        return ELEA_OK;
    return elea_error_set(err, ELEA_ECAPACITY, "%lld %s, the limit is %lld", (long long)found, what,
                          (long long)limit);
}

// The buffers of an extent, but for the variadic ones.
static int64_t fixed_buffers(const elea__ipc_message *message, const elea__ipc_extent *extent) {
    return extent->buffers + (message->version < ELEA__IPC_V5 ? extent->old_validity : 0);
}

// Buffers may lie over each other, but that does not make them hold more than the body can.
static int64_t decompressed_max(const elea__ipc_batch_reader *reader) {
    int64_t limit = reader->source->options.decompressed_max;
    if (!reader->codec)
        return 0;
    int64_t bound = elea_codec_decompress_bound(reader->codec, reader->message->body_size);
    return limit > 0 ? elea__min(limit, bound) : bound;
}

elea_status elea__ipc_batch_reader_init(elea__ipc_batch_reader *reader, elea__ipc_source *source,
                                        const elea__ipc_message *message,
                                        const elea__flat_table *header,
                                        const elea__ipc_extent *total, bool whole_body,
                                        elea_error *err) {
    int64_t buffer_count = fixed_buffers(message, total);
    *reader = (elea__ipc_batch_reader){.source = source, .message = message};
    ELEA_TRY(elea__flat_get_int(header, ELEA__BATCH_LENGTH, 8, 0, &reader->length, err));
    if (reader->length < 0)
        return elea_error_set(err, ELEA_EINVAL, "a record batch of %lld rows",
                              (long long)reader->length);
    ELEA_TRY(read_compression(header, &reader->codec, err));
    reader->decompressed_left = decompressed_max(reader);
    ELEA_TRY(
        elea__flat_get_vector(header, ELEA__BATCH_NODES, ELEA__IPC_NODE_SIZE, &reader->nodes, err));
    ELEA_TRY(elea__flat_get_vector(header, ELEA__BATCH_BUFFERS, ELEA__IPC_BUFFER_SIZE,
                                   &reader->buffers, err));
    ELEA_TRY(elea__flat_get_vector(header, ELEA__BATCH_VARIADIC_COUNTS, 8, &reader->variadic_counts,
                                   err));
    ELEA_TRY(check_limit("field nodes", reader->nodes.count, source->options.limits.node_count_max,
                         err));
    ELEA_TRY(check_limit("buffers", reader->buffers.count, source->options.limits.buffer_count_max,
                         err));
    ELEA_TRY(check_count("field nodes", reader->nodes.count, total->nodes, err));
    ELEA_TRY(
        check_count("variadic buffer counts", reader->variadic_counts.count, total->variadic, err));
    ELEA_TRY(check_variadic_counts(&reader->variadic_counts, &buffer_count, err));
    ELEA_TRY(check_count("buffers", reader->buffers.count, buffer_count, err));
    if (message->body)
        reader->body = elea_buffer_ref(message->body);
    else if (whole_body)
        ELEA_TRY(elea_file_view_at(source->file, message->body_offset, message->body_size,
                                   &reader->body, err));
    return ELEA_OK;
}

void elea__ipc_batch_reader_release(elea__ipc_batch_reader *reader) {
    elea_buffer_unref(reader->body);
    reader->body = NULL;
}

// ---- buffers

// The alignment that reading values of a buffer needs, by its letter in the layout.
static int64_t alignment_of(const elea_type *type, char letter) {
    switch (letter) {
    case 'o':
    case 's':
        return 4;
    case 'O':
    case 'S':
    case 'w':
        return 8;
    case 'd': {
        int64_t width = elea__type_width(type);
        return width == 0 ? 1 : elea__min(width & -width, 8);
    }
    default:
        return 1;
    }
}

static elea_status align(elea__ipc_batch_reader *reader, int64_t alignment, int64_t file_offset,
                         elea_buffer **buffer, elea_error *err) {
    elea_buffer *copy = NULL;
    const uint8_t *data = elea_buffer_data(*buffer);
    if (((uintptr_t)data & (uintptr_t)(alignment - 1)) == 0)
        return ELEA_OK;
    if (reader->source->options.misaligned == ELEA_IPC_MISALIGNED_REFUSE)
        return elea_error_set(err, ELEA_EINVAL,
                              "the buffer at file offset %lld is not aligned to %lld bytes in "
                              "memory",
                              (long long)file_offset, (long long)alignment);
    ELEA_TRY(
        elea_buffer_new_copy(reader->source->pool, data, elea_buffer_size(*buffer), &copy, err));
    elea_buffer_unref(*buffer);
    *buffer = copy;
    return ELEA_OK;
}

// Puts what the buffer stands for in its place. The size it declares is believed only as far as so
// many bytes can hold it.
static elea_status decompress(elea__ipc_batch_reader *reader, int64_t file_offset,
                              elea_buffer **buffer, elea_error *err) {
    const char *data = (const char *)elea_buffer_data(*buffer);
    int64_t rest = elea_buffer_size(*buffer) - ELEA__IPC_COMPRESSION_PREFIX_SIZE;
    elea_buffer *plain = NULL;
    if (rest < 0)
        return elea_error_set(err, ELEA_EINVAL,
                              "the compressed buffer at file offset %lld has %lld bytes, expected "
                              "at least %d",
                              (long long)file_offset, (long long)elea_buffer_size(*buffer),
                              ELEA__IPC_COMPRESSION_PREFIX_SIZE);
    int64_t size = elea__flat_load((const uint8_t *)data, ELEA__IPC_COMPRESSION_PREFIX_SIZE);
    if (size == ELEA__IPC_NOT_COMPRESSED) {
        ELEA_TRY(elea_buffer_slice(*buffer, ELEA__IPC_COMPRESSION_PREFIX_SIZE, rest, &plain, err));
    } else {
        int64_t limit =
            elea__min(elea_codec_decompress_bound(reader->codec, rest), reader->decompressed_left);
        if (size < 0 || size > limit)
            return elea_error_set(err, ELEA_EINVAL,
                                  "the compressed buffer at file offset %lld declares %lld bytes, "
                                  "expected at most %lld from %lld bytes of %s in this body",
                                  (long long)file_offset, (long long)size, (long long)limit,
                                  (long long)rest, elea_codec_name(reader->codec));
        reader->decompressed_left -= size;
        ELEA_TRY(elea_buffer_new(reader->source->pool, size, &plain, err));
        const elea_bytes source = {.data = data + ELEA__IPC_COMPRESSION_PREFIX_SIZE, .size = rest};
        elea_status status = elea_codec_decompress(reader->codec, source,
                                                   elea_buffer_mutable_data(plain), size, err);
        if (status != ELEA_OK) {
            elea_buffer_unref(plain);
            return elea_error_prefix(err, status, "the compressed buffer at file offset %lld",
                                     (long long)file_offset);
        }
    }
    elea_buffer_unref(*buffer);
    *buffer = plain;
    return ELEA_OK;
}

// Takes the next buffer of the body; *out is NULL when it is empty.
static elea_status read_buffer(elea__ipc_batch_reader *reader, int64_t alignment, elea_buffer **out,
                               elea_error *err) {
    const elea__ipc_message *message = reader->message;
    int64_t index = reader->next_buffer++;
    if (index >= reader->buffers.count)
        return elea_error_set(err, ELEA_EINVAL, "buffer %lld is missing: there are %lld",
                              (long long)index, (long long)reader->buffers.count);
    const uint8_t *entry = elea__flat_vector_data(&reader->buffers) + ELEA__IPC_BUFFER_SIZE * index;
    int64_t offset = elea__flat_load(entry, 8);
    int64_t size = elea__flat_load(entry + 8, 8);
    if (offset % ELEA__IPC_BODY_ALIGNMENT != 0)
        return elea_error_set(err, ELEA_EINVAL,
                              "buffer %lld begins at %lld of the body, expected a multiple of 8",
                              (long long)index, (long long)offset);
    if (!elea__range_inside(offset, size, message->body_size))
        return elea_error_set(
            err, ELEA_EINVAL,
            "buffer %lld has %lld bytes at %lld of the body, which has %lld bytes",
            (long long)index, (long long)size, (long long)offset, (long long)message->body_size);
    *out = NULL;
    if (size == 0)
        return ELEA_OK;
    int64_t file_offset = message->body_offset + offset;
    if (reader->column_offset < 0)
        reader->column_offset = file_offset;
    if (reader->body)
        ELEA_TRY(elea_buffer_slice(reader->body, offset, size, out, err));
    else
        ELEA_TRY(elea_file_view_at(reader->source->file, file_offset, size, out, err));
    if (reader->codec)
        ELEA_TRY(decompress(reader, file_offset, out, err));
    return align(reader, alignment, file_offset, out, err);
}

// ---- arrays

// What an array is put together from; owns the references.
typedef struct array_source {
    elea_array_parts parts;
    elea_buffer **buffers;
    elea_array **children;
    elea_array *dictionary;
    int64_t allocated;
} array_source;

static elea_status read_node(elea__ipc_batch_reader *reader, const elea_type *type,
                             elea_array_parts *parts, elea_error *err) {
    int64_t index = reader->next_node++;
    if (index >= reader->nodes.count)
        return elea_error_set(err, ELEA_EINVAL, "field node %lld is missing: there are %lld",
                              (long long)index, (long long)reader->nodes.count);
    const uint8_t *node = elea__flat_vector_data(&reader->nodes) + ELEA__IPC_NODE_SIZE * index;
    parts->length = elea__flat_load(node, 8);
    parts->null_count = elea__flat_load(node + 8, 8);
    if (parts->length < 0 || parts->null_count < 0 || parts->null_count > parts->length)
        return elea_error_set(err, ELEA_EINVAL, "field node %lld has %lld rows and %lld nulls",
                              (long long)index, (long long)parts->length,
                              (long long)parts->null_count);
    // The nulls of these are not written in a bitmap of their own: they follow from the rows.
    if (!elea__layout_has_validity(elea_type_layout_of(type)))
        parts->null_count = -1;
    return ELEA_OK;
}

// How many buffers the array has, the variadic ones included.
static elea_status count_buffers(elea__ipc_batch_reader *reader, const elea_type *type,
                                 int64_t *out, elea_error *err) {
    *out = 0;
    for (const char *letter = elea_layout_buffers(elea_type_layout_of(type)); *letter; letter++) {
        (*out)++;
        if (*letter != 'w')
            continue;
        int64_t index = reader->next_variadic++;
        if (index >= reader->variadic_counts.count)
            return elea_error_set(err, ELEA_EINVAL, "variadic buffer count %lld is missing",
                                  (long long)index);
        *out += elea__flat_load(elea__flat_vector_data(&reader->variadic_counts) + 8 * index, 8);
    }
    // The sum of all counts is that of the buffers, which was checked.
    return ELEA_OK;
}

static elea_status read_buffers(elea__ipc_batch_reader *reader, const elea_type *type,
                                array_source *source, elea_error *err) {
    const char *letters = elea_layout_buffers(elea_type_layout_of(type));
    if (reader->message->version < ELEA__IPC_V5 &&
        elea__ipc_has_old_validity(elea_type_layout_of(type))) {
        elea_buffer *ignored = NULL;
        elea_status status = read_buffer(reader, 1, &ignored, err);
        elea_buffer_unref(ignored);
        ELEA_TRY(status);
    }
    for (int64_t i = 0; i < source->parts.buffer_count; i++) {
        char letter = *letters ? *letters++ : 'c'; // beyond the layout: variadic
        ELEA_TRY(read_buffer(reader, alignment_of(type, letter), &source->buffers[i], err));
        if (letter == 'v' && source->parts.null_count == 0) {
            elea_buffer_unref(source->buffers[i]);
            source->buffers[i] = NULL;
        } else if (letter != 'v' && !source->buffers[i]) {
            ELEA_TRY(elea_buffer_new(reader->source->pool, 0, &source->buffers[i], err));
        }
    }
    return ELEA_OK;
}

static elea_status read_array(elea__ipc_batch_reader *reader, const elea_type *type,
                              elea_array **out, elea_error *err);

static elea_status read_children(elea__ipc_batch_reader *reader, const elea_type *type,
                                 array_source *source, elea_error *err) {
    for (int64_t i = 0; i < source->parts.child_count; i++) {
        const elea_field *field = elea_type_child(type, i);
        elea_status status = read_array(reader, elea_field_type(field), &source->children[i], err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "field \"%s\"", elea_field_name(field));
    }
    return ELEA_OK;
}

// The values of a dictionary; those inside have slots of their own, which it skips. A column of
// nulls may come before its dictionary does.
static elea_status read_dictionary(elea__ipc_batch_reader *reader, const elea_type *type,
                                   array_source *source, elea_error *err) {
    const elea_array *values = NULL;
    int64_t index = reader->next_slot;
    const elea__ipc_slot *slot = (const elea__ipc_slot *)reader->source->schema.slots.data + index;
    reader->next_slot += 1 + slot->nested;
    ELEA_TRY(elea__ipc_dictionaries_get(reader->source, index, &values, err));
    if (values) {
        source->dictionary = elea_array_ref(values);
        return ELEA_OK;
    }
    if (source->parts.null_count < source->parts.length)
        return elea_error_set(err, ELEA_EINVAL, "dictionary %lld is missing", (long long)slot->id);
    return elea_array_new_null(reader->source->pool, elea_type_value_type(type), 0,
                               &source->dictionary, err);
}

static elea_status read_array(elea__ipc_batch_reader *reader, const elea_type *type,
                              elea_array **out, elea_error *err) {
    elea_status status = ELEA_OK;
    array_source source = {.parts = {.type = type, .child_count = elea_type_child_count(type)}};
    void *pointers = NULL;

    ELEA_TRY(read_node(reader, type, &source.parts, err));
    ELEA_TRY(count_buffers(reader, type, &source.parts.buffer_count, err));
    // Both counts are below that of the bytes of metadata.
    source.allocated =
        (source.parts.buffer_count + source.parts.child_count) * (int64_t)sizeof(void *);
    ELEA_TRY(elea_alloc_zero(reader->source->pool, source.allocated, &pointers, err));
    source.buffers = pointers;
    source.children = (elea_array **)(source.buffers + source.parts.buffer_count);
    ELEA_GOTO(done, read_buffers(reader, type, &source, err));
    ELEA_GOTO(done, read_children(reader, type, &source, err));
    if (elea_type_layout_of(type) == ELEA_LAYOUT_DICTIONARY)
        ELEA_GOTO(done, read_dictionary(reader, type, &source, err));
    source.parts.buffers = (const elea_buffer *const *)source.buffers;
    source.parts.dictionary = source.dictionary;
    source.parts.children = (const elea_array *const *)source.children;
    status = elea_array_new(reader->source->pool, &source.parts, out, err);

done:
    elea_array_unref(source.dictionary);
    for (int64_t i = 0; i < source.parts.child_count; i++)
        elea_array_unref(source.children[i]);
    for (int64_t i = 0; i < source.parts.buffer_count; i++)
        elea_buffer_unref(source.buffers[i]);
    elea_dealloc(reader->source->pool, pointers, source.allocated);
    return status;
}

elea_status elea__ipc_read_column(elea__ipc_batch_reader *reader, const elea_type *type,
                                  const elea__ipc_extent *start, elea_array **out,
                                  elea_error *err) {
    elea_array *array = NULL;
    reader->next_node = start->nodes;
    reader->next_buffer = fixed_buffers(reader->message, start);
    reader->next_variadic = start->variadic;
    reader->next_slot = start->slots;
    reader->column_offset = -1;
    const uint8_t *counts = elea__flat_vector_data(&reader->variadic_counts);
    for (int64_t i = 0; i < start->variadic; i++)
        reader->next_buffer += elea__flat_load(counts + 8 * i, 8);
    ELEA_TRY(read_array(reader, type, &array, err));
    if (elea_array_length(array) != reader->length) {
        elea_status status =
            elea_error_set(err, ELEA_EINVAL, "%lld rows, expected %lld",
                           (long long)elea_array_length(array), (long long)reader->length);
        elea_array_unref(array);
        return status;
    }
    *out = array;
    return ELEA_OK;
}
