#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// The first piece of a text.
struct utf8_step {
  /// In bytes, at least 1.
  std::size_t size;
  /// Whether they are a whole code point; if not, they are a maximal part of
  /// one (Unicode 15, section 3.9).
  bool valid;
  /// For a whole one.
  char32_t code;
};

/// Decodes the code point at the beginning.
/// @pre `bytes` is not empty
[[nodiscard]] utf8_step first_code_point(std::string_view bytes) noexcept;
/// Returns how many bytes the code point takes that `text` begins with, or 0
/// when it begins with none (Unicode 15, table 3-7).
[[nodiscard]] std::size_t code_point_length(std::string_view text) noexcept;

/// Counts code points, not bytes.
/// @pre `text` is UTF-8, as the strings of a JSON value are
[[nodiscard]] std::size_t count_code_points(std::string_view text) noexcept;

/// Returns whether all of it is UTF-8.
[[nodiscard]] bool is_utf8(std::string_view bytes) noexcept;

/// What stands for bytes that are not UTF-8: U+FFFD.
inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

/// Appends a code point.
/// @pre `x` is at most U+10FFFF and no surrogate
void append_code_point(std::string& out, std::uint32_t x);

/// Makes UTF-8 text of pieces that may end within a code point, as tokens of
/// a language model do. A value.
class utf8_assembler {
public:
  /// Appends to `out` what is whole; the begun code point at the end is kept
  /// for the next call. What cannot be UTF-8 becomes U+FFFD, one for each
  /// maximal part of a code point (Unicode 15, section 3.9).
  void push(std::string_view bytes, std::string& out);

  /// The same in place: leaves in `text` what is whole.
  void push(std::string& text);

  /// Appends U+FFFD for a code point that never became whole.
  void finish(std::string& out);

private:
  std::string begun_;
};

} // namespace troupe
