// SPDX-License-Identifier: Apache-2.0
//
// The C async device stream interface for data on the CPU: a record stream that is sent from the
// thread of the caller, and one that is received from whatever thread the producer has.
#include <errno.h>

#include "abi/errno_internal.h"
#include "base/math_internal.h"
#include "base/os_internal.h"
#include "elea/abi.h"

// ---- sending

// On the stack of the thread that sends. Consumers call in from theirs until they are released.
typedef struct sender {
    struct ArrowAsyncProducer producer;
    elea_pool *pool;
    struct ArrowAsyncDeviceStreamHandler *handler;
    elea__os_mutex mutex;
    elea__os_condition condition;
    // Under the mutex:
    int64_t requested;
    int64_t wrong_request; // 0: none
    bool is_cancelled;
} sender;

// A batch on its way: exported already, so that to extract it cannot fail.
typedef struct parcel {
    elea_pool *pool;
    struct ArrowDeviceArray array;
} parcel;

static void sender_request(struct ArrowAsyncProducer *producer, int64_t count) {
    sender *self = producer->private_data;
    elea__os_mutex_lock(&self->mutex);
    if (count <= 0)
        self->wrong_request = count == 0 ? -1 : count;
    else if (elea__add_overflow(self->requested, count, &self->requested))
        self->requested = INT64_MAX;
    elea__os_condition_signal(&self->condition);
    elea__os_mutex_unlock(&self->mutex);
}

static void sender_cancel(struct ArrowAsyncProducer *producer) {
    sender *self = producer->private_data;
    elea__os_mutex_lock(&self->mutex);
    self->is_cancelled = true;
    elea__os_condition_signal(&self->condition);
    elea__os_mutex_unlock(&self->mutex);
}

static int parcel_extract(struct ArrowAsyncTask *task, struct ArrowDeviceArray *out) {
    parcel *self = task->private_data;
    if (out)
        *out = self->array;
    else
        self->array.array.release(&self->array.array);
    elea_dealloc(self->pool, self, (int64_t)sizeof *self);
    return 0;
}

static elea_status parcel_new(const elea_record_batch *batch, elea_pool *pool, parcel **out,
                              elea_error *err) {
    parcel *self;
    ELEA_TRY(elea_alloc(pool, (int64_t)sizeof *self, (void **)&self, err));
    self->pool = pool;
    elea_status status = elea_record_batch_export_device(batch, pool, &self->array, err);
    if (status == ELEA_OK)
        *out = self;
    else
        elea_dealloc(pool, self, (int64_t)sizeof *self);
    return status;
}

// What failed here is told to the consumer and to the caller.
static elea_status tell(sender *self, elea_status status, const elea_error *err) {
    self->handler->on_error(self->handler, elea__errno_of_status(status), elea_error_message(err),
                            NULL);
    return status;
}

static elea_status consumer_failed(int code, const char *call, elea_error *err) {
    return elea_error_set(err, elea__status_of_errno(code), "%s gave errno %d", call, code);
}

static elea_status send_schema(sender *self, const elea_schema *schema, elea_error *err) {
    struct ArrowSchema exported;
    self->handler->producer = &self->producer;
    elea_status status = elea_schema_export(schema, self->pool, &exported, err);
    if (status != ELEA_OK)
        return tell(self, status, err);
    int code = self->handler->on_schema(self->handler, &exported);
    if (exported.release)
        exported.release(&exported); // it was not taken
    return code == 0 ? ELEA_OK : consumer_failed(code, "on_schema", err);
}

// Waits until a batch is wanted.
static elea_status wait_for_request(sender *self, elea_error *err) {
    elea__os_mutex_lock(&self->mutex);
    while (self->requested == 0 && self->wrong_request == 0 && !self->is_cancelled)
        elea__os_condition_wait(&self->condition, &self->mutex);
    int64_t wrong_request = self->wrong_request;
    bool is_cancelled = self->is_cancelled;
    self->requested -= self->requested > 0;
    elea__os_mutex_unlock(&self->mutex);
    if (is_cancelled)
        return elea_error_set(err, ELEA_ECANCELLED, "the consumer cancelled the stream");
    if (wrong_request == 0)
        return ELEA_OK;
    return tell(self, elea_error_set(err, ELEA_EINVAL, "a request of no arrays, or less than none"),
                err);
}

