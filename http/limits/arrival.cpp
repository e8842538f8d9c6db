#include "troupe/http/limits/arrival.hpp"

#include <algorithm>

namespace troupe {

namespace {

using std::chrono::milliseconds;

/// The sum of what is bounded stays far from the clock's end.
constexpr milliseconds longest = std::chrono::hours{24 * 365};

} // namespace

arrival::time_point arrival::bounded(time_point due) const noexcept {
  if (limits_->receive_timeout.count() <= 0)
    return due;
  return std::min(due, began_ + limits_->receive_timeout);
}

arrival::time_point arrival::await_header(time_point now) noexcept {
  began_ = std::min(began_, now);
  return bounded(began_ + limits_->header_timeout);
}

arrival::time_point arrival::await_body(time_point now) noexcept {
  began_ = std::min(began_, now);
  body_began_ = std::min(body_began_, now);
  auto due = now + limits_->body_timeout;
  if (auto rate = limits_->min_body_bytes_per_second; rate > 0) {
    auto earned =
      std::min(static_cast<double>(bytes_) * 1000.0 / static_cast<double>(rate),
               static_cast<double>(longest.count()));
    due = std::min(due, body_began_ + limits_->body_timeout
                          + milliseconds{static_cast<std::int64_t>(earned)});
  }
  return bounded(due);
}

} // namespace troupe
