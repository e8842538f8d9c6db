#pragma once

#include "troupe/models/builtin.hpp"
#include "troupe/tests/support/recording_exchange.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>

/// Runs built-in models without a runtime.
namespace troupe::builtin_fixture {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using recorder = std::shared_ptr<recording_exchange>;

inline recorder raw(std::string body, std::string_view content_type = "") {
  auto result = make_sink<recording_exchange>();
  result->request.body = std::move(body);
  if (!content_type.empty())
    result->request.headers.add("Content-Type", content_type);
  return result;
}

inline recorder ask(const json& body) {
  return raw(body.dump());
}

/// A model that is set up, in the slot of that number.
inline std::unique_ptr<model> instance(const model_definition& definition,
                                       std::uint32_t index = 0,
                                       log_sink log = no_log()) {
  worker_slot slot{"m", index, "cpu", std::move(log)};
  auto result = definition.make(slot);
  result->setup(slot);
  return result;
}

inline model_config with(json options) {
  model_config result;
  result.options = std::move(options);
  return result;
}

inline void process(model& m, const std::vector<recorder>& xs) {
  std::vector<exchange_ptr> batch(xs.begin(), xs.end());
  m.process(batch);
}

inline recorder run(const model_definition& definition, const recorder& ex) {
  process(*instance(definition), {ex});
  EXPECT_TRUE(ex->ended());
  return ex;
}

/// The JSON of a 200, or null.
inline json answer_of(const recorder& ex) {
  if (!ex->answer || ex->answer->status != 200 || !ex->answer->body.json())
    return nullptr;
  return *ex->answer->body.json();
}

inline int status_of_failure(const recorder& ex) {
  return ex->error ? ex->error->effective_status() : 0;
}

/// The place that a 422 blames, e.g. `["body","input"]`.
inline json blamed(const recorder& ex) {
  if (status_of_failure(ex) != 422)
    return status_of_failure(ex);
  return ex->error->effective_detail()[0]["loc"];
}

/// The indexes of a stream's items.
inline std::vector<int> indexes(const recorder& ex) {
  std::vector<int> result;
  for (auto& item : ex->items)
    result.push_back(item.json()->at("index").get<int>());
  return result;
}

} // namespace troupe::builtin_fixture
