#include "troupe/specs/input/nearest.hpp"

#include "troupe/specs/json/json.hpp"
#include "troupe/specs/text/text.hpp"

#include <algorithm>

namespace troupe {

namespace {

std::string folded(std::string_view x) {
  std::string result{x};
  for (auto& c : result)
    c = c == '-' ? '_' : lower(c);
  return result;
}

} // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the usual table: two back, the last, and the current one.
  std::vector<std::size_t> older(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], older[j - 2] + 1);
    }
    older.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::string nearest_name(std::string_view name,
                         const std::vector<std::string>& known) {
  // A word of this length is a pasted value, not a typo.
  constexpr std::size_t longest = 64;
  if (name.size() > longest)
    return {};
  auto wanted = folded(name);
  auto best = (name.size() + 2) / 3 + 1;
  std::string result;
  for (const auto& candidate : known) {
    auto distance = edit_distance(wanted, folded(candidate));
    if (distance < best) {
      best = distance;
      result = candidate;
    }
  }
  return result;
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string result;
  for (const auto& name : names) {
    if (!result.empty())
      result += ", ";
    result += dump_json(name);
  }
  return result;
}

std::string unknown_name(std::string_view what, std::string_view name,
                         const std::vector<std::string>& known) {
  auto result = "unknown " + std::string{what} + ' ' + dump_json(clipped(name));
  if (auto near = nearest_name(name, known); !near.empty())
    result += ", did you mean " + dump_json(near) + '?';
  else if (!known.empty())
    result += "; known here: " + quoted_list(known);
  return result;
}

} // namespace troupe
