#include "troupe/models/llama_text.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace troupe {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// What may follow a lead byte (Unicode 15, table 3-7).
struct lead {
  /// Of the whole code point; 0 for a byte that leads none.
  std::size_t length;
  /// Bounds of the second byte; the others are 80..BF.
  std::uint8_t least;
  std::uint8_t most;
};

lead lead_of(std::uint8_t c) noexcept {
  if (c < 0x80)
    return {1, 0, 0};
  if (c < 0xC2 || c > 0xF4)
    return {0, 0, 0};
  if (c < 0xE0)
    return {2, 0x80, 0xBF};
  if (c < 0xF0)
    return {3, static_cast<std::uint8_t>(c == 0xE0 ? 0xA0 : 0x80),
            static_cast<std::uint8_t>(c == 0xED ? 0x9F : 0xBF)};
  return {4, static_cast<std::uint8_t>(c == 0xF0 ? 0x90 : 0x80),
          static_cast<std::uint8_t>(c == 0xF4 ? 0x8F : 0xBF)};
}

/// Returns how many bytes at the begin fit together, at most `x.length`.
std::size_t fitting(std::string_view bytes, const lead& x) noexcept {
  std::size_t n = 1;
  for (; n < std::min(x.length, bytes.size()); ++n) {
    auto c = static_cast<std::uint8_t>(bytes[n]);
    auto [least, most] = n == 1
                           ? std::pair{x.least, x.most}
                           : std::pair{std::uint8_t{0x80}, std::uint8_t{0xBF}};
    if (c < least || c > most)
      break;
  }
  return n;
}

} // namespace

void utf8_assembler::push(std::string_view bytes, std::string& out) {
  begun_ += bytes;
  std::string_view rest = begun_;
  while (!rest.empty()) {
    auto x = lead_of(static_cast<std::uint8_t>(rest.front()));
    auto n = fitting(rest, x);
    if (n < x.length && n == rest.size())
      break;
    out += n == x.length ? rest.substr(0, n) : replacement;
    rest.remove_prefix(n);
  }
  begun_.erase(0, begun_.size() - rest.size());
}

void utf8_assembler::finish(std::string& out) {
  if (!begun_.empty())
    out += replacement;
  begun_.clear();
}

std::string stop_matcher::push(std::string_view text) {
  if (stopped_)
    return {};
  held_ += text;
  auto first = std::string::npos;
  for (const auto& stop : stops_)
    first = std::min(first, held_.find(stop));
  stopped_ = first != std::string::npos;
  auto sure = stopped_ ? first : held_.size() - open_end();
  auto result = held_.substr(0, sure);
  if (stopped_)
    held_.clear();
  else
    held_.erase(0, sure);
  return result;
}

std::string stop_matcher::finish() {
  return std::exchange(held_, {});
}

std::size_t stop_matcher::open_end() const noexcept {
  std::size_t longest = 0;
  for (const auto& stop : stops_) {
    auto n = std::min(stop.size() - 1, held_.size());
    while (n > longest
           && !std::string_view{held_}.ends_with(
             std::string_view{stop}.substr(0, n)))
      --n;
    longest = std::max(longest, n);
  }
  return longest;
}

} // namespace troupe
