// SPDX-License-Identifier: Apache-2.0
//
// All of libelea. The agent memory (vector, embed, memory) is a library of its own: elea/memory.h.
#ifndef ELEA_ELEA_H
#define ELEA_ELEA_H

#include <elea/abi.h>
#include <elea/base.h>
#include <elea/columnar.h>
#include <elea/io.h>
#include <elea/ipc.h>

#endif // ELEA_ELEA_H
