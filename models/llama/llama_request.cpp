#include "troupe/models/llama/llama_request.hpp"

#include "troupe/specs/input/validation.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>
#include <system_error>

namespace troupe {

namespace {

using nlohmann::json;

constexpr double max_temperature = 100;
constexpr std::size_t max_stops = 4;
/// Text that may begin a stop string is kept back, and looked at for each
/// token.
constexpr std::size_t max_stop_bytes = 1024;

[[noreturn]] void refuse(const char* key, const std::string& why) {
  validation_error e{"value_error", why};
  e.prepend(key);
  throw e;
}

/// Reads a member that may be missing or null.
template <class T>
bool read_if(const json& body, const char* key, T& out) {
  std::optional<T> x;
  read_field(body, key, x);
  if (x)
    out = std::move(*x);
  return x.has_value();
}

template <class T>
void read_checked(const json& body, const char* key, T& out,
                  std::string (*error_of)(T)) {
  if (!read_if(body, key, out))
    return;
  if (auto why = error_of(out); !why.empty())
    refuse(key, why);
}

/// A text, or parts `{"type": "text", "text": ...}` as OpenAI's clients send
/// them.
std::string content_of(const json& content) {
  if (content.is_null())
    return {};
  std::string result;
  if (!content.is_array()) {
    read_value(content, result);
    return result;
  }
  for (std::size_t i = 0; i < content.size(); ++i)
    reading::at(i, [&] {
      std::string type;
      std::string text;
      read_field(content[i], "type", type);
      if (type != "text")
        refuse("type", "expected text, got " + type);
      read_field(content[i], "text", text);
      result += text;
    });
  return result;
}

/// Refuses what templates would drop or take for something else.
std::string role_of(const json& message) {
  std::string result;
  read_field(message, "role", result);
  if (result == "developer")
    return "system";
  if (result == "tool" || result == "function")
    refuse("role",
           "results of tools are not supported: the model cannot call tools");
  if (result != "system" && result != "user" && result != "assistant")
    refuse("role", "expected 'system', 'developer', 'user' or 'assistant'");
  auto calls = message.find("tool_calls");
  if (calls != message.end() && !calls->empty())
    refuse("tool_calls",
           "calls of tools are not supported: the model cannot call tools");
  return result;
}

chat_turn turn_of(const json& message) {
  chat_turn result;
  result.role = role_of(message);
  if (auto i = message.find("content"); i != message.end())
    reading::at("content", [&] { result.content = content_of(*i); });
  return result;
}

void read_messages(const json& body, std::vector<chat_turn>& out) {
  std::vector<json> messages;
  if (!read_if(body, "messages", messages))
    return;
  if (messages.empty())
    refuse("messages", "expected at least one message");
  reading::at("messages", [&] {
    for (std::size_t i = 0; i < messages.size(); ++i)
      reading::at(i, [&] { out.push_back(turn_of(messages[i])); });
  });
}

void read_stop(const json& body, std::vector<std::string>& out) {
  auto i = body.find("stop");
  if (i == body.end() || i->is_null())
    return;
  if (i->is_string())
    out.assign({i->get<std::string>()});
  else if (i->is_array())
    read_field(body, "stop", out);
  else
    reading::at("stop", [&] { throw wrong_type("string or array", *i); });
  if (out.size() > max_stops)
    refuse("stop",
           "expected at most 4 strings, got " + std::to_string(out.size()));
  for (const auto& x : out)
    if (x.empty() || x.size() > max_stop_bytes)
      refuse("stop", "expected strings of 1 to 1024 bytes, got one of "
                       + std::to_string(x.size()));
}

std::string max_tokens_error(std::int64_t x) {
  return x >= 0 ? "" : "expected at least 0, got " + std::to_string(x);
}

std::string penalty_error(double x) {
  return x >= -2 && x <= 2 ? "" : "expected a number from -2 to 2";
}

/// Reads OpenAI's form: the ids of tokens are keys.
void read_logit_bias(const json& body, std::map<std::int32_t, double>& out) {
  std::map<std::string, double> biases;
  if (!read_if(body, "logit_bias", biases))
    return;
  reading::at("logit_bias", [&] {
    for (const auto& [token, bias] : biases) {
      std::int32_t id = 0;
      const auto* end = token.data() + token.size();
      auto [rest, error] = std::from_chars(token.data(), end, id);
      if (error != std::errc{} || rest != end || id < 0)
        refuse(token.c_str(), "expected the id of a token");
      if (!(bias >= -100 && bias <= 100))
        refuse(token.c_str(), "expected a number from -100 to 100");
      out[id] = bias;
    }
  });
}

/// What is read.
constexpr const char* read_fields[] = {"prompt",
                                       "messages",
                                       "max_tokens",
                                       "max_completion_tokens",
                                       "temperature",
                                       "top_p",
                                       "top_k",
                                       "min_p",
                                       "seed",
                                       "frequency_penalty",
                                       "presence_penalty",
                                       "logit_bias",
                                       "stop",
                                       "stream",
                                       "ignore_eos"};

/// Keys that OpenAI's clients send and that change no answer: whom it is for,
/// how it is kept and paid, how hard to think for models that can choose, and
/// what the spec `openai` does itself.
constexpr const char* hints[] = {"model",
                                 "user",
                                 "metadata",
                                 "store",
                                 "service_tier",
                                 "safety_identifier",
                                 "prompt_cache_key",
                                 "prompt_cache_retention",
                                 "prompt_cache_options",
                                 "prediction",
                                 "parallel_tool_calls",
                                 "reasoning_effort",
                                 "verbosity",
                                 "stream_options"};

bool is_in(std::span<const char* const> names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Keys with one supported form: returns why another one is refused, or "" for
/// that form.
/// @returns nothing for another key
std::optional<std::string> one_form(const std::string& key, const json& x,
                                    bool uses_tools) {
  auto only = [](bool fits, const char* why) {
    return std::string{fits ? "" : why};
  };
  if (key == "response_format")
    return only(
      x.is_object() && x.value("type", json()) == "text",
      "only text is supported: the model's answers cannot be held to JSON");
  if (key == "tools" || key == "functions")
    return only(
      x.empty() || !uses_tools,
      "the model cannot call tools: leave them out, or set tool_choice "
      "to 'none'");
  if (key == "tool_choice" || key == "function_call")
    return only(x == "none" || x == "auto",
                "expected 'none' or 'auto': the model cannot call tools");
  // A number in a legacy completion, where 0 asks for the chosen tokens'.
  if (key == "logprobs")
    return only(x == false, "log probabilities are not supported");
  if (key == "top_logprobs")
    return only(x == 0, "log probabilities are not supported");
  if (key == "echo")
    return only(x == false, "repeating the prompt is not supported");
  if (key == "suffix")
    return only(x == "", "the model cannot fill gaps");
  if (key == "n" || key == "best_of")
    return only(x == 1, "only one answer for each request is supported");
  if (key == "modalities")
    return only(x == json::array({"text"}), "only text is supported");
  return std::nullopt;
}

/// Refuses what a client relies on and the model cannot do.
void refuse_others(const json& body) {
  auto choice = body.find("tool_choice");
  auto uses_tools = choice == body.end() || *choice != "none";
  for (const auto& [key, value] : body.items()) {
    if (value.is_null() || is_in(read_fields, key) || is_in(hints, key))
      continue;
    auto why = one_form(key, value, uses_tools);
    if (why && why->empty())
      continue;
    constexpr std::size_t longest = 100;
    auto name = key.size() <= longest ? key : key.substr(0, longest) + "...";
    refuse(name.c_str(), why ? *why : "the model has no such field");
  }
}

} // namespace

std::string temperature_error(double x) {
  return x >= 0 && x <= max_temperature ? ""
                                        : "expected a number from 0 to 100";
}

std::string top_p_error(double x) {
  return x >= 0 && x <= 1 ? "" : "expected a number from 0 to 1";
}

std::string min_p_error(double x) {
  return x >= 0 && x <= 1 ? "" : "expected a number from 0 to 1";
}

std::string top_k_error(std::int32_t x) {
  return x >= 0 ? "" : "expected 0 (all tokens) or more";
}

llama_request read_llama_request(const json& body,
                                 const llama_request& defaults) {
  if (!body.is_object())
    throw wrong_type("object", body);
  auto result = defaults;
  read_field(body, "prompt", result.prompt);
  read_messages(body, result.messages);
  if (result.prompt)
    result.messages.clear();
  if (!result.prompt && result.messages.empty()) {
    validation_error e{"missing", "expected prompt or messages"};
    e.prepend("prompt");
    throw e;
  }
  std::int64_t max_tokens = result.max_tokens;
  // OpenAI's newer name; the spec gives both, and the limit as max_tokens.
  read_checked(body, "max_completion_tokens", max_tokens, max_tokens_error);
  read_checked(body, "max_tokens", max_tokens, max_tokens_error);
  result.max_tokens = static_cast<std::int32_t>(std::min<std::int64_t>(
    max_tokens, std::numeric_limits<std::int32_t>::max()));
  auto& sampling = result.sampling;
  read_checked(body, "temperature", sampling.temperature, temperature_error);
  read_checked(body, "top_p", sampling.top_p, top_p_error);
  read_checked(body, "top_k", sampling.top_k, top_k_error);
  read_checked(body, "min_p", sampling.min_p, min_p_error);
  // The library's seeds have 32 bits; each bit of the client's counts.
  if (std::int64_t seed = 0; read_if(body, "seed", seed))
    sampling.seed =
      static_cast<std::uint32_t>(static_cast<std::uint64_t>(seed)
                                 ^ (static_cast<std::uint64_t>(seed) >> 32U));
  read_checked(body, "frequency_penalty", sampling.frequency_penalty,
               penalty_error);
  read_checked(body, "presence_penalty", sampling.presence_penalty,
               penalty_error);
  read_logit_bias(body, sampling.logit_bias);
  refuse_others(body);
  read_stop(body, result.stop);
  read_if(body, "stream", result.stream);
  read_if(body, "ignore_eos", sampling.ignore_eos);
  return result;
}

} // namespace troupe
