// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "elea/abi.h"
#include "support/alloc_failures.h"
#include "support/cmocka_all.h"
#include "support/type_cases.h"

// ---- round trips

static void types_survive_the_round_trip(void **state) {
    (void)state;
    elea_error err = {0};
    type_cases cases;
    type_cases_init(&cases);
    for (int64_t i = 0; i < cases.count; i++) {
        struct ArrowSchema exported;
        elea_field *field = NULL;
        assert_ok(elea_type_export(cases.cases[i].type, NULL, &exported, &err));
        assert_string_equal(exported.format, cases.cases[i].format);
        assert_string_equal(exported.name, "");
        assert_null(exported.metadata);
        assert_true((exported.flags & ARROW_FLAG_NULLABLE) != 0);
        assert_ok(elea_field_import(&exported, NULL, &field, &err));
        assert_null(exported.release);
        assert_true(elea_type_equal(elea_field_type(field), cases.cases[i].type, true));
        elea_field_unref(field);
    }
    type_cases_release(&cases);
}

static elea_metadata *metadata_of(const char *key, const char *value) {
    elea_error err = {0};
    elea_metadata *metadata = NULL;
    const elea_bytes keys[] = {elea_bytes_of(key), elea_bytes_of("")};
    const elea_bytes values[] = {elea_bytes_of(value), {"a\0b", 3}};
    assert_ok(elea_metadata_new(NULL, keys, values, 2, &metadata, &err));
    return metadata;
}

// All types side by side, every second field nullable, every third with metadata.
static elea_schema *schema_of_all(void) {
    elea_error err = {0};
    type_cases cases;
    type_cases_init(&cases);
    elea_field *fields[TYPE_CASE_COUNT_MAX];
    elea_metadata *metadata = metadata_of("of field", "grün");
    for (int64_t i = 0; i < cases.count; i++) {
        char name[32];
        snprintf(name, sizeof name, "ß%d", (int)i);
        assert_ok(elea_field_new(NULL, elea_bytes_of(name), cases.cases[i].type, i % 2 == 0,
                                 i % 3 == 0 ? metadata : NULL, &fields[i], &err));
    }
    elea_metadata_unref(metadata);
    metadata = metadata_of("of schema", "");
    elea_schema *schema = NULL;
    assert_ok(elea_schema_new(NULL, (const elea_field *const *)fields, cases.count, metadata,
                              &schema, &err));
    elea_metadata_unref(metadata);
    for (int64_t i = 0; i < cases.count; i++)
        elea_field_unref(fields[i]);
    type_cases_release(&cases);
    return schema;
}

static void schemas_survive_the_round_trip(void **state) {
    (void)state;
    elea_error err = {0};
    elea_schema *schema = schema_of_all(), *back = NULL;
    struct ArrowSchema exported;
    assert_ok(elea_schema_export(schema, NULL, &exported, &err));
    assert_string_equal(exported.format, "+s");
    assert_int_equal(exported.n_children, elea_schema_field_count(schema));
    assert_ok(elea_schema_import(&exported, NULL, &back, &err));
    assert_null(exported.release);
    assert_true(elea_schema_equal(schema, back, true));
    elea_schema_unref(back);
    elea_schema_unref(schema);

    assert_ok(elea_schema_new(NULL, NULL, 0, NULL, &schema, &err));
    assert_ok(elea_schema_export(schema, NULL, &exported, &err));
    assert_null(exported.children);
    assert_ok(elea_schema_import(&exported, NULL, &back, &err));
    assert_true(elea_schema_equal(schema, back, true));
    elea_schema_unref(back);
    elea_schema_unref(schema);
}

static void metadata_and_flags_are_encoded_as_specified(void **state) {
    (void)state;
    elea_error err = {0};
    elea_metadata *metadata = metadata_of("k", "val");
    elea_field *field = NULL;
    assert_ok(elea_field_new(NULL, elea_bytes_of("f"), elea_type_of(ELEA_TYPE_INT8), false,
                             metadata, &field, &err));
    struct ArrowSchema exported;
    assert_ok(elea_field_export(field, NULL, &exported, &err));
    const int32_t numbers[] = {2, 1, 3, 0, 3};
    char expected[4 * 5 + 1 + 3 + 3];
    memcpy(expected, &numbers[0], 8);
    memcpy(expected + 8, "k", 1);
    memcpy(expected + 9, &numbers[2], 4);
    memcpy(expected + 13, "val", 3);
    memcpy(expected + 16, &numbers[3], 8);
    memcpy(expected + 24, "a\0b", 3);
    assert_memory_equal(exported.metadata, expected, sizeof expected);
    assert_int_equal(exported.flags, 0);
    assert_string_equal(exported.name, "f");
    exported.release(&exported);
    assert_null(exported.release);
    elea_field_unref(field);
    elea_metadata_unref(metadata);

    type_cases cases;
    type_cases_init(&cases);
    for (int64_t i = 0; i < cases.count; i++) {
        const elea_type *type = cases.cases[i].type;
        assert_ok(elea_type_export(type, NULL, &exported, &err));
        bool sorted = (exported.flags & ARROW_FLAG_MAP_KEYS_SORTED) != 0;
        bool ordered = (exported.flags & ARROW_FLAG_DICTIONARY_ORDERED) != 0;
        assert_int_equal(sorted, elea_type_keys_sorted(type));
        assert_int_equal(ordered, elea_type_ordered(type));
        assert_int_equal(exported.dictionary != NULL,
                         elea_type_id_of(type) == ELEA_TYPE_DICTIONARY);
        exported.release(&exported);
    }
    type_cases_release(&cases);
}

