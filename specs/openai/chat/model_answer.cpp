#include "troupe/specs/openai/chat/model_answer.hpp"

#include "troupe/specs/json/json.hpp"
#include "troupe/specs/openai/wire/fields.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace troupe::openai {

namespace {

using nlohmann::json;

constexpr std::array keys{"role",          "content",           "text",
                          "tool_calls",    "refusal",           "total_tokens",
                          "prompt_tokens", "completion_tokens", "finish_reason",
                          "logprobs"};

void read_count(const json& j, const char* key,
                std::optional<std::uint64_t>& out) {
  if (read_optional(j, key, out) && *out > max_token_count)
    throw field_error(key, "expected a count of tokens");
}

tool_call_piece read_call(const json& j) {
  tool_call_piece result;
  read_optional(j, "index", result.index);
  if (result.index && *result.index >= max_calls)
    throw field_error("index", "expected at most 1023");
  read_optional(j, "id", result.id);
  with_member(j, "function", [&](const json& f) {
    read_optional(f, "name", result.name);
    with_member(f, "arguments", [&](const json& x) {
      result.arguments = x.is_string() ? x.get<std::string>() : dump_json(x);
    });
  });
  if (!result.index && result.name.empty())
    throw validation_error("value_error", "expected a function with a name");
  return result;
}

answer_piece read_object(const json& j) {
  for (const auto& [key, value] : j.items())
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      throw validation_error("value_error", "unknown key \"" + key + '"');
  if (j.empty())
    throw validation_error("value_error", "expected one of the known keys");
  if (j.contains("content") && j.contains("text"))
    throw validation_error("value_error",
                           "expected \"content\" or \"text\", got both");
  answer_piece result;
  read_optional(j, "role", result.role);
  read_optional(j, "content", result.content);
  read_optional(j, "text", result.content);
  read_optional(j, "refusal", result.refusal);
  if (read_optional(j, "finish_reason", result.finish_reason))
    expect_one_of(
      "finish_reason", *result.finish_reason,
      {"stop", "length", "tool_calls", "content_filter", "function_call"});
  read_count(j, "prompt_tokens", result.prompt_tokens);
  read_count(j, "completion_tokens", result.completion_tokens);
  with_member(j, "logprobs", [&](const json& x) {
    expect_object(x);
    for (const auto& [key, list] : x.items()) {
      if (list.is_null())
        continue;
      if (!list.is_array())
        throw field_error(key.c_str(), "expected array, got "
                                         + std::string{type_name(list)});
      result.logprobs[key] = list;
    }
  });
  with_member(j, "tool_calls", [&](const json& x) {
    if (!x.is_array())
      throw wrong_type("array", x);
    for (std::size_t i = 0; i < x.size(); ++i)
      reading::at(i, [&] { result.tool_calls.push_back(read_call(x[i])); });
  });
  return result;
}

answer_piece read_document(json& j) {
  if (j.is_null())
    return {};
  if (j.is_string()) {
    answer_piece result;
    result.content = std::move(j.get_ref<std::string&>());
    return result;
  }
  if (!j.is_object())
    throw wrong_type("string, null or object", j);
  return read_object(j);
}

std::runtime_error impossible(const std::string& why) {
  return std::runtime_error(
    "the model returned an answer that a chat cannot have (see "
    "specs/openai/chat/model_answer.hpp): "
    + why);
}

} // namespace

answer_piece read_answer(payload item) {
  if (item.empty())
    return {};
  if (auto* document = item.json()) {
    try {
      return read_document(*document);
    } catch (const validation_error& e) {
      std::string path;
      for (const auto& step : e.location())
        path +=
          '/' + (step.is_string() ? step.get<std::string>() : step.dump());
      throw impossible((path.empty() ? "" : path + ": ") + e.message());
    }
  }
  if (!item.content_type().starts_with("text/plain"))
    throw impossible("it is of type " + std::string{item.content_type()});
  answer_piece result;
  result.content = std::move(item).take_text();
  return result;
}

json token_usage::to_json() const {
  return {{"prompt_tokens", prompt_tokens},
          {"completion_tokens", completion_tokens},
          {"total_tokens", prompt_tokens + completion_tokens}};
}

} // namespace troupe::openai
