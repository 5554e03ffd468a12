// SPDX-License-Identifier: Apache-2.0
#include "embed/added_tokens.h"

#include <stdlib.h>
#include <string.h>

static int by_lead_then_longest(const void *left, const void *right) {
    const elea__added_token *a = left;
    const elea__added_token *b = right;
    int lead_a = (uint8_t)a->content.data[0];
    int lead_b = (uint8_t)b->content.data[0];
    if (lead_a != lead_b)
        return lead_a < lead_b ? -1 : 1;
    return a->content.size > b->content.size ? -1 : a->content.size < b->content.size;
}

static void index_leads(elea__added_tokens *added) {
    uint32_t next = 0;
    for (int byte = 0; byte < 256; byte++) {
        added->begins[byte] = next;
        while (next < (uint32_t)added->count &&
               (uint8_t)added->tokens[next].content.data[0] == byte)
            next++;
        if (next - added->begins[byte] == (uint32_t)added->count)
            added->lead = byte;
    }
    added->begins[256] = next;
}

elea_status elea__added_tokens_init(elea__added_tokens *added, elea_pool *pool,
                                    const elea__added_token *tokens, int32_t count,
                                    elea_error *err) {
    int64_t table_size = (int64_t)count * (int64_t)sizeof(elea__added_token);
    int64_t size = table_size;
    for (int32_t i = 0; i < count; i++)
        size += tokens[i].content.size;
    void *block = NULL;
    ELEA_TRY(elea_alloc(pool, size, &block, err));

    *added = (elea__added_tokens){.pool = pool,
                                  .block = block,
                                  .block_size = size,
                                  .count = count,
                                  .tokens = block,
                                  .lead = -1};
    char *text = (char *)block + table_size;
    for (int32_t i = 0; i < count; i++) {
        elea_bytes content = tokens[i].content;
        memcpy(text, content.data, (size_t)content.size);
        added->tokens[i] = (elea__added_token){{text, content.size}, tokens[i].id};
        text += content.size;
    }
    if (count > 0) {
        qsort(added->tokens, (size_t)count, sizeof added->tokens[0], by_lead_then_longest);
        index_leads(added);
    }
    return ELEA_OK;
}

void elea__added_tokens_release(elea__added_tokens *added) {
    elea_dealloc(added->pool, added->block, added->block_size);
    *added = (elea__added_tokens){0};
}

static const elea__added_token *match(const elea__added_tokens *added, const uint8_t *text,
                                      const uint8_t *end) {
    for (uint32_t i = added->begins[*text]; i < added->begins[*text + 1]; i++) {
        elea_bytes content = added->tokens[i].content;
        if (content.size <= end - text && memcmp(text, content.data, (size_t)content.size) == 0)
            return &added->tokens[i];
    }
    return NULL;
}

const uint8_t *elea__added_tokens_search(const elea__added_tokens *added, const uint8_t *text,
                                         const uint8_t *end, const elea__added_token **found) {
    if (added->count == 0)
        return end;
    for (const uint8_t *place = text; place < end; place++) {
        // Most often all begin with the same bracket.
        if (added->lead >= 0) {
            place = memchr(place, added->lead, (size_t)(end - place));
            if (place == NULL)
                return end;
        }
        *found = match(added, place, end);
        if (*found != NULL)
            return place;
    }
    return end;
}

int32_t elea__added_tokens_id(const elea__added_tokens *added, elea_bytes content) {
    for (int32_t i = 0; i < added->count; i++) {
        elea_bytes other = added->tokens[i].content;
        if (other.size == content.size &&
            memcmp(other.data, content.data, (size_t)content.size) == 0)
            return added->tokens[i].id;
    }
    return -1;
}
