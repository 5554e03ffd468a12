// SPDX-License-Identifier: Apache-2.0
#include <elea/ipc.h>

#include "base/math_internal.h"
#include "ipc/batch_read.h"
#include "ipc/file_reader.h"
#include "ipc/format.h"
#include "ipc/message.h"
#include "ipc/schema.h"
#include "ipc/source.h"

struct elea_ipc_file_reader {
    elea__ipc_source source;
    elea_metadata *metadata;
    elea__ipc_footer footer;
    bool dictionaries_found;
    elea_buffer **ahead; // metadata of batches that were read before they are asked for
    int64_t ahead_first;
    int64_t ahead_count;
};

// ---- opening

static elea_status open_reader(elea_ipc_file_reader *reader, elea_error *err) {
    const elea_ipc_read_limits *limits = &reader->source.options.limits;
    elea__flat_table schema;
    ELEA_TRY(elea__ipc_footer_read(reader->source.file, limits->metadata_size_max, &reader->footer,
                                   err));
    ELEA_TRY(elea__ipc_footer_schema(&reader->footer, &schema, err));
    ELEA_TRY(elea__ipc_source_read_schema(&reader->source, &schema, err));
    return elea__ipc_metadata_read(reader->source.pool, &reader->footer.table,
                                   ELEA__FOOTER_METADATA, limits->custom_size_max,
                                   &reader->metadata, err);
}

elea_status elea_ipc_file_reader_new(elea_file *file, const elea_ipc_read_options *options,
                                     elea_ipc_file_reader **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_ipc_read_options checked;
    elea_ipc_file_reader *reader = NULL;
    void *memory = NULL;
    ELEA_TRY(elea__ipc_read_options_check(options, &checked, err));
    ELEA_TRY(elea_alloc_zero(checked.pool, sizeof *reader, &memory, err));
    reader = memory;
    elea__ipc_source_init(&reader->source, file, &checked);
    ELEA_GOTO(done, open_reader(reader, err));
    *out = reader;
    return ELEA_OK;

done:
    elea_ipc_file_reader_free(reader);
    return elea_error_prefix(err, status, "cannot read \"%s\"", elea_file_name(file));
}

static void drop_ahead(elea_ipc_file_reader *reader) {
    for (int64_t i = 0; i < reader->ahead_count; i++)
        elea_buffer_unref(reader->ahead[i]);
    elea_dealloc(reader->source.pool, reader->ahead,
                 reader->ahead_count * (int64_t)sizeof *reader->ahead);
    reader->ahead = NULL;
    reader->ahead_count = 0;
}

void elea_ipc_file_reader_free(elea_ipc_file_reader *reader) {
    if (!reader)
        return;
    elea_pool *pool = reader->source.pool;
    drop_ahead(reader);
    elea_metadata_unref(reader->metadata);
    elea__ipc_footer_release(&reader->footer);
    elea__ipc_source_release(&reader->source);
    elea_dealloc(pool, reader, sizeof *reader);
}

const elea_schema *elea_ipc_file_reader_schema(const elea_ipc_file_reader *reader) {
    return reader->source.schema.schema;
}

int64_t elea_ipc_file_reader_batch_count(const elea_ipc_file_reader *reader) {
    return reader->footer.blocks.count;
}

void elea_ipc_file_reader_stats(const elea_ipc_file_reader *reader, elea_ipc_read_stats *out) {
    elea__ipc_source_stats(&reader->source, out);
}

const elea_metadata *elea_ipc_file_reader_metadata(const elea_ipc_file_reader *reader) {
    return reader->metadata;
}

// ---- metadata ahead

static bool is_ahead(const elea_ipc_file_reader *reader, int64_t index) {
    return index >= reader->ahead_first && index - reader->ahead_first < reader->ahead_count;
}

// Blocks that are not sound are left out: they fail when they are read by themselves.
static int64_t list_blocks(const elea_ipc_file_reader *reader, int64_t first, int64_t count,
                           elea_file_range *ranges) {
    int64_t limit = reader->source.options.limits.metadata_size_max, listed = 0;
    for (; listed < count; listed++) {
        elea__ipc_block block = elea__ipc_footer_block(&reader->footer.blocks, first + listed);
        if (!elea__range_inside(block.offset, block.metadata_size, reader->footer.offset) ||
            block.metadata_size < ELEA__IPC_PREFIX_SIZE || block.metadata_size > limit)
            break;
        ranges[listed] = (elea_file_range){.offset = block.offset, .size = block.metadata_size};
    }
    return listed;
}

