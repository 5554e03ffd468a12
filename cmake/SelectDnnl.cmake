# SPDX-License-Identifier: Apache-2.0
# elea::dnnl: matrix products (oneDNN).
if(ELEA_BUILD_MEMORY AND NOT TARGET elea::dnnl)
  find_path(ELEA_DNNL_INCLUDE dnnl.h)
  find_library(ELEA_DNNL_LIBRARY dnnl)
  if(NOT ELEA_DNNL_INCLUDE OR NOT ELEA_DNNL_LIBRARY)
    message(FATAL_ERROR "dnnl not found: install libdnnl-dev, or set ELEA_BUILD_MEMORY=OFF")
  endif()
  add_library(elea::dnnl UNKNOWN IMPORTED)
  set_target_properties(elea::dnnl PROPERTIES
    IMPORTED_LOCATION ${ELEA_DNNL_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${ELEA_DNNL_INCLUDE})
endif()
