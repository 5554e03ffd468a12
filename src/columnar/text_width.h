// SPDX-License-Identifier: Apache-2.0
//
// How many columns of a terminal a text takes.
#ifndef ELEA_COLUMNAR_TEXT_WIDTH_H
#define ELEA_COLUMNAR_TEXT_WIDTH_H

#include "elea/base.h"

// The bytes of `text` that fit in `width_max` columns, cut between characters, and the columns that
// they take. East Asian wide characters take two, combining marks none, a stray byte one.
int64_t elea__text_fit(elea_bytes text, int64_t width_max, int64_t *width);

#endif // ELEA_COLUMNAR_TEXT_WIDTH_H
