#pragma once

#include "troupe/cli/config/position_map.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace troupe {

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
