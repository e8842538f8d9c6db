# Finds the C++ Actor Framework. Debian ships 0.17.6 without a CMake package;
# where a CAFConfig.cmake exists, that one is used.
#
# Targets: CAF::core, CAF::io, CAF::openssl (those that were found)
find_package(CAF CONFIG QUIET)
if(CAF_FOUND)
  return()
endif()

find_path(CAF_INCLUDE_DIR caf/actor_system.hpp)
if(CAF_INCLUDE_DIR)
  file(STRINGS "${CAF_INCLUDE_DIR}/caf/config.hpp" line
       REGEX "^#define CAF_VERSION [0-9]+")
  string(REGEX REPLACE "[^0-9]" "" number "${line}")
  math(EXPR CAF_VERSION_MAJOR "${number} / 10000")
  math(EXPR CAF_VERSION_MINOR "(${number} / 100) % 100")
  math(EXPR CAF_VERSION_PATCH "${number} % 100")
  set(CAF_VERSION
      "${CAF_VERSION_MAJOR}.${CAF_VERSION_MINOR}.${CAF_VERSION_PATCH}")
endif()

set(caf_required CAF_INCLUDE_DIR)
foreach(component core io openssl)
  find_library(CAF_${component}_LIBRARY NAMES caf_${component})
  mark_as_advanced(CAF_${component}_LIBRARY)
  if(CAF_${component}_LIBRARY)
    set(CAF_${component}_FOUND TRUE)
  endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  CAF REQUIRED_VARS CAF_INCLUDE_DIR CAF_core_LIBRARY
  VERSION_VAR CAF_VERSION HANDLE_COMPONENTS)

if(CAF_FOUND)
  foreach(component core io openssl)
    if(CAF_${component}_FOUND AND NOT TARGET CAF::${component})
      add_library(CAF::${component} UNKNOWN IMPORTED)
      set_target_properties(
        CAF::${component} PROPERTIES
        IMPORTED_LOCATION "${CAF_${component}_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${CAF_INCLUDE_DIR}")
      if(NOT component STREQUAL "core")
        set_property(TARGET CAF::${component}
                     PROPERTY INTERFACE_LINK_LIBRARIES CAF::core)
      endif()
    endif()
  endforeach()
endif()
mark_as_advanced(CAF_INCLUDE_DIR)
