# SPDX-License-Identifier: Apache-2.0
# What `make install` puts in place: headers, libraries, pkg-config files, the CMake package.
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/elea)
set(generated ${PROJECT_BINARY_DIR}/package)
set(libraries elea elea_static)
set(dependency_files)
set(ELEA_PC_LIBS_PRIVATE "-lm -pthread")
if(ELEA_WITH_UTF8PROC)
  list(APPEND dependency_files cmake/SelectUtf8proc.cmake)
  string(APPEND ELEA_PC_LIBS_PRIVATE " -lutf8proc")
endif()
foreach(codec Lz4 Zstd)
  string(TOUPPER ${codec} feature)
  if(ELEA_WITH_${feature})
    list(APPEND dependency_files cmake/Select${codec}.cmake)
    string(TOLOWER " -l${codec}" flag)
    string(APPEND ELEA_PC_LIBS_PRIVATE ${flag})
  endif()
endforeach()
if(ELEA_WITH_JANSSON OR ELEA_BUILD_MEMORY)
  list(APPEND dependency_files cmake/SelectJansson.cmake)
endif()
if(ELEA_WITH_JANSSON)
  string(APPEND ELEA_PC_LIBS_PRIVATE " -ljansson")
endif()
if(ELEA_WITH_ZLIB)
  list(APPEND dependency_files cmake/SelectZlib.cmake)
  string(APPEND ELEA_PC_LIBS_PRIVATE " -lz")
endif()
if(ELEA_BUILD_MEMORY)
  list(APPEND libraries elea_memory elea_memory_static)
  list(APPEND dependency_files cmake/SelectDnnl.cmake)
endif()
list(TRANSFORM dependency_files REPLACE "^cmake/" "" OUTPUT_VARIABLE ELEA_DEPENDENCY_FILES)

install(DIRECTORY include/elea DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)
install(TARGETS ${libraries} EXPORT eleaTargets)
install(EXPORT eleaTargets NAMESPACE elea:: DESTINATION ${package_folder})

configure_package_config_file(cmake/eleaConfig.cmake.in ${generated}/eleaConfig.cmake
  INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${generated}/eleaConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${generated}/eleaConfig.cmake ${generated}/eleaConfigVersion.cmake ${dependency_files}
  DESTINATION ${package_folder})

# The prefix in a .pc file is told from where the file lies, so that an installed tree can be moved.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_LIBDIR BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX}
  OUTPUT_VARIABLE library_path)
string(REGEX REPLACE "[^/]+" ".." up ${library_path})
set(ELEA_PC_PREFIX "\${pcfiledir}/../${up}")
foreach(library elea elea_memory)
  if(TARGET ${library})
    configure_file(cmake/${library}.pc.in ${generated}/${library}.pc @ONLY)
    install(FILES ${generated}/${library}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
  endif()
endforeach()
