// SPDX-License-Identifier: Apache-2.0
#include "ipc/writer.h"

#include "columnar/type_internal.h"
#include "ipc/format.h"
#include "ipc/message.h"
#include "ipc/schema.h"

#define ALIGNMENT_DEFAULT 64

// What a batch has in a slot for a dictionary; those inside its values come right behind it.
typedef struct slot {
    const elea_array *values;
    int64_t nested;
    int64_t column;
    enum { SAME, GROWN, DIFFERENT } change; // from what was written
} slot;

void elea_ipc_write_options_init(elea_ipc_write_options *options) {
    *options = (elea_ipc_write_options){.alignment = ALIGNMENT_DEFAULT};
}

// Told now and not with the first buffer.
static elea_status check_compression(const elea_ipc_write_options *options, elea_error *err) {
    const elea_codec *codec = elea_codec_of(options->compression);
    if (options->compression == ELEA_CODEC_NONE)
        return ELEA_OK;
    if (options->compression != ELEA_CODEC_LZ4_FRAME && options->compression != ELEA_CODEC_ZSTD)
        return elea_error_set(err, ELEA_EINVAL, "the format has no codec number %d, only %d and %d",
                              (int)options->compression, ELEA_CODEC_LZ4_FRAME, ELEA_CODEC_ZSTD);
    if (options->metadata_v4)
        return elea_error_set(err, ELEA_EINVAL, "metadata of version 4 knows no compression");
    ELEA_TRY(elea_codec_check_level(codec, options->compression_level, err));
    if (!(options->space_savings_min >= 0 && options->space_savings_min <= 1))
        return elea_error_set(err, ELEA_EINVAL, "space_savings_min is %g, expected 0 to 1",
                              options->space_savings_min);
    return ELEA_OK;
}

elea_status elea__ipc_write_options_check(const elea_ipc_write_options *options,
                                          elea_ipc_write_options *out, elea_error *err) {
    *out = (elea_ipc_write_options){.alignment = ALIGNMENT_DEFAULT};
    if (options)
        *out = *options;
    if (out->alignment == 0)
        out->alignment = ALIGNMENT_DEFAULT;
    if (out->depth_max == 0)
        out->depth_max = ELEA__TYPE_DEPTH_MAX;
    if (out->alignment < ELEA__IPC_BODY_ALIGNMENT || out->alignment > ELEA__IPC_ALIGNMENT_MAX ||
        (out->alignment & (out->alignment - 1)) != 0)
        return elea_error_set(err, ELEA_EINVAL,
                              "the alignment is %d, expected a power of two from 8 to %d",
                              out->alignment, ELEA__IPC_ALIGNMENT_MAX);
    if (out->depth_max < 0 || out->depth_max > ELEA__TYPE_DEPTH_MAX)
        return elea_error_set(err, ELEA_EINVAL, "depth_max is %d, expected 0 to %d", out->depth_max,
                              ELEA__TYPE_DEPTH_MAX);
    if (out->batch_rows_max < 0)
        return elea_error_set(err, ELEA_EINVAL, "batch_rows_max is %lld, expected 0 or more",
                              (long long)out->batch_rows_max);
    return check_compression(out, err);
}

static elea_status check_depth(const elea_schema *schema, int32_t depth_max, elea_error *err) {
    for (int64_t i = 0; i < elea_schema_field_count(schema); i++) {
        const elea_field *field = elea_schema_field(schema, i);
        int32_t depth = elea_field_type(field)->depth;
        if (depth > depth_max)
            return elea_error_set(err, ELEA_ECAPACITY,
                                  "column \"%s\": types are nested %d deep, expected at most %d",
                                  elea_field_name(field), depth, depth_max);
    }
    return ELEA_OK;
}

elea_status elea__ipc_writer_init(elea__ipc_writer *writer, elea_output_stream *stream,
                                  const elea_schema *schema, const elea_ipc_write_options *options,
                                  bool is_file, elea_error *err) {
    elea_ipc_write_options checked;
    ELEA_TRY(elea__ipc_write_options_check(options, &checked, err));
    ELEA_TRY(check_depth(schema, checked.depth_max, err));
    *writer = (elea__ipc_writer){.pool = checked.pool,
                                 .stream = stream,
                                 .origin = stream ? elea_output_stream_position(stream) : 0,
                                 .schema = elea_schema_ref(schema),
                                 .options = checked,
                                 .is_file = is_file};
    elea__ipc_body_init(&writer->body, &writer->options);
    elea__flat_builder_init(&writer->builder, checked.pool);
    return ELEA_OK;
}

