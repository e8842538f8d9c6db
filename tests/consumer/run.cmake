# Installs a build tree into a prefix of its own, then configures, builds and
# runs the consumer project against it.
#
# cmake -D BUILD=... -D SOURCE=... -D WORK=... -D CONFIG=... -D GENERATOR=...
#       -D COMPILER=... [-D FLAGS=...] -P run.cmake
foreach(name BUILD SOURCE WORK GENERATOR COMPILER)
  if(NOT ${name})
    message(FATAL_ERROR "run.cmake: ${name} is not set")
  endif()
endforeach()

function(step)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    file(REMOVE_RECURSE "${WORK}")
    message(FATAL_ERROR "failed with ${result}: ${ARGN}")
  endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
step("${CMAKE_COMMAND}" --install "${BUILD}" --config "${CONFIG}"
     --prefix "${WORK}/prefix")
step("${CMAKE_COMMAND}" -S "${SOURCE}" -B "${WORK}/build" -G "${GENERATOR}"
     "-DCMAKE_BUILD_TYPE=${CONFIG}" "-DCMAKE_CXX_COMPILER=${COMPILER}"
     "-DCMAKE_CXX_FLAGS=${FLAGS}" "-DCMAKE_PREFIX_PATH=${WORK}/prefix")
step("${CMAKE_COMMAND}" --build "${WORK}/build" --config "${CONFIG}")
step("${WORK}/build/consumer")
file(REMOVE_RECURSE "${WORK}")
