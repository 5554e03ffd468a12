// SPDX-License-Identifier: Apache-2.0
#include "io/gzip_internal.h"

#include <stdlib.h>

#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/random_data.h"

#if ELEA_WITH_ZLIB

static elea_bytes bytes_of(const elea_text *text) { return (elea_bytes){text->data, text->size}; }

// Half of it is repeated, half is noise.
static void fill(elea_text *text, int64_t size) {
    elea_error err = {0};
    elea_test_random random = {.state = (uint64_t)size + 1};
    while (text->size < size) {
        uint64_t noise[2] = {elea_test_random_next(&random), 0};
        int64_t part = size - text->size < 16 ? size - text->size : 16;
        assert_ok(elea_text_append(text, (elea_bytes){(const char *)noise, part}, &err));
    }
}

static void test_there_and_back(void **state) {
    (void)state;
    elea_error err = {0};
    static const int64_t sizes[] = {0, 1, 100, 65535, 65536, 65537, 3000000};
    elea_text plain, packed, found;
    elea_text_init(&plain, NULL);
    elea_text_init(&packed, NULL);
    elea_text_init(&found, NULL);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        elea_text_reset(&plain);
        elea_text_reset(&packed);
        elea_text_reset(&found);
        fill(&plain, sizes[i]);
        assert_ok(elea__gzip_pack(bytes_of(&plain), &packed, &err));
        assert_true(elea__gzip_is(bytes_of(&packed)));
        assert_ok(elea__gzip_unpack(bytes_of(&packed), &found, &err));
        assert_int_equal(found.size, plain.size);
        assert_true(plain.size == 0 || memcmp(found.data, plain.data, (size_t)plain.size) == 0);
    }
    assert_true(packed.size < plain.size * 3 / 4);
    // Members follow each other: what they hold, does, too.
    elea_text_reset(&found);
    assert_ok(elea__gzip_pack((elea_bytes){"tail", 4}, &packed, &err));
    assert_ok(elea__gzip_unpack(bytes_of(&packed), &found, &err));
    assert_int_equal(found.size, plain.size + 4);
    assert_memory_equal(found.data + plain.size, "tail", 4);
    elea_text_release(&found);
    elea_text_release(&packed);
    elea_text_release(&plain);
}

static void test_damage(void **state) {
    (void)state;
    elea_error err = {0};
    elea_text plain, packed, found;
    elea_text_init(&plain, NULL);
    elea_text_init(&packed, NULL);
    elea_text_init(&found, NULL);
    fill(&plain, 1000);
    assert_ok(elea__gzip_pack(bytes_of(&plain), &packed, &err));
    for (int64_t cut = 0; cut < packed.size; cut++) {
        char *copy = malloc((size_t)cut + 1);
        memcpy(copy, packed.data, (size_t)cut);
        assert_fails(ELEA_EINVAL,
                     "gzip data: ", elea__gzip_unpack((elea_bytes){copy, cut}, &found, &err));
        free(copy);
    }
    int wrong = 0;
    for (int64_t at = 0; at < packed.size; at++) {
        packed.data[at] ^= 0x55;
        wrong += elea__gzip_unpack(bytes_of(&packed), &found, &err) == ELEA_EINVAL;
        packed.data[at] ^= 0x55;
    }
    // All but the bytes of the header that say when and where it was made.
    assert_true(wrong >= packed.size - 6);
    assert_false(elea__gzip_is((elea_bytes){"\x1f", 1}));
    assert_false(elea__gzip_is((elea_bytes){"{}", 2}));
    elea_text_release(&found);
    elea_text_release(&packed);
    elea_text_release(&plain);
}

static elea_status pack_and_unpack(elea_pool *pool, void *context, elea_error *err) {
    const elea_text *plain = context;
    elea_text packed, found;
    elea_text_init(&packed, pool);
    elea_text_init(&found, pool);
    elea_status status = elea__gzip_pack(bytes_of(plain), &packed, err);
    if (status == ELEA_OK)
        status = elea__gzip_unpack(bytes_of(&packed), &found, err);
    elea_text_release(&found);
    elea_text_release(&packed);
    return status;
}

static void test_out_of_memory(void **state) {
    (void)state;
    elea_text plain;
    elea_text_init(&plain, NULL);
    fill(&plain, 200000);
    elea_test_fail_each_allocation(pack_and_unpack, &plain);
    elea_text_release(&plain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static void test_says_what_is_missing(void **state) {
    (void)state;
    elea_error err;
    elea_text text;
    elea_text_init(&text, NULL);
    assert_fails(ELEA_EUNSUPPORTED, "ELEA_WITH_ZLIB",
                 elea__gzip_unpack((elea_bytes){"\x1f\x8b", 2}, &text, &err));
    assert_fails(ELEA_EUNSUPPORTED, "ELEA_WITH_ZLIB",
                 elea__gzip_pack((elea_bytes){"x", 1}, &text, &err));
    elea_text_release(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_says_what_is_missing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
