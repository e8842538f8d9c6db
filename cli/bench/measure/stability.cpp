#include "troupe/cli/bench/measure/stability.hpp"

#include <algorithm>

namespace troupe::load {

bool stability_rule::stable(const std::vector<window_summary>& all) const {
  if (windows == 0 || all.size() < windows)
    return false;
  auto first = all.end() - static_cast<std::ptrdiff_t>(windows);
  auto agree = [&](auto value) {
    auto less = [&](const auto& a, const auto& b) {
      return value(a) < value(b);
    };
    auto low = value(*std::min_element(first, all.end(), less));
    auto high = value(*std::max_element(first, all.end(), less));
    return low > 0 && high <= low * (1 + tolerance);
  };
  return agree([](const window_summary& x) { return x.rate; })
         && agree([](const window_summary& x) {
              return static_cast<double>(x.latency.count());
            });
}

} // namespace troupe::load
