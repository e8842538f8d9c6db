# The test that a user's project builds against an installed Troupe and runs.
# A static library with sanitizers needs a program with the same ones.
set(consumer_flags "")
if(TROUPE_SANITIZE)
  string(REPLACE ";" "," consumer_flags "${TROUPE_SANITIZE}")
  set(consumer_flags "-fsanitize=${consumer_flags}")
endif()
add_test(
  NAME consumer.find_package
  COMMAND
    "${CMAKE_COMMAND}" -D "BUILD=${PROJECT_BINARY_DIR}" -D
    "SOURCE=${CMAKE_CURRENT_LIST_DIR}/consumer" -D
    "WORK=${PROJECT_BINARY_DIR}/consumer-test" -D "CONFIG=$<CONFIG>" -D
    "GENERATOR=${CMAKE_GENERATOR}" -D "COMPILER=${CMAKE_CXX_COMPILER}" -D
    "FLAGS=${consumer_flags}" -P "${CMAKE_CURRENT_LIST_DIR}/consumer/run.cmake")
set_tests_properties(consumer.find_package PROPERTIES TIMEOUT 300)
