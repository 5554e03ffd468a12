// SPDX-License-Identifier: Apache-2.0
// bench-library: memory
//
// Encodes 1,000 corpus texts and sets the arithmetic done in a second against what oneDNN's own
// matrix product reaches on one core: rounds of both alternate. "sustained" divides the means over
// all rounds, "peak" the best rounds: with AMX, a core can burst to several times what it keeps up,
// so that the two differ much in bf16. Usage: bench_embed [ROUNDS]
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <dlfcn.h>
#include <dnnl.h>
#include <elea/base.h>
#include <elea/embed.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXT_COUNT 1000
#define PRODUCT_SECONDS 0.3
#define CORPUS "/usr/share/games/fortunes"

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void stop(const char *what, const char *why) {
    fprintf(stderr, "bench_embed: %s: %s\n", what, why);
    exit(1);
}

static void *need(void *memory) {
    if (memory == NULL)
        stop("memory", "none left");
    return memory;
}

// ---- corpus

typedef struct corpus {
    elea_bytes *texts;
    int64_t count;
    int64_t capacity;
} corpus;

static void corpus_add(corpus *all, const char *text, size_t size) {
    if (size == 0 || elea_utf8_check(text, (int64_t)size) != (int64_t)size)
        return;
    if (all->count == all->capacity) {
        all->capacity = all->capacity * 2 + 64;
        all->texts =
            (elea_bytes *)need(realloc(all->texts, (size_t)all->capacity * sizeof *all->texts));
    }
    char *copy = (char *)need(malloc(size));
    memcpy(copy, text, size);
    all->texts[all->count++] = (elea_bytes){copy, (int64_t)size};
}

// A file of fortunes: texts between lines "%".
static void corpus_read(corpus *all, const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return;
    char *line = NULL;
    char *text = NULL;
    size_t line_capacity = 0;
    size_t size = 0;
    ssize_t got;
    while ((got = getline(&line, &line_capacity, file)) >= 0) {
        if (strcmp(line, "%\n") == 0) {
            corpus_add(all, text, size);
            size = 0;
            continue;
        }
        text = (char *)need(realloc(text, size + (size_t)got));
        memcpy(text + size, line, (size_t)got);
        size += (size_t)got;
    }
    corpus_add(all, text, size);
    free(line);
    free(text);
    fclose(file);
}

static int is_plain(const struct dirent *entry) { return strchr(entry->d_name, '.') == NULL; }

// Where there are no fortunes: sentences of made-up words, as long as fortunes are.
static void corpus_invent(corpus *all) {
    uint64_t state = 1;
    while (all->count < TEXT_COUNT) {
        char text[1024];
        size_t size = 0;
        size_t wanted = 40 + (size_t)(state >> 33) % 400;
        while (size < wanted) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            for (uint64_t i = 0, bits = state >> 20; i < 2 + (state >> 61); i++, bits >>= 5)
                text[size++] = (char)('a' + bits % 26);
            text[size++] = ' ';
        }
        corpus_add(all, text, size);
    }
}

// TEXT_COUNT texts from all over the corpus.
static void corpus_open(corpus *all) {
    struct dirent **entries = NULL;
    int count = scandir(CORPUS, &entries, is_plain, alphasort);
    for (int i = 0; i < count; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", CORPUS, entries[i]->d_name);
        corpus_read(all, path);
        free(entries[i]);
    }
    free(entries);
    if (all->count < TEXT_COUNT)
        corpus_invent(all);
    for (int64_t i = 0; i < TEXT_COUNT; i++) {
        elea_bytes chosen = all->texts[i * all->count / TEXT_COUNT];
        all->texts[i * all->count / TEXT_COUNT] = all->texts[i];
        all->texts[i] = chosen;
    }
}

// ---- the measure

// One product of oneDNN: m x k times k x n, in the layout that it likes best.
typedef struct product {
    int64_t m, k, n;
    dnnl_primitive_t primitive;
    dnnl_exec_arg_t arguments[4];
} product;

static void check(dnnl_status_t status) {
    if (status != dnnl_success)
        stop("oneDNN", "a call failed");
}

static dnnl_exec_arg_t make_argument(int which, const dnnl_memory_desc_t *description,
                                     dnnl_engine_t engine) {
    dnnl_exec_arg_t argument = {which, NULL};
    check(dnnl_memory_create(&argument.memory, description, engine, DNNL_MEMORY_ALLOCATE));
    void *data = NULL;
    check(dnnl_memory_get_data_handle(argument.memory, &data));
    if (data != NULL)
        memset(data, 0, dnnl_memory_desc_get_size(description));
    return argument;
}

