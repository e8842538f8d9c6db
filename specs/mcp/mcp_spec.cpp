#include "troupe/specs/mcp/mcp_spec.hpp"

#include "troupe/specs/json.hpp"
#include "troupe/specs/mcp/origin.hpp"
#include "troupe/specs/mcp/tool_result.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <utility>

namespace troupe {

namespace {

using nlohmann::json;

/// The newest first.
constexpr std::array<std::string_view, 4> versions{"2025-11-25", "2025-06-18",
                                                   "2025-03-26", "2024-11-05"};

bool is_supported(std::string_view version) {
  return std::find(versions.begin(), versions.end(), version) != versions.end();
}

/// Of what fails before a request's `id` is known, and of the front's errors.
reply render_rpc_error(const failure& why) {
  auto status = why.effective_status();
  auto code = mcp::server_error;
  if (status == 400)
    code = mcp::invalid_request;
  else if (status == 500)
    code = mcp::internal_error;
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

/// Checks the header that names the version which was agreed on, and which
/// `initialize` therefore cannot know (MCP, transports, protocol version
/// header).
void check_version(const request& req, const mcp::message& msg) {
  if (msg.method == "initialize")
    return;
  auto version = req.headers.find("MCP-Protocol-Version");
  if (version && !is_supported(*version))
    throw mcp::rpc_error(mcp::invalid_request,
                         "MCP-Protocol-Version: expected 2025-11-25, "
                         "2025-06-18, 2025-03-26 or 2024-11-05, got \""
                           + std::string{*version} + '"',
                         msg.id);
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

/// Makes a tool's result of what the model answers. A stream is collected.
class call_encoder final : public reply_encoder {
public:
  call_encoder(json id, std::size_t max_bytes, bool wants_object)
    : id_(std::move(id)), result_(max_bytes), wants_object_(wants_object) {
    // nop
  }

  std::optional<payload> item(payload x) override {
    result_.add(std::move(x));
    return std::nullopt;
  }

  reply finish(reply answer) override {
    auto result = result_.finish(std::move(answer.body));
    if (wants_object_ && !result.contains("structuredContent"))
      result = mcp::error_result("The tool declares an output schema, but its "
                                 "answer is no JSON object");
    return json_reply(mcp::result_message(id_, std::move(result)));
  }

private:
  json id_;
  mcp::tool_result result_;
  bool wants_object_;
};

} // namespace

mcp_spec::mcp_spec(mcp_options options)
  : spec("mcp " + options.name), options_(std::move(options)) {
  if (auto why = options_.validate(); !why.empty())
    throw std::invalid_argument("mcp_options: " + why);
  for (const auto& x : options_.tools)
    tools_.push_back(describe(x));
  render_error = render_rpc_error;
  endpoint e;
  e.methods = {method::post};
  e.pattern = options_.path;
  e.access = options_.access;
  e.on_conflict = options_.on_conflict;
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
    throw http_error(403, "The origin \"" + std::string{*origin}
                            + "\" is not among allowed_origins");
}

outcome mcp_spec::post(const request& req) const {
  check_origin(req);
  if (req.content_type() != "application/json")
    throw http_error(415, "Expected Content-Type: application/json");
  try {
    auto msg = mcp::read_message(req.bytes());
    check_version(req, msg);
    return answer(std::move(msg));
  } catch (const mcp::rpc_error& e) {
    // What can be told from others is an answer; else the POST is at fault.
    auto status = e.code() == mcp::parse_error
                      || e.code() == mcp::invalid_request || e.id().is_null()
                    ? 400
                    : 200;
    return json_reply(mcp::error_message(e.id(), e.code(), e.what()), status);
  }
}

outcome mcp_spec::answer(mcp::message msg) const {
  if (msg.kind != mcp::message_kind::request)
    return reply{202, {}, {}};
  if (msg.method == "initialize")
    return mcp::result_message(msg.id, initialize(msg));
  if (msg.method == "ping")
    return mcp::result_message(msg.id, json::object());
  if (msg.method == "tools/list")
    return mcp::result_message(msg.id, list_tools(msg));
  if (msg.method == "tools/call")
    return call_tool(std::move(msg));
  throw mcp::rpc_error(mcp::method_not_found, "Method not found: " + msg.method,
                       msg.id);
}

json mcp_spec::initialize(const mcp::message& msg) const {
  const auto& asked = text_param(msg, "protocolVersion");
  json result{
    {"protocolVersion",
     is_supported(asked) ? asked : std::string{versions.front()}},
    {"capabilities", {{"tools", {{"listChanged", false}}}}},
    {"serverInfo", {{"name", options_.name}, {"version", options_.version}}}};
  if (!options_.instructions.empty())
    result["instructions"] = options_.instructions;
  return result;
}

json mcp_spec::list_tools(const mcp::message& msg) const {
  // We hand out none: everything is on the first page.
  if (param(msg, "cursor") != nullptr)
    refuse_params(msg, "\"cursor\" is none that this server gave");
  return {{"tools", tools_}};
}

outcome mcp_spec::call_tool(mcp::message msg) const {
  const auto& name = text_param(msg, "name");
  auto tool =
    std::find_if(options_.tools.begin(), options_.tools.end(),
                 [&](const mcp_tool& x) { return x.effective_name() == name; });
  if (tool == options_.tools.end())
    throw mcp::rpc_error(mcp::invalid_params, "Unknown tool: " + name, msg.id);
  auto arguments = json::object();
  if (auto i = msg.params.find("arguments");
      i != msg.params.end() && !i->is_null()) {
    if (!i->is_object())
      refuse_params(msg, "\"arguments\" is " + std::string{type_name(*i)}
                           + ", expected an object");
    arguments = std::move(*i);
  }
  if (tool->arguments.is_object())
    arguments.update(tool->arguments);
  auto result = call_model(tool->model, std::move(arguments));
  result.encoder = std::make_shared<call_encoder>(
    msg.id, options_.max_stream_bytes, !tool->output_schema.is_null());
  result.failed = [id = std::move(msg.id)](const failure& why) {
    return json_reply(mcp::result_message(id, mcp::error_result(why)));
  };
  return result;
}

} // namespace troupe
