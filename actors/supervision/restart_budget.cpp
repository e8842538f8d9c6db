#include "troupe/actors/supervision/restart_budget.hpp"

#include <algorithm>

namespace troupe {

std::chrono::milliseconds backoff_after(const restart_options& options,
                                        std::size_t n, double chance) {
  using std::chrono::milliseconds;
  auto result = options.initial_backoff;
  for (std::size_t i = 1;
       i < n && result.count() > 0 && result < options.max_backoff; ++i)
    result *= 2;
  result = std::min(result, options.max_backoff);
  auto less = static_cast<double>(result.count()) / 4 * chance;
  return result - milliseconds{static_cast<milliseconds::rep>(less)};
}

std::optional<std::chrono::milliseconds>
restart_budget::spend(time_point now, std::uint64_t input, double chance) {
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
  return backoff_after(options_, deaths_.size(), chance);
}

std::size_t restart_budget::deaths_of(std::uint64_t input) const noexcept {
  auto i = std::find_if(deaths_.begin(), deaths_.end(), [&](const auto& x) {
    return input != 0 && x.input == input;
  });
  return i != deaths_.end() ? i->times : 0;
}

} // namespace troupe
