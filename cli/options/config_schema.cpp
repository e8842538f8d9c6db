#include "troupe/cli/options/config_schema.hpp"

namespace troupe {

namespace {

using nlohmann::ordered_json;

ordered_json any_of(ordered_json a, ordered_json b) {
  return ordered_json::array({std::move(a), std::move(b)});
}

void add_members(ordered_json& out, const option& o);

void add_type(ordered_json& out, const option& o) {
  switch (o.kind) {
    case option_kind::boolean:
      out["type"] = "boolean";
      return;
    case option_kind::integer:
    case option_kind::number:
      out["type"] = o.kind == option_kind::integer ? "integer" : "number";
      out["minimum"] = o.min;
      out["maximum"] = o.max;
      return;
    case option_kind::time_or_false:
      out["anyOf"] =
        any_of({{"type", "integer"}, {"minimum", o.min}, {"maximum", o.max}},
               {{"const", false}});
      return;
    case option_kind::string:
      out["type"] = "string";
      if (o.min > 0)
        out["minLength"] = o.min;
      return;
    case option_kind::choice:
      out["enum"] = o.choices;
      return;
    case option_kind::strings:
      out["type"] = "array";
      out["items"] = {{"type", "string"}, {"minLength", 1}};
      return;
    case option_kind::path_or_false:
      out["anyOf"] =
        any_of({{"type", "string"}, {"pattern", "^/"}}, {{"const", false}});
      return;
    case option_kind::prefix:
      out["anyOf"] =
        any_of({{"type", "string"}, {"pattern", "^/"}}, {{"const", ""}});
      return;
    case option_kind::file_or_boolean:
      out["anyOf"] =
        any_of({{"type", "string"}, {"minLength", 1}}, {{"type", "boolean"}});
      return;
    case option_kind::anything:
      return;
    case option_kind::free_object:
      out["type"] = "object";
      return;
    case option_kind::section:
      add_members(out, o);
      return;
    case option_kind::integer_or_section: {
      ordered_json object;
      add_members(object, o);
      out["anyOf"] =
        any_of({{"type", "integer"}, {"minimum", o.min}, {"maximum", o.max}},
               std::move(object));
      return;
    }
    case option_kind::entries:
      out["type"] = "array";
      add_members(out["items"], o);
      return;
  }
}

void add_members(ordered_json& out, const option& o) {
  out["type"] = "object";
  out["additionalProperties"] = false;
  auto required = ordered_json::array();
  auto& properties = out["properties"] = ordered_json::object();
  for (const auto& member : o.nested) {
    auto& x = properties[member.key];
    x["description"] = member.doc;
    add_type(x, member);
    if (member.fallback)
      x["default"] = *member.fallback;
    if (member.required)
      required.push_back(member.key);
  }
  if (!required.empty())
    out["required"] = std::move(required);
}

/// Asks for at least one entry in the list.
ordered_json not_empty(const char* list) {
  return {{"required", {list}}, {"properties", {{list, {{"minItems", 1}}}}}};
}

} // namespace

ordered_json config_schema(const option& table) {
  ordered_json result;
  result["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  result["title"] = "Troupe";
  result["description"] = table.doc;
  add_members(result, table);
  // A config that serves nothing is an error.
  result["anyOf"] = any_of(not_empty("models"), not_empty("specs"));
  return result;
}

std::string config_schema_text(const option& table) {
  return config_schema(table).dump(2) + '\n';
}

} // namespace troupe
