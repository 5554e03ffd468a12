// SPDX-License-Identifier: Apache-2.0
#include "abi/array_internal.h"
#include "elea/abi.h"

// A view array has validity and views, then byte buffers.
#define VIEW_BUFFER_COUNT 2

// What hangs on `private_data`: one block with the pointers and the structs of the children behind
// it, and a reference to the array. Every node stands for itself, so that a consumer may move a
// child away and release it when and where it likes.
typedef struct array_node {
    elea_pool *pool;
    int64_t size;
    elea_array *array; // NULL: all that is needed is in the children
} array_node;

static void array_release(struct ArrowArray *array) {
    for (int64_t i = 0; i < array->n_children; i++) {
        struct ArrowArray *child = array->children[i];
        if (child->release != NULL)
            child->release(child);
    }
    if (array->dictionary != NULL && array->dictionary->release != NULL)
        array->dictionary->release(array->dictionary);
    array_node *node = array->private_data;
    elea_array_unref(node->array);
    elea_dealloc(node->pool, node, node->size);
    array->release = NULL;
}

// How much room a struct needs.
typedef struct node_shape {
    int64_t buffer_count;
    int64_t child_count;
    int64_t size_count; // of byte buffers of views, whose sizes are told in a buffer of their own
    bool has_dictionary;
} node_shape;

// A struct of that shape; the children and the dictionary are marked as released.
static elea_status node_new(elea_pool *pool, const node_shape *shape, struct ArrowArray *out,
                            int64_t **sizes, elea_error *err) {
    int64_t struct_count = shape->child_count + shape->has_dictionary;
    int64_t size = (int64_t)sizeof(array_node) +
                   shape->child_count * (int64_t)sizeof(struct ArrowArray *) +
                   struct_count * (int64_t)sizeof(struct ArrowArray) +
                   shape->size_count * (int64_t)sizeof(int64_t) +
                   shape->buffer_count * (int64_t)sizeof(void *);
    array_node *node;
    ELEA_TRY(elea_alloc_zero(pool, size, (void **)&node, err));
    node->pool = pool;
    node->size = size;
    struct ArrowArray **pointers = (struct ArrowArray **)(node + 1);
    struct ArrowArray *structs = (struct ArrowArray *)(pointers + shape->child_count);
    *sizes = (int64_t *)(structs + struct_count);
    for (int64_t i = 0; i < shape->child_count; i++)
        pointers[i] = &structs[i];
    *out = (struct ArrowArray){.n_buffers = shape->buffer_count,
                               .n_children = shape->child_count,
                               .buffers = (const void **)(*sizes + shape->size_count),
                               .children = shape->child_count > 0 ? pointers : NULL,
                               .dictionary =
                                   shape->has_dictionary ? &structs[shape->child_count] : NULL,
                               .release = array_release,
                               .private_data = node};
    return ELEA_OK;
}

static node_shape shape_of(const elea_array *array) {
    node_shape shape = {.buffer_count = elea_array_buffer_count(array),
                        .child_count = elea_array_child_count(array),
                        .has_dictionary = elea_array_dictionary(array) != NULL};
    if (elea_type_layout_of(elea_array_type(array)) == ELEA_LAYOUT_BINARY_VIEW) {
        shape.size_count = shape.buffer_count - VIEW_BUFFER_COUNT;
        shape.buffer_count++;
    }
    return shape;
}

elea_status elea_array_export(const elea_array *array, elea_pool *pool, struct ArrowArray *out,
                              elea_error *err) {
    elea_status status = ELEA_OK;
    struct ArrowArray exported;
    int64_t *sizes;
    node_shape shape = shape_of(array);
    ELEA_TRY(node_new(pool, &shape, &exported, &sizes, err));
    array_node *node = exported.private_data;
    node->array = elea_array_ref(array);
    exported.length = elea_array_length(array);
    exported.null_count = elea_array_null_count(array);
    exported.offset = elea_array_offset(array);
    for (int64_t i = 0; i < elea_array_buffer_count(array); i++)
        exported.buffers[i] = elea_buffer_data(elea_array_buffer(array, i));
    for (int64_t i = 0; i < shape.size_count; i++)
        sizes[i] = elea_buffer_size(elea_array_buffer(array, VIEW_BUFFER_COUNT + i));
    if (shape.size_count > 0)
        exported.buffers[shape.buffer_count - 1] = sizes;
    for (int64_t i = 0; i < exported.n_children; i++)
        ELEA_GOTO(done,
                  elea_array_export(elea_array_child(array, i), pool, exported.children[i], err));
    if (exported.dictionary != NULL)
        ELEA_GOTO(done,
                  elea_array_export(elea_array_dictionary(array), pool, exported.dictionary, err));
    *out = exported;

done:
    if (status != ELEA_OK)
        array_release(&exported);
    return status;
}

elea_status elea__array_export_struct(int64_t length, int64_t child_count, elea_pool *pool,
                                      struct ArrowArray *out, elea_error *err) {
    int64_t *sizes;
    node_shape shape = {.buffer_count = 1, .child_count = child_count};
    ELEA_TRY(node_new(pool, &shape, out, &sizes, err));
    out->length = length;
    return ELEA_OK;
}
