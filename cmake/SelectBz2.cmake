# SPDX-License-Identifier: Apache-2.0
# elea::bz2: bzip2.
if(ELEA_WITH_BZ2 AND NOT TARGET elea::bz2)
  find_path(ELEA_BZ2_INCLUDE bzlib.h)
  find_library(ELEA_BZ2_LIBRARY bz2)
  if(NOT ELEA_BZ2_INCLUDE OR NOT ELEA_BZ2_LIBRARY)
    message(FATAL_ERROR "bz2 not found: install libbz2-dev, or set ELEA_WITH_BZ2=OFF")
  endif()
  add_library(elea::bz2 UNKNOWN IMPORTED)
  set_target_properties(elea::bz2 PROPERTIES
    IMPORTED_LOCATION ${ELEA_BZ2_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${ELEA_BZ2_INCLUDE})
endif()
