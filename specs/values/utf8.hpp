#pragma once

#include <string>
#include <string_view>

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

} // namespace troupe
