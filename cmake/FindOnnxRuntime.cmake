# Finds ONNX Runtime: in CMAKE_PREFIX_PATH, or where
# scripts/get-onnxruntime.sh puts it (.deps/onnxruntime).
#
# Target: OnnxRuntime::onnxruntime
set(troupe_ort_prefix "${CMAKE_CURRENT_LIST_DIR}/../.deps/onnxruntime")
find_path(OnnxRuntime_INCLUDE_DIR onnxruntime_c_api.h
          HINTS "${troupe_ort_prefix}/include"
          PATH_SUFFIXES onnxruntime onnxruntime/core/session)
find_library(OnnxRuntime_LIBRARY onnxruntime HINTS "${troupe_ort_prefix}/lib")

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  OnnxRuntime REQUIRED_VARS OnnxRuntime_LIBRARY OnnxRuntime_INCLUDE_DIR)
if(OnnxRuntime_FOUND AND NOT TARGET OnnxRuntime::onnxruntime)
  add_library(OnnxRuntime::onnxruntime UNKNOWN IMPORTED)
  set_target_properties(
    OnnxRuntime::onnxruntime PROPERTIES
    IMPORTED_LOCATION "${OnnxRuntime_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${OnnxRuntime_INCLUDE_DIR}")
endif()
mark_as_advanced(OnnxRuntime_INCLUDE_DIR OnnxRuntime_LIBRARY)
