// SPDX-License-Identifier: Apache-2.0
#include "ipc/array_read.h"

#include <string.h>

#include "base/math_internal.h"
#include "base/prefetch_internal.h"
#include "columnar/array_internal.h"
#include "columnar/record_batch_internal.h"
#include "ipc/format.h"

// ---- the record batch's table

static elea_status check_variadic_counts(const elea__flat_vector *counts, int64_t *total,
                                         elea_error *err) {
    const uint8_t *data = elea__flat_vector_data(counts);
    for (int64_t i = 0; i < counts->count; i++) {
        int64_t count = elea__flat_load(data + 8 * i, 8);
        if (count < 0 || elea__add_overflow(*total, count, total))
            return elea_error_set(err, ELEA_EINVAL, "variadic buffer count %lld is %lld",
                                  (long long)i, (long long)count);
    }
    return ELEA_OK;
}

static elea_status check_count(const char *what, int64_t found, int64_t expected, elea_error *err) {
    if (found == expected)
        return ELEA_OK;
    return elea_error_set(err, ELEA_EINVAL, "%lld %s, expected %lld for the schema",
                          (long long)found, what, (long long)expected);
}

static elea_status check_limit(const char *what, int64_t found, int64_t limit, elea_error *err) {
    if (found <= limit)
        return ELEA_OK;
    return elea_error_set(err, ELEA_ECAPACITY, "%lld %s, the limit is %lld", (long long)found, what,
                          (long long)limit);
}

// The buffers of an extent, but for the variadic ones.
static int64_t fixed_buffers(const elea__ipc_message *message, const elea__ipc_extent *extent) {
    return extent->buffers + (message->version < ELEA__IPC_V5 ? extent->old_validity : 0);
}

// Buffers may lie over each other, but that does not make them hold more than the body can.
static int64_t decompressed_max(const elea__ipc_plan *plan) {
    int64_t limit = plan->source->options.decompressed_max;
    if (!plan->body.codec)
        return 0;
    int64_t bound = elea_codec_decompress_bound(plan->body.codec, plan->message->body_size);
    return limit > 0 ? elea__min(limit, bound) : bound;
}

static elea_status read_vectors(elea__ipc_plan *plan, const elea__flat_table *header,
                                elea_error *err) {
    const elea_ipc_read_limits *limits = &plan->source->options.limits;
    const elea__ipc_extent *total = plan->shape.total;
    int64_t buffer_count = fixed_buffers(plan->message, total);
    ELEA_TRY(elea__flat_get_vector(header, ELEA__BATCH_NODES, ELEA__IPC_NODE_SIZE, &plan->nodes_in,
                                   err));
    ELEA_TRY(elea__flat_get_vector(header, ELEA__BATCH_BUFFERS, ELEA__IPC_BUFFER_SIZE,
                                   &plan->buffers_in, err));
    ELEA_TRY(
        elea__flat_get_vector(header, ELEA__BATCH_VARIADIC_COUNTS, 8, &plan->variadic_in, err));
    ELEA_TRY(check_limit("field nodes", plan->nodes_in.count, limits->node_count_max, err));
    ELEA_TRY(check_limit("buffers", plan->buffers_in.count, limits->buffer_count_max, err));
    ELEA_TRY(check_count("field nodes", plan->nodes_in.count, total->nodes, err));
    ELEA_TRY(check_count("variadic buffer counts", plan->variadic_in.count, total->variadic, err));
    ELEA_TRY(check_variadic_counts(&plan->variadic_in, &buffer_count, err));
    return check_count("buffers", plan->buffers_in.count, buffer_count, err);
}

static elea_status read_header(elea__ipc_plan *plan, const elea__flat_table *header,
                               elea_error *err) {
    ELEA_TRY(elea__flat_get_int(header, ELEA__BATCH_LENGTH, 8, 0, &plan->length, err));
    if (plan->length < 0)
        return elea_error_set(err, ELEA_EINVAL, "a record batch of %lld rows",
                              (long long)plan->length);
    ELEA_TRY(elea__ipc_message_compression(plan->message, header, &plan->body.codec, err));
    plan->limit = decompressed_max(plan);
    return read_vectors(plan, header, err);
}

