# SPDX-License-Identifier: Apache-2.0
# elea::zstd: Zstandard.
if(ELEA_WITH_ZSTD AND NOT TARGET elea::zstd)
  find_path(ELEA_ZSTD_INCLUDE zstd.h)
  find_library(ELEA_ZSTD_LIBRARY zstd)
  if(NOT ELEA_ZSTD_INCLUDE OR NOT ELEA_ZSTD_LIBRARY)
    message(FATAL_ERROR "zstd not found: install libzstd-dev, or set ELEA_WITH_ZSTD=OFF")
  endif()
  add_library(elea::zstd UNKNOWN IMPORTED)
  set_target_properties(elea::zstd PROPERTIES
    IMPORTED_LOCATION ${ELEA_ZSTD_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${ELEA_ZSTD_INCLUDE})
endif()
