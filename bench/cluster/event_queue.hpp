#pragma once

#include "troupe/specs/exchange/time_budget.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace troupe::bench {

/// A clock that jumps from event to event. Events of one time happen in the
/// order in which they were planned.
class event_queue {
public:
  using duration = deadline_clock::duration;
  using time_point = deadline_clock::time_point;

  [[nodiscard]] time_point now() const noexcept {
    return now_;
  }

  /// Plans `f` for a time from now; zero is after what is planned for now.
  void after(duration delay, std::function<void()> f) {
    planned_.push_back({now_ + delay, ++last_, std::move(f)});
    std::push_heap(planned_.begin(), planned_.end(), later);
  }

  /// Lets the next event happen. @returns whether there was one
  bool step() {
    if (planned_.empty())
      return false;
    std::pop_heap(planned_.begin(), planned_.end(), later);
    auto next = std::move(planned_.back());
    planned_.pop_back();
    now_ = next.at;
    next.f();
    return true;
  }

private:
  struct event {
    time_point at;
    std::uint64_t number;
    std::function<void()> f;
  };

  static bool later(const event& lhs, const event& rhs) {
    return lhs.at != rhs.at ? lhs.at > rhs.at : lhs.number > rhs.number;
  }

  // Never 0, which an exchange takes for "not started".
  time_point now_{std::chrono::hours{1}};
  std::uint64_t last_ = 0;
  std::vector<event> planned_;
};

} // namespace troupe::bench
