#pragma once

#include "troupe/tests/integration/library.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <utility>

namespace troupe {

/// Squares a number, and counts its calls.
struct counted_square {
  explicit counted_square(std::shared_ptr<std::atomic<int>> n)
    : calls(std::move(n)) {
    // nop
  }

  double predict(double x) {
    ++*calls;
    return x * x;
  }

  std::shared_ptr<std::atomic<int>> calls;
};

/// Returns it with a cache that keeps every answer.
inline model_definition cached_square(const std::string& name,
                                      std::shared_ptr<std::atomic<int>> calls) {
  auto result = make_model<counted_square>(named(name), std::move(calls));
  result.cache.max_bytes = 1'000'000;
  return result;
}

} // namespace troupe
