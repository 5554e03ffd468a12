// SPDX-License-Identifier: Apache-2.0
#include <elea/ipc.h>

#include "ipc/format.h"
#include "ipc/writer.h"

struct elea_ipc_stream_writer {
    elea__ipc_writer writer;
};

elea_status elea_ipc_stream_writer_new(elea_output_stream *stream, const elea_schema *schema,
                                       const elea_ipc_write_options *options,
                                       elea_ipc_stream_writer **out, elea_error *err) {
    void *memory = NULL;
    elea_pool *pool = options ? options->pool : NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(elea_ipc_stream_writer), &memory, err));
    elea_ipc_stream_writer *writer = memory;
    writer->writer.pool = pool;
    elea_status status =
        elea__ipc_writer_init(&writer->writer, stream, schema, options, false, err);
    if (status == ELEA_OK)
        status = elea__ipc_writer_write_schema(&writer->writer, err);
    if (status != ELEA_OK) {
        elea_ipc_stream_writer_free(writer);
        return elea_error_prefix(err, status, "cannot write \"%s\"",
                                 elea_output_stream_name(stream));
    }
    *out = writer;
    return ELEA_OK;
}

void elea_ipc_stream_writer_free(elea_ipc_stream_writer *writer) {
    if (!writer)
        return;
    elea_pool *pool = writer->writer.pool;
    elea__ipc_writer_release(&writer->writer);
    elea_dealloc(pool, writer, sizeof *writer);
}

elea_status elea_ipc_stream_writer_write_batch(elea_ipc_stream_writer *writer,
                                               const elea_record_batch *batch,
                                               const elea_metadata *metadata, elea_error *err) {
    return elea__ipc_writer_write_batch(&writer->writer, batch, metadata, err);
}

elea_status elea_ipc_stream_writer_write_table(elea_ipc_stream_writer *writer,
                                               const elea_table *table, elea_error *err) {
    return elea__ipc_writer_write_table(&writer->writer, table, err);
}

void elea_ipc_stream_writer_stats(const elea_ipc_stream_writer *writer, elea_ipc_write_stats *out) {
    *out = writer->writer.stats;
}

elea_status elea_ipc_stream_writer_close(elea_ipc_stream_writer *writer, elea_error *err) {
    static const char marker[ELEA__IPC_PREFIX_SIZE] = {'\xff', '\xff', '\xff', '\xff'};
    const elea__ipc_writer *shared = &writer->writer;
    int64_t skipped = shared->options.legacy_framing ? ELEA__IPC_PREFIX_SIZE - 4 : 0;
    if (shared->closed)
        return ELEA_OK;
    elea_status status = elea_output_stream_write(shared->stream, marker + skipped,
                                                  ELEA__IPC_PREFIX_SIZE - skipped, err);
    if (status != ELEA_OK)
        return elea_error_prefix(err, status, "cannot write \"%s\": end of stream",
                                 elea_output_stream_name(shared->stream));
    writer->writer.closed = true;
    return ELEA_OK;
}