static elea_status send_batch(sender *self, const elea_record_batch *batch, elea_error *err) {
    parcel *made = NULL;
    ELEA_TRY(wait_for_request(self, err));
    elea_status status = parcel_new(batch, self->pool, &made, err);
    if (status != ELEA_OK)
        return tell(self, status, err);
    struct ArrowAsyncTask task = {.extract_data = parcel_extract, .private_data = made};
    int code = self->handler->on_next_task(self->handler, &task, NULL);
    return code == 0 ? ELEA_OK : consumer_failed(code, "on_next_task", err);
}

// The next batch is asked for before it is wanted, so that the end is told at once.
static elea_status send_all(sender *self, elea_record_stream *stream, elea_error *err) {
    ELEA_TRY(send_schema(self, elea_record_stream_schema(stream), err));
    for (;;) {
        elea_record_batch *batch = NULL;
        elea_status status = elea_record_stream_next(stream, &batch, err);
        if (status != ELEA_OK)
            return tell(self, status, err);
        if (!batch)
            break;
        status = send_batch(self, batch, err);
        elea_record_batch_unref(batch);
        ELEA_TRY(status);
    }
    int code = self->handler->on_next_task(self->handler, NULL, NULL);
    return code == 0 ? ELEA_OK : consumer_failed(code, "on_next_task", err);
}

elea_status elea_record_stream_send(elea_record_stream *stream, elea_pool *pool,
                                    struct ArrowAsyncDeviceStreamHandler *handler,
                                    elea_error *err) {
    elea_error own = {.status = ELEA_OK};
    sender self = {.producer = {.device_type = ARROW_DEVICE_CPU,
                                .request = sender_request,
                                .cancel = sender_cancel},
                   .pool = pool,
                   .handler = handler};
    self.producer.private_data = &self;
    elea__os_mutex_init(&self.mutex);
    elea__os_condition_init(&self.condition);
    elea_status status = send_all(&self, stream, err ? err : &own);
    handler->release(handler);
    elea__os_condition_release(&self.condition);
    elea__os_mutex_release(&self.mutex);
    return status;
}

// ---- receiving

// Belongs to the stream of the consumer and to the producer, until both have let go.
typedef struct receiver {
    elea_record_stream base;
    struct ArrowAsyncDeviceStreamHandler handler;
    elea_pool *pool;
    int64_t allocated;
    elea_schema *schema;
    elea__os_mutex mutex;
    elea__os_condition condition;
    // Under the mutex:
    struct ArrowAsyncProducer *producer; // NULL before the schema and after the release
    int owner_count;
    bool is_calling; // the consumer is in a call of the producer, which must not go meanwhile
    bool is_closed;  // the consumer is gone
    bool is_ended;
    elea_error error;
    int64_t first;
    int64_t count;
    int64_t capacity;
    struct ArrowAsyncTask tasks[];
} receiver;

static void receiver_drop(receiver *self) {
    elea__os_mutex_lock(&self->mutex);
    bool is_last = --self->owner_count == 0;
    elea__os_mutex_unlock(&self->mutex);
    if (!is_last)
        return;
    elea_schema_unref(self->schema);
    elea__os_condition_release(&self->condition);
    elea__os_mutex_release(&self->mutex);
    elea_dealloc(self->pool, self, self->allocated);
}

// The first error stays. Under the mutex.
static int receiver_fail(receiver *self, const elea_error *error) {
    if (self->error.status == ELEA_OK)
        self->error = *error;
    elea__os_condition_broadcast(&self->condition);
    return elea__errno_of_status(error->status);
}

