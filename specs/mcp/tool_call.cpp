#include "troupe/specs/mcp/tool_call.hpp"

#include "troupe/specs/mcp/json_rpc.hpp"
#include "troupe/specs/mcp/progress.hpp"
#include "troupe/specs/mcp/protocol.hpp"
#include "troupe/specs/mcp/schema/schema_check.hpp"
#include "troupe/specs/mcp/tool_result.hpp"

#include <memory>
#include <string>
#include <utility>

namespace troupe::mcp {

namespace {

using nlohmann::json;

/// Makes the response of a result.
struct call_answer {
  json id;
  /// Null in the legacy era.
  json server_info;

  [[nodiscard]] reply operator()(json result) const {
    if (!server_info.is_null())
      result = complete_result(std::move(result), server_info);
    return json_reply(result_message(id, std::move(result)));
  }
};

/// Makes a tool's result of what the model answers.
class call_encoder final : public reply_encoder {
public:
  call_encoder(call_answer respond, tool_answer options)
    : answer_(std::move(respond)),
      result_(options.max_bytes),
      output_schema_(std::move(options.output_schema)),
      progress_(std::move(options.progress_token)) {
    // nop
  }

  std::optional<payload> item(payload x) override {
    result_.add(std::move(x));
    return progress_.count(progress::clock::now());
  }

  reply finish(reply answer) override {
    auto result = result_.finish(std::move(answer.body));
    if (auto why = broken(result); !why.empty())
      result = error_result(std::move(why));
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
      return "The tool declares an output schema, but its answer is not a JSON "
             "object";
    auto why = mismatch(*content, output_schema_);
    return why.empty() ? why
                       : "The tool's answer does not match its output schema: "
                           + why.substr(why.starts_with(": ") ? 2 : 0);
  }

  call_answer answer_;
  tool_result result_;
  json output_schema_;
  progress progress_;
};

} // namespace

reply no_answer() {
  auto result = text_reply("", 200, "text/event-stream");
  result.headers = {{"Cache-Control", "no-cache"}};
  return result;
}

void answer_as_tool(model_call& call, tool_answer answer) {
  call_answer respond{std::move(answer.id), std::move(answer.server_info)};
  call.events = !answer.progress_token.is_null();
  call.encoder = std::make_shared<call_encoder>(respond, std::move(answer));
  call.failed = [respond = std::move(respond)](const failure& why) {
    return why.code == errc::cancelled ? no_answer()
                                       : respond(error_result(why));
  };
}

} // namespace troupe::mcp
