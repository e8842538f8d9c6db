#include "troupe/specs/openai/chat/chat.hpp"

#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/openai/chat/chat_request.hpp"
#include "troupe/specs/openai/wire/json_body.hpp"

#include <utility>

namespace troupe::openai {

namespace {

using nlohmann::json;

json call_delta(tool_call_piece x) {
  json function{{"arguments", std::move(x.arguments)}};
  if (!x.name.empty())
    function["name"] = std::move(x.name);
  json result{{"index", x.index.value_or(0)},
              {"function", std::move(function)}};
  // A call's first piece has an id, given or made.
  if (!x.id.empty()) {
    result["id"] = std::move(x.id);
    result["type"] = "function";
  }
  return result;
}

} // namespace

bool chat_encoder::visible(const answer_piece& x) const {
  return !x.empty();
}

void chat_encoder::write_delta(json& choice, answer_piece x, bool first) const {
  auto& delta = choice["delta"] = json::object();
  if (first)
    delta["role"] = role();
  if (!x.content.empty() || (first && x.empty()))
    delta["content"] = std::move(x.content);
  if (!x.refusal.empty())
    delta["refusal"] = std::move(x.refusal);
  for (auto& c : x.tool_calls)
    delta["tool_calls"].push_back(call_delta(std::move(c)));
}

void chat_encoder::write_whole(json& choice) const {
  json message{{"role", role()}, {"content", nullptr}, {"refusal", nullptr}};
  auto called = calls();
  if (!content().empty() || (called.empty() && refusal().empty()))
    message["content"] = content();
  if (!refusal().empty())
    message["refusal"] = refusal();
  for (auto& c : called)
    message["tool_calls"].push_back(
      {{"id", std::move(c.id)},
       {"type", "function"},
       {"function",
        {{"name", std::move(c.name)}, {"arguments", std::move(c.arguments)}}}});
  choice["message"] = std::move(message);
}

handler chat_handler(openai_options options) {
  catalog models{options.model, options.aliases, options.any_model};
  return [options = std::move(options),
          models = std::move(models)](const request& req, context&) -> outcome {
    auto document = read_json(req);
    chat_request asked;
    read_value(document, asked);
    asked.model = models.resolve(asked.model);
    auto frame = make_frame(options, asked, "chatcmpl");
    frame->object = "chat.completion";
    frame->chunk_object = "chat.completion.chunk";
    frame->logprobs = asked.logprobs;
    normalise(document, asked);
    if (!asked.tool_choice.is_null())
      document["tool_choice"] = asked.tool_choice;
    std::vector<std::shared_ptr<choice_encoder>> encoders;
    for (std::size_t i = 0; i < asked.n; ++i)
      encoders.push_back(std::make_shared<chat_encoder>(frame, i));
    return order_choices(models.model(), frame,
                         {std::make_shared<const json>(std::move(document))},
                         std::move(encoders));
  };
}

} // namespace troupe::openai
