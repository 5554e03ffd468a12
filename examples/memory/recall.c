// SPDX-License-Identifier: Apache-2.0
// Remembers the lines of a text and asks about them. Takes a store, a model folder and a question:
//
//     recall mind ~/.cache/elea/models/all-MiniLM-L6-v2 "who likes fish?"
//
// Without them it only says how it is called, so that it can run anywhere.
#include <elea/elea.h>
#include <elea/memory.h>
#include <stdio.h>

static elea_status remember_and_recall(elea_embedder *embedder, const char *path,
                                       const char *question, elea_error *err) {
    static const char *const lines[] = {"The cat likes fish.", "Prices go up in spring.",
                                        "Marta plays the cello."};
    elea_bytes texts[3];
    elea_store *store = NULL;
    elea_table *best = NULL;
    elea_status status = ELEA_OK;
    for (int i = 0; i < 3; i++)
        texts[i] = elea_bytes_of(lines[i]);

    ELEA_GOTO(done,
              elea_store_open(path, &(elea_store_options){.embedder = embedder}, &store, err));
    ELEA_GOTO(done, elea_store_add_texts(store, "experiences", texts, 3, NULL, err));
    ELEA_GOTO(done, elea_recall(store, question, &(elea_recall_options){.k = 2}, &best, err));
    ELEA_GOTO(done, elea_table_print(best, stdout, NULL, err));
done:
    elea_table_unref(best);
    elea_store_free(store);
    return status;
}

int main(int argc, char **argv) {
    elea_error err = {0};
    elea_embedder *embedder = NULL;
    if (argc != 4) {
        printf("usage: recall STORE MODEL QUESTION\n");
        return 0;
    }
    elea_status status = elea_embedder_open(argv[2], NULL, &embedder, &err);
    if (status == ELEA_OK)
        status = remember_and_recall(embedder, argv[1], argv[3], &err);
    elea_embedder_free(embedder);
    if (status != ELEA_OK)
        fprintf(stderr, "recall: %s\n", elea_error_message(&err));
    return status == ELEA_OK ? 0 : 1;
}
