#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// How to choose the next token among those that the model offers.
struct llama_sampling {
  /// 0 takes the likeliest token always.
  double temperature = 0.8;
  /// Only the likeliest tokens that have this probability together; 0 for the
  /// likeliest alone.
  double top_p = 0.95;
  /// Only this many of the likeliest tokens; 0 for all.
  std::int32_t top_k = 40;
  /// Only tokens with at least this part of the likeliest one's probability; 0
  /// for all.
  double min_p = 0;
  /// Unset: a different one for each request.
  std::optional<std::uint32_t> seed = {};
  /// Subtracted from a token's logit for each time that it was chosen before,
  /// and once for a token that was; -2 to 2.
  double frequency_penalty = 0;
  double presence_penalty = 0;
  /// Added to the logits of these tokens, -100 to 100.
  std::map<std::int32_t, double> logit_bias = {};
  /// Keeps the model from ending its text.
  bool ignore_eos = false;
};

/// @returns what is wrong with a value ("expected a number from ..."), or "".
std::string temperature_error(double x);
std::string top_p_error(double x);
std::string top_k_error(std::int32_t x);
std::string min_p_error(double x);

struct chat_turn {
  /// `system`, `user` or `assistant`.
  std::string role;
  std::string content;
};

/// What a request asks of a language model.
struct llama_request {
  std::optional<std::string> prompt = {};
  /// Empty when there is a prompt.
  std::vector<chat_turn> messages = {};
  llama_sampling sampling = {};
  /// 0 answers nothing.
  std::int32_t max_tokens = 128;
  /// At most 4, none empty.
  std::vector<std::string> stop = {};
  /// Items, or one whole document.
  bool stream = true;
};

/// Reads a request: `prompt` or `messages`, `max_tokens`, `temperature`,
/// `top_p`, `top_k`, `min_p`, `seed`, `frequency_penalty`, `presence_penalty`,
/// `logit_bias`, `stop`, `stream`, `ignore_eos`. A null is as good as a missing
/// key. Messages beside a prompt are ignored: the spec `openai` makes some of
/// the prompt of a legacy completion. Hints of OpenAI's clients that change no
/// answer here (`user`, `metadata`, ...) are ignored, too. Any other key is
/// refused, and so is a value that asks for what the model cannot do: JSON as
/// `response_format`, `tools`, `logprobs`, a `suffix`.
/// @param defaults for what the request leaves open
/// @throws validation_error
llama_request read_llama_request(const nlohmann::json& body,
                                 const llama_request& defaults);

} // namespace troupe
