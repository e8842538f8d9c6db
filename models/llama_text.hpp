#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// Makes UTF-8 text of pieces that may end within a code point, as tokens of
/// a language model do. A value.
class utf8_assembler {
public:
  /// Appends to `out` what is whole; the begun code point at the end is kept
  /// for the next call. What can be no UTF-8 becomes U+FFFD, one for each
  /// maximal part of a code point (Unicode 15, section 3.9).
  void push(std::string_view bytes, std::string& out);

  /// Appends U+FFFD for a code point that never became whole.
  void finish(std::string& out);

private:
  std::string begun_;
};

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
