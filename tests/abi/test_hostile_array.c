// SPDX-License-Identifier: Apache-2.0
//
// A catalogue of lies that an ArrowArray can tell. Each is a valid sample, spoilt in one respect;
// each must give an error that says what was wrong, and release the struct once.
#include "elea/abi.h"
#include "support/cmocka_all.h"
#include "support/foreign_array.h"

typedef struct lie {
    const char *name;
    foreign_sample sample;
    void (*spoil)(foreign_array *self);
    const char *part;           // of the message
    elea_validation validation; // that finds it; import alone does what quick does
} lie;

static void negative_length(foreign_array *self) { self->array.length = -1; }
static void negative_offset(foreign_array *self) { self->array.offset = INT64_MIN; }
static void length_wraps(foreign_array *self) { self->array.length = INT64_MAX; }
static void length_is_all(foreign_array *self) {
    self->array.length = INT64_MAX;
    self->array.offset = 0;
}
static void length_is_absurd(foreign_array *self) { self->array.length = INT64_MAX / 2; }
static void null_count_below(foreign_array *self) { self->array.null_count = -2; }
static void null_count_above(foreign_array *self) { self->array.null_count = 5; }
static void null_count_wrong(foreign_array *self) { self->array.null_count = 2; }
static void no_validity(foreign_array *self) { self->buffers[0] = NULL; }
static void one_buffer_less(foreign_array *self) { self->array.n_buffers--; }
static void one_buffer_more(foreign_array *self) { self->array.n_buffers++; }
static void two_buffers_more(foreign_array *self) { self->array.n_buffers += 2; }
static void negative_buffers(foreign_array *self) { self->array.n_buffers = -1; }
static void least_buffers(foreign_array *self) { self->array.n_buffers = INT64_MIN; }
static void no_buffer_list(foreign_array *self) { self->array.buffers = NULL; }
static void no_first_buffer(foreign_array *self) { self->buffers[0] = NULL; }
static void no_second_buffer(foreign_array *self) { self->buffers[1] = NULL; }
static void no_third_buffer(foreign_array *self) { self->buffers[2] = NULL; }
static void no_last_buffer(foreign_array *self) { self->buffers[self->array.n_buffers - 1] = NULL; }
static void one_child_less(foreign_array *self) { self->array.n_children--; }
static void one_child_more(foreign_array *self) { self->array.n_children++; }
static void negative_children(foreign_array *self) { self->array.n_children = -1; }
static void no_child_list(foreign_array *self) { self->array.children = NULL; }
static void child_is_null(foreign_array *self) { self->child_pointers[0] = NULL; }
static void child_is_released(foreign_array *self) {
    self->array.children[0]->release(self->array.children[0]);
}
static void child_is_short(foreign_array *self) { self->children[0]->array.length = 5; }
static void second_child_is_short(foreign_array *self) { self->children[1]->array.length = 5; }
static void child_is_empty(foreign_array *self) { self->children[0]->array.length = 0; }
static void child_lies(foreign_array *self) { self->children[0]->array.length = -7; }
static void dictionary_is_missing(foreign_array *self) { self->array.dictionary = NULL; }
static void dictionary_is_released(foreign_array *self) {
    self->array.dictionary->release(self->array.dictionary);
}
static void dictionary_lies(foreign_array *self) { self->dictionary->array.n_buffers = 7; }
static void dictionary_is_short(foreign_array *self) { self->dictionary->array.length = 2; }
static void dictionary_is_there(foreign_array *self) { self->array.dictionary = &self->array; }