// Room for all that the metadata can tell of the columns; what was there before is used again.
static elea_status reserve(elea__ipc_plan *plan, elea_error *err) {
    const elea__ipc_shape *shape = &plan->shape;
    // Each count is below that of the bytes of the metadata, or of the schema's.
    int64_t nodes_size = shape->wanted->nodes * (int64_t)sizeof(elea__ipc_node);
    int64_t part_count = shape->wanted->buffers;
    const uint8_t *counts = elea__flat_vector_data(&plan->variadic_in);
    for (int64_t i = 0; i < plan->variadic_in.count; i++)
        part_count += elea__flat_load(counts + 8 * i, 8);
    int64_t parts_size = part_count * (int64_t)sizeof(elea__ipc_part);
    int64_t results_size = shape->count * (int64_t)sizeof(elea_array *);
    int64_t size =
        nodes_size + parts_size + results_size + (shape->count + 1) * (int64_t)sizeof(int64_t);
    if (size > plan->memory_size) {
        elea_pool *pool = plan->source->pool;
        elea_dealloc(pool, plan->memory, plan->memory_size);
        plan->memory = NULL;
        plan->memory_size = 0;
        ELEA_TRY(elea_alloc(pool, size, &plan->memory, err));
        plan->memory_size = size;
    }
    plan->nodes = plan->memory;
    plan->body.parts = (elea__ipc_part *)((char *)plan->memory + nodes_size);
    plan->results = (elea_array **)((char *)plan->memory + nodes_size + parts_size);
    plan->columns = (int64_t *)(plan->results + shape->count);
    memset(plan->results, 0, (size_t)results_size);
    return ELEA_OK;
}

// ---- listing buffers

// The alignment that reading values of a buffer needs, by its letter in the layout.
static int64_t alignment_of(const elea_type *type, char letter) {
    switch (letter) {
    case 'o':
    case 's':
        return 4;
    case 'O':
    case 'S':
    case 'w':
        return 8;
    case 'd': {
        int64_t width = elea__type_width(type);
        return width == 0 ? 1 : elea__min(width & -width, 8);
    }
    default:
        return 1;
    }
}

// Takes the next buffer of the metadata.
static elea_status take_buffer(elea__ipc_plan *plan, int64_t *offset, int64_t *size,
                               elea_error *err) {
    int64_t index = plan->next_buffer++;
    int64_t body_size = plan->message->body_size;
    if (index >= plan->buffers_in.count)
        return elea_error_set(err, ELEA_EINVAL, "buffer %lld is missing: there are %lld",
                              (long long)index, (long long)plan->buffers_in.count);
    const uint8_t *entry =
        elea__flat_vector_data(&plan->buffers_in) + ELEA__IPC_BUFFER_SIZE * index;
    *offset = elea__flat_load(entry, 8);
    *size = elea__flat_load(entry + 8, 8);
    // Nothing may lie anywhere: some writers have it right behind the buffer before, unpadded.
    if (*size == 0)
        *offset = 0;
    if (*offset % ELEA__IPC_BODY_ALIGNMENT != 0)
        return elea_error_set(err, ELEA_EINVAL,
                              "buffer %lld begins at %lld of the body, expected a multiple of 8",
                              (long long)index, (long long)*offset);
    if (elea__range_inside(*offset, *size, body_size))
        return ELEA_OK;
    return elea_error_set(
        err, ELEA_EINVAL, "buffer %lld has %lld bytes at %lld of the body, which has %lld bytes",
        (long long)index, (long long)*size, (long long)*offset, (long long)body_size);
}

// How many buffers the array has, the variadic ones included.
static elea_status count_buffers(elea__ipc_plan *plan, const elea_type *type, int64_t *out,
                                 elea_error *err) {
    *out = 0;
    for (const char *letter = elea_layout_buffers(elea_type_layout_of(type)); *letter; letter++) {
        (*out)++;
        if (*letter != 'w')
            continue;
        int64_t index = plan->next_variadic++;
        if (index >= plan->variadic_in.count)
            return elea_error_set(err, ELEA_EINVAL, "variadic buffer count %lld is missing",
                                  (long long)index);
        *out += elea__flat_load(elea__flat_vector_data(&plan->variadic_in) + 8 * index, 8);
    }
    // The sum of all counts is that of the buffers, which was checked.
    return ELEA_OK;
}

