# Every dependency in one place: Debian package, licence, who uses it.
#
# | package              | licence      | used by                       |
# | -------------------- | ------------ | ----------------------------- |
# | libcaf-dev           | BSD-3/BSL-1  | actors, http                  |
# | libboost1.81-dev     | BSL-1        | http, cli (Asio, Beast, URL)  |
# | nlohmann-json3-dev   | MIT          | all                           |
# | libcli11-dev         | BSD-3        | cli                           |
# | libpng-dev           | libpng       | models (image input)          |
# | zlib1g-dev           | Zlib         | http (gzip)                   |
# | libssl-dev           | Apache-2.0   | cli (https in troupe bench),  |
# |                      |              | actors (secrets of clusters)  |
# | libgtest-dev         | BSD-3        | tests                         |
# | libbenchmark-dev     | Apache-2.0   | bench                         |
# | ONNX Runtime 1.30    | MIT          | models/onnx, optional; see    |
# |                      |              | scripts/get-onnxruntime.sh    |
# | llama.cpp 0.5        | MIT          | models/llama, optional; see   |
# |                      |              | scripts/get-llama.sh          |
# | openai (npm) 6.49    | Apache-2.0   | tests/clients; see            |
# |                      |              | scripts/get-clients.sh        |
# | @modelcontextprotocol/sdk (npm) 1.32 | MIT | the same               |
find_package(Threads REQUIRED)
find_package(CAF REQUIRED COMPONENTS core io openssl)
find_package(Boost 1.81 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 2 REQUIRED)
find_package(PNG REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED)
if(TROUPE_WITH_ONNX)
  find_package(OnnxRuntime QUIET)
endif()
if(TROUPE_WITH_LLAMA)
  find_package(Llama QUIET)
endif()
if(TROUPE_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()
if(TROUPE_BUILD_BENCH)
  find_package(benchmark REQUIRED)
endif()
