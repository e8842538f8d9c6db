#include "troupe/specs/mcp/param_header.hpp"

#include "troupe/specs/mcp/header_value.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace troupe::mcp {

namespace {

using nlohmann::json;

constexpr auto annotation = "x-mcp-header";

bool is_one_of(std::string_view x, std::initializer_list<std::string_view> xs) {
  return std::find(xs.begin(), xs.end(), x) != xs.end();
}

std::string below(std::string where, std::string_view key) {
  where += '.';
  where += key;
  return where;
}

/// Walks through a schema. What it finds is right below `properties` only.
class finder {
public:
  explicit finder(std::vector<param_header>& out) : out_(out) {
    // nop
  }

  /// @param where the schema, for messages
  /// @param path of keys to the argument; null when other keywords than
  ///        `properties` lead here
  /// @returns what is wrong, or ""
  std::string schema(const json& x, const std::string& where,
                     const std::vector<std::string>* path) {
    if (x.is_array())
      return each(x, where, nullptr);
    if (!x.is_object())
      return {};
    for (const auto& [key, value] : x.items()) {
      auto here = below(where, key);
      std::string why;
      if (key == annotation) {
        why = take(x, value, path);
        if (!why.empty())
          return here.append(": ").append(why);
      } else if (key == "properties") {
        why = each(value, here, path);
      } else if (is_one_of(key, {"$defs", "definitions", "dependentSchemas",
                                 "patternProperties"})) {
        why = each(value, here, nullptr);
      } else if (!is_one_of(key, {"const", "default", "enum", "examples"})) {
        why = schema(value, here, nullptr);
      }
      if (!why.empty())
        return why;
    }
    return {};
  }

private:
  /// Of a list of schemas, or of an object whose keys are names.
  std::string each(const json& xs, const std::string& where,
                   const std::vector<std::string>* path) {
    if (!xs.is_structured())
      return {};
    for (const auto& [key, value] : xs.items()) {
      std::string why;
      if (path != nullptr) {
        auto longer = *path;
        longer.push_back(key);
        why = schema(value, below(where, key), &longer);
      } else {
        why = schema(value, below(where, key), nullptr);
      }
      if (!why.empty())
        return why;
    }
    return {};
  }

  std::string take(const json& property, const json& name,
                   const std::vector<std::string>* path) {
    if (path == nullptr || path->empty())
      return "expected it in a property of the arguments, or of an object in "
             "them";
    if (!name.is_string() || !is_token(name.get_ref<const std::string&>()))
      return "expected the rest of a header's name, a token";
    auto type = property.find("type");
    if (type == property.end()
        || (*type != "string" && *type != "integer" && *type != "boolean"))
      return "expected a property of type string, integer or boolean";
    auto full = "Mcp-Param-" + name.get<std::string>();
    for (const auto& x : out_)
      if (iequals(x.name, full))
        return "the header " + full + " is taken";
    out_.push_back({*path, std::move(full)});
    return {};
  }

  std::vector<param_header>& out_;
};

/// Returns the argument, or null when there is none.
const json* find(const json& arguments, const std::vector<std::string>& path) {
  const auto* x = &arguments;
  for (const auto& key : path) {
    if (!x->is_object())
      return nullptr;
    auto i = x->find(key);
    if (i == x->end())
      return nullptr;
    x = &*i;
  }
  return x->is_null() ? nullptr : x;
}

bool same_number(const std::string& text, const json& x) {
  double number = 0;
  const auto* end = text.data() + text.size();
  auto [last, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && last == end && number == x.get<double>();
}

bool same(const std::string& text, const json& x) {
  if (x.is_string())
    return text == x.get_ref<const std::string&>();
  if (x.is_boolean())
    return text == (x.get<bool>() ? "true" : "false");
  return x.is_number() && same_number(text, x);
}

} // namespace

std::string find_param_headers(const json& schema,
                               std::vector<param_header>& out) {
  const std::vector<std::string> root;
  return finder{out}.schema(schema, "", &root);
}

void check_param_headers(const std::vector<param_header>& expected,
                         const json& arguments, const header_map& headers,
                         const json& id) {
  for (const auto& x : expected) {
    const auto* argument = find(arguments, x.path);
    auto value = single_header(headers, x.name, id);
    if (!value) {
      // A list or an object fits into no header; the model refuses it.
      if (argument != nullptr && argument->is_primitive())
        refuse_header(x.name, "is missing", id);
      continue;
    }
    auto text = decode_header_value(*value);
    if (!text)
      refuse_header(x.name, "is neither ASCII nor =?base64?...?=", id);
    if (argument == nullptr || !same(*text, *argument))
      refuse_header(x.name, "is not what the body says", id);
  }
}

} // namespace troupe::mcp