static elea_status plan_buffers(elea__ipc_plan *plan, elea__ipc_node *node, elea_error *err) {
    const elea_type *type = node->type;
    const char *letters = elea_layout_buffers(elea_type_layout_of(type));
    int64_t offset = 0, size = 0;
    if (plan->message->version < ELEA__IPC_V5 &&
        elea__ipc_has_old_validity(elea_type_layout_of(type)))
        ELEA_TRY(take_buffer(plan, &offset, &size, err));
    for (int64_t i = 0; i < node->part_count; i++) {
        char letter = *letters ? *letters++ : 'c'; // beyond the layout: variadic
        ELEA_TRY(take_buffer(plan, &offset, &size, err));
        plan->body.parts[plan->body.part_count++] = (elea__ipc_part){
            .offset = offset,
            .size = size,
            .alignment = alignment_of(type, letter),
            .swap = plan->source->schema.is_foreign ? elea__ipc_swap_of(type, letter)
                                                    : ELEA__IPC_SWAP_NONE,
            // No nulls need no bitmap; an empty one is as good as none.
            .is_used = letter != 'v' || (node->null_count != 0 && size > 0),
        };
    }
    return ELEA_OK;
}

// ---- listing arrays

static elea_status take_node(elea__ipc_plan *plan, elea__ipc_node *node, elea_error *err) {
    int64_t index = plan->next_node++;
    if (index >= plan->nodes_in.count)
        return elea_error_set(err, ELEA_EINVAL, "field node %lld is missing: there are %lld",
                              (long long)index, (long long)plan->nodes_in.count);
    const uint8_t *entry = elea__flat_vector_data(&plan->nodes_in) + ELEA__IPC_NODE_SIZE * index;
    node->length = elea__flat_load(entry, 8);
    node->null_count = elea__flat_load(entry + 8, 8);
    // -1: some writers do not count the nulls of slices.
    if (node->length < 0 || node->null_count < -1 || node->null_count > node->length)
        return elea_error_set(err, ELEA_EINVAL, "field node %lld has %lld rows and %lld nulls",
                              (long long)index, (long long)node->length,
                              (long long)node->null_count);
    // The nulls of these are not written in a bitmap of their own: they follow from the rows.
    if (!elea__layout_has_validity(elea_type_layout_of(node->type)))
        node->null_count = -1;
    return ELEA_OK;
}

// The values of a dictionary; those inside have slots of their own, which it skips. A column of
// nulls may come before its dictionary does.
static elea_status plan_dictionary(elea__ipc_plan *plan, elea__ipc_node *node, elea_error *err) {
    const elea_array *values = NULL;
    int64_t index = plan->next_slot;
    const elea__ipc_slot *slot = (const elea__ipc_slot *)plan->source->schema.slots.data + index;
    plan->next_slot += 1 + slot->nested;
    ELEA_TRY(elea__ipc_dictionaries_get(plan->source, index, &values, err));
    if (values) {
        node->dictionary = elea_array_ref(values);
        return ELEA_OK;
    }
    if (elea__max(node->null_count, 0) < node->length)
        return elea_error_set(err, ELEA_EINVAL, "dictionary %lld is missing", (long long)slot->id);
    return elea_array_new_null(plan->source->pool, elea_type_value_type(node->type), 0,
                               &node->dictionary, err);
}

// Lists the array at the cursors and those inside, depth first.
static elea_status plan_array(elea__ipc_plan *plan, const elea_type *type, elea_error *err) {
    elea__ipc_node *node = &plan->nodes[plan->node_count++];
    *node = (elea__ipc_node){.type = type, .first_part = plan->body.part_count};
    ELEA_TRY(take_node(plan, node, err));
    ELEA_TRY(count_buffers(plan, type, &node->part_count, err));
    ELEA_TRY(plan_buffers(plan, node, err));
    for (int64_t i = 0; i < elea_type_child_count(type); i++) {
        const elea_field *field = elea_type_child(type, i);
        elea_status status = plan_array(plan, elea_field_type(field), err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "field \"%s\"", elea_field_name(field));
    }
    if (elea_type_layout_of(type) == ELEA_LAYOUT_DICTIONARY)
        return plan_dictionary(plan, node, err);
    return ELEA_OK;
}

static const elea_type *column_type(const elea__ipc_shape *shape, int64_t index) {
    return shape->schema ? elea_field_type(elea_schema_field(shape->schema, index)) : shape->type;
}

// Puts the name of a column and where its first buffer lies before a message.
static elea_status prefix_column(const elea__ipc_plan *plan, int64_t index, elea_status status,
                                 elea_error *err) {
    const elea__ipc_parts *body = &plan->body;
    if (!plan->shape.schema)
        return status;
    const char *name = elea_field_name(elea_schema_field(plan->shape.schema, index));
    const elea__ipc_node *first = &plan->nodes[plan->columns[index]];
    for (int64_t i = first->first_part; i < body->part_count; i++) {
        if (body->parts[i].size > 0)
            return elea_error_prefix(err, status, "column \"%s\", file offset %lld", name,
                                     (long long)(body->file_offset + body->parts[i].offset));
    }
    return elea_error_prefix(err, status, "column \"%s\"", name);
}

