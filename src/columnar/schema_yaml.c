// SPDX-License-Identifier: Apache-2.0
//
// Schemas as YAML. The reader goes from event to event and knows at each place what may follow, so
// that no document can be deeper or larger in memory than its schema; aliases, by which a short
// document stands for a large one, are refused.
#include <string.h>

#include "base/math_internal.h"
#include "columnar/format_internal.h"
#include "elea/columnar.h"

#if ELEA_WITH_YAML

#include <yaml.h>

// ---- writing

typedef struct writer {
    yaml_emitter_t emitter;
    elea_text *text;
    elea_error *err;
    elea_status status; // of what was last appended to the text
} writer;

static int write_some(void *context, unsigned char *bytes, size_t size) {
    writer *self = context;
    self->status =
        elea_text_append(self->text, (elea_bytes){(const char *)bytes, (int64_t)size}, self->err);
    return self->status == ELEA_OK;
}

// Ends an event that was made, or was not made for want of memory.
static elea_status emit(writer *self, int is_made, yaml_event_t *event) {
    if (is_made && yaml_emitter_emit(&self->emitter, event))
        return ELEA_OK;
    if (self->status != ELEA_OK)
        return self->status;
    return elea_error_set(self->err, ELEA_ENOMEM, "no memory to write YAML");
}

static elea_status begin_map(writer *self) {
    yaml_event_t event;
    return emit(
        self, yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE),
        &event);
}

static elea_status end_map(writer *self) {
    yaml_event_t event;
    return emit(self, yaml_mapping_end_event_initialize(&event), &event);
}

static elea_status begin_list(writer *self) {
    yaml_event_t event;
    return emit(
        self,
        yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE),
        &event);
}

static elea_status end_list(writer *self) {
    yaml_event_t event;
    return emit(self, yaml_sequence_end_event_initialize(&event), &event);
}

static bool is_letter(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

static bool words_equal(elea_bytes text, const char *word) {
    if (text.size != (int64_t)strlen(word))
        return false;
    for (int64_t i = 0; i < text.size; i++) {
        if ((text.data[i] | 0x20) != word[i])
            return false;
    }
    return true;
}

// Whether a reader of any version of YAML takes the text for one without quotes.
static bool needs_no_quotes(elea_bytes text) {
    static const char *const words[] = {"null", "true", "false", "yes", "no",
                                        "on",   "off",  "y",     "n"};
    if (text.size == 0 || !is_letter(text.data[0]))
        return false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (words_equal(text, words[i]))
            return false;
    }
    return true;
}

static elea_status put_scalar(writer *self, elea_bytes text, bool is_plain) {
    yaml_event_t event;
    int64_t good = elea_utf8_check(text.data, text.size);
    if (good < text.size)
        return elea_error_set(self->err, ELEA_EINVAL,
                              "a name, key or value that is not UTF-8 at byte %lld has no form in "
                              "YAML",
                              (long long)good);
    const yaml_char_t *bytes = (const yaml_char_t *)(text.size > 0 ? text.data : "");
    if (text.size > INT32_MAX)
        return elea_error_set(self->err, ELEA_ECAPACITY, "a text of %lld bytes in YAML",
                              (long long)text.size);
    return emit(self,
                yaml_scalar_event_initialize(&event, NULL, NULL, bytes, (int)text.size, 1, 1,
                                             is_plain ? YAML_PLAIN_SCALAR_STYLE
                                                      : YAML_DOUBLE_QUOTED_SCALAR_STYLE),
                &event);
}

static elea_status put_text(writer *self, elea_bytes text) {
    return put_scalar(self, text, needs_no_quotes(text));
}

static elea_status put_word(writer *self, const char *word) {
    return put_scalar(self, elea_bytes_of(word), true);
}

// Keys of a map are all different in YAML.
static bool has_repeated_key(const elea_metadata *metadata) {
    for (int64_t i = 0; i < elea_metadata_count(metadata); i++) {
        elea_bytes a = elea_metadata_key(metadata, i);
        for (int64_t k = 0; k < i; k++) {
            elea_bytes b = elea_metadata_key(metadata, k);
            if (a.size == b.size && memcmp(a.data, b.data, (size_t)a.size) == 0)
                return true;
        }
    }
    return false;
}

