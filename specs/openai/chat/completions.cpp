#include "troupe/specs/openai/chat/completions.hpp"

#include "troupe/specs/json/json.hpp"
#include "troupe/specs/openai/chat/prompt.hpp"
#include "troupe/specs/openai/wire/catalog.hpp"
#include "troupe/specs/openai/wire/error.hpp"
#include "troupe/specs/openai/wire/fields.hpp"
#include "troupe/specs/openai/wire/json_body.hpp"

#include <utility>

namespace troupe::openai {

namespace {

using nlohmann::json;

constexpr std::int64_t default_max_tokens = 16;

/// What the calls for one prompt get.
std::shared_ptr<const json> document_of(const json& common, const prompt& x) {
  auto result = common;
  result["prompt"] = as_json(x);
  if (const auto* text = std::get_if<std::string>(&x))
    result["messages"] = json::array({{{"role", "user"}, {"content", *text}}});
  return std::make_shared<const json>(std::move(result));
}

void check_choices(const completion_request& asked,
                   const openai_options& options) {
  if (asked.prompts.size() > options.max_inputs / asked.n)
    throw bad_request("prompt", "expected at most "
                                  + std::to_string(options.max_inputs)
                                  + " choices of all prompts, got "
                                  + std::to_string(asked.prompts.size()) + " * "
                                  + std::to_string(asked.n));
}

} // namespace

void from_json(const json& j, completion_request& out) {
  read_sampling(j, out, 0);
  if (!out.max_tokens)
    out.max_tokens = default_max_tokens;
  out.prompts = read_prompts(j, "prompt");
  read_optional(j, "echo", out.echo);
  read_optional(j, "suffix", out.suffix);
  read_optional(j, "logprobs", out.logprobs);
  expect_range("logprobs", out.logprobs, 0, 5);
  if (std::uint64_t n = 0; read_optional(j, "best_of", n) && n != out.n)
    throw field_error("best_of", "expected as many as n: choosing the best of "
                                 "more is not supported");
  if (out.echo)
    for (const auto& x : out.prompts)
      if (!std::holds_alternative<std::string>(x))
        throw field_error("echo", "expected a prompt of text, got tokens");
}

bool completion_encoder::visible(const answer_piece& x) const {
  return !x.content.empty();
}

void completion_encoder::write_delta(json& choice, answer_piece x,
                                     bool first) const {
  choice["text"] = first ? echo_ + x.content : std::move(x.content);
}

void completion_encoder::write_whole(json& choice) const {
  choice["text"] = echo_ + content();
}

std::string completion_encoder::finish_reason() const {
  auto result = choice_encoder::finish_reason();
  return result == "length" || result == "content_filter" ? result : "stop";
}

handler completion_handler(openai_options options) {
  catalog models{options.model, options.aliases, options.any_model};
  return [options = std::move(options),
          models = std::move(models)](const request& req, context&) -> outcome {
    auto common = read_json(req);
    completion_request asked;
    read_value(common, asked);
    asked.model = models.resolve(asked.model);
    auto frame = make_frame(options, asked, "cmpl");
    frame->object = "text_completion";
    frame->chunk_object = frame->object;
    frame->logprobs = asked.logprobs.has_value();
    check_choices(asked, options);
    normalise(common, asked);
    for (const auto* key : {"prompt", "echo", "best_of"})
      common.erase(key);
    if (asked.prompts.size() > 1)
      check_copies("prompt", asked.prompts.size(), dump_json(common).size());
    std::vector<std::shared_ptr<const json>> documents;
    std::vector<std::shared_ptr<choice_encoder>> encoders;
    for (const auto& x : asked.prompts) {
      documents.push_back(document_of(common, x));
      for (std::size_t i = 0; i < asked.n; ++i)
        encoders.push_back(std::make_shared<completion_encoder>(
          frame, encoders.size(),
          asked.echo ? std::get<std::string>(x) : std::string{}));
    }
    return order_choices(models.model(), frame, std::move(documents),
                         std::move(encoders));
  };
}

} // namespace troupe::openai
