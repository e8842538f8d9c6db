#include "troupe/specs/values/method.hpp"

#include <array>

namespace troupe {

namespace {

constexpr std::array<std::string_view, 8> names{
  "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "unknown"};

} // namespace

std::string_view to_string(method m) noexcept {
  return names[static_cast<std::size_t>(m)];
}

method method_from(std::string_view token) noexcept {
  for (std::size_t i = 0; i + 1 < names.size(); ++i)
    if (names[i] == token)
      return static_cast<method>(i);
  return method::unknown;
}

std::string to_string(method_set ms) {
  std::string result;
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    if (!ms.contains(static_cast<method>(i)))
      continue;
    if (!result.empty())
      result += ", ";
    result += names[i];
  }
  return result;
}

} // namespace troupe
