// SPDX-License-Identifier: Apache-2.0
#include "base/buffer_internal.h"

#include <assert.h>

#include "base/math_internal.h"

_Static_assert(sizeof(elea_buffer) == ELEA_ALIGNMENT, "the bytes behind a buffer must be aligned");

static elea_pool *pool_or_default(elea_pool *pool) {
    return pool == NULL ? elea_pool_default() : pool;
}

static elea_status size_check(int64_t size, elea_error *err) {
    if (size < 0)
        return elea_error_set(err, ELEA_EINVAL, "the size of a buffer is negative, %lld bytes",
                              (long long)size);
    return ELEA_OK;
}

// A buffer with one reference and room for `extra` bytes behind it.
static elea_status header_new(elea_pool *pool, elea__buffer_kind kind, const void *data,
                              int64_t size, int64_t extra, elea_buffer **out, elea_error *err) {
    int64_t block_size;
    if (elea__add_overflow((int64_t)sizeof(elea_buffer), extra, &block_size))
        return elea_error_set(err, ELEA_ECAPACITY, "a buffer of %lld bytes is too large",
                              (long long)extra);
    void *block;
    ELEA_TRY(elea_alloc(pool, block_size, &block, err));
    elea_buffer *buffer = block;
    *buffer = (elea_buffer){
        .data = data, .size = size, .references = 1, .pool = pool_or_default(pool), .kind = kind};
    *out = buffer;
    return ELEA_OK;
}

elea_status elea_buffer_new(elea_pool *pool, int64_t size, elea_buffer **out, elea_error *err) {
    ELEA_TRY(size_check(size, err));
    elea_buffer *buffer;
    ELEA_TRY(header_new(pool, ELEA__BUFFER_OWNED, NULL, size, size, &buffer, err));
    buffer->data = (const uint8_t *)(buffer + 1);
    *out = buffer;
    return ELEA_OK;
}

elea_status elea_buffer_new_copy(elea_pool *pool, const void *data, int64_t size, elea_buffer **out,
                                 elea_error *err) {
    elea_buffer *buffer;
    ELEA_TRY(elea_buffer_new(pool, size, &buffer, err));
    elea_copy_bytes(buffer + 1, data, size);
    *out = buffer;
    return ELEA_OK;
}

elea_status elea_buffer_wrap(elea_pool *pool, const void *data, int64_t size,
                             void (*release)(void *context), void *context, elea_buffer **out,
                             elea_error *err) {
    ELEA_TRY(size_check(size, err));
    elea_buffer *buffer;
    ELEA_TRY(header_new(pool, ELEA__BUFFER_WRAPPED, data, size, 0, &buffer, err));
    buffer->source.wrapped.release = release;
    buffer->source.wrapped.context = context;
    *out = buffer;
    return ELEA_OK;
}

elea_status elea_buffer_slice(const elea_buffer *parent, int64_t offset, int64_t size,
                              elea_buffer **out, elea_error *err) {
    if (!elea__range_inside(offset, size, parent->size))
        return elea_error_set(err, ELEA_EINDEX,
                              "%lld bytes at offset %lld are not inside a buffer of %lld bytes",
                              (long long)size, (long long)offset, (long long)parent->size);
    // Memory that somebody else handed over empty may have no address to count from.
    const uint8_t *data = parent->data == NULL ? NULL : parent->data + offset;
    elea_buffer *buffer;
    ELEA_TRY(header_new(parent->pool, ELEA__BUFFER_SLICE, data, size, 0, &buffer, err));
    if (parent->kind == ELEA__BUFFER_SLICE)
        parent = parent->source.parent;
    buffer->source.parent = elea_buffer_ref(parent);
    *out = buffer;
    return ELEA_OK;
}

elea_status elea__buffer_adopt(elea_pool *pool, void *block, int64_t block_size, int64_t size,
                               elea_buffer **out, elea_error *err) {
    assert(size >= 0 && size <= block_size);
    elea_buffer *buffer;
    ELEA_TRY(header_new(pool, ELEA__BUFFER_ADOPTED, block, size, 0, &buffer, err));
    buffer->source.adopted_size = block_size;
    *out = buffer;
    return ELEA_OK;
}

elea_buffer *elea_buffer_ref(const elea_buffer *buffer) {
    // The count is no part of what is constant in a shared buffer.
    elea_buffer *counted = (elea_buffer *)(uintptr_t)buffer;
    if (counted != NULL)
        __atomic_add_fetch(&counted->references, 1, __ATOMIC_RELAXED);
    return counted;
}

void elea_buffer_unref(elea_buffer *buffer) {
    if (buffer == NULL || !elea__references_drop(&buffer->references))
        return;
    int64_t block_size = (int64_t)sizeof *buffer;
    switch (buffer->kind) {
    case ELEA__BUFFER_OWNED:
        block_size += buffer->size;
        break;
    case ELEA__BUFFER_ADOPTED:
        elea_dealloc(buffer->pool, (void *)(uintptr_t)buffer->data, buffer->source.adopted_size);
        break;
    case ELEA__BUFFER_WRAPPED:
        if (buffer->source.wrapped.release != NULL)
            buffer->source.wrapped.release(buffer->source.wrapped.context);
        break;
    case ELEA__BUFFER_SLICE:
        elea_buffer_unref(buffer->source.parent);
        break;
    case ELEA__BUFFER_ARENA:
        elea__arena_unref(buffer->source.arena);
        return;
    }
    elea_dealloc(buffer->pool, buffer, block_size);
}

const uint8_t *elea_buffer_data(const elea_buffer *buffer) {
    return buffer == NULL ? NULL : buffer->data;
}

int64_t elea_buffer_size(const elea_buffer *buffer) { return buffer == NULL ? 0 : buffer->size; }

uint8_t *elea_buffer_mutable_data(elea_buffer *buffer) {
    if (buffer == NULL || buffer->kind != ELEA__BUFFER_OWNED)
        return NULL;
    // Acquire: who sees the last other reference go also sees what was done through it.
    if (__atomic_load_n(&buffer->references, __ATOMIC_ACQUIRE) != 1)
        return NULL;
    return (uint8_t *)(buffer + 1);
}
