#include "troupe/specs/mcp/mcp_options.hpp"

#include "troupe/specs/json/json.hpp"
#include "troupe/specs/mcp/param_header.hpp"
#include "troupe/specs/mcp/schema/schema_keywords.hpp"
#include "troupe/specs/text/text.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace troupe {

namespace {

bool is_tool_name(const std::string& x) {
  constexpr std::size_t longest = 128;
  return x.size() <= longest && std::all_of(x.begin(), x.end(), is_name_char);
}

/// Returns whether a browser may send it as `Origin` (RFC 6454 section 7), or
/// it stands for all.
bool is_origin(std::string_view x) {
  if (x == "*" || x == "null")
    return true;
  auto scheme = x.find("://");
  if (scheme == std::string_view::npos || scheme == 0)
    return false;
  auto host = x.substr(scheme + 3);
  return !host.empty() && host.find_first_of("/?#@ ") == std::string_view::npos;
}

/// @returns what is wrong with a schema, after the key inside it; or "".
std::string check_schema(const nlohmann::json& x) {
  if (!x.is_object())
    return ": expected a JSON Schema, an object, got "
           + std::string{type_name(x)};
  auto type = x.find("type");
  if (type == x.end() || *type != "object")
    return R"(: expected "type": "object", because arguments have names)";
  if (auto i = x.find("properties"); i != x.end() && !i->is_object())
    return ".properties: expected an object, got " + std::string{type_name(*i)};
  if (auto i = x.find("required"); i != x.end()) {
    auto names = i->is_array()
                 && std::all_of(i->begin(), i->end(),
                                [](const auto& y) { return y.is_string(); });
    if (!names)
      return ".required: expected an array of names";
  }
  return {};
}

/// @returns what is wrong with fixed arguments, after the key; or "".
/// @pre the schema is one
std::string check_arguments(const nlohmann::json& x,
                            const nlohmann::json& schema) {
  if (x.is_null())
    return {};
  if (!x.is_object())
    return ": expected an object, got " + std::string{type_name(x)};
  auto properties = schema.find("properties");
  auto required = schema.find("required");
  for (const auto& [name, value] : x.items())
    if ((properties != schema.end() && properties->contains(name))
        || (required != schema.end()
            && std::find(required->begin(), required->end(), name)
                 != required->end()))
      return '.' + name
             + ": every call has this value; take it out of input_schema";
  return {};
}

std::string check_tool(const mcp_tool& x) {
  if (x.model.empty())
    return "model: expected the name of a model";
  if (!is_tool_name(x.effective_name()))
    return (x.name.empty() ? "model" : "name")
           + std::string{": expected 1 to 128 letters, digits, _ - . as the "
                         "tool's name"};
  if (x.description.empty())
    return "description: expected what the tool does, for the language model "
           "that decides whether to call it";
  if (auto why = check_schema(x.input_schema); !why.empty())
    return "input_schema" + why;
  std::vector<mcp::param_header> headers;
  if (auto why = mcp::find_param_headers(x.input_schema, headers); !why.empty())
    return "input_schema" + why;
  if (auto why = check_arguments(x.arguments, x.input_schema); !why.empty())
    return "arguments" + why;
  if (x.output_schema.is_null())
    return {};
  if (auto why = check_schema(x.output_schema); !why.empty())
    return "output_schema" + why;
  // Answers are held to it, so all of it has to be understood.
  if (auto why = mcp::check_keywords(x.output_schema); !why.empty())
    return "output_schema" + why;
  return {};
}

} // namespace

std::string mcp_options::validate() const {
  if (name.empty())
    return "name: expected at least one character";
  if (version.empty())
    return "version: expected at least one character";
  if (!path.starts_with('/'))
    return "path: expected a path that starts with /";
  if (tools.empty())
    return "tools: expected at least one tool";
  if (max_stream_bytes == 0)
    return "max_stream_bytes: expected at least 1";
  if (allowed_origins)
    for (std::size_t i = 0; i < allowed_origins->size(); ++i)
      if (!is_origin((*allowed_origins)[i]))
        return "allowed_origins." + std::to_string(i)
               + ": expected \"*\", or what browsers send: scheme, host and "
                 "port without a path, e.g. https://chat.example.com, got \""
               + (*allowed_origins)[i] + '"';
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < tools.size(); ++i) {
    auto here = "tools." + std::to_string(i) + '.';
    if (auto why = check_tool(tools[i]); !why.empty())
      return here + why;
    auto [first, added] = seen.emplace(tools[i].effective_name(), i);
    if (!added)
      return here + (tools[i].name.empty() ? "model" : "name")
             + ": the tool name \"" + first->first + "\" is taken by tools."
             + std::to_string(first->second) + "; give one of them a \"name\"";
  }
  return {};
}

} // namespace troupe
