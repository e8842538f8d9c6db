#pragma once

#include "troupe/cli/config/position_map.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace troupe {

/// Thrown for a text that is not JSON, or nested too deeply.
class config_syntax_error : public std::runtime_error {
public:
  config_syntax_error(text_position where, const std::string& what)
    : std::runtime_error(what), where_(where) {
    // nop
  }

  [[nodiscard]] text_position where() const noexcept {
    return where_;
  }

private:
  text_position where_;
};

/// A JSON text with its comments, read.
struct config_text {
  nlohmann::json document = nullptr;
  position_map positions = {};
};

/// Parses JSON with `//` and `/* */` comments. Of a duplicate key the last
/// value stays.
/// @throws config_syntax_error
config_text parse_config_text(std::string_view text);

} // namespace troupe
