#include "troupe/http/wire/request_timeout.hpp"

#include "troupe/specs/text/text.hpp"

#include <algorithm>
#include <cstdint>

namespace troupe {

std::optional<std::chrono::milliseconds>
parse_request_timeout(std::string_view text) noexcept {
  constexpr std::int64_t max_ms = 86'400'000;
  auto point = text.find('.');
  auto whole = text.substr(0, point);
  auto fraction =
    point == std::string_view::npos ? "0" : text.substr(point + 1);
  auto digits = [](std::string_view x) {
    constexpr std::size_t most = 9;
    return x.size() <= most && is_digits(x);
  };
  if (!digits(whole) || !digits(fraction))
    return std::nullopt;
  std::int64_t ms = 0;
  for (auto c : whole)
    ms = ms * 10 + (c - '0');
  ms *= 1000;
  std::int64_t scale = 100;
  for (auto c : fraction) {
    ms += (c - '0') * scale;
    scale /= 10;
  }
  if (ms <= 0 || ms > max_ms)
    return std::nullopt;
  return std::chrono::milliseconds{ms};
}

} // namespace troupe
