// SPDX-License-Identifier: Apache-2.0
//
// The batches of a file with a footer, in order.
#include "ipc/record_streams.h"

bool elea__ipc_is_damage(elea_status status) {
    return status == ELEA_EINVAL || status == ELEA_ECAPACITY || status == ELEA_ETYPE ||
           status == ELEA_EUNSUPPORTED;
}

static const elea_schema *stream_schema(elea_record_stream *stream) {
    return elea_ipc_file_reader_schema(((elea__ipc_file_stream *)stream)->reader);
}

static elea_status read_next(elea__ipc_file_stream *files, elea_record_batch **out,
                             elea_error *err) {
    if (files->next == elea_ipc_file_reader_batch_count(files->reader))
        return ELEA_OK;
    ELEA_TRY(elea_ipc_file_reader_read_batch_with_metadata(files->reader, files->next, out,
                                                           &files->batch_metadata, err));
    files->next++;
    return ELEA_OK;
}

static elea_status stream_next(elea_record_stream *stream, elea_record_batch **out,
                               elea_error *err) {
    elea__ipc_file_stream *files = (elea__ipc_file_stream *)stream;
    elea_record_batch *batch = NULL;
    elea_metadata_unref(files->batch_metadata);
    files->batch_metadata = NULL;
    if (!files->ended) {
        elea_error *target = files->recover ? &files->damage : err;
        elea_status status = read_next(files, &batch, target);
        files->ended = status != ELEA_OK || !batch;
        if (status != ELEA_OK && !(files->recover && elea__ipc_is_damage(status))) {
            if (files->recover && err)
                *err = files->damage;
            return status;
        }
    }
    *out = batch;
    return ELEA_OK;
}

static void stream_free(elea_record_stream *stream) {
    elea__ipc_file_stream *files = (elea__ipc_file_stream *)stream;
    elea_metadata_unref(files->batch_metadata);
    elea_ipc_file_reader_free(files->reader);
    elea_dealloc(files->pool, files, sizeof *files);
}

static const elea_record_stream_ops ops = {
    .schema = stream_schema, .next = stream_next, .free = stream_free};

elea_status elea__ipc_file_stream_new(elea_ipc_file_reader *reader, bool recover, elea_pool *pool,
                                      elea_record_stream **out, elea_error *err) {
    void *memory = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(elea__ipc_file_stream), &memory, err));
    elea__ipc_file_stream *files = memory;
    files->stream.ops = &ops;
    files->pool = pool;
    files->reader = reader;
    files->recover = recover;
    *out = &files->stream;
    return ELEA_OK;
}

const elea__ipc_file_stream *elea__ipc_file_stream_of(const elea_record_stream *stream) {
    return stream->ops == &ops ? (const elea__ipc_file_stream *)stream : NULL;
}
