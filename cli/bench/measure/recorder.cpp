#include "troupe/cli/bench/measure/recorder.hpp"

namespace troupe::load {

recorder::recorder(time_point start, duration window, bool open_loop)
  : start_(start), window_(window), open_loop_(open_loop) {
  // nop
}

window_stats* recorder::at(time_point t) {
  if (t < start_)
    return nullptr;
  auto index = static_cast<std::size_t>((t - start_) / window_);
  if (index >= windows_.size())
    windows_.resize(index + 1);
  return &windows_[index];
}

void recorder::sent(time_point planned, std::size_t bytes) {
  if (auto* x = at(planned))
    x->bytes_sent += bytes;
}

void recorder::sent_directly(time_point planned, time_point now) {
  if (now - planned <= late_after)
    return;
  if (auto* x = at(planned))
    ++x->late;
}

void recorder::queued(time_point planned) {
  if (auto* x = at(planned))
    ++x->queued;
}

void recorder::received(time_point now, std::size_t bytes) {
  if (auto* x = at(now))
    x->bytes_received += bytes;
}

void recorder::items(time_point planned, time_point last, time_point now,
                     std::size_t count) {
  if (auto* x = at(now))
    x->items += count;
  auto* x = at(planned);
  if (x == nullptr || count == 0)
    return;
  if (last == time_point{}) {
    x->first_item.record(now - planned);
    --count;
    last = now;
  }
  if (count == 0)
    return;
  // The first of these ended the gap; the others came with it.
  x->between_items.record(now - last);
  x->between_items.record(duration::zero(), count - 1);
}

void recorder::answered(time_point planned, time_point sent, time_point now,
                        unsigned status) {
  auto good = status < 400;
  if (good) {
    if (auto* x = at(now)) {
      ++x->completed;
      count_second(now);
    }
  }
  auto* x = at(planned);
  if (x == nullptr)
    return;
  ++x->statuses[status];
  if (!good) {
    x->error_latency.record(now - planned);
    return;
  }
  x->latency.record(now - planned);
  if (open_loop_)
    x->service_time.record(now - sent);
}

void recorder::failed(time_point planned, failure what, time_point now) {
  auto* x = at(planned);
  if (x == nullptr)
    return;
  x->fail(what);
  x->error_latency.record(now - planned);
}

void recorder::count_second(time_point now) {
  auto index =
    static_cast<std::size_t>((now - start_) / std::chrono::seconds{1});
  if (index >= each_second_.size())
    each_second_.resize(index + 1);
  ++each_second_[index];
}

const window_stats& recorder::window(std::size_t index) const {
  static const window_stats none;
  return index < windows_.size() ? windows_[index] : none;
}

} // namespace troupe::load
