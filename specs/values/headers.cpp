#include "troupe/specs/values/headers.hpp"

#include "troupe/specs/text/text.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace troupe {

bool iequals(std::string_view lhs, std::string_view rhs) noexcept {
  if (lhs.size() != rhs.size())
    return false;
  // Most clients write names as we do.
  return lhs == rhs
         || std::equal(lhs.begin(), lhs.end(), rhs.begin(),
                       [](char a, char b) { return lower(a) == lower(b); });
}

bool is_field_value(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    auto u = static_cast<unsigned char>(c);
    return u == '\t' || (u >= 0x20 && u != 0x7F);
  });
}

bool is_token(std::string_view text) noexcept {
  constexpr std::string_view extra = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_digit(c) || is_alpha(c)
           || extra.find(c) != std::string_view::npos;
  });
}

header_map::header_map(
  std::initializer_list<std::pair<std::string_view, std::string_view>> xs) {
  for (const auto& [name, value] : xs)
    add(name, value);
}

/// @pre the index is at most the size
void header_map::put(std::size_t index, slot x) {
  if (index < few)
    first_[index] = x;
  else if (index - few < more_.size())
    more_[index - few] = x;
  else
    more_.push_back(x);
}

void header_map::shrink(std::size_t size) noexcept {
  size_ = size;
  if (!more_.empty())
    more_.resize(size > few ? size - few : 0);
}

void header_map::add(std::string_view name, std::string_view value) {
  // A view into this map would die while the text grows.
  auto ours = [this](std::string_view x) {
    std::less_equal<const char*> le;
    return le(text_.data(), x.data())
           && le(x.data(), text_.data() + text_.size());
  };
  if (ours(name) || ours(value)) {
    add(std::string{name}, std::string{value});
    return;
  }
  if (empty()) {
    // What most requests have.
    constexpr std::size_t bytes = 250;
    text_.reserve(bytes);
  }
  put(size_, {static_cast<std::uint32_t>(text_.size()),
              static_cast<std::uint32_t>(name.size()),
              static_cast<std::uint32_t>(value.size())});
  ++size_;
  text_.append(name).append(value);
}

void header_map::set(std::string_view name, std::string_view value) {
  // The views may point into this map.
  std::string name_copy{name};
  std::string value_copy{value};
  remove(name_copy);
  add(name_copy, value_copy);
}

void header_map::remove(std::string_view name) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < size_; ++i)
    if (!iequals((*this)[i].name, name))
      put(kept++, at(i));
  shrink(kept);
}

void header_map::clear() noexcept {
  text_.clear();
  shrink(0);
}

std::optional<std::string_view>
header_map::find(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < size_; ++i)
    if (const auto& x = at(i); x.name_size == name.size())
      if (const auto y = field_of(x); iequals(y.name, name))
        return y.value;
  return std::nullopt;
}

std::optional<std::string_view>
header_map::find_last(std::string_view name) const noexcept {
  for (auto i = size_; i > 0; --i)
    if (const auto& x = at(i - 1); x.name_size == name.size())
      if (const auto y = field_of(x); iequals(y.name, name))
        return y.value;
  return std::nullopt;
}

std::size_t header_map::count(std::string_view name) const noexcept {
  std::size_t result = 0;
  for (std::size_t i = 0; i < size_; ++i)
    if (at(i).name_size == name.size() && iequals((*this)[i].name, name))
      ++result;
  return result;
}

} // namespace troupe
