#include "troupe/specs/openai/chat/prompt.hpp"

#include "troupe/specs/openai/wire/error.hpp"
#include "troupe/specs/openai/wire/fields.hpp"

#include <utility>

namespace troupe::openai {

namespace {

using nlohmann::json;

std::vector<std::int64_t> read_tokens(const json& j) {
  std::vector<std::int64_t> result;
  read_value(j, result);
  if (result.empty())
    throw validation_error("value_error", "expected at least one token");
  for (std::size_t i = 0; i < result.size(); ++i)
    if (result[i] < 0)
      reading::at(i, [&] {
        throw validation_error("value_error", "expected a token id, got "
                                                + std::to_string(result[i]));
      });
  return result;
}

prompt read_one(const json& j) {
  if (j.is_string())
    return j.get<std::string>();
  if (j.is_array())
    return read_tokens(j);
  throw wrong_type("string or array of token ids", j);
}

std::vector<prompt> read_all(const json& j) {
  if (j.is_string())
    return {j.get<std::string>()};
  if (!j.is_array())
    throw wrong_type("string or array", j);
  if (j.empty())
    throw validation_error("value_error", "expected at least one element");
  if (j[0].is_number())
    return {read_tokens(j)};
  std::vector<prompt> result;
  result.reserve(j.size());
  for (std::size_t i = 0; i < j.size(); ++i)
    reading::at(i, [&] {
      // All texts, or all lists of tokens.
      if (j[i].is_string() != j[0].is_string() && !j[i].is_number())
        throw wrong_type(j[0].is_string() ? "string" : "array of token ids",
                         j[i]);
      result.push_back(read_one(j[i]));
    });
  return result;
}

} // namespace

std::vector<prompt> read_prompts(const json& j, const char* key) {
  expect_object(j);
  std::vector<prompt> result;
  auto there =
    with_member(j, key, [&](const json& x) { result = read_all(x); });
  if (!there)
    throw missing_field(key);
  return result;
}

void check_copies(const char* key, std::size_t n, std::size_t bytes) {
  constexpr std::size_t most = 16UL * 1024 * 1024;
  if (bytes > most / n)
    throw bad_request(key, "each of the " + std::to_string(n)
                             + " elements needs a copy of the other fields, "
                               "which have "
                             + std::to_string(bytes)
                             + " bytes; send fewer elements or shorter fields");
}

json as_json(const prompt& x) {
  return std::visit([](const auto& value) { return json(value); }, x);
}

} // namespace troupe::openai
