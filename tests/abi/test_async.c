// SPDX-License-Identifier: Apache-2.0
//
// The async device stream interface: a sender and a receiver in two threads, and each of them
// against a counterpart that does as the test says.
#include "support/cmocka_all.h"

#include <errno.h>
#include <stdio.h>

#include <elea/abi.h>

#include "base/os_internal.h"
#include "support/alloc_failures.h"
#include "support/random_data.h"

static elea_table *random_table(int64_t batch_count) {
    elea_error err = {0};
    elea_test_random random = {.state = 21};
    elea_record_batch *batch = elea_test_random_batch(&random, 4, 50, 2);
    const elea_record_batch *batches[64];
    elea_table *table = NULL;
    for (int64_t i = 0; i < batch_count; i++)
        batches[i] = batch;
    assert_ok(elea_table_new_from_batches(NULL, elea_record_batch_schema(batch), batches,
                                          batch_count, &table, &err));
    elea_record_batch_unref(batch);
    return table;
}

static void assert_same(const elea_table *a, const elea_table *b) {
    elea_error err = {0};
    elea_equal_options options;
    bool equal = false;
    elea_equal_options_init(&options);
    options.nans_equal = true;
    assert_ok(elea_table_equal(a, b, &options, &equal, &err));
    assert_true(equal);
}

// ---- a stream that fails at its third batch

typedef struct failing_stream {
    elea_record_stream base;
    elea_record_stream *inner;
    int calls;
} failing_stream;

static const elea_schema *failing_schema(elea_record_stream *stream) {
    return elea_record_stream_schema(((failing_stream *)stream)->inner);
}

static elea_status failing_next(elea_record_stream *stream, elea_record_batch **out,
                                elea_error *err) {
    failing_stream *self = (failing_stream *)stream;
    if (self->calls++ == 2)
        return elea_error_set(err, ELEA_EIO, "the disk is on fire");
    return elea_record_stream_next(self->inner, out, err);
}

static void failing_free(elea_record_stream *stream) {
    elea_record_stream_free(((failing_stream *)stream)->inner);
}

static const elea_record_stream_ops failing_ops = {failing_schema, failing_next, failing_free};

// ---- two threads

typedef struct sending {
    const elea_table *table;
    bool fails;
    struct ArrowAsyncDeviceStreamHandler *handler;
    elea__os_thread thread;
    elea_status status;
    elea_error error;
} sending;

static void sending_run(void *context) {
    sending *self = context;
    failing_stream stream = {.base.ops = &failing_ops, .calls = self->fails ? 0 : 1000};
    self->status =
        elea_record_stream_new_from_table(NULL, self->table, 0, &stream.inner, &self->error);
    if (self->status == ELEA_OK)
        self->status = elea_record_stream_send(&stream.base, NULL, self->handler, &self->error);
    elea_record_stream_free(&stream.base);
}

static elea_status sending_start(struct ArrowAsyncDeviceStreamHandler *handler, void *context,
                                 elea_error *err) {
    sending *self = context;
    self->handler = handler;
    return elea__os_thread_start(sending_run, self, &self->thread, err);
}

static void tables_cross_threads(void **state) {
    (void)state;
    elea_error err = {0};
    for (int64_t batch_count = 0; batch_count <= 40; batch_count += 8) {
        for (int64_t queue_max = 1; queue_max <= 5; queue_max += 4) {
            elea_table *table = random_table(batch_count);
            elea_table *back = NULL;
            elea_record_stream *stream = NULL;
            sending sent = {.table = table};
            assert_ok(
                elea_record_stream_receive(NULL, queue_max, sending_start, &sent, &stream, &err));
            assert_true(elea_schema_equal(elea_record_stream_schema(stream),
                                          elea_table_schema(table), true));
            assert_ok(elea_table_new_from_stream(NULL, stream, &back, &err));
            assert_same(table, back);
            elea_record_batch *none = NULL;
            assert_ok(elea_record_stream_next(stream, &none, &err));
            assert_null(none);
            elea_record_stream_free(stream);
            elea__os_thread_join(sent.thread);
            assert_int_equal(sent.status, ELEA_OK);
            elea_table_unref(back);
            elea_table_unref(table);
        }
    }
}

