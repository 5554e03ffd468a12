// SPDX-License-Identifier: Apache-2.0
//
// What `remember` and `recall` share: a store with the embedder that its texts go through.
#ifndef ELEA_CLI_MIND_H
#define ELEA_CLI_MIND_H

#include <elea/memory.h>

typedef struct cli_mind {
    elea_embedder *embedder;
    elea_store *store;
} cli_mind;

// Opens the model in `model` (NULL: all-MiniLM-L6-v2 where tools/get-model puts it) and the store.
elea_status cli_mind_open(cli_mind *mind, const char *store, bool must_exist, const char *model,
                          elea_error *err);
void cli_mind_release(cli_mind *mind);

#endif // ELEA_CLI_MIND_H
