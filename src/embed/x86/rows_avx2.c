// SPDX-License-Identifier: Apache-2.0
#define ROWS_OPS elea__rows_avx2
#include "embed/rows.inc.h"
