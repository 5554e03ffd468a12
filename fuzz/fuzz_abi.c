// SPDX-License-Identifier: Apache-2.0
//
// Import through the C data interface. The input is a script from which a tree of ArrowSchema and
// one of ArrowArray are made, then imported, validated in full and printed. Everything in them may
// be a lie but what no importer could find out: behind each pointer there is as much memory as the
// length and offset in the same struct ask for, and strings end.
#include <stdlib.h>
#include <string.h>

#include "elea/abi.h"

#define DEPTH_MAX 6
#define CHILD_COUNT_MAX 4
#define BUFFER_COUNT_MAX 6
#define BUFFER_SIZE 1024

typedef struct script {
    const uint8_t *data;
    size_t size;
} script;

static uint8_t take(script *input) {
    if (input->size == 0)
        return 0;
    input->size--;
    return *input->data++;
}

static void *must(void *block) {
    if (block == NULL)
        abort();
    return block;
}

static char *take_string(script *input, size_t size_max) {
    size_t size = take(input) % (size_max + 1);
    char *string = must(calloc(1, size + 1));
    for (size_t i = 0; i < size; i++)
        string[i] = (char)take(input);
    return string;
}

// ---- schemas

static void schema_release(struct ArrowSchema *schema) {
    if (schema->release == NULL)
        abort(); // twice
    for (int64_t i = 0; i < CHILD_COUNT_MAX; i++) {
        struct ArrowSchema *child = ((struct ArrowSchema **)schema->private_data)[i];
        if (child != NULL && child->release != NULL)
            child->release(child);
        free(child);
    }
    if (schema->dictionary != NULL && schema->dictionary->release != NULL)
        schema->dictionary->release(schema->dictionary);
    free(schema->dictionary);
    free(schema->private_data);
    free((void *)(uintptr_t)schema->format);
    free((void *)(uintptr_t)schema->name);
    free((void *)(uintptr_t)schema->metadata);
    schema->release = NULL;
}

static char *take_format(script *input) {
    static const char *const formats[] = {"n",
                                          "b",
                                          "c",
                                          "C",
                                          "s",
                                          "S",
                                          "i",
                                          "I",
                                          "l",
                                          "L",
                                          "e",
                                          "f",
                                          "g",
                                          "z",
                                          "Z",
                                          "vz",
                                          "u",
                                          "U",
                                          "vu",
                                          "d:9,2",
                                          "d:5,1,32",
                                          "d:18,-2,64",
                                          "d:70,3,256",
                                          "w:0",
                                          "w:3",
                                          "tdD",
                                          "tdm",
                                          "tts",
                                          "ttn",
                                          "tsu:UTC",
                                          "tDs",
                                          "tiM",
                                          "tiD",
                                          "tin",
                                          "+l",
                                          "+L",
                                          "+vl",
                                          "+vL",
                                          "+w:0",
                                          "+w:2",
                                          "+s",
                                          "+m",
                                          "+ud:0,1",
                                          "+us:5,2",
                                          "+us:",
                                          "+r",
                                          "+w:2147483647"};
    size_t count = sizeof formats / sizeof formats[0];
    size_t choice = take(input) % (count + 2);
    if (choice >= count)
        return take_string(input, 12);
    return must(strdup(formats[choice]));
}

// Metadata whose counts are right or negative: it has no other end.
static char *take_metadata(script *input) {
    uint8_t choice = take(input);
    if (choice < 192)
        return NULL;
    int32_t count = choice % 4;
    char *encoded = must(calloc(1, 4 + (size_t)count * 8 * 8));
    char *cursor = encoded;
    int32_t told = choice == 255 ? -count : count;
    memcpy(cursor, &told, 4);
    cursor += 4;
    for (int32_t i = 0; i < 2 * count; i++) {
        int32_t size = (int32_t)(take(input) % 6) - 1;
        memcpy(cursor, &size, 4);
        cursor += 4;
        for (int32_t k = 0; k < size; k++)
            *cursor++ = (char)take(input);
    }
    return encoded;
}

