#include "troupe/specs/mcp/mcp_spec.hpp"

#include "troupe/specs/json/event_stream.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/mcp/origin.hpp"
#include "troupe/specs/mcp/schema_check.hpp"
#include "troupe/specs/mcp/tool_result.hpp"
#include "troupe/specs/text/text.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

namespace troupe {

namespace {

using nlohmann::json;

/// How long a client may keep the list of tools and what `server/discover`
/// answers. They are the same until the server is started anew.
constexpr int fresh_for_ms = 300'000;

/// Of what fails before a request's `id` is known, and of the front's errors.
/// The status says what it is; MCP leaves no codes of our own to us.
reply render_rpc_error(const failure& why) {
  auto status = why.effective_status();
  auto code = status < 500 ? mcp::invalid_request : mcp::internal_error;
  auto detail = why.effective_detail();
  json data;
  if (!detail.is_string()) {
    data = std::move(detail);
    detail = std::string{default_detail(why.code)};
  }
  auto result = json_reply(
    mcp::error_message(nullptr, code, std::move(detail), std::move(data)),
    status);
  result.headers = why.headers;
  return result;
}

[[noreturn]] void refuse_params(const mcp::message& msg,
                                const std::string& why) {
  throw mcp::rpc_error(mcp::invalid_params, "Invalid params: " + why, msg.id);
}

/// Returns a member of the params, or null.
const json* param(const mcp::message& msg, const char* key) {
  auto i = msg.params.find(key);
  return i == msg.params.end() ? nullptr : &*i;
}

const std::string& text_param(const mcp::message& msg, const char* key) {
  const auto* x = param(msg, key);
  if (x == nullptr || !x->is_string())
    refuse_params(msg,
                  '"' + std::string{key} + "\" is "
                    + (x == nullptr ? "missing" : std::string{type_name(*x)})
                    + ", expected a string");
  return x->get_ref<const std::string&>();
}

json describe(const mcp_tool& x) {
  json result{{"name", x.effective_name()},
              {"description", x.description},
              {"inputSchema", x.input_schema}};
  if (!x.title.empty())
    result["title"] = x.title;
  if (!x.output_schema.is_null())
    result["outputSchema"] = x.output_schema;
  return result;
}

json capabilities() {
  return {{"tools", {{"listChanged", false}}}};
}

/// Answers one call.
struct call_answer {
  json id;
  /// Null in the legacy era.
  json server_info;

  [[nodiscard]] reply operator()(json result) const {
    if (!server_info.is_null())
      result = mcp::complete_result(std::move(result), server_info);
    return json_reply(mcp::result_message(id, std::move(result)));
  }
};

/// Makes a tool's result of what the model answers. A stream is collected.
class call_encoder final : public reply_encoder {
public:
  /// @param output_schema null for none
  call_encoder(call_answer answer, std::size_t max_bytes, json output_schema)
    : answer_(std::move(answer)),
      result_(max_bytes),
      output_schema_(std::move(output_schema)) {
    // nop
  }

  std::optional<payload> item(payload x) override {
    result_.add(std::move(x));
    return std::nullopt;
  }

  reply finish(reply answer) override {
    auto result = result_.finish(std::move(answer.body));
    if (auto why = broken(result); !why.empty())
      result = mcp::error_result(std::move(why));
    return answer_(std::move(result));
  }

private:
  /// How the result breaks the tool's promise, or "". Clients drop a result
  /// that does, and the language model would hear of nothing.
  [[nodiscard]] std::string broken(const json& result) const {
    if (output_schema_.is_null())
      return {};
    auto content = result.find("structuredContent");
    if (content == result.end())
      return "The tool declares an output schema, but its answer is no JSON "
             "object";
    auto why = mcp::mismatch(*content, output_schema_);
    return why.empty() ? why
                       : "The tool's answer does not match its output schema: "
                           + why.substr(why.starts_with(": ") ? 2 : 0);
  }