// Offsets of which the first, the last, or one between is wrong. The window begins at offset 2.
static void negative_first(foreign_array *self) {
    static const int32_t offsets[] = {0, 0, -1, 3, 3, 6, 7};
    self->buffers[1] = offsets;
}
static void negative_last(foreign_array *self) {
    static const int32_t offsets[] = {0, 1, 1, 3, 3, 6, -7};
    self->buffers[1] = offsets;
}
static void falling_ends(foreign_array *self) {
    static const int32_t offsets[] = {0, 1, 4, 4, 4, 4, 3};
    self->buffers[1] = offsets;
}
static void last_is_far(foreign_array *self) {
    static const int32_t offsets[] = {0, 1, 1, 3, 3, 6, INT32_MAX};
    self->buffers[1] = offsets;
}
static void falling_inside(foreign_array *self) {
    static const int32_t offsets[] = {0, 1, 1, 6, 3, 6, 7};
    self->buffers[1] = offsets;
}
static void negative_first_64(foreign_array *self) {
    static const int64_t offsets[] = {0, 0, -1, 3, 3, 6, 7};
    self->buffers[1] = offsets;
}
static void falling_inside_64(foreign_array *self) {
    static const int64_t offsets[] = {0, 1, 1, 6, 3, 6, 7};
    self->buffers[1] = offsets;
}
static void last_is_far_64(foreign_array *self) {
    static const int64_t offsets[] = {0, 1, 1, 3, 3, 6, INT64_MAX};
    self->buffers[1] = offsets;
}
static void split_character(foreign_array *self) {
    static const int32_t offsets[] = {0, 1, 1, 2, 3, 6, 7};
    self->buffers[1] = offsets;
}
static void view_range_is_outside(foreign_array *self) {
    static const int32_t offsets[] = {6, 0, 2, 0, 6, 7};
    self->buffers[1] = offsets;
}
static void view_range_is_outside_64(foreign_array *self) {
    static const int64_t offsets[] = {6, 0, -2, 0, 3, 7};
    self->buffers[1] = offsets;
}
static void negative_size(foreign_array *self) {
    static const int32_t sizes[] = {1, 2, -4, 0, 4, 0};
    self->buffers[2] = sizes;
}
static void negative_byte_buffer(foreign_array *self) {
    static const int64_t sizes[] = {40, -1};
    self->buffers[4] = sizes;
}
static void short_byte_buffer(foreign_array *self) {
    static const int64_t sizes[] = {40, 14};
    self->buffers[4] = sizes;
}
static void view_of_no_buffer(foreign_array *self) {
    static const int32_t views[6][4] = {{0}, {0}, {15, 0x20646e61, 2, 0}, {0}, {0}, {0}};
    self->buffers[1] = views;
}
static void view_with_wrong_prefix(foreign_array *self) {
    static const int32_t views[6][4] = {{0}, {0}, {15, 0x20646e60, 1, 0}, {0}, {0}, {0}};
    self->buffers[1] = views;
}
static void view_of_negative_size(foreign_array *self) {
    static const int32_t views[6][4] = {{0}, {0}, {-1, 0, 0, 0}, {0}, {0}, {0}};
    self->buffers[1] = views;
}
static void unknown_code(foreign_array *self) {
    static const int8_t codes[] = {0, 1, 1, 0, 2, 0};
    self->buffers[0] = codes;
}
static void dense_offset_outside(foreign_array *self) {
    static const int32_t offsets[] = {0, 0, 1, 1, 6, 2};
    self->buffers[1] = offsets;
}
static void index_outside(foreign_array *self) {
    static const int8_t indices[] = {0, 1, 2, 0, 3, 1};
    self->buffers[1] = indices;
}
static void negative_index(foreign_array *self) {
    static const int8_t indices[] = {0, 1, 2, 0, -1, 1};
    self->buffers[1] = indices;
}
static void runs_end_early(foreign_array *self) {
    static const int32_t ends[] = {1, 4, 5};
    self->children[0]->buffers[1] = ends;
}
static void runs_fall(foreign_array *self) {
    static const int32_t ends[] = {4, 1, 9};
    self->children[0]->buffers[1] = ends;
}
static void runs_are_fewer(foreign_array *self) { self->children[1]->array.length = 2; }
static void runs_are_null(foreign_array *self) {
    static const uint64_t none[] = {0};
    self->children[0]->buffers[0] = none;
    self->children[0]->array.null_count = 3;
}
static void keys_are_null(foreign_array *self) {
    static const uint64_t none[] = {0};
    foreign_array *keys = self->children[0]->children[0];
    keys->buffers[0] = none;
    keys->array.null_count = -1;
}

