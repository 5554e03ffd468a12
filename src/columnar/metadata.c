// SPDX-License-Identifier: Apache-2.0
//
// Key and value pairs of fields and schemas: one allocation holds the pairs and their bytes.
#include <string.h>

#include "base/math_internal.h"
#include "columnar/ref_internal.h"
#include "elea/columnar.h"

typedef struct metadata_pair {
    elea_bytes key;
    elea_bytes value;
} metadata_pair;

struct elea_metadata {
    int32_t refcount;
    elea_pool *pool;
    int64_t allocated;
    int64_t count;
    metadata_pair pairs[];
};

static elea_status metadata_size(const elea_bytes *keys, const elea_bytes *values, int64_t count,
                                 int64_t *out, elea_error *err) {
    int64_t size;
    bool overflow = elea__mul_overflow(count, (int64_t)sizeof(metadata_pair), &size) ||
                    elea__add_overflow(size, (int64_t)sizeof(elea_metadata), &size);
    // Each text is followed by a NUL, for those who print it.
    for (int64_t i = 0; i < count && !overflow; i++)
        overflow = keys[i].size < 0 || values[i].size < 0 ||
                   elea__add_overflow(size, keys[i].size + 1, &size) ||
                   elea__add_overflow(size, values[i].size + 1, &size);
    if (count < 0 || overflow)
        return elea_error_set(err, ELEA_ECAPACITY, "metadata of %lld pairs is too large",
                              (long long)count);
    *out = size;
    return ELEA_OK;
}

static elea_bytes put_bytes(char **target, elea_bytes bytes) {
    elea_bytes placed = {*target, bytes.size};
    if (bytes.size > 0)
        memcpy(*target, bytes.data, (size_t)bytes.size);
    (*target)[bytes.size] = '\0';
    *target += bytes.size + 1;
    return placed;
}

elea_status elea_metadata_new(elea_pool *pool, const elea_bytes *keys, const elea_bytes *values,
                              int64_t count, elea_metadata **out, elea_error *err) {
    int64_t size;
    void *block;
    ELEA_TRY(metadata_size(keys, values, count, &size, err));
    ELEA_TRY(elea_alloc(pool, size, &block, err));
    elea_metadata *metadata = block;
    *metadata = (elea_metadata){.refcount = 1, .pool = pool, .allocated = size, .count = count};
    char *target = (char *)(metadata->pairs + count);
    for (int64_t i = 0; i < count; i++) {
        metadata->pairs[i].key = put_bytes(&target, keys[i]);
        metadata->pairs[i].value = put_bytes(&target, values[i]);
    }
    *out = metadata;
    return ELEA_OK;
}

elea_metadata *elea_metadata_ref(const elea_metadata *metadata) {
    elea_metadata *shared = elea__unconst(metadata);
    if (shared)
        elea__count_ref(&shared->refcount);
    return shared;
}

void elea_metadata_unref(elea_metadata *metadata) {
    if (metadata && elea__count_unref(&metadata->refcount))
        elea_dealloc(metadata->pool, metadata, metadata->allocated);
}

int64_t elea_metadata_count(const elea_metadata *metadata) {
    return metadata ? metadata->count : 0;
}

elea_bytes elea_metadata_key(const elea_metadata *metadata, int64_t index) {
    return metadata->pairs[index].key;
}

elea_bytes elea_metadata_value(const elea_metadata *metadata, int64_t index) {
    return metadata->pairs[index].value;
}

static bool bytes_equal(elea_bytes a, elea_bytes b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, (size_t)a.size) == 0);
}

static bool pair_equal(const metadata_pair *a, const metadata_pair *b) {
    return bytes_equal(a->key, b->key) && bytes_equal(a->value, b->value);
}

int64_t elea_metadata_find(const elea_metadata *metadata, const char *key) {
    elea_bytes wanted = elea_bytes_of(key);
    for (int64_t i = 0; i < elea_metadata_count(metadata); i++) {
        if (bytes_equal(metadata->pairs[i].key, wanted))
            return i;
    }
    return -1;
}

static int64_t count_pair(const elea_metadata *metadata, const metadata_pair *pair) {
    int64_t count = 0;
    for (int64_t i = 0; i < metadata->count; i++)
        count += pair_equal(&metadata->pairs[i], pair);
    return count;
}

bool elea_metadata_equal(const elea_metadata *a, const elea_metadata *b) {
    int64_t count = elea_metadata_count(a);
    if (count != elea_metadata_count(b))
        return false;
    int64_t same = 0;
    while (same < count && pair_equal(&a->pairs[same], &b->pairs[same]))
        same++;
    // The common case, the same order, is done here; else pairs are counted as a bag.
    for (int64_t i = same; i < count; i++) {
        if (count_pair(a, &a->pairs[i]) != count_pair(b, &a->pairs[i]))
            return false;
    }
    return true;
}
