// SPDX-License-Identifier: Apache-2.0
//
// Numbers as text, independent of the locale.
#ifndef ELEA_BASE_NUMBER_INTERNAL_H
#define ELEA_BASE_NUMBER_INTERNAL_H

#include "elea/base.h"

// Room for any number and a NUL.
#define ELEA__NUMBER_SIZE 40

// The shortest decimal that reads back as the same number, as Arrow C++ writes it: "1", "-0",
// "0.1", "1e+10", "1e-7" (from 10^10 on and below 10^-6 with an exponent), "nan", "inf", "-inf".
// Terminates and returns the size.
int elea__format_double(double value, char target[ELEA__NUMBER_SIZE]);
int elea__format_float(float value, char target[ELEA__NUMBER_SIZE]);

#endif // ELEA_BASE_NUMBER_INTERNAL_H