#define QUICK ELEA_VALIDATE_QUICK
#define FULL ELEA_VALIDATE_FULL
#define LIE(spoil, sample, part, validation)                                                       \
    { #spoil " " #sample, FOREIGN_##sample, spoil, part, validation }

static const lie lies[] = {
    LIE(negative_length, INT64, "length -1", QUICK),
    LIE(negative_length, NULL, "length -1", QUICK),
    LIE(negative_offset, INT64, "offset -9223372036854775808", QUICK),
    LIE(length_wraps, INT64, "length 9223372036854775807", QUICK),
    LIE(length_is_all, BOOL, "length 9223372036854775807", QUICK),
    LIE(length_is_absurd, INT64, "more than memory holds", QUICK),
    LIE(length_is_absurd, UTF8, "more than memory holds", QUICK),
    LIE(length_is_absurd, UTF8_VIEW, "more than memory holds", QUICK),
    LIE(length_is_absurd, FIXED_SIZE_LIST, "", QUICK),
    LIE(length_is_absurd, STRUCT, "", QUICK),
    LIE(length_is_absurd, RUN_END_ENCODED, "run end", QUICK),
    LIE(null_count_below, INT64, "-2", QUICK),
    LIE(null_count_above, INT64, "5", QUICK),
    LIE(null_count_above, SPARSE_UNION, "5", QUICK),
    LIE(null_count_wrong, INT64, "null", FULL),
    LIE(no_validity, INT64, "validity", QUICK),
    LIE(no_validity, STRUCT, "validity", QUICK),
    LIE(one_buffer_less, INT64, "1 buffers, expected 2", QUICK),
    LIE(one_buffer_more, INT64, "3 buffers, expected 2", QUICK),
    LIE(two_buffers_more, NULL, "2 buffers, expected 0", QUICK),
    LIE(one_buffer_more, STRUCT, "2 buffers, expected 1", QUICK),
    LIE(one_buffer_more, RUN_END_ENCODED, "", QUICK),
    LIE(negative_buffers, UTF8, "-1 buffers", QUICK),
    LIE(negative_buffers, UTF8_VIEW, "-1 buffers", QUICK),
    LIE(least_buffers, UTF8_VIEW, "-9223372036854775808 buffers", QUICK),
    LIE(no_buffer_list, LIST, "list of buffers is NULL", QUICK),
    LIE(no_second_buffer, INT64, "0 bytes, expected at least 48", QUICK),
    LIE(no_second_buffer, BOOL, "0 bytes, expected at least 1", QUICK),
    LIE(no_second_buffer, UTF8, "offsets are NULL", QUICK),
    LIE(no_second_buffer, LIST, "0 bytes, expected at least 28", QUICK),
    LIE(no_second_buffer, UTF8_VIEW, "0 bytes, expected at least 96", QUICK),
    LIE(no_second_buffer, DENSE_UNION, "0 bytes, expected at least 24", QUICK),
    LIE(no_second_buffer, DICTIONARY, "0 bytes, expected at least 6", QUICK),
    LIE(no_first_buffer, SPARSE_UNION, "0 bytes, expected at least 6", QUICK),
    LIE(no_third_buffer, UTF8, "past the end", QUICK),
    LIE(no_third_buffer, LARGE_UTF8, "past the end", QUICK),
    LIE(no_third_buffer, LIST_VIEW, "0 bytes, expected at least 24", QUICK),
    LIE(no_last_buffer, UTF8_VIEW, "sizes of the byte buffers are NULL", QUICK),
    LIE(one_child_less, STRUCT, "1 children, expected 2", QUICK),
    LIE(one_child_more, LIST, "2 children, expected 1", QUICK),
    LIE(one_child_more, INT64, "1 children, expected 0", QUICK),
    LIE(negative_children, STRUCT, "-1 children", QUICK),
    LIE(no_child_list, LIST, "list of children is NULL", QUICK),
    LIE(child_is_null, STRUCT, "child 'number': it is NULL", QUICK),
    LIE(child_is_released, LIST, "child 'number': it is released", QUICK),
    LIE(child_is_short, STRUCT, "5, expected at least 6", QUICK),
    LIE(second_child_is_short, SPARSE_UNION, "5, expected at least 6", QUICK),
    LIE(child_is_short, FIXED_SIZE_LIST, "5, expected at least 12", QUICK),
    LIE(child_is_empty, LIST, "past the end", QUICK),
    LIE(child_lies, MAP, "child 'entries': length -7", QUICK),
    LIE(dictionary_is_missing, DICTIONARY, "missing, but expected", QUICK),
    LIE(dictionary_is_released, DICTIONARY, "dictionary: it is released", QUICK),
    LIE(dictionary_lies, DICTIONARY, "dictionary: 7 buffers", QUICK),
    LIE(dictionary_is_there, INT64, "there, but not expected", QUICK),
    LIE(negative_first, UTF8, "offsets from -1 to 7", QUICK),
    LIE(negative_last, UTF8, "offsets from 1 to -7", QUICK),
    LIE(falling_ends, UTF8, "offsets from 4 to 3", QUICK),
    LIE(negative_first_64, LARGE_UTF8, "offsets from -1 to 7", QUICK),
    LIE(negative_first, LIST, "-1", QUICK),
    LIE(falling_ends, MAP, "3", QUICK),
    LIE(last_is_far, LIST, "past the end", QUICK),
    LIE(last_is_far_64, LARGE_LIST, "past the end", QUICK),
    LIE(negative_byte_buffer, UTF8_VIEW, "-1 bytes", QUICK),
    LIE(runs_end_early, RUN_END_ENCODED, "5, expected at least 6", QUICK),
    LIE(runs_are_fewer, RUN_END_ENCODED, "3 run ends for 2 values", QUICK),
    LIE(runs_are_null, RUN_END_ENCODED, "run ends are null", QUICK),
    LIE(falling_inside, UTF8, "", FULL),
    LIE(falling_inside, LIST, "", FULL),
    LIE(falling_inside, MAP, "", FULL),
    LIE(falling_inside_64, LARGE_LIST, "", FULL),
    LIE(split_character, UTF8, "UTF-8", FULL),
    LIE(view_range_is_outside, LIST_VIEW, "", FULL),
    LIE(view_range_is_outside_64, LARGE_LIST_VIEW, "", FULL),
    LIE(negative_size, LIST_VIEW, "", FULL),
    LIE(short_byte_buffer, UTF8_VIEW, "", FULL),
    LIE(view_of_no_buffer, UTF8_VIEW, "", FULL),
    LIE(view_with_wrong_prefix, UTF8_VIEW, "", FULL),
    LIE(view_of_negative_size, UTF8_VIEW, "", FULL),
    LIE(unknown_code, SPARSE_UNION, "", FULL),
    LIE(unknown_code, DENSE_UNION, "", FULL),
    LIE(dense_offset_outside, DENSE_UNION, "", FULL),
    LIE(index_outside, DICTIONARY, "", FULL),
    LIE(negative_index, DICTIONARY, "", FULL),
    LIE(dictionary_is_short, DICTIONARY, "", FULL),
    LIE(runs_fall, RUN_END_ENCODED, "", FULL),
    LIE(keys_are_null, MAP, "", FULL),
};

static void every_lie_is_found(void **state) {
    (void)state;
    int missed = 0;
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        foreign_array *foreign = foreign_array_new(lies[i].sample);
        elea_type *type = foreign_array_type(lies[i].sample);
        lies[i].spoil(foreign);
        elea_error err = {0};
        elea_array *array = NULL;
        elea_status status = elea_array_import(&foreign->array, type, NULL, &array, &err);
        assert_null(foreign->array.release);
        assert_int_equal(array != NULL, status == ELEA_OK);
        if (lies[i].validation == FULL && status == ELEA_OK)
            status = elea_array_validate(array, FULL, &err);
        if (status == ELEA_OK || strstr(elea_error_message(&err), lies[i].part) == NULL) {
            print_error("%s: %s: \"%s\"\n", lies[i].name, elea_status_name(status),
                        elea_error_message(&err));
            missed++;
        }
        elea_array_unref(array);
        elea_type_unref(type);
        assert_int_equal(foreign->released, 1);
        foreign_array_free(foreign);
    }
    assert_int_equal(missed, 0);
}

static void nothing_is_not_an_array(void **state) {
    (void)state;
    elea_error err;
    elea_array *array = NULL;
    const elea_type *type = elea_type_of(ELEA_TYPE_INT64);
    assert_fails(ELEA_EINVAL, "NULL", elea_array_import(NULL, type, NULL, &array, &err));
    struct ArrowArray released = {0};
    assert_fails(ELEA_EINVAL, "released", elea_array_import(&released, type, NULL, &array, &err));
    assert_null(array);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_lie_is_found),
        cmocka_unit_test(nothing_is_not_an_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
