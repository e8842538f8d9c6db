#pragma once

#include <cstddef>
#include <string_view>

namespace troupe {

/// The calls of one spec that can be stopped by name; see `model_call::name`.
/// Thread-safe.
class call_stopper {
public:
  virtual ~call_stopper() = default;

  /// Ends the open calls of that name with `errc::cancelled`: what waits is
  /// dropped, what runs sees `context::cancelled()`.
  /// @returns how many it ended
  virtual std::size_t stop(std::string_view name) = 0;
};

} // namespace troupe
