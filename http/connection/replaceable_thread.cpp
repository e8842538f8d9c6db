#include "troupe/http/connection/replaceable_thread.hpp"

#include <utility>

namespace troupe {

void replaceable_thread::start(std::function<void(return_gate&)> f) {
  auto gate = std::make_shared<return_gate>();
  std::promise<void> end;
  auto ended = end.get_future();
  thread_ =
    std::thread{[f = std::move(f), gate, end = std::move(end)]() mutable {
      f(*gate);
      end.set_value();
    }};
  ended_ = std::move(ended);
  gate_ = std::move(gate);
}

bool replaceable_thread::left_behind_before(const std::future<void>& x,
                                            milliseconds patience) {
  const auto visit = gate_->last_visit();
  if (x.wait_for(patience) == std::future_status::ready || !gate_->close(visit))
    return false;
  thread_.detach();
  ++lost_;
  return true;
}

void replaceable_thread::join(milliseconds patience) {
  while (runs()
         && ended_.wait_for(milliseconds{0}) != std::future_status::ready)
    left_behind_before(ended_, patience);
  if (runs())
    thread_.join();
}

} // namespace troupe
