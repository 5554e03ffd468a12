# SPDX-License-Identifier: Apache-2.0
# elea::snappy: Snappy.
if(ELEA_WITH_SNAPPY AND NOT TARGET elea::snappy)
  find_path(ELEA_SNAPPY_INCLUDE snappy-c.h)
  find_library(ELEA_SNAPPY_LIBRARY snappy)
  if(NOT ELEA_SNAPPY_INCLUDE OR NOT ELEA_SNAPPY_LIBRARY)
    message(FATAL_ERROR "snappy not found: install libsnappy-dev, or set ELEA_WITH_SNAPPY=OFF")
  endif()
  add_library(elea::snappy UNKNOWN IMPORTED)
  set_target_properties(elea::snappy PROPERTIES
    IMPORTED_LOCATION ${ELEA_SNAPPY_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${ELEA_SNAPPY_INCLUDE})
endif()