static elea_status read_ahead(elea_ipc_file_reader *reader, int64_t first, int64_t count,
                              elea_error *err) {
    elea_status status = ELEA_OK;
    elea_pool *pool = reader->source.pool;
    const elea_read_ranges_options options = {.threads = reader->source.options.threads};
    int64_t ranges_size = count * (int64_t)sizeof(elea_file_range);
    int64_t size = count * (int64_t)sizeof *reader->ahead;
    void *ranges = NULL, *buffers = NULL;

    drop_ahead(reader);
    ELEA_GOTO(done, elea_alloc_zero(pool, ranges_size, &ranges, err));
    ELEA_GOTO(done, elea_alloc_zero(pool, size, &buffers, err));
    int64_t listed = list_blocks(reader, first, count, ranges);
    ELEA_GOTO(done,
              elea_file_read_ranges(reader->source.file, ranges, listed, &options, buffers, err));
    reader->ahead = buffers;
    reader->ahead_first = first;
    reader->ahead_count = count;
    buffers = NULL;

done:
    elea_dealloc(pool, buffers, size);
    elea_dealloc(pool, ranges, ranges_size);
    return status;
}

elea_status elea_ipc_file_reader_read_ahead(elea_ipc_file_reader *reader, int64_t first,
                                            int64_t count, elea_error *err) {
    if (!elea__range_inside(first, count, reader->footer.blocks.count))
        return elea_error_set(
            err, ELEA_EINDEX, "record batches from %lld, %lld of them, of \"%s\", which has %lld",
            (long long)first, (long long)count, elea_file_name(reader->source.file),
            (long long)reader->footer.blocks.count);
    if (elea_file_has_views(reader->source.file))
        return ELEA_OK;
    return read_ahead(reader, first, count, err);
}

// ---- record batches

// Reads the message of block `index`, which must be of this type.
static elea_status read_message(elea_ipc_file_reader *reader, const elea__flat_vector *blocks,
                                int64_t index, int64_t type, elea__ipc_message *out,
                                elea_error *err) {
    elea__ipc_block block = elea__ipc_footer_block(blocks, index);
    if (block.metadata_size > reader->source.options.limits.metadata_size_max)
        return elea_error_set(err, ELEA_ECAPACITY,
                              "file offset %lld: metadata of %lld bytes, the limit is %lld",
                              (long long)block.offset, (long long)block.metadata_size,
                              (long long)reader->source.options.limits.metadata_size_max);
    elea_buffer *ahead = NULL;
    if (blocks == &reader->footer.blocks && is_ahead(reader, index))
        ahead = reader->ahead[index - reader->ahead_first];
    ELEA_TRY(elea__ipc_message_read_ahead(reader->source.file, ahead, &block, reader->footer.offset,
                                          out, err));
    elea__ipc_source_count(&reader->source, out);
    if (out->header_type != type)
        return elea_error_set(
            err, ELEA_EINVAL, "file offset %lld: a message of type %lld, expected %lld (%s)",
            (long long)block.offset, (long long)out->header_type, (long long)type,
            type == ELEA__HEADER_RECORD_BATCH ? "a record batch" : "a dictionary");
    return ELEA_OK;
}

static elea_status read_batch_message(elea_ipc_file_reader *reader, int64_t index,
                                      elea__ipc_message *out, elea_error *err) {
    *out = (elea__ipc_message){.metadata = NULL};
    if (index < 0 || index >= reader->footer.blocks.count)
        return elea_error_set(err, ELEA_EINDEX, "there are %lld record batches",
                              (long long)reader->footer.blocks.count);
    return read_message(reader, &reader->footer.blocks, index, ELEA__HEADER_RECORD_BATCH, out, err);
}

// Reads the metadata of all dictionaries, when there are columns that need some. They are put
// together when a column is read.
static elea_status find_dictionaries(elea_ipc_file_reader *reader, elea_error *err) {
    elea__ipc_dictionaries *dictionaries = &reader->source.dictionaries;
    if (reader->dictionaries_found || reader->source.schema.slots.count == 0)
        return ELEA_OK;
    for (int64_t i = 0; i < reader->footer.dictionary_blocks.count; i++) {
        elea__ipc_message message = {.metadata = NULL};
        elea_status status = read_message(reader, &reader->footer.dictionary_blocks, i,
                                          ELEA__HEADER_DICTIONARY_BATCH, &message, err);
        if (status == ELEA_OK)
            status = elea__ipc_dictionaries_add(dictionaries, &message, false, err);
        elea__ipc_message_release(&message);
        if (status != ELEA_OK) {
            elea__ipc_dictionaries_reset(dictionaries);
            return elea_error_prefix(err, status, "dictionary batch %lld", (long long)i);
        }
    }
    reader->dictionaries_found = true;
    return ELEA_OK;
}

