#pragma once

#include "troupe/models/registry.hpp"
#include "troupe/tests/support/recording_exchange.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::onnx_test {

using namespace std::chrono_literals;
using nlohmann::json;
using recording_ptr = std::shared_ptr<recording_exchange>;
namespace fs = std::filesystem;

inline const fs::path data_dir =
  fs::path{TROUPE_SOURCE_DIR} / "examples/digits/data";

inline model_definition define(const model_config& config) {
  model_registry registry;
  add_onnx_model(registry);
  return (*registry.find("onnx"))({}, config);
}

inline model_definition digits(json options = json::object()) {
  return define({"onnx", "digits.onnx", std::move(options), data_dir});
}

inline std::unique_ptr<model> start(const model_definition& definition,
                                    log_sink log = no_log()) {
  worker_slot slot{"digits", 0, "cpu", std::move(log)};
  auto result = definition.make(slot);
  result->setup(slot);
  return result;
}

inline recording_ptr post(json document) {
  auto result = make_sink<recording_exchange>();
  result->request.document = std::make_shared<json>(std::move(document));
  return result;
}

inline recording_ptr post_bytes(std::string body, std::string_view type) {
  auto result = make_sink<recording_exchange>();
  result->request.body = std::move(body);
  result->request.headers.add("Content-Type", type);
  return result;
}

inline void run(model& m, const std::vector<recording_ptr>& xs) {
  std::vector<exchange_ptr> batch{xs.begin(), xs.end()};
  m.process(batch);
  for (const auto& x : xs)
    ASSERT_TRUE(x->wait(0ms));
}

inline json answer_of(const recording_ptr& x) {
  if (!x->answer) {
    ADD_FAILURE() << "failed: " << x->error->effective_detail().dump();
    return {};
  }
  return *x->answer->body.json();
}

inline int status_of(const recording_ptr& x) {
  return x->error ? x->error->effective_status() : x->answer->status;
}

inline json answer_to(model& m, const recording_ptr& x) {
  run(m, {x});
  return answer_of(x);
}

inline std::string complaint_about(model& m, const recording_ptr& x) {
  run(m, {x});
  if (!x->error || x->error->effective_status() != 422)
    return "no 422";
  return x->error->effective_detail().at(0).at("msg").get<std::string>();
}

} // namespace troupe::onnx_test
