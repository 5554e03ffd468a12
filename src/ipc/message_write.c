// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "ipc/format.h"
#include "ipc/message.h"
#include "ipc/schema.h"

const char elea__ipc_zeros[ELEA__IPC_ALIGNMENT_MAX];

int64_t elea__ipc_message_begin(elea__flat_builder *builder, const elea__ipc_message_head *head,
                                const elea_metadata *metadata) {
    int64_t metadata_location = 0;
    elea__flat_begin_table(builder, ELEA__FLAT_ROOT);
    elea__flat_add_int(builder, ELEA__MESSAGE_BODY_LENGTH, 8, head->body_size);
    int64_t header = elea__flat_add_offset(builder, ELEA__MESSAGE_HEADER);
    if (elea_metadata_count(metadata) > 0)
        metadata_location = elea__flat_add_offset(builder, ELEA__MESSAGE_METADATA);
    elea__flat_add_int(builder, ELEA__MESSAGE_VERSION, 2, head->version);
    elea__flat_add_int(builder, ELEA__MESSAGE_HEADER_TYPE, 1, head->type);
    elea__flat_end_table(builder);
    if (metadata_location)
        elea__ipc_metadata_write(builder, metadata_location, metadata);
    return header;
}

static int64_t prefix_size(const elea__ipc_framing *framing) {
    return ELEA__IPC_PREFIX_SIZE - (framing->legacy ? 4 : 0);
}

elea_status elea__ipc_message_measure(const elea__ipc_framing *framing, int64_t position,
                                      const elea__flat_builder *builder, int64_t *padding,
                                      int64_t *size, elea_error *err) {
    int64_t start = position - framing->origin;
    int64_t end = start + prefix_size(framing) + builder->size;
    *padding = -end & (framing->alignment - 1);
    *size = end - start + *padding;
    if (builder->size + *padding > INT32_MAX)
        return elea_error_set(err, ELEA_ECAPACITY, "the metadata would be larger than %d bytes",
                              INT32_MAX);
    return ELEA_OK;
}

elea_status elea__ipc_message_write(elea_output_stream *stream, const elea__ipc_framing *framing,
                                    const elea__flat_builder *builder, elea_bytes *parts,
                                    int64_t count, int64_t *size, elea_error *err) {
    uint8_t prefix[ELEA__IPC_PREFIX_SIZE];
    int64_t padding = 0, kept = prefix_size(framing);
    ELEA_TRY(elea__ipc_message_measure(framing, elea_output_stream_position(stream), builder,
                                       &padding, size, err));
    memset(prefix, 0xff, 4);
    for (int i = 0; i < 4; i++)
        prefix[4 + i] = (uint8_t)((uint64_t)(builder->size + padding) >> (8 * i));
    parts[0] = (elea_bytes){.data = (const char *)prefix + sizeof prefix - kept, .size = kept};
    parts[1] = (elea_bytes){.data = builder->data, .size = builder->size};
    parts[2] = (elea_bytes){.data = elea__ipc_zeros, .size = padding};
    return elea_output_stream_write_parts(stream, parts, count, err);
}
