# Installation: component runtime (the shared library), dev (headers, CMake package, pkg-config) and tools (the
# command line), each a Debian package of its own with CPack.
include(CMakePackageConfigHelpers)

set(config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/Tessera")
get_target_property(library_type tessera TYPE)
set(TESSERA_IS_STATIC OFF)
if(library_type STREQUAL "STATIC_LIBRARY")
  set(TESSERA_IS_STATIC ON)
endif()

install(TARGETS tessera EXPORT TesseraTargets
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT runtime NAMELINK_COMPONENT dev
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT dev
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT runtime
  INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(TARGETS tessera_cpp EXPORT TesseraTargets)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/tessera" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT dev)
install(EXPORT TesseraTargets NAMESPACE Tessera:: DESTINATION "${config_dir}" COMPONENT dev)

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/TesseraConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/TesseraConfig.cmake" INSTALL_DESTINATION "${config_dir}")
# Before 1.0 a minor version may change the API.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/TesseraConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/TesseraConfig.cmake" "${PROJECT_BINARY_DIR}/TesseraConfigVersion.cmake"
  DESTINATION "${config_dir}" COMPONENT dev)

# Appending keeps an absolute CMAKE_INSTALL_LIBDIR whole.
set(pc_libdir "\${prefix}")
cmake_path(APPEND pc_libdir "${CMAKE_INSTALL_LIBDIR}")
set(pc_includedir "\${prefix}")
cmake_path(APPEND pc_includedir "${CMAKE_INSTALL_INCLUDEDIR}")
set(pc_private "")
set(pc_cflags "")
# A user of the shared library must not need the packages it was built from.
if(TESSERA_IS_STATIC)
  set(pc_private "Requires.private: libsodium >= 1.0.18, libcrypto >= 3.0\nLibs.private: -lstdc++ -lm -lpthread -ldl\n")
  set(pc_cflags " -DTSR_STATIC")
endif()
# The prefix comes last: `cmake --install --prefix` and CPack have their own.
set(pc_prefix "@CMAKE_INSTALL_PREFIX@")
configure_file("${PROJECT_SOURCE_DIR}/cmake/tessera.pc.in" "${PROJECT_BINARY_DIR}/tessera.pc.in" @ONLY)
install(CODE "configure_file(\"${PROJECT_BINARY_DIR}/tessera.pc.in\" \"${PROJECT_BINARY_DIR}/tessera.pc\" @ONLY)"
  COMPONENT dev)
install(FILES "${PROJECT_BINARY_DIR}/tessera.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT dev)

set(runtime_package "libtessera${TESSERA_ABI_MAJOR}")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME ${runtime_package})
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libtessera-dev)
set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME tessera-tools)
set(CPACK_COMPONENTS_ALL runtime dev)
if(TESSERA_BUILD_TOOLS)
  list(APPEND CPACK_COMPONENTS_ALL tools)
endif()
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} upper)
  install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" RENAME copyright COMPONENT ${component}
    DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME}")
endforeach()

# The package that holds the library holds the licence of what is inside.
if(TESSERA_WITH_STORE)
  set(component RUNTIME)
  if(TESSERA_IS_STATIC)
    set(component DEV)
  endif()
  string(TOLOWER ${component} lower)
  install(FILES "${TESSERA_SQLCIPHER_ROOT}/LICENSE.md" RENAME sqlcipher.txt OPTIONAL COMPONENT ${lower}
    DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/${CPACK_DEBIAN_${component}_PACKAGE_NAME}")
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "Tessera maintainers <maintainers@example.com>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_OUTPUT_FILE_PREFIX "${PROJECT_BINARY_DIR}/packages")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${PROJECT_BINARY_DIR}/lib")
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS OFF)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Tessera SDK")
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "${PROJECT_DESCRIPTION}: the shared library.")
set(CPACK_COMPONENT_DEV_DESCRIPTION "C headers, C++ facade, CMake package and pkg-config file.")
set(CPACK_COMPONENT_TOOLS_DESCRIPTION "The command line: issues, inspects and verifies licences, shows the hardware identity.")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION utils)
# libsecret is loaded at run time, where a keyring is present.
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS libsecret-1-0)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "${runtime_package} (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_TOOLS_PACKAGE_DEPENDS "${runtime_package} (= ${PROJECT_VERSION})")
include(CPack)
