#pragma once

#include <string>
#include <utility>

namespace troupe {

/// What is counted of one model, under its name: a model that replaces another
/// one goes on with its counts. Made by the status board, which keeps it until
/// the server's end, so that a request may point to it. Thread-safe.
class model_series {
public:
  explicit model_series(std::string name) : name_(std::move(name)) {
    // nop
  }

  model_series(const model_series&) = delete;
  model_series& operator=(const model_series&) = delete;

  [[nodiscard]] const std::string& name() const noexcept {
    return name_;
  }

private:
  std::string name_;
};

} // namespace troupe
