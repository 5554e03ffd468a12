// SPDX-License-Identifier: Apache-2.0
//
// Bytes as a document of integration tests: read, and what passed written and read again, which
// must give the same.
#include <stdlib.h>

#include <elea/ipc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Counts in the document may ask for any amount of memory.
enum { MEMORY_MAX = 1 << 28 };

static bool same(const elea_integration *a, const elea_integration *b) {
    const elea_equal_options options = {.nans_equal = true, .with_metadata = true};
    int64_t count = elea_integration_batch_count(a);
    if (count != elea_integration_batch_count(b))
        return false;
    for (int64_t i = 0; i < count; i++) {
        if (!elea_record_batch_equal(elea_integration_batch(a, i), elea_integration_batch(b, i),
                                     &options))
            return false;
    }
    return true;
}

static void there_and_back(const elea_integration *document, elea_pool *pool) {
    elea_error err;
    elea_integration *again = NULL;
    elea_text text;
    const elea_record_batch *batches[16];
    int64_t count = elea_integration_batch_count(document);
    if (count > 16)
        return;
    for (int64_t i = 0; i < count; i++)
        batches[i] = elea_integration_batch(document, i);
    elea_text_init(&text, pool);
    elea_status status = elea_integration_format(elea_integration_schema(document), batches, count,
                                                 pool, &text, &err);
    if (status == ELEA_OK)
        status = elea_integration_parse((elea_bytes){text.data, text.size}, pool, &again, &err);
    if (status != ELEA_ENOMEM && (status != ELEA_OK || !same(document, again)))
        abort();
    elea_integration_free(again);
    elea_text_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    elea_error err;
    elea_pool *pool = NULL;
    elea_integration *document = NULL;
    if (elea_pool_new_capped(NULL, MEMORY_MAX, &pool, &err) != ELEA_OK)
        return 0;
    if (elea_integration_parse((elea_bytes){(const char *)data, (int64_t)size}, pool, &document,
                               &err) == ELEA_OK)
        there_and_back(document, pool);
    elea_integration_free(document);
    elea_pool_free(pool);
    return 0;
}
