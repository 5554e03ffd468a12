// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "base/math_internal.h"
#include "columnar/validate_internal.h"
#include "elea/abi.h"

// ---- the holder: keeps the producer's struct until nobody needs its memory

typedef struct holder {
    struct ArrowArray array; // moved here
    elea_pool *pool;
    int64_t references; // atomic
} holder;

static void holder_unref(void *context) {
    holder *self = context;
    // Release: what this thread read of the memory happens before the producer frees it.
    if (__atomic_sub_fetch(&self->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    self->array.release(&self->array);
    elea_dealloc(self->pool, self, (int64_t)sizeof *self);
}

// Takes the contents of `source`: moved into the holder, or released where that fails.
static elea_status holder_new(struct ArrowArray *source, elea_pool *pool, holder **out,
                              elea_error *err) {
    if (source == NULL)
        return elea_error_set(err, ELEA_EINVAL, "the ArrowArray is NULL");
    if (source->release == NULL)
        return elea_error_set(err, ELEA_EINVAL, "the ArrowArray is released already");
    holder *self;
    elea_status status = elea_alloc(pool, (int64_t)sizeof *self, (void **)&self, err);
    if (status == ELEA_OK) {
        *self = (holder){.array = *source, .pool = pool, .references = 1};
        *out = self;
    } else {
        source->release(source);
    }
    source->release = NULL;
    return status;
}

// ---- one array under import

// What is checked here is what is relied on before elea_array_new() checks the rest: counts and
// lists of pointers, and the offsets that sizes are taken from.
typedef struct node {
    const struct ArrowArray *source;
    const elea_type *type;
    const char *letters; // of the buffers, as explained in the type list
    holder *holder;
    elea_pool *pool;
    int64_t end; // offset + length: so many values the buffers must hold
    int64_t buffer_count;
    int64_t child_count;
    elea_buffer **buffers;
    elea_array **children;
    elea_array *dictionary;
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

// ---- buffers

// The size of the bytes that the offsets in buffer 1 point into: the last of them.
static elea_status bytes_size(const node *self, int64_t *out, elea_error *err) {
    *out = 0;
    if (self->end == 0)
        return ELEA_OK;
    const void *offsets = elea_buffer_data(self->buffers[1]);
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

static elea_status buffer_import(node *self, int64_t index, char letter, elea_error *err) {
    const void *data = self->source->buffers[index];
    int64_t size;
    ELEA_TRY(buffer_size(self, index, letter, &size, err));
    if (data == NULL)
        return ELEA_OK;
    // Where the entries must lie to be read through a pointer of their type.
    if ((uintptr_t)data % (uintptr_t)elea__buffer_alignment(self->type, letter ? letter : 'c') != 0)
        return elea_buffer_new_copy(self->pool, data, size, &self->buffers[index], err);
    __atomic_add_fetch(&self->holder->references, 1, __ATOMIC_RELAXED);
    elea_status status = elea_buffer_wrap(self->pool, data, size, holder_unref, self->holder,
                                          &self->buffers[index], err);
    if (status != ELEA_OK)
        holder_unref(self->holder);
    return status;
}

static elea_status buffers_import(node *self, elea_error *err) {
    int64_t letter_count = (int64_t)strlen(self->letters);
    for (int64_t i = 0; i < self->buffer_count; i++) {
        char letter = i < letter_count ? self->letters[i] : '\0';
        elea_status status = buffer_import(self, i, letter, err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "buffer %lld", (long long)i);
    }
    return ELEA_OK;
}

// ---- arrays

static elea_status array_import(holder *held, const struct ArrowArray *source,
                                const elea_type *type, elea_pool *pool, elea_array **out,
                                elea_error *err);

// An array inside the one under import.
static elea_status inner_import(const node *self, const struct ArrowArray *source,
                                const elea_type *type, elea_array **out, elea_error *err) {
    if (source == NULL || source->release == NULL)
        return elea_error_set(err, ELEA_EINVAL, "it is %s", source == NULL ? "NULL" : "released");
    return array_import(self->holder, source, type, self->pool, out, err);
}

static elea_status children_import(node *self, elea_error *err) {
    for (int64_t i = 0; i < self->child_count; i++) {
        const elea_field *field = elea_type_child(self->type, i);
        elea_status status = inner_import(self, self->source->children[i], elea_field_type(field),
                                          &self->children[i], err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "child '%s'", elea_field_name(field));
    }
    if (self->source->dictionary == NULL)
        return ELEA_OK;
    elea_status status = inner_import(self, self->source->dictionary,
                                      elea_type_value_type(self->type), &self->dictionary, err);
    return status == ELEA_OK ? status : elea_error_prefix(err, status, "dictionary");
}

static elea_status node_build(node *self, elea_array **out, elea_error *err) {
    ELEA_TRY(buffers_import(self, err));
    ELEA_TRY(children_import(self, err));
    elea_array_parts parts = {
        .type = self->type,
        .length = self->source->length,
        .offset = self->source->offset,
        .null_count = self->source->null_count,
        .buffers = (const elea_buffer *const *)self->buffers,
        .buffer_count = self->buffer_count,
        .children = (const elea_array *const *)self->children,
        .child_count = self->child_count,
        .dictionary = self->dictionary,
    };
    return elea_array_new(self->pool, &parts, out, err);
}

static elea_status array_import(holder *held, const struct ArrowArray *source,
                                const elea_type *type, elea_pool *pool, elea_array **out,
                                elea_error *err) {
    node self = {
        .source = source,
        .type = type,
        .letters = elea_layout_buffers(elea_type_layout_of(type)),
        .holder = held,
        .pool = pool,
        .child_count = elea_type_child_count(type),
    };
    ELEA_TRY(length_check(&self, err));
    ELEA_TRY(counts_check(&self, err));
    int64_t size;
    if (elea__mul_overflow(self.buffer_count + self.child_count, (int64_t)sizeof(void *), &size))
        return elea_error_set(err, ELEA_EINVAL, "%lld buffers", (long long)source->n_buffers);
    void **pointers;
    ELEA_TRY(elea_alloc_zero(pool, size, (void **)&pointers, err));
    self.buffers = (elea_buffer **)pointers;
    self.children = (elea_array **)(pointers + self.buffer_count);

    elea_status status = node_build(&self, out, err);
    for (int64_t i = 0; i < self.buffer_count; i++)
        elea_buffer_unref(self.buffers[i]);
    for (int64_t i = 0; i < self.child_count; i++)
        elea_array_unref(self.children[i]);
    elea_array_unref(self.dictionary);
    elea_dealloc(pool, pointers, size);
    return status;
}

elea_status elea_array_import(struct ArrowArray *source, const elea_type *type, elea_pool *pool,
                              elea_array **out, elea_error *err) {
    holder *held;
    ELEA_TRY(holder_new(source, pool, &held, err));
    elea_status status = array_import(held, &held->array, type, pool, out, err);
    holder_unref(held);
    return status;
}