static void consumers_may_leave_early(void **state) {
    (void)state;
    elea_error err = {0};
    elea_table *table = random_table(40);
    for (int taken = 0; taken < 4; taken++) {
        elea_record_stream *stream = NULL;
        sending sent = {.table = table};
        assert_ok(elea_record_stream_receive(NULL, 3, sending_start, &sent, &stream, &err));
        for (int i = 0; i < taken; i++) {
            elea_record_batch *batch = NULL;
            assert_ok(elea_record_stream_next(stream, &batch, &err));
            elea_record_batch_unref(batch);
        }
        elea_record_stream_free(stream);
        elea__os_thread_join(sent.thread);
        assert_int_equal(sent.status, ELEA_ECANCELLED);
    }
    elea_table_unref(table);
}

static void errors_cross_threads(void **state) {
    (void)state;
    elea_error err = {0};
    elea_table *table = random_table(10);
    elea_record_stream *stream = NULL;
    elea_record_batch *batch = NULL;
    sending sent = {.table = table, .fails = true};
    assert_ok(elea_record_stream_receive(NULL, 4, sending_start, &sent, &stream, &err));
    for (int i = 0; i < 2; i++) {
        assert_ok(elea_record_stream_next(stream, &batch, &err));
        elea_record_batch_unref(batch);
    }
    for (int i = 0; i < 2; i++) {
        assert_fails(ELEA_EIO, "the producer gave errno 5: the disk is on fire",
                     elea_record_stream_next(stream, &batch, &err));
        assert_int_equal(err.os_code, EIO);
    }
    assert_int_equal(elea_record_stream_next(stream, &batch, NULL), ELEA_EIO);
    elea_record_stream_free(stream);
    elea__os_thread_join(sent.thread);
    assert_int_equal(sent.status, ELEA_EIO);
    assert_string_equal(sent.error.message, "the disk is on fire");
    elea_table_unref(table);
}

// ---- a consumer that does as it is told

typedef struct consumer {
    struct ArrowAsyncDeviceStreamHandler handler;
    int schema_code;
    int task_code;   // of the second task
    int64_t request; // made at the schema
    bool leaves_schema;
    bool cancels; // at the second task
    bool wants_data;
    int tasks;
    int ends;
    int errors;
    int releases;
    int error_code;
    char message[100];
} consumer;

static int consumer_schema(struct ArrowAsyncDeviceStreamHandler *handler,
                           struct ArrowSchema *schema) {
    consumer *self = handler->private_data;
    assert_int_equal(handler->producer->device_type, ARROW_DEVICE_CPU);
    assert_null(handler->producer->additional_metadata);
    if (!self->leaves_schema)
        schema->release(schema);
    if (self->schema_code == 0)
        handler->producer->request(handler->producer, self->request);
    return self->schema_code;
}

static int consumer_task(struct ArrowAsyncDeviceStreamHandler *handler, struct ArrowAsyncTask *task,
                         const char *metadata) {
    consumer *self = handler->private_data;
    assert_null(metadata);
    if (!task) {
        self->ends++;
        return 0;
    }
    struct ArrowDeviceArray array;
    assert_int_equal(task->extract_data(task, self->wants_data ? &array : NULL), 0);
    if (self->wants_data) {
        assert_int_equal(array.device_type, ARROW_DEVICE_CPU);
        array.array.release(&array.array);
    }
    self->tasks++;
    if (self->cancels && self->tasks == 2)
        handler->producer->cancel(handler->producer);
    return self->tasks == 2 ? self->task_code : 0;
}

static void consumer_error(struct ArrowAsyncDeviceStreamHandler *handler, int code,
                           const char *message, const char *metadata) {
    consumer *self = handler->private_data;
    assert_null(metadata);
    self->errors++;
    self->error_code = code;
    snprintf(self->message, sizeof self->message, "%s", message);
}

