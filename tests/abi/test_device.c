// SPDX-License-Identifier: Apache-2.0
//
// The C device interface on the CPU: arrays, batches and streams, and what is not on the CPU.
#include "support/cmocka_all.h"

#include <errno.h>

#include <elea/abi.h>

#include "support/alloc_failures.h"
#include "support/foreign_array.h"
#include "support/random_data.h"

static bool same(const elea_array *a, const elea_array *b) {
    elea_equal_options options;
    elea_equal_options_init(&options);
    options.nans_equal = true;
    return elea_array_equal(a, b, &options);
}

static void assert_on_cpu(const struct ArrowDeviceArray *array) {
    assert_int_equal(array->device_type, ARROW_DEVICE_CPU);
    assert_int_equal(array->device_id, -1);
    assert_null(array->sync_event);
    for (int i = 0; i < 3; i++)
        assert_int_equal(array->reserved[i], 0);
}

static void arrays_survive_the_round_trip(void **state) {
    (void)state;
    elea_error err = {0};
    for (uint64_t seed = 0; seed < 50; seed++) {
        elea_test_random random = {.state = seed};
        elea_type *type = elea_test_random_type(&random, 3);
        elea_array *array = elea_test_random_array(&random, type, (int64_t)seed, 3);
        elea_array *back = NULL;
        struct ArrowDeviceArray exported;
        memset(&exported, 0xFF, sizeof exported);
        assert_ok(elea_array_export_device(array, NULL, &exported, &err));
        assert_on_cpu(&exported);
        assert_ok(elea_array_import_device(&exported, type, NULL, &back, &err));
        assert_null(exported.array.release);
        assert_true(same(array, back));
        elea_array_unref(back);
        elea_array_unref(array);
        elea_type_unref(type);
    }
}

static elea_record_batch *random_batch(uint64_t seed) {
    elea_test_random random = {.state = seed};
    return elea_test_random_batch(&random, 5, 70, 2);
}

static void batches_survive_the_round_trip(void **state) {
    (void)state;
    elea_error err = {0};
    elea_equal_options options;
    elea_equal_options_init(&options);
    options.nans_equal = true;
    elea_record_batch *batch = random_batch(3);
    elea_record_batch *back = NULL;
    struct ArrowDeviceArray exported;
    assert_ok(elea_record_batch_export_device(batch, NULL, &exported, &err));
    assert_on_cpu(&exported);
    assert_ok(elea_record_batch_import_device(&exported, elea_record_batch_schema(batch), NULL,
                                              &back, &err));
    assert_true(elea_record_batch_equal(batch, back, &options));
    elea_record_batch_unref(back);
    elea_record_batch_unref(batch);
}

// ---- other devices

static void harm_type(struct ArrowDeviceArray *array) { array->device_type = ARROW_DEVICE_CUDA; }
static void harm_no_type(struct ArrowDeviceArray *array) { array->device_type = 0; }
static void harm_event(struct ArrowDeviceArray *array) { array->sync_event = array; }

static void other_devices_are_refused(void **state) {
    (void)state;
    static const struct {
        void (*harm)(struct ArrowDeviceArray *array);
        const char *message;
    } cases[] = {{harm_type, "data on a device of type 2, expected 1, the CPU"},
                 {harm_no_type, "data on a device of type 0"},
                 {harm_event, "an event to wait for on the CPU"}};
    elea_error err = {0};
    elea_array *array = NULL;
    elea_record_batch *batch = NULL;
    elea_type *type = foreign_array_type(FOREIGN_INT64);
    elea_schema *schema = NULL;
    assert_ok(elea_schema_new(NULL, NULL, 0, NULL, &schema, &err));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int round = 0; round < 2; round++) {
            foreign_array *foreign = foreign_array_new(FOREIGN_INT64);
            struct ArrowDeviceArray source = {.array = foreign->array,
                                              .device_type = ARROW_DEVICE_CPU};
            cases[i].harm(&source);
            if (round == 0)
                assert_fails(ELEA_EUNSUPPORTED, cases[i].message,
                             elea_array_import_device(&source, type, NULL, &array, &err));
            else
                assert_fails(ELEA_EUNSUPPORTED, cases[i].message,
                             elea_record_batch_import_device(&source, schema, NULL, &batch, &err));
            assert_null(source.array.release);
            assert_int_equal(foreign->released, 1);
            foreign_array_free(foreign);
        }
    }
    struct ArrowDeviceArray released = {.device_type = ARROW_DEVICE_CPU};
    assert_fails(ELEA_EINVAL, "released",
                 elea_array_import_device(&released, type, NULL, &array, &err));
    assert_fails(ELEA_EINVAL, "NULL", elea_array_import_device(NULL, type, NULL, &array, &err));
    assert_fails(ELEA_EINVAL, "NULL",
                 elea_record_batch_import_device(NULL, schema, NULL, &batch, &err));
    elea_schema_unref(schema);
    elea_type_unref(type);
    assert_null(array);
    assert_null(batch);
}

