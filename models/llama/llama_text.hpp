#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// Finds stop strings in text that comes in pieces, and keeps back what may
/// turn out to be the beginning of one. A value.
class stop_matcher {
public:
  /// @pre no string is empty
  explicit stop_matcher(std::vector<std::string> stops = {})
    : stops_(std::move(stops)) {
    // nop
  }

  /// Takes the next piece.
  /// @returns the text that cannot belong to a stop string any more.
  std::string push(std::string_view text);

  /// Returns whether a stop string came. Nothing from its first byte on is ever
  /// returned.
  [[nodiscard]] bool stopped() const noexcept {
    return stopped_;
  }

  /// Returns what was kept back; for the end of the text.
  std::string finish();

private:
  /// Returns how much of the end of `held_` may begin a stop string.
  [[nodiscard]] std::size_t open_end() const noexcept;

  std::vector<std::string> stops_;
  std::string held_;
  bool stopped_ = false;
};

/// Cuts a text into parts of at most `most` bytes, where the tokens on both
/// sides stay what they were as far as that can be told: before a space between
/// two letters, or between code points that are not ASCII; never within a code
/// point.
/// @pre `most` is at least 8
std::vector<std::string_view> split_text(std::string_view text,
                                         std::size_t most);

} // namespace troupe
