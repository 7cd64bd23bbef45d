# TESSERA_SANITIZE: "", "address,undefined", "thread", "fuzzer-no-link,address,undefined"; set by the presets.
set(TESSERA_SANITIZE "" CACHE STRING "Sanitizers for every target of this build")
if(TESSERA_SANITIZE)
  add_compile_options(-fsanitize=${TESSERA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TESSERA_SANITIZE})
endif()
option(TESSERA_COVERAGE "Instrument for gcov" OFF)
if(TESSERA_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic) # threads count the same lines
  add_link_options(--coverage)
endif()
