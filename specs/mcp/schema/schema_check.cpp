#include "troupe/specs/mcp/schema/schema_check.hpp"

#include "troupe/specs/json/json.hpp"
#include "troupe/specs/mcp/schema/schema_part.hpp"
#include "troupe/specs/text/utf8.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

namespace troupe::mcp {

namespace {

using nlohmann::json;

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

/// Compares one document with one schema and all in it.
class comparison {
public:
  explicit comparison(const json& root) : root_(root) {
    // nop
  }

  std::string compare(const json& x, const json& schema, int depth) const {
    if (schema.is_boolean())
      return schema.get<bool>() ? "" : ": nothing is allowed here";
    if (depth > max_schema_depth)
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
                    count_code_points(x.get_ref<const std::string&>()),
                    "characters");
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
          return within_member('/', name.get<std::string>(), ": is missing");
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
        return within_member('/', name, why);
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
        return within_member('/', std::to_string(i), why);
    }
    return {};
  }

  const json& root_;
};

} // namespace

std::string mismatch(const json& document, const json& schema) {
  return comparison{schema}.compare(document, schema, 0);
}

} // namespace troupe::mcp
