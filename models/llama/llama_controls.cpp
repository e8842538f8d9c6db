#include "troupe/models/llama/llama_controls.hpp"

#include <algorithm>
#include <unordered_set>

namespace troupe {

namespace {

/// Returns where the code point at `i` ends.
std::size_t after_code_point(std::string_view text, std::size_t i) noexcept {
  ++i;
  while (i < text.size()
         && (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U)
    ++i;
  return i;
}

/// Returns whether a part of `[begin,end)` is in one of the ranges.
bool touches(std::span<const text_range> ranges, std::size_t begin,
             std::size_t end) noexcept {
  auto i = std::upper_bound(
    ranges.begin(), ranges.end(), begin,
    [](std::size_t at, const text_range& x) { return at < x.end; });
  return i != ranges.end() && i->begin < end;
}

} // namespace

void control_texts::add(std::string_view text, bool always) {
  if (text.empty())
    return;
  texts_[std::string{text}] |= always;
  first_bytes_[static_cast<unsigned char>(text.front())] = true;
  auto i = std::lower_bound(lengths_.begin(), lengths_.end(), text.size());
  if (i == lengths_.end() || *i != text.size())
    lengths_.insert(i, text.size());
}

template <class F>
void control_texts::find(std::string_view in, std::size_t begin,
                         std::size_t end, F&& f) const {
  if (lengths_.empty())
    return;
  auto longest = lengths_.back();
  std::string word;
  for (auto i = begin < longest ? 0 : begin - longest + 1; i < end; ++i) {
    if (!first_bytes_[static_cast<unsigned char>(in[i])])
      continue;
    for (auto n : lengths_) {
      if (i + n > in.size())
        break;
      if (i + n <= begin)
        continue;
      word.assign(in.substr(i, n));
      if (auto x = texts_.find(word); x != texts_.end())
        f(i, *x);
    }
  }
}

std::vector<std::size_t> control_texts::cuts(const prompt_text& x) const {
  std::vector<std::size_t> result;
  if (x.foreign.empty())
    return result;
  // The marks that the prompt's own part has.
  std::unordered_set<std::string_view> marks;
  find(x.text, 0, x.text.size(), [&](std::size_t at, const auto& entry) {
    if (!entry.second && !touches(x.foreign, at, at + entry.first.size()))
      marks.insert(entry.first);
  });
  for (const auto& part : x.foreign)
    find(x.text, part.begin, part.end, [&](std::size_t at, const auto& entry) {
      if (!entry.second && marks.count(entry.first) == 0)
        return;
      auto end = at + entry.first.size();
      auto inside = after_code_point(x.text, at);
      result.push_back(inside);
      // One code point has no inside: it is a part of its own.
      if (inside >= end)
        result.push_back(at);
    });
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

} // namespace troupe
