#include "troupe/specs/mcp/schema_check.hpp"

#include "troupe/specs/values/json.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>

namespace troupe::mcp {

namespace {

using nlohmann::json;

/// A schema that refers to itself ends here, for documents have such a bound.
constexpr int max_depth = 200;

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

/// Returns what a reference into the document at `root` means, or null.
const json* resolve(const json& root, const std::string& reference) {
  if (!reference.starts_with('#'))
    return nullptr;
  try {
    auto at = json::json_pointer{reference.substr(1)};
    return root.contains(at) ? &root.at(at) : nullptr;
  } catch (const json::exception&) {
    return nullptr;
  }
}

std::string check_one(const json& root, const json& schema, int depth);

std::string check_each(const json& root, const json& list, int depth) {
  if (!list.is_array() || list.empty())
    return ": expected an array of schemas";
  for (std::size_t i = 0; i < list.size(); ++i)
    if (auto why = check_one(root, list[i], depth); !why.empty())
      return '.' + std::to_string(i) + why;
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
      return '.' + name + why;
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
  if (depth > max_depth)
    return ": the schema is nested too deeply";
  for (const auto& [name, value] : schema.items()) {
    if (name == "$defs" || name == "definitions") {
      if (auto why = check_map(root, value, depth + 1); !why.empty())
        return '.' + name + why;
      continue;
    }
    if (std::find(annotations.begin(), annotations.end(), name)
        != annotations.end())
      continue;
    auto known = std::find_if(keywords.begin(), keywords.end(),
                              [&](const auto& x) { return x.name == name; });
    if (known == keywords.end())
      return '.' + name
             + ": this keyword is not checked; leave it out, or say the same "
               "with others";
    if (auto why = check_value(root, value, known->expected, depth + 1);
        !why.empty())
      return '.' + name + why;
  }
  return {};
}

bool is_integer(const json& x) {
  return x.is_number_integer()
         || (x.is_number_float()
             && std::trunc(x.get<double>()) == x.get<double>());
}

bool has_type(const json& x, std::string_view name) {
  if (name == "integer")
    return is_integer(x);
  if (name == "number")
    return x.is_number();
  return name == type_name(x);
}

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(
    std::count_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

/// Compares one document with one schema and all in it.
class comparison {
public:
  explicit comparison(const json& root) : root_(root) {
    // nop
  }

  std::string compare(const json& x, const json& schema, int depth) const {
    if (schema.is_boolean())
      return schema.get<bool>() ? "" : ": nothing is allowed here";
    if (depth > max_depth)
      return ": nested too deeply to be compared with the schema";
    if (auto why = values(x, schema); !why.empty())
      return why;
    if (auto why = combinations(x, schema, depth + 1); !why.empty())
      return why;
    if (x.is_object())
      return members(x, schema, depth + 1);
    if (x.is_array())
      return elements(x, schema, depth + 1);
    if (x.is_string())
      return within(schema, "Length",
                    characters(x.get_ref<const std::string&>()), "characters");
    return x.is_number() ? number(x, schema) : std::string{};
  }

private:
  static const json* find(const json& schema, const char* key) {
    auto i = schema.find(key);
    return i == schema.end() ? nullptr : &*i;
  }

  static std::string type_mismatch(const json& x, const json& type) {
    auto fits =
      type.is_array()
        ? std::any_of(type.begin(), type.end(),
                      [&](const json& t) {
                        return has_type(x, t.get_ref<const std::string&>());
                      })
        : has_type(x, type.get_ref<const std::string&>());
    if (fits)
      return {};
    auto wanted = type.is_array() ? dump_json(type) : type.get<std::string>();
    return ": expected " + wanted + ", got " + std::string{type_name(x)};
  }

  static std::string values(const json& x, const json& schema) {
    if (const auto* type = find(schema, "type"))
      if (auto why = type_mismatch(x, *type); !why.empty())
        return why;
    if (const auto* list = find(schema, "enum"))
      if (std::find(list->begin(), list->end(), x) == list->end())
        return ": expected one of the values of enum";
    if (const auto* value = find(schema, "const"); value && *value != x)
      return ": expected the value of const";
    return {};
  }

  std::string combinations(const json& x, const json& schema, int depth) const {
    if (const auto* reference = find(schema, "$ref"))
      if (auto why = compare(
            x, *resolve(root_, reference->get_ref<const std::string&>()),
            depth);
          !why.empty())
        return why;
    if (const auto* list = find(schema, "allOf"))
      for (const auto& part : *list)
        if (auto why = compare(x, part, depth); !why.empty())
          return why;
    auto fitting = [&](const json& list) {
      return std::count_if(list.begin(), list.end(), [&](const json& part) {
        return compare(x, part, depth).empty();
      });
    };
    if (const auto* list = find(schema, "anyOf"); list && fitting(*list) == 0)
      return ": fits none of the schemas of anyOf";
    if (const auto* list = find(schema, "oneOf"); list && fitting(*list) != 1)
      return ": expected to fit one of the schemas of oneOf and no other";
    if (const auto* part = find(schema, "not");
        part && compare(x, *part, depth).empty())
      return ": fits the schema of not";
    return {};
  }

  /// Checks `minLength` and `maxLength` and their like.
  static std::string within(const json& schema, const std::string& what,
                            std::size_t n, const char* of) {
    if (const auto* least = find(schema, ("min" + what).c_str());
        least && n < least->get<std::size_t>())
      return ": expected at least " + least->dump() + ' ' + of + ", got "
             + std::to_string(n);
    if (const auto* most = find(schema, ("max" + what).c_str());
        most && n > most->get<std::size_t>())
      return ": expected at most " + most->dump() + ' ' + of + ", got "
             + std::to_string(n);
    return {};
  }

  static std::string number(const json& x, const json& schema) {
    auto expected = [&](const char* key, const char* text, auto fits) {
      const auto* bound = find(schema, key);
      return bound && !fits(x, *bound)
               ? ": expected a number " + std::string{text} + ' '
                   + bound->dump()
               : std::string{};
    };
    for (const auto& why :
         {expected("minimum", "of at least",
                   [](const json&a, const json&b) { return a >= b; }),
          expected("maximum", "of at most",
                   [](const json&a, const json&b) { return a <= b; }),
          expected("exclusiveMinimum", "above",
                   [](const json&a, const json&b) { return a > b; }),
          expected("exclusiveMaximum", "below",
                   [](const json&a, const json&b) { return a < b; }),
          expected("multipleOf", "that is a multiple of",
                   [](const json&a, const json&b) {
                     auto q = a.get<double>() / b.get<double>();
                     return std::isfinite(q) && std::trunc(q) == q;
                   })})
      if (!why.empty())
        return why;
    return {};
  }

  std::string members(const json& x, const json& schema, int depth) const {
    if (auto why = within(schema, "Properties", x.size(), "members");
        !why.empty())
      return why;
    if (const auto* required = find(schema, "required"))
      for (const auto& name : *required)
        if (!x.contains(name.get_ref<const std::string&>()))
          return '/' + name.get<std::string>() + ": is missing";
    const auto* properties = find(schema, "properties");
    const auto* others = find(schema, "additionalProperties");
    for (const auto& [name, value] : x.items()) {
      const auto* part =
        properties != nullptr ? find(*properties, name.c_str()) : nullptr;
      if (part == nullptr)
        part = others;
      if (part == nullptr)
        continue;
      if (auto why = compare(value, *part, depth); !why.empty())
        return '/' + name + why;
    }
    return {};
  }

  std::string elements(const json& x, const json& schema, int depth) const {
    if (auto why = within(schema, "Items", x.size(), "elements"); !why.empty())
      return why;
    if (const auto* unique = find(schema, "uniqueItems");
        unique && unique->get<bool>()
        && std::set<json>(x.begin(), x.end()).size() != x.size())
      return ": expected no element twice";
    const auto* prefix = find(schema, "prefixItems");
    const auto* rest = find(schema, "items");
    for (std::size_t i = 0; i < x.size(); ++i) {
      const auto* part =
        prefix != nullptr && i < prefix->size() ? &(*prefix)[i] : rest;
      if (part == nullptr)
        continue;
      if (auto why = compare(x[i], *part, depth); !why.empty())
        return '/' + std::to_string(i) + why;
    }
    return {};
  }

  const json& root_;
};

} // namespace

std::string check_keywords(const json& schema) {
  return check_one(schema, schema, 0);
}

std::string mismatch(const json& document, const json& schema) {
  return comparison{schema}.compare(document, schema, 0);
}

} // namespace troupe::mcp
