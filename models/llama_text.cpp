#include "troupe/models/llama_text.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

std::string stop_matcher::push(std::string_view text) {
  if (stopped_)
    return {};
  held_ += text;
  auto first = std::string::npos;
  for (const auto& stop : stops_)
    first = std::min(first, held_.find(stop));
  stopped_ = first != std::string::npos;
  auto sure = stopped_ ? first : held_.size() - open_end();
  auto result = held_.substr(0, sure);
  if (stopped_)
    held_.clear();
  else
    held_.erase(0, sure);
  return result;
}

std::string stop_matcher::finish() {
  return std::exchange(held_, {});
}

std::size_t stop_matcher::open_end() const noexcept {
  std::size_t longest = 0;
  for (const auto& stop : stops_) {
    auto n = std::min(stop.size() - 1, held_.size());
    while (n > longest
           && !std::string_view{held_}.ends_with(
             std::string_view{stop}.substr(0, n)))
      --n;
    longest = std::max(longest, n);
  }
  return longest;
}

} // namespace troupe
