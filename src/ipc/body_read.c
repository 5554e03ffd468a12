// SPDX-License-Identifier: Apache-2.0
#include "ipc/body_read.h"

#include "base/math_internal.h"
#include "ipc/format.h"

// ---- measuring

const uint8_t *elea__ipc_part_data(const elea__ipc_parts *body, const elea__ipc_part *part) {
    return part->raw ? elea_buffer_data(part->raw)
                     : elea_buffer_data(body->whole) + body->start + part->offset;
}

void elea__ipc_parts_measure(elea__ipc_parts *body, int64_t limit) {
    body->is_measured = true;
    for (int64_t i = 0; i < body->part_count; i++) {
        elea__ipc_part *part = &body->parts[i];
        int64_t rest = part->size - ELEA__IPC_COMPRESSION_PREFIX_SIZE;
        part->plain_size = part->size;
        if (!body->codec || !part->is_used || part->size == 0)
            continue;
        part->plain_size = ELEA__IPC_NOT_COMPRESSED;
        part->limit = 0;
        if (rest < 0)
            return;
        part->plain_size =
            elea__flat_load(elea__ipc_part_data(body, part), ELEA__IPC_COMPRESSION_PREFIX_SIZE);
        if (part->plain_size == ELEA__IPC_NOT_COMPRESSED)
            continue;
        part->limit = elea__min(elea_codec_decompress_bound(body->codec, rest), limit);
        if (part->plain_size < 0 || part->plain_size > part->limit)
            return;
        limit -= part->plain_size;
    }
}

// ---- room

// What making a part takes; none where its size is not sound.
static int64_t part_room(const elea__ipc_parts *body, const elea__ipc_part *part) {
    if (!elea__ipc_part_is_work(body, part))
        return 0;
    bool is_packed = body->codec && part->plain_size != ELEA__IPC_NOT_COMPRESSED;
    if (!is_packed)
        return elea__round_up_64(part->size);
    return part->plain_size < 0 || part->plain_size > part->limit
               ? 0
               : elea__round_up_64(part->plain_size);
}

int64_t elea__ipc_parts_room(const elea__ipc_parts *body) {
    int64_t size = 0;
    // Bounded by the limit of what may be decompressed, and the sizes of buffers.
    for (int64_t i = 0; i < body->part_count; i++)
        if (elea__add_overflow(size, part_room(body, &body->parts[i]), &size))
            return INT64_MAX;
    return size;
}

void elea__ipc_parts_give_room(elea__ipc_parts *body, uint8_t *room) {
    for (int64_t i = 0; i < body->part_count; i++) {
        int64_t size = part_room(body, &body->parts[i]);
        body->parts[i].room = size > 0 ? room : NULL;
        room += size;
    }
}

// ---- making

static int64_t file_offset(const elea__ipc_parts *body, const elea__ipc_part *part) {
    return body->file_offset + part->offset;
}

// A view of all but the first `skipped` bytes.
static elea_status view(elea__ipc_parts *body, int64_t index, int64_t skipped, elea_error *err) {
    elea__ipc_part *part = &body->parts[index];
    int64_t size = part->size - skipped;
    if (part->raw && skipped > 0)
        return elea_buffer_slice(part->raw, skipped, size, &part->buffer, err);
    if (part->raw) {
        part->buffer = elea_buffer_ref(part->raw);
        return ELEA_OK;
    }
    const uint8_t *data = part->size == 0 ? (const uint8_t *)part->storage
                                          : elea__ipc_part_data(body, part) + skipped;
    part->buffer = part->storage;
    elea__buffer_init_in_arena(part->buffer, body->arena, data, size);
    return ELEA_OK;
}

// The size a part declares is believed only as far as so many bytes can hold it.
static elea_status check_declared(const elea__ipc_parts *body, const elea__ipc_part *part,
                                  elea_error *err) {
    if (part->size < ELEA__IPC_COMPRESSION_PREFIX_SIZE)
        return elea_error_set(err, ELEA_EINVAL,
                              "the compressed buffer at file offset %lld has %lld bytes, expected "
                              "at least %d",
                              (long long)file_offset(body, part), (long long)part->size,
                              ELEA__IPC_COMPRESSION_PREFIX_SIZE);
    if (part->plain_size >= 0 && part->plain_size <= part->limit)
        return ELEA_OK;
    return elea_error_set(
        err, ELEA_EINVAL,
        "the compressed buffer at file offset %lld declares %lld bytes, expected at most %lld from "
        "%lld bytes of %s in this body",
        (long long)file_offset(body, part), (long long)part->plain_size, (long long)part->limit,
        (long long)(part->size - ELEA__IPC_COMPRESSION_PREFIX_SIZE), elea_codec_name(body->codec));
}

// Memory that becomes the buffer of a part: its room, or some of its own, in *own.
static elea_status take_room(elea__ipc_parts *body, const elea__ipc_part *part, int64_t size,
                             uint8_t **out, elea_buffer **own, elea_error *err) {
    *own = NULL;
    *out = part->room;
    if (part->room)
        return ELEA_OK;
    ELEA_TRY(elea_buffer_new(body->pool, size, own, err));
    *out = elea_buffer_mutable_data(*own);
    return ELEA_OK;
}

