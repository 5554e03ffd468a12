// SPDX-License-Identifier: Apache-2.0
//
// Batches of memories for tests: vectors the test gives, with ids and texts made from numbers.
#ifndef ELEA_TESTS_MEMORY_MEMORIES_H
#define ELEA_TESTS_MEMORY_MEMORIES_H

#include <stdio.h>

#include <elea/memory.h>

enum { MEMORY_DIMENSION = 8 };

// A list of `count` vectors of MEMORY_DIMENSION floats, as a column "embedding".
static inline elea_status make_embeddings(elea_pool *pool, const elea_type *type,
                                          const float *vectors, int64_t count, elea_array **out,
                                          elea_error *err) {
    elea_builder *builder = NULL;
    ELEA_TRY(elea_builder_new(pool, type, &builder, err));
    elea_status status = ELEA_OK;
    for (int64_t i = 0; status == ELEA_OK && i < count; i++) {
        for (int j = 0; status == ELEA_OK && j < MEMORY_DIMENSION; j++)
            status = elea_builder_append_double(elea_builder_child(builder, 0),
                                                vectors[i * MEMORY_DIMENSION + j], err);
        if (status == ELEA_OK)
            status = elea_builder_append_row(builder, err);
    }
    if (status == ELEA_OK)
        status = elea_builder_finish(builder, out, err);
    elea_builder_free(builder);
    return status;
}

// `count` strings made by printf from `format` and a number that begins at `first`.
static inline elea_status make_strings(elea_pool *pool, const char *format, int64_t first,
                                       int64_t count, elea_array **out, elea_error *err) {
    elea_builder *builder = NULL;
    ELEA_TRY(elea_builder_new(pool, elea_type_of(ELEA_TYPE_UTF8), &builder, err));
    elea_status status = ELEA_OK;
    elea_text text;
    elea_text_init(&text, pool);
    for (int64_t i = 0; status == ELEA_OK && i < count; i++) {
        elea_text_reset(&text);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        status = elea_text_append_format(&text, err, format, (long long)(first + i));
#pragma GCC diagnostic pop
        if (status == ELEA_OK)
            status = elea_builder_append_bytes(builder, (elea_bytes){text.data, text.size}, err);
    }
    if (status == ELEA_OK)
        status = elea_builder_finish(builder, out, err);
    elea_text_release(&text);
    elea_builder_free(builder);
    return status;
}

// Rows with memory_id "memory-id-<number>", text "the text of number <number>" and the vectors.
static inline elea_status make_memories(elea_pool *pool, const float *vectors, int64_t first,
                                        int64_t count, elea_record_batch **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_schema *all = NULL, *schema = NULL;
    elea_array *columns[3] = {NULL, NULL, NULL};
    ELEA_GOTO(done, elea_memory_schema_new(pool, MEMORY_DIMENSION, &all, err));
    const elea_field *fields[] = {
        elea_schema_field(all, elea_schema_find(all, "memory_id")),
        elea_schema_field(all, elea_schema_find(all, "text")),
        elea_schema_field(all, elea_schema_find(all, "embedding")),
    };
    ELEA_GOTO(done, make_strings(pool, "memory-id-%lld", first, count, &columns[0], err));
    ELEA_GOTO(done, make_strings(pool, "the text of number %lld", first, count, &columns[1], err));
    ELEA_GOTO(done,
              make_embeddings(pool, elea_field_type(fields[2]), vectors, count, &columns[2], err));
    ELEA_GOTO(done, elea_schema_new(pool, fields, 3, NULL, &schema, err));
    ELEA_GOTO(done, elea_record_batch_new(pool, schema, count, (const elea_array *const *)columns,
                                          out, err));
done:
    for (int i = 0; i < 3; i++)
        elea_array_unref(columns[i]);
    elea_schema_unref(schema);
    elea_schema_unref(all);
    return status;
}

// The two together, for a store that is open.
static inline elea_status add_memories(elea_store *store, elea_pool *pool, const char *category,
                                       const float *vectors, int64_t first, int64_t count,
                                       elea_error *err) {
    elea_record_batch *batch = NULL;
    ELEA_TRY(make_memories(pool, vectors, first, count, &batch, err));
    elea_status status = elea_store_add(store, category, batch, err);
    elea_record_batch_unref(batch);
    return status;
}

// Numbers in [-1, 1), the same for the same seed.
static inline float random_float(uint64_t *seed) {
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (float)(int32_t)(*seed >> 32) / 2147483648.0F;
}

#endif // ELEA_TESTS_MEMORY_MEMORIES_H
