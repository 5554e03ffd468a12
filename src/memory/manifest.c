// SPDX-License-Identifier: Apache-2.0
#include "memory/manifest.h"

#include <jansson.h>
#include <string.h>

#include <elea/io.h>

#define FORMAT_NAME "elea-store"
// Eight digits in the name of a segment's file, and a bound on what a MANIFEST may ask us to hold.
enum { FORMAT_VERSION = 1, SEGMENT_ID_MAX = 99999999, SEGMENT_COUNT_MAX = 1 << 24 };

void elea__manifest_release(elea__manifest *manifest) {
    elea_dealloc(manifest->pool, manifest->segments,
                 manifest->segment_count * (int64_t)sizeof(*manifest->segments));
    *manifest = (elea__manifest){0};
}

elea_status elea__category_check(const char *category, elea_error *err) {
    static const char *const taken[] = {"wal", "graph", "index", "LOCK", ELEA__MANIFEST_NAME};
    size_t size = category ? strlen(category) : 0;

    if (size == 0 || size > ELEA__CATEGORY_SIZE_MAX)
        return elea_error_set(err, ELEA_EINVAL, "category name has %zu bytes, not 1 to %d", size,
                              ELEA__CATEGORY_SIZE_MAX);
    if (category[0] == '.')
        return elea_error_set(err, ELEA_EINVAL, "category \"%s\" begins with a dot", category);
    if (elea_utf8_check(category, (int64_t)size) != (int64_t)size)
        return elea_error_set(err, ELEA_EINVAL, "category \"%s\" is not UTF-8", category);
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)category[i];
        if (c < 0x20 || c == 0x7f || c == '/')
            return elea_error_set(err, ELEA_EINVAL,
                                  "category \"%s\" has a character that a name may not have",
                                  category);
    }
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (strcmp(category, taken[i]) == 0)
            return elea_error_set(err, ELEA_EINVAL, "category \"%s\" is a name of the store itself",
                                  category);
    }
    return ELEA_OK;
}

// Fetches the integer `key` of `object` when it lies in [low, high].
static elea_status get_int(const json_t *object, const char *key, int64_t low, int64_t high,
                           int64_t *out, elea_error *err) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value))
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" is not an integer", key);
    int64_t number = json_integer_value(value);
    if (number < low || number > high)
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" is %lld, not within %lld to %lld", key,
                              (long long)number, (long long)low, (long long)high);
    *out = number;
    return ELEA_OK;
}

// Copies the string `key` of `object` into `out`, which has room for `capacity` bytes with the NUL.
static elea_status get_string(const json_t *object, const char *key, char *out, size_t capacity,
                              elea_error *err) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value))
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" is not a string", key);
    size_t size = json_string_length(value);
    if (size >= capacity || strlen(json_string_value(value)) != size)
        return elea_error_set(err, ELEA_EINVAL,
                              "\"%s\" has %zu bytes, more than %zu, or a NUL inside", key, size,
                              capacity - 1);
    memcpy(out, json_string_value(value), size + 1);
    return ELEA_OK;
}

static elea_status read_segment(const json_t *object, int64_t next_segment,
                                elea__manifest_segment *out, elea_error *err) {
    ELEA_TRY(get_int(object, "id", 1, next_segment - 1, &out->id, err));
    ELEA_TRY(get_int(object, "rows", 0, INT64_MAX / 2, &out->rows, err));
    ELEA_TRY(get_int(object, "size", 0, INT64_MAX / 2, &out->size, err));
    const json_t *unit_length = json_object_get(object, "unit_length");
    if (!json_is_boolean(unit_length))
        return elea_error_set(err, ELEA_EINVAL, "\"unit_length\" is not true or false");
    out->unit_length = json_is_true(unit_length);
    ELEA_TRY(get_string(object, "category", out->category, sizeof(out->category), err));
    return elea__category_check(out->category, err);
}

