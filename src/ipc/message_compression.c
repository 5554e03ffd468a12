// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "ipc/format.h"
#include "ipc/message.h"

// Arrow 0.17 wrote the codec's name to the message's metadata: the table came with 1.0.
#define OLD_KEY "ARROW:experimental_compression"

static elea_status read_table(const elea__flat_table *header, bool *present, const elea_codec **out,
                              elea_error *err) {
    elea__flat_table compression;
    int64_t codec = 0, method = 0;
    ELEA_TRY(elea__flat_get_table(header, ELEA__BATCH_COMPRESSION, &compression, present, err));
    if (!*present)
        return ELEA_OK;
    ELEA_TRY(elea__flat_get_int(&compression, ELEA__COMPRESSION_CODEC, 1, 0, &codec, err));
    ELEA_TRY(elea__flat_get_int(&compression, ELEA__COMPRESSION_METHOD, 1, 0, &method, err));
    // The format counts from 0: LZ4_FRAME, ZSTD.
    *out = codec == 0 || codec == 1 ? elea_codec_of((elea_codec_id)(codec + 1)) : NULL;
    if (!*out || method != 0)
        return elea_error_set(err, ELEA_EUNSUPPORTED,
                              "the body is compressed with codec %lld by method %lld, expected "
                              "codec 0 or 1 and method 0",
                              (long long)codec, (long long)method);
    return ELEA_OK;
}

static bool equal(elea_bytes bytes, const char *text) {
    size_t size = strlen(text);
    return bytes.size == (int64_t)size && memcmp(bytes.data, text, size) == 0;
}

static elea_status codec_of_old_name(elea_bytes name, const elea_codec **out, elea_error *err) {
    static const struct {
        const char *name;
        elea_codec_id id;
    } known[] = {{"LZ4", ELEA_CODEC_LZ4_FRAME},
                 {"lz4", ELEA_CODEC_LZ4_FRAME},
                 {"ZSTD", ELEA_CODEC_ZSTD},
                 {"zstd", ELEA_CODEC_ZSTD}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (equal(name, known[i].name)) {
            *out = elea_codec_of(known[i].id);
            return ELEA_OK;
        }
    }
    return elea_error_set(err, ELEA_EUNSUPPORTED,
                          "the body is compressed with \"%.*s\", expected \"LZ4\" or \"ZSTD\"",
                          (int)(name.size < 100 ? name.size : 100), name.data);
}

static elea_status read_old_name(const elea__flat_table *message, const elea_codec **out,
                                 elea_error *err) {
    elea__flat_vector pairs;
    ELEA_TRY(elea__flat_get_vector(message, ELEA__MESSAGE_METADATA, 4, &pairs, err));
    for (int64_t i = 0; i < pairs.count; i++) {
        elea__flat_table pair;
        elea_bytes key, value;
        ELEA_TRY(elea__flat_vector_table(&pairs, i, &pair, err));
        ELEA_TRY(elea__flat_get_string(&pair, ELEA__PAIR_KEY, &key, err));
        if (!equal(key, OLD_KEY))
            continue;
        ELEA_TRY(elea__flat_get_string(&pair, ELEA__PAIR_VALUE, &value, err));
        return codec_of_old_name(value, out, err);
    }
    return ELEA_OK;
}

elea_status elea__ipc_message_compression(const elea__ipc_message *message,
                                          const elea__flat_table *header, const elea_codec **out,
                                          elea_error *err) {
    bool present = false;
    *out = NULL;
    ELEA_TRY(read_table(header, &present, out, err));
    if (present || message->version != ELEA__IPC_V4)
        return ELEA_OK;
    return read_old_name(&message->table, out, err);
}
