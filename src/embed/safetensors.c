// SPDX-License-Identifier: Apache-2.0
#include "embed/safetensors.h"

#include <elea/io.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The reference implementation refuses larger headers, too.
#define HEADER_SIZE_MAX 100000000
#define TENSOR_COUNT_MAX 1000000

struct elea__safetensors {
    elea_pool *pool;
    elea_buffer *bytes;
    json_t *header; // owns the names
    char *path;
    elea__tensor *tensors; // in the order of their bytes
    int64_t count;
    int64_t capacity;
    const uint8_t *body;
    int64_t body_size;
};

static const struct {
    const char *name;
    int64_t width;
} tensor_types[] = {
#define TENSOR_TYPE_ROW(name, width) {#name, width},
    ELEA_TENSOR_TYPE_LIST(TENSOR_TYPE_ROW)
#undef TENSOR_TYPE_ROW
};
#define TENSOR_TYPE_COUNT ((int)(sizeof tensor_types / sizeof tensor_types[0]))

const char *elea__tensor_type_name(elea__tensor_type type) { return tensor_types[type].name; }

char *elea__tensor_shape_text(const int64_t *shape, int32_t rank, char *text, int64_t size) {
    int64_t used = snprintf(text, (size_t)size, "[");
    for (int32_t i = 0; i < rank && used < size; i++)
        used += snprintf(text + used, (size_t)(size - used), "%s%" PRId64, i ? ", " : "", shape[i]);
    if (used < size)
        snprintf(text + used, (size_t)(size - used), "]");
    return text;
}

static elea_status parse_type(const char *name, const json_t *entry, elea__tensor_type *out,
                              elea_error *err) {
    const char *text = json_string_value(json_object_get(entry, "dtype"));
    if (text == NULL)
        return elea_error_set(err, ELEA_EINVAL, "tensor '%s': no \"dtype\" string", name);
    for (int i = 0; i < TENSOR_TYPE_COUNT; i++) {
        if (strcmp(text, tensor_types[i].name) == 0) {
            *out = (elea__tensor_type)i;
            return ELEA_OK;
        }
    }
    return elea_error_set(err, ELEA_EUNSUPPORTED, "tensor '%s': unknown dtype '%s'", name, text);
}

static elea_status parse_shape(elea__tensor *tensor, const json_t *entry, elea_error *err) {
    const json_t *shape = json_object_get(entry, "shape");
    if (!json_is_array(shape))
        return elea_error_set(err, ELEA_EINVAL, "tensor '%s': no \"shape\" array", tensor->name);
    size_t rank = json_array_size(shape);
    if (rank > ELEA_TENSOR_RANK_MAX)
        return elea_error_set(err, ELEA_EUNSUPPORTED, "tensor '%s': %zu dimensions, at most %d",
                              tensor->name, rank, ELEA_TENSOR_RANK_MAX);
    tensor->rank = (int32_t)rank;
    tensor->count = 1;
    for (size_t i = 0; i < rank; i++) {
        const json_t *extent = json_array_get(shape, i);
        int64_t value = json_integer_value(extent);
        if (!json_is_integer(extent) || value < 0)
            return elea_error_set(err, ELEA_EINVAL,
                                  "tensor '%s': dimension %zu of \"shape\" is no natural number",
                                  tensor->name, i);
        tensor->shape[i] = value;
        if (__builtin_mul_overflow(tensor->count, value, &tensor->count))
            return elea_error_set(err, ELEA_ECAPACITY, "tensor '%s': more than 2^63 values",
                                  tensor->name);
    }
    return ELEA_OK;
}

