#pragma once

#include "troupe/specs/input/field_text.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/validation_error.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace troupe {

/// Makes the error for a value of the wrong type: `expected number, got
/// string`.
validation_error wrong_type(std::string_view expected, std::string_view got);

/// As above, with the type of a value.
validation_error wrong_type(std::string_view expected,
                            const nlohmann::json& got);

/// Makes the error that says in our words what nlohmann's exception says.
validation_error from_nlohmann(const nlohmann::json::exception& e);

// -- reading values ----------------------------------------------------------

template <class T>
void read_value(const nlohmann::json& j, T& out);

namespace reading {

template <class T>
struct is_vector : std::false_type {};
template <class T, class A>
struct is_vector<std::vector<T, A>> : std::true_type {};

template <class T>
struct is_array : std::false_type {};
template <class T, std::size_t N>
struct is_array<std::array<T, N>> : std::true_type {};

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

template <class T>
struct is_string_map : std::false_type {};
template <class T, class C, class A>
struct is_string_map<std::map<std::string, T, C, A>> : std::true_type {};

/// A struct that was declared with `TROUPE_FIELDS`.
template <class T>
concept has_members = requires(T& x) {
  visit_members(x, [](const char*, auto&) {});
};

/// The most members, as for nlohmann's macros.
inline constexpr std::size_t max_members = 64;

template <class Step, class F>
void at(Step&& step, F&& f) {
  try {
    f();
  } catch (validation_error& e) {
    e.prepend(std::forward<Step>(step));
    throw;
  }
}

/// Takes an integer and never wraps it.
template <std::integral T, std::integral X>
void fit_integer(X x, T& out) {
  if (!std::in_range<T>(x))
    throw validation_error(
      "value_error", "expected an integer from "
                       + std::to_string(std::numeric_limits<T>::min()) + " to "
                       + std::to_string(std::numeric_limits<T>::max()));
  out = static_cast<T>(x);
}

/// Takes a number, rounded to `T`; one that would become an infinity is
/// refused.
template <std::floating_point T>
void fit_number(double x, T& out) {
  out = static_cast<T>(x);
  if (std::isfinite(x) && !std::isfinite(out))
    throw validation_error("value_error", "expected a number that fits a "
                                            + std::to_string(8 * sizeof(T))
                                            + "-bit float");
}

/// Reads an integer: nlohmann's `get` turns 2^32+1 into 1.
template <std::integral T>
void read_integer(const nlohmann::json& j, T& out) {
  if (!j.is_number_integer())
    throw wrong_type("integer", j);
  if (j.is_number_unsigned())
    fit_integer(j.get<std::uint64_t>(), out);
  else
    fit_integer(j.get<std::int64_t>(), out);
}

/// Reads element by element: the first that does not fit stops it, before room
/// is made for the rest.
template <class T>
void read_sequence(const nlohmann::json& j, T& out) {
  using element = typename T::value_type;
  if (!j.is_array())
    throw wrong_type("array", j);
  if constexpr (is_array<T>::value) {
    if (j.size() != out.size())
      throw validation_error("value_error",
                             "expected " + std::to_string(out.size())
                               + " elements, got " + std::to_string(j.size()));
  } else {
    out.clear();
    // This takes no more memory than the document itself.
    if constexpr (sizeof(element) <= sizeof(nlohmann::json))
      out.reserve(j.size());
  }
  for (std::size_t i = 0; i < j.size(); ++i)
    at(i, [&] {
      element x{};
      read_value(j[i], x);
      if constexpr (is_array<T>::value)
        out[i] = std::move(x);
      else
        out.push_back(std::move(x));
    });
}

/// Reads a form's field as what `T` is.
template <class T>
void read_text(const nlohmann::json& j, std::string_view text, T& out) {
  if constexpr (is_optional<T>::value) {
    // A browser sends an empty text for what was not filled in.
    if (text.empty() && std::is_arithmetic_v<typename T::value_type>)
      out.reset();
    else
      read_value(j, out.emplace());
  } else if constexpr (is_vector<T>::value || is_array<T>::value) {
    read_value(nlohmann::json::array({j}), out);
  } else {
    read_value(json_from_text<T>(text), out);
  }
}

} // namespace reading

