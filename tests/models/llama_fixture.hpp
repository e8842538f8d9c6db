#pragma once

#include "troupe/models/llama/llama_model.hpp"
#include "troupe/tests/support/recording_exchange.hpp"
#include "troupe/tests/support/tiny_gguf.hpp"

#include <gtest/gtest.h>

namespace troupe {

using nlohmann::json;
using recording_ptr = std::shared_ptr<recording_exchange>;

inline model_definition define(json options = json::object(),
                               std::filesystem::path path = "tiny.gguf") {
  model_registry registry;
  add_llama_model(registry);
  return (*registry.find("llama"))(
    {}, {"llama", std::move(path), std::move(options), tiny_folder()});
}

/// An llama_instance without actors; the test is its worker.
class llama_instance {
public:
  explicit llama_instance(json options = json::object())
    : llama_instance(define(std::move(options)), 0) {
    // nop
  }

  llama_instance(const model_definition& definition, std::uint32_t worker) {
    slot.index = worker;
    slot.model = "tiny";
    slot.log = [this](log_level, std::string_view text) {
      lines.emplace_back(text);
    };
    model = definition.make(slot);
    model->setup(slot);
    model->warmup();
  }

  recording_ptr ask(json document) const {
    auto result = make_sink<recording_exchange>();
    result->request.document = std::make_shared<json>(std::move(document));
    exchange_ptr ex = result;
    model->process({&ex, 1});
    return result;
  }

  void run() const {
    while (model->step() != progress::idle) {
    }
  }

  /// The whole answer to a request that runs alone.
  json answer(json document) const {
    document["stream"] = false;
    auto ex = ask(std::move(document));
    run();
    return whole(ex);
  }

  static json whole(const recording_ptr& ex) {
    if (!ex->answer) {
      ADD_FAILURE() << (ex->error ? ex->error->effective_detail().dump()
                                  : "no answer");
      return {};
    }
    return *ex->answer->body.json();
  }

  worker_slot slot;
  std::vector<std::string> lines;
  std::unique_ptr<troupe::model> model;
};

inline json greedy(const std::string& prompt, int max_tokens) {
  return {{"prompt", prompt},
          {"max_tokens", max_tokens},
          {"temperature", 0},
          {"ignore_eos", true}};
}

inline json item(const recording_ptr& ex, std::size_t i) {
  return *ex->items.at(i).json();
}

/// The text of all items.
inline std::string text_of(const recording_ptr& ex) {
  std::string result;
  for (const auto& x : ex->items)
    result += (*x.json())["content"].get<std::string>();
  return result;
}

/// What is wrong with the request, and the status.
inline std::pair<int, json> refusal(const recording_ptr& ex) {
  if (!ex->error)
    return {0, {}};
  return {ex->error->effective_status(), ex->error->effective_detail()};
}

} // namespace troupe
