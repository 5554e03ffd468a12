// SPDX-License-Identifier: Apache-2.0
#include "ipc/framer.h"

#include <string.h>

#include "base/buffer_internal.h"
#include "base/copy_internal.h"
#include "base/math_internal.h"
#include "ipc/format.h"

// Memory for a part that is put together begins with this and grows as bytes come, so that a false
// size costs no memory.
#define CAPACITY_FIRST 4096

// The four bytes that a file begins with, as the size they would be in a stream, and the next four.
#define MAGIC_FIRST INT32_C(0x4f525241)
#define MAGIC_REST "W1\0\0"

void elea__ipc_framer_init(elea__ipc_framer *framer, elea_pool *pool, int64_t metadata_size_max,
                           int64_t origin) {
    *framer = (elea__ipc_framer){.pool = pool,
                                 .metadata_size_max = metadata_size_max,
                                 .state = ELEA__FRAMER_PREFIX,
                                 .position = origin,
                                 .needed = sizeof framer->prefix};
}

static void drop_block(elea__ipc_framer *framer) {
    elea_dealloc(framer->pool, framer->block, framer->capacity);
    framer->block = NULL;
    framer->capacity = 0;
}

void elea__ipc_framer_release(elea__ipc_framer *framer) {
    elea__ipc_message message;
    while (elea__ipc_framer_take(framer, &message))
        elea__ipc_message_release(&message);
    elea__ipc_list_release(&framer->messages, framer->pool, sizeof message);
    elea__ipc_message_release(&framer->message);
    drop_block(framer);
}

// ---- states

static void go(elea__ipc_framer *framer, elea__ipc_framer_state state, int64_t needed) {
    framer->state = state;
    framer->needed = needed;
    framer->filled = 0;
}

// Where the part at hand begins.
static int64_t start_of_part(const elea__ipc_framer *framer) {
    return framer->position - framer->filled;
}

static elea_status finish_message(elea__ipc_framer *framer, elea_error *err) {
    ELEA_TRY(elea__ipc_list_push(&framer->messages, framer->pool, &framer->message,
                                 sizeof framer->message, err));
    framer->message = (elea__ipc_message){.metadata = NULL};
    go(framer, ELEA__FRAMER_PREFIX, sizeof framer->prefix);
    return ELEA_OK;
}

// The size of the metadata was read.
static elea_status begin_metadata(elea__ipc_framer *framer, int64_t size, elea_error *err) {
    if (size == 0) {
        go(framer, ELEA__FRAMER_ENDED, 0);
        return ELEA_OK;
    }
    if (size < 0)
        return elea_error_set(err, ELEA_EINVAL,
                              "file offset %lld: a message with %lld bytes of metadata",
                              (long long)framer->message.offset, (long long)size);
    if (size > framer->metadata_size_max)
        return elea_error_set(
            err, ELEA_ECAPACITY,
            "file offset %lld: a message with %lld bytes of metadata, the limit is %lld",
            (long long)framer->message.offset, (long long)size,
            (long long)framer->metadata_size_max);
    go(framer, ELEA__FRAMER_METADATA, size);
    return ELEA_OK;
}

static elea_status take_prefix(elea__ipc_framer *framer, elea_error *err) {
    int64_t size = elea__flat_load(framer->prefix, 4);
    bool begins = !framer->begun;
    framer->begun = true;
    framer->message.offset = start_of_part(framer);
    if (begins && size == MAGIC_FIRST)
        go(framer, ELEA__FRAMER_MAGIC, sizeof framer->prefix);
    else if (size == ELEA__IPC_CONTINUATION)
        go(framer, ELEA__FRAMER_SIZE, sizeof framer->prefix);
    else
        return begin_metadata(framer, size, err);
    return ELEA_OK;
}

static elea_status take_magic(elea__ipc_framer *framer, elea_error *err) {
    if (memcmp(framer->prefix, MAGIC_REST, sizeof framer->prefix) != 0)
        return elea_error_set(err, ELEA_EINVAL,
                              "file offset %lld: it begins with \"ARRO%.4s\", expected \"%s\" and "
                              "two zero bytes of an Arrow file, or a message",
                              (long long)framer->message.offset, (const char *)framer->prefix,
                              ELEA__IPC_MAGIC);
    go(framer, ELEA__FRAMER_PREFIX, sizeof framer->prefix);
    return ELEA_OK;
}

// The metadata are whole: the bytes from `start` on of a buffer, whose reference is taken.
static elea_status take_metadata(elea__ipc_framer *framer, elea_buffer *buffer, int64_t start,
                                 elea_error *err) {
    elea__ipc_message *message = &framer->message;
    message->metadata = buffer;
    ELEA_TRY(elea__ipc_message_open(message, start, framer->needed, start_of_part(framer), err));
    message->body_offset = framer->position;
    if (message->body_size < 0 || message->body_size > INT64_MAX - framer->position)
        return elea_error_set(err, ELEA_EINVAL, "file offset %lld: a body of %lld bytes",
                              (long long)message->body_offset, (long long)message->body_size);
    go(framer, ELEA__FRAMER_BODY, message->body_size);
    if (message->body_size > 0)
        return ELEA_OK;
    ELEA_TRY(elea_buffer_new(framer->pool, 0, &message->body, err));
    return finish_message(framer, err);
}

// The part at hand lies whole in a buffer, from `start` on.
static elea_status take_inside(elea__ipc_framer *framer, const elea_buffer *buffer, int64_t start,
                               elea_error *err) {
    if (framer->state == ELEA__FRAMER_METADATA)
        return take_metadata(framer, elea_buffer_ref(buffer), start, err);
    if (elea_buffer_size(buffer) == framer->needed)
        framer->message.body = elea_buffer_ref(buffer);
    else
        ELEA_TRY(elea_buffer_slice(buffer, start, framer->needed, &framer->message.body, err));
    return finish_message(framer, err);
}

