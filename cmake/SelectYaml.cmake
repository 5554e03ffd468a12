# SPDX-License-Identifier: Apache-2.0
# elea::yaml: the text of schemas in YAML, by libyaml.
if(ELEA_WITH_YAML AND NOT TARGET elea::yaml)
  find_path(ELEA_YAML_INCLUDE yaml.h)
  find_library(ELEA_YAML_LIBRARY yaml)
  if(NOT ELEA_YAML_INCLUDE OR NOT ELEA_YAML_LIBRARY)
    message(FATAL_ERROR "libyaml not found: install libyaml-dev, or set ELEA_WITH_YAML=OFF")
  endif()
  add_library(elea::yaml UNKNOWN IMPORTED)
  set_target_properties(elea::yaml PROPERTIES
    IMPORTED_LOCATION ${ELEA_YAML_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${ELEA_YAML_INCLUDE})
endif()
