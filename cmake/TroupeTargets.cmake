# troupe_add_library(NAME) makes the target troupe_NAME from the sources of the
# folder and of all folders in it, with the alias troupe::NAME, to be linked by
# its layer's rules.
function(troupe_add_library name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS
       "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp" "${CMAKE_CURRENT_SOURCE_DIR}/*.hpp")
  add_library(troupe_${name} STATIC ${sources})
  add_library(troupe::${name} ALIAS troupe_${name})
  set_target_properties(troupe_${name} PROPERTIES EXPORT_NAME ${name}
                                                  POSITION_INDEPENDENT_CODE ON)
  target_compile_features(troupe_${name} PUBLIC cxx_std_20)
  target_include_directories(
    troupe_${name}
    PUBLIC "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>"
           "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  target_link_libraries(troupe_${name} PRIVATE "$<BUILD_INTERFACE:troupe_internal>")
endfunction()

# troupe_embed(TARGET FUNCTION FILE HEADER) makes a file a part of a target:
# `std::string_view troupe::FUNCTION() noexcept`, which HEADER declares, returns
# its bytes.
function(troupe_embed target function file header)
  set(out "${CMAKE_CURRENT_BINARY_DIR}/embedded/${function}.cpp")
  set(script "${PROJECT_SOURCE_DIR}/cmake/EmbedFile.cmake")
  add_custom_command(
    OUTPUT "${out}"
    COMMAND "${CMAKE_COMMAND}" "-DFILE=${file}" "-DOUT=${out}"
            "-DHEADER=${header}" "-DFUNCTION=${function}" -P "${script}"
    DEPENDS "${file}" "${script}"
    VERBATIM)
  target_sources(${target} PRIVATE "${out}")
  set_source_files_properties("${out}" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON
                                                  SKIP_PRECOMPILE_HEADERS ON)
endfunction()