static elea_status put_metadata(writer *self, const elea_metadata *metadata) {
    if (elea_metadata_count(metadata) == 0)
        return ELEA_OK;
    bool is_list = has_repeated_key(metadata);
    ELEA_TRY(put_word(self, "metadata"));
    ELEA_TRY(is_list ? begin_list(self) : begin_map(self));
    for (int64_t i = 0; i < elea_metadata_count(metadata); i++) {
        if (is_list)
            ELEA_TRY(begin_map(self));
        ELEA_TRY(put_text(self, elea_metadata_key(metadata, i)));
        ELEA_TRY(put_text(self, elea_metadata_value(metadata, i)));
        if (is_list)
            ELEA_TRY(end_map(self));
    }
    return is_list ? end_list(self) : end_map(self);
}

static elea_status put_type(writer *self, const elea_type *type) {
    elea_text text;
    elea_text_init(&text, self->text->pool);
    elea_status status = elea__type_format(type, INT64_MAX, &text, self->err);
    if (status == ELEA_OK)
        status = put_text(self, (elea_bytes){text.data, text.size});
    elea_text_release(&text);
    return status;
}

static elea_status put_field(writer *self, const elea_field *field) {
    ELEA_TRY(begin_map(self));
    ELEA_TRY(put_word(self, "name"));
    ELEA_TRY(put_text(self, elea_bytes_of(elea_field_name(field))));
    ELEA_TRY(put_word(self, "type"));
    ELEA_TRY(put_type(self, elea_field_type(field)));
    if (!elea_field_nullable(field)) {
        ELEA_TRY(put_word(self, "nullable"));
        ELEA_TRY(put_word(self, "false"));
    }
    ELEA_TRY(put_metadata(self, elea_field_metadata(field)));
    return end_map(self);
}

static elea_status put_schema(writer *self, const elea_schema *schema) {
    yaml_event_t event;
    ELEA_TRY(emit(self, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING), &event));
    ELEA_TRY(emit(self, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1), &event));
    ELEA_TRY(begin_map(self));
    ELEA_TRY(put_word(self, "fields"));
    ELEA_TRY(begin_list(self));
    for (int64_t i = 0; i < elea_schema_field_count(schema); i++)
        ELEA_TRY(put_field(self, elea_schema_field(schema, i)));
    ELEA_TRY(end_list(self));
    ELEA_TRY(put_metadata(self, elea_schema_metadata(schema)));
    ELEA_TRY(end_map(self));
    ELEA_TRY(emit(self, yaml_document_end_event_initialize(&event, 1), &event));
    return emit(self, yaml_stream_end_event_initialize(&event), &event);
}

elea_status elea_schema_format_yaml(const elea_schema *schema, elea_text *text, elea_error *err) {
    writer self = {.text = text, .err = err};
    if (!yaml_emitter_initialize(&self.emitter))
        return elea_error_set(err, ELEA_ENOMEM, "no memory to write YAML");
    yaml_emitter_set_output(&self.emitter, write_some, &self);
    yaml_emitter_set_unicode(&self.emitter, 1);
    yaml_emitter_set_width(&self.emitter, -1);
    elea_status status = put_schema(&self, schema);
    yaml_emitter_delete(&self.emitter);
    return status;
}

// ---- reading

// A key and a value in the reader's strings.
typedef struct pair {
    int64_t key;
    int64_t key_size;
    int64_t value;
    int64_t value_size;
} pair;

// What is read of a field.
typedef struct partial_field {
    elea_type *type;
    elea_metadata *metadata;
    bool is_nullable;
    int64_t name; // in the strings, or -1
    int64_t name_size;
} partial_field;

// All that is made on the way is the reader's, so that every function may return early.
typedef struct reader {
    yaml_parser_t parser;
    yaml_event_t event; // the last one
    elea_pool *pool;
    elea_error *err;
    elea_text strings;
    pair *pairs;
    int64_t pair_count;
    int64_t pair_capacity;
    partial_field field;
    elea_field **fields;
    int64_t field_count;
    int64_t field_capacity;
    elea_metadata *metadata; // of the schema
    bool has_fields;
} reader;

