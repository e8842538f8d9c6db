#pragma once

#include "troupe/specs/input/validation.hpp"

#include <nlohmann/json.hpp>

#include <concepts>
#include <string>
#include <tuple>
#include <type_traits>

namespace troupe::mcp {

/// A struct that was declared with `TROUPE_FIELDS`.
template <class T>
concept with_fields = requires(const T& x) {
  visit_fields(x, [](const char*, const auto&) {});
};

/// Makes the JSON Schema (2020-12) of what `read_value` reads into a `T`: a
/// struct with `TROUPE_FIELDS`, whose members may be of such types again,
/// numbers, strings, vectors, arrays, maps, optionals and `nlohmann::json`.
/// Every other member than a `std::optional` is required. Give it a description
/// by `schema["properties"]["x"]["description"] = "..."`.
template <class T>
nlohmann::json schema_of() {
  using nlohmann::json;
  if constexpr (std::is_same_v<T, json>) {
    return json::object();
  } else if constexpr (std::is_same_v<T, bool>) {
    return {{"type", "boolean"}};
  } else if constexpr (std::integral<T>) {
    json result{{"type", "integer"}};
    if constexpr (std::is_unsigned_v<T>)
      result["minimum"] = 0;
    return result;
  } else if constexpr (std::floating_point<T>) {
    return {{"type", "number"}};
  } else if constexpr (std::is_same_v<T, std::string>) {
    return {{"type", "string"}};
  } else if constexpr (reading::is_optional<T>::value) {
    return schema_of<typename T::value_type>();
  } else if constexpr (reading::is_vector<T>::value
                       || reading::is_array<T>::value) {
    json result{{"type", "array"},
                {"items", schema_of<typename T::value_type>()}};
    if constexpr (reading::is_array<T>::value)
      result["minItems"] = result["maxItems"] = std::tuple_size_v<T>;
    return result;
  } else if constexpr (reading::is_string_map<T>::value) {
    return {{"type", "object"},
            {"additionalProperties", schema_of<typename T::mapped_type>()}};
  } else {
    static_assert(with_fields<T>, "the type needs TROUPE_FIELDS");
    auto properties = json::object();
    auto required = json::array();
    visit_fields(T{}, [&](const char* name, const auto& member) {
      using field = std::remove_cvref_t<decltype(member)>;
      properties[name] = schema_of<field>();
      if constexpr (!reading::is_optional<field>::value)
        required.push_back(name);
    });
    return {{"type", "object"},
            {"properties", std::move(properties)},
            {"required", std::move(required)}};
  }
}

} // namespace troupe::mcp
