// SPDX-License-Identifier: Apache-2.0
#include "support/ipc_file.h"

#include "support/cmocka_all.h"

elea_record_batch *elea_test_batch_of(const elea_array *array, const char *name) {
    elea_error err;
    elea_field *field;
    elea_schema *schema;
    elea_record_batch *batch;
    assert_ok(elea_field_new(NULL, elea_bytes_of(name), elea_array_type(array), true, NULL, &field,
                             &err));
    const elea_field *const fields[] = {field};
    assert_ok(elea_schema_new(NULL, fields, 1, NULL, &schema, &err));
    elea_field_unref(field);
    assert_ok(elea_record_batch_new(NULL, schema, elea_array_length(array), &array, &batch, &err));
    elea_schema_unref(schema);
    return batch;
}

static void write_file(elea_output_stream *stream, const elea_record_batch *batch,
                       const elea_ipc_write_options *options) {
    elea_error err;
    elea_ipc_file_writer *writer;
    assert_ok(elea_ipc_file_writer_new(stream, elea_record_batch_schema(batch), options, NULL,
                                       &writer, &err));
    assert_ok(elea_ipc_file_writer_write_batch(writer, batch, NULL, &err));
    assert_ok(elea_ipc_file_writer_close(writer, &err));
    elea_ipc_file_writer_free(writer);
    assert_ok(elea_output_stream_close(stream, &err));
}

void elea_test_ipc_write(const char *path, const elea_record_batch *batch,
                         const elea_ipc_write_options *options) {
    elea_error err;
    elea_output_stream *stream;
    assert_ok(elea_output_stream_open(path, NULL, NULL, &stream, &err));
    write_file(stream, batch, options);
    elea_output_stream_free(stream);
}

elea_buffer *elea_test_ipc_bytes(const elea_record_batch *batch,
                                 const elea_ipc_write_options *options) {
    elea_error err;
    elea_output_stream *stream;
    elea_buffer *bytes;
    assert_ok(elea_output_stream_new_memory(NULL, &stream, &err));
    write_file(stream, batch, options);
    assert_ok(elea_output_stream_take(stream, &bytes, &err));
    elea_output_stream_free(stream);
    return bytes;
}

elea_ipc_file_reader *elea_test_ipc_open(const char *path, const elea_ipc_read_options *options) {
    elea_error err;
    elea_file *file;
    elea_ipc_file_reader *reader;
    assert_ok(elea_file_map(path, NULL, &file, &err));
    assert_ok(elea_ipc_file_reader_new(file, options, &reader, &err));
    elea_file_unref(file);
    return reader;
}

elea_buffer *elea_test_ipc_stream_bytes(const elea_record_batch *const *batches, int64_t count,
                                        const elea_ipc_write_options *options) {
    elea_error err;
    elea_output_stream *stream;
    elea_ipc_stream_writer *writer;
    elea_buffer *bytes;
    assert_ok(elea_output_stream_new_memory(NULL, &stream, &err));
    assert_ok(elea_ipc_stream_writer_new(stream, elea_record_batch_schema(batches[0]), options,
                                         &writer, &err));
    for (int64_t i = 0; i < count; i++)
        assert_ok(elea_ipc_stream_writer_write_batch(writer, batches[i], NULL, &err));
    assert_ok(elea_ipc_stream_writer_close(writer, &err));
    elea_ipc_stream_writer_free(writer);
    assert_ok(elea_output_stream_take(stream, &bytes, &err));
    elea_output_stream_free(stream);
    return bytes;
}

bool elea_test_ipc_can_write(const elea_ipc_write_options *options) {
    const elea_codec *codec = elea_codec_of(options->compression);
    return !codec || elea_codec_available(codec);
}
