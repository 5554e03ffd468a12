// SPDX-License-Identifier: Apache-2.0
//
// The extension types whose metadata is JSON: tensors and opaque ones. Written by hand, read by
// jansson; a build without it (ELEA_WITH_JANSSON=OFF) says so.
#include <string.h>

#if ELEA_WITH_JANSSON
#include <jansson.h>
#endif

#include "base/math_internal.h"
#include "columnar/extension_internal.h"

// ---- writing

static elea_status put(elea_text *text, const char *string, elea_error *err) {
    return elea_text_append(text, elea_bytes_of(string), err);
}

static elea_status put_key(elea_text *text, const char *key, elea_error *err) {
    bool is_first = text->data[text->size - 1] == '{';
    return elea_text_append_format(text, err, "%s\"%s\": [", is_first ? "" : ", ", key);
}

static elea_status put_sizes(const elea_tensor_layout *layout, const char *key, elea_text *text,
                             elea_error *err) {
    ELEA_TRY(put_key(text, key, err));
    for (int32_t i = 0; i < layout->dimension_count; i++) {
        ELEA_TRY(put(text, i > 0 ? ", " : "", err));
        if (layout->shape[i] < 0)
            ELEA_TRY(put(text, "null", err));
        else
            ELEA_TRY(elea_text_append_format(text, err, "%lld", (long long)layout->shape[i]));
    }
    return put(text, "]", err);
}

elea_status elea_tensor_layout_format(const elea_tensor_layout *layout, elea_text *text,
                                      elea_error *err) {
    ELEA_TRY(put(text, "{", err));
    if (layout->shape)
        ELEA_TRY(put_sizes(layout, layout->is_fixed ? "shape" : "uniform_shape", text, err));
    if (layout->dimension_names) {
        ELEA_TRY(put_key(text, "dim_names", err));
        for (int32_t i = 0; i < layout->dimension_count; i++) {
            ELEA_TRY(put(text, i > 0 ? ", " : "", err));
            ELEA_TRY(elea_text_append_json(text, layout->dimension_names[i], err));
        }
        ELEA_TRY(put(text, "]", err));
    }
    if (layout->permutation) {
        ELEA_TRY(put_key(text, "permutation", err));
        for (int32_t i = 0; i < layout->dimension_count; i++)
            ELEA_TRY(elea_text_append_format(text, err, "%s%d", i > 0 ? ", " : "",
                                             layout->permutation[i]));
        ELEA_TRY(put(text, "]", err));
    }
    return put(text, "}", err);
}

elea_status elea_opaque_format(elea_bytes type_name, elea_bytes vendor_name, elea_text *text,
                               elea_error *err) {
    ELEA_TRY(put(text, "{\"type_name\": ", err));
    ELEA_TRY(elea_text_append_json(text, type_name, err));
    ELEA_TRY(put(text, ", \"vendor_name\": ", err));
    ELEA_TRY(elea_text_append_json(text, vendor_name, err));
    return put(text, "}", err);
}

void elea_tensor_layout_release(elea_tensor_layout *layout) {
    elea_dealloc(layout->pool, layout->block, layout->allocated);
    *layout = (elea_tensor_layout){.dimension_count = 0};
}

// ---- reading

#if ELEA_WITH_JANSSON

// The tree is jansson's memory, not the pool's.
static elea_status parse_object(elea_bytes text, json_t **out, elea_error *err) {
    json_error_t error;
    json_t *root = json_loadb(text.size ? text.data : "", (size_t)text.size,
                              JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (!root && json_error_code(&error) == json_error_out_of_memory)
        return elea_error_set(err, ELEA_ENOMEM, "no memory for metadata of %lld bytes",
                              (long long)text.size);
    if (!json_is_object(root)) {
        json_decref(root);
        return elea_error_set(err, ELEA_EINVAL, "the metadata are no JSON object%s%s",
                              root ? "" : ": ", root ? "" : error.text);
    }
    *out = root;
    return ELEA_OK;
}

// The array under a key, or NULL when there is none; of `count` values, when that is not negative.
static elea_status get_array(const json_t *object, const char *key, int64_t count,
                             const json_t **out, elea_error *err) {
    const json_t *array = json_object_get(object, key);
    *out = array && !json_is_null(array) ? array : NULL;
    if (!*out)
        return ELEA_OK;
    if (!json_is_array(array))
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" is no array", key);
    if (count >= 0 && (int64_t)json_array_size(array) != count)
        return elea_error_set(err, ELEA_EINVAL, "\"%s\" has %lld values, expected %lld", key,
                              (long long)json_array_size(array), (long long)count);
    return ELEA_OK;
}

static elea_status wrong_value(const char *key, size_t index, const char *expected,
                               elea_error *err) {
    return elea_error_set(err, ELEA_EINVAL, "value %zu of \"%s\" is not %s", index, key, expected);
}

