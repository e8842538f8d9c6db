#pragma once

#include "troupe/specs/spec/model_call.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <variant>

namespace troupe {

/// What a handler gives back: an answer, or calls of models.
class outcome {
public:
  /// 204.
  outcome() : value_(reply{204, {}, {}}) {
    // nop
  }

  /*implicit*/ outcome(reply r) : value_(std::move(r)) {
    // nop
  }

  /*implicit*/ outcome(model_call c) : value_(std::move(c)) {
    // nop
  }

  /*implicit*/ outcome(model_calls c) : value_(std::move(c)) {
    // nop
  }

  /*implicit*/ outcome(nlohmann::json document)
    : value_(json_reply(std::move(document))) {
    // nop
  }

  /*implicit*/ outcome(std::string text) : value_(text_reply(std::move(text))) {
    // nop
  }

  /*implicit*/ outcome(const char* text) : outcome(std::string{text}) {
    // nop
  }

  [[nodiscard]] reply* answer() noexcept {
    return std::get_if<reply>(&value_);
  }

  [[nodiscard]] model_call* call() noexcept {
    return std::get_if<model_call>(&value_);
  }

  [[nodiscard]] model_calls* calls() noexcept {
    return std::get_if<model_calls>(&value_);
  }

private:
  std::variant<reply, model_call, model_calls> value_;
};

} // namespace troupe
