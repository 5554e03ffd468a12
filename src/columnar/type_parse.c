// SPDX-License-Identifier: Apache-2.0
//
// Types, fields and schemas from the text that type_format.c writes, and from what people write for
// it. The grammar stands in columnar/README.md.
#include <string.h>

#include "base/math_internal.h"
#include "base/utf8_internal.h"
#include "columnar/format_internal.h"
#include "columnar/type_internal.h"

// What is made on the way belongs to the parser: fields to its stack, decoded strings to its
// scratch memory. So every function may return early, and the end of the parse clears up once.
typedef struct parser {
    elea_pool *pool;
    elea_bytes text;
    int64_t at;
    int depth;
    bool lines; // a newline outside of brackets ends a field
    char *scratch;
    int64_t scratch_used;
    elea_field **fields;
    int64_t field_count;
    int64_t field_capacity;
    elea_bytes *keys; // of the metadata that is being read
    elea_bytes *values;
    int64_t pair_count;
    int64_t key_capacity;
    int64_t value_capacity;
    bool is_placed; // the error says where
    elea_error *err;
} parser;

// A decoded string is never longer than its source, its NUL included: the quotes make room for it.
static elea_status parser_init(parser *self, elea_pool *pool, elea_bytes text, bool lines,
                               elea_error *err) {
    *self = (parser){.pool = pool, .text = text, .lines = lines, .err = err};
    int64_t valid = elea_utf8_check(text.data, text.size);
    if (valid < text.size)
        return elea_error_set(err, ELEA_EINVAL, "the text is not UTF-8 at byte %lld",
                              (long long)valid);
    return elea_alloc(pool, text.size, (void **)&self->scratch, err);
}

static void pop_fields(parser *self, int64_t count) {
    while (self->field_count > count)
        elea_field_unref(self->fields[--self->field_count]);
}

static void parser_release(parser *self) {
    pop_fields(self, 0);
    elea_dealloc(self->pool, self->fields, self->field_capacity * (int64_t)sizeof(elea_field *));
    elea_dealloc(self->pool, self->keys, self->key_capacity * (int64_t)sizeof(elea_bytes));
    elea_dealloc(self->pool, self->values, self->value_capacity * (int64_t)sizeof(elea_bytes));
    elea_dealloc(self->pool, self->scratch, self->text.size);
}

// Room for one item more; the text is long enough to make all of them, so that no size overflows.
static elea_status grow(parser *self, int64_t count, int64_t item_size, int64_t *capacity,
                        void **items) {
    if (count < *capacity)
        return ELEA_OK;
    int64_t more = elea__max(8, *capacity * 2);
    ELEA_TRY(elea_realloc(self->pool, *capacity * item_size, more * item_size, items, self->err));
    *capacity = more;
    return ELEA_OK;
}

static elea_status push_field(parser *self, elea_field *field) {
    void *block = self->fields;
    elea_status status =
        grow(self, self->field_count, (int64_t)sizeof(elea_field *), &self->field_capacity, &block);
    self->fields = block;
    if (status == ELEA_OK)
        self->fields[self->field_count++] = field;
    else
        elea_field_unref(field);
    return status;
}

static elea_status push_bytes(parser *self, elea_bytes bytes, int64_t *capacity,
                              elea_bytes **items) {
    void *block = *items;
    elea_status status =
        grow(self, self->pair_count, (int64_t)sizeof(elea_bytes), capacity, &block);
    *items = block;
    if (status == ELEA_OK)
        (*items)[self->pair_count] = bytes;
    return status;
}

static elea_status push_pair(parser *self, elea_bytes key, elea_bytes value) {
    ELEA_TRY(push_bytes(self, key, &self->key_capacity, &self->keys));
    ELEA_TRY(push_bytes(self, value, &self->value_capacity, &self->values));
    self->pair_count++;
    return ELEA_OK;
}

// ---- characters

// The byte that comes next, or -1 at the end.
static int peek(const parser *self) {
    return self->at < self->text.size ? (unsigned char)self->text.data[self->at] : -1;
}