static struct ArrowSchema *take_schema(script *input, int depth) {
    struct ArrowSchema *schema = must(calloc(1, sizeof *schema));
    struct ArrowSchema **children = must(calloc(CHILD_COUNT_MAX, sizeof *children));
    schema->private_data = children;
    schema->release = schema_release;
    schema->format = take_format(input);
    schema->name = take(input) % 8 == 0 ? NULL : take_string(input, 4);
    schema->metadata = take_metadata(input);
    schema->flags = take(input);
    bool nests = schema->format[0] == '+';
    uint8_t shape = take(input);
    schema->n_children = nests || shape > 240 ? shape % (CHILD_COUNT_MAX + 1) : 0;
    if (shape == 239)
        schema->n_children = -1;
    for (int64_t i = 0; i < schema->n_children && depth < DEPTH_MAX; i++) {
        if (take(input) != 255)
            children[i] = take_schema(input, depth + 1);
    }
    schema->children = shape == 238 ? NULL : children;
    if (shape > 220 && shape < 236 && depth < DEPTH_MAX)
        schema->dictionary = take_schema(input, depth + 1);
    return schema;
}

// ---- arrays

typedef struct array_parts {
    void *blocks[BUFFER_COUNT_MAX]; // what to free
    const void *buffers[BUFFER_COUNT_MAX];
    struct ArrowArray *children[CHILD_COUNT_MAX];
    struct ArrowArray *dictionary;
} array_parts;

static void array_release(struct ArrowArray *array) {
    if (array->release == NULL)
        abort(); // twice
    array_parts *parts = array->private_data;
    for (int i = 0; i < CHILD_COUNT_MAX; i++) {
        if (parts->children[i] != NULL && parts->children[i]->release != NULL)
            parts->children[i]->release(parts->children[i]);
        free(parts->children[i]);
    }
    if (parts->dictionary != NULL && parts->dictionary->release != NULL)
        parts->dictionary->release(parts->dictionary);
    free(parts->dictionary);
    for (int i = 0; i < BUFFER_COUNT_MAX; i++)
        free(parts->blocks[i]);
    free(parts);
    array->release = NULL;
}

// How many bytes buffer `index` of the type must have, so that the struct is believable.
static size_t true_size(const elea_type *type, int index, int64_t end) {
    const char *letters = elea_layout_buffers(elea_type_layout_of(type));
    char letter = (size_t)index < strlen(letters) ? letters[index] : '\0';
    size_t count = (size_t)end;
    switch (letter) {
    case 'v':
    case 'b':
        return (count + 7) / 8;
    case 'd':
        return count * (size_t)(elea_type_bit_width(type) / 8);
    case 'o':
    case 's':
        return (count + 1) * 4;
    case 'O':
    case 'S':
        return (count + 1) * 8;
    case 'w':
        return count * 16;
    default:
        return count;
    }
}

// Offsets must not point past the bytes that there are: BUFFER_SIZE. Negative and falling ones
// stay.
static void bound_offsets(const elea_type *type, uint8_t *offsets, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        if (elea_type_layout_of(type) == ELEA_LAYOUT_BINARY) {
            int32_t value;
            memcpy(&value, offsets + i * 4, 4);
            value = value > BUFFER_SIZE ? value % BUFFER_SIZE : value;
            memcpy(offsets + i * 4, &value, 4);
        } else {
            int64_t value;
            memcpy(&value, offsets + i * 8, 8);
            value = value > BUFFER_SIZE ? value % BUFFER_SIZE : value;
            memcpy(offsets + i * 8, &value, 8);
        }
    }
}

// Bytes of the input, small numbers by preference: most offsets, codes and run ends are.
static uint8_t *take_bytes(script *input, size_t size, size_t lead) {
    uint8_t *block = must(calloc(1, size + lead + 1));
    uint8_t style = take(input);
    for (size_t i = 0; i < size; i++) {
        if (style < 64)
            block[lead + i] = take(input);
        else if (style < 160)
            block[lead + i] = (uint8_t)(i % (style % 8 + 1) == 0 ? take(input) % 16 : 0);
        else if (style < 200)
            block[lead + i] = 0xff;
    }
    return block;
}

