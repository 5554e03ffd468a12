// SPDX-License-Identifier: Apache-2.0
#include <elea/ipc/messages.h>

#include <string.h>

#include "base/math_internal.h"
#include "ipc/footer.h"
#include "ipc/format.h"
#include "ipc/message.h"
#include "ipc/message_next.h"
#include "ipc/schema.h"
#include "ipc/source.h"

struct elea_ipc_messages {
    elea_ipc_read_options options; // checked
    elea_file *file;
    bool is_file;
    elea__ipc_footer footer;
    elea_metadata *footer_metadata;
    elea_error footer_damage;
    elea__ipc_schema schema;
    int64_t end; // of the messages
    int64_t position;
    int64_t previous_end;
    int64_t end_mark;
    bool ended;
    // The message at hand.
    elea_ipc_message_info info;
    elea__ipc_message message;
    elea_metadata *metadata;
    elea_error damage;
    elea__flat_vector nodes;
    elea__flat_vector buffers;
    elea__flat_vector variadic_counts;
};

const char *elea_ipc_message_type_name(elea_ipc_message_type type) {
    static const char *const names[] = {"unknown",      "schema", "dictionary",
                                        "record batch", "tensor", "sparse tensor"};
    return type >= ELEA_IPC_MESSAGE_UNKNOWN && type <= ELEA_IPC_MESSAGE_SPARSE_TENSOR ? names[type]
                                                                                      : names[0];
}

// A failure that is not one of the bytes ends the walk; others are shown.
static bool is_fatal(elea_status status) { return status == ELEA_ENOMEM || status == ELEA_EIO; }

// ---- opening

static elea_status read_schema(elea_ipc_messages *messages, const elea__flat_table *table,
                               elea_error *err) {
    const elea__ipc_schema_options options = {.depth_max = messages->options.depth_max,
                                              .limits = &messages->options.limits};
    if (messages->schema.schema)
        return ELEA_OK;
    return elea__ipc_schema_read(messages->options.pool, table, &options, &messages->schema, err);
}

static elea_status read_footer(elea_ipc_messages *messages, elea_error *err) {
    const elea_ipc_read_limits *limits = &messages->options.limits;
    elea__ipc_footer *footer = &messages->footer;
    elea__flat_table schema;
    elea_status status =
        elea__ipc_footer_read(messages->file, limits->metadata_size_max, footer, err);
    if (status != ELEA_OK) {
        elea__ipc_footer_release(footer);
        return status;
    }
    messages->end = footer->offset;
    ELEA_TRY(elea__ipc_footer_schema(footer, &schema, err));
    ELEA_TRY(read_schema(messages, &schema, err));
    return elea__ipc_metadata_read(messages->options.pool, &footer->table, ELEA__FOOTER_METADATA,
                                   limits->custom_size_max, &messages->footer_metadata, err);
}

static elea_status open_file(elea_ipc_messages *messages, elea_error *err) {
    elea_buffer *view = NULL;
    messages->end = elea_file_size(messages->file);
    messages->end_mark = -1;
    if (messages->end < ELEA__IPC_HEAD_SIZE)
        return ELEA_OK;
    ELEA_TRY(elea_file_view_at(messages->file, 0, ELEA__IPC_MAGIC_SIZE, &view, err));
    messages->is_file = memcmp(elea_buffer_data(view), ELEA__IPC_MAGIC, ELEA__IPC_MAGIC_SIZE) == 0;
    elea_buffer_unref(view);
    if (!messages->is_file)
        return ELEA_OK;
    messages->position = messages->previous_end = ELEA__IPC_HEAD_SIZE;
    elea_status status = read_footer(messages, &messages->footer_damage);
    if (is_fatal(status) && err)
        *err = messages->footer_damage;
    return is_fatal(status) ? status : ELEA_OK;
}

