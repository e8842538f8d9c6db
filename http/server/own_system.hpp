#pragma once

#include "troupe/http/cluster_options.hpp"

#include <caf/all.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// An actor system for a server in a program that has no actor system.
class own_system {
public:
  /// @param caf_options keys and values of CAF's configuration, in which
  ///        `check_caf_options` finds nothing wrong
  /// @throws std::runtime_error when the process may not have its threads
  explicit own_system(
    const std::vector<std::pair<std::string, std::string>>& caf_options,
    const cluster_options& cluster = {});

  own_system(const own_system&) = delete;
  own_system& operator=(const own_system&) = delete;

  [[nodiscard]] caf::actor_system& get() noexcept {
    return *system_;
  }

private:
  /// Outlives the system.
  caf::actor_system_config config_;
  std::optional<caf::actor_system> system_;
};

} // namespace troupe