void elea__ipc_writer_release(elea__ipc_writer *writer) {
    for (int64_t i = 0; i < writer->written.count; i++)
        elea_array_unref(((elea_array **)writer->written.data)[i]);
    elea__ipc_list_release(&writer->written, writer->pool, sizeof(elea_array *));
    elea__ipc_list_release(&writer->ids, writer->pool, sizeof(int64_t));
    elea__ipc_list_release(&writer->slots, writer->pool, sizeof(slot));
    elea__ipc_list_release(&writer->dictionary_blocks, writer->pool, sizeof(elea__ipc_block));
    elea__ipc_list_release(&writer->batch_blocks, writer->pool, sizeof(elea__ipc_block));
    elea__ipc_body_release(&writer->body);
    elea__flat_builder_release(&writer->builder);
    elea_schema_unref(writer->schema);
    writer->schema = NULL;
}

// ---- messages

// Begins a message in the writer's builder; gives the location for its header.
static int64_t begin_message(elea__ipc_writer *writer, int type, const elea_metadata *metadata) {
    const elea__ipc_message_head head = {
        .version = elea__ipc_writer_version(writer), .type = type, .body_size = writer->body.size};
    elea__flat_builder_reset(&writer->builder);
    return elea__ipc_message_begin(&writer->builder, &head, metadata);
}

int64_t elea__ipc_writer_version(const elea__ipc_writer *writer) {
    return writer->options.metadata_v4 ? ELEA__IPC_V4 : ELEA__IPC_V5;
}

static elea__ipc_framing framing_of(const elea__ipc_writer *writer) {
    return (elea__ipc_framing){.origin = writer->origin,
                               .alignment = writer->options.alignment,
                               .legacy = writer->options.legacy_framing};
}

static elea_status put_message(elea__ipc_writer *writer, int64_t *size, elea_error *err) {
    const elea__ipc_framing framing = framing_of(writer);
    ELEA_TRY(elea__flat_finish(&writer->builder, err));
    ELEA_TRY(elea__ipc_message_write(writer->stream, &framing, &writer->builder,
                                     writer->body.parts.data, writer->body.parts.count, size, err));
    writer->stats.messages++;
    return ELEA_OK;
}

elea_status elea__ipc_writer_write_schema(elea__ipc_writer *writer, elea_error *err) {
    int64_t size = 0;
    elea__ipc_body_reset(&writer->body);
    int64_t header = begin_message(writer, ELEA__HEADER_SCHEMA, NULL);
    ELEA_TRY(elea__ipc_schema_write(&writer->builder, header, writer->schema, NULL, err));
    ELEA_TRY(elea__ipc_body_finish(&writer->body, err));
    return put_message(writer, &size, err);
}

static void add_pairs(elea__flat_builder *builder, int64_t location, const elea__ipc_list *list) {
    const elea__ipc_pair *pairs = list->data;
    int64_t vector =
        elea__flat_add_vector(builder, location, list->count, sizeof(elea__ipc_pair), 8);
    for (int64_t i = 0; i < list->count; i++) {
        elea__flat_store(builder, vector + 16 * i, 8, pairs[i].first);
        elea__flat_store(builder, vector + 16 * i + 8, 8, pairs[i].second);
    }
}

