# Tessera::sqlcipher: SQLCipher as an archive, so that its symbols stay inside libtessera (docs/adr/0018).
option(TESSERA_WITH_STORE "Build the encrypted store; without it its functions return TSR_E_UNSUPPORTED" ON)
set(sqlcipher_root "${PROJECT_SOURCE_DIR}/.deps/sqlcipher")
if(DEFINED ENV{TESSERA_SQLCIPHER_ROOT})
  set(sqlcipher_root "$ENV{TESSERA_SQLCIPHER_ROOT}")
endif()
set(TESSERA_SQLCIPHER_ROOT "${sqlcipher_root}" CACHE PATH
  "Prefix of a static SQLCipher: include/sqlite3.h and lib/libsqlcipher.a")

# tessera_require_sqlcipher(<header> <archive>): stops unless they are a SQLCipher that the store can use.
function(tessera_require_sqlcipher header archive)
  set(remedy "Run scripts/bootstrap, which builds one into .deps/sqlcipher, or set TESSERA_SQLCIPHER_ROOT to the prefix "
    "of a static SQLCipher 4.6 or newer. -DTESSERA_WITH_STORE=OFF builds Tessera without the encrypted store.")
  string(CONCAT remedy ${remedy})
  if(NOT header OR NOT archive)
    message(FATAL_ERROR "No static SQLCipher in ${TESSERA_SQLCIPHER_ROOT}. ${remedy}")
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${header}" "${archive}")

  file(STRINGS "${header}" version REGEX "^#define SQLITE_VERSION[ \t]")
  string(REGEX REPLACE ".*\"([0-9.]+)\".*" "\\1" version "${version}")
  if(version VERSION_LESS 3.46)
    message(FATAL_ERROR "${header} is of SQLite ${version}; the store needs 3.46 or newer. ${remedy}")
  endif()

  # SQLite keeps its build options as text. A plain SQLite would store plain text; one with files for temporary
  # tables would do so now and then.
  file(STRINGS "${archive}" options REGEX "^(cipher_version|ENABLE_FTS5|TEMP_STORE=[0-3]|THREADSAFE=[0-2])$")
  foreach(wanted "cipher_version" "ENABLE_FTS5" "TEMP_STORE=[23]" "THREADSAFE=[12]")
    if(NOT ";${options};" MATCHES ";${wanted};")
      message(FATAL_ERROR "${archive} is not built as the store needs it: no ${wanted} in it. ${remedy}")
    endif()
  endforeach()

  # In a static libtessera these names would meet the host's SQLite; a shared one hides them.
  file(STRINGS "${header}" renamed REGEX "^#define sqlite3_open_v2 tsr_" LIMIT_COUNT 1)
  if(NOT renamed AND NOT BUILD_SHARED_LIBS)
    message(WARNING "${archive} defines sqlite3_open_v2 under that name: a program that links libtessera.a and another "
      "SQLite gets only one of them. scripts/lib/build_sqlcipher shows how to rename its symbols.")
  endif()
endfunction()

if(NOT TESSERA_WITH_STORE)
  return()
endif()

# In a function, for its variables; NO_CACHE follows a changed root.
function(tessera_find_sqlcipher)
  # The system's folders count only where the root names them: a plain SQLite's header is likely there.
  set(search HINTS "${TESSERA_SQLCIPHER_ROOT}" NO_SYSTEM_ENVIRONMENT_PATH NO_CMAKE_SYSTEM_PATH NO_CACHE)
  find_path(include_dir sqlite3.h ${search} PATH_SUFFIXES include/sqlcipher include)
  find_library(archive NAMES libsqlcipher.a sqlcipher.lib ${search}
    PATH_SUFFIXES lib "lib/${CMAKE_LIBRARY_ARCHITECTURE}")
  set(header "")
  if(include_dir)
    cmake_path(APPEND include_dir sqlite3.h OUTPUT_VARIABLE header)
    cmake_path(NORMAL_PATH header)
  endif()
  tessera_require_sqlcipher("${header}" "${archive}")
  add_library(Tessera::sqlcipher STATIC IMPORTED GLOBAL)
  # With HAS_CODEC the header declares the functions that take a key.
  set_target_properties(Tessera::sqlcipher PROPERTIES
    IMPORTED_LOCATION "${archive}"
    INTERFACE_INCLUDE_DIRECTORIES "${include_dir}"
    INTERFACE_COMPILE_DEFINITIONS SQLITE_HAS_CODEC
    INTERFACE_LINK_LIBRARIES "OpenSSL::Crypto;Threads::Threads;${CMAKE_DL_LIBS};$<$<BOOL:${UNIX}>:m>")
endfunction()
tessera_find_sqlcipher()

# tessera_embed_sqlcipher(<target>): puts SQLCipher's objects into a static library, as those of the areas.
function(tessera_embed_sqlcipher target)
  get_target_property(archive Tessera::sqlcipher IMPORTED_LOCATION)
  execute_process(COMMAND "${CMAKE_AR}" t "${archive}" OUTPUT_VARIABLE members COMMAND_ERROR_IS_FATAL ANY
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  string(REPLACE "\n" ";" members "${members}")
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/sqlcipher")
  list(TRANSFORM members PREPEND "${folder}/" OUTPUT_VARIABLE objects)
  file(MAKE_DIRECTORY "${folder}")
  add_custom_command(OUTPUT ${objects} DEPENDS "${archive}" WORKING_DIRECTORY "${folder}"
    COMMAND "${CMAKE_AR}" x "${archive}" VERBATIM)
  set_source_files_properties(${objects} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
  target_sources(${target} PRIVATE ${objects})
endfunction()
