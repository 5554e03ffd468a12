# SPDX-License-Identifier: Apache-2.0
# elea_flags: what every C file of the project is compiled with. It is linked privately and is no
# part of what users get.
option(ELEA_OPTIMIZE_DEBUG "build type Debug with -O1, as the sanitizers like it" OFF)
option(ELEA_LIBFUZZER "link the fuzz targets with libFuzzer (clang)" OFF)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# Assertions guard against caller mistakes, not against input: release builds drop them.
set(CMAKE_C_FLAGS_RELEASE "-O3 -g -DNDEBUG")
set(CMAKE_C_FLAGS_DEBUG "-O0 -g")

add_library(elea_flags INTERFACE)
target_compile_options(elea_flags INTERFACE
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef -Wpointer-arith
  -Wcast-qual -Wwrite-strings -fno-common -fno-math-errno)
if(ELEA_WERROR)
  target_compile_options(elea_flags INTERFACE -Werror)
endif()
if(ELEA_OPTIMIZE_DEBUG)
  target_compile_options(elea_flags INTERFACE -O1 -fno-omit-frame-pointer)
endif()
if(ELEA_SANITIZE)
  set(sanitize_flags -fsanitize=${ELEA_SANITIZE} -fno-sanitize-recover=all)
  target_compile_options(elea_flags INTERFACE ${sanitize_flags})
  target_link_options(elea_flags INTERFACE ${sanitize_flags})
  target_compile_definitions(elea_flags INTERFACE ELEA_SANITIZED=1)
else()
  target_compile_definitions(elea_flags INTERFACE ELEA_SANITIZED=0)
endif()
if(ELEA_LIBFUZZER)
  target_compile_options(elea_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# `#if ELEA_WITH_X` is right with an option on or off.
foreach(feature BROTLI BZ2 XXHASH UTF8PROC JANSSON LZ4 SNAPPY YAML ZLIB ZSTD)
  target_compile_definitions(elea_flags INTERFACE
    ELEA_WITH_${feature}=$<BOOL:${ELEA_WITH_${feature}}>)
endforeach()
target_compile_definitions(elea_flags INTERFACE ELEA_WITH_MEMORY=$<BOOL:${ELEA_BUILD_MEMORY}>)
