# How chibo is built: one static library a layer, warnings as errors, no downloads.
#
#   chibo_layer(sync DEPENDS chibo_proto LIBRARIES PkgConfig::SODIUM)
#
# makes the library chibo_<name> of every .cc file of the calling folder (not of its subfolders).

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# -O2, not -O3: libstdc++ 12 gives false memcpy warnings there. CHECKs stay on in every build.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")

# Files of one library are compiled some at a time: what they include and instantiate is then read and made once. Their
# unnamed namespaces are one there, so that a name stands for one thing in a folder.
set(CMAKE_UNITY_BUILD ON)
set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)

option(CHIBO_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(CHIBO_PLANTED_BUGS "Known mistakes, for the simulator to find (base/planted.h); not for use" OFF)
option(CHIBO_FUZZ "Build the libFuzzer programs of tests/fuzz (clang)" OFF)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  # Precompiled headers: ccache(1). They are known by what went into them (chibo_precompiled), not by their bytes, which
  # differ from folder to folder.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros
                                  CCACHE_PCH_EXTSUM=true ${CCACHE})
endif()

find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium>=1.0.18)
find_package(Protobuf REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Threads REQUIRED)
find_package(tl-expected REQUIRED)
find_package(zstd REQUIRED CONFIG)
find_package(GTest REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)

add_library(chibo_flags INTERFACE)
target_include_directories(chibo_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_link_libraries(chibo_flags INTERFACE tl::expected)
if(CHIBO_SANITIZE)
  target_compile_options(chibo_flags INTERFACE -fsanitize=address,undefined
                                               -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(chibo_flags INTERFACE -fsanitize=address,undefined)
endif()
if(CHIBO_PLANTED_BUGS)
  target_compile_definitions(chibo_flags INTERFACE CHIBO_PLANTED_BUGS)
endif()
if(CHIBO_FUZZ)
  target_compile_options(chibo_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

add_library(chibo_warnings INTERFACE)
target_compile_options(
  chibo_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast
                           -Wnon-virtual-dtor -Werror)
# libstdc++ 12 warns of itself where a literal and a string are joined (GCC bug 105651), with a precompiled header in
# more ways than one. clang goes over the same files with its own.
target_compile_options(
  chibo_warnings
  INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-array-bounds;-Wno-stringop-overflow>)
# Of -Wconversion GCC holds the same set in C++.
target_compile_options(chibo_warnings INTERFACE $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>)

# Nearly every file includes the record schema, and reading it takes longer than compiling the rest: it is read once.
# Files still include what they use: clang-tidy reads them without.
#
#   chibo_precompiled(schema)             makes chibo_precompiled_schema; more headers and their libraries may follow:
#                                         HEADERS <gtest/gtest.h> LIBRARIES GTest::gtest
#   chibo_use_precompiled(sync schema)    for the target chibo_sync, which links the schema
function(chibo_precompiled name)
  cmake_parse_arguments(ARG "" "" "HEADERS;LIBRARIES" ${ARGN})
  set(target chibo_precompiled_${name})
  file(GENERATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${target}.cc CONTENT "")
  add_library(${target} STATIC ${CMAKE_CURRENT_BINARY_DIR}/${target}.cc)
  target_link_libraries(${target} PRIVATE chibo_flags chibo_warnings chibo_schema ${ARG_LIBRARIES})
  # Without it ccache does not see what a file takes from there.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  target_precompile_headers(
    ${target} PRIVATE <algorithm> <functional> <map> <memory> <optional> <set> <string> <utility>
    <vector> ${ARG_HEADERS} "${CMAKE_BINARY_DIR}/schema/chibo/record.pb.h")
  set(sum "")
  foreach(schema record authority)
    set(schema ${CMAKE_SOURCE_DIR}/proto/chibo/${schema}.proto)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${schema})
    file(SHA256 ${schema} part)
    string(APPEND sum "${part} ")
  endforeach()
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${target}.dir)
  file(CONFIGURE OUTPUT ${folder}/cmake_pch.hxx.gch.sum CONTENT "${sum}${ARG_HEADERS}\n")
endfunction()

function(chibo_use_precompiled target name)
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  target_precompile_headers(${target} REUSE_FROM chibo_precompiled_${name})
endfunction()

function(chibo_layer name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  if(NOT sources)
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/empty.cc "")
    set(sources ${CMAKE_CURRENT_BINARY_DIR}/empty.cc)
  endif()
  add_library(chibo_${name} STATIC ${sources})
  target_link_libraries(
    chibo_${name}
    PUBLIC chibo_flags ${ARG_DEPENDS}
    PRIVATE chibo_warnings ${ARG_LIBRARIES})
  if(ARG_DEPENDS)
    chibo_use_precompiled(chibo_${name} schema)
  endif()
endfunction()

# chibo_test(sync DEPENDS chibo_sync): the test program of one folder below tests/, all its *_test.cc files.
function(chibo_test name)
  cmake_parse_arguments(ARG "" "LABEL" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cc)
  if(NOT sources)
    return()
  endif()
  if(NOT ARG_DEPENDS STREQUAL chibo_base)
    list(APPEND sources ${CMAKE_CURRENT_SOURCE_DIR}/crypto_environment.cc)
  endif()
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  add_executable(${name}_test ${sources})
  target_link_libraries(${name}_test PRIVATE chibo_flags chibo_warnings ${ARG_DEPENDS}
                                             GTest::gtest_main)
  if(NOT ARG_DEPENDS STREQUAL chibo_base)
    chibo_use_precompiled(${name}_test tests)
  endif()
  target_compile_definitions(${name}_test PRIVATE CHIBO_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 600)
endfunction()

# chibo_python_tests(layering): one test for each *_test.py of a folder below tests/ (programs of unittest). A line
# "# ctest label: slow" in the file gives the label (unit otherwise), "# ctest serial" keeps other tests away meanwhile.
# They find the tree and the build in CHIBO_SOURCE_DIR and CHIBO_BUILD_DIR.
function(chibo_python_tests folder)
  file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*_test.py)
  foreach(script ${scripts})
    get_filename_component(name ${script} NAME_WE)
    string(REGEX REPLACE "_test$" "" name ${name})
    if(NOT name STREQUAL folder)
      string(PREPEND name "${folder}.")
    endif()
    set(label unit)
    file(STRINGS ${script} label_line REGEX "^# ctest label: ")
    if(label_line)
      string(REGEX REPLACE "^# ctest label: " "" label "${label_line}")
    endif()
    file(STRINGS ${script} serial REGEX "^# ctest serial")
    # Configure again when a file's label changes.
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${script})
    add_test(NAME ${name} COMMAND Python3::Interpreter -B ${script})
    set_tests_properties(
      ${name} PROPERTIES
      LABELS ${label} TIMEOUT 1200
      ENVIRONMENT "CHIBO_SOURCE_DIR=${CMAKE_SOURCE_DIR};CHIBO_BUILD_DIR=${CMAKE_BINARY_DIR}")
    if(serial)
      set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
    endif()
  endforeach()
endfunction()
