#pragma once

#include "troupe/specs/json/json_reader.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace troupe {

/// The deepest nesting that is written: a document that a model or handler made
/// may hold one that was parsed, with levels of its own around it. nlohmann's
/// `dump`, copy and comparison recurse, and overflow the stack at a depth of
/// some 10,000; its destructor does not.
inline constexpr std::size_t max_answer_depth = 1000;

/// Parses one JSON document (RFC 8259); see `json_reader`. Of a repeated key
/// the last value counts.
/// @throws json_syntax_error with a message for the client
/// @throws json_memory_error above `limits.max_memory`
/// @throws json_budget_error
nlohmann::json parse_json(std::string_view text, json_limits limits = {});

/// Builds the value that the reader is at, and passes it: the token is then its
/// last. Charges what it takes in memory.
/// @throws json_syntax_error, json_memory_error, json_budget_error
nlohmann::json read_document(json_reader& in);

/// Returns whether arrays and objects are nested deeper than that. Uses a
/// bounded part of the stack for any document.
bool nested_deeper(const nlohmann::json& document, std::size_t depth) noexcept;

/// Serialises compactly; bytes that are not UTF-8 become U+FFFD, so that text
/// from outside (a path, a header) never throws on its way into a body. NaN
/// and infinities become `null`, JSON having no such numbers.
/// @throws std::domain_error when it is nested deeper than `max_answer_depth`
std::string dump_json(const nlohmann::json& document);

/// As `dump_json`, appended to `out` without an intermediate string.
void dump_json_to(std::string& out, const nlohmann::json& document);

/// Empties a document that nobody needs any more. Takes half of the time of
/// nlohmann's destructor, which copies the elements of each array before it
/// destroys them, and none of the memory for that.
/// @pre it is not nested deeper than `max_answer_depth`
void discard(nlohmann::json& document) noexcept;

/// Names the JSON type of a value as a message should: `number`, `string`,
/// `object`, `array`, `boolean`, `null`.
std::string_view type_name(const nlohmann::json& value) noexcept;

} // namespace troupe
