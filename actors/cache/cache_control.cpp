#include "troupe/actors/cache/cache_control.hpp"

#include "troupe/specs/text/text.hpp"

#include <algorithm>
#include <string_view>

namespace troupe {

namespace {

/// Calls `f(name, value)` for each directive of each field of that name.
template <class F>
void each_directive(const header_map& headers, F f) {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (!iequals(headers[i].name, "Cache-Control"))
      continue;
    auto rest = headers[i].value;
    while (!rest.empty()) {
      auto end = std::min(rest.find(','), rest.size());
      auto item = trimmed(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      auto equals = std::min(item.find('='), item.size());
      auto value = item.substr(std::min(equals + 1, item.size()));
      f(trimmed(item.substr(0, equals)), trimmed(value));
    }
  }
}

/// Reads seconds, with or without quotes, up to the largest number that RFC
/// 9111 asks for.
std::chrono::seconds seconds_of(std::string_view text) {
  constexpr std::int64_t most = 2'147'483'648;
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  std::int64_t result = 0;
  for (auto c : text) {
    if (!is_digit(c))
      return std::chrono::seconds{0};
    result = std::min(result * 10 + (c - '0'), most);
  }
  return std::chrono::seconds{result};
}

} // namespace

cache_control read_cache_control(const header_map& headers) {
  cache_control result;
  auto found = false;
  each_directive(headers, [&](std::string_view name, std::string_view value) {
    found = true;
    if (iequals(name, "no-store"))
      result.no_store = true;
    else if (iequals(name, "no-cache"))
      result.no_cache = true;
    else if (iequals(name, "only-if-cached"))
      result.only_if_cached = true;
    else if (iequals(name, "max-age"))
      result.max_age = seconds_of(value);
    else if (iequals(name, "min-fresh"))
      result.min_fresh = seconds_of(value);
  });
  if (!found)
    if (auto pragma = headers.find("Pragma"))
      result.no_cache = iequals(trimmed(*pragma), "no-cache");
  return result;
}

bool may_be_kept(const header_map& headers) {
  auto result = !headers.find("Set-Cookie") && !headers.find("Vary");
  each_directive(headers, [&](std::string_view name, std::string_view) {
    if (iequals(name, "no-store") || iequals(name, "no-cache")
        || iequals(name, "private"))
      result = false;
  });
  return result;
}

} // namespace troupe
