// SPDX-License-Identifier: Apache-2.0
//
// Record batches, streams, tables and chunked arrays, in and out; producers and consumers that
// fail.
#include <errno.h>
#include <stdlib.h>

#include "abi/errno_internal.h"
#include "elea/abi.h"
#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/foreign_array.h"
#include "support/random_data.h"

static elea_table *random_table(uint64_t seed, int64_t batch_count) {
    elea_error err = {0};
    elea_test_random random = {.state = seed};
    elea_record_batch *batch = elea_test_random_batch(&random, 8, 100, 3);
    elea_record_batch *parts[8];
    for (int64_t i = 0; i < batch_count; i++)
        assert_ok(elea_record_batch_slice(batch, i * 7, 100 - i * 7 - 5, &parts[i], &err));
    elea_table *table = NULL;
    assert_ok(elea_table_new_from_batches(NULL, elea_record_batch_schema(batch),
                                          (const elea_record_batch *const *)parts, batch_count,
                                          &table, &err));
    for (int64_t i = 0; i < batch_count; i++)
        elea_record_batch_unref(parts[i]);
    elea_record_batch_unref(batch);
    return table;
}

// ---- round trips

static void random_arrays_survive_the_round_trip(void **state) {
    (void)state;
    elea_error err = {0};
    elea_equal_options options;
    elea_equal_options_init(&options);
    options.nans_equal = true;
    for (uint64_t seed = 0; seed < 300; seed++) {
        elea_test_random random = {.state = seed};
        elea_type *type = elea_test_random_type(&random, 4);
        elea_array *array = elea_test_random_array(
            &random, type, elea_test_random_below(&random, 130), (int64_t)seed % 4);
        struct ArrowSchema schema;
        struct ArrowArray exported;
        assert_ok(elea_type_export(type, NULL, &schema, &err));
        assert_ok(elea_array_export(array, NULL, &exported, &err));
        elea_field *field = NULL;
        elea_array *back = NULL;
        assert_ok(elea_field_import(&schema, NULL, &field, &err));
        assert_ok(elea_array_import(&exported, elea_field_type(field), NULL, &back, &err));
        assert_true(elea_type_equal(elea_field_type(field), type, true));
        assert_ok(elea_array_validate(back, ELEA_VALIDATE_FULL, &err));
        assert_true(elea_array_equal(array, back, &options));
        for (int64_t i = 0; i < elea_array_buffer_count(array); i++)
            assert_ptr_equal(elea_buffer_data(elea_array_buffer(back, i)),
                             elea_buffer_data(elea_array_buffer(array, i)));
        elea_array_unref(back);
        elea_array_unref(array);
        elea_field_unref(field);
        elea_type_unref(type);
    }
}

static void record_batches_survive_the_round_trip(void **state) {
    (void)state;
    elea_error err = {0};
    elea_equal_options options;
    elea_equal_options_init(&options);
    options.nans_equal = true;
    for (uint64_t seed = 0; seed < 50; seed++) {
        elea_test_random random = {.state = seed};
        elea_record_batch *batch =
                              elea_test_random_batch(&random, (int64_t)seed % 9, (int64_t)seed, 3),
                          *back = NULL;
        struct ArrowArray exported;
        assert_ok(elea_record_batch_export(batch, NULL, &exported, &err));
        assert_int_equal(exported.n_buffers, 1);
        assert_null(exported.buffers[0]);
        assert_int_equal(exported.null_count, 0);
        assert_ok(elea_record_batch_import(&exported, elea_record_batch_schema(batch), NULL, &back,
                                           &err));
        assert_true(elea_record_batch_equal(batch, back, &options));
        elea_record_batch_unref(back);
        elea_record_batch_unref(batch);
    }
}

static void tables_survive_the_round_trip(void **state) {
    (void)state;
    elea_error err = {0};
    elea_equal_options options;
    elea_equal_options_init(&options);
    options.nans_equal = true;
    for (uint64_t seed = 0; seed < 20; seed++) {
        elea_table *table = random_table(seed, (int64_t)seed % 5), *back = NULL;
        int64_t copied = elea_copied_bytes();
        struct ArrowArrayStream stream;
        assert_ok(elea_table_export(table, NULL, &stream, &err));
        assert_ok(elea_table_import(&stream, NULL, &back, &err));
        assert_null(stream.release);
        assert_int_equal(elea_copied_bytes(), copied);
        bool equal = false;
        assert_ok(elea_table_equal(table, back, &options, &equal, &err));
        assert_true(equal);
        assert_ok(elea_table_validate(back, ELEA_VALIDATE_FULL, &err));
        elea_table_unref(back);

        for (int64_t i = 0; i < elea_table_column_count(table); i++) {
            const elea_chunked_array *column = elea_table_column(table, i);
            elea_chunked_array *again = NULL;
            assert_ok(elea_chunked_array_export(column, NULL, &stream, &err));
            assert_ok(elea_chunked_array_import(&stream, NULL, &again, &err));
            assert_null(stream.release);
            assert_int_equal(elea_chunked_array_chunk_count(again),
                             elea_chunked_array_chunk_count(column));
            assert_ok(elea_chunked_array_equal(column, again, &options, &equal, &err));
            assert_true(equal);
            elea_chunked_array_unref(again);
        }
        elea_table_unref(table);
    }
}