static elea_status read_shape(const json_t *array, bool is_fixed, int64_t *shape, elea_error *err) {
    const char *key = is_fixed ? "shape" : "uniform_shape";
    int64_t most = is_fixed ? INT64_MAX : INT32_MAX;
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *value = json_array_get(array, i);
        bool varies = !is_fixed && json_is_null(value);
        int64_t size = json_integer_value(value);
        if (!varies && (!json_is_integer(value) || size < 0 || size > most))
            return wrong_value(key, i, is_fixed ? "a size" : "a size or null", err);
        shape[i] = varies ? -1 : size;
    }
    return ELEA_OK;
}

static elea_status read_permutation(const json_t *array, int32_t *permutation, elea_error *err) {
    size_t count = json_array_size(array);
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(array, i);
        json_int_t dimension = json_integer_value(value);
        bool good = json_is_integer(value) && dimension >= 0 && (uint64_t)dimension < count;
        for (size_t k = 0; good && k < i; k++)
            good = permutation[k] != dimension;
        if (!good)
            return wrong_value("permutation", i, "one of the dimensions that are left", err);
        permutation[i] = (int32_t)dimension;
    }
    return ELEA_OK;
}

// Where the parts of a layout come from.
typedef struct layout_source {
    const json_t *shape;
    const json_t *names;
    const json_t *permutation;
    bool is_fixed;
    int32_t dimension_count;
} layout_source;

static elea_status read_names(const json_t *array, elea_bytes *names, char *bytes,
                              elea_error *err) {
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *value = json_array_get(array, i);
        if (!json_is_string(value))
            return wrong_value("dim_names", i, "a string", err);
        names[i] = (elea_bytes){bytes, (int64_t)json_string_length(value)};
        memcpy(bytes, json_string_value(value), json_string_length(value));
        bytes += names[i].size;
    }
    return ELEA_OK;
}

// One block: shape, names, permutation, the bytes of the names. JSON of that many values was in
// memory already, so that the sum does not overflow.
static elea_status fill_layout(const layout_source *source, elea_pool *pool,
                               elea_tensor_layout *out, elea_error *err) {
    int64_t count = source->dimension_count;
    int64_t size = count * (int64_t)(sizeof(int64_t) + sizeof(elea_bytes) + sizeof(int32_t));
    for (size_t i = 0; i < json_array_size(source->names); i++)
        size += (int64_t)json_string_length(json_array_get(source->names, i));
    elea_tensor_layout layout = {.dimension_count = source->dimension_count,
                                 .is_fixed = source->is_fixed,
                                 .pool = pool,
                                 .allocated = size};
    ELEA_TRY(elea_alloc(pool, size, &layout.block, err));
    elea_bytes *names = layout.block;
    int64_t *shape = (int64_t *)(names + count);
    int32_t *permutation = (int32_t *)(shape + count);
    layout.shape = source->shape ? shape : NULL;
    layout.dimension_names = source->names ? names : NULL;
    layout.permutation = source->permutation ? permutation : NULL;
    elea_status status = read_shape(source->shape, source->is_fixed, shape, err);
    if (status == ELEA_OK)
        status = read_names(source->names, names, (char *)(permutation + count), err);
    if (status == ELEA_OK)
        status = read_permutation(source->permutation, permutation, err);
    if (status == ELEA_OK)
        *out = layout;
    else
        elea_tensor_layout_release(&layout);
    return status;
}

static elea_status read_layout(const json_t *object, bool is_fixed, int64_t dimension_count,
                               elea_pool *pool, elea_tensor_layout *out, elea_error *err) {
    layout_source source = {.is_fixed = is_fixed};
    ELEA_TRY(get_array(object, is_fixed ? "shape" : "uniform_shape", dimension_count, &source.shape,
                       err));
    if (is_fixed && !source.shape)
        return elea_error_set(err, ELEA_EINVAL, "the metadata have no \"shape\"");
    if (is_fixed)
        dimension_count = (int64_t)json_array_size(source.shape);
    if (dimension_count > ELEA_TENSOR_DIMENSIONS_MAX)
        return elea_error_set(err, ELEA_ECAPACITY, "a tensor of %lld dimensions, the limit is %d",
                              (long long)dimension_count, ELEA_TENSOR_DIMENSIONS_MAX);
    source.dimension_count = (int32_t)dimension_count;
    ELEA_TRY(get_array(object, "dim_names", dimension_count, &source.names, err));
    ELEA_TRY(get_array(object, "permutation", dimension_count, &source.permutation, err));
    return fill_layout(&source, pool, out, err);
}

static elea_status check_size(const elea_tensor_layout *layout, int32_t list_size,
                              elea_error *err) {
    int64_t product = 1;
    bool overflow = false;
    bool is_empty = false;
    for (int32_t i = 0; i < layout->dimension_count; i++) {
        is_empty = is_empty || layout->shape[i] == 0;
        overflow = overflow || elea__mul_overflow(product, layout->shape[i], &product);
    }
    if (is_empty ? list_size == 0 : !overflow && product == list_size)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "the sizes of \"shape\" do not multiply to %d values",
                          list_size);
}

