#include "troupe/specs/exchange/time_budget.hpp"

#include <algorithm>

namespace troupe {

namespace {

using time_point = time_budget::time_point;
using std::chrono::milliseconds;

milliseconds idle_of(const time_limits& x) noexcept {
  return x.stream_idle.value_or(x.timeout);
}

/// The earliest of some limits; zero bounds nothing.
class earliest {
public:
  explicit earliest(time_point first) noexcept : at_(first) {
    // nop
  }

  void bound(time_point from, milliseconds limit) noexcept {
    if (limit.count() > 0)
      at_ = std::min(at_, from + limit);
  }

  [[nodiscard]] time_point at() const noexcept {
    return at_;
  }

private:
  time_point at_;
};

} // namespace

void time_budget::hand_on(const time_limits& model) noexcept {
  auto set = [](std::atomic<rep>& x, milliseconds limit) {
    x.store(limit.count(), std::memory_order_relaxed);
  };
  set(model_timeout_, model.timeout);
  set(model_queue_, model.queue);
  set(model_execution_, model.execution);
  set(model_idle_, idle_of(model));
  set(model_slow_reader_, model.slow_reader);
  started_.store(0, std::memory_order_release);
}

time_budget::time_point time_budget::due() const noexcept {
  earliest result{deadline_};
  const auto streaming = streams();
  if (!streaming) {
    result.bound(created_, own_.timeout);
    result.bound(created_, load(model_timeout_));
  }
  auto begun = started_.load(std::memory_order_acquire);
  if (begun == 0) {
    result.bound(created_, own_.queue);
    result.bound(created_, load(model_queue_));
    return result.at();
  }
  time_point start{clock::duration{begun}};
  time_point item{clock::duration{touched_.load(std::memory_order_relaxed)}};
  result.bound(start, own_.execution);
  result.bound(start, load(model_execution_));
  result.bound(item, idle_of(own_));
  result.bound(item, load(model_idle_));
  return result.at();
}

bool time_budget::can_make(time_point begin,
                           clock::duration work) const noexcept {
  earliest end{deadline_};
  end.bound(created_, own_.timeout);
  end.bound(created_, load(model_timeout_));
  return begin < due() && begin + work < end.at();
}

time_budget::time_point time_budget::next_look(time_point now) const noexcept {
  earliest result{due()};
  if (started())
    return result.at();
  for (auto limit : {own_.execution, idle_of(own_), load(model_execution_),
                     load(model_idle_)})
    result.bound(now, limit);
  return result.at();
}

} // namespace troupe