elea_status elea_ipc_file_reader_read_batch_with_metadata(elea_ipc_file_reader *reader,
                                                          int64_t index, elea_record_batch **out,
                                                          elea_metadata **metadata,
                                                          elea_error *err) {
    elea_status status = ELEA_OK;
    elea__ipc_message message = {.metadata = NULL};
    elea_metadata *custom = NULL;

    ELEA_GOTO(done, read_batch_message(reader, index, &message, err));
    ELEA_GOTO(done, find_dictionaries(reader, err));
    if (metadata)
        ELEA_GOTO(done, elea__ipc_metadata_read(
                            reader->source.pool, &message.table, ELEA__MESSAGE_METADATA,
                            reader->source.options.limits.custom_size_max, &custom, err));
    status = elea__ipc_source_read_batch(&reader->source, &message, out, err);

done:
    elea__ipc_message_release(&message);
    if (status == ELEA_OK && metadata)
        *metadata = custom;
    else
        elea_metadata_unref(custom);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "cannot read \"%s\": record batch %lld",
                                 elea_file_name(reader->source.file), (long long)index);
    return ELEA_OK;
}

elea_status elea_ipc_file_reader_read_batch(elea_ipc_file_reader *reader, int64_t index,
                                            elea_record_batch **out, elea_error *err) {
    return elea_ipc_file_reader_read_batch_with_metadata(reader, index, out, NULL, err);
}

elea_status elea_ipc_file_reader_read_batch_metadata(elea_ipc_file_reader *reader, int64_t index,
                                                     elea_metadata **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__ipc_message message = {.metadata = NULL};

    ELEA_GOTO(done, read_batch_message(reader, index, &message, err));
    status = elea__ipc_metadata_read(reader->source.pool, &message.table, ELEA__MESSAGE_METADATA,
                                     reader->source.options.limits.custom_size_max, out, err);

done:
    elea__ipc_message_release(&message);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "cannot read \"%s\": record batch %lld",
                                 elea_file_name(reader->source.file), (long long)index);
    return ELEA_OK;
}

static elea_status read_length(elea_ipc_file_reader *reader, int64_t index, int64_t *out,
                               elea_error *err) {
    elea_status status = ELEA_OK;
    elea__ipc_message message = {.metadata = NULL};

    ELEA_GOTO(done, read_batch_message(reader, index, &message, err));
    ELEA_GOTO(done, elea__flat_get_int(&message.header, ELEA__BATCH_LENGTH, 8, 0, out, err));
    if (*out < 0)
        status = elea_error_set(err, ELEA_EINVAL, "a record batch of %lld rows", (long long)*out);

done:
    elea__ipc_message_release(&message);
    return status;
}

// Batches whose metadata are read together to count.
#define COUNT_AHEAD 1024

elea_status elea_ipc_file_reader_count_rows(elea_ipc_file_reader *reader, int64_t *out,
                                            elea_error *err) {
    elea_status status = ELEA_OK;
    int64_t total = 0, count = reader->footer.blocks.count;
    for (int64_t i = 0; i < count && status == ELEA_OK; i++) {
        int64_t length = 0;
        if (i % COUNT_AHEAD == 0)
            ELEA_GOTO(done, elea_ipc_file_reader_read_ahead(
                                reader, i, elea__min(count - i, COUNT_AHEAD), err));
        status = read_length(reader, i, &length, err);
        if (status == ELEA_OK && elea__add_overflow(total, length, &total))
            status = elea_error_set(err, ELEA_EINVAL, "too many rows");
        if (status != ELEA_OK)
            status = elea_error_prefix(err, status, "cannot read \"%s\": record batch %lld",
                                       elea_file_name(reader->source.file), (long long)i);
    }
    *out = total;

done:
    drop_ahead(reader);
    return status;
}

// ---- for who appends

elea__ipc_source *elea__ipc_file_reader_source(elea_ipc_file_reader *reader) {
    return &reader->source;
}

const elea__ipc_footer *elea__ipc_file_reader_footer(const elea_ipc_file_reader *reader) {
    return &reader->footer;
}

elea_status elea__ipc_file_reader_dictionary(elea_ipc_file_reader *reader, int64_t slot,
                                             const elea_array **out, elea_error *err) {
    ELEA_TRY(find_dictionaries(reader, err));
    return elea__ipc_dictionaries_get(&reader->source, slot, out, err);
}

// ---- tables

// Batches that are read together: enough to keep all threads busy, few enough that what is read and
// not yet decompressed is little, and still in the caches when that is done.
#define WINDOW_COUNT 64
#define WINDOW_BYTES_THREAD ((int64_t)8 << 20)
#define WINDOW_BYTES_MAX ((int64_t)64 << 20)

typedef struct window {
    elea__ipc_plan *plans;
    elea__ipc_message *messages;
    int64_t capacity;
    int64_t bytes_max;
    int64_t count;
    elea_status status; // why the next batch is not in it
    elea_error error;
} window;

