// SPDX-License-Identifier: Apache-2.0
#include "base/copy_internal.h"
#include "base/math_internal.h"
#include "io/codec.h"

void *elea__codec_take(void *pool, size_t size) {
    void *block = NULL;
    int64_t whole = 0;
    if (size > INT64_MAX || elea__add_overflow((int64_t)size, ELEA_ALIGNMENT, &whole) ||
        elea_alloc(pool, whole, &block, NULL) != ELEA_OK)
        return NULL;
    *(int64_t *)block = whole;
    return (char *)block + ELEA_ALIGNMENT;
}

void elea__codec_give(void *pool, void *block) {
    if (!block)
        return;
    void *whole = (char *)block - ELEA_ALIGNMENT;
    elea_dealloc(pool, whole, *(int64_t *)whole);
}

void elea__codec_give_waiting(elea__codec_waiting *waiting, elea__codec_io *io) {
    int64_t size = elea__min(waiting->end - waiting->begin, io->room);
    if (size == 0)
        return;
    elea_copy_bytes(io->out, waiting->data + waiting->begin, size);
    waiting->begin += size;
    elea__codec_moved(io, 0, size);
}
