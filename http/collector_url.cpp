#include "troupe/http/collector_url.hpp"

#include "troupe/specs/text/text.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace troupe {

namespace {

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;

bool is_host(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || c == '.' || c == '-' || c == '_'
           || c == ':';
  });
}

std::optional<std::uint16_t> port_from(std::string_view text) noexcept {
  std::uint16_t result = 0;
  const auto* end = text.data() + text.size();
  auto [at, ec] = std::from_chars(text.data(), end, result);
  if (ec != std::errc{} || at != end || result == 0)
    return std::nullopt;
  return result;
}

} // namespace

std::variant<collector_url, std::string>
parse_collector_url(std::string_view text) {
  using namespace std::string_literals;
  constexpr std::string_view plain = "http://";
  constexpr std::string_view secure = "https://";
  const auto expected = "expected a URL such as http://127.0.0.1:4318"s;
  collector_url result;
  result.tls = text.starts_with(secure);
  if (!result.tls && !text.starts_with(plain))
    return expected;
  text.remove_prefix(result.tls ? secure.size() : plain.size());
  if (text.find_first_of("?#@") != text.npos)
    return expected + ", without a user, a query or a fragment";
  if (!std::all_of(text.begin(), text.end(),
                   [](char c) { return c > 0x20 && c < 0x7F; }))
    return expected + ", with nothing but visible ASCII";
  const auto slash = std::min(text.find('/'), text.size());
  result.path = slash < text.size() ? text.substr(slash) : "/";
  auto place = text.substr(0, slash);
  result.port = result.tls ? https_port : http_port;
  std::string_view port;
  if (place.starts_with('[')) {
    const auto end = place.find(']');
    if (end == place.npos)
      return expected;
    result.host = place.substr(1, end - 1);
    port = place.substr(end + 1);
  } else {
    const auto colon = std::min(place.find(':'), place.size());
    result.host = place.substr(0, colon);
    port = place.substr(colon);
  }
  if (!is_host(result.host))
    return expected;
  if (!port.empty()) {
    const auto number =
      port.front() == ':' ? port_from(port.substr(1)) : std::nullopt;
    if (!number)
      return expected + ", with a port from 1 to 65535";
    result.port = *number;
  }
  return result;
}

} // namespace troupe