static void batches_outlive_their_stream(void **state) {
    (void)state;
    elea_error err = {0};
    elea_table *table = random_table(7, 3);
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct ArrowArray first, second;
    assert_ok(elea_table_export(table, NULL, &stream, &err));
    elea_table_unref(table);
    assert_int_equal(stream.get_next(&stream, &first), 0);
    assert_int_equal(stream.get_schema(&stream, &schema), 0);
    assert_int_equal(stream.get_next(&stream, &second), 0);
    assert_null(stream.get_last_error(&stream));
    stream.release(&stream);
    assert_null(stream.release);
    elea_schema *imported = NULL;
    elea_record_batch *batch = NULL;
    assert_ok(elea_schema_import(&schema, NULL, &imported, &err));
    first.release(&first);
    assert_ok(elea_record_batch_import(&second, imported, NULL, &batch, &err));
    assert_ok(elea_record_batch_validate(batch, ELEA_VALIDATE_FULL, &err));
    elea_record_batch_unref(batch);
    elea_schema_unref(imported);
}

static void the_end_comes_again(void **state) {
    (void)state;
    elea_error err = {0};
    elea_table *table = random_table(3, 1);
    struct ArrowArrayStream stream;
    elea_record_stream *records = NULL;
    elea_record_batch *batch = NULL;
    assert_ok(elea_table_export(table, NULL, &stream, &err));
    struct ArrowArray array;
    assert_int_equal(stream.get_next(&stream, &array), 0);
    array.release(&array);
    for (int i = 0; i < 2; i++) {
        array.release = (void (*)(struct ArrowArray *))abort;
        assert_int_equal(stream.get_next(&stream, &array), 0);
        assert_null(array.release);
    }
    stream.release(&stream);

    assert_ok(elea_table_export(table, NULL, &stream, &err));
    assert_ok(elea_record_stream_import(&stream, NULL, &records, &err));
    assert_ok(elea_record_stream_next(records, &batch, &err));
    elea_record_batch_unref(batch);
    for (int i = 0; i < 2; i++) {
        assert_ok(elea_record_stream_next(records, &batch, &err));
        assert_null(batch);
    }
    elea_record_stream_free(records);
    elea_table_unref(table);
}

// ---- batches that are none

static elea_schema *schema_of_struct_sample(void) {
    elea_error err = {0};
    elea_type *type = foreign_array_type(FOREIGN_STRUCT);
    const elea_field *const fields[] = {elea_type_child(type, 0), elea_type_child(type, 1)};
    elea_schema *schema = NULL;
    assert_ok(elea_schema_new(NULL, fields, 2, NULL, &schema, &err));
    elea_type_unref(type);
    return schema;
}

static void rows_that_are_null_make_no_batch(void **state) {
    (void)state;
    elea_error err;
    elea_schema *schema = schema_of_struct_sample();
    elea_record_batch *batch = NULL;
    foreign_array *foreign = foreign_array_new(FOREIGN_STRUCT);
    foreign->array.null_count = -1;
    assert_fails(ELEA_EINVAL, "1 rows of the record batch are null",
                 elea_record_batch_import(&foreign->array, schema, NULL, &batch, &err));
    assert_int_equal(foreign->released, 1);
    foreign_array_free(foreign);

    foreign = foreign_array_new(FOREIGN_STRUCT);
    foreign->array.offset = 4;
    foreign->array.length = 2;
    foreign->array.null_count = -1;
    assert_ok(elea_record_batch_import(&foreign->array, schema, NULL, &batch, &err));
    assert_int_equal(elea_record_batch_length(batch), 2);
    elea_span span;
    elea_span_of(elea_record_batch_column(batch, 0), &span);
    assert_int_equal(elea_span_get_int(&span, 0), INT64_MAX);
    elea_record_batch_unref(batch);
    assert_int_equal(foreign->released, 1);
    foreign_array_free(foreign);

    batch = NULL;
    foreign = foreign_array_new(FOREIGN_INT64);
    assert_fails(ELEA_EINVAL, "2 buffers, expected 1",
                 elea_record_batch_import(&foreign->array, schema, NULL, &batch, &err));
    assert_null(batch);
    assert_int_equal(foreign->released, 1);
    foreign_array_free(foreign);
    elea_schema_unref(schema);
}