static void children_may_be_moved_out(void **state) {
    (void)state;
    elea_error err = {0};
    elea_schema *schema = schema_of_all();
    struct ArrowSchema exported;
    assert_ok(elea_schema_export(schema, NULL, &exported, &err));
    int64_t last = exported.n_children - 1;
    struct ArrowSchema moved = *exported.children[last];
    exported.children[last]->release = NULL;
    exported.release(&exported);
    elea_field *field = NULL;
    assert_ok(elea_field_import(&moved, NULL, &field, &err));
    assert_true(elea_field_equal(field, elea_schema_field(schema, last), true));
    elea_field_unref(field);

    // And the values of a dictionary.
    elea_type *type = NULL;
    assert_ok(elea_type_new_dictionary(NULL, elea_type_of(ELEA_TYPE_INT16),
                                       elea_type_of(ELEA_TYPE_UTF8), false, &type, &err));
    assert_ok(elea_type_export(type, NULL, &exported, &err));
    elea_type_unref(type);
    moved = *exported.dictionary;
    exported.dictionary->release = NULL;
    exported.release(&exported);
    assert_string_equal(moved.format, "u");
    moved.release(&moved);
    elea_schema_unref(schema);
}

// ---- hostile structs

// A struct made by hand, whose release is counted.
typedef struct foreign {
    struct ArrowSchema schema;
    int released;
} foreign;

static void count_release(struct ArrowSchema *schema) {
    foreign *self = schema->private_data;
    self->released++;
    schema->release = NULL;
}

static void foreign_init(foreign *self, const char *format) {
    *self = (foreign){.schema = {.format = format, .name = "x", .release = count_release}};
    self->schema.private_data = self;
}

// The field import must fail, release the struct once and leave *out alone.
#define refuse(expected, part, self)                                                               \
    do {                                                                                           \
        elea_field *field_ = NULL;                                                                 \
        assert_fails(expected, part, elea_field_import(&(self)->schema, NULL, &field_, &err));     \
        assert_null(field_);                                                                       \
        assert_int_equal((self)->released, 1);                                                     \
        assert_null((self)->schema.release);                                                       \
    } while (0)

static void hostile_structs_are_refused(void **state) {
    (void)state;
    elea_error err = {0};
    foreign self;
    elea_field *field = NULL;
    elea_schema *schema = NULL;
    assert_fails(ELEA_EINVAL, "NULL", elea_field_import(NULL, NULL, &field, &err));
    assert_fails(ELEA_EINVAL, "NULL", elea_schema_import(NULL, NULL, &schema, &err));
    foreign_init(&self, "l");
    self.schema.release = NULL;
    assert_fails(ELEA_EINVAL, "released", elea_field_import(&self.schema, NULL, &field, &err));
    assert_fails(ELEA_EINVAL, "released", elea_schema_import(&self.schema, NULL, &schema, &err));
    assert_int_equal(self.released, 0);

    foreign_init(&self, NULL);
    refuse(ELEA_EINVAL, "format is NULL", &self);
    foreign_init(&self, "l");
    self.schema.n_children = -1;
    refuse(ELEA_EINVAL, "-1 children", &self);
    foreign_init(&self, "+s");
    self.schema.n_children = 1;
    refuse(ELEA_EINVAL, "1 children at NULL", &self);
    foreign_init(&self, "+s");
    struct ArrowSchema *children[] = {NULL};
    self.schema.children = children;
    self.schema.n_children = INT64_MAX;
    refuse(ELEA_ECAPACITY, "more than", &self);
    foreign_init(&self, "+s");
    self.schema.children = children;
    self.schema.n_children = 1;
    refuse(ELEA_EINVAL, "child 0: the ArrowSchema is NULL", &self);
    foreign_init(&self, "u");
    self.schema.name = "a\xc0\x80";
    refuse(ELEA_EINVAL, "not UTF-8 at byte 1", &self);
    foreign_init(&self, "zz");
    refuse(ELEA_EUNSUPPORTED, "'zz'", &self);
    foreign_init(&self, "l");
    assert_fails(ELEA_EINVAL, "'l'", elea_schema_import(&self.schema, NULL, &schema, &err));
    assert_int_equal(self.released, 1);
    assert_null(field);
    assert_null(schema);
}

