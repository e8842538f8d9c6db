#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe {

/// The longest message of a log line, in bytes; with its time and level a line
/// fits what a pipe takes whole (PIPE_BUF).
inline constexpr std::size_t max_log_message = 3800;

/// Returns `text` as one line that a terminal shows as it is: control
/// characters (also those of C1), bytes that are not UTF-8, line and paragraph
/// separators, and what is invisible or turns the direction of writing become
/// escapes such as `\n`, `\x1B` and `\u{202E}`. What is longer than `max_bytes`
/// is cut, and the end says how much is missing.
/// @param room holds the result where `text` itself will not do
std::string_view printable(std::string_view text, std::string& room,
                           std::size_t max_bytes = max_log_message);

/// Returns what a client or a model sent in double quotes, as `printable` makes
/// it; quotes and backslashes are escaped, too, so that the end is where it
/// seems to be.
std::string log_quoted(std::string_view text, std::size_t max_bytes = 200);

} // namespace troupe
