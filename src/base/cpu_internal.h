// SPDX-License-Identifier: Apache-2.0
//
// The level of the CPU for the selectors of code families, cheap enough to ask on every call.
#ifndef ELEA_BASE_CPU_INTERNAL_H
#define ELEA_BASE_CPU_INTERNAL_H

#include "elea/base.h"

// For tests: uses this level from now on, if the machine has it (and returns true), whatever
// ELEA_CPU says. Not while other threads are at work.
bool elea__cpu_level_override(elea_cpu_level level);

#endif // ELEA_BASE_CPU_INTERNAL_H
