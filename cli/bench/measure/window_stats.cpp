#include "troupe/cli/bench/measure/window_stats.hpp"

#include <numeric>

namespace troupe::load {

const char* to_string(failure what) noexcept {
  switch (what) {
    case failure::connect:
      return "connect";
    case failure::closed:
      return "closed";
    case failure::timeout:
      return "timeout";
    case failure::malformed:
      return "malformed";
    case failure::unfinished:
      return "unfinished";
  }
  return "unknown";
}

void window_stats::merge(const window_stats& other) {
  latency.merge(other.latency);
  error_latency.merge(other.error_latency);
  service_time.merge(other.service_time);
  first_item.merge(other.first_item);
  between_items.merge(other.between_items);
  completed += other.completed;
  items += other.items;
  for (auto [status, count] : other.statuses)
    statuses[status] += count;
  for (std::size_t i = 0; i < failures.size(); ++i)
    failures[i] += other.failures[i];
  bytes_sent += other.bytes_sent;
  bytes_received += other.bytes_received;
  late += other.late;
  queued += other.queued;
}

histogram window_stats::latency_with_slow_errors() const {
  auto result = latency;
  if (latency.count() == 0)
    return result;
  auto median = latency.percentile(50);
  for (const auto& x : error_latency.buckets())
    if (x.highest > median)
      result.record(x.highest, x.count);
  return result;
}

std::uint64_t window_stats::answers() const {
  return std::accumulate(
    statuses.begin(), statuses.end(), std::uint64_t{0},
    [](std::uint64_t sum, const auto& x) { return sum + x.second; });
}

std::uint64_t window_stats::errors() const {
  auto result =
    std::accumulate(failures.begin(), failures.end(), std::uint64_t{0});
  for (auto [status, count] : statuses)
    if (status >= 400)
      result += count;
  return result;
}

std::uint64_t window_stats::requests() const {
  return std::accumulate(failures.begin(), failures.end(), answers());
}

} // namespace troupe::load