// ---- producers that fail

typedef struct producer {
    int schema_code;
    int next_code;
    int batches_before; // of the failure
    const char *message;
    int calls_after;
    int released;
} producer;

static int producer_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
    producer *self = stream->private_data;
    if (self->schema_code != 0)
        return self->schema_code;
    elea_schema *schema = schema_of_struct_sample();
    elea_error err = {0};
    assert_ok(elea_schema_export(schema, NULL, out, &err));
    elea_schema_unref(schema);
    return 0;
}

static int producer_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    producer *self = stream->private_data;
    if (self->batches_before < 0)
        self->calls_after++;
    if (self->batches_before-- <= 0)
        return self->next_code;
    elea_type *type = foreign_array_type(FOREIGN_STRUCT);
    elea_array *array = NULL;
    elea_error err = {0};
    assert_ok(elea_array_new_null(NULL, type, 0, &array, &err));
    assert_ok(elea_array_export(array, NULL, out, &err));
    elea_array_unref(array);
    elea_type_unref(type);
    return 0;
}

static const char *producer_error(struct ArrowArrayStream *stream) {
    return ((producer *)stream->private_data)->message;
}

static void producer_release(struct ArrowArrayStream *stream) {
    ((producer *)stream->private_data)->released++;
    stream->release = NULL;
}

static struct ArrowArrayStream stream_of(producer *self) {
    return (struct ArrowArrayStream){producer_schema, producer_next, producer_error,
                                     producer_release, self};
}

static void failures_of_producers_are_told(void **state) {
    (void)state;
    elea_error err;
    elea_record_stream *records = NULL;
    elea_table *table = NULL;
    elea_chunked_array *chunked = NULL;
    producer self = {.schema_code = ENOMEM, .message = "no room"};
    struct ArrowArrayStream stream = stream_of(&self);
    assert_fails(ELEA_ENOMEM, "no room", elea_record_stream_import(&stream, NULL, &records, &err));
    assert_int_equal(err.os_code, ENOMEM);
    assert_int_equal(self.released, 1);
    assert_null(stream.release);
    assert_null(records);

    self = (producer){.next_code = EIO, .batches_before = 2, .message = "lost\x01"};
    stream = stream_of(&self);
    assert_ok(elea_record_stream_import(&stream, NULL, &records, &err));
    elea_record_batch *batch = NULL;
    for (int i = 0; i < 2; i++) {
        assert_ok(elea_record_stream_next(records, &batch, &err));
        elea_record_batch_unref(batch);
    }
    assert_fails(ELEA_EIO, "lost\\x01", elea_record_stream_next(records, &batch, &err));
    // And then nothing more is asked.
    assert_ok(elea_record_stream_next(records, &batch, &err));
    assert_null(batch);
    assert_int_equal(self.calls_after, 0);
    elea_record_stream_free(records);
    assert_int_equal(self.released, 1);

    self = (producer){.next_code = ENOTTY, .batches_before = 1};
    stream = stream_of(&self);
    stream.get_last_error = NULL;
    assert_fails(ELEA_EFOREIGN, "no message", elea_table_import(&stream, NULL, &table, &err));
    assert_int_equal(self.released, 1);
    self = (producer){.next_code = EINVAL, .batches_before = 1};
    stream = stream_of(&self);
    assert_fails(ELEA_EINVAL, "no message",
                 elea_chunked_array_import(&stream, NULL, &chunked, &err));
    assert_int_equal(self.released, 1);
    assert_null(stream.release);
}

