# Installs the libraries, their headers, the program, and a package for
# find_package(troupe), which offers troupe::specs, troupe::models,
# troupe::actors, troupe::http, for all of them troupe::troupe, and
# troupe::plugin for shared libraries with models.
option(TROUPE_INSTALL "Install Troupe and its CMake package"
       ${PROJECT_IS_TOP_LEVEL})
if(NOT TROUPE_INSTALL)
  return()
endif()

include(CMakePackageConfigHelpers)
set(troupe_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/troupe")

install(
  TARGETS troupe_specs troupe_models troupe_plugin troupe_actors troupe_http
          troupe
  EXPORT troupeTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(
  EXPORT troupeTargets
  NAMESPACE troupe::
  DESTINATION "${troupe_package_dir}")
foreach(layer specs models actors http)
  install(
    DIRECTORY "${PROJECT_SOURCE_DIR}/${layer}/"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/troupe/${layer}"
    FILES_MATCHING
    PATTERN "*.hpp"
    PATTERN "*_pch.hpp" EXCLUDE)
endforeach()

# ONNX Runtime need not be where the system looks: the package remembers where
# it was, and the program finds the library there.
set(TROUPE_ONNX_USED FALSE)
set(TROUPE_ONNX_PREFIX "")
set(troupe_rpath "")
if(TROUPE_WITH_ONNX AND TARGET OnnxRuntime::onnxruntime)
  set(TROUPE_ONNX_USED TRUE)
  get_filename_component(troupe_rpath "${OnnxRuntime_LIBRARY}" DIRECTORY)
  get_filename_component(TROUPE_ONNX_PREFIX "${troupe_rpath}" DIRECTORY)
  install(FILES "${PROJECT_SOURCE_DIR}/cmake/FindOnnxRuntime.cmake"
          DESTINATION "${troupe_package_dir}")
endif()
# The same for llama.cpp, whose backends are found beside it.
set(TROUPE_LLAMA_USED FALSE)
set(TROUPE_LLAMA_PREFIX "")
if(TROUPE_WITH_LLAMA AND TARGET Llama::llama)
  set(TROUPE_LLAMA_USED TRUE)
  get_filename_component(troupe_llama_dir "${Llama_LIBRARY}" DIRECTORY)
  get_filename_component(TROUPE_LLAMA_PREFIX "${troupe_llama_dir}" DIRECTORY)
  list(APPEND troupe_rpath "${troupe_llama_dir}")
  install(FILES "${PROJECT_SOURCE_DIR}/cmake/FindLlama.cmake"
          DESTINATION "${troupe_package_dir}")
endif()
if(TARGET troupe_program)
  # Not INSTALL_RPATH_USE_LINK_PATH: it leaves out folders of the project.
  set_property(TARGET troupe_program APPEND PROPERTY INSTALL_RPATH
                                                     ${troupe_rpath})
  install(TARGETS troupe_program RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/troupeConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/troupeConfig.cmake"
  INSTALL_DESTINATION "${troupe_package_dir}"
  NO_SET_AND_CHECK_MACRO)
# Until 1.0 a minor version may change the interface.
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/troupeConfigVersion.cmake"
  VERSION "${PROJECT_VERSION}"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/troupeConfig.cmake"
              "${PROJECT_BINARY_DIR}/troupeConfigVersion.cmake"
              "${PROJECT_SOURCE_DIR}/cmake/FindCAF.cmake"
        DESTINATION "${troupe_package_dir}")