static elea_status plan_column(elea__ipc_plan *plan, int64_t index, elea_error *err) {
    const elea__ipc_extent *start = &plan->shape.starts[index];
    const uint8_t *counts = elea__flat_vector_data(&plan->variadic_in);
    plan->columns[index] = plan->node_count;
    plan->next_node = start->nodes;
    plan->next_buffer = fixed_buffers(plan->message, start);
    plan->next_variadic = start->variadic;
    plan->next_slot = start->slots;
    for (int64_t i = 0; i < start->variadic; i++)
        plan->next_buffer += elea__flat_load(counts + 8 * i, 8);
    return plan_array(plan, column_type(&plan->shape, index), err);
}

static void drop_nodes(elea__ipc_plan *plan, int64_t first) {
    while (plan->node_count > first)
        elea_array_unref(plan->nodes[--plan->node_count].dictionary);
}

static void plan_columns(elea__ipc_plan *plan) {
    while (plan->column_count < plan->shape.count && plan->status == ELEA_OK) {
        int64_t part_count = plan->body.part_count;
        plan->status = plan_column(plan, plan->column_count, &plan->error);
        if (plan->status == ELEA_OK) {
            plan->column_count++;
            continue;
        }
        plan->status = prefix_column(plan, plan->column_count, plan->status, &plan->error);
        // Of a column that is not sound nothing is listed.
        drop_nodes(plan, plan->columns[plan->column_count]);
        plan->body.part_count = part_count;
    }
    plan->columns[plan->column_count] = plan->node_count;
}

elea_status elea__ipc_plan_make(elea__ipc_plan *plan, elea__ipc_source *source,
                                const elea__ipc_message *message, const elea__flat_table *header,
                                const elea__ipc_shape *shape, elea_error *err) {
    plan->source = source;
    plan->message = message;
    plan->shape = *shape;
    plan->node_count = plan->column_count = 0;
    plan->status = ELEA_OK;
    plan->body = (elea__ipc_parts){.pool = source->pool,
                                   .misaligned = source->options.misaligned,
                                   .file_offset = message->body_offset,
                                   .size = message->body_size,
                                   .whole = elea_buffer_ref(message->body)};
    ELEA_TRY(read_header(plan, header, err));
    ELEA_TRY(reserve(plan, err));
    plan_columns(plan);
    return ELEA_OK;
}

// ---- making arrays

// The first and the last offset, which validation reads: they come while arrays are made.
static void prefetch_offsets(const elea__ipc_plan *plan) {
    const elea__ipc_parts *body = &plan->body;
    if (!body->whole || body->codec)
        return;
    for (int64_t i = 0; i < plan->node_count; i++) {
        const elea__ipc_node *node = &plan->nodes[i];
        if (!elea__layout_has_end_offset(elea_type_layout_of(node->type)))
            continue;
        const elea__ipc_part *part = &body->parts[node->first_part + 1];
        const uint8_t *offsets = elea__ipc_part_data(body, part);
        elea__prefetch(offsets, 1);
        elea__prefetch(offsets + elea__max(part->size - 8, 0), 1);
    }
}

// What of a node lies in the arena: its array with the pointers to buffers and children, then the
// buffers, so that who looks at one finds the others near.
static int64_t node_pointers(const elea__ipc_node *node) {
    return node->part_count + elea_type_child_count(node->type);
}

static int64_t node_head_size(const elea__ipc_node *node) {
    return elea__round_up_64((int64_t)sizeof(elea_array) +
                             node_pointers(node) * (int64_t)sizeof(void *));
}

static int64_t node_size(const elea__ipc_node *node) {
    return node_head_size(node) + node->part_count * (int64_t)sizeof(elea_buffer);
}

static void place_node(elea__ipc_plan *plan, elea__ipc_node *node, void *storage) {
    elea_buffer *buffers = (elea_buffer *)((char *)storage + node_head_size(node));
    node->array = storage;
    for (int64_t i = 0; i < node->part_count; i++)
        plan->body.parts[node->first_part + i].storage = buffers + i;
}

