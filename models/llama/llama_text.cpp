#include "troupe/models/llama/llama_text.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

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

namespace {

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_ascii(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x80;
}

/// Returns whether a code point begins here.
bool is_begin(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

/// Returns whether a control token (`<|end|>`, `[/INST]`) may have begun
/// shortly before.
bool may_be_in_a_control_token(std::string_view before) noexcept {
  constexpr std::size_t longest = 64;
  before.remove_prefix(before.size() - std::min(before.size(), longest));
  return before.find_first_of("<[") != std::string_view::npos;
}

/// Returns where the next part ends.
std::size_t cut(std::string_view text, std::size_t most) noexcept {
  auto last = [&](auto&& fits) {
    auto i = most;
    while (i > most / 2 && !fits(i))
      --i;
    return i > most / 2 ? i : 0;
  };
  if (auto i = last([&](std::size_t k) {
        return text[k] == ' ' && is_letter(text[k - 1]) && k + 1 < text.size()
               && is_letter(text[k + 1]);
      }))
    return i;
  if (auto i = last([&](std::size_t k) {
        return !is_ascii(text[k]) && is_begin(text[k])
               && !is_ascii(text[k - 1]);
      }))
    return i;
  if (auto i = last([&](std::size_t k) {
        return is_begin(text[k])
               && !may_be_in_a_control_token(text.substr(0, k));
      }))
    return i;
  if (auto i = last([&](std::size_t k) { return is_begin(text[k]); }))
    return i;
  return most;
}

} // namespace

std::vector<std::string_view> split_text(std::string_view text,
                                         std::size_t most) {
  std::vector<std::string_view> result;
  while (text.size() > most) {
    auto n = cut(text, most);
    result.push_back(text.substr(0, n));
    text.remove_prefix(n);
  }
  result.push_back(text);
  return result;
}

} // namespace troupe
