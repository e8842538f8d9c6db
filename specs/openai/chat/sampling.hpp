#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe::openai {

/// What chat and legacy completions have in common: which model, how it
/// chooses tokens, how the answer travels.
struct sampling {
  /// As the client said it, maybe an alias; "" when it did not.
  std::string model = {};
  /// 0 to 2.
  std::optional<double> temperature = {};
  /// 0 to 1.
  std::optional<double> top_p = {};
  /// How many choices, 1 to 128. A model is called once for each and sees 1.
  std::size_t n = 1;
  /// The effective limit: `max_completion_tokens`, else `max_tokens`.
  std::optional<std::int64_t> max_tokens = {};
  /// At most 4.
  std::vector<std::string> stop = {};
  bool stream = false;
  /// `stream_options.include_usage`.
  bool include_usage = false;
  /// -2 to 2.
  std::optional<double> presence_penalty = {};
  std::optional<double> frequency_penalty = {};
  /// By token id, -100 to 100.
  std::map<std::string, double> logit_bias = {};
  std::optional<std::int64_t> seed = {};
  std::string user = {};
};

/// Reads and checks these fields; others are left alone.
/// @param fewest_tokens the smallest limit that is allowed
/// @throws validation_error
void read_sampling(const nlohmann::json& j, sampling& out,
                   std::int64_t fewest_tokens);

/// Turns a request's document into the one that a call of a model gets: no `n`
/// and no `stream_options`, `max_tokens` as the effective limit alone, `model`
/// and `stream` always there, `stop` a list when there is one.
void normalise(nlohmann::json& document, const sampling& x);

} // namespace troupe::openai