static elea_status wrong(reader *self, const char *expected) {
    static const char *const names[] = {
        [YAML_NO_EVENT] = "nothing",           [YAML_STREAM_START_EVENT] = "the beginning",
        [YAML_STREAM_END_EVENT] = "the end",   [YAML_DOCUMENT_START_EVENT] = "a document",
        [YAML_DOCUMENT_END_EVENT] = "the end", [YAML_ALIAS_EVENT] = "an alias",
        [YAML_SCALAR_EVENT] = "a value",       [YAML_SEQUENCE_START_EVENT] = "a list",
        [YAML_SEQUENCE_END_EVENT] = "the end", [YAML_MAPPING_START_EVENT] = "a map",
        [YAML_MAPPING_END_EVENT] = "the end",
    };
    const yaml_event_t *event = &self->event;
    bool is_scalar = event->type == YAML_SCALAR_EVENT;
    return elea_error_set(
        self->err, ELEA_EINVAL, "line %llu, column %llu: %s%s%.40s%s, expected %s",
        (unsigned long long)event->start_mark.line + 1,
        (unsigned long long)event->start_mark.column + 1, names[event->type],
        is_scalar ? " \"" : "", is_scalar ? (const char *)event->data.scalar.value : "",
        is_scalar ? "\"" : "", expected);
}

static elea_status next(reader *self) {
    yaml_event_delete(&self->event);
    if (yaml_parser_parse(&self->parser, &self->event))
        return ELEA_OK;
    const yaml_parser_t *parser = &self->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        return elea_error_set(self->err, ELEA_ENOMEM, "no memory to read YAML");
    if (parser->error == YAML_READER_ERROR)
        return elea_error_set(self->err, ELEA_EINVAL, "byte %llu: %s",
                              (unsigned long long)parser->problem_offset, parser->problem);
    return elea_error_set(self->err, ELEA_EINVAL, "line %llu, column %llu: %s",
                          (unsigned long long)parser->problem_mark.line + 1,
                          (unsigned long long)parser->problem_mark.column + 1, parser->problem);
}

static elea_status need(reader *self, yaml_event_type_t type, const char *expected) {
    ELEA_TRY(next(self));
    return self->event.type == type ? ELEA_OK : wrong(self, expected);
}

static elea_bytes scalar_of(const reader *self) {
    return (elea_bytes){(const char *)self->event.data.scalar.value,
                        (int64_t)self->event.data.scalar.length};
}

static bool scalar_is(const reader *self, const char *word) {
    elea_bytes text = scalar_of(self);
    return text.size == (int64_t)strlen(word) && memcmp(text.data, word, (size_t)text.size) == 0;
}

// Keeps the scalar that was read.
static elea_status keep(reader *self, int64_t *place, int64_t *size) {
    elea_bytes text = scalar_of(self);
    *place = self->strings.size;
    *size = text.size;
    return elea_text_append(&self->strings, text, self->err);
}

// Room for one item more; the document is long enough to make all of them, so nothing overflows.
static elea_status grow(reader *self, int64_t count, int64_t item_size, int64_t *capacity,
                        void **items) {
    if (count < *capacity)
        return ELEA_OK;
    int64_t more = elea__max(8, *capacity * 2);
    ELEA_TRY(elea_realloc(self->pool, *capacity * item_size, more * item_size, items, self->err));
    *capacity = more;
    return ELEA_OK;
}

// The pairs of a map whose beginning was read.
static elea_status read_pairs(reader *self) {
    for (;;) {
        pair read;
        void *block = self->pairs;
        ELEA_TRY(next(self));
        if (self->event.type == YAML_MAPPING_END_EVENT)
            return ELEA_OK;
        if (self->event.type != YAML_SCALAR_EVENT)
            return wrong(self, "a key of metadata");
        ELEA_TRY(keep(self, &read.key, &read.key_size));
        ELEA_TRY(need(self, YAML_SCALAR_EVENT, "a value of metadata"));
        ELEA_TRY(keep(self, &read.value, &read.value_size));
        elea_status status =
            grow(self, self->pair_count, (int64_t)sizeof(pair), &self->pair_capacity, &block);
        self->pairs = block;
        ELEA_TRY(status);
        self->pairs[self->pair_count++] = read;
    }
}

