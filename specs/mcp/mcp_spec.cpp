#include "troupe/specs/mcp/mcp_spec.hpp"

#include "troupe/specs/json/event_stream.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/mcp/batch.hpp"
#include "troupe/specs/mcp/origin.hpp"
#include "troupe/specs/mcp/progress.hpp"
#include "troupe/specs/mcp/session.hpp"
#include "troupe/specs/mcp/tool_call.hpp"
#include "troupe/specs/text/text.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace troupe {

namespace {

using nlohmann::json;

/// How long a client may keep the list of tools and what `server/discover`
/// answers. They are the same until the server is started anew.
constexpr int fresh_for_ms = 300'000;

/// Renders failures before a request's `id` is known, and the front's errors.
/// The status says what it is; MCP leaves us no codes of our own.
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

[[noreturn]] void refuse_method(const mcp::message& msg, int status) {
  throw mcp::rpc_error(mcp::method_not_found,
                       "Method not found: " + clipped(msg.method), msg.id,
                       status);
}

reply refused(const mcp::rpc_error& e) {
  return json_reply(mcp::error_message(e.id(), e.code(), e.what(), e.data()),
                    e.effective_status());
}

/// Returns the progress token of a request, or null.
json wanted_progress(const mcp::message& msg) {
  return msg.kind == mcp::message_kind::request ? mcp::progress_token(msg)
                                                : json{};
}

/// Ends the call that a client does not want any more. A message that names no
/// call is ignored, as MCP has it (basic utilities, cancellation).
void cancel(const mcp::message& msg, const std::string& session, context& ctx) {
  const auto* id = param(msg, "requestId");
  if (id == nullptr || (!id->is_string() && !id->is_number_integer()))
    return;
  if (auto name = mcp::running_name(session, *id); !name.empty())
    ctx.stop_calls(name);
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
  add(std::move(e),
      [this](const request& req, context& ctx) { return post(req, ctx); });
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

outcome mcp_spec::post(const request& req, context& ctx) const {
  check_origin(req);
  if (req.content_type() != "application/json")
    throw http_error(415, "Expected Content-Type: application/json");
  try {
    auto body = mcp::read_body(req.bytes(), req.limits_of_json());
    if (body.is_array())
      return answer_batch(std::move(body), req, ctx);
    auto msg = mcp::message_of(std::move(body));
    const auto era = mcp::era_of(msg, req.headers);
    auto token = wanted_progress(msg);
    if (!mcp::takes_events(req.headers))
      token = nullptr;
    if (era == mcp::era::legacy)
      return answer_legacy(std::move(msg), req, ctx, std::move(token));
    if (msg.kind != mcp::message_kind::request)
      return reply{202, {}, {}};
    return answer_modern(std::move(msg), req, std::move(token));
  } catch (const mcp::rpc_error& e) {
    return refused(e);
  }
}

outcome mcp_spec::answer_batch(json body, const request& req,
                               context& ctx) const {
  mcp::check_batch_version(req.headers);
  if (body.empty() || body.size() > mcp::max_batch)
    throw mcp::rpc_error(
      mcp::invalid_request,
      "Invalid Request: a batch of " + std::to_string(body.size())
        + " messages, expected 1 to " + std::to_string(mcp::max_batch));
  // Of all: it stands in a header.
  mcp::session_of(req.headers, nullptr);
  mcp::batch result;
  for (auto& x : body) {
    try {
      auto msg = mcp::message_of(std::move(x));
      mcp::era_of(msg, req.headers);
      // The answers come in one piece.
      static_cast<void>(wanted_progress(msg));
      if (msg.kind == mcp::message_kind::request && msg.method == "initialize")
        throw mcp::rpc_error(
          mcp::invalid_request,
          "Invalid Request: initialize must not be in a batch", msg.id);
      const auto is_request = msg.kind == mcp::message_kind::request;
      auto answer = answer_legacy(std::move(msg), req, ctx, nullptr);
      if (auto* call = answer.call())
        result.add(std::move(*call));
      else if (is_request)
        result.add(std::move(*answer.answer()->body.json()));
    } catch (const mcp::rpc_error& e) {
      result.add(mcp::error_message(e.id(), e.code(), e.what(), e.data()));
    }
  }
  return std::move(result).finish();
}

outcome mcp_spec::answer_legacy(mcp::message msg, const request& req,
                                context& ctx, json token) const {
  // Whatever the header says, it begins a session.
  if (msg.kind == mcp::message_kind::request && msg.method == "initialize") {
    auto result = json_reply(mcp::result_message(msg.id, initialize(msg)));
    result.headers.add(mcp::session_header, mcp::new_session());
    return result;
  }
  auto session = mcp::session_of(req.headers, msg.id);
  if (msg.kind != mcp::message_kind::request) {
    if (msg.method == "notifications/cancelled")
      cancel(msg, session, ctx);
    return reply{202, {}, {}};
  }
  if (msg.method == "ping")
    return mcp::result_message(msg.id, json::object());
  if (msg.method == "tools/list")
    return mcp::result_message(msg.id, list_tools(msg));
  if (msg.method != "tools/call")
    refuse_method(msg, 200);
  auto name = mcp::running_name(session, msg.id);
  auto call = call_tool(std::move(msg), nullptr, std::move(token));
  call.name = std::move(name);
  return call;
}

outcome mcp_spec::answer_modern(mcp::message msg, const request& req,
                                json token) const {
  mcp::check_standard_headers(msg, req.headers);
  if (msg.method == "server/discover")
    return modern_result(msg, cacheable(discover()));
  if (msg.method == "tools/list")
    return modern_result(msg, cacheable(list_tools(msg)));
  if (msg.method == "tools/call")
    return call_tool(std::move(msg), &req, std::move(token));
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
  // The same for all callers, but not for those without a key.
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
  // We give out no cursors: everything is on the first page.
  if (const auto* x = param(msg, "cursor"); x != nullptr && !x->is_null())
    refuse_params(msg, "\"cursor\" is not one that this server gave");
  return {{"tools", tools_}};
}

model_call mcp_spec::call_tool(mcp::message msg, const request* modern,
                               json token) const {
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
  mcp::answer_as_tool(result,
                      {.id = std::move(msg.id),
                       .server_info = modern != nullptr ? server_info_ : json{},
                       .max_bytes = options_.max_stream_bytes,
                       .output_schema = tool->output_schema,
                       .progress_token = std::move(token)});
  return result;
}

} // namespace troupe
