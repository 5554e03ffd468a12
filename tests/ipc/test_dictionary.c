// SPDX-License-Identifier: Apache-2.0
//
// Dictionaries that stay, grow and change from batch to batch, and ids that several fields share.
#include <elea/ipc.h>

#include <stdio.h>

#include "ipc/dictionaries.h"
#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/ipc_file.h"

// Rows 0, null, 1, 2, ... of a dictionary of the texts, which end with NULL.
static elea_array *coded(const char *const *texts) {
    elea_error err = {0};
    elea_builder *builder;
    elea_type *type;
    elea_array *values, *indices, *array;
    assert_ok(elea_builder_new(NULL, elea_type_of(ELEA_TYPE_UTF8), &builder, &err));
    for (int64_t i = 0; texts[i]; i++)
        assert_ok(elea_builder_append_bytes(builder, elea_bytes_of(texts[i]), &err));
    assert_ok(elea_builder_finish(builder, &values, &err));
    elea_builder_free(builder);
    assert_ok(elea_builder_new(NULL, elea_type_of(ELEA_TYPE_UINT8), &builder, &err));
    for (int64_t i = 0; texts[i]; i++) {
        assert_ok(elea_builder_append_int(builder, i, &err));
        if (i == 0)
            assert_ok(elea_builder_append_null(builder, &err));
    }
    assert_ok(elea_builder_finish(builder, &indices, &err));
    elea_builder_free(builder);

    assert_ok(elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_UINT8),
                                       elea_type_of(ELEA_TYPE_UTF8), false, &type, &err));
    const elea_buffer *const buffers[] = {elea_array_buffer(indices, 0),
                                          elea_array_buffer(indices, 1)};
    const elea_array_parts parts = {.type = type,
                                    .length = elea_array_length(indices),
                                    .null_count = -1,
                                    .buffers = buffers,
                                    .buffer_count = 2,
                                    .dictionary = values};
    assert_ok(elea_array_new(NULL, &parts, &array, &err));
    elea_type_unref(type);
    elea_array_unref(indices);
    elea_array_unref(values);
    return array;
}

static elea_record_batch *coded_batch(const char *const *texts) {
    elea_array *array = coded(texts);
    elea_record_batch *batch = elea_test_batch_of(array, "word");
    elea_array_unref(array);
    return batch;
}

static const char *const few[] = {"achilles", "tortoise", NULL};
static const char *const more[] = {"achilles", "tortoise", "hector", NULL};
static const char *const others[] = {"arrow", "tortoise", NULL};

typedef struct outcome {
    const elea_record_batch *const *batches;
    int64_t count;
    elea_ipc_write_options write;
} outcome;

// Writes the batches to memory, reads them back and compares.
static elea_status write_and_read(elea_pool *pool, void *context, elea_error *err) {
    const outcome *given = context;
    elea_status status = ELEA_OK;
    elea_output_stream *stream = NULL;
    elea_ipc_file_writer *writer = NULL;
    elea_buffer *bytes = NULL;
    elea_file *file = NULL;
    elea_ipc_file_reader *reader = NULL;
    elea_ipc_write_options write = given->write;
    const elea_ipc_read_options read = {.pool = pool, .validation = ELEA_VALIDATE_FULL};

    write.pool = pool;
    ELEA_GOTO(done, elea_output_stream_new_memory(pool, &stream, err));
    ELEA_GOTO(done, elea_ipc_file_writer_new(stream, elea_record_batch_schema(given->batches[0]),
                                             &write, NULL, &writer, err));
    for (int64_t i = 0; i < given->count; i++)
        ELEA_GOTO(done, elea_ipc_file_writer_write_batch(writer, given->batches[i], NULL, err));
    ELEA_GOTO(done, elea_ipc_file_writer_close(writer, err));
    ELEA_GOTO(done, elea_output_stream_take(stream, &bytes, err));
    ELEA_GOTO(done, elea_file_new_from_buffer(bytes, NULL, pool, &file, err));
    ELEA_GOTO(done, elea_ipc_file_reader_new(file, &read, &reader, err));
    for (int64_t i = given->count - 1; i >= 0; i--) {
        elea_record_batch *batch = NULL;
        ELEA_GOTO(done, elea_ipc_file_reader_read_batch(reader, i, &batch, err));
        assert_true(elea_record_batch_equal(batch, given->batches[i], NULL));
        elea_record_batch_unref(batch);
    }

done:
    elea_ipc_file_reader_free(reader);
    elea_file_unref(file);
    elea_buffer_unref(bytes);
    elea_ipc_file_writer_free(writer);
    elea_output_stream_free(stream);
    return status;
}

static void test_growing(void **state) {
    (void)state;
    elea_error err = {0};
    elea_record_batch *first = coded_batch(few), *again = coded_batch(few);
    elea_record_batch *grown = coded_batch(more);
    const elea_record_batch *const batches[] = {first, again, grown, grown};
    outcome given = {batches, 2, {.dictionary_deltas = false}};
    assert_ok(write_and_read(NULL, &given, &err)); // equal ones are written once
    given.count = 4;
    assert_fails(ELEA_EINVAL, "record batch 2: column \"word\": its dictionary is not that",
                 write_and_read(NULL, &given, &err));
    given.write.dictionary_deltas = true;
    assert_ok(write_and_read(NULL, &given, &err));
    assert_true(elea_test_fail_each_allocation(write_and_read, &given) > 50);
    elea_record_batch_unref(grown);
    elea_record_batch_unref(again);
    elea_record_batch_unref(first);
}

