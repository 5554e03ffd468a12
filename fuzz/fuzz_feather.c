// SPDX-License-Identifier: Apache-2.0
//
// Bytes as a Feather file of version 1: read with full validation, and what passed printed, so that
// every value is read.
#include <elea/ipc.h>

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(const elea_table *table) {
    elea_error err;
    elea_text text;
    const elea_print_options options = {.rows_max = 1000, .items_max = 100, .null_text = "null"};
    elea_text_init(&text, NULL);
    if (elea_table_format(table, &options, &text, &err) != ELEA_OK)
        elea_text_reset(&text);
    elea_text_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    elea_error err;
    elea_buffer *bytes = NULL;
    elea_file *file = NULL;
    elea_table *table = NULL;
    int32_t version = 0;
    const elea_ipc_read_options options = {.validation = ELEA_VALIDATE_FULL};
    if (elea_buffer_wrap(NULL, data, (int64_t)size, NULL, NULL, &bytes, &err) == ELEA_OK &&
        elea_file_new_from_buffer(bytes, NULL, NULL, &file, &err) == ELEA_OK &&
        elea_feather_version(file, &version, &err) == ELEA_OK && version == 1 &&
        elea_feather_read_file(file, &options, &table, &err) == ELEA_OK)
        print(table);
    elea_table_unref(table);
    elea_file_unref(file);
    elea_buffer_unref(bytes);
    return 0;
}
