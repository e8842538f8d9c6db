# Installs a build tree into a prefix of its own, then configures, builds and
# runs the consumer project against it, and the plugin of the examples.
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
# So does a plugin, for the program that was installed.
set(plugin "${SOURCE}/../../examples/plugin")
step("${CMAKE_COMMAND}" -S "${plugin}" -B "${WORK}/plugin" -G "${GENERATOR}"
     "-DCMAKE_BUILD_TYPE=${CONFIG}" "-DCMAKE_CXX_COMPILER=${COMPILER}"
     "-DCMAKE_CXX_FLAGS=${FLAGS}" "-DCMAKE_PREFIX_PATH=${WORK}/prefix")
step("${CMAKE_COMMAND}" --build "${WORK}/plugin" --config "${CONFIG}")
step("${WORK}/prefix/bin/troupe" check "${plugin}/config.json" --set
     "plugins=[\"${WORK}/plugin/text_models.so\"]")
file(REMOVE_RECURSE "${WORK}")
