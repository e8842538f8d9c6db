#pragma once

#include "troupe/specs/input/validation.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace troupe::openai {

/// No answer counts more tokens; a sum of such counts fits.
inline constexpr std::uint64_t max_token_count = std::uint64_t{1} << 48;

/// Refuses a value that is not an object.
/// @throws validation_error
inline void expect_object(const nlohmann::json& j) {
  if (!j.is_object())
    throw wrong_type("object", j);
}

/// Reads a member that may be missing; `null` counts as missing, as OpenAI has
/// it for most fields. Leaves `out` as it is then.
/// @returns whether the member was there
/// @throws validation_error
template <class T>
bool read_optional(const nlohmann::json& j, const char* key, T& out) {
  expect_object(j);
  auto i = j.find(key);
  if (i == j.end() || i->is_null())
    return false;
  if constexpr (reading::is_optional<T>::value)
    reading::at(key, [&] { read_value(*i, out.emplace()); });
  else
    reading::at(key, [&] { read_value(*i, out); });
  return true;
}

/// Runs `f(member)` for a member that is there and not `null`; errors get the
/// key in their location.
template <class F>
bool with_member(const nlohmann::json& j, const char* key, F&& f) {
  expect_object(j);
  auto i = j.find(key);
  if (i == j.end() || i->is_null())
    return false;
  reading::at(key, [&] { f(*i); });
  return true;
}

/// As `with_member`, for one that must be there.
template <class F>
void with_required(const nlohmann::json& j, const char* key, F&& f) {
  if (!with_member(j, key, f))
    throw missing_field(key);
}

/// @throws validation_error for a number of `key` outside the range; both ends
///         are allowed
void expect_range(const char* key, double x, double lowest, double highest);

/// As `expect_range`, for an optional number.
template <class T>
void expect_range(const char* key, const std::optional<T>& x, double lowest,
                  double highest) {
  if (x)
    expect_range(key, static_cast<double>(*x), lowest, highest);
}

/// @throws validation_error for a text of `key` that is not one of these
void expect_one_of(const char* key, std::string_view text,
                   std::initializer_list<std::string_view> known);

/// Makes an error of a member of the value at hand.
validation_error field_error(const char* key, std::string message);

} // namespace troupe::openai
