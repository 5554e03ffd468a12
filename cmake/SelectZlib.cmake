# SPDX-License-Identifier: Apache-2.0
# elea::zlib: gzip, zlib and deflate.
if(ELEA_WITH_ZLIB AND NOT TARGET elea::zlib)
  find_path(ELEA_ZLIB_INCLUDE zlib.h)
  find_library(ELEA_ZLIB_LIBRARY z)
  if(NOT ELEA_ZLIB_INCLUDE OR NOT ELEA_ZLIB_LIBRARY)
    message(FATAL_ERROR "zlib not found: install zlib1g-dev, or set ELEA_WITH_ZLIB=OFF")
  endif()
  add_library(elea::zlib UNKNOWN IMPORTED)
  set_target_properties(elea::zlib PROPERTIES
    IMPORTED_LOCATION ${ELEA_ZLIB_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${ELEA_ZLIB_INCLUDE})
endif()
