#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

namespace troupe {

/// The deepest nesting that `parse_json` takes, as Triton has it. nlohmann's
/// `dump` and copy overflow the stack at a depth of some 100,000.
inline constexpr std::size_t max_json_depth = 100;

/// Thrown by `parse_json`: the text is no JSON, or nested too deeply.
class json_syntax_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Parses one JSON document.
/// @throws json_syntax_error with a message for the client.
nlohmann::json parse_json(std::string_view text,
                          std::size_t max_depth = max_json_depth);

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
