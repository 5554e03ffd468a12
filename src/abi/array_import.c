// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "base/math_internal.h"
#include "columnar/array_internal.h"
#include "columnar/validate_internal.h"
#include "elea/abi.h"

// ---- one array under import

// What is checked here is what is relied on before elea__array_validate_shallow() checks the rest:
// counts and lists of pointers, and the offsets that sizes are taken from.
typedef struct node {
    const struct ArrowArray *source;
    const elea_type *type;
    const char *letters; // of the buffers, as explained in the type list
    int64_t end;         // offset + length: so many values the buffers must hold
    int64_t buffer_count;
    int64_t child_count;
    const elea_buffer *offsets; // those that buffer 'c' lies behind, once they are known
} node;

// The buffer after the last byte buffer of views tells their sizes, as 64-bit numbers.
static bool is_view(const node *self) {
    return elea_type_layout_of(self->type) == ELEA_LAYOUT_BINARY_VIEW;
}

static elea_status counts_check(node *self, elea_error *err) {
    const struct ArrowArray *source = self->source;
    int64_t expected = (int64_t)strlen(self->letters) + is_view(self);
    // Old producers give arrays of the null type a validity buffer.
    bool legacy = expected == 0 && source->n_buffers == 1;
    bool variadic = is_view(self) && source->n_buffers > expected;
    if (source->n_buffers != expected && !variadic && !legacy)
        return elea_error_set(err, ELEA_EINVAL, "%lld buffers, expected %s%lld",
                              (long long)source->n_buffers, is_view(self) ? "at least " : "",
                              (long long)expected);
    self->buffer_count = is_view(self) ? source->n_buffers - 1 : expected;
    if (source->n_buffers > 0 && source->buffers == NULL)
        return elea_error_set(err, ELEA_EINVAL, "the list of buffers is NULL");
    if (source->n_children != self->child_count)
        return elea_error_set(err, ELEA_EINVAL, "%lld children, expected %lld",
                              (long long)source->n_children, (long long)self->child_count);
    if (source->n_children > 0 && source->children == NULL)
        return elea_error_set(err, ELEA_EINVAL, "the list of children is NULL");
    bool has_dictionary = elea_type_value_type(self->type) != NULL;
    if ((source->dictionary != NULL) != has_dictionary)
        return elea_error_set(err, ELEA_EINVAL, "a dictionary is %s, but %s",
                              source->dictionary == NULL ? "missing" : "there",
                              has_dictionary ? "expected" : "not expected");
    return ELEA_OK;
}

static elea_status length_check(node *self, elea_error *err) {
    const struct ArrowArray *source = self->source;
    if (source->length < 0 || source->offset < 0 ||
        elea__add_overflow(source->length, source->offset, &self->end) || self->end == INT64_MAX)
        return elea_error_set(err, ELEA_EINVAL, "length %lld at offset %lld",
                              (long long)source->length, (long long)source->offset);
    return ELEA_OK;
}

static elea_status node_init(node *self, const struct ArrowArray *source, const elea_type *type,
                             elea_error *err) {
    *self = (node){.source = source,
                   .type = type,
                   .letters = elea_layout_buffers(elea_type_layout_of(type)),
                   .child_count = elea_type_child_count(type)};
    ELEA_TRY(length_check(self, err));
    return counts_check(self, err);
}

// The children, and behind them the dictionary where there is one.
static int64_t inner_count(const node *self) {
    return self->child_count + (self->source->dictionary != NULL);
}

static const struct ArrowArray *inner_source(const node *self, int64_t index) {
    return index < self->child_count ? self->source->children[index] : self->source->dictionary;
}

static const elea_type *inner_type(const node *self, int64_t index) {
    return index < self->child_count ? elea_field_type(elea_type_child(self->type, index))
                                     : elea_type_value_type(self->type);
}

static elea_status inner_failed(const node *self, int64_t index, elea_status status,
                                elea_error *err) {
    if (index == self->child_count)
        return elea_error_prefix(err, status, "dictionary");
    const char *name = elea_field_name(elea_type_child(self->type, index));
    return elea_error_prefix(err, status, "child '%s'", name);
}

// ---- the room

// All that an import makes lies in one arena: the buffers, the arrays, their tables of pointers,
// and the struct of the producer, which is moved there. Whoever drops the last of them, in whatever
// thread, runs the producer's release.
typedef struct import_room {
    elea__arena *arena;
    elea_buffer *buffers; // where the next one goes, as below
    elea_array *arrays;
    void **pointers;
    struct ArrowArray *source;
} import_room;

