# tessera_embed(<target> <imported>): puts the objects of an imported archive, and of those that it names as its own
# dependencies, into a static library, as those of the areas: who links that needs none of them.
function(tessera_embed target imported)
  get_target_property(archives ${imported} INTERFACE_LINK_LIBRARIES)
  list(FILTER archives INCLUDE REGEX "[.](a|lib)$")
  get_target_property(archive ${imported} IMPORTED_LOCATION)
  foreach(archive IN LISTS archive archives)
    execute_process(COMMAND "${CMAKE_AR}" t "${archive}" OUTPUT_VARIABLE members COMMAND_ERROR_IS_FATAL ANY
      OUTPUT_STRIP_TRAILING_WHITESPACE)
    string(REPLACE "\n" ";" members "${members}")
    cmake_path(GET archive STEM folder)
    set(folder "${CMAKE_CURRENT_BINARY_DIR}/${folder}")
    list(TRANSFORM members PREPEND "${folder}/" OUTPUT_VARIABLE objects)
    file(MAKE_DIRECTORY "${folder}")
    add_custom_command(OUTPUT ${objects} DEPENDS "${archive}" WORKING_DIRECTORY "${folder}"
      COMMAND "${CMAKE_AR}" x "${archive}" VERBATIM)
    set_source_files_properties(${objects} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
    target_sources(${target} PRIVATE ${objects})
  endforeach()
endfunction()
