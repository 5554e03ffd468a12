# SPDX-License-Identifier: Apache-2.0
# elea::cmocka: the frame the C tests run in.
if(NOT TARGET elea::cmocka)
  find_path(ELEA_CMOCKA_INCLUDE cmocka.h)
  find_library(ELEA_CMOCKA_LIBRARY cmocka)
  if(NOT ELEA_CMOCKA_INCLUDE OR NOT ELEA_CMOCKA_LIBRARY)
    message(FATAL_ERROR "cmocka not found: install libcmocka-dev, or set ELEA_BUILD_TESTS=OFF")
  endif()
  add_library(elea::cmocka UNKNOWN IMPORTED)
  set_target_properties(elea::cmocka PROPERTIES
    IMPORTED_LOCATION ${ELEA_CMOCKA_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${ELEA_CMOCKA_INCLUDE})
endif()