// A refused batch leaves a file that goes on.
static void test_changing(void **state) {
    (void)state;
    elea_error err = {0};
    elea_record_batch *first = coded_batch(few), *changed = coded_batch(others), *found;
    elea_output_stream *stream;
    elea_ipc_file_writer *writer;
    elea_buffer *bytes;
    elea_file *file;
    elea_ipc_file_reader *reader;
    const elea_ipc_write_options options = {.dictionary_deltas = true};
    assert_ok(elea_output_stream_new_memory(NULL, &stream, &err));
    assert_ok(elea_ipc_file_writer_new(stream, elea_record_batch_schema(first), &options, NULL,
                                       &writer, &err));
    assert_ok(elea_ipc_file_writer_write_batch(writer, first, NULL, &err));
    int64_t position = elea_output_stream_position(stream);
    assert_fails(ELEA_EINVAL, "record batch 1: column \"word\": its dictionary is not that",
                 elea_ipc_file_writer_write_batch(writer, changed, NULL, &err));
    assert_int_equal(elea_output_stream_position(stream), position);
    assert_ok(elea_ipc_file_writer_write_batch(writer, first, NULL, &err));
    assert_ok(elea_ipc_file_writer_close(writer, &err));
    elea_ipc_file_writer_free(writer);
    assert_ok(elea_output_stream_take(stream, &bytes, &err));
    elea_output_stream_free(stream);

    assert_ok(elea_file_new_from_buffer(bytes, NULL, NULL, &file, &err));
    assert_ok(elea_ipc_file_reader_new(file, NULL, &reader, &err));
    assert_int_equal(elea_ipc_file_reader_batch_count(reader), 2);
    assert_ok(elea_ipc_file_reader_read_batch(reader, 1, &found, &err));
    assert_true(elea_record_batch_equal(found, first, NULL));
    elea_record_batch_unref(found);
    elea_ipc_file_reader_free(reader);
    elea_file_unref(file);
    elea_buffer_unref(bytes);
    elea_record_batch_unref(changed);
    elea_record_batch_unref(first);
}

// Slots with the same id, in no order.
static void test_shared_ids(void **state) {
    (void)state;
    elea_error err = {0};
    elea_type *text = elea_type_ref(elea_type_of(ELEA_TYPE_UTF8));
    elea_type *number = elea_type_ref(elea_type_of(ELEA_TYPE_INT8));
    elea__ipc_slot slots[100];
    elea__ipc_dictionaries dictionaries;
    for (int i = 0; i < 100; i++)
        slots[i] = (elea__ipc_slot){.id = i * 37 % 25 - 5, .value_type = text};
    const elea__ipc_schema schema = {.slots = {.data = slots, .count = 100}};
    assert_ok(elea__ipc_dictionaries_init(&dictionaries, NULL, &schema, &err));
    assert_int_equal(dictionaries.all.count, 25);
    elea__ipc_dictionaries_release(&dictionaries);
    slots[99].value_type = number;
    assert_fails(ELEA_EINVAL, "is used for values of different types: utf8 and int8",
                 elea__ipc_dictionaries_init(&dictionaries, NULL, &schema, &err));
    elea__ipc_dictionaries_release(&dictionaries);
    slots[99] = (elea__ipc_slot){.id = 100, .value_type = text};
    slots[98].nested = 1; // the same values, but one takes them from elsewhere
    assert_fails(ELEA_EINVAL, "different types",
                 elea__ipc_dictionaries_init(&dictionaries, NULL, &schema, &err));
    elea__ipc_dictionaries_release(&dictionaries);
}

// What the format cannot say is refused with the field's name.
static void test_dictionary_of_dictionary(void **state) {
    (void)state;
    elea_error err = {0};
    elea_array *inner = coded(few), *array;
    elea_type *type;
    elea_output_stream *stream;
    elea_ipc_file_writer *writer;
    assert_ok(elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_INT8), elea_array_type(inner),
                                       false, &type, &err));
    assert_ok(elea_array_new_null(NULL, type, 3, &array, &err));
    elea_record_batch *batch = elea_test_batch_of(array, "twice");
    assert_ok(elea_output_stream_new_memory(NULL, &stream, &err));
    assert_fails(ELEA_EUNSUPPORTED, "field \"twice\": the format has no dictionary of dictionary",
                 elea_ipc_file_writer_new(stream, elea_record_batch_schema(batch), NULL, NULL,
                                          &writer, &err));
    elea_output_stream_free(stream);
    elea_record_batch_unref(batch);
    elea_array_unref(array);
    elea_type_unref(type);
    elea_array_unref(inner);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_growing),
        cmocka_unit_test(test_changing),
        cmocka_unit_test(test_shared_ids),
        cmocka_unit_test(test_dictionary_of_dictionary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