// A RecordBatch table: what the body holds.
static void add_batch(elea__flat_builder *builder, int64_t location, const elea__ipc_body *body,
                      int64_t length) {
    const elea__ipc_list *counts = &body->variadic_counts;
    int64_t counts_location = 0, compression_location = 0;
    elea__flat_begin_table(builder, location);
    elea__flat_add_int(builder, ELEA__BATCH_LENGTH, 8, length);
    int64_t nodes_location = elea__flat_add_offset(builder, ELEA__BATCH_NODES);
    int64_t buffers_location = elea__flat_add_offset(builder, ELEA__BATCH_BUFFERS);
    if (body->codec)
        compression_location = elea__flat_add_offset(builder, ELEA__BATCH_COMPRESSION);
    if (counts->count > 0)
        counts_location = elea__flat_add_offset(builder, ELEA__BATCH_VARIADIC_COUNTS);
    elea__flat_end_table(builder);
    add_pairs(builder, nodes_location, &body->nodes);
    add_pairs(builder, buffers_location, &body->buffers);
    if (compression_location) {
        elea__flat_begin_table(builder, compression_location);
        elea__flat_add_int(builder, ELEA__COMPRESSION_CODEC, 1, elea_codec_id_of(body->codec) - 1);
        elea__flat_add_int(builder, ELEA__COMPRESSION_METHOD, 1, 0);
        elea__flat_end_table(builder);
    }
    if (counts_location) {
        int64_t vector = elea__flat_add_vector(builder, counts_location, counts->count, 8, 8);
        for (int64_t i = 0; i < counts->count; i++)
            elea__flat_store(builder, vector + 8 * i, 8, ((const int64_t *)counts->data)[i]);
    }
}

// Writes metadata and body, and notes where in a file.
static elea_status write_body(elea__ipc_writer *writer, elea__ipc_list *blocks, elea_error *err) {
    elea__ipc_block block = {.offset = elea_output_stream_position(writer->stream) - writer->origin,
                             .body_size = writer->body.size};
    ELEA_TRY(put_message(writer, &block.metadata_size, err));
    if (!writer->is_file)
        return ELEA_OK;
    return elea__ipc_list_push(blocks, writer->pool, &block, sizeof block, err);
}

// ---- dictionaries

static elea_status collect(elea__ipc_writer *writer, const elea_array *array, int64_t column,
                           elea_error *err) {
    const elea_array *values = elea_array_dictionary(array);
    int64_t index = writer->slots.count;
    if (values) {
        slot found = {.values = values, .column = column};
        ELEA_TRY(elea__ipc_list_push(&writer->slots, writer->pool, &found, sizeof found, err));
        ELEA_TRY(collect(writer, values, column, err));
        ((slot *)writer->slots.data)[index].nested = writer->slots.count - index - 1;
    }
    for (int64_t i = 0; i < elea_array_child_count(array); i++)
        ELEA_TRY(collect(writer, elea_array_child(array, i), column, err));
    return ELEA_OK;
}

// Lists the dictionaries of a batch: the same slots for every batch, as they follow from the
// schema.
static elea_status collect_all(elea__ipc_writer *writer, const elea_record_batch *batch,
                               elea_error *err) {
    elea_array *none = NULL;
    writer->slots.count = 0;
    for (int64_t i = 0; i < elea_record_batch_column_count(batch); i++)
        ELEA_TRY(collect(writer, elea_record_batch_column(batch, i), i, err));
    while (writer->written.count < writer->slots.count)
        ELEA_TRY(elea__ipc_list_push(&writer->written, writer->pool, &none, sizeof(void *), err));
    return ELEA_OK;
}

// Sets what has changed since the dictionary was written. Values that take values from a dictionary
// that is written anew are written anew, too: their indices mean something else now.
static elea_status compare(elea__ipc_writer *writer, slot *found, const elea_array *written,
                           elea_error *err) {
    const elea_equal_options options = {.nans_equal = true};
    int64_t length = elea_array_length(found->values);
    found->change = DIFFERENT;
    for (int64_t i = 1; i <= found->nested; i++)
        if (found[i].change == DIFFERENT)
            return ELEA_OK;
    if (!written || elea_array_length(written) > length)
        return ELEA_OK;
    elea_array *head = NULL;
    ELEA_TRY(elea_array_slice(found->values, 0, elea_array_length(written), &head, err));
    if (written == found->values || elea_array_equal(head, written, &options))
        found->change = elea_array_length(written) == length ? SAME : GROWN;
    elea_array_unref(head);
    if (found->change == GROWN && (!writer->options.dictionary_deltas || found->nested > 0))
        found->change = DIFFERENT;
    return ELEA_OK;
}