static void product_make(product *made, dnnl_engine_t engine, dnnl_data_type_t type) {
    dnnl_memory_desc_t descriptions[3];
    dnnl_dims_t extents[3] = {{made->m, made->k}, {made->k, made->n}, {made->m, made->n}};
    for (int i = 0; i < 3; i++)
        check(dnnl_memory_desc_init_by_tag(&descriptions[i], 2, extents[i], type,
                                           i == 1 ? dnnl_format_tag_any : dnnl_ab));
    dnnl_matmul_desc_t what;
    check(dnnl_matmul_desc_init(&what, &descriptions[0], &descriptions[1], NULL, &descriptions[2]));
    dnnl_primitive_attr_t attributes;
    check(dnnl_primitive_attr_create(&attributes));
    check(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user));
    dnnl_primitive_desc_t details;
    check(dnnl_primitive_desc_create(&details, &what, attributes, engine, NULL));
    check(dnnl_primitive_create(&made->primitive, details));
    made->arguments[0] = make_argument(DNNL_ARG_SRC, &descriptions[0], engine);
    made->arguments[1] = make_argument(
        DNNL_ARG_WEIGHTS, dnnl_primitive_desc_query_md(details, dnnl_query_weights_md, 0), engine);
    made->arguments[2] = make_argument(DNNL_ARG_DST, &descriptions[2], engine);
    made->arguments[3] =
        make_argument(DNNL_ARG_SCRATCHPAD,
                      dnnl_primitive_desc_query_md(details, dnnl_query_scratchpad_md, 0), engine);
    dnnl_primitive_desc_destroy(details);
    dnnl_primitive_attr_destroy(attributes);
}

static void product_release(product *made) {
    for (int i = 0; i < 4; i++)
        dnnl_memory_destroy(made->arguments[i].memory);
    dnnl_primitive_destroy(made->primitive);
}

// Operations a second, over a while: single runs of some microseconds swing by several times.
static double product_time(const product *made, dnnl_stream_t stream) {
    double start = now();
    double took;
    int64_t runs = 0;
    do {
        check(dnnl_primitive_execute(made->primitive, stream, 4, made->arguments));
        check(dnnl_stream_wait(stream));
        runs++;
        took = now() - start;
    } while (took < PRODUCT_SECONDS);
    return 2.0 * (double)made->m * (double)made->k * (double)made->n * (double)runs / took;
}

// ---- both

static const product shapes[] = {
    {.m = 512, .k = 512, .n = 512},   {.m = 1024, .k = 512, .n = 1024},
    {.m = 512, .k = 1024, .n = 1024}, {.m = 1024, .k = 1024, .n = 1024},
    {.m = 2048, .k = 512, .n = 2048}, {.m = 2048, .k = 2048, .n = 2048},
};
#define SHAPE_COUNT ((int)(sizeof shapes / sizeof shapes[0]))

typedef struct bench {
    const char *model;
    const corpus *texts;
    int rounds;
    dnnl_engine_t engine;
    dnnl_stream_t stream;
} bench;

// Operations a second: of oneDNN's product on one core (of the shape that does best), and of
// encoding.
typedef struct rates {
    double product_mean;
    double product_best;
    double encoding_mean;
    double encoding_best;
} rates;

static double largest(const double *values, int count) {
    double found = 0;
    for (int i = 0; i < count; i++)
        found = values[i] > found ? values[i] : found;
    return found;
}

static void measure(const bench *setup, const elea_embedder *embedder, elea_embed_figures *figures,
                    rates *out) {
    product products[SHAPE_COUNT];
    double sums[SHAPE_COUNT] = {0}, best[SHAPE_COUNT] = {0};
    double seconds = 0, seconds_best = 1e9;
    memcpy(products, shapes, sizeof products);
    bool bf16 = elea_embedder_precision(embedder) == ELEA_EMBED_BF16;
    for (int i = 0; i < SHAPE_COUNT; i++)
        product_make(&products[i], setup->engine, bf16 ? dnnl_bf16 : dnnl_f32);
    size_t values = TEXT_COUNT * (size_t)elea_embedder_dimension(embedder);
    uint16_t *halves = (uint16_t *)need(malloc(values * sizeof *halves));
    elea_error err = {0};
    for (int round = 0; round < setup->rounds; round++) {
        for (int i = 0; i < SHAPE_COUNT; i++) {
            double rate = product_time(&products[i], setup->stream);
            sums[i] += rate;
            best[i] = rate > best[i] ? rate : best[i];
        }
        double before = now();
        if (elea_embedder_encode_halves(embedder, setup->texts->texts, TEXT_COUNT, NULL, halves,
                                        figures, &err) != ELEA_OK)
            stop("encode", elea_error_message(&err));
        double took = now() - before;
        seconds += took;
        seconds_best = took < seconds_best ? took : seconds_best;
    }
    *out = (rates){.product_mean = largest(sums, SHAPE_COUNT) / setup->rounds,
                   .product_best = largest(best, SHAPE_COUNT),
                   .encoding_mean = figures->operations * setup->rounds / seconds,
                   .encoding_best = figures->operations / seconds_best};
    free(halves);
    for (int i = 0; i < SHAPE_COUNT; i++)
        product_release(&products[i]);
}