// ---- streams

static elea_chunked_array *random_chunks(uint64_t seed) {
    elea_error err = {0};
    elea_test_random random = {.state = seed};
    elea_type *type = elea_test_random_type(&random, 2);
    elea_array *chunks[3];
    elea_chunked_array *array = NULL;
    for (int i = 0; i < 3; i++)
        chunks[i] = elea_test_random_array(&random, type, 10 * i + 3, 3);
    assert_ok(
        elea_chunked_array_new(NULL, type, (const elea_array *const *)chunks, 3, &array, &err));
    for (int i = 0; i < 3; i++)
        elea_array_unref(chunks[i]);
    elea_type_unref(type);
    return array;
}

static void streams_survive_the_round_trip(void **state) {
    (void)state;
    elea_error err = {0};
    elea_record_batch *batch = random_batch(5);
    const elea_record_batch *const batches[] = {batch, batch};
    elea_table *table = NULL, *back = NULL;
    elea_record_stream *stream = NULL, *again = NULL;
    struct ArrowDeviceArrayStream exported;
    assert_ok(elea_table_new_from_batches(NULL, elea_record_batch_schema(batch), batches, 2, &table,
                                          &err));
    assert_ok(elea_record_stream_new_from_table(NULL, table, 9, &stream, &err));
    assert_ok(elea_record_stream_export_device(stream, NULL, &exported, &err));
    assert_int_equal(exported.device_type, ARROW_DEVICE_CPU);
    assert_ok(elea_record_stream_import_device(&exported, NULL, &again, &err));
    assert_null(exported.release);
    assert_ok(elea_table_new_from_stream(NULL, again, &back, &err));
    assert_int_equal(elea_table_length(back), 140);
    elea_equal_options options;
    elea_equal_options_init(&options);
    options.nans_equal = true;
    bool equal = false;
    assert_ok(elea_table_equal(table, back, &options, &equal, &err));
    assert_true(equal);
    elea_record_stream_free(again);
    elea_table_unref(back);
    elea_table_unref(table);
    elea_record_batch_unref(batch);
}

static void chunks_survive_the_round_trip(void **state) {
    (void)state;
    elea_error err = {0};
    elea_chunked_array *array = random_chunks(11);
    elea_chunked_array *back = NULL;
    struct ArrowDeviceArrayStream exported;
    struct ArrowDeviceArray first;
    assert_ok(elea_chunked_array_export_device(array, NULL, &exported, &err));
    assert_int_equal(exported.get_next(&exported, &first), 0);
    assert_on_cpu(&first);
    assert_int_equal(first.array.length, 3);
    assert_null(exported.get_last_error(&exported));
    first.array.release(&first.array);
    assert_ok(elea_chunked_array_import_device(&exported, NULL, &back, &err));
    assert_int_equal(elea_chunked_array_chunk_count(back), 2);
    for (int64_t i = 0; i < 2; i++)
        assert_true(
            same(elea_chunked_array_chunk(array, i + 1), elea_chunked_array_chunk(back, i)));
    elea_chunked_array_unref(back);
    elea_chunked_array_unref(array);
}

// A producer of int64 that fails, or changes the device, at its second array.
typedef struct producer {
    int fail_code;
    int32_t second_device;
    int calls;
    int released;
    foreign_array *arrays[2];
} producer;

static int producer_schema(struct ArrowDeviceArrayStream *stream, struct ArrowSchema *out) {
    (void)stream;
    return elea_type_export(elea_type_of(ELEA_TYPE_INT64), NULL, out, NULL) == ELEA_OK ? 0 : ENOMEM;
}

static int producer_next(struct ArrowDeviceArrayStream *stream, struct ArrowDeviceArray *out) {
    producer *self = stream->private_data;
    int call = self->calls++;
    if (call == 1 && self->fail_code)
        return self->fail_code;
    memset(out, 0, sizeof *out);
    if (call > 1)
        return 0; // the end, of no device
    out->array = self->arrays[call]->array;
    out->device_type = call == 1 ? self->second_device : ARROW_DEVICE_CPU;
    return 0;
}

static const char *producer_error(struct ArrowDeviceArrayStream *stream) {
    (void)stream;
    return "the disk is on fire";
}

static void producer_release(struct ArrowDeviceArrayStream *stream) {
    ((producer *)stream->private_data)->released++;
    stream->release = NULL;
}

static struct ArrowDeviceArrayStream producer_init(producer *self, int fail_code, int32_t device) {
    *self =
        (producer){.fail_code = fail_code,
                   .second_device = device,
                   .arrays = {foreign_array_new(FOREIGN_INT64), foreign_array_new(FOREIGN_INT64)}};
    return (struct ArrowDeviceArrayStream){.device_type = ARROW_DEVICE_CPU,
                                           .get_schema = producer_schema,
                                           .get_next = producer_next,
                                           .get_last_error = producer_error,
                                           .release = producer_release,
                                           .private_data = self};
}

