if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # ccache keeps no precompiled header that holds the time of its sources.
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
endif()

# tessera_add_area(<area> SOURCES ... [DEPENDS area ...] [LINKS target ...])
# One static library tessera_sdk_<area> per folder of sdk/. The folder rule of the dependency directions
# (base <- text <- crypto <- areas <- app <- capi) is checked by tests/headers/include_lint.py.
function(tessera_add_area area)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LINKS" ${ARGN})
  add_library(tessera_sdk_${area} STATIC ${arg_SOURCES})
  set_property(GLOBAL APPEND PROPERTY TESSERA_AREAS ${area})
  target_include_directories(tessera_sdk_${area} PUBLIC "${PROJECT_SOURCE_DIR}/sdk")
  target_compile_definitions(tessera_sdk_${area} PUBLIC $<$<BOOL:${TESSERA_TESTING}>:TESSERA_TESTING=1>)
  foreach(dependency IN LISTS arg_DEPENDS)
    target_link_libraries(tessera_sdk_${area} PUBLIC tessera_sdk_${dependency})
  endforeach()
  target_link_libraries(tessera_sdk_${area} PRIVATE ${arg_LINKS} $<BUILD_INTERFACE:tessera_warnings>)
endfunction()

# tessera_add_suite(<name> SOURCES ... LINKS ... [PRECOMPILE header ...])
# One Boost.Test program that ctest runs, its cases in JUnit XML. PRECOMPILE: instead of the headers that suites share.
function(tessera_add_suite name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS;PRECOMPILE" ${ARGN})
  add_executable(test_${name} ${arg_SOURCES})
  # Boost.Test puts main() into every file that sees BOOST_TEST_MODULE, so only the first one does.
  list(GET arg_SOURCES 0 main_source)
  set_property(SOURCE ${main_source} APPEND PROPERTY COMPILE_DEFINITIONS BOOST_TEST_MODULE=${name})
  set_property(SOURCE ${main_source} PROPERTY SKIP_PRECOMPILE_HEADERS ON)
  target_compile_definitions(test_${name} PRIVATE BOOST_TEST_DYN_LINK
    TESSERA_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
  target_link_libraries(test_${name} PRIVATE ${arg_LINKS} Boost::unit_test_framework tessera_test_warnings)
  if(arg_PRECOMPILE)
    target_precompile_headers(test_${name} PRIVATE ${arg_PRECOMPILE})
  else()
    target_precompile_headers(test_${name} REUSE_FROM tessera_test_headers)
  endif()
  add_test(NAME ${name} COMMAND test_${name} --color_output=no --logger=HRF,error,stdout:JUNIT,error,${PROJECT_BINARY_DIR}/results/${name}.xml)
  set(timeout 300)
  if(TESSERA_SANITIZE)
    set(timeout 1800)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${timeout} LABELS boost)
endfunction()
