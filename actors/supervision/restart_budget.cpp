#include "troupe/actors/supervision/restart_budget.hpp"

#include <algorithm>

namespace troupe {

std::optional<std::chrono::milliseconds> restart_budget::spend(time_point now) {
  while (!deaths_.empty() && now - deaths_.front() > options_.window)
    deaths_.pop_front();
  deaths_.push_back(now);
  if (deaths_.size() > options_.max_restarts)
    return std::nullopt;
  auto result = options_.initial_backoff;
  for (std::size_t i = 1; i < deaths_.size() && result < options_.max_backoff;
       ++i)
    result *= 2;
  return std::min(result, options_.max_backoff);
}

} // namespace troupe
