// SPDX-License-Identifier: Apache-2.0
#include "support/foreign_array.h"

#include <stdlib.h>

#include "support/cmocka_all.h"
#include "support/type_cases.h"

// All parents have 6 values, of which the first two lie before the offset. Value 3 is null.
#define LENGTH 4
#define OFFSET 2

static const uint64_t validity[] = {0x37};
static const uint64_t bits[] = {0x2a};
static const int64_t numbers[12] = {INT64_MIN, -1, 0, 1, INT64_MAX, 5, 6, 7, 8, 9, 10, 11};
static const int32_t offsets[] = {0, 1, 1, 3, 3, 6, 7};
static const int64_t large_offsets[] = {0, 1, 1, 3, 3, 6, 7};
static const int32_t view_offsets[] = {6, 0, 2, 0, 3, 7};
static const int32_t view_sizes[] = {1, 2, 4, 0, 4, 0};
static const int64_t large_view_offsets[] = {6, 0, 2, 0, 3, 7};
static const int64_t large_view_sizes[] = {1, 2, 4, 0, 4, 0};
static const char text[] = "a\xc3\x9f"
                           "cdef";
static const char long_text[] = "this is a text of more than twelve bytes";
static const char other_text[] = "and another one";
static const int64_t text_sizes[] = {sizeof long_text - 1, sizeof other_text - 1};
static const int32_t views[6][4] = {
    {0, 0, 0, 0},           {40, 0x73696874, 0, 0}, // "this"
    {15, 0x20646e61, 1, 0},                         // "and "
    {0, 0, 0, 0},           {3, 0x00626161, 0, 0},  // "aab"
    {36, 0x20736920, 0, 4},
};
static const int8_t codes[] = {0, 1, 1, 0, 1, 0};
static const int32_t dense_offsets[] = {0, 0, 1, 1, 2, 2};
static const int32_t run_ends[] = {1, 4, 9};
static const int32_t keys[] = {0, 1, 2, 3, 4, 5, 6};
static const int8_t indices[] = {0, 1, 2, 0, 2, 1};

static void release(struct ArrowArray *array) {
    foreign_array *self = array->private_data;
    // By our own lists: tests spoil those of the struct.
    for (int i = 0; i < FOREIGN_CHILD_COUNT_MAX; i++) {
        foreign_array *child = self->children[i];
        if (child != NULL && child->array.release != NULL)
            child->array.release(&child->array);
    }
    if (self->dictionary != NULL && self->dictionary->array.release != NULL)
        self->dictionary->array.release(&self->dictionary->array);
    __atomic_add_fetch(&self->released, 1, __ATOMIC_RELAXED);
    array->release = NULL;
}

static foreign_array *array_new(int64_t length, int64_t offset, int64_t null_count) {
    foreign_array *self = calloc(1, sizeof *self);
    assert_non_null(self);
    self->array = (struct ArrowArray){.length = length,
                                      .offset = offset,
                                      .null_count = null_count,
                                      .release = release,
                                      .private_data = self};
    return self;
}

static void add_buffer(foreign_array *self, const void *data) {
    self->buffers[self->array.n_buffers++] = data;
    self->array.buffers = self->buffers;
}

static void add_child(foreign_array *self, foreign_array *child) {
    self->children[self->array.n_children] = child;
    self->child_pointers[self->array.n_children++] = &child->array;
    self->array.children = self->child_pointers;
}

static foreign_array *number_child(int64_t length) {
    foreign_array *self = array_new(length, 0, 0);
    add_buffer(self, NULL);
    add_buffer(self, numbers);
    return self;
}

static foreign_array *int32_child(const int32_t *values, int64_t length) {
    foreign_array *self = array_new(length, 0, 0);
    add_buffer(self, NULL);
    add_buffer(self, values);
    return self;
}

static foreign_array *text_child(int64_t length) {
    foreign_array *self = array_new(length, 0, -1);
    add_buffer(self, NULL);
    add_buffer(self, offsets);
    add_buffer(self, text);
    return self;
}

static foreign_array *entries_child(void) {
    foreign_array *self = array_new(7, 0, 0);
    add_buffer(self, NULL);
    add_child(self, int32_child(keys, 7));
    add_child(self, number_child(7));
    return self;
}

static void fill_plain(foreign_array *self, foreign_sample sample) {
    add_buffer(self, validity);
    switch (sample) {
    case FOREIGN_BOOL:
        add_buffer(self, bits);
        break;
    case FOREIGN_INT64:
        add_buffer(self, numbers);
        break;
    case FOREIGN_UTF8:
        add_buffer(self, offsets);
        add_buffer(self, text);
        break;
    case FOREIGN_LARGE_UTF8:
        add_buffer(self, large_offsets);
        add_buffer(self, text);
        break;
    case FOREIGN_UTF8_VIEW:
        add_buffer(self, views);
        add_buffer(self, long_text);
        add_buffer(self, other_text);
        add_buffer(self, text_sizes);
        break;
    default: // FOREIGN_DICTIONARY
        add_buffer(self, indices);
        self->dictionary = text_child(3);
        self->array.dictionary = &self->dictionary->array;
        break;
    }
}

static void fill_list(foreign_array *self, foreign_sample sample) {
    add_buffer(self, validity);
    switch (sample) {
    case FOREIGN_LIST:
    case FOREIGN_MAP:
        add_buffer(self, offsets);
        break;
    case FOREIGN_LARGE_LIST:
        add_buffer(self, large_offsets);
        break;
    case FOREIGN_LIST_VIEW:
        add_buffer(self, view_offsets);
        add_buffer(self, view_sizes);
        break;
    case FOREIGN_LARGE_LIST_VIEW:
        add_buffer(self, large_view_offsets);
        add_buffer(self, large_view_sizes);
        break;
    default: // FOREIGN_FIXED_SIZE_LIST
        break;
    }
    if (sample == FOREIGN_MAP)
        add_child(self, entries_child());
    else
        add_child(self, number_child(sample == FOREIGN_FIXED_SIZE_LIST ? 12 : 7));
}

