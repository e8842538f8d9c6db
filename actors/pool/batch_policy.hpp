#pragma once

#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/specs/model/model.hpp"

#include <cstddef>
#include <optional>

namespace troupe {

/// Decides when a batch closes: at `max_size` items, or `max_delay` after its
/// first item came. Pure; the caller brings the time.
class batch_policy {
public:
  using time_point = deadline_clock::time_point;

  explicit batch_policy(batch_options options) noexcept : options_(options) {
    // nop
  }

  /// Whether items are ever held back.
  [[nodiscard]] bool delays() const noexcept {
    return options_.max_size > 1 && options_.max_delay.count() > 0;
  }

  /// @param waiting how many items wait
  /// @param first when the oldest of them came
  /// @returns how many items to take now; 0 means that the batch stays open.
  [[nodiscard]] std::size_t close(std::size_t waiting, time_point first,
                                  time_point now) const noexcept {
    if (waiting >= options_.max_size)
      return options_.max_size;
    if (waiting == 0 || (delays() && now < closes_at(first)))
      return 0;
    return waiting;
  }

  /// @returns when a batch whose first item came at `first` closes at the
  ///          latest.
  [[nodiscard]] time_point closes_at(time_point first) const noexcept {
    return first + options_.max_delay;
  }

private:
  batch_options options_;
};

} // namespace troupe
