// SPDX-License-Identifier: Apache-2.0
#include "ipc/source.h"

#include "columnar/extension_internal.h"
#include "ipc/array_read.h"
#include "ipc/format.h"

#define DEPTH_MAX 64

// Where a limit is 0.
static const elea_ipc_read_limits default_limits = {
    .metadata_size_max = INT64_C(1) << 28,
    .custom_size_max = INT64_C(1) << 26,
    .field_count_max = INT64_C(1) << 20,
    .node_count_max = INT64_C(1) << 20,
    .buffer_count_max = INT64_C(1) << 22,
    .dictionary_count_max = INT64_C(1) << 20,
};

void elea_ipc_read_options_init(elea_ipc_read_options *options) {
    *options = (elea_ipc_read_options){.depth_max = DEPTH_MAX};
}

static elea_status check_limit(const char *name, int64_t otherwise, int64_t *limit,
                               elea_error *err) {
    if (*limit < 0)
        return elea_error_set(err, ELEA_EINVAL, "%s is %lld, expected 0 or more", name,
                              (long long)*limit);
    if (*limit == 0)
        *limit = otherwise;
    return ELEA_OK;
}

static elea_status check_limits(elea_ipc_read_limits *limits, elea_error *err) {
    const elea_ipc_read_limits *other = &default_limits;
    ELEA_TRY(check_limit("metadata_size_max", other->metadata_size_max, &limits->metadata_size_max,
                         err));
    ELEA_TRY(check_limit("custom_size_max", other->custom_size_max, &limits->custom_size_max, err));
    ELEA_TRY(check_limit("field_count_max", other->field_count_max, &limits->field_count_max, err));
    ELEA_TRY(check_limit("node_count_max", other->node_count_max, &limits->node_count_max, err));
    ELEA_TRY(
        check_limit("buffer_count_max", other->buffer_count_max, &limits->buffer_count_max, err));
    return check_limit("dictionary_count_max", other->dictionary_count_max,
                       &limits->dictionary_count_max, err);
}

elea_status elea__ipc_read_options_check(const elea_ipc_read_options *options,
                                         elea_ipc_read_options *out, elea_error *err) {
    *out = (elea_ipc_read_options){.depth_max = DEPTH_MAX};
    if (options)
        *out = *options;
    if (out->depth_max == 0)
        out->depth_max = DEPTH_MAX;
    if (out->depth_max < 0 || out->depth_max > DEPTH_MAX)
        return elea_error_set(err, ELEA_EINVAL, "depth_max is %d, expected 0 to %d", out->depth_max,
                              DEPTH_MAX);
    if (out->column_count < 0 || (out->columns && out->column_indices))
        return elea_error_set(err, ELEA_EINVAL,
                              "columns are asked for by %s, expected names or numbers",
                              out->column_count < 0 ? "a negative count" : "name and by number");
    if (out->decompressed_max < 0)
        return elea_error_set(err, ELEA_EINVAL, "decompressed_max is %lld, expected 0 or more",
                              (long long)out->decompressed_max);
    return check_limits(&out->limits, err);
}

void elea__ipc_source_init(elea__ipc_source *source, elea_file *file,
                           const elea_ipc_read_options *options) {
    *source = (elea__ipc_source){
        .pool = options->pool, .file = file ? elea_file_ref(file) : NULL, .options = *options};
}

void elea__ipc_source_release(elea__ipc_source *source) {
    if (source->plan) {
        elea__ipc_plan_release(source->plan);
        elea_dealloc(source->pool, source->plan, sizeof *source->plan);
        source->plan = NULL;
    }
    elea__shelf_release(&source->shelf);
    elea__ipc_dictionaries_release(&source->dictionaries);
    elea__ipc_schema_release(&source->schema);
    elea_buffer_unref(source->whole);
    elea_file_unref(source->file);
    source->whole = NULL;
    source->file = NULL;
}

elea_status elea__ipc_source_view(elea__ipc_source *source, elea_error *err) {
    if (source->whole || !source->file || !elea_file_has_views(source->file))
        return ELEA_OK;
    return elea_file_view_at(source->file, 0, elea_file_size(source->file), &source->whole, err);
}

elea_status elea__ipc_source_read_schema(elea__ipc_source *source, const elea__flat_table *table,
                                         elea_error *err) {
    const elea__ipc_schema_options options = {.columns = source->options.columns,
                                              .indices = source->options.column_indices,
                                              .index_count = source->options.column_count,
                                              .depth_max = source->options.depth_max,
                                              .limits = &source->options.limits};
    elea__flat_vector fields;
    ELEA_TRY(elea__flat_get_vector(table, ELEA__SCHEMA_FIELDS, 4, &fields, err));
    source->column_count = fields.count;
    ELEA_TRY(elea__ipc_schema_read(source->pool, table, &options, &source->schema, err));
    if (source->options.validation != ELEA_VALIDATE_QUICK)
        ELEA_TRY(elea__schema_check_extensions(source->schema.schema, source->pool, err));
    return elea__ipc_dictionaries_init(&source->dictionaries, source->pool, &source->schema, err);
}

void elea__ipc_source_count(elea__ipc_source *source, const elea__ipc_message *message) {
    source->stats.messages++;
    source->stats.metadata_bytes += message->body_offset - message->offset;
    source->stats.body_bytes += message->body_size;
    source->stats.record_batches += message->header_type == ELEA__HEADER_RECORD_BATCH;
    source->stats.dictionary_batches += message->header_type == ELEA__HEADER_DICTIONARY_BATCH;
}

void elea__ipc_source_stats(const elea__ipc_source *source, elea_ipc_read_stats *out) {
    *out = source->stats;
    out->dictionary_deltas = source->dictionaries.delta_count;
    out->replaced_dictionaries = source->dictionaries.replaced_count;
}
