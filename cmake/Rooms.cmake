# SPDX-License-Identifier: Apache-2.0
# How a room's files get into its library. A room's CMakeLists.txt holds only calls of these two:
#
#   elea_room_sources(base buffer.c bitmap.c)
#   elea_isa_sources(vector avx2 x86/distance_avx2.c)

# Rooms of libelea_memory; every other room belongs to libelea.
set(ELEA_MEMORY_ROOMS vector embed memory)

# isa -> the processor it is for, and its compiler flags. Such a file is compiled only for that
# processor, so that the family's selector must guard the call by ELEA_X86 or ELEA_ARM.
set(ELEA_ISA_avx2 x86 -mavx2 -mf16c -mfma -mbmi -mbmi2 -mlzcnt -mpopcnt)
set(ELEA_ISA_avx512 ${ELEA_ISA_avx2} -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512cd
    -mavx512vnni)
set(ELEA_ISA_avx512bf16 ${ELEA_ISA_avx512} -mavx512bf16)
set(ELEA_ISA_amx ${ELEA_ISA_avx512bf16} -mamx-tile -mamx-bf16 -mamx-int8)
set(ELEA_ISA_neon arm)
set(ELEA_ISA_crc arm -march=armv8-a+crc)
set(ELEA_ISA_sse42 x86 -msse4.2 -mpopcnt -mpclmul)

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set(ELEA_PROCESSOR x86)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  set(ELEA_PROCESSOR arm)
else()
  set(ELEA_PROCESSOR other)
endif()

function(elea_room_target room out)
  if(room IN_LIST ELEA_MEMORY_ROOMS)
    set(${out} elea_memory_objects PARENT_SCOPE)
  else()
    set(${out} elea_objects PARENT_SCOPE)
  endif()
endfunction()

# Adds the room's files, compiled once (position independent) for the shared and the static library.
function(elea_room_sources room)
  elea_room_target(${room} target)
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/src/${room}/)
  target_sources(${target} PRIVATE ${ARGN})
endfunction()

# Adds files that need an instruction set of their own (see the table above).
function(elea_isa_sources room isa)
  if(NOT DEFINED ELEA_ISA_${isa})
    message(FATAL_ERROR "no instruction set '${isa}' in cmake/Rooms.cmake")
  endif()
  set(flags ${ELEA_ISA_${isa}})
  list(POP_FRONT flags processor)
  if(NOT processor STREQUAL ELEA_PROCESSOR)
    return()
  endif()
  elea_room_target(${room} target)
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/src/${room}/)
  target_sources(${target} PRIVATE ${ARGN})
  set_source_files_properties(${ARGN} TARGET_DIRECTORY ${target} PROPERTIES
    COMPILE_OPTIONS "${flags}")
endfunction()
