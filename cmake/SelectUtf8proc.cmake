# SPDX-License-Identifier: Apache-2.0
# elea::utf8proc: Unicode tables.
if(ELEA_WITH_UTF8PROC AND NOT TARGET elea::utf8proc)
  find_path(ELEA_UTF8PROC_INCLUDE utf8proc.h)
  find_library(ELEA_UTF8PROC_LIBRARY utf8proc)
  if(NOT ELEA_UTF8PROC_INCLUDE OR NOT ELEA_UTF8PROC_LIBRARY)
    message(FATAL_ERROR "utf8proc not found: install libutf8proc-dev, or set "
      "ELEA_WITH_UTF8PROC=OFF")
  endif()
  add_library(elea::utf8proc UNKNOWN IMPORTED)
  set_target_properties(elea::utf8proc PROPERTIES
    IMPORTED_LOCATION ${ELEA_UTF8PROC_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${ELEA_UTF8PROC_INCLUDE})
endif()