elea_status elea_ipc_messages_new(elea_file *file, const elea_ipc_read_options *options,
                                  elea_ipc_messages **out, elea_error *err) {
    elea_ipc_read_options checked;
    void *memory = NULL;
    ELEA_TRY(elea__ipc_read_options_check(options, &checked, err));
    ELEA_TRY(elea_alloc_zero(checked.pool, sizeof(elea_ipc_messages), &memory, err));
    elea_ipc_messages *messages = memory;
    messages->options = checked;
    messages->file = elea_file_ref(file);
    elea_status status = open_file(messages, err);
    if (status != ELEA_OK) {
        elea_ipc_messages_free(messages);
        return elea_error_prefix(err, status, "cannot read \"%s\"", elea_file_name(file));
    }
    *out = messages;
    return ELEA_OK;
}

static void drop_message(elea_ipc_messages *messages) {
    elea__ipc_message_release(&messages->message);
    elea_metadata_unref(messages->metadata);
    messages->metadata = NULL;
    messages->info = (elea_ipc_message_info){.footer_index = -1};
    messages->damage.status = ELEA_OK;
    messages->nodes.count = messages->buffers.count = messages->variadic_counts.count = 0;
}

void elea_ipc_messages_free(elea_ipc_messages *messages) {
    if (!messages)
        return;
    elea_pool *pool = messages->options.pool;
    drop_message(messages);
    elea_metadata_unref(messages->footer_metadata);
    elea__ipc_schema_release(&messages->schema);
    elea__ipc_footer_release(&messages->footer);
    elea_file_unref(messages->file);
    elea_dealloc(pool, messages, sizeof *messages);
}

// ---- blocks of the footer