static elea_status write_dictionary(elea__ipc_writer *writer, int64_t id, const elea_array *values,
                                    bool is_delta, elea_error *err) {
    elea__flat_builder *builder = &writer->builder;
    elea__ipc_body_reset(&writer->body);
    ELEA_TRY(elea__ipc_body_add(&writer->body, values, err));
    ELEA_TRY(elea__ipc_body_finish(&writer->body, err));
    int64_t header = begin_message(writer, ELEA__HEADER_DICTIONARY_BATCH, NULL);
    elea__flat_begin_table(builder, header);
    elea__flat_add_int(builder, ELEA__DICTIONARY_ID, 8, id);
    int64_t data = elea__flat_add_offset(builder, ELEA__DICTIONARY_DATA);
    elea__flat_add_int(builder, ELEA__DICTIONARY_IS_DELTA, 1, is_delta);
    elea__flat_end_table(builder);
    add_batch(builder, data, &writer->body, elea_array_length(values));
    ELEA_TRY(write_body(writer, &writer->dictionary_blocks, err));
    writer->stats.dictionary_batches++;
    writer->stats.dictionary_deltas += is_delta;
    return ELEA_OK;
}

static elea_status write_change(elea__ipc_writer *writer, int64_t index, const slot *found,
                                elea_error *err) {
    elea_array **written = (elea_array **)writer->written.data + index;
    int64_t id = writer->ids.count > 0 ? ((const int64_t *)writer->ids.data)[index] : index;
    elea_array *tail = NULL;
    if (found->change == SAME)
        return ELEA_OK;
    int64_t begin = found->change == GROWN ? elea_array_length(*written) : 0;
    ELEA_TRY(elea_array_slice(found->values, begin, elea_array_length(found->values) - begin, &tail,
                              err));
    elea_status status = write_dictionary(writer, id, tail, found->change == GROWN, err);
    elea_array_unref(tail);
    ELEA_TRY(status);
    writer->stats.replaced_dictionaries += *written && found->change == DIFFERENT;
    elea_array_unref(*written);
    *written = elea_array_ref(found->values);
    return ELEA_OK;
}

static elea_status fail_in_column(const elea__ipc_writer *writer, int64_t column,
                                  elea_status status, elea_error *err) {
    return elea_error_prefix(err, status, "column \"%s\"",
                             elea_field_name(elea_schema_field(writer->schema, column)));
}

// A file has one dictionary for all batches, or one that grows; one that several columns share
// cannot change for one of them.
static elea_status check_file_rules(const elea__ipc_writer *writer, int64_t index,
                                    elea_error *err) {
    const slot *found = (const slot *)writer->slots.data + index;
    const int64_t *ids = writer->ids.data;
    if (!((elea_array **)writer->written.data)[index] || found->change == SAME)
        return ELEA_OK;
    if (found->change == DIFFERENT)
        return elea_error_set(err, ELEA_EINVAL,
                              "its dictionary is not that of the batches before, and a file has "
                              "one for all (a stream may replace it)");
    for (int64_t i = 0; i < writer->ids.count; i++)
        if (i != index && ids[i] == ids[index])
            return elea_error_set(err, ELEA_EUNSUPPORTED,
                                  "its dictionary has grown, but another column of the file shares "
                                  "it (number %lld)",
                                  (long long)ids[i]);
    return ELEA_OK;
}

// From the last slot to the first: dictionaries come before those whose values need them.
static elea_status write_dictionaries(elea__ipc_writer *writer, const elea_record_batch *batch,
                                      elea_error *err) {
    ELEA_TRY(collect_all(writer, batch, err));
    slot *slots = writer->slots.data;
    elea_array **written = writer->written.data;
    for (int64_t i = writer->slots.count - 1; i >= 0; i--) {
        elea_status status = compare(writer, &slots[i], written[i], err);
        if (status == ELEA_OK && writer->is_file)
            status = check_file_rules(writer, i, err);
        if (status != ELEA_OK)
            return fail_in_column(writer, slots[i].column, status, err);
    }
    for (int64_t i = writer->slots.count - 1; i >= 0; i--) {
        elea_status status = write_change(writer, i, &slots[i], err);
        if (status != ELEA_OK)
            return fail_in_column(writer, slots[i].column, status, err);
    }
    return ELEA_OK;
}

// ---- record batches

