# SPDX-License-Identifier: Apache-2.0
# elea::lz4: LZ4.
if(ELEA_WITH_LZ4 AND NOT TARGET elea::lz4)
  find_path(ELEA_LZ4_INCLUDE lz4frame.h)
  find_library(ELEA_LZ4_LIBRARY lz4)
  if(NOT ELEA_LZ4_INCLUDE OR NOT ELEA_LZ4_LIBRARY)
    message(FATAL_ERROR "lz4 not found: install liblz4-dev, or set ELEA_WITH_LZ4=OFF")
  endif()
  add_library(elea::lz4 UNKNOWN IMPORTED)
  set_target_properties(elea::lz4 PROPERTIES
    IMPORTED_LOCATION ${ELEA_LZ4_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${ELEA_LZ4_INCLUDE})
endif()
