# Warnings of our own targets; consumers never inherit them. Only the testing presets make errors of them: a newer
# compiler must not break a user's build, and one set of flags for all releases lets ccache compile them once.
option(TESSERA_WERROR "Treat warnings as errors" OFF)
add_library(tessera_warnings INTERFACE)
target_compile_options(tessera_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wformat=2 -Wundef
  # No work before main or after exit: a host that unloads us or exits from a thread must not crash.
  $<$<CXX_COMPILER_ID:Clang>:-Wglobal-constructors -Wexit-time-destructors -Wthread-safety>
  $<$<BOOL:${TESSERA_WERROR}>:-Werror>)
# Test programs: C files and Boost.Test's macros don't fit the C++-only and global-constructor rules.
add_library(tessera_test_warnings INTERFACE)
target_compile_options(tessera_test_warnings INTERFACE -Wall -Wextra -Wshadow $<$<BOOL:${TESSERA_WERROR}>:-Werror>)
