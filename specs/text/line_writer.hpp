#pragma once

#include "troupe/specs/text/log.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

namespace troupe {

/// Writes times as RFC 3339 has them, in UTC with milliseconds:
/// `2026-11-28T09:38:12.345Z`. Lines come many in a second: it keeps the text
/// of the last one. Not thread-safe.
class utc_text {
public:
  /// @returns a view that lives until the next call
  std::string_view of(std::chrono::system_clock::time_point when);

private:
  std::time_t second_ = -1;
  std::string text_;
};

/// Composes one line of a log in one of its formats. Whatever a value holds, it
/// stays one value of one line: text that is not plain becomes what `printable`
/// makes of it, and quotes and backslashes are escaped as in JSON. Keys are
/// ours and need no escapes. Keys of the same line differ.
class line_writer {
public:
  /// @param out takes the line; what it has stays
  line_writer(std::string& out, log_format format)
    : out_(&out), format_(format) {
    if (format_ == log_format::json)
      *out_ += '{';
  }

  // -- what a line begins with ------------------------------------------------

  /// In text, this and the level stand without their keys.
  void time(std::string_view stamp);
  void level(std::string_view name);
  /// In text, without key and quotes; at most `max_log_message` bytes.
  void message(std::string_view text);

  // -- the rest ---------------------------------------------------------------

  /// What is longer than `max_bytes` is cut, and its end says so.
  void text(std::string_view key, std::string_view value,
            std::size_t max_bytes = 200);
  /// @pre `value` is a word of our own: letters, digits, `-`, `_`
  void word(std::string_view key, std::string_view value);
  void number(std::string_view key, std::int64_t value);
  /// In milliseconds with three digits.
  void time_span(std::string_view key, std::chrono::nanoseconds value);

  /// Ends the line, with its newline.
  void end();

private:
  void begin(std::string_view key);
  void value_of(std::string_view value, std::size_t max_bytes);

  std::string* out_;
  log_format format_;
  bool first_ = true;
};

} // namespace troupe
