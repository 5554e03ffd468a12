// SPDX-License-Identifier: Apache-2.0
#include <elea/embed.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "embed/encoder.h"
#include "embed/packing.h"

// Texts are taken in windows, so that memory does not grow with their number.
#define WINDOW_TEXTS 4096
#define TOKENIZE_MORSEL 16

struct elea_embedder {
    elea_pool *pool;
    elea_thread_pool *threads;
    elea__model_config config;
    elea__safetensors *file;
    elea_tokenizer *tokenizer;
    elea__encoder *encoder;
    int32_t length_max;
    bool bfloat;
    elea_text name;
    char fingerprint[17];
};

const char *elea_embed_precision_name(elea_embed_precision precision) {
    switch (precision) {
    case ELEA_EMBED_AUTO:
        return "auto";
    case ELEA_EMBED_F32:
        return "f32";
    case ELEA_EMBED_BF16:
        return "bf16";
    default:
        return "unknown";
    }
}

void elea_embedder_options_init(elea_embedder_options *options) {
    *options = (elea_embedder_options){.precision = ELEA_EMBED_AUTO};
}

// ---- opening

typedef struct opening {
    elea_embedder *embedder;
    const char *directory;
} opening;

// Two things to do at once: the tokenizer, and the hash of the weights.
static elea_status open_part(void *context, int64_t begin, int64_t end, int worker,
                             elea_error *err) {
    (void)worker;
    opening *job = (opening *)context;
    elea_embedder *embedder = job->embedder;
    for (int64_t part = begin; part < end; part++) {
        if (part == 0) {
            ELEA_TRY(
                elea_tokenizer_open(job->directory, embedder->pool, &embedder->tokenizer, err));
            continue;
        }
        elea_bytes bytes = elea__safetensors_bytes(embedder->file);
        snprintf(embedder->fingerprint, sizeof embedder->fingerprint, "%016" PRIx64,
                 elea_hash64(bytes.data, bytes.size, 0));
    }
    return ELEA_OK;
}