static elea_status read_segments(const json_t *array, elea__manifest *out, elea_error *err) {
    size_t count = json_array_size(array);
    if (!json_is_array(array) || count > SEGMENT_COUNT_MAX)
        return elea_error_set(err, ELEA_EINVAL, "\"segments\" is not an array of at most %d",
                              SEGMENT_COUNT_MAX);
    void *block = NULL;
    ELEA_TRY(elea_alloc_zero(out->pool, (int64_t)(count * sizeof(*out->segments)), &block, err));
    out->segments = block;
    out->segment_count = (int64_t)count;

    int64_t rows = 0;
    for (size_t i = 0; i < count; i++) {
        elea__manifest_segment *segment = &out->segments[i];
        elea_status status =
            read_segment(json_array_get(array, i), out->next_segment, segment, err);
        if (status == ELEA_OK && i > 0 && segment->id <= segment[-1].id)
            status = elea_error_set(err, ELEA_EINVAL, "id %lld does not follow %lld",
                                    (long long)segment->id, (long long)segment[-1].id);
        if (status == ELEA_OK && __builtin_add_overflow(rows, segment->rows, &rows))
            status = elea_error_set(err, ELEA_EINVAL, "more rows than can be counted");
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "segments[%zu]", i);
    }
    return ELEA_OK;
}

static elea_status read_root(const json_t *root, elea__manifest *out, elea_error *err) {
    char format[20];
    int64_t number = 0;

    ELEA_TRY(get_string(root, "format", format, sizeof(format), err));
    if (strcmp(format, FORMAT_NAME) != 0)
        return elea_error_set(err, ELEA_EINVAL, "\"format\" is \"%s\", not \"%s\"", format,
                              FORMAT_NAME);
    ELEA_TRY(get_int(root, "format_version", 1, INT64_MAX, &number, err));
    if (number != FORMAT_VERSION)
        return elea_error_set(err, ELEA_EUNSUPPORTED,
                              "\"format_version\" is %lld; this version of Elea reads %d",
                              (long long)number, FORMAT_VERSION);
    ELEA_TRY(get_int(root, "generation", 0, INT64_MAX - 1, &out->generation, err));
    ELEA_TRY(get_int(root, "next_segment", 1, SEGMENT_ID_MAX + 1, &out->next_segment, err));
    ELEA_TRY(get_int(root, "dimension", 1, 1 << 20, &number, err));
    out->dimension = (int32_t)number;

    const json_t *embedder = json_object_get(root, "embedder");
    if (!json_is_null(embedder)) {
        elea__manifest_embedder *to = &out->embedder;
        ELEA_TRY(get_string(embedder, "name", to->name, sizeof(to->name), err));
        ELEA_TRY(
            get_string(embedder, "fingerprint", to->fingerprint, sizeof(to->fingerprint), err));
        ELEA_TRY(get_string(embedder, "pooling", to->pooling, sizeof(to->pooling), err));
    }
    return read_segments(json_object_get(root, "segments"), out, err);
}

elea_status elea__manifest_parse(elea_pool *pool, elea_bytes document, elea__manifest *out,
                                 elea_error *err) {
    json_error_t json_error;
    json_t *root =
        json_loadb(document.data, (size_t)document.size, JSON_REJECT_DUPLICATES, &json_error);
    if (!root)
        return elea_error_set(err, ELEA_EINVAL, "line %d, column %d: %s", json_error.line,
                              json_error.column, json_error.text);

    elea__manifest manifest = {.pool = pool};
    elea_status status = read_root(root, &manifest, err);
    json_decref(root);
    if (status != ELEA_OK)
        elea__manifest_release(&manifest);
    else
        *out = manifest;
    return status;
}

static elea_status manifest_path(elea_text *path, const char *directory, elea_error *err) {
    return elea_text_append_format(path, err, "%s/%s", directory, ELEA__MANIFEST_NAME);
}

elea_status elea__manifest_read(elea_pool *pool, const char *directory, elea__manifest *out,
                                elea_error *err) {
    elea_status status = ELEA_OK;
    elea_text path;
    elea_file *file = NULL;
    elea_buffer *document = NULL;

    elea_text_init(&path, pool);
    ELEA_GOTO(done, manifest_path(&path, directory, err));
    ELEA_GOTO(done, elea_file_open(path.data, pool, &file, err));
    ELEA_GOTO(done, elea_file_view_at(file, 0, elea_file_size(file), &document, err));
    elea_bytes bytes = {(const char *)elea_buffer_data(document), elea_buffer_size(document)};
    status = elea__manifest_parse(pool, bytes, out, err);
    if (status != ELEA_OK)
        status = elea_error_prefix(err, status, "cannot read %s", path.data);
done:
    elea_buffer_unref(document);
    elea_file_unref(file);
    elea_text_release(&path);
    return status;
}

