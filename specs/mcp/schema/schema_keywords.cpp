#include "troupe/specs/mcp/schema/schema_keywords.hpp"

#include "troupe/specs/mcp/schema/schema_part.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace troupe::mcp {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 15> annotations{
  "$schema",        "$id",
  "$comment",       "$defs",
  "definitions",    "title",
  "default",        "examples",
  "deprecated",     "description",
  "readOnly",       "format",
  "writeOnly",      "contentMediaType",
  "contentEncoding"};

constexpr std::array<std::string_view, 7> types{
  "null", "boolean", "object", "array", "number", "string", "integer"};

enum class shape {
  number,
  count,
  flag,
  names,
  value,
  values,
  type,
  schema,
  schemas,
  schema_map,
  reference
};

struct keyword {
  std::string_view name;
  shape expected;
};

constexpr std::array<keyword, 26> keywords{{
  {"type", shape::type},
  {"enum", shape::values},
  {"const", shape::value},
  {"properties", shape::schema_map},
  {"required", shape::names},
  {"additionalProperties", shape::schema},
  {"minProperties", shape::count},
  {"maxProperties", shape::count},
  {"items", shape::schema},
  {"prefixItems", shape::schemas},
  {"minItems", shape::count},
  {"maxItems", shape::count},
  {"uniqueItems", shape::flag},
  {"minimum", shape::number},
  {"maximum", shape::number},
  {"exclusiveMinimum", shape::number},
  {"exclusiveMaximum", shape::number},
  {"multipleOf", shape::number},
  {"minLength", shape::count},
  {"maxLength", shape::count},
  {"allOf", shape::schemas},
  {"anyOf", shape::schemas},
  {"oneOf", shape::schemas},
  {"not", shape::schema},
  {"$ref", shape::reference},
  {"$anchor", shape::value},
}};

/// Returns the keyword of that name, or null.
const keyword* find_keyword(std::string_view name) {
  const auto* end = keywords.data() + keywords.size();
  const auto* found = std::find_if(
    keywords.data(), end, [name](const keyword& x) { return x.name == name; });
  return found == end ? nullptr : found;
}

std::string check_one(const json& root, const json& schema, int depth);

std::string check_each(const json& root, const json& list, int depth) {
  if (!list.is_array() || list.empty())
    return ": expected an array of schemas";
  for (std::size_t i = 0; i < list.size(); ++i)
    if (auto why = check_one(root, list[i], depth); !why.empty())
      return within_member('.', std::to_string(i), why);
  return {};
}

std::string check_type(const json& x) {
  auto known = [](const json& name) {
    return name.is_string()
           && std::find(types.begin(), types.end(),
                        name.get_ref<const std::string&>())
                != types.end();
  };
  auto good = x.is_array()
                ? !x.empty() && std::all_of(x.begin(), x.end(), known)
                : known(x);
  return good ? "" : ": expected the name of a JSON type, or several";
}

std::string check_map(const json& root, const json& x, int depth) {
  if (!x.is_object())
    return ": expected an object of schemas";
  for (const auto& [name, schema] : x.items())
    if (auto why = check_one(root, schema, depth); !why.empty())
      return within_member('.', name, why);
  return {};
}

std::string check_value(const json& root, const json& x, shape expected,
                        int depth) {
  auto unless = [](bool good, const char* text) {
    return good ? std::string{} : std::string{": expected "} + text;
  };
  switch (expected) {
    case shape::number:
      return unless(x.is_number(), "a number");
    case shape::count:
      return unless(x.is_number_unsigned(), "a whole number from 0");
    case shape::flag:
      return unless(x.is_boolean(), "true or false");
    case shape::names:
      return unless(
        x.is_array()
          && std::all_of(x.begin(), x.end(),
                         [](const json& y) { return y.is_string(); }),
        "an array of names");
    case shape::values:
      return unless(x.is_array(), "an array");
    case shape::type:
      return check_type(x);
    case shape::schema:
      return check_one(root, x, depth);
    case shape::schemas:
      return check_each(root, x, depth);
    case shape::schema_map:
      return check_map(root, x, depth);
    case shape::reference:
      return unless(x.is_string()
                      && resolve(root, x.get_ref<const std::string&>())
                           != nullptr,
                    "a reference to a part of this schema, e.g. #/$defs/x");
    case shape::value:
      break;
  }
  return {};
}

std::string check_one(const json& root, const json& schema, int depth) {
  if (schema.is_boolean())
    return {};
  if (!schema.is_object())
    return ": expected a schema, an object or true or false";
  if (depth > max_schema_depth)
    return ": the schema is nested too deeply";
  for (const auto& [name, value] : schema.items()) {
    if (name == "$defs" || name == "definitions") {
      if (auto why = check_map(root, value, depth + 1); !why.empty())
        return within_member('.', name, why);
      continue;
    }
    if (std::find(annotations.begin(), annotations.end(), name)
        != annotations.end())
      continue;
    const auto* known = find_keyword(name);
    if (known == nullptr)
      return within_member('.', name,
                           ": this keyword is not checked; leave it out, or "
                           "say the same with others");
    if (auto why = check_value(root, value, known->expected, depth + 1);
        !why.empty())
      return within_member('.', name, why);
  }
  return {};
}

} // namespace

std::string check_keywords(const json& schema) {
  return check_one(schema, schema, 0);
}

} // namespace troupe::mcp
