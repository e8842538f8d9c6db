#pragma once

#include "troupe/cli/config/diagnostic.hpp"

#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Where each value of a JSON text stands, by JSON pointer.
class position_map {
public:
  struct entry {
    /// Of the key; for elements of arrays and the root that of the value.
    text_position key;
    text_position value;
  };

  /// A key that stands twice in one object.
  struct duplicate {
    std::string pointer;
    text_position first;
    text_position second;
  };

  /// @returns null for a value that is not in the text.
  [[nodiscard]] const entry* find(const std::string& pointer) const;

  [[nodiscard]] const std::vector<duplicate>& duplicates() const noexcept {
    return duplicates_;
  }

  [[nodiscard]] std::size_t size() const noexcept {
    return entries_.size();
  }

private:
  friend class position_scanner;

  std::map<std::string, entry> entries_;
  std::vector<duplicate> duplicates_;
};

/// Thrown for a text that is no JSON, or nested too deeply.
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

/// Maps the positions of a text that is known to be JSON with comments.
/// @throws config_syntax_error when it is nested deeper than `max_json_depth`
position_map map_positions(std::string_view text);

/// Returns the position of a byte.
text_position position_of(std::string_view text, std::size_t offset) noexcept;

} // namespace troupe
