// SPDX-License-Identifier: Apache-2.0
// Builds a table, writes it to an Arrow file, maps the file, and sums a column of it where it lies:
// between the file and the sum no payload byte is copied, and the ledger shows it.
#include <elea/elea.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// A record batch of one column, price: float64, with the values 1 to `count`.
static elea_status make_prices(int64_t count, elea_record_batch **out, elea_error *err) {
    elea_status status = ELEA_OK;
    elea_builder *builder = NULL;
    elea_array *prices = NULL;
    elea_field *field = NULL;
    elea_schema *schema = NULL;

    ELEA_GOTO(done, elea_builder_new(NULL, elea_type_of(ELEA_TYPE_FLOAT64), &builder, err));
    for (int64_t i = 1; i <= count; i++)
        ELEA_GOTO(done, elea_builder_append_double(builder, (double)i, err));
    ELEA_GOTO(done, elea_builder_finish(builder, &prices, err));
    ELEA_GOTO(done, elea_field_new(NULL, elea_bytes_of("price"), elea_array_type(prices), false,
                                   NULL, &field, err));
    ELEA_GOTO(done,
              elea_schema_new(NULL, (const elea_field *const[]){field}, 1, NULL, &schema, err));
    ELEA_GOTO(done, elea_record_batch_new(NULL, schema, count, (const elea_array *const[]){prices},
                                          out, err));
done:
    elea_schema_unref(schema);
    elea_field_unref(field);
    elea_array_unref(prices);
    elea_builder_free(builder);
    return status;
}

static elea_status write_prices(const char *path, elea_error *err) {
    elea_record_batch *batch = NULL;
    elea_table *table = NULL;
    ELEA_TRY(make_prices(1000000, &batch, err));
    elea_status status =
        elea_table_new_from_batches(NULL, elea_record_batch_schema(batch),
                                    (const elea_record_batch *const[]){batch}, 1, &table, err);
    elea_record_batch_unref(batch);
    ELEA_TRY(status);
    status = elea_ipc_write_table(path, table, NULL, err);
    elea_table_unref(table);
    return status;
}

// The sum of a float64 column of a mapped file.
static elea_status sum_of(const char *path, const char *column, double *out, elea_error *err) {
    const char *columns[] = {column, NULL};
    elea_table *table = NULL;
    ELEA_TRY(elea_ipc_read_table(path, &(elea_ipc_read_options){.columns = columns}, &table, err));
    const elea_chunked_array *values = elea_table_column(table, 0);
    double sum = 0;
    for (int64_t i = 0; i < elea_chunked_array_chunk_count(values); i++) {
        elea_span span;
        elea_span_of(elea_chunked_array_chunk(values, i), &span);
        for (int64_t row = 0; row < span.length; row++)
            sum += elea_span_get_double(&span, row);
    }
    elea_table_unref(table);
    *out = sum;
    return ELEA_OK;
}

int main(void) {
    char path[] = "/tmp/elea-example-XXXXXX";
    elea_error err = {0};
    double sum = 0;
    int file = mkstemp(path);
    if (file < 0)
        return 1;
    close(file);

    elea_status status = write_prices(path, &err);
    int64_t copied = elea_copied_bytes();
    if (status == ELEA_OK)
        status = sum_of(path, "price", &sum, &err);
    copied = elea_copied_bytes() - copied;
    unlink(path);
    if (status != ELEA_OK) {
        fprintf(stderr, "table: %s\n", elea_error_message(&err));
        return 1;
    }
    printf("sum %.0f, %" PRId64 " bytes copied\n", sum, copied);
    return sum == 500000500000.0 && copied == 0 ? 0 : 1;
}