typedef struct extent {
    int64_t buffer_count;
    int64_t array_count;
    int64_t pointer_count;
} extent;

// Of buffers that are always there or never, each that is missing saves room.
static int64_t buffers_present(const node *self) {
    int64_t count = self->buffer_count;
    for (int64_t i = 0; self->letters[i] != '\0'; i++)
        count -= self->source->buffers[i] == NULL;
    return count;
}

static elea_status array_measure(const struct ArrowArray *source, const elea_type *type,
                                 extent *out, elea_error *err) {
    node self;
    ELEA_TRY(node_init(&self, source, type, err));
    if (self.buffer_count > (INT64_MAX >> 8) - out->pointer_count)
        return elea_error_set(err, ELEA_EINVAL, "%lld buffers", (long long)source->n_buffers);
    out->array_count++;
    out->buffer_count += buffers_present(&self);
    out->pointer_count += self.buffer_count + self.child_count;
    for (int64_t i = 0; i < inner_count(&self); i++) {
        const struct ArrowArray *inner = inner_source(&self, i);
        elea_status status =
            inner == NULL || inner->release == NULL
                ? elea_error_set(err, ELEA_EINVAL, "it is %s", inner == NULL ? "NULL" : "released")
                : array_measure(inner, inner_type(&self, i), out, err);
        if (status != ELEA_OK)
            return inner_failed(&self, i, status, err);
    }
    return ELEA_OK;
}

static void source_release(elea__arena *arena) {
    struct ArrowArray *source = (struct ArrowArray *)((char *)(arena + 1) + arena->size) - 1;
    source->release(source);
}

// Moves the source in, to the end of the room.
static elea_status room_init(import_room *self, struct ArrowArray *source, const extent *needed,
                             elea_pool *pool, elea_error *err) {
    int64_t size = needed->buffer_count * (int64_t)sizeof(elea_buffer) +
                   needed->array_count * (int64_t)sizeof(elea_array) +
                   needed->pointer_count * (int64_t)sizeof(void *) + (int64_t)sizeof *source;
    ELEA_TRY(elea__arena_new(pool, NULL, size, &self->arena, err));
    self->buffers = (elea_buffer *)(self->arena + 1);
    self->arrays = (elea_array *)(self->buffers + needed->buffer_count);
    self->pointers = (void **)(self->arrays + needed->array_count);
    self->source = (struct ArrowArray *)(self->pointers + needed->pointer_count);
    *self->source = *source;
    self->arena->release = source_release;
    source->release = NULL;
    return ELEA_OK;
}

// ---- buffers

// The size of the bytes that the offsets in buffer 1 point into: the last of them.
static elea_status bytes_size(const node *self, int64_t *out, elea_error *err) {
    *out = 0;
    if (self->end == 0)
        return ELEA_OK;
    const void *offsets = elea_buffer_data(self->offsets);
    if (offsets == NULL)
        return elea_error_set(err, ELEA_EINVAL, "the offsets are NULL");
    bool is_64 = elea_type_layout_of(self->type) == ELEA_LAYOUT_LARGE_BINARY;
    int64_t first = elea__load_offset(offsets, self->source->offset, is_64);
    int64_t last = elea__load_offset(offsets, self->end, is_64);
    if (first < 0 || last < first)
        return elea_error_set(err, ELEA_EINVAL, "offsets from %lld to %lld", (long long)first,
                              (long long)last);
    *out = last;
    return ELEA_OK;
}

static elea_status view_bytes_size(const node *self, int64_t index, int64_t *out, elea_error *err) {
    const uint8_t *sizes = self->source->buffers[self->buffer_count];
    if (sizes == NULL)
        return elea_error_set(err, ELEA_EINVAL, "the sizes of the byte buffers are NULL");
    *out = elea__load_int64(sizes, index - (int64_t)strlen(self->letters));
    if (*out < 0)
        return elea_error_set(err, ELEA_EINVAL, "%lld bytes", (long long)*out);
    return ELEA_OK;
}

// How many bytes a buffer has, by what the array says.
static elea_status buffer_size(const node *self, int64_t index, char letter, int64_t *out,
                               elea_error *err) {
    if (letter == '\0')
        return view_bytes_size(self, index, out, err);
    if (letter == 'c')
        return bytes_size(self, out, err);
    // An array without values may come without the one offset that it should have.
    *out = 0;
    if (self->end > 0 && !elea__buffer_size_needed(self->type, letter, self->end, out))
        return elea_error_set(err, ELEA_EINVAL, "%lld values are more than memory holds",
                              (long long)self->end);
    return ELEA_OK;
}