static elea_status open_name(elea_embedder *embedder, const char *directory, elea_error *err) {
    size_t end = strlen(directory);
    while (end > 1 && directory[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && directory[start - 1] != '/')
        start--;
    return elea_text_append(&embedder->name,
                            (elea_bytes){directory + start, (int64_t)(end - start)}, err);
}

static elea_status choose_length(elea_embedder *embedder, int32_t asked, elea_error *err) {
    int32_t most = embedder->config.positions;
    most = most < ELEA_LENGTH_MAX ? most : ELEA_LENGTH_MAX;
    if (asked != 0 && (asked < 2 || asked > most))
        return elea_error_set(err, ELEA_EINVAL, "length_max is %" PRId32 ", expected 2 to %" PRId32,
                              asked, most);
    embedder->length_max = asked ? asked : embedder->config.length_max;
    return ELEA_OK;
}

static elea_status open_all(elea_embedder *embedder, const char *directory,
                            const elea_embedder_options *options, elea_error *err) {
    ELEA_TRY(elea__model_config_read(directory, embedder->pool, &embedder->config, err));
    ELEA_TRY(choose_length(embedder, options->length_max, err));
    ELEA_TRY(open_name(embedder, directory, err));
    elea_text path;
    elea_text_init(&path, embedder->pool);
    elea_status status = elea_text_append_format(&path, err, "%s/model.safetensors", directory);
    if (status == ELEA_OK)
        status = elea__safetensors_open(path.data, embedder->pool, &embedder->file, err);
    elea_text_release(&path);
    ELEA_TRY(status);
    opening job = {embedder, directory};
    ELEA_TRY(elea_thread_pool_for(embedder->threads, 2, 1, open_part, &job, NULL, err));
    int32_t words = elea_tokenizer_vocabulary_size(embedder->tokenizer);
    if (words > embedder->config.vocabulary)
        return elea_error_set(err, ELEA_EINVAL,
                              "%s: the tokenizer has %" PRId32 " tokens, the model only %" PRId32,
                              directory, words, embedder->config.vocabulary);
    return elea__encoder_new(embedder->pool, embedder->file, &embedder->config, embedder->bfloat,
                             embedder->length_max, embedder->threads, &embedder->encoder, err);
}

elea_status elea_embedder_open(const char *directory, const elea_embedder_options *options,
                               elea_embedder **out, elea_error *err) {
    elea_embedder_options defaults;
    elea_embedder_options_init(&defaults);
    if (options == NULL)
        options = &defaults;
    if ((int)options->precision < ELEA_EMBED_AUTO || options->precision > ELEA_EMBED_BF16)
        return elea_error_set(err, ELEA_EINVAL, "precision %d is unknown", (int)options->precision);
    void *memory = NULL;
    ELEA_TRY(elea_alloc_zero(options->pool, sizeof(elea_embedder), &memory, err));
    elea_embedder *embedder = (elea_embedder *)memory;
    embedder->pool = options->pool;
    embedder->threads = options->threads;
    embedder->bfloat = options->precision == ELEA_EMBED_BF16 ||
                       (options->precision == ELEA_EMBED_AUTO && elea_cpu_has_bf16());
    elea_text_init(&embedder->name, options->pool);
    elea_status status = open_all(embedder, directory, options, err);
    if (status == ELEA_OK)
        *out = embedder;
    else
        elea_embedder_free(embedder);
    return status;
}

void elea_embedder_free(elea_embedder *embedder) {
    if (embedder == NULL)
        return;
    elea__encoder_free(embedder->encoder);
    elea_tokenizer_free(embedder->tokenizer);
    elea__safetensors_free(embedder->file);
    elea_text_release(&embedder->name);
    elea_dealloc(embedder->pool, embedder, sizeof *embedder);
}

int32_t elea_embedder_dimension(const elea_embedder *embedder) { return embedder->config.hidden; }

int32_t elea_embedder_length_max(const elea_embedder *embedder) { return embedder->length_max; }

elea_embed_precision elea_embedder_precision(const elea_embedder *embedder) {
    return embedder->bfloat ? ELEA_EMBED_BF16 : ELEA_EMBED_F32;
}

const char *elea_embedder_name(const elea_embedder *embedder) {
    return embedder->name.data ? embedder->name.data : "";
}

const char *elea_embedder_fingerprint(const elea_embedder *embedder) {
    return embedder->fingerprint;
}

const char *elea_embedder_pooling(const elea_embedder *embedder) {
    return embedder->config.pooling == ELEA_POOLING_CLS ? "cls" : "mean";
}

// ---- encoding

// Texts as they come: a C array, or the rows of a utf8 array.
typedef struct text_source {
    const elea_bytes *texts;
    const elea_span *span;
} text_source;

// False for a null.
static bool text_at(const text_source *source, int64_t index, elea_bytes *out) {
    if (source->span == NULL) {
        *out = source->texts[index];
        return true;
    }
    if (!elea_span_is_valid(source->span, index))
        return false;
    *out = elea_span_get_bytes(source->span, index);
    return true;
}

// One call of an encode function.
typedef struct encoding {
    const elea_embedder *embedder;
    const text_source *source;
    int64_t total;
    const elea_embed_run *run;
    uint16_t *out;
    int64_t window; // the first text of the window
    int64_t window_count;
    int64_t window_max;
    void *memory;
    int64_t memory_size;
    int32_t *ids; // length_max a text
    int32_t *lengths;
    elea__packing packing;
    elea__workspace **workspaces; // one a worker, made when first needed
    int worker_count;
    int64_t length_longest; // of the window
    elea_embed_figures figures;
    _Atomic int64_t texts_cut;
    _Atomic int64_t done;
    atomic_flag telling;
} encoding;

static elea_status tokenize_morsel(void *context, int64_t begin, int64_t end, int worker,
                                   elea_error *err) {
    (void)worker;
    encoding *job = (encoding *)context;
    int32_t length_max = job->embedder->length_max;
    for (int64_t i = begin; i < end; i++) {
        elea_bytes text;
        bool cut = false;
        job->lengths[i] = 0;
        if (!text_at(job->source, job->window + i, &text)) {
            memset(job->out + i * job->embedder->config.hidden, 0,
                   (size_t)job->embedder->config.hidden * sizeof *job->out);
            continue;
        }
        elea_status status =
            elea_tokenizer_encode(job->embedder->tokenizer, text, job->ids + i * length_max,
                                  length_max, &job->lengths[i], &cut, err);
        if (status != ELEA_OK)
            return elea_error_prefix(err, status, "text %" PRId64, job->window + i);
        atomic_fetch_add(&job->texts_cut, cut);
    }
    return ELEA_OK;
}

// Whoever finds another one telling leaves it to the next.
static void tell_progress(encoding *job, int64_t texts) {
    atomic_fetch_add(&job->done, texts);
    if (job->run == NULL || job->run->progress == NULL || atomic_flag_test_and_set(&job->telling))
        return;
    int64_t done = atomic_load(&job->done);
    if (done < job->total)
        job->run->progress(job->run->context, done, job->total);
    atomic_flag_clear(&job->telling);
}

static elea_status encode_morsel(void *context, int64_t begin, int64_t end, int worker,
                                 elea_error *err) {
    encoding *job = (encoding *)context;
    const elea__packing *packing = &job->packing;
    elea__workspace **workspace = &job->workspaces[worker];
    if (*workspace == NULL)
        ELEA_TRY(elea__workspace_new(job->embedder->encoder, packing->tokens_max,
                                     job->length_longest, workspace, err));
    for (int64_t i = begin; i < end; i++) {
        const elea__pack *pack = &packing->packs[i];
        elea__batch batch = {
            .slots = packing->slots + pack->first,
            .count = pack->count,
            .ids = job->ids,
            .stride = job->embedder->length_max,
            .lengths = job->lengths,
            .tokens = pack->tokens,
            .out = job->out,
        };
        ELEA_TRY(elea__encoder_run(job->embedder->encoder, *workspace, &batch, err));
        tell_progress(job, pack->count);
    }
    return ELEA_OK;
}

static void count_window(encoding *job) {
    elea_embed_figures *figures = &job->figures;
    job->length_longest = 0;
    for (int64_t i = 0; i < job->window_count; i++) {
        int64_t length = job->lengths[i];
        figures->texts += length > 0;
        figures->tokens += length;
        figures->operations += elea__encoder_operations(&job->embedder->config, length);
        if (length > job->length_longest)
            job->length_longest = length;
    }
    for (int64_t i = 0; i < job->packing.count; i++) {
        int64_t tokens = job->packing.packs[i].tokens;
        figures->tokens_padded += elea__tokens_round(tokens) - tokens;
    }
}

static void free_workspaces(encoding *job) {
    for (int i = 0; i < job->worker_count; i++) {
        elea__workspace_free(job->workspaces[i]);
        job->workspaces[i] = NULL;
    }
}

static elea_status encode_window(encoding *job, elea_error *err) {
    elea_thread_pool *threads = job->embedder->threads;
    const elea_cancel *cancel = job->run ? job->run->cancel : NULL;
    ELEA_TRY(elea_thread_pool_for(threads, job->window_count, TOKENIZE_MORSEL, tokenize_morsel, job,
                                  cancel, err));
    elea__packing_make(&job->packing, job->lengths, job->window_count);
    count_window(job);
    elea_status status =
        elea_thread_pool_for(threads, job->packing.count, 1, encode_morsel, job, cancel, err);
    free_workspaces(job);
    return status;
}

static elea_status encode_windows(encoding *job, uint16_t *out, elea_error *err) {
    int64_t ids = job->window_max * job->embedder->length_max * (int64_t)sizeof(int32_t);
    int64_t lengths = job->window_max * (int64_t)sizeof(int32_t);
    int64_t spaces = job->worker_count * (int64_t)sizeof(elea__workspace *);
    job->memory_size = spaces + ids + lengths;
    ELEA_TRY(elea_alloc(job->embedder->pool, job->memory_size, &job->memory, err));
    memset(job->memory, 0, (size_t)spaces);
    job->workspaces = (elea__workspace **)job->memory;
    job->ids = (int32_t *)(void *)((uint8_t *)job->memory + spaces);
    job->lengths = (int32_t *)(void *)((uint8_t *)job->memory + spaces + ids);
    ELEA_TRY(elea__packing_init(&job->packing, job->embedder->pool, job->window_max,
                                job->embedder->length_max, err));
    for (job->window = 0; job->window < job->total; job->window += job->window_max) {
        int64_t left = job->total - job->window;
        job->window_count = left < job->window_max ? left : job->window_max;
        job->out = out + job->window * job->embedder->config.hidden;
        ELEA_TRY(encode_window(job, err));
    }
    return ELEA_OK;
}

static elea_status encode(const elea_embedder *embedder, const text_source *source, int64_t count,
                          const elea_embed_run *run, uint16_t *out, elea_embed_figures *figures,
                          elea_error *err) {
    encoding job = {
        .embedder = embedder,
        .source = source,
        .total = count,
        .run = run,
        .window_max = count < WINDOW_TEXTS ? count : WINDOW_TEXTS,
        .worker_count = elea_thread_pool_worker_count(embedder->threads),
        .telling = ATOMIC_FLAG_INIT,
    };
    elea_status status = encode_windows(&job, out, err);
    elea__packing_release(&job.packing);
    elea_dealloc(embedder->pool, job.memory, job.memory_size);
    ELEA_TRY(status);
    job.figures.texts_cut = atomic_load(&job.texts_cut);
    if (run != NULL && run->progress != NULL)
        run->progress(run->context, count, count);
    if (figures != NULL)
        *figures = job.figures;
    return ELEA_OK;
}

elea_status elea_embedder_encode_halves(const elea_embedder *embedder, const elea_bytes *texts,
                                        int64_t count, const elea_embed_run *run, uint16_t *out,
                                        elea_embed_figures *figures, elea_error *err) {
    text_source source = {.texts = texts};
    return encode(embedder, &source, count, run, out, figures, err);
}

// ---- arrays

elea_status elea_embedder_type_new(const elea_embedder *embedder, elea_type **out,
                                   elea_error *err) {
    elea_field *item = NULL;
    ELEA_TRY(elea_field_new(embedder->pool, elea_bytes_of("item"), elea_type_of(ELEA_TYPE_FLOAT16),
                            true, NULL, &item, err));
    elea_status status =
        elea_type_new_fixed_size_list(embedder->pool, item, embedder->config.hidden, out, err);
    elea_field_unref(item);
    return status;
}

static elea_status wrap_values(const elea_embedder *embedder, const elea_buffer *validity,
                               int64_t count, const elea_buffer *values, elea_array **out,
                               elea_error *err) {
    elea_status status = ELEA_OK;
    elea_type *type = NULL;
    elea_array *child = NULL;
    const elea_buffer *child_buffers[] = {NULL, values};
    elea_array_parts child_parts = {
        .type = elea_type_of(ELEA_TYPE_FLOAT16),
        .length = count * embedder->config.hidden,
        .buffers = child_buffers,
        .buffer_count = 2,
    };
    ELEA_GOTO(done, elea_embedder_type_new(embedder, &type, err));
    ELEA_GOTO(done, elea_array_new(embedder->pool, &child_parts, &child, err));
    const elea_array *children[] = {child};
    elea_array_parts parts = {
        .type = type,
        .length = count,
        .null_count = validity ? -1 : 0,
        .buffers = &validity,
        .buffer_count = 1,
        .children = children,
        .child_count = 1,
    };
    ELEA_GOTO(done, elea_array_new(embedder->pool, &parts, out, err));
done:
    elea_array_unref(child);
    elea_type_unref(type);
    return status;
}

static elea_status encode_array(const elea_embedder *embedder, const text_source *source,
                                const elea_buffer *validity, int64_t count,
                                const elea_embed_run *run, elea_array **out,
                                elea_embed_figures *figures, elea_error *err) {
    int64_t size;
    if (__builtin_mul_overflow(count, 2 * (int64_t)embedder->config.hidden, &size))
        return elea_error_set(err, ELEA_ECAPACITY, "%" PRId64 " vectors of %" PRId32, count,
                              embedder->config.hidden);
    elea_status status = ELEA_OK;
    elea_buffer *values = NULL;
    ELEA_GOTO(done, elea_buffer_new(embedder->pool, size, &values, err));
    uint16_t *data = (uint16_t *)(void *)elea_buffer_mutable_data(values);
    ELEA_GOTO(done, encode(embedder, source, count, run, data, figures, err));
    ELEA_GOTO(done, wrap_values(embedder, validity, count, values, out, err));
done:
    elea_buffer_unref(values);
    return status;
}

elea_status elea_embedder_encode(const elea_embedder *embedder, const elea_bytes *texts,
                                 int64_t count, const elea_embed_run *run, elea_array **out,
                                 elea_embed_figures *figures, elea_error *err) {
    text_source source = {.texts = texts};
    return encode_array(embedder, &source, NULL, count, run, out, figures, err);
}

elea_status elea_embedder_encode_array(const elea_embedder *embedder, const elea_array *texts,
                                       const elea_embed_run *run, elea_array **out,
                                       elea_embed_figures *figures, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_buffer *validity = NULL;
    elea_span span;
    elea_span_of(texts, &span);
    if (span.id != ELEA_TYPE_UTF8)
        return elea_error_set(err, ELEA_ETYPE, "texts are %s, expected utf8",
                              elea_type_id_name(span.id));
    if (elea_array_null_count(texts) > 0) {
        ELEA_GOTO(done,
                  elea_buffer_new(embedder->pool, elea_bitmap_size(span.length), &validity, err));
        uint8_t *bits = elea_buffer_mutable_data(validity);
        memset(bits, 0, (size_t)elea_buffer_size(validity));
        elea_bitmap_copy(span.buffers[0], span.offset, span.length, bits, 0);
    }
    text_source source = {.span = &span};
    ELEA_GOTO(done, encode_array(embedder, &source, validity, span.length, run, out, figures, err));
done:
    elea_buffer_unref(validity);
    return status;
}
