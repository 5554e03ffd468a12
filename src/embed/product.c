// SPDX-License-Identifier: Apache-2.0
#include "embed/product.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

elea_status elea__dnnl_check(dnnl_status_t status, const char *what, elea_error *err) {
    switch (status) {
    case dnnl_success:
        return ELEA_OK;
    case dnnl_out_of_memory:
        return elea_error_set(err, ELEA_ENOMEM, "oneDNN: no memory to %s", what);
    case dnnl_unimplemented:
        return elea_error_set(err, ELEA_EUNSUPPORTED, "oneDNN: this CPU cannot %s", what);
    case dnnl_invalid_arguments:
        return elea_error_set(err, ELEA_EFOREIGN, "oneDNN: cannot %s: invalid arguments", what);
    case dnnl_runtime_error:
        return elea_error_set(err, ELEA_EFOREIGN, "oneDNN: cannot %s: runtime error", what);
    default:
        return elea_error_set(err, ELEA_EFOREIGN, "oneDNN: cannot %s: status %d", what,
                              (int)status);
    }
}

static const char *type_name(dnnl_data_type_t type) { return type == dnnl_bf16 ? "bf16" : "f32"; }

// Scratch memory is ours, so that a primitive can run in several threads at once.
static dnnl_status_t make_attributes(const elea__dense_shape *shape, dnnl_primitive_attr_t *out) {
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_post_ops_t after = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(&attributes);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (status == dnnl_success)
        status = dnnl_post_ops_create(&after);
    if (status == dnnl_success && shape->adds)
        status = dnnl_post_ops_append_sum(after, 1.0f);
    if (status == dnnl_success && shape->after != dnnl_alg_kind_undef)
        status = dnnl_post_ops_append_eltwise(after, 1.0f, shape->after, 0.0f, 0.0f);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_post_ops(attributes, after);
    dnnl_post_ops_destroy(after);
    if (status == dnnl_success)
        *out = attributes;
    else
        dnnl_primitive_attr_destroy(attributes);
    return status;
}

// Makes the primitive and asks it for the layouts that were left to it.
static dnnl_status_t make_primitive(elea__product *product, dnnl_engine_t engine,
                                    dnnl_primitive_attr_t attributes) {
    dnnl_matmul_desc_t description;
    dnnl_primitive_desc_t details = NULL;
    dnnl_status_t status =
        dnnl_matmul_desc_init(&description, &product->source, &product->weights,
                              product->bias.ndims ? &product->bias : NULL, &product->target);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_create(&details, &description, attributes, engine, NULL);
    if (status == dnnl_success) {
        product->weights = *dnnl_primitive_desc_query_md(details, dnnl_query_weights_md, 0);
        product->scratch = *dnnl_primitive_desc_query_md(details, dnnl_query_scratchpad_md, 0);
        status = dnnl_primitive_create(&product->primitive, details);
    }
    dnnl_primitive_desc_destroy(details);
    return status;
}

static elea_status finish(elea_pool *pool, elea__product *product, dnnl_status_t status,
                          const char *what, elea__product **out, elea_error *err) {
    if (status == dnnl_success)
        *out = product;
    else
        elea__product_free(pool, product);
    return elea__dnnl_check(status, what, err);
}

elea_status elea__product_new_dense(elea_pool *pool, dnnl_engine_t engine,
                                    const elea__dense_shape *shape,
                                    const dnnl_memory_desc_t *layout, elea__product **out,
                                    elea_error *err) {
    void *memory = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(elea__product), &memory, err));
    elea__product *product = (elea__product *)memory;
    dnnl_dims_t source = {shape->rows, shape->inner};
    dnnl_dims_t weights = {shape->inner, shape->outer};
    dnnl_dims_t bias = {1, shape->outer};
    dnnl_dims_t target = {shape->rows, shape->outer};
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_status_t status =
        dnnl_memory_desc_init_by_tag(&product->source, 2, source, shape->type, dnnl_ab);
    if (status == dnnl_success && layout != NULL)
        product->weights = *layout;
    else if (status == dnnl_success)
        status = dnnl_memory_desc_init_by_tag(&product->weights, 2, weights, shape->type,
                                              dnnl_format_tag_any);
    if (status == dnnl_success)
        status = dnnl_memory_desc_init_by_tag(&product->bias, 2, bias, dnnl_f32, dnnl_ab);
    if (status == dnnl_success)
        status = dnnl_memory_desc_init_by_tag(&product->target, 2, target, shape->target, dnnl_ab);
    if (status == dnnl_success)
        status = make_attributes(shape, &attributes);
    if (status == dnnl_success)
        status = make_primitive(product, engine, attributes);
    dnnl_primitive_attr_destroy(attributes);
    char what[160];
    snprintf(what, sizeof what,
             "multiply %s matrices of %" PRId64 " x %" PRId64 " and %" PRId64 " x %" PRId64,
             type_name(shape->type), shape->rows, shape->inner, shape->inner, shape->outer);
    return finish(pool, product, status, what, out, err);
}