static void fill_nested(foreign_array *self, foreign_sample sample) {
    switch (sample) {
    case FOREIGN_STRUCT:
        add_buffer(self, validity);
        break;
    case FOREIGN_DENSE_UNION:
        add_buffer(self, codes);
        add_buffer(self, dense_offsets);
        break;
    case FOREIGN_SPARSE_UNION:
        add_buffer(self, codes);
        break;
    default: // FOREIGN_RUN_END_ENCODED
        add_child(self, int32_child(run_ends, 3));
        add_child(self, text_child(3));
        return;
    }
    add_child(self, number_child(6));
    add_child(self, text_child(6));
}

foreign_array *foreign_array_new(foreign_sample sample) {
    bool has_nulls = sample != FOREIGN_NULL && sample != FOREIGN_SPARSE_UNION &&
                     sample != FOREIGN_DENSE_UNION && sample != FOREIGN_RUN_END_ENCODED;
    foreign_array *self = array_new(LENGTH, OFFSET, sample == FOREIGN_NULL ? LENGTH : has_nulls);
    if ((sample >= FOREIGN_LIST && sample <= FOREIGN_FIXED_SIZE_LIST) || sample == FOREIGN_MAP)
        fill_list(self, sample);
    else if (sample >= FOREIGN_STRUCT && sample != FOREIGN_DICTIONARY)
        fill_nested(self, sample);
    else if (sample != FOREIGN_NULL)
        fill_plain(self, sample);
    return self;
}

void foreign_array_free(foreign_array *array) {
    if (array == NULL)
        return;
    for (int i = 0; i < FOREIGN_CHILD_COUNT_MAX; i++)
        foreign_array_free(array->children[i]);
    foreign_array_free(array->dictionary);
    free(array);
}

static elea_type *list_type(elea_type_id id, const elea_field *item) {
    elea_error err = {0};
    elea_type *type = NULL;
    if (id == ELEA_TYPE_FIXED_SIZE_LIST)
        assert_ok(elea_type_new_fixed_size_list(NULL, item, 2, &type, &err));
    else
        assert_ok(elea_type_new_list(NULL, id, item, &type, &err));
    return type;
}

static elea_type *nested_type(foreign_sample sample, const elea_field *number,
                              const elea_field *word, const elea_field *key) {
    static const int8_t union_codes[] = {0, 1};
    const elea_field *const fields[] = {number, word};
    elea_error err = {0};
    elea_type *type = NULL;
    switch (sample) {
    case FOREIGN_STRUCT:
        assert_ok(elea_type_new_struct(NULL, fields, 2, &type, &err));
        break;
    case FOREIGN_MAP:
        assert_ok(elea_type_new_map(NULL, key, number, true, &type, &err));
        break;
    case FOREIGN_SPARSE_UNION:
    case FOREIGN_DENSE_UNION:
        assert_ok(elea_type_new_union(
            NULL, sample == FOREIGN_DENSE_UNION ? ELEA_TYPE_DENSE_UNION : ELEA_TYPE_SPARSE_UNION,
            fields, union_codes, 2, &type, &err));
        break;
    case FOREIGN_RUN_END_ENCODED:
        assert_ok(elea_type_new_run_end_encoded(NULL, key, word, &type, &err));
        break;
    default: // FOREIGN_DICTIONARY
        assert_ok(elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_INT8),
                                           elea_type_of(ELEA_TYPE_UTF8), true, &type, &err));
        break;
    }
    return type;
}

elea_type *foreign_array_type(foreign_sample sample) {
    static const elea_type_id ids[] = {
        [FOREIGN_NULL] = ELEA_TYPE_NULL,
        [FOREIGN_BOOL] = ELEA_TYPE_BOOL,
        [FOREIGN_INT64] = ELEA_TYPE_INT64,
        [FOREIGN_UTF8] = ELEA_TYPE_UTF8,
        [FOREIGN_LARGE_UTF8] = ELEA_TYPE_LARGE_UTF8,
        [FOREIGN_UTF8_VIEW] = ELEA_TYPE_UTF8_VIEW,
        [FOREIGN_LIST] = ELEA_TYPE_LIST,
        [FOREIGN_LARGE_LIST] = ELEA_TYPE_LARGE_LIST,
        [FOREIGN_LIST_VIEW] = ELEA_TYPE_LIST_VIEW,
        [FOREIGN_LARGE_LIST_VIEW] = ELEA_TYPE_LARGE_LIST_VIEW,
        [FOREIGN_FIXED_SIZE_LIST] = ELEA_TYPE_FIXED_SIZE_LIST,
    };
    if (sample < FOREIGN_LIST)
        return elea_type_ref(elea_type_of(ids[sample]));
    elea_field *number = type_cases_field("number", elea_type_of(ELEA_TYPE_INT64), true);
    elea_field *word = type_cases_field("word", elea_type_of(ELEA_TYPE_UTF8), true);
    elea_field *key = type_cases_field("key", elea_type_of(ELEA_TYPE_INT32), false);
    elea_type *type = sample <= FOREIGN_FIXED_SIZE_LIST ? list_type(ids[sample], number)
                                                        : nested_type(sample, number, word, key);
    elea_field_unref(key);
    elea_field_unref(word);
    elea_field_unref(number);
    return type;
}
