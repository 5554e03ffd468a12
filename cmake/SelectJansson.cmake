# SPDX-License-Identifier: Apache-2.0
# elea::jansson: JSON.
if((ELEA_WITH_JANSSON OR ELEA_BUILD_MEMORY) AND NOT TARGET elea::jansson)
  find_path(ELEA_JANSSON_INCLUDE jansson.h)
  find_library(ELEA_JANSSON_LIBRARY jansson)
  if(NOT ELEA_JANSSON_INCLUDE OR NOT ELEA_JANSSON_LIBRARY)
    message(FATAL_ERROR "jansson not found: install libjansson-dev, or set ELEA_WITH_JANSSON=OFF "
      "and ELEA_BUILD_MEMORY=OFF")
  endif()
  add_library(elea::jansson UNKNOWN IMPORTED)
  set_target_properties(elea::jansson PROPERTIES
    IMPORTED_LOCATION ${ELEA_JANSSON_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${ELEA_JANSSON_INCLUDE})
endif()