static void consumer_release(struct ArrowAsyncDeviceStreamHandler *handler) {
    ((consumer *)handler->private_data)->releases++;
    handler->release = NULL;
}

static elea_status send_to(consumer *self, const elea_table *table, elea_pool *pool,
                           elea_error *err) {
    elea_record_stream *stream = NULL;
    self->handler = (struct ArrowAsyncDeviceStreamHandler){.on_schema = consumer_schema,
                                                           .on_next_task = consumer_task,
                                                           .on_error = consumer_error,
                                                           .release = consumer_release,
                                                           .private_data = self};
    ELEA_TRY(elea_record_stream_new_from_table(pool, table, 0, &stream, err));
    elea_status status = elea_record_stream_send(stream, pool, &self->handler, err);
    elea_record_stream_free(stream);
    assert_int_equal(self->releases, 1);
    return status;
}

static void consumers_are_obeyed(void **state) {
    (void)state;
    elea_error err = {0};
    elea_table *table = random_table(4);
    // Exactly as many as there are, and the end without a further request.
    consumer self = {.request = 4, .wants_data = true};
    assert_ok(send_to(&self, table, NULL, &err));
    assert_int_equal(self.tasks, 4);
    assert_int_equal(self.ends, 1);
    assert_int_equal(self.errors, 0);

    self = (consumer){.request = INT64_MAX, .leaves_schema = true};
    assert_ok(send_to(&self, table, NULL, &err));
    assert_int_equal(self.tasks, 4);

    self = (consumer){.request = 10, .schema_code = ENOMEM, .leaves_schema = true};
    assert_fails(ELEA_ENOMEM, "on_schema gave errno", send_to(&self, table, NULL, &err));
    assert_int_equal(self.tasks + self.errors + self.ends, 0);

    self = (consumer){.request = 10, .task_code = EIO};
    assert_fails(ELEA_EIO, "on_next_task gave errno 5", send_to(&self, table, NULL, &err));
    assert_int_equal(self.tasks, 2);
    assert_int_equal(self.errors + self.ends, 0);

    self = (consumer){.request = 10, .cancels = true};
    assert_fails(ELEA_ECANCELLED, "cancelled", send_to(&self, table, NULL, &err));
    assert_int_equal(self.tasks, 2);
    assert_int_equal(self.errors + self.ends, 0);

    for (int64_t request = -1; request <= 0; request++) {
        self = (consumer){.request = request};
        assert_fails(ELEA_EINVAL, "a request of no arrays", send_to(&self, table, NULL, &err));
        assert_int_equal(self.errors, 1);
        assert_int_equal(self.error_code, EINVAL);
        assert_non_null(strstr(self.message, "a request of no arrays"));
        assert_int_equal(self.tasks + self.ends, 0);
    }
    elea_table_unref(table);
}

// ---- a producer that does as it is told, in the thread of the consumer

typedef struct producer {
    struct ArrowAsyncProducer base;
    elea_table *table; // of one batch
    struct ArrowAsyncDeviceStreamHandler *handler;
    int32_t device; // of the arrays
    int tasks;      // given at once
    int extract_code;
    int error_code; // given after the tasks
    bool has_schema;
    bool has_second_schema;
    bool keeps; // does not release; the test does
    int64_t requested;
    int cancelled;
    int extracted;
    int unwanted;
    int code;
} producer;

static void producer_request(struct ArrowAsyncProducer *base, int64_t count) {
    ((producer *)base->private_data)->requested += count;
}

static void producer_cancel(struct ArrowAsyncProducer *base) {
    ((producer *)base->private_data)->cancelled++;
}

static int producer_extract(struct ArrowAsyncTask *task, struct ArrowDeviceArray *out) {
    producer *self = task->private_data;
    elea_record_stream *stream = NULL;
    elea_record_batch *batch = NULL;
    self->extracted++;
    self->unwanted += out == NULL;
    if (!out || self->extract_code)
        return self->extract_code;
    if (elea_record_stream_new_from_table(NULL, self->table, 0, &stream, NULL) != ELEA_OK ||
        elea_record_stream_next(stream, &batch, NULL) != ELEA_OK ||
        elea_record_batch_export_device(batch, NULL, out, NULL) != ELEA_OK)
        return ENOMEM;
    elea_record_batch_unref(batch);
    elea_record_stream_free(stream);
    out->device_type = self->device;
    return 0;
}