static elea_status build_body(elea__ipc_writer *writer, const elea_record_batch *batch,
                              elea_error *err) {
    elea__ipc_body_reset(&writer->body);
    for (int64_t i = 0; i < elea_record_batch_column_count(batch); i++) {
        elea_status status =
            elea__ipc_body_add(&writer->body, elea_record_batch_column(batch, i), err);
        if (status != ELEA_OK)
            return fail_in_column(writer, i, status, err);
    }
    return elea__ipc_body_finish(&writer->body, err);
}

// The message of a batch, but for its frame, in the builder.
static elea_status build_batch(elea__ipc_writer *writer, const elea_record_batch *batch,
                               const elea_metadata *metadata, elea_error *err) {
    ELEA_TRY(build_body(writer, batch, err));
    int64_t header = begin_message(writer, ELEA__HEADER_RECORD_BATCH, metadata);
    add_batch(&writer->builder, header, &writer->body, elea_record_batch_length(batch));
    return ELEA_OK;
}

static elea_status write_batch(elea__ipc_writer *writer, const elea_record_batch *batch,
                               const elea_metadata *metadata, elea_error *err) {
    ELEA_TRY(write_dictionaries(writer, batch, err));
    ELEA_TRY(build_batch(writer, batch, metadata, err));
    ELEA_TRY(write_body(writer, &writer->batch_blocks, err));
    writer->stats.record_batches++;
    writer->stats.raw_body_bytes += writer->body.raw_size;
    writer->stats.body_bytes += writer->body.size;
    return ELEA_OK;
}

elea_status elea__ipc_writer_write_batch(elea__ipc_writer *writer, const elea_record_batch *batch,
                                         const elea_metadata *metadata, elea_error *err) {
    elea_status status = ELEA_OK;
    if (writer->closed)
        status = elea_error_set(err, ELEA_EINVAL, "the writer is closed");
    else if (!elea_schema_equal(elea_record_batch_schema(batch), writer->schema, false))
        status = elea_error_set(err, ELEA_ETYPE, "the schema differs from the %s's",
                                writer->is_file ? "file" : "stream");
    else
        status = write_batch(writer, batch, metadata, err);
    elea__ipc_body_reset(&writer->body); // lets go of the batch's memory
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "cannot write \"%s\": record batch %lld",
                                 elea_output_stream_name(writer->stream),
                                 (long long)writer->stats.record_batches);
    return ELEA_OK;
}

elea_status elea__ipc_writer_write_table(elea__ipc_writer *writer, const elea_table *table,
                                         elea_error *err) {
    elea_status status = ELEA_OK;
    elea_table *unified = NULL;
    elea_record_stream *stream = NULL;
    elea_record_batch *batch = NULL;

    if (writer->is_file && writer->options.unify_dictionaries) {
        ELEA_GOTO(done, elea__ipc_table_unify(writer->pool, table, &unified, err));
        table = unified;
    }
    ELEA_GOTO(done, elea_record_stream_new_from_table(
                        writer->pool, table, writer->options.batch_rows_max, &stream, err));
    for (;;) {
        ELEA_GOTO(done, elea_record_stream_next(stream, &batch, err));
        if (!batch)
            break;
        ELEA_GOTO(done, elea__ipc_writer_write_batch(writer, batch, NULL, err));
        elea_record_batch_unref(batch);
        batch = NULL;
    }

done:
    elea_record_batch_unref(batch);
    elea_record_stream_free(stream);
    elea_table_unref(unified);
    return status;
}

// ---- sizes

elea_status elea_ipc_record_batch_size(const elea_record_batch *batch,
                                       const elea_ipc_write_options *options, int64_t *out,
                                       elea_error *err) {
    elea_status status = ELEA_OK;
    elea__ipc_writer writer = {.pool = options ? options->pool : NULL};
    int64_t padding = 0, size = 0;

    ELEA_GOTO(done, elea__ipc_writer_init(&writer, NULL, elea_record_batch_schema(batch), options,
                                          false, err));
    const elea__ipc_framing framing = framing_of(&writer);
    writer.body.measures = !writer.body.codec;
    ELEA_GOTO(done, build_batch(&writer, batch, NULL, err));
    ELEA_GOTO(done, elea__flat_finish(&writer.builder, err));
    ELEA_GOTO(done, elea__ipc_message_measure(&framing, 0, &writer.builder, &padding, &size, err));
    *out = size + writer.body.size;

done:
    elea__ipc_writer_release(&writer);
    return status;
}
