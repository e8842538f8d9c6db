#include "troupe/actors/supervision/restart_budget.hpp"

#include <algorithm>

namespace troupe {

std::optional<std::chrono::milliseconds>
restart_budget::spend(time_point now, std::uint64_t input, double chance) {
  using std::chrono::milliseconds;
  while (!deaths_.empty() && now - deaths_.front().at > options_.window)
    deaths_.pop_front();
  auto same = std::find_if(deaths_.begin(), deaths_.end(), [&](const auto& x) {
    return input != 0 && x.input == input;
  });
  if (same != deaths_.end())
    ++same->times;
  else
    deaths_.push_back({now, input});
  if (deaths_.size() > options_.max_restarts)
    return std::nullopt;
  auto result = options_.initial_backoff;
  for (std::size_t i = 1; i < deaths_.size() && result < options_.max_backoff;
       ++i)
    result *= 2;
  result = std::min(result, options_.max_backoff);
  auto less = static_cast<double>(result.count()) / 4 * chance;
  return result - milliseconds{static_cast<milliseconds::rep>(less)};
}

std::size_t restart_budget::deaths_of(std::uint64_t input) const noexcept {
  auto i = std::find_if(deaths_.begin(), deaths_.end(), [&](const auto& x) {
    return input != 0 && x.input == input;
  });
  return i != deaths_.end() ? i->times : 0;
}

} // namespace troupe