static void hostile_streams_are_refused(void **state) {
    (void)state;
    elea_error err;
    elea_record_stream *records = NULL;
    elea_chunked_array *chunked = NULL;
    assert_fails(ELEA_EINVAL, "NULL", elea_record_stream_import(NULL, NULL, &records, &err));
    struct ArrowArrayStream stream = {0};
    assert_fails(ELEA_EINVAL, "released", elea_record_stream_import(&stream, NULL, &records, &err));
    assert_fails(ELEA_EINVAL, "released", elea_chunked_array_import(&stream, NULL, &chunked, &err));
    producer self = {0};
    stream = stream_of(&self);
    stream.get_next = NULL;
    assert_fails(ELEA_EINVAL, "no get_next",
                 elea_record_stream_import(&stream, NULL, &records, &err));
    assert_int_equal(self.released, 1);
    // A stream of something else than structs is no record stream.
    elea_chunked_array *numbers = NULL;
    assert_ok(elea_chunked_array_new(NULL, elea_type_of(ELEA_TYPE_INT8), NULL, 0, &numbers, &err));
    assert_ok(elea_chunked_array_export(numbers, NULL, &stream, &err));
    elea_chunked_array_unref(numbers);
    assert_fails(ELEA_EINVAL, "'c'", elea_record_stream_import(&stream, NULL, &records, &err));
    assert_null(stream.release);
}

// ---- our streams that fail

typedef struct failing_stream {
    elea_record_stream base;
    elea_schema *schema;
    elea_status status;
    int *freed;
} failing_stream;

static const elea_schema *failing_schema(elea_record_stream *stream) {
    return ((failing_stream *)stream)->schema;
}

static elea_status failing_next(elea_record_stream *stream, elea_record_batch **out,
                                elea_error *err) {
    (void)out;
    return elea_error_set(err, ((failing_stream *)stream)->status, "it broke");
}

static void failing_free(elea_record_stream *stream) {
    failing_stream *self = (failing_stream *)stream;
    ++*self->freed;
    elea_schema_unref(self->schema);
    free(self);
}

static elea_record_stream *failing_new(elea_status status, int *freed) {
    static const elea_record_stream_ops ops = {failing_schema, failing_next, failing_free};
    failing_stream *self = malloc(sizeof *self);
    assert_non_null(self);
    *self = (failing_stream){{&ops}, schema_of_struct_sample(), status, freed};
    return &self->base;
}

static void failures_of_ours_are_told(void **state) {
    (void)state;
    static const struct {
        elea_status status;
        int code;
    } cases[] = {
        {ELEA_EINVAL, EINVAL},       {ELEA_ENOMEM, ENOMEM},       {ELEA_EIO, EIO},
        {ELEA_EUNSUPPORTED, ENOSYS}, {ELEA_ECAPACITY, EOVERFLOW}, {ELEA_ECANCELLED, ECANCELED},
        {ELEA_ENOTFOUND, ENOENT},    {ELEA_EEXISTS, EEXIST},      {ELEA_ETYPE, EINVAL},
        {ELEA_EFOREIGN, EINVAL}};
    elea_error err = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int freed = 0;
        struct ArrowArrayStream stream;
        struct ArrowSchema schema;
        struct ArrowArray array;
        assert_ok(
            elea_record_stream_export(failing_new(cases[i].status, &freed), NULL, &stream, &err));
        assert_null(stream.get_last_error(&stream));
        assert_int_equal(stream.get_next(&stream, &array), cases[i].code);
        assert_string_equal(stream.get_last_error(&stream), "it broke");
        // The next call that succeeds has nothing to tell.
        assert_int_equal(stream.get_schema(&stream, &schema), 0);
        assert_null(stream.get_last_error(&stream));
        schema.release(&schema);
        assert_int_equal(freed, 0);
        stream.release(&stream);
        assert_int_equal(freed, 1);
        bool has_own_value = cases[i].status != ELEA_ETYPE && cases[i].status != ELEA_EFOREIGN;
        assert_int_equal(elea__status_of_errno(cases[i].code),
                         has_own_value ? cases[i].status : ELEA_EINVAL);
    }
    assert_int_equal(elea__status_of_errno(ENOTTY), ELEA_EFOREIGN);
}

// ---- a field of an extension type

static elea_field *uuid_field(elea_pool *pool, elea_error *err) {
    elea_type *storage = NULL;
    elea_field *out = NULL;
    if (elea_type_new_fixed_size_binary(pool, 16, &storage, err) != ELEA_OK)
        return NULL;
    elea_extension extension = {.name = elea_bytes_of("arrow.uuid"), .storage = storage};
    elea_status status =
        elea_field_new_extension(pool, elea_bytes_of("id"), &extension, false, NULL, &out, err);
    elea_type_unref(storage);
    return status == ELEA_OK ? out : NULL;
}

