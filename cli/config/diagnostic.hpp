#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe {

/// Where in a text, counted from 1. Columns count characters (code points), a
/// tab is one.
struct text_position {
  std::size_t line = 1;
  std::size_t column = 1;

  auto operator<=>(const text_position&) const = default;
};

/// Where a config value came from.
struct config_origin {
  /// `config.json:12:5`, or `--set server.port=9000`.
  std::string where = {};
  /// In the file; on the command line the number of the option is the line.
  text_position position = {};
  /// Errors of the file come before those of the command line.
  bool from_command_line = false;
};

/// One error of a config.
struct diagnostic {
  config_origin origin = {};
  /// The JSON pointer of the value that is wrong.
  std::string pointer = {};
  /// What is wrong, and what would be right.
  std::string message = {};
};

/// Renders one error: `config.json:3:13: error: server.port: expected ...`.
std::string to_string(const diagnostic& x);

/// Thrown for a config that cannot be served, with every error found. `what`
/// is the whole list, one a line, with a count at its end.
class config_error : public std::runtime_error {
public:
  config_error(const std::string& file, std::vector<diagnostic> diagnostics);

  [[nodiscard]] const std::vector<diagnostic>& diagnostics() const noexcept {
    return diagnostics_;
  }

private:
  std::vector<diagnostic> diagnostics_;
};

} // namespace troupe