static void producer_end(producer *self, int released_first, int released_second) {
    assert_int_equal(self->released, 1);
    assert_int_equal(self->arrays[0]->released, released_first);
    assert_int_equal(self->arrays[1]->released, released_second);
    foreign_array_free(self->arrays[0]);
    foreign_array_free(self->arrays[1]);
}

static void failing_producers(void **state) {
    (void)state;
    elea_error err = {0};
    producer made;
    elea_chunked_array *array = NULL;
    struct ArrowDeviceArrayStream source = producer_init(&made, 0, ARROW_DEVICE_CPU);
    assert_ok(elea_chunked_array_import_device(&source, NULL, &array, &err));
    assert_int_equal(elea_chunked_array_length(array), 8);
    elea_chunked_array_unref(array);
    producer_end(&made, 1, 1);

    array = NULL;
    source = producer_init(&made, EIO, ARROW_DEVICE_CPU);
    assert_fails(ELEA_EIO, "the disk is on fire",
                 elea_chunked_array_import_device(&source, NULL, &array, &err));
    producer_end(&made, 1, 0);

    source = producer_init(&made, EIO, ARROW_DEVICE_CPU);
    source.get_last_error = NULL;
    assert_fails(ELEA_EIO, "no message",
                 elea_chunked_array_import_device(&source, NULL, &array, &err));
    producer_end(&made, 1, 0);

    source = producer_init(&made, 0, ARROW_DEVICE_ROCM);
    assert_fails(ELEA_EUNSUPPORTED, "data on a device of type 10, expected 1",
                 elea_chunked_array_import_device(&source, NULL, &array, &err));
    producer_end(&made, 1, 1);

    source = producer_init(&made, 0, ARROW_DEVICE_CPU);
    source.device_type = ARROW_DEVICE_METAL;
    assert_fails(ELEA_EUNSUPPORTED, "data on a device of type 8",
                 elea_chunked_array_import_device(&source, NULL, &array, &err));
    producer_end(&made, 0, 0);
    assert_null(source.release);

    elea_record_stream *stream = NULL;
    source = producer_init(&made, 0, ARROW_DEVICE_CPU);
    source.get_next = NULL;
    assert_fails(ELEA_EINVAL, "the ArrowDeviceArrayStream has no get_next",
                 elea_record_stream_import_device(&source, NULL, &stream, &err));
    producer_end(&made, 0, 0);
    assert_fails(ELEA_EINVAL, "released already",
                 elea_record_stream_import_device(&source, NULL, &stream, &err));
    assert_fails(ELEA_EINVAL, "NULL", elea_record_stream_import_device(NULL, NULL, &stream, &err));
    assert_null(array);
    assert_null(stream);
}

// ---- memory

static elea_status stream_body(elea_pool *pool, void *context, elea_error *err) {
    elea_record_stream *stream = NULL, *again = NULL;
    elea_table *back = NULL;
    struct ArrowDeviceArrayStream exported;
    ELEA_TRY(elea_record_stream_new_from_table(pool, context, 0, &stream, err));
    ELEA_TRY(elea_record_stream_export_device(stream, pool, &exported, err));
    ELEA_TRY(elea_record_stream_import_device(&exported, pool, &again, err));
    elea_status status = elea_table_new_from_stream(pool, again, &back, err);
    elea_record_stream_free(again);
    elea_table_unref(back);
    return status;
}

static elea_status chunks_body(elea_pool *pool, void *context, elea_error *err) {
    elea_chunked_array *back = NULL;
    struct ArrowDeviceArrayStream exported;
    ELEA_TRY(elea_chunked_array_export_device(context, pool, &exported, err));
    ELEA_TRY(elea_chunked_array_import_device(&exported, pool, &back, err));
    elea_chunked_array_unref(back);
    return ELEA_OK;
}

static void memory_may_run_out(void **state) {
    (void)state;
    elea_error err = {0};
    elea_record_batch *batch = random_batch(7);
    const elea_record_batch *const batches[] = {batch};
    elea_table *table = NULL;
    assert_ok(elea_table_new_from_batches(NULL, elea_record_batch_schema(batch), batches, 1, &table,
                                          &err));
    elea_test_fail_each_allocation(stream_body, table);
    elea_table_unref(table);
    elea_record_batch_unref(batch);
    elea_chunked_array *chunks = random_chunks(13);
    elea_test_fail_each_allocation(chunks_body, chunks);
    elea_chunked_array_unref(chunks);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_survive_the_round_trip),
        cmocka_unit_test(batches_survive_the_round_trip),
        cmocka_unit_test(other_devices_are_refused),
        cmocka_unit_test(streams_survive_the_round_trip),
        cmocka_unit_test(chunks_survive_the_round_trip),
        cmocka_unit_test(failing_producers),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