static void take_buffers(script *input, const elea_type *type, struct ArrowArray *array,
                         int64_t end) {
    array_parts *parts = array->private_data;
    elea_layout layout = elea_type_layout_of(type);
    bool has_bytes = layout == ELEA_LAYOUT_BINARY || layout == ELEA_LAYOUT_LARGE_BINARY;
    for (int i = 0; i < BUFFER_COUNT_MAX; i++) {
        uint8_t choice = take(input);
        bool is_last = i == array->n_buffers - 1;
        size_t size = true_size(type, i, end);
        if (has_bytes && i == 2)
            size = BUFFER_SIZE;
        if (layout == ELEA_LAYOUT_BINARY_VIEW && i >= 2)
            size = 64;
        // Some lie at odd addresses; small offsets that rise are what most tests need.
        size_t lead = choice % 16 == 1 ? 1 : 0;
        uint8_t *block = take_bytes(input, size, lead);
        parts->blocks[i] = block;
        parts->buffers[i] = choice % 16 == 0 ? NULL : block + lead;
        if (choice >= 128 && (layout == ELEA_LAYOUT_LIST || has_bytes) && i == 1) {
            for (int64_t k = 0; k <= end && layout != ELEA_LAYOUT_LARGE_BINARY; k++) {
                int32_t value = (int32_t)(k / (choice % 3 + 1));
                memcpy(block + lead + k * 4, &value, 4);
            }
        }
        if (has_bytes && i == 1)
            bound_offsets(type, block + lead, end + 1);
        if (layout == ELEA_LAYOUT_BINARY_VIEW && is_last && i >= 2) {
            // The sizes that are told are those that are there, or negative.
            for (int k = 0; k < 8; k++) {
                int64_t told = choice == 77 ? -k : 64;
                memcpy(block + lead + k * 8, &told, 8);
            }
        }
    }
}

static struct ArrowArray *take_array(script *input, const elea_type *type, int depth) {
    struct ArrowArray *array = must(calloc(1, sizeof *array));
    array_parts *parts = must(calloc(1, sizeof *parts));
    array->private_data = parts;
    array->release = array_release;
    int64_t length = take(input) % 24, offset = take(input) % 9;
    if (elea_type_bit_width(type) > 8 * BUFFER_SIZE)
        length = offset = 0;
    uint8_t lie = take(input);
    array->length = lie == 255 ? -length : length;
    array->offset = lie == 254 ? -offset : offset;
    array->null_count = lie % 4 == 0 ? 0 : lie % 4 == 1 ? lie / 8 - 2 : -1;
    size_t letters = strlen(elea_layout_buffers(elea_type_layout_of(type)));
    bool is_view = elea_type_layout_of(type) == ELEA_LAYOUT_BINARY_VIEW;
    array->n_buffers = (int64_t)letters + (is_view ? 1 + lie % 3 : 0);
    if (lie == 253)
        array->n_buffers = take(input) % (BUFFER_COUNT_MAX + 1) - 1;
    array->buffers = lie == 252 ? NULL : parts->buffers;
    take_buffers(input, type, array, length + offset);

    array->n_children = elea_type_child_count(type);
    for (int64_t i = 0; i < array->n_children && i < CHILD_COUNT_MAX && depth <= DEPTH_MAX; i++)
        parts->children[i] =
            take_array(input, elea_field_type(elea_type_child(type, i)), depth + 1);
    if (lie == 251)
        array->n_children = take(input) % (CHILD_COUNT_MAX + 1) - 1;
    array->children = lie == 250 ? NULL : parts->children;
    const elea_type *values = elea_type_value_type(type);
    if (lie == 249)
        values = values == NULL ? type : NULL;
    if (values != NULL && depth <= DEPTH_MAX)
        parts->dictionary = take_array(input, values, depth + 1);
    array->dictionary = parts->dictionary;
    return array;
}

// ---- what is done with them

static void print(const elea_array *array) {
    elea_text text;
    elea_text_init(&text, NULL);
    elea_span span;
    elea_span_of(array, &span);
    for (int64_t i = 0; i < span.length; i++) {
        if (elea_span_format(&span, i, true, &text, NULL) != ELEA_OK)
            break;
    }
    elea_text_release(&text);
}

static void round_trip(const elea_array *array) {
    struct ArrowArray exported;
    elea_array *back = NULL;
    if (elea_array_export(array, NULL, &exported, NULL) != ELEA_OK)
        abort();
    if (elea_array_import(&exported, elea_array_type(array), NULL, &back, NULL) != ELEA_OK ||
        elea_array_validate(back, ELEA_VALIDATE_FULL, NULL) != ELEA_OK)
        abort(); // what is valid stays valid
    elea_array_unref(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    script input = {data, size};
    elea_error err;
    struct ArrowSchema *schema = take_schema(&input, 0);
    elea_field *field = NULL;
    elea_status status = elea_field_import(schema, NULL, &field, &err);
    free(schema);
    if (status != ELEA_OK)
        return 0;

    struct ArrowArray *source = take_array(&input, elea_field_type(field), 0);
    elea_array *array = NULL;
    status = elea_array_import(source, elea_field_type(field), NULL, &array, &err);
    free(source);
    if (status == ELEA_OK && elea_array_validate(array, ELEA_VALIDATE_FULL, &err) == ELEA_OK) {
        print(array);
        round_trip(array);
    }
    elea_array_unref(array);
    elea_field_unref(field);
    return 0;
}