static elea_status field_through(elea_pool *pool, void *context, elea_error *err) {
    const elea_field *field = context;
    struct ArrowArrayStream stream = {0};
    struct ArrowDeviceArrayStream device = {0};
    elea_chunked_array *array = NULL;
    elea_chunked_array *back = NULL;
    elea_field *found = NULL;
    elea_status status = ELEA_OK;
    ELEA_GOTO(done, elea_chunked_array_new(pool, elea_field_type(field), NULL, 0, &array, err));
    ELEA_GOTO(done, elea_chunked_array_export_field(array, field, pool, &stream, err));
    ELEA_GOTO(done, elea_chunked_array_import_field(&stream, pool, &back, &found, err));
    assert_true(elea_field_equal(field, found, true));
    elea_field_unref(found);
    found = NULL;
    elea_chunked_array_unref(back);
    back = NULL;
    ELEA_GOTO(done, elea_chunked_array_export_field_device(array, field, pool, &device, err));
    ELEA_GOTO(done, elea_chunked_array_import_field_device(&device, pool, &back, &found, err));
    assert_true(elea_field_equal(field, found, true));

done:
    assert_true(status == ELEA_OK || !found);
    elea_field_unref(found);
    elea_chunked_array_unref(back);
    elea_chunked_array_unref(array);
    return status;
}

static void fields_go_along(void **state) {
    (void)state;
    elea_error err = {0};
    elea_field *field = uuid_field(NULL, &err);
    elea_chunked_array *numbers = NULL;
    elea_chunked_array *back = NULL;
    elea_field *found = NULL;
    struct ArrowArrayStream stream = {0};
    assert_non_null(field);
    assert_ok(field_through(NULL, field, &err));
    assert_true(elea_test_fail_each_allocation(field_through, field) > 5);
    assert_ok(elea_chunked_array_new(NULL, elea_type_of(ELEA_TYPE_INT8), NULL, 0, &numbers, &err));
    assert_fails(ELEA_ETYPE, "the field is fixed_size_binary, the chunked array int8",
                 elea_chunked_array_export_field(numbers, field, NULL, &stream, &err));
    assert_null(stream.release);
    // Without a field there is that of the type alone.
    assert_ok(elea_chunked_array_export(numbers, NULL, &stream, &err));
    assert_ok(elea_chunked_array_import_field(&stream, NULL, &back, &found, &err));
    assert_string_equal(elea_field_name(found), "");
    assert_null(elea_field_metadata(found));
    elea_field_unref(found);
    elea_chunked_array_unref(back);
    elea_chunked_array_unref(numbers);
    elea_field_unref(field);
}

// ---- memory running out

static elea_status table_through(elea_pool *pool, void *context, elea_error *err) {
    struct ArrowArrayStream stream = {0};
    elea_table *back = NULL;
    ELEA_TRY(elea_table_export(context, pool, &stream, err));
    elea_status status = elea_table_import(&stream, pool, &back, err);
    assert_null(stream.release);
    elea_table_unref(back);
    return status;
}

static elea_status column_through(elea_pool *pool, void *context, elea_error *err) {
    struct ArrowArrayStream stream = {0};
    elea_chunked_array *back = NULL;
    ELEA_TRY(elea_chunked_array_export(elea_table_column(context, 0), pool, &stream, err));
    elea_status status = elea_chunked_array_import(&stream, pool, &back, err);
    assert_null(stream.release);
    elea_chunked_array_unref(back);
    return status;
}

static elea_status stream_taken(elea_pool *pool, void *context, elea_error *err) {
    (void)context;
    int freed = 0;
    struct ArrowArrayStream stream = {0};
    elea_status status =
        elea_record_stream_export(failing_new(ELEA_EIO, &freed), pool, &stream, err);
    assert_int_equal(freed, status != ELEA_OK);
    if (status == ELEA_OK)
        stream.release(&stream);
    assert_int_equal(freed, 1);
    return status;
}

static void memory_running_out_leaks_nothing(void **state) {
    (void)state;
    elea_table *table = random_table(11, 2);
    assert_true(elea_test_fail_each_allocation(table_through, table) > 20);
    assert_true(elea_test_fail_each_allocation(column_through, table) > 5);
    assert_int_equal(elea_test_fail_each_allocation(stream_taken, NULL), 1);
    elea_table_unref(table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_arrays_survive_the_round_trip),
        cmocka_unit_test(record_batches_survive_the_round_trip),
        cmocka_unit_test(tables_survive_the_round_trip),
        cmocka_unit_test(batches_outlive_their_stream),
        cmocka_unit_test(the_end_comes_again),
        cmocka_unit_test(rows_that_are_null_make_no_batch),
        cmocka_unit_test(failures_of_producers_are_told),
        cmocka_unit_test(hostile_streams_are_refused),
        cmocka_unit_test(failures_of_ours_are_told),
        cmocka_unit_test(fields_go_along),
        cmocka_unit_test(memory_running_out_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
