// SPDX-License-Identifier: Apache-2.0
//
// A tokenizer from the files of a model folder.
#include <string.h>

#include "embed/model_folder.h"
#include "embed/tokenizer.h"

// What sentence_bert_config.json and tokenizer_config.json ask for.
static elea_status read_demands(const json_t *sentence, const json_t *config, bool *lowercase,
                                elea_error *err) {
    const char *side = NULL;
    ELEA_TRY(elea__json_boolean(sentence, "do_lower_case", false, lowercase, err));
    ELEA_TRY(elea__json_string(config, "truncation_side", "right", &side, err));
    if (strcmp(side, "right") != 0)
        return elea_error_set(err, ELEA_EUNSUPPORTED, "texts are to be cut on the %s", side);
    return ELEA_OK;
}

static elea_bytes bytes_of(const elea_buffer *buffer) {
    return (elea_bytes){(const char *)elea_buffer_data(buffer), elea_buffer_size(buffer)};
}

elea_status elea_tokenizer_open(const char *directory, elea_pool *pool, elea_tokenizer **out,
                                elea_error *err) {
    elea_status status = ELEA_OK;
    const char *name = "tokenizer.json";
    elea_buffer *text = NULL;
    json_t *sentence = NULL;
    json_t *config = NULL;
    bool lowercase = false;

    ELEA_GOTO(done, elea__model_json_read_if_any(directory, "sentence_bert_config.json", pool,
                                                 &sentence, err));
    ELEA_GOTO(done,
              elea__model_json_read_if_any(directory, "tokenizer_config.json", pool, &config, err));
    status = read_demands(sentence, config, &lowercase, err);
    if (status != ELEA_OK) {
        status = elea_error_prefix(err, status, "%s", directory);
        goto done;
    }
    status = elea__model_file_read(directory, name, pool, &text, err);
    if (status == ELEA_OK) {
        status = elea__tokenizer_new_from_json(bytes_of(text), lowercase, pool, out, err);
    } else if (status == ELEA_ENOTFOUND) {
        name = "vocab.txt";
        ELEA_GOTO(done, elea__model_file_read(directory, name, pool, &text, err));
        status = elea__tokenizer_new_from_lines(bytes_of(text), config, lowercase, pool, out, err);
    } else {
        goto done;
    }
    if (status != ELEA_OK)
        status = elea_error_prefix(err, status, "%s/%s", directory, name);
done:
    elea_buffer_unref(text);
    json_decref(sentence);
    json_decref(config);
    return status;
}