static elea_status parse_offsets(const elea__safetensors *file, elea__tensor *tensor,
                                 const json_t *entry, elea_error *err) {
    const json_t *offsets = json_object_get(entry, "data_offsets");
    const json_t *first = json_array_get(offsets, 0);
    const json_t *last = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !json_is_integer(first) || !json_is_integer(last))
        return elea_error_set(err, ELEA_EINVAL, "tensor '%s': no \"data_offsets\" of two integers",
                              tensor->name);
    int64_t begin = json_integer_value(first);
    int64_t end = json_integer_value(last);
    if (begin < 0 || end < begin || end > file->body_size)
        return elea_error_set(err, ELEA_EINVAL,
                              "tensor '%s': bytes %" PRId64 " to %" PRId64
                              " are not inside the %" PRId64 " bytes after the header",
                              tensor->name, begin, end, file->body_size);
    int64_t size;
    if (__builtin_mul_overflow(tensor->count, tensor_types[tensor->type].width, &size) ||
        size != end - begin) {
        char text[160];
        return elea_error_set(err, ELEA_EINVAL,
                              "tensor '%s': %" PRId64 " bytes, expected %" PRId64 " for %s %s",
                              tensor->name, end - begin, size, tensor_types[tensor->type].name,
                              elea__tensor_shape_text(tensor->shape, tensor->rank, text, 160));
    }
    tensor->data = file->body + begin;
    tensor->size = size;
    return ELEA_OK;
}

static int compare_places(const void *a, const void *b) {
    const elea__tensor *x = (const elea__tensor *)a;
    const elea__tensor *y = (const elea__tensor *)b;
    if (x->data != y->data)
        return x->data < y->data ? -1 : 1;
    return (x->size > y->size) - (x->size < y->size);
}

static elea_status check_overlap(const elea__safetensors *file, elea_error *err) {
    if (file->count == 0)
        return ELEA_OK;
    qsort(file->tensors, (size_t)file->count, sizeof *file->tensors, compare_places);
    for (int64_t i = 1; i < file->count; i++) {
        const elea__tensor *a = &file->tensors[i - 1];
        const elea__tensor *b = &file->tensors[i];
        if (b->data < a->data + a->size)
            return elea_error_set(err, ELEA_EINVAL,
                                  "tensors '%s' and '%s' overlap at byte %" PRId64
                                  " after the header",
                                  a->name, b->name, (int64_t)(b->data - file->body));
    }
    return ELEA_OK;
}

static elea_status parse_tensors(elea__safetensors *file, elea_error *err) {
    size_t entries = json_object_size(file->header);
    if (entries > TENSOR_COUNT_MAX)
        return elea_error_set(err, ELEA_ECAPACITY, "%zu tensors, at most %d", entries,
                              TENSOR_COUNT_MAX);
    file->capacity = (int64_t)entries;
    void *memory = NULL;
    ELEA_TRY(
        elea_alloc_zero(file->pool, file->capacity * (int64_t)sizeof(elea__tensor), &memory, err));
    file->tensors = (elea__tensor *)memory;
    const char *name;
    json_t *entry;
    json_object_foreach(file->header, name, entry) {
        if (strcmp(name, "__metadata__") == 0)
            continue;
        elea__tensor *tensor = &file->tensors[file->count];
        tensor->name = name;
        ELEA_TRY(parse_type(name, entry, &tensor->type, err));
        ELEA_TRY(parse_shape(tensor, entry, err));
        ELEA_TRY(parse_offsets(file, tensor, entry, err));
        file->count++;
    }
    return check_overlap(file, err);
}

