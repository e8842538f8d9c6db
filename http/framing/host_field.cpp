#include "troupe/http/framing/host_field.hpp"

#include "troupe/specs/text/text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace troupe {

namespace {

constexpr bool is_hex(char c) noexcept {
  return hex_value(c) >= 0;
}

/// RFC 3986 sections 2.2 and 2.3.
constexpr bool is_unreserved_or_sub_delim(char c) noexcept {
  return is_digit(c) || is_alpha(c)
         || std::string_view{"-._~!$&'()*+,;="}.find(c)
              != std::string_view::npos;
}

bool is_port(std::string_view text) noexcept {
  constexpr std::uint32_t most = 65'535;
  std::uint32_t value = 0;
  for (auto c : text) {
    if (!is_digit(c))
      return false;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
    if (value > most)
      return false;
  }
  return true;
}

/// Takes a dotted address, too: its characters may all stand in a name.
bool is_reg_name(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (text.size() - i < 3 || !is_hex(text[i + 1]) || !is_hex(text[i + 2]))
        return false;
      i += 2;
    } else if (!is_unreserved_or_sub_delim(text[i])) {
      return false;
    }
  }
  return !text.empty();
}

bool is_ipv4(std::string_view text) noexcept {
  for (auto parts = 4; parts > 0; --parts) {
    auto end = std::min(text.find('.'), text.size());
    auto part = text.substr(0, end);
    if (part.empty() || part.size() > 3
        || (part.size() > 1 && part.front() == '0'))
      return false;
    auto value = 0;
    for (auto c : part) {
      if (!is_digit(c))
        return false;
      value = value * 10 + (c - '0');
    }
    if (value > 255 || (parts == 1) != (end == text.size()))
      return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

/// RFC 4291 section 2.2.
bool is_ipv6(std::string_view text) noexcept {
  constexpr auto all = 8;
  auto groups = 0;
  auto shortened = false;
  if (text.starts_with("::")) {
    shortened = true;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    auto end = std::min(text.find(':'), text.size());
    auto group = text.substr(0, end);
    if (end == text.size() && group.find('.') != std::string_view::npos) {
      if (!is_ipv4(group))
        return false;
      groups += 2;
      break;
    }
    if (group.empty() || group.size() > 4
        || !std::all_of(group.begin(), group.end(), is_hex))
      return false;
    ++groups;
    text.remove_prefix(end);
    if (text.empty())
      break;
    if (text.starts_with("::")) {
      if (std::exchange(shortened, true))
        return false;
      text.remove_prefix(2);
    } else {
      text.remove_prefix(1);
      if (text.empty())
        return false;
    }
  }
  return shortened ? groups < all : groups == all;
}

/// "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )
bool is_ip_future(std::string_view text) noexcept {
  if (text.empty() || (text.front() != 'v' && text.front() != 'V'))
    return false;
  text.remove_prefix(1);
  auto dot = text.find('.');
  if (dot == 0 || dot == std::string_view::npos || dot + 1 == text.size())
    return false;
  auto version = text.substr(0, dot);
  auto rest = text.substr(dot + 1);
  return std::all_of(version.begin(), version.end(), is_hex)
         && std::all_of(rest.begin(), rest.end(), [](char c) {
              return c == ':' || is_unreserved_or_sub_delim(c);
            });
}

} // namespace

std::optional<host_and_port> parse_host(std::string_view text) noexcept {
  std::size_t end = 0;
  if (text.starts_with('[')) {
    end = text.find(']');
    if (end == std::string_view::npos)
      return std::nullopt;
    auto inner = text.substr(1, end - 1);
    if (!is_ipv6(inner) && !is_ip_future(inner))
      return std::nullopt;
    ++end;
  } else {
    end = std::min(text.find(':'), text.size());
    if (!is_reg_name(text.substr(0, end)))
      return std::nullopt;
  }
  host_and_port result{text.substr(0, end), {}};
  if (end == text.size())
    return result;
  result.port = text.substr(end + 1);
  if (text[end] != ':' || !is_port(result.port))
    return std::nullopt;
  return result;
}

std::optional<std::string_view> authority_of(std::string_view target) noexcept {
  if (target.empty() || !is_alpha(target.front()))
    return std::nullopt;
  auto scheme = target.find("://");
  if (scheme == std::string_view::npos
      || target.substr(0, scheme).find_first_of("/?#")
           != std::string_view::npos)
    return std::nullopt;
  target.remove_prefix(scheme + 3);
  return target.substr(0, target.find_first_of("/?#"));
}

} // namespace troupe
