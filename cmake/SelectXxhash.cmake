# SPDX-License-Identifier: Apache-2.0
# elea::xxhash: the xxHash header, inlined, so that no library is linked.
if(ELEA_WITH_XXHASH AND NOT TARGET elea::xxhash)
  find_path(ELEA_XXHASH_INCLUDE xxhash.h)
  if(NOT ELEA_XXHASH_INCLUDE)
    message(FATAL_ERROR "xxhash.h not found: install libxxhash-dev, or set ELEA_WITH_XXHASH=OFF")
  endif()
  add_library(elea::xxhash INTERFACE IMPORTED)
  set_target_properties(elea::xxhash PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES ${ELEA_XXHASH_INCLUDE}
    INTERFACE_COMPILE_DEFINITIONS XXH_INLINE_ALL)
endif()
