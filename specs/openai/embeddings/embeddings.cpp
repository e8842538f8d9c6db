#include "troupe/specs/openai/embeddings/embeddings.hpp"

#include "troupe/specs/input/base64.hpp"
#include "troupe/specs/openai/wire/catalog.hpp"
#include "troupe/specs/openai/wire/error.hpp"
#include "troupe/specs/openai/wire/fields.hpp"
#include "troupe/specs/openai/wire/json_body.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace troupe::openai {

namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& what) {
  throw std::runtime_error("the model's answer is not an embedding; expected a "
                           "list of numbers or {\"embedding\": [...], "
                           "\"prompt_tokens\": n}: "
                           + what);
}

/// What the call for one input gets.
json document_of(const embeddings_request& asked, const prompt& input) {
  json result{{"input", as_json(input)}, {"model", asked.model}};
  if (asked.dimensions)
    result["dimensions"] = *asked.dimensions;
  if (!asked.user.empty())
    result["user"] = asked.user;
  return result;
}

reply join(const std::vector<std::shared_ptr<embedding_encoder>>& inputs,
           const std::string& model, bool base64) {
  auto data = json::array();
  std::uint64_t tokens = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto& numbers = inputs[i]->embedding();
    json entry{{"object", "embedding"}, {"index", i}};
    if (base64)
      entry["embedding"] = floats_to_base64(numbers);
    else
      entry["embedding"] = numbers;
    data.push_back(std::move(entry));
    tokens += inputs[i]->prompt_tokens();
  }
  return json_reply(
    {{"object", "list"},
     {"data", std::move(data)},
     {"model", model},
     {"usage", {{"prompt_tokens", tokens}, {"total_tokens", tokens}}}});
}

} // namespace

void from_json(const json& j, embeddings_request& out) {
  read_optional(j, "model", out.model);
  out.inputs = read_prompts(j, "input");
  for (const auto& x : out.inputs)
    if (const auto* text = std::get_if<std::string>(&x); text && text->empty())
      throw field_error("input", "expected texts that are not empty");
  std::string format = "float";
  read_optional(j, "encoding_format", format);
  expect_one_of("encoding_format", format, {"float", "base64"});
  out.base64 = format == "base64";
  read_optional(j, "dimensions", out.dimensions);
  if (out.dimensions && *out.dimensions == 0)
    throw field_error("dimensions", "expected at least 1");
  read_optional(j, "user", out.user);
}

void from_json(const json& j, embedding_input& out) {
  auto inputs = read_prompts(j, "input");
  if (inputs.size() != 1)
    throw field_error("input", "expected one input");
  if (auto* text = std::get_if<std::string>(&inputs[0]))
    out.text = std::move(*text);
  else
    out.tokens = std::get<std::vector<std::int64_t>>(std::move(inputs[0]));
  read_optional(j, "model", out.model);
  read_optional(j, "dimensions", out.dimensions);
  read_optional(j, "user", out.user);
}

std::optional<payload> embedding_encoder::item(payload x) {
  take(std::move(x));
  return std::nullopt;
}

reply embedding_encoder::finish(reply answer) {
  if (!answer.body.empty())
    take(std::move(answer.body));
  if (!taken_)
    refuse("it is empty");
  fit();
  return {};
}

void embedding_encoder::take(payload answer) {
  if (std::exchange(taken_, true))
    refuse("it has more than one item");
  auto* document = answer.json();
  if (document == nullptr)
    refuse("it is not JSON");
  try {
    if (document->is_object()) {
      read_field(*document, "embedding", embedding_);
      read_optional(*document, "prompt_tokens", prompt_tokens_);
    } else {
      read_value(*document, embedding_);
    }
  } catch (const validation_error& e) {
    refuse(e.message());
  }
  if (embedding_.empty())
    refuse("it has no numbers");
  if (prompt_tokens_ > max_token_count)
    refuse("prompt_tokens is not a count");
  for (auto x : embedding_)
    if (!(std::abs(x) <= std::numeric_limits<float>::max()))
      refuse("a number is too large for 32 bits");
}

void embedding_encoder::fit() {
  if (!dimensions_ || *dimensions_ == embedding_.size())
    return;
  auto has = std::to_string(embedding_.size());
  if (!truncate_)
    throw bad_request("dimensions", "expected " + has
                                      + ", which is what the model has, got "
                                      + std::to_string(*dimensions_));
  if (*dimensions_ > embedding_.size())
    throw bad_request("dimensions", "expected at most " + has
                                      + ", which is what the model has, got "
                                      + std::to_string(*dimensions_));
  embedding_.resize(*dimensions_);
  double sum = 0;
  for (auto x : embedding_)
    sum += x * x;
  if (sum > 0)
    for (auto& x : embedding_)
      x /= std::sqrt(sum);
}

handler embeddings_handler(openai_options options) {
  catalog models{options.embeddings, options.embedding_aliases,
                 options.any_model};
  return [options = std::move(options),
          models = std::move(models)](const request& req, context&) -> outcome {
    embeddings_request asked;
    read_value(read_json(req), asked);
    asked.model = models.resolve(asked.model);
    if (asked.inputs.size() > options.max_inputs)
      throw bad_request(
        "input", "expected at most " + std::to_string(options.max_inputs)
                   + " inputs, got " + std::to_string(asked.inputs.size()));
    check_copies("input", asked.inputs.size(), asked.user.size());
    model_calls result;
    result.at_once = options.calls_at_once;
    std::vector<std::shared_ptr<embedding_encoder>> encoders;
    for (const auto& input : asked.inputs) {
      encoders.push_back(std::make_shared<embedding_encoder>(
        asked.dimensions, options.truncate_dimensions));
      auto call = call_model(models.model(), document_of(asked, input));
      call.encoder = encoders.back();
      result.calls.push_back(std::move(call));
    }
    result.join = [encoders = std::move(encoders), model = asked.model,
                   base64 = asked.base64](const auto&) {
      return join(encoders, model, base64);
    };
    return result;
  };
}

} // namespace troupe::openai
