#include "troupe/specs/openai/chat/choice_encoder.hpp"

#include "troupe/specs/json/event_stream.hpp"
#include "troupe/specs/json/finite.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/openai/wire/error.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace troupe::openai {

namespace {

using nlohmann::json;

constexpr auto event_stream = "text/event-stream";

json head(const answer_frame& frame, const std::string& object) {
  return {{"id", frame.id},
          {"object", object},
          {"created", frame.created},
          {"model", frame.model}};
}

token_usage sum(const answer_frame& frame,
                const std::vector<std::shared_ptr<choice_encoder>>& choices) {
  token_usage result;
  std::uint64_t prompt = 0;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    auto x = choices[i]->usage();
    result.completion_tokens += x.completion_tokens;
    prompt = std::max(prompt, x.prompt_tokens);
    if ((i + 1) % frame.choices_of_a_prompt == 0) {
      result.prompt_tokens += prompt;
      prompt = 0;
    }
  }
  return result;
}

reply whole_answer(
  const answer_frame& frame,
  const std::vector<std::shared_ptr<choice_encoder>>& choices) {
  auto document = head(frame, frame.object);
  auto& list = document["choices"] = json::array();
  for (const auto& x : choices)
    list.push_back(x->choice());
  document["usage"] = sum(frame, choices).to_json();
  return json_reply(std::move(document));
}

reply end_of_stream(
  const answer_frame& frame,
  const std::vector<std::shared_ptr<choice_encoder>>& choices) {
  std::string text;
  if (frame.include_usage) {
    auto document = head(frame, frame.chunk_object);
    document["choices"] = json::array();
    document["usage"] = sum(frame, choices).to_json();
    append_event(text, document);
  }
  append_text_event(text, "[DONE]");
  return {200, {}, payload{std::move(text), event_stream}};
}

/// Begins the ids that are made for a choice's calls. With the call's number
/// they have at most 40 characters in a chat, which is OpenAI's bound.
std::string call_prefix(const std::string& answer, std::size_t choice) {
  constexpr std::size_t longest = 24;
  return "call_" + answer.substr(answer.find('-') + 1, longest) + '_'
         + std::to_string(choice) + '_';
}

/// What one of several choices of a prompt gets. A client that fixes the seed
/// wants the same choices again, not the same choice several times: each has a
/// seed of its own, and the first has the client's.
std::shared_ptr<const json>
document_of_choice(const std::shared_ptr<const json>& document,
                   std::size_t choice) {
  auto seed = document->find("seed");
  if (choice == 0 || seed == document->end() || !seed->is_number_integer())
    return document;
  auto result = std::make_shared<json>(*document);
  // Wraps around at the end of the numbers.
  (*result)["seed"] = static_cast<std::int64_t>(
    static_cast<std::uint64_t>(seed->get<std::int64_t>()) + choice);
  return result;
}

} // namespace

std::shared_ptr<answer_frame> make_frame(const openai_options& options,
                                         const sampling& asked,
                                         const std::string& kind) {
  if (asked.n > options.max_n)
    throw bad_request("n", "expected an integer from 1 to "
                             + std::to_string(options.max_n) + ", got "
                             + std::to_string(asked.n));
  auto result = std::make_shared<answer_frame>();
  result->id = kind + '-' + options.new_id();
  result->created = options.clock();
  result->model = asked.model;
  result->stream = asked.stream;
  result->include_usage = asked.include_usage;
  result->max_stream_bytes = options.max_stream_bytes;
  result->calls_at_once = options.calls_at_once;
  result->choices_of_a_prompt = asked.n;
  return result;
}

choice_encoder::choice_encoder(std::shared_ptr<const answer_frame> frame,
                               std::size_t index)
  : frame_(std::move(frame)),
    index_(index),
    calls_(call_prefix(frame_->id, index), !frame_->stream) {
  // nop
}

void choice_encoder::absorb(answer_piece& x) {
  if (!x.empty())
    ++items_;
  if (!role_ && x.role)
    role_ = x.role;
  if (x.finish_reason)
    finish_reason_ = x.finish_reason;
  if (x.prompt_tokens)
    prompt_tokens_ = x.prompt_tokens;
  if (x.completion_tokens)
    completion_tokens_ = x.completion_tokens;
  for (auto& c : x.tool_calls)
    calls_.push(c);
  content_assembler_.push(x.content);
  refusal_assembler_.push(x.refusal);
  if (!frame_->logprobs)
    x.logprobs = nullptr;
  if (!frame_->stream) {
    content_ += x.content;
    refusal_ += x.refusal;
    absorb_logprobs(x.logprobs);
  }
}

void choice_encoder::absorb_logprobs(json& x) {
  for (auto& [key, list] : x.items()) {
    auto& known = logprobs_[key];
    for (auto& entry : list)
      known.push_back(std::move(entry));
  }
}