elea_status elea__ipc_plan_prepare(elea__ipc_plan *plan, elea_error *err) {
    elea__ipc_parts *body = &plan->body;
    int64_t size = plan->shape.schema ? elea__record_batch_size(plan->shape.count) : 0;
    elea__ipc_parts_measure(body, plan->limit);
    prefetch_offsets(plan);
    for (int64_t i = 0; i < plan->node_count; i++)
        size += node_size(&plan->nodes[i]);
    ELEA_TRY(elea__arena_new(plan->source->pool, &plan->source->shelf, size, &body->arena, err));
    body->arena->kept[0] = elea_buffer_ref(body->whole);
    char *storage = (char *)(body->arena + 1);
    for (int64_t i = 0; i < plan->node_count; i++) {
        place_node(plan, &plan->nodes[i], storage);
        storage += node_size(&plan->nodes[i]);
    }
    plan->batch = storage;
    return ELEA_OK;
}

// Fills the array of a node, whose buffers and children are made, and whose references it takes
// with that of the dictionary.
static void init_array(elea__ipc_plan *plan, elea__ipc_node *node) {
    elea_array *array = node->array;
    elea_buffer **buffers = (elea_buffer **)(array + 1);
    elea__ipc_part *parts = plan->body.parts + node->first_part;
    *array = (elea_array){.refcount = 1,
                          .pool = plan->source->pool,
                          .arena = elea__arena_ref(plan->body.arena),
                          .type = elea_type_ref(node->type),
                          .length = node->length,
                          .null_count = node->null_count,
                          .buffer_count = node->part_count,
                          .child_count = elea_type_child_count(node->type),
                          .buffers = buffers,
                          .children = (elea_array **)(buffers + node->part_count),
                          .dictionary = node->dictionary};
    node->dictionary = NULL;
    for (int64_t i = 0; i < node->part_count; i++) {
        buffers[i] = parts[i].buffer;
        parts[i].buffer = NULL;
        parts[i].is_used = false;
    }
}

// Makes the array of the node at the cursor, after its buffers and those inside it.
static elea_status make_array(elea__ipc_plan *plan, int64_t *cursor, elea_array **out,
                              elea_error *err) {
    elea_status status = ELEA_OK;
    int64_t index = (*cursor)++, made = 0;
    elea__ipc_node *node = &plan->nodes[index];
    elea_array *array = node->array;
    elea_array **children = (elea_array **)(array + 1) + node->part_count;
    for (int64_t i = 0; i < node->part_count; i++)
        ELEA_TRY(elea__ipc_part_make(&plan->body, node->first_part + i, err));
    for (; status == ELEA_OK && made < elea_type_child_count(node->type); made++) {
        status = make_array(plan, cursor, &children[made], err);
        if (status == ELEA_OK)
            continue;
        const elea_field *field = elea_type_child(node->type, made);
        status = elea_error_prefix(err, status, "field \"%s\"", elea_field_name(field));
        while (made > 0)
            elea_array_unref(children[--made]);
        return status;
    }
    init_array(plan, node);
    status = elea__array_validate_shallow(array, err);
    if (status == ELEA_OK)
        *out = array;
    else
        elea_array_unref(array);
    return status;
}

static elea_status make_column(elea__ipc_plan *plan, int64_t index, elea_error *err) {
    elea_validation validation = plan->source->options.validation;
    int64_t cursor = plan->columns[index];
    elea_array **result = &plan->results[index];
    ELEA_TRY(make_array(plan, &cursor, result, err));
    if ((*result)->length != plan->length)
        return elea_error_set(err, ELEA_EINVAL, "%lld rows, expected %lld",
                              (long long)(*result)->length, (long long)plan->length);
    // Quick validation is part of making an array.
    return validation == ELEA_VALIDATE_QUICK ? ELEA_OK
                                             : elea_array_validate(*result, validation, err);
}

elea_status elea__ipc_plan_column(elea__ipc_plan *plan, int64_t index, elea_error *err) {
    if (index >= plan->column_count) {
        if (err)
            *err = plan->error;
        return plan->status;
    }
    elea_status status = make_column(plan, index, err);
    return status == ELEA_OK ? ELEA_OK : prefix_column(plan, index, status, err);
}

void elea__ipc_plan_clear(elea__ipc_plan *plan) {
    drop_nodes(plan, 0);
    for (int64_t i = 0; i < plan->column_count; i++) {
        elea_array_unref(plan->results[i]);
        plan->results[i] = NULL;
    }
    plan->column_count = 0;
    elea__arena *arena = plan->body.arena;
    plan->body.arena = NULL;
    elea__ipc_parts_release(&plan->body);
    elea__arena_unref(arena);
}

void elea__ipc_plan_release(elea__ipc_plan *plan) {
    elea__ipc_plan_clear(plan);
    if (plan->source)
        elea_dealloc(plan->source->pool, plan->memory, plan->memory_size);
    plan->memory = NULL;
    plan->memory_size = 0;
}
