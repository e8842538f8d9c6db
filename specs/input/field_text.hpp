#pragma once

#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace troupe {

/// Makes a value of a form's field. A form has only text; the type that
/// `read_value` reads decides what it becomes: a number where a number is
/// wanted, an array of one element where an array is wanted. Not a JSON string,
/// so that the strings of a JSON body stay strings.
nlohmann::json field_text(std::string_view text);

/// Returns the text of a value that `field_text` made, or nothing.
std::optional<std::string_view>
text_of_field(const nlohmann::json& value) noexcept;

namespace reading {

/// A number, written as JSON has it or as C++ reads it; all of the text, and
/// finite.
template <class T>
std::optional<T> number_in(std::string_view text) noexcept {
  T result{};
  const auto* end = text.data() + text.size();
  auto [last, ec] = std::from_chars(text.data(), end, result);
  if (ec != std::errc{} || last != end)
    return std::nullopt;
  if constexpr (std::floating_point<T>)
    if (!std::isfinite(result))
      return std::nullopt;
  return result;
}

/// `true`, `1` and `on` (a browser's ticked box), `false`, `0` and `off`.
std::optional<bool> boolean_in(std::string_view text) noexcept;

/// What a field's text is for a reader of `T`; what does not fit stays a
/// string, which the reader then refuses in its own words.
template <class T>
nlohmann::json json_from_text(std::string_view text) {
  if constexpr (std::is_same_v<T, bool>) {
    if (auto x = boolean_in(text))
      return *x;
  } else if constexpr (std::integral<T>) {
    if (auto x = number_in<std::int64_t>(text))
      return *x;
    if (auto x = number_in<std::uint64_t>(text))
      return *x;
  } else if constexpr (std::floating_point<T>) {
    if (auto x = number_in<double>(text))
      return *x;
  }
  return nlohmann::json(text);
}

} // namespace reading

} // namespace troupe
