// SPDX-License-Identifier: Apache-2.0
#include "memory/memory_defaults.h"

#include "memory/uuid.h"

typedef elea_status (*fill_fn)(const elea__memory_origin *origin, elea_builder *builder,
                               elea_error *err);

static elea_status fill_ids(const elea__memory_origin *origin, elea_builder *builder,
                            elea_error *err) {
    elea__uuid_maker maker;
    char text[ELEA__UUID_TEXT_SIZE];
    ELEA_TRY(elea__uuid_maker_init(&maker, err));
    ELEA_TRY(
        elea_builder_reserve(builder, origin->count, origin->count * ELEA__UUID_TEXT_SIZE, err));
    for (int64_t i = 0; i < origin->count; i++) {
        elea__uuid_maker_next(&maker, text);
        ELEA_TRY(elea_builder_append_bytes(builder, (elea_bytes){text, sizeof(text)}, err));
    }
    return ELEA_OK;
}

static elea_status fill_int(const elea__memory_origin *origin, elea_builder *builder, int64_t value,
                            elea_error *err) {
    ELEA_TRY(elea_builder_reserve(builder, origin->count, 0, err));
    for (int64_t i = 0; i < origin->count; i++)
        ELEA_TRY(elea_builder_append_int(builder, value, err));
    return ELEA_OK;
}

static elea_status fill_now(const elea__memory_origin *origin, elea_builder *builder,
                            elea_error *err) {
    return fill_int(origin, builder, origin->now_us, err);
}

static elea_status fill_zero(const elea__memory_origin *origin, elea_builder *builder,
                             elea_error *err) {
    return fill_int(origin, builder, 0, err);
}

static elea_status fill_one(const elea__memory_origin *origin, elea_builder *builder,
                            elea_error *err) {
    return fill_int(origin, builder, 1, err);
}

static elea_status fill_no_entities(const elea__memory_origin *origin, elea_builder *builder,
                                    elea_error *err) {
    int64_t lists = elea_type_child_count(elea_builder_type(builder));
    for (int64_t i = 0; i < origin->count; i++) {
        for (int64_t list = 0; list < lists; list++)
            ELEA_TRY(elea_builder_append_row(elea_builder_child(builder, list), err));
        ELEA_TRY(elea_builder_append_row(builder, err));
    }
    return ELEA_OK;
}

static elea_status fill_uncompressed(const elea__memory_origin *origin, elea_builder *builder,
                                     elea_error *err) {
    elea_span texts;
    elea_span_of(origin->text, &texts);
    for (int64_t i = 0; i < origin->count; i++) {
        int64_t size = elea_span_get_bytes(&texts, i).size;
        ELEA_TRY(elea_builder_append_int(elea_builder_child(builder, 0), size, err));
        ELEA_TRY(elea_builder_append_int(elea_builder_child(builder, 1), size, err));
        ELEA_TRY(elea_builder_append_double(elea_builder_child(builder, 2), 1, err));
        ELEA_TRY(
            elea_builder_append_bytes(elea_builder_child(builder, 3), elea_bytes_of("none"), err));
        ELEA_TRY(elea_builder_append_row(builder, err));
    }
    return ELEA_OK;
}

elea_status elea__memory_default(const elea__memory_origin *origin, elea__memory_column column,
                                 const elea_type *type, elea_array **out, elea_error *err) {
    // A column that is not here is nullable, and null.
    static const fill_fn fills[ELEA__MEMORY_COLUMN_COUNT] = {
        [ELEA__MEMORY_MEMORY_ID] = fill_ids,
        [ELEA__MEMORY_TIMESTAMP] = fill_now,
        [ELEA__MEMORY_ACTIVATION] = fill_one,
        [ELEA__MEMORY_ACCESS_COUNT] = fill_zero,
        [ELEA__MEMORY_SUCCESS_COUNT] = fill_zero,
        [ELEA__MEMORY_ENTITIES] = fill_no_entities,
        [ELEA__MEMORY_COMPRESSION] = fill_uncompressed,
        [ELEA__MEMORY_PINNED] = fill_zero,
    };
    if (!fills[column])
        return elea_array_new_null(origin->pool, type, origin->count, out, err);

    elea_builder *builder = NULL;
    ELEA_TRY(elea_builder_new(origin->pool, type, &builder, err));
    elea_status status = fills[column](origin, builder, err);
    if (status == ELEA_OK)
        status = elea_builder_finish(builder, out, err);
    elea_builder_free(builder);
    return status;
}

elea_status elea__memory_text_column(elea_pool *pool, const elea_bytes *texts, int64_t count,
                                     elea_array **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_builder *builder = NULL;
    int64_t size = 0;
    for (int64_t i = 0; i < count; i++)
        size += texts[i].size;
    ELEA_GOTO(done, elea_builder_new(pool, elea_type_of(ELEA_TYPE_UTF8), &builder, err));
    ELEA_GOTO(done, elea_builder_reserve(builder, count, size, err));
    for (int64_t i = 0; i < count; i++)
        ELEA_GOTO(done, elea_builder_append_bytes(builder, texts[i], err));
    ELEA_GOTO(done, elea_builder_finish(builder, out, err));
done:
    elea_builder_free(builder);
    return status;
}
