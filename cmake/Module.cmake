# tutela_module(NAME match DEPENDS base fingerprint LINK Pkg::x HEADERS a.hpp SOURCES a.cpp TESTS a_test.cpp
#               TEST_DEPENDS store)
#
# One static library, one namespace and one test program per folder under src/. Dependencies point
# one way; the first folder of a module's path is its ring:
#
#   base <- crypto <- engine, custody <- casework, exchange, watch <- doors <- service <- apps
#
# A module may depend on a module of a lower ring, or on one declared before it in its own ring's
# folder. Modules in casework/ never depend on each other: they meet in the case's events.
# tools/tidy.py checks that #include lines agree with DEPENDS.
set(TUTELA_RANK_base 0)
set(TUTELA_RANK_crypto 1)
set(TUTELA_RANK_engine 2)
set(TUTELA_RANK_custody 2)
set(TUTELA_RANK_casework 3)
set(TUTELA_RANK_exchange 3)
set(TUTELA_RANK_watch 3)
set(TUTELA_RANK_doors 4)
set(TUTELA_RANK_service 5)

function(tutela_check_arrow from_name from_ring to_name to_ring)
  if(from_ring STREQUAL to_ring)
    if(from_ring STREQUAL "casework")
      message(FATAL_ERROR "${from_name} may not depend on ${to_name}: casework modules meet in the case's events")
    endif()
  elseif(NOT TUTELA_RANK_${to_ring} LESS TUTELA_RANK_${from_ring})
    message(FATAL_ERROR "${from_name} (ring ${from_ring}) may not depend on ${to_name} (ring ${to_ring}): "
      "the arrow points up or sideways; see ARCHITECTURE.md")
  endif()
endfunction()

# What every test program gets: tests/support/ and where things are.
function(tutela_test_settings target)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${target} PRIVATE
    TUTELA_SHARED_DATA="${TUTELA_SHARED_DATA}" TUTELA_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    TUTELA_BINARY_DIR="${PROJECT_BINARY_DIR}")
endfunction()

function(tutela_module)
  cmake_parse_arguments(PARSE_ARGV 0 M "" "NAME" "DEPENDS;LINK;HEADERS;SOURCES;TESTS;TEST_DEPENDS")
  if(M_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "tutela_module(${M_NAME}): unknown arguments ${M_UNPARSED_ARGUMENTS}")
  endif()
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR}/src ${CMAKE_CURRENT_SOURCE_DIR})
  string(REGEX MATCH "^[^/]+" ring ${folder})
  if(NOT DEFINED TUTELA_RANK_${ring})
    message(FATAL_ERROR "tutela_module(${M_NAME}): src/${ring} is not a ring of ARCHITECTURE.md")
  endif()
  add_library(tutela_${M_NAME} STATIC ${M_SOURCES})
  add_library(tutela::${M_NAME} ALIAS tutela_${M_NAME})
  set_target_properties(tutela_${M_NAME} PROPERTIES
    TUTELA_RING "${ring}" TUTELA_FOLDER "${folder}" VERIFY_INTERFACE_HEADER_SETS ON)
  target_sources(tutela_${M_NAME}
    PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/src FILES ${M_HEADERS})
  target_link_libraries(tutela_${M_NAME} PUBLIC tutela_flags PRIVATE ${M_LINK})
  set(record "${folder}:")
  foreach(dep IN LISTS M_DEPENDS)
    if(NOT TARGET tutela_${dep})
      message(FATAL_ERROR "${M_NAME}: ${dep} is not a module declared before it")
    endif()
    get_target_property(dep_ring tutela_${dep} TUTELA_RING)
    tutela_check_arrow(${M_NAME} ${ring} ${dep} ${dep_ring})
    target_link_libraries(tutela_${M_NAME} PUBLIC tutela::${dep})
    get_target_property(dep_folder tutela_${dep} TUTELA_FOLDER)
    string(APPEND record " ${dep_folder}")
  endforeach()
  set_property(GLOBAL APPEND PROPERTY TUTELA_MODULES "${record}")
  if(TUTELA_BUILD_TESTS AND M_TESTS)
    add_executable(tutela_${M_NAME}_tests ${M_TESTS})
    target_link_libraries(tutela_${M_NAME}_tests PRIVATE tutela::${M_NAME} GTest::gtest_main ${M_LINK})
    foreach(dep IN LISTS M_TEST_DEPENDS)
      target_link_libraries(tutela_${M_NAME}_tests PRIVATE tutela::${dep})
    endforeach()
    tutela_test_settings(tutela_${M_NAME}_tests)
    add_test(NAME unit.${M_NAME} COMMAND tutela_${M_NAME}_tests)
    set_tests_properties(unit.${M_NAME} PROPERTIES LABELS "unit;${M_NAME}" TIMEOUT 900)
  endif()
endfunction()
