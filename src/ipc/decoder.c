// SPDX-License-Identifier: Apache-2.0
#include <elea/ipc/decoder.h>

#include <string.h>

#include "base/math_internal.h"
#include "ipc/decoder_state.h"
#include "ipc/format.h"
#include "ipc/schema.h"

// ---- life

// Names and numbers of columns are needed when the schema comes, which may be after the caller's
// are gone.
static elea_status copy_numbers(elea_ipc_decoder *decoder, elea_error *err) {
    elea_ipc_read_options *options = &decoder->options;
    int64_t size = 0;
    if (elea__mul_overflow(options->column_count, (int64_t)sizeof(int64_t), &size))
        return elea_error_set(err, ELEA_ECAPACITY, "%lld columns are asked for",
                              (long long)options->column_count);
    ELEA_TRY(elea_alloc(options->pool, size, &decoder->names, err));
    decoder->names_size = size;
    for (int64_t i = 0; i < options->column_count; i++)
        ((int64_t *)decoder->names)[i] = options->column_indices[i];
    options->column_indices = decoder->names;
    return ELEA_OK;
}

static elea_status copy_columns(elea_ipc_decoder *decoder, elea_error *err) {
    const char *const *columns = decoder->options.columns;
    int64_t count = 0, characters = 0;
    if (decoder->options.column_indices)
        return copy_numbers(decoder, err);
    if (!columns)
        return ELEA_OK;
    for (; columns[count]; count++)
        characters += (int64_t)strlen(columns[count]) + 1;
    int64_t list_size = (count + 1) * (int64_t)sizeof *columns;
    ELEA_TRY(elea_alloc_zero(decoder->options.pool, list_size + characters, &decoder->names, err));
    decoder->names_size = list_size + characters;
    const char **copies = decoder->names;
    char *at = (char *)decoder->names + list_size;
    for (int64_t i = 0; i < count; i++) {
        size_t size = strlen(columns[i]) + 1;
        memcpy(at, columns[i], size);
        copies[i] = at;
        at += size;
    }
    decoder->options.columns = copies;
    return ELEA_OK;
}

static void forget(elea_ipc_decoder *decoder) {
    elea_metadata_unref(decoder->batch_metadata);
    decoder->batch_metadata = NULL;
    elea__ipc_framer_release(&decoder->framer);
    elea__ipc_source_release(&decoder->source);
}

void elea__ipc_decoder_begin(elea_ipc_decoder *decoder, elea_file *file, int64_t origin) {
    forget(decoder);
    elea__ipc_framer_init(&decoder->framer, decoder->options.pool,
                          decoder->options.limits.metadata_size_max, origin);
    elea__ipc_source_init(&decoder->source, file, &decoder->options);
    decoder->batch_count = 0;
    decoder->status = ELEA_OK;
    decoder->ended = false;
}

elea_status elea_ipc_decoder_new(const elea_ipc_read_options *options, elea_ipc_decoder **out,
                                 elea_error *err) {
    elea_ipc_read_options checked;
    void *memory = NULL;
    ELEA_TRY(elea__ipc_read_options_check(options, &checked, err));
    ELEA_TRY(elea_alloc_zero(checked.pool, sizeof(elea_ipc_decoder), &memory, err));
    elea_ipc_decoder *decoder = memory;
    decoder->options = checked;
    elea_status status = copy_columns(decoder, err);
    if (status != ELEA_OK) {
        elea_dealloc(checked.pool, memory, sizeof *decoder);
        return status;
    }
    elea__ipc_decoder_begin(decoder, NULL, 0);
    *out = decoder;
    return ELEA_OK;
}

void elea_ipc_decoder_free(elea_ipc_decoder *decoder) {
    if (!decoder)
        return;
    elea_pool *pool = decoder->options.pool;
    forget(decoder);
    elea_dealloc(pool, decoder->names, decoder->names_size);
    elea_dealloc(pool, decoder, sizeof *decoder);
}

void elea_ipc_decoder_reset(elea_ipc_decoder *decoder) {
    elea__ipc_decoder_begin(decoder, NULL, 0);
}

// ---- bytes

static elea_status push(elea_ipc_decoder *decoder, const void *data, int64_t size,
                        const elea_buffer *buffer, int64_t *taken, elea_error *err) {
    int64_t count = 0;
    if (decoder->status == ELEA_OK)
        ELEA_TRY(elea__ipc_framer_push(&decoder->framer, data, size, buffer, &count, err));
    if (taken)
        *taken = count;
    return ELEA_OK;
}

elea_status elea_ipc_decoder_push(elea_ipc_decoder *decoder, elea_bytes bytes, int64_t *taken,
                                  elea_error *err) {
    return push(decoder, bytes.data, bytes.size, NULL, taken, err);
}

elea_status elea_ipc_decoder_push_buffer(elea_ipc_decoder *decoder, const elea_buffer *buffer,
                                         int64_t *taken, elea_error *err) {
    return push(decoder, elea_buffer_data(buffer), elea_buffer_size(buffer), buffer, taken, err);
}

void elea_ipc_decoder_end_input(elea_ipc_decoder *decoder) {
    elea__ipc_framer_end(&decoder->framer, 0);
}

