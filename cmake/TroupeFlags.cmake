# Compiler flags, on one interface target that every target of the tree links
# privately. Nothing of it reaches a consumer.
add_library(troupe_internal INTERFACE)
target_compile_options(
  troupe_internal
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
            -Woverloaded-virtual -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # CAF 0.17 and the sanitizers make GCC 12 see what is not there.
  target_compile_options(troupe_internal INTERFACE -Wno-maybe-uninitialized)
  # Of files that are compiled as one it takes the later for headers with
  # unnamed namespaces, and a local name for a shadow of another file's.
  target_compile_options(
    troupe_internal
    INTERFACE "$<$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>:-Wno-subobject-linkage;-Wno-shadow;-Wshadow=local>")
endif()
if(TROUPE_SANITIZE)
  string(REPLACE ";" "," troupe_sanitizers "${TROUPE_SANITIZE}")
  target_compile_options(
    troupe_internal INTERFACE -fsanitize=${troupe_sanitizers}
                              -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(troupe_internal INTERFACE
                      -fsanitize=${troupe_sanitizers})
  if("thread" IN_LIST TROUPE_SANITIZE)
    # Asio's fences; its queues are guarded by what the sanitizer does see.
    target_compile_options(troupe_internal INTERFACE -Wno-tsan)
  endif()
endif()

find_program(TROUPE_CCACHE ccache)
if(TROUPE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${TROUPE_CCACHE}")
endif()
find_program(TROUPE_MOLD mold)
if(TROUPE_MOLD)
  target_link_options(troupe_internal INTERFACE -fuse-ld=mold)
endif()