static int on_schema(struct ArrowAsyncDeviceStreamHandler *handler, struct ArrowSchema *source) {
    receiver *self = handler->private_data;
    elea_error error = {.status = ELEA_OK};
    elea_schema *schema = NULL;
    elea_status status = elea_schema_import(source, self->pool, &schema, &error);
    struct ArrowAsyncProducer *producer = handler->producer;
    if (status == ELEA_OK && (!producer || !producer->request || !producer->cancel))
        status = elea_error_set(&error, ELEA_EINVAL, "the ArrowAsyncProducer is not filled");
    if (status == ELEA_OK && producer->device_type != ARROW_DEVICE_CPU)
        status = elea_error_set(&error, ELEA_EUNSUPPORTED,
                                "data on a device of type %d, expected 1, the CPU",
                                producer->device_type);
    int code = 0;
    elea__os_mutex_lock(&self->mutex);
    if (status == ELEA_OK && self->schema)
        status = elea_error_set(&error, ELEA_EINVAL, "a second schema");
    if (status == ELEA_OK) {
        self->schema = schema;
        self->producer = producer;
        schema = NULL;
        elea__os_condition_broadcast(&self->condition);
    } else {
        code = receiver_fail(self, &error);
    }
    elea__os_mutex_unlock(&self->mutex);
    elea_schema_unref(schema);
    if (status == ELEA_OK)
        producer->request(producer, self->capacity);
    return code;
}

static int on_next_task(struct ArrowAsyncDeviceStreamHandler *handler, struct ArrowAsyncTask *task,
                        const char *metadata) {
    receiver *self = handler->private_data;
    int code = 0;
    (void)metadata;
    elea__os_mutex_lock(&self->mutex);
    bool is_kept = task && !self->is_closed && self->count < self->capacity;
    if (is_kept) {
        self->tasks[(self->first + self->count++) % self->capacity] = *task;
    } else if (!task) {
        self->is_ended = true;
    } else if (self->is_closed) {
        code = ECANCELED;
    } else {
        elea_error error = {.status = ELEA_OK};
        elea_error_set(&error, ELEA_EINVAL, "more arrays than were requested");
        code = receiver_fail(self, &error);
    }
    elea__os_condition_broadcast(&self->condition);
    elea__os_mutex_unlock(&self->mutex);
    if (task && !is_kept)
        task->extract_data(task, NULL);
    return code;
}

static void on_error(struct ArrowAsyncDeviceStreamHandler *handler, int code, const char *message,
                     const char *metadata) {
    receiver *self = handler->private_data;
    elea_error error = {.status = ELEA_OK};
    (void)metadata;
    elea_error_set(&error, elea__status_of_errno(code), "the producer gave errno %d: %s", code,
                   message ? message : "no message");
    error.os_code = code;
    elea__os_mutex_lock(&self->mutex);
    receiver_fail(self, &error);
    elea__os_mutex_unlock(&self->mutex);
}

static void on_release(struct ArrowAsyncDeviceStreamHandler *handler) {
    receiver *self = handler->private_data;
    elea__os_mutex_lock(&self->mutex);
    while (self->is_calling)
        elea__os_condition_wait(&self->condition, &self->mutex);
    self->producer = NULL;
    self->is_ended = true;
    handler->release = NULL;
    elea__os_condition_broadcast(&self->condition);
    elea__os_mutex_unlock(&self->mutex);
    receiver_drop(self);
}

// Calls the producer, if it is still there, without the mutex: it may have one of its own, which it
// holds while it calls us.
static void call_producer(receiver *self, int64_t request) {
    elea__os_mutex_lock(&self->mutex);
    struct ArrowAsyncProducer *producer = self->producer;
    self->is_calling = producer != NULL;
    elea__os_mutex_unlock(&self->mutex);
    if (!producer)
        return;
    if (request > 0)
        producer->request(producer, request);
    else
        producer->cancel(producer);
    elea__os_mutex_lock(&self->mutex);
    self->is_calling = false;
    elea__os_condition_broadcast(&self->condition);
    elea__os_mutex_unlock(&self->mutex);
}

// What was received before an error comes before it. Gives whether there is a task; if not, whether
// an error is why.
static bool take_task(receiver *self, struct ArrowAsyncTask *out, elea_error *error) {
    elea__os_mutex_lock(&self->mutex);
    while (self->count == 0 && !self->is_ended && self->error.status == ELEA_OK)
        elea__os_condition_wait(&self->condition, &self->mutex);
    bool is_there = self->count > 0;
    if (is_there) {
        *out = self->tasks[self->first];
        self->first = (self->first + 1) % self->capacity;
        self->count--;
    } else {
        *error = self->error;
    }
    elea__os_mutex_unlock(&self->mutex);
    return is_there;
}

