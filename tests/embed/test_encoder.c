// SPDX-License-Identifier: Apache-2.0
//
// The embedder on a BERT of random weights, beside the same in float64.
#include <elea/embed.h>

#include "embed/small_bert.h"
#include "support/alloc_failures.h"
#include "support/cmocka_all.h"

static elea_error err;

static const char *const texts[] = {
    "",
    "arrow",
    "the arrow flies",
    "arrows stand still a b a b a b a b a b",
    ("river stone river stone a a a a a a a a a a a a b b b b b b b b b b a b a b a b a b a b a b "
     "a "
     "b a b a b a b"),
    "a b",
    "b a",
    "stones",
    "a a a a a a a a a a a a a a",
    "a a a a a a a a a a a a a a a",
};
#define TEXT_COUNT ((int)(sizeof texts / sizeof texts[0]))

static void fill_texts(elea_bytes *out) {
    for (int i = 0; i < TEXT_COUNT; i++)
        out[i] = elea_bytes_of(texts[i]);
}

// NULL where the CPU cannot.
static elea_embedder *open_bert(const small_bert *bert, elea_embed_precision precision,
                                elea_thread_pool *threads) {
    elea_embedder_options options;
    elea_embedder_options_init(&options);
    options.precision = precision;
    options.threads = threads;
    elea_embedder *embedder = NULL;
    elea_status status = elea_embedder_open(bert->scratch.folder, &options, &embedder, &err);
    if (status == ELEA_EUNSUPPORTED && precision == ELEA_EMBED_BF16)
        return NULL;
    assert_ok(status);
    return embedder;
}

static double worst_cosine(const small_bert *bert, const uint16_t *out) {
    elea_tokenizer *tokenizer = NULL;
    assert_ok(elea_tokenizer_open(bert->scratch.folder, NULL, &tokenizer, &err));
    double worst = 1;
    for (int i = 0; i < TEXT_COUNT; i++) {
        int32_t ids[SMALL_POSITIONS];
        int32_t length = 0;
        double expected[SMALL_HIDDEN];
        double dot = 0;
        double squares = 0;
        assert_ok(elea_tokenizer_encode(tokenizer, elea_bytes_of(texts[i]), ids, SMALL_POSITIONS,
                                        &length, NULL, &err));
        small_encode(bert, ids, length, expected);
        for (int j = 0; j < SMALL_HIDDEN; j++) {
            double value = elea_half_to_float(out[i * SMALL_HIDDEN + j]);
            dot += value * expected[j];
            squares += value * value;
        }
        assert_true(fabs(squares - 1) < 2e-3);
        worst = dot / sqrt(squares) < worst ? dot / sqrt(squares) : worst;
    }
    elea_tokenizer_free(tokenizer);
    return worst;
}

static void compare(small_bert bert, elea_embed_precision precision, double least) {
    small_open(&bert);
    if (strcmp(bert.pooling, "cls") == 0) {
        char folder[600];
        snprintf(folder, sizeof folder, "mkdir '%s/1_Pooling'", bert.scratch.folder);
        assert_int_equal(system(folder), 0);
        small_write(&bert, "1_Pooling/config.json", "{\"pooling_mode_cls_token\": true}");
    }
    elea_embedder *embedder = open_bert(&bert, precision, NULL);
    if (embedder != NULL) {
        uint16_t out[TEXT_COUNT * SMALL_HIDDEN];
        elea_bytes all[TEXT_COUNT];
        elea_embed_figures figures;
        fill_texts(all);
        assert_int_equal(elea_embedder_dimension(embedder), SMALL_HIDDEN);
        assert_string_equal(elea_embedder_pooling(embedder), bert.pooling);
        assert_ok(
            elea_embedder_encode_halves(embedder, all, TEXT_COUNT, NULL, out, &figures, &err));
        double worst = worst_cosine(&bert, out);
        if (worst < least)
            fail_msg("cosine %f with the definition", worst);
        assert_int_equal(figures.texts, TEXT_COUNT);
        assert_int_equal(figures.texts_cut, 1);
    }
    elea_embedder_free(embedder);
    if (strcmp(bert.pooling, "cls") == 0) {
        remove(elea_test_scratch_path(&bert.scratch, "1_Pooling/config.json"));
        remove(elea_test_scratch_path(&bert.scratch, "1_Pooling"));
    }
    small_close(&bert);
}

