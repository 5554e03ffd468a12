// SPDX-License-Identifier: Apache-2.0
//
// The push decoder, fed from a file or an input stream with just what it asks for.
#include <elea/ipc.h>

#include "base/math_internal.h"
#include "base/prefetch_internal.h"
#include "ipc/decoder_state.h"
#include "ipc/format.h"
#include "ipc/record_streams.h"

// What is asked for of metadata before they are read.
#define METADATA_AHEAD 1024

typedef struct stream_reader {
    elea_record_stream stream;
    elea_pool *pool;
    elea_ipc_decoder *decoder;
    elea_input_stream *input;
    bool owns_input;
    elea_file *file;  // in place of an input; one reference
    int64_t position; // in the file
    bool recover;
    bool ended;        // or failed
    elea_error damage; // what ended it, when it recovers
} stream_reader;

// ---- feeding

// The metadata of the next message, which are mostly as long as the last, are needed next.
static void prefetch_message(const stream_reader *reader) {
    const elea_buffer *whole = reader->decoder->source.whole;
    if (whole)
        elea__prefetch(elea_buffer_data(whole) + reader->position, METADATA_AHEAD);
}

// From a file. Bodies are left where they are: what is read of them is up to the columns wanted.
static elea_status feed_from_file(stream_reader *reader, elea_error *err) {
    elea__ipc_framer *framer = &reader->decoder->framer;
    elea_buffer *whole = reader->decoder->source.whole;
    int64_t left = elea_file_size(reader->file) - reader->position;
    int64_t size = elea__ipc_framer_next_size(framer);
    if (size > left) {
        elea__ipc_framer_end(framer, left);
        return ELEA_OK;
    }
    if (elea__ipc_framer_before_body(framer)) {
        reader->position += size;
        prefetch_message(reader);
        return elea__ipc_framer_skip_body(framer, err);
    }
    // A prefix mostly has two parts, and in a file looking too far does no harm.
    if (framer->state == ELEA__FRAMER_PREFIX)
        size = elea__min(left, ELEA__IPC_PREFIX_SIZE);
    elea_buffer *buffer = NULL;
    if (!whole)
        ELEA_TRY(elea_file_view_at(reader->file, reader->position, size, &buffer, err));
    const uint8_t *data =
        buffer ? elea_buffer_data(buffer) : elea_buffer_data(whole) + reader->position;
    if (framer->state == ELEA__FRAMER_PREFIX && elea__flat_load(data, 4) != ELEA__IPC_CONTINUATION)
        size = elea__ipc_framer_next_size(framer);
    reader->position += size;
    elea_status status =
        elea__ipc_framer_push(framer, data, size, buffer ? buffer : whole, &size, err);
    elea_buffer_unref(buffer);
    return status;
}

// From an input, not a byte further than the part at hand.
static elea_status feed_from_input(stream_reader *reader, elea_error *err) {
    elea__ipc_framer *framer = &reader->decoder->framer;
    int64_t wanted = elea__ipc_framer_next_size(framer), count = 0;
    uint8_t small[ELEA__IPC_PREFIX_SIZE];
    elea_buffer *buffer = NULL;
    elea_status status = ELEA_OK;
    if (wanted <= (int64_t)sizeof small && !elea_input_stream_has_views(reader->input)) {
        ELEA_TRY(elea_input_stream_read(reader->input, wanted, small, &count, err));
        status = elea__ipc_framer_push(framer, small, count, NULL, &count, err);
    } else {
        ELEA_TRY(elea_input_stream_view(reader->input, wanted, &buffer, err));
        count = elea_buffer_size(buffer);
        status =
            elea__ipc_framer_push(framer, elea_buffer_data(buffer), count, buffer, &count, err);
        elea_buffer_unref(buffer);
    }
    if (status == ELEA_OK && count < wanted)
        elea__ipc_framer_end(framer, 0);
    return status;
}

static elea_status feed(stream_reader *reader, elea_error *err) {
    return reader->file ? feed_from_file(reader, err) : feed_from_input(reader, err);
}

// ---- the stream

static const char *name_of(const stream_reader *reader) {
    return reader->file ? elea_file_name(reader->file) : elea_input_stream_name(reader->input);
}

static const elea_schema *stream_schema(elea_record_stream *stream) {
    return elea_ipc_decoder_schema(((stream_reader *)stream)->decoder);
}

// Goes on to the next batch, or, where there is none yet, to the schema.
static elea_status advance(stream_reader *reader, elea_record_batch **out, elea_error *err) {
    elea_ipc_decoder *decoder = reader->decoder;
    bool had_schema = elea_ipc_decoder_schema(decoder) != NULL;
    for (;;) {
        ELEA_TRY(elea_ipc_decoder_next(decoder, out, err));
        if (*out || elea_ipc_decoder_ended(decoder) ||
            (!had_schema && elea_ipc_decoder_schema(decoder)))
            return ELEA_OK;
        ELEA_TRY(feed(reader, err));
    }
}

static elea_status stream_next(elea_record_stream *stream, elea_record_batch **out,
                               elea_error *err) {
    stream_reader *reader = (stream_reader *)stream;
    elea_record_batch *batch = NULL;
    if (!reader->ended) {
        elea_error damage = {.status = ELEA_OK};
        elea_error *target = reader->recover ? &damage : err;
        elea_status status = advance(reader, &batch, target);
        reader->ended = status != ELEA_OK || !batch;
        if (status != ELEA_OK) {
            status = elea_error_prefix(target, status, "cannot read \"%s\"", name_of(reader));
            if (reader->recover)
                reader->damage = damage;
            if (!reader->recover || !elea__ipc_is_damage(status)) {
                if (reader->recover && err)
                    *err = damage;
                return status;
            }
        }
    }
    *out = batch;
    return ELEA_OK;
}

