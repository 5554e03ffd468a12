// SPDX-License-Identifier: Apache-2.0
#include "mind.h"

#define MODEL_DEFAULT "all-MiniLM-L6-v2"

static elea_status open_embedder(const char *model, elea_embedder **out, elea_error *err) {
    elea_text path;
    elea_text_init(&path, NULL);
    elea_status status = model ? elea_text_append(&path, elea_bytes_of(model), err)
                               : elea_model_directory(MODEL_DEFAULT, &path, err);
    if (status == ELEA_OK)
        status = elea_embedder_open(path.data, NULL, out, err);
    if (status == ELEA_ENOTFOUND && !model)
        status = elea_error_prefix(
            err, status,
            "the model %s is missing (tools/get-model fetches it; --model names another)",
            MODEL_DEFAULT);
    elea_text_release(&path);
    return status;
}

elea_status cli_mind_open(cli_mind *mind, const char *store, bool must_exist, const char *model,
                          elea_error *err) {
    *mind = (cli_mind){0};
    ELEA_TRY(open_embedder(model, &mind->embedder, err));
    elea_store_options options;
    elea_store_options_init(&options);
    options.embedder = mind->embedder;
    options.must_exist = must_exist;
    elea_status status = elea_store_open(store, &options, &mind->store, err);
    if (status != ELEA_OK)
        cli_mind_release(mind);
    return status;
}

void cli_mind_release(cli_mind *mind) {
    elea_store_free(mind->store);
    elea_embedder_free(mind->embedder);
    *mind = (cli_mind){0};
}