static elea_status parse_header(elea__safetensors *file, elea_error *err) {
    const uint8_t *data = elea_buffer_data(file->bytes);
    int64_t size = elea_buffer_size(file->bytes);
    if (size < 8)
        return elea_error_set(err, ELEA_EINVAL, "%" PRId64 " bytes are too few for a header", size);
    uint64_t header_size = 0;
    for (int i = 7; i >= 0; i--)
        header_size = header_size << 8 | data[i];
    if (header_size > (uint64_t)(size - 8))
        return elea_error_set(err, ELEA_EINVAL, "header of %" PRIu64 " bytes in a file of %" PRId64,
                              header_size, size);
    if (header_size > HEADER_SIZE_MAX)
        return elea_error_set(err, ELEA_ECAPACITY, "header of %" PRIu64 " bytes, at most %d",
                              header_size, HEADER_SIZE_MAX);
    json_error_t json_error;
    file->header = json_loadb((const char *)data + 8, (size_t)header_size, JSON_REJECT_DUPLICATES,
                              &json_error);
    if (file->header == NULL && json_error_code(&json_error) == json_error_out_of_memory)
        return elea_error_set(err, ELEA_ENOMEM, "no memory for a header of %" PRIu64 " bytes",
                              header_size);
    if (file->header == NULL)
        return elea_error_set(err, ELEA_EINVAL, "header is no JSON: %s (byte %d of the header)",
                              json_error.text, json_error.position);
    if (!json_is_object(file->header))
        return elea_error_set(err, ELEA_EINVAL, "header is no JSON object");
    file->body = data + 8 + header_size;
    file->body_size = size - 8 - (int64_t)header_size;
    return parse_tensors(file, err);
}

elea_status elea__safetensors_parse(const elea_buffer *bytes, const char *path, elea_pool *pool,
                                    elea__safetensors **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea__safetensors *file = NULL;
    int64_t path_size = (int64_t)strlen(path) + 1;
    void *memory = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof *file, &memory, err));
    file = (elea__safetensors *)memory;
    file->pool = pool;
    file->bytes = elea_buffer_ref(bytes);
    ELEA_GOTO(done, elea_alloc(pool, path_size, &memory, err));
    file->path = (char *)memory;
    memcpy(file->path, path, (size_t)path_size);
    status = parse_header(file, err);
    if (status != ELEA_OK)
        status = elea_error_prefix(err, status, "%s", path);
done:
    if (status == ELEA_OK)
        *out = file;
    else
        elea__safetensors_free(file);
    return status;
}

elea_status elea__safetensors_open(const char *path, elea_pool *pool, elea__safetensors **out,
                                   elea_error *err) {
    elea_status status = ELEA_OK;
    elea_file *file = NULL;
    elea_buffer *bytes = NULL;
    ELEA_GOTO(done, elea_file_map(path, pool, &file, err));
    ELEA_GOTO(done, elea_file_view_at(file, 0, elea_file_size(file), &bytes, err));
    ELEA_GOTO(done, elea__safetensors_parse(bytes, path, pool, out, err));
done:
    elea_buffer_unref(bytes);
    elea_file_unref(file);
    return status;
}

void elea__safetensors_free(elea__safetensors *file) {
    if (file == NULL)
        return;
    elea_dealloc(file->pool, file->tensors, file->capacity * (int64_t)sizeof(elea__tensor));
    if (file->path != NULL)
        elea_dealloc(file->pool, file->path, (int64_t)strlen(file->path) + 1);
    json_decref(file->header);
    elea_buffer_unref(file->bytes);
    elea_dealloc(file->pool, file, sizeof *file);
}

const char *elea__safetensors_path(const elea__safetensors *file) { return file->path; }

elea_bytes elea__safetensors_bytes(const elea__safetensors *file) {
    return (elea_bytes){(const char *)elea_buffer_data(file->bytes), elea_buffer_size(file->bytes)};
}

int64_t elea__safetensors_count(const elea__safetensors *file) { return file->count; }

const elea__tensor *elea__safetensors_at(const elea__safetensors *file, int64_t index) {
    return &file->tensors[index];
}

const elea__tensor *elea__safetensors_find(const elea__safetensors *file, const char *name) {
    // A model has a hundred tensors or a few hundred, each looked up once.
    for (int64_t i = 0; i < file->count; i++) {
        if (strcmp(file->tensors[i].name, name) == 0)
            return &file->tensors[i];
    }
    return NULL;
}
