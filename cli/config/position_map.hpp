#pragma once

#include "troupe/cli/config/diagnostic.hpp"

#include <cstddef>
#include <map>
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

  /// A key that occurs twice in one object.
  struct duplicate {
    std::string pointer;
    text_position first;
    text_position second;
  };

  void set(const std::string& pointer, entry x);

  /// Notes a key that occurs twice, and drops what the earlier value has
  /// inside.
  void repeat(duplicate x);

  /// @returns null for a value that is not in the text.
  [[nodiscard]] const entry* find(const std::string& pointer) const;

  [[nodiscard]] const std::vector<duplicate>& duplicates() const noexcept {
    return duplicates_;
  }

  [[nodiscard]] std::size_t size() const noexcept {
    return entries_.size();
  }

private:
  std::map<std::string, entry> entries_;
  std::vector<duplicate> duplicates_;
};

/// Walks over a text and counts lines and characters; each byte is looked at
/// once. A byte order mark at the beginning does not count.
class text_cursor {
public:
  explicit text_cursor(std::string_view text);

  /// Returns the position of a byte, or of the end of the text.
  /// @pre `offset` is not before an earlier one
  text_position advance_to(std::size_t offset) noexcept;

private:
  std::string_view text_;
  std::size_t offset_ = 0;
  text_position position_ = {};
};

} // namespace troupe
