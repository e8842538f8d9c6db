#include "troupe/specs/text/text.hpp"

namespace troupe {

namespace {

/// Returns the longest beginning of at most `most` bytes that ends where a code
/// point does. Text that is not UTF-8 is cut where it is.
std::string_view beginning(std::string_view text, std::size_t most) {
  auto inside = [&](std::size_t n) {
    return (static_cast<unsigned char>(text[n]) & 0xC0U) == 0x80U;
  };
  constexpr std::size_t longest_tail = 3;
  auto n = most;
  while (n > 0 && most - n < longest_tail && inside(n))
    --n;
  return text.substr(0, inside(n) ? most : n);
}

} // namespace

std::string lowered(std::string_view text) {
  std::string result{text};
  for (auto& c : result)
    c = lower(c);
  return result;
}

std::string_view without_port(std::string_view address) noexcept {
  if (address.starts_with('[')) {
    auto end = address.find(']');
    return address.substr(1, end == std::string_view::npos ? end : end - 1);
  }
  auto colon = address.find(':');
  // Several colons are an IPv6 address without a port.
  if (colon != std::string_view::npos
      && address.find(':', colon + 1) == std::string_view::npos)
    return address.substr(0, colon);
  return address;
}

std::string clipped(std::string_view text, std::size_t most) {
  if (text.size() <= most)
    return std::string{text};
  std::string result{beginning(text, most)};
  return result.append("...");
}

std::string quoted(std::string_view text, std::size_t most) {
  std::string result{"'"};
  return result.append(clipped(text, most)).append("'");
}

} // namespace troupe
