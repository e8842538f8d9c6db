#pragma once

#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/json/json_reader.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// Reads values of a user's types straight from JSON text, without a document
/// in between: what `read_value` does with one, with the same errors.
namespace troupe {

namespace reading {

template <class T>
void take_value(json_reader& in, T& out);

inline validation_error wrong_type_of(std::string_view expected,
                                      const json_reader& in) {
  return wrong_type(expected, type_name(in.token()));
}

/// @returns how many elements the array at hand has
template <class T>
std::size_t count_elements(json_reader& in, std::size_t passed) {
  for (; in.next() != json_token::end_array; ++passed)
    in.skip_value();
  return passed;
}

template <class T>
void take_array(json_reader& in, T& out) {
  std::size_t n = 0;
  for (; n < out.size() && in.next() != json_token::end_array; ++n)
    at(n, [&] {
      typename T::value_type x{};
      take_value(in, x);
      out[n] = std::move(x);
    });
  if (in.token() != json_token::end_array || n == out.size())
    n = count_elements<T>(in, n);
  if (n != out.size())
    throw validation_error("value_error",
                           "expected " + std::to_string(out.size())
                             + " elements, got " + std::to_string(n));
}

/// Makes room for one more element, and pays for it.
template <class T>
void grow(json_reader& in, T& out) {
  constexpr auto size = sizeof(typename T::value_type);
  constexpr std::size_t least = 4;
  auto before = out.capacity();
  auto after = std::max(2 * before, least);
  // Both are there for a moment.
  in.charge(after * size);
  out.reserve(after);
  in.refund_to(in.charged() - before * size);
}

template <class T>
void take_vector(json_reader& in, T& out) {
  using element = typename T::value_type;
  T{}.swap(out);
  // A vector that grows takes up to three times as much on the way.
  auto expected =
    std::is_arithmetic_v<element> ? in.scalars_ahead() : in.elements_ahead();
  if (expected > 0 && in.may_charge(expected * sizeof(element))) {
    in.charge(expected * sizeof(element));
    out.reserve(expected);
  }
  for (std::size_t i = 0; in.next() != json_token::end_array; ++i) {
    if (out.size() == out.capacity())
      grow(in, out);
    at(i, [&] {
      element x{};
      take_value(in, x);
      out.push_back(std::move(x));
    });
  }
}

template <class T>
void take_map(json_reader& in, T& out) {
  constexpr std::size_t node_bytes = 48;
  out.clear();
  while (in.next() != json_token::end_object) {
    in.charge(sizeof(typename T::value_type) + node_bytes
              + heap_bytes(in.text()));
    std::string key{in.text()};
    in.next();
    at(key, [&] {
      typename T::mapped_type x{};
      take_value(in, x);
      out[key] = std::move(x);
    });
  }
}

/// Members may come in any order. Unknown keys are skipped; of a repeated key
/// the last value counts.
template <class T>
void take_members(json_reader& in, T& out) {
  std::bitset<max_members> seen;
  while (in.next() != json_token::end_object) {
    auto key = in.text();
    std::size_t i = 0;
    auto taken = false;
    visit_members(out, [&](const char* name, auto& member) {
      if (!taken && key == name) {
        taken = true;
        if (seen[i])
          member = {};
        seen[i] = true;
        in.next();
        at(name, [&] { take_value(in, member); });
      }
      ++i;
    });
    if (!taken) {
      in.next();
      in.skip_value();
    }
  }
  std::size_t i = 0;
  visit_members(out, [&](const char* name, auto& member) {
    if (seen[i++])
      return;
    if constexpr (is_optional<std::remove_cvref_t<decltype(member)>>::value)
      member.reset();
    else
      throw missing_field(name);
  });
}

/// A type with a `from_json` of its own gets the document that it asks for.
template <class T>
void take_document(json_reader& in, T& out) {
  auto before = in.charged();
  read_value(read_document(in), out);
  in.refund_to(before);
}

/// Reads the value that the reader is at, and passes it.
template <class T>
void take_value(json_reader& in, T& out) {
  auto expect = [&in](json_token wanted, std::string_view name) {
    if (in.token() != wanted)
      throw wrong_type_of(name, in);
  };
  if constexpr (std::is_same_v<T, nlohmann::json>) {
    out = read_document(in);
  } else if constexpr (std::is_same_v<T, bool>) {
    expect(json_token::boolean, "boolean");
    out = in.boolean();
  } else if constexpr (std::integral<T>) {
    if (in.token() == json_token::unsigned_integer)
      return fit_integer(in.unsigned_integer(), out);
    expect(json_token::integer, "integer");
    fit_integer(in.integer(), out);
  } else if constexpr (std::floating_point<T>) {
    if (!is_number(in.token()))
      throw wrong_type_of("number", in);
    fit_number(in.number(), out);
  } else if constexpr (std::is_same_v<T, std::string>) {
    expect(json_token::string, "string");
    in.charge(heap_bytes(in.text()));
    // Not assigned, which makes more room than there is text.
    out = std::string{in.text()};
  } else if constexpr (is_optional<T>::value) {
    if (in.token() == json_token::null)
      out.reset();
    else
      take_value(in, out.emplace());
  } else if constexpr (is_vector<T>::value) {
    expect(json_token::begin_array, "array");
    take_vector(in, out);
  } else if constexpr (is_array<T>::value) {
    expect(json_token::begin_array, "array");
    take_array(in, out);
  } else if constexpr (is_string_map<T>::value) {
    expect(json_token::begin_object, "object");
    take_map(in, out);
  } else if constexpr (has_members<T>) {
    expect(json_token::begin_object, "object");
    take_members(in, out);
  } else {
    take_document(in, out);
  }
}

} // namespace reading

/// Reads a value of the user's type from JSON text. A text with a syntax error
/// and a wrong shape is refused for its syntax. Beside the text this needs only
/// the memory of the value, unless the type has a `from_json` written by hand.
/// @throws json_syntax_error, validation_error
/// @throws json_memory_error above `limits.max_memory`
/// @throws json_budget_error
template <class T>
void read_json(std::string_view text, T& out, json_limits limits = {}) {
  json_reader in{text, limits};
  in.next();
  try {
    reading::take_value(in, out);
  } catch (const validation_error&) {
    in.finish();
    throw;
  }
  in.finish();
}

} // namespace troupe