static void run(const bench *setup, elea_embed_precision precision, int workers) {
    elea_error err = {0};
    elea_embedder_options options;
    elea_embedder_options_init(&options);
    options.precision = precision;
    if (elea_thread_pool_new(NULL, workers, &options.threads, &err) != ELEA_OK)
        stop("threads", elea_error_message(&err));
    elea_embedder *embedder = NULL;
    double before = now();
    elea_status status = elea_embedder_open(setup->model, &options, &embedder, &err);
    double opening = now() - before;
    if (status == ELEA_EUNSUPPORTED) {
        printf("%-5s %s\n", elea_embed_precision_name(precision), elea_error_message(&err));
    } else if (status != ELEA_OK) {
        stop("open", elea_error_message(&err));
    } else {
        elea_embed_figures figures = {0};
        rates found;
        measure(setup, embedder, &figures, &found);
        double per_operation = found.encoding_best / figures.operations;
        printf("%-5s %7d %8.0f %9.0f %7.2f%% %10.1f %8.1f %8.1f %9.3f %6.3f %8.1f\n",
               elea_embed_precision_name(precision), workers, TEXT_COUNT * per_operation,
               (double)figures.tokens * per_operation,
               100.0 * (double)figures.tokens_padded / (double)figures.tokens,
               found.encoding_mean * 1e-9, found.product_mean * 1e-9, found.product_best * 1e-9,
               found.encoding_mean / (found.product_mean * workers),
               found.encoding_best / (found.product_best * workers), opening * 1e3);
        fflush(stdout);
    }
    elea_embedder_free(embedder);
    elea_thread_pool_free(options.threads);
}

// oneDNN divides its products among OpenMP's threads; here one core is to be measured.
static void use_one_thread(void) {
    void (*set_num_threads)(int) = NULL;
    void *found = dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    memcpy(&set_num_threads, &found, sizeof found);
    if (set_num_threads != NULL)
        set_num_threads(1);
}

int main(int argc, char **argv) {
    elea_error err = {0};
    elea_text model;
    elea_text_init(&model, NULL);
    if (elea_model_directory("all-MiniLM-L6-v2", &model, &err) != ELEA_OK)
        stop("model", elea_error_message(&err));
    corpus texts = {0};
    corpus_open(&texts);
    bench setup = {.model = model.data,
                   .texts = &texts,
                   .rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 5};
    DIR *folder = opendir(model.data);
    if (folder == NULL) {
        printf("no model in %s: run tools/get-model\n", model.data);
        return 0;
    }
    closedir(folder);
    use_one_thread();
    check(dnnl_engine_create(&setup.engine, dnnl_cpu, 0));
    check(dnnl_stream_create(&setup.stream, setup.engine, dnnl_stream_default_flags));
    printf("%d texts; GFLOP/s of the model's own operations, and of oneDNN's product on one core; "
           "ratios\n",
           TEXT_COUNT);
    printf("%-5s %7s %8s %9s %8s %10s %8s %8s %9s %6s %8s\n", "type", "workers", "texts/s",
           "tokens/s", "padding", "encoding", "oneDNN", "at best", "sustained", "peak", "open ms");
    int most = elea_cpu_count();
    for (int workers = 1; workers <= most; workers = workers < most ? most : most + 1) {
        run(&setup, ELEA_EMBED_F32, workers);
        run(&setup, ELEA_EMBED_BF16, workers);
    }
    dnnl_stream_destroy(setup.stream);
    dnnl_engine_destroy(setup.engine);
    for (int64_t i = 0; i < texts.count; i++)
        free((void *)(uintptr_t)texts.texts[i].data);
    free(texts.texts);
    elea_text_release(&model);
    return 0;
}
