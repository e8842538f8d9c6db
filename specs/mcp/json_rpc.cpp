#include "troupe/specs/mcp/json_rpc.hpp"

#include "troupe/specs/json/json.hpp"
#include "troupe/specs/text/text.hpp"

namespace troupe::mcp {

namespace {

using nlohmann::json;

json parse(std::string_view text, json_limits limits) {
  try {
    return parse_json(text, limits);
  } catch (const json_syntax_error& e) {
    throw rpc_error(parse_error, std::string{"Parse error: "} + e.what());
  }
}

[[noreturn]] void refuse(const std::string& why, json id = nullptr) {
  throw rpc_error(invalid_request, "Invalid Request: " + why, std::move(id));
}

/// Returns whether there is an `id`, and takes it.
bool take_id(const json& x, json& id) {
  auto i = x.find("id");
  if (i == x.end())
    return false;
  if (!i->is_string() && !i->is_number_integer())
    refuse("\"id\" is " + std::string{type_name(*i)}
           + ", expected a string or an integer");
  // It is repeated in the answer.
  if (i->is_string()
      && i->get_ref<const std::string&>().size() > max_echo_bytes)
    refuse("\"id\" has more than " + std::to_string(max_echo_bytes) + " bytes");
  id = *i;
  return true;
}

} // namespace

message read_message(std::string_view text, json_limits limits) {
  auto x = parse(text, limits);
  if (x.is_array())
    refuse("a batch; MCP has no batches since 2025-06-18, send each message in "
           "a POST of its own");
  if (!x.is_object())
    refuse("expected an object, got " + std::string{type_name(x)});
  message result;
  auto has_id = take_id(x, result.id);
  if (auto i = x.find("jsonrpc"); i == x.end() || *i != "2.0")
    refuse(R"(expected "jsonrpc": "2.0")", result.id);
  auto method = x.find("method");
  if (method == x.end()) {
    if (!x.contains("result") && !x.contains("error"))
      refuse("\"method\" is missing", result.id);
    result.kind = message_kind::response;
    return result;
  }
  if (!method->is_string())
    refuse("\"method\" is " + std::string{type_name(*method)}
             + ", expected a string",
           result.id);
  result.method = method->get<std::string>();
  result.kind = has_id ? message_kind::request : message_kind::notification;
  // Clients that write every member of a message write null for none.
  if (auto i = x.find("params"); i != x.end() && !i->is_null()) {
    if (!i->is_object())
      throw rpc_error(invalid_params,
                      "Invalid params: expected an object, got "
                        + std::string{type_name(*i)},
                      result.id);
    result.params = std::move(*i);
  }
  return result;
}

json result_message(json id, json result) {
  return {
    {"jsonrpc", "2.0"}, {"id", std::move(id)}, {"result", std::move(result)}};
}

json error_message(json id, int code, json text, json data) {
  json error{{"code", code}, {"message", std::move(text)}};
  if (!data.is_null())
    error["data"] = std::move(data);
  return {
    {"jsonrpc", "2.0"}, {"id", std::move(id)}, {"error", std::move(error)}};
}

} // namespace troupe::mcp