static void set_buffer(elea__ipc_parts *body, int64_t index, int64_t size, elea_buffer *own) {
    elea__ipc_part *part = &body->parts[index];
    elea_buffer_unref(part->buffer);
    part->buffer = own;
    if (own)
        return;
    part->buffer = part->storage;
    elea__buffer_init_in_arena(part->buffer, body->arena, part->room, size);
}

static elea_status decompress(elea__ipc_parts *body, int64_t index, elea_error *err) {
    elea__ipc_part *part = &body->parts[index];
    elea_buffer *own = NULL;
    uint8_t *plain = NULL;
    const elea_bytes source = {.data = (const char *)elea__ipc_part_data(body, part) +
                                       ELEA__IPC_COMPRESSION_PREFIX_SIZE,
                               .size = part->size - ELEA__IPC_COMPRESSION_PREFIX_SIZE};
    ELEA_TRY(check_declared(body, part, err));
    ELEA_TRY(take_room(body, part, part->plain_size, &plain, &own, err));
    elea_status status = elea_codec_decompress(body->codec, source, plain, part->plain_size, err);
    if (status != ELEA_OK) {
        elea_buffer_unref(own);
        return elea_error_prefix(err, status, "the compressed buffer at file offset %lld",
                                 (long long)file_offset(body, part));
    }
    if (part->swap != ELEA__IPC_SWAP_NONE)
        elea__ipc_swap_bytes(part->swap, plain, plain, part->plain_size);
    set_buffer(body, index, part->plain_size, own);
    return ELEA_OK;
}

// Puts a buffer of the machine's byte order in the place of a view.
static elea_status swap(elea__ipc_parts *body, int64_t index, elea_error *err) {
    elea__ipc_part *part = &body->parts[index];
    elea_buffer *own = NULL;
    uint8_t *target = NULL;
    int64_t size = elea_buffer_size(part->buffer);
    ELEA_TRY(take_room(body, part, size, &target, &own, err));
    elea__ipc_swap_bytes(part->swap, target, elea_buffer_data(part->buffer), size);
    set_buffer(body, index, size, own);
    return ELEA_OK;
}

static bool is_misaligned(const uint8_t *data, int64_t alignment) {
    return ((uintptr_t)data & (uintptr_t)(alignment - 1)) != 0;
}

static elea_status align(elea__ipc_parts *body, elea__ipc_part *part, elea_error *err) {
    elea_buffer *copy = NULL;
    const uint8_t *data = elea_buffer_data(part->buffer);
    if (body->misaligned == ELEA_IPC_MISALIGNED_REFUSE)
        return elea_error_set(err, ELEA_EINVAL,
                              "the buffer at file offset %lld is not aligned to %lld bytes in "
                              "memory",
                              (long long)file_offset(body, part), (long long)part->alignment);
    ELEA_TRY(elea_buffer_new_copy(body->pool, data, elea_buffer_size(part->buffer), &copy, err));
    elea_buffer_unref(part->buffer);
    part->buffer = copy;
    return ELEA_OK;
}

bool elea__ipc_part_is_work(const elea__ipc_parts *body, const elea__ipc_part *part) {
    if (!part->is_used || part->size == 0)
        return false;
    if (part->swap != ELEA__IPC_SWAP_NONE)
        return true;
    return body->codec && part->plain_size != ELEA__IPC_NOT_COMPRESSED;
}

static elea_status make(elea__ipc_parts *body, int64_t index, elea_error *err) {
    elea__ipc_part *part = &body->parts[index];
    bool is_packed = body->codec && part->size > 0;
    // Arrow's Java writes of an empty buffer the size alone, which is no frame.
    bool is_empty = part->size == ELEA__IPC_COMPRESSION_PREFIX_SIZE && part->plain_size == 0;
    if (is_packed && !is_empty &&
        (part->size < ELEA__IPC_COMPRESSION_PREFIX_SIZE ||
         part->plain_size != ELEA__IPC_NOT_COMPRESSED))
        return decompress(body, index, err);
    ELEA_TRY(view(body, index, is_packed ? ELEA__IPC_COMPRESSION_PREFIX_SIZE : 0, err));
    if (part->swap != ELEA__IPC_SWAP_NONE)
        return swap(body, index, err);
    if (is_misaligned(elea_buffer_data(part->buffer), part->alignment))
        return align(body, part, err);
    return ELEA_OK;
}

elea_status elea__ipc_part_make(elea__ipc_parts *body, int64_t index, elea_error *err) {
    elea__ipc_part *part = &body->parts[index];
    if (!part->is_used || part->buffer)
        return ELEA_OK;
    elea_status status = make(body, index, err);
    if (status != ELEA_OK) {
        elea_buffer_unref(part->buffer);
        part->buffer = NULL;
        return status;
    }
    elea_buffer_unref(part->raw);
    part->raw = NULL;
    return ELEA_OK;
}

void elea__ipc_parts_release(elea__ipc_parts *body) {
    for (int64_t i = 0; i < body->part_count; i++) {
        elea_buffer_unref(body->parts[i].raw);
        elea_buffer_unref(body->parts[i].buffer);
        body->parts[i].raw = body->parts[i].buffer = NULL;
    }
    body->part_count = 0;
    elea_buffer_unref(body->whole);
    body->whole = NULL;
}