// oneDNN knows attention's layouts by four dimensions, the first of which is one here: with it
// they run as fast as packed matrices, without it ten times slower.
static elea_status new_attention(elea_pool *pool, dnnl_engine_t engine,
                                 const elea__attention_shape *shape, bool scores,
                                 elea__product **out, elea_error *err) {
    void *memory = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(elea__product), &memory, err));
    elea__product *product = (elea__product *)memory;
    int64_t length = shape->length;
    int64_t heads = shape->heads;
    int64_t width = shape->width;
    dnnl_dims_t rows = {1, heads, length, width};
    dnnl_dims_t row_strides = {length * heads * width, width, heads * width, 1};
    dnnl_dims_t columns = {1, heads, width, length};
    dnnl_dims_t column_strides = {length * heads * width, width, 1, heads * width};
    dnnl_dims_t squares = {1, heads, length, length};
    dnnl_dims_t square_strides = {heads * length * length, length * length, length, 1};
    dnnl_data_type_t square_type = scores ? dnnl_f32 : shape->type;
    dnnl_status_t status = dnnl_memory_desc_init_by_strides(
        scores ? &product->source : &product->target, 4, rows, shape->type, row_strides);
    if (status == dnnl_success)
        status =
            dnnl_memory_desc_init_by_strides(&product->weights, 4, scores ? columns : rows,
                                             shape->type, scores ? column_strides : row_strides);
    if (status == dnnl_success)
        status = dnnl_memory_desc_init_by_strides(scores ? &product->target : &product->source, 4,
                                                  squares, square_type, square_strides);
    dnnl_primitive_attr_t attributes = NULL;
    elea__dense_shape nothing_after = {.after = dnnl_alg_kind_undef};
    if (status == dnnl_success)
        status = make_attributes(&nothing_after, &attributes);
    if (status == dnnl_success)
        status = make_primitive(product, engine, attributes);
    dnnl_primitive_attr_destroy(attributes);
    char what[160];
    snprintf(what, sizeof what,
             "attend in %s with %" PRId64 " heads of %" PRId64 " over %" PRId64 " tokens",
             type_name(shape->type), heads, width, length);
    return finish(pool, product, status, what, out, err);
}

elea_status elea__product_new_scores(elea_pool *pool, dnnl_engine_t engine,
                                     const elea__attention_shape *shape, elea__product **out,
                                     elea_error *err) {
    return new_attention(pool, engine, shape, true, out, err);
}

elea_status elea__product_new_mix(elea_pool *pool, dnnl_engine_t engine,
                                  const elea__attention_shape *shape, elea__product **out,
                                  elea_error *err) {
    return new_attention(pool, engine, shape, false, out, err);
}

void elea__product_free(elea_pool *pool, elea__product *product) {
    if (product == NULL)
        return;
    dnnl_primitive_destroy(product->primitive);
    elea_dealloc(pool, product, sizeof *product);
}

#define ARGUMENT_COUNT_MAX 5

// oneDNN's interface has no const; it only writes the target and the scratch memory.
static void *without_const(const void *data) { return (void *)(uintptr_t)data; }

// The memory objects of one call.
typedef struct call_arguments {
    dnnl_exec_arg_t list[ARGUMENT_COUNT_MAX];
    int count;
    dnnl_engine_t engine;
    dnnl_status_t status;
} call_arguments;

static void add_argument(call_arguments *arguments, int which,
                         const dnnl_memory_desc_t *description, void *data) {
    if (arguments->status != dnnl_success || description->ndims == 0)
        return;
    dnnl_exec_arg_t *argument = &arguments->list[arguments->count];
    *argument = (dnnl_exec_arg_t){which, NULL};
    arguments->status = dnnl_memory_create(&argument->memory, description, arguments->engine, data);
    if (arguments->status == dnnl_success)
        arguments->count++;
}

static dnnl_status_t run_primitive(dnnl_primitive_t primitive, dnnl_stream_t stream,
                                   call_arguments *arguments) {
    dnnl_status_t status = arguments->status;
    if (status == dnnl_success)
        status = dnnl_primitive_execute(primitive, stream, arguments->count, arguments->list);
    if (status == dnnl_success)
        status = dnnl_stream_wait(stream);
    for (int i = 0; i < arguments->count; i++)
        dnnl_memory_destroy(arguments->list[i].memory);
    return status;
}

elea_status elea__product_run(const elea__product *product, dnnl_engine_t engine,
                              dnnl_stream_t stream, const elea__operands *operands,
                              elea_error *err) {
    call_arguments arguments = {.engine = engine, .status = dnnl_success};
    add_argument(&arguments, DNNL_ARG_SRC, &product->source, without_const(operands->source));
    add_argument(&arguments, DNNL_ARG_WEIGHTS, &product->weights, without_const(operands->weights));
    add_argument(&arguments, DNNL_ARG_BIAS, &product->bias, without_const(operands->bias));
    add_argument(&arguments, DNNL_ARG_DST, &product->target, operands->target);
    add_argument(&arguments, DNNL_ARG_SCRATCHPAD, &product->scratch, operands->scratch);
    return elea__dnnl_check(run_primitive(product->primitive, stream, &arguments),
                            "multiply matrices", err);
}

elea_status elea__product_pack(dnnl_engine_t engine, dnnl_stream_t stream, const float *matrix,
                               int64_t outer, int64_t inner, const dnnl_memory_desc_t *layout,
                               void *target, elea_error *err) {
    dnnl_dims_t extents = {inner, outer};
    dnnl_memory_desc_t plain;
    dnnl_primitive_desc_t details = NULL;
    dnnl_primitive_t reorder = NULL;
    dnnl_status_t status = dnnl_memory_desc_init_by_tag(&plain, 2, extents, dnnl_f32, dnnl_ba);
    if (status == dnnl_success)
        status = dnnl_reorder_primitive_desc_create(&details, &plain, engine, layout, engine, NULL);
    if (status == dnnl_success)
        status = dnnl_primitive_create(&reorder, details);
    if (status == dnnl_success) {
        call_arguments arguments = {.engine = engine, .status = dnnl_success};
        add_argument(&arguments, DNNL_ARG_FROM, &plain, without_const(matrix));
        add_argument(&arguments, DNNL_ARG_TO, layout, target);
        status = run_primitive(reorder, stream, &arguments);
    }
    dnnl_primitive_destroy(reorder);
    dnnl_primitive_desc_destroy(details);
    return elea__dnnl_check(status, "pack weights", err);
}
