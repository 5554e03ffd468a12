// SPDX-License-Identifier: Apache-2.0
//
// Arrays from the columns of the integration format. With jansson only.
#ifndef ELEA_IPC_INTEGRATION_ARRAY_H
#define ELEA_IPC_INTEGRATION_ARRAY_H

#include "ipc/integration_schema.h"

// The array of `type` that `column` describes. `field` is the JSON of the field it is for: its
// children tell which dictionaries the children have. The shape is validated, the values are not.
ELEA_CHECKED elea_status elea__integration_array_read(
    const json_t *column, const json_t *field, const elea_type *type,
    const elea__integration_dictionaries *dictionaries, elea_array **out, elea_error *err);

#endif // ELEA_IPC_INTEGRATION_ARRAY_H