static void test_f32(void **state) {
    (void)state;
    compare((small_bert){.type = ELEA_TENSOR_F32, .padding = 3}, ELEA_EMBED_F32, 0.999999);
    compare((small_bert){.type = ELEA_TENSOR_F32, .activation = "relu", .prefix = "bert."},
            ELEA_EMBED_F32, 0.999999);
    compare((small_bert){.type = ELEA_TENSOR_F32, .activation = "gelu_new", .pooling = "cls"},
            ELEA_EMBED_F32, 0.999999);
    compare((small_bert){.type = ELEA_TENSOR_F16, .padding = 1}, ELEA_EMBED_F32, 0.999999);
    compare((small_bert){.type = ELEA_TENSOR_BF16}, ELEA_EMBED_F32, 0.999999);
}

static void test_bf16(void **state) {
    (void)state;
    compare((small_bert){.type = ELEA_TENSOR_F32, .padding = 1}, ELEA_EMBED_BF16, 0.999);
    compare((small_bert){.type = ELEA_TENSOR_BF16, .activation = "relu"}, ELEA_EMBED_BF16, 0.999);
    compare((small_bert){.type = ELEA_TENSOR_F16, .activation = "gelu_new"}, ELEA_EMBED_BF16,
            0.999);
}

typedef struct progress_log {
    int64_t last;
    int calls;
} progress_log;

static void log_progress(void *context, int64_t done, int64_t total) {
    progress_log *log = (progress_log *)context;
    assert_true(done >= log->last && done <= total);
    log->last = done;
    log->calls++;
}

static void test_threads_give_the_same_bits(void **state) {
    (void)state;
    small_bert bert = {.type = ELEA_TENSOR_F32};
    small_open(&bert);
    enum { COUNT = 300 };
    static uint16_t out[2][COUNT * SMALL_HIDDEN];
    elea_bytes all[COUNT];
    for (int i = 0; i < COUNT; i++)
        all[i] = elea_bytes_of(texts[i * 7 % TEXT_COUNT]);
    for (int run = 0; run < 2; run++) {
        elea_thread_pool *threads = NULL;
        progress_log log = {0};
        elea_embed_run how = {.progress = log_progress, .context = &log};
        assert_ok(elea_thread_pool_new(NULL, run ? 4 : 1, &threads, &err));
        elea_embedder *embedder = open_bert(&bert, ELEA_EMBED_F32, threads);
        assert_ok(elea_embedder_encode_halves(embedder, all, COUNT, &how, out[run], NULL, &err));
        assert_int_equal(log.last, COUNT);
        elea_embedder_free(embedder);
        elea_thread_pool_free(threads);
    }
    assert_memory_equal(out[0], out[1], sizeof out[0]);
    small_close(&bert);
}

static void test_arrays(void **state) {
    (void)state;
    small_bert bert = {.type = ELEA_TENSOR_F32};
    small_open(&bert);
    elea_embedder *embedder = open_bert(&bert, ELEA_EMBED_F32, NULL);
    elea_builder *builder = NULL;
    elea_array *rows = NULL;
    elea_array *some = NULL;
    elea_array *vectors = NULL;
    elea_array *plain = NULL;
    assert_ok(elea_builder_new(NULL, elea_type_of(ELEA_TYPE_UTF8), &builder, &err));
    for (int i = 0; i < 12; i++) {
        if (i % 4 == 1)
            assert_ok(elea_builder_append_null(builder, &err));
        else
            assert_ok(elea_builder_append_bytes(builder, elea_bytes_of(texts[i % 10]), &err));
    }
    assert_ok(elea_builder_finish(builder, &rows, &err));
    assert_ok(elea_array_slice(rows, 3, 9, &some, &err));
    int64_t copied = elea_copied_bytes();
    assert_ok(elea_embedder_encode_array(embedder, some, NULL, &vectors, NULL, &err));
    assert_true(elea_copied_bytes() - copied <= 2); // the validity
    assert_ok(elea_array_validate(vectors, ELEA_VALIDATE_FULL, &err));
    assert_int_equal(elea_array_length(vectors), 9);
    assert_int_equal(elea_array_null_count(vectors), 2);
    elea_span span;
    elea_span_of(vectors, &span);
    assert_true(elea_span_is_valid(&span, 0) && !elea_span_is_valid(&span, 2));

    elea_bytes all[TEXT_COUNT];
    fill_texts(all);
    assert_ok(elea_embedder_encode(embedder, all, TEXT_COUNT, NULL, &plain, NULL, &err));
    assert_true(elea_type_equal(elea_array_type(plain), elea_array_type(vectors), true));
    assert_int_equal(elea_array_null_count(plain), 0);
    assert_fails(ELEA_ETYPE, "fixed_size_list",
                 elea_embedder_encode_array(embedder, plain, NULL, &vectors, NULL, &err));
    elea_array *none = NULL;
    assert_ok(elea_embedder_encode(embedder, NULL, 0, NULL, &none, NULL, &err));
    assert_int_equal(elea_array_length(none), 0);
    elea_array_unref(none);
    elea_array_unref(plain);
    elea_array_unref(vectors);
    elea_array_unref(some);
    elea_array_unref(rows);
    elea_builder_free(builder);
    elea_embedder_free(embedder);
    small_close(&bert);
}

