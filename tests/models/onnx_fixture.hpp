#pragma once

#include "troupe/models/registry.hpp"
#include "troupe/tests/support/onnx_file.hpp"
#include "troupe/tests/support/recording_exchange.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace troupe {

using namespace std::chrono_literals;
using nlohmann::json;
using recording_ptr = std::shared_ptr<recording_exchange>;
namespace fs = std::filesystem;

inline const fs::path data_dir =
  fs::path{TROUPE_SOURCE_DIR} / "examples/digits/data";

/// @param batch how many requests a worker gets at once
inline model_definition define(const model_config& config,
                               std::size_t batch = 1) {
  model_registry registry;
  add_onnx_model(registry);
  model_options options;
  options.batch.max_size = batch;
  return (*registry.find("onnx"))(options, config);
}

inline model_definition digits(json options = json::object()) {
  return define({"onnx", "digits.onnx", std::move(options), data_dir}, 16);
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

/// Keeps small generated models for the time of a test.
class saved_model {
public:
  explicit saved_model(const std::string& bytes)
    : dir_(fs::temp_directory_path()
           / ("troupe-onnx-" + std::to_string(getpid()))) {
    fs::create_directories(dir_);
    std::ofstream{dir_ / "m.onnx", std::ios::binary} << bytes;
  }

  explicit saved_model(const onnx_file& file) : saved_model(file.write()) {
    // nop
  }

  ~saved_model() {
    fs::remove_all(dir_);
  }

  /// @param batch how many requests a worker gets at once
  [[nodiscard]] model_definition
  definition(std::size_t batch = 1, json options = json::object()) const {
    return define({"onnx", "m.onnx", std::move(options), dir_}, batch);
  }

  /// Returns where the config is refused, and why.
  [[nodiscard]] std::pair<std::string, std::string>
  refusal(std::size_t batch = 1, json options = json::object()) const {
    try {
      (void)definition(batch, std::move(options));
    } catch (const model_config_error& e) {
      return {e.where(), e.what()};
    }
    return {"none", "no error"};
  }

  [[nodiscard]] fs::path path() const {
    return dir_ / "m.onnx";
  }

private:
  fs::path dir_;
};

/// Returns the message of an exception in `f`.
template <class F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const std::exception& e) {
    return e.what();
  }
  return "no exception";
}

} // namespace troupe