static elea_status receive_batch(receiver *self, struct ArrowAsyncTask *task,
                                 elea_record_batch **out, elea_error *err) {
    struct ArrowDeviceArray array = {.device_type = ARROW_DEVICE_CPU};
    int code = task->extract_data(task, &array);
    if (code != 0)
        return elea_error_set(err, elea__status_of_errno(code), "extract_data gave errno %d", code);
    return elea_record_batch_import_device(&array, self->schema, self->pool, out, err);
}

static const elea_schema *receiver_schema(elea_record_stream *stream) {
    return ((receiver *)stream)->schema;
}

static elea_status receiver_next(elea_record_stream *stream, elea_record_batch **out,
                                 elea_error *err) {
    receiver *self = (receiver *)stream;
    struct ArrowAsyncTask task;
    elea_error own = {.status = ELEA_OK};
    if (!take_task(self, &task, &own)) {
        if (own.status == ELEA_OK)
            *out = NULL;
        else if (err)
            *err = own;
        return own.status;
    }
    call_producer(self, 1);
    elea_status status = receive_batch(self, &task, out, &own);
    if (status == ELEA_OK)
        return ELEA_OK;
    elea__os_mutex_lock(&self->mutex);
    receiver_fail(self, &own);
    elea__os_mutex_unlock(&self->mutex);
    if (err)
        *err = own;
    return status;
}

static void receiver_free(elea_record_stream *stream) {
    receiver *self = (receiver *)stream;
    struct ArrowAsyncTask task;
    elea_error ignored;
    elea__os_mutex_lock(&self->mutex);
    self->is_closed = true;
    bool is_over = self->is_ended;
    self->is_ended = true; // no more waiting
    elea__os_mutex_unlock(&self->mutex);
    while (take_task(self, &task, &ignored))
        task.extract_data(&task, NULL);
    if (!is_over)
        call_producer(self, 0);
    receiver_drop(self);
}

static const elea_record_stream_ops receiver_ops = {receiver_schema, receiver_next, receiver_free};

static elea_status receiver_new(elea_pool *pool, int64_t queue_max, receiver **out,
                                elea_error *err) {
    int64_t size;
    receiver *self;
    if (queue_max < 1 ||
        elea__mul_overflow(queue_max, (int64_t)sizeof(struct ArrowAsyncTask), &size) ||
        elea__add_overflow(size, (int64_t)sizeof(receiver), &size))
        return elea_error_set(err, ELEA_EINVAL, "a queue of %lld arrays", (long long)queue_max);
    ELEA_TRY(elea_alloc(pool, size, (void **)&self, err));
    *self = (receiver){.base.ops = &receiver_ops,
                       .handler = {.on_schema = on_schema,
                                   .on_next_task = on_next_task,
                                   .on_error = on_error,
                                   .release = on_release,
                                   .private_data = self},
                       .pool = pool,
                       .allocated = size,
                       .owner_count = 2,
                       .capacity = queue_max};
    elea__os_mutex_init(&self->mutex);
    elea__os_condition_init(&self->condition);
    *out = self;
    return ELEA_OK;
}

elea_status elea_record_stream_receive(elea_pool *pool, int64_t queue_max, elea_async_start start,
                                       void *context, elea_record_stream **out, elea_error *err) {
    receiver *self = NULL;
    ELEA_TRY(receiver_new(pool, queue_max, &self, err));
    elea_status status = start(&self->handler, context, err);
    if (status != ELEA_OK) {
        receiver_drop(self);
        receiver_drop(self);
        return status;
    }
    elea__os_mutex_lock(&self->mutex);
    while (!self->schema && !self->is_ended && self->error.status == ELEA_OK)
        elea__os_condition_wait(&self->condition, &self->mutex);
    if (!self->schema)
        status = self->error.status != ELEA_OK
                     ? self->error.status
                     : elea_error_set(err, ELEA_EINVAL, "the producer went without a schema");
    if (self->error.status != ELEA_OK && status != ELEA_OK && err)
        *err = self->error;
    elea__os_mutex_unlock(&self->mutex);
    if (status == ELEA_OK)
        *out = &self->base;
    else
        receiver_free(&self->base);
    return status;
}