static void skip_spaces(parser *self) {
    bool newlines = !self->lines || self->depth > 0;
    for (;;) {
        int next = peek(self);
        if (next != ' ' && next != '\t' && next != '\r' && (next != '\n' || !newlines))
            return;
        self->at++;
    }
}

// Puts line and column (in bytes) before the message of a failed call, once.
static elea_status place(parser *self, int64_t at, elea_status status) {
    if (status == ELEA_OK || self->is_placed)
        return status;
    self->is_placed = true;
    long long line = 1;
    long long column = 1;
    for (int64_t i = 0; i < at; i++) {
        column = self->text.data[i] == '\n' ? 1 : column + 1;
        line += self->text.data[i] == '\n';
    }
    return elea_error_prefix(self->err, status, "line %lld, column %lld", line, column);
}

// Says what is there instead of what was expected.
static elea_status unexpected(parser *self, const char *expected) {
    skip_spaces(self);
    int64_t size = 0;
    while (size < 20 && self->at + size < self->text.size &&
           !elea__ends_name(self->text.data[self->at + size]))
        size++;
    int next = peek(self);
    if (next < 0)
        (void)elea_error_set(self->err, ELEA_EINVAL, "the text ends, expected %s", expected);
    else if (next == '\n')
        (void)elea_error_set(self->err, ELEA_EINVAL, "the line ends, expected %s", expected);
    else
        (void)elea_error_set(self->err, ELEA_EINVAL, "found '%.*s', expected %s",
                             (int)(size > 0 ? size : 1), self->text.data + self->at, expected);
    return place(self, self->at, ELEA_EINVAL);
}

static bool take(parser *self, char wanted) {
    skip_spaces(self);
    if (peek(self) != wanted)
        return false;
    self->at++;
    return true;
}

static elea_status need(parser *self, char wanted, const char *expected) {
    return take(self, wanted) ? ELEA_OK : unexpected(self, expected);
}

// ---- words, strings, numbers

static elea_bytes peek_word(parser *self) {
    skip_spaces(self);
    int64_t end = self->at;
    while (end < self->text.size && !elea__ends_name(self->text.data[end]))
        end++;
    return (elea_bytes){self->text.data + self->at, end - self->at};
}

static bool word_is(elea_bytes word, const char *wanted) {
    return (size_t)word.size == strlen(wanted) && memcmp(word.data, wanted, strlen(wanted)) == 0;
}

static bool take_word(parser *self, const char *wanted) {
    elea_bytes word = peek_word(self);
    if (!word_is(word, wanted))
        return false;
    self->at += word.size;
    return true;
}

static bool take_words(parser *self, const char *first, const char *second) {
    int64_t at = self->at;
    if (take_word(self, first) && take_word(self, second))
        return true;
    self->at = at;
    return false;
}

static elea_status take_hex(parser *self, uint32_t *out) {
    *out = 0;
    for (int i = 0; i < 4; i++) {
        int byte = peek(self);
        int digit = byte >= '0' && byte <= '9'   ? byte - '0'
                    : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
                    : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10
                                                 : -1;
        if (digit < 0)
            return unexpected(self, "four hexadecimal digits");
        *out = *out << 4 | (uint32_t)digit;
        self->at++;
    }
    return ELEA_OK;
}

static elea_status take_unicode(parser *self) {
    uint32_t code_point;
    ELEA_TRY(take_hex(self, &code_point));
    if (code_point >= 0xD800 && code_point <= 0xDBFF) {
        uint32_t low = 0;
        if (self->text.size - self->at >= 2 && memcmp(self->text.data + self->at, "\\u", 2) == 0) {
            self->at += 2;
            ELEA_TRY(take_hex(self, &low));
        }
        if (low < 0xDC00 || low > 0xDFFF)
            return unexpected(self, "the second half of a surrogate pair");
        code_point = 0x10000 + ((code_point - 0xD800) << 10 | (low - 0xDC00));
    } else if (code_point >= 0xDC00 && code_point <= 0xDFFF) {
        return unexpected(self, "the first half of a surrogate pair before the second");
    }
    self->scratch_used +=
        elea__utf8_encode(code_point, (uint8_t *)self->scratch + self->scratch_used);
    return ELEA_OK;
}