static elea_status make_metadata(reader *self, elea_metadata **out) {
    void *block;
    int64_t count = self->pair_count;
    int64_t size = count * 2 * (int64_t)sizeof(elea_bytes);
    if (count == 0)
        return ELEA_OK;
    ELEA_TRY(elea_alloc(self->pool, size, &block, self->err));
    elea_bytes *keys = block;
    elea_bytes *values = keys + count;
    for (int64_t i = 0; i < count; i++) {
        const pair *read = &self->pairs[i];
        keys[i] = (elea_bytes){self->strings.data + read->key, read->key_size};
        values[i] = (elea_bytes){self->strings.data + read->value, read->value_size};
    }
    self->pair_count = 0;
    elea_status status = elea_metadata_new(self->pool, keys, values, count, out, self->err);
    elea_dealloc(self->pool, block, size);
    return status;
}

// A map, or a list of maps, where keys may repeat.
static elea_status read_metadata(reader *self, elea_metadata **out) {
    if (*out)
        return wrong(self, "metadata only once");
    ELEA_TRY(next(self));
    if (self->event.type == YAML_MAPPING_START_EVENT) {
        ELEA_TRY(read_pairs(self));
        return make_metadata(self, out);
    }
    if (self->event.type != YAML_SEQUENCE_START_EVENT)
        return wrong(self, "a map of metadata");
    for (;;) {
        ELEA_TRY(next(self));
        if (self->event.type == YAML_SEQUENCE_END_EVENT)
            return make_metadata(self, out);
        if (self->event.type != YAML_MAPPING_START_EVENT)
            return wrong(self, "a map of metadata");
        ELEA_TRY(read_pairs(self));
    }
}

static elea_status read_type(reader *self) {
    if (self->field.type)
        return wrong(self, "a type only once");
    ELEA_TRY(need(self, YAML_SCALAR_EVENT, "a type"));
    unsigned long long line = (unsigned long long)self->event.start_mark.line + 1;
    elea_status status = elea_type_parse(self->pool, scalar_of(self), &self->field.type, self->err);
    return status == ELEA_OK ? ELEA_OK
                             : elea_error_prefix(self->err, status, "the type in line %llu", line);
}

static elea_status read_nullable(reader *self) {
    ELEA_TRY(need(self, YAML_SCALAR_EVENT, "true or false"));
    self->field.is_nullable = scalar_is(self, "true");
    return self->field.is_nullable || scalar_is(self, "false") ? ELEA_OK
                                                               : wrong(self, "true or false");
}

static elea_status read_name(reader *self) {
    if (self->field.name >= 0)
        return wrong(self, "a name only once");
    ELEA_TRY(need(self, YAML_SCALAR_EVENT, "a name"));
    return keep(self, &self->field.name, &self->field.name_size);
}

static elea_status read_field_entry(reader *self) {
    if (self->event.type == YAML_SCALAR_EVENT) {
        if (scalar_is(self, "name"))
            return read_name(self);
        if (scalar_is(self, "type"))
            return read_type(self);
        if (scalar_is(self, "nullable"))
            return read_nullable(self);
        if (scalar_is(self, "metadata"))
            return read_metadata(self, &self->field.metadata);
    }
    return wrong(self, "name, type, nullable or metadata");
}

static void drop_field(reader *self) {
    elea_type_unref(self->field.type);
    elea_metadata_unref(self->field.metadata);
    self->field = (partial_field){.is_nullable = true, .name = -1};
}

static elea_status push_field(reader *self) {
    const partial_field *read = &self->field;
    void *block = self->fields;
    if (!read->type || read->name < 0)
        return wrong(self, "a name and a type in each field");
    elea_status status =
        grow(self, self->field_count, (int64_t)sizeof(elea_field *), &self->field_capacity, &block);
    self->fields = block;
    ELEA_TRY(status);
    elea_bytes name = {read->name_size > 0 ? self->strings.data + read->name : "", read->name_size};
    ELEA_TRY(elea_field_new(self->pool, name, read->type, read->is_nullable, read->metadata,
                            &self->fields[self->field_count], self->err));
    self->field_count++;
    drop_field(self);
    return ELEA_OK;
}