static void hostile_children_are_refused(void **state) {
    (void)state;
    elea_error err = {0};
    foreign self, inner;
    foreign_init(&self, "+l");
    foreign_init(&inner, "l");
    inner.schema.release = NULL;
    struct ArrowSchema *children[] = {&inner.schema, &inner.schema};
    self.schema.children = children;
    self.schema.n_children = 1;
    refuse(ELEA_EINVAL, "child 0: the ArrowSchema is released", &self);
    foreign_init(&self, "i");
    foreign_init(&inner, "?");
    self.schema.dictionary = &inner.schema;
    refuse(ELEA_EUNSUPPORTED, "dictionary: format '?'", &self);
    foreign_init(&self, "u");
    foreign_init(&inner, "l");
    self.schema.dictionary = &inner.schema;
    refuse(ELEA_ETYPE, "utf8", &self);

    // A struct that is its own child, once and twice.
    foreign_init(&self, "+l");
    struct ArrowSchema *cycle[] = {&self.schema, &self.schema};
    self.schema.children = cycle;
    self.schema.n_children = 1;
    refuse(ELEA_EINVAL, "deeper than 64", &self);
    foreign_init(&self, "i");
    self.schema.dictionary = &self.schema;
    refuse(ELEA_EINVAL, "deeper than 64", &self);
    // Nodes that share children: 2^60 fields from 60 structs.
    static foreign levels[60];
    static struct ArrowSchema *twins[60][2];
    for (int i = 0; i < 60; i++) {
        foreign_init(&levels[i], i == 59 ? "l" : "+s");
        if (i == 59)
            break;
        twins[i][0] = twins[i][1] = &levels[i + 1].schema;
        levels[i].schema.children = twins[i];
        levels[i].schema.n_children = 2;
    }
    refuse(ELEA_ECAPACITY, "more than", &levels[0]);
}

static void hostile_metadata_is_refused(void **state) {
    (void)state;
    elea_error err = {0};
    foreign self;
    static const int32_t negative_count[] = {-1};
    static const int32_t negative_key[] = {1, -5};
    static const int32_t negative_value[] = {1, 0, INT32_MIN};
    static const int32_t none[] = {0};
    foreign_init(&self, "l");
    self.schema.metadata = (const char *)negative_count;
    refuse(ELEA_EINVAL, "-1", &self);
    foreign_init(&self, "l");
    self.schema.metadata = (const char *)negative_key;
    refuse(ELEA_EINVAL, "-5", &self);
    foreign_init(&self, "+s");
    self.schema.metadata = (const char *)negative_value;
    elea_schema *schema = NULL;
    assert_fails(ELEA_EINVAL, "negative", elea_schema_import(&self.schema, NULL, &schema, &err));
    assert_int_equal(self.released, 1);

    // No pairs are no metadata; a missing name is an empty one.
    foreign_init(&self, "l");
    self.schema.metadata = (const char *)none;
    self.schema.name = NULL;
    elea_field *field = NULL;
    assert_ok(elea_field_import(&self.schema, NULL, &field, &err));
    assert_int_equal(elea_metadata_count(elea_field_metadata(field)), 0);
    assert_string_equal(elea_field_name(field), "");
    elea_field_unref(field);
}

// ---- memory running out

static elea_status round_trip(elea_pool *pool, void *context, elea_error *err) {
    const elea_schema *schema = context;
    struct ArrowSchema exported = {0};
    elea_schema *back = NULL;
    ELEA_TRY(elea_schema_export(schema, pool, &exported, err));
    elea_status status = elea_schema_import(&exported, pool, &back, err);
    assert_null(exported.release);
    elea_schema_unref(back);
    return status;
}

static void memory_running_out_leaks_nothing(void **state) {
    (void)state;
    elea_schema *schema = schema_of_all();
    assert_true(elea_test_fail_each_allocation(round_trip, schema) > 100);
    elea_schema_unref(schema);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_survive_the_round_trip),
        cmocka_unit_test(schemas_survive_the_round_trip),
        cmocka_unit_test(metadata_and_flags_are_encoded_as_specified),
        cmocka_unit_test(children_may_be_moved_out),
        cmocka_unit_test(hostile_structs_are_refused),
        cmocka_unit_test(hostile_children_are_refused),
        cmocka_unit_test(hostile_metadata_is_refused),
        cmocka_unit_test(memory_running_out_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
