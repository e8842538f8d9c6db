#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace troupe {

/// Answers that are kept and given again to equal requests, see
/// docs/caching.md.
struct cache_options {
  /// Keys, answers and what keeps them take no more; 0 switches it off.
  std::size_t max_bytes = 0;
  /// How long an answer is good; zero means as long as the model.
  std::chrono::milliseconds ttl{60'000};
  /// The request headers that an answer depends on.
  std::vector<std::string> vary = {};

  [[nodiscard]] bool enabled() const noexcept {
    return max_bytes > 0;
  }

  /// @returns what is wrong, or "".
  [[nodiscard]] std::string validate() const;
};

} // namespace troupe
