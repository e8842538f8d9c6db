#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe {

/// Looks at the lines of a header or trailer section byte by byte, up to the
/// empty line that ends it (RFC 9112 section 5), and tells the first byte that
/// may not stand there: a bare CR or LF (section 2.2), a folded line (section
/// 5.2), blanks before the colon (section 5.1), control characters.
class field_guard {
public:
  explicit field_guard(std::size_t max_lines) noexcept : left_(max_lines) {
    // nop
  }

  /// Goes on where it was. @returns the first byte not looked at: the one
  /// after the section, one that is wrong, or `last`.
  const char* look(const char* p, const char* last) noexcept;

  [[nodiscard]] bool done() const noexcept {
    return state_ == state::done;
  }

  /// What is wrong, for the client; "" when nothing is.
  [[nodiscard]] std::string_view error() const noexcept {
    return error_;
  }

  /// Whether the only fault is that there are too many lines.
  [[nodiscard]] bool too_many() const noexcept {
    return too_many_;
  }

private:
  enum class state : std::uint8_t {
    line_start,
    name,
    value,
    line_feed,
    last_line_feed,
    done,
  };

  void look_at_line_start(char c) noexcept;

  state state_ = state::line_start;
  /// How many lines may still begin.
  std::size_t left_;
  bool too_many_ = false;
  std::string_view error_;
};

/// The message for a line that does not end with CRLF.
inline constexpr std::string_view bad_line_end =
  "Lines must end with CRLF; a CR or LF stands alone";

} // namespace troupe
