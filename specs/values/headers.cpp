#include "troupe/specs/values/headers.hpp"

#include "troupe/specs/text/text.hpp"

#include <algorithm>
#include <functional>

namespace troupe {

bool iequals(std::string_view lhs, std::string_view rhs) noexcept {
  // Most clients write names as we do.
  if (lhs == rhs)
    return true;
  return lhs.size() == rhs.size()
         && std::equal(lhs.begin(), lhs.end(), rhs.begin(),
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
  if (slots_.empty()) {
    // What most requests have.
    constexpr std::size_t fields = 8;
    constexpr std::size_t bytes = 250;
    slots_.reserve(fields);
    text_.reserve(bytes);
  }
  slots_.push_back({static_cast<std::uint32_t>(text_.size()),
                    static_cast<std::uint32_t>(name.size()),
                    static_cast<std::uint32_t>(value.size())});
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
  auto matches = [this, name](const slot& s) {
    return iequals({text_.data() + s.begin, s.name_size}, name);
  };
  slots_.erase(std::remove_if(slots_.begin(), slots_.end(), matches),
               slots_.end());
}

void header_map::clear() noexcept {
  text_.clear();
  slots_.clear();
}

std::optional<std::string_view>
header_map::find(std::string_view name) const noexcept {
  const auto* text = text_.data();
  for (const auto& s : slots_)
    if (s.name_size == name.size()
        && iequals({text + s.begin, s.name_size}, name))
      return std::string_view{text + s.begin + s.name_size, s.value_size};
  return std::nullopt;
}

std::optional<std::string_view>
header_map::find_last(std::string_view name) const noexcept {
  const auto* text = text_.data();
  for (auto i = slots_.rbegin(); i != slots_.rend(); ++i)
    if (i->name_size == name.size()
        && iequals({text + i->begin, i->name_size}, name))
      return std::string_view{text + i->begin + i->name_size, i->value_size};
  return std::nullopt;
}

std::size_t header_map::count(std::string_view name) const noexcept {
  std::size_t result = 0;
  for (const auto& s : slots_)
    if (s.name_size == name.size()
        && iequals({text_.data() + s.begin, s.name_size}, name))
      ++result;
  return result;
}

header_map::field header_map::operator[](std::size_t index) const noexcept {
  const auto& s = slots_[index];
  const auto* first = text_.data() + s.begin;
  return {{first, s.name_size}, {first + s.name_size, s.value_size}};
}

} // namespace troupe