int64_t elea_ipc_decoder_next_size(const elea_ipc_decoder *decoder) {
    return decoder->status == ELEA_OK ? elea__ipc_framer_next_size(&decoder->framer) : 0;
}

// ---- batches

static elea_status take_schema(elea_ipc_decoder *decoder, const elea__ipc_message *message,
                               elea_error *err) {
    if (message->header_type != ELEA__HEADER_SCHEMA)
        return elea_error_set(err, ELEA_EINVAL,
                              "it begins with a message of type %lld, expected a schema (%d)",
                              (long long)message->header_type, ELEA__HEADER_SCHEMA);
    return elea__ipc_source_read_schema(&decoder->source, &message->header, err);
}

static elea_status take_batch(elea_ipc_decoder *decoder, const elea__ipc_message *message,
                              elea_record_batch **out, elea_error *err) {
    elea_metadata *metadata = NULL;
    ELEA_TRY(elea__ipc_metadata_read(decoder->source.pool, &message->table, ELEA__MESSAGE_METADATA,
                                     decoder->options.limits.custom_size_max, &metadata, err));
    elea_status status = elea__ipc_source_read_batch(&decoder->source, message, out, err);
    if (status != ELEA_OK) {
        elea_metadata_unref(metadata);
        return status;
    }
    decoder->batch_metadata = metadata;
    return ELEA_OK;
}

// Takes over a message; *out is set by a record batch.
static elea_status take_message(elea_ipc_decoder *decoder, elea__ipc_message *message,
                                elea_record_batch **out, elea_error *err) {
    elea__ipc_source *source = &decoder->source;
    elea_status status = ELEA_OK;
    elea__ipc_source_count(source, message);
    if (!source->schema.schema)
        status = take_schema(decoder, message, err);
    else if (message->header_type == ELEA__HEADER_RECORD_BATCH)
        status = take_batch(decoder, message, out, err);
    else if (message->header_type == ELEA__HEADER_DICTIONARY_BATCH)
        status = elea__ipc_dictionaries_add(&source->dictionaries, message, true, err);
    else
        status = elea_error_set(err, ELEA_EINVAL,
                                "file offset %lld: a message of type %lld, expected a dictionary "
                                "(%d) or a record batch (%d)",
                                (long long)message->offset, (long long)message->header_type,
                                ELEA__HEADER_DICTIONARY_BATCH, ELEA__HEADER_RECORD_BATCH);
    elea__ipc_message_release(message);
    return status;
}

// No message waits: the bytes have failed, have ended, or are to come.
static elea_status look_at_bytes(elea_ipc_decoder *decoder, elea_error *err) {
    const elea__ipc_framer *framer = &decoder->framer;
    if (framer->failure.status != ELEA_OK) {
        *err = framer->failure;
        return framer->failure.status;
    }
    if (framer->state != ELEA__FRAMER_ENDED)
        return ELEA_OK;
    if (!decoder->source.schema.schema)
        return elea_error_set(err, ELEA_EINVAL, "it ends before a schema");
    decoder->ended = true;
    return ELEA_OK;
}

static elea_status next(elea_ipc_decoder *decoder, elea_record_batch **out, elea_error *err) {
    elea__ipc_message message = {.metadata = NULL};
    elea_record_batch *batch = NULL;
    elea_status status = ELEA_OK;
    bool has_schema = false;
    while (status == ELEA_OK && !batch && elea__ipc_framer_take(&decoder->framer, &message)) {
        has_schema = decoder->source.schema.schema != NULL;
        status = take_message(decoder, &message, &batch, err);
    }
    if (status == ELEA_OK && !batch) {
        has_schema = decoder->source.schema.schema != NULL;
        status = look_at_bytes(decoder, err);
    }
    if (status != ELEA_OK && has_schema)
        return elea_error_prefix(err, status, "record batch %lld", (long long)decoder->batch_count);
    ELEA_TRY(status);
    decoder->batch_count += batch != NULL;
    *out = batch;
    return ELEA_OK;
}

elea_status elea_ipc_decoder_next(elea_ipc_decoder *decoder, elea_record_batch **out,
                                  elea_error *err) {
    elea_metadata_unref(decoder->batch_metadata);
    decoder->batch_metadata = NULL;
    if (decoder->status == ELEA_OK && !decoder->ended) {
        decoder->status = next(decoder, out, &decoder->failure);
        if (decoder->status == ELEA_OK)
            return ELEA_OK;
    }
    if (decoder->status == ELEA_OK)
        *out = NULL;
    else if (err)
        *err = decoder->failure;
    return decoder->status;
}

bool elea_ipc_decoder_ended(const elea_ipc_decoder *decoder) { return decoder->ended; }

const elea_schema *elea_ipc_decoder_schema(const elea_ipc_decoder *decoder) {
    return decoder->source.schema.schema;
}

const elea_metadata *elea_ipc_decoder_batch_metadata(const elea_ipc_decoder *decoder) {
    return decoder->batch_metadata;
}

void elea_ipc_decoder_stats(const elea_ipc_decoder *decoder, elea_ipc_read_stats *out) {
    elea__ipc_source_stats(&decoder->source, out);
}
