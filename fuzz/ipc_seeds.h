// SPDX-License-Identifier: Apache-2.0
//
// Types and arrays of every kind, for the seeds of the fuzzers of IPC. A failure ends the program:
// this runs while building.
#ifndef ELEA_FUZZ_IPC_SEEDS_H
#define ELEA_FUZZ_IPC_SEEDS_H

#include <stdio.h>
#include <stdlib.h>

#include <elea/columnar.h>

#define SEED_TYPES_MAX 64

static inline void seed_check(elea_status status, const elea_error *err) {
    if (status == ELEA_OK)
        return;
    fprintf(stderr, "%s\n", elea_error_message(err));
    exit(1);
}

static inline elea_field *seed_field(const char *name, const elea_type *type, bool nullable) {
    elea_error err = {0};
    elea_field *field = NULL;
    seed_check(elea_field_new(NULL, elea_bytes_of(name), type, nullable, NULL, &field, &err), &err);
    return field;
}

// Fills `types` and gives how many there are.
static inline int seed_types(elea_type **types) {
    elea_error err = {0};
    int count = 0;
    for (int id = 0; id <= ELEA_TYPE_DECIMAL64; id++)
        if (elea_type_of((elea_type_id)id))
            types[count++] = elea_type_ref(elea_type_of((elea_type_id)id));
    elea_field *key = seed_field("key", elea_type_of(ELEA_TYPE_UTF8), false);
    elea_field *value = seed_field("value", elea_type_of(ELEA_TYPE_INT16), true);
    elea_field *ends = seed_field("run_ends", elea_type_of(ELEA_TYPE_INT32), false);
    const elea_field *const both[] = {key, value};
    const int8_t codes[] = {3, 7};
    seed_check(elea_type_new_timestamp(NULL, ELEA_TIME_MICRO, "UTC", &types[count++], &err), &err);
    seed_check(elea_type_new_time(NULL, ELEA_TYPE_TIME32, ELEA_TIME_SECOND, &types[count++], &err),
               &err);
    seed_check(elea_type_new_time(NULL, ELEA_TYPE_DURATION, ELEA_TIME_NANO, &types[count++], &err),
               &err);
    seed_check(elea_type_new_decimal(NULL, ELEA_TYPE_DECIMAL128, 20, 3, &types[count++], &err),
               &err);
    seed_check(elea_type_new_fixed_size_binary(NULL, 5, &types[count++], &err), &err);
    static const elea_type_id lists[] = {ELEA_TYPE_LIST, ELEA_TYPE_LARGE_LIST, ELEA_TYPE_LIST_VIEW,
                                         ELEA_TYPE_LARGE_LIST_VIEW};
    for (int i = 0; i < 4; i++)
        seed_check(elea_type_new_list(NULL, lists[i], key, &types[count++], &err), &err);
    seed_check(elea_type_new_fixed_size_list(NULL, value, 3, &types[count++], &err), &err);
    seed_check(elea_type_new_struct(NULL, both, 2, &types[count++], &err), &err);
    seed_check(elea_type_new_map(NULL, key, value, true, &types[count++], &err), &err);
    seed_check(
        elea_type_new_union(NULL, ELEA_TYPE_SPARSE_UNION, both, codes, 2, &types[count++], &err),
        &err);
    seed_check(
        elea_type_new_union(NULL, ELEA_TYPE_DENSE_UNION, both, codes, 2, &types[count++], &err),
        &err);
    seed_check(elea_type_new_run_end_encoded(NULL, ends, value, &types[count++], &err), &err);
    seed_check(elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_UINT8),
                                        elea_type_of(ELEA_TYPE_UTF8), true, &types[count++], &err),
               &err);
    elea_field *word = seed_field("word", types[count - 1], true);
    const elea_field *const words[] = {word, value};
    seed_check(elea_type_new_list(NULL, ELEA_TYPE_LIST, word, &types[count++], &err), &err);
    seed_check(elea_type_new_struct(NULL, words, 2, &types[count++], &err), &err);
    seed_check(elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_INT64), types[count - 1],
                                        false, &types[count], &err),
               &err);
    count++;
    elea_field_unref(word);
    elea_field_unref(ends);
    elea_field_unref(value);
    elea_field_unref(key);
    return count;
}

// Some rows: texts, numbers, rows of what the children have, nulls.
static inline void seed_rows(elea_builder *builder, int rows, bool nulls) {
    elea_error err = {0};
    const elea_type *type = elea_builder_type(builder);
    bool is_map = elea_type_id_of(type) == ELEA_TYPE_MAP; // whose entries are not null
    for (int i = 0; i < rows; i++) {
        char text[32];
        snprintf(text, sizeof text, i % 2 ? "%d" : "a longer text number %d", i);
        if (nulls && i % 4 == 3 && elea_builder_append_null(builder, &err) == ELEA_OK)
            continue;
        if (elea_builder_append_int(builder, i, &err) == ELEA_OK ||
            elea_builder_append_bytes(builder, elea_bytes_of(text), &err) == ELEA_OK)
            continue;
        int64_t children = elea_type_child_count(type);
        if (elea_type_union_codes(type)) {
            seed_rows(elea_builder_child(builder, i % children), 1, nulls);
            seed_check(elea_builder_append_union(builder, i % children, &err), &err);
            continue;
        }
        int child_rows = elea_type_id_of(type) == ELEA_TYPE_FIXED_SIZE_LIST ? 3
                         : elea_type_id_of(type) == ELEA_TYPE_STRUCT        ? 1
                                                                            : i;
        for (int64_t c = 0; c < children; c++)
            seed_rows(elea_builder_child(builder, c), child_rows, nulls && !is_map);
        if (elea_builder_append_row(builder, &err) != ELEA_OK)
            seed_check(elea_builder_append_null(builder, &err), &err);
    }
}

static inline elea_array *seed_array(const elea_type *type, int rows) {
    elea_error err = {0};
    elea_builder *builder = NULL;
    elea_array *array = NULL;
    if (elea_builder_new(NULL, type, &builder, &err) != ELEA_OK) {
        seed_check(elea_array_new_null(NULL, type, rows, &array, &err), &err);
        return array;
    }
    seed_rows(builder, rows, true);
    seed_check(elea_builder_finish(builder, &array, &err), &err);
    elea_builder_free(builder);
    return array;
}

static inline void seed_write(const char *folder, const char *name, int number, const void *data,
                              int64_t size) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s-%02d", folder, name, number);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, (size_t)size, file) != (size_t)size || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

#endif // ELEA_FUZZ_IPC_SEEDS_H
