#include "troupe/specs/values/path.hpp"

#include "troupe/specs/text/text.hpp"

#include <algorithm>
#include <array>

namespace troupe {

namespace {

constexpr std::string_view refused_slash = "%2F is not allowed in the path";

/// Decodes the escape at `text[pos]`; -1 if it is malformed.
constexpr int decode_escape(std::string_view text, std::size_t pos) noexcept {
  if (text.size() - pos < 3)
    return -1;
  auto hi = hex_value(text[pos + 1]);
  auto lo = hex_value(text[pos + 2]);
  return hi < 0 || lo < 0 ? -1 : hi * 16 + lo;
}

/// Whether the byte may stand in a request target's path as it is. Bytes above
/// ASCII are not URI characters, but clients send them, and they do no harm.
constexpr bool is_path_byte(char c) noexcept {
  auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7F && c != '#' && c != '?';
}

constexpr bool is_scheme(std::string_view text) noexcept {
  if (text.empty() || !is_alpha(text.front()))
    return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

/// Drops scheme and authority of an absolute form; empty for another form.
constexpr std::string_view origin_form(std::string_view target) noexcept {
  auto colon = target.find("://");
  if (colon == std::string_view::npos || !is_scheme(target.substr(0, colon)))
    return {};
  target.remove_prefix(colon + 3);
  auto end = std::min(target.find_first_of("/?"), target.size());
  auto authority = target.substr(0, end);
  if (authority.empty()
      || !std::all_of(authority.begin(), authority.end(), is_path_byte))
    return {};
  if (end == target.size() || target[end] == '?')
    return "/";
  return target.substr(end);
}

/// Appends the decoded segment.
/// @returns what is wrong with it, or "".
std::string_view append_segment(std::string_view raw, encoded_slash policy,
                                std::string& out) {
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '%') {
      out += raw[i];
      continue;
    }
    auto byte = decode_escape(raw, i);
    if (byte < 0)
      return "Malformed percent-encoding in the path";
    if (byte == 0)
      return "%00 is not allowed in the path";
    if (byte == '/' && policy == encoded_slash::reject)
      return refused_slash;
    out += byte == '/' ? in_segment_slash : static_cast<char>(byte);
    i += 2;
  }
  return {};
}

} // namespace

path_result normalise_target(std::string_view target, encoded_slash policy) {
  if (target == "*")
    return std::string{target};
  auto path = raw_path(target);
  if (is_normalised(path))
    return std::string{path};
  if (path.empty() || !std::all_of(path.begin(), path.end(), is_path_byte))
    return make_failure(errc::bad_request, "Malformed request target");
  std::string result;
  result.reserve(path.size());
  for (std::size_t pos = 0; pos < path.size();) {
    auto end = std::min(path.find('/', pos + 1), path.size());
    auto start = result.size();
    result += '/';
    auto error =
      append_segment(path.substr(pos + 1, end - pos - 1), policy, result);
    if (!error.empty())
      return make_failure(errc::bad_request, error);
    auto segment = std::string_view{result}.substr(start + 1);
    if (segment == "." || segment == "..") {
      auto up = segment == "..";
      result.resize(start);
      if (up && !result.empty())
        result.resize(result.rfind('/'));
      if (end == path.size())
        result += '/';
    }
    pos = end;
  }
  return result;
}

failure encoded_slash_refusal() {
  return make_failure(errc::bad_request, refused_slash);
}

std::string_view raw_path(std::string_view target) noexcept {
  auto path = target.starts_with('/') ? target : origin_form(target);
  return path.substr(0, path.find('?'));
}

bool is_normalised(std::string_view path) noexcept {
  if (path == "*")
    return true;
  if (!path.starts_with('/'))
    return false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '%' || !is_path_byte(path[i]))
      return false;
    if (path[i] != '/')
      continue;
    // A dot segment begins here unless something else follows the dots.
    auto next = i + 1;
    for (auto dots = 0; dots < 2 && next < path.size() && path[next] == '.';
         ++dots)
      ++next;
    if (next > i + 1 && (next == path.size() || path[next] == '/'))
      return false;
  }
  return true;
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = text[i] == '%' ? decode_escape(text, i) : -1;
    if (byte >= 0) {
      result += static_cast<char>(byte);
      i += 2;
    } else {
      result += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return result;
}

std::string percent_encode_path(std::string_view path) {
  std::string result;
  result.reserve(path.size());
  for (auto c : path) {
    if (is_alpha(c) || is_digit(c)
        || std::string_view{"-._~/"}.find(c) != std::string_view::npos) {
      result += c;
      continue;
    }
    auto byte = static_cast<unsigned char>(c == in_segment_slash ? '/' : c);
    result += '%';
    result += upper_hex_digits[byte >> 4U];
    result += upper_hex_digits[byte & 0xFU];
  }
  return result;
}

} // namespace troupe