static void stream_free(elea_record_stream *stream) {
    stream_reader *reader = (stream_reader *)stream;
    elea_ipc_decoder_free(reader->decoder);
    if (reader->owns_input)
        elea_input_stream_free(reader->input);
    elea_file_unref(reader->file);
    elea_dealloc(reader->pool, reader, sizeof *reader);
}

static const elea_record_stream_ops stream_ops = {
    .schema = stream_schema, .next = stream_next, .free = stream_free};

static const stream_reader *reader_of(const elea_record_stream *stream) {
    return stream->ops == &stream_ops ? (const stream_reader *)stream : NULL;
}

// ---- opening

static elea_status begin(stream_reader *reader, elea_error *err) {
    elea_record_batch *none = NULL;
    elea__ipc_decoder_begin(reader->decoder, reader->file,
                            reader->input ? elea_input_stream_position(reader->input) : 0);
    ELEA_TRY(elea__ipc_source_view(&reader->decoder->source, err));
    return advance(reader, &none, err);
}

// From either; takes the input, where it is to be owned, when it succeeds.
static elea_status new_reader(elea_file *file, elea_input_stream *input, bool owns_input,
                              const elea_ipc_read_options *options, elea_record_stream **out,
                              elea_error *err) {
    elea_pool *pool = options ? options->pool : NULL;
    void *memory = NULL;
    ELEA_TRY(elea_alloc_zero(pool, sizeof(stream_reader), &memory, err));
    stream_reader *reader = memory;
    reader->stream.ops = &stream_ops;
    reader->pool = pool;
    reader->file = file ? elea_file_ref(file) : NULL;
    reader->input = input;
    reader->recover = options && options->recover;
    elea_status status = elea_ipc_decoder_new(options, &reader->decoder, err);
    if (status == ELEA_OK) {
        status = begin(reader, err);
        if (status != ELEA_OK)
            status = elea_error_prefix(err, status, "cannot read \"%s\"", name_of(reader));
    }
    if (status != ELEA_OK) {
        stream_free(&reader->stream);
        return status;
    }
    reader->owns_input = owns_input;
    *out = &reader->stream;
    return ELEA_OK;
}

elea_status elea_ipc_stream_reader_new(elea_file *file, const elea_ipc_read_options *options,
                                       elea_record_stream **out, elea_error *err) {
    return new_reader(file, NULL, false, options, out, err);
}

elea_status elea_ipc_stream_reader_new_from_input(elea_input_stream *input,
                                                  const elea_ipc_read_options *options,
                                                  elea_record_stream **out, elea_error *err) {
    return new_reader(NULL, input, false, options, out, err);
}

elea_status elea__ipc_stream_reader_recover(elea_file *file, const elea_ipc_read_options *options,
                                            const elea_error *damage, elea_record_stream **out,
                                            elea_error *err) {
    ELEA_TRY(new_reader(file, NULL, false, options, out, err));
    ((stream_reader *)*out)->damage = *damage;
    return ELEA_OK;
}

elea_status elea__ipc_stream_reader_take(elea_input_stream *input,
                                         const elea_ipc_read_options *options,
                                         elea_record_stream **out, elea_error *err) {
    return new_reader(NULL, input, true, options, out, err);
}

// ---- what else it knows

const elea_metadata *elea_ipc_stream_reader_batch_metadata(const elea_record_stream *stream) {
    const stream_reader *reader = reader_of(stream);
    const elea__ipc_file_stream *files = elea__ipc_file_stream_of(stream);
    return reader  ? elea_ipc_decoder_batch_metadata(reader->decoder)
           : files ? files->batch_metadata
                   : NULL;
}

int64_t elea_ipc_stream_reader_batch_count(const elea_record_stream *stream) {
    const elea__ipc_file_stream *files = elea__ipc_file_stream_of(stream);
    return files ? elea_ipc_file_reader_batch_count(files->reader) : -1;
}

const elea_metadata *elea_ipc_stream_reader_metadata(const elea_record_stream *stream) {
    const elea__ipc_file_stream *files = elea__ipc_file_stream_of(stream);
    return files ? elea_ipc_file_reader_metadata(files->reader) : NULL;
}

void elea_ipc_stream_reader_stats(const elea_record_stream *stream, elea_ipc_read_stats *out) {
    const stream_reader *reader = reader_of(stream);
    const elea__ipc_file_stream *files = elea__ipc_file_stream_of(stream);
    *out = (elea_ipc_read_stats){0};
    if (reader)
        elea_ipc_decoder_stats(reader->decoder, out);
    else if (files)
        elea_ipc_file_reader_stats(files->reader, out);
}

const elea_error *elea_ipc_stream_reader_damage(const elea_record_stream *stream) {
    const stream_reader *reader = reader_of(stream);
    const elea__ipc_file_stream *files = elea__ipc_file_stream_of(stream);
    const elea_error *damage = reader ? &reader->damage : files ? &files->damage : NULL;
    return damage && damage->status != ELEA_OK ? damage : NULL;
}
