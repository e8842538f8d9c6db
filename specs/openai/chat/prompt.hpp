#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace troupe::openai {

/// A prompt, or an input to embed: text, or token ids.
using prompt = std::variant<std::string, std::vector<std::int64_t>>;

/// Reads the member `key`: a text, a list of texts, a list of token ids (one
/// prompt), or a list of those. At least one, none of them without tokens.
/// @throws validation_error
std::vector<prompt> read_prompts(const nlohmann::json& j, const char* key);

/// Bounds what the calls of a list have in common. Each of their documents
/// holds a copy of it: at most 16 MiB in all.
/// @param key of the list
/// @param n its length
/// @param bytes of one copy
/// @throws http_error 400
void check_copies(const char* key, std::size_t n, std::size_t bytes);

nlohmann::json as_json(const prompt& x);

} // namespace troupe::openai
