#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>

namespace troupe::load {

/// What `after` is to `before`, level by level; of two searches: what they
/// found.
struct comparison {
  /// With a warning for each fact in which the reports differ.
  std::string text;
  /// The largest loss: of rate or of the rate that a search found, growth of
  /// p50, p99 or of the share of errors; 0.1 is 10 %. A level that is missing
  /// in `after` is lost whole.
  double worst = 0;
  /// How many could be compared.
  std::size_t levels = 0;
};

comparison compare(const nlohmann::ordered_json& before,
                   const nlohmann::ordered_json& after);

} // namespace troupe::load