static int give_schema(producer *self) {
    struct ArrowSchema schema;
    if (elea_schema_export(elea_table_schema(self->table), NULL, &schema, NULL) != ELEA_OK)
        return ENOMEM;
    int code = self->handler->on_schema(self->handler, &schema);
    if (schema.release)
        schema.release(&schema);
    return code;
}

static elea_status producer_start(struct ArrowAsyncDeviceStreamHandler *handler, void *context,
                                  elea_error *err) {
    producer *self = context;
    (void)err;
    self->handler = handler;
    self->base.request = producer_request;
    self->base.cancel = producer_cancel;
    self->base.private_data = self;
    handler->producer = &self->base;
    if (self->has_schema)
        self->code = give_schema(self);
    if (self->has_second_schema)
        self->code = give_schema(self);
    struct ArrowAsyncTask task = {producer_extract, self};
    for (int i = 0; i < self->tasks && self->code == 0; i++)
        self->code = handler->on_next_task(handler, &task, NULL);
    if (self->error_code)
        handler->on_error(handler, self->error_code, NULL, NULL);
    else if (self->code == 0 && !self->keeps && self->has_schema)
        handler->on_next_task(handler, NULL, NULL);
    if (!self->keeps)
        handler->release(handler);
    return ELEA_OK;
}

static elea_status refuse_start(struct ArrowAsyncDeviceStreamHandler *handler, void *context,
                                elea_error *err) {
    (void)handler, (void)context;
    return elea_error_set(err, ELEA_EFOREIGN, "no producer today");
}

static elea_status receive_table(producer *self, elea_pool *pool, elea_table **out,
                                 elea_error *err) {
    elea_record_stream *stream = NULL;
    ELEA_TRY(elea_record_stream_receive(pool, 2, producer_start, self, &stream, err));
    elea_status status = elea_table_new_from_stream(pool, stream, out, err);
    elea_record_stream_free(stream);
    return status;
}

static void producers_are_checked(void **state) {
    (void)state;
    elea_error err = {0};
    elea_table *table = random_table(1);
    elea_table *back = NULL;
    const producer good = {.base.device_type = ARROW_DEVICE_CPU,
                           .table = table,
                           .device = ARROW_DEVICE_CPU,
                           .has_schema = true};
    producer self = good;
    self.tasks = 2;
    assert_ok(receive_table(&self, NULL, &back, &err));
    assert_int_equal(elea_table_length(back), 100);
    assert_int_equal(self.requested, 2); // the rest was asked of nobody: it had been released
    assert_int_equal(self.extracted, 2);
    elea_table_unref(back);
    back = NULL;

    // The first error stays.
    self = good;
    self.tasks = 3;
    self.error_code = EPERM;
    assert_fails(ELEA_EINVAL, "more arrays than were requested",
                 receive_table(&self, NULL, &back, &err));
    assert_int_equal(self.code, EINVAL);
    assert_int_equal(self.extracted, 3);
    assert_int_equal(self.unwanted, 1);

    self = good;
    self.tasks = 1;
    self.extract_code = EIO;
    assert_fails(ELEA_EIO, "extract_data gave errno 5", receive_table(&self, NULL, &back, &err));

    self = good;
    self.tasks = 1;
    self.device = ARROW_DEVICE_CUDA;
    assert_fails(ELEA_EUNSUPPORTED, "a device of type 2", receive_table(&self, NULL, &back, &err));

    self = good;
    self.tasks = 1;
    self.error_code = ENOENT;
    assert_fails(ELEA_ENOTFOUND, "the producer gave errno 2: no message",
                 receive_table(&self, NULL, &back, &err));
    assert_int_equal(self.extracted, 1);

    self = good;
    self.has_schema = false;
    assert_fails(ELEA_EINVAL, "the producer went without a schema",
                 receive_table(&self, NULL, &back, &err));
    self.error_code = EPERM;
    assert_fails(ELEA_EFOREIGN, "errno 1", receive_table(&self, NULL, &back, &err));

    self = good;
    self.has_second_schema = true;
    assert_fails(ELEA_EINVAL, "a second schema", receive_table(&self, NULL, &back, &err));

    self = good;
    self.base.device_type = ARROW_DEVICE_METAL;
    assert_fails(ELEA_EUNSUPPORTED, "a device of type 8", receive_table(&self, NULL, &back, &err));
    assert_int_equal(self.code, ENOSYS);

    assert_null(back);
    elea_table_unref(table);
}