static void test_bad_input(void **state) {
    (void)state;
    small_bert bert = {.type = ELEA_TENSOR_F32};
    small_open(&bert);
    elea_embedder *embedder = open_bert(&bert, ELEA_EMBED_F32, NULL);
    uint16_t out[2 * SMALL_HIDDEN];
    elea_bytes wrong[] = {elea_bytes_of("a"), elea_bytes_of("ab\xff")};
    assert_fails(ELEA_EINVAL, "text 1",
                 elea_embedder_encode_halves(embedder, wrong, 2, NULL, out, NULL, &err));
    elea_cancel cancel = {0};
    elea_cancel_request(&cancel);
    elea_embed_run run = {.cancel = &cancel};
    assert_fails(ELEA_ECANCELLED, "",
                 elea_embedder_encode_halves(embedder, wrong, 1, &run, out, NULL, &err));
    elea_embedder_free(embedder);
    small_close(&bert);
}

static void refuse_config(small_bert *bert, elea_status status, const char *part,
                          const char *more) {
    elea_embedder *embedder = NULL;
    small_write_config(bert, more);
    assert_fails(status, part, elea_embedder_open(bert->scratch.folder, NULL, &embedder, &err));
    assert_null(embedder);
}

static void test_bad_folder(void **state) {
    (void)state;
    small_bert bert = {.type = ELEA_TENSOR_F32, .skip = "encoder.layer.1.attention.self.key.bias"};
    small_open(&bert);
    refuse_config(&bert, ELEA_EINVAL, "tensor 'encoder.layer.1.attention.self.key.bias' is missing",
                  "");
    refuse_config(&bert, ELEA_EUNSUPPORTED, "relative_key",
                  ",\"position_embedding_type\":\"relative_key\"");
    refuse_config(&bert, ELEA_EUNSUPPORTED, "is_decoder", ",\"is_decoder\":true");
    refuse_config(&bert, ELEA_EINVAL, "type_vocab_size", ",\"type_vocab_size\":0");
    small_close(&bert);
}

static elea_status open_encode_drop(elea_pool *pool, void *context, elea_error *error) {
    const small_bert *bert = (const small_bert *)context;
    elea_embedder_options options;
    elea_embedder_options_init(&options);
    options.pool = pool;
    options.precision = ELEA_EMBED_F32;
    elea_embedder *embedder = NULL;
    elea_array *vectors = NULL;
    ELEA_TRY(elea_thread_pool_new(NULL, 1, &options.threads, error));
    elea_status status = elea_embedder_open(bert->scratch.folder, &options, &embedder, error);
    elea_bytes all[TEXT_COUNT];
    fill_texts(all);
    if (status == ELEA_OK)
        status = elea_embedder_encode(embedder, all, 3, NULL, &vectors, NULL, error);
    elea_array_unref(vectors);
    elea_embedder_free(embedder);
    elea_thread_pool_free(options.threads);
    return status;
}

static void test_allocation_failures(void **state) {
    (void)state;
    small_bert bert = {.type = ELEA_TENSOR_F16};
    small_open(&bert);
    assert_true(elea_test_fail_each_allocation(open_encode_drop, &bert) > 40);
    small_close(&bert);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f32),
        cmocka_unit_test(test_bf16),
        cmocka_unit_test(test_threads_give_the_same_bits),
        cmocka_unit_test(test_arrays),
        cmocka_unit_test(test_bad_input),
        cmocka_unit_test(test_bad_folder),
        cmocka_unit_test(test_allocation_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