/// Reads a value of the user's type from JSON, or from the text of a form's
/// field. Errors say where and what was expected: `input.points[3].x: expected
/// number, got string`.
/// @throws validation_error
template <class T>
void read_value(const nlohmann::json& j, T& out) {
  if (auto text = text_of_field(j)) {
    reading::read_text(j, *text, out);
    return;
  }
  if constexpr (std::is_same_v<T, nlohmann::json>) {
    out = j;
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!j.is_boolean())
      throw wrong_type("boolean", j);
    out = j.get<bool>();
  } else if constexpr (std::integral<T>) {
    reading::read_integer(j, out);
  } else if constexpr (std::floating_point<T>) {
    if (!j.is_number())
      throw wrong_type("number", j);
    reading::fit_number(j.get<double>(), out);
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!j.is_string())
      throw wrong_type("string", j);
    out = j.get_ref<const std::string&>();
  } else if constexpr (reading::is_optional<T>::value) {
    if (j.is_null()) {
      out.reset();
    } else {
      read_value(j, out.emplace());
    }
  } else if constexpr (reading::is_vector<T>::value
                       || reading::is_array<T>::value) {
    reading::read_sequence(j, out);
  } else if constexpr (reading::is_string_map<T>::value) {
    if (!j.is_object())
      throw wrong_type("object", j);
    for (const auto& [key, value] : j.items())
      reading::at(key, [&, &k = key, &v = value] { read_value(v, out[k]); });
  } else {
    try {
      j.get_to(out);
    } catch (const nlohmann::json::exception& e) {
      throw from_nlohmann(e);
    }
  }
}

/// Reads one member of an object; a missing one is an error unless the
/// member is a `std::optional`.
/// @throws validation_error with the key in its location
template <class T>
void read_field(const nlohmann::json& j, const char* key, T& out) {
  if (!j.is_object())
    throw wrong_type("object", j);
  auto i = j.find(key);
  if (i == j.end()) {
    if constexpr (reading::is_optional<T>::value) {
      out.reset();
      return;
    }
    throw missing_field(key);
  }
  reading::at(key, [&] { read_value(*i, out); });
}

/// As `read_field`, but a missing member leaves `out` as it is.
/// @returns whether the member was there.
template <class T>
bool read_field_if(const nlohmann::json& j, const char* key, T& out) {
  if (!j.is_object())
    throw wrong_type("object", j);
  auto i = j.find(key);
  if (i == j.end())
    return false;
  reading::at(key, [&] { read_value(*i, out); });
  return true;
}

/// Writes one member of an object; an empty `std::optional` is left out.
template <class T>
void write_field(nlohmann::json& j, const char* key, const T& x) {
  if constexpr (reading::is_optional<T>::value) {
    if (x)
      j[key] = *x;
  } else {
    j[key] = x;
  }
}

} // namespace troupe

/// Lets a struct come from JSON and go to JSON, with errors that name the
/// path, and be looked through: `visit_fields(x, f)` calls `f("x", x.x)` for
/// each member, and so does `visit_members`, which may change them and takes no
/// derived type. Stands in the struct's namespace, after the struct.
/// @code
/// struct point { double x; double y; };
/// TROUPE_FIELDS(point, x, y)
/// @endcode
#define TROUPE_FIELDS(type, ...)                                               \
  inline void from_json(const nlohmann::json& troupe_j, type& troupe_x) {      \
    NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(TROUPE_READ_FIELD, __VA_ARGS__))  \
  }                                                                            \
  inline void to_json(nlohmann::json& troupe_j, const type& troupe_x) {        \
    troupe_j = nlohmann::json::object();                                       \
    NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(TROUPE_WRITE_FIELD, __VA_ARGS__)) \
  }                                                                            \
  template <class Exact, class Visitor>                                        \
  requires std::is_same_v<Exact, type>                                         \
  void visit_members(Exact& troupe_x, Visitor&& troupe_visit) {                \
    NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(TROUPE_VISIT_FIELD, __VA_ARGS__)) \
  }                                                                            \
  template <class Visitor>                                                     \
  void visit_fields(const type& troupe_x, Visitor&& troupe_visit) {            \
    NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(TROUPE_VISIT_FIELD, __VA_ARGS__)) \
  }

#define TROUPE_READ_FIELD(name)                                                \
  ::troupe::read_field(troupe_j, #name, troupe_x.name);

#define TROUPE_WRITE_FIELD(name)                                               \
  ::troupe::write_field(troupe_j, #name, troupe_x.name);

#define TROUPE_VISIT_FIELD(name) troupe_visit(#name, troupe_x.name);
