// SPDX-License-Identifier: Apache-2.0
//
// Validation of text looks at many rows at once, and must find what a look at each row finds.
#include "support/cmocka_all.h"

#include <stdio.h>

#include "columnar/array_internal.h"
#include "support/random_data.h"

#define ROWS_MAX 5000

typedef struct text {
    int64_t row_count;
    int64_t offsets[ROWS_MAX + 1];
    uint8_t bytes[ROWS_MAX * 40];
    uint8_t validity[ROWS_MAX / 8 + 1];
} text;

// The plain rule. The first row that breaks it, or -1.
static int64_t first_bad(const text *t, int64_t first, int64_t count, int64_t *byte) {
    for (int64_t i = first; i < first + count; i++) {
        int64_t size = t->offsets[i + 1] - t->offsets[i];
        *byte = elea_utf8_check(t->bytes + t->offsets[i], size);
        if (elea_bit_get(t->validity, i) && *byte < size)
            return i - first;
    }
    return -1;
}

static elea_array *array_of(const text *t, elea_type_id id) {
    elea_error err = {0};
    elea_array *array = NULL;
    elea_buffer *buffers[3];
    static int32_t narrow[ROWS_MAX + 1];
    int64_t size = t->offsets[t->row_count];
    for (int64_t i = 0; i <= t->row_count; i++)
        narrow[i] = (int32_t)t->offsets[i];
    bool is_large = id == ELEA_TYPE_LARGE_UTF8;
    assert_ok(
        elea_buffer_new_copy(NULL, t->validity, elea_bitmap_size(t->row_count), &buffers[0], &err));
    assert_ok(elea_buffer_new_copy(NULL, is_large ? (const void *)t->offsets : narrow,
                                   (t->row_count + 1) * (is_large ? 8 : 4), &buffers[1], &err));
    assert_ok(elea_buffer_new_copy(NULL, t->bytes, size, &buffers[2], &err));
    elea_array_parts parts = {.type = elea_type_of(id),
                              .length = t->row_count,
                              .null_count = -1,
                              .buffers = (const elea_buffer *const *)buffers,
                              .buffer_count = 3};
    assert_ok(elea_array_new(NULL, &parts, &array, &err));
    for (int i = 0; i < 3; i++)
        elea_buffer_unref(buffers[i]);
    return array;
}

// Views of the same rows. `gap` bytes lie between those of one row and those of the next.
static elea_array *views_of(const text *t, int64_t gap) {
    elea_error err = {0};
    elea_array *array = NULL;
    elea_buffer *buffers[3];
    static uint8_t views[ROWS_MAX * 16];
    static uint8_t bytes[ROWS_MAX * 48];
    int64_t used = 0;
    memset(views, 0, sizeof views);
    for (int64_t i = 0; i < t->row_count; i++) {
        int32_t size = (int32_t)(t->offsets[i + 1] - t->offsets[i]);
        const uint8_t *value = t->bytes + t->offsets[i];
        memcpy(views + i * 16, &size, 4);
        if (size <= ELEA__VIEW_INLINE_MAX) {
            memcpy(views + i * 16 + 4, value, (size_t)size);
            continue;
        }
        int32_t offset = (int32_t)used;
        memcpy(views + i * 16 + 4, value, 4);
        memcpy(views + i * 16 + 12, &offset, 4);
        memcpy(bytes + used, value, (size_t)size);
        memset(bytes + used + size, 0xFF, (size_t)gap);
        used += size + gap;
    }
    assert_ok(
        elea_buffer_new_copy(NULL, t->validity, elea_bitmap_size(t->row_count), &buffers[0], &err));
    assert_ok(elea_buffer_new_copy(NULL, views, t->row_count * 16, &buffers[1], &err));
    assert_ok(elea_buffer_new_copy(NULL, bytes, used, &buffers[2], &err));
    elea_array_parts parts = {.type = elea_type_of(ELEA_TYPE_UTF8_VIEW),
                              .length = t->row_count,
                              .null_count = -1,
                              .buffers = (const elea_buffer *const *)buffers,
                              .buffer_count = 3};
    assert_ok(elea_array_new(NULL, &parts, &array, &err));
    for (int i = 0; i < 3; i++)
        elea_buffer_unref(buffers[i]);
    return array;
}