static elea_status take_escape(parser *self) {
    static const char names[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    int next = peek(self);
    for (const char *name = names; *name != '\0'; name += 2) {
        if (next == name[0]) {
            self->scratch[self->scratch_used++] = name[1];
            self->at++;
            return ELEA_OK;
        }
    }
    if (next != 'u')
        return unexpected(self, "an escape of JSON");
    self->at++;
    return take_unicode(self);
}

// A JSON string; the quote is next. The result is followed by a NUL.
static elea_status take_string(parser *self, elea_bytes *out) {
    int64_t begin = self->scratch_used;
    self->at++;
    for (;;) {
        int next = peek(self);
        if (next < ' ')
            return unexpected(self, "a closing '\"'");
        self->at++;
        if (next == '"')
            break;
        if (next == '\\')
            ELEA_TRY(take_escape(self));
        else
            self->scratch[self->scratch_used++] = (char)next;
    }
    *out = (elea_bytes){self->scratch + begin, self->scratch_used - begin};
    self->scratch[self->scratch_used++] = '\0';
    return ELEA_OK;
}

static elea_status take_number(parser *self, int32_t low, int32_t high, const char *expected,
                               int32_t *out) {
    skip_spaces(self);
    int64_t begin = self->at;
    bool negative = peek(self) == '-';
    int64_t value = 0;
    int digits = 0;
    for (self->at += negative; peek(self) >= '0' && peek(self) <= '9' && value <= INT32_MAX;
         self->at++, digits++)
        value = value * 10 + (peek(self) - '0');
    value = negative ? -value : value;
    if (digits == 0 || value < low || value > high) {
        self->at = begin;
        return unexpected(self, expected);
    }
    *out = (int32_t)value;
    return ELEA_OK;
}

// ---- types

static elea_status parse_type(parser *self, elea_type **out);

// "key" = "value", with the place behind the key.
static elea_status parse_pair(parser *self, elea_bytes key) {
    elea_bytes value = {NULL, 0};
    skip_spaces(self);
    if (peek(self) != '"')
        return unexpected(self, "a value in quotes");
    ELEA_TRY(take_string(self, &value));
    if (peek(self) == '.')
        return unexpected(self, "the whole value, but it was shortened when it was printed");
    return push_pair(self, key, value);
}

// The pairs from number `base` on.
static elea_status make_metadata(parser *self, int64_t base, elea_metadata **out) {
    *out = NULL;
    int64_t count = self->pair_count - base;
    self->pair_count = base;
    return count == 0 ? ELEA_OK
                      : elea_metadata_new(self->pool, self->keys + base, self->values + base, count,
                                          out, self->err);
}

// The metadata of a field inside a type: {"key" = "value", "key" = "value"}, or nothing.
static elea_status parse_braces(parser *self) {
    elea_bytes key = {NULL, 0};
    if (!take(self, '{'))
        return ELEA_OK;
    self->depth++;
    do {
        skip_spaces(self);
        if (peek(self) != '"')
            return unexpected(self, "a key in quotes");
        ELEA_TRY(take_string(self, &key));
        ELEA_TRY(need(self, '=', "'=' behind a key"));
        ELEA_TRY(parse_pair(self, key));
    } while (take(self, ','));
    self->depth--;
    return need(self, '}', "',' or '}'");
}

// "type" or "type not null", with metadata in braces, put on the stack under this name.
static elea_status parse_field_type(parser *self, elea_bytes name, bool may_be_null) {
    elea_type *type = NULL;
    elea_field *field = NULL;
    elea_metadata *metadata = NULL;
    elea_status status = ELEA_OK;
    int64_t base = self->pair_count;
    skip_spaces(self);
    int64_t begin = self->at;
    ELEA_TRY(parse_type(self, &type));
    bool nullable = may_be_null && !take_words(self, "not", "null");
    if (may_be_null)
        ELEA_GOTO(done, parse_braces(self));
    ELEA_GOTO(done, make_metadata(self, base, &metadata));
    status = place(self, begin,
                   elea_field_new(self->pool, name, type, nullable, metadata, &field, self->err));
    if (status == ELEA_OK)
        status = push_field(self, field);

done:
    elea_metadata_unref(metadata);
    elea_type_unref(type);
    return status;
}

// A quoted or plain name, without its colon.
static elea_status parse_name(parser *self, elea_bytes *out) {
    skip_spaces(self);
    if (peek(self) == '"')
        return take_string(self, out);
    *out = peek_word(self);
    self->at += out->size;
    return out->size > 0 ? ELEA_OK : unexpected(self, "a name");
}

// Whether a name and its colon come next.
static bool is_named(parser *self) {
    int64_t begin = self->at;
    skip_spaces(self);
    if (peek(self) == '"')
        return true;
    self->at += peek_word(self).size;
    bool found = take(self, ':');
    self->at = begin;
    return found;
}

// "name: type"; with a name to fall back on also "type" alone.
static elea_status parse_field(parser *self, const char *fallback) {
    elea_bytes name = {NULL, 0};
    if (fallback && !is_named(self))
        return parse_field_type(self, elea_bytes_of(fallback), true);
    ELEA_TRY(parse_name(self, &name));
    ELEA_TRY(need(self, ':', "':' after a name"));
    return parse_field_type(self, name, true);
}

static elea_status parse_unit(parser *self, elea_time_unit *out) {
    ELEA_TRY(need(self, '[', "'[' and a time unit"));
    for (elea_time_unit unit = ELEA_TIME_SECOND; unit <= ELEA_TIME_NANO; unit++) {
        if (take_word(self, elea__time_unit_name(unit))) {
            *out = unit;
            return ELEA_OK;
        }
    }
    return unexpected(self, "one of s, ms, us, ns");
}

static elea_status parse_zone(parser *self, const char **out) {
    elea_bytes zone = {NULL, 0};
    skip_spaces(self);
    int64_t begin = self->at;
    if (peek(self) == '"') {
        ELEA_TRY(take_string(self, &zone));
    } else {
        // It is followed by a bracket, whose place the NUL takes.
        zone = (elea_bytes){self->scratch + self->scratch_used, 0};
        while (peek(self) > ' ' && peek(self) != ']' && peek(self) != '"')
            self->scratch[self->scratch_used + zone.size++] = self->text.data[self->at++];
        self->scratch_used += zone.size;
        if (peek(self) >= 0)
            self->scratch[self->scratch_used++] = '\0';
    }
    if (peek(self) >= 0 && (zone.size == 0 || memchr(zone.data, '\0', (size_t)zone.size))) {
        self->at = begin;
        return unexpected(self, "a time zone");
    }
    *out = zone.data;
    return ELEA_OK;
}

static elea_status parse_time(parser *self, elea_type_id id, elea_type **out) {
    elea_time_unit unit = ELEA_TIME_SECOND;
    const char *zone = NULL;
    ELEA_TRY(parse_unit(self, &unit));
    if (id == ELEA_TYPE_TIMESTAMP && take(self, ','))
        ELEA_TRY(parse_zone(self, &zone));
    ELEA_TRY(need(self, ']', "']'"));
    if (id == ELEA_TYPE_TIMESTAMP)
        return elea_type_new_timestamp(self->pool, unit, zone, out, self->err);
    return elea_type_new_time(self->pool, id, unit, out, self->err);
}

static elea_status parse_decimal(parser *self, elea_type_id id, elea_type **out) {
    int32_t precision = 0;
    int32_t scale = 0;
    ELEA_TRY(need(self, '(', "'(' and a precision"));
    ELEA_TRY(take_number(self, 0, INT32_MAX, "a precision", &precision));
    ELEA_TRY(need(self, ',', "',' and a scale"));
    ELEA_TRY(take_number(self, INT32_MIN, INT32_MAX, "a scale", &scale));
    ELEA_TRY(need(self, ')', "')'"));
    return elea_type_new_decimal(self->pool, id, precision, scale, out, self->err);
}

static elea_status parse_size(parser *self, int32_t *out) {
    ELEA_TRY(need(self, '[', "'[' and a size"));
    ELEA_TRY(take_number(self, 0, INT32_MAX, "a size", out));
    return need(self, ']', "']'");
}

static elea_status parse_fixed_size_binary(parser *self, elea_type_id id, elea_type **out) {
    int32_t width = 0;
    (void)id;
    ELEA_TRY(parse_size(self, &width));
    return elea_type_new_fixed_size_binary(self->pool, width, out, self->err);
}

static elea_status parse_list(parser *self, elea_type_id id, elea_type **out) {
    int32_t size = 0;
    ELEA_TRY(need(self, '<', "'<' and the type of the items"));
    ELEA_TRY(parse_field(self, "item"));
    ELEA_TRY(need(self, '>', "'>'"));
    const elea_field *item = self->fields[self->field_count - 1];
    if (id != ELEA_TYPE_FIXED_SIZE_LIST)
        return elea_type_new_list(self->pool, id, item, out, self->err);
    ELEA_TRY(parse_size(self, &size));
    return elea_type_new_fixed_size_list(self->pool, item, size, out, self->err);
}

// "<a: int32, b: utf8>" onto the stack; with codes, "<a: int32=5, b: utf8=0>".
static elea_status parse_fields(parser *self, int8_t *codes) {
    int64_t base = self->field_count;
    ELEA_TRY(need(self, '<', "'<' and fields"));
    if (take(self, '>'))
        return ELEA_OK;
    do {
        int32_t code = 0;
        if (codes && self->field_count - base == ELEA__UNION_CODE_COUNT)
            return unexpected(self, "no more than 128 types");
        ELEA_TRY(parse_field(self, NULL));
        if (!codes)
            continue;
        ELEA_TRY(need(self, '=', "'=' and a type code"));
        ELEA_TRY(take_number(self, 0, INT8_MAX, "a type code from 0 to 127", &code));
        codes[self->field_count - base - 1] = (int8_t)code;
    } while (take(self, ','));
    return need(self, '>', "',' or '>'");
}

static const elea_field *const *stack_from(const parser *self, int64_t base) {
    return self->fields ? (const elea_field *const *)self->fields + base : NULL;
}

static elea_status parse_struct(parser *self, elea_type_id id, elea_type **out) {
    int64_t base = self->field_count;
    (void)id;
    ELEA_TRY(parse_fields(self, NULL));
    return elea_type_new_struct(self->pool, stack_from(self, base), self->field_count - base, out,
                                self->err);
}

static elea_status parse_union(parser *self, elea_type_id id, elea_type **out) {
    int8_t codes[ELEA__UNION_CODE_COUNT];
    int64_t base = self->field_count;
    ELEA_TRY(parse_fields(self, codes));
    return elea_type_new_union(self->pool, id, stack_from(self, base), codes,
                               self->field_count - base, out, self->err);
}

static elea_status parse_run_end_encoded(parser *self, elea_type_id id, elea_type **out) {
    int64_t base = self->field_count;
    (void)id;
    ELEA_TRY(need(self, '<', "'<' and the field of the run ends"));
    ELEA_TRY(parse_field(self, NULL));
    ELEA_TRY(need(self, ',', "',' and the field of the values"));
    ELEA_TRY(parse_field(self, NULL));
    ELEA_TRY(need(self, '>', "'>'"));
    return elea_type_new_run_end_encoded(self->pool, self->fields[base], self->fields[base + 1],
                                         out, self->err);
}

// Types of key and value, or a field: the entries, a struct of the two.
static elea_status parse_map(parser *self, elea_type_id id, elea_type **out) {
    int64_t base = self->field_count;
    (void)id;
    ELEA_TRY(need(self, '<', "'<' and the type of the keys"));
    bool has_entries = is_named(self);
    if (has_entries) {
        ELEA_TRY(parse_field(self, NULL));
    } else {
        ELEA_TRY(parse_field_type(self, elea_bytes_of("key"), false));
        ELEA_TRY(need(self, ',', "',' and the type of the values"));
        ELEA_TRY(parse_field_type(self, elea_bytes_of("value"), true));
    }
    bool sorted = take(self, ',');
    if (sorted && !take_words(self, "keys", "sorted"))
        return unexpected(self, "'keys sorted'");
    ELEA_TRY(need(self, '>', sorted ? "'>'" : "', keys sorted' or '>'"));
    if (has_entries)
        return elea_type_new_map_of_entries(self->pool, self->fields[base], sorted, out, self->err);
    return elea_type_new_map(self->pool, self->fields[base], self->fields[base + 1], sorted, out,
                             self->err);
}

// "values: utf8" or "indices: int32".
static elea_status parse_named_type(parser *self, const char *name, const char *expected) {
    if (!take_word(self, name) || !take(self, ':'))
        return unexpected(self, expected);
    return parse_field_type(self, elea_bytes_of(name), false);
}

static elea_status parse_dictionary(parser *self, elea_type_id id, elea_type **out) {
    int64_t base = self->field_count;
    (void)id;
    ELEA_TRY(need(self, '<', "'<values: '"));
    ELEA_TRY(parse_named_type(self, "values", "'values:' and a type"));
    ELEA_TRY(need(self, ',', "', indices: ' and a type"));
    ELEA_TRY(parse_named_type(self, "indices", "'indices:' and a type"));
    bool ordered = take(self, ',');
    if (ordered && !take_word(self, "ordered"))
        return unexpected(self, "'ordered'");
    ELEA_TRY(need(self, '>', ordered ? "'>'" : "', ordered' or '>'"));
    return elea_type_new_dictionary(self->pool, self->fields[base + 1]->type,
                                    self->fields[base]->type, ordered, out, self->err);
}

typedef elea_status (*type_parser)(parser *self, elea_type_id id, elea_type **out);

// What reads the parameters of a type that has some.
static const type_parser type_parsers[ELEA__TYPE_ID_COUNT] = {
    [ELEA_TYPE_TIMESTAMP] = parse_time,
    [ELEA_TYPE_TIME32] = parse_time,
    [ELEA_TYPE_TIME64] = parse_time,
    [ELEA_TYPE_DURATION] = parse_time,
    [ELEA_TYPE_DECIMAL32] = parse_decimal,
    [ELEA_TYPE_DECIMAL64] = parse_decimal,
    [ELEA_TYPE_DECIMAL128] = parse_decimal,
    [ELEA_TYPE_DECIMAL256] = parse_decimal,
    [ELEA_TYPE_FIXED_SIZE_BINARY] = parse_fixed_size_binary,
    [ELEA_TYPE_LIST] = parse_list,
    [ELEA_TYPE_LARGE_LIST] = parse_list,
    [ELEA_TYPE_LIST_VIEW] = parse_list,
    [ELEA_TYPE_LARGE_LIST_VIEW] = parse_list,
    [ELEA_TYPE_FIXED_SIZE_LIST] = parse_list,
    [ELEA_TYPE_STRUCT] = parse_struct,
    [ELEA_TYPE_SPARSE_UNION] = parse_union,
    [ELEA_TYPE_DENSE_UNION] = parse_union,
    [ELEA_TYPE_MAP] = parse_map,
    [ELEA_TYPE_DICTIONARY] = parse_dictionary,
    [ELEA_TYPE_RUN_END_ENCODED] = parse_run_end_encoded,
};

static elea_type_id find_type(elea_bytes word) {
    elea_type_id id = ELEA_TYPE_NULL;
    while (elea__type_id_known(id) &&
           (!word_is(word, elea__type_table[id].name) || (!type_parsers[id] && !elea_type_of(id))))
        id++;
    return id;
}

static elea_status parse_type(parser *self, elea_type **out) {
    elea_bytes word = peek_word(self);
    elea_type_id id = find_type(word);
    int64_t begin = self->at;
    if (!elea__type_id_known(id))
        return unexpected(self, "a type");
    self->at += word.size;
    if (!type_parsers[id]) {
        *out = elea_type_ref(elea_type_of(id));
        return ELEA_OK;
    }
    int64_t base = self->field_count;
    elea_status status;
    if (self->depth++ < ELEA__TYPE_DEPTH_MAX)
        status = type_parsers[id](self, id, out);
    else
        status = elea_error_set(self->err, ELEA_ECAPACITY, "types nested more than %d deep",
                                ELEA__TYPE_DEPTH_MAX);
    self->depth--;
    pop_fields(self, base);
    return place(self, begin, status);
}

// ---- schemas

static void skip_lines(parser *self) {
    do
        skip_spaces(self);
    while (take(self, '\n'));
}

// Gives the last field the metadata that was read after it.
static elea_status end_field(parser *self) {
    elea_metadata *metadata = NULL;
    elea_field *noted = NULL;
    ELEA_TRY(make_metadata(self, 0, &metadata));
    if (!metadata)
        return ELEA_OK;
    elea_field *last = self->fields[self->field_count - 1];
    elea_status status;
    if (last->metadata)
        status = elea_error_set(self->err, ELEA_EINVAL,
                                "field \"%s\" has metadata in braces and behind them", last->name);
    else
        status = elea_field_new(self->pool, elea_bytes_of(last->name), last->type, last->nullable,
                                metadata, &noted, self->err);
    elea_metadata_unref(metadata);
    ELEA_TRY(status);
    self->fields[self->field_count - 1] = noted;
    elea_field_unref(last);
    return ELEA_OK;
}

// One field, one pair of metadata, or the line after which all pairs are the schema's.
static elea_status parse_entry(parser *self, bool *is_schemas) {
    elea_bytes name = {NULL, 0};
    bool is_quoted = peek(self) == '"';
    int64_t begin = self->at;
    ELEA_TRY(parse_name(self, &name));
    if (is_quoted && (*is_schemas || self->field_count > 0) && take(self, '='))
        return parse_pair(self, name);
    if (*is_schemas) {
        self->at = begin;
        return unexpected(self, "\"key\" = \"value\", or the end");
    }
    ELEA_TRY(end_field(self));
    ELEA_TRY(need(self, ':', "':' after a name"));
    skip_spaces(self);
    *is_schemas = !is_quoted && word_is(name, "metadata") && (peek(self) < 0 || peek(self) == '\n');
    return *is_schemas ? ELEA_OK : parse_field_type(self, name, true);
}

static elea_status parse_schema(parser *self, elea_schema **out) {
    bool is_schemas = false;
    elea_metadata *metadata = NULL;
    skip_lines(self);
    while (peek(self) >= 0) {
        ELEA_TRY(parse_entry(self, &is_schemas));
        skip_spaces(self);
        bool goes_on = take(self, ',');
        if (!goes_on && peek(self) >= 0 && peek(self) != '\n')
            return unexpected(self, "',' or a new line");
        skip_lines(self);
        if (goes_on && peek(self) < 0)
            return unexpected(self, "a field");
    }
    if (!is_schemas)
        ELEA_TRY(end_field(self));
    ELEA_TRY(make_metadata(self, 0, &metadata));
    elea_status status = elea_schema_new(self->pool, stack_from(self, 0), self->field_count,
                                         metadata, out, self->err);
    elea_metadata_unref(metadata);
    return status;
}

// ---- the whole text

static elea_status need_end(parser *self) {
    skip_spaces(self);
    return peek(self) < 0 ? ELEA_OK : unexpected(self, "the end");
}

elea_status elea_type_parse(elea_pool *pool, elea_bytes text, elea_type **out, elea_error *err) {
    parser self;
    elea_type *type = NULL;
    elea_status status;
    ELEA_TRY(parser_init(&self, pool, text, false, err));
    ELEA_GOTO(done, parse_type(&self, &type));
    ELEA_GOTO(done, need_end(&self));
    *out = elea_type_ref(type);

done:
    elea_type_unref(type);
    parser_release(&self);
    return status;
}

elea_status elea_field_parse(elea_pool *pool, elea_bytes text, elea_field **out, elea_error *err) {
    parser self;
    elea_status status;
    ELEA_TRY(parser_init(&self, pool, text, false, err));
    ELEA_GOTO(done, parse_field(&self, NULL));
    ELEA_GOTO(done, need_end(&self));
    *out = elea_field_ref(self.fields[0]);

done:
    parser_release(&self);
    return status;
}

elea_status elea_schema_parse(elea_pool *pool, elea_bytes text, elea_schema **out,
                              elea_error *err) {
    parser self;
    ELEA_TRY(parser_init(&self, pool, text, true, err));
    elea_status status = parse_schema(&self, out);
    parser_release(&self);
    return status;
}