static elea_status take_part(elea__ipc_framer *framer, elea_error *err) {
    elea_buffer *buffer = NULL;
    switch (framer->state) {
    case ELEA__FRAMER_PREFIX:
        return take_prefix(framer, err);
    case ELEA__FRAMER_SIZE:
        return begin_metadata(framer, elea__flat_load(framer->prefix, 4), err);
    case ELEA__FRAMER_MAGIC:
        return take_magic(framer, err);
    default:
        ELEA_TRY(elea__buffer_adopt(framer->pool, framer->block, framer->capacity, framer->needed,
                                    &buffer, err));
        framer->block = NULL;
        framer->capacity = 0;
        if (framer->state == ELEA__FRAMER_METADATA)
            return take_metadata(framer, buffer, 0, err);
        framer->message.body = buffer;
        return finish_message(framer, err);
    }
}

// ---- bytes

static bool is_small(const elea__ipc_framer *framer) {
    return framer->state != ELEA__FRAMER_METADATA && framer->state != ELEA__FRAMER_BODY;
}

// Copies bytes to the part at hand.
static elea_status fill(elea__ipc_framer *framer, const uint8_t *data, int64_t size,
                        elea_error *err) {
    if (is_small(framer)) {
        memcpy(framer->prefix + framer->filled, data, (size_t)size);
        return ELEA_OK;
    }
    int64_t end = framer->filled + size;
    if (end > framer->capacity) {
        // Only the bodies are payload, which is counted when it moves.
        elea_status (*resize)(elea_pool *, int64_t, int64_t, void **, elea_error *) =
            framer->state == ELEA__FRAMER_BODY ? elea__payload_realloc : elea_realloc;
        int64_t doubled = framer->capacity <= INT64_MAX / 2 ? framer->capacity * 2 : INT64_MAX;
        int64_t capacity = elea__max(elea__max(doubled, CAPACITY_FIRST), end);
        capacity = elea__min(capacity, framer->needed);
        ELEA_TRY(resize(framer->pool, framer->capacity, capacity, &framer->block, err));
        framer->capacity = capacity;
    }
    uint8_t *target = (uint8_t *)framer->block + framer->filled;
    if (framer->state == ELEA__FRAMER_BODY)
        elea_copy_bytes(target, data, size);
    else
        memcpy(target, data, (size_t)size);
    return ELEA_OK;
}

// Takes at most `size` bytes for the part at hand, and goes on when it is whole.
static elea_status step(elea__ipc_framer *framer, const uint8_t *data, int64_t size,
                        const elea_buffer *buffer, elea_error *err) {
    if (buffer && size == framer->needed && !is_small(framer)) {
        framer->filled += size;
        framer->position += size;
        return take_inside(framer, buffer, data - elea_buffer_data(buffer), err);
    }
    ELEA_TRY(fill(framer, data, size, err));
    framer->filled += size;
    framer->position += size;
    return framer->filled == framer->needed ? take_part(framer, err) : ELEA_OK;
}

static void fail(elea__ipc_framer *framer, elea_status status) {
    framer->failure.status = status;
    framer->state = ELEA__FRAMER_ENDED;
}

elea_status elea__ipc_framer_push(elea__ipc_framer *framer, const uint8_t *data, int64_t size,
                                  const elea_buffer *buffer, int64_t *taken, elea_error *err) {
    int64_t done = 0;
    while (done < size && framer->state != ELEA__FRAMER_ENDED) {
        int64_t part = elea__min(framer->needed - framer->filled, size - done);
        elea_status status = step(framer, data + done, part, buffer, &framer->failure);
        if (status != ELEA_OK)
            fail(framer, status);
        if (status == ELEA_ENOMEM) {
            if (err)
                *err = framer->failure;
            return status;
        }
        done += part;
    }
    *taken = done;
    return ELEA_OK;
}

bool elea__ipc_framer_before_body(const elea__ipc_framer *framer) {
    return framer->state == ELEA__FRAMER_BODY && framer->filled == 0;
}

elea_status elea__ipc_framer_skip_body(elea__ipc_framer *framer, elea_error *err) {
    framer->position += framer->needed;
    return finish_message(framer, err);
}

void elea__ipc_framer_end(elea__ipc_framer *framer, int64_t rest) {
    static const char *const parts[] = {"the size of a message", "the size of a message",
                                        "the magic", "the metadata of a message",
                                        "the body of a message"};
    elea__ipc_framer_state state = framer->state;
    if (state == ELEA__FRAMER_ENDED)
        return;
    // A stream need not be marked at its end.
    if (state == ELEA__FRAMER_PREFIX && framer->filled + rest == 0)
        framer->state = ELEA__FRAMER_ENDED;
    else
        fail(framer, elea_error_set(&framer->failure, ELEA_EINVAL,
                                    "file offset %lld: %s ends after %lld bytes, "
                                    "expected %lld",
                                    (long long)start_of_part(framer), parts[state],
                                    (long long)(framer->filled + rest), (long long)framer->needed));
}

// ---- messages

int64_t elea__ipc_framer_next_size(const elea__ipc_framer *framer) {
    bool waits = framer->next < framer->messages.count || framer->state == ELEA__FRAMER_ENDED;
    return waits ? 0 : framer->needed - framer->filled;
}

bool elea__ipc_framer_take(elea__ipc_framer *framer, elea__ipc_message *out) {
    elea__ipc_list *list = &framer->messages;
    if (framer->next == list->count)
        return false;
    elea__ipc_message_move((elea__ipc_message *)list->data + framer->next++, out);
    if (framer->next == list->count)
        framer->next = list->count = 0;
    return true;
}