static elea_status buffer_import(import_room *room, const node *self, int64_t index,
                                 elea_buffer **out, elea_error *err) {
    const void *data = self->source->buffers[index];
    char letter = index < (int64_t)strlen(self->letters) ? self->letters[index] : '\0';
    int64_t size;
    ELEA_TRY(buffer_size(self, index, letter, &size, err));
    if (data == NULL)
        return ELEA_OK;
    // Where the entries must lie to be read through a pointer of their type.
    if ((uintptr_t)data % (uintptr_t)elea__buffer_alignment(self->type, letter ? letter : 'c') != 0)
        return elea_buffer_new_copy(room->arena->pool, data, size, out, err);
    *out = room->buffers++;
    elea__buffer_init_in_arena(*out, room->arena, data, size);
    return ELEA_OK;
}

static elea_status buffers_import(import_room *room, node *self, elea_array *array,
                                  elea_error *err) {
    for (int64_t i = 0; i < self->buffer_count; i++) {
        elea_status status = buffer_import(room, self, i, &array->buffers[i], err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "buffer %lld", (long long)i);
        if (i == 1)
            self->offsets = array->buffers[1];
    }
    return ELEA_OK;
}

// ---- arrays

static elea_status array_import(import_room *room, const struct ArrowArray *source,
                                const elea_type *type, elea_array **out, elea_error *err);

static elea_status inner_import(import_room *room, const node *self, elea_array *array,
                                elea_error *err) {
    for (int64_t i = 0; i < inner_count(self); i++) {
        elea_array **out = i < self->child_count ? &array->children[i] : &array->dictionary;
        elea_status status =
            array_import(room, inner_source(self, i), inner_type(self, i), out, err);
        if (status != ELEA_OK)
            return inner_failed(self, i, status, err);
    }
    return ELEA_OK;
}

// An array whose buffers and children are still missing.
static elea_array *array_init(import_room *room, const node *self) {
    elea_array *array = room->arrays++;
    void **pointers = room->pointers;
    room->pointers += self->buffer_count + self->child_count;
    for (void **pointer = pointers; pointer < room->pointers; pointer++)
        *pointer = NULL;
    *array = (elea_array){.refcount = 1,
                          .pool = room->arena->pool,
                          .arena = elea__arena_ref(room->arena),
                          .type = elea_type_ref(self->type),
                          .length = self->source->length,
                          .offset = self->source->offset,
                          .null_count = self->source->null_count,
                          .buffer_count = self->buffer_count,
                          .child_count = self->child_count,
                          .buffers = (elea_buffer **)pointers,
                          .children = (elea_array **)pointers + self->buffer_count};
    return array;
}

static elea_status array_import(import_room *room, const struct ArrowArray *source,
                                const elea_type *type, elea_array **out, elea_error *err) {
    elea_status status = ELEA_OK;
    node self;
    ELEA_TRY(node_init(&self, source, type, err));
    elea_array *array = array_init(room, &self);
    ELEA_GOTO(done, buffers_import(room, &self, array, err));
    ELEA_GOTO(done, inner_import(room, &self, array, err));
    ELEA_GOTO(done, elea__array_validate_shallow(array, err));
    *out = array;

done:
    if (status != ELEA_OK)
        elea_array_unref(array);
    return status;
}

elea_status elea_array_import(struct ArrowArray *source, const elea_type *type, elea_pool *pool,
                              elea_array **out, elea_error *err) {
    elea_status status = ELEA_OK;
    extent needed = {0};
    import_room room;
    if (source == NULL)
        return elea_error_set(err, ELEA_EINVAL, "the ArrowArray is NULL");
    if (source->release == NULL)
        return elea_error_set(err, ELEA_EINVAL, "the ArrowArray is released already");
    ELEA_GOTO(done, array_measure(source, type, &needed, err));
    ELEA_GOTO(done, room_init(&room, source, &needed, pool, err));
    status = array_import(&room, room.source, type, out, err);
    elea__arena_unref(room.arena);

done:
    // It was moved, unless there is no room.
    if (source->release != NULL)
        source->release(source);
    source->release = NULL;
    return status;
}