static void receivers_need_a_start(void **state) {
    (void)state;
    elea_error err = {0};
    elea_record_stream *stream = NULL;
    producer self = {.tasks = 0};
    assert_fails(ELEA_EFOREIGN, "no producer today",
                 elea_record_stream_receive(NULL, 2, refuse_start, NULL, &stream, &err));
    assert_fails(ELEA_EINVAL, "a queue of 0 arrays",
                 elea_record_stream_receive(NULL, 0, producer_start, &self, &stream, &err));
    assert_fails(
        ELEA_EINVAL, "a queue of",
        elea_record_stream_receive(NULL, INT64_MAX / 8, producer_start, &self, &stream, &err));
    assert_null(stream);
}

// The consumer leaves; the producer is cancelled, gives one more, and releases later.
static void late_producers(void **state) {
    (void)state;
    elea_error err = {0};
    elea_table *table = random_table(1);
    elea_record_stream *stream = NULL;
    elea_record_batch *batch = NULL;
    producer self = {.base.device_type = ARROW_DEVICE_CPU,
                     .table = table,
                     .device = ARROW_DEVICE_CPU,
                     .has_schema = true,
                     .keeps = true,
                     .tasks = 2};
    assert_ok(elea_record_stream_receive(NULL, 3, producer_start, &self, &stream, &err));
    assert_int_equal(self.requested, 3);
    assert_ok(elea_record_stream_next(stream, &batch, &err));
    elea_record_batch_unref(batch);
    assert_int_equal(self.requested, 4);
    elea_record_stream_free(stream);
    assert_int_equal(self.cancelled, 1);
    assert_int_equal(self.extracted, 2);
    struct ArrowAsyncTask task = {producer_extract, &self};
    assert_int_equal(self.handler->on_next_task(self.handler, &task, NULL), ECANCELED);
    assert_int_equal(self.unwanted, 2);
    self.handler->release(self.handler);
    elea_table_unref(table);
}

// ---- memory

static elea_status send_body(elea_pool *pool, void *context, elea_error *err) {
    consumer self = {.request = 10};
    ELEA_TRY(send_to(&self, context, pool, err));
    self = (consumer){.request = 10, .leaves_schema = true};
    return send_to(&self, context, pool, err);
}

static elea_status receive_body(elea_pool *pool, void *context, elea_error *err) {
    producer self = {.base.device_type = ARROW_DEVICE_CPU,
                     .table = context,
                     .device = ARROW_DEVICE_CPU,
                     .has_schema = true,
                     .tasks = 2};
    elea_table *back = NULL;
    elea_status status = receive_table(&self, pool, &back, err);
    elea_table_unref(back);
    return status;
}

static void memory_may_run_out(void **state) {
    (void)state;
    elea_table *table = random_table(3);
    elea_test_fail_each_allocation(send_body, table);
    elea_table_unref(table);
    table = random_table(1);
    elea_test_fail_each_allocation(receive_body, table);
    elea_table_unref(table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_cross_threads),  cmocka_unit_test(consumers_may_leave_early),
        cmocka_unit_test(errors_cross_threads),  cmocka_unit_test(consumers_are_obeyed),
        cmocka_unit_test(producers_are_checked), cmocka_unit_test(receivers_need_a_start),
        cmocka_unit_test(late_producers),        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
