#include "troupe/http/observe/logged_value_stats.hpp"

#include <algorithm>
#include <tuple>

namespace troupe {

void logged_value_stats::process(std::string_view model, std::string_view key,
                                 const nlohmann::json& value) {
  double x = 0;
  if (value.is_number())
    x = value.get<double>();
  else if (value.is_boolean())
    x = value.get<bool>() ? 1 : 0;
  else
    return;
  std::unique_lock guard{mutex_};
  auto name = std::tuple{model, key};
  auto i = std::lower_bound(
    entries_.begin(), entries_.end(), name, [](const entry& e, const auto& n) {
      return std::tuple<std::string_view, std::string_view>{e.model, e.key} < n;
    });
  if (i == entries_.end() || i->model != model || i->key != key) {
    if (entries_.size() >= max_entries_)
      return;
    i = entries_.insert(i, {std::string{model}, std::string{key}, 0, 0, 0});
  }
  i->last = x;
  i->sum += x;
  ++i->count;
}

std::vector<logged_value_stats::entry> logged_value_stats::entries() const {
  std::unique_lock guard{mutex_};
  return entries_;
}

} // namespace troupe