static elea_status variable_dimension_count(const elea_extension *extension, elea_pool *pool,
                                            int32_t *out, elea_error *err) {
    const elea_type *storage = extension->storage;
    bool good = elea_type_id_of(storage) == ELEA_TYPE_STRUCT && elea_type_child_count(storage) == 2;
    if (good) {
        const elea_field *data = elea_type_child(storage, 0);
        const elea_field *shape = elea_type_child(storage, 1);
        const elea_type *sizes = elea_field_type(shape);
        good = strcmp(elea_field_name(data), "data") == 0 &&
               strcmp(elea_field_name(shape), "shape") == 0 &&
               elea_type_id_of(elea_field_type(data)) == ELEA_TYPE_LIST &&
               elea_type_id_of(sizes) == ELEA_TYPE_FIXED_SIZE_LIST &&
               elea_type_id_of(elea_field_type(elea_type_child(sizes, 0))) == ELEA_TYPE_INT32;
        *out = good ? elea_type_fixed_size(sizes) : 0;
    }
    if (good)
        return ELEA_OK;
    return elea__extension_wrong_storage(
        extension, pool, "struct<data: list<...>, shape: fixed_size_list<int32>[...]>", err);
}

elea_status elea_tensor_layout_read(const elea_extension *extension, elea_pool *pool,
                                    elea_tensor_layout *out, elea_error *err) {
    json_t *object = NULL;
    bool is_fixed = elea__bytes_are(extension->name, "arrow.fixed_shape_tensor");
    int32_t dimension_count = -1;
    if (!is_fixed && !elea__bytes_are(extension->name, "arrow.variable_shape_tensor"))
        return elea_error_set(err, ELEA_ETYPE, "this extension type is no tensor");
    if (!is_fixed)
        ELEA_TRY(variable_dimension_count(extension, pool, &dimension_count, err));
    else if (elea_type_id_of(extension->storage) != ELEA_TYPE_FIXED_SIZE_LIST)
        return elea__extension_wrong_storage(extension, pool, "a fixed_size_list", err);
    // Without metadata everything may vary.
    if (is_fixed || extension->metadata.size > 0)
        ELEA_TRY(parse_object(extension->metadata, &object, err));
    elea_tensor_layout layout = {.dimension_count = 0};
    elea_status status = read_layout(object, is_fixed, dimension_count, pool, &layout, err);
    json_decref(object);
    ELEA_TRY(status);
    if (is_fixed)
        status = check_size(&layout, elea_type_fixed_size(extension->storage), err);
    if (status == ELEA_OK)
        *out = layout;
    else
        elea_tensor_layout_release(&layout);
    return status;
}

static elea_status get_string(const json_t *object, const char *key, elea_bytes *out,
                              elea_error *err) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value))
        return elea_error_set(err, ELEA_EINVAL, "the metadata have no string \"%s\"", key);
    *out = (elea_bytes){json_string_value(value), (int64_t)json_string_length(value)};
    return ELEA_OK;
}

elea_status elea_opaque_read(const elea_extension *extension, elea_text *type_name,
                             elea_text *vendor_name, elea_error *err) {
    json_t *object = NULL;
    elea_bytes type = {NULL, 0};
    elea_bytes vendor = {NULL, 0};
    elea_status status;
    if (!elea__bytes_are(extension->name, "arrow.opaque"))
        return elea_error_set(err, ELEA_ETYPE, "this extension type is not opaque");
    ELEA_TRY(parse_object(extension->metadata, &object, err));
    ELEA_GOTO(done, get_string(object, "type_name", &type, err));
    ELEA_GOTO(done, get_string(object, "vendor_name", &vendor, err));
    ELEA_GOTO(done, elea_text_append(type_name, type, err));
    ELEA_GOTO(done, elea_text_append(vendor_name, vendor, err));

done:
    json_decref(object);
    return status;
}

#else

static elea_status no_json(elea_error *err) {
    return elea_error_set(err, ELEA_EUNSUPPORTED,
                          "the metadata are JSON; build with ELEA_WITH_JANSSON=ON to read them");
}

elea_status elea_tensor_layout_read(const elea_extension *extension, elea_pool *pool,
                                    elea_tensor_layout *out, elea_error *err) {
    (void)extension, (void)pool, (void)out;
    return no_json(err);
}

elea_status elea_opaque_read(const elea_extension *extension, elea_text *type_name,
                             elea_text *vendor_name, elea_error *err) {
    (void)extension, (void)type_name, (void)vendor_name;
    return no_json(err);
}

#endif

// ---- checking

elea_status elea__check_tensor(const elea_extension *extension, elea_pool *pool, void *context,
                               elea_error *err) {
    elea_tensor_layout layout = {.dimension_count = 0};
    (void)context;
    ELEA_TRY(elea_tensor_layout_read(extension, pool, &layout, err));
    elea_tensor_layout_release(&layout);
    return ELEA_OK;
}

elea_status elea__check_opaque(const elea_extension *extension, elea_pool *pool, void *context,
                               elea_error *err) {
    elea_text type_name, vendor_name;
    (void)context;
    elea_text_init(&type_name, pool);
    elea_text_init(&vendor_name, pool);
    elea_status status = elea_opaque_read(extension, &type_name, &vendor_name, err);
    elea_text_release(&type_name);
    elea_text_release(&vendor_name);
    return status;
}
