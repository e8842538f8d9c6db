#include "troupe/specs/openai/chat/sampling.hpp"

#include "troupe/specs/openai/wire/fields.hpp"

#include <limits>

namespace troupe::openai {

namespace {

using nlohmann::json;

constexpr std::size_t max_stops = 4;
constexpr double max_choices = 128;

void read_stop(const json& j, std::vector<std::string>& out) {
  if (j.is_string()) {
    out = {j.get<std::string>()};
    return;
  }
  if (!j.is_array())
    throw wrong_type("string or array of strings", j);
  if (j.size() > max_stops)
    throw validation_error("value_error", "expected at most 4 strings, got "
                                            + std::to_string(j.size()));
  read_value(j, out);
}

void read_limit(const json& j, const char* key, std::int64_t lowest,
                std::optional<std::int64_t>& out) {
  if (read_optional(j, key, out) && *out < lowest)
    throw field_error(key, "expected an integer of at least "
                             + std::to_string(lowest) + ", got "
                             + std::to_string(*out));
}

} // namespace

void read_sampling(const json& j, sampling& out, std::int64_t fewest_tokens) {
  read_optional(j, "model", out.model);
  read_optional(j, "temperature", out.temperature);
  expect_range("temperature", out.temperature, 0, 2);
  read_optional(j, "top_p", out.top_p);
  expect_range("top_p", out.top_p, 0, 1);
  if (std::int64_t n = 1; read_optional(j, "n", n)) {
    if (n < 1 || n > static_cast<std::int64_t>(max_choices))
      throw field_error("n", "expected an integer from 1 to 128, got "
                               + std::to_string(n));
    out.n = static_cast<std::size_t>(n);
  }
  read_limit(j, "max_tokens", fewest_tokens, out.max_tokens);
  read_limit(j, "max_completion_tokens", fewest_tokens, out.max_tokens);
  with_member(j, "stop", [&](const json& x) { read_stop(x, out.stop); });
  read_optional(j, "stream", out.stream);
  with_member(j, "stream_options", [&](const json& x) {
    read_optional(x, "include_usage", out.include_usage);
    bool obfuscation = false;
    read_optional(x, "include_obfuscation", obfuscation);
  });
  read_optional(j, "presence_penalty", out.presence_penalty);
  expect_range("presence_penalty", out.presence_penalty, -2, 2);
  read_optional(j, "frequency_penalty", out.frequency_penalty);
  expect_range("frequency_penalty", out.frequency_penalty, -2, 2);
  with_member(j, "logit_bias", [&](const json& x) {
    read_value(x, out.logit_bias);
    for (const auto& [token, bias] : out.logit_bias)
      expect_range(token.c_str(), bias, -100, 100);
  });
  read_optional(j, "seed", out.seed);
  read_optional(j, "user", out.user);
}

void normalise(json& document, const sampling& x) {
  document.erase("n");
  document.erase("stream_options");
  document.erase("max_completion_tokens");
  document["model"] = x.model;
  document["stream"] = x.stream;
  if (x.max_tokens)
    document["max_tokens"] = *x.max_tokens;
  else
    document.erase("max_tokens");
  if (x.stop.empty())
    document.erase("stop");
  else
    document["stop"] = x.stop;
}

} // namespace troupe::openai