// Lists batches from `first` on until there are enough. A batch that is not sound ends the window,
// to be reported when those before it were.
static void fill_window(elea_ipc_file_reader *reader, window *next, int64_t first) {
    int64_t left = reader->footer.blocks.count - first, bytes = 0;
    next->count = 0;
    next->status = ELEA_OK;
    // Windows are smaller than what is known ahead.
    if (!is_ahead(reader, first))
        next->status = elea_ipc_file_reader_read_ahead(
            reader, first, elea__min(next->capacity, left), &next->error);
    if (next->status != ELEA_OK)
        return;
    while (next->count < elea__min(next->capacity, left) && bytes < next->bytes_max) {
        int64_t index = first + next->count;
        elea__ipc_message *message = &next->messages[next->count];
        elea_status status = read_batch_message(reader, index, message, &next->error);
        if (status == ELEA_OK)
            status = elea__ipc_plan_batch(&next->plans[next->count], &reader->source, message,
                                          index, &next->error);
        if (status != ELEA_OK) {
            elea__ipc_plan_clear(&next->plans[next->count]);
            elea__ipc_message_release(message);
            next->status =
                elea_error_prefix(&next->error, status, "record batch %lld", (long long)index);
            return;
        }
        bytes += elea__min(message->body_size, WINDOW_BYTES_MAX);
        next->count++;
    }
}

static elea_status read_window(elea_ipc_file_reader *reader, window *next, int64_t first,
                               elea_record_batch **out, elea_error *err) {
    elea_status status = ELEA_OK;
    fill_window(reader, next, first);
    ELEA_GOTO(done, elea__ipc_plans_run(next->plans, next->count, err));
    for (int64_t i = 0; i < next->count; i++)
        ELEA_GOTO(done, elea__ipc_plan_result(&next->plans[i], &out[i], err));
    status = next->status;
    if (status != ELEA_OK && err)
        *err = next->error;

done:
    for (int64_t i = 0; i < next->count; i++) {
        elea__ipc_plan_clear(&next->plans[i]);
        elea__ipc_message_release(&next->messages[i]);
    }
    return status;
}

static elea_status read_batches(elea_ipc_file_reader *reader, elea_record_batch **out,
                                elea_error *err) {
    elea_status status = ELEA_OK;
    elea_pool *pool = reader->source.pool;
    int64_t count = reader->footer.blocks.count;
    int64_t threads = elea_thread_pool_worker_count(reader->source.options.threads);
    window next = {.capacity = elea__min(count, WINDOW_COUNT),
                   .bytes_max = elea__min(threads * WINDOW_BYTES_THREAD, WINDOW_BYTES_MAX)};
    int64_t plans_size = next.capacity * (int64_t)sizeof *next.plans;
    int64_t messages_size = next.capacity * (int64_t)sizeof *next.messages;
    void *plans = NULL, *messages = NULL;

    if (count > 0)
        ELEA_GOTO(done, find_dictionaries(reader, err));
    ELEA_GOTO(done, elea_alloc_zero(pool, plans_size, &plans, err));
    ELEA_GOTO(done, elea_alloc_zero(pool, messages_size, &messages, err));
    next.plans = plans;
    next.messages = messages;
    for (int64_t i = 0; i < count; i += next.count)
        ELEA_GOTO(done, read_window(reader, &next, i, out + i, err));

done:
    drop_ahead(reader);
    for (int64_t i = 0; next.plans && i < next.capacity; i++)
        elea__ipc_plan_release(&next.plans[i]);
    elea_dealloc(pool, messages, messages_size);
    elea_dealloc(pool, plans, plans_size);
    return status;
}

elea_status elea_ipc_file_reader_read_table(elea_ipc_file_reader *reader, elea_table **out,
                                            elea_error *err) {
    elea_status status = ELEA_OK;
    int64_t count = reader->footer.blocks.count;
    int64_t size = count * (int64_t)sizeof(elea_record_batch *);
    void *memory = NULL;

    ELEA_TRY(elea_alloc_zero(reader->source.pool, size, &memory, err));
    elea_record_batch **batches = memory;
    status = read_batches(reader, batches, err);
    if (status != ELEA_OK) {
        status = elea_error_prefix(err, status, "cannot read \"%s\"",
                                   elea_file_name(reader->source.file));
        goto done;
    }
    status =
        elea_table_new_from_batches(reader->source.pool, reader->source.schema.schema,
                                    (const elea_record_batch *const *)batches, count, out, err);

done:
    for (int64_t i = 0; i < count; i++)
        elea_record_batch_unref(batches[i]);
    elea_dealloc(reader->source.pool, memory, size);
    return status;
}
