// SPDX-License-Identifier: Apache-2.0
//
// What the push decoder is inside, for the reader that pulls.
#ifndef ELEA_IPC_DECODER_STATE_H
#define ELEA_IPC_DECODER_STATE_H

#include <elea/ipc.h>

#include "ipc/framer.h"
#include "ipc/source.h"

struct elea_ipc_decoder {
    elea_ipc_read_options options; // checked; its columns are in `names`
    void *names;                   // or their numbers
    int64_t names_size;
    elea__ipc_framer framer;
    elea__ipc_source source;
    int64_t batch_count;
    elea_metadata *batch_metadata;
    elea_status status; // of all further calls, once it failed
    elea_error failure;
    bool ended;
};

// Begins a stream whose bodies may be left where they lie: in `file` (one reference is taken; may
// be NULL), at the positions of their messages. The first byte is at `origin`.
void elea__ipc_decoder_begin(elea_ipc_decoder *decoder, elea_file *file, int64_t origin);

#endif // ELEA_IPC_DECODER_STATE_H
