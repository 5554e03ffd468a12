// SPDX-License-Identifier: Apache-2.0
#include "io/mapping.h"

#include "base/os_internal.h"

elea_status elea__mapping_new(int descriptor, const char *path, int64_t size, bool writable,
                              elea_pool *pool, elea__mapping **out, elea_error *err) {
    elea_status status = ELEA_OK;
    void *block = NULL;

    ELEA_GOTO(done, elea_alloc_zero(pool, sizeof(elea__mapping), &block, err));
    elea__mapping *mapping = block;
    const void *data = NULL;
    if (writable)
        ELEA_GOTO(done, elea__os_map_writable(descriptor, path, size, &mapping->data, err));
    else
        ELEA_GOTO(done, elea__os_map(descriptor, path, size, &data, err));
    if (!writable)
        mapping->data = (void *)(uintptr_t)data; // written to by nobody
    mapping->pool = pool;
    mapping->size = size;
    mapping->references = 1;
    *out = mapping;
    block = NULL;

done:
    elea_dealloc(pool, block, sizeof(elea__mapping));
    return status;
}

void elea__mapping_unref(elea__mapping *mapping) {
    if (!mapping || __atomic_sub_fetch(&mapping->references, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    elea__os_unmap(mapping->data, mapping->size);
    elea_dealloc(mapping->pool, mapping, sizeof *mapping);
}

bool elea__mapping_is_alone(const elea__mapping *mapping) {
    return __atomic_load_n(&mapping->references, __ATOMIC_ACQUIRE) == 1;
}

static void release_view(void *context) { elea__mapping_unref(context); }

elea_status elea__mapping_view(elea__mapping *mapping, int64_t offset, int64_t size,
                               elea_buffer **out, elea_error *err) {
    ELEA_TRY(elea_buffer_wrap(mapping->pool, (const uint8_t *)mapping->data + offset, size,
                              release_view, mapping, out, err));
    __atomic_add_fetch(&mapping->references, 1, __ATOMIC_RELAXED);
    return ELEA_OK;
}
