#pragma once

#include "troupe/specs/values/json_reader.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace troupe {

/// Parses one JSON document (RFC 8259); see `json_reader`. Of a repeated key
/// the last value counts.
/// @throws json_syntax_error with a message for the client
/// @throws http_error 413 above `limits.max_memory`
nlohmann::json parse_json(std::string_view text, json_limits limits = {});

/// Builds the value that the reader is at, and passes it: the token is then its
/// last. Charges what it takes in memory.
/// @throws json_syntax_error, http_error 413
nlohmann::json read_document(json_reader& in);

/// Serialises compactly; bytes that are not UTF-8 become U+FFFD, so that text
/// from outside (a path, a header) never throws on its way into a body. NaN
/// and infinities become `null`, JSON having no such numbers.
std::string dump_json(const nlohmann::json& document);

/// As `dump_json`, appended to `out` without an intermediate string.
void dump_json_to(std::string& out, const nlohmann::json& document);

/// Names the JSON type of a value as a message should: `number`, `string`,
/// `object`, `array`, `boolean`, `null`.
std::string_view type_name(const nlohmann::json& value) noexcept;

} // namespace troupe
