# Tessera::curl: libcurl as an archive, so that its symbols stay inside libtessera, as those of SQLCipher (docs/adr/0018).
# scripts/lib/build_curl makes one. Off until the client is in the library.
option(TESSERA_WITH_HTTP "Build the API client, which is under construction" OFF)
set(curl_root "${PROJECT_SOURCE_DIR}/.deps/curl")
if(DEFINED ENV{TESSERA_CURL_ROOT})
  set(curl_root "$ENV{TESSERA_CURL_ROOT}")
endif()
set(TESSERA_CURL_ROOT "${curl_root}" CACHE PATH "Prefix of a static libcurl: include/curl/curl.h and lib/libcurl.a")

# tessera_require_curl(<header> <archive>): stops unless they are a libcurl that the API client can use.
function(tessera_require_curl header archive)
  set(remedy "Run scripts/lib/build_curl, which builds one into .deps/curl, or set TESSERA_CURL_ROOT to the prefix of a static "
    "libcurl 7.88 or newer that uses OpenSSL. -DTESSERA_WITH_HTTP=OFF builds Tessera without the API client.")
  string(CONCAT remedy ${remedy})
  if(NOT header OR NOT archive)
    message(FATAL_ERROR "No static libcurl in ${TESSERA_CURL_ROOT}. ${remedy}")
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${header}" "${archive}")

  cmake_path(REPLACE_FILENAME header curlver.h OUTPUT_VARIABLE version_header)
  file(STRINGS "${version_header}" version REGEX "^#define LIBCURL_VERSION[ \t]")
  string(REGEX REPLACE ".*\"([0-9.]+).*\".*" "\\1" version "${version}")
  if(version VERSION_LESS 7.88)
    message(FATAL_ERROR "${header} is of curl ${version}; the API client needs 7.88 or newer. ${remedy}")
  endif()

  # libcurl keeps the names of its features as text. A host name is looked up on a thread of its own, or that of the
  # client would wait for it; without a lock in curl_global_init() two libraries of one program cannot both call it.
  file(STRINGS "${archive}" features REGEX "^(AsynchDNS|HTTP2|OpenSSL|libz|threadsafe)$")
  foreach(wanted AsynchDNS HTTP2 OpenSSL libz threadsafe)
    if(NOT ";${features};" MATCHES ";${wanted};")
      message(FATAL_ERROR "${archive} is not built as the API client needs it: no ${wanted} in it. ${remedy}")
    endif()
  endforeach()

  # In a static libtessera these names would meet the host's libcurl; a shared one hides them.
  file(STRINGS "${header}" renamed REGEX "^#pragma redefine_extname curl_easy_perform tsr_" LIMIT_COUNT 1)
  if(NOT renamed AND NOT BUILD_SHARED_LIBS)
    message(WARNING "${archive} defines curl_easy_perform under that name: a program that links libtessera.a and another "
      "libcurl gets only one of them. scripts/lib/build_curl shows how to rename its symbols.")
  endif()
endfunction()

if(NOT TESSERA_WITH_HTTP)
  return()
endif()
find_package(OpenSSL 3.0 REQUIRED COMPONENTS SSL)

# In a function, for its variables; NO_CACHE follows a changed root.
function(tessera_find_curl)
  # The system's folders count only where the root names them: the system's libcurl is of another kind.
  set(search HINTS "${TESSERA_CURL_ROOT}" NO_SYSTEM_ENVIRONMENT_PATH NO_CMAKE_SYSTEM_PATH NO_CACHE)
  find_path(include_dir curl/curl.h ${search} PATH_SUFFIXES include)
  find_library(archive NAMES libcurl.a libcurl.lib ${search} PATH_SUFFIXES lib "lib/${CMAKE_LIBRARY_ARCHITECTURE}")
  set(header "")
  if(include_dir)
    cmake_path(APPEND include_dir curl/curl.h OUTPUT_VARIABLE header)
    cmake_path(NORMAL_PATH header)
  endif()
  tessera_require_curl("${header}" "${archive}")
  # One from elsewhere, as vcpkg's, has what it calls in archives beside it.
  cmake_path(GET archive PARENT_PATH folder)
  set(parts "")
  foreach(name nghttp2 brotlidec brotlicommon zstd z zlib)
    find_library(part NAMES lib${name}.a ${name}.lib PATHS "${folder}" NO_DEFAULT_PATH NO_CACHE)
    if(part)
      list(APPEND parts "${part}")
    endif()
    unset(part)
  endforeach()
  add_library(Tessera::curl STATIC IMPORTED GLOBAL)
  set_target_properties(Tessera::curl PROPERTIES
    IMPORTED_LOCATION "${archive}"
    INTERFACE_INCLUDE_DIRECTORIES "${include_dir}"
    INTERFACE_COMPILE_DEFINITIONS "CURL_STATICLIB;CURL_DISABLE_TYPECHECK"
    INTERFACE_LINK_LIBRARIES "${parts};OpenSSL::SSL;OpenSSL::Crypto;Threads::Threads")
endfunction()
tessera_find_curl()
