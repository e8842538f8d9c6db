#pragma once

#include "troupe/http/limits/connection_times.hpp"
#include "troupe/http/limits/timer_wheel.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace troupe {

/// What a connection still takes when the server ends: the requests whose bytes
/// were there when that was first looked at, and no more; and for a bounded
/// time the rest of a request of which only a part had come.
class last_input {
public:
  using time_point = timer_wheel::time_point;

  /// Returns whether bytes are left of those that were there.
  /// @param count returns how many are there; called once
  template <class F>
  bool owes(F&& count) {
    if (!left_)
      left_ = count();
    return *left_ > 0;
  }

  /// So many bytes were read.
  void take(std::size_t bytes) noexcept {
    if (left_)
      *left_ -= std::min(*left_, bytes);
  }

  /// Returns when the rest of a request must have come, however slowly it
  /// comes.
  [[nodiscard]] time_point bounded(time_point due, time_point now) {
    if (!rest_due_)
      rest_due_ = now + connection_times::rest_of_request;
    return std::min(due, *rest_due_);
  }

private:
  std::optional<std::size_t> left_;
  std::optional<time_point> rest_due_;
};

} // namespace troupe