static elea_status format_segments(const elea__manifest *manifest, elea_text *text,
                                   elea_error *err) {
    for (int64_t i = 0; i < manifest->segment_count; i++) {
        const elea__manifest_segment *segment = &manifest->segments[i];
        ELEA_TRY(elea_text_append_format(text, err, "%s\n  {\"id\": %lld, \"category\": ",
                                         i > 0 ? "," : "", (long long)segment->id));
        ELEA_TRY(elea_text_append_json(text, elea_bytes_of(segment->category), err));
        ELEA_TRY(elea_text_append_format(text, err,
                                         ", \"rows\": %lld, \"size\": %lld, \"unit_length\": %s}",
                                         (long long)segment->rows, (long long)segment->size,
                                         segment->unit_length ? "true" : "false"));
    }
    return ELEA_OK;
}

static elea_status format_embedder(const elea__manifest_embedder *embedder, elea_text *text,
                                   elea_error *err) {
    if (embedder->name[0] == '\0')
        return elea_text_append(text, elea_bytes_of("null"), err);
    ELEA_TRY(elea_text_append(text, elea_bytes_of("{\"name\": "), err));
    ELEA_TRY(elea_text_append_json(text, elea_bytes_of(embedder->name), err));
    ELEA_TRY(elea_text_append(text, elea_bytes_of(", \"fingerprint\": "), err));
    ELEA_TRY(elea_text_append_json(text, elea_bytes_of(embedder->fingerprint), err));
    ELEA_TRY(elea_text_append(text, elea_bytes_of(", \"pooling\": "), err));
    ELEA_TRY(elea_text_append_json(text, elea_bytes_of(embedder->pooling), err));
    return elea_text_append(text, elea_bytes_of("}"), err);
}

elea_status elea__manifest_format(const elea__manifest *manifest, elea_text *text,
                                  elea_error *err) {
    ELEA_TRY(elea_text_append_format(
        text, err,
        "{\"format\": \"%s\", \"format_version\": %d,\n \"generation\": %lld, \"dimension\": %d,\n"
        " \"embedder\": ",
        FORMAT_NAME, FORMAT_VERSION, (long long)manifest->generation, (int)manifest->dimension));
    ELEA_TRY(format_embedder(&manifest->embedder, text, err));
    ELEA_TRY(elea_text_append_format(text, err, ",\n \"next_segment\": %lld,\n \"segments\": [",
                                     (long long)manifest->next_segment));
    ELEA_TRY(format_segments(manifest, text, err));
    return elea_text_append(text, elea_bytes_of("]}\n"), err);
}

elea_status elea__manifest_write(const elea__manifest *manifest, const char *directory,
                                 elea_error *err) {
    elea_status status = ELEA_OK;
    elea_text path, text;
    elea_output_stream *stream = NULL;

    elea_text_init(&path, manifest->pool);
    elea_text_init(&text, manifest->pool);
    ELEA_GOTO(done, manifest_path(&path, directory, err));
    ELEA_GOTO(done, elea__manifest_format(manifest, &text, err));
    ELEA_GOTO(done, elea_output_stream_open(path.data, &(elea_output_options){.atomic = true},
                                            manifest->pool, &stream, err));
    ELEA_GOTO(done, elea_output_stream_write(stream, text.data, text.size, err));
    ELEA_GOTO(done, elea_output_stream_close(stream, err));
done:
    elea_output_stream_free(stream);
    elea_text_release(&text);
    elea_text_release(&path);
    return status;
}

elea_status elea__manifest_append(const elea__manifest *manifest,
                                  const elea__manifest_segment *segment, elea__manifest *out,
                                  elea_error *err) {
    int64_t count = manifest->segment_count;
    void *block = NULL;
    if (count >= SEGMENT_COUNT_MAX || manifest->next_segment > SEGMENT_ID_MAX)
        return elea_error_set(err, ELEA_ECAPACITY,
                              "the store has %lld segments and made %lld, the most it can",
                              (long long)count, (long long)manifest->next_segment - 1);
    ELEA_TRY(elea_alloc(manifest->pool, (count + 1) * (int64_t)sizeof(*segment), &block, err));

    elea__manifest next = *manifest;
    next.segments = block;
    next.segment_count = count + 1;
    if (count > 0)
        memcpy(next.segments, manifest->segments, (size_t)count * sizeof(*segment));
    next.segments[count] = *segment;
    next.segments[count].id = next.next_segment++;
    next.generation++;
    *out = next;
    return ELEA_OK;
}
