// SPDX-License-Identifier: Apache-2.0
//
// A push decoder: bytes of an IPC stream go in as they come, in pieces of any size, and record
// batches come out. For sockets, event loops, shared memory: it never waits and never reads. Part
// of elea/ipc.h.
//
//     while (!elea_ipc_decoder_ended(decoder)) {
//         ssize_t got = recv(socket, bytes, sizeof bytes, 0);
//         if (got > 0)
//             ELEA_TRY(elea_ipc_decoder_push(decoder, (elea_bytes){bytes, got}, NULL, err));
//         else
//             elea_ipc_decoder_end_input(decoder);
//         do {
//             ELEA_TRY(elea_ipc_decoder_next(decoder, &batch, err));
//             ... use batch, unless it is NULL ...
//         } while (batch);
//     }
#ifndef ELEA_IPC_DECODER_H
#define ELEA_IPC_DECODER_H

#include <elea/columnar.h>
#include <elea/ipc/read_options.h>

#ifdef __cplusplus
extern "C" {
#endif

// How the bytes are cut has no influence on the batches, the errors, or the offsets in messages
// (which count from the first byte). Both framings and the metadata versions 4 and 5 are
// understood, and a file, too, where its dictionaries come before the batches that need them: its
// end mark is the end. For one thread at a time; what it gives is shared.
typedef struct elea_ipc_decoder elea_ipc_decoder;

// `options` (NULL: the defaults) is copied, names or numbers of columns too.
ELEA_API ELEA_CHECKED elea_status elea_ipc_decoder_new(const elea_ipc_read_options *options,
                                                       elea_ipc_decoder **out, elea_error *err);
// Batches that were given stay valid.
ELEA_API void elea_ipc_decoder_free(elea_ipc_decoder *decoder);
// Forgets everything but the options: the next byte is the first of another stream.
ELEA_API void elea_ipc_decoder_reset(elea_ipc_decoder *decoder);

// Takes bytes, which are copied: one copy, to aligned memory. *taken (may be NULL) is how many:
// all, up to the mark at the end of the stream. What lies behind it is the caller's, and once the
// stream has ended or failed nothing more is taken. Damage is told by elea_ipc_decoder_next(), when
// the batches before it were given; this fails only when memory runs out (ELEA_ENOMEM), for good.
ELEA_API ELEA_CHECKED elea_status elea_ipc_decoder_push(elea_ipc_decoder *decoder, elea_bytes bytes,
                                                        int64_t *taken, elea_error *err);
// The same without copying what the buffer holds whole: arrays are slices of it, and hold
// references on it. The body of a message that is spread over several buffers is copied together.
// Values that are not aligned in memory because of where the buffer begins are dealt with as the
// option `misaligned` says.
ELEA_API ELEA_CHECKED elea_status elea_ipc_decoder_push_buffer(elea_ipc_decoder *decoder,
                                                               const elea_buffer *buffer,
                                                               int64_t *taken, elea_error *err);
// Says that no more bytes come. A stream may end behind any message, marked or not; one that ends
// inside of one is cut, which elea_ipc_decoder_next() tells.
ELEA_API void elea_ipc_decoder_end_input(elea_ipc_decoder *decoder);

// The next record batch. *out is NULL when more bytes are needed for one, or at the end. When the
// stream is damaged: ELEA_EINVAL, ELEA_ECAPACITY for what is beyond a limit, ELEA_EUNSUPPORTED; the
// message has record batch, column and offset. After a failure every further call gives the same.
ELEA_API ELEA_CHECKED elea_status elea_ipc_decoder_next(elea_ipc_decoder *decoder,
                                                        elea_record_batch **out, elea_error *err);
// How many bytes to push next, at least 1, so that none lies behind what can be decoded with them,
// and metadata or body of a message come as a whole: a reader that reads exactly this much into a
// buffer of its own and pushes that copies nothing. The number is what the stream says: read a
// large one in parts. 0 while there are batches to take, and once it has ended or failed.
ELEA_API int64_t elea_ipc_decoder_next_size(const elea_ipc_decoder *decoder);
// Whether the stream has ended and its last batch was given.
ELEA_API bool elea_ipc_decoder_ended(const elea_ipc_decoder *decoder);

// The schema of the batches; NULL until elea_ipc_decoder_next() has come to it. Borrowed until the
// decoder is reset or freed.
ELEA_API const elea_schema *elea_ipc_decoder_schema(const elea_ipc_decoder *decoder);
// The custom metadata of the batch that was given last; NULL when there are none. Borrowed until
// the next call.
ELEA_API const elea_metadata *elea_ipc_decoder_batch_metadata(const elea_ipc_decoder *decoder);
ELEA_API void elea_ipc_decoder_stats(const elea_ipc_decoder *decoder, elea_ipc_read_stats *out);

#ifdef __cplusplus
}
#endif

#endif // ELEA_IPC_DECODER_H
