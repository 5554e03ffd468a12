// SPDX-License-Identifier: Apache-2.0
#include "memory/manifest.h"
#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/scratch.h"

#define HEAD "{\"format\": \"elea-store\", \"format_version\": 1, \"generation\": 3, "
#define SEGMENT_1                                                                                  \
    "{\"id\": 1, \"category\": \"experiences\", \"rows\": 412, \"size\": 4096, "                   \
    "\"unit_length\": true}"
#define SEGMENT_2                                                                                  \
    "{\"id\": 2, \"category\": \"notes\", \"rows\": 0, \"size\": 0, \"unit_length\": false}"
#define EMBEDDER                                                                                   \
    "\"embedder\": {\"name\": \"model\", \"fingerprint\": \"00ff\", \"pooling\": \"mean\"}, "

static elea_status read_text(elea_test_scratch *scratch, const char *text, elea__manifest *out,
                             elea_error *err) {
    elea_test_scratch_write(scratch, ELEA__MANIFEST_NAME, text, (int64_t)strlen(text));
    return elea__manifest_read(NULL, scratch->folder, out, err);
}

static void test_read(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea__manifest manifest = {0};
    elea_test_scratch_init(&scratch);
    assert_ok(read_text(&scratch,
                        HEAD "\"dimension\": 8, " EMBEDDER
                             "\"next_segment\": 3, \"segments\": [" SEGMENT_1 ", " SEGMENT_2 "]}",
                        &manifest, &err));
    assert_int_equal(manifest.generation, 3);
    assert_int_equal(manifest.next_segment, 3);
    assert_int_equal(manifest.dimension, 8);
    assert_string_equal(manifest.embedder.name, "model");
    assert_string_equal(manifest.embedder.fingerprint, "00ff");
    assert_string_equal(manifest.embedder.pooling, "mean");
    assert_int_equal(manifest.segment_count, 2);
    assert_string_equal(manifest.segments[0].category, "experiences");
    assert_int_equal(manifest.segments[0].rows, 412);
    assert_int_equal(manifest.segments[0].size, 4096);
    assert_true(manifest.segments[0].unit_length);
    assert_false(manifest.segments[1].unit_length);
    elea__manifest_release(&manifest);
    elea_test_scratch_release(&scratch);
}

static void test_damaged(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
        elea_status status;
    } cases[] = {
        {"", "line 1", ELEA_EINVAL},
        {"[]", "\"format\" is not a string", ELEA_EINVAL},
        {"{\"format\": \"other\"}", "not \"elea-store\"", ELEA_EINVAL},
        {"{\"format\": \"elea-store\", \"format_version\": 2}", "reads 1", ELEA_EUNSUPPORTED},
        {HEAD, "line 1", ELEA_EINVAL},
        {HEAD "\"next_segment\": 1}", "\"dimension\" is not an integer", ELEA_EINVAL},
        {HEAD "\"next_segment\": 1, \"dimension\": 0}", "\"dimension\" is 0", ELEA_EINVAL},
        {HEAD "\"next_segment\": 1, \"dimension\": 99999999999}", "\"dimension\" is 99999999999",
         ELEA_EINVAL},
        {HEAD "\"next_segment\": -1, \"dimension\": 8}", "\"next_segment\" is -1", ELEA_EINVAL},
        {HEAD "\"next_segment\": 1, \"dimension\": 8, \"segments\": []}",
         "\"name\" is not a string", ELEA_EINVAL},
        {HEAD "\"next_segment\": 1, \"dimension\": 8, \"embedder\": null}",
         "\"segments\" is not an array", ELEA_EINVAL},
        {HEAD "\"next_segment\": 1, \"dimension\": 8, \"embedder\": null, \"segments\": [1]}",
         "segments[0]: \"id\" is not", ELEA_EINVAL},
        // An id that was not given out yet.
        {HEAD "\"next_segment\": 1, \"dimension\": 8, \"embedder\": null, \"segments\": [" SEGMENT_1
              "]}",
         "\"id\" is 1", ELEA_EINVAL},
        {HEAD "\"next_segment\": 9, \"dimension\": 8, \"embedder\": null, \"segments\": [" SEGMENT_1
              ", " SEGMENT_1 "]}",
         "id 1 does not follow 1", ELEA_EINVAL},
        {HEAD "\"next_segment\": 9, \"dimension\": 8, \"embedder\": null, \"segments\": "
              "[{\"id\": 1, \"rows\": -1}]}",
         "\"rows\" is -1", ELEA_EINVAL},
        {HEAD "\"next_segment\": 9, \"dimension\": 8, \"embedder\": null, \"segments\": "
              "[{\"id\": 1, \"rows\": 1, \"size\": 1, \"unit_length\": 1}]}",
         "\"unit_length\" is not", ELEA_EINVAL},
        {HEAD "\"next_segment\": 9, \"dimension\": 8, \"embedder\": null, \"segments\": "
              "[{\"id\": 1, \"rows\": 1, \"size\": 1, \"unit_length\": true, \"category\": "
              "\"../../etc\"}]}",
         "begins with a dot", ELEA_EINVAL},
        {HEAD "\"next_segment\": 9, \"dimension\": 8, \"embedder\": null, \"segments\": "
              "[{\"id\": 1, \"rows\": 1, \"size\": 1, \"unit_length\": true, \"category\": "
              "\"a/../b\"}]}",
         "may not have", ELEA_EINVAL},
        {HEAD "\"generation\": 4}", "duplicate", ELEA_EINVAL},
    };
    elea_test_scratch scratch;
    elea_test_scratch_init(&scratch);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        elea_error err = {0};
        elea__manifest manifest = {0};
        assert_fails(cases[i].status, cases[i].message,
                     read_text(&scratch, cases[i].text, &manifest, &err));
        assert_non_null(strstr(err.message, ELEA__MANIFEST_NAME));
        assert_null(manifest.segments);
    }
    elea_test_scratch_release(&scratch);
}