static void check_slice(const text *t, elea_array *array, int64_t first, int64_t count) {
    elea_error err = {0};
    elea_array *slice = NULL;
    int64_t byte;
    int64_t row = first_bad(t, first, count, &byte);
    assert_ok(elea_array_slice(array, first, count, &slice, &err));
    if (row < 0) {
        assert_ok(elea_array_validate(slice, ELEA_VALIDATE_FULL, &err));
    } else {
        char message[64];
        snprintf(message, sizeof message, "row %lld is not UTF-8 at byte %lld", (long long)row,
                 (long long)byte);
        assert_fails(ELEA_EINVAL, message, elea_array_validate(slice, ELEA_VALIDATE_FULL, &err));
    }
    elea_array_unref(slice);
}

static void check_text(const text *t) {
    int64_t third = t->row_count / 3;
    elea_array *arrays[] = {array_of(t, ELEA_TYPE_UTF8), array_of(t, ELEA_TYPE_LARGE_UTF8),
                            views_of(t, 0), views_of(t, 3)};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        check_slice(t, arrays[i], 0, t->row_count);
        check_slice(t, arrays[i], third, t->row_count - third);
        check_slice(t, arrays[i], third, third);
        check_slice(t, arrays[i], t->row_count, 0);
        elea_array_unref(arrays[i]);
    }
}

// Rows of pieces; one in `other_every` pieces is no ASCII (0: none).
static void fill(text *t, elea_test_random *random, int64_t row_count, int64_t pieces_max,
                 int64_t other_every) {
    static const char *const others[] = {"\xC3\xA9", "\xE4\xB8\xAD", "\xF0\x9F\x8F\xB9"};
    t->row_count = row_count;
    t->offsets[0] = 0;
    memset(t->validity, 0xFF, sizeof t->validity);
    for (int64_t i = 0; i < row_count; i++) {
        int64_t at = t->offsets[i];
        for (int64_t k = elea_test_random_below(random, pieces_max + 1); k > 0; k--) {
            bool is_other = other_every > 0 && elea_test_random_below(random, other_every) == 0;
            const char *piece = is_other ? others[elea_test_random_below(random, 3)] : "ab";
            memcpy(t->bytes + at, piece, strlen(piece));
            at += (int64_t)strlen(piece);
        }
        t->offsets[i + 1] = at;
    }
}

static text shared;

static void well_formed(void **state) {
    (void)state;
    static const int64_t counts[] = {0, 1, 63, 64, 65, 1023, 1024, 1025, 2048, 3073, ROWS_MAX};
    elea_test_random random = {.state = 11};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        for (int64_t other_every = 0; other_every <= 50; other_every += 25) {
            fill(&shared, &random, counts[i], i % 2 == 0 ? 10 : 4, other_every);
            check_text(&shared);
        }
    }
}

// A byte or an offset is changed, or rows become null; what the plain rule says holds.
static void one_change(void **state) {
    (void)state;
    elea_test_random random = {.state = 12};
    for (int round = 0; round < 200; round++) {
        fill(&shared, &random, 900 + elea_test_random_below(&random, 1500), 10,
             round % 3 == 0 ? 0 : 20);
        int64_t row = elea_test_random_below(&random, shared.row_count - 1);
        int64_t size = shared.offsets[shared.row_count];
        switch (elea_test_random_below(&random, 3)) {
        case 0:
            shared.bytes[elea_test_random_below(&random, size)] =
                (uint8_t)(0x80 | elea_test_random_next(&random));
            break;
        case 1:
            if (shared.offsets[row + 1] < shared.offsets[row + 2])
                shared.offsets[row + 1]++;
            break;
        default:
            shared.bytes[shared.offsets[row]] = 0xFF;
            break;
        }
        check_text(&shared);
        int64_t byte;
        int64_t bad = first_bad(&shared, 0, shared.row_count, &byte);
        if (bad >= 0)
            elea_bit_clear(shared.validity, bad);
        check_text(&shared);
    }
}

// A character that is cut where one look ends and the next begins: between rows 1023 and 1024.
static void cut_between_looks(void **state) {
    (void)state;
    elea_test_random random = {.state = 13};
    fill(&shared, &random, 2000, 4, 0);
    for (int64_t i = 1023; i <= 1024; i++) {
        shared.offsets[i] = shared.offsets[i - 1] + 1;
        memcpy(shared.bytes + shared.offsets[i] - 1, "\xC3\xA9", 2);
    }
    for (int64_t i = 1025; i <= 2000; i++)
        shared.offsets[i] = shared.offsets[1024] + 1;
    check_text(&shared);
    elea_bit_clear(shared.validity, 1023);
    check_text(&shared);
    elea_bit_clear(shared.validity, 1022);
    elea_bit_clear(shared.validity, 1024);
    check_text(&shared);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed),
        cmocka_unit_test(one_change),
        cmocka_unit_test(cut_between_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
