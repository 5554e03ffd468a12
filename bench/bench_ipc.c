// SPDX-License-Identifier: Apache-2.0
//
// A 1 GB IPC file: opened, and viewed as a table, which reads and copies nothing of the payload.
// The reference is what the system takes to open, map and unmap a file of that size. The file is
// made in $TMPDIR (or /tmp) and removed.
#include <elea/elea.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench_support.h"

#define DIMENSION 384
#define BATCH_ROWS 65536
#define BATCH_COUNT 20

static char path[4096];

static void check(elea_status status, const elea_error *err) {
    if (status == ELEA_OK)
        return;
    fprintf(stderr, "bench_ipc: %s\n", elea_error_message(err));
    unlink(path);
    exit(1);
}

// ---- making the file

static elea_buffer *make_buffer(int64_t size) {
    elea_error err;
    elea_buffer *buffer = NULL;
    check(elea_buffer_new(NULL, size, &buffer, &err), &err);
    for (int64_t i = 0; i < size; i++)
        elea_buffer_mutable_data(buffer)[i] = (uint8_t)(i * 7);
    return buffer;
}

static elea_array *make_array(const elea_type *type, int64_t length, const elea_buffer *values,
                              const elea_array *child) {
    elea_error err;
    elea_array *array = NULL;
    const elea_buffer *const buffers[] = {NULL, values};
    const elea_array_parts parts = {.type = type,
                                    .length = length,
                                    .buffers = buffers,
                                    .buffer_count = values ? 2 : 1,
                                    .children = &child,
                                    .child_count = child ? 1 : 0};
    check(elea_array_new(NULL, &parts, &array, &err), &err);
    return array;
}

static elea_field *make_field(const char *name, const elea_type *type) {
    elea_error err;
    elea_field *field = NULL;
    check(elea_field_new(NULL, elea_bytes_of(name), type, true, NULL, &field, &err), &err);
    return field;
}

// A number and an embedding a row, as an agent's memory has them.
static elea_record_batch *make_batch(void) {
    elea_error err;
    elea_type *list = NULL;
    elea_schema *schema = NULL;
    elea_record_batch *batch = NULL;
    elea_field *item = make_field("item", elea_type_of(ELEA_TYPE_FLOAT16));
    check(elea_type_new_fixed_size_list(NULL, item, DIMENSION, &list, &err), &err);
    elea_field *fields[] = {make_field("id", elea_type_of(ELEA_TYPE_INT64)),
                            make_field("embedding", list)};
    check(elea_schema_new(NULL, (const elea_field *const *)fields, 2, NULL, &schema, &err), &err);
    elea_buffer *ids = make_buffer((int64_t)BATCH_ROWS * 8);
    elea_buffer *halves = make_buffer((int64_t)BATCH_ROWS * DIMENSION * 2);
    elea_array *values =
        make_array(elea_type_of(ELEA_TYPE_FLOAT16), (int64_t)BATCH_ROWS * DIMENSION, halves, NULL);
    elea_array *columns[] = {make_array(elea_type_of(ELEA_TYPE_INT64), BATCH_ROWS, ids, NULL),
                             make_array(list, BATCH_ROWS, NULL, values)};
    check(elea_record_batch_new(NULL, schema, BATCH_ROWS, (const elea_array *const *)columns,
                                &batch, &err),
          &err);
    elea_array_unref(columns[0]);
    elea_array_unref(columns[1]);
    elea_array_unref(values);
    elea_buffer_unref(halves);
    elea_buffer_unref(ids);
    elea_schema_unref(schema);
    elea_field_unref(fields[0]);
    elea_field_unref(fields[1]);
    elea_type_unref(list);
    elea_field_unref(item);
    return batch;
}

static double write_file(const elea_record_batch *batch) {
    elea_error err;
    elea_output_stream *stream = NULL;
    elea_ipc_file_writer *writer = NULL;
    double begin = bench_now_ns();
    check(elea_output_stream_open(path, NULL, NULL, &stream, &err), &err);
    check(elea_ipc_file_writer_new(stream, elea_record_batch_schema(batch), NULL, NULL, &writer,
                                   &err),
          &err);
    for (int i = 0; i < BATCH_COUNT; i++)
        check(elea_ipc_file_writer_write_batch(writer, batch, NULL, &err), &err);
    check(elea_ipc_file_writer_close(writer, &err), &err);
    check(elea_output_stream_close(stream, &err), &err);
    elea_ipc_file_writer_free(writer);
    elea_output_stream_free(stream);
    return bench_now_ns() - begin;
}

// ---- what is measured

static void map_only(void *context) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    (void)context;
    if (file < 0 || fstat(file, &info) != 0)
        abort();
    void *data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (data == MAP_FAILED)
        abort();
    bench_sink += ((const uint8_t *)data)[info.st_size - 1];
    munmap(data, (size_t)info.st_size);
    close(file);
}

static void open_file(void *context) {
    elea_error err;
    elea_file *file = NULL;
    elea_ipc_file_reader *reader = NULL;
    (void)context;
    check(elea_file_map(path, NULL, &file, &err), &err);
    check(elea_ipc_file_reader_new(file, NULL, &reader, &err), &err);
    bench_sink += (uint64_t)elea_ipc_file_reader_batch_count(reader);
    elea_ipc_file_reader_free(reader);
    elea_file_unref(file);
}

static void view_table(void *context) {
    elea_error err;
    elea_table *table = NULL;
    (void)context;
    check(elea_ipc_read_table(path, NULL, &table, &err), &err);
    bench_sink += (uint64_t)elea_table_length(table);
    elea_table_unref(table);
}

static void view_column(void *context) {
    elea_error err;
    elea_table *table = NULL;
    const char *const names[] = {"id", NULL};
    (void)context;
    check(elea_ipc_read_table(path, &(elea_ipc_read_options){.columns = names}, &table, &err),
          &err);
    bench_sink += (uint64_t)elea_table_length(table);
    elea_table_unref(table);
}

int main(void) {
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/elea-bench-%ld.arrow", folder && *folder ? folder : "/tmp",
             (long)getpid());
    elea_record_batch *batch = make_batch();
    int64_t copied = elea_copied_bytes();
    double write_ns = write_file(batch);
    int64_t copied_writing = elea_copied_bytes() - copied;
    elea_record_batch_unref(batch);

    struct stat info;
    if (stat(path, &info) != 0)
        return 1;
    bench_head("IPC file of 1 GB, against open + mmap + munmap");
    bench_row("open", 0, bench_compare(open_file, NULL, map_only, NULL));
    bench_row("view as a table of 20 batches", 0, bench_compare(view_table, NULL, map_only, NULL));
    bench_row("view one column of it", 0, bench_compare(view_column, NULL, map_only, NULL));
    bench_row("write, not synced", info.st_size, (bench_result){.ns_min = write_ns});
    printf("  %lld bytes of file; copied: %lld writing, %lld reading\n", (long long)info.st_size,
           (long long)copied_writing, (long long)(elea_copied_bytes() - copied - copied_writing));
    unlink(path);
    return 0;
}