// The first block that begins at `offset` or behind it. Writers list them in the order of the file;
// where one did not, blocks are missed.
static int64_t find_block(const elea__flat_vector *blocks, int64_t offset) {
    int64_t low = 0, high = blocks->count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (elea__ipc_footer_block(blocks, middle).offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// Where the next block behind `offset` begins; -1 when there is none.
static int64_t next_block(const elea_ipc_messages *messages, int64_t offset) {
    const elea__flat_vector *const vectors[] = {&messages->footer.blocks,
                                                &messages->footer.dictionary_blocks};
    int64_t found = -1;
    for (int i = 0; messages->footer.buffer && i < 2; i++) {
        int64_t index = find_block(vectors[i], offset + 1);
        if (index == vectors[i]->count)
            continue;
        int64_t next = elea__ipc_footer_block(vectors[i], index).offset;
        if (next > offset && next < messages->end && (found < 0 || next < found))
            found = next;
    }
    return found;
}

static int64_t footer_index(const elea_ipc_messages *messages) {
    const elea__flat_vector *blocks = messages->info.type == ELEA_IPC_MESSAGE_RECORD_BATCH
                                          ? &messages->footer.blocks
                                          : &messages->footer.dictionary_blocks;
    if (!messages->footer.buffer || (messages->info.type != ELEA_IPC_MESSAGE_RECORD_BATCH &&
                                     messages->info.type != ELEA_IPC_MESSAGE_DICTIONARY))
        return -1;
    int64_t index = find_block(blocks, messages->info.offset);
    bool found = index < blocks->count &&
                 elea__ipc_footer_block(blocks, index).offset == messages->info.offset;
    return found ? index : -1;
}

// ---- buffers

static elea_status read_buffer(const elea_ipc_messages *messages, int64_t index,
                               elea_ipc_buffer_info *out, elea_error *err) {
    const elea__ipc_message *message = &messages->message;
    const uint8_t *entry =
        elea__flat_vector_data(&messages->buffers) + ELEA__IPC_BUFFER_SIZE * index;
    int64_t offset = elea__flat_load(entry, 8);
    elea_buffer *view = NULL;
    *out = (elea_ipc_buffer_info){.size = elea__flat_load(entry + 8, 8)};
    if (out->size == 0)
        offset = 0;
    if (!elea__range_inside(offset, out->size, message->body_size))
        return elea_error_set(
            err, ELEA_EINVAL,
            "buffer %lld has %lld bytes at %lld of the body, which has %lld bytes",
            (long long)index, (long long)out->size, (long long)offset,
            (long long)message->body_size);
    out->offset = message->body_offset + offset;
    out->plain_size = out->size;
    if (messages->info.compression == ELEA_CODEC_NONE || out->size == 0)
        return ELEA_OK;
    if (out->size < ELEA__IPC_COMPRESSION_PREFIX_SIZE)
        return elea_error_set(err, ELEA_EINVAL,
                              "the compressed buffer %lld at file offset %lld has %lld bytes, "
                              "expected at least %d",
                              (long long)index, (long long)out->offset, (long long)out->size,
                              ELEA__IPC_COMPRESSION_PREFIX_SIZE);
    ELEA_TRY(elea_file_view_at(messages->file, out->offset, ELEA__IPC_COMPRESSION_PREFIX_SIZE,
                               &view, err));
    out->plain_size = elea__flat_load(elea_buffer_data(view), ELEA__IPC_COMPRESSION_PREFIX_SIZE);
    elea_buffer_unref(view);
    out->is_compressed = out->plain_size != ELEA__IPC_NOT_COMPRESSED;
    if (!out->is_compressed)
        out->plain_size = out->size - ELEA__IPC_COMPRESSION_PREFIX_SIZE;
    if (out->plain_size < 0)
        return elea_error_set(err, ELEA_EINVAL,
                              "the compressed buffer %lld at file offset %lld declares %lld bytes",
                              (long long)index, (long long)out->offset, (long long)out->plain_size);
    return ELEA_OK;
}

static elea_status sum_buffers(const elea_ipc_messages *messages, int64_t first, int64_t count,
                               int64_t *stored, int64_t *plain, elea_error *err) {
    int64_t sums[2] = {0, 0};
    for (int64_t i = first; i < first + count; i++) {
        elea_ipc_buffer_info buffer;
        ELEA_TRY(read_buffer(messages, i, &buffer, err));
        if (elea__add_overflow(sums[0], buffer.size, &sums[0]) ||
            elea__add_overflow(sums[1], buffer.plain_size, &sums[1]))
            return elea_error_set(err, ELEA_EINVAL,
                                  "the sizes of the buffers before number %lld have no sum",
                                  (long long)i);
    }
    *stored = sums[0];
    *plain = sums[1];
    return ELEA_OK;
}

// ---- messages

static elea_status read_batch(elea_ipc_messages *messages, const elea__flat_table *header,
                              elea_error *err) {
    elea_ipc_message_info *info = &messages->info;
    const elea_codec *codec = NULL;
    ELEA_TRY(elea__flat_get_int(header, ELEA__BATCH_LENGTH, 8, 0, &info->row_count, err));
    ELEA_TRY(elea__ipc_message_compression(&messages->message, header, &codec, err));
    info->compression = codec ? elea_codec_id_of(codec) : ELEA_CODEC_NONE;
    ELEA_TRY(elea__flat_get_vector(header, ELEA__BATCH_NODES, ELEA__IPC_NODE_SIZE, &messages->nodes,
                                   err));
    ELEA_TRY(elea__flat_get_vector(header, ELEA__BATCH_BUFFERS, ELEA__IPC_BUFFER_SIZE,
                                   &messages->buffers, err));
    ELEA_TRY(elea__flat_get_vector(header, ELEA__BATCH_VARIADIC_COUNTS, 8,
                                   &messages->variadic_counts, err));
    info->node_count = messages->nodes.count;
    info->buffer_count = messages->buffers.count;
    ELEA_TRY(
        sum_buffers(messages, 0, info->buffer_count, &info->stored_size, &info->plain_size, err));
    info->padding_size = elea__max(info->body_size - info->stored_size, 0);
    if (info->row_count < 0)
        return elea_error_set(err, ELEA_EINVAL, "a record batch of %lld rows",
                              (long long)info->row_count);
    return ELEA_OK;
}

static elea_status read_dictionary(elea_ipc_messages *messages, elea_error *err) {
    const elea__flat_table *header = &messages->message.header;
    elea__flat_table data;
    int64_t is_delta = 0;
    bool present = false;
    ELEA_TRY(
        elea__flat_get_int(header, ELEA__DICTIONARY_ID, 8, 0, &messages->info.dictionary_id, err));
    ELEA_TRY(elea__flat_get_int(header, ELEA__DICTIONARY_IS_DELTA, 1, 0, &is_delta, err));
    messages->info.is_delta = is_delta != 0;
    ELEA_TRY(elea__flat_get_table(header, ELEA__DICTIONARY_DATA, &data, &present, err));
    if (!present)
        return elea_error_set(err, ELEA_EINVAL, "file offset %lld: there is no data",
                              (long long)messages->message.flat.file_offset);
    return read_batch(messages, &data, err);
}

// What is inside a message whose place is known.
static elea_status read_details(elea_ipc_messages *messages, elea_error *err) {
    const elea__ipc_message *message = &messages->message;
    elea_ipc_message_info *info = &messages->info;
    bool is_known = message->header_type >= ELEA_IPC_MESSAGE_SCHEMA &&
                    message->header_type <= ELEA_IPC_MESSAGE_SPARSE_TENSOR;
    info->version = (int32_t)message->version + 1;
    info->body_size = message->body_size;
    if (!is_known)
        return elea_error_set(err, ELEA_EUNSUPPORTED, "file offset %lld: a message of type %lld",
                              (long long)info->offset, (long long)message->header_type);
    info->type = (elea_ipc_message_type)message->header_type;
    info->footer_index = footer_index(messages);
    ELEA_TRY(elea__ipc_metadata_read(
        messages->options.pool, &message->table, ELEA__MESSAGE_METADATA,
        messages->options.limits.custom_size_max, &messages->metadata, err));
    info->metadata = messages->metadata;
    switch (info->type) {
    case ELEA_IPC_MESSAGE_SCHEMA:
        return read_schema(messages, &message->header, err);
    case ELEA_IPC_MESSAGE_DICTIONARY:
        return read_dictionary(messages, err);
    case ELEA_IPC_MESSAGE_RECORD_BATCH:
        return read_batch(messages, &message->header, err);
    default:
        return ELEA_OK;
    }
}

// Reads the message at the position and goes behind it. *is_mark: there was the mark at the end.
static elea_status read_message(elea_ipc_messages *messages, bool *is_mark, elea_error *err) {
    elea__ipc_block block = {.offset = messages->position};
    int64_t prefix = 0, metadata = 0;
    messages->info.offset = messages->position;
    messages->info.gap_size = messages->position - messages->previous_end;
    ELEA_TRY(elea__ipc_prefix_read(messages->file, messages->position, &prefix, &metadata, err));
    *is_mark = metadata == 0;
    if (*is_mark)
        return ELEA_OK;
    block.metadata_size = prefix + metadata;
    messages->info.legacy_framing = prefix < ELEA__IPC_PREFIX_SIZE;
    messages->info.metadata_size = block.metadata_size;
    ELEA_TRY(
        elea__ipc_message_read(messages->file, &block, messages->end, &messages->message, err));
    messages->position = messages->message.body_offset + messages->message.body_size;
    return read_details(messages, err);
}

// Goes to the next block of the footer behind `offset`, or ends.
static void resume(elea_ipc_messages *messages, int64_t offset) {
    int64_t next = next_block(messages, offset);
    messages->ended = next < 0;
    messages->position = next < 0 ? messages->position : next;
}

elea_status elea_ipc_messages_next(elea_ipc_messages *messages, const elea_ipc_message_info **out,
                                   elea_error *err) {
    *out = NULL;
    drop_message(messages);
    while (!messages->ended && messages->position < messages->end) {
        bool is_mark = false;
        int64_t start = messages->position;
        elea_status status = read_message(messages, &is_mark, &messages->damage);
        if (is_fatal(status)) {
            messages->ended = true;
            if (err)
                *err = messages->damage;
            return elea_error_prefix(err, status, "cannot read \"%s\"",
                                     elea_file_name(messages->file));
        }
        if (is_mark) {
            // Bytes between messages may look like it.
            resume(messages, start);
            messages->end_mark = messages->ended ? start : -1;
            continue;
        }
        if (status != ELEA_OK)
            messages->info.damage = &messages->damage;
        if (messages->position == start)
            resume(messages, start);
        messages->previous_end = messages->position;
        *out = &messages->info;
        return ELEA_OK;
    }
    messages->ended = true;
    return ELEA_OK;
}

// ---- what is asked

void elea_ipc_messages_frame(const elea_ipc_messages *messages, elea_ipc_frame_info *out) {
    const elea__ipc_footer *footer = &messages->footer;
    *out = (elea_ipc_frame_info){
        .is_file = messages->is_file,
        .size = elea_file_size(messages->file),
        .messages_offset = messages->is_file ? ELEA__IPC_HEAD_SIZE : 0,
        .messages_end = messages->end,
        .end_mark = messages->end_mark,
        .footer_metadata = messages->footer_metadata,
        .footer_damage =
            messages->footer_damage.status != ELEA_OK ? &messages->footer_damage : NULL,
    };
    if (footer->buffer) {
        out->footer_size = footer->size;
        out->footer_batch_count = footer->blocks.count;
        out->footer_dictionary_count = footer->dictionary_blocks.count;
    }
}

const elea_schema *elea_ipc_messages_schema(const elea_ipc_messages *messages) {
    return messages->schema.schema;
}

static elea_status check_index(int64_t index, int64_t count, const char *what, elea_error *err) {
    if (index >= 0 && index < count)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINDEX, "%s %lld is asked for: there are %lld", what,
                          (long long)index, (long long)count);
}

elea_status elea_ipc_messages_node(const elea_ipc_messages *messages, int64_t index,
                                   int64_t *length, int64_t *null_count, elea_error *err) {
    ELEA_TRY(check_index(index, messages->nodes.count, "field node", err));
    const uint8_t *node = elea__flat_vector_data(&messages->nodes) + ELEA__IPC_NODE_SIZE * index;
    *length = elea__flat_load(node, 8);
    *null_count = elea__flat_load(node + 8, 8);
    return ELEA_OK;
}

elea_status elea_ipc_messages_buffer(const elea_ipc_messages *messages, int64_t index,
                                     elea_ipc_buffer_info *out, elea_error *err) {
    ELEA_TRY(check_index(index, messages->buffers.count, "buffer", err));
    return read_buffer(messages, index, out, err);
}

// Where the buffers of an extent begin in the message at hand; false when it has not so many.
static bool find_buffers(const elea_ipc_messages *messages, const elea__ipc_extent *extent,
                         int64_t *out) {
    const elea__flat_vector *counts = &messages->variadic_counts;
    int64_t sum =
        extent->buffers + (messages->message.version < ELEA__IPC_V5 ? extent->old_validity : 0);
    if (extent->variadic > counts->count)
        return false;
    for (int64_t i = 0; i < extent->variadic; i++) {
        int64_t count = elea__flat_load(elea__flat_vector_data(counts) + 8 * i, 8);
        if (count < 0 || elea__add_overflow(sum, count, &sum))
            return false;
    }
    *out = sum;
    return sum <= messages->buffers.count;
}

elea_status elea_ipc_messages_column(const elea_ipc_messages *messages, int64_t column,
                                     elea_ipc_column_info *out, elea_error *err) {
    const elea__ipc_schema *schema = &messages->schema;
    elea_ipc_column_info info = {.first_node = 0};
    int64_t buffers_end = 0;
    ELEA_TRY(check_index(column, schema->schema ? schema->count : 0, "column", err));
    const elea__ipc_extent *start = &schema->starts[column];
    const elea__ipc_extent *end = column + 1 < schema->count ? start + 1 : &schema->total;
    if (messages->info.type != ELEA_IPC_MESSAGE_RECORD_BATCH || messages->info.damage ||
        end->nodes > messages->nodes.count || !find_buffers(messages, start, &info.first_buffer) ||
        !find_buffers(messages, end, &buffers_end))
        return elea_error_set(err, ELEA_EINVAL,
                              "the message at file offset %lld is not a sound record batch of the "
                              "schema",
                              (long long)messages->info.offset);
    info.first_node = start->nodes;
    info.node_count = end->nodes - start->nodes;
    info.buffer_count = buffers_end - info.first_buffer;
    ELEA_TRY(sum_buffers(messages, info.first_buffer, info.buffer_count, &info.stored_size,
                         &info.plain_size, err));
    *out = info;
    return ELEA_OK;
}
