# Finds llama.cpp: in CMAKE_PREFIX_PATH, or where scripts/get-llama.sh puts it
# (.deps/llama). Header and library must be of one release, so one prefix.
#
# Target: Llama::llama
set(troupe_llama_prefix "${CMAKE_CURRENT_LIST_DIR}/../.deps/llama")
find_path(Llama_INCLUDE_DIR llama.h HINTS "${troupe_llama_prefix}/include")
find_library(Llama_LIBRARY llama HINTS "${troupe_llama_prefix}/lib")
find_library(Llama_GGML_LIBRARY ggml HINTS "${troupe_llama_prefix}/lib")
find_library(Llama_GGML_BASE_LIBRARY ggml-base
             HINTS "${troupe_llama_prefix}/lib")

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  Llama REQUIRED_VARS Llama_LIBRARY Llama_GGML_LIBRARY Llama_GGML_BASE_LIBRARY
                      Llama_INCLUDE_DIR)
if(Llama_FOUND AND NOT TARGET Llama::llama)
  add_library(Llama::llama UNKNOWN IMPORTED)
  set_target_properties(
    Llama::llama
    PROPERTIES IMPORTED_LOCATION "${Llama_LIBRARY}"
               INTERFACE_INCLUDE_DIRECTORIES "${Llama_INCLUDE_DIR}"
               INTERFACE_LINK_LIBRARIES
               "${Llama_GGML_LIBRARY};${Llama_GGML_BASE_LIBRARY}")
endif()
mark_as_advanced(Llama_INCLUDE_DIR Llama_LIBRARY Llama_GGML_LIBRARY
                 Llama_GGML_BASE_LIBRARY)
