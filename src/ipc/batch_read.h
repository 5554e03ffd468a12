// SPDX-License-Identifier: Apache-2.0
//
// Plans carried out: bodies read, buffers decompressed and turned around, arrays made and
// validated, in the thread pool where that is worth it. What comes out, errors too, does not depend
// on the number of threads: the first column of the first batch that is not sound is reported.
#ifndef ELEA_IPC_BATCH_READ_H
#define ELEA_IPC_BATCH_READ_H

#include "ipc/array_read.h"

// Carries out `count` plans of one source. Their results are there afterwards, or, after a failure,
// some of them.
ELEA_CHECKED elea_status elea__ipc_plans_run(elea__ipc_plan *plans, int64_t count, elea_error *err);
// The wanted columns of a record batch message, listed.
ELEA_CHECKED elea_status elea__ipc_plan_batch(elea__ipc_plan *plan, elea__ipc_source *source,
                                              const elea__ipc_message *message, int64_t number,
                                              elea_error *err);
// The record batch of a plan that was carried out.
ELEA_CHECKED elea_status elea__ipc_plan_result(elea__ipc_plan *plan, elea_record_batch **out,
                                               elea_error *err);

#endif // ELEA_IPC_BATCH_READ_H