static void test_missing(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea__manifest manifest = {0};
    elea_test_scratch_init(&scratch);
    assert_fails(ELEA_ENOTFOUND, "MANIFEST",
                 elea__manifest_read(NULL, scratch.folder, &manifest, &err));
    elea_test_scratch_release(&scratch);
}

static void test_append_write_read(void **state) {
    (void)state;
    elea_error err = {0};
    elea_test_scratch scratch;
    elea__manifest first = {.next_segment = 1,
                            .dimension = 4,
                            .embedder = {.name = "a \"b\"", .fingerprint = "1", .pooling = "cls"}};
    elea__manifest second = {0}, read = {0};
    elea__manifest_segment segment = {.rows = 5, .size = 6, .unit_length = true, .category = "é"};
    elea_test_scratch_init(&scratch);
    assert_ok(elea__manifest_append(&first, &segment, &second, &err));
    assert_ok(elea__manifest_write(&second, scratch.folder, &err));
    assert_ok(elea__manifest_read(NULL, scratch.folder, &read, &err));
    assert_int_equal(read.generation, 1);
    assert_int_equal(read.next_segment, 2);
    assert_string_equal(read.embedder.name, "a \"b\"");
    assert_int_equal(read.segment_count, 1);
    assert_int_equal(read.segments[0].id, 1);
    assert_string_equal(read.segments[0].category, "é");
    assert_true(read.segments[0].unit_length);
    assert_int_equal(elea_test_scratch_count(&scratch), 1);
    elea__manifest_release(&first);
    elea__manifest_release(&second);
    elea__manifest_release(&read);
    elea_test_scratch_release(&scratch);
}

static void test_ids_run_out(void **state) {
    (void)state;
    elea_error err = {0};
    elea__manifest manifest = {.next_segment = 100000000}, next = {0};
    elea__manifest_segment segment = {.category = "x"};
    assert_fails(ELEA_ECAPACITY, "99999999",
                 elea__manifest_append(&manifest, &segment, &next, &err));
}

static void test_category(void **state) {
    (void)state;
    elea_error err = {0};
    char longest[ELEA__CATEGORY_SIZE_MAX + 2];
    memset(longest, 'x', sizeof(longest));
    longest[ELEA__CATEGORY_SIZE_MAX + 1] = '\0';
    assert_fails(ELEA_EINVAL, "101 bytes", elea__category_check(longest, &err));
    longest[ELEA__CATEGORY_SIZE_MAX] = '\0';
    assert_ok(elea__category_check(longest, &err));
    assert_ok(elea__category_check("日記", &err));
    assert_fails(ELEA_EINVAL, "0 bytes", elea__category_check("", &err));
    assert_fails(ELEA_EINVAL, "0 bytes", elea__category_check(NULL, &err));
    assert_fails(ELEA_EINVAL, "store itself", elea__category_check("wal", &err));
    assert_fails(ELEA_EINVAL, "store itself", elea__category_check("MANIFEST", &err));
    assert_fails(ELEA_EINVAL, "may not have", elea__category_check("a\nb", &err));
    assert_fails(ELEA_EINVAL, "not UTF-8", elea__category_check("a\xff", &err));
}

static elea_status write_and_read(elea_pool *pool, void *context, elea_error *err) {
    const char *folder = context;
    elea__manifest first = {.pool = pool, .next_segment = 1, .dimension = 4}, second = {0},
                   read = {0};
    elea__manifest_segment segment = {.rows = 5, .category = "x"};
    elea_status status = elea__manifest_append(&first, &segment, &second, err);
    if (status == ELEA_OK)
        status = elea__manifest_write(&second, folder, err);
    if (status == ELEA_OK)
        status = elea__manifest_read(pool, folder, &read, err);
    elea__manifest_release(&second);
    elea__manifest_release(&read);
    return status;
}

static void test_allocations(void **state) {
    (void)state;
    elea_test_scratch scratch;
    elea_test_scratch_init(&scratch);
    elea_test_fail_each_allocation(write_and_read, scratch.folder);
    elea_test_scratch_release(&scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_missing),     cmocka_unit_test(test_append_write_read),
        cmocka_unit_test(test_ids_run_out), cmocka_unit_test(test_category),
        cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
