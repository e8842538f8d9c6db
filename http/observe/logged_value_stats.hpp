#pragma once

#include "troupe/specs/model/value_logger.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Keeps the last value, the sum and the count of every number, by model and
/// key; booleans count as 0 and 1, other values are not kept. Bounded.
/// Thread-safe.
class logged_value_stats final : public value_logger {
public:
  struct entry {
    std::string model = {};
    std::string key = {};
    double last = 0;
    double sum = 0;
    std::uint64_t count = 0;
  };

  explicit logged_value_stats(std::size_t max_entries = 1'000)
    : max_entries_(max_entries) {
    // nop
  }

  void process(std::string_view model, std::string_view key,
               const nlohmann::json& value) override;

  /// Returns all entries, by model and key.
  [[nodiscard]] std::vector<entry> entries() const;

private:
  std::size_t max_entries_;
  mutable std::mutex mutex_;
  /// Sorted by model and key.
  std::vector<entry> entries_;
};

} // namespace troupe