// The rest of a field, whose beginning was read.
static elea_status read_field(reader *self) {
    ELEA_TRY(next(self));
    while (self->event.type != YAML_MAPPING_END_EVENT) {
        ELEA_TRY(read_field_entry(self));
        ELEA_TRY(next(self));
    }
    return push_field(self);
}

static elea_status read_fields(reader *self) {
    if (self->has_fields)
        return wrong(self, "fields only once");
    self->has_fields = true;
    ELEA_TRY(need(self, YAML_SEQUENCE_START_EVENT, "a list of fields"));
    for (;;) {
        ELEA_TRY(next(self));
        if (self->event.type == YAML_SEQUENCE_END_EVENT)
            return ELEA_OK;
        if (self->event.type != YAML_MAPPING_START_EVENT)
            return wrong(self, "a field: a map of name and type");
        ELEA_TRY(read_field(self));
    }
}

static elea_status read_entries(reader *self) {
    for (;;) {
        ELEA_TRY(next(self));
        if (self->event.type == YAML_MAPPING_END_EVENT)
            return self->has_fields ? ELEA_OK : wrong(self, "fields");
        bool is_scalar = self->event.type == YAML_SCALAR_EVENT;
        if (is_scalar && scalar_is(self, "fields"))
            ELEA_TRY(read_fields(self));
        else if (is_scalar && scalar_is(self, "metadata"))
            ELEA_TRY(read_metadata(self, &self->metadata));
        else
            return wrong(self, "fields or metadata");
    }
}

static elea_status read_schema(reader *self, elea_schema **out) {
    ELEA_TRY(need(self, YAML_STREAM_START_EVENT, "a schema"));
    ELEA_TRY(need(self, YAML_DOCUMENT_START_EVENT, "a schema"));
    ELEA_TRY(need(self, YAML_MAPPING_START_EVENT, "a map of fields and metadata"));
    ELEA_TRY(read_entries(self));
    ELEA_TRY(need(self, YAML_DOCUMENT_END_EVENT, "the end"));
    ELEA_TRY(need(self, YAML_STREAM_END_EVENT, "one document"));
    return elea_schema_new(self->pool, (const elea_field *const *)self->fields, self->field_count,
                           self->metadata, out, self->err);
}

static void reader_release(reader *self) {
    yaml_event_delete(&self->event);
    yaml_parser_delete(&self->parser);
    elea_text_release(&self->strings);
    drop_field(self);
    for (int64_t i = 0; i < self->field_count; i++)
        elea_field_unref(self->fields[i]);
    elea_dealloc(self->pool, self->pairs, self->pair_capacity * (int64_t)sizeof(pair));
    elea_dealloc(self->pool, self->fields, self->field_capacity * (int64_t)sizeof(elea_field *));
    elea_metadata_unref(self->metadata);
}

elea_status elea_schema_parse_yaml(elea_pool *pool, elea_bytes text, elea_schema **out,
                                   elea_error *err) {
    reader self = {.pool = pool, .err = err};
    if (!yaml_parser_initialize(&self.parser))
        return elea_error_set(err, ELEA_ENOMEM, "no memory to read YAML");
    yaml_parser_set_encoding(&self.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(
        &self.parser, (const unsigned char *)(text.size > 0 ? text.data : ""), (size_t)text.size);
    elea_text_init(&self.strings, pool);
    drop_field(&self);
    elea_status status = read_schema(&self, out);
    reader_release(&self);
    return status;
}

#else

static elea_status without_yaml(elea_error *err) {
    return elea_error_set(err, ELEA_EUNSUPPORTED,
                          "schemas as YAML: this library was built with ELEA_WITH_YAML=OFF");
}

elea_status elea_schema_format_yaml(const elea_schema *schema, elea_text *text, elea_error *err) {
    (void)schema;
    (void)text;
    return without_yaml(err);
}

elea_status elea_schema_parse_yaml(elea_pool *pool, elea_bytes text, elea_schema **out,
                                   elea_error *err) {
    (void)pool;
    (void)text;
    (void)out;
    return without_yaml(err);
}

#endif
