#pragma once

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

  /// Returns whether a stop string came. Nothing behind its begin is ever
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

} // namespace troupe