  call_answer answer_;
  mcp::tool_result result_;
  json output_schema_;
};

[[noreturn]] void refuse_method(const mcp::message& msg, int status) {
  throw mcp::rpc_error(mcp::method_not_found,
                       "Method not found: " + clipped(msg.method), msg.id,
                       status);
}

std::string as_event(const json& message) {
  std::string result;
  append_event(result, message, "message");
  return result;
}

} // namespace

mcp_spec::mcp_spec(mcp_options options)
  : spec("mcp " + options.name),
    options_(std::move(options)),
    server_info_{{"name", options_.name}, {"version", options_.version}} {
  if (auto why = options_.validate(); !why.empty())
    throw std::invalid_argument("mcp_options: " + why);
  for (const auto& x : options_.tools) {
    tools_.push_back(describe(x));
    // `validate` found nothing wrong with them.
    static_cast<void>(
      mcp::find_param_headers(x.input_schema, param_headers_.emplace_back()));
  }
  render_error = render_rpc_error;
  endpoint e;
  e.methods = {method::post};
  e.pattern = options_.path;
  e.access = options_.access;
  e.on_conflict = options_.on_conflict;
  e.checks_origin = true;
  add(std::move(e), [this](const request& req, context&) { return post(req); });
}

void mcp_spec::check_origin(const request& req) const {
  auto origin = req.headers.find("Origin");
  if (!origin)
    return;
  auto allowed = mcp::is_loopback_origin(*origin);
  if (const auto& list = options_.allowed_origins)
    allowed = std::any_of(list->begin(), list->end(), [&](const auto& x) {
      return x == "*" || iequals(x, *origin);
    });
  if (!allowed)
    throw http_error(403, "The origin \"" + clipped(*origin)
                            + "\" is not among allowed_origins");
}

outcome mcp_spec::post(const request& req) const {
  check_origin(req);
  if (req.content_type() != "application/json")
    throw http_error(415, "Expected Content-Type: application/json");
  try {
    auto msg = mcp::read_message(req.bytes(), req.limits_of_json());
    auto era = mcp::era_of(msg, req.headers);
    if (msg.kind != mcp::message_kind::request)
      return reply{202, {}, {}};
    return era == mcp::era::modern ? answer_modern(std::move(msg), req)
                                   : answer_legacy(std::move(msg));
  } catch (const mcp::rpc_error& e) {
    return json_reply(mcp::error_message(e.id(), e.code(), e.what(), e.data()),
                      e.effective_status());
  }
}

outcome mcp_spec::answer_legacy(mcp::message msg) const {
  if (msg.method == "initialize")
    return mcp::result_message(msg.id, initialize(msg));
  if (msg.method == "ping")
    return mcp::result_message(msg.id, json::object());
  if (msg.method == "tools/list")
    return mcp::result_message(msg.id, list_tools(msg));
  if (msg.method == "tools/call")
    return call_tool(std::move(msg), nullptr);
  refuse_method(msg, 200);
}

outcome mcp_spec::answer_modern(mcp::message msg, const request& req) const {
  mcp::check_standard_headers(msg, req.headers);
  if (msg.method == "server/discover")
    return modern_result(msg, cacheable(discover()));
  if (msg.method == "tools/list")
    return modern_result(msg, cacheable(list_tools(msg)));
  if (msg.method == "tools/call")
    return call_tool(std::move(msg), &req);
  if (msg.method == "subscriptions/listen")
    return listen(msg);
  refuse_method(msg, 404);
}

json mcp_spec::modern_result(const mcp::message& msg, json result) const {
  return mcp::result_message(
    msg.id, mcp::complete_result(std::move(result), server_info_));
}

json mcp_spec::cacheable(json result) const {
  result["ttlMs"] = fresh_for_ms;
  // The same for all callers, but not for who has no key.
  result["cacheScope"] =
    options_.access == troupe::access::open ? "public" : "private";
  return result;
}

json mcp_spec::initialize(const mcp::message& msg) const {
  json result{{"protocolVersion",
               mcp::agreed_version(text_param(msg, "protocolVersion"))},
              {"capabilities", capabilities()},
              {"serverInfo", server_info_}};
  if (!options_.instructions.empty())
    result["instructions"] = options_.instructions;
  return result;
}

json mcp_spec::discover() const {
  json result{{"supportedVersions", mcp::supported_versions()},
              {"capabilities", capabilities()}};
  if (!options_.instructions.empty())
    result["instructions"] = options_.instructions;
  return result;
}

reply mcp_spec::listen(const mcp::message& msg) const {
  if (const auto* x = param(msg, "notifications"); !x || !x->is_object())
    refuse_params(msg, "\"notifications\" is "
                         + (x ? std::string{type_name(*x)} : "missing")
                         + ", expected an object");
  // Nothing that can be listened to changes, so the subscription is to nothing
  // and ends in order.
  json meta{{mcp::subscription_key, msg.id}};
  json acknowledged{
    {"jsonrpc", "2.0"},
    {"method", "notifications/subscriptions/acknowledged"},
    {"params", {{"_meta", meta}, {"notifications", json::object()}}}};
  auto result = text_reply(as_event(acknowledged)
                             + as_event(modern_result(msg, {{"_meta", meta}})),
                           200, "text/event-stream");
  result.headers = {{"Cache-Control", "no-cache"}, {"X-Accel-Buffering", "no"}};
  return result;
}

json mcp_spec::list_tools(const mcp::message& msg) const {
  // We hand out none: everything is on the first page.
  if (const auto* x = param(msg, "cursor"); x != nullptr && !x->is_null())
    refuse_params(msg, "\"cursor\" is none that this server gave");
  return {{"tools", tools_}};
}

outcome mcp_spec::call_tool(mcp::message msg, const request* modern) const {
  const auto& name = text_param(msg, "name");
  auto tool =
    std::find_if(options_.tools.begin(), options_.tools.end(),
                 [&](const mcp_tool& x) { return x.effective_name() == name; });
  if (tool == options_.tools.end())
    throw mcp::rpc_error(mcp::invalid_params, "Unknown tool: " + clipped(name),
                         msg.id);
  auto arguments = json::object();
  if (auto i = msg.params.find("arguments");
      i != msg.params.end() && !i->is_null()) {
    if (!i->is_object())
      refuse_params(msg, "\"arguments\" is " + std::string{type_name(*i)}
                           + ", expected an object");
    arguments = std::move(*i);
  }
  if (modern != nullptr)
    mcp::check_param_headers(
      param_headers_[static_cast<std::size_t>(tool - options_.tools.begin())],
      arguments, modern->headers, msg.id);
  if (tool->arguments.is_object())
    arguments.update(tool->arguments);
  auto result = call_model(tool->model, std::move(arguments));
  call_answer answer{std::move(msg.id),
                     modern != nullptr ? server_info_ : json{}};
  result.encoder = std::make_shared<call_encoder>(
    answer, options_.max_stream_bytes, tool->output_schema);
  result.failed = [answer = std::move(answer)](const failure& why) {
    return answer(mcp::error_result(why));
  };
  return result;
}

} // namespace troupe
