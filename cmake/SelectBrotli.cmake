# SPDX-License-Identifier: Apache-2.0
# elea::brotli: Brotli, which has a library for each direction.
if(ELEA_WITH_BROTLI AND NOT TARGET elea::brotli)
  find_path(ELEA_BROTLI_INCLUDE brotli/decode.h)
  find_library(ELEA_BROTLI_ENCODER brotlienc)
  find_library(ELEA_BROTLI_DECODER brotlidec)
  if(NOT ELEA_BROTLI_INCLUDE OR NOT ELEA_BROTLI_ENCODER OR NOT ELEA_BROTLI_DECODER)
    message(FATAL_ERROR "brotli not found: install libbrotli-dev, or set ELEA_WITH_BROTLI=OFF")
  endif()
  add_library(elea::brotli INTERFACE IMPORTED)
  set_target_properties(elea::brotli PROPERTIES
    INTERFACE_LINK_LIBRARIES "${ELEA_BROTLI_ENCODER};${ELEA_BROTLI_DECODER}"
    INTERFACE_INCLUDE_DIRECTORIES ${ELEA_BROTLI_INCLUDE})
endif()