answer_piece choice_encoder::absorb_end(reply& answer) {
  auto piece = read_answer(std::exchange(answer.body, {}));
  absorb(piece);
  auto end = [](utf8_assembler& assembler, std::string& whole,
                std::string& last) {
    std::string rest;
    assembler.finish(rest);
    whole += rest;
    last += rest;
  };
  end(content_assembler_, content_, piece.content);
  end(refusal_assembler_, refusal_, piece.refusal);
  calls_.finish(piece.tool_calls);
  return piece;
}

json choice_encoder::make_chunk(answer_piece x, bool last) {
  json choice{{"index", index_}, {"logprobs", std::move(x.logprobs)}};
  write_delta(choice, std::move(x), !begun_);
  begun_ = true;
  choice["finish_reason"] = nullptr;
  if (last)
    choice["finish_reason"] = finish_reason();
  auto result = head(*frame_, frame_->chunk_object);
  result["choices"] = json::array({std::move(choice)});
  if (frame_->include_usage)
    result["usage"] = nullptr;
  return result;
}

void choice_encoder::count(const answer_piece& x) {
  taken_ += x.content.size() + x.refusal.size();
  for (const auto& c : x.tool_calls)
    taken_ += c.id.size() + c.name.size() + c.arguments.size();
  if (frame_->logprobs && !x.logprobs.is_null())
    taken_ += dump_json(x.logprobs).size();
  if (taken_ <= frame_->max_stream_bytes)
    return;
  header_map headers;
  forbid_retry(headers);
  throw http_error(500,
                   "The answer is larger than "
                     + std::to_string(frame_->max_stream_bytes)
                     + " bytes; ask for a shorter one, or for a stream",
                   std::move(headers));
}

void choice_encoder::append_chunk(std::string& out, answer_piece x, bool last) {
  auto document = make_chunk(std::move(x), last);
  expect_finite(document);
  append_event(out, document);
}

std::string_view choice_encoder::text_chunk(std::string_view content) {
  if (!text_chunk_) {
    auto example = [this](const char* text) {
      std::string result;
      answer_piece x;
      x.content = text;
      append_chunk(result, std::move(x), false);
      return result;
    };
    text_chunk_.emplace(example("0"), example("1"));
  }
  return text_chunk_->with(content);
}

std::optional<std::string_view> choice_encoder::events(payload& x) {
  auto piece = read_answer(std::move(x));
  if (!frame_->stream)
    count(piece);
  absorb(piece);
  if (!frame_->stream || (!visible(piece) && piece.logprobs.is_null()))
    return std::string_view{};
  // The first one may be of another form.
  if (begun_ && piece.only_content())
    return text_chunk(piece.content);
  chunk_.clear();
  append_chunk(chunk_, std::move(piece), false);
  return chunk_;
}

std::optional<payload> choice_encoder::last_item(reply& answer) {
  if (!frame_->stream)
    return std::nullopt;
  auto piece = absorb_end(answer);
  std::string text;
  if (visible(piece) || !piece.logprobs.is_null() || !begun_)
    append_chunk(text, std::move(piece), false);
  append_chunk(text, {}, true);
  return payload{std::move(text), event_stream};
}

reply choice_encoder::finish(reply answer) {
  if (!frame_->stream)
    absorb_end(answer);
  return {};
}

std::string choice_encoder::finish_reason() const {
  if (finish_reason_)
    return *finish_reason_;
  return calls_.empty() ? "stop" : "tool_calls";
}

json choice_encoder::choice() const {
  json result{{"index", index_},
              {"logprobs", logprobs_},
              {"finish_reason", finish_reason()}};
  write_whole(result);
  return result;
}

std::optional<token_counts> choice_encoder::tokens() const {
  if (!prompt_tokens_ && !completion_tokens_)
    return std::nullopt;
  return token_counts{
    static_cast<std::uint32_t>(prompt_tokens_.value_or(0)),
    static_cast<std::uint32_t>(completion_tokens_.value_or(0))};
}

token_usage choice_encoder::usage() const noexcept {
  return {prompt_tokens_.value_or(0), completion_tokens_.value_or(items_)};
}

model_calls
order_choices(const std::string& model,
              const std::shared_ptr<const answer_frame>& frame,
              std::vector<std::shared_ptr<const json>> documents,
              std::vector<std::shared_ptr<choice_encoder>> encoders) {
  model_calls result;
  result.at_once = frame->calls_at_once;
  const auto n = frame->choices_of_a_prompt;
  for (std::size_t i = 0; i < encoders.size(); ++i)
    result.calls.push_back({model, document_of_choice(documents[i / n], i % n),
                            encoders[i], frame->stream});
  result.join = [frame, encoders = std::move(encoders)](const auto&) {
    return frame->stream ? end_of_stream(*frame, encoders)
                         : whole_answer(*frame, encoders);
  };
  return result;
}

} // namespace troupe::openai
